"""The place of what goes on: indexing, drives that are not there, files that could not be read, a report."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.errors import PhotoSearchError
from photosearch.gui import desktop
from photosearch.gui.activity import report
from photosearch.gui.activity.failures import FailureList
from photosearch.gui.design import theme
from photosearch.gui.language import number, tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.session import Known, Session
from photosearch.records import Progress

WIDEST = 900
"""Of the column, in pixels of a 1× screen: a line of text that is easily read."""


class ActivityPlace(QFrame):
    """Shows what is being done and what is in the way, and lets a person act on it."""

    icon = "activity"
    gallery = None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = tr("Activity")
        self._session = session
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout()
        column.setSpacing(theme.LARGE)
        column.addWidget(self._make_indexing())
        column.addWidget(self._make_offline())
        self.failures = FailureList()
        self.failures.retry_wanted.connect(session.retry_failures)
        self.failures.list.customContextMenuRequested.connect(self._failure_menu)
        column.addWidget(self.failures, 1)
        column.addWidget(theme.rule())
        column.addLayout(self._make_report())
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        middle.setLayout(column)
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.HUGE, theme.HUGE, theme.HUGE, theme.LARGE)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(theme.scrolled(inside))
        session.progressed.connect(self._show_progress)
        session.stopped.connect(self._show_problem)
        session.told.connect(self._show)
        self._show_progress(session.last)

    def shown(self) -> QWidget:
        return self

    def actions_here(self) -> Sequence[QAction]:
        return []

    def enter(self) -> None:
        self.failures.list.setFocus()

    # Indexing

    def _make_indexing(self) -> QWidget:
        part = QWidget()
        self.state, self._details = QLabel(), QLabel()
        self.state.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._details.setProperty("quiet", True)
        self._details.setWordWrap(True)
        self._bar = theme.ProgressBar(None, 6, tr("Progress of indexing"))
        self.pause = QPushButton()
        self.pause.setIconSize(QSize(22, 16))
        self.pause.clicked.connect(self._session.pause_or_resume)
        self._again = theme.button(tr("Try again"), "again")
        self._again.clicked.connect(self._again.hide)
        self._again.clicked.connect(self._session.follow)
        self._again.hide()
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self._again)
        head.addWidget(self.pause)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(theme.HUGE)
        self._figures.setVerticalSpacing(0)
        self._counts: dict[str, QLabel] = {}
        names = {
            "searchable": tr("searchable"),
            "waiting": tr("waiting"),
            "offline": tr("offline"),
            "unreadable": tr("could not be read"),
        }
        for place, (key, name) in enumerate(names.items()):
            count, label = QLabel("–"), QLabel(name)
            count.setFont(theme.font(1.5, QFont.Weight.DemiBold))
            count.setAlignment(theme.beginning())
            label.setAlignment(theme.beginning())
            label.setProperty("quiet", True)
            label.setBuddy(count)
            self._counts[key] = count
            self._figures.addWidget(count, 0, place)
            self._figures.addWidget(label, 1, place)
        self._figures.setColumnStretch(len(names), 1)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addLayout(head)
        column.addWidget(self._details)
        column.addWidget(self._bar)
        column.addSpacing(theme.MEDIUM)
        column.addLayout(self._figures)
        return part

    def _show_progress(self, now: Progress) -> None:
        paused = self._session.paused
        working = now.step in ("scanning", "indexing") and (now.total is None or now.done < now.total)
        self._again.hide()
        self.pause.setEnabled(self._session.task is not None)
        self.pause.setText(tr("Resume") if paused else tr("Pause"))
        self.pause.setIcon(theme.icon("resume" if paused else "pause"))
        self._bar.setVisible(working)
        self._bar.show_progress(now.done, now.total)
        if paused:
            self.state.setText(tr("Indexing is paused"))
        elif not working:
            self.state.setText(tr("Everything is up to date"))
        elif now.step == "scanning":
            self.state.setText(tr("Looking through the folders"))
        else:
            self.state.setText(tr("Indexing your photos"))
        if working:
            self._details.setText(words.progress(now))
        elif paused:
            self._details.setText(tr("What changes meanwhile is noticed as soon as it goes on."))
        else:
            self._details.setText(tr("New, changed, moved and deleted photos are noticed by themselves."))

    def _show_problem(self, error: PhotoSearchError) -> None:
        self.state.setText(tr("Indexing has stopped"))
        self._details.setText(told(error))
        self._bar.hide()
        self._again.show()
        self.pause.setEnabled(False)

    # What is known

    def _show(self, known: Known) -> None:
        status = known.status
        for key, count in (
            ("searchable", status.searchable),
            ("waiting", status.waiting),
            ("offline", status.offline),
            ("unreadable", status.unreadable),
        ):
            self._counts[key].setText(number(count))
        self.failures.show_failures(known.failures, status.waiting)
        away = [root for root in known.folders if root.state == "offline"]
        self._offline.setVisible(bool(away))
        self._offline_title.setText(trn("{n} folder is offline", "{n} folders are offline", len(away)))
        self._offline_list.setText(
            "\n".join(f"{words.place(root.path)} · {words.photos(root.photos)}" for root in away)
        )

    def _make_offline(self) -> QWidget:
        self._offline = QWidget()
        self._offline_title, self._offline_list = QLabel(), QLabel()
        self._offline_title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._offline_list.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        promise = QLabel(tr("Plug in the drive to see these photos. Nothing of them is forgotten meanwhile."))
        promise.setProperty("quiet", True)
        promise.setWordWrap(True)
        column = QVBoxLayout(self._offline)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        for widget in (self._offline_title, promise, self._offline_list):
            column.addWidget(widget)
        self._offline.hide()
        return self._offline

    def _failure_menu(self, at: QPoint) -> None:
        failure = self.failures.current
        if failure:
            menu = QMenu(self)
            show = menu.addAction(theme.icon("folder"), tr("Show in File Manager"))
            show.triggered.connect(lambda: desktop.show_in_file_manager([failure.path]))
            at_photo = self.failures.list.viewport().mapToGlobal(at)
            theme.pop_up(menu, at_photo, words.name(failure.path))

    # The report

    def _make_report(self) -> QVBoxLayout:
        asked = QLabel(
            tr("Is something not working? A report tells what was going on; you decide who gets it.")
        )
        asked.setProperty("quiet", True)
        asked.setWordWrap(True)
        self.hide_paths = theme.CheckBox(tr("Hide names and folders"))
        self.hide_paths.setChecked(True)
        self.copy_report = theme.button(tr("Copy report"), "copy")
        self.copy_report.clicked.connect(self._copy_report)
        row = QHBoxLayout()
        row.setSpacing(theme.MEDIUM)
        row.addWidget(self.hide_paths, 1)
        row.addWidget(self.copy_report)
        column = QVBoxLayout()
        column.setSpacing(theme.SMALL)
        column.addWidget(asked)
        column.addLayout(row)
        return column

    def _copy_report(self) -> None:
        known, logs, hidden = self._session.known, self._session.places.logs, self.hide_paths.isChecked()

        def copy(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._session.remarked.emit(tr("Copied the report"))

        self._session.reading.call("report", lambda: report.written(known, logs, hidden), copy)
