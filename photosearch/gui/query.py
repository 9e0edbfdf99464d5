"""The strip above the grid: what is searched for and what came of it, or where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme, words
from photosearch.records import Answer, Example

CARD = 76
"""Width and height of the picture of an example."""

FAINT = 90.0
"""When even the nearest photo is less unusual than this, nothing here is like the example: of random pairs,
one in ten is nearer."""


class QueryStrip(QFrame):
    """Shows the examples of a search and the state of its answer."""

    open_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Search")
        self.setFixedHeight(CARD + 2 * theme.MEDIUM)
        self._cards: list[Card] = []
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._make_invitation())
        self._stack.addWidget(self._make_query())

    def invite(self) -> None:
        """Nothing is searched for."""
        self._stack.setCurrentIndex(0)

    def ask(self, examples: Sequence[Example]) -> None:
        """Show what is searched for; the answer is on its way."""
        for card in self._cards:
            card.deleteLater()
        self._cards = [Card(_called(example)) for example in examples]
        for card in self._cards:
            self._row.addWidget(card)
        more = f" and {len(examples) - 1} more" if len(examples) > 1 else ""
        self._title.setText(f"Photos like {_called(examples[0])}{more}")
        self._say("Searching…")
        self._busy.show()
        self._stack.setCurrentIndex(1)

    def show_picture(self, number: int, image: QImage) -> None:
        """Show the picture of an example."""
        if number < len(self._cards):
            self._cards[number].show_image(image)

    def answer(self, answer: Answer) -> None:
        """Say how the search went."""
        took = words.took(answer.encode_milliseconds + answer.search_milliseconds)
        compared = f"{words.photos(answer.searched)} compared in {took}"
        if is_faint(answer):
            compared = f"Nothing here is much like it; these come nearest. {compared}."
        self._say(compared)

    def give_up(self) -> None:
        """There is no answer; the page below says why."""
        self._say("")

    def _say(self, text: str) -> None:
        self._busy.hide()
        self._state.setText(text)
        self._state.setVisible(bool(text))

    def _make_invitation(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        field = _Field()
        inside = QHBoxLayout(field)
        inside.setContentsMargins(theme.LARGE, 0, theme.MEDIUM, 0)
        inside.setSpacing(theme.MEDIUM)
        text = theme.Line("Drop a picture anywhere to find the photos like it, or paste one")
        text.setProperty("quiet", True)
        button = QPushButton("Open picture…")
        button.clicked.connect(self.open_wanted)
        inside.addWidget(theme.Drawing("search", 24))
        inside.addWidget(text, 1)
        inside.addWidget(button)
        row.addWidget(field)
        return page

    def _make_query(self) -> QWidget:
        page = QWidget()
        outer = QHBoxLayout(page)
        outer.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        outer.setSpacing(theme.LARGE - 4)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SMALL)
        self._title = theme.Line()
        self._title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._state = theme.Line()
        self._state.setProperty("quiet", True)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedSize(160, 4)
        self._busy.setAccessibleName("Searching")
        text = QVBoxLayout()
        text.setSpacing(theme.SMALL - 2)
        text.addStretch()
        text.addWidget(self._title)
        text.addWidget(self._state)
        text.addWidget(self._busy)
        text.addStretch()
        clear = theme.button("Back to all photos", "close")
        clear.setToolTip("End this search (Escape)")
        clear.clicked.connect(self.clear_wanted)
        outer.addLayout(self._row)
        outer.addLayout(text, 1)
        outer.addWidget(clear)
        return page


class Card(QWidget):
    """The picture of one example, cut to a square."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(CARD, CARD)
        self.setAccessibleName(f"Example: {name}")
        self.setToolTip(name)
        self._image = QImage()

    def show_image(self, image: QImage) -> None:
        """Show this picture."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline, place = QPainterPath(), QRectF(self.rect())
        outline.addRoundedRect(place, theme.ROUND, theme.ROUND)
        painter.setClipPath(outline)
        if self._image.isNull():
            painter.fillRect(place, self.palette().alternateBase())
            drawing = theme.drawn(
                "picture", 28, self.palette().placeholderText().color(), self.devicePixelRatioF()
            )
            painter.drawPixmap((CARD - 28) // 2, (CARD - 28) // 2, drawing)
        else:
            side = min(self._image.width(), self._image.height())
            cut = QRectF((self._image.width() - side) / 2, (self._image.height() - side) / 2, side, side)
            painter.drawImage(place, self._image, cut)
        painter.setClipping(False)
        painter.setPen(theme.with_alpha(self.palette().text().color(), 0.12))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), theme.ROUND, theme.ROUND)


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


def picture(source: Path | bytes) -> QImage:
    """An example's picture as its card needs it, null if Qt cannot read it; belongs into a worker."""
    if isinstance(source, Path):
        reader = QImageReader(str(source))
    else:
        buffer = QBuffer()
        buffer.setData(QByteArray(source))
        reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    if reader.size().isValid():
        least = QSize(3 * CARD, 3 * CARD)
        reader.setScaledSize(reader.size().scaled(least, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()


def _called(example: Example) -> str:
    return words.name(example.source) if isinstance(example.source, Path) else "the pasted picture"
