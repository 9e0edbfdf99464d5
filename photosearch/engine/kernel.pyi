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
    halves: NDArray[np.uint16] | None,
    floats: NDArray[np.float32] | None,
    dimensions: NDArray[np.int32],
    queries: NDArray[np.float32],
    allowed: NDArray[np.uint64] | None,
    floor: float,
    cancelled: NDArray[np.bool_] | None,
    directions_of_blocks: NDArray[np.uint16] | None,
    cones: NDArray[np.float32] | None,
    error: float,
    positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> list[int]:
    """Write for each query the codes of the highest scores, best first, and return how many.

    Args:
        path: One of `paths()`.
        blocks: uint8, shape (ceil(total / 1024), M, 1024).
        total: How many codes the blocks hold.
        halves, floats: `Codebooks.values`, finite, in half precision as 16-bit words or in float.
        dimensions: `Codebooks.dimensions`.
        queries: float32, shape (queries, D).
        allowed: Which codes may answer, a bit each: uint64, shape (ceil(total / 64),); None: all.
        floor: Only scores of at least this.
        cancelled: Whether nobody wants the answer any more, which may change at any time: shape (1,). What is
            written and returned then means nothing.
        directions_of_blocks, cones, error: `Bounds` of the first blocks; None: nothing is known of any.
        positions, scores: Where to write, shape (queries, at most so many).

    Raises:
        ValueError: A query or an entry of its tables is not finite.
    """

def best_of_tables(
    path: str,
    blocks: NDArray[np.uint8],
    total: int,
    tables: NDArray[np.float32],
    allowed: NDArray[np.uint64] | None,
    cancelled: NDArray[np.bool_] | None,
    positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> list[int]:
    """As `best`, by the sums of entries of tables of small whole numbers, shape (queries, M, 256)."""

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
