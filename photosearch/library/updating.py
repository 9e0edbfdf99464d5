"""Keeps the library in line with its folders: look, encode, publish, and say how far it is.

hints ─→ reconcile: the catalogue is in line ─→ photos that wait ─→ indexing: codes ─→ publish to searches
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import is_photo
from photosearch.library.indexing import Indexer
from photosearch.library.pace import Pace
from photosearch.library.reconcile import Reconciler
from photosearch.records import Progress, Tally
from photosearch.store import Catalogue
from photosearch.watch import Hint, Watcher

TICK_SECONDS = 0.5
"""A follower that has nothing to do reports this often."""

COUNT_SECONDS = 2.0
"""Photos are counted no more often: among a million that takes a quarter of a second."""

RETRY_SECONDS = 60.0
RETRY_PAUSE = 10
"""Photos whose drive did not answer are tried again after this, or after so many times as long as it took."""

RESCAN_SECONDS = 3600.0
"""Every folder is looked at this often, for the events that were lost."""


class Index(Protocol):
    """What searches read."""

    def publish(self, ids: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """Codes were added."""

    def refresh(self) -> None:
        """Codes may have come or gone in any other way."""


class Updater:
    """One run of keeping up. The library is locked for writing while its iterator runs."""

    def __init__(
        self, catalogue: Catalogue, reconciler: Reconciler, indexer: Indexer, index: Index, identity: str
    ) -> None:
        self._catalogue, self._reconciler, self._indexer = catalogue, reconciler, indexer
        self._index, self._identity = index, identity
        self._encoded = self._copied = 0
        self._updated: set[int] = set()
        self._state, self._counted = Tally(), 0.0

    def update(self) -> Generator[Progress]:
        """Look at every folder once and encode what waits."""
        with self._catalogue.writing():
            yield from self._look([Hint(root.id, "", True) for root in self._catalogue.roots.all()])
            yield from self._encode(self._catalogue.codes.waiting(self._identity), list)
            self._catalogue.compact()
            yield self._progress("indexing", self._encoded, self._encoded)

    def follow(self) -> Generator[Progress]:
        """Update, then take up what changes, for ever."""
        with self._catalogue.writing(), Watcher(is_photo) as watcher:
            following = _Following(self._catalogue, watcher, self._reconciler.left_out)
            while True:
                hints = following.hints(TICK_SECONDS)
                so_far = self._reconciler.so_far
                if hints or following.changed or so_far.returned:
                    yield from self._look(hints)
                    found = so_far.waiting[::-1]
                    every = following.changed or so_far.returned
                    if so_far.returned:
                        following.look_where_roots_are()
                    following.changed = so_far.returned = False
                    waiting = self._catalogue.codes.waiting(self._identity) if every else found
                    begun = time.monotonic()
                    yield from self._encode(waiting, lambda: following.hints(0))
                    if every or self._indexer.unanswered:
                        following.try_again(self._indexer.unanswered > 0, time.monotonic() - begun)
                    self._catalogue.compact()
                yield self._progress("watching")

    def _look(self, hints: Sequence[Hint]) -> Iterator[Progress]:
        pace = Pace()
        for seen in self._reconciler.look(hints):
            yield self._progress("scanning", seen, rate=pace.mark(seen))
        self._index.refresh()
        self._count()

    def _encode(self, ids: Sequence[int], hints: Callable[[], Sequence[Hint]]) -> Iterator[Progress]:
        """Encode what waits in its order, and before it what `hints` brings up meanwhile."""
        waiting = deque(ids)
        done, total, pace = 0, len(waiting), Pace()
        if total:
            yield self._progress("indexing", 0, total)
        for recorded in self._indexer.encode(waiting):
            self._index.publish(recorded.ids, recorded.rows)
            done += recorded.finished
            encoded = set(recorded.ids.tolist()) - recorded.copied
            self._encoded += len(encoded)
            self._copied += len(recorded.copied)
            self._updated.update(self._reconciler.so_far.changed & encoded)
            if time.monotonic() - self._counted > COUNT_SECONDS:
                self._count()
            rate = pace.mark(done)
            yield self._progress("indexing", done, total, rate, pace.left(total - done), published=True)
            pace.go_on()
            if new := hints():
                yield from self._look(new)
                found = self._reconciler.so_far.waiting
                # Not twice: one that changed may have been waiting already.
                again = set(found)
                others = [photo_id for photo_id in waiting if photo_id not in again]
                total += len(found) + len(others) - len(waiting)
                waiting.clear()
                waiting.extend(found[::-1] + others)
        if self._indexer.unanswered:
            # Perhaps because a drive was pulled: then its photos are offline.
            yield from self._look([Hint(root.id, "", False) for root in self._catalogue.roots.all()])
        self._count()

    def _count(self) -> None:
        self._counted = time.monotonic()
        counts = self._catalogue.photos.counts(self._identity)
        self._state = Tally(
            photos=counts.photos,
            removed=self._reconciler.so_far.removed,
            moved=self._reconciler.so_far.moved,
            offline=counts.offline,
            unreadable=counts.unreadable,
        )

    def _progress(
        self,
        step: str,
        done: int = 0,
        total: int | None = None,
        rate: float = 0.0,
        left: float | None = None,
        published: bool = False,
    ) -> Progress:
        message = ""
        if step == "watching" and self._indexer.unanswered:
            message = f"{self._indexer.unanswered} wait for a drive that does not answer"
        tally = replace(self._state, encoded=self._encoded, copied=self._copied, updated=len(self._updated))
        return Progress(step, done, total, rate, left, message, tally, published=published)


class _Following:
    """Where to look next: what the watcher says, folders added by the person, and everything once an hour.

    Attributes:
        changed: Everything that waits is to be taken up: a run begins, or somebody else changed the
            catalogue, as by removing a folder or letting failures be tried again.
    """

    def __init__(
        self, catalogue: Catalogue, watcher: Watcher, left_out: Callable[[], Sequence[Path]]
    ) -> None:
        self._catalogue, self._watcher = catalogue, watcher
        self._left_out, self._was_left_out = left_out, left_out()
        self._watched: dict[int, Path] = {}
        self._states: dict[int, Literal["watched", "polled"]] = {}
        self._rescanned = time.monotonic()
        self._retry: float | None = None
        # What this thread asked before this run says nothing of what is to be done in it.
        self._catalogue.changed_elsewhere()
        self.changed = True
        self._new = self._watch()

    def try_again(self, wanted: bool, took: float) -> None:
        """Some photos stayed waiting, as their drive did not answer: take up all that waits after a while.

        Args:
            took: Seconds that the last try took.
        """
        pause = max(RETRY_SECONDS, RETRY_PAUSE * took)
        self._retry = time.monotonic() + pause if wanted else None

    def look_where_roots_are(self) -> None:
        """Drives came back: watch their folders where they are now."""
        self._new = self._watch()

    def hints(self, seconds: float) -> list[Hint]:
        """The folders to look at, waiting for one so many seconds."""
        new, self._new = self._new, []
        if self._catalogue.changed_elsewhere():
            self.changed = True
            new += self._watch()
        if self._retry is not None and time.monotonic() > self._retry:
            self._retry, self.changed = None, True
        left_out = self._left_out()
        if left_out is not self._was_left_out:
            # Another list, be it of the same folders: what one holds may have been forgotten meanwhile. Those
            # that are polled are looked at, too, as nothing has changed in them.
            self._was_left_out = left_out
            new += self._states
        if time.monotonic() - self._rescanned > RESCAN_SECONDS:
            self._rescanned = time.monotonic()
            self.changed = True
            # Those that are polled are looked at all the time.
            new += [root_id for root_id, state in self._states.items() if state == "watched"]
        self.say_how()
        every = [Hint(root_id, "", True) for root_id in dict.fromkeys(new)]
        return every + list(self._watcher.batch(0 if every else seconds))

    def _watch(self) -> list[int]:
        """Watch just the catalogue's roots; which of them are new, or lie elsewhere now."""
        roots = {root.id: root for root in self._catalogue.roots.all()}
        new = [root.id for root in roots.values() if self._watched.get(root.id) != root.path]
        for root_id in self._watched:
            if root_id in new or root_id not in roots:
                self._watcher.unwatch(root_id)
        # Watched before it is looked at, so that nothing falls between the two.
        for root in roots.values():
            self._watcher.watch(root.id, root.path)
        self._watched = {root.id: root.path for root in roots.values()}
        self.say_how(again=True)
        return new

    def say_how(self, again: bool = False) -> None:
        """Write down how each root is watched, where that is not what was written last, or once more."""
        states = {root_id: self._watcher.watch(root_id, path) for root_id, path in self._watched.items()}
        if states == self._states and not again:
            return
        self._states = states
        for root in self._catalogue.roots.all():
            state = states.get(root.id)
            if state is not None and root.state not in ("offline", state):
                self._catalogue.roots.set(root.id, state=state)
