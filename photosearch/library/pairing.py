"""Which pairs of photos are worth a look at their pixels, and in which order.

Photos that look alike, such as the hundred frames that a camera on a tripod took, are candidates each with
each. The likest of a photo are looked at first: where these turn out to be other shots no copy is among the
rest, and a photo that is a copy of an earlier one is left to that. So few are looked at for each photo.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.duplicates import may_be_parts, turned_copies

LOWEST = 0.55
"""Pairs are looked at from the model's threshold for the same shot on, in any library, and where few other
photos lie there, down to this cosine: small crops do …"""

NOT_TOO_MANY = 250_000
"""… in libraries of so many photos at most: in larger ones to look so far takes a minute longer."""

COMPARED_BY_LOOKS = 8_000_000
"""So many pairs of a library lie above the cosine that is chosen, in most: less than a minute's work."""

SAMPLED = 2048
"""Photos on each side of the pairs by which it is chosen."""

HELD = 1_000_000
"""Pairs whose looks are compared together: the more, the more of them share a photo."""

LOOKED_AT = 16_384
"""Pairs whose looks are compared before anybody is told."""

FEW = 16
"""A photo of which so many of the likest others turned out to be other shots has no copy among the rest."""

MOST = 96
"""Pairs of a photo that are remembered, the likest."""

MANY_PAIRS = 1_000_000
"""Held before all but these are dropped for the first time, and then before each doubling: 12 bytes each."""

AT_A_TIME = 4
"""Pairs of a photo that are looked at before it is known what the others turned out to be."""

Ids = NDArray[np.int64]

NOTHING = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)


def candidates(
    rows: NDArray[np.uint8],
    looks: NDArray[np.uint8],
    codebooks: NDArray[np.float32],
    floor: float,
    since: int,
) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
    """Pairs that may be of one shot, one of them at `since` or later; some come twice.

    Args:
        rows, looks: Of N photos, shapes (N, M) and (N, bytes of a look).
        codebooks: float32, shape (M, 256, D).
        floor: The cosine of codes from which on pairs are looked at; see `lowest_cosine`.

    Yields:
        Positions of both, and how like they are, each of shape (n,).
    """
    blocks = CodeBlocks.from_rows(rows)
    held, count = list[engine.Pairs](), 0
    for pairs in engine.pairs_above(blocks, codebooks, floor, since):
        held.append(pairs)
        count += len(pairs.first)
        if count >= HELD:
            yield from _by_looks(looks, held)
            held, count = [], 0
        else:
            yield NOTHING
    yield from _by_looks(looks, held)
    for first, second in turned_copies(looks, np.arange(since, len(looks))):
        # By their looks all but the same, whichever way up.
        yield first, second, np.ones(len(first), np.float32)


def lowest_cosine(rows: NDArray[np.uint8], codebooks: NDArray[np.float32], same_shot: float) -> float:
    """The cosine of codes from which on pairs are looked at: as low as leaves few enough of them.

    Crops often lie far below the threshold, which tells copies from all that is alike. Among thousands of
    photos few others lie there, and these have other looks.

    Args:
        rows: The codes of all photos of the library, shape (N, M), although some may be compared later.
        codebooks: float32, shape (M, 256, D).
        same_shot: The model's threshold.
    """
    if len(rows) > NOT_TOO_MANY:
        return same_shot
    pairs = len(rows) * (len(rows) - 1) / 2
    if pairs <= COMPARED_BY_LOOKS:
        return min(LOWEST, same_shot)
    some = np.random.default_rng(0).choice(len(rows), 2 * SAMPLED, replace=False)
    vectors = engine.reconstruct(rows[some], codebooks)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    cosines = (vectors[:SAMPLED] @ vectors[SAMPLED:].T).ravel()
    enough = int(len(cosines) * (1 - COMPARED_BY_LOOKS / pairs))
    return min(max(LOWEST, float(np.partition(cosines, enough)[enough])), same_shot)


def _by_looks(
    looks: NDArray[np.uint8], held: Sequence[engine.Pairs]
) -> Iterator[tuple[Ids, Ids, NDArray[np.float32]]]:
    """Those of many pairs that their looks do not rule out."""
    if not held:
        return
    first, second = (np.concatenate([getattr(pairs, end) for pairs in held]) for end in ("first", "second"))
    scores = np.concatenate([pairs.scores for pairs in held])
    for larger, smaller in ((first, second), (second, first)):
        order = np.argsort(larger, kind="stable")
        for start in range(0, len(order), LOOKED_AT):
            part = order[start : start + LOOKED_AT]
            may = part[may_be_parts(looks, larger[part], smaller[part])]
            yield first[may], second[may], scores[may]


