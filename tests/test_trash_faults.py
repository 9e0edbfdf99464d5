"""What goes wrong on the way to the trash and back: links, other volumes, files that appear meanwhile."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from photosearch.library.trash import PlatformTrash, move_back

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def other_volume(tmp_path: Path) -> Iterator[Path]:
    """A folder of another volume than `tmp_path`; a trash that is made on it goes again."""
    if not os.access(SHARED_MEMORY, os.W_OK) or SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no other volume")
    trash = SHARED_MEMORY / f".Trash-{os.getuid()}"
    folder = Path(tempfile.mkdtemp(prefix="photosearch-", dir=SHARED_MEMORY))
    yield folder
    shutil.rmtree(folder)
    for each in (trash / "files", trash / "info", trash):
        with suppress(OSError):
            each.rmdir()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash of freedesktop.org")
def test_a_photo_below_a_link_to_another_volume_is_found_in_the_trash_of_that(tmp_path, other_volume):
    (tmp_path / "photos").symlink_to(other_volume)
    photo = tmp_path / "photos" / f"{other_volume.name}.jpg"
    photo.write_bytes(b"photo")
    trash = PlatformTrash()
    place = trash.put(photo)
    assert place is not None and place.read_bytes() == b"photo" and not photo.exists()
    trash.restore(place, photo)
    assert photo.read_bytes() == b"photo" and not place.exists()
    assert not (place.parent.parent / "info" / f"{place.name}.trashinfo").exists()


def test_what_comes_back_from_another_volume_leaves_a_file_called_restored_alone(tmp_path, other_volume):
    place, photo = other_volume / "a.jpg", tmp_path / "a.jpg"
    place.write_bytes(b"photo")
    (tmp_path / "a.jpg.restored").write_bytes(b"a person's own")
    move_back(place, photo)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        "a.jpg": b"photo",
        "a.jpg.restored": b"a person's own",
    }
    assert not place.exists()


@pytest.mark.parametrize("across", [False, True])
def test_what_appears_at_the_moment_of_coming_back_is_not_written_over(
    tmp_path, other_volume, monkeypatch, across
):
    place, photo = (other_volume if across else tmp_path) / "trash.jpg", tmp_path / "photos" / "a.jpg"
    place.write_bytes(b"photo")
    make = Path.mkdir

    def make_while_another_writes(folder: Path, *arguments: object, **named: object) -> None:
        make(folder, *arguments, **named)
        photo.write_bytes(b"another")

    monkeypatch.setattr(Path, "mkdir", make_while_another_writes)
    with pytest.raises(FileExistsError, match="something else is there now"):
        move_back(place, photo)
    assert photo.read_bytes() == b"another" and place.read_bytes() == b"photo"
    assert list(photo.parent.iterdir()) == [photo]


def test_nothing_is_made_for_what_lies_on_a_drive_that_is_unplugged(tmp_path):
    drive = tmp_path / "drive"
    with pytest.raises(FileNotFoundError):
        move_back(drive / ".Trash-1000" / "files" / "a.jpg", drive / "photos" / "a.jpg")
    assert not drive.exists()
