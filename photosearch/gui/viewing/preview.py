"""One photo of the grid over the whole window: zoom and pan, the next and the one before, what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QCursor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QMainWindow, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.overlay import Overlay
from photosearch.gui.design.parts import tool_button
from photosearch.gui.grid.photos import Photos
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import number, tr, words
from photosearch.gui.language.sentences import told
from photosearch.gui.tasks import Worker
from photosearch.gui.viewing.canvas import STEP, Canvas, View
from photosearch.gui.viewing.information import Information
from photosearch.gui.viewing.pictures import Pictures, Wish
from photosearch.records import Photo

if TYPE_CHECKING:
    from photosearch.library.viewing import Viewing

BAR = 52
"""Height of the bar, in pixels of a 1× screen."""

BAR_STAYS = 2500
"""Milliseconds that the bar stays in full screen after the pointer moved."""

PAN = 0.2
"""Of the width and height in sight, how far one press of a key pans."""


PANS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
ZOOMS = {Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0}


class Preview(Overlay):
    """Lies over its parent while a photo is looked at."""

    moved = Signal(int)
    """Another photo is shown: its row."""
    closed = Signal()

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self._photos = Photos(self)
        self._thumbnails: Thumbnails | None = None
        self._pictures: Pictures | None = None
        self._viewing: Viewing | None = None
        self._asking: Worker | None = None
        self._row = -1
        self._id: int | None = None
        self._forwards = True
        self._was_full = False
        self.setAccessibleName(tr("Preview"))
        self.setMouseTracking(True)
        self.canvas = Canvas(parent=self)
        self.canvas.setMouseTracking(True)
        self.information = Information(self)
        self.information.hide()
        self._bar = _Bar(self)
        self._name, self._place, self._scale = theme.Line(), QLabel(), QLabel()
        self._make_bar()
        self._bar_leaves = QTimer(self)
        self._bar_leaves.setSingleShot(True)
        self._bar_leaves.timeout.connect(self._let_bar_leave)
        self._keys: dict[int, Callable[[], object]] = self._make_keys()
        self.canvas.view_changed.connect(lambda view: self._tell_scale())
        self.canvas.lacking.connect(self._want)
        self.canvas.installEventFilter(self)
        self.information.wanted.connect(self._ask)
        self._follow_photos()

    def use(self, thumbnails: Thumbnails, pictures: Pictures, viewing: Viewing, asking: Worker) -> None:
        """Show these from now on.

        Args:
            asking: Makes the calls that what is known of a photo needs.
        """
        self._thumbnails, self._pictures, self._viewing, self._asking = thumbnails, pictures, viewing, asking
        self.canvas.use(thumbnails, pictures)
        pictures.arrived.connect(self._came)

    def warm(self) -> None:
        """A photo may be looked at soon: have a process ready that decodes it."""
        if self._viewing and self._asking:
            self._asking.call("warm", self._viewing.warm)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown; None while it is being fetched."""
        return self._photos.photo(self._row) if 0 <= self._row < len(self._photos.ids) else None

    def open(self, photos: Photos, row: int) -> None:
        """Show the photo at a row of those in a grid."""
        if not 0 <= row < len(photos.ids):
            return
        if photos is not self._photos:
            self._photos.modelReset.disconnect(self._find_again)
            self._photos.dataChanged.disconnect(self._fetched)
            self._photos = photos
            self._follow_photos()
        if self._pictures:
            self._pictures.try_again()
        self._row = row
        self.cover()
        self._lay_out()
        self._show()

    def close_preview(self) -> None:
        """Go back to what is below."""
        if not self.isVisible():
            return
        self._leave_full_screen()
        self.hide()
        self.canvas.show_photo(None)
        self._id = None
        if self._pictures:
            self._pictures.want([])
        self.closed.emit()

    def step(self, by: int) -> None:
        """Show the photo so many further on, or the last on the way there."""
        count = len(self._photos.ids)
        row = max(0, min(count - 1, self._row + by))
        if count and row != self._row:
            self._forwards = by > 0
            self._row = row
            self._show()
            self.moved.emit(row)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back into the window."""
        window = self.window()
        if window.isFullScreen():
            self._leave_full_screen()
        else:
            self._was_full = True
            self._show_menus(False)
            window.showFullScreen()
            self._stir()
        self._lay_out()

    def toggle_information(self) -> None:
        """Show or hide what is known of the photo."""
        self.information.setVisible(self.information.isHidden())
        self._inform.setChecked(self.information.isVisible())
        self._lay_out()
        self._tell()

    # What is shown

    def _follow_photos(self) -> None:
        self._photos.modelReset.connect(self._find_again)
        self._photos.dataChanged.connect(self._fetched)

    def _fetched(self) -> None:
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        rows = range(max(0, self._row - 1), min(len(self._photos.ids), self._row + 2))
        self._photos.need(rows)
        photo = self.photo
        known = self._id is not None and photo is not None and self._id == photo.id
        self._id = int(self._photos.ids[self._row])
        # A photo that is fetched anew, because its file changed, is looked at where it was.
        spoken = words.spoken(photo, self._photos.match_at(self._row)) if photo else ""
        self.canvas.show_photo(photo, self.canvas.view if known else View(), spoken)
        self._name.setText(words.name(photo.path) if photo else "")
        self._place.setText(
            tr("{row} of {count}", row=self._row + 1, count=len(self._photos.ids)),
        )
        self._back.setEnabled(self._row > 0)
        self._on.setEnabled(self._row < len(self._photos.ids) - 1)
        self._want()
        self._tell()

    def _tell(self) -> None:
        photo = self.photo
        self._tell_scale()
        if self.information.isVisible():
            self.information.show_photo(photo, self._photos.match_at(self._row) if photo else None)

    def _tell_scale(self) -> None:
        self._scale.setText(tr("{percent} %", percent=number(round(100 * self.canvas.scale))))

    def _want(self) -> None:
        """What is in sight first, then the neighbours, the next one before the one before."""
        wishes = self.canvas.wishes()
        around: list[Photo] = []
        for by in (1, -1) if self._forwards else (-1, 1):
            row = self._row + by
            photo = self._photos.photo(row) if 0 <= row < len(self._photos.ids) else None
            if photo:
                around.append(photo)
        length = self.canvas.screen_length()
        wishes += [Wish(photo, length) for photo in around if not photo.offline]
        if self._pictures:
            self._pictures.want(wishes)
        if self._thumbnails:
            shown = [self.photo] if self.photo else []
            self._thumbnails.want([photo for photo in (*shown, *around) if photo], self.devicePixelRatioF())

    def _came(self, number: int) -> None:
        if number == self._id:
            self._tell_scale()

    def _find_again(self) -> None:
        """The photos below are others now: stay with the one that is shown, or the one in its place."""
        if not self.isVisible():
            return
        rows = self._photos.rows([self._id]).tolist() if self._id is not None else []
        if rows or len(self._photos.ids):
            self._row = rows[0] if rows else min(self._row, len(self._photos.ids) - 1)
            self._show()
            self.moved.emit(self._row)
        else:
            self.close_preview()

    def _ask(self, photo: Photo) -> None:
        viewing = self._viewing
        if viewing and self._asking:
            self._asking.call(
                "particulars",
                lambda: viewing.particulars(photo.path),
                lambda found: self.information.show_particulars(photo, found),
                lambda error: self.information.show_problem(photo, told(error)),
            )

    # The bar

    def _make_bar(self) -> None:
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(theme.MEDIUM, 0, theme.MEDIUM, 0)
        row.setSpacing(theme.SMALL - 2)
        self._name.setFont(theme.font(1.05, QFont.Weight.DemiBold))
        for label in (self._place, self._scale):
            label.setProperty("quiet", True)
        self._scale.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._scale.setMinimumWidth(self._scale.fontMetrics().horizontalAdvance("1,600 %") + theme.SMALL)
        row.addWidget(self._button(tr("Back"), "back", tr("Space"), self.close_preview))
        self._back = self._button(tr("Previous photo"), "previous", tr("Left arrow"), lambda: self.step(-1))
        self._on = self._button(tr("Next photo"), "next", tr("Right arrow"), lambda: self.step(1))
        row.addSpacing(theme.SMALL)
        row.addWidget(self._back)
        row.addWidget(self._on)
        row.addSpacing(theme.SMALL)
        row.addWidget(self._name, 1)
        row.addWidget(self._place)
        row.addSpacing(theme.LARGE)
        canvas = self.canvas
        row.addWidget(self._button(tr("Zoom out"), "zoom-out", "−", lambda: canvas.zoom_by(1 / STEP)))
        row.addWidget(self._scale)
        row.addWidget(self._button(tr("Zoom in"), "zoom-in", "+", lambda: canvas.zoom_by(STEP)))
        row.addWidget(self._button(tr("Fit"), "fit", "0", canvas.fit))
        row.addWidget(self._button(tr("Actual size"), "one-to-one", "1", lambda: canvas.zoom_to_scale(1.0)))
        row.addSpacing(theme.MEDIUM)
        self._inform = self._button(tr("Information"), "information", "I", self.toggle_information)
        self._inform.setCheckable(True)
        row.addWidget(self._inform)
        row.addWidget(self._button(tr("Full screen"), "full-screen", "F11", self.toggle_full_screen))

    def _button(self, name: str, icon: str, key: str, does: Callable[[], object]) -> QToolButton:
        return tool_button(name, icon, key, does, self._bar)

    def _lay_out(self) -> None:
        full = self.window().isFullScreen()
        bar = min(BAR, self.height())
        top = 0 if full else bar
        side = self.information.width() if not self.information.isHidden() else 0
        left_to_right = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        room = max(1, self.width() - side)
        self._bar.setGeometry(0, 0, self.width(), bar)
        self._bar.raise_()
        self.canvas.setGeometry(0 if left_to_right else side, top, room, max(1, self.height() - top))
        above = 0 if self._bar.isHidden() else bar
        self.information.setGeometry(room if left_to_right else 0, above, side, max(1, self.height() - above))

    # Full screen

    def _leave_full_screen(self) -> None:
        window = self.window()
        if self._was_full:
            self._was_full = False
            self._show_menus(True)
            if window.isFullScreen():
                window.showNormal()
        self._bar_leaves.stop()
        self._bar.show()
        self.canvas.unsetCursor()

    def _show_menus(self, shown: bool) -> None:
        window = self.window()
        if isinstance(window, QMainWindow):
            window.menuBar().setVisible(shown)

    def _stir(self) -> None:
        """The pointer moved: in full screen the bar comes for a while."""
        if self._bar.isHidden():
            self._bar.show()
            self._lay_out()
        if self.window().isFullScreen():
            self._bar_leaves.start(BAR_STAYS)

    def _let_bar_leave(self) -> None:
        focus = QApplication.focusWidget()
        in_use = focus is not None and self._bar.isAncestorOf(focus)
        # Where the pointer is, as no word of its leaving comes to what appeared below it.
        pointed_at = self._bar.rect().contains(self._bar.mapFromGlobal(QCursor.pos()))
        if self.window().isFullScreen() and not in_use and not pointed_at:
            self._bar.hide()
            self._lay_out()

    # Keys and pointer

    def _make_keys(self) -> dict[int, Callable[[], object]]:
        canvas, key = self.canvas, Qt.Key
        forwards, backwards = key.Key_Right, key.Key_Left
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            forwards, backwards = backwards, forwards
        return {
            key.Key_Space: self.close_preview,
            key.Key_Escape: self._escape,
            forwards: lambda: self.step(1),
            key.Key_Down: lambda: self.step(1),
            key.Key_PageDown: lambda: self.step(1),
            backwards: lambda: self.step(-1),
            key.Key_Up: lambda: self.step(-1),
            key.Key_PageUp: lambda: self.step(-1),
            key.Key_Home: lambda: self.step(-len(self._photos.ids)),
            key.Key_End: lambda: self.step(len(self._photos.ids)),
            key.Key_Plus: lambda: canvas.zoom_by(STEP),
            key.Key_Equal: lambda: canvas.zoom_by(STEP),
            key.Key_Minus: lambda: canvas.zoom_by(1 / STEP),
            key.Key_1: lambda: canvas.zoom_to_scale(1.0),
            key.Key_0: canvas.fit,
            key.Key_F: self.toggle_full_screen,
            key.Key_F11: self.toggle_full_screen,
            key.Key_I: self.toggle_information,
        }

    def _escape(self) -> None:
        if self.window().isFullScreen() and self._was_full:
            self.toggle_full_screen()
        else:
            self.close_preview()

    def does(self, event: QKeyEvent) -> Callable[[], object] | None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.ShiftModifier and event.key() in PANS:
            x, y = PANS[Qt.Key(event.key())]
            size = self.canvas.size()
            return lambda: self.canvas.pan(x * PAN * size.width(), y * PAN * size.height())
        # + and = lie on other keys in every country, with Shift or without.
        typed = event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
        if held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier) or typed:
            plain = held == Qt.KeyboardModifier.NoModifier
            return self._keys.get(event.key()) if plain or event.key() in ZOOMS else None
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and watched is self.canvas:
            self._stir()
        return super().eventFilter(watched, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._stir()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def ground(self) -> QColor:
        # Nothing but the photo gives light there.
        return QColor(Qt.GlobalColor.black) if self.window().isFullScreen() else super().ground()

    def first(self) -> QWidget:
        return self.canvas

    def focusNextPrevChild(self, next: bool) -> bool:
        self._stir()
        return super().focusNextPrevChild(next)


class _Bar(QFrame):
    """Lies over the photo in full screen, so it has a ground and a line of its own."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        painter.setPen(self.palette().mid().color())
        painter.drawLine(QPoint(0, self.height() - 1), QPoint(self.width(), self.height() - 1))
