"""The place of all photos: folders at the left, the photos by date, a timeline to jump by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import desktop
from photosearch.gui.browsing.filters import FilterBar
from photosearch.gui.browsing.folders import WIDTH, FolderPanel
from photosearch.gui.browsing.timeline import Timeline
from photosearch.gui.design import theme
from photosearch.gui.grid.gallery import Gallery
from photosearch.gui.language import tr, words
from photosearch.gui.session import Known, Session
from photosearch.records import Filters, Root

NARROW = 480
"""Pixels of a 1× screen below which there is no room for folders beside the photos."""


class LibraryPlace(QSplitter):
    """Shows the photos that pass the filters, newest first."""

    icon = "photos"
    folder_wanted = Signal()
    """Ask which folder to add."""
    picture_wanted = Signal()
    """Ask which picture to search by."""
    room_wanted = Signal()
    """There is none for the folders: something beside this place is to leave."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = tr("Library")
        self._session = session
        self._shown: Known | None = None
        self._whereabouts: object = None
        self._folders_wanted = True
        self.folders = FolderPanel()
        self.gallery = Gallery(session)
        self.timeline = Timeline()
        by_picture = QToolButton()
        by_picture.setText(tr("Search by picture…"))
        by_picture.setIcon(theme.icon("search"))
        by_picture.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        by_picture.setToolTip(tr("Or drop a picture anywhere, or paste one"))
        by_picture.clicked.connect(self.picture_wanted)
        self.filters = FilterBar(session, folders=False, button=by_picture)
        self.filters.current = lambda: self.gallery.grid.current
        self._make_actions()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(theme.rule())
        photos = QFrame()
        row = QHBoxLayout(photos)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.gallery, 1)
        row.addWidget(self.timeline)
        column.addWidget(photos, 1)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(self.folders)
        self.addWidget(right)
        self.setStretchFactor(1, 1)
        self.setSizes([WIDTH, 1000])
        self.folders.chosen.connect(self._choose_folder)
        self.folders.add_wanted.connect(self.folder_wanted)
        self.folders.forget_wanted.connect(session.forget_missing)
        self.folders.list.customContextMenuRequested.connect(self._folder_menu)
        self.gallery.grid.verticalScrollBar().valueChanged.connect(self._follow_timeline)
        self.timeline.jumped.connect(self._jump)
        session.told.connect(self._show)
        session.narrowed.connect(lambda: self.folders.choose(session.filters.under))

    def shown(self) -> QWidget:
        return self

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before the parts are as wide as there is room: the folders come back as wide as they were.
        self._fit(event.size().width())
        super().resizeEvent(event)

    def actions_here(self) -> Sequence[QAction]:
        return [self.show_folders, self.remove_folder]

    def enter(self) -> None:
        self.gallery.setFocus()

    def _make_actions(self) -> None:
        self.show_folders = QAction(tr("Folders"), self)
        self.show_folders.setShortcut("F9")
        self.show_folders.setCheckable(True)
        self.show_folders.setChecked(True)
        self.show_folders.triggered.connect(self._want_folders)
        self.remove_folder = QAction(tr("Remove Folder…"), self)
        self.remove_folder.setEnabled(False)
        self.remove_folder.triggered.connect(self._ask_to_remove_folder)

    def _want_folders(self) -> None:
        self._folders_wanted = self.show_folders.isChecked()
        if self._folders_wanted and self.width() < NARROW:
            self.room_wanted.emit()
        self._fit(self.width())

    def _fit(self, width: int) -> None:
        """The folders give way to the photos."""
        self.show_folders.setChecked(self._folders_wanted and width >= NARROW)
        self.folders.setVisible(self.show_folders.isChecked())

    def _show(self, known: Known) -> None:
        before, self._shown = self._shown, known
        self.folders.folders.show(known.folders)
        self.remove_folder.setEnabled(self.folders.current is not None)
        # The same photos, but they lie elsewhere now, or their drive came or went.
        away = [(root.id, root.state == "offline", root.missing) for root in known.folders]
        whole = known.whole or bool(known.months)
        places, self._whereabouts = self._whereabouts, (self._session.last.tally.moved, away)
        if before is None or places != self._whereabouts or not np.array_equal(before.listing, known.listing):
            if before is not None and before.filters != known.filters:
                # Other photos: what one looked at among those before says nothing of them.
                self.gallery.grid.scrollToTop()
            self.gallery.show_listing(known.listing)
            if whole:
                self.timeline.show_months(known)
            self._follow_timeline()
        self.gallery.is_whole(whole)
        if len(known.listing):
            self.gallery.show_photos()
        elif replace(known.filters, kind="") != Filters():
            self.gallery.say("filter", tr("No such photos"), tr("No photo here passes all of the filters."))
        elif self._session.last.step == "watching":
            said = tr("New photos in these folders appear by themselves.")
            self.gallery.say("photos", tr("No photos here"), said)
        else:
            self.gallery.say("photos", tr("Looking for photos…"), tr("They appear here as they are found."))

    def _follow_timeline(self) -> None:
        self.timeline.show_row(self.gallery.grid.top_row)

    def _jump(self, row: int) -> None:
        self.gallery.grid.go_to(row)
        self.timeline.show_row(row)

    # Folders

    def _choose_folder(self, path: Path | None) -> None:
        self.remove_folder.setEnabled(path is not None)
        self._session.narrow(replace(self._session.filters, under=path))

    def _ask_to_remove_folder(self) -> None:
        root = self.folders.current
        if root is None:
            return
        question = QMessageBox(self)
        question.setWindowTitle("PhotoSearch")
        question.setText(tr("Remove “{name}” from the library?", name=words.name(root.path)))
        question.setInformativeText(
            tr(
                "Its {photos} will no longer be found. The photos themselves are not touched.",
                photos=words.photos(root.photos),
            )
        )
        remove = question.addButton(tr("Remove"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.buttonClicked.connect(lambda button: self._remove(root) if button is remove else None)
        question.open()
        question.finished.connect(question.deleteLater)

    def _remove(self, root: Root) -> None:
        self._session.remove_folder(root)

    def _folder_menu(self, at: QPoint) -> None:
        root = self.folders.folders.root(self.folders.list.indexAt(at).row())
        menu = QMenu(self)
        if root:
            show = menu.addAction(theme.icon("folder"), tr("Show in File Manager"))
            show.triggered.connect(lambda: desktop.open_in_viewer(root.path))
            menu.addAction(self.remove_folder)
            menu.addSeparator()
        menu.addAction(theme.icon("folder-add"), tr("Add Folder…")).triggered.connect(self.folder_wanted)
        of = words.name(root.path) if root else tr("Folders")
        theme.pop_up(menu, self.folders.list.viewport().mapToGlobal(at), of)
