"""Decoding in processes of its own: a file that crashes, hangs or swells a decoder costs one entry in a list.

    decode_many ─→ threads, one a worker ─→ worker process: open, decode, square, thumbnail ─→ caller
    decode_one  ─→ a worker of its own: a query waits neither for an index run nor for a screen of thumbnails
    thumbnail   ─→ a worker of its own

A thread waits for its worker and so measures its time: a worker that took too much of the processor's is
killed; one that waits, for the processor or for a drive, has far more; one that died is started again.
Workers end when the pipe to their parent does, or when the parent is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue, SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

import psutil
from PIL import AvifImagePlugin

from photosearch import processes
from photosearch.decode.picture import NO_MEMORY, decode
from photosearch.errors import DriveSilent, PhotoSearchError, PhotoUnreadable
from photosearch.records import WHOLE, Box, Decoded

AHEAD = 8
"""Photos asked for ahead, for each worker: enough to bridge the moments in which the caller is busy."""

PATIENCE = 30.0
"""A worker steps back for everything else, and drives are slow or asleep, so it may need so many times the
seconds it is allowed; it gets them as long as it is only waiting."""

PATIENCE_OF_A_PERSON = 3.0
"""The same, where somebody waits for just this photo, or for the next one."""

START_SECONDS = 60.0
"""A worker imports its libraries in a third of a second; from a cold, slow disk it may take long."""

Key = TypeVar("Key")


class DecodePool:
    """Worker processes that decode photos. Any thread may call anything.

    Attributes:
        at_work: Workers that `decode_many` keeps at work at most, from now on; None for all of them.
    """

    def __init__(self, workers: int, size: int, seconds: float = 20.0, memory_megabytes: int = 1500) -> None:
        """Start nothing yet: a process is started when the first photo is asked of it.

        Args:
            workers: Processes for `decode_many`; `decode_one` and `thumbnail` have one more each.
            size: Side of the square the model takes, in pixels.
            seconds: A file that takes more of the processor's time is given up. Waiting for a busy processor
                or for a drive does not count, up to a far longer limit.
            memory_megabytes: What one file may take, where the platform can limit it (Linux).
        """
        self.at_work: int | None = None
        background, foreground = (size, memory_megabytes, True), (size, memory_megabytes, False)
        self._workers = [_Worker(background, seconds, PATIENCE) for _ in range(workers)]
        self._foreground = _Worker(foreground, seconds, PATIENCE_OF_A_PERSON)
        self._thumbnails = _Worker(background, seconds, PATIENCE_OF_A_PERSON)
        # The one that worked last comes first: where few are kept at work, few are started.
        self._idle: LifoQueue[_Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="decode")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode_many(
        self, paths: Iterable[tuple[Key, Path]]
    ) -> Iterator[tuple[Key, Decoded | PhotoUnreadable]]:
        """Decode photos, each yielded as soon as it is done, in no particular order.

        `paths` is read only a few photos ahead. To stop iterating gives up the rest; the pool can be used on.

        Raises:
            PhotoSearchError: A worker process cannot be started.
        """
        keys: dict[Future[Decoded], Key] = {}
        done: SimpleQueue[Future[Decoded]] = SimpleQueue()
        rest = iter(paths)
        try:
            while True:
                ahead = AHEAD * len(self._workers) if self.at_work is None else self.at_work
                while len(keys) < ahead and (following := next(rest, None)) is not None:
                    key, path = following
                    future = self._threads.submit(self._decode, path)
                    keys[future] = key
                    future.add_done_callback(done.put)
                if not keys:
                    return
                future = done.get()
                key = keys.pop(future)
                try:
                    decoded: Decoded | PhotoUnreadable = future.result()
                except PhotoUnreadable as error:
                    decoded = error
                yield key, decoded
        finally:
            for future in keys:
                future.cancel()

    def decode_one(self, source: Path | bytes, box: Box = WHOLE) -> Decoded:
        """Decode a photo at once, whatever `decode_many` and `thumbnail` are at.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            PhotoSearchError: The worker process cannot be started.
        """
        return self._foreground.decode(source, box)

    def thumbnail(self, path: Path) -> bytes:
        """The thumbnail of a photo, a JPEG; those who ask at the same time are served in turn.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            PhotoSearchError: The worker process cannot be started.
        """
        return self._thumbnails.decode(path, WHOLE).thumbnail

    def close(self) -> None:
        """End the workers; what they were at is given up."""
        for worker in (*self._workers, self._foreground, self._thumbnails):
            worker.close()
        self._threads.shutdown(cancel_futures=True)

    def _decode(self, path: Path) -> Decoded:
        worker = self._idle.get()
        try:
            return worker.decode(path, WHOLE)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process, started when it is needed and again when it died."""

    def __init__(self, arguments: tuple[int, int, bool], seconds: float, patience: float) -> None:
        """Start nothing yet.

        Args:
            arguments: Those of `_work`.
            seconds: What a photo may take of the processor's time.
            patience: How many times as long it may take in all.
        """
        self._arguments = arguments
        self._seconds, self._patience = seconds, patience
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def decode(self, source: Path | bytes, box: Box) -> Decoded:
        with self._lock:
            try:
                answer = self._ask(source, box)
            except EOFError:
                # Somebody else may have killed it, for want of memory: the file is to blame only if it does
                # it again.
                try:
                    answer = self._ask(source, box)
                except EOFError:
                    raise PhotoUnreadable("The decoder crashed on this file.") from None
        if isinstance(answer, PhotoUnreadable):
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

    def _ask(self, source: Path | bytes, box: Box) -> Decoded | PhotoUnreadable:
        """The photo, or why it cannot be had. Raises EOFError when the process died over it."""
        pipe = self._running()
        try:
            pipe.send((source, box))
            reason = self._wait(pipe)
            if reason is None:
                answer: Decoded | PhotoUnreadable = pipe.recv()
                return answer
        except (EOFError, OSError):
            self._end()
            raise EOFError from None
        self._end()
        return reason

    def _wait(self, pipe: Connection) -> PhotoUnreadable | None:
        """Wait for an answer; None when it came, else why it is waited for no longer."""
        assert self._process is not None
        too_slow = PhotoUnreadable(f"Decoding took longer than {self._seconds:g} seconds.")
        end = time.monotonic() + self._seconds * self._patience
        try:
            process = psutil.Process(self._process.pid)
            used = _processor_seconds(process)
            limit = used + self._seconds
            while not pipe.poll(self._seconds):
                before, used = used, _processor_seconds(process)
                if used >= limit or process.status() == psutil.STATUS_STOPPED:
                    return too_slow
                if time.monotonic() > end:
                    # What a process sleeps for, or whether it does, not every system tells; but one that does
                    # nothing at all has nothing to do yet.
                    silent = DriveSilent("The drive did not answer in time.")
                    return silent if used - before < self._seconds / 100 else too_slow
        except psutil.Error:
            # It died, and its pipe tells.
            return None if pipe.poll(self._seconds) else too_slow
        return None

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


def _work(pipe: Connection, size: int, memory_megabytes: int, background: bool) -> None:
    """The life of a worker process."""
    processes.begin()
    _silence_libraries()
    _limit_memory(memory_megabytes)
    if background:
        _step_back()
    pipe.send(True)
    while True:
        try:
            source, box = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Decoded | PhotoUnreadable = decode(source, size, box)
        except PhotoUnreadable as error:
            answer = error
        except MemoryError:
            answer = PhotoUnreadable(NO_MEMORY)
        try:
            pipe.send(answer)
        except OSError:
            return


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
