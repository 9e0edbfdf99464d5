"""Folder + what is known of it → what was added, changed, moved, and what is missing.

`walk` and the functions at its end read the disk; the comparison itself is pure. Nothing here decides that a
photo is deleted lightly: a folder that could not be read says nothing of its photos, and a mass disappearance
is judged to be a drive that is not there.
"""

from __future__ import annotations

import errno
import filecmp
import os
import re
import stat
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from hashlib import blake2b
from pathlib import Path
from string import ascii_uppercase
from typing import Literal

from photosearch.drives import KERNEL, file_system, is_network, mounts
from photosearch.errors import FolderUnavailable
from photosearch.files import is_text
from photosearch.records import FoundFile, KnownPhoto

ENDS = 65536
"""Bytes hashed at each end of a file: the header and its metadata, and the end of the pixels."""

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

BELIEVED_GONE = 20
BELIEVED_SHARE = 0.2
"""Fewer photos than the first number, or at most this share of a root, are believed to be deleted."""

UNCOMPRESSED = (".bmp", ".dib", ".tif", ".tiff")
"""Of these an edit may leave the size and both ends as they were; of what is compressed it never does."""

OLDEST_NS, NEWEST_NS = -9_214_560_000 * 10**9, 9_214_646_400 * 10**9 - 1
"""The years 1678 to 2261, all that fit 64 bits."""

