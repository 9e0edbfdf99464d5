"""Work outside the GUI's thread, with its results handed back inside it.

`Worker` makes short calls one after another; `Task` runs long work, an iterator of `Progress`. Both know two
kinds of error: the world's go to whoever asked; ours are raised again in the GUI's thread and reported there,
and whoever asked is told that there was one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from photosearch.errors import PhotoSearchError
from photosearch.records import Progress

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

KEEPING_SECONDS = 10.0
"""So long after all workers were stopped the end waits for what is to be kept, in whichever of them."""


class Mistake(PhotoSearchError):
    """A mistake of ours ended what was asked for; the log has it."""

    def __init__(self) -> None:
        super().__init__("PhotoSearch itself made a mistake; its log says which.")


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    subject: Hashable
    function: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[PhotoSearchError], None]
    surely: bool


class Worker(QObject):
    """One thread that makes calls in turn.

    A newer call about the same subject makes an older one stale: it is not made if it has not begun, and
    nobody hears of it if it has.
    """

    _returned = Signal(object, object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: dict[Hashable, _Call] = {}
        self._waiting: deque[_Call] = deque()
        self._changed = threading.Condition()
        self._at_work: _Call | None = None
        self._stopping, self._stopped = False, 0.0
        self._returned.connect(self._hand_back)
        self._name, self._threads = name, list[threading.Thread]()
        self._begin()

    def _begin(self) -> None:
        self._threads.append(threading.Thread(target=self._run, name=self._name, daemon=True))
        self._threads[-1].start()

    def call(
        self,
        subject: Hashable,
        function: Callable[[], Result],
        done: Callable[[Result], None] = lambda result: None,
        failed: Callable[[PhotoSearchError], None] = lambda error: None,
        surely: bool = False,
    ) -> None:
        """Call `function` in the worker's thread, then `done` or `failed` in the GUI's.

        Args:
            surely: Call it also if the worker is stopped before its turn: it writes what is to be kept.
        """
        call = _Call(subject, function, done, failed, surely)
        with self._changed:
            if self._stopping:
                return
            if subject in self._newest:
                self._waiting = deque(other for other in self._waiting if other.subject != subject)
            self._newest[subject] = call
            self._waiting.append(call)
            self._changed.notify()

    @property
    def busy(self) -> bool:
        """Whether somebody still waits for an answer."""
        with self._changed:
            return bool(self._newest)

    def is_asked(self, subject: Hashable) -> bool:
        """Whether somebody still waits for an answer on this subject."""
        with self._changed:
            return subject in self._newest

    def forget(self, subject: Hashable) -> None:
        """Make what was asked about this subject stale."""
        with self._changed:
            self._newest.pop(subject, None)
            self._waiting = deque(call for call in self._waiting if call.subject != subject)

    def stop(self) -> None:
        """Begin nothing more but what is surely to be done, and hand nothing back; does not wait."""
        with self._changed:
            self._stopping, self._stopped = True, time.monotonic()
            self._waiting = deque(call for call in self._waiting if call.surely)
            self._newest.clear()
            if self._waiting and self._at_work and not self._at_work.surely:
                # It may hang at a drive that does not answer, and nobody hears of it any more.
                self._begin()
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait for a stopped worker; whether it has ended.

        What is surely to be done has `KEEPING_SECONDS` since the stop, so that several workers which were
        stopped together share them; whatever else is under way has so many seconds.
        """
        left = max(0.0, self._stopped + KEEPING_SECONDS - time.monotonic())
        with self._changed:
            self._changed.wait_for(
                lambda: not self._waiting and not (self._at_work and self._at_work.surely), left
            )
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            with self._changed:
                if threading.current_thread() is not self._threads[-1]:
                    # Another one has taken over what is left.
                    return
                self._at_work = None
                self._changed.notify()
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if not self._waiting:
                    return
                call = self._at_work = self._waiting.popleft()
            result, error = None, None
            try:
                result = call.function()
            except Exception as caught:  # noqa: BLE001 - raised again in the GUI's thread
                error = caught
            if not self._stopping:
                _emit(self, "_returned", call, result, error)
            elif error:
                logger.warning("At the end this failed: %s", error, exc_info=error)
            del call, result, error

    @Slot(object, object, object)
    def _hand_back(self, call: _Call, result: object, error: Exception | None) -> None:
        if self._newest.get(call.subject) is not call:
            return
        del self._newest[call.subject]
        if error is None:
            call.done(result)
        elif isinstance(error, PhotoSearchError):
            call.failed(error)
        else:
            # Else whoever asked would wait for ever.
            call.failed(Mistake())
            raise error


class Task(QObject):
    """Long work in a thread of its own: paused between two steps, stopped by not going on."""

    progressed = Signal(object)
    """A `Progress`."""
    failed = Signal(object)
    """A `PhotoSearchError` that ended the work."""
    _broke = Signal(object)

    def __init__(
        self, steps: Callable[[], Iterator[Progress]], name: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = steps
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._stopping = False
        self._broke.connect(self._report)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def paused(self) -> bool:
        """Whether it waits to be resumed."""
        return not self._may_go_on.is_set()

    def pause(self) -> None:
        """Wait after the step that is under way."""
        self._may_go_on.clear()

    def resume(self) -> None:
        """Go on."""
        self._may_go_on.set()

    def stop(self) -> None:
        """End after the step that is under way; does not wait."""
        self._stopping = True
        self._may_go_on.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread of a stopped task; whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        # A generator is closed in the thread that ran it: what it holds open belongs to that thread.
        steps = self._steps()
        try:
            for progress in steps:
                if not self._stopping:
                    _emit(self, "progressed", progress)
                self._may_go_on.wait()
                if self._stopping:
                    break
        except PhotoSearchError as error:
            if not self._stopping:
                _emit(self, "failed", error)
        except Exception as error:  # noqa: BLE001 - raised again in the GUI's thread
            if not self._stopping:
                _emit(self, "_broke", error)
        finally:
            if isinstance(steps, Generator):
                steps.close()

    @Slot(object)
    def _report(self, error: Exception) -> None:
        self.failed.emit(Mistake())
        raise error


def _emit(sender: QObject, signal: str, *values: object) -> None:
    """Emit a signal; if the window is gone by now, with all that was in it, only the log hears of it."""
    try:
        getattr(sender, signal).emit(*values)
    except RuntimeError:
        error = next((value for value in values if isinstance(value, Exception)), None)
        logger.warning("Nobody is left to hear of this: %s", error or values, exc_info=error)
