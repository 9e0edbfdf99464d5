import numpy as np
from numpy.typing import NDArray

GROUP: int
"""`Pairs` takes vectors of a multiple of so many dimensions."""

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

class Pairs:
    """All pairs of codes whose vectors have a cosine of at least `floor`, fetched some at a time.

    Args:
        path: One of `paths()`.
        blocks, total: As for `best`. Whoever makes this keeps them and the codebooks alive and as they are.
        codebooks: Finite float32, shape (M, 256, D), D a multiple of 8.
        turned: The same by a rotation after which the dimensions that tell most pairs apart come first.
        error: How far a sum of turned codewords may be from the turned sum of codewords.
        spread: The largest number that unit vectors of turned ones usually have.
        prefix: Dimensions to compare first, a multiple of 8.
        floor: A cosine.
        since: Only pairs whose second position is at least this.
    """

    def __init__(
        self,
        path: str,
        blocks: NDArray[np.uint8],
        total: int,
        codebooks: NDArray[np.float32],
        turned: NDArray[np.float32],
        error: float,
        spread: float,
        prefix: int,
        floor: float,
        since: int,
    ) -> None: ...
    def fetch(self, first: NDArray[np.int64], second: NDArray[np.int64], scores: NDArray[np.float32]) -> int:
        """Look on for some milliseconds; write the pairs found, and return how many: -1 if there are no more.

        Not from several threads at once.
        """
