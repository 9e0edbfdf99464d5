"""Files to the trash of the platform and back; where a volume has none, to a folder that everybody can see.

Never a deletion: every way a file can go here leaves it somewhere. On Linux the trash is that of the
freedesktop.org Trash specification 1.0, where a note beside each file says where it came from, so that we can
put it back; elsewhere only the platform's own file manager can.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

import send2trash
from send2trash.exceptions import TrashPermissionError

from photosearch.errors import RemovalRefused
from photosearch.scan import HOLDING

NOTE = ".trashinfo"


class NoTrash(RemovalRefused):
    """The volume of a file has no trash."""


class Trash(Protocol):
    """Where files go; the platform's, or another in tests."""

    def put(self, path: Path) -> Path | None:
        """Move a file there; where it lies now, None if only the platform knows.

        Raises:
            NoTrash: Its volume has none.
            OSError: It could not be moved, and is where it was.
        """

    def restore(self, place: Path, path: Path) -> None:
        """Put a file back to where it came from.

        Raises:
            OSError: It could not be moved, or something else is there now; it is where it was.
        """


class PlatformTrash:
    """That of this computer."""

    def put(self, path: Path) -> Path | None:
        try:
            send2trash.send2trash(os.fspath(path))
        except TrashPermissionError as error:
            raise NoTrash(f"The volume of {path} has no trash.") from error
        except OSError as error:
            _remove_notes_of_nothing(path)
            # The last two: a file lies where the volume's trash would.
            none = error.errno in (errno.EROFS, errno.EXDEV, errno.ENOTDIR, errno.EEXIST)
            if none or "mount point" in str(error):
                raise NoTrash(f"The volume of {path} has no trash: {error}.") from error
            raise
        return lies_in_trash(path)

    def restore(self, place: Path, path: Path) -> None:
        move_back(place, path)
        note = place.parent.parent / "info" / (place.name + NOTE)
        if place.parent.name == "files":
            note.unlink(missing_ok=True)


class HoldingFolder:
    """A folder in plain sight, for volumes without a trash."""

    def __init__(self, top: Path) -> None:
        """Nothing is made before it is needed.

        Args:
            top: The folder in which it lies: of the same volume as what goes there.
        """
        self._top = top

    def put(self, path: Path) -> Path | None:
        inside = path.relative_to(self._top) if path.is_relative_to(self._top) else Path(path.name)
        place = self._top / HOLDING / inside
        number = 1
        while os.path.lexists(place):
            number += 1
            place = (self._top / HOLDING / inside).with_name(f"{inside.stem} {number}{inside.suffix}")
        place.parent.mkdir(parents=True, exist_ok=True)
        # Not `shutil.move`: on another volume that would copy and delete.
        os.rename(path, place)
        return place

    def restore(self, place: Path, path: Path) -> None:
        move_back(place, path)


def why_it_stayed(path: Path, error: OSError | RemovalRefused) -> str:
    """Why a file could not be moved, as one sentence."""
    if isinstance(error, RemovalRefused):
        return str(error)
    # The library that moves it names it once more.
    reason = str(error.strerror or error).removesuffix(f": {path}")
    return f"{path} could not be moved: {reason}."


def move_back(place: Path, path: Path) -> None:
    """Put a file to where it was, unless something else lies there now."""
    # First of all: of a drive that is unplugged, no folders are made where it is mounted.
    os.lstat(place)
    if os.path.lexists(path):
        raise _something_else(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _rename(place, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The trash may lie on another volume: first a whole copy, then it leaves the trash.
        copy_whole(place, path)
        place.unlink()


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file to where nothing is yet: the whole of it appears at once, or nothing.

    Raises:
        OSError: It cannot be written, or something else is there now.
    """
    descriptor, name = tempfile.mkstemp(prefix=".photosearch-", suffix=".part", dir=path.parent)
    try:
        os.close(descriptor)
        shutil.copy2(source, name)
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
        _rename(Path(name), path)
    finally:
        Path(name).unlink(missing_ok=True)


def _rename(place: Path, path: Path) -> None:
    """Rename a file, never over another: where the volume has links, not even one made at the same moment."""
    if not place.is_symlink():
        try:
            os.link(place, path)
        except FileExistsError as error:
            raise _something_else(path) from error
        except OSError:
            pass
        else:
            try:
                place.unlink()
            except OSError:
                path.unlink()
                raise
            return
    if os.path.lexists(path):
        raise _something_else(path)
    os.rename(place, path)


def _something_else(path: Path) -> OSError:
    return FileExistsError(errno.EEXIST, "something else is there now", str(path))


def was_emptied(place: Path) -> bool:
    """Whether a file is no longer where it went, and that not because its drive is not there."""
    try:
        os.lstat(place)
        return False
    except FileNotFoundError:
        pass
    except OSError:
        return False
    # Above the trash or the holding folder; of a drive that is not there an empty folder may be left.
    above = place.parents[min(2, len(place.parents) - 1)]
    above = next((folder.parent for folder in place.parents if folder.name == HOLDING), above)
    with suppress(OSError), os.scandir(above) as entries:
        return any(True for _ in entries)
    return False


def lies_in_trash(path: Path) -> Path | None:
    """Where a file that was at a path lies in the trash, the latest if there are several; None if unknown."""
    there = [place for place in map(_place_of, _notes_of(path)) if os.path.lexists(place)]
    return max(there, key=lambda place: os.lstat(place).st_ctime, default=None)


def _remove_notes_of_nothing(path: Path) -> None:
    """Send2Trash writes the note of a file first, and leaves it there if the file cannot follow."""
    for note in _notes_of(path):
        if not os.path.lexists(_place_of(note)):
            with suppress(OSError):
                note.unlink()


def _notes_of(path: Path) -> list[Path]:
    """The notes of files that were at a path."""
    # The same folder may be written otherwise in a note: links on the way may cross volumes.
    folder = os.path.realpath(path.parent)
    return [
        note
        for note in _notes(Path(folder))
        if (was := _came_from(note)) and was.name == path.name and os.path.realpath(was.parent) == folder
    ]


def _place_of(note: Path) -> Path:
    return note.parent.parent / "files" / note.name.removesuffix(NOTE)


def _notes(folder: Path) -> Iterator[Path]:
    """The notes in the trashes that a file of a folder, named without links, may go to."""
    if sys.platform in ("win32", "darwin"):
        return
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    folders = [Path(home, "Trash")]
    top = folder
    while not top.is_mount() and top != top.parent:
        top = top.parent
    folders += [top / ".Trash" / str(os.getuid()), top / f".Trash-{os.getuid()}"]
    for trash in folders:
        with suppress(OSError):
            for entry in os.scandir(trash / "info"):
                if entry.name.endswith(NOTE):
                    yield Path(entry.path)


def _came_from(note: Path) -> Path | None:
    """Where the file of a note was; a relative path counts from the top of the volume."""
    try:
        lines = note.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("Path="):
            top = note.parent.parent.parent
            if top.name == ".Trash":
                top = top.parent
            return Path(os.path.normpath(top / unquote(line[5:], errors="surrogateescape")))
    return None
