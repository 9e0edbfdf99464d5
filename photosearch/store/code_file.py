"""The compact code file: the codes as the engine scans them, opened without reading the catalogue.

    header       88 bytes and zeros up to a page of 4,096
    ids          int64, N of them, room for R more, and zeros up to a page
    codes        uint8, in the block order of `CodeBlocks`, room for R more, and zeros up to a page
    bounds       directions, float16, and cones, float32, of `Bounds`, if there are any
    changes      since then, one record for each time it was saved

A record says which positions have lost their photo, and holds the ids and codes of new ones, code by code.
So what changed is written, and nothing else: what is in the file stays as it is, whoever reads it meanwhile.
A record has a checksum, which begins with that of the one before; one that was not written to its end is
passed over. Its photos are put into the room behind the others when it is read: where the file is mapped, in
the reader's memory only. A file whose room is full is replaced by a rename, by one with more room.

It can be deleted at any time. It carries what tells whether it still fits; where it does not, the catalogue
has the codes. Version 1 had a header of 56 bytes and no bounds, version 2 one of 80; neither had room.
"""

from __future__ import annotations

import logging
import mmap
import os
import struct
import sys
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import BLOCK, PAGE, Bounds, CodeBlocks, Room, zeros_from_page
from photosearch.files import replacing
from photosearch.records import CodeSpec

MAGIC = b"PhotoSrC"
VERSION = 3
READ_AT_ONCE = 4 << 20
WRITE_SECONDS = 30.0
"""Whoever deletes the file waits so long for whoever writes it: many millions of codes on a slow drive."""

RECORDS = 1000
"""Records a file has at most: opening it takes some microseconds for each."""

logger = logging.getLogger(__name__)

# Magic, version, identity, M, K, N, generation. Little-endian on every platform.
_HEADER = struct.Struct("<8sI16sIIQq")
# Of the bounds D, B and the error; a checksum of all behind the header, and one of the header before it.
_REST = struct.Struct("<IQdI")
_ROOM = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")

# Of a record: magic, generation, how many positions lost their photo, how many photos are new. A checksum and
# four zeros follow, then positions, ids and codes, and zeros up to a multiple of eight bytes.
_RECORD = struct.Struct("<8sqQQ")
_RECORD_MAGIC = b"PhotoSrR"
_RECORD_HEAD = _RECORD.size + 8

_CONE = 7
_WORDS = 256

_Bytes = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Written:
    """What a code file is known to hold, by which it is found to be the same when more is to be written.

    Attributes:
        count: Positions.
        capacity: Positions there is room for.
        width: Bytes of a code.
        records: How many.
        end: Where the last one ends, in bytes.
        checksum: Of the last one, or of the header.
        at: Where that lies.
    """

    count: int
    capacity: int
    width: int
    records: int
    end: int
    checksum: int
    at: int


@dataclass(frozen=True, slots=True)
class CodeFile:
    """What a code file holds.

    Attributes:
        identity: Of the model.
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,); 0 where there is none any more.
        codes: Their N codes, of M bytes each.
        bounds: Of these codes, if they are arranged.
        room: Where ids and codes lie, with room for more. What is put there is not put into the file.
        written: What `append_to_code_file` wants to know; None: this file is of a version before.
    """

    identity: str
    generation: int
    ids: NDArray[np.int64]
    codes: CodeBlocks
    bounds: Bounds | None
    room: Room
    written: Written | None
    _sum_up: Callable[[], int]
    _wanted: int

    def is_sound(self) -> bool:
        """Whether ids, codes and bounds are as they were written; reads all of them."""
        return self._sum_up() == self._wanted


