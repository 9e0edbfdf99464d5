"""Ray, or buckets, in a process of their own, so that a window has neither beside Qt.

    any thread ─ ask ─→ pipe ─→ process: a thread for each question ─→ the cluster, or a bucket
               ←─────── pipe ←─ the answer, or a sentence that says why there is none

The process ends with its parent. Whatever hangs or dies in it is a sentence for who asked, and the next
question starts another.
"""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Literal

from photosearch import processes
from photosearch.cluster.answers import ClusterAnswer, ServingStatus
from photosearch.errors import ClusterUnavailable, PhotoSearchError, PhotoUnreadable

SECONDS = 60.0
"""Who has not answered by then is taken for gone: a cluster gives partial answers sooner. The process is
ended if nobody waits for another answer, or none of its threads could give one; then another is asked."""

THREADS = 8
"""Questions under way at a time."""

Errand = Literal["status", "model", "search", "fetch"]

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Asked:
    """A question, and since when the process that has it now has had it."""

    errand: Errand
    given: tuple[Any, ...]
    answer: Future[Any] = field(default_factory=Future)
    running: _Running | None = None
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class _Running:
    process: SpawnProcess
    pipe: Connection
    waiting: dict[int, _Asked] = field(default_factory=dict)
    overdue: set[int] = field(default_factory=set)


class Messenger:
    """Does the errands below in a process of its own. Any thread may call anything.

    The process is started by the first question, and again by the next one if it died.

    Args:
        address: HOST:PORT of the head of a Ray cluster; empty: the errands need none.
    """

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._numbers = count()
        # Guards all below, and who writes to the pipe.
        self._turn = threading.Lock()
        self._running: _Running | None = None
        self._closed = False

    def ask(self, errand: Errand, *given: Any) -> Any:
        """What the errand's function below answers, given these.

        Raises:
            ClusterUnavailable: The cluster, or the process, is gone or silent.
            PhotoUnreadable: Without a cluster: the process is, or where the photo lies.
            PhotoSearchError: As the function says.
        """
        asked = _Asked(errand, given)
        patience = SECONDS
        with self._turn:
            number = next(self._numbers)
            self._send(number, asked)
        while True:
            since = asked.since
            try:
                return asked.answer.result(max(0.0, since + patience - time.monotonic()))
            except TimeoutError:
                if self._is_overdue(number, asked, since):
                    break
        if not self._address:
            raise _not_fetched(f"no answer within {patience:g} seconds")
        raise ClusterUnavailable(
            f"The cluster at {self._address} did not answer within {patience:g} seconds."
        )

    def close(self) -> None:
        """End the process; whoever waits for it is told so."""
        with self._turn:
            self._closed = True
            if self._running is not None:
                self._give_up(self._running)

    def _send(self, number: int, asked: _Asked) -> None:
        """Ask the process that runs. To be called with `_turn` held."""
        running = self._started()
        asked.running, asked.since = running, time.monotonic()
        running.waiting[number] = asked
        try:
            running.pipe.send((number, asked.errand, asked.given))
        except OSError:
            self._give_up(running)

    def _is_overdue(self, number: int, asked: _Asked, since: float) -> bool:
        """Whether to give up a question that has waited since then; False: another process was asked, or the
        answer came in this very moment."""
        with self._turn:
            running = asked.running
            if asked.since != since or running is None or running.waiting.pop(number, None) is None:
                return False
            running.overdue.add(number)
            if not running.waiting or len(running.overdue) >= THREADS:
                others = dict(running.waiting)
                running.waiting.clear()
                self._give_up(running)
                for other, waiting in others.items():
                    try:
                        self._send(other, waiting)
                    except PhotoSearchError as error:
                        waiting.answer.set_exception(error)
            return True

    def _started(self) -> _Running:
        if self._closed:
            raise ClusterUnavailable("The archive was closed.")
        if self._running is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, self._address), daemon=True, name="messenger"
            )
            try:
                processes.start(process)
            except OSError as error:
                raise ClusterUnavailable(
                    f"The process that talks to clusters could not be started: {error.strerror}."
                ) from error
            theirs.close()
            self._running = _Running(process, ours)
            threading.Thread(target=self._hear, args=(self._running,), name="messenger", daemon=True).start()
        return self._running

    def _hear(self, running: _Running) -> None:
        """Hand answers to those who wait, until the process ends."""
        try:
            while True:
                number, answer, error = running.pipe.recv()
                if number is None:
                    with self._turn:
                        self._give_up(running, error)
                    break
                with self._turn:
                    running.overdue.discard(number)
                    asked = running.waiting.pop(number, None)
                if asked is not None and error is not None:
                    asked.answer.set_exception(error)
                elif asked is not None:
                    asked.answer.set_result(answer)
        except (EOFError, OSError):
            with self._turn:
                self._give_up(running)
        running.process.join()

    def _give_up(self, running: _Running, why: PhotoSearchError | None = None) -> None:
        """Let the next question start another process. To be called with `_turn` held."""
        if self._running is running:
            self._running = None
        running.process.kill()
        if self._closed:
            why = ClusterUnavailable("The archive was closed.")
        elif why is None:
            why = (
                ClusterUnavailable(f"The connection to the cluster at {self._address} was lost.")
                if self._address
                else _not_fetched("the process that fetches photos ended unexpectedly")
            )
        while running.waiting:
            _, asked = running.waiting.popitem()
            asked.answer.set_exception(why)


