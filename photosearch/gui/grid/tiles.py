"""How a photo of a grid looks: its picture, its name, and how near it is or when it was taken."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr, words
from photosearch.records import Match, Photo

WIDTHS = (104, 128, 152, 176, 208, 256, 320)
"""The boxes a picture can fit in, of three by four; 320 is what thumbnails are kept at."""

USUAL = 3
"""The one to begin with: four beside each other in a window as wide as it opens, and little between them."""

AWAY = 0.42
"""How strong the picture of a photo is whose drive is not there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to be painted.

    Attributes:
        photo: None while it is being fetched.
        match: How near it is, in an answer to a search.
        pixmap: Its thumbnail, once that is here.
        lacks: Whether it has none.
        focused: Whether the keyboard is here.
        hovered: Whether the pointer is.
    """

    photo: Photo | None
    match: Match | None
    pixmap: QPixmap | None
    lacks: bool
    chosen: bool
    focused: bool
    hovered: bool


class Tiles:
    """Measures and paints the tiles of a view, all of one size, in its colours."""

    def __init__(self, view: QWidget) -> None:
        self._view = view
        self._width = USUAL
        self.measure()

    def measure(self) -> None:
        """Take the person's font as it is now."""
        self.name_font, self.line_font = theme.font(0.95), theme.font(0.88)
        lines = QFontMetrics(self.name_font).height() + QFontMetrics(self.line_font).height()
        self.size = self.picture + QSize(2 * theme.SMALL, lines + 3 * theme.SMALL)

    def choose(self, size: int) -> bool:
        """Let the pictures fit the box with this number; whether that is another one."""
        before, self._width = self._width, size
        self.measure()
        return self._width != before

    @property
    def picture(self) -> QSize:
        """The box that a picture fits in, in pixels of a 1× screen."""
        return QSize(WIDTHS[self._width], WIDTHS[self._width] * 3 // 4)

    def paint(self, painter: QPainter, tile: QRect, shown: Shown) -> None:
        """Paint a tile where it lies in the view."""
        self._paint_ground(painter, tile, shown)
        box, photo = QRect(tile.topLeft() + QPoint(theme.SMALL, theme.SMALL), self.picture), shown.photo
        if photo is None:
            self._paint_empty(painter, box)
            return
        if shown.pixmap:
            box = self._paint_picture(painter, box, shown.pixmap, AWAY if photo.offline else 1.0)
        else:
            self._paint_empty(painter, box)
            if shown.lacks:
                faint = self._view.palette().dark().color()
                drawing = theme.drawn("picture", 32, faint, self._view.devicePixelRatioF())
                painter.drawPixmap(box.center() - QPoint(16, 16), drawing)
        if shown.match:
            self._paint_badge(painter, box, shown.match)
        self._paint_words(painter, tile, photo, shown)

    def _paint_ground(self, painter: QPainter, tile: QRect, shown: Shown) -> None:
        if not (shown.chosen or shown.focused or shown.hovered):
            return
        colours = self._view.palette()
        accent = colours.accent().color()
        ground = theme.with_alpha(colours.text().color(), 0.05)
        if shown.chosen:
            ground = theme.with_alpha(accent, 0.2)
        painter.setBrush(ground if shown.chosen or shown.hovered else Qt.BrushStyle.NoBrush)
        # An outline, beside the ground: in a window of high contrast the ground is hardly seen.
        outline = QPen(accent, 2 if shown.focused else 1)
        painter.setPen(outline if shown.focused or shown.chosen else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(tile).adjusted(1, 1, -1, -1), theme.ROUND + 2, theme.ROUND + 2)

    def _paint_empty(self, painter: QPainter, box: QRect) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._view.palette().alternateBase())
        painter.drawRoundedRect(QRectF(box), 5, 5)

    def _paint_picture(self, painter: QPainter, box: QRect, pixmap: QPixmap, strength: float) -> QRect:
        """Draw a picture amid a box, at whole pixels so that it stays sharp; where it came to lie."""
        size = pixmap.deviceIndependentSize().toSize()
        place = QRect(QPoint(), size)
        place.moveCenter(box.center())
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), 5, 5)
        painter.save()
        painter.setClipPath(outline)
        painter.setOpacity(strength)
        painter.drawPixmap(place.topLeft(), pixmap)
        painter.restore()
        # A hairline keeps a white photo from melting into a white window.
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.with_alpha(self._view.palette().text().color(), 0.10), 1))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        return place

    def _paint_badge(self, painter: QPainter, box: QRect, match: Match) -> None:
        font = theme.font(0.82, QFont.Weight.DemiBold)
        text, metrics = words.badge(match), QFontMetrics(font)
        badge = QRectF(0, 0, metrics.horizontalAdvance(text) + 14, metrics.height() + 5)
        # One that is wider than its picture reaches over both edges alike.
        badge.moveTopLeft(QPointF(beginning(self._view, box, badge.width()), box.top() + 6))
        colours, same = self._view.palette(), match.kind == "same-shot"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.highlight() if same else QColor(0, 0, 0, 140))
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        painter.setPen(colours.highlightedText().color() if same else Qt.GlobalColor.white)
        painter.setFont(font)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_words(self, painter: QPainter, tile: QRect, photo: Photo, shown: Shown) -> None:
        name, line = QFontMetrics(self.name_font), QFontMetrics(self.line_font)
        place = QRect(
            tile.left() + theme.SMALL,
            tile.top() + self.picture.height() + 2 * theme.SMALL,
            self.picture.width(),
            name.height(),
        )
        colours = self._view.palette()
        painter.setFont(self.name_font)
        painter.setPen(colours.text().color())
        elided = name.elidedText(words.name(photo.path), Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, elided)
        place.translate(0, name.height())
        place.setHeight(line.height())
        painter.setFont(self.line_font)
        # On the ground of what is chosen, quiet words would be too faint.
        role = QPalette.ColorRole.Text if shown.chosen else QPalette.ColorRole.PlaceholderText
        painter.setPen(colours.color(role))
        second = words.closeness(shown.match) if shown.match else words.date(photo)
        if photo.offline:
            second = tr("offline · {date}", date=second)
        elided = line.elidedText(second, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, elided)


def beginning(view: QWidget, box: QRect, width: float) -> float:
    """Where the left edge of a badge lies: it is in the corner of a picture where one begins to read."""
    inset = min(6.0, (box.width() - width) / 2)
    if view.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        return box.left() + box.width() - inset - width
    return box.left() + inset
