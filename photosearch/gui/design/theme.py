"""The look: spacing, type, colours and icons, in one place.

Widgets take colours from their palette and distances from here, so that light, dark and any scale look alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QHelpEvent,
    QIcon,
    QIconEngine,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolTip,
    QWidget,
)

from photosearch.gui.design import motion
from photosearch.gui.design.style import STYLE
from photosearch.settings import Appearance, resources

SMALL, MEDIUM, LARGE, HUGE = 6, 12, 20, 36
"""Distances, in pixels of a 1× screen."""

MIRRORED = {"back": "forward", "forward": "back", "previous": "next", "next": "previous"}
"""Drawings that point on or back, and which stands for each where one reads from right to left."""

BESIDE_WORDS = QSize(22, 16)
"""Size of a drawing on a button: it stands where lines begin, and what is left over keeps the words away."""

ROUND = 8
"""Radius of the corners of what can be pressed."""

PROGRAM = "photosearch"
"""Names the program's own icon among the drawings."""

LIGHT = {
    QPalette.ColorRole.Window: "#f4f4f6",
    QPalette.ColorRole.WindowText: "#1c1c21",
    QPalette.ColorRole.Base: "#ffffff",
    QPalette.ColorRole.AlternateBase: "#ebebef",
    QPalette.ColorRole.Text: "#1c1c21",
    QPalette.ColorRole.PlaceholderText: "#686872",
    QPalette.ColorRole.Button: "#ffffff",
    QPalette.ColorRole.ButtonText: "#1c1c21",
    QPalette.ColorRole.Mid: "#dcdce2",
    QPalette.ColorRole.Midlight: "#e9e9ee",
    QPalette.ColorRole.Dark: "#b9b9c2",
    QPalette.ColorRole.Shadow: "#7c7c86",
    QPalette.ColorRole.Highlight: "#3a63d8",
    QPalette.ColorRole.Accent: "#3a63d8",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.Link: "#2f55c4",
    QPalette.ColorRole.ToolTipBase: "#2a2a30",
    QPalette.ColorRole.ToolTipText: "#f4f4f6",
    QPalette.ColorRole.BrightText: "#a8471b",
}
DARK = {
    QPalette.ColorRole.Window: "#222226",
    QPalette.ColorRole.WindowText: "#ececf0",
    QPalette.ColorRole.Base: "#18181b",
    QPalette.ColorRole.AlternateBase: "#2b2b30",
    QPalette.ColorRole.Text: "#ececf0",
    QPalette.ColorRole.PlaceholderText: "#9c9ca7",
    QPalette.ColorRole.Button: "#303036",
    QPalette.ColorRole.ButtonText: "#ececf0",
    QPalette.ColorRole.Mid: "#37373e",
    QPalette.ColorRole.Midlight: "#303036",
    QPalette.ColorRole.Dark: "#55555f",
    QPalette.ColorRole.Shadow: "#7a7a85",
    QPalette.ColorRole.Highlight: "#3f6ae0",
    QPalette.ColorRole.Accent: "#5d86f2",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.Link: "#8fabff",
    QPalette.ColorRole.ToolTipBase: "#3a3a42",
    QPalette.ColorRole.ToolTipText: "#ececf0",
    QPalette.ColorRole.BrightText: "#f0a070",
}
LIGHT_CONTRAST = LIGHT | {
    QPalette.ColorRole.Window: "#ffffff",
    QPalette.ColorRole.WindowText: "#000000",
    QPalette.ColorRole.AlternateBase: "#f0f0f0",
    QPalette.ColorRole.Text: "#000000",
    QPalette.ColorRole.PlaceholderText: "#333333",
    QPalette.ColorRole.ButtonText: "#000000",
    QPalette.ColorRole.Mid: "#505050",
    QPalette.ColorRole.Midlight: "#dcdcdc",
    QPalette.ColorRole.Dark: "#505050",
    QPalette.ColorRole.Shadow: "#505050",
    QPalette.ColorRole.Highlight: "#0b2fa8",
    QPalette.ColorRole.Accent: "#0b2fa8",
    QPalette.ColorRole.Link: "#0b2fa8",
    QPalette.ColorRole.ToolTipBase: "#000000",
    QPalette.ColorRole.ToolTipText: "#ffffff",
    QPalette.ColorRole.BrightText: "#7a2b00",
}
DARK_CONTRAST = DARK | {
    QPalette.ColorRole.Window: "#000000",
    QPalette.ColorRole.WindowText: "#ffffff",
    QPalette.ColorRole.Base: "#000000",
    QPalette.ColorRole.AlternateBase: "#1c1c1c",
    QPalette.ColorRole.Text: "#ffffff",
    QPalette.ColorRole.PlaceholderText: "#d6d6d6",
    QPalette.ColorRole.Button: "#000000",
    QPalette.ColorRole.ButtonText: "#ffffff",
    QPalette.ColorRole.Mid: "#a8a8a8",
    QPalette.ColorRole.Midlight: "#333333",
    QPalette.ColorRole.Dark: "#a8a8a8",
    QPalette.ColorRole.Shadow: "#a8a8a8",
    QPalette.ColorRole.Highlight: "#ffd84d",
    QPalette.ColorRole.Accent: "#ffd84d",
    QPalette.ColorRole.HighlightedText: "#000000",
    QPalette.ColorRole.Link: "#ffd84d",
    QPalette.ColorRole.ToolTipBase: "#000000",
    QPalette.ColorRole.ToolTipText: "#ffffff",
    QPalette.ColorRole.BrightText: "#ffb38a",
}
"""Highlight lies behind words, Accent is a mark, PlaceholderText is quiet text, Mid a line, Midlight what the
pointer is over, Shadow the outline of a field or a box, BrightText a warning."""


