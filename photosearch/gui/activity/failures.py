"""The files that could not be read, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Index
from photosearch.gui.language import tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.records import Failure


class FailureList(QWidget):
    """Shows each file with its reason, and lets them be tried again."""

    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failures = _Failures(self)
        self._title = QLabel()
        self._title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._explanation = QLabel(
            tr("Everything else is indexed. A file that is repaired or replaced is read again by itself.")
        )
        self._explanation.setProperty("quiet", True)
        self._explanation.setWordWrap(True)
        self._retry = theme.button(tr("Try again"), "again")
        self._retry.clicked.connect(self.retry_wanted)
        self.list = QListView()
        self.list.setAccessibleName(tr("Files that could not be read"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setModel(self._failures)
        row = _FailureRow(self.list)
        self.list.setItemDelegate(row)
        self.list.setUniformItemSizes(True)
        # Two rows and a bit of a third, which says that there is more.
        self.list.setMinimumHeight(round(2.4 * row.sizeHint(QStyleOptionViewItem(), QModelIndex()).height()))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        text = QVBoxLayout()
        text.setSpacing(theme.SMALL - 2)
        text.addWidget(self._title)
        text.addWidget(self._explanation)
        head = QHBoxLayout()
        head.setSpacing(theme.MEDIUM)
        head.addLayout(text, 1)
        head.addWidget(self._retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MEDIUM)
        column.addLayout(head)
        column.addWidget(self.list, 1)

    @property
    def current(self) -> Failure | None:
        """The failure the keyboard is at."""
        row = self.list.currentIndex().row()
        return self._failures.failures[row] if row >= 0 else None

    def show_failures(self, failures: Sequence[Failure], waiting: int) -> None:
        """Show these; so many others are still to be read."""
        self._failures.show(failures)
        for widget in (self._explanation, self._retry):
            widget.setVisible(bool(failures))
        if failures:
            said = trn("{n} file could not be read", "{n} files could not be read", len(failures))
            self._title.setText(said)
        elif waiting:
            self._title.setText(tr("So far every file could be read"))
        else:
            self._title.setText(tr("Every file could be read"))


class _Failures(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.failures: list[Failure] = []

    def show(self, failures: Sequence[Failure]) -> None:
        if list(failures) != self.failures:
            self.beginResetModel()
            self.failures = list(failures)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.failures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        failure = self.failures[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return words.name(failure.path)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{words.place(failure.path)}\n{told(failure.reason)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{words.name(failure.path)}: {told(failure.reason)}"
            case Qt.ItemDataRole.UserRole:
                return failure
        return None


class _FailureRow(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = QFontMetrics(theme.font(1.0)).height() + QFontMetrics(theme.font(0.92)).height()
        return QSize(200, lines + 2 * theme.MEDIUM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        failure: Failure = index.data(Qt.ItemDataRole.UserRole)
        rect, colours, direction = option.rect, option.palette, option.direction
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        quiet = colours.color(QPalette.ColorRole.Text if chosen else QPalette.ColorRole.PlaceholderText)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(direction)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if chosen or focused:
            accent = colours.accent().color()
            painter.setPen(QPen(accent, 1.5) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme.with_alpha(accent, 0.16) if chosen else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -2), theme.ROUND, theme.ROUND)
        painter.setPen(colours.mid().color())
        below = QStyle.visualRect(direction, rect, rect.adjusted(44, 0, 0, 0))
        painter.drawLine(below.bottomLeft(), below.bottomRight())
        warning = theme.drawn(
            "warning", 20, colours.color(QPalette.ColorRole.BrightText), painter.device().devicePixelRatioF()
        )
        drawn = QRect(rect.left() + theme.MEDIUM, rect.center().y() - 10, 20, 20)
        painter.drawPixmap(QStyle.visualRect(direction, rect, drawn), warning)
        first, second = theme.font(1.0), theme.font(0.92)
        half = rect.width() - 56
        line = QRect(rect.left() + 44, rect.top() + theme.MEDIUM, half, QFontMetrics(first).height())
        painter.setFont(first)
        painter.setPen(colours.text().color())
        name = words.name(failure.path)
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.drawText(QStyle.visualRect(direction, rect, line), leading, name)
        used = QFontMetrics(first).horizontalAdvance(name) + theme.LARGE
        painter.setFont(second)
        painter.setPen(quiet)
        folder = words.place(failure.path.parent)
        place = line.adjusted(used, 0, 0, 0)
        elided = QFontMetrics(second).elidedText(folder, Qt.TextElideMode.ElideMiddle, max(0, place.width()))
        painter.drawText(QStyle.visualRect(direction, rect, place), trailing, elided)
        line.translate(0, line.height())
        elided = QFontMetrics(second).elidedText(
            told(failure.reason), Qt.TextElideMode.ElideRight, line.width()
        )
        painter.drawText(QStyle.visualRect(direction, rect, line), leading, elided)
        painter.restore()
