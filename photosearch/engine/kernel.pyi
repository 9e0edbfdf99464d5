import numpy as np
from numpy.typing import NDArray

def paths() -> list[str]:
    """The instruction sets this processor can search with, the fastest first."""

def describe(path: str) -> str:
    """A path's name in words."""

def best(
    path: str,
    blocks: NDArray[np.uint8],
    total: int,
    tables: NDArray[np.float32],
    allowed: NDArray[np.uint8] | None,
    whole: bool,
    floor: float,
    positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> list[int]:
    """Write for each query the codes of the highest sums of table entries, best first, and return how many.

    Args:
        path: One of `paths()`.
        blocks: uint8, shape (ceil(total / 1024), M, 1024).
        total: How many codes the blocks hold.
        tables: Finite float32, shape (queries, M, 256).
        allowed: Nonzero where a code may answer, uint8, shape (total,); None: all.
        whole: Whether the tables hold whole numbers, which bytes keep without rounding.
        floor: Only scores of at least this.
        positions, scores: Where to write, shape (queries, at most so many).
    """
