"""How good a ranking is: precision, recall, average precision, also where many answers have equal scores.

Rankings are matrices: row by row the answers to a query, best first, True where relevant. Codes of a few bits
rank in few distances, with hundreds of answers in each; their order within a distance is an accident of the
database, so `Tied` holds only how many of them there are, and its figures are expectations over all orders
(McSherry & Najork, ECIR 2008).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def precision_at(ranked: NDArray[np.bool_], count: int) -> float:
    """Mean share of relevant ones among the first `count` answers; bool, shape (queries, answers)."""
    return float(ranked[:, :count].mean())


def recall_at(ranked: NDArray[np.bool_], count: int, relevant: NDArray[np.integer]) -> float:
    """Mean share of a query's relevant ones, `relevant` in number, that are among the first `count`."""
    asked = relevant > 0
    return float((ranked[asked, :count].sum(1) / relevant[asked]).mean()) if asked.any() else 0.0


def mean_average_precision(ranked: NDArray[np.bool_]) -> float:
    """mAP over the answers given; a query without a relevant answer counts as 0.

    The average precision of a query divides by the relevant answers found, not by all there are (as mAP@R is
    reported in the hashing literature).
    """
    hits = ranked.cumsum(1)
    precisions = hits / np.arange(1, ranked.shape[1] + 1)
    return float(((precisions * ranked).sum(1) / np.maximum(hits[:, -1], 1)).mean())


@dataclass(frozen=True, slots=True)
class Tied:
    """Rankings in levels of equal score, best first.

    Attributes:
        answers: How many answers each level has: int64, shape (queries, levels).
        relevant: How many of them are relevant.
    """

    answers: NDArray[np.int64]
    relevant: NDArray[np.int64]

    @classmethod
    def by_distance(
        cls,
        distances: NDArray[np.integer],
        relevant: NDArray[Any],
        levels: int,
        answers: NDArray[np.integer] | None = None,
    ) -> Tied:
        """Of whole distances from 0 to `levels` - 1, shape (queries, answers).

        Or of those of groups of answers, shape (queries, groups): `answers`, shape (groups,), are their
        sizes, and `relevant` is how many of a group are.
        """
        cells = (np.arange(len(distances))[:, None] * levels + distances).ravel()
        sizes = None if answers is None else np.broadcast_to(answers, distances.shape).ravel()
        counts = (
            np.bincount(cells, weights, minlength=len(distances) * levels)
            for weights in (sizes, relevant.ravel())
        )
        return cls(*(count.astype(np.int64).reshape(-1, levels) for count in counts))

    @classmethod
    def by_score(
        cls,
        scores: NDArray[np.floating],
        relevant: NDArray[Any],
        answers: NDArray[np.integer] | None = None,
    ) -> Tied:
        """Of any scores, the highest best, shape (queries, answers).

        A level for each score that a relevant answer has, and one for all the answers between two of these:
        where irrelevant ones stand among themselves changes no figure.

        Or of the scores of groups of answers, shape (queries, groups): `answers`, shape (groups,), are their
        sizes, and `relevant` is how many of a group are.
        """
        if answers is not None:
            return cls(*_levels_of_groups(scores, relevant, answers))
        rows = [_levels(*row) for row in zip(scores, relevant, strict=True)]
        levels = np.zeros((2, len(rows), max((row.shape[1] for row in rows), default=0)), np.int64)
        for number, row in enumerate(rows):
            levels[:, number, : row.shape[1]] = row
        return cls(*levels)

    def mean_average_precision(self, count: int | None = None) -> float:
        """mAP over the first `count` answers, or all; see `mean_average_precision` for what it divides by."""
        queries, levels = np.nonzero(self.relevant)
        size = self.answers[queries, levels].astype(float)
        hits = self.relevant[queries, levels].astype(float)
        before = (self.answers.cumsum(1) - self.answers)[queries, levels].astype(float)
        found = (self.relevant.cumsum(1) - self.relevant)[queries, levels].astype(float)
        whole = before + size <= (np.inf if count is None else count)
        # At place k of a level, P(relevant) = r / n, and r, n, k - 1 give what lies before it in the level:
        # Σ_k (R + 1 + (k - 1)(r - 1)/(n - 1)) / (N + k) for k = 1 … n, in harmonic numbers.
        steps = _harmonic(before + size) - _harmonic(before)
        inside = np.divide(hits - 1, size - 1, out=np.zeros_like(hits), where=size > 1)
        total = hits / size * ((found + 1) * steps + inside * (size - (before + 1) * steps))
        asked = len(self.answers)
        sums = np.bincount(queries, total * whole, asked)
        reached = np.bincount(queries, hits * whole, asked)
        averages = sums / np.maximum(reached, 1)
        for place in np.flatnonzero(~whole & (before < (count or 0))):
            query, ahead = queries[place], int(before[place])
            averages[query] = _cut(
                sums[query],
                reached[query],
                ahead,
                (count or 0) - ahead,
                int(size[place]),
                int(hits[place]),
            )
        return float(averages.mean())

    def precision_at(self, counts: Sequence[int]) -> NDArray[np.floating]:
        """As `precision_at`, for several counts: shape (len(counts),)."""
        most = np.minimum(counts, self.answers.sum(1)[:, None])
        precisions: NDArray[np.floating] = (self._found(counts) / most).mean(0)
        return precisions

    @property
    def asked(self) -> int:
        """How many queries have anything to find."""
        return int((self.relevant.sum(1) > 0).sum())

    def recall_at(self, counts: Sequence[int]) -> NDArray[np.floating]:
        """As `recall_at`, for several counts: shape (len(counts),)."""
        relevant = self.relevant.sum(1)
        asked = relevant > 0
        if not asked.any():
            return np.zeros(len(counts))
        recalls: NDArray[np.floating] = (self._found(counts)[asked] / relevant[asked, None]).mean(0)
        return recalls

    def _found(self, counts: Sequence[int]) -> NDArray[np.floating]:
        """Relevant answers among the first ones, shape (queries, len(counts))."""
        found = np.empty((len(self.answers), len(counts)))
        ends, hits = self.answers.cumsum(1), self.relevant.cumsum(1)
        for row, (end, hit) in enumerate(zip(ends, hits, strict=True)):
            level = np.searchsorted(end, counts).clip(max=len(end) - 1)
            size = self.answers[row, level]
            taken = np.minimum(counts, end[level]) - (end[level] - size)
            inside = self.relevant[row, level]
            found[row] = hit[level] - inside + inside * taken / np.maximum(size, 1)
        return found


