"""Two to eight photos side by side: looked at together, one in place of the other, or what differs alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.errors import PhotoSearchError
from photosearch.gui.design import theme
from photosearch.gui.design.own_keys import OwnKeys
from photosearch.gui.design.parts import Choice, name_in_words, tell, tool_button
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import number, tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.tasks import Worker
from photosearch.gui.viewing.canvas import STEP, Canvas, View
from photosearch.gui.viewing.pane import Pane
from photosearch.gui.viewing.pictures import Pictures, Wish
from photosearch.records import Difference, Photo

if TYPE_CHECKING:
    from photosearch.library.viewing import Viewing

MOST = 8

PAN = 0.2
"""Of the width and height in sight, how far one press of a key pans."""

TITLE = 220
"""Pixels of a 1× screen that the title has beside the buttons, or these do without words."""

Way = Literal["beside", "flicker", "difference"]


class Compare(OwnKeys):
    """Shows photos in panes with one zoom; of a pair, one in place of the other, or their difference.

    The first photo is the one that others are held against, until the person chooses another.
    """

    closed = Signal()
    keep_wanted = Signal(object)
    """This `Photo` is to be kept, and none of the others."""
    keep_all_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails: Thumbnails | None = None
        self._pictures: Pictures | None = None
        self._viewing: Viewing | None = None
        self._asking: Worker | None = None
        self._photos: list[Photo] = []
        self._panes: list[Pane] = []
        self._current = self._against = 0
        # In flicker, whether the one that is held against is in sight.
        self._first_in_sight = True
        self._way: Way = "beside"
        self._view = View()
        # What the bar needs with words on its buttons, once these have their look.
        self._wide = 0
        self.setAccessibleName(tr("Compare"))
        self._title, self._sentence = theme.Line(), theme.Line()
        self._ways: dict[Way, Choice] = {}
        self._beside = QWidget()
        self._one = Canvas(enlarges=True)
        self._one.view_changed.connect(self._look_alike)
        self._one.lacking.connect(self._want)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._beside)
        self._middle.addWidget(self._one)
        self._grid = QGridLayout(self._beside)
        self._grid.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.MEDIUM)
        self._grid.setSpacing(theme.MEDIUM)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bar = self._make_bar()
        column.addLayout(self._bar)
        column.addWidget(self._middle, 1)
        self._decisions = self._make_decisions()
        column.addWidget(self._decisions)
        self._keys = self._make_keys()

    def use(self, thumbnails: Thumbnails, pictures: Pictures, viewing: Viewing, asking: Worker) -> None:
        """Show these from now on.

        Args:
            asking: Makes the call that a difference needs.
        """
        self._thumbnails, self._pictures, self._viewing, self._asking = thumbnails, pictures, viewing, asking
        self._one.use(thumbnails, pictures)

    @property
    def photos(self) -> list[Photo]:
        """The photos that are compared."""
        return list(self._photos)

    @property
    def current(self) -> Photo | None:
        """The photo the keyboard is at."""
        return self._photos[self._current] if self._photos else None

    def show_photos(self, photos: Sequence[Photo], deciding: bool = False) -> None:
        """Compare these, eight at most.

        Args:
            deciding: Whether the person is asked which to keep.
        """
        self._photos = list(photos[:MOST])
        self._current = self._against = 0
        self._view = View()
        if self._pictures:
            self._pictures.try_again()
        self._decisions.setVisible(deciding)
        self._make_panes(deciding)
        self._go("beside")
        if self._panes:
            self._panes[0].canvas.setFocus()

    def close_comparison(self) -> None:
        """Go back to what was shown before."""
        if self._pictures:
            self._pictures.want([])
        self.closed.emit()

    # What there is

    def _make_bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        row.setSpacing(theme.SMALL - 2)
        self._title.setFont(theme.font(1.05, QFont.Weight.DemiBold))
        self._sentence.setProperty("quiet", True)
        row.addWidget(tool_button(tr("Back"), "back", tr("Escape"), self.close_comparison))
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self._title)
        text.addWidget(self._sentence)
        row.addLayout(text, 1)
        ways: list[tuple[Way, str, str, str]] = [
            ("beside", tr("Side by side"), "compare", "S"),
            ("flicker", tr("Flicker"), "flicker", "B"),
            ("difference", tr("Differences"), "difference", "D"),
        ]
        for way, name, icon, key in ways:
            button = Choice()
            button.setIcon(theme.icon(icon))
            button.setProperty("bare", True)
            tell(button, name, key)
            name_in_words(button, True)
            button.clicked.connect(lambda _, way=way: self._take(way))
            row.addWidget(button)
            self._ways[way] = button
        row.addSpacing(theme.LARGE)
        row.addWidget(tool_button(tr("Zoom out"), "zoom-out", "−", lambda: self._zoom(1 / STEP)))
        row.addWidget(tool_button(tr("Zoom in"), "zoom-in", "+", lambda: self._zoom(STEP)))
        row.addWidget(tool_button(tr("Fit"), "fit", "0", lambda: self._look_alike(View())))
        row.addWidget(tool_button(tr("Actual size"), "one-to-one", "1", self._zoom_to_pixels))
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._wide:
            self._wide = self._bar.sizeHint().width() + TITLE
        for button in self._ways.values():
            name_in_words(button, self._wide <= self.width())

    def _make_decisions(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.MEDIUM)
        row.setSpacing(theme.MEDIUM)
        row.addStretch()
        for text, signal in ((tr("Keep all"), self.keep_all_wanted), (tr("Skip"), self.skip_wanted)):
            button = QPushButton(text)
            button.clicked.connect(signal)
            row.addWidget(button)
        return page

    def _make_panes(self, deciding: bool) -> None:
        for pane in self._panes:
            self._grid.removeWidget(pane)
            pane.hide()
            pane.deleteLater()
        count = len(self._photos)
        columns = count if count <= 3 else math.ceil(count / 2)
        self._panes = []
        for at, photo in enumerate(self._photos):
            pane = Pane(photo, count > 2, deciding)
            if self._thumbnails and self._pictures:
                pane.canvas.use(self._thumbnails, self._pictures)
            pane.canvas.show_photo(photo)
            pane.canvas.view_changed.connect(self._look_alike)
            pane.canvas.lacking.connect(self._want)
            pane.chosen.connect(lambda at=at: self._choose(at))
            pane.keep_wanted.connect(self.keep_wanted)
            self._panes.append(pane)
            self._grid.addWidget(pane, at // columns, at % columns)
            # Now, not when the layout comes to it: it is to have the focus.
            pane.show()
        for column in range(MOST):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    # What is shown

    def _take(self, way: Way) -> None:
        """Flicker, asked for again, changes over; what is shown already is asked for by mistake."""
        if way == "flicker" and self._way == "flicker":
            self._first_in_sight = not self._first_in_sight
        self._go(way)

    def _go(self, way: Way) -> None:
        before, self._way = self._way, way
        self._ways[way].setChecked(True)
        if way != "beside" and self._current == self._against:
            self._current = next(at for at in range(len(self._photos)) if at != self._against)
        if way == "flicker" and before != "flicker":
            self._first_in_sight = True
        self._middle.setCurrentWidget(self._beside if way == "beside" else self._one)
        self._show()

    def _show(self) -> None:
        for at, pane in enumerate(self._panes):
            pane.mark(at == self._current, at == self._against and len(self._panes) > 2)
            pane.hold_against(self._panes[self._against].facts)
        self._title.setText(
            trn("Comparing {n} photo", "Comparing {n} photos", len(self._photos))
            if self._way == "beside"
            else self._pair_in_words()
        )
        self._say("")
        if self._way == "flicker":
            at = self._against if self._first_in_sight else self._current
            self._one.show_photo(self._photos[at], self._view)
            self._say(tr("Press B to change over."))
        elif self._way == "difference":
            self._ask_for_difference()
        self._want()
        self._focus()

    def _pair_in_words(self) -> str:
        first, second = (words.name(self._photos[at].path) for at in (self._against, self._current))
        if self._way == "difference":
            return tr("{first} and {second}", first=first, second=second)
        if self._first_in_sight:
            return tr("A: {name}", name=first)
        return tr("B: {name}", name=second)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def _focus(self) -> None:
        if not self.isVisible():
            return
        focus = QApplication.focusWidget()
        if not isinstance(focus, QToolButton | Choice) or not self.isAncestorOf(focus):
            (self._panes[self._current].canvas if self._way == "beside" else self._one).setFocus()

    def _want(self) -> None:
        if not self._pictures or not self._photos:
            return
        if self._way == "beside":
            canvases = [pane.canvas for pane in self._panes]
        else:
            canvases = [self._panes[at].canvas for at in (self._against, self._current)]
        # All of them as they fit, before any in full.
        wishes: list[list[Wish]] = [canvas.wishes() for canvas in canvases]
        if self._way == "flicker":
            # Both, so that changing over shows them equally sharp.
            whole = any(wish.longest is None for wish in self._one.wishes())
            wishes = [
                [*asked[:1], *([Wish(asked[0].photo, None)] if whole else [])] for asked in wishes if asked
            ]
        first = [wish for asked in wishes for wish in asked[:1]]
        self._pictures.want(first + [wish for asked in wishes for wish in asked[1:]])
        if self._thumbnails:
            self._thumbnails.want(self._photos, self.devicePixelRatioF())

    def _choose(self, at: int) -> None:
        """Let the keyboard be at a photo."""
        self._current = at
        self._show()

    def _step(self, by: int) -> None:
        others = [at for at in range(len(self._photos)) if self._way == "beside" or at != self._against]
        if others:
            where = others.index(self._current) if self._current in others else 0
            self._choose(others[(where + by) % len(others)])

    def _hold_against(self) -> None:
        """Others are held against the current one from now on."""
        self._against = self._current
        self._go("beside")

    # The same part of all

    def _look_alike(self, view: View) -> None:
        self._view = view
        for canvas in (*(pane.canvas for pane in self._panes), self._one):
            canvas.set_view(view)

    @property
    def leading(self) -> QWidget:
        """What has the keyboard: the photo that is looked at."""
        return self._leading() if self._panes else self

    def _leading(self) -> Canvas:
        return self._panes[self._current].canvas if self._way == "beside" else self._one

    def _zoom(self, factor: float) -> None:
        if self._panes:
            self._leading().zoom_by(factor)

    def _zoom_to_pixels(self) -> None:
        if self._panes:
            self._leading().zoom_to_scale(1.0)

    def _pan(self, x: int, y: int) -> None:
        canvas = self._leading()
        canvas.pan(x * PAN * canvas.width(), y * PAN * canvas.height())

    # What differs

    def _ask_for_difference(self) -> None:
        viewing, first, second = self._viewing, self._photos[self._against], self._photos[self._current]
        self._one.show_photo(first, self._view)
        if not viewing or not self._asking:
            return
        self._say(tr("Comparing pixel by pixel…"))
        length = self._one.screen_length()

        def stale() -> bool:
            return self._way != "difference" or self.current is not second

        def show(difference: Difference) -> None:
            if stale():
                return
            height, width, _ = difference.pixels.shape
            image = QImage(difference.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            name = tr("What differs between {pair}", pair=self._pair_in_words())
            # A copy, as it paints bytes that end with this function.
            self._one.show_image(image.copy(), name)
            self._say(in_words(difference))

        def give_up(error: PhotoSearchError) -> None:
            if not stale():
                self._say(told(error))

        self._asking.call(
            "difference", lambda: viewing.difference(first.path, second.path, length), show, give_up
        )

    # Keys

    def _make_keys(self) -> dict[int, Callable[[], object]]:
        key = Qt.Key
        forwards, backwards = key.Key_Right, key.Key_Left
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            forwards, backwards = backwards, forwards
        return {
            key.Key_Escape: self._escape,
            key.Key_Space: self._escape,
            forwards: lambda: self._step(1),
            key.Key_Down: lambda: self._step(1),
            backwards: lambda: self._step(-1),
            key.Key_Up: lambda: self._step(-1),
            key.Key_Plus: lambda: self._zoom(STEP),
            key.Key_Equal: lambda: self._zoom(STEP),
            key.Key_Minus: lambda: self._zoom(1 / STEP),
            key.Key_1: self._zoom_to_pixels,
            key.Key_0: lambda: self._look_alike(View()),
            key.Key_S: lambda: self._go("beside"),
            key.Key_B: lambda: self._take("flicker"),
            key.Key_D: lambda: self._go("difference"),
            key.Key_A: self._hold_against,
            key.Key_K: self._keep,
        }

    def _escape(self) -> None:
        if self._way == "beside":
            self.close_comparison()
        else:
            self._go("beside")

    def _keep(self) -> None:
        if self._decisions.isVisible() and self.current:
            self.keep_wanted.emit(self.current)

    def does(self, event: QKeyEvent) -> Callable[[], object] | None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pans = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if held == Qt.KeyboardModifier.ShiftModifier and Qt.Key(event.key()) in pans:
            x, y = pans[Qt.Key(event.key())]
            return lambda: self._pan(x, y)
        typed = event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
        if len(self._photos) > 1 and (held == Qt.KeyboardModifier.NoModifier or typed):
            return self._keys.get(event.key())
        return None


def in_words(difference: Difference) -> str:
    """What a comparison of pixels found."""
    if difference.identical:
        return tr("Every pixel is the same.")
    share = 100 * difference.share
    if share < 0.1:
        found = tr("They look the same: less than 0.1 % of the picture differs visibly.")
    else:
        found = tr("{percent} % of the picture differs visibly.", percent=number(float(share), 1))
    x, y = (abs(100 * part) for part in difference.shift)
    if max(x, y) >= 0.1:
        moved = tr(
            "The second was moved by {x} % across and {y} % down to lie on the first.",
            x=number(float(x), 1),
            y=number(float(y), 1),
        )
        return f"{found} {moved}"
    return found