def write_code_file(
    path: Path,
    spec: CodeSpec,
    generation: int,
    ids: NDArray[np.int64],
    codes: CodeBlocks,
    bounds: Bounds | None = None,
    capacity: int = 0,
    newest: Callable[[], int] | None = None,
) -> Written | None:
    """Replace the code file. If it cannot be written the old one stays, and the log says why.

    Args:
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,).
        codes: Their N codes.
        bounds: Of these codes, if they are arranged.
        capacity: For how many positions there shall be room. What is not used takes nothing of most drives.
        newest: Asks for the catalogue's generation now. If that is another one by then, nothing is written:
            what changed since may be that photos were forgotten, whose codes are not to come back.

    Returns:
        What the file holds then; None if it was not written.
    """
    count, width, capacity = codes.count, spec.bytes, max(capacity, codes.count)
    of_bounds, numbers = (0, 0, 0.0), list[_Bytes]()
    if bounds is not None:
        of_bounds = (bounds.directions.shape[1], bounds.cones.shape[1], bounds.error)
        numbers = [
            _bytes(bounds.directions.astype("<f2", copy=False)),
            _bytes(bounds.cones.astype("<f4", copy=False)),
        ]
    body = [_bytes(ids.astype("<i8", copy=False)), *_of_codes(codes), *numbers]
    header = _HEADER.pack(
        MAGIC, VERSION, spec.identity.encode().ljust(16, b"\0"), width, _WORDS, count, generation
    )
    header += _REST.pack(*of_bounds, _sum(body)) + _ROOM.pack(capacity)
    checksum = zlib.crc32(header)
    starts = _starts(capacity, width, [len(one) for one in numbers])
    try:
        # Held by the process: what one that was killed left half written is in nobody's way.
        with filelock.FileLock(f"{path}.lock", timeout=0):
            if newest is not None and generation != newest():
                logger.info("not written into the code file %s: codes that have changed meanwhile", path)
                return None
            with replacing(path) as file:
                file.write(header + _CHECKSUM.pack(checksum))
                for start, pieces in zip(
                    starts, (body[:1], body[1:3], *([one] for one in numbers)), strict=False
                ):
                    file.seek(start)
                    for piece in pieces:
                        file.write(piece)
                file.truncate(starts[-1])
    except filelock.Timeout:
        logger.info("another process is writing the code file %s", path)
        return None
    except OSError as error:
        logger.warning("the code file %s could not be written: %s", path, error)
        return None
    return Written(count, capacity, width, 0, starts[-1], checksum, len(header))


def erase_code_file(path: Path) -> None:
    """Delete the file, and what a process that was killed may have left of a new one.

    Whoever writes it meanwhile has done so, or asks which generation is the newest after this.
    """
    try:
        with filelock.FileLock(f"{path}.lock", timeout=WRITE_SECONDS):
            for file in (path, path.with_name(path.name + ".new")):
                file.unlink(missing_ok=True)
    except (OSError, filelock.Timeout) as error:
        logger.warning("the code file %s could not be deleted: %s", path, error)


def append_to_code_file(
    path: Path,
    written: Written,
    generation: int,
    removed: NDArray[np.int64],
    ids: NDArray[np.int64],
    rows: NDArray[np.uint8],
) -> Written | None:
    """Write what changed behind what a code file holds.

    Killed at any moment, it leaves the file as it was, or with all of this.

    Args:
        written: What the file holds.
        generation: The catalogue's, when this was so.
        removed: Positions that lost their photo, shape (r,).
        ids: New photos, at the positions behind the last: int64, shape (n,).
        rows: Their codes, shape (n, M).

    Returns:
        What the file holds then; None if all of it is to be written anew, because it has no room, somebody
        else wrote it, or it cannot be written.
    """
    count = written.count + len(ids)
    if count > written.capacity or written.records >= RECORDS:
        return None
    head = _RECORD.pack(_RECORD_MAGIC, generation, len(removed), len(ids))
    body = b"".join(map(_bytes, (removed.astype("<i8"), ids.astype("<i8"), rows)))
    body += bytes(-len(body) % 8)
    checksum = zlib.crc32(body, zlib.crc32(head, written.checksum))
    try:
        with filelock.FileLock(f"{path}.lock", timeout=0), open(path, "r+b") as file:
            file.seek(written.at)
            if file.read(_CHECKSUM.size) != _CHECKSUM.pack(written.checksum):
                return None
            file.seek(written.end)
            # What was not written to its end is written over; what was, may be read by somebody already.
            if _record_at(np.frombuffer(file.read(), np.uint8), 0, written) is not None:
                return None
            file.seek(written.end)
            file.write(head + _CHECKSUM.pack(checksum) + bytes(4) + body)
            file.flush()
            os.fsync(file.fileno())
    except filelock.Timeout:
        return None
    except OSError as error:
        logger.info("nothing could be appended to the code file %s: %s", path, error)
        return None
    return _with_record(written, len(ids), len(body), checksum)


