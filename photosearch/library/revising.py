"""Pairs that were found by older rules, or by another model's codes: each is looked at again, or goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.library.pairing import Ids, places_of
from photosearch.store.comparisons import SAME_SHOT, PairKind


class Older:
    """The pairs of a library of which anything is known, while their photos are compared again.

    Args:
        pairs: What is known of each, by their ids; empty if no photo was compared by anything else.
        ids: Of the photos that are compared, in the order in which they are, shape (n,).
    """

    def __init__(self, pairs: Mapping[tuple[int, int], PairKind], ids: Ids) -> None:
        self._ids = ids
        ordered = sorted(pairs)
        self._known = np.array(ordered, np.int64).reshape(-1, 2)
        same = np.array([pairs[pair] in SAME_SHOT for pair in ordered], bool)
        places, there = places_of(self._known, ids)
        both = there.all(1)
        places, self._same = places[both], same[both]
        self._first, self._second = places.min(1), places.max(1)
        self._left = np.ones(len(places), bool)

    def elsewhere(self, same: Sequence[Sequence[int]], new: int, there: Ids) -> list[tuple[int, int]]:
        """Ids of those that go because one of their photos is not compared, and another is in its place.

        So do those of photos that are gone: these are new once they, or copies of them, come. What holds for
        a copy that is not compared again stays: nothing else says it.

        Args:
            same: Ids of photos whose files are the same.
            new: Where the photos begin that are compared with all others.
            there: Ids of all that are not gone.
        """
        compared, known = (set(part.tolist()) for part in (self._ids[new:], self._ids[:new]))
        copies = [id for together in same if not compared.isdisjoint(together) for id in together]
        stay = [id for together in same if not known.isdisjoint(together) for id in together]
        goes = np.union1d(np.array(copies, np.int64), np.setdiff1d(self._known, there))
        goes = np.setdiff1d(goes, np.union1d(np.array(stay, np.int64), self._ids))
        return [(one, other) for one, other in self._known[np.isin(self._known, goes).any(1)].tolist()]

    def between(self, start: int, end: int) -> tuple[Ids, Ids, NDArray[np.float32]]:
        """Those that belong to photos from `start` to `end`, as `candidates`: of one shot the likest of all.

        The others are the least like: a burst of many frames would come before the copy of one of them.
        """
        here = self._of(start, end)
        return self._first[here], self._second[here], self._same[here].astype(np.float32)

    def asked(self, first: Ids, second: Ids) -> None:
        """Pairs that are looked at, by positions, the lower first."""
        if len(self._left):
            keys = first * len(self._ids) + second
            self._left &= ~np.isin(self._first * len(self._ids) + self._second, keys)

    def to_ask(self, start: int, end: int) -> list[tuple[int, int]]:
        """Ids of those of one shot that belong to these photos and were not looked at: none goes unseen."""
        return self._by_ids(self._of(start, end) & self._left & self._same)

    def not_asked(self, start: int, end: int) -> list[tuple[int, int]]:
        """Ids of all others that belong to these photos and were not looked at: they need not be."""
        return self._by_ids(self._of(start, end) & self._left & ~self._same)

    def _of(self, start: int, end: int) -> NDArray[np.bool_]:
        return (self._second >= start) & (self._second < end)

    def _by_ids(self, which: NDArray[np.bool_]) -> list[tuple[int, int]]:
        first, second = self._ids[self._first[which]], self._ids[self._second[which]]
        return list(zip(first.tolist(), second.tolist(), strict=True))
