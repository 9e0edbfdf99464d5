"""Photos or a sentence in their place: what the library and a search show alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStackedWidget, QWidget

from photosearch.gui.design.pages import Page
from photosearch.gui.grid.grid import MOST_DRAGGED, Grid
from photosearch.gui.grid.photos import Photos
from photosearch.gui.language import tr
from photosearch.gui.session import Session
from photosearch.records import Match

SETTLED = 150
"""Milliseconds after which a selection is taken for made."""


class Gallery(QStackedWidget):
    """A grid of photos that are fetched as they come in sight, or a page that says why there are none."""

    menu_wanted = Signal(QPoint)
    """At a photo, in pixels of the screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_whole, self._all_wanted = True, False
        self._waiting: NDArray[np.int64] | None = None
        # A selection that is being made changes with each move of the pointer.
        self._chosen_settled = QTimer(self)
        self._chosen_settled.setSingleShot(True)
        self._chosen_settled.timeout.connect(self._fetch_chosen)
        self.photos = Photos(self)
        self.grid = Grid(self.photos)
        self.message = Page()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.addWidget(self.grid)
        self.addWidget(self.message)
        self.setFocusProxy(self.grid)
        self.photos.wanted.connect(self._fetch)
        self.grid.verticalScrollBar().valueChanged.connect(session.warm)
        self.grid.selectionModel().currentChanged.connect(session.warm)
        self.grid.selectionModel().selectionChanged.connect(self._choose_otherwise)
        self.grid.selectionModel().selectionChanged.connect(lambda: self._chosen_settled.start(SETTLED))
        self.grid.refused_drag.connect(self._explain_drag)
        self.grid.let_go.connect(self._show_what_waits)
        session.narrowed.connect(self._choose_otherwise)
        self.grid.customContextMenuRequested.connect(self._ask_for_menu)

    def show_listing(self, ids: NDArray[np.int64]) -> None:
        """Show the photos with these ids, leaving in place what the person is looking at.

        While the pointer holds some, they stay as they are.
        """
        if self.grid.is_held:
            self._waiting = ids
            return
        self._waiting = None
        remembered, wanted = self.grid.remember(), self._all_wanted
        self._forget_questions()
        self.photos.show_listing(ids)
        self.grid.restore(remembered)
        self._all_wanted = wanted

    def _show_what_waits(self) -> None:
        if self._waiting is not None:
            self.show_listing(self._waiting)

    def is_whole(self, whole: bool) -> None:
        """The listing that is shown is that of all photos, or of the newest alone while all are listed."""
        self._is_whole = whole
        if whole and self._all_wanted:
            self._all_wanted = False
            self.grid.selectAll()

    def select_all(self) -> None:
        """Select all photos; while they are being listed, as soon as that is done.

        Until then that selects none: what is done with the selection would be done with a part of it.
        """
        if self._is_whole:
            self.grid.selectAll()
        else:
            self._all_wanted = True
            self._session.remarked.emit(tr("All photos will be selected as soon as they are listed."))

    def show_matches(self, matches: Sequence[Match]) -> None:
        """Show the matches of a query."""
        self._forget_questions()
        self.photos.show_matches(matches)

    def show_photos(self) -> None:
        """Show the grid."""
        self.setCurrentWidget(self.grid)

    def say(self, drawing: str, title: str, sentence: str) -> None:
        """Show this sentence in place of the grid."""
        self.message.say(drawing, title, sentence)
        self.setCurrentWidget(self.message)

    def _fetch(self, ids: list[int]) -> None:
        self._session.photos(self, ids, lambda photos: self.photos.fill(ids, photos))

    def _choose_otherwise(self) -> None:
        self._all_wanted = False

    def _fetch_chosen(self) -> None:
        """Whatever is selected may be dragged to another program."""
        chosen = self.grid.chosen_ids
        missing = self.photos.missing(chosen) if len(chosen) <= MOST_DRAGGED else []
        if missing:
            self._session.photos((self, "chosen"), missing, lambda photos: self.photos.fill(missing, photos))

    def _explain_drag(self, count: int) -> None:
        if count > MOST_DRAGGED:
            said = tr("At most {most} photos can be dragged at once.", most=MOST_DRAGGED)
        else:
            said = tr("The selected photos are being looked up: drag them again in a moment.")
        self._session.remarked.emit(said)

    def _forget_questions(self) -> None:
        self._session.reading.forget(("photos", self))

    def _ask_for_menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            self.menu_wanted.emit(self.grid.viewport().mapToGlobal(at))
