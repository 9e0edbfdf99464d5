"""One example of a search: its picture, the part of it that is meant, and how much it weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.parts import Picture
from photosearch.gui.language import number, tr
from photosearch.records import WHOLE, Box

HEIGHT, NARROWEST, WIDEST = 112, 104, 200
"""Of a picture on its card, in pixels of a 1× screen."""

LOW = 56
"""Height of a picture where there is little room."""

STEP, HEAVIEST = 0.25, 3.0
"""By how much a weight changes at once, and how large it can be."""

SMALLEST = 0.05
"""A part is no smaller than this share of the width and of the height."""

NUDGE = 0.02
"""How far an arrow key moves a part, as a share of the picture."""

GRIP = 8.0
"""How near to an edge of the part the pointer takes hold of that edge."""

SHIFT = Qt.KeyboardModifier.ShiftModifier

MIDDLE = Box(0.25, 0.25, 0.5, 0.5)
"""The part that is meant first by whoever draws it by keys."""

OWN_KEYS = {
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Return, Qt.Key.Key_Enter),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Backspace, Qt.Key.Key_Delete),
}

Edges = tuple[int, int]
"""Which edges are held: -1 left or top, 1 right or bottom, 0 neither."""


class Card(QWidget):
    """Shows an example; the part and the weight can be changed, and the example be taken away."""

    changed = Signal()
    """The part or the weight is another now, and may go on changing."""
    settled = Signal()
    """It stays like this for now."""
    unwanted = Signal()

    def __init__(self, name: str, weight: float, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weight = weight
        self.part = Part(name, box)
        self.part.changed.connect(self.changed)
        self.part.settled.connect(self.settled)
        self.part.heavier_wanted.connect(self._weigh_more)
        self.part.unwanted.connect(self.unwanted)
        self._label = QLabel()
        self._label.setFont(theme.font(0.88, QFont.Weight.DemiBold))
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout()
        row.setSpacing(0)
        less = self._button("−", tr("Weigh “{name}” less", name=name), lambda: self._weigh_more(-STEP))
        more = self._button("+", tr("Weigh “{name}” more", name=name), lambda: self._weigh_more(STEP))
        away = self._button("×", tr("Take “{name}” away", name=name), self.unwanted.emit)
        away.setAccessibleDescription(tr("Delete"))
        self._weighing = less, more
        self.stops: list[QWidget] = [self.part, less, more, away]
        row.addWidget(less)
        row.addWidget(self._label, 1)
        row.addWidget(more)
        row.addWidget(away)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.part)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.part)
        self._show_weight()

    @property
    def weight(self) -> float:
        """Positive: more like this; negative: less."""
        return self._weight

    @property
    def box(self) -> Box:
        """The part that is searched for."""
        return self.part.box

    def show_image(self, image: QImage) -> None:
        """Show this picture."""
        self.part.show_image(image)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu, is_whole = QMenu(self), self.box == WHOLE
        box = tr("Draw a Box") if is_whole else tr("Take the Box Away")
        ways: list[tuple[str, str, Callable[[], object]]] = [
            (tr("Weigh More"), "+", lambda: self._weigh_more(STEP)),
            (tr("Weigh Less"), "−", lambda: self._weigh_more(-STEP)),
            (box, tr("Enter") if is_whole else tr("Backspace"), self.part.toggle_box),
            (tr("Take the Example Away"), tr("Delete"), self.unwanted.emit),
        ]
        for text, key, does in ways:
            # Not as a shortcut of the menu's own: the key is heard where the keyboard is.
            menu.addAction(f"{text}\t{key}").triggered.connect(does)
        theme.pop_up(menu, event.globalPos(), self.part.name)

    def _button(self, text: str, name: str, does: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setProperty("small", True)
        button.setFixedWidth(22)
        button.setAutoRepeat(text != "×")
        button.clicked.connect(does)
        return button

    def _weigh_more(self, by: float) -> None:
        weight = max(-HEAVIEST, min(HEAVIEST, self._weight + by))
        if weight == 0:
            # An example that weighs nothing would be none: less of “more” is “less”.
            weight = STEP if by > 0 else -STEP
        if weight != self._weight:
            self._weight = weight
            self._show_weight()
            self.changed.emit()
            self.settled.emit()

    def _show_weight(self) -> None:
        self._label.setText(written(self._weight))
        for button in self._weighing:
            button.setAccessibleDescription(written(self._weight))
        more = self._weight > 0
        self._label.setToolTip(tr("More like this") if more else tr("Less like this"))
        self._label.setProperty("warning", not more)
        # A style sheet looks at a property only when it is told to.
        self._label.style().polish(self._label)
        self.part.weigh(self._weight)


class Part(Picture):
    """A picture on which a box can be drawn, moved and resized, by pointer and by keys."""

    changed = Signal()
    settled = Signal()
    heavier_wanted = Signal(float)
    unwanted = Signal()

    def __init__(self, name: str, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = box
        self.name, self._weight = name, 1.0
        self.image = QImage()
        self._held: _Held | None = None
        self._high = HEIGHT
        self.setFixedSize(NARROWEST, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setToolTip(
            tr("{name}: draw a box to search for that part; a double click takes it away.", name=name)
        )
        self._describe()

    def sizeHint(self) -> QSize:
        return self.size()

    def show_image(self, image: QImage) -> None:
        """Show this picture, as wide as its shape wants."""
        self.image = image
        self.be_low(self._high == LOW)

    def be_low(self, low: bool) -> None:
        """Be as high as there is room, and as wide as the picture's shape wants."""
        self._high = LOW if low else HEIGHT
        wide = round(self._high * self.image.width() / max(1, self.image.height()))
        self.setFixedSize(max(NARROWEST, min(WIDEST, wide)), self._high)
        self.update()

    def weigh(self, weight: float) -> None:
        """Show and say what it weighs."""
        self._weight = weight
        self._describe()
        self.update()

    def choose(self, box: Box, settled: bool = True) -> None:
        """Search for this part."""
        box = _within(box)
        if box != self.box:
            self.box = box
            self._describe()
            self.update()
            self.changed.emit()
        if settled:
            self.settled.emit()

    def toggle_box(self) -> None:
        """Mean a part in the middle, to be moved and resized from there, or all of the picture again."""
        self.choose(MIDDLE if self.box == WHOLE else WHOLE)

    def _describe(self) -> None:
        kind = tr("More like") if self._weight > 0 else tr("Less like")
        said = f"{kind} {self.name}, {written(self._weight)}"
        if self.box != WHOLE:
            said += ", " + tr(
                "the part from {left} % and {top} % on, {width} % wide, {height} % high",
                left=round(100 * self.box.x),
                top=round(100 * self.box.y),
                width=round(100 * self.box.width),
                height=round(100 * self.box.height),
            )
        self.setAccessibleName(said)
        self.setAccessibleDescription(
            tr("Enter draws a box, arrows move it, Shift and arrows resize it, Backspace takes it away.")
        )

    # Where things are

    def _picture(self) -> QRectF:
        """Where the picture lies: all of it is to be seen, as any part of it may be meant."""
        if self.image.isNull():
            return QRectF(self.rect())
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, *size.toTuple())

    def _rect(self) -> QRectF:
        place, box = self._picture(), self.box
        return QRectF(
            place.x() + box.x * place.width(),
            place.y() + box.y * place.height(),
            box.width * place.width(),
            box.height * place.height(),
        )

    def _at(self, point: QPointF) -> QPointF:
        """A point of the widget in fractions of the picture."""
        place = self._picture()
        return QPointF(
            min(1.0, max(0.0, (point.x() - place.x()) / place.width())),
            min(1.0, max(0.0, (point.y() - place.y()) / place.height())),
        )

    def _edges(self, point: QPointF) -> Edges | None:
        """Which edges of the box are at a point; None away from it, (0, 0) inside."""
        if self.box == WHOLE:
            return None
        rect = self._rect()
        if not rect.adjusted(-GRIP, -GRIP, GRIP, GRIP).contains(point):
            return None
        # In a small box the inside still has to be reached.
        grip_x, grip_y = min(GRIP, rect.width() / 4), min(GRIP, rect.height() / 4)
        across = -1 if point.x() < rect.left() + grip_x else 1 if point.x() > rect.right() - grip_x else 0
        down = -1 if point.y() < rect.top() + grip_y else 1 if point.y() > rect.bottom() - grip_y else 0
        return across, down

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = _Held(self._at(event.position()), self.box, self._edges(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        held = self._held
        if held is None:
            self._point(event.position())
            return
        to = self._at(event.position())
        across, down = to.x() - held.start.x(), to.y() - held.start.y()
        if held.edges is None:
            if abs(across) < SMALLEST and abs(down) < SMALLEST:
                return
            left, top = min(held.start.x(), to.x()), min(held.start.y(), to.y())
            self.choose(Box(left, top, abs(across), abs(down)), settled=False)
        elif held.edges == (0, 0):
            self.choose(_moved(held.box, across, down), settled=False)
        else:
            self.choose(_resized(held.box, held.edges, across, down), settled=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, None
        if held and held.box != self.box:
            self.settled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.choose(WHOLE)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.heavier_wanted.emit(STEP if event.angleDelta().y() > 0 else -STEP)
        else:
            super().wheelEvent(event)

    def _point(self, at: QPointF) -> None:
        shapes = {
            None: Qt.CursorShape.CrossCursor,
            (0, 0): Qt.CursorShape.SizeAllCursor,
            (-1, 0): Qt.CursorShape.SizeHorCursor,
            (1, 0): Qt.CursorShape.SizeHorCursor,
            (0, -1): Qt.CursorShape.SizeVerCursor,
            (0, 1): Qt.CursorShape.SizeVerCursor,
            (-1, -1): Qt.CursorShape.SizeFDiagCursor,
            (1, 1): Qt.CursorShape.SizeFDiagCursor,
        }
        self.setCursor(shapes.get(self._edges(at), Qt.CursorShape.SizeBDiagCursor))

    # The keyboard

    def event(self, event: QEvent) -> bool:
        # Some of these keys do something else elsewhere in the window; here they mean the example.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            alone = not event.modifiers() & ~(SHIFT | Qt.KeyboardModifier.KeypadModifier)
            if alone and Qt.Key(event.key()) in OWN_KEYS:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        arrows = {
            keys.Key_Left: (-NUDGE, 0.0),
            keys.Key_Right: (NUDGE, 0.0),
            keys.Key_Up: (0.0, -NUDGE),
            keys.Key_Down: (0.0, NUDGE),
        }
        key = Qt.Key(event.key())
        if key in (keys.Key_Plus, keys.Key_Minus):
            self.heavier_wanted.emit(STEP if key == keys.Key_Plus else -STEP)
        elif key in (keys.Key_Return, keys.Key_Enter) and self.box == WHOLE:
            self.toggle_box()
        elif key in arrows and self.box != WHOLE:
            resizes = event.modifiers() & SHIFT
            by = arrows[key]
            self.choose(_resized(self.box, (1, 1), *by) if resizes else _moved(self.box, *by))
        elif key == keys.Key_Backspace:
            self.choose(WHOLE)
        elif key == keys.Key_Delete:
            self.unwanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place, accent = self._picture(), self.palette().accent().color()
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), theme.ROUND, theme.ROUND)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        if self.image.isNull():
            quiet = self.palette().placeholderText().color()
            drawing = theme.drawn("picture", 28, quiet, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 28) // 2, (self.height() - 28) // 2, drawing)
        else:
            painter.drawImage(place, self.image)
        if self.box != WHOLE:
            self._paint_box(painter, place, accent)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme.with_alpha(self.palette().text().color(), 0.12), 1)
        if self._weight < 0:
            # Dashes, beside the colour: not everybody tells colours apart.
            pen = QPen(self.palette().brightText().color(), 2, Qt.PenStyle.DashLine)
        if self.hasFocus():
            pen = QPen(accent, 2)
        painter.setPen(pen)
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(inside, theme.ROUND, theme.ROUND)

    def _paint_box(self, painter: QPainter, place: QRectF, accent: QColor) -> None:
        rect = self._rect()
        around = QPainterPath()
        around.addRect(place)
        hole = QPainterPath()
        hole.addRect(rect)
        painter.fillPath(around.subtracted(hole), QColor(0, 0, 0, 140))
        # White around the accent: it is to be seen on any picture.
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(Qt.GlobalColor.white, 3))
        painter.drawRect(rect)
        painter.setPen(QPen(accent, 1.5))
        painter.drawRect(rect)
        painter.setPen(QPen(Qt.GlobalColor.white, 1))
        painter.setBrush(accent)
        for corner in (rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()):
            painter.drawEllipse(corner, 3.5, 3.5)


