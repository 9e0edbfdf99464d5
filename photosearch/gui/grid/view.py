"""What views of tiles have in common: they scroll up and down only, and each knows where its tiles are."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QRect, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosearch.gui.grid.photos import Index


class TileView(QAbstractItemView):
    """A view whose rows are tiles, each at a place of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always in its place, so that tiles do not jump sideways when some come and go.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def _tile(self, row: int) -> QRect:
        """Where a row lies in the viewport."""
        raise NotImplementedError

    def visualRect(self, index: Index) -> QRect:
        return self._tile(index.row()) if index.isValid() else QRect()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())
