"""What lies over the window while something hovers that may be dropped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr


class Invitation(QWidget):
    """Says what a drop would do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._below = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self) -> None:
        """Cover what is below."""
        self.resize(self._below.size())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.with_alpha(self.palette().window().color(), 0.95))
        accent = self.palette().accent().color()
        pen = QPen(accent, 2)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.with_alpha(accent, 0.08))
        inside = QRectF(self.rect()).adjusted(theme.LARGE, theme.LARGE, -theme.LARGE, -theme.LARGE)
        painter.drawRoundedRect(inside, 16, 16)
        middle = self.rect().center()
        drawing = theme.drawn("picture", 56, accent, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - 28, middle.y() - 76, drawing)
        painter.setPen(self.palette().windowText().color())
        painter.setFont(theme.font(1.5, QFont.Weight.DemiBold))
        line = self.rect().adjusted(0, self.height() // 2, 0, 0)
        top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(line, top, tr("Drop to find the photos like it"))
        painter.setFont(theme.font(1.0))
        painter.setPen(self.palette().placeholderText().color())
        painter.drawText(
            line.adjusted(0, 40, 0, 0),
            top,
            tr("A folder is added to the library; with Shift held, it is only compared with it."),
        )