@dataclass(frozen=True, slots=True)
class _Held:
    """Where the pointer went down, what the box was then, and what of it is held."""

    start: QPointF
    box: Box
    edges: Edges | None


def written(weight: float) -> str:
    """“×1”, “×0.5”, “×−0.75”."""
    places = 0 if weight == round(weight) else 1 if 10 * weight == round(10 * weight) else 2
    return f"×{'−' if weight < 0 else ''}{number(abs(weight), places)}"


def _within(box: Box) -> Box:
    width, height = max(SMALLEST, min(1.0, box.width)), max(SMALLEST, min(1.0, box.height))
    return Box(max(0.0, min(1 - width, box.x)), max(0.0, min(1 - height, box.y)), width, height)


def _moved(box: Box, across: float, down: float) -> Box:
    return _within(Box(box.x + across, box.y + down, box.width, box.height))


def _resized(box: Box, edges: Edges, across: float, down: float) -> Box:
    left, width = _stretched(box.x, box.width, edges[0], across)
    top, height = _stretched(box.y, box.height, edges[1], down)
    return Box(left, top, width, height)


def _stretched(start: float, length: float, edge: int, by: float) -> tuple[float, float]:
    """A stretch with one of its ends moved, the other one where it was."""
    end = start + length
    if edge < 0:
        start = max(0.0, min(end - SMALLEST, start + by))
    elif edge > 0:
        end = min(1.0, max(start + SMALLEST, end + by))
    return start, end - start
