"""When the photos of a listing were taken, beside them: a look says where one is, a click goes elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QToolTip, QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr, words
from photosearch.gui.session import Known

WIDTH = 62
MARGIN = 14
EDGE = 6.0


@dataclass(frozen=True, slots=True)
class _Marks:
    """Where months begin in a timeline of one shape: its height, that of a line of words, its direction."""

    shape: tuple[int, int, bool]
    years: list[QLineF] = field(default_factory=list)
    months: list[QLineF] = field(default_factory=list)
    written: list[tuple[str, QRectF]] = field(default_factory=list)


class Timeline(QAbstractSlider):
    """The months of a listing from top to bottom, newest first, each as long as it has photos.

    Its value is the number of the month one is in, so that arrow keys go from month to month.
    """

    jumped = Signal(int)
    """A row of the listing to go to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._months: list[str] = []
        # The row at which each month begins, and the number of rows.
        self._starts: list[int] = [0]
        # Kept, as it is painted with each line that is scrolled, and there may be hundreds.
        self._marks: _Marks | None = None
        self._row = 0
        self._following = False
        self.setOrientation(Qt.Orientation.Vertical)
        # The newest month is at the top, and the first.
        self.setInvertedAppearance(True)
        self.setInvertedControls(True)
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Timeline"))
        self.setPageStep(12)
        self.valueChanged.connect(self._go)

    def show_months(self, known: Known) -> None:
        """Show when the photos of this listing were taken."""
        self._months, self._marks = list(known.months), None
        self._starts = [0, *accumulate(known.months.values())]
        self._following = True
        self.setRange(0, max(0, len(self._months) - 1))
        self._following = False
        self.setVisible(len(self._months) > 1)
        self.show_row(self._row)

    def show_row(self, row: int) -> None:
        """Mark where in the listing one is."""
        self._row = row
        self._following = True
        self.setValue(self._month_of(row))
        self._following = False
        self._describe()
        self.update()

    def month_at(self, row: int) -> str:
        """The month of a row: “May 2019”; empty if there are no photos."""
        return words.month(self._months[self._month_of(row)]) if self._months else ""

    def _month_of(self, row: int) -> int:
        return max(0, min(len(self._months) - 1, bisect_right(self._starts, row) - 1))

    def _describe(self) -> None:
        if self._months:
            count = self._starts[self.value() + 1] - self._starts[self.value()]
            said = tr("{month}, {photos}", month=self.month_at(self._row), photos=words.photos(count))
            self.setAccessibleDescription(said)

    def _go(self, month: int) -> None:
        if not self._following and self._months:
            self._row = self._starts[month]
            self._describe()
            self.jumped.emit(self._row)

    # Where things are

    def _y(self, row: float) -> float:
        return MARGIN + (self.height() - 2 * MARGIN) * row / max(1, self._starts[-1])

    def _row_at(self, point: QPointF) -> int:
        share = (point.y() - MARGIN) / max(1, self.height() - 2 * MARGIN)
        return max(0, min(self._starts[-1] - 1, int(share * self._starts[-1])))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 200)

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._months:
            self.jumped.emit(self._row_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._months:
            return
        row = self._row_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), self.month_at(row), self)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.jumped.emit(row)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Turning the wheel here scrolls the photos beside, as anywhere else.
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._months:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font(0.8)
        painter.setFont(font)
        colours = self.palette()
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        away = Qt.AlignmentFlag.AlignLeft if right_to_left else Qt.AlignmentFlag.AlignRight
        shape = self.height(), QFontMetrics(font).height(), right_to_left
        if self._marks is None or self._marks.shape != shape:
            self._marks = self._mark(*shape)
        painter.setPen(colours.placeholderText().color())
        painter.drawLines(self._marks.years)
        for year, place in self._marks.written:
            painter.drawText(place, away | Qt.AlignmentFlag.AlignVCenter, year)
        painter.setPen(colours.dark().color())
        painter.drawLines(self._marks.months)
        accent = colours.accent().color()
        left = EDGE if right_to_left else self.width() - EDGE - 16
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(left, self._y(self._row) - 1.5, 16, 3), 1.5, 1.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(accent)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), theme.ROUND, theme.ROUND
            )

    def _mark(self, height: int, line: int, right_to_left: bool) -> _Marks:
        edge, inwards = (EDGE, 1) if right_to_left else (self.width() - EDGE, -1)
        marks = _Marks((height, line, right_to_left))
        written_to, year_before = -1e9, ""
        for month, row in zip(self._months, self._starts, strict=False):
            y, year = self._y(row), month.rsplit("-", 1)[0]
            if year == year_before:
                marks.months.append(QLineF(edge, y, edge + inwards * 3, y))
                continue
            year_before = year
            marks.years.append(QLineF(edge, y, edge + inwards * 7, y))
            if y - written_to >= line + 2:
                written_to = y
                place = QRectF(26 if right_to_left else 4, y - line / 2, self.width() - 30, line)
                marks.written.append((year, place))
        return marks