def _with_record(written: Written, new: int, length: int, checksum: int) -> Written:
    return replace(
        written,
        count=written.count + new,
        records=written.records + 1,
        end=written.end + _RECORD_HEAD + length,
        checksum=checksum,
        at=written.end + _RECORD.size,
    )


def _record_at(
    content: NDArray[np.uint8], start: int, written: Written
) -> tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], Written] | None:
    """The generation, positions, ids and codes of the record that follows; None if no whole one does."""
    if start + _RECORD_HEAD > len(content):
        return None
    magic, generation, removed, new = _RECORD.unpack_from(content.data, start)
    parts = 8 * removed, 8 * new, written.width * new
    length = sum(parts) + -sum(parts) % 8
    body = content[start + _RECORD_HEAD :][:length]
    if magic != _RECORD_MAGIC or len(body) < length:
        return None
    (wanted,) = _CHECKSUM.unpack_from(content.data, start + _RECORD.size)
    head = content.data[start : start + _RECORD.size]
    if wanted != zlib.crc32(body.data, zlib.crc32(head, written.checksum)):
        return None
    positions, ids, codes = np.split(body[: sum(parts)], np.cumsum(parts[:2]))
    return (
        generation,
        positions.view("<i8"),
        ids.view("<i8"),
        codes.reshape(new, written.width),
        _with_record(written, new, length, wanted),
    )


def read_code_file(path: Path, mapped: bool = False) -> CodeFile | None:
    """What the file holds; None if it is not there, or not as it was written.

    Args:
        mapped: Let processes that read the same file share its memory. Where a drive fails, or another
            program cuts the file, that ends the process.
    """
    file = open_code_file(path, mapped)
    return file if file is not None and file.is_sound() else None


