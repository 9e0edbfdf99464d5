"""How fast long work goes, and how long it will still take."""

from __future__ import annotations

import time
from collections import deque

SECONDS = 10.0
"""The rate is that of so many last seconds: long enough to be steady, short enough to be true."""


class Pace:
    """Measures a rate as work is done."""

    def __init__(self) -> None:
        self._marks = deque([(time.monotonic(), 0)])

    def mark(self, done: int) -> float:
        """Say how much is done by now; the rate of the last seconds in units a second."""
        now = time.monotonic()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[0][0] > SECONDS:
            self._marks.popleft()
        start, before = self._marks[0]
        return (done - before) / max(now - start, 1e-3)
