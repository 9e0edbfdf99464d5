"""Work outside the GUI's thread: what is handed back, what is stale, how it is paused and ended."""

from __future__ import annotations

import threading
import time

import pytest
import shiboken6

from photosearch.errors import EncoderFailed, FolderUnavailable
from photosearch.gui import tasks
from photosearch.gui.tasks import Task, Worker
from photosearch.records import Progress

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def worker():
    worker = Worker("reading")
    yield worker
    worker.stop()
    assert worker.join(5)


def test_a_call_is_made_elsewhere_and_its_result_handed_back_here(worker, qtbot):
    got = []
    worker.call("x", threading.get_ident, lambda result: got.append((result, threading.get_ident())))
    qtbot.waitUntil(lambda: len(got) == 1)
    assert got[0][0] != got[0][1] == threading.get_ident()


def test_a_newer_call_makes_an_older_one_stale(worker, qtbot):
    may_go_on, made, got = threading.Event(), [], []

    def call(number):
        made.append(number)
        may_go_on.wait(5)
        return number

    for number in (1, 2, 3):
        worker.call("search", lambda number=number: call(number), got.append)
        qtbot.waitUntil(lambda: made[:1] == [1])
    worker.call("other", lambda: "other", got.append)
    may_go_on.set()
    qtbot.waitUntil(lambda: "other" in got)
    assert made == [1, 3]
    assert got == [3, "other"]


def test_what_was_forgotten_is_not_handed_back(worker, qtbot):
    got, made = [], threading.Event()
    worker.call("search", made.set, got.append)
    made.wait(5)
    worker.forget("search")
    worker.call("other", lambda: "other", got.append)
    qtbot.waitUntil(lambda: got == ["other"])


def test_an_error_of_the_world_goes_to_whoever_asked(worker, qtbot):
    got = []

    def fail():
        raise EncoderFailed("The encoder's process died.")

    worker.call("x", fail, failed=lambda error: got.append(str(error)))
    qtbot.waitUntil(lambda: got == ["The encoder's process died."])


def test_an_error_of_ours_is_raised_here(worker, qtbot):
    with qtbot.captureExceptions() as caught:
        worker.call("x", lambda: 1 / 0)
        qtbot.waitUntil(lambda: len(caught) == 1)
    assert caught[0][0] is ZeroDivisionError


def test_a_stopped_worker_hands_nothing_back(qtbot):
    worker, may_go_on, got = Worker("reading"), threading.Event(), []
    worker.call("x", lambda: may_go_on.wait(5), got.append)
    worker.stop()
    worker.call("y", lambda: 1, got.append)
    may_go_on.set()
    assert worker.join(5)
    qtbot.wait(20)
    assert got == []


def test_what_could_not_be_kept_at_the_end_is_in_the_log(qtbot, caplog):
    worker, held = Worker("reading"), threading.Event()
    worker.call("held", held.wait)

    def fail() -> None:
        raise OSError("the disk is full")

    worker.call("kept", fail, surely=True)
    worker.stop()
    held.set()
    assert worker.join(5)
    assert "the disk is full" in caplog.text


def test_what_is_to_be_kept_waits_at_the_end_for_nothing_that_is_only_read(qtbot):
    worker, held, kept = Worker("reading"), threading.Event(), []
    worker.call("read", held.wait)
    qtbot.waitUntil(lambda: worker._at_work is not None)
    for number in range(3):
        worker.call(number, lambda number=number: kept.append(number), surely=True)
    worker.call("read more", lambda: kept.append("read more"))
    worker.stop()
    assert not worker.join(0) and kept == [0, 1, 2]
    held.set()
    assert worker.join(5) and kept == [0, 1, 2]


def test_what_is_to_be_kept_has_a_time_of_its_own_at_the_end(qtbot, monkeypatch):
    worker, held, kept = Worker("duplicates"), threading.Event(), []
    worker.call("first", lambda: kept.append(held.wait()), surely=True)
    worker.call("second", lambda: kept.append("second"), surely=True)
    qtbot.waitUntil(lambda: worker._at_work is not None)
    worker.stop()
    monkeypatch.setattr(tasks, "KEEPING_SECONDS", 0.2)
    assert not worker.join(0) and kept == []
    monkeypatch.undo()
    threading.Timer(0.3, held.set).start()
    worker.join(0)
    assert kept == [True, "second"]
    assert worker.join(5)


