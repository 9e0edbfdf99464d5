"""Parts that several places are made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr


class Picture(QLabel):
    """Something that paints a picture by itself, and is told as a picture to whoever listens.

    Qt tells that of a label that has a pixmap, so this one has one that is never seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPixmap(QPixmap(1, 1))


class Choice(QPushButton):
    """A button that is one of those beside it, of which one is chosen; who listens is told so.

    Qt tells that of push buttons. Tool buttons, which can look as others in their bar, are check boxes to it.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


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


def name_in_words(button: QAbstractButton, in_words: bool) -> None:
    """Let a button that has a drawing show its name beside it, or the drawing alone."""
    button.setText(button.accessibleName() if in_words else "")
    if isinstance(button, QPushButton):
        button.setIconSize(theme.BESIDE_WORDS if in_words else QSize(16, 16))


def tell(button: QAbstractButton, name: str, key: str) -> None:
    """Let a button tell its name and its key, to the pointer and to whoever listens."""
    button.setAccessibleName(name)
    # Else the tip would be read after the name, which is in it.
    button.setAccessibleDescription(key)
    button.setToolTip(tr("{action} ({key})", action=name, key=key))


class SteadyRow(QHBoxLayout):
    """A row as high as the highest of its widgets, in sight or not: nothing jumps when one comes or goes."""

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, self._height()))

    def minimumSize(self) -> QSize:
        return super().minimumSize().expandedTo(QSize(0, self._height()))

    def _height(self) -> int:
        items = [self.itemAt(place) for place in range(self.count())]
        widgets = [item.widget() for item in items if item]
        highest = max(widget.sizeHint().height() for widget in widgets if widget)
        margins = self.contentsMargins()
        return margins.top() + highest + margins.bottom()


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, as narrow as they are."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
