"""Whether a file holds what it held before, without reading more of it than that takes."""

from __future__ import annotations

import filecmp
import os
from hashlib import blake2b
from pathlib import Path

from photosearch.records import FoundFile, KnownPhoto

ENDS = 65536
"""Bytes hashed at each end of a file: the header and its metadata, and the end of the pixels."""

UNCOMPRESSED = (".bmp", ".dib", ".tif", ".tiff")
"""Of these an edit may leave the size and both ends as they were; of what is compressed it never does."""

OLDEST_NS, NEWEST_NS = -9_214_560_000 * 10**9, 9_214_646_400 * 10**9 - 1
"""The years 1678 to 2261, all that fit 64 bits."""

QUARTER_HOUR = 900 * 10**9
DAY = 96 * QUARTER_HOUR
"""Time zones differ by quarters of an hour, and by about a day at most."""


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
