"""A row that is scrolled sideways where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.parts import name_in_words
from photosearch.gui.language import tr

STEP = 0.7
"""Of the width in sight, how far one press of an edge goes."""


class Ending(QWidget):
    """A row that is scrolled sideways, and a button behind it that stays in sight.

    Where there is no room for all of both, the button has no words but its drawing.
    """

    def __init__(self, row: QWidget, button: QAbstractButton, margin: int) -> None:
        """Put a button with a drawing behind a row, so many pixels of a 1× screen from the end."""
        super().__init__()
        self._row, self._button = row, button
        self._tip = button.toolTip()
        button.setAccessibleName(button.text())
        button.setAccessibleDescription(self._tip)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Sideways(row), 1)
        whole.addWidget(button)
        # Not a margin: those are not mirrored from right to left, and stay where there is no button.
        self._space = QWidget()
        self._space.setFixedWidth(margin)
        whole.addWidget(self._space)
        self._in_words = 0
        for watched in (row, button):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.StyleChange:
            self._in_words = 0
        elif event.type() in (
            QEvent.Type.LayoutRequest,
            QEvent.Type.ShowToParent,
            QEvent.Type.HideToParent,
        ):
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        button = self._button
        if not self._in_words:
            self._in_words = button.sizeHint().width()
        needed = self._row.sizeHint().width() + self._in_words + self._space.width()
        fits = needed <= self.width()
        name_in_words(button, fits)
        self._space.setVisible(not button.isHidden())
        button.setToolTip(self._tip if fits else f"{button.accessibleName()}\n{self._tip}")


class Sideways(QScrollArea):
    """Shows a row as high as it is; an arrow lies over each edge beyond which there is more.

    Whoever uses the keyboard walks to what is hidden, and it comes in sight by that.
    """

    def __init__(self, row: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(row)
        # Of the colour of what it lies in.
        self.viewport().setAutoFillBackground(False)
        row.setAutoFillBackground(False)
        self._row = row
        self._back, self._on = self._edge("previous", -1), self._edge("next", 1)
        bar = self.horizontalScrollBar()
        bar.valueChanged.connect(self._show_edges)
        bar.rangeChanged.connect(self._show_edges)
        row.installEventFilter(self)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * self._on.sizeHint().width(), super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_edges()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Of what changed in the row while this was hidden nothing was heard.
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        by = turned.x() if abs(turned.x()) > abs(turned.y()) else turned.y()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - by)
        event.setAccepted(bar.maximum() > 0)

    def _fit(self) -> None:
        self.setFixedHeight(self._row.sizeHint().expandedTo(self._row.minimumSize()).height())

    def _edge(self, icon: str, direction: int) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("edge", True)
        button.setIcon(theme.icon(icon))
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(tr("Show more"))
        button.clicked.connect(lambda: self._go(direction))
        button.hide()
        return button

    def _go(self, direction: int) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + round(direction * STEP * self.viewport().width()))

    def _show_edges(self) -> None:
        bar, wide = self.horizontalScrollBar(), self._on.sizeHint().width()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for button, hidden, first in (
            (self._back, bar.value() > bar.minimum(), True),
            (self._on, bar.value() < bar.maximum(), False),
        ):
            button.setGeometry(0 if first != mirrored else self.width() - wide, 0, wide, self.height())
            button.setVisible(hidden)
            button.raise_()
