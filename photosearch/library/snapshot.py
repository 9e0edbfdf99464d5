"""The codes in memory: one immutable snapshot, replaced whole after each batch and read without a lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import BLOCK, Bounds, CodeBlocks, Room
from photosearch.engine import arranged, packed, pair_scores, unpacked

NOBODY = 0
"""The id of no photo."""

HOLES = 1 / 8
"""The share of positions without a photo from which on all codes are laid out again."""

ARRANGED = 1_000_000
"""Fewer codes are searched in half a millisecond as they are."""

TAIL = 1 / 8
"""The share of codes behind those that are arranged from which on all are arranged again."""

SPARSE = 8
"""So many times as many ids as photos have been given at most, or their positions are not kept by id."""

FEW = 1 / 16
"""The share of photos up to which those that a filter keeps are laid out apart, for as much more memory."""

MANY = 1 / 4
"""The share of photos from which on their positions are not looked up one by one."""

PAIRS = 20_000
"""Random pairs whose scores say how unusual a score is: the share above a true 99.9 % varies by 0.02 %."""


@dataclass(frozen=True)
class Snapshot:
    """All codes that may answer, as they were after one batch.

    Attributes:
        ids: int64, shape (N,): the photo at each position, in no particular order; NOBODY where there is none
            any more.
        codes: The N codes.
        generation: The catalogue's generation they were read at.
        bounds: Of the codes that are arranged, if any are.
        room: Where ids and codes lie, if there is room for more behind them.
        turn: Of the room. Only the snapshot of its last turn goes on in it.
    """

    ids: NDArray[np.int64]
    codes: CodeBlocks
    generation: int
    bounds: Bounds | None = None
    room: Room | None = None
    turn: int = 0

    @classmethod
    def of(cls, ids: NDArray[np.int64], rows: NDArray[np.uint8], generation: int) -> Snapshot:
        """One of these photos with their codes of shape (n, M)."""
        room = Room.of(*rows.shape)
        room.put(0, ids, rows)
        return cls._in(room, len(ids), generation)

    @classmethod
    def _in(cls, room: Room, count: int, generation: int, bounds: Bounds | None = None) -> Snapshot:
        room.turn += 1
        codes = CodeBlocks(room.blocks[: -(-count // BLOCK)], count)
        return cls(room.ids[:count], codes, generation, bounds, room, room.turn)

    @cached_property
    def present(self) -> NDArray[np.uint64] | None:
        """Which positions hold a photo, as the engine wants to know it; None: all."""
        present = self.ids != NOBODY
        return None if present.all() else packed(present)

    @property
    def photos(self) -> int:
        """How many there are."""
        return len(self.ids) if self.present is None else int(np.bitwise_count(self.present).sum())

    def with_photos(self, ids: NDArray[np.int64], rows: NDArray[np.uint8], generation: int) -> Snapshot:
        """This snapshot and more photos, replacing those of the same id."""
        if not len(ids):
            return replace(self, generation=generation)
        kept = self.without(ids, generation)
        count = len(kept.ids)
        room = kept.own_room
        if room is None or count + len(ids) > len(room.ids):
            known = None if room is None else room.known
            room = Room.of(count + len(ids), rows.shape[1])
            room.ids[:count], room.known = kept.ids, known
            room.blocks[: len(kept.codes.blocks)] = kept.codes.blocks
        room.put(count, ids, rows)
        if room.known is not None:
            room.known = _noted(room.known, ids)
        return Snapshot._in(room, count + len(ids), generation, kept.bounds)

    def without(self, ids: Sequence[int] | NDArray[np.int64], generation: int) -> Snapshot:
        """This snapshot without some photos: their codes stay, until there are many of them."""
        ids = np.asarray(ids, np.int64)
        if self._are_new(ids):
            return replace(self, generation=generation)
        removed = np.flatnonzero(np.isin(self.ids, ids))
        if not len(removed):
            return replace(self, generation=generation)
        room, count = self.own_room, len(self.ids)
        # The ids before are those of snapshots that others may still look at.
        memory = np.zeros(count if room is None else len(room.ids), np.int64)
        left = memory[:count]
        left[:] = self.ids
        left[removed] = NOBODY
        if count - np.count_nonzero(left) > HOLES * count:
            return self._laid_out(left, generation)
        if room is None:
            return replace(self, ids=left, generation=generation, room=None)
        room.ids = memory
        return Snapshot._in(room, count, generation, self.bounds)

    def codes_to_keep(self) -> CodeBlocks:
        """The codes, with zeros where there is no photo any more: it may have been forgotten."""
        holes = np.flatnonzero(self.ids == NOBODY)
        if not len(holes):
            return self.codes
        blocks = self.codes.blocks.copy()
        blocks[holes // BLOCK, :, holes % BLOCK] = 0
        return CodeBlocks(blocks, self.codes.count)

    @property
    def own_room(self) -> Room | None:
        """The room, if nothing was put in or taken out since this snapshot was made."""
        return self.room if self.room is not None and self.room.turn == self.turn else None

    def _are_new(self, ids: NDArray[np.int64]) -> bool:
        """Whether it is known, without a look at all that are here, that none of these photos ever was."""
        room = self.own_room
        if room is None:
            return False
        if room.known is None:
            # In a damaged file that is not known to be so yet they are any number.
            if self.ids.max(initial=0) > SPARSE * len(self.ids) + BLOCK or self.ids.min(initial=0) < 0:
                return False
            room.known = _noted(np.zeros(0, bool), self.ids)
        return not room.known[ids[ids < len(room.known)]].any()

    def _laid_out(self, ids: NDArray[np.int64], generation: int) -> Snapshot:
        """The codes of those that are left; the last ones take the positions of those that are not."""
        removed = ids == NOBODY
        count = len(ids) - int(np.count_nonzero(removed))
        free = np.flatnonzero(removed[:count])
        last = count + np.flatnonzero(~removed[count:])
        room = Room.of(count, self.codes.blocks.shape[1])
        room.ids[:count] = ids[:count]
        room.ids[free] = ids[last]
        blocks = -(-count // BLOCK)
        room.blocks[:blocks] = self.codes.blocks[:blocks]
        room.blocks[free // BLOCK, :, free % BLOCK] = self.codes.rows(last)
        return Snapshot._in(room, count, generation)

    @property
    def is_arranged(self) -> bool:
        """Whether so many codes are arranged that to do it again would save less than it takes."""
        bounded = 0 if self.bounds is None else self.bounds.cones.shape[1] * BLOCK
        # A block that is not full is never bounded.
        return self.codes.count < ARRANGED or self.codes.count - bounded < TAIL * self.codes.count + BLOCK

    def arranged(self, codebooks: NDArray[np.float32], wanted: Callable[[], bool]) -> Snapshot:
        """The same photos in an order in which the engine may pass over most of them: see `engine.arranged`.

        Takes two seconds a million.

        Raises:
            Stopped: It is not `wanted` any more.
        """
        at = np.flatnonzero(self.ids)
        order, bounds = arranged(self._of(at).codes, codebooks, wanted)
        return replace(self._of(at[order]), bounds=bounds)

    def _of(self, at: NDArray[np.int64]) -> Snapshot:
        """The photos at some positions, with room for more behind them."""
        room = Room.of(len(at), self.codes.blocks.shape[1])
        room.ids[: len(at)] = self.ids[at]
        self.codes.gathered(at, room.blocks)
        return Snapshot._in(room, len(at), self.generation)

    @cached_property
    def _places(self) -> NDArray[np.int32] | None:
        """Where the photo of each id is; N where there is none, as at the end; None: there are too many ids.

        Made of a million photos in 2 ms, for 4 bytes each.
        """
        count, highest = len(self.ids), int(self.ids.max(initial=0))
        # In a damaged file that is not known to be so yet they are any number.
        if highest > SPARSE * count or self.ids.min(initial=0) < 0:
            return None
        places = np.full(highest + 2, count, np.int32)
        places[self.ids] = np.arange(count, dtype=np.int32)
        places[NOBODY] = count
        return places

    def positions(self, ids: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Which positions hold one of these photos, as the engine wants to know it."""
        count, places = len(self.ids), self._places
        if places is not None and len(ids) < MANY * count:
            chosen = np.zeros(count + 1, bool)
            chosen[np.take(places, ids, mode="clip")] = True
            return packed(chosen[:-1])
        # Many are found sooner by looking at all.
        wanted = np.zeros(int(ids.max(initial=0)) + 2, bool)
        wanted[ids] = True
        return packed(np.take(wanted, self.ids, mode="clip"))

    def narrowed(self, ids: NDArray[np.int64]) -> tuple[Snapshot | None, NDArray[np.uint64] | None]:
        """How to search among these photos again and again: a snapshot of them alone, in the order they have
        here, or, where they are not few, their positions.
        """
        allowed = self.positions(ids)
        if np.bitwise_count(allowed).sum() > FEW * len(self.ids):
            return None, allowed
        at = np.flatnonzero(unpacked(allowed, len(self.ids)))
        return Snapshot(self.ids[at], self.codes.gathered(at), self.generation), None


