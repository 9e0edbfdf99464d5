"""The places of the window: what each has to offer, and the way from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from photosearch.gui.design import theme
from photosearch.gui.grid.gallery import Gallery
from photosearch.gui.language import tr


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
        widest = 0
        for number, place in enumerate(places):
            action = QAction(theme.icon(place.icon), place.title, group)
            action.setCheckable(True)
            action.setShortcut(QKeySequence(f"Ctrl+{number + 1}"))
            action.triggered.connect(lambda _, number=number: self.chosen.emit(number))
            self.actions_to.append(action)
            button = QToolButton()
            button.setProperty("place", True)
            key = action.shortcut().toString(_NATIVE)
            # The action's, as its button takes over whatever the action says whenever that changes.
            action.setToolTip(f"{place.title} ({key})")
            button.setDefaultAction(action)
            button.setAccessibleDescription(key)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(22, 22))
            button.setFont(theme.font(0.86))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            widest = max(widest, button.sizeHint().width())
            column.addWidget(button)
        for button in self.findChildren(QToolButton):
            button.setFixedWidth(widest + theme.SMALL)
        column.addStretch(1)

    def show_place(self, number: int) -> None:
        """Mark where one is."""
        self.actions_to[number].setChecked(True)


_NATIVE = QKeySequence.SequenceFormat.NativeText
