"""All pairs of codes that stand for vectors of nearly the same direction: the definition, in numpy.

The cosine of two codes is that of their reconstructions: float32 vectors, the codewords added in the order of
the codebooks. Their products are added in float64, in eight lanes: lane i adds those of the dimensions i,
i + 8, … in this order, and then lanes are added two by two. Lengths are the roots of such sums. The quotient
is rounded to float32 once. A vector of length zero has no cosine, and is in no pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import BLOCK, CodeBlocks
from photosearch.engine.reference import check_additive_codes, reconstruct

LANES = 8

CHUNK = 16_384
"""At most so many pairs come at once."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Some of the pairs that were looked for.

    Attributes:
        first, second: Positions of each pair's codes, first < second: int64, shape (n,).
        scores: Cosines of the vectors they stand for: float32, shape (n,).
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    scores: NDArray[np.float32]


def pairs_above(
    codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float, since: int = 0
) -> Iterator[Pairs]:
    """Find all pairs of codes whose vectors have a cosine of at least `floor`, each pair once, in no order.

    They come a few at a time, and memory is needed for these only, however many there are. Where there are
    none for a while, empty ones come, so that who reads them can stop.

    Args:
        codes: N codes of M bytes.
        codebooks: float32, shape (M, 256, D).
        floor: A cosine, compared in float32.
        since: Only pairs whose second position is at least this: those that codes appended from there on
            belong to.

    Raises:
        ModelMismatch: The codes are not M bytes long.
        ValueError: An array has the wrong shape or type or is not finite, `floor` is not a number, or `since`
            is negative.
    """
    check_pairs(codes, codebooks, floor, since)
    return _pairs_above(codes, codebooks, np.float32(floor), since)


def check_pairs(codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float, since: int) -> None:
    """Refuse what no pairs can be looked for in, with the errors of `pairs_above`."""
    check_additive_codes(codes, codebooks)
    if np.isnan(floor):
        raise ValueError("floor must be a number")
    if since < 0:
        raise ValueError(f"since must not be negative, not {since}")


def _pairs_above(
    codes: CodeBlocks, codebooks: NDArray[np.float32], floor: np.float32, since: int
) -> Iterator[Pairs]:
    # What a product of float32 unit vectors can be off by.
    slack = (codebooks.shape[2] + 16) * np.finfo(np.float32).eps
    for of_second in range(since // BLOCK, len(codes.blocks)):
        second = _Tile(codes, codebooks, of_second, since)
        for of_first in range(of_second + 1):
            first = second if of_first == of_second and second.start == of_first * BLOCK else None
            first = first or _Tile(codes, codebooks, of_first)
            with np.errstate(all="ignore"):
                near = first.units @ second.units.T >= floor - slack
            i, j = np.nonzero(near)
            ordered = first.start + i < second.start + j
            i, j = i[ordered], j[ordered]
            for start in range(0, max(1, len(i)), CHUNK):
                part = slice(start, start + CHUNK)
                yield _scored(first, second, i[part], j[part], floor)


class _Tile:
    """One block's vectors, from position `since` on."""

    def __init__(self, codes: CodeBlocks, codebooks: NDArray[np.float32], block: int, since: int = 0) -> None:
        self.start = max(block * BLOCK, since)
        positions = np.arange(self.start, min((block + 1) * BLOCK, codes.count))
        with np.errstate(all="ignore"):
            self.vectors = reconstruct(codes.rows(positions), codebooks)
            self.lengths = np.sqrt(inner_products(self.vectors, self.vectors))
            self.units = (self.vectors / self.lengths[:, None]).astype(np.float32)


def _scored(
    first: _Tile, second: _Tile, i: NDArray[np.int64], j: NDArray[np.int64], floor: np.float32
) -> Pairs:
    with np.errstate(all="ignore"):
        products = inner_products(first.vectors[i], second.vectors[j])
        scores = (products / (first.lengths[i] * second.lengths[j])).astype(np.float32)
    kept = scores >= floor
    return Pairs(first.start + i[kept], second.start + j[kept], scores[kept])


def inner_products(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """The inner products of rows, shape (n, D), as the definition adds them: float64, shape (n,)."""
    sums = np.zeros((len(one), LANES))
    for start in range(0, one.shape[1], LANES):
        part = slice(start, start + LANES)
        products = one[:, part].astype(np.float64) * other[:, part]
        sums[:, : products.shape[1]] += products
    while sums.shape[1] > 1:
        sums = sums[:, ::2] + sums[:, 1::2]
    return sums[:, 0]