def open_code_file(path: Path, mapped: bool = sys.platform != "win32") -> CodeFile | None:
    """As `read_code_file`, but it is for the caller to ask whether what the file holds `is_sound`.

    Args:
        mapped: Return at once, and read the codes in the background. Where a file is mapped it cannot be
            replaced on Windows.
    """
    try:
        with open(path, "rb") as opened:
            header = _read_header(opened.read(PAGE))
            if header is None:
                return None
            if mapped:
                # What is put into the room stays in this process.
                access = mmap.ACCESS_COPY if header.capacity > header.count else mmap.ACCESS_READ
                content = np.frombuffer(mmap.mmap(opened.fileno(), 0, access=access), np.uint8)
            else:
                content = zeros_from_page(os.fstat(opened.fileno()).st_size)
                opened.seek(0)
                opened.readinto(content.data)
    except (OSError, ValueError):
        return None
    version, count, width, capacity = header.version, header.count, header.width, header.capacity
    numbers = []
    if header.bounded:
        numbers = [-(-header.bounded // _WORDS) * header.dimension * _WORDS * 2, _CONE * header.bounded * 4]
    starts = _starts(capacity, width, numbers)
    blocks = -(-capacity // BLOCK)
    # The first version ended with the last code, the last does with what changed since.
    length = starts[1] + blocks * width * BLOCK if version == 1 else starts[-1]
    if len(content) < length or (version < VERSION and len(content) > length):
        return None
    ids = content[PAGE : PAGE + 8 * capacity].view("<i8")
    room = Room(ids, content[starts[1] :][: blocks * width * BLOCK].reshape(blocks, width, BLOCK))
    codes = _first(room, count)
    of_bounds = [content[start:][:size] for start, size in zip(starts[2:], numbers, strict=False)]
    bounds = None
    if numbers:
        bounds = Bounds(
            of_bounds[0].view("<f2").reshape(-1, header.dimension, _WORDS),
            of_bounds[1].view("<f4").reshape(_CONE, header.bounded),
            header.error,
        )
    if mapped:
        threading.Thread(target=_read_through, args=(codes.blocks,), name="read codes", daemon=True).start()
    if version < VERSION:

        def sum_up() -> int:
            return zlib.crc32(content.data[PAGE:], header.begin)

    else:

        def sum_up() -> int:
            return _sum([_bytes(ids[: codes.count]), *_of_codes(codes), *map(_bytes, of_bounds)])

    generation = header.generation
    written = Written(count, capacity, width, 0, starts[-1], header.checksum, header.at)
    while version == VERSION and (record := _record_at(content, written.end, written)) is not None:
        generation, removed, new_ids, rows, after = record
        if len(removed):
            # The file's own are summed up as they are.
            room.ids = room.ids.copy() if room.ids is ids else room.ids
            room.ids[removed] = 0
        if len(new_ids):
            room.put(written.count, new_ids, rows)
        written = after
    return CodeFile(
        header.identity,
        generation,
        room.ids[: written.count],
        _first(room, written.count),
        bounds,
        room,
        written if version == VERSION else None,
        sum_up,
        header.wanted,
    )


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first page says: `wanted` is the checksum of what is behind it, which begins with `begin`;
    `checksum` is its own, which lies at `at`.
    """

    version: int
    identity: str
    width: int
    count: int
    generation: int
    dimension: int
    bounded: int
    error: float
    capacity: int
    wanted: int
    begin: int
    checksum: int
    at: int


def _read_header(page: bytes) -> _Header | None:
    if len(page) < PAGE:
        return None
    magic, version, identity, width, words, count, generation = _HEADER.unpack_from(page)
    if magic != MAGIC or words != _WORDS or version not in (1, 2, VERSION):
        return None
    at, capacity = _HEADER.size, count
    dimension, bounded, error, wanted = 0, 0, 0.0, 0
    if version > 1:
        dimension, bounded, error, wanted = _REST.unpack_from(page, at)
        at += _REST.size
    if version > 2:
        (capacity,) = _ROOM.unpack_from(page, at)
        at += _ROOM.size
    (checksum,) = _CHECKSUM.unpack_from(page, at)
    begin = 0
    if version == 1:
        wanted, begin = checksum, zlib.crc32(page[:at])
    elif checksum != zlib.crc32(page[:at]):
        return None
    name = identity.rstrip(b"\0").decode(errors="replace")
    return _Header(
        *(version, name, width, count, generation, dimension, bounded, error, capacity),
        *(wanted, begin, checksum, at),
    )


def _starts(capacity: int, width: int, numbers: list[int]) -> list[int]:
    """Where ids, codes and numbers of so many bytes begin, and where what follows them does."""
    starts = [PAGE]
    for size in (8 * capacity, -(-capacity // BLOCK) * width * BLOCK, *numbers):
        starts.append(starts[-1] + -(-size // PAGE) * PAGE)
    return starts


def _first(room: Room, count: int) -> CodeBlocks:
    return CodeBlocks(room.blocks[: -(-count // BLOCK)], count)


def _bytes(array: NDArray[np.generic]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _of_codes(codes: CodeBlocks) -> list[_Bytes]:
    """Full blocks as they are, and the last one with zeros behind the last code."""
    full, rest = divmod(codes.count, BLOCK)
    last = np.zeros((codes.blocks.shape[1], BLOCK if rest else 0), np.uint8)
    if rest:
        last[:, :rest] = codes.blocks[full, :, :rest]
    return [_bytes(codes.blocks[:full]), _bytes(last)]


def _sum(pieces: Iterable[_Bytes]) -> int:
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    return checksum


def _read_through(blocks: NDArray[np.uint8]) -> None:
    """Have the system read these from the drive from the first to the last.

    A search begins with samples from all over them, each of which would wait for a read of its own. To be
    asked to read ahead (`MADV_WILLNEED`) is an advice that Linux takes for some megabytes only.
    """
    codes = blocks.reshape(-1)
    for start in range(0, len(codes), READ_AT_ONCE):
        codes[start : start + READ_AT_ONCE : PAGE].max()
