"""What stands in place of the photos: a welcome, or a sentence."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui.design import theme
from photosearch.gui.language import tr

COLUMN = 460
"""Width of a column of text that is pleasant to read."""

LEAST, LOW = 100, 260
"""Height in which a title and a sentence have room, and one below which there is none for a drawing."""


class Page(QWidget):
    """A drawing, a title, a sentence and what can be done, in the middle of the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = theme.Drawing("photos", 56)
        self._title = _line(theme.font(1.6, QFont.Weight.DemiBold))
        self._sentence = _line(theme.font(1.05))
        self._sentence.setProperty("quiet", True)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.MEDIUM)
        self._column.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(theme.SMALL)
        self._column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, theme.LARGE, 0, 0)
        self._buttons.setSpacing(theme.MEDIUM)
        self._buttons.addStretch()
        self._buttons.addStretch()
        self._column.addLayout(self._buttons)
        middle = QVBoxLayout(self)
        middle.addStretch(4)
        middle.addLayout(self._column)
        # A little above the middle is where the eye looks for the middle.
        middle.addStretch(5)

    def say(self, drawing: str, title: str, sentence: str) -> None:
        """Say this."""
        self._drawing.show_drawing(drawing)
        for label, text in ((self._title, title), (self._sentence, sentence)):
            label.setText(text)
        self._fit()
        self.setAccessibleName(f"{title}. {sentence}")

    def minimumSizeHint(self) -> QSize:
        # Its text is set anew for whatever width there is.
        return QSize(240, LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Wrap the text to the width there is; a layout inside a layout forgets that it grows downwards."""
        width = min(COLUMN, max(200, self.width() - 2 * theme.LARGE))
        for label in self.findChildren(QLabel):
            label.setFixedWidth(width)
            label.setMinimumHeight(max(0, label.heightForWidth(width)))
        self._drawing.setVisible(self.height() >= LOW)

    def offer(self, text: str, primary: bool = False) -> QPushButton:
        """Add a button."""
        button = QPushButton(text)
        button.setProperty("primary", primary)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button


class Welcome(Page):
    """What a person sees first: which folder to begin with."""

    def __init__(self, suggested: str, parent: QWidget | None = None) -> None:
        """Suggest a folder, or none if the platform knows of none."""
        super().__init__(parent)
        self.say(
            theme.PROGRAM,
            tr("Find photos by photo"),
            tr(
                "PhotoSearch looks through your folders once, then shows you the photos like any picture you "
                "drop on it. Your photos stay as and where they are, and nothing leaves this computer."
            ),
        )
        self.start = self.offer(tr("Start with {folder}", folder=suggested), primary=True)
        self.start.setVisible(bool(suggested))
        self.other = self.offer(
            tr("Choose another folder…") if suggested else tr("Choose a folder…"), primary=not suggested
        )
        self.hint = _line(theme.font(0.92))
        self.hint.setProperty("quiet", True)
        self.hint.setText(tr("You can also drop a folder anywhere on this window."))
        self._column.addSpacing(theme.SMALL)
        self._column.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignHCenter)


def _line(font: QFont) -> QLabel:
    label = QLabel()
    label.setFont(font)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setFixedWidth(COLUMN)
    return label
