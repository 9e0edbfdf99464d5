"""One photo, as large as there is room, with zoom and pan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QImage,
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.parts import Picture
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import tr, words
from photosearch.gui.viewing.pictures import Frame, Pictures, Wish
from photosearch.records import Photo

STEP = 1.25
"""Zoom of one press of a key, and of one notch of a wheel."""

CLOSEST = 16.0
"""Pixels of the screen that a pixel of the photo fills at most."""

PIXELS_SEEN_FROM = 3.0
"""From so many on, pixels are shown as squares: whoever looks so closely wants to see them."""


@dataclass(frozen=True, slots=True)
class View:
    """Which part of a photo is looked at.

    Attributes:
        zoom: 1: all of it is in sight, as large as there is room.
        x, y: What is in the middle, in fractions of the photo's width and height.
    """

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


class Canvas(Picture):
    """Shows a photo: at once what there is of it, and better when that has come."""

    view_changed = Signal(object)
    """The person looks at another part: a `View`."""
    lacking = Signal()
    """More pixels are needed than are here; see `wishes`."""

    def __init__(self, enlarges: bool = False, parent: QWidget | None = None) -> None:
        """Show nothing yet.

        Args:
            enlarges: A photo smaller than there is room is blown up, so that several look alike.
        """
        super().__init__(parent)
        self._enlarges = enlarges
        self._thumbnails: Thumbnails | None = None
        self._pictures: Pictures | None = None
        self._photo: Photo | None = None
        self._image: QImage | None = None
        self._sentence = self._spoken = self._facts = ""
        self._view = View()
        self._dragged_from: QPointF | None = None
        self._lacked = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 80)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def use(self, thumbnails: Thumbnails, pictures: Pictures) -> None:
        """Paint these from now on."""
        self._thumbnails, self._pictures = thumbnails, pictures
        thumbnails.arrived.connect(self._came)
        pictures.arrived.connect(self._came)

    # What is shown

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown."""
        return self._photo

    def show_photo(self, photo: Photo | None, view: View = View(), spoken: str = "") -> None:
        """Show a photo, or nothing.

        Args:
            spoken: The photo as a screen reader says it; its name, if empty.
        """
        self._photo, self._image, self._spoken = photo, None, spoken
        self._explain()
        self.set_view(view)

    def tell_facts(self, facts: str) -> None:
        """Say this of the photo to those who listen."""
        self._facts = facts
        self._explain()

    def show_image(self, image: QImage, name: str) -> None:
        """Show a picture that is none of the library's, at the part that was looked at."""
        self._photo, self._image, self._sentence = None, image, ""
        self.setAccessibleName(name)
        self.setAccessibleDescription("")
        self.update()

    @property
    def sentence(self) -> str:
        """What is said over the picture: why there is none, or only a small one."""
        return self._sentence

    def wishes(self) -> list[Wish]:
        """What has to be decoded for what is in sight, the most urgent first."""
        photo = self._photo
        if photo is None or photo.offline:
            return []
        wishes = [Wish(photo, self.screen_length())]
        if self._needed() > self.screen_length() and max(self._size().toTuple()) > self.screen_length():
            wishes.append(Wish(photo, None))
        return wishes

    def screen_length(self) -> int:
        """Pixels on the longer side of the screen: more are not seen at once."""
        size = self.screen().size() * self.devicePixelRatioF()
        return max(size.width(), size.height())

    # Which part

    @property
    def view(self) -> View:
        """Which part is in sight."""
        return self._view

    def set_view(self, view: View) -> None:
        """Show a part, or the nearest to it that there is."""
        zoom = min(max(1.0, view.zoom), self._closest())
        self._view = replace(view, zoom=zoom)
        room, whole = QSizeF(self.size()), self._fit() * zoom
        x = _within(view.x, room.width() / max(1.0, whole.width()))
        y = _within(view.y, room.height() / max(1.0, whole.height()))
        self._view = View(zoom, x, y)
        self.setCursor(Qt.CursorShape.OpenHandCursor if zoom > 1 else Qt.CursorShape.ArrowCursor)
        self.update()
        lacks = self._photo is not None and self._needed() > self.screen_length()
        if lacks != self._lacked:
            self._lacked = lacks
            self.lacking.emit()

    @property
    def scale(self) -> float:
        """Pixels of the screen for each of the photo's: 1.0 is 100 %."""
        own = self._size()
        return self._fit().width() * self._view.zoom * self.devicePixelRatioF() / max(1, own.width())

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Look more closely by a factor, at what is at a point of the widget, or in the middle."""
        self._zoom_to(self._view.zoom * factor, around)

    def zoom_to_scale(self, scale: float, around: QPointF | None = None) -> None:
        """Show a pixel of the photo as so many of the screen."""
        self._zoom_to(self._view.zoom * scale / self.scale, around)

    def fit(self) -> None:
        """Show all of it."""
        self._go(View())

    def pan(self, x: float, y: float) -> None:
        """Look further to the right and down, in pixels of the widget."""
        whole = self._fit() * self._view.zoom
        view = self._view
        self._go(replace(view, x=view.x + x / whole.width(), y=view.y + y / whole.height()))

    def _zoom_to(self, zoom: float, around: QPointF | None) -> None:
        zoom = min(max(1.0, zoom), self._closest())
        middle = QPointF(self.width() / 2, self.height() / 2)
        away = (around or middle) - middle
        before, after = self._fit() * self._view.zoom, self._fit() * zoom
        # What is under the pointer stays there.
        x = self._view.x + away.x() / before.width() - away.x() / after.width()
        y = self._view.y + away.y() / before.height() - away.y() / after.height()
        self._go(View(zoom, x, y))

    def _go(self, view: View) -> None:
        before = self._view
        self.set_view(view)
        if self._view != before:
            self.view_changed.emit(self._view)

    def _size(self) -> QSize:
        """Of the photo, upright, in its own pixels."""
        if self._image is not None:
            return self._image.size()
        photo = self._photo
        if photo is None:
            return QSize(1, 1)
        if photo.details.width > 0:
            return QSize(photo.details.width, photo.details.height)
        frame = self._pictures.get(Wish(photo, self.screen_length())) if self._pictures else None
        if frame:
            return QSize(frame.details.width, frame.details.height)
        pixmap = self._thumbnails.get(photo) if self._thumbnails else None
        return pixmap.size() if pixmap else QSize(3, 2)

    def _fit(self) -> QSizeF:
        """Of all of it, in pixels of the widget."""
        own, ratio = QSizeF(self._size()), self.devicePixelRatioF()
        room = QSizeF(max(1, self.width()), max(1, self.height()))
        if not self._enlarges:
            room = room.boundedTo(own / ratio)
        return own.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def _closest(self) -> float:
        fit = self._fit().width() * self.devicePixelRatioF() / max(1, self._size().width())
        return max(1.0, CLOSEST / fit)

    def _needed(self) -> float:
        """Pixels of the screen that the longer side of all of it would fill."""
        whole = self._fit() * self._view.zoom * self.devicePixelRatioF()
        return max(whole.width(), whole.height())

    def _place(self) -> QRectF:
        """Where all of it lies, at whole pixels of the screen so that 100 % is sharp."""
        whole, ratio = self._fit() * self._view.zoom, self.devicePixelRatioF()
        left = self.width() / 2 - self._view.x * whole.width()
        top = self.height() / 2 - self._view.y * whole.height()
        return QRectF(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), whole)

    # What came

    def _came(self, number: int) -> None:
        if self._photo and self._photo.id == number:
            self._explain()
            self.update()

    def _explain(self) -> None:
        photo = self._photo
        self._sentence = ""
        if photo and photo.offline:
            self._sentence = tr("This photo is offline: its drive, or its file, is not there just now.")
        elif photo and self._pictures:
            self._sentence = self._pictures.why_not(photo)
        self.setAccessibleName(self._spoken or (words.name(photo.path) if photo else ""))
        self.setAccessibleDescription(" ".join(filter(None, (self._sentence, self._facts))))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = self._place()
        image = self._best()
        if image is not None:
            self._paint_image(painter, place, image)
        elif self._photo:
            drawing = theme.drawn("picture", 48, self.palette().dark().color(), self.devicePixelRatioF())
            painter.drawPixmap(self.rect().center() - QPoint(24, 24), drawing)
        if self._sentence:
            self._paint_sentence(painter)

    def _best(self) -> QImage | None:
        """The best picture there is, but none that is larger than is seen."""
        photo = self._photo
        if photo is None:
            return self._image
        frame: Frame | None = None
        if self._pictures:
            if self._needed() > self.screen_length():
                frame = self._pictures.get(Wish(photo, None))
            frame = frame or self._pictures.get(Wish(photo, self.screen_length()))
        if frame:
            return frame.image
        pixmap = self._thumbnails.get(photo) if self._thumbnails else None
        return pixmap.toImage() if pixmap else None

    def _paint_image(self, painter: QPainter, place: QRectF, image: QImage) -> None:
        sight = place.intersected(QRectF(self.rect()))
        if sight.isEmpty():
            return
        across, down = image.width() / place.width(), image.height() / place.height()
        source = QRectF(
            (sight.x() - place.x()) * across,
            (sight.y() - place.y()) * down,
            sight.width() * across,
            sight.height() * down,
        )
        whole = image.width() >= self._size().width()
        smooth = not whole or self.devicePixelRatioF() / across < PIXELS_SEEN_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        if self._photo and self._photo.offline:
            painter.setOpacity(0.5)
        painter.drawImage(sight, image, source)
        painter.setOpacity(1)

    def _paint_sentence(self, painter: QPainter) -> None:
        font = theme.font(1.0)
        metrics = QFontMetrics(font)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
        room = QRect(0, 0, max(80, min(460, self.width() - 4 * theme.LARGE)), self.height())
        text = metrics.boundingRect(room, flags, self._sentence)
        plate = QRectF(text).adjusted(-theme.LARGE, -theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        plate.moveCenter(QPointF(self.width() / 2, 0))
        plate.moveBottom(self.height() - theme.LARGE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().mid().color(), 1))
        painter.setBrush(self.palette().window())
        painter.drawRoundedRect(plate, theme.ROUND, theme.ROUND)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.setFont(font)
        painter.drawText(plate, flags, self._sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.set_view(self._view)

    # The pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        fine, touchpad = event.pixelDelta(), event.device().type() == QInputDevice.DeviceType.TouchPad
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if touchpad and not fine.isNull() and not held:
            # Two fingers on a touchpad push the picture; with Ctrl, as everywhere, they zoom.
            self.pan(-fine.x(), -fine.y())
        else:
            self.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._view.zoom > 1:
            self._dragged_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None:
            moved = self._dragged_from - event.position()
            self._dragged_from = event.position()
            self.pan(moved.x(), moved.y())
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self.set_view(self._view)
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._view.zoom > 1:
            self.fit()
        else:
            self.zoom_to_scale(max(1.0, 2 * self.scale), event.position())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom_by(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())))
                return True
        return super().event(event)


def _within(middle: float, part: float) -> float:
    """The middle of a part of a whole (of 1) that does not reach beyond it."""
    return 0.5 if part >= 1 else min(max(middle, part / 2), 1 - part / 2)
