"""Says of many pairs of photos whether they are of the same shot: here, or in processes, one a core.

Threads gain nothing: what is done to one pair is many small steps, between which only one thread can work.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import LifoQueue
from types import TracebackType
from typing import Self

from photosearch.decode import Worker
from photosearch.duplicates import Verdict, verdicts
from photosearch.errors import PhotoSearchError
from photosearch.records import Photo

MANY = 500
"""Fewer pairs are judged here, before processes would have started."""

AT_ONCE = 32
"""Pairs that a process is asked about at a time."""

THUMBNAILS = 1000
"""Thumbnails kept: a photo that has many copies is asked for again and again."""

MEGABYTES, SECONDS, PATIENCE = 500, 20.0, 30
"""Limits of a process, and of one answer; see `decode.Worker`."""

Thumbnail = Callable[[Photo], bytes | None]
PhotoPair = tuple[Photo, Photo]


class Judges:
    """Judges pairs by their thumbnails. Its processes step back for whatever the person is doing.

    Args:
        thumbnail: A photo's thumbnail, a JPEG.
        processes: How many to start, once there is much to do.
    """

    def __init__(self, thumbnail: Thumbnail, processes: int) -> None:
        self._thumbnail, self._count = thumbnail, processes
        self._kept = OrderedDict[tuple[int, int, int], bytes | None]()
        self._idle: LifoQueue[Worker] = LifoQueue()
        self._workers: list[Worker] = []
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.close()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def expect(self, pairs: int) -> None:
        """So many pairs are going to be asked about: get processes for them, if it is worth while."""
        if pairs < MANY or self._count < 2 or self._workers:
            return
        self._workers = [Worker(MEGABYTES, True, SECONDS, PATIENCE) for _ in range(self._count)]
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="judge")

    def verdicts(self, pairs: Sequence[PhotoPair]) -> list[Verdict | None]:
        """What pairs are to one another; None where a thumbnail is missing or broken."""
        asked = [self._asked(pairs[start : start + AT_ONCE]) for start in range(0, len(pairs), AT_ONCE)]
        ask = map if self._threads is None else self._threads.map
        answers = ask(self._answer, asked)
        return [verdict for answer in answers for verdict in answer]

    def _asked(self, pairs: Sequence[PhotoPair]) -> tuple[list[bytes], list[tuple[int, int]]]:
        places: dict[int, int] = {}
        for pair in pairs:
            for photo in pair:
                places.setdefault(photo.id, len(places))
        photos = {photo.id: photo for pair in pairs for photo in pair}
        # One that is missing is no picture.
        thumbnails = [self._jpeg(photos[id]) or b"" for id in places]
        return thumbnails, [(places[one.id], places[other.id]) for one, other in pairs]

    def _jpeg(self, photo: Photo) -> bytes | None:
        # A long run outlives what a file shows.
        version = photo.id, photo.size, photo.modified_ns
        if version in self._kept:
            self._kept.move_to_end(version)
            return self._kept[version]
        jpeg = self._kept[version] = self._thumbnail(photo)
        if len(self._kept) > THUMBNAILS:
            self._kept.popitem(last=False)
        return jpeg

    def _answer(self, asked: tuple[list[bytes], list[tuple[int, int]]]) -> list[Verdict | None]:
        if self._threads is None:
            return verdicts(*asked)
        worker = self._idle.get()
        try:
            return worker.ask(verdicts, *asked)
        except PhotoSearchError:
            # A process that could not be started, or was killed: what it was to say can be said here.
            return verdicts(*asked)
        finally:
            self._idle.put(worker)
