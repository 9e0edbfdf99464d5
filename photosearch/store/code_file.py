"""The compact code file: the codes as the engine scans them, opened without reading the catalogue.

    header       52 bytes and zeros up to a page of 4,096
    ids          int64, N of them, and zeros up to a page
    codes        uint8, in the block order of `CodeBlocks`

It can be deleted at any time. It is replaced whole by a rename and carries what tells whether it still fits;
where it does not, the catalogue has the codes.
"""

from __future__ import annotations

import logging
import os
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from photosearch.records import BLOCK, CodeBlocks, CodeSpec

MAGIC = b"PhotoSrC"
VERSION = 1
PAGE = 4096
logger = logging.getLogger(__name__)

# Magic, version, identity, M, K, N, generation; then a checksum of all else. Little-endian on every platform.
_HEADER = struct.Struct("<8sI16sIIQq")


@dataclass(frozen=True, slots=True)
class CodeFile:
    """What a code file holds.

    Attributes:
        identity: Of the model.
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,).
        codes: Their N codes, of M bytes each.
    """

    identity: str
    generation: int
    ids: NDArray[np.int64]
    codes: CodeBlocks


def write_code_file(
    path: Path, spec: CodeSpec, generation: int, ids: NDArray[np.int64], codes: CodeBlocks
) -> None:
    """Replace the code file. If it cannot be written the old one stays, and the log says why.

    Args:
        generation: The catalogue's, when the codes were read from it.
        ids: The photo at each position, int64, shape (N,).
        codes: Their N codes.
    """
    new = path.with_name(path.name + ".new")
    header, ids = _header(spec, generation, codes.count), ids.astype("<i8")
    body = (ids.tobytes(), bytes(-ids.nbytes % PAGE), np.ascontiguousarray(codes.blocks).data)
    checksum = zlib.crc32(header)
    for part in body:
        checksum = zlib.crc32(part, checksum)
    try:
        # Held by the process: what one that was killed left half written is in nobody's way.
        with filelock.FileLock(f"{path}.lock", timeout=0):
            try:
                with open(new, "wb") as file:
                    file.write((header + struct.pack("<I", checksum)).ljust(PAGE, b"\0"))
                    for part in body:
                        file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(new, path)
            except OSError:
                with suppress(OSError):
                    new.unlink()
                raise
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
    try:
        content = np.memmap(path, np.uint8, "r").view(np.ndarray) if mapped else np.fromfile(path, np.uint8)
    except (OSError, ValueError):
        # An empty file cannot be mapped.
        return None
    if len(content) < PAGE:
        return None
    magic, version, packed_identity, width, words, count, generation = _HEADER.unpack_from(content.data)
    if (magic, version, words) != (MAGIC, VERSION, 256):
        return None
    ids_end = PAGE + -(-8 * count // PAGE) * PAGE
    shape = (-(-count // BLOCK), width, BLOCK)
    if len(content) != ids_end + shape[0] * shape[1] * shape[2]:
        return None
    (checksum,) = struct.unpack_from("<I", content.data, _HEADER.size)
    if zlib.crc32(content.data[PAGE:], zlib.crc32(content.data[: _HEADER.size])) != checksum:
        return None
    identity = packed_identity.rstrip(b"\0").decode(errors="replace")
    ids = content[PAGE : PAGE + 8 * count].view("<i8")
    return CodeFile(identity, generation, ids, CodeBlocks(content[ids_end:].reshape(shape), count))


def _header(spec: CodeSpec, generation: int, count: int) -> bytes:
    identity = spec.identity.encode().ljust(16, b"\0")
    return _HEADER.pack(MAGIC, VERSION, identity, spec.bytes, 256, count, generation)
