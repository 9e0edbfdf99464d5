"""Forgetting really forgets: whatever else goes on in this process, or in another, nothing comes back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photosearch.library import Library
from photosearch.records import Details, Example, Filters, FoundFile
from photosearch.searches import PastSearches, Search
from photosearch.settings import Places
from photosearch.store import Catalogue, EncodedPhoto, read_code_file
from tests.fakes import coarse_colour_model
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
def another(home: Path) -> Iterator[Callable[[str], None]]:
    """Tells another process on the same library what to do, and waits until it is done."""
    pipe = subprocess.PIPE
    program = subprocess.Popen(
        [sys.executable, "-c", ANOTHER, str(home)],
        stdin=pipe,
        stdout=pipe,
        text=True,
        cwd=Path(__file__).parents[2],
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


def told_of(home: Path, word: str) -> list[str]:
    """The files that name something, also those that SQLite keeps beside its own; the settings may."""
    files = [file for file in home.rglob("*") if file.is_file() and file.name != "settings.json"]
    return [file.name for file in files if word.encode() in file.read_bytes()]


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


@pytest.mark.parametrize("told", ["in this program", "in another"])
def test_a_folder_that_is_left_out_while_it_is_about_to_be_walked_is_not_taken_up(
    opened: Callable[[], Library], photos: Path, home: Path, told: str
) -> None:
    library = opened()
    library.add_folder(photos)
    list(library.update())
    (photos / "secret" / "loop").symlink_to(photos, target_is_directory=True)
    draw_photos(photos / "secret", 3, 10)
    # It moves there from a folder that is walked before.
    (photos / "public" / "photo 100.jpg").rename(photos / "secret" / "moved.jpg")
    steps = library.update()
    # The walk has seen “public”, and will come to “secret”.
    next(step for step in steps if step.step == "scanning" and step.done >= 19)
    (library if told == "in this program" else opened()).leave_out(photos / "secret")
    list(steps)
    assert library.left_out() == [photos / "secret"]
    assert (len(library.listing()), library.failures()) == (19, [])
    library.close()
    assert told_of(home, "secret") == []


def test_nothing_is_kept_of_a_folder_that_is_removed_while_it_is_walked_and_encoded(
    opened: Callable[[], Library], photos: Path, home: Path
) -> None:
    for step in ("scanning", "indexing"):
        library = opened()
        for folder in (photos / "secret", photos / "public"):
            library.add_folder(folder)
        steps = library.update()
        next(each for each in steps if each.step == step)
        opened().remove_folder(photos / "secret")
        list(steps)
        assert len(library.listing()) == 20
        library.remove_folder(photos / "public")
        library.close()
        assert told_of(home, "secret") == []


def test_a_thumbnail_made_while_its_folder_is_forgotten_is_not_kept(
    opened: Callable[[], Library], photos: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = opened()
    library.add_folder(photos / "secret")
    list(library.update())
    (photo, *_) = library.photos(library.listing())
    Places.under(home).thumbnails.unlink()
    decoders = library._chosen.decoders
    make = decoders.thumbnail

    def make_while_forgotten(path: Path) -> bytes:
        made = make(path)
        library.remove_folder(photos / "secret")
        return made

    monkeypatch.setattr(decoders, "thumbnail", make_while_forgotten)
    assert library.thumbnail(photo)
    with closing(sqlite3.connect(Places.under(home).thumbnails)) as cache:
        assert cache.execute("SELECT * FROM thumbnails").fetchall() == []


def test_of_a_photo_forgotten_while_it_was_encoded_not_even_the_camera_is_kept(tmp_path: Path) -> None:
    spec = coarse_colour_model().spec
    details = Details(100, 80, camera="Secret Camera 3000")
    with closing(Catalogue(tmp_path / "catalogue.sqlite")) as catalogue:
        root = catalogue.roots.add(tmp_path, "volume")
        (photo,) = catalogue.files.add(root.id, "", [FoundFile("a.jpg", 10, 20)])
        catalogue.roots.remove(root.id)
        made = EncodedPhoto(photo.id, 10, 20, bytes(16), details, bytes(spec.bytes))
        assert catalogue.codes.record(spec, [made], []) == []
    assert told_of(tmp_path, "Secret Camera") == []


def kept_damaged(library: Library, home: Path, damage: str) -> Path:
    """A catalogue beside the present one, as a repair leaves it, that knows all that this one does."""
    kept = home / "catalogue.damaged-1.sqlite"
    library._catalogue.comparisons.add_decision("not the same", {bytes(16): 1, bytes([1] * 16): 1}, 5)
    with (
        closing(sqlite3.connect(home / "catalogue.sqlite")) as source,
        closing(sqlite3.connect(kept)) as copy,
    ):
        source.backup(copy)
        pages = copy.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (damage,)).fetchall()
    content = bytearray(kept.read_bytes())
    for (page,) in pages:
        content[(page - 1) * 4096 : page * 4096] = b"the secret folder".ljust(4096, b".")
    kept.write_bytes(content)
    return kept


@pytest.mark.parametrize("damage", ["", "sqlite_autoindex_photos_1", "library"])
def test_in_a_damaged_catalogue_that_is_kept_nothing_is_left_of_a_forgotten_folder_and_all_of_others(
    opened: Callable[[], Library], photos: Path, home: Path, damage: str
) -> None:
    library = opened()
    library.add_folder(photos)
    list(library.update())
    kept = kept_damaged(library, home, damage)
    assert "catalogue.damaged-1.sqlite" in told_of(home, "secret")
    library.leave_out(photos / "secret")
    assert told_of(home, "secret") == []
    with closing(Catalogue(kept)) as catalogue:
        assert catalogue.check() == []
        assert len(catalogue.photos.ids()) == 20
        assert len(catalogue.codes.all(library._chosen.model.spec.identity)[0]) == 20
        assert [decision.kind for decision in catalogue.comparisons.decisions()] == ["not the same"]
    assert [file.name for file in home.glob("catalogue.*-*.sqlite*")] == [kept.name]


def test_a_catalogue_that_is_kept_and_cannot_be_read_at_all_tells_of_nothing_any_more(
    opened: Callable[[], Library], photos: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = opened()
    library.add_folder(photos / "secret")
    kept = home / "catalogue.damaged-2.sqlite"
    kept.write_bytes(b"no catalogue, but it tells of the secret folder")
    library.remove_folder(photos / "secret")
    assert told_of(home, "secret") == []
    assert f"{kept} was damaged: only what could be read of it is kept" in caplog.text


def test_a_catalogue_that_is_kept_and_another_program_has_locked_is_not_taken_for_damaged(
    opened: Callable[[], Library], photos: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = opened()
    library.add_folder(photos)
    list(library.update())
    kept = kept_damaged(library, home, "")
    with closing(sqlite3.connect(kept, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        library.leave_out(photos / "secret")
        other.execute("ROLLBACK")
    with closing(Catalogue(kept)) as catalogue:
        assert len(catalogue.photos.ids()) == 22
    assert f"what was forgotten is still in {kept}: database is locked" in caplog.text


def test_what_a_repair_that_was_killed_left_is_gone_with_the_next_update(
    opened: Callable[[], Library], photos: Path, home: Path
) -> None:
    library = opened()
    for name in (
        "catalogue.sqlite.new",
        "catalogue.damaged-1.sqlite.new",
        "catalogue.damaged-1.sqlite.new-wal",
    ):
        (home / name).write_bytes(b"half of the secret folder")
    library.add_folder(photos / "public")
    list(library.update())
    library.close()
    assert told_of(home, "secret") == []


def test_a_folder_that_was_renamed_is_forgotten_by_its_new_name_wherever_its_old_one_was_kept(
    opened: Callable[[], Library], photos: Path, home: Path
) -> None:
    library = opened()
    library.add_folder(photos / "secret")
    library.add_folder(photos / "public")
    list(library.update())
    kept = kept_damaged(library, home, "")
    log = Places.under(home).logs / "photosearch.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(f"of {photos}/secret/photo 000.jpg\nof {photos}/secretary/a.jpg\nof {photos}/public\n")
    comparisons = library._catalogue.comparisons
    for state in ("done", "failed"):
        removal = comparisons.begin_removal(0, photos / "secret" / "a.jpg", photos / "public" / "b.jpg")
        comparisons.end_removal(removal, state, photos / "secret" / ".Trash" / "a.jpg")
    past = PastSearches(Places.under(home).past_searches / "photos")
    inside, outside = Example(photos / "secret" / "a.jpg"), Example(photos / "public" / "b.jpg")
    past.keep([Search((inside, outside)), Search((outside,), Filters(under=photos / "secret"))])
    (photos / "secret").rename(photos / "renamed")
    library.add_folder(photos / "renamed")
    assert past.all() == [
        Search((Example(photos / "renamed" / "a.jpg"), outside)),
        Search((outside,), Filters(under=photos / "renamed")),
    ]
    assert sorted(root.path.name for root in library.folders()) == ["public", "renamed"]
    assert log.read_text().splitlines()[:2] == [
        f"of {photos}/renamed/photo 000.jpg",
        f"of {photos}/secretary/a.jpg",
    ]
    done, _ = comparisons.removals()
    assert (done.path, done.place) == (photos / "renamed" / "a.jpg", photos / "renamed" / ".Trash" / "a.jpg")
    assert done.kept == photos / "public" / "b.jpg"
    with closing(Catalogue(kept)) as catalogue:
        assert {root.path.name for root in catalogue.roots.all()} == {"public", "renamed"}
    library.remove_folder(photos / "renamed")
    assert past.all() == []
    assert [removal.state for removal in comparisons.removals()] == ["done"], "it can be put back"
    assert log.read_text().splitlines() == [f"of {photos}/secretary/a.jpg", f"of {photos}/public"]
    with closing(Catalogue(kept)) as catalogue:
        assert {root.path.name for root in catalogue.roots.all()} == {"public"}
    library._catalogue.comparisons.end_removal(done.id, "undone")
    library.close()
    assert [name for name in told_of(home, "/secret") if not name.endswith(".log")] == []