def places_of(wanted: Ids, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where wanted ids lie among others, in whatever order these are, and whether they do."""
    if not (len(wanted) and len(ids)):
        return np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape, bool)
    order = np.argsort(ids)
    places = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    return places, ids[places] == wanted


def first_of_each(sets: Sequence[Sequence[int]], ids: Ids) -> NDArray[np.bool_]:
    """Which of the ids are the first of their set, or in none: shape (n,)."""
    first = np.ones(len(ids), bool)
    if not sets:
        return first
    members = np.array([id for together in sets for id in together], np.int64)
    number = np.repeat(np.arange(len(sets)), [len(together) for together in sets])
    at, there = places_of(members, ids)
    at, number = at[there], number[there]
    in_sets = np.lexsort((at, number))
    again = np.diff(number[in_sets], prepend=-1) == 0
    first[at[in_sets[again]]] = False
    return first


class Pairs:
    """Candidates of N photos, to be looked at in rounds.

    Attributes:
        left: How many are to be looked at after those that were asked about, at most.
    """

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._parts: list[tuple[Ids, NDArray[np.float32]]] = []
        self._held = self.left = 0
        self._bound = MANY_PAIRS

    def add(self, first: Ids, second: Ids, likeness: NDArray[np.float32]) -> None:
        """Add some: positions and likenesses, each of shape (n,)."""
        if len(first):
            low, high = np.minimum(first, second), np.maximum(first, second)
            self._parts.append((low * self._photos + high, likeness))
            self._held += len(first)
            if self._held > self._bound:
                self._parts = [self._likest()]
                self._held = len(self._parts[0][0])
                # All are sorted for that: where few can be dropped it is not to be done for each handful.
                self._bound = max(MANY_PAIRS, 2 * self._held)

    def _likest(self) -> tuple[Ids, NDArray[np.float32]]:
        """Each pair once, the likest first, those left out that are among the likest of neither photo."""
        if not self._parts:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        keys = np.concatenate([keys for keys, _ in self._parts])
        likeness = np.concatenate([likeness for _, likeness in self._parts])
        order = np.lexsort((-likeness, keys))
        keys, likeness = keys[order], likeness[order]
        once = np.ones(len(keys), bool)
        once[1:] = keys[1:] != keys[:-1]
        keys, likeness = keys[once], likeness[once]
        order = np.argsort(-likeness, kind="stable")
        keys, likeness = keys[order], likeness[order]
        among = (_ranks(keys // self._photos, keys % self._photos) < MOST).any(0)
        return keys[among], likeness[among]

    def rounds(self) -> Generator[tuple[Ids, Ids], Sequence[bool | None], None]:
        """What to look at next: positions, the lower first, shapes (n,).

        To be sent: of each whether it is one shot; None where nothing was looked at.
        """
        keys, _ = self._likest()
        self._parts = []
        first, second = keys // self._photos, keys % self._photos
        counts = np.bincount(first, minlength=self._photos) + np.bincount(second, minlength=self._photos)
        crowded = (counts[first] > FEW) & (counts[second] > FEW)
        self.left = int(crowded.sum())
        if not crowded.all():
            yield first[~crowded], second[~crowded]
        first, second = first[crowded], second[crowded]
        misses, settled = np.zeros(self._photos, np.int64), np.zeros(self._photos, bool)
        while len(first):
            asked = ((_ranks(first, second) < AT_A_TIME) & ~settled[np.stack([first, second])]).any(0)
            self.left = int((~asked).sum())
            answers = yield first[asked], second[asked]
            same = np.array([answer is True for answer in answers])
            other = np.array([answer is False for answer in answers])
            # A copy of an earlier photo is left to that.
            settled[second[asked][same]] = True
            misses += np.bincount(first[asked][other], minlength=self._photos)
            misses += np.bincount(second[asked][other], minlength=self._photos)
            settled |= misses >= FEW
            left = ~asked & ~(settled[first] & settled[second])
            first, second = first[left], second[left]


def _ranks(first: Ids, second: Ids) -> NDArray[np.int64]:
    """The how manieth pair each is of its first and of its second photo: shape (2, n)."""
    ends = np.concatenate([first, second])
    # Of each photo's pairs the order is that of the pairs, whichever end it is of them.
    at = np.tile(np.arange(len(first)), 2)
    order = np.lexsort((at, ends))
    begins = np.flatnonzero(np.diff(ends[order], prepend=-1))
    lengths = np.diff(begins, append=len(ends))
    ranks = np.empty(len(ends), np.int64)
    ranks[order] = np.arange(len(ends)) - np.repeat(begins, lengths)
    return ranks.reshape(2, -1)
