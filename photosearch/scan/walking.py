"""The photos that lie in a folder, and what keeps others from being found."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import Literal

from photosearch.drives import KERNEL, mounts
from photosearch.errors import FolderUnavailable
from photosearch.files import is_text
from photosearch.records import FoundFile
from photosearch.scan.contents import modified_ns_of

HOLDING = "Removed by PhotoSearch"
"""The folder for what a person removed from a volume that has no trash."""

LEFT_OUT = (
    ".*",
    "$RECYCLE.BIN",
    "RECYCLER",
    "System Volume Information",
    "lost+found",
    "__MACOSX",
    "@eaDir",
    "@Recycle",
    "@Recently-Snapshot",
    "@tmp",
    "#recycle",
    "#snapshot",
    "*.lrdata",
    HOLDING,
)
"""Names of what is never looked at: hidden files and folders, bins, ours among them, snapshots, and other
programs' thumbnails."""

NOT_TEXT = "Its name is not valid UTF-8; rename it to have it indexed."
PIPE = "This is not a file (it is a pipe, a socket or a device)."

_LEFT_OUT = re.compile("|".join(translate(pattern) for pattern in LEFT_OUT), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in one folder.

    Attributes:
        folder: Relative to the root, `/` between parts, empty for the root itself.
        files: Its photos, by name.
        problems: Paths relative to the root, fit to be printed, each with the reason as a sentence.
        complete: False where the folder could not be read: nothing is known of the photos in it and below it.
    """

    folder: str
    files: list[FoundFile] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    complete: bool = True


def is_left_out(folder: str) -> bool:
    """Whether a folder, relative to a root, is never looked at, because of its name or of one above it."""
    return any(_LEFT_OUT.match(name) for name in folder.split("/"))


def walk(
    root: Path, is_photo: Callable[[str], bool], below: str = "", excluded: Collection[Path] = ()
) -> Iterator[Listing]:
    """List the photos of a root, one folder after the other in the order of their names.

    A link to a photo counts as one. A link to a folder outside the root is followed, but no link to a folder
    from there: so no walk goes in circles. A link to a folder of the same root is passed over, as its photos
    are found where they are; one that leads back above itself is a problem.

    Args:
        root: Absolute.
        is_photo: Whether a file of this name is to be listed.
        below: Only this folder (relative, `/` between parts) and those in it; nothing if it is not there.
        excluded: Absolute folders to pass over, as they are roots themselves.

    Raises:
        FolderUnavailable: The root is missing, is no folder, or may not be read.
    """
    try:
        with os.scandir(root):
            pass
    except OSError as error:
        raise FolderUnavailable(f"The folder {root} {_not_read(error)}.") from error
    yield from _Walk(root, is_photo, excluded).listings(below)


class _Walk:
    """One walk through a root."""

    def __init__(self, root: Path, is_photo: Callable[[str], bool], excluded: Collection[Path]) -> None:
        self._root, self._is_photo = os.fspath(root), is_photo
        self._real_root = os.path.realpath(root)
        self._excluded = {os.path.normcase(folder) for folder in excluded}
        # Thousands of folders, other ones each time, where somebody chose the whole computer.
        self._excluded.update(place for place, (kind, _) in mounts().items() if kind in KERNEL)
        self._pending: list[tuple[str, bool]] = []

    def listings(self, below: str) -> Iterator[Listing]:
        self._begin(below)
        while self._pending:
            yield from self._folder(*self._pending.pop())

    def _begin(self, below: str) -> None:
        """Take up the folder asked for, unless the way to it is not one that this walk would go."""
        folder, linked = "", False
        for name in below.split("/") if below else ():
            if _LEFT_OUT.match(name):
                return
            folder = joined(folder, name)
            path = self._path(folder)
            if os.path.normcase(path) in self._excluded:
                return
            if os.path.islink(path):
                if linked or self._leads(path) != "outside":
                    return
                linked = True
        self._pending.append((folder, linked))

    def _folder(self, folder: str, linked: bool) -> Iterator[Listing]:
        """The listing of one folder, come to by a link or not; the folders in it become pending."""
        try:
            with os.scandir(self._path(folder)) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            yield _unread(folder, _folder_not_read(error))
            return
        listing = Listing(folder)
        inner: list[tuple[str, bool]] = []
        for entry in ordered:
            if _LEFT_OUT.match(entry.name):
                continue
            path = joined(folder, entry.name)
            if not is_text(entry.name):
                # Such a name cannot be kept: nothing is known of what it names, or lies below.
                if self._is_photo(entry.name) or _is_folder(entry):
                    listing.problems.append((_printable(path), NOT_TEXT))
                continue
            try:
                if entry.is_dir():
                    enter, reason = self._enters(entry, path, linked)
                    if enter:
                        inner.append((path, linked or _is_link(entry)))
                    elif reason:
                        yield _unread(path, reason)
                elif self._is_photo(entry.name):
                    self._photo(entry, path, listing)
                elif entry.is_symlink() and not os.path.exists(entry.path):
                    # What it led to may have been a folder, on a drive that is not there now.
                    yield Listing(path, complete=False)
            except OSError as error:
                reason = f"This {'link' if _is_link(entry) else 'file'} {_not_read(error)}."
                if self._is_photo(entry.name):
                    listing.problems.append((_printable(path), reason))
                else:
                    yield _unread(path, reason)
        yield listing
        self._pending += reversed(inner)

    def _photo(self, entry: os.DirEntry[str], path: str, listing: Listing) -> None:
        """Add a photo, or the reason why it is none, to a listing."""
        try:
            status = entry.stat()
        except FileNotFoundError:
            # A file may go while we look; a link that leads to nothing stays.
            if entry.is_symlink():
                listing.problems.append((path, "This link leads nowhere."))
            return
        if stat.S_ISREG(status.st_mode):
            listing.files.append(FoundFile(entry.name, status.st_size, modified_ns_of(status)))
        else:
            listing.problems.append((path, PIPE))

    def _enters(self, entry: os.DirEntry[str], path: str, linked: bool) -> tuple[bool, str]:
        """Whether to go on into a folder, and if not, the reason a person should know."""
        if os.path.normcase(entry.path) in self._excluded or _is_hidden(entry):
            return False, ""
        if _is_link(entry):
            leads = self._leads(entry.path)
            if leads == "back":
                return False, "This link leads back to a folder above it."
            if leads == "inside":
                return False, ""
            if linked:
                return (
                    False,
                    "This link lies in a folder that is itself reached by a link, so it is not followed.",
                )
        # Also said here: whoever looks at the folder that it lies in alone goes no further.
        shut = not os.access(entry.path, os.R_OK) and _shut(entry.path)
        return (False, shut) if shut else (True, "")

    def _leads(self, link: str) -> Literal["back", "inside", "outside"]:
        """Where a link to a folder leads, as seen from where it lies and from the root."""
        target = os.path.realpath(link)
        if _is_in(os.path.realpath(os.path.dirname(link)), target) or _is_in(self._real_root, target):
            return "back"
        return "inside" if _is_in(target, self._real_root) else "outside"

    def _path(self, folder: str) -> str:
        return os.path.join(self._root, folder) if folder else self._root


def _unread(path: str, reason: str) -> Listing:
    return Listing(path, problems=[(_printable(path), reason)], complete=False)


def _shut(folder: str) -> str:
    """Why a folder cannot be read; empty if it can, or is gone."""
    try:
        with os.scandir(folder):
            return ""
    except FileNotFoundError:
        return ""
    except OSError as error:
        return _folder_not_read(error)


def _folder_not_read(error: OSError) -> str:
    return f"This folder {_not_read(error)}."


def _not_read(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    if error.errno == errno.ELOOP:
        return "leads to itself"
    return f"cannot be read ({error.strerror})"


def _is_link(entry: os.DirEntry[str]) -> bool:
    if sys.platform == "win32":
        # A junction is a link to a folder, but Python 3.11 does not call it one.
        tag = entry.stat(follow_symlinks=False).st_reparse_tag
        return tag in (stat.IO_REPARSE_TAG_SYMLINK, stat.IO_REPARSE_TAG_MOUNT_POINT)
    return entry.is_symlink()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    if sys.platform == "win32":
        return bool(entry.stat(follow_symlinks=False).st_file_attributes & stat.FILE_ATTRIBUTE_HIDDEN)
    return False


def _is_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it; both real."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
