"""Photos in rows of tiles. A tile's place is arithmetic, so a million cost what one screenful costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Index, Photos
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.grid.tiles import Shown, Tiles
from photosearch.gui.grid.view import TileView
from photosearch.gui.language import tr
from photosearch.records import Photo

MOST_DRAGGED = 1000
"""So many photos are dragged to another program at once: all have to be here before they are let go."""

NEAR = 2000
"""Photos behind the one that the keyboard is at, of which the first that is left takes its place."""

AHEAD = 2
"""Lines of tiles whose thumbnails are made before they are scrolled to."""

Scroll = QAbstractItemView.ScrollHint
Move = QAbstractItemView.CursorAction


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a person looked at.

    Attributes:
        chosen: Ids of those selected.
        near: Ids from the one on that the keyboard is at, and that of the one before it.
        top: The id at the top, if it is not the first.
        distance: How far above the top it begins, in pixels.
    """

    chosen: NDArray[np.int64]
    near: NDArray[np.int64]
    top: int | None
    distance: int


class Grid(TileView):
    """Shows `Photos` as tiles: the picture, its name, and how near it is or when it was taken."""

    zoom_wanted = Signal(int)
    """Larger photos by so many steps, or smaller ones."""
    refused_drag = Signal(int)
    """So many photos cannot be dragged, or not yet."""
    let_go = Signal()
    """The pointer holds nothing any more: see `is_held`."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._thumbnails: Thumbnails | None = None
        self._hovered = -1
        self._band: QRect | None = None
        self._tiles = Tiles(self)
        self._step = self._tiles.size
        self._columns, self._left = 1, 0
        self._end = self._typed = ""
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._is_pressed = False
        # Until it is certain that a click is not the first half of a double one.
        self._clicked = QTimer(self)
        self._clicked.setSingleShot(True)
        self._clicked.timeout.connect(self._let_go)
        self.setModel(photos)
        self.setAccessibleName(tr("Photos"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self._measure()
        photos.modelReset.connect(self._fit)
        photos.dataChanged.connect(self.viewport().update)

    def use(self, thumbnails: Thumbnails) -> None:
        """Draw these thumbnails from now on."""
        self._thumbnails = thumbnails
        thumbnails.fit(self._tiles.picture)
        thumbnails.arrived.connect(self._redraw)

    @property
    def is_held(self) -> bool:
        """Whether the pointer presses, drags or may click twice: other photos would come under it, or Qt
        forget what was pressed."""
        return self._is_pressed or self._clicked.isActive()

    def _let_go(self) -> None:
        if not self.is_held:
            self.let_go.emit()

    @property
    def chosen(self) -> list[int]:
        """Ids of the selected photos, in the order they are shown."""
        return self.chosen_ids.tolist()

    @property
    def chosen_ids(self) -> NDArray[np.int64]:
        """The same, for which a million take no time."""
        parts = sorted((part.top(), part.bottom()) for part in self.selectionModel().selection().toList())
        ids = [self._photos.ids[top : bottom + 1] for top, bottom in parts]
        # All of a million are one part, and not copied.
        return ids[0] if len(ids) == 1 else np.concatenate([np.zeros(0, np.int64), *ids])

    @property
    def current(self) -> Photo | None:
        """The photo the keyboard is at."""
        index = self.currentIndex()
        return self._photos.photo(index.row()) if index.isValid() else None

    def show_size(self, size: int) -> None:
        """Show photos as large as this number of `tiles.WIDTHS` says, leaving in place what one looks at."""
        current = self.currentIndex()
        in_sight = self.viewport().rect().intersects(self.visualRect(current))
        row = current.row() if in_sight else self.top_row
        if self._tiles.choose(size):
            if self._thumbnails:
                self._thumbnails.fit(self._tiles.picture)
            self._measure()
            self._fit()
            if row > 0:
                self.scrollTo(self._photos.index(row), Scroll.PositionAtCenter)

    def say_at_end(self, sentence: str) -> None:
        """Say this below the last photo."""
        self._end = sentence
        self._fit()

    def remember(self) -> Remembered:
        """What the person is looking at, to be put back when the photos have changed."""
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        ids = self._photos.ids
        near = np.concatenate([ids[at : at + NEAR], ids[max(0, at - 1) : at]]) if at >= 0 else ids[:0]
        # Whoever is at the very top wants to see what is new there.
        row = self._rows_in(QRect(0, 0, 1, 1)).start if scrolled else len(self._photos.ids)
        top = int(self._photos.ids[row]) if row < len(self._photos.ids) else None
        return Remembered(self.chosen_ids, near, top, scrolled - self._top(row))

    def restore(self, remembered: Remembered) -> None:
        """Put back what `remember` saw, wherever those photos are now."""
        selection = QItemSelection()
        for first, last in _runs(self._photos.are_among(remembered.chosen)):
            selection.append(QItemSelectionRange(self._photos.index(first), self._photos.index(last)))
        keep = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, keep.ClearAndSelect)
        if remembered.top is not None:
            for row in self._photos.rows([remembered.top]).tolist():
                self.verticalScrollBar().setValue(self._top(row) + remembered.distance)
        current = self._photos.rows(remembered.near[:1])
        if not len(current):
            # It went to the trash, perhaps with those behind it: the keyboard is at the next one then.
            there = remembered.near[np.isin(remembered.near, self._photos.ids)]
            current = self._photos.rows(there[:1])
        for row in current.tolist():
            # The view would scroll to what becomes current.
            scrolled = self.verticalScrollBar().value()
            self.selectionModel().setCurrentIndex(self._photos.index(row), keep.NoUpdate)
            self.verticalScrollBar().setValue(scrolled)

    @property
    def top_row(self) -> int:
        """The first row in sight."""
        return self._rows_in(QRect(0, 0, 1, 1)).start

    def go_to(self, row: int) -> None:
        """Bring a row to the top."""
        self.verticalScrollBar().setValue(self._top(row) - theme.MEDIUM)

    # Where things are

    def _measure(self) -> None:
        self._tiles.measure()
        room = self.viewport().width() - 2 * theme.MEDIUM
        self._columns = max(1, room // (self._tiles.size.width() + theme.SMALL))
        # As many columns as fit; the rest of the width is shared among them.
        width = max(self._tiles.size.width(), room // self._columns)
        self._step = QSize(width, self._tiles.size.height() + theme.MEDIUM)
        self._left = max(0, (self.viewport().width() - self._columns * width) // 2)

    @property
    def _is_mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _top(self, row: int) -> int:
        return theme.MEDIUM + row // self._columns * self._step.height()

    def _tile(self, row: int) -> QRect:
        inside = (self._step.width() - self._tiles.size.width()) // 2
        column = row % self._columns
        if self._is_mirrored:
            column = self._columns - 1 - column
        x = self._left + column * self._step.width() + inside
        return QRect(QPoint(x, self._top(row) - self.verticalScrollBar().value()), self._tiles.size)

    def _rows_in(self, rect: QRect) -> range:
        """The rows of all lines of tiles that touch a part of the viewport."""
        scrolled, line = self.verticalScrollBar().value() - theme.MEDIUM, self._step.height()
        first, last = max(0, (rect.top() + scrolled) // line), (rect.bottom() + scrolled) // line
        count = len(self._photos.ids)
        return range(min(first * self._columns, count), max(0, min((last + 1) * self._columns, count)))

    def _fit(self) -> None:
        lines = math.ceil(len(self._photos.ids) / self._columns)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        whole = 2 * theme.MEDIUM + lines * self._step.height() + (2 * theme.LARGE if self._end else 0)
        bar.setRange(0, max(0, whole - height))
        bar.setPageStep(height)
        bar.setSingleStep(self._step.height() // 3)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        bar = self.verticalScrollBar()
        line, rest = divmod(bar.value(), self._step.height())
        row = line * self._columns
        self._measure()
        super().resizeEvent(event)
        self._fit()
        if row:
            bar.setValue(row // self._columns * self._step.height() + rest)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._measure()
            self._fit()

    # What Qt asks of a view

    def indexAt(self, point: QPoint) -> QModelIndex:
        for row in self._rows_in(QRect(point, QSize(1, 1))):
            if self._tile(row).contains(point):
                return self._photos.index(row)
        return QModelIndex()

    def scrollTo(self, index: Index, hint: Scroll = Scroll.EnsureVisible) -> None:
        if not index.isValid():
            return
        bar, tile, height = self.verticalScrollBar(), self._tile(index.row()), self.viewport().height()
        if hint == Scroll.PositionAtCenter:
            bar.setValue(bar.value() + tile.center().y() - height // 2)
        elif tile.top() < theme.SMALL:
            bar.setValue(bar.value() + tile.top() - theme.MEDIUM)
        elif tile.bottom() > height - theme.SMALL:
            # Of a photo taller than the grid its top is shown.
            bar.setValue(bar.value() + min(tile.bottom() - height + theme.MEDIUM, tile.top() - theme.MEDIUM))

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count, columns, at = len(self._photos.ids), self._columns, self.currentIndex().row()
        if not count or (at < 0 and action != Move.MoveEnd):
            return self._photos.index(0)
        back, on = (1, -1) if self._is_mirrored else (-1, 1)
        page = max(1, self.viewport().height() // self._step.height()) * columns
        to = {
            Move.MoveLeft: at + back,
            Move.MovePrevious: at - 1,
            Move.MoveRight: at + on,
            Move.MoveNext: at + 1,
            Move.MoveUp: at - columns if at >= columns else at,
            # Down from the last full line reaches the last photo, though nothing is straight below.
            Move.MoveDown: at + columns if at // columns < (count - 1) // columns else at,
            Move.MovePageUp: at - page if at >= page else at % columns,
            Move.MovePageDown: at + page,
            Move.MoveHome: 0,
            Move.MoveEnd: count - 1,
        }[action]
        return self._photos.index(max(0, min(count - 1, to)))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        selection = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._band = rect.normalized()
            near = self._rows_in(self._band)
            touched = np.array([self._tile(row).intersects(self._band) for row in near], bool)
            for first, last in _runs(touched):
                top, bottom = self._photos.index(near[first]), self._photos.index(near[last])
                selection.append(QItemSelectionRange(top, bottom))
        else:
            # A range made with Shift: Qt gives two corners, in the tiles it begins and ends at.
            ends = [self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())]
            rows = sorted(index.row() for index in ends if index.isValid())
            if rows:
                selection.append(
                    QItemSelectionRange(self._photos.index(rows[0]), self._photos.index(rows[-1]))
                )
        self.selectionModel().select(selection, command)

    def startDrag(self, actions: Qt.DropAction) -> None:
        chosen = self.chosen_ids
        if len(chosen) > MOST_DRAGGED or self._photos.missing(chosen):
            # All that is selected, or nothing: whoever dragged it would not notice that some were left out.
            self.refused_drag.emit(len(chosen))
            return
        if not self._photos.are_files(chosen):
            return
        drag = QDrag(self)
        drag.setMimeData(self._photos.files(chosen))
        photo = self.current
        pixmap = self._thumbnails.get(photo) if self._thumbnails and photo else None
        if pixmap:
            drag.setPixmap(pixmap)
        drag.exec(Qt.DropAction.CopyAction)
        # Where the button was let go, nobody tells of it.
        self._is_pressed = False
        self._let_go()

    def event(self, event: QEvent) -> bool:
        # In the midst of a name, what is a shortcut else (+, −, Space) may be the next letter of it.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            typed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
            letter = event.text() if self._typing.isActive() and not event.modifiers() & ~typed else ""
            if letter.isprintable() and letter and self._photos.named(self._typed + letter, 0) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyboardSearch(self, search: str) -> None:
        # Qt would look at a million names; those that were looked at are here already.
        self._typed = self._typed + search if self._typing.isActive() else search
        self._typing.start(QApplication.keyboardInputInterval())
        after = self.currentIndex().row() + (len(self._typed) == 1)
        row = self._photos.named(self._typed, after)
        if row is not None:
            self.setCurrentIndex(self._photos.index(row))

    # The pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_wanted.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A menu that another button opens takes its release.
        self._is_pressed = event.button() == Qt.MouseButton.LeftButton
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())
        if self._band:
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._is_pressed = False
        self._clicked.start(QApplication.doubleClickInterval())
        self._band = None
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            for changed in (self._hovered, row):
                if 0 <= changed < len(self._photos.ids):
                    self.viewport().update(self._tile(changed))
            self._hovered = row

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in self._rows_in(event.rect()):
            tile = self._tile(row)
            if tile.intersects(event.rect()):
                self._paint(painter, tile, row)
        if self._end and len(self._photos.ids):
            painter.setFont(self._tiles.line_font)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            below = self._tile(len(self._photos.ids) - 1).bottom() + theme.MEDIUM
            place = QRect(0, below, self.viewport().width(), 2 * theme.LARGE)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._end)
        if self._band:
            accent = self.palette().accent().color()
            painter.setPen(theme.with_alpha(accent, 0.8))
            painter.setBrush(theme.with_alpha(accent, 0.15))
            painter.drawRoundedRect(QRectF(self._band).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()
        self._look()

    def _look(self) -> None:
        """Ask for what is in sight, then for what soon may be."""
        sight = self._rows_in(self.viewport().rect())
        self._photos.need(sight)
        if self._thumbnails:
            ahead = AHEAD * self._columns
            rows = [*sight, *range(sight.stop, min(sight.stop + ahead, len(self._photos.ids)))]
            rows += range(max(0, sight.start - ahead), sight.start)
            photos = [self._photos.photo(row) for row in rows]
            self._thumbnails.want([photo for photo in photos if photo], self.devicePixelRatioF())

    def _redraw(self, number: int) -> None:
        for row in self._rows_in(self.viewport().rect()):
            if int(self._photos.ids[row]) == number:
                self.viewport().update(self._tile(row))

    def _paint(self, painter: QPainter, tile: QRect, row: int) -> None:
        index, photo, thumbnails = self._photos.index(row), self._photos.photo(row), self._thumbnails
        self._tiles.paint(
            painter,
            tile,
            Shown(
                photo,
                self._photos.match_at(row),
                pixmap=thumbnails.get(photo) if thumbnails and photo else None,
                lacks=thumbnails is not None and photo is not None and thumbnails.lacks(photo),
                chosen=self.selectionModel().isSelected(index),
                focused=self.hasFocus() and index == self.currentIndex(),
                hovered=row == self._hovered,
            ),
        )


def _runs(chosen: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of chosen rows that follow one another: Qt is slow with many ranges."""
    edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)
