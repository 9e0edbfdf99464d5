"""The line below: what is being done, how far it has come, and how many photos can be searched."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.parts import SteadyRow
from photosearch.gui.language import tr, words
from photosearch.records import Progress, Status

SECONDS, OF_A_LETTER = 6, 0.08
"""How long a passing remark stays: to be noticed, and to be read by whoever reads slowly."""


class StatusLine(QFrame):
    """Shows progress with a button to pause, and the counts."""

    pause_wanted = Signal()
    again_wanted = Signal()
    failures_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Status"))
        self._bar = theme.ProgressBar(120, 4, tr("Progress of indexing"))
        self._text = theme.Line()
        # As wide as its words where there is room, so that the button stands beside them.
        self._text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._text.setMinimumWidth(40)
        self._text.setProperty("quiet", True)
        self._pause = QToolButton()
        self._pause.setIconSize(QSize(16, 16))
        self._pause.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._pause.clicked.connect(self.pause_wanted)
        self._again = QToolButton()
        self._again.setText(tr("Try again"))
        self._again.setProperty("link", True)
        self._again.clicked.connect(self._again.hide)
        self._again.clicked.connect(self.again_wanted)
        self._failures = QToolButton()
        self._failures.setProperty("link", True)
        self._failures.clicked.connect(self.failures_wanted)
        self._offline = QLabel()
        self._offline.setProperty("quiet", True)
        self._searchable = QLabel()
        self._searchable.setProperty("quiet", True)
        row = SteadyRow(self)
        row.setContentsMargins(theme.LARGE, 4, theme.LARGE, 6)
        row.setSpacing(theme.MEDIUM)
        left: tuple[QWidget, ...] = (self._bar, self._text, self._pause, self._again)
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self._failures, self._offline, self._searchable):
            row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for widget in (self._bar, self._pause, self._again, self._failures, self._offline):
            widget.hide()
        self._progress = ""
        self._remark = QTimer(self)
        self._remark.setSingleShot(True)
        self._remark.timeout.connect(lambda: self._text.setText(self._progress))

    def show_progress(self, now: Progress, paused: bool) -> None:
        """Show how far indexing has come."""
        working = now.step in ("scanning", "indexing") and (now.total is None or now.done < now.total)
        self._bar.setVisible(working)
        self._bar.show_progress(now.done, now.total)
        self._pause.setVisible(working or paused)
        self._pause.setIcon(theme.icon("resume" if paused else "pause"))
        self._pause.setText(tr("Resume") if paused else tr("Pause"))
        self._pause.setAccessibleName(tr("Resume indexing") if paused else tr("Pause indexing"))
        self._again.hide()
        text = words.progress(now) if working else tr("Up to date")
        self._progress = tr("Paused · {progress}", progress=text) if paused else text
        if not self._remark.isActive():
            self._text.setText(self._progress)

    def show_problem(self, sentence: str) -> None:
        """Say why indexing does not go on."""
        self._bar.hide()
        self._pause.hide()
        self._again.show()
        self._progress = sentence
        self._text.setText(sentence)

    def remark(self, sentence: str) -> None:
        """Say something for a moment."""
        self._text.setText(sentence)
        self._remark.start(round(1000 * (SECONDS + OF_A_LETTER * len(sentence))))
        # It is not where the focus is, so who listens would not hear of it.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def show_searchable(self, count: int) -> None:
        """Show how many photos can be searched."""
        self._searchable.setText(tr("{photos} searchable", photos=words.photos(count)))

    def show_counts(self, status: Status) -> None:
        """Show how many photos can be searched and how many cannot."""
        self.show_searchable(status.searchable)
        self._failures.setText(tr("{count} could not be read", count=status.unreadable))
        self._failures.setVisible(status.unreadable > 0)
        self._offline.setText(tr("{count} offline", count=status.offline))
        self._offline.setVisible(status.offline > 0)
