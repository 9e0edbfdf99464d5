"""What changes while it is looked at or read: nothing is lost, and nothing kept that is not so any more."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.library import Library
from photosearch.records import Example, Query
from tests.disks import needs_mounting, small_drive
from tests.fakes import CoarseColourEncoder
from tests.pictures import KINDS, draw

FOLDERS = ("autumn", "spring", "summer")


class DisturbedEncoder(CoarseColourEncoder):
    """While it encodes for the first time, something happens."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] | None = None

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return super().encode(pixels)


@pytest.fixture
def encoder() -> DisturbedEncoder:
    return DisturbedEncoder()


def draw_photo(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds = sorted(KINDS)
    draw(kinds[number % len(kinds)], seed=number, size=(96, 72)).save(path, quality=92)
    os.utime(path, (1_500_000_000 + number, 1_500_000_000 + number))


def photo(photos: Path, number: int) -> Path:
    return photos / FOLDERS[number % 3] / f"photo {number:02}.jpg"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(9):
        draw_photo(photo(tmp_path / "photos", number), number)
    return tmp_path / "photos"


def found(library: Library, source: Path) -> list[Path]:
    return [match.photo.path for match in library.search(Query((Example(source),))).matches]


def replaced(path: Path) -> None:
    # As large as before and later, or of the same time and larger: each tells it.
    size = path.stat().st_size
    draw_photo(path, 50)
    with path.open("r+b") as file:
        file.truncate(max(size, path.stat().st_size))


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(1000))
    os.utime(path, (1_500_000_000, 1_500_000_000))


def deleted(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("becomes", [replaced, grown, deleted, a_folder], ids=lambda change: change.__name__)
def test_a_photo_that_becomes_another_while_it_is_read_is_not_known_by_what_it_was(
    library: Library, encoder: DisturbedEncoder, photos: Path, tmp_path: Path, becomes: Callable[[Path], None]
) -> None:
    changed, before = photo(photos, 4), tmp_path / "before.jpg"
    shutil.copy(changed, before)
    encoder.meanwhile = lambda: becomes(changed)
    library.add_folder(photos)
    list(library.update())
    assert encoder.meanwhile is None
    assert library.status().encoded == 8 and library.status().waiting == 1
    assert changed not in found(library, before)
    list(library.update())
    status = library.status()
    if changed.is_file():
        assert (status.photos, status.encoded) == (9, 9)
        assert found(library, changed)[0] == changed
    else:
        assert (status.photos, status.encoded) == (8, 8)
    assert status.unreadable == 0


def test_a_folder_that_is_renamed_while_it_is_about_to_be_walked_keeps_its_codes(
    library: Library, encoder: DisturbedEncoder, photos: Path
) -> None:
    library.add_folder(photos)
    list(library.update())
    steps = library.update()
    # The walk has listed the root, and “autumn” in it.
    next(step for step in steps if step.step == "scanning" and step.done >= 3)
    (photos / "spring").rename(photos / "april")
    list(steps)
    list(library.update())
    status = library.status()
    assert (status.photos, status.encoded, encoder.encoded) == (9, 9, 9)
    assert found(library, photos / "april" / "photo 01.jpg")[0] == photos / "april" / "photo 01.jpg"


def test_a_drive_that_is_pulled_while_it_is_walked_is_offline_and_not_deleted(
    library: Library, encoder: DisturbedEncoder, photos: Path, tmp_path: Path
) -> None:
    needs_mounting()
    with small_drive(tmp_path / "drive", 4) as drive:
        shutil.copytree(photos, drive / "photos")
        library.add_folder(drive / "photos")
        list(library.update())
        with small_drive(tmp_path / "elsewhere", 1) as elsewhere:
            steps = library.update()
            next(step for step in steps if step.step == "scanning" and step.done >= 3)
            subprocess.run(["umount", "--lazy", drive], check=True)
            list(steps)
            status = library.status()
            assert (status.photos, status.offline, status.unreadable) == (9, 9, 0)
            assert len(found(library, photo(photos, 4))) == 9
            # What the fixture unmounts at the end.
            subprocess.run(["mount", "--bind", elsewhere, drive], check=True)
        list(library.update())
        assert library.status().offline == 9


def test_a_clock_that_is_set_back_by_years_loses_nothing_and_holds_nothing_up(
    library: Library, encoder: DisturbedEncoder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_folder(photos)
    list(library.update())
    content = photo(photos, 0).read_bytes()
    photo(photos, 0).unlink()
    list(library.update())
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    # By this clock, all of them are from the future.
    draw_photo(photo(photos, 20), 20)
    os.utime(photo(photos, 20), (1_000_000_000, 1_000_000_000))
    photo(photos, 1).unlink()
    list(library.update())
    assert (library.status().photos, library.status().encoded) == (8, 8)
    monkeypatch.undo()
    photo(photos, 0).write_bytes(content)
    list(library.update())
    assert (library.status().photos, library.status().encoded, encoder.encoded) == (9, 9, 10)


def test_a_drive_that_keeps_times_to_two_seconds_and_names_in_any_case_encodes_nothing_twice(
    library: Library, encoder: DisturbedEncoder, photos: Path
) -> None:
    for number in range(9):
        os.utime(photo(photos, number), ns=(0, 1_500_000_001_234_567_891 + number))
    library.add_folder(photos)
    list(library.update())
    # As after a copy to a FAT drive, and a look at it an hour later in the year.
    for number in range(9):
        path = photo(photos, number)
        second = path.stat().st_mtime_ns // 10**9 + 1
        os.utime(path, (0, second - second % 2 + 3600))
        path.rename(path.with_name(path.name.upper()))
    list(library.update())
    assert (library.status().photos, library.status().encoded, encoder.encoded) == (9, 9, 9)
    upper = photo(photos, 4).with_name("PHOTO 04.JPG")
    assert found(library, upper)[0] == upper
