"""Groups of duplicates one below the other: a line of words, then the photos with what differs.

Where a group lies is a sum that is made once, so ten thousand cost what those in sight cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosearch.gui.design import theme
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.groups import Fate, Groups
from photosearch.gui.grid.photos import Index
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.grid.tiles import beginning
from photosearch.gui.grid.view import TileView
from photosearch.gui.language import tr
from photosearch.records import Group, GroupPhoto

PICTURE = QSize(176, 132)
"""The box that a picture fits in."""

AHEAD = 900
"""Pixels below and above what is in sight whose thumbnails are made before they are scrolled to."""

Scroll = QAbstractItemView.ScrollHint
Move = QAbstractItemView.CursorAction


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where a person is: the current group by its suggested photo, the photo, the number of the group.

    Attributes:
        top: The group at the top, and how far it is scrolled out of sight; None where that is the first.
    """

    group: int
    photo: int
    number: int
    top: tuple[int, int] | None


class GroupList(TileView):
    """Shows `Groups`: up and down between groups, left and right between the photos of one."""

    current_changed = Signal()

    def __init__(self, groups: Groups, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups = groups
        self._thumbnails: Thumbnails | None = None
        self._tops = np.zeros(1, np.int64)
        self._columns = 1
        self._returning: Remembered | None = None
        self.setModel(groups)
        self.setAccessibleName(tr("Groups of duplicates"))
        self.setAccessibleDescription(
            tr("Up and down go from group to group, left and right from photo to photo.")
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._name_font, self._line_font = theme.font(0.95), theme.font(0.88)
        groups.modelReset.connect(self._fit)
        groups.dataChanged.connect(self.viewport().update)

    def use(self, thumbnails: Thumbnails) -> None:
        """Draw these thumbnails from now on."""
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(lambda _: self.viewport().update())
        self.viewport().update()

    @property
    def current(self) -> tuple[Group, GroupPhoto] | None:
        """The photo that the keyboard is at, and its group."""
        row = self.currentIndex().row()
        return (self._groups.group(row), self._groups.each(row)) if row >= 0 else None

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.current_changed.emit()

    def go_to(self, row: int) -> None:
        """Let the keyboard be at a photo, and show its whole group."""
        if row < self._groups.rowCount():
            self.setCurrentIndex(self._groups.index(row))

    def go_to_group(self, number: int) -> None:
        """Let the keyboard be at the kept photo of a group, or of the last one."""
        if self._groups.shown:
            number = min(number, len(self._groups.shown) - 1)
            keeper = self._groups.keeper(self._groups.shown[number])
            place = self._groups.shown[number].photos.index(keeper)
            self.go_to(int(self._groups.starts[number]) + place)

    def remember(self) -> Remembered | None:
        """Where the person is, for when the groups have changed."""
        row = self.currentIndex().row()
        if row < 0:
            return None
        group, number = self._groups.group(row), self._groups.number(row)
        top, sight = None, self._numbers(0, 0)
        if self.verticalScrollBar().value() and sight:
            top = self._groups.shown[sight.start].keeper.id, -self._place(sight.start).top()
        return Remembered(group.keeper.id, self._groups.each(row).photo.id, number, top)

    def return_to(self, remembered: Remembered | None) -> None:
        """Be there again once the groups are listed anew."""
        self._returning = remembered and replace(remembered, top=None)

    def restore(self, remembered: Remembered | None) -> None:
        """Be where the person was, or as near as there is something."""
        numbers = {group.keeper.id: number for number, group in enumerate(self._groups.shown)}
        if self._returning and self._returning.group in numbers:
            remembered, self._returning = self._returning, None
        if remembered is None:
            self.go_to_group(0)
            return
        if remembered.top and remembered.top[0] in numbers:
            top = int(self._tops[numbers[remembered.top[0]]])
            self.verticalScrollBar().setValue(top + remembered.top[1])
        number = numbers.get(remembered.group)
        if number is None:
            self.go_to_group(remembered.number)
            return
        photos = [each.photo.id for each in self._groups.shown[number].photos]
        place = photos.index(remembered.photo) if remembered.photo in photos else 0
        self.go_to(int(self._groups.starts[number]) + place)

    # Where things are

    def _tile_size(self) -> QSize:
        lines = QFontMetrics(self._name_font).height() + 3 * QFontMetrics(self._line_font).height()
        return PICTURE + QSize(2 * theme.SMALL, lines + 2 * theme.SMALL + theme.MEDIUM)

    def _head(self) -> int:
        """Height of the words over a group."""
        return QFontMetrics(self._name_font).height() + 2 * theme.MEDIUM

    def _measure(self) -> None:
        room = self.viewport().width() - 2 * theme.LARGE
        self._columns = max(1, room // (self._tile_size().width() + theme.SMALL))
        lines = [-(-len(group.photos) // self._columns) for group in self._groups.shown]
        heights = self._head() + np.array([0, *lines]) * self._tile_size().height() + theme.MEDIUM
        heights[0] = theme.SMALL
        self._tops = np.cumsum(heights)

    def _fit(self) -> None:
        self._measure()
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, int(self._tops[-1]) + theme.SMALL - height))
        bar.setPageStep(height)
        bar.setSingleStep(60)
        self.viewport().update()

    def _place(self, number: int) -> QRect:
        """Where a group lies in the viewport."""
        top, bottom = int(self._tops[number]), int(self._tops[number + 1])
        return QRect(0, top - self.verticalScrollBar().value(), self.viewport().width(), bottom - top)

    def _tile(self, row: int) -> QRect:
        number = self._groups.number(row)
        at = row - int(self._groups.starts[number])
        line, column = divmod(at, self._columns)
        size = self._tile_size()
        x = theme.LARGE - theme.SMALL + column * (size.width() + theme.SMALL)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = self.viewport().width() - x - size.width()
        return QRect(QPoint(x, self._place(number).top() + self._head() + line * size.height()), size)

    def _numbers(self, top: int, bottom: int) -> range:
        """The groups that touch a part of the viewport."""
        scrolled = self.verticalScrollBar().value()
        first = int(np.searchsorted(self._tops, top + scrolled, "right")) - 1
        last = int(np.searchsorted(self._tops, bottom + scrolled, "right")) - 1
        count = len(self._groups.shown)
        return range(max(0, min(first, count)), max(0, min(last + 1, count)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        sight = self._numbers(0, 1)
        first = sight.start
        self._fit()
        if first and first < len(self._groups.shown):
            self.verticalScrollBar().setValue(int(self._tops[first]))

    # What Qt asks of a view

    def indexAt(self, point: QPoint) -> QModelIndex:
        for number in self._numbers(point.y(), point.y()):
            for row in self._rows(number):
                if self._tile(row).contains(point):
                    return self._groups.index(row)
        return QModelIndex()

    def _rows(self, number: int) -> range:
        return range(int(self._groups.starts[number]), int(self._groups.starts[number + 1]))

    def scrollTo(self, index: Index, hint: Scroll = Scroll.EnsureVisible) -> None:
        if not index.isValid():
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        # The whole group if there is room for it, else at least the photo.
        place = self._place(self._groups.number(index.row()))
        if place.height() > height:
            place = self._tile(index.row()).adjusted(0, -theme.SMALL, 0, theme.SMALL)
        if place.top() < 0:
            bar.setValue(bar.value() + place.top())
        elif place.bottom() > height:
            bar.setValue(bar.value() + place.bottom() - height + 1)

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        groups, row = self._groups, self.currentIndex().row()
        if not groups.shown or row < 0:
            return groups.index(0)
        number = groups.number(row)
        own, last = self._rows(number), len(groups.shown) - 1
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            action = {Move.MoveLeft: Move.MoveRight, Move.MoveRight: Move.MoveLeft}.get(action, action)
        match action:
            case Move.MoveLeft | Move.MovePrevious:
                return groups.index(max(own.start, row - 1))
            case Move.MoveRight | Move.MoveNext:
                return groups.index(min(own.stop - 1, row + 1))
            case Move.MoveUp:
                to = number - 1
            case Move.MoveDown:
                to = number + 1
            case Move.MoveHome:
                to = 0
            case Move.MoveEnd:
                to = last
            case _:
                height = self.viewport().height()
                by = height if action == Move.MovePageDown else -height
                to = int(np.searchsorted(self._tops, int(self._tops[number]) + by, "right")) - 1
                if to == number:
                    to += 1 if by > 0 else -1
        if to < 0 or to > last:
            to = max(0, min(last, to))
        return groups.index(self._rows(to).start if to != number else row)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        selection, index = QItemSelection(), self.indexAt(rect.topLeft())
        if index.isValid():
            selection.append(QItemSelectionRange(index))
        self.selectionModel().select(selection, command)

    def keyboardSearch(self, search: str) -> None:
        """Letters are decisions here."""

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.currentIndex().row()
        at = self._groups.number(current) if current >= 0 else -1
        for number in self._numbers(event.rect().top(), event.rect().bottom()):
            self._paint_group(painter, number, at)
        painter.end()
        self._look()

    def _look(self) -> None:
        """Ask for the thumbnails in sight, then for those that soon are."""
        if not self._thumbnails:
            return
        height = self.viewport().height()
        sight = self._numbers(0, height)
        around = self._numbers(-AHEAD, height + AHEAD)
        numbers = [*sight, *range(sight.stop, around.stop), *range(around.start, sight.start)]
        photos = [each.photo for number in numbers for each in self._groups.shown[number].photos]
        self._thumbnails.want(photos, self.devicePixelRatioF())

    def _paint_group(self, painter: QPainter, number: int, current: int) -> None:
        group, place = self._groups.shown[number], self._place(number)
        card = QRectF(place).adjusted(theme.SMALL, 0, -theme.SMALL, -theme.SMALL)
        if number == current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().alternateBase())
            painter.drawRoundedRect(card, theme.ROUND + 4, theme.ROUND + 4)
        elif number and number - 1 != current:
            line = QRect(theme.LARGE, place.top() - theme.SMALL // 2 - 1, place.width() - 2 * theme.LARGE, 1)
            painter.fillRect(line, self.palette().mid())
        self._paint_head(painter, group, place)
        keeper = self._groups.keeper(group)
        for row in self._rows(number):
            tile = self._tile(row)
            if tile.intersects(self.viewport().rect()):
                self._paint_photo(painter, tile, row, group, keeper)

    def _paint_head(self, painter: QPainter, group: Group, place: QRect) -> None:
        bold, plain = QFont(self._name_font), self._name_font
        bold.setWeight(QFont.Weight.DemiBold)
        line = QRect(place.left() + theme.LARGE, place.top(), place.width() - 2 * theme.LARGE, self._head())
        direction = self.layoutDirection()
        start = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        end = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.setLayoutDirection(direction)
        rtl = direction == Qt.LayoutDirection.RightToLeft

        def write(text: str, font: QFont, role: QPalette.ColorRole, at_end: bool = False) -> None:
            nonlocal line
            painter.setFont(font)
            painter.setPen(self.palette().color(role))
            metrics = QFontMetrics(font)
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, end if at_end else start, text)
            used = metrics.horizontalAdvance(text) + theme.MEDIUM
            at_left = at_end == rtl
            line = line.adjusted(used, 0, 0, 0) if at_left else line.adjusted(0, 0, -used, 0)

        quiet = QPalette.ColorRole.PlaceholderText
        write(in_words.kind(group), bold, QPalette.ColorRole.Text)
        gain = in_words.gain(self._groups.gain(group))
        if gain:
            write(gain, plain, quiet, at_end=True)
        write(self._groups.reason(group), plain, quiet)

    def _paint_photo(
        self, painter: QPainter, tile: QRect, row: int, group: Group, keeper: GroupPhoto
    ) -> None:
        each = self._groups.each(row)
        fate = self._groups.fate(group, each)
        accent = self.palette().accent().color()
        if row == self.currentIndex().row():
            painter.setBrush(theme.with_alpha(accent, 0.14 if self.hasFocus() else 0.08))
            painter.setPen(
                QPen(
                    accent if self.hasFocus() else self.palette().dark().color(), 2 if self.hasFocus() else 1
                )
            )
            painter.drawRoundedRect(QRectF(tile).adjusted(1, 1, -1, -1), theme.ROUND + 2, theme.ROUND + 2)
        box = QRect(tile.topLeft() + QPoint(theme.SMALL, theme.SMALL), PICTURE)
        going = fate == "trash"
        pixmap = self._thumbnails.get(each.photo) if self._thumbnails else None
        outline = QPainterPath()
        if pixmap:
            place = QRect(QPoint(), pixmap.deviceIndependentSize().toSize())
            place.moveCenter(box.center())
            outline.addRoundedRect(QRectF(place), 5, 5)
            painter.save()
            painter.setClipPath(outline)
            painter.setOpacity(0.4 if going or each.photo.offline else 1.0)
            painter.drawPixmap(place.topLeft(), pixmap)
            painter.restore()
        else:
            place = box
            outline.addRoundedRect(QRectF(box), 5, 5)
            painter.fillPath(outline, self.palette().mid().color())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.with_alpha(self.palette().text().color(), 0.12), 1))
        painter.drawPath(outline)
        self._paint_badge(painter, place, group, each, fate)
        self._paint_words(painter, tile, each, keeper, row == self.currentIndex().row())

    def _paint_badge(self, painter: QPainter, box: QRect, group: Group, each: GroupPhoto, fate: Fate) -> None:
        """What it is and becomes, by a drawing and in words, in a corner of the picture."""
        icon, text = {
            "keep": ("done", tr("Keep")),
            "suggested": ("star", tr("Suggested")),
            "trash": ("trash", tr("To the trash")),
            "protected": ("lock", tr("{kind}, stays", kind=in_words.kind_of(group, each))),
        }.get(fate, ("", in_words.kind_of(group, each)))
        font = theme.font(0.82, QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        side = metrics.height() if icon else 0
        room = PICTURE.width() - 12 - 16 - side
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(text) + 16 + (side + 3 if icon else 0)
        # One that is wider than its picture reaches over both edges alike.
        badge = QRectF(beginning(self, box, width), box.top() + 6, width, metrics.height() + 6)
        colours = self.palette()
        strong = fate in ("keep", "trash")
        ground = {"keep": colours.highlight().color(), "trash": colours.brightText().color()}.get(
            fate, colours.base().color()
        )
        painter.setPen(QPen(theme.with_alpha(colours.text().color(), 0.16), 1))
        painter.setBrush(theme.with_alpha(ground, 1.0 if strong else 0.92))
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        # On a warning's colour white in the light window, black in the dark one.
        light = ground.lightnessF() < 0.55 if fate == "trash" else True
        ink = colours.text().color()
        if strong:
            ink = colours.highlightedText().color() if light else colours.base().color()
        inside = badge.adjusted(8, 0, -8, 0)
        if icon:
            drawing = theme.drawn(icon, side, ink, self.devicePixelRatioF())
            leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = inside.right() - side if leftwards else inside.left()
            painter.drawPixmap(QPointF(x, badge.top() + 3), drawing)
            inside.adjust(0 if leftwards else side + 3, 0, -side - 3 if leftwards else 0, 0)
        painter.setPen(ink)
        painter.setFont(font)
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_words(
        self, painter: QPainter, tile: QRect, each: GroupPhoto, keeper: GroupPhoto, is_current: bool
    ) -> None:
        name, size, bytes, date, folder = in_words.facts(each.photo, keeper.photo)
        top = tile.top() + PICTURE.height() + 2 * theme.SMALL
        middle, right = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        lines = [
            ([name], self._name_font, middle),
            ([size, bytes], self._line_font, right),
            ([date], self._line_font, right),
            ([folder], self._line_font, middle),
        ]
        for facts, font, elided in lines:
            x, room = tile.left() + theme.SMALL + 2, PICTURE.width() - 4
            height = QFontMetrics(font).height()
            for number, fact in enumerate(facts):
                differs = fact.differs and each is not keeper
                drawn = QFont(font)
                drawn.setWeight(QFont.Weight.DemiBold if differs else QFont.Weight.Normal)
                metrics = QFontMetrics(drawn)
                text = tr("≠ {value}", value=fact.text) if differs else fact.text
                text = ("  ·  " if number else "") + text
                text = metrics.elidedText(text, elided, room)
                # On the ground of the current one, quiet words would be too faint.
                strong = differs or is_current or fact is name
                role = QPalette.ColorRole.Text if strong else QPalette.ColorRole.PlaceholderText
                painter.setFont(drawn)
                painter.setPen(self.palette().color(role))
                painter.drawText(
                    QRect(x, top, room, height),
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading,
                    text,
                )
                used = metrics.horizontalAdvance(text)
                if self.layoutDirection() == Qt.LayoutDirection.LeftToRight:
                    x += used
                room -= used
            top += height