def test_workers_that_are_stopped_together_share_the_time_for_what_is_to_be_kept(qtbot, monkeypatch):
    monkeypatch.setattr(tasks, "KEEPING_SECONDS", 2.0)
    workers, held = [Worker("reading"), Worker("duplicates")], threading.Event()
    for worker in workers:
        worker.call("kept", held.wait, surely=True)
        qtbot.waitUntil(lambda worker=worker: worker._at_work is not None)
    for worker in workers:
        worker.stop()
    assert not workers[0].join(0)
    begun = time.monotonic()
    assert not workers[1].join(0) and time.monotonic() - begun < 1.5
    held.set()
    assert all(worker.join(5) for worker in workers)


class Steps:
    """Progress without end, one step whenever it is let go on; remembers where it was closed."""

    def __init__(self):
        self.done, self.closed_in, self.go_on = 0, None, threading.Semaphore(0)

    def __call__(self):
        try:
            while True:
                self.go_on.acquire(timeout=5)
                self.done += 1
                yield Progress("indexing", self.done)
        finally:
            self.closed_in = threading.current_thread().name


def test_progress_arrives_here_until_the_task_is_stopped(qtbot):
    steps, seen = Steps(), []
    task = Task(steps, "indexing")
    task.progressed.connect(
        lambda now: seen.append((now.done, threading.current_thread() is threading.main_thread()))
    )
    task.start()
    steps.go_on.release(3)
    qtbot.waitUntil(lambda: seen == [(1, True), (2, True), (3, True)])
    task.stop()
    steps.go_on.release()
    assert task.join(5)
    assert steps.closed_in == "indexing"


def test_a_paused_task_waits_and_a_paused_one_can_be_stopped(qtbot):
    steps, seen = Steps(), []
    task = Task(steps, "indexing")
    task.progressed.connect(lambda now: seen.append(now.done))
    task.pause()
    task.start()
    steps.go_on.release(5)
    qtbot.wait(100)
    assert seen == [1]
    task.resume()
    qtbot.waitUntil(lambda: seen == [1, 2, 3, 4, 5])
    task.pause()
    steps.go_on.release()
    task.stop()
    assert task.join(5)


@pytest.mark.parametrize("error", [FolderUnavailable("It is gone."), ZeroDivisionError("ours")])
def test_a_task_that_fails_after_its_window_is_gone_is_heard_of_in_the_log_alone(error, caplog, monkeypatch):
    may_fail, uncaught = threading.Event(), []
    monkeypatch.setattr(threading, "excepthook", uncaught.append)

    def steps():
        may_fail.wait(5)
        raise error
        yield

    task = Task(steps, "indexing")
    task.start()
    shiboken6.delete(task)
    may_fail.set()
    assert task.join(5)
    assert uncaught == []
    assert [str(record.exc_info[1]) for record in caplog.records] == [str(error)]


def test_an_error_of_the_world_ends_the_task_and_is_told(qtbot):
    def steps():
        yield Progress("scanning")
        raise EncoderFailed("The encoder's process could not be started.")

    task, told = Task(steps, "indexing"), []
    task.failed.connect(lambda error: told.append(str(error)))
    task.start()
    qtbot.waitUntil(lambda: told == ["The encoder's process could not be started."])
    assert task.join(5)


def test_whoever_waits_is_told_of_an_error_of_ours_too(worker, qtbot):
    def steps():
        yield Progress("scanning")
        raise ZeroDivisionError

    task, told = Task(steps, "indexing"), []
    task.failed.connect(told.append)
    with qtbot.captureExceptions() as caught:
        worker.call("x", lambda: 1 / 0, failed=told.append)
        task.start()
        qtbot.waitUntil(lambda: len(caught) == 2)
    assert [str(error) for error in told] == ["PhotoSearch itself made a mistake; its log says which."] * 2
    assert not worker.busy and task.join(5)
