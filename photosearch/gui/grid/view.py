"""What views of tiles have in common: they scroll up and down only, and each knows where its tiles are."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from photosearch.gui.grid.photos import Index


class TileView(QListView):
    """A view whose rows are tiles, each at a place of its own.

    It is a `QListView` for those who listen: Qt tells screen readers of the items of such a view, and of none
    of a view that it does not know. How a `QListView` lays its items out is left out here.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always in its place, so that tiles do not jump sideways when some come and go.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        # Where there is nothing to scroll, it is not seen.
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda least, most: bar.setEnabled(most > least))
        bar.setEnabled(False)

    def _tile(self, row: int) -> QRect:
        """Where a row lies in the viewport."""
        raise NotImplementedError

    def visualRect(self, index: Index) -> QRect:
        return self._tile(index.row()) if index.isValid() else QRect()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    # What a list view would lay out by itself, item by item

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        QAbstractItemView.updateGeometries(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        QAbstractItemView.resizeEvent(self, event)

    def scrollContentsBy(self, across: int, down: int) -> None:
        self.viewport().update()

    def selectAll(self) -> None:
        # A list view looks at each row, which of a million takes seconds.
        rows = self.model().rowCount()
        if rows and self.selectionMode() == QListView.SelectionMode.ExtendedSelection:
            every = QItemSelection(self.model().index(0, 0), self.model().index(rows - 1, 0))
            self.selectionModel().select(every, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    # Who listens is told where the keyboard is

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid() and self.hasFocus():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.SelectionWithin))

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())