QUARTER_HOUR = 900 * 10**9
DAY = 96 * QUARTER_HOUR
"""Time zones differ by quarters of an hour, and by about a day at most."""

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


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from what was known of it.

    Attributes:
        added: Files nobody knew.
        changed: Known photos, by id, whose size or time of change is another now.
        returned: Ids of photos that were offline or gone and are there again, unchanged.
        missing: Ids of photos that were there and are not.
        unchanged: How many are as they were, unreadable ones among them.
    """

    added: list[FoundFile] = field(default_factory=list)
    changed: list[tuple[int, FoundFile]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    unchanged: int = 0


# Reading the disk


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
            folder = _join(folder, name)
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
            yield _unread(folder, f"This folder {_not_read(error)}.")
            return
        listing = Listing(folder)
        inner: list[tuple[str, bool]] = []
        for entry in ordered:
            if _LEFT_OUT.match(entry.name):
                continue
            path = _join(folder, entry.name)
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
        if not _is_link(entry):
            return True, ""
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
        return True, ""

    def _leads(self, link: str) -> Literal["back", "inside", "outside"]:
        """Where a link to a folder leads, as seen from where it lies and from the root."""
        target = os.path.realpath(link)
        if _is_in(os.path.realpath(os.path.dirname(link)), target) or _is_in(self._real_root, target):
            return "back"
        return "inside" if _is_in(target, self._real_root) else "outside"

    def _path(self, folder: str) -> str:
        return os.path.join(self._root, folder) if folder else self._root


def ends_hash(path: Path, size: int) -> bytes | None:
    """What tells a file from others without reading it whole.

    Args:
        size: Of the file, in bytes.

    Returns:
        BLAKE2b, 16 bytes, of its first and last 64 KiB and its size; None if it cannot be read.
    """
    hashed = blake2b(size.to_bytes(8, "little"), digest_size=16)
    try:
        with open(path, "rb", buffering=0) as file:
            hashed.update(file.read(ENDS) or b"")
            if size > ENDS:
                file.seek(max(ENDS, size - ENDS))
                hashed.update(file.read(ENDS) or b"")
    except OSError:
        return None
    return hashed.digest()


def same_contents(photo: KnownPhoto, file: FoundFile | KnownPhoto, ends: bytes | None) -> bool:
    """Whether a file holds what a photo held when it was read, whatever its time of change says.

    It may have been touched, copied or restored, or lie on a FAT drive, where all times shift by an hour
    twice a year.

    Args:
        ends: Hash of the file's ends; None if it cannot be read.
    """
    if ends is None or ends != photo.ends or file.size != photo.size:
        return False
    shift = abs(file.modified_ns - photo.modified_ns)
    return (
        photo.size <= 2 * ENDS
        or not file.name.lower().endswith(UNCOMPRESSED)
        or (shift <= DAY and shift % QUARTER_HOUR == 0)
    )


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same, as a copy does and another link; both are read whole to be sure."""
    try:
        return os.path.samefile(one, other) or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def is_unchanged(path: Path, size: int, modified_ns: int) -> bool:
    """Whether a file is there, as large and as old as it was known to be."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_size, modified_ns_of(status)) == (size, modified_ns)


def modified_ns_of(status: os.stat_result) -> int:
    """When a file was changed last, in nanoseconds since 1970, or the nearest time that can be kept.

    Drives tell of times from 1601 on, which is no time on NTFS, to far beyond; a catalogue keeps 64 bits.
    """
    return min(max(status.st_mtime_ns, OLDEST_NS), NEWEST_NS)


def volume_of(path: Path) -> str:
    """What the platform calls the volume a folder lies on; empty if the folder is not there.

    The same after a restart and at another mount point where the platform can tell: on Linux the UUID of the
    file system, or the source of a network drive (`nfs4 server:/photos`); on Windows the volume's serial
    number. On macOS, and for a file system without a UUID, it is the mount point: renamed, it is another
    volume; another drive mounted at the same place is the same one.
    """
    try:
        status = os.stat(path)
        if sys.platform == "win32":
            # Python 3.12 reports 64 bits, of which these are what 3.11 reports.
            return f"serial {status.st_dev & 0xFFFFFFFF:08x}"
        if sys.platform == "linux":
            return _volume(*file_system(path))
        place = os.path.realpath(path)
        while not os.path.ismount(place):
            place = os.path.dirname(place)
        return place
    except OSError:
        return ""


def mounted_at(volume: str) -> list[Path]:
    """Where a volume is mounted now; nothing where its name is its mount point, as on macOS."""
    if sys.platform == "win32":
        drives = (Path(f"{letter}:\\") for letter in ascii_uppercase)
        return [drive for drive in drives if not is_network(drive) and volume_of(drive) == volume]
    if sys.platform == "linux":
        return [Path(place) for place, system in mounts().items() if _volume(*system) == volume]
    return []


def available(path: Path, volume: str) -> bool:
    """Whether a root is there: a folder, on the volume it was on. An empty mount point lies on another
    one."""
    return os.path.isdir(path) and volume_of(path) == volume


def _volume(kind: str, source: str) -> str:
    """What a file system of this type and source is called on Linux."""
    return _uuid(source) or f"{kind} {source}"


def _uuid(device: str) -> str:
    """UUID of the file system on a device, on Linux; empty if it has none."""
    try:
        with os.scandir("/dev/disk/by-uuid") as links:
            device = os.path.realpath(device)
            return next((f"uuid {link.name}" for link in links if os.path.realpath(link.path) == device), "")
    except OSError:
        return ""


def _unread(path: str, reason: str) -> Listing:
    return Listing(path, problems=[(_printable(path), reason)], complete=False)


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


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


# Comparing


def differences(listing: Listing, known: Mapping[str, KnownPhoto]) -> Differences:
    """Compare a folder with what is known of it.

    An unreadable photo is like any other: it is tried again when its file has changed. A photo is not missing
    where the folder could not be read, or its file is there and has a problem.

    Args:
        known: The photos known in this folder, by file name.
    """
    found = Differences()
    if not listing.complete:
        return found
    unchanged = 0
    for file in listing.files:
        photo = known.get(file.name)
        if photo is None:
            found.added.append(file)
        elif photo.size != file.size or photo.modified_ns != file.modified_ns:
            found.changed.append((photo.id, file))
        elif photo.state in ("offline", "gone"):
            found.returned.append(photo.id)
        else:
            unchanged += 1
    there = {file.name for file in listing.files}
    there.update(path.rpartition("/")[2] for path, _ in listing.problems)
    for name, photo in known.items():
        if name not in there and photo.state in ("present", "unreadable"):
            found.missing.append(photo.id)
    return replace(found, unchanged=unchanged)


def vanished(known: Iterable[str], listings: Iterable[Listing]) -> list[str]:
    """Folders that a walk did not find: of those known, all but the listed ones and those that could not be
    read.

    Args:
        known: Relative folders, all of them in what was walked.
        listings: All of the walk's.
    """
    listed, unread = set(), []
    for listing in listings:
        listed.add(listing.folder)
        if not listing.complete:
            unread.append(_join(listing.folder, ""))
    return [folder for folder in known if folder not in listed and not folder.startswith(tuple(unread))]


def match_moves(
    added: Collection[KnownPhoto],
    missing: Collection[KnownPhoto],
    ends_of: Callable[[KnownPhoto], bytes | None],
) -> list[tuple[KnownPhoto, KnownPhoto]]:
    """Tell which new files are missing photos that were renamed or moved, so that they are not encoded again.

    Size and hash of the ends must agree. A missing photo that was never read has no hash; it is recognised by
    its name and time of change instead. Of several candidates, those of the same time of change come first,
    and of these those of the same name; each is used once.

    Args:
        added: New files; `id` may be anything.
        ends_of: Reads the hash of a new file's ends; asked only where a missing photo is as large.

    Returns:
        Pairs of a new file and the photo it is.
    """
    unread: defaultdict[tuple[int, int, str], list[KnownPhoto]] = defaultdict(list)
    lost: dict[int, KnownPhoto] = {}
    for photo in missing:
        if photo.ends is None:
            unread[photo.size, photo.modified_ns, photo.name].append(photo)
        else:
            lost[photo.id] = photo
    sizes = {photo.size for photo in lost.values()}
    pairs = []
    rest: list[tuple[KnownPhoto, bytes]] = []
    for file in added:
        if candidates := unread[file.size, file.modified_ns, file.name]:
            pairs.append((file, candidates.pop(0)))
        elif file.size in sizes and (ends := ends_of(file)) is not None:
            rest.append((file, ends))
    for likeness in (_time_and_name, _time, _name, _nothing):
        free: defaultdict[tuple[object, ...], list[KnownPhoto]] = defaultdict(list)
        for photo in lost.values():
            free[photo.size, photo.ends, likeness(photo)].append(photo)
        left = []
        for file, ends in rest:
            candidates = free[file.size, ends, likeness(file)]
            if candidates and same_contents(candidates[-1], file, ends):
                photo = candidates.pop()
                pairs.append((file, photo))
                del lost[photo.id]
            else:
                left.append((file, ends))
        rest = left
    return pairs


def _time_and_name(photo: KnownPhoto) -> object:
    return photo.modified_ns, photo.name


def _time(photo: KnownPhoto) -> object:
    return photo.modified_ns


def _name(photo: KnownPhoto) -> object:
    return photo.name


def _nothing(photo: KnownPhoto) -> object:
    return None


def judge_missing(missing: int, known: int) -> Literal["gone", "offline"]:
    """Whether photos that vanished at once from a root or a folder were deleted, or their drive is not there.

    Args:
        missing: How many vanished.
        known: How many there were before.
    """
    return "offline" if missing >= BELIEVED_GONE and missing > BELIEVED_SHARE * known else "gone"
