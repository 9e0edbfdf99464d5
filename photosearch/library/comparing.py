"""Compares photos as they arrive, while whoever follows the folders has nothing else to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator

from photosearch.errors import PhotoSearchError
from photosearch.library.duplicates import Duplicates
from photosearch.records import Progress

SECONDS, GENTLY_SECONDS = 1.0, 0.3
"""At a stretch; then the follower looks for changes for half a second, or less where there are some."""

logger = logging.getLogger(__name__)


class Comparing:
    """One follower's comparing, a stretch at a time.

    Args:
        duplicates: What there is to compare.
    """

    def __init__(self, duplicates: Duplicates, clock: Callable[[], float] = time.monotonic) -> None:
        self._duplicates, self._clock = duplicates, clock
        self._steps: Generator[Progress] | None = None
        self._arrived = True

    def arrived(self) -> None:
        """There may be photos that were not compared yet."""
        self._arrived = True

    def go_on(self, gently: bool) -> None:
        """Compare for a while, if there is anything to compare and nobody waits for the same.

        A mistake of ours is logged, and the next photos that arrive are another try.
        """
        try:
            self._go_on(gently)
        except PhotoSearchError:
            raise
        # Following and indexing need nothing of it.
        except Exception:
            logger.exception("comparing failed")
            self._steps = None

    def _go_on(self, gently: bool) -> None:
        if self._steps is None:
            if not self._arrived:
                return
            self._arrived = False
            if not self._duplicates.are_waiting():
                return
            self._steps = self._duplicates.compare(waits=False)
        end = self._clock() + (GENTLY_SECONDS if gently else SECONDS)
        for _ in self._steps:
            if self._clock() >= end or self._duplicates.is_awaited:
                return
        self._steps = None

    def stop(self) -> None:
        """Leave it; what is not finished is compared another time."""
        if self._steps is not None:
            self._steps.close()
            self._steps, self._arrived = None, True
