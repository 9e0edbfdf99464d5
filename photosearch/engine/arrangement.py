"""An order of codes in which most blocks need not be read, and what tells which.

Codes are put into lists by the direction they are nearest to, and ordered by their angle with it. Of each
block then that direction is known, the least and the largest angle of a vector with it, and lengths: a query
at another angle with that direction can have no higher inner product with any code of the block than the
difference of angles allows (the triangle inequality of angles). Blocks that cannot hold one of the best are
passed over, so answers stay the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import BLOCK, UNKNOWN, Bounds, CodeBlocks
from photosearch.engine.reference import Stopped, check_additive_codes, reconstruct

BLOCKS_A_LIST = 8
SAMPLES_A_LIST = 32
ROUNDS = 6

CHUNK = 8192
"""Codes compared with all directions at a time."""

WORDS = 256
"""Directions lie as codewords do for look-up tables, so many together."""


def arranged(
    codes: CodeBlocks, codebooks: NDArray[np.float32], wanted: Callable[[], bool] = lambda: True
) -> tuple[NDArray[np.int64], Bounds]:
    """An order of these codes, positions of shape (N,), and bounds of the full blocks in that order.

    Takes some seconds a million codes.

    Args:
        codes: N codes of M bytes.
        codebooks: float32, shape (M, 256, D).
        wanted: Asked some hundred times a second whether it still is.

    Raises:
        Stopped: It is not wanted any more.
        ModelMismatch: The codes are not M bytes long.
        ValueError: An array has the wrong shape or type or is not finite.
    """
    check_additive_codes(codes, codebooks)
    directions = _directions(codes, codebooks, wanted)
    lists, angles = np.zeros(codes.count, np.int32), np.zeros(codes.count, np.float32)
    for start in range(0, codes.count, CHUNK):
        _go_on(wanted)
        part = np.arange(start, min(start + CHUNK, codes.count))
        cosines = _units(reconstruct(codes.rows(part), codebooks))[0] @ directions.T
        lists[part] = cosines.argmax(1)
        angles[part] = -cosines.max(1)
    order = np.lexsort((angles, lists))
    return order, _bounds(codes, codebooks, order, directions[lists[order[::BLOCK]]], wanted)


def _go_on(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise Stopped


def _directions(
    codes: CodeBlocks, codebooks: NDArray[np.float32], wanted: Callable[[], bool]
) -> NDArray[np.float32]:
    """Directions that codes lie around, by some rounds of k-means: float32, shape (lists, D)."""
    count = max(1, codes.count // (BLOCKS_A_LIST * BLOCK))
    sample = np.random.default_rng(0).integers(
        max(1, codes.count), size=min(codes.count, count * SAMPLES_A_LIST)
    )
    units = _units(reconstruct(codes.rows(sample), codebooks))[0]
    directions = np.zeros((count, codebooks.shape[2]), np.float32)
    directions[: len(units)] = units[:count]
    for _ in range(ROUNDS):
        nearest = np.zeros(len(units), np.intp)
        for start in range(0, len(units), CHUNK):
            _go_on(wanted)
            nearest[start : start + CHUNK] = (units[start : start + CHUNK] @ directions.T).argmax(1)
        sums = np.zeros_like(directions)
        np.add.at(sums, nearest, units)
        # What nothing is near to stays where it is.
        directions = _units(np.where(sums.any(1, keepdims=True), sums, directions))[0]
    return directions


def _bounds(
    codes: CodeBlocks,
    codebooks: NDArray[np.float32],
    order: NDArray[np.int64],
    around: NDArray[np.float32],
    wanted: Callable[[], bool],
) -> Bounds:
    """Bounds of the full blocks in this order, each of whose codes lie around a direction."""
    full, dimension = codes.count // BLOCK, codebooks.shape[2]
    directions = around[:full].astype(np.float16)
    cones = np.repeat(UNKNOWN[:, None], full, 1)
    for block in range(full):
        _go_on(wanted)
        vectors = reconstruct(codes.rows(order[block * BLOCK : (block + 1) * BLOCK]), codebooks)
        units, lengths = _units(vectors.astype(np.float64))
        # The angles are those with what half precision made of it.
        direction, length = _units(directions[block, None].astype(np.float64))
        ends = np.arccos(np.clip(units @ direction[0], -1, 1))
        if not (np.isfinite(ends).all() and lengths.max() < 1e30 and length[0] > 0.5):
            continue
        # A little more than what these are rounded by. Sines of angles beyond 0 and π are of no use.
        least, largest = max(0.0, ends.min() - 1e-5), min(np.pi, ends.max() + 1e-5)
        cones[:, block] = (
            *(1 / length[0], np.cos(least), np.sin(least), np.cos(largest), np.sin(largest)),
            *(lengths.min() * (1 - 1e-6), lengths.max() * (1 + 1e-6)),
        )
    width = len(codebooks)
    longest = np.linalg.norm(codebooks.astype(np.float64), axis=2).max(initial=0, axis=1).sum()
    epsilon = float(np.finfo(np.float32).eps)
    error = (dimension + 4 * width + 16) * epsilon * float(longest) + 1e-44 * width * dimension
    laid_out = np.zeros((-(-full // WORDS), WORDS, dimension), np.float16)
    laid_out.reshape(-1, dimension)[:full] = directions
    return Bounds(np.ascontiguousarray(laid_out.transpose(0, 2, 1)), cones, error)


def _units(vectors: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Vectors at length 1, those of length zero left as they are, and their lengths."""
    # By the largest number first, whose square may be too large or too small to be told.
    largest = np.abs(vectors).max(1, keepdims=True, initial=0)
    scaled = vectors / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled / np.where(lengths > 0, lengths, 1), (lengths * largest)[:, 0]
