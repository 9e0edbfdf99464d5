"""The distance engine in C++: the answers of `reference`, to the bit, many times faster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import Bounds, CodeBlocks
from photosearch.engine import kernel
from photosearch.engine.pairs import CHUNK, Pairs, check_pairs
from photosearch.engine.reference import (
    ONE,
    Cancellation,
    Codebooks,
    Matches,
    check_binary_query,
    check_cancelled,
    check_queries,
    check_query,
    check_selection,
    check_width,
    reconstruct,
    scores_of_distances,
)


def paths() -> list[str]:
    """The instruction sets this processor can search with, the fastest first."""
    return kernel.paths()


@dataclass(frozen=True, slots=True)
class Compiled:
    """The kernel on one of the instruction sets it is compiled for.

    Attributes:
        path: One of `paths()`.
    """

    path: str

    def describe(self) -> str:
        """Which engine answers, in words."""
        return f"C++ kernel, {kernel.describe(self.path)}"

    def nearest(
        self,
        codes: CodeBlocks,
        codebooks: Codebooks | NDArray[np.float32],
        queries: NDArray[np.float32],
        weights: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        floor: float | None = None,
        bounds: Bounds | None = None,
        cancellation: Cancellation | None = None,
    ) -> Matches:
        """As `reference.nearest`."""
        books, query = check_query(codebooks, queries, weights)
        check_width(codes, len(books.values))
        check_selection(codes, count, allowed)
        return self._best(codes, books, query[None], count, allowed, floor, bounds, cancellation)[0]

    def nearest_each(
        self,
        codes: CodeBlocks,
        codebooks: Codebooks | NDArray[np.float32],
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        floor: float | None = None,
        bounds: Bounds | None = None,
        cancellation: Cancellation | None = None,
    ) -> list[Matches]:
        """As `reference.nearest_each`."""
        check_queries(queries)
        check_selection(codes, count, allowed)
        if not len(queries):
            return []
        books = Codebooks.of(codebooks) if isinstance(codebooks, np.ndarray) else codebooks
        together = np.stack([check_query(books, query[None], ONE)[1] for query in queries])
        check_width(codes, len(books.values))
        return self._best(codes, books, together, count, allowed, floor, bounds, cancellation)

    def nearest_binary(
        self,
        codes: CodeBlocks,
        query: NDArray[np.uint8],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Matches:
        """As `reference.nearest_binary`."""
        check_binary_query(codes, query)
        check_selection(codes, count, allowed)
        # Each byte of a code differs from the query's in so many bits: a distance is such a sum as well.
        differing = np.bitwise_count(query[:, None] ^ np.arange(256, dtype=np.uint8))
        tables = -differing[None].astype(np.float32)
        positions, scores = _room(1, codes, count)
        found = kernel.best_of_tables(
            self.path,
            codes.blocks,
            codes.count,
            tables,
            _contiguous(allowed),
            None if cancellation is None else cancellation.cancelled,
            positions,
            scores,
        )
        check_cancelled(cancellation)
        distances = -scores[0, : found[0]].astype(np.intp)
        return Matches(positions[0, : found[0]], scores_of_distances(len(query))[distances])

    def pairs_above(
        self, codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float, since: int = 0
    ) -> Iterator[Pairs]:
        """As `pairs.pairs_above`."""
        check_pairs(codes, codebooks, floor, since)
        return self._pairs_above(codes, codebooks, floor, since)

    def _pairs_above(
        self, codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float, since: int
    ) -> Iterator[Pairs]:
        codebooks = np.pad(codebooks, ((0, 0), (0, 0), (0, -codebooks.shape[2] % kernel.GROUP)))
        view = _View.of(codes, codebooks, floor)
        search = kernel.Pairs(
            self.path,
            codes.blocks,
            codes.count,
            codebooks,
            view.turned,
            view.error,
            view.spread,
            view.prefix,
            floor,
            since,
        )
        first, second = np.empty((2, CHUNK), np.int64)
        scores = np.empty(CHUNK, np.float32)
        while (count := search.fetch(first, second, scores)) >= 0:
            yield Pairs(first[:count].copy(), second[:count].copy(), scores[:count].copy())

    def _best(
        self,
        codes: CodeBlocks,
        codebooks: Codebooks,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.uint64] | None,
        floor: float | None,
        bounds: Bounds | None,
        cancellation: Cancellation | None,
    ) -> list[Matches]:
        half = codebooks.values.dtype == np.float16
        positions, scores = _room(len(queries), codes, count)
        found = kernel.best(
            self.path,
            codes.blocks,
            codes.count,
            codebooks.values.view(np.uint16) if half else None,
            None if half else codebooks.values.astype(np.float32, copy=False),
            codebooks.dimensions,
            queries,
            _contiguous(allowed),
            -np.inf if floor is None else floor,
            None if cancellation is None else cancellation.cancelled,
            None if bounds is None else bounds.directions.view(np.uint16),
            None if bounds is None else bounds.cones,
            0.0 if bounds is None else bounds.error,
            positions,
            scores,
        )
        check_cancelled(cancellation)
        return [Matches(positions[i, :n], scores[i, :n]) for i, n in enumerate(found)]


def _room(queries: int, codes: CodeBlocks, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    wanted = min(count, codes.count)
    return np.empty((queries, wanted), np.int64), np.empty((queries, wanted), np.float32)


def _contiguous(allowed: NDArray[np.uint64] | None) -> NDArray[np.uint64] | None:
    return None if allowed is None else np.ascontiguousarray(allowed)


SAMPLE = 1024
"""Codes by which the directions that tell pairs apart are found."""

TOGETHER = 6 * 64
"""Pairs that the kernel looks at together."""


@dataclass(frozen=True, slots=True)
class _View:
    """Codebooks turned so that few dimensions tell most pairs apart, and what a search by them needs to know.

    Attributes: see `kernel.Pairs`.
    """

    turned: NDArray[np.float32]
    error: float
    spread: float
    prefix: int

    @classmethod
    def of(cls, codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float) -> _View:
        width, _, dimension = codebooks.shape
        with np.errstate(all="ignore"):
            vectors = reconstruct(codes.rows(_sample(codes.count)), codebooks).astype(np.float64)
            units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            units = units[np.isfinite(units).all(1)]
            # Principal directions, the one of most energy first: nobody but their order is lost by rounding.
            rotation = np.linalg.eigh(units.T @ units)[1][:, ::-1]
            turned = (codebooks.astype(np.float64) @ rotation).astype(np.float32)
            # Each sum of M codewords is rounded M times, here and there, and tiny numbers by more than their
            # share.
            longest = np.linalg.norm(codebooks.astype(np.float64), axis=2).max(1).sum()
            error = (2 * width + 4) * np.finfo(np.float32).eps * longest + 1e-44 * width * dimension
        seen = units @ rotation
        spread = float(np.abs(seen).max(initial=0)) or 1.0
        return cls(turned, float(error), spread, _prefix(seen, floor))


def _sample(count: int) -> NDArray[np.int64]:
    """Some positions of so many codes, spread over all."""
    if count <= SAMPLE:
        return np.arange(count)
    return np.random.default_rng(0).integers(count, size=SAMPLE)


def _prefix(units: NDArray[np.float64], floor: float) -> int:
    """How many dimensions to compare first, so that pairs of vectors like these take the fewest in all."""
    dimension = units.shape[1]
    one, other = units[::2], units[1::2]
    if not other.size:
        return dimension
    best, least = dimension, float(dimension)
    for prefix in range(kernel.GROUP, dimension, kernel.GROUP):
        products = one[:, :prefix] @ other[:, :prefix].T
        # The kernel knows of the other only the longest tail of a block.
        tails = np.linalg.norm(one[:, prefix:], axis=1) * np.linalg.norm(units[:, prefix:], axis=1).max()
        # Rounding to whole numbers makes a little more seem near.
        passing = (products + tails[:, None] >= floor - 0.025).mean()
        cost = prefix + min(1.0, TOGETHER * float(passing)) * (dimension - prefix)
        if cost < least:
            best, least = prefix, cost
    return best
