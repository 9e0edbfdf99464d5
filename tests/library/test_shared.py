"""Work that several ask for at the same time."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from photosearch.errors import PhotoSearchError
from photosearch.library.shared import Shared
from photosearch.records import Progress


class Work:
    """Runs of five steps each, which take note of what is done to them."""

    def __init__(self) -> None:
        self.steps = list[tuple[int, int]]()
        self.left = list[int]()
        self._runs = 0
        self._within = threading.Semaphore(1)

    def run(self) -> Generator[Progress]:
        self._runs += 1
        run = self._runs
        try:
            for step in range(5):
                assert self._within.acquire(blocking=False), "two steps at the same time"
                threading.Event().wait(0.002)
                self.steps.append((run, step))
                self._within.release()
                yield Progress("comparing", step, 5)
        except GeneratorExit:
            self.left.append(run)
            raise


def test_many_threads_that_ask_at_once_take_turns_at_whole_runs():
    work = Work()
    shared = Shared(work.run)
    ready, failed = threading.Barrier(4), list[AssertionError]()

    def ask() -> None:
        ready.wait()
        try:
            for _ in shared.steps(True):
                pass
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    # Who comes late, after a run began, has one of its own.
    runs = work.steps[-1][0]
    assert 1 <= runs <= 4
    assert work.steps == [(run, step) for run in range(1, runs + 1) for step in range(5)]
    assert not shared.is_awaited and not work.left


def test_who_asks_amid_a_run_goes_on_with_it_and_has_another_after_it():
    work = Work()
    shared = Shared(work.run)
    first, second = shared.steps(False), shared.steps(True)
    assert [next(first).done, next(first).done, next(second).done] == [0, 1, 2]
    assert shared.is_awaited
    assert [progress.done for progress in second] == [3, 4, 0, 1, 2, 3, 4]
    assert list(first) == [], "what it asked for is done"
    assert not shared.is_awaited


def test_a_run_goes_on_until_the_last_who_asked_leaves():
    work = Work()
    shared = Shared(work.run)
    first, second = shared.steps(True), shared.steps(True)
    next(first), next(second)
    first.close()
    assert next(second).done == 2 and not work.left
    second.close()
    assert work.left == [1]
    assert [progress.done for progress in shared.steps(True)] == [0, 1, 2, 3, 4], "and then begins anew"


def test_a_run_that_fails_is_begun_anew_by_who_asks_next():
    runs = []

    def fails_once() -> Generator[Progress]:
        runs.append(1)
        yield Progress("comparing", 0)
        if len(runs) == 1:
            raise PhotoSearchError("The disk is full.")

    shared = Shared(fails_once)
    with pytest.raises(PhotoSearchError, match="full"):
        list(shared.steps(True))
    assert not shared.is_awaited
    assert len(list(shared.steps(True))) == 1
