"""What was done last, and how to undo it: one list for the whole window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

KEPT = 200
"""Steps; who goes back farther has lost count."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done.

    Attributes:
        name: As it stands after “Undo”: “Keep All”.
        back: Undoes it.
    """

    name: str
    back: Callable[[], None]


class Undo(QObject):
    """Steps that can be undone, the last first."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: list[Step] = []

    @property
    def next(self) -> Step | None:
        """What would be undone."""
        return self._steps[-1] if self._steps else None

    def did(self, name: str, back: Callable[[], None]) -> Step:
        """Remember something that was just done."""
        step = Step(name, back)
        self._steps = [*self._steps[1 - KEPT :], step]
        self.changed.emit()
        return step

    def forget(self, step: Step) -> None:
        """It was undone in another way, or can be no longer."""
        self._steps = [other for other in self._steps if other is not step]
        self.changed.emit()

    def undo(self) -> None:
        """Undo the last step."""
        if self._steps:
            step = self._steps.pop()
            self.changed.emit()
            step.back()
