"""The places of the window: what each has to offer, and the way from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QEnterEvent,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.parts import Choice
from photosearch.gui.grid.gallery import Gallery
from photosearch.gui.language import tr

DRAWING = 22
"""Width and height of a place's drawing, in pixels of a 1× screen."""


class Place(Protocol):
    """One place of the window.

    Attributes:
        title: What it is called.
        icon: Its drawing.
        gallery: The photos that the actions apply to while one is there; None: there are none.
    """

    title: str
    icon: str

    @property
    def gallery(self) -> Gallery | None: ...

    def shown(self) -> QWidget:
        """What is shown."""
        ...

    def actions_here(self) -> Sequence[QAction | None]:
        """What can be done in this place only, beside what can be done with any photo; None is a line."""
        ...

    def enter(self) -> None:
        """It was just gone to: take the keyboard."""
        ...


class Navigation(QFrame):
    """A button for each place, from top to bottom, and an action for each for menus and keys."""

    chosen = Signal(int)

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Places"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.MEDIUM, theme.SMALL, theme.MEDIUM)
        column.setSpacing(theme.SMALL)
        group = QActionGroup(self)
        self.actions_to: list[QAction] = []
        self.buttons: list[PlaceButton] = []
        for number, place in enumerate(places):
            action = QAction(theme.icon(place.icon), place.title, group)
            action.setCheckable(True)
            action.setShortcut(QKeySequence(f"Ctrl+{number + 1}"))
            action.triggered.connect(lambda _, number=number: self.chosen.emit(number))
            self.actions_to.append(action)
            self.buttons.append(PlaceButton(action))
            column.addWidget(self.buttons[-1])
        widest = max(button.sizeHint().width() for button in self.buttons)
        for button in self.buttons:
            button.setFixedWidth(widest + theme.SMALL)
        column.addStretch(1)

    def show_place(self, number: int) -> None:
        """Mark where one is."""
        self.actions_to[number].setChecked(True)


class PlaceButton(Choice):
    """A drawing with a name below it."""

    def __init__(self, action: QAction) -> None:
        super().__init__(action.text())
        self.setIcon(action.icon())
        self.setFont(theme.font(0.86))
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleDescription(key)
        self.setToolTip(f"{action.text()} ({key})")
        self.clicked.connect(lambda: action.trigger())
        action.toggled.connect(self.setChecked)

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().size(0, self.text())
        return QSize(max(DRAWING, text.width()) + 8, DRAWING + text.height() + 17)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            outline = QPen(colours.highlight().color(), 2)
        elif self.isChecked():
            # By itself the ground is too near to that of the window to be seen by everybody.
            outline = QPen(colours.shadow().color(), 1)
        painter.setPen(outline)
        if self.isChecked() or self.underMouse():
            painter.setBrush(colours.midlight())
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(inside, theme.ROUND + 1, theme.ROUND + 1)
        self.icon().paint(painter, (self.width() - DRAWING) // 2, 8, DRAWING, DRAWING)
        # Not from its own palette: what a style sheet gives a colour has half of that as its quiet text.
        quiet = QGuiApplication.palette().placeholderText()
        painter.setPen((colours.windowText() if self.isChecked() else quiet).color())
        below = self.rect().adjusted(0, DRAWING + 9, 0, -4)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.text())
