"""Whatever happens to the place of a library's photos, none is encoded again or lost, and each keeps its id.

python -m tests.test_moves 10000    # the same with more photos, in seconds a step
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.library import Library
from photosearch.records import Tally
from photosearch.settings import Places, Settings
from tests.disks import needs_mounting, small_drive
from tests.fakes import CoarseColourEncoder, coarse_colour_model

FOLDERS = 20


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
            with nothing_lost("the drive mounted elsewhere", folder / "other" / "pictures"):
                mount_elsewhere(drive, folder / "other")
            with nothing_lost("unplugged and back"):
                mount_elsewhere(folder / "other", drive)
                assert update("unplugged").offline == count
                assert len(library.listing()) == count
                mount_elsewhere(drive, folder / "other")
            with nothing_lost("a copy of everything", copied=count):
                shutil.copytree(folder / "other/pictures/all", folder / "other/pictures/copy")
        finally:
            if not os.path.ismount(drive):
                mount_elsewhere(folder / "other", drive)
    library.close()


def test_photos_that_are_moved_in_any_way_are_neither_encoded_again_nor_lost(tmp_path):
    needs_mounting()
    journey(tmp_path, 200, lambda step, seconds: None)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        journey(Path(name), int(sys.argv[1]), lambda step, seconds: print(f"{seconds:7.1f} s  {step}"))
