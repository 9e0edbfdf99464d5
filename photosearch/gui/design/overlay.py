"""What lies over the whole window for a while and has the keyboard to itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.gui.design.own_keys import OwnKeys


class Overlay(OwnKeys):
    """Covers its parent while it is shown; what lies below is neither in sight nor reached by Tab."""

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self._below = below
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        below.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._hold_focus)
        self.hide()

    def cover(self) -> None:
        """Lie over everything, with the keyboard."""
        self.resize(self._below.size())
        self.raise_()
        self.show()
        self.first().setFocus()

    def first(self) -> QWidget:
        """What has the keyboard first, and gets it back."""
        return self

    def ground(self) -> QColor:
        """The colour around what is looked at."""
        # The quieter of the two: in a light window the grey, in a dark one the black.
        return min(
            self.palette().base().color(), self.palette().alternateBase().color(), key=QColor.lightness
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.ground())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._below:
            self.resize(self._below.size())
        return super().eventFilter(watched, event)

    def _hold_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """An answer that comes late gives the focus to the grid, which is not in sight."""
        if now and self.isVisible() and now.window() is self.window() and not self.isAncestorOf(now):
            self.first().setFocus()

    def focusNextPrevChild(self, next: bool) -> bool:
        stops = [
            child
            for child in self.findChildren(QWidget)
            if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        focus = QApplication.focusWidget()
        if not stops or focus is None:
            # Qt looks for another place for the focus while this is being hidden.
            return super().focusNextPrevChild(next)
        at = stops.index(focus) if focus in stops else 0
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True
