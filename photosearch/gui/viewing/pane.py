"""One of the photos that are compared: its picture, and below it what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from photosearch.gui.design import theme
from photosearch.gui.language import tr, words
from photosearch.gui.viewing import information
from photosearch.gui.viewing.canvas import Canvas
from photosearch.records import Photo

LOW = 300
"""In a pane lower than this, in pixels of a 1× screen, the picture has the room; its name alone is below."""


class Pane(QFrame):
    """Shows a photo. A fact that is another than that of the photo held against is marked."""

    chosen = Signal()
    keep_wanted = Signal(object)

    def __init__(self, photo: Photo, several: bool, deciding: bool) -> None:
        """Show a photo.

        Args:
            several: Whether it can be said which one the others are held against.
            deciding: Whether the person is asked which to keep.
        """
        super().__init__()
        self._is_current = False
        self.canvas = Canvas(enlarges=True)
        self.canvas.installEventFilter(self)
        self._against = theme.Line(tr("A: others are held against this one"))
        self._against.setFont(theme.font(0.88, QFont.Weight.DemiBold))
        # Its room stays, or the photos would not stand at one height.
        policy = self._against.sizePolicy()
        policy.setRetainSizeWhenHidden(several)
        self._against.setSizePolicy(policy)
        self._against.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.SMALL, theme.SMALL, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.canvas, 1)
        below = QVBoxLayout()
        below.setContentsMargins(theme.SMALL, 0, theme.SMALL, theme.SMALL)
        below.setSpacing(2)
        below.addWidget(self._against)
        column.addLayout(below)
        self.facts = _facts(photo)
        self._lines = [theme.Line() for _ in self.facts]
        for line in self._lines:
            below.addWidget(line)
        if deciding:
            keep = QPushButton(tr("Keep this"))
            keep.setAccessibleName(tr("Keep {name}", name=words.name(photo.path)))
            keep.setToolTip(tr("{action} ({key})", action=tr("Keep this"), key="K"))
            keep.clicked.connect(lambda: self.keep_wanted.emit(photo))
            below.addSpacing(theme.SMALL)
            below.addWidget(keep, 0, Qt.AlignmentFlag.AlignLeft)

    def mark(self, is_current: bool, is_against: bool) -> None:
        """Show whether the keyboard is here, and whether the others are held against it."""
        self._is_current = is_current
        self._against.setVisible(is_against)
        self.update()

    def hold_against(self, facts: Sequence[tuple[str, str]]) -> None:
        """Mark what is another than these facts."""
        spoken = []
        for line, (name, text), (_, other) in zip(self._lines, self.facts, facts, strict=True):
            differs = text != other
            line.setText(tr("≠ {value}", value=text) if differs else text)
            line.setProperty("quiet", not differs)
            # A style sheet looks at a property only when it is told to.
            line.style().polish(line)
            line.setFont(theme.font(0.92, QFont.Weight.DemiBold if differs else QFont.Weight.Normal))
            line.setAccessibleName(
                tr("{name}: {value}, differs", name=name, value=text) if differs else f"{name}: {text}"
            )
            line.tip = f"{name}: {text}"
            spoken.append(line.accessibleName())
        self.canvas.tell_facts(". ".join(spoken))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for line in self._lines[1:]:
            line.setVisible(self.height() >= LOW)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress) and not self._is_current:
            self.chosen.emit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grounds = self.palette().base().color(), self.palette().alternateBase().color()
        painter.setBrush(min(grounds, key=QColor.lightness))
        line = self.palette().accent().color() if self._is_current else self.palette().mid().color()
        painter.setPen(QPen(line, 2 if self._is_current else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.ROUND, theme.ROUND)


def _facts(photo: Photo) -> list[tuple[str, str]]:
    details = photo.details
    if details.taken is None:
        date = tr("no date")
    else:
        date = information.moment(datetime.fromtimestamp(details.taken, UTC))
    return [
        (tr("Name"), words.name(photo.path)),
        (tr("Size"), information.pixels(details) or tr("unknown size")),
        (tr("Bytes"), information.size(photo.size)),
        (tr("Date"), date),
        (tr("Folder"), words.place(photo.path.parent)),
    ]
