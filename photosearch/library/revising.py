"""Pairs that were found by older rules, or by another model's codes: each is looked at again, or goes."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from photosearch.library.pairing import Ids


class Older:
    """The pairs of a library of which anything is known, while their photos are compared again.

    Args:
        pairs: Their ids; empty if no photo was compared by anything else.
        ids: Of the photos that are compared, in the order in which they are, shape (n,).
    """

    def __init__(self, pairs: Collection[tuple[int, int]], ids: Ids) -> None:
        self._ids = ids
        known = self._known = np.array(sorted(pairs), np.int64).reshape(-1, 2)
        places = np.zeros_like(known)
        if len(known) and len(ids):
            order = np.argsort(ids)
            places = order[np.minimum(np.searchsorted(ids, known, sorter=order), len(ids) - 1)]
            places = places[(ids[places] == known).all(1)]
        self._first, self._second = places.min(1), places.max(1)
        self._left = np.ones(len(places), bool)

    def of(self, ids: Ids) -> list[tuple[int, int]]:
        """Those of which one is of these photos, by their ids."""
        return [(one, other) for one, other in self._known[np.isin(self._known, ids).any(1)].tolist()]

    def between(self, start: int, end: int) -> tuple[Ids, Ids, NDArray[np.float32]]:
        """Those that belong to photos from `start` to `end`, as the likest of `candidates`."""
        here = self._of(start, end)
        return self._first[here], self._second[here], np.ones(int(here.sum()), np.float32)

    def asked(self, first: Ids, second: Ids) -> None:
        """Pairs that are looked at, by positions, the lower first."""
        if len(self._left):
            keys = first * len(self._ids) + second
            self._left &= ~np.isin(self._first * len(self._ids) + self._second, keys)

    def not_asked(self, start: int, end: int) -> list[tuple[int, int]]:
        """Ids of those that belong to these photos and were not looked at: another pair stands for each."""
        left = self._of(start, end) & self._left
        first, second = self._ids[self._first[left]], self._ids[self._second[left]]
        return list(zip(first.tolist(), second.tolist(), strict=True))

    def _of(self, start: int, end: int) -> NDArray[np.bool_]:
        return (self._second >= start) & (self._second < end)
