"""Photos to be looked at, one by one: whole, in all their detail, side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue

from photosearch import decode
from photosearch.records import Difference, Particulars, Picture

WORKERS = 2
"""While the photo before is still being decoded, the next one is begun."""

SECONDS, PATIENCE, MEGABYTES = 20.0, 3, 1500

MOST_PIXELS = 50_000_000
"""A larger photo is shown with fewer pixels, so that the window's memory stays within bounds."""


class Viewing:
    """Decodes photos for a person who looks at them, in processes of their own. Any thread may ask."""

    def __init__(self) -> None:
        """Start nothing yet: a process is started when the first photo is asked of it."""
        self._workers = [decode.Worker(MEGABYTES, False, SECONDS, PATIENCE) for _ in range(WORKERS)]
        # The one that worked last comes first: who looks at few photos needs one process.
        self._idle: LifoQueue[decode.Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def warm(self) -> None:
        """Start a process, if none is there yet: the first photo is then shown without waiting for it."""
        with self._one() as worker:
            worker.ask(os.getpid)

    def picture(
        self, source: Path, longest: int | None = None, wanted: Callable[[], bool] | None = None
    ) -> Picture:
        """A photo as it is shown.

        Args:
            longest: At most so many pixels on its longer side; None: all of them, up to 50 megapixels.
            wanted: Asked while it is being decoded; once it says no, a photo that takes long is given up.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
            GivenUp: It was wanted no longer.
        """
        with self._one() as worker:
            return worker.ask(decode.view, source, longest, MOST_PIXELS, wanted=wanted)

    def particulars(self, source: Path) -> Particulars:
        """What a photo's file says of itself.

        Raises:
            PhotoUnreadable: With the reason as one sentence.
        """
        with self._one() as worker:
            return worker.ask(decode.particulars, source)

    def difference(self, first: Path, second: Path, longest: int) -> Difference:
        """What differs between two photos, on at most so many pixels on the longer side.

        Raises:
            PhotoUnreadable: One of them cannot be read, or they have different shapes.
        """
        with self._one() as worker:
            return worker.ask(decode.difference, first, second, longest, MOST_PIXELS)

    def close(self) -> None:
        """End the processes; what they were at is given up."""
        for worker in self._workers:
            worker.close()

    @contextmanager
    def _one(self) -> Iterator[decode.Worker]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)
