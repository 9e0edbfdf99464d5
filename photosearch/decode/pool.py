"""Decoding in processes of its own: a file that crashes, hangs or swells a decoder costs one entry in a list.

    decode_many ─→ threads, one a worker ─→ worker process: open, decode, square, thumbnail ─→ caller
    decode_one  ─→ a worker of its own: a query waits neither for an index run nor for a screen of thumbnails
    thumbnail   ─→ a worker of its own

`worker` says what limits they have, and when they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue, SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from photosearch.decode.picture import decode, pages
from photosearch.decode.worker import Worker
from photosearch.errors import PhotoUnreadable
from photosearch.records import WHOLE, Box, Decoded

AHEAD = 8
"""Photos asked for ahead, for each worker: enough to bridge the moments in which the caller is busy."""

PATIENCE = 30
"""A worker steps back for everything else, and drives are slow or asleep, so it may need so many times the
seconds it is allowed; it gets them as long as it is only waiting."""

PATIENCE_OF_A_PERSON = 3
"""The same, where somebody waits for just this photo, or for the next one."""

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
        self._size = size
        self._workers = [Worker(memory_megabytes, True, seconds, PATIENCE) for _ in range(workers)]
        self._foreground = Worker(memory_megabytes, False, seconds, PATIENCE_OF_A_PERSON)
        self._thumbnails = Worker(memory_megabytes, True, seconds, PATIENCE_OF_A_PERSON)
        # The one that worked last comes first: where few are kept at work, few are started.
        self._idle: LifoQueue[Worker] = LifoQueue()
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
        return self._foreground.ask(decode, source, self._size, box)

    def thumbnail(self, path: Path) -> bytes:
        """The thumbnail of a photo, a JPEG; those who ask at the same time are served in turn.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            PhotoSearchError: The worker process cannot be started.
        """
        return self._thumbnails.ask(decode, path, self._size).thumbnail

    def pages(self, path: Path) -> int:
        """How many pictures a file shows one after the other; see `picture.pages`.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            PhotoSearchError: The worker process cannot be started.
        """
        # Most files are JPEGs, which have one; the name does not tell: three pages may be called .jpg.
        with suppress(OSError), path.open("rb") as file:
            if file.read(2) == b"\xff\xd8":
                return 1
        return self._thumbnails.ask(pages, path)

    def close(self) -> None:
        """End the workers; what they were at is given up."""
        for worker in (*self._workers, self._foreground, self._thumbnails):
            worker.close()
        self._threads.shutdown(cancel_futures=True)

    def _decode(self, path: Path) -> Decoded:
        worker = self._idle.get()
        try:
            return worker.ask(decode, path, self._size)
        finally:
            self._idle.put(worker)
