"""The distance engine in C++: the answers of `reference`, to the bit, many times faster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.engine import kernel, pairs
from photosearch.engine.reference import (
    ONE,
    Codebooks,
    Matches,
    additive_tables,
    check_binary_query,
    check_queries,
    check_selection,
    scores_of_distances,
)
from photosearch.records import CodeBlocks


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
        codebooks: Codebooks,
        queries: NDArray[np.float32],
        weights: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.bool_] | None = None,
        floor: float | None = None,
    ) -> Matches:
        """As `reference.nearest`."""
        tables = additive_tables(codes, codebooks, queries, weights)
        check_selection(codes, count, allowed)
        return self._best(codes, tables[None], count, allowed, floor)[0]

    def nearest_each(
        self,
        codes: CodeBlocks,
        codebooks: Codebooks,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.bool_] | None = None,
        floor: float | None = None,
    ) -> list[Matches]:
        """As `reference.nearest_each`."""
        check_queries(queries)
        check_selection(codes, count, allowed)
        tables = [additive_tables(codes, codebooks, query[None], ONE) for query in queries]
        return self._best(codes, np.stack(tables), count, allowed, floor) if tables else []

    def nearest_binary(
        self,
        codes: CodeBlocks,
        query: NDArray[np.uint8],
        count: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Matches:
        """As `reference.nearest_binary`."""
        check_binary_query(codes, query)
        check_selection(codes, count, allowed)
        # Each byte of a code differs from the query's in so many bits: a distance is such a sum as well.
        differing = np.bitwise_count(query[:, None] ^ np.arange(256, dtype=np.uint8))
        (found,) = self._best(codes, -differing[None].astype(np.float32), count, allowed, None, True)
        return Matches(found.positions, scores_of_distances(len(query))[-found.scores.astype(np.intp)])

    pairs_above = staticmethod(pairs.pairs_above)

    def _best(
        self,
        codes: CodeBlocks,
        tables: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.bool_] | None,
        floor: float | None,
        whole: bool = False,
    ) -> list[Matches]:
        wanted = min(count, codes.count)
        positions, scores = (
            np.empty((len(tables), wanted), np.int64),
            np.empty((len(tables), wanted), np.float32),
        )
        found = kernel.best(
            self.path,
            codes.blocks,
            codes.count,
            tables,
            None if allowed is None else np.ascontiguousarray(allowed).view(np.uint8),
            whole,
            -np.inf if floor is None else floor,
            positions,
            scores,
        )
        return [Matches(positions[i, :n], scores[i, :n]) for i, n in enumerate(found)]
