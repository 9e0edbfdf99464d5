"""The compact code file: the codes as the engine scans them, opened without reading the catalogue.

    header       80 bytes and zeros up to a page of 4,096
    ids          int64, N of them, and zeros up to a page
    codes        uint8, in the block order of `CodeBlocks`, and zeros up to a page
    bounds       directions, float16, and cones, float32, of `Bounds`, if there are any

It can be deleted at any time. It is replaced whole by a rename and carries what tells whether it still fits;
where it does not, the catalogue has the codes. Version 1 had a header of 56 bytes and no bounds.
"""

from __future__ import annotations

import logging
import mmap
import os
import struct
import sys
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from photosearch.files import replacing
from photosearch.records import BLOCK, PAGE, Bounds, CodeBlocks, CodeSpec, zeros_from_page

MAGIC = b"PhotoSrC"
VERSION = 2
READ_AT_ONCE = 4 << 20
logger = logging.getLogger(__name__)

# Magic, version, identity, M, K, N, generation. Little-endian on every platform.
_HEADER = struct.Struct("<8sI16sIIQq")
# Of the bounds D, B and the error; a checksum of all behind the header, and one of the header before it.
_REST = struct.Struct("<IQdI")
_CHECKSUM = struct.Struct("<I")

_CONE = 7
_WORDS = 256


@dataclass(frozen=True, slots=True)
class CodeFile:
    """What a code file holds.

    Attributes:
        identity: Of the model.
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,).
        codes: Their N codes, of M bytes each.
        bounds: Of these codes, if they are arranged.
        content: The whole file.
        checksum: Of all behind the header, and with what it begins.
    """

    identity: str
    generation: int
    ids: NDArray[np.int64]
    codes: CodeBlocks
    bounds: Bounds | None
    content: NDArray[np.uint8]
    checksum: tuple[int, int]

    def is_sound(self) -> bool:
        """Whether ids, codes and bounds are as they were written; reads all of them."""
        begin, wanted = self.checksum
        return zlib.crc32(self.content.data[PAGE:], begin) == wanted


def write_code_file(
    path: Path,
    spec: CodeSpec,
    generation: int,
    ids: NDArray[np.int64],
    codes: CodeBlocks,
    bounds: Bounds | None = None,
) -> None:
    """Replace the code file. If it cannot be written the old one stays, and the log says why.

    Args:
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,).
        codes: Their N codes.
        bounds: Of these codes, if they are arranged.
    """
    parts = [ids.astype("<i8", copy=False), codes.blocks]
    of_bounds = (0, 0, 0.0)
    if bounds is not None:
        of_bounds = (bounds.directions.shape[1], bounds.cones.shape[1], bounds.error)
        parts += [bounds.directions.astype("<f2", copy=False), bounds.cones.astype("<f4", copy=False)]
    body: list[memoryview | bytes] = []
    for part in parts:
        body += [np.ascontiguousarray(part).reshape(-1).view(np.uint8).data, bytes(-part.nbytes % PAGE)]
    checksum = 0
    for piece in body:
        checksum = zlib.crc32(piece, checksum)
    identity = spec.identity.encode().ljust(16, b"\0")
    header = _HEADER.pack(MAGIC, VERSION, identity, spec.bytes, _WORDS, codes.count, generation)
    header += _REST.pack(*of_bounds, checksum)
    header += _CHECKSUM.pack(zlib.crc32(header))
    try:
        # Held by the process: what one that was killed left half written is in nobody's way.
        with filelock.FileLock(f"{path}.lock", timeout=0), replacing(path) as file:
            file.write(header.ljust(PAGE, b"\0"))
            for piece in body:
                file.write(piece)
    except filelock.Timeout:
        logger.info("another process is writing the code file %s", path)
    except OSError as error:
        logger.warning("the code file %s could not be written: %s", path, error)


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
            if mapped:
                content = np.frombuffer(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
            else:
                content = zeros_from_page(os.fstat(opened.fileno()).st_size)
                opened.readinto(content.data)
    except (OSError, ValueError):
        # An empty file cannot be mapped.
        return None
    if len(content) < PAGE:
        return None
    magic, version, packed_identity, width, words, count, generation = _HEADER.unpack_from(content.data)
    if magic != MAGIC or words != _WORDS:
        return None
    end = _HEADER.size
    dimension, bounded, error = 0, 0, 0.0
    if version == VERSION:
        dimension, bounded, error, checksum = _REST.unpack_from(content.data, end)
        end += _REST.size
        if _CHECKSUM.unpack_from(content.data, end) != (zlib.crc32(content.data[:end]),):
            return None
        begin = 0
    elif version == 1:
        (checksum,) = _CHECKSUM.unpack_from(content.data, end)
        begin = zlib.crc32(content.data[:end])
    else:
        return None
    blocks, directions = -(-count // BLOCK), -(-bounded // _WORDS)
    sizes = [8 * count, blocks * width * BLOCK]
    if bounded:
        sizes += [directions * dimension * _WORDS * 2, _CONE * bounded * 4]
    starts = [PAGE]
    for size in sizes:
        starts.append(starts[-1] + -(-size // PAGE) * PAGE)
    # The first version ended with the last code.
    if len(content) != (starts[-1] if version == VERSION else starts[1] + sizes[1]):
        return None
    parts = [content[start : start + size] for start, size in zip(starts, sizes, strict=False)]
    if mapped:
        threading.Thread(target=_read_through, args=(parts[1],), name="read codes", daemon=True).start()
    bounds = None
    if bounded:
        bounds = Bounds(
            parts[2].view("<f2").reshape(directions, dimension, _WORDS),
            parts[3].view("<f4").reshape(_CONE, bounded),
            error,
        )
    return CodeFile(
        packed_identity.rstrip(b"\0").decode(errors="replace"),
        generation,
        parts[0].view("<i8"),
        CodeBlocks(parts[1].reshape(blocks, width, BLOCK), count),
        bounds,
        content,
        (begin, checksum),
    )


def _read_through(codes: NDArray[np.uint8]) -> None:
    """Have the system read these from the drive from the first to the last.

    A search begins with samples from all over them, each of which would wait for a read of its own. To be
    asked to read ahead (`MADV_WILLNEED`) is an advice that Linux takes for some megabytes only.
    """
    for start in range(0, len(codes), READ_AT_ONCE):
        codes[start : start + READ_AT_ONCE : PAGE].max()
