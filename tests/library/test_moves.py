"""Whatever happens to the place of a library's photos, none is encoded again or lost, and each keeps its id.

python -m tests.library.test_moves 10000    # the same with more photos, in seconds a step
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.library import Library
from photosearch.records import Tally
from photosearch.settings import Places, Settings
from tests.disks import needs_mounting, small_drive
from tests.fakes import CoarseColourEncoder, coarse_colour_model

FOLDERS = 20

PATIENCE = 120
"""Seconds after which something has hung; on an idle machine a follower takes five."""


def make_photos(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"{number % FOLDERS:02}" / f"IMG_{number:05}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8)).save(path)
        os.utime(path, (1.5e9 + number // 3, 1.5e9 + number // 3))


def rename_all(folder: Path) -> None:
    for path in sorted(folder.rglob("*.jpg")):
        path.rename(path.with_name(f"holiday {path.name[4:]}"))


def gather(folder: Path) -> None:
    (folder / "all").mkdir()
    for path in sorted(folder.rglob("*.jpg")):
        path.rename(folder / "all" / path.name)


def touch_all(folder: Path) -> None:
    for path in folder.rglob("*.jpg"):
        os.utime(path)


def mount_elsewhere(drive: Path, place: Path) -> None:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "--move", drive, place], check=True)


@contextmanager
def unplugged(drive: Path) -> Iterator[None]:
    """Have a drive be mounted nowhere that anybody can look."""
    hidden = drive.with_name("hidden")
    hidden.mkdir()
    mount_elsewhere(drive, hidden / "drive")
    with small_drive(hidden / "over", 1) as over:
        subprocess.run(["mount", "--bind", over, hidden], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", hidden], check=True)
            mount_elsewhere(hidden / "drive", drive)


def journey(folder: Path, count: int, seconds: Callable[[str, float], None]) -> None:
    """Have a library of so many photos go through all that may happen to them; `folder` is empty.

    Args:
        seconds: Is told of each step what it took.
    """
    drive, home, encoder = folder / "drive", Places.under(folder / "home"), CoarseColourEncoder()
    library = Library(home, Settings(workers=2), coarse_colour_model(), encoder)

    def update(step: str, root: Path | None = None) -> Tally:
        begun = time.monotonic()
        if root:
            library.add_folder(root)
        *_, last = library.update()
        seconds(step, time.monotonic() - begun)
        return last.tally

    @contextmanager
    def nothing_lost(step: str, root: Path | None = None, copied: int = 0) -> Iterator[None]:
        ids, encoder.encoded = set(library.listing().tolist()), 0
        yield
        tally = update(step, root)
        assert encoder.encoded == tally.encoded == tally.removed == tally.offline == tally.unreadable == 0, (
            step
        )
        assert (tally.photos, tally.copied) == (len(ids) + copied, copied), step
        assert ids <= set(library.listing().tolist()), step
        assert len(library.folders()) == 1, step
        # A photo lies where its id says: each still answers for the file it was made of.
        for photo in library.photos(library.listing()[:: max(1, tally.photos // 20)]):
            assert photo.path.exists(), step

    with small_drive(drive, 100 + count // 100):
        subprocess.run(["mount", "--make-private", drive], check=True)
        (drive / "photos").mkdir()
        make_photos(drive / "photos", count)
        assert update("encode", drive / "photos").photos == encoder.encoded == count
        with nothing_lost("nothing happened"):
            pass
        with nothing_lost("all files renamed"):
            rename_all(drive / "photos")
        with nothing_lost("all folders renamed"):
            for number in range(FOLDERS):
                (drive / "photos" / f"{number:02}").rename(drive / "photos" / f"year {number}")
        with nothing_lost("all files moved to one folder"):
            gather(drive / "photos")
        with nothing_lost("all files touched"):
            touch_all(drive / "photos")
        with nothing_lost("the root renamed", drive / "pictures"):
            (drive / "photos").rename(drive / "pictures")
        try:
            with nothing_lost("the drive mounted elsewhere"):
                mount_elsewhere(drive, folder / "other")
            with nothing_lost("unplugged and back"), unplugged(folder / "other"):
                assert update("unplugged").offline == count
                assert len(library.listing()) == count
            with nothing_lost("a copy of everything", copied=count):
                shutil.copytree(folder / "other/pictures/all", folder / "other/pictures/copy")
        finally:
            if not os.path.ismount(drive):
                mount_elsewhere(folder / "other", drive)
    library.close()


def test_photos_that_are_moved_in_any_way_are_neither_encoded_again_nor_lost(tmp_path):
    needs_mounting()
    journey(tmp_path, 200, lambda step, seconds: None)


@contextmanager
def plugged_in(folder: Path) -> Iterator[tuple[Path, Library]]:
    """A drive with ten photos below `photos`, in a library; mounted where it was at the end."""
    needs_mounting()
    drive = folder / "drive"
    with small_drive(drive, 10):
        subprocess.run(["mount", "--make-private", drive], check=True)
        (drive / "photos").mkdir()
        make_photos(drive / "photos", 10)
        home = Places.under(folder / "home")
        library = Library(home, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
        library.add_folder(drive / "photos")
        *_, last = library.update()
        assert last.tally.encoded == 10
        try:
            yield drive, library
        finally:
            if not os.path.ismount(drive):
                mount_elsewhere(folder / "other", drive)
            library.close()


def test_who_follows_goes_on_at_the_place_where_a_drive_is_mounted_now(tmp_path):
    with plugged_in(tmp_path) as (drive, library), closing(library.follow()) as following:

        def until(holds: Callable[[], bool]) -> None:
            deadline = time.monotonic() + PATIENCE
            while not holds():
                next(following)
                assert time.monotonic() < deadline

        until(lambda: next(following).step == "watching")
        place = tmp_path / "other" / "photos"
        mount_elsewhere(drive, tmp_path / "other")
        until(lambda: library.folders()[0].path == place)
        until(lambda: library.folders()[0].state == "watched")
        shutil.copy(place / "00" / "IMG_00000.jpg", place / "new.jpg")
        until(lambda: library.status().encoded == 11)
        assert library.status().offline == 0


def test_another_folder_on_a_drive_that_is_mounted_elsewhere_is_not_taken_for_a_watched_one(tmp_path):
    with plugged_in(tmp_path) as (drive, library):
        # Most of the photos are no longer where they were on that drive.
        (drive / "photos").rename(drive / "put away")
        (drive / "photos").mkdir()
        shutil.copytree(drive / "put away" / "00", drive / "photos" / "00")
        mount_elsewhere(drive, tmp_path / "other")
        *_, last = library.update()
        assert last.tally.offline == 10
        [root] = library.folders()
        assert (root.path, root.state) == (drive / "photos", "offline")
        # A person can still say where they are.
        library.add_folder(tmp_path / "other" / "put away")
        *_, last = library.update()
        assert (last.tally.offline, last.tally.encoded) == (0, 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        journey(Path(name), int(sys.argv[1]), lambda step, seconds: print(f"{seconds:7.1f} s  {step}"))
