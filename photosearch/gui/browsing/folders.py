"""The panel at the left: all photos, the folders they are in, and how each folder is doing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Index
from photosearch.gui.language import tr, trn, words
from photosearch.records import Root

WIDTH = 232


class Folders(QAbstractListModel):
    """Row 0 stands for all photos, the others for the watched folders."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.roots: list[Root] = []

    def show(self, roots: Sequence[Root]) -> None:
        """Show these folders."""
        if [root.path for root in roots] == [root.path for root in self.roots]:
            self.roots = list(roots)
            self.dataChanged.emit(self.index(0), self.index(len(self.roots)))
            return
        self.beginResetModel()
        self.roots = list(roots)
        self.endResetModel()

    def root(self, row: int) -> Root | None:
        """The folder at a row; None for all photos."""
        return self.roots[row - 1] if 0 < row <= len(self.roots) else None

    def title(self, row: int) -> str:
        """What a row is called."""
        root = self.root(row)
        return words.name(root.path) if root else tr("All photos")

    def state(self, row: int) -> str:
        """How many photos a row holds, and what is to be known of it."""
        root = self.root(row)
        if root is None:
            return words.photos(sum(root.photos for root in self.roots))
        if root.state == "offline":
            return tr("Offline · {photos}", photos=words.photos(root.photos))
        missing = tr("{count} missing", count=root.missing)
        return f"{words.photos(root.photos)} · {missing}" if root.missing else words.photos(root.photos)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.roots) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        root = self.root(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.title(index.row())
            case Qt.ItemDataRole.ToolTipRole if root:
                how = {
                    "watched": tr("Changes are noticed at once."),
                    "polled": tr(
                        "This drive does not tell of changes, so it is looked through now and then."
                    ),
                    "offline": tr(
                        "Its drive is not there, or it may not be read; its photos are still found."
                    ),
                }[root.state]
                return f"{words.place(root.path)}\n{how}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.title(index.row())}, {self.state(index.row())}"
        return None


class FolderPanel(QFrame):
    """Shows the folders; choosing one shows only its photos."""

    chosen = Signal(object)
    """The folder's path, or None for all photos."""
    add_wanted = Signal()
    forget_wanted = Signal(object)
    """The folder's root: the photos that are missing from it were deleted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folders = Folders(self)
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setModel(self.folders)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.viewport().setAutoFillBackground(False)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.folders.modelReset.connect(self._keep_choice)
        self.folders.modelReset.connect(self._show_missing)
        self.folders.dataChanged.connect(self._show_missing)
        title = QLabel(tr("Folders"))
        title.setFont(theme.font(0.88, QFont.Weight.DemiBold))
        title.setProperty("quiet", True)
        title.setIndent(theme.MEDIUM + 2)
        # Which gives the list its name, too.
        title.setBuddy(self.list)
        add = theme.button(tr("Add folder…"), "folder-add")
        add.clicked.connect(self.add_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.LARGE, theme.SMALL, theme.MEDIUM)
        column.setSpacing(theme.SMALL)
        column.addWidget(title)
        column.addWidget(self.list, 1)
        self.missing = QLabel()
        self.missing.setFont(theme.font(0.88))
        self.missing.setProperty("quiet", True)
        self.missing.setWordWrap(True)
        self.forget = QToolButton()
        self.forget.setText(tr("Forget them"))
        self.forget.setProperty("link", True)
        self.forget.setToolTip(tr("They were deleted on purpose. Should their files come back, so do they."))
        self.forget.clicked.connect(lambda: self.forget_wanted.emit(self.current))
        inset = QVBoxLayout()
        inset.setContentsMargins(theme.SMALL, 0, theme.SMALL, 0)
        inset.addWidget(self.missing)
        inset.addWidget(self.forget)
        inset.addWidget(add)
        column.addLayout(inset)
        self._path: Path | None = None
        self._keep_choice()

    @property
    def current(self) -> Root | None:
        """The folder chosen; None for all photos."""
        return self.folders.root(self.list.currentIndex().row())

    def choose(self, path: Path | None) -> None:
        """Choose a folder, or all photos."""
        paths = [None, *(root.path for root in self.folders.roots)]
        if path in paths:
            self.list.setCurrentIndex(self.folders.index(paths.index(path)))

    def _choose(self, index: QModelIndex) -> None:
        root = self.folders.root(index.row())
        path = root.path if root else None
        self._show_missing()
        if path != self._path:
            self._path = path
            self.chosen.emit(path)

    def _show_missing(self) -> None:
        """Say what is missing from the chosen folder. Of a drive that is not there, nobody can say it."""
        root = self.current
        missing = root.missing if root and root.state != "offline" else 0
        self.missing.setText(
            trn(
                "{n} photo is missing: deleted, or on a drive that is not there.",
                "{n} photos are missing: deleted, or on a drive that is not there.",
                missing,
            )
        )
        self.missing.setVisible(missing > 0)
        self.forget.setVisible(missing > 0)

    def _keep_choice(self) -> None:
        paths = [root.path for root in self.folders.roots]
        self.choose(self._path if self._path in paths else None)


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = QFontMetrics(theme.font(1.0)).height() + QFontMetrics(theme.font(0.88)).height()
        return QSize(WIDTH - 2 * theme.MEDIUM, lines + 2 * theme.SMALL + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        folders = index.model()
        assert isinstance(folders, Folders)
        rect, colours, root = option.rect, option.palette, folders.root(index.row())
        accent = colours.accent().color()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(
                theme.with_alpha(accent, 0.2) if chosen else theme.with_alpha(colours.text().color(), 0.05)
            )
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), theme.ROUND, theme.ROUND)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(accent)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), theme.ROUND, theme.ROUND)
        quiet = colours.color(QPalette.ColorRole.PlaceholderText)
        offline = root is not None and root.state == "offline"
        name = "photos" if root is None else "folder-offline" if offline else "folder"
        drawing = theme.drawn(name, 20, quiet if not chosen else accent, painter.device().devicePixelRatioF())
        place = QRect(rect.left() + theme.MEDIUM, rect.center().y() - 9, 20, 20)
        painter.drawPixmap(QStyle.visualRect(option.direction, rect, place), drawing)
        left = rect.left() + 2 * theme.MEDIUM + 20
        width = rect.right() - theme.SMALL - left
        first, second = theme.font(1.0), theme.font(0.88)
        line = QRect(left, rect.top() + theme.SMALL + 1, width, QFontMetrics(first).height())
        line = QStyle.visualRect(option.direction, rect, line)
        painter.setLayoutDirection(option.direction)
        painter.setFont(first)
        painter.setPen(quiet if offline else colours.text().color())
        title = QFontMetrics(first).elidedText(
            folders.title(index.row()), Qt.TextElideMode.ElideMiddle, width
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, title)
        line.translate(0, line.height())
        painter.setFont(second)
        painter.setPen(colours.text().color() if chosen else quiet)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, folders.state(index.row()))
        painter.restore()
