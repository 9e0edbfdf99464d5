"""The codes in memory: one immutable snapshot, replaced whole after each batch and read without a lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.engine import packed, pair_scores
from photosearch.records import BLOCK, CodeBlocks

PAIRS = 20_000
"""Random pairs whose scores say how unusual a score is: the share above a true 99.9 % varies by 0.02 %."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All codes that may answer, as they were after one batch.

    Attributes:
        ids: int64, shape (N,): the photo at each position, in no particular order.
        codes: The N codes.
        generation: The catalogue's generation they were read at.
    """

    ids: NDArray[np.int64]
    codes: CodeBlocks
    generation: int

    def with_photos(self, ids: NDArray[np.int64], rows: NDArray[np.uint8], generation: int) -> Snapshot:
        """This snapshot and more photos, replacing those of the same id."""
        if not len(ids):
            return Snapshot(self.ids, self.codes, generation)
        kept = self.without(ids, generation) if np.isin(ids, self.ids).any() else self
        whole = kept.codes.count // BLOCK
        # Full blocks stay as they are; only the last, part-filled one is laid out again with the new codes.
        tail = kept.codes.rows(np.arange(whole * BLOCK, kept.codes.count))
        new = CodeBlocks.from_rows(np.concatenate([tail, rows]))
        codes = CodeBlocks(
            np.concatenate([kept.codes.blocks[:whole], new.blocks]), kept.codes.count + len(ids)
        )
        return Snapshot(np.concatenate([kept.ids, ids]), codes, generation)

    def without(self, ids: Sequence[int] | NDArray[np.int64], generation: int) -> Snapshot:
        """This snapshot without some photos; the last ones take their positions."""
        removed = np.isin(self.ids, np.asarray(ids, np.int64))
        if not removed.any():
            return Snapshot(self.ids, self.codes, generation)
        count = len(removed) - int(np.count_nonzero(removed))
        free = np.flatnonzero(removed[:count])
        last = count + np.flatnonzero(~removed[count:])
        kept = self.ids[:count].copy()
        kept[free] = self.ids[last]
        blocks = self.codes.blocks[: -(-count // BLOCK)].copy()
        blocks[free // BLOCK, :, free % BLOCK] = self.codes.rows(last)
        if count % BLOCK:
            blocks[-1, :, count % BLOCK :] = 0
        return Snapshot(kept, CodeBlocks(blocks, count), generation)

    def positions(self, ids: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Which positions hold one of these photos, as the engine wants to know it."""
        top = int(max(self.ids.max(initial=0), ids.max(initial=0)))
        wanted = np.zeros(top + 1, bool)
        wanted[ids] = True
        return packed(wanted[self.ids])


@dataclass(frozen=True, slots=True)
class Background:
    """How alike random pairs of a library's photos are, beside which a score shows how unusual it is.

    Attributes:
        scores: Of the pairs, ascending, float32; none if there is no pair.
        count: How many photos there were.
    """

    scores: NDArray[np.float32]
    count: int

    @classmethod
    def of(cls, codes: CodeBlocks, codebooks: NDArray[np.float32]) -> Background:
        """That of all photos with these codes; takes as long as searching millions."""
        if codes.count < 2:
            return cls(np.zeros(0, np.float32), codes.count)
        # Seeded, so that a score has the same percentile in every run.
        chosen = np.random.default_rng(0)
        first = chosen.integers(codes.count, size=PAIRS)
        second = (first + chosen.integers(1, codes.count, size=PAIRS)) % codes.count
        return cls(np.sort(pair_scores(codes, codebooks, first, second)), codes.count)

    def fits(self, count: int) -> bool:
        """Whether it still tells of a library of so many photos: one that changed by less than a tenth."""
        return abs(count - self.count) * 10 < self.count

    def percentiles(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """For each score, the share of random pairs of this library that are less alike, 0 to 100."""
        if not len(self.scores):
            return np.zeros(len(scores))
        return 100.0 * np.searchsorted(self.scores, scores) / len(self.scores)
