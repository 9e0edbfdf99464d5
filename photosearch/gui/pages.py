"""What stands in place of the photos: a welcome, a sentence, the files that could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme, words
from photosearch.gui.photos import Index
from photosearch.records import Failure

COLUMN = 460
"""Width of a column of text that is pleasant to read."""


class Page(QWidget):
    """A drawing, a title, a sentence and what can be done, in the middle of the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = theme.Drawing("photos", 56)
        self._title = _line(theme.font(1.6, QFont.Weight.DemiBold))
        self._sentence = _line(theme.font(1.05))
        self._sentence.setProperty("quiet", True)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.MEDIUM)
        self._column.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(theme.SMALL)
        self._column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, theme.LARGE, 0, 0)
        self._buttons.setSpacing(theme.MEDIUM)
        self._buttons.addStretch()
        self._buttons.addStretch()
        self._column.addLayout(self._buttons)
        middle = QVBoxLayout(self)
        middle.addStretch(4)
        middle.addLayout(self._column)
        # A little above the middle is where the eye looks for the middle.
        middle.addStretch(5)

    def say(self, drawing: str, title: str, sentence: str) -> None:
        """Say this."""
        self._drawing.show_drawing(drawing)
        for label, text in ((self._title, title), (self._sentence, sentence)):
            label.setText(text)
            # A layout inside a layout forgets that wrapped text grows downwards.
            label.setMinimumHeight(max(0, label.heightForWidth(COLUMN)))
        self.setAccessibleName(f"{title}. {sentence}")

    def offer(self, text: str, primary: bool = False) -> QPushButton:
        """Add a button."""
        button = QPushButton(text)
        button.setProperty("primary", primary)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button


class Welcome(Page):
    """What a person sees first: which folder to begin with."""

    def __init__(self, suggested: str, parent: QWidget | None = None) -> None:
        """Suggest a folder, or none if the platform knows of none."""
        super().__init__(parent)
        self.say(
            theme.PROGRAM,
            "Find photos by photo",
            "PhotoSearch looks through your folders once, then shows you the photos like any picture you "
            "drop on it. Your photos are only ever read, and nothing leaves this computer.",
        )
        self.start = self.offer(f"Start with {suggested}", primary=True)
        self.start.setVisible(bool(suggested))
        self.other = self.offer(
            "Choose another folder…" if suggested else "Choose a folder…", primary=not suggested
        )
        self.hint = _line(theme.font(0.92))
        self.hint.setProperty("quiet", True)
        self.hint.setText("You can also drop a folder anywhere on this window.")
        self._column.addSpacing(theme.SMALL)
        self._column.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignHCenter)


class FailuresPage(QWidget):
    """Which files could not be read, and why."""

    back_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failures = _Failures(self)
        self._title = QLabel()
        self._title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        explanation = QLabel(
            "Everything else is indexed. A file that is repaired or replaced is read again by itself."
        )
        explanation.setProperty("quiet", True)
        back = theme.button("Back", "back")
        back.clicked.connect(self.back_wanted)
        self._retry = theme.button("Try again", "again")
        self._retry.clicked.connect(self.retry_wanted)
        self.list = QListView()
        self.list.setAccessibleName("Files that could not be read")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setModel(self._failures)
        self.list.setItemDelegate(_FailureRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        text = QVBoxLayout()
        text.setSpacing(theme.SMALL - 2)
        text.addWidget(self._title)
        text.addWidget(explanation)
        head = QHBoxLayout()
        head.setSpacing(theme.MEDIUM)
        head.addLayout(text, 1)
        head.addWidget(self._retry)
        head.addWidget(back)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, 0)
        column.setSpacing(theme.MEDIUM)
        column.addLayout(head)
        column.addWidget(self.list, 1)

    @property
    def current(self) -> Failure | None:
        """The failure the keyboard is at."""
        row = self.list.currentIndex().row()
        return self._failures.failures[row] if row >= 0 else None

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show these."""
        self._failures.show(failures)
        self._retry.setEnabled(bool(failures))
        if failures:
            self._title.setText(f"{words.count(len(failures), 'file', 'files')} could not be read")
        else:
            self._title.setText("Every file could be read")


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
                return words.readable(str(failure.path))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{words.name(failure.path)}: {failure.reason}"
            case Qt.ItemDataRole.UserRole:
                return failure
        return None


class _FailureRow(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = QFontMetrics(theme.font(1.0)).height() + QFontMetrics(theme.font(0.92)).height()
        return QSize(200, lines + 2 * theme.MEDIUM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        failure: Failure = index.data(Qt.ItemDataRole.UserRole)
        rect, colours = option.rect, option.palette
        quiet = colours.color(QPalette.ColorRole.PlaceholderText)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.with_alpha(colours.accent().color(), 0.16))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), theme.ROUND, theme.ROUND)
        painter.setPen(colours.mid().color())
        painter.drawLine(rect.left() + 44, rect.bottom(), rect.right(), rect.bottom())
        warning = theme.drawn(
            "warning", 20, colours.color(QPalette.ColorRole.BrightText), painter.device().devicePixelRatioF()
        )
        painter.drawPixmap(rect.left() + theme.MEDIUM, rect.center().y() - 10, warning)
        first, second = theme.font(1.0), theme.font(0.92)
        half = rect.width() - 56
        line = QRect(rect.left() + 44, rect.top() + theme.MEDIUM, half, QFontMetrics(first).height())
        painter.setFont(first)
        painter.setPen(colours.text().color())
        name = words.name(failure.path)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        used = QFontMetrics(first).horizontalAdvance(name) + theme.LARGE
        painter.setFont(second)
        painter.setPen(quiet)
        folder = words.readable(str(failure.path.parent))
        place = line.adjusted(used, 0, 0, 0)
        elided = QFontMetrics(second).elidedText(folder, Qt.TextElideMode.ElideMiddle, max(0, place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, elided)
        line.translate(0, line.height())
        elided = QFontMetrics(second).elidedText(failure.reason, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()


def _line(font: QFont) -> QLabel:
    label = QLabel()
    label.setFont(font)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setFixedWidth(COLUMN)
    return label
