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
import time
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.records import BLOCK, CodeBlocks, CodeSpec

MAGIC = b"PhotoSrC"
VERSION = 1
PAGE = 4096
ABANDONED_SECONDS = 600.0
"""A half-written file of this age was left by a program that was killed."""

logger = logging.getLogger(__name__)

# Magic, version, identity, M, K, N, generation; then a checksum of all else. Little-endian on every platform.
_HEADER = struct.Struct("<8sI16sIIQq")


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
        if new.exists() and time.time() - new.stat().st_mtime > ABANDONED_SECONDS:
            new.unlink()
        with open(new, "xb") as file:
            file.write((header + struct.pack("<I", checksum)).ljust(PAGE, b"\0"))
            for part in body:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except FileExistsError:
        logger.info("another process is writing the code file %s", path)
    except OSError as error:
        logger.warning("the code file %s could not be written: %s", path, error)
        with suppress(OSError):
            new.unlink()


def read_code_file(
    path: Path, spec: CodeSpec, generation: int
) -> tuple[NDArray[np.int64], CodeBlocks] | None:
    """The photos' ids, int64 of shape (N,), and their codes; None if the file is not there or does not fit.

    Args:
        generation: The catalogue's as it is now.
    """
    try:
        # A file that is mapped cannot be replaced on Windows, so it is read there.
        content: NDArray[np.uint8] = np.asarray(
            np.fromfile(path, np.uint8) if os.name == "nt" else np.memmap(path, np.uint8, mode="r")
        )
    except (OSError, ValueError):
        return None
    if len(content) < PAGE:
        return None
    *_, count, _ = _HEADER.unpack_from(content.data)
    header = _header(spec, generation, count)
    if content[: len(header)].tobytes() != header:
        return None
    ids_end = PAGE + -(-8 * count // PAGE) * PAGE
    shape = (-(-count // BLOCK), spec.bytes, BLOCK)
    if len(content) != ids_end + shape[0] * shape[1] * shape[2]:
        return None
    (checksum,) = struct.unpack_from("<I", content.data, len(header))
    if zlib.crc32(content.data[PAGE:], zlib.crc32(header)) != checksum:
        return None
    ids = content[PAGE : PAGE + 8 * count].view("<i8")
    return ids, CodeBlocks(content[ids_end:].reshape(shape), count)


def _header(spec: CodeSpec, generation: int, count: int) -> bytes:
    identity = spec.identity.encode().ljust(16, b"\0")
    return _HEADER.pack(MAGIC, VERSION, identity, spec.bytes, 256, count, generation)
