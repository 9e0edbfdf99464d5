"""Long lists of files: a drawing or a picture, a name, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosearch.gui import desktop
from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Index
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import words
from photosearch.records import Photo

PICTURE = QSize(72, 54)

LEAST = 36
"""Height of a list, in pixels of a 1× screen, where there is no room."""


@dataclass(frozen=True, slots=True)
class Line:
    """A file of a list.

    Attributes:
        icon: Drawn before it where there is no picture.
        state: What the drawing means, in a word or two: colour and form alone tell it to nobody.
        detail: Said below the name.
        photo: Whose file it is, and whose picture is shown if the list shows pictures.
    """

    icon: str
    state: str
    detail: str
    photo: Photo
    warns: bool = False


class Lines(QAbstractListModel):
    """The files behind a `LineList`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return words.name(line.photo.path)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, [words.place(line.photo.path), line.detail]))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, [words.name(line.photo.path), line.state, line.detail]))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return desktop.files([self.lines[index.row()].photo.path for index in indexes])


class LineList(QListView):
    """Shows `Lines`, as many as there may be."""

    painted = Signal()
    """What is in sight may be other photos than before."""

    def __init__(self, name: str, pictures: bool = False, parent: QWidget | None = None) -> None:
        """Begin with an empty list.

        Args:
            name: As a screen reader says it.
            pictures: Whether the photos are shown; see `use`.
        """
        super().__init__(parent)
        self.lines = Lines(self)
        self.thumbnails: Thumbnails | None = None
        self.setModel(self.lines)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_Row(self, pictures))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def use(self, thumbnails: Thumbnails) -> None:
        """Draw these thumbnails from now on; whoever made them has to want those `in_sight`."""
        self.thumbnails = thumbnails
        thumbnails.arrived.connect(lambda _: self.viewport().update())

    @property
    def in_sight(self) -> list[Photo]:
        """The photos whose pictures are needed now or soon."""
        if not self.isVisible() or not self.lines.lines:
            return []
        height, count = max(1, self.sizeHintForRow(0)), len(self.lines.lines)
        first = self.verticalScrollBar().value() // height
        rows = range(first, min(count, first + 2 * (self.height() // height) + 3))
        return [self.lines.lines[row].photo for row in rows]

    def minimumSizeHint(self) -> QSize:
        # In a low window a line in sight is better than a button out of it.
        return QSize(super().minimumSizeHint().width(), LEAST)

    @property
    def chosen(self) -> list[Photo]:
        """The selected photos."""
        rows = sorted(index.row() for index in self.selectedIndexes() or [self.currentIndex()])
        return [self.lines.lines[row].photo for row in rows if row >= 0]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()


class _Row(QStyledItemDelegate):
    def __init__(self, view: LineList, pictures: bool) -> None:
        super().__init__(view)
        self._view, self._pictures = view, pictures

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        text = QFontMetrics(theme.font(1.0)).height() + QFontMetrics(theme.font(0.92)).height()
        return QSize(120, max(text, PICTURE.height() if self._pictures else 0) + 2 * theme.MEDIUM - 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line, rect, colours = self._view.lines.lines[index.row()], option.rect, option.palette
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        quiet = colours.color(QPalette.ColorRole.Text if chosen else QPalette.ColorRole.PlaceholderText)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        accent = colours.accent().color()
        if chosen or focused:
            painter.setPen(QPen(accent, 1.5) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme.with_alpha(accent, 0.16) if chosen else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -2), theme.ROUND, theme.ROUND)
        else:
            painter.setPen(colours.mid().color())
            painter.drawLine(
                rect.left() + theme.MEDIUM, rect.bottom(), rect.right() - theme.MEDIUM, rect.bottom()
            )
        width = PICTURE.width() if self._pictures else 20
        picture = QRect(rect.left() + theme.MEDIUM, rect.top(), width, rect.height())
        text = rect.adjusted(2 * theme.MEDIUM + width, 0, -theme.MEDIUM, 0)
        if option.direction == Qt.LayoutDirection.RightToLeft:
            picture.moveRight(rect.right() - theme.MEDIUM)
            text = rect.adjusted(theme.MEDIUM, 0, -2 * theme.MEDIUM - width, 0)
        self._paint_picture(painter, picture, line, colours)
        first, second, bold = theme.font(1.0), theme.font(0.92), theme.font(0.92, QFont.Weight.DemiBold)
        heights = QFontMetrics(first).height(), QFontMetrics(second).height()
        top = text.top() + (text.height() - sum(heights)) // 2
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        row = QRect(text.left(), top, text.width(), heights[0])
        painter.setFont(bold)
        painter.setPen(colours.color(QPalette.ColorRole.BrightText) if line.warns else quiet)
        painter.drawText(row, trailing, line.state)
        used = QFontMetrics(bold).horizontalAdvance(line.state) + (theme.LARGE if line.state else 0)
        painter.setFont(first)
        painter.setPen(colours.text().color())
        name = QFontMetrics(first).elidedText(
            words.name(line.photo.path), Qt.TextElideMode.ElideMiddle, max(0, row.width() - used)
        )
        painter.drawText(row, leading, name)
        row = QRect(text.left(), top + heights[0], text.width(), heights[1])
        painter.setFont(second)
        painter.setPen(quiet)
        detail = QFontMetrics(second).elidedText(line.detail, Qt.TextElideMode.ElideMiddle, row.width())
        painter.drawText(row, leading, detail)
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRect, line: Line, colours: QPalette) -> None:
        ratio = self._view.devicePixelRatioF()
        thumbnails = self._view.thumbnails
        pixmap = thumbnails.get(line.photo) if self._pictures and thumbnails else None
        if pixmap:
            size = pixmap.deviceIndependentSize().toSize()
            box = QRect(QPoint(), size.scaled(PICTURE, Qt.AspectRatioMode.KeepAspectRatio))
            box.moveCenter(place.center())
            outline = QPainterPath()
            outline.addRoundedRect(QRectF(box), 4, 4)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setClipPath(outline)
            painter.drawPixmap(box, pixmap)
            painter.restore()
            return
        role = QPalette.ColorRole.BrightText if line.warns else QPalette.ColorRole.PlaceholderText
        drawing = theme.drawn(line.icon, 20, colours.color(role), ratio)
        painter.drawPixmap(place.center() - QPoint(10, 10), drawing)
