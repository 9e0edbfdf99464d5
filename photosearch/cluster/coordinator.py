"""An actor that asks all searchers and joins their answers, exactly or saying what is missing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray
from ray.exceptions import RayError, RayTaskError
from ray.util.metrics import Counter, Gauge, Histogram

from photosearch.blocks import CodeBlocks
from photosearch.cluster import photos
from photosearch.cluster.answers import ClusterAnswer, ClusterMatch, Nearest, ServingStatus
from photosearch.cluster.connection import NAMESPACE
from photosearch.cluster.searcher import MILLISECONDS, Found, best
from photosearch.cluster.store import Manifest, Shard, Store
from photosearch.encode.looks import nearer
from photosearch.encode.same_shot import NEAREST
from photosearch.errors import ClusterUnavailable, ModelMismatch, PhotoSearchError
from photosearch.library.snapshot import Background
from photosearch.records import Filters

logger = logging.getLogger(__name__)

WATCH_SECONDS = 2.0
"""The manifest is looked at so often for shards that were added."""

HEDGE_SECONDS = 0.5
"""A searcher that has not answered by then is not waited for alone, if another holds the same shards."""

AGAIN_SECONDS = 0.05
"""Between two attempts at a searcher that is being started again."""

SAMPLED = 4096
"""Codes of which pairs are taken to tell how unusual a score is."""


@dataclass(frozen=True, slots=True)
class _Assignment:
    """Which shards are whose.

    Attributes:
        manifest: Of all of them.
        parts: What the searchers of each part hold of it.
    """

    manifest: Manifest
    parts: tuple[Manifest, ...]

    @classmethod
    def of(cls, manifest: Manifest, parts: int) -> _Assignment:
        # In turn, so that a shard that is added moves no other, and whoever begins anew comes to the same.
        own = (manifest.shards[part::parts] for part in range(parts))
        return cls(manifest, tuple(replace(manifest, shards=shards) for shards in own))


class Coordinator:
    """Answers searches by a store's searchers, as an actor.

    Args:
        searchers: Of each part the names of those that hold the same shards.
        at_once: Searches that are answered at a time: each is the work of all machines.
        waiting: Searches that may wait for their turn; more are refused.
        patience: Seconds after which an answer is given without those searchers that are silent.
    """

    def __init__(
        self,
        store: Store,
        searchers: Sequence[Sequence[str]],
        at_once: int,
        waiting: int,
        patience: float,
    ) -> None:
        self._store, self._patience = store, patience
        # By name: this actor may be started again when nobody is left who could hand it the actors.
        self._searchers: list[list[Any]] = [
            [ray.get_actor(name, NAMESPACE) for name in part] for part in searchers
        ]
        self._model = store.model()
        self._assignment: _Assignment | None = None
        self._background = Background(np.zeros(0, np.float32), 0)
        self._assigning = threading.Lock()
        self._watching = False
        self._turns = threading.Semaphore(at_once)
        self._most = at_once + waiting
        self._counting = threading.Lock()
        self._under_way = self._searches = self._turn = 0
        self._missing: dict[str, str] = {}
        self._latency = Histogram(
            "photosearch_search_milliseconds", "From a query vector to the answer", boundaries=MILLISECONDS
        )
        self._queue = Gauge("photosearch_searches_under_way", "Searches being answered or waiting")
        self._shards = Gauge("photosearch_shards", "Shards that are served")
        self._photos = Gauge("photosearch_photos", "Photos that are served")
        self._partial = Counter("photosearch_partial_answers", "Answers without some of the shards")
        self._refused = Counter("photosearch_refused_searches", "Searches refused because too many waited")

    def ready(self) -> ServingStatus:
        """Let the searchers load what the store holds; what is served then.

        Raises:
            StoreUnusable: The manifest cannot be read.
        """
        self._follow()
        with self._assigning:
            if not self._watching:
                threading.Thread(target=self._watch, name="manifest", daemon=True).start()
                self._watching = True
        return self.status()

    def status(self) -> ServingStatus:
        """What is served now."""
        manifest = self._current().manifest
        return ServingStatus(
            self._model.spec.identity,
            manifest.generation,
            manifest.answering,
            len(manifest.shards),
            dict(self._missing),
            self._searches,
            self._under_way,
        )

    def model(self) -> bytes:
        """The file of the model whose codes these are.

        Raises:
            StoreUnusable: It cannot be read.
        """
        with self._store.model_path() as path:
            return path.read_bytes()

    def nearest(
        self,
        queries: NDArray[np.float32],
        count: int,
        filters: Filters | None = None,
        under: str = "",
    ) -> Nearest:
        """The photos nearest to each of some unit vectors, shape (n, D), compared together.

        Raises:
            ClusterUnavailable: Too many searches wait already.
        """
        with self._my_turn():
            return self._nearest(self._current(), queries, count, filters, under)

    def search(
        self,
        identity: str,
        vectors: NDArray[np.float32],
        count: int,
        filters: Filters,
        under: str = "",
        content: tuple[bytes, int] | None = None,
    ) -> ClusterAnswer:
        """The photos most like any of two looks: first copies of the example's file, then the same shot.

        Args:
            identity: Of the model that made the vectors.
            vectors: Unit vectors, one for each of `encode.looks`, shape (2, D).
            content: Hash of the ends and size of the only example's file, where it was taken whole.

        Raises:
            ModelMismatch: The photos were encoded by another model.
            ClusterUnavailable: Too many searches wait already.
        """
        with self._my_turn():
            if identity != self._model.spec.identity:
                raise ModelMismatch(
                    f"What is served was encoded by model {self._model.spec.identity}, not by {identity}:"
                    f" name its file with --model; the store at {self._store.address} has one."
                )
            start = time.perf_counter()
            assignment = self._current()
            narrowed = None if replace(filters, kind="") == Filters() else filters
            most = max(count, NEAREST)
            found = self._nearest(assignment, vectors, most, narrowed, under)
            missing = dict(found.missing)
            rows, scores, cosines = self._cosines(assignment, found, most, missing)

            def nearest_of_all() -> NDArray[np.float32]:
                """As near as before are the others, whatever a filter hides of them."""
                if narrowed is None and not under:
                    return cosines
                every = self._nearest(assignment, vectors, NEAREST, None, "")
                return self._cosines(assignment, every, NEAREST, missing)[2]

            alike = self._model.same_shots(cosines, nearest_of_all)
            milliseconds = 1e3 * (time.perf_counter() - start)
        matches = []
        for (number, row), score, same in zip(rows.items(), scores.tolist(), alike.tolist(), strict=True):
            copy = content is not None and (row["content"], row["bytes"]) == content
            matches.append((not copy, not same, number, score, row))
        matches.sort(key=lambda match: match[:2])
        percentiles = self._background.percentiles(np.array([match[3] for match in matches], np.float32))
        answers: list[ClusterMatch] = []
        for (other, unlike, number, score, row), percentile in zip(matches, percentiles, strict=True):
            same = not (other and unlike)
            if (same or not filters.kind) and len(answers) < count:
                answers.append(
                    ClusterMatch(
                        len(answers) + 1,
                        number,
                        str(row["address"]),
                        int(row["bytes"] or 0),
                        int(row["dated"] or 0),
                        photos.details_of(row),
                        score,
                        float(percentile),
                        "same-shot" if same else "similar",
                    )
                )
        return ClusterAnswer(tuple(answers), found.searched, missing, milliseconds)

    # Inside

    def _nearest(
        self,
        assignment: _Assignment,
        queries: NDArray[np.float32],
        count: int,
        filters: Filters | None,
        under: str,
    ) -> Nearest:
        start = time.perf_counter()
        number = assignment.manifest.generation
        answers: dict[int, Found] = self._ask(
            assignment,
            range(len(self._searchers)),
            lambda searcher: searcher.nearest.remote(number, queries, count, filters, under),
        )
        missing = self._silent(assignment, set(range(len(self._searchers))) - answers.keys())
        for answer in answers.values():
            missing |= answer.missing
        numbers, scores = [], []
        for at in range(len(queries)):
            joined = best(
                [np.zeros(0, np.int64), *(answer.numbers[at] for answer in answers.values())],
                [np.zeros(0, np.float32), *(answer.scores[at] for answer in answers.values())],
                count,
            )
            numbers.append(joined[0])
            scores.append(joined[1])
        self._latency.observe(1e3 * (time.perf_counter() - start))
        if missing:
            self._partial.inc()
        return Nearest(
            tuple(numbers), tuple(scores), sum(answer.searched for answer in answers.values()), missing
        )

    def _cosines(
        self, assignment: _Assignment, found: Nearest, count: int, missing: dict[str, str]
    ) -> tuple[dict[int, dict[str, Any]], NDArray[np.float32], NDArray[np.float32]]:
        """What the store knows of the photos nearest to any look, their scores and cosines; best first.

        Those of shards that cannot tell are left out.
        """
        numbers, near = nearer(zip(found.numbers, found.scores, strict=True), count)
        known = self._rows(assignment, numbers.tolist(), missing)
        at = [place for place, number in enumerate(numbers.tolist()) if number in known]
        rows = {number: known[number] for number in numbers[at].tolist()}
        codes = np.array([row["code"] for row in rows.values()], np.uint8)
        scores = near[at]
        return rows, scores, self._model.cosines(scores, codes.reshape(-1, self._model.spec.bytes))

    def _rows(
        self, assignment: _Assignment, numbers: Sequence[int], missing: dict[str, str]
    ) -> dict[int, dict[str, Any]]:
        """What the store knows of some photos; shards that cannot tell become missing ones."""
        number = assignment.manifest.generation
        rows: dict[int, dict[str, Any]] = {}
        parts = {
            part: [shard for shard in of.shards if any(_holds(shard, one) for one in numbers)]
            for part, of in enumerate(assignment.parts)
        }
        asked = [part for part, shards in parts.items() if shards]
        answers = self._ask(assignment, asked, lambda searcher: searcher.photos.remote(number, numbers))
        for answer in answers.values():
            rows |= answer
        for part in asked:
            for shard in parts[part]:
                if any(_holds(shard, one) and one not in rows for one in numbers):
                    missing[shard.name] = "What is known of its photos cannot be read."
        return rows

    def _ask(
        self, assignment: _Assignment, parts: Sequence[int], call: Callable[[Any], ray.ObjectRef[Any]]
    ) -> dict[int, Any]:
        """Ask one searcher of each part, another where it is silent; the answers by part.

        One that was started again is told first what to hold. Parts without an answer are left out.
        """
        end = time.monotonic() + self._patience
        self._turn += 1
        asking = {part: _Asking(list(self._searchers[part]), self._turn) for part in parts}
        answers: dict[int, Any] = {}
        while len(answers) < len(asking) and time.monotonic() < end:
            for part, one in asking.items():
                if part not in answers:
                    one.ask(call)
            refs = {ref: part for part, one in asking.items() if part not in answers for ref in one.pending}
            ready, _ = ray.wait(list(refs), num_returns=1, timeout=AGAIN_SECONDS) if refs else ([], [])
            if not refs:
                time.sleep(AGAIN_SECONDS)
            for ref in ready:
                part = refs[ref]
                answer = asking[part].take(ref, assignment.parts[part])
                if answer is not None:
                    answers[part] = answer
        return answers

    def _silent(self, assignment: _Assignment, parts: set[int]) -> dict[str, str]:
        reason = f"No machine that holds it answered within {self._patience:g} seconds."
        return {shard.name: reason for part in parts for shard in assignment.parts[part].shards}

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with self._counting:
            if self._under_way >= self._most:
                self._refused.inc()
                raise ClusterUnavailable(
                    f"{self._under_way} searches are under way already, the most that may wait: try again."
                )
            self._under_way += 1
            self._queue.set(self._under_way)
        try:
            with self._turns:
                yield
        finally:
            with self._counting:
                self._under_way -= 1
                self._searches += 1
                self._queue.set(self._under_way)

    def _current(self) -> _Assignment:
        if self._assignment is None:
            # This actor was started again, and nobody called `ready`.
            self.ready()
        assert self._assignment is not None
        return self._assignment

    def _watch(self) -> None:
        while True:
            time.sleep(WATCH_SECONDS)
            try:
                self._follow()
                self._look_for_missing(self._current())
            except (PhotoSearchError, RayError) as error:
                # What is served stays as it was, and is looked for again.
                logger.warning("%s", error)

    def _follow(self) -> None:
        """Let the searchers load what was added; until they have, searches are answered without it."""
        with self._assigning:
            manifest = self._store.manifest()
            before = self._assignment
            if before is not None and manifest == before.manifest:
                return
            if manifest.spec != self._model.spec:
                logger.warning("the store holds codes of another model now, which are not served")
                return
            assignment = _Assignment.of(manifest, len(self._searchers))
            loads = {
                searcher.assign.remote(manifest.generation, own): part
                for part, own in enumerate(assignment.parts)
                for searcher in self._searchers[part]
            }
            self._missing = self._loaded(assignment, loads)
            self._assignment = assignment
            self._shards.set(len(manifest.shards))
            self._photos.set(manifest.answering)
            if not self._background.fits(manifest.answering):
                self._background = self._sampled(assignment)

    def _look_for_missing(self, assignment: _Assignment) -> None:
        """Searchers try again to load what they could not: note what is missing still."""
        number = assignment.manifest.generation
        parts = range(len(self._searchers))
        answers: dict[int, dict[str, str]] = self._ask(
            assignment, parts, lambda searcher: searcher.missing.remote(number)
        )
        missing = self._silent(assignment, set(parts) - answers.keys())
        for answer in answers.values():
            missing |= answer
        self._missing = missing

    def _loaded(self, assignment: _Assignment, loads: dict[ray.ObjectRef[Any], int]) -> dict[str, str]:
        """Wait until a searcher of each part has loaded; which shards could not be, and why."""
        missing: dict[str, str] = {}
        loaded: set[int] = set()
        # Loading takes as long as it takes; who died over it is told again when it is asked.
        while loads and len(loaded) < len(assignment.parts):
            ready, _ = ray.wait(list(loads), num_returns=1)
            for ref in ready:
                part = loads.pop(ref)
                try:
                    missing |= ray.get(ref)
                    loaded.add(part)
                except RayTaskError:
                    raise
                except RayError:
                    logger.warning("a searcher of part %d died while it loaded", part)
        return missing

    def _sampled(self, assignment: _Assignment) -> Background:
        number, total = assignment.manifest.generation, max(1, assignment.manifest.answering)
        shares = [SAMPLED * own.answering // total for own in assignment.parts]
        samples = [
            self._searchers[part][0].sample.remote(number, share)
            for part, share in enumerate(shares)
            if share
        ]
        try:
            rows = [rows for rows in ray.get(samples, timeout=self._patience) if len(rows)]
        except RayError:
            return self._background
        if not rows:
            return self._background
        background = Background.of(CodeBlocks.from_rows(np.concatenate(rows)), self._model.codebooks)
        return replace(background, count=assignment.manifest.answering)


class _Asking:
    """The searchers of one part, of which one is to answer.

    Attributes:
        pending: What they were asked.
    """

    def __init__(self, searchers: list[Any], turn: int) -> None:
        # They take turns at being the first.
        first = turn % len(searchers)
        self._rest = searchers[first:] + searchers[:first]
        self.pending: dict[ray.ObjectRef[Any], tuple[Any, bool]] = {}
        self._asked = self._failed = 0.0

    def ask(self, call: Callable[[Any], ray.ObjectRef[Any]]) -> None:
        """Ask the next searcher, if none is asked or they are silent."""
        self._call = call
        now = time.monotonic()
        idle = not self.pending and now - self._failed > AGAIN_SECONDS
        if self._rest and (idle or (self.pending and now - self._asked > HEDGE_SECONDS)):
            searcher = self._rest.pop(0)
            self.pending[call(searcher)] = searcher, False
            self._asked = now

    def take(self, ref: ray.ObjectRef[Any], own: Manifest) -> Any:
        """The answer that came; None if it is none."""
        searcher, assigning = self.pending.pop(ref)
        try:
            answer = ray.get(ref)
        except RayTaskError:
            raise
        except RayError:
            # It died, and is started again: it may be asked again after the others.
            self._rest.append(searcher)
            # Another may be asked at once.
            self._failed = time.monotonic() if len(self._rest) == 1 else 0.0
            return None
        if assigning:
            self.pending[self._call(searcher)] = searcher, False
            return None
        if answer is None:
            self.pending[searcher.assign.remote(own.generation, own)] = searcher, True
        return answer


def _holds(shard: Shard, number: int) -> bool:
    return shard.start <= number < shard.start + shard.count
