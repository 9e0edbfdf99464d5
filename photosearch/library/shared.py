"""Work that several threads ask for at the same time, done once: they take turns at its steps."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import RLock

from photosearch.records import Progress


class Shared:
    """Runs of one kind of work, one at a time.

    Who asks amid a run goes on with it, and then, as it may have begun too early, with one that begins after.
    A run that nobody asks for any more is left.

    Args:
        run: Begins a run. Its steps are taken by whichever thread asks.
    """

    def __init__(self, run: Callable[[], Generator[Progress]]) -> None:
        self._run = run
        self._steps: Generator[Progress] | None = None
        self._begun = self._ended = 0
        self._asking = self._waiting = 0
        # A generator that is dropped ends in whichever thread collects it: in that which holds this, perhaps.
        self._turn = RLock()

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a run."""
        return self._waiting > 0

    def steps(self, waits: bool) -> Generator[Progress]:
        """The steps of a run, those that this thread takes.

        Args:
            waits: Whether somebody waits for it; see `is_awaited`.
        """
        with self._turn:
            wanted = self._begun + 1
            self._asking += 1
            self._waiting += waits
        try:
            while (progress := self._step(wanted)) is not None:
                yield progress
        finally:
            with self._turn:
                self._asking -= 1
                self._waiting -= waits
                if not self._asking and self._steps is not None:
                    self._steps.close()
                    self._steps = None

    def _step(self, wanted: int) -> Progress | None:
        """Take a step; None once the run of that number has ended."""
        with self._turn:
            while self._ended < wanted:
                if self._steps is None:
                    self._begun += 1
                    self._steps = self._run()
                try:
                    return next(self._steps)
                except StopIteration:
                    self._ended, self._steps = self._begun, None
                except BaseException:
                    self._steps = None
                    raise
            return None