def _not_fetched(reason: str) -> PhotoUnreadable:
    return PhotoUnreadable(f"The file cannot be had ({reason}).")


def _serve(pipe: Connection, address: str) -> None:
    """The life of the process."""
    processes.begin()
    turn = threading.Lock()

    def answer(number: int | None, value: Any, error: PhotoSearchError | None) -> None:
        with turn:
            pipe.send((number, value, error))

    def run(number: int, errand: Errand, given: tuple[Any, ...]) -> None:
        value, problem = None, None
        try:
            if address:
                # Of a head that is gone Ray itself would be told after a minute.
                knock(address)
            value = _ERRANDS[errand](*given)
        except PhotoSearchError as error:
            problem = error
        # One errand that fails must not end the process for the others.
        except Exception as error:
            logger.exception("an errand failed")
            problem = ClusterUnavailable(f"The cluster cannot be asked: {sentence(error)}.")
        answer(number, value, problem)

    from photosearch.cluster.connection import connected, knock
    from photosearch.cluster.store import sentence

    try:
        if address:
            # Also where “local” is meant to start a cluster: an empty one has nothing to answer.
            knock(address)
        with connected(address) if address else nullcontext(), ThreadPoolExecutor(THREADS) as threads:
            while True:
                threads.submit(run, *pipe.recv())
    except PhotoSearchError as error:
        # There is no cluster: an answer to all that was asked.
        answer(None, None, error)
    except (EOFError, OSError):
        pass


def _status() -> ServingStatus:
    """What is served.

    Raises:
        ClusterUnavailable: Nothing is, or nobody answers.
    """
    from photosearch.cluster.serving import answered, found_coordinator

    return answered(found_coordinator().status.remote(), SECONDS)


def _model(file: Path) -> None:
    """Write the model whose codes are served into a file."""
    from photosearch.cluster.serving import answered, found_coordinator

    file.write_bytes(answered(found_coordinator().model.remote(), SECONDS))


def _search(*asked: Any) -> ClusterAnswer:
    """As `Coordinator.search`."""
    from photosearch.cluster.serving import answered, found_coordinator

    return answered(found_coordinator().search.remote(*asked), SECONDS)


def _fetch(address: str, file: Path) -> None:
    """Write a photo of a bucket into a file.

    Raises:
        PhotoUnreadable: It cannot be had, with the reason as one sentence.
    """
    from photosearch.cluster.sources import at_hand

    with at_hand(address) as path:
        shutil.copyfile(path, file)


_ERRANDS: dict[Errand, Callable[..., Any]] = {
    "status": _status,
    "model": _model,
    "search": _search,
    "fetch": _fetch,
}
