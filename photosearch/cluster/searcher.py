"""An actor that holds some shards in memory and searches them by the engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import ray
from numpy.typing import NDArray
from ray.util.metrics import Gauge, Histogram

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.cluster import photos
from photosearch.cluster.store import Manifest, Shard, Store
from photosearch.errors import PhotoSearchError
from photosearch.records import Filters

MILLISECONDS = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0]
"""Boundaries of the histograms of times."""

KEPT = 2
"""Assignments that are known: the one that is asked for, and the one before while others still learn it."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before shards that could not be loaded are tried again: twice as long each time, up to the last."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is nearest to each of some queries in some shards.

    Attributes:
        numbers, scores: Of each query's nearest photos, best first, equal scores by number.
        searched: Codes that were compared.
        missing: Why some shards were not searched, by name.
    """

    numbers: tuple[NDArray[np.int64], ...]
    scores: tuple[NDArray[np.float32], ...]
    searched: int
    missing: dict[str, str]


@dataclass(slots=True)
class _Held:
    """A shard in memory; its table is opened when it is first needed."""

    shard: Shard
    codes: CodeBlocks
    allowed: NDArray[np.bool_] | None
    table: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class _Assigned:
    held: tuple[_Held, ...]
    missing: dict[str, str]


class Searcher:
    """Some shards of a store, as an actor.

    What it is to hold is told by `assign`, under a number that each search names: one that was started again
    knows none, and says so.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._codebooks: engine.Codebooks | None = None
        self._assigned: dict[int, _Assigned] = {}
        # Held while shards are loaded.
        self._loading = threading.Lock()
        self._latest: tuple[int, Manifest] | None = None
        self._trying_again = False
        self._searching = Histogram(
            "photosearch_shards_search_milliseconds",
            "What the engine takes to search the shards of one searcher",
            boundaries=MILLISECONDS,
        )
        self._codes = Gauge("photosearch_shards_codes", "Codes in the memory of a searcher")
        self._shards = Gauge("photosearch_shards_held", "Shards in the memory of a searcher")

    @ray.method(concurrency_group="load")
    def assign(self, number: int, manifest: Manifest) -> dict[str, str]:
        """Hold the shards of a manifest; why some cannot be, by name."""
        with self._loading:
            missing = self._hold(number, manifest)
            self._latest = number, manifest
            if missing and not self._trying_again:
                self._trying_again = True
                threading.Thread(target=self._try_again, name="missing shards", daemon=True).start()
        return missing

    @ray.method(concurrency_group="look")
    def missing(self, number: int) -> dict[str, str] | None:
        """Why some shards are not here, by name; None as for `nearest`."""
        assigned = self._assigned.get(number)
        return None if assigned is None else assigned.missing

    @ray.method(concurrency_group="search")
    def nearest(
        self,
        number: int,
        queries: NDArray[np.float32],
        count: int,
        filters: Filters | None = None,
        under: str = "",
    ) -> Found | None:
        """The photos nearest to each of some unit vectors, shape (n, D); None: it is not assigned so."""
        assigned = self._assigned.get(number)
        if assigned is None:
            return None
        start = time.perf_counter()
        missing = dict(assigned.missing)
        numbers = [np.zeros(0, np.int64)] * len(queries)
        scores = [np.zeros(0, np.float32)] * len(queries)
        searched = 0
        queries = np.ascontiguousarray(queries)
        for held in assigned.held:
            assert self._codebooks is not None
            try:
                allowed = self._allowed(held, filters, under)
            except PhotoSearchError as error:
                missing[held.shard.name] = str(error)
                continue
            bits = None if allowed is None else engine.packed(allowed)
            found = engine.nearest_each(
                held.codes, self._codebooks, queries, count, bits, _floor(scores, count)
            )
            searched += held.shard.answering
            for at, matches in enumerate(found):
                numbers[at], scores[at] = best(
                    [numbers[at], matches.positions + held.shard.start], [scores[at], matches.scores], count
                )
        self._searching.observe(1e3 * (time.perf_counter() - start))
        return Found(tuple(numbers), tuple(scores), searched, missing)

    @ray.method(concurrency_group="look")
    def photos(self, number: int, wanted: Sequence[int]) -> dict[int, dict[str, object]] | None:
        """The rows of these photos with their `code`, by number, if they are here; None as for `nearest`."""
        assigned = self._assigned.get(number)
        if assigned is None:
            return None
        rows: dict[int, dict[str, object]] = {}
        for held in assigned.held:
            shard = held.shard
            here = [one for one in wanted if shard.start <= one < shard.start + shard.count]
            if here:
                try:
                    found = self._table(held).take([one - shard.start for one in here]).to_pylist()
                except PhotoSearchError:
                    continue
                codes = held.codes.rows(np.array(here) - shard.start)
                for one, row, code in zip(here, found, codes, strict=True):
                    rows[one] = {**row, "code": code}
        return rows

    @ray.method(concurrency_group="load")
    def sample(self, number: int, count: int) -> NDArray[np.uint8]:
        """Codes of so many photos at random, a share of each shard, shape (n, M)."""
        assigned = self._assigned.get(number)
        chosen = np.random.default_rng(0)
        held = [one for one in assigned.held if one.shard.count] if assigned else []
        total = sum(one.shard.count for one in held)
        return np.concatenate(
            [
                one.codes.rows(chosen.integers(one.shard.count, size=-(-count * one.shard.count // total)))
                for one in held
            ]
            or [np.zeros((0, 1), np.uint8)]
        )

    def _hold(self, number: int, manifest: Manifest) -> dict[str, str]:
        """Load what of a manifest is not here yet; why some shards cannot be, by name."""
        known = {held.shard.name: held for assigned in self._assigned.values() for held in assigned.held}
        held: list[_Held] = []
        missing: dict[str, str] = {}
        wanted = manifest.shards
        try:
            self._codebooks = self._codebooks or engine.Codebooks.of(self._store.model().codebooks)
        except PhotoSearchError as error:
            # Of a store in a folder that this machine does not have nothing can be read.
            wanted, missing = (), dict.fromkeys((shard.name for shard in manifest.shards), str(error))
        for shard in wanted:
            if shard.name in known and known[shard.name].shard == shard:
                held.append(known[shard.name])
                continue
            try:
                held.append(self._load(manifest, shard, known.get(shard.name)))
            except PhotoSearchError as error:
                missing[shard.name] = str(error)
        # Replaced whole: a search that is under way goes on with what it has. The last ones, not the highest:
        # a store that was made anew begins with low numbers.
        before = [one for one in self._assigned.items() if one[0] != number]
        self._assigned = dict([*before, (number, _Assigned(tuple(held), missing))][-KEPT:])
        self._codes.set(sum(one.shard.count for one in held))
        self._shards.set(len(held))
        return missing

    def _try_again(self) -> None:
        """Load what could not be loaded, until it is here: a drive or a bucket may come back."""
        pause = FIRST_PAUSE
        while True:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            with self._loading:
                assert self._latest is not None
                if not self._hold(*self._latest):
                    self._trying_again = False
                    return

    def _load(self, manifest: Manifest, shard: Shard, known: _Held | None) -> _Held:
        # Of one whose photos have changed only the mask is another.
        codes = known.codes if known is not None else self._store.codes(manifest.spec, shard)
        allowed = None
        if shard.retired:
            allowed = np.ones(shard.count, bool)
            allowed[list(shard.retired)] = False
        return _Held(shard, codes, allowed, known.table if known is not None else None)

    def _table(self, held: _Held) -> pa.Table:
        if held.table is None:
            held.table = self._store.photos(held.shard)
        return held.table

    def _allowed(self, held: _Held, filters: Filters | None, under: str) -> NDArray[np.bool_] | None:
        passing = None
        if filters is not None or under:
            passing = photos.passing(self._table(held), filters or Filters(), under)
        if passing is None or held.allowed is None:
            return passing if held.allowed is None else held.allowed
        return passing & held.allowed


def best(
    numbers: Sequence[NDArray[np.int64]], scores: Sequence[NDArray[np.float32]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best of several answers to a query: by score, equal scores by number."""
    joined, of = np.concatenate(numbers), np.concatenate(scores)
    order = np.lexsort((joined, -of))[:count]
    return joined[order], of[order]


def _floor(scores: Sequence[NDArray[np.float32]], count: int) -> float | None:
    """What a photo of another shard must reach to be among the best of any query."""
    if not count or any(len(of) < count for of in scores):
        return None
    return float(min(of[-1] for of in scores))
