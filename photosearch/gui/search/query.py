"""The strip above an answer: what is searched for, how much each of it weighs, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.design.sideways import Sideways
from photosearch.gui.language import tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.search.card import Card
from photosearch.records import Answer, Example

FAINT = 90.0
"""When even the nearest photo is less unusual than this, nothing here is like the example: of random pairs,
one in ten is nearer."""

NARROW = 400
"""Pixels of a 1× screen below which a card and what is said of it have no room side by side."""

SLOW = 150
"""Milliseconds after which it is said that an answer is on its way."""


class QueryStrip(QFrame):
    """Shows the examples of a search, to be changed, and the state of its answer."""

    open_wanted = Signal()
    clear_wanted = Signal()
    changed = Signal(object)
    """The examples are others now, a tuple of `Example`, and may go on changing."""
    settled = Signal()
    """They stay like this for now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Search"))
        self._examples: tuple[Example, ...] = ()
        self.cards: list[Card] = []
        self._is_low = False
        # An answer that is here at once is not announced: while a box is drawn, it would flicker.
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(self._say_searching)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._make_invitation())
        self._stack.addWidget(self._make_query())

    def invite(self) -> None:
        """Nothing is searched for."""
        self._slow.stop()
        self._show_cards(())
        self._stack.setCurrentIndex(0)

    def ask(self, examples: Sequence[Example]) -> None:
        """Show what is searched for; the answer is on its way."""
        if tuple(examples) != self._examples:
            self._show_cards(tuple(examples))
        if self._stack.currentIndex() == 0:
            self._say("")
        if not self._slow.isActive():
            self._slow.start(SLOW)
        self._stack.setCurrentIndex(1)

    def show_picture(self, number: int, image: QImage) -> None:
        """Show the picture of an example."""
        if number < len(self.cards):
            self.cards[number].show_image(image)

    def be_low(self, low: bool) -> None:
        """Take less room, in a low window, or as much as is pleasant."""
        if low != self._is_low:
            self._is_low = low
            for card in self.cards:
                card.part.be_low(low)
            self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """What is said of the examples stands beside them, or below where it is narrow.

        Where it is low as well, there is no more below than the answer's state: the cards tell what the title
        does, and menus have the buttons.
        """
        below = self.width() < NARROW
        direction = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        self._parts.setDirection(direction)
        self._parts.setSpacing(theme.SMALL if below else theme.LARGE - 4)
        for widget in (self._title, self._ways):
            widget.setVisible(not (below and self._is_low))

    def answer(self, answer: Answer) -> None:
        """Say how the search went."""
        took = words.took(answer.encode_milliseconds + answer.search_milliseconds)
        compared = trn(
            "{n} photo compared in {took}", "{n} photos compared in {took}", answer.searched, took=took
        )
        if is_faint(answer):
            compared = tr("Nothing here is much like it; these come nearest.") + f" {compared}."
        if answer.missing:
            parts = trn(
                "{n} part of the archive did not answer",
                "{n} parts of the archive did not answer",
                len(answer.missing),
            )
            compared = f"{parts} · {compared}"
        self._say(compared, "\n".join(told(reason) for reason in answer.missing.values()))

    def give_up(self) -> None:
        """There is no answer; the page below says why."""
        self._say("")

    def _say_searching(self) -> None:
        self._say(tr("Searching…"))
        self._busy.show_progress(0, None)
        self._busy.show()

    def _say(self, text: str, why: str = "") -> None:
        self._slow.stop()
        self._busy.hide()
        self._state.setText(text)
        self._state.setToolTip(why)
        self._state.setVisible(bool(text))

    # The cards

    def stops(self) -> list[QWidget]:
        """What the keyboard stops at on the cards, in the order they stand."""
        return [stop for card in self.cards for stop in card.stops]

    def _show_cards(self, examples: tuple[Example, ...]) -> None:
        """Keep the cards of examples that stay, with their pictures."""
        pictures = {
            example.source: card.part.image
            for example, card in zip(self._examples, self.cards, strict=True)
            if not card.part.image.isNull()
        }
        kept = dict(zip(self._examples, self.cards, strict=True))
        cards = [kept.pop(example) if example in kept else self._card(example) for example in examples]
        for example, card in zip(examples, cards, strict=True):
            if card.part.image.isNull() and example.source in pictures:
                card.show_image(pictures[example.source])
        for card in self.cards:
            if card not in cards:
                # Until it is deleted, the others would stand as wide as if it were there.
                self._row.removeWidget(card)
                card.hide()
                card.deleteLater()
        self._examples, self.cards = examples, cards
        for card in cards:
            # Put in again, so that they stand in order.
            self._row.removeWidget(card)
            self._row.addWidget(card)
        self._show_title()

    def _card(self, example: Example) -> Card:
        card = Card(called(example), example.weight, example.box)
        card.part.be_low(self._is_low)
        card.changed.connect(lambda: self._change(card))
        card.settled.connect(self.settled)
        card.unwanted.connect(lambda: self._take_away(card))
        return card

    def _change(self, card: Card) -> None:
        at = self.cards.index(card)
        changed = replace(self._examples[at], weight=card.weight, box=card.box)
        self._examples = (*self._examples[:at], changed, *self._examples[at + 1 :])
        self._show_title()
        self.changed.emit(self._examples)

    def _take_away(self, card: Card) -> None:
        at = self.cards.index(card)
        examples = (*self._examples[:at], *self._examples[at + 1 :])
        if not examples:
            self.clear_wanted.emit()
            return
        self._show_cards(examples)
        self.cards[min(at, len(self.cards) - 1)].setFocus()
        self.changed.emit(examples)
        self.settled.emit()

    def _show_title(self) -> None:
        if not self._examples:
            return
        like = [example for example in self._examples if example.weight > 0] or self._examples
        first, more = called(like[0]), len(like) - 1
        if more:
            title = trn(
                "Photos like {name} and {n} more", "Photos like {name} and {n} more", more, name=first
            )
        else:
            title = tr("Photos like {name}", name=first)
        self._title.setText(title)

    def _fit(self) -> None:
        """Be as wide as the cards are, where there is room for all of them."""
        self._row.activate()
        self._cards.setMaximumWidth(self._row.sizeHint().width() + 2)

    def _make_invitation(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        field = _Field()
        inside = QHBoxLayout(field)
        inside.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.MEDIUM, theme.MEDIUM)
        inside.setSpacing(theme.MEDIUM)
        text = theme.Line(tr("Drop a picture anywhere to find the photos like it, or paste one"))
        text.setProperty("quiet", True)
        button = QPushButton(tr("Open picture…"))
        button.clicked.connect(self.open_wanted)
        inside.addWidget(theme.Drawing("search", 24))
        inside.addWidget(text, 1)
        inside.addWidget(button)
        row.addWidget(field)
        return page

    def _make_query(self) -> QWidget:
        page = QWidget()
        self._parts = outer = QBoxLayout(QBoxLayout.Direction.LeftToRight, page)
        outer.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.SMALL)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.MEDIUM)
        self._cards = Sideways(inside)
        # Cards are shown, and as wide as their pictures, only a while after they were told to be.
        inside.installEventFilter(self)
        self._title = theme.Line()
        self._title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._state = theme.Line()
        self._state.setProperty("quiet", True)
        self._busy = theme.ProgressBar(160, 4, tr("Searching"))
        buttons = QWidget()
        self.buttons = QHBoxLayout(buttons)
        self.buttons.setContentsMargins(0, 0, 0, 0)
        self.buttons.setSpacing(2)
        self._ways = Sideways(buttons)
        text = QVBoxLayout()
        text.setContentsMargins(0, 0, 0, 0)
        text.setSpacing(theme.SMALL - 2)
        text.addStretch()
        text.addWidget(self._title)
        text.addWidget(self._state)
        text.addWidget(self._busy)
        text.addSpacing(theme.SMALL)
        text.addWidget(self._ways)
        text.addStretch()
        outer.addWidget(self._cards, 100)
        # Its buttons are read whole; the cards are what is scrolled where there is no room.
        described = _AtLeast(250)
        described.setLayout(text)
        outer.addWidget(described, 1)
        return page


class _AtLeast(QWidget):
    """As wide as its contents are at best, and never narrower than so many pixels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width

    def minimumSizeHint(self) -> QSize:
        best = self.sizeHint()
        return QSize(max(self._width, best.width()), best.height())


class _Field(QFrame):
    """An outline that says: something may be put here."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().dark().color(), 1.2)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.ROUND + 4, theme.ROUND + 4)


def is_faint(answer: Answer) -> bool:
    """Whether nothing in the library is much like the examples."""
    return bool(answer.matches) and answer.matches[0].percentile < FAINT


def called(example: Example) -> str:
    """What an example is called: its file, or that it was pasted."""
    return words.name(example.source) if isinstance(example.source, Path) else tr("the pasted picture")
