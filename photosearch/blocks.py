"""Codes in memory as the engine scans them: in blocks, with room for more, and with what bounds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 1024
"""Codes in one block of `CodeBlocks`."""

PAGE = 4096
"""Bytes of a page, in memory and in files."""


def zeros_from_page(size: int) -> NDArray[np.uint8]:
    """So many zeros, from the beginning of a page on."""
    memory = np.zeros(size + PAGE, np.uint8)
    start = -memory.ctypes.data % PAGE
    return memory[start : start + size]


@dataclass(frozen=True, slots=True)
class CodeBlocks:
    """N codes in block order: block by block, in a block codebook by codebook.

    Attributes:
        blocks: uint8, shape (ceil(N / 1024), M, 1024); what is behind the last code means nothing. May be
            memory-mapped.
        count: N.
    """

    blocks: NDArray[np.uint8]
    count: int

    @classmethod
    def from_rows(cls, rows: NDArray[np.uint8]) -> CodeBlocks:
        """Put codes of shape (N, M), one a row, into block order."""
        count, width = rows.shape
        blocks = cls.room(-(-count // BLOCK), width)
        full = count // BLOCK
        blocks[:full] = rows[: full * BLOCK].reshape(full, BLOCK, width).transpose(0, 2, 1)
        if count % BLOCK:
            blocks[full, :, : count % BLOCK] = rows[full * BLOCK :].T
        return cls(blocks, count)

    @staticmethod
    def room(blocks: int, width: int) -> NDArray[np.uint8]:
        """Zeros for so many blocks of codes of `width` bytes, each byte's run in whole lines of the caches.

        Else a search takes up to a third longer.
        """
        return zeros_from_page(blocks * width * BLOCK).reshape(blocks, width, BLOCK)

    def rows(self, positions: NDArray[np.integer]) -> NDArray[np.uint8]:
        """The codes at some positions, shape (len(positions), M)."""
        return self.blocks[positions // BLOCK, :, positions % BLOCK]

    def gathered(self, positions: NDArray[np.integer], blocks: NDArray[np.uint8] | None = None) -> CodeBlocks:
        """The codes at some positions, side by side in blocks of their own, or in some that have room."""
        needed = -(-len(positions) // BLOCK)
        if blocks is None:
            blocks = CodeBlocks.room(needed, self.blocks.shape[1])
        for block in range(needed):
            part = positions[block * BLOCK : (block + 1) * BLOCK]
            blocks[block, :, : len(part)] = self.rows(part).T
        return CodeBlocks(blocks[:needed], len(positions))


@dataclass(slots=True, eq=False)
class Room:
    """Memory of photos' ids and codes, with room to put more behind them, so that none has to be moved.

    Attributes:
        ids: int64, shape (C,).
        blocks: uint8, shape (ceil(C / 1024), M, 1024), as those of `CodeBlocks`.
        turn: Counts what was put in and taken out: only who knows of the last may put in more.
        known: By id, whether that photo was ever put in: bool; None: nobody noted it.
    """

    ids: NDArray[np.int64]
    blocks: NDArray[np.uint8]
    turn: int = 0
    known: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, count: int, width: int) -> Room:
        """Room for so many photos with codes of `width` bytes, and for an eighth more."""
        count += max(count // 8, 16 * BLOCK)
        return cls(np.zeros(count, np.int64), CodeBlocks.room(-(-count // BLOCK), width))

    def put(self, start: int, ids: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """Put photos, and their codes of shape (n, M), at the positions from `start` on."""
        end = start + len(ids)
        self.ids[start:end] = ids
        for block in range(start // BLOCK, -(-end // BLOCK)):
            first, last = max(start, block * BLOCK), min(end, (block + 1) * BLOCK)
            columns = slice(first - block * BLOCK, last - block * BLOCK)
            self.blocks[block, :, columns] = rows[first - start : last - start].T


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of the first B blocks of some codes, so that a search may pass over them.

    Blocks behind them are always read.

    Attributes:
        directions: Of blocks, as `Codebooks` has codewords: float16, shape (ceil(B / 256), D, 256).
        cones: For each block what its direction must be multiplied by to be of length 1; cosine and sine of
            the least and of the largest angle of its vectors with it; their least and largest length:
            float32, shape (7, B). A largest length of ∞ says that nothing is known.
        error: What an inner product of a query of length 1 can differ by from a score, for its rounding.
    """

    directions: NDArray[np.float16]
    cones: NDArray[np.float32]
    error: float


UNKNOWN = np.array([1, 1, 0, -1, 0, 0, np.inf], np.float32)
"""The cone of all angles, 0 to π, and of all lengths."""
