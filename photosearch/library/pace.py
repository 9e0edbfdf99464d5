"""How fast long work goes, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable

HALF_LIFE = 30.0
MARKS = 8
"""What was measured counts half after so many seconds and marks: batches come in gushes."""

TRUST_SECONDS = 3.0
"""Nothing is said before so much was measured."""


class Pace:
    """Measures a rate as work is done.

    The first mark is where the measuring begins: what led up to it, the encoder starting, comes once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marked: tuple[float, int] | None = None
        self._units = self._seconds = 0.0

    def mark(self, done: int) -> float:
        """Say how much is done by now; the rate in units a second, 0 while unknown."""
        now = self._clock()
        if self._marked is not None:
            seconds, units = now - self._marked[0], done - self._marked[1]
            fading = 0.5 ** min(seconds / HALF_LIFE, 1 / MARKS)
            self._units = fading * self._units + units
            self._seconds = fading * self._seconds + seconds
        self._marked = now, done
        return self._rate

    def left(self, units: int) -> float | None:
        """Seconds that so much work will still take; None while unknown."""
        return units / self._rate if self._rate else None

    def go_on(self) -> None:
        """What passed since the last mark was no work: whoever is told of the progress paused it."""
        if self._marked is not None:
            self._marked = self._clock(), self._marked[1]

    @property
    def _rate(self) -> float:
        return self._units / self._seconds if self._seconds >= TRUST_SECONDS else 0.0
