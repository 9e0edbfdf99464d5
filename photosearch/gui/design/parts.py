"""Parts that several places are made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr


class Picture(QLabel):
    """Something that paints a picture by itself, and is told as a picture to whoever listens.

    Qt tells that of a label that has a pixmap, so this one has one that is never seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPixmap(QPixmap(1, 1))


def tool_button(
    name: str, icon: str, key: str, does: Callable[[], object], parent: QWidget | None = None
) -> QToolButton:
    """A button with an icon, which tells its name and its key."""
    button = QToolButton(parent)
    button.setIcon(theme.icon(icon))
    tell(button, name, key)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda: does())
    return button


def tell(button: QAbstractButton, name: str, key: str) -> None:
    """Let a button tell its name and its key, to the pointer and to whoever listens."""
    button.setAccessibleName(name)
    # Else the tip would be read after the name, which is in it.
    button.setAccessibleDescription(key)
    button.setToolTip(tr("{action} ({key})", action=name, key=key))


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, as narrow as they are."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
