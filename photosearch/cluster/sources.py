"""Where photos come from: folders and buckets → a list of what lies there; one photo → a file at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from photosearch.cluster.store import opened, sentence
from photosearch.decode import is_photo
from photosearch.errors import DriveFailed, FolderUnavailable, PhotoUnreadable, StoreUnusable
from photosearch.files import temporary_folder
from photosearch.scan import modified_ns_of, walk


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """A file that should be a photo.

    Attributes:
        address: A path of this machine, or what fsspec opens.
        version: Another one tells that the file is another now: its tag or checksum in a bucket, else its
            size and the time of its last change.
        bytes: Its size.
        modified: When it was last changed, in seconds since 1970; 0 where nobody says.
    """

    address: str
    version: str
    bytes: int
    modified: float


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """What could not become a searchable photo, and why, as one sentence: `records.Failure` at an address."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a source.

    Attributes:
        root: What the addresses of all photos of the source begin with.
        photos: In the order of their addresses.
        problems: Folders that could not be listed.
        within: What they end with, if the source is packed in a file: where that lies.
    """

    root: str
    photos: list[Listed]
    problems: list[Unread]
    within: str = ""


def list_source(source: str) -> Listing:
    """The photos in a folder or bucket and below it, or the one that is named.

    Raises:
        FolderUnavailable: It is missing, or may not be read.
        StoreUnusable: There is no file system for such addresses.
    """
    files, path = opened(source)
    if isinstance(files, LocalFileSystem):
        return _list_folder(Path(path))
    _, chained, rest = source.partition("::")
    within = chained + rest
    try:
        files.invalidate_cache()
        found = files.find(path, detail=True)
    except FileNotFoundError:
        found = {}
    except Exception as error:
        raise FolderUnavailable(f"{source} cannot be read: {sentence(error)}.") from error
    if not found:
        raise FolderUnavailable(f"{source} does not exist, or nothing is in it.")
    photos = [
        _listed(files.unstrip_protocol(name) + within, about)
        for name, about in found.items()
        if is_photo(Path(name).name)
    ]
    return Listing(files.unstrip_protocol(path), sorted(photos), [], within)


@contextmanager
def at_hand(address: str) -> Iterator[Path]:
    """A photo as a file of this machine: what decodes files on the desktop decodes it here.

    Raises:
        PhotoUnreadable: It is no longer there.
        DriveFailed: It cannot be had, with the reason as one sentence.
    """
    try:
        files, path = opened(address)
    except StoreUnusable as error:
        raise DriveFailed(str(error)) from error
    if isinstance(files, LocalFileSystem):
        yield Path(path)
        return
    with temporary_folder() as folder:
        # With its name: some formats are told by it.
        file = Path(folder, f"photo{Path(path).suffix}")
        try:
            files.get_file(path, str(file))
        except FileNotFoundError:
            raise PhotoUnreadable("The file is no longer there.") from None
        except Exception as error:
            raise DriveFailed(f"The file cannot be had ({sentence(error)}).") from error
        yield file


def _list_folder(path: Path) -> Listing:
    path = Path(os.path.abspath(path))
    if path.is_file():
        return Listing(str(path), [_listed_file(path)], [])
    photos: list[Listed] = []
    problems: list[Unread] = []
    for listing in walk(path, is_photo):
        problems += [Unread(str(path / name), reason) for name, reason in listing.problems]
        folder = path / listing.folder
        photos += [
            Listed(
                str(folder / file.name),
                _version(file.size, file.modified_ns),
                file.size,
                file.modified_ns / 1e9,
            )
            for file in listing.files
        ]
    return Listing(str(path), sorted(photos), problems)


def _listed_file(path: Path) -> Listed:
    status = path.stat()
    modified_ns = modified_ns_of(status)
    return Listed(str(path), _version(status.st_size, modified_ns), status.st_size, modified_ns / 1e9)


def _listed(address: str, about: dict[str, Any]) -> Listed:
    """What a file system says of a file; each has names of its own for it."""
    size = int(about.get("size") or 0)
    modified = next(
        (
            about[name]
            for name in ("LastModified", "last_modified", "mtime", "updated", "created", "date_time")
            if about.get(name)
        ),
        0.0,
    )
    tag = next(
        (about[name] for name in ("ETag", "etag", "md5Hash", "content_md5", "CRC") if about.get(name)),
        modified,
    )
    if isinstance(modified, datetime):
        modified = modified.timestamp()
    return Listed(address, f"{size}-{tag}", size, modified if isinstance(modified, (int, float)) else 0.0)


def _version(size: int, modified_ns: int) -> str:
    return f"{size}-{modified_ns}"
