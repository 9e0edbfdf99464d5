"""The look: spacing, type, colours and icons, in one place.

Widgets take colours from their palette and distances from here, so that light, dark and any scale look alike.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
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
    QWidget,
)

from photosearch.gui.design import motion
from photosearch.settings import Appearance, resources

SMALL, MEDIUM, LARGE, HUGE = 6, 12, 20, 36
"""Distances, in pixels of a 1× screen."""

MIRRORED = {"back": "forward", "forward": "back", "previous": "next", "next": "previous"}
"""Drawings that point on or back, and which stands for each where one reads from right to left."""

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
    QPalette.ColorRole.Highlight: "#ffd84d",
    QPalette.ColorRole.Accent: "#ffd84d",
    QPalette.ColorRole.HighlightedText: "#000000",
    QPalette.ColorRole.Link: "#ffd84d",
    QPalette.ColorRole.ToolTipBase: "#000000",
    QPalette.ColorRole.ToolTipText: "#ffffff",
    QPalette.ColorRole.BrightText: "#ffb38a",
}
"""Highlight lies behind words, Accent is a mark, PlaceholderText is quiet text, Mid a line, Midlight what the
pointer is over, BrightText a warning."""

STYLE = """
QMainWindow, QDialog { background: palette(window); }
QMenuBar { background: palette(window); padding: 2px 6px; border: none; }
QMenuBar::item { padding: 5px 9px; border-radius: 6px; background: transparent; color: palette(window-text); }
QMenuBar::item:selected { background: palette(midlight); }
QMenu { background: palette(base); border: 1px solid palette(mid); padding: 5px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 5px; color: palette(text); }
QMenu::item:selected { background: palette(highlight); color: palette(highlighted-text); }
QMenu::item:disabled { color: palette(dark); background: transparent; }
QMenu::separator { height: 1px; background: palette(mid); margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }
QPushButton {
    background: palette(button); color: palette(button-text); border: 1px solid palette(mid);
    border-radius: 8px; padding: 7px 15px;
}
QPushButton:hover { background: palette(midlight); }
QPushButton:pressed { background: palette(mid); }
QPushButton:focus { border: 2px solid palette(highlight); padding: 6px 14px; }
QPushButton:disabled { color: palette(dark); }
QPushButton[primary="true"] {
    background: palette(highlight); color: palette(highlighted-text); border: 1px solid palette(highlight);
}
QPushButton[primary="true"]:hover { background: HOVER; border-color: HOVER; }
QPushButton[primary="true"]:focus { border: 2px solid palette(window-text); padding: 6px 14px; }
QToolButton {
    background: transparent; color: palette(window-text); border: 1px solid transparent; border-radius: 7px;
    padding: 4px 7px;
}
QToolButton:hover { background: palette(midlight); }
QToolButton:pressed { background: palette(mid); }
QToolButton:focus { border: 1px solid palette(highlight); }
QToolButton:checked { background: palette(mid); }
QToolButton[link="true"] { color: palette(link); padding: 2px 5px; }
QToolButton[small="true"] { padding: 0 5px; border-radius: 5px; }
QToolButton[edge="true"] { background: palette(window); border: none; border-radius: 0; padding: 0 4px; }
QToolButton[edge="true"]:hover { background: palette(midlight); }
QToolButton[place="true"] { padding: 7px 3px 5px 3px; border-radius: 9px; color: palette(placeholder-text); }
QToolButton[place="true"]:checked { background: palette(midlight); color: palette(window-text); }
QToolButton[pill="true"] {
    border: 1px solid palette(mid); border-radius: 12px; padding: 2px 12px; min-height: 20px;
    background: palette(button);
}
QToolButton[pill="true"]:hover { background: palette(midlight); }
QToolButton[pill="true"]:focus { border: 1px solid palette(highlight); }
QToolButton[pill="true"][chosen="true"] { border: 1px solid palette(highlight); color: palette(link); }
QToolButton[pill="true"]::menu-indicator { image: none; }
QToolButton::menu-indicator { image: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QComboBox, QAbstractSpinBox, QLineEdit {
    background: palette(button); color: palette(button-text); border: 1px solid palette(dark);
    border-radius: 8px; padding: 2px 9px; min-height: 24px;
}
QAbstractSpinBox { padding: 2px 0; }
QComboBox QLineEdit, QAbstractSpinBox QLineEdit { border: none; padding: 0; background: transparent; }
QComboBox:hover { background: palette(midlight); }
QComboBox:focus, QLineEdit:focus { border: 2px solid palette(highlight); padding: 1px 8px; }
QAbstractSpinBox:focus { border: 2px solid palette(highlight); padding: 1px 0; }
QComboBox QLineEdit:focus, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0; }
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled { color: palette(dark); }
QComboBox::drop-down, QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    background: transparent; border: none; width: 24px;
}
QComboBox::down-arrow, QAbstractSpinBox::down-arrow {
    image: url("ICONS/expand.svg"); width: 10px; height: 10px;
}
QAbstractSpinBox::up-arrow { image: url("ICONS/collapse.svg"); width: 10px; height: 10px; }
QTabBar { qproperty-drawBase: 0; }
QListWidget {
    background: palette(base); border: 1px solid palette(mid); border-radius: 8px; padding: 4px; outline: 0;
}
QListWidget::item { padding: 5px 7px; border-radius: 6px; color: palette(text); }
QListWidget::item:selected { background: palette(highlight); color: palette(highlighted-text); }
QTabWidget::pane { border: none; border-top: 1px solid palette(mid); }
QTabBar::tab {
    padding: 7px 13px; border: none; border-bottom: 2px solid transparent; color: palette(placeholder-text);
}
QTabBar::tab:selected { border-bottom: 2px solid palette(highlight); color: palette(window-text); }
QTabBar::tab:focus { background: palette(midlight); }
QLabel[quiet="true"] { color: palette(placeholder-text); }
QLabel[warning="true"] { color: palette(bright-text); }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: palette(dark); }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px;
    background: palette(base); border: 1px solid palette(dark);
}
QSlider::handle:horizontal:hover { background: palette(midlight); }
QSlider::handle:horizontal:focus { border: 2px solid palette(accent); width: 10px; height: 10px; }
QScrollBar:vertical { background: transparent; width: 13px; margin: 0; }
QScrollBar::handle:vertical {
    background: palette(dark); border-radius: 3px; min-height: 36px; margin: 3px 4px 3px 3px;
}
QScrollBar::handle:vertical:hover { background: palette(placeholder-text); }
QScrollBar:horizontal { background: transparent; height: 13px; margin: 0; }
QScrollBar::handle:horizontal {
    background: palette(dark); border-radius: 3px; min-width: 36px; margin: 3px 3px 4px 3px;
}
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
Grid QScrollBar:vertical { background: palette(base); }
DuplicatesPlace QToolButton[edge="true"] { background: palette(base); }
QSplitter::handle { background: palette(mid); }
QProgressBar { background: palette(mid); border: none; border-radius: 2px; }
QProgressBar::chunk { background: palette(highlight); border-radius: 2px; }
QToolTip {
    background: palette(tool-tip-base); color: palette(tool-tip-text);
    border: 1px solid palette(mid); padding: 4px 6px;
}
"""


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
    colours = palette(dark, strong)
    application.setPalette(colours)
    # Set again, as a style sheet looks its palette(…) up only once.
    style = STYLE.replace("HOVER", colours.highlight().color().darker(112).name())
    application.setStyleSheet(style.replace("ICONS", (resources() / "icons").as_posix()))


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
    # Wider than high: the drawing stands where lines begin, and what is left over keeps the text away.
    made.setIconSize(QSize(22, 16))
    return made


def beginning() -> Qt.AlignmentFlag:
    """Where lines begin: a name in Latin letters begins there too where the language is read leftwards."""
    right = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return Qt.AlignmentFlag.AlignAbsolute | (
        Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    )


class CheckBox(QCheckBox):
    """One whose box is seen in a dark window too: Fusion draws its outline darker than the window."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        colours = QPalette(self.palette())
        colours.setColor(QPalette.ColorRole.Window, colours.dark().color().lighter(140))
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
    """One line of text that is shortened in the middle where there is no room for it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), self.alignment(), text)


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


def scrolled(inside: QWidget) -> QScrollArea:
    """Something that is scrolled up and down where there is no room for all of it."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # The keyboard goes to what is in it, which comes in sight by that.
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    # Of the colour of what it lies in.
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    return area


def pop_up(menu: QMenu, at: QPoint) -> None:
    """Show a menu at a point of the screen; it is gone when it closes."""
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
