"""Keys that mean something of their own in a part of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class OwnKeys(QWidget):
    """A widget whose keys come before the window's shortcuts."""

    def does(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does here, if anything."""
        return None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.does(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        does = self.does(event)
        if does:
            does()
        else:
            super().keyPressEvent(event)