def _noted(known: NDArray[np.bool_], ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """By id, whether a photo is known, with these ones."""
    missing = int(ids.max(initial=0)) + 1 - len(known)
    if missing > 0:
        known = np.concatenate([known, np.zeros(missing + len(known) // 8, bool)])
    known[ids] = True
    return known


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
    def of(
        cls, codes: CodeBlocks, codebooks: NDArray[np.float32], at: NDArray[np.int64] | None = None
    ) -> Background:
        """That of all photos with these codes; takes as long as searching millions.

        Args:
            at: The positions that hold a photo; None: all.
        """
        at = np.arange(codes.count) if at is None else at
        if len(at) < 2:
            return cls(np.zeros(0, np.float32), len(at))
        # Seeded, so that a score has the same percentile in every run.
        chosen = np.random.default_rng(0)
        first = chosen.integers(len(at), size=PAIRS)
        second = (first + chosen.integers(1, len(at), size=PAIRS)) % len(at)
        return cls(np.sort(pair_scores(codes, codebooks, at[first], at[second])), len(at))

    def fits(self, count: int) -> bool:
        """Whether it still tells of a library of so many photos: one that changed by less than a tenth."""
        return abs(count - self.count) * 10 < self.count

    def percentiles(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """For each score, the share of random pairs of this library that are less alike, 0 to 100."""
        if not len(self.scores):
            return np.zeros(len(scores))
        return 100.0 * np.searchsorted(self.scores, scores) / len(self.scores)