def _levels(scores: NDArray[np.floating], relevant: NDArray[np.bool_]) -> NDArray[np.int64]:
    """One query's levels, as `Tied.by_score` makes them: answers and relevant ones, shape (2, levels)."""
    # Sorting numbers is several times as fast as sorting their positions.
    ordered = np.sort(scores)
    found, hits = np.unique(scores[relevant], return_counts=True)
    below = np.searchsorted(ordered, found)
    up_to = below + hits
    # Few relevant answers share their score with irrelevant ones.
    tied = np.flatnonzero(ordered[np.minimum(up_to, len(ordered) - 1)] == found)
    up_to[tied] = np.searchsorted(ordered, found[tied], side="right")
    edges = np.concatenate([[0], np.stack([below, up_to], 1).ravel(), [len(ordered)]])
    levels = np.zeros((2, len(edges) - 1), np.int64)
    levels[0] = np.diff(edges)
    levels[1, 1::2] = hits
    return levels[:, ::-1]


def _levels_of_groups(
    scores: NDArray[np.floating], relevant: NDArray[np.integer], answers: NDArray[np.integer]
) -> Iterator[NDArray[np.int64]]:
    """Answers and relevant ones of a level for each group, shape (queries, groups).

    All of the answers of groups with one score are of the last one's level, and the others' are empty.
    """
    order = np.argsort(-scores, 1)
    ranked = np.take_along_axis(scores, order, 1)
    last = np.ones(ranked.shape, bool)
    np.not_equal(ranked[:, 1:], ranked[:, :-1], out=last[:, :-1])
    for counts in (answers[order], np.take_along_axis(relevant, order, 1)):
        ends = np.where(last, counts.cumsum(1, dtype=np.int64), 0)
        yield np.diff(np.maximum.accumulate(ends, 1), axis=1, prepend=0)


def _cut(total: float, found: float, before: int, taken: int, size: int, hits: int) -> float:
    """Expected average precision when of a level only `taken` places count.

    Args:
        total, found: Sum of precisions and relevant answers before the level.
        before: Answers before it.
        size, hits: Its answers, and how many of them are relevant.
    """
    drawn = np.arange(max(0, taken - (size - hits)), min(hits, taken) + 1)
    # Of `taken` places so many are relevant, hypergeometrically; they lie anywhere among those places.
    chance = np.exp(_ways(hits, drawn) + _ways(size - hits, taken - drawn) - _ways(size, np.array([taken])))
    places = 1 / (before + np.arange(1, taken + 1))
    steps = places.sum()
    inside = (drawn - 1) / (taken - 1) if taken > 1 else np.zeros(len(drawn))
    sums = total + drawn / taken * ((found + 1) * steps + inside * (taken - (before + 1) * steps))
    return float((chance * sums / np.maximum(found + drawn, 1)).sum())


def _ways(number: int, chosen: NDArray[np.integer]) -> NDArray[np.floating]:
    """log of number! / (chosen! (number − chosen)!), elementwise."""
    logs = np.concatenate([[0.0], np.log(np.arange(1, number + 1)).cumsum()])
    return logs[number] - logs[chosen] - logs[number - chosen]


def _harmonic(numbers: NDArray[np.floating]) -> NDArray[np.floating]:
    """1 + 1/2 + … + 1/n, elementwise."""
    most = int(numbers.max(initial=0))
    sums = np.concatenate([[0.0], (1 / np.arange(1, most + 1)).cumsum()])
    return sums[numbers.astype(np.int64)]
