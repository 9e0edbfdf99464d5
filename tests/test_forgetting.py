"""Forgetting really forgets: whatever else goes on in this process, or in another, nothing comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from photosearch.library import Library
from photosearch.records import Filters
from photosearch.settings import Places, Settings
from photosearch.store import read_code_file
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import KINDS, draw

ANOTHER = """
import sys
from pathlib import Path
from photosearch.library import Library
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model

def said():
    return sys.stdin.readline().strip()

settings = Settings(workers=1)
library = Library(Places.under(Path(sys.argv[1])), settings, coarse_colour_model(), CoarseColourEncoder())
for doing in iter(said, "close"):
    if doing == "go on":
        list(steps)
        list(library.update())
    else:
        steps = library.update()
        next(step for step in steps if step.published)
    print("done", flush=True)
steps.close()
library.close()
"""
"""A process that does what it is told: `begin` an update, up to its first batch, or `go on`."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[[], Library]]:
    """Opens the library, as often as asked; each is closed at the end."""
    libraries: list[Library] = []

    def open_library() -> Library:
        model, encoder = coarse_colour_model(), CoarseColourEncoder()
        libraries.append(Library(Places.under(home), Settings(workers=1), model, encoder))
        return libraries[-1]

    yield open_library
    for library in libraries:
        library.close()


@pytest.fixture
def another(home: Path) -> Iterator[Callable[[str], None]]:
    """Tells another process on the same library what to do, and waits until it is done."""
    pipe = subprocess.PIPE
    program = subprocess.Popen(
        [sys.executable, "-c", ANOTHER, str(home)],
        stdin=pipe,
        stdout=pipe,
        text=True,
        cwd=Path(__file__).parents[1],
    )

    def tell(doing: str) -> None:
        assert program.stdin is not None and program.stdout is not None
        program.stdin.write(f"{doing}\n")
        program.stdin.flush()
        if doing == "close":
            assert program.wait() == 0
        else:
            assert program.stdout.readline() == "done\n"

    yield tell
    program.kill()
    program.communicate()


def draw_photos(folder: Path, count: int, seed: int) -> None:
    folder.mkdir(exist_ok=True)
    kinds = sorted(KINDS)
    for number in range(seed, seed + count):
        path = folder / f"photo {number:03}.jpg"
        draw(kinds[number % len(kinds)], seed=number, size=(96, 72)).save(path, quality=92)
        os.utime(path, (1_500_000_000 + number, 1_500_000_000 + number))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    draw_photos(folder / "secret", 2, 0)
    draw_photos(folder / "public", 20, 100)
    return folder


def codes_below(library: Library, folder: Path) -> list[bytes]:
    identity = library._chosen.model.spec.identity
    ids = library.listing(Filters(folder))
    return [row.tobytes() for row in library._catalogue.codes.of(identity, ids.tolist())]


def codes_on_disk(home: Path) -> list[bytes]:
    """Every code in the code file, be there a photo of it or not."""
    file = read_code_file(Places.under(home).codes)
    return [] if file is None else [row.tobytes() for row in file.codes.rows(np.arange(file.codes.count))]


@pytest.mark.parametrize(
    ("told", "then"), [("by who knows no codes", "end"), ("by who knows the codes", "go on")]
)
def test_another_process_that_knows_older_codes_does_not_write_forgotten_ones_back(
    opened: Callable[[], Library],
    another: Callable[[str], None],
    photos: Path,
    home: Path,
    told: str,
    then: str,
) -> None:
    library = opened()
    for folder in (photos / "secret", photos / "public"):
        library.add_folder(folder)
    list(library.update())
    library.close()
    # It knows the codes of all, and of a new photo that it has not written down in the file yet.
    draw_photos(photos / "public", 1, 200)
    another("begin")
    library = opened()
    forgotten = codes_below(library, photos / "secret")
    if told == "by who knows the codes":
        library._chosen.current()
    assert len(forgotten) == 2 and set(forgotten) <= set(codes_on_disk(home))
    library.remove_folder(photos / "secret")
    library.close()
    assert not set(forgotten) & set(codes_on_disk(home))
    if then == "go on":
        draw_photos(photos / "public", 1, 201)
        another("go on")
    another("close")
    assert not set(forgotten) & set(codes_on_disk(home))
    library = opened()
    assert len(library.listing()) == 20 + (2 if then == "go on" else 1)
    if then == "go on":
        assert set(codes_below(library, photos / "public")) <= set(codes_on_disk(home))