def dress(application: QApplication, appearance: Appearance) -> None:
    """Give the program its look, and keep it when the system turns light or dark."""
    first = application.property("appearance") is None
    application.setProperty("appearance", appearance)
    hints = application.styleHints()
    if first:
        application.setStyle("Fusion")
        application.setWindowIcon(QIcon(str(resources() / f"{PROGRAM}.svg")))
        motion.ask(application)
        hints.colorSchemeChanged.connect(lambda: _colour(application))
        # Since Qt 6.10.
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(lambda: _colour(application))
    schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
    hints.setColorScheme(schemes.get(appearance, Qt.ColorScheme.Unknown))
    _colour(application)


def _colour(application: QApplication) -> None:
    appearance = application.property("appearance")
    hints = application.styleHints()
    # Not every platform can be told its scheme, so a choice is not read back from it.
    dark = appearance == "dark" or (appearance != "light" and hints.colorScheme() == Qt.ColorScheme.Dark)
    strong = appearance == "contrast" or (
        hasattr(hints, "accessibility")
        and hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
    )
    colour(application, dark, strong)


def colour(application: QApplication, dark: bool, strong: bool) -> None:
    """Give everything the colours of a `palette`."""
    colours = palette(dark, strong)
    application.setPalette(colours)
    # Set again, as a style sheet looks its palette(…) up only once.
    # Where contrast is high, what is a line is too dark a ground for words.
    checked = (colours.midlight() if strong else colours.mid()).color()
    style = STYLE.replace("CHECKED", checked.name())
    style = style.replace("HOVER", colours.highlight().color().darker(112).name())
    application.setStyleSheet(style.replace("ICONS", (resources() / "icons").as_posix()))


@contextmanager
def undressed(application: QApplication) -> Iterator[None]:
    """Make a window in the block: it gets the style sheet once it is whole.

    Under a style sheet Qt goes through all that is in a widget whenever that is put into another one.
    """
    sheet = application.styleSheet()
    application.setStyleSheet("")
    try:
        yield
    finally:
        application.setStyleSheet(sheet)


def palette(dark: bool, strong: bool = False) -> QPalette:
    """The colours of a light or a dark window, or of one whose lines and letters are as strong as can be."""
    chosen = (DARK_CONTRAST if dark else LIGHT_CONTRAST) if strong else (DARK if dark else LIGHT)
    colours = QPalette()
    for role, name in chosen.items():
        colours.setColor(role, QColor(name))
    faint = QColor(chosen[QPalette.ColorRole.Dark])
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return colours


