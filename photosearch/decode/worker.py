"""A process that does what it is asked to with files that nobody trusts, within limits.

Whoever asks waits for the answer and so measures the time: a process that took too much of the processor's is
killed; one that waits, for the processor or for a drive, has far more; one that died is started again. It
ends when the pipe to its parent does, or when the parent is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import psutil
from PIL import AvifImagePlugin

from photosearch import processes
from photosearch.decode.picture import NO_MEMORY
from photosearch.errors import DriveSilent, GivenUp, PhotoSearchError, PhotoUnreadable

START_SECONDS = 600.0
"""A worker imports its libraries in a third of a second; on a machine that is busy it took two
minutes. One that cannot start ends, which is seen at once."""

GRACE_SECONDS = 0.5
"""What nobody wants any more may take so long still: to end it costs a new process, which takes longer."""

LOOK_SECONDS = 0.05
"""How soon after that it is seen that an answer is wanted no longer."""

STRIP = 1 << 22
"""Bytes that travel at once, so that a large picture is in memory once and not three times."""

Result = TypeVar("Result")
Request = tuple[Callable[..., Any], tuple[object, ...]]
Wanted = Callable[[], bool]


class Worker:
    """One process, started when it is needed and again when it died. Any thread may ask."""

    def __init__(self, memory_megabytes: int, background: bool, seconds: float, patience: int) -> None:
        """Start nothing yet.

        Args:
            memory_megabytes: What the process may take, where the platform can limit it (Linux).
            background: Leave the processor to whatever the person is doing.
            seconds: What an answer may take of the processor's time.
            patience: How many times in a row so many seconds may pass without an answer.
        """
        self._arguments = memory_megabytes, background
        self._seconds, self._patience = seconds, patience
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def ask(
        self,
        function: Callable[..., Result],
        *arguments: object,
        wanted: Wanted | None = None,
    ) -> Result:
        """What a function of a module answers, called in the process.

        Args:
            wanted: Asked again and again; once it says no, what takes long is given up.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            GivenUp: It was wanted no longer.
            PhotoSearchError: The process cannot be started.
        """
        request = function, arguments
        with self._lock:
            try:
                answer = self._ask(request, wanted)
            except EOFError:
                # Somebody else may have killed it, for want of memory: the file is to blame only if it does
                # it again.
                try:
                    answer = self._ask(request, wanted)
                except EOFError:
                    raise PhotoUnreadable("The decoder crashed on this file.") from None
        if isinstance(answer, PhotoSearchError):
            raise answer
        return answer

    def close(self) -> None:
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        # The thread that waits for an answer sees the pipe end, and lets go.
        with self._lock:
            self._end()

    def _ask(self, request: tuple[Callable[..., Any], tuple[Any, ...]], wanted: Wanted | None) -> Any:
        """The answer, or why it cannot be had. Raises EOFError when the process died over it."""
        if wanted is not None and not wanted():
            return GivenUp("This is no longer wanted.")
        pipe = self._running()
        try:
            pipe.send(request)
            reason = self._wait(pipe, wanted)
            if reason is None:
                return _receive(pipe)
        except (EOFError, OSError):
            self._end()
            raise EOFError from None
        self._end()
        return reason

    def _wait(self, pipe: Connection, wanted: Wanted | None) -> PhotoSearchError | None:
        """Wait for an answer; None when it came, else why it is waited for no longer."""
        assert self._process is not None
        too_slow = PhotoUnreadable(f"Decoding took longer than {self._seconds:g} seconds.")
        # Counted and not timed: a machine that stood still says nothing about the process.
        left = self._patience
        try:
            process = psutil.Process(self._process.pid)
            used = _processor_seconds(process)
            limit = used + self._seconds
            while not self._poll(pipe, wanted):
                if wanted is not None and not wanted():
                    return GivenUp("This is no longer wanted.")
                before, used = used, _processor_seconds(process)
                if used >= limit or process.status() == psutil.STATUS_STOPPED:
                    return too_slow
                left -= 1
                if not left:
                    # What a process sleeps for, or whether it does, not every system tells; but one that does
                    # nothing at all has nothing to do yet.
                    silent = DriveSilent("The drive did not answer in time.")
                    return silent if used - before < self._seconds / 100 else too_slow
        except psutil.Error:
            # It died, and its pipe tells.
            return None if pipe.poll(self._seconds) else too_slow
        return None

    def _poll(self, pipe: Connection, wanted: Wanted | None) -> bool:
        """Whether an answer came within the seconds it may take."""
        if wanted is None:
            return pipe.poll(self._seconds)
        end = time.monotonic() + self._seconds
        came = pipe.poll(GRACE_SECONDS)
        while not came and wanted() and time.monotonic() < end:
            came = pipe.poll(LOOK_SECONDS)
        return came

    def _running(self) -> Connection:
        if self._closed:
            raise PhotoSearchError("Decoding was ended.")
        if self._pipe is not None:
            return self._pipe
        # Not forked: threads and the locks they hold would be copied as they are.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, *self._arguments), daemon=True, name="decode")
        try:
            processes.start(process)
            theirs.close()
            self._process, self._pipe = process, ours
            # `close` may have come too early to see the process.
            if not self._closed and ours.poll(START_SECONDS) and ours.recv():
                return ours
        except (EOFError, OSError):
            pass
        self._end()
        raise PhotoSearchError("The process that decodes photos could not be started.")

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            # One that waits for a drive that went away cannot be killed until the system gives it up.
            self._process.join(1.0)
            self._process = None


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _work(pipe: Connection, memory_megabytes: int, background: bool) -> None:
    """The life of a worker process."""
    processes.begin()
    _silence_libraries()
    _limit_memory(memory_megabytes)
    if background:
        _step_back()
    pipe.send(True)
    while True:
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = function(*arguments)
        except PhotoUnreadable as error:
            answer = error
        except MemoryError:
            answer = PhotoUnreadable(NO_MEMORY)
        try:
            _send(pipe, answer)
        except OSError:
            return


def _send(pipe: Connection, answer: object) -> None:
    """Send an answer, and what arrays it holds apart from it: they are not copied then."""
    arrays: list[pickle.PickleBuffer] = []
    pipe.send_bytes(pickle.dumps(answer, 5, buffer_callback=arrays.append))
    parts = [array.raw() for array in arrays]
    pipe.send([part.nbytes for part in parts])
    for part in parts:
        for start in range(0, part.nbytes, STRIP):
            pipe.send_bytes(part[start : start + STRIP])


def _receive(pipe: Connection) -> Any:
    message, sizes = pipe.recv_bytes(), pipe.recv()
    arrays = [bytearray(size) for size in sizes]
    for array in arrays:
        whole = memoryview(array)
        for start in range(0, len(array), STRIP):
            pipe.recv_bytes_into(whole[start : start + STRIP])
    return pickle.loads(message, buffers=arrays)  # noqa: S301 - made by our own process, from no file


def _silence_libraries() -> None:
    """Keep what decoders say of odd files, line after line, from the terminal; tracebacks still come."""
    warnings.simplefilter("ignore")
    # A program without a terminal, as on Windows, has no error output.
    if sys.stderr is not None:
        output = sys.stderr.fileno()
        sys.stderr = os.fdopen(os.dup(output), "w", encoding="utf-8", errors="backslashreplace")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


def _limit_memory(megabytes: int) -> None:
    """Let this process take so much more than it has now; only Linux keeps to it."""
    if sys.platform == "linux":
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = taken + megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def _step_back() -> None:
    """Leave the processor to whatever the person is doing."""
    # Otherwise every worker has as many threads for AVIF as there are cores.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), below_normal)
    else:
        os.nice(10)
