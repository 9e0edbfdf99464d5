"""How large the photos of the grids are, to be chosen beside the status line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from photosearch.gui.grid.tiles import USUAL, WIDTHS
from photosearch.gui.language import tr

LENGTH = 110


class SizeSlider(QSlider):
    """Its value is the number of a width in `WIDTHS`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, len(WIDTHS) - 1)
        self.setPageStep(1)
        self.setValue(USUAL)
        self.setFixedWidth(LENGTH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Size of the photos"))
        self.setToolTip(tr("Size of the photos"))
        self.setAccessibleDescription(tr("Ctrl and the wheel"))