def font(scale: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The person's own font, larger or smaller by a factor."""
    chosen = QFont(QApplication.font())
    chosen.setPointSizeF(chosen.pointSizeF() * scale)
    chosen.setWeight(weight)
    return chosen


def with_alpha(colour: QColor, alpha: float) -> QColor:
    """A colour that lets through what is below it; 0 is glass, 1 is paint."""
    return QColor(colour.red(), colour.green(), colour.blue(), round(255 * alpha))


def icon(name: str) -> QIcon:
    """A drawing of `resources/icons`, in the colour of the text beside it."""
    return QIcon(_Drawing(name))


def button(text: str, name: str) -> QPushButton:
    """A button with a drawing before its text."""
    made = QPushButton(icon(name), text)
    made.setIconSize(BESIDE_WORDS)
    return made


def beginning() -> Qt.AlignmentFlag:
    """Where lines begin: a name in Latin letters begins there too where the language is read leftwards."""
    right = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return Qt.AlignmentFlag.AlignAbsolute | (
        Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    )


class CheckBox(QCheckBox):
    """One whose box is seen: Fusion draws its outline a little darker than the window, which may be dark."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        colours = QPalette(self.palette())
        colours.setColor(QPalette.ColorRole.Window, colours.shadow().color().lighter(140))
        option.palette = colours
        painter.drawControl(QStyle.ControlElement.CE_CheckBox, option)
        painter.end()


class Drawing(QWidget):
    """A drawing of `resources/icons` by itself, in the colour of quiet text; or the program's own icon."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        self._size = size
        self.show_drawing(name)

    def show_drawing(self, name: str) -> None:
        """Show another one; the program's own is twice as large."""
        self._name = name
        size = 2 * self._size if name == PROGRAM else self._size
        self.setFixedSize(size, size)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._name == PROGRAM:
            self.window().windowIcon().paint(painter, self.rect())
        else:
            quiet = self.palette().placeholderText().color()
            painter.drawPixmap(0, 0, drawn(self._name, self.width(), quiet, self.devicePixelRatioF()))


class Line(QLabel):
    """One line of text that is shortened in the middle where there is no room for it.

    Attributes:
        tip: Said where the pointer rests, in place of the whole of a text that was shortened.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def event(self, event: QEvent) -> bool:
        # Not as the widget's own tip: screen readers would read that after the text, which they have whole.
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.toolTip():
            said = self.tip or (self.text() if self._shortened() != self.text() else "")
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawText(self.rect(), self.alignment(), self._shortened())

    def _shortened(self) -> str:
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())


class ProgressBar(QProgressBar):
    """How far something has come; while nobody knows, it moves to and fro, unless nothing is to move."""

    def __init__(self, width: int | None, height: int, name: str) -> None:
        """As wide as there is room if no width is given; the name is for who listens."""
        super().__init__()
        self.setTextVisible(False)
        if width is None:
            self.setFixedHeight(height)
        else:
            self.setFixedSize(width, height)
        self.setAccessibleName(name)

    def show_progress(self, done: int, total: int | None) -> None:
        """Show this; total is None while it is unknown."""
        if total is None and is_still():
            self.setRange(0, 1)
            self.setValue(0)
        else:
            self.setRange(0, total or 0)
            self.setValue(done)


def is_still() -> bool:
    """Whether the person told the system that nothing is to move by itself."""
    duration = QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    application = QApplication.instance()
    return duration == 0 or bool(application and application.property(motion.STILL))


def rule() -> QFrame:
    """A line that parts what is above from what is below."""
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet("background: palette(mid);")
    return line


def upright_rule() -> QFrame:
    """A line that parts what is left from what is right."""
    line = QFrame()
    line.setFixedWidth(1)
    line.setStyleSheet("background: palette(mid);")
    return line


def scrolled(inside: QWidget, name: str = "") -> QScrollArea:
    """Something that is scrolled up and down where there is no room for all of it.

    Args:
        name: What it is; then the keyboard can be in it to scroll it, while there is something to scroll.
            Without, the keyboard goes to what is inside, which comes in sight by that.
    """
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    if name:
        reach(area)
    area.setWidget(inside)
    # Of the colour of what it lies in.
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    return area


def reach(area: QScrollArea) -> None:
    """Let the keyboard be in an area while there is something to scroll in it, and show that it is."""

    def follow(least: int, most: int) -> None:
        area.setFocusPolicy(Qt.FocusPolicy.TabFocus if most > least else Qt.FocusPolicy.NoFocus)

    area.setProperty("reached", True)
    area.verticalScrollBar().rangeChanged.connect(follow)


def pop_up(menu: QMenu, at: QPoint, of: str) -> None:
    """Show a menu at a point of the screen; it is gone when it closes. Who listens hears what it is of."""
    menu.setAccessibleName(of)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)


def drawn(name: str, size: int, colour: QColor, ratio: float) -> QPixmap:
    """The same drawing as a picture of `size` pixels on a 1× screen."""
    key = f"{name} {size} {colour.name()} {ratio}"
    pixmap = QPixmap()
    # Each tile without a thumbnail has one, and to draw it takes longer than all the rest of the tile.
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _draw(painter, name, QRectF(pixmap.rect()), colour)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def _draw(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    QSvgRenderer(_source(name).replace(b"currentColor", colour.name().encode())).render(painter, rect)


@cache
def _source(name: str) -> bytes:
    return (resources() / "icons" / f"{name}.svg").read_bytes()


class _Drawing(QIconEngine):
    """Draws an icon anew for each size and colour, so that it is sharp and follows light and dark."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colours = QGuiApplication.palette()
        role = (
            QPalette.ColorRole.HighlightedText
            if mode == QIcon.Mode.Selected
            else QPalette.ColorRole.WindowText
        )
        group = QPalette.ColorGroup.Disabled if mode == QIcon.Mode.Disabled else QPalette.ColorGroup.Active
        square, name = QRectF(rect.x(), rect.y(), rect.height(), rect.height()), self._name
        if QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            square.moveRight(rect.x() + rect.width())
            name = MIRRORED.get(name, name)
        _draw(painter, name, square, colours.color(group, role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return cast(QIconEngine, _Drawing(self._name))
