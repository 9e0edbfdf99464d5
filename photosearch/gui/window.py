"""The window on the photos of this computer: its places, and what is done with folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.errors import PhotoSearchError
from photosearch.gui.actions.menus import action, fill
from photosearch.gui.actions.photo_actions import Selection
from photosearch.gui.activity.place import ActivityPlace
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import folder_dialog
from photosearch.gui.design.pages import Welcome
from photosearch.gui.desktop import pickings
from photosearch.gui.desktop.pickings import Pickings
from photosearch.gui.desktop.tray import Tray
from photosearch.gui.duplicates.place import DuplicatesPlace
from photosearch.gui.language import tr, words
from photosearch.gui.language.sentences import told
from photosearch.gui.library_place import LibraryPlace
from photosearch.gui.preferences import Preferences, efforts_in_words
from photosearch.gui.search.searches import SavedSearches
from photosearch.gui.search_place import SearchPlace
from photosearch.gui.session import Known, Session
from photosearch.gui.shell import Shell
from photosearch.records import Photo
from photosearch.settings import Places

if TYPE_CHECKING:
    from photosearch.library import Library


CHECKING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
"""Whoever holds one of these keys wants to know what of a folder is here already, not to add it."""


class Window(Shell):
    """A window on the photos of this computer."""

    def __init__(
        self,
        open_library: Callable[[], Library],
        places: Places,
        folders: Sequence[Path] = (),
        photo: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        session = Session(open_library, places)
        search = SearchPlace(session, SavedSearches(places.data / "searches.json"))
        library, duplicates, activity = (
            LibraryPlace(session),
            DuplicatesPlace(session),
            ActivityPlace(session),
        )
        super().__init__(session, [library, search, duplicates, activity], search, photo, parent)
        self.library, self.duplicates, self.activity = library, duplicates, activity
        self.stoppable.append(duplicates)
        self._first_folders = list(folders)
        self.welcome = Welcome(words.name(self._suggested) if self._suggested else "")
        self.stack.addWidget(self.welcome)
        self._make_own_actions()
        self._make_menus()
        self.tray = Tray(self, QApplication.windowIcon(), [self.pause, self.leave])
        self._connect_own()
        self.allow()

    # What there is

    def _make_own_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.check_folder = action(
            self, tr("Check a Folder Before Import…"), self._ask_for_card, "Ctrl+Shift+I", "card"
        )
        self.undo = action(self, tr("Undo"), self.session.undo.undo, keys.Undo, "undo")
        self.add_folder = action(self, tr("Add Folder…"), self._ask_for_folder, "Ctrl+Shift+O", "folder-add")
        self.end_search = action(self, tr("Back to All Photos"), self.clear, keys.Cancel, "back")
        self.pause = action(self, tr("Pause Indexing"), self.session.pause_or_resume, "Ctrl+Shift+P", "pause")
        self.efforts = {
            effort: action(self, text, partial(self.session.choose_effort, effort))
            for effort, text in efforts_in_words().items()
        }
        only_one = QActionGroup(self)
        for effort in self.efforts.values():
            effort.setCheckable(True)
            only_one.addAction(effort)

    def _make_menus(self) -> None:
        here = {place.title: list(place.actions_here()) for place in self.places}
        library, search = here[self.library.title], here[self.search_place.title]
        menus: list[tuple[str, list[QAction | None]]] = [
            (
                tr("&File"),
                [
                    *(self.open_picture, None, self.add_folder, library[1], None),
                    *(self.check_folder, None, self.leave),
                ],
            ),
            (tr("&Edit"), [self.undo, None, self.paste, self.select_all, None, self.preferences]),
            (tr("&Photo"), [*self.looking.actions_here(), None, *self.photo_actions.all()]),
            (
                tr("&View"),
                [
                    *self.navigation.actions_to,
                    None,
                    self.end_search,
                    library[0],
                    None,
                    self.larger,
                    self.smaller,
                ],
            ),
            (tr("&Search"), [*search, self.search_place.saved_menu.menuAction()]),
            (tr("&Duplicates"), [*self.duplicates.actions_here()]),
            (tr("&Library"), [self.pause, None, *self.efforts.values()]),
            (tr("&Help"), [self.palette_of_commands, self.show_keys, None, self.about]),
        ]
        fill(self.menuBar(), menus)

    def _connect_own(self) -> None:
        session = self.session
        session.told.connect(self._show)
        session.told.connect(self._tell_of_copy, Qt.ConnectionType.SingleShotConnection)
        session.progressed.connect(self._show_progress)
        session.stopped.connect(self._show_problem)
        self.status.pause_wanted.connect(session.pause_or_resume)
        self.status.again_wanted.connect(session.follow)
        self.status.failures_wanted.connect(lambda: self.go_to(self.activity))
        self.library.folder_wanted.connect(self._ask_for_folder)
        self.library.room_wanted.connect(self.looking.hide_panel)
        self.library.picture_wanted.connect(self.open_picture.trigger)
        self.search_place.left.connect(lambda: self.go_to(self.library))
        self.photo_actions.discard_wanted.connect(self.duplicates.clearing.discard)
        self.duplicates.menu_wanted.connect(self.photo_actions.menu)
        self.duplicates.selected.connect(self.allow)
        self.duplicates.compare_wanted.connect(self._compare_duplicates)
        compare = self.looking.compare
        compare.closed.connect(self._leave_comparison)
        compare.keep_wanted.connect(self.duplicates.keep_compared)
        compare.keep_all_wanted.connect(self.duplicates.keep_all_compared)
        compare.skip_wanted.connect(self.duplicates.skip_compared)
        self.duplicates.compared.connect(compare.close_comparison)
        session.undo.changed.connect(self.allow)
        session.ended_indexing.connect(self.tray.tell_of_run)
        self.tray.window_wanted.connect(self.come_to_front)
        self.welcome.start.clicked.connect(
            lambda: self.add_folders([self._suggested] if self._suggested else [])
        )
        self.welcome.other.clicked.connect(self._ask_for_folder)

    # The library

    def begin(self) -> None:
        self.show_page(self.opening)
        self.session.open(self._first_folders)
        self._slow.start(600)

    def say_opening(self) -> None:
        self.opening.say("photos", tr("Opening your library…"), "")

    def say_problem(self, sentence: str) -> None:
        self.problem.say("warning", tr("Your library cannot be opened"), sentence)

    def _tell_of_copy(self, known: Known) -> None:
        """Say once where the library lies as it was, if it was brought to this version."""
        if known.kept:
            self.remark(
                tr(
                    "The library was brought to this version; a copy of it as it was is {file}.",
                    file=words.place(known.kept),
                )
            )

    def fail_to_open(self, error: PhotoSearchError) -> None:
        if self.session.library and self._first_folders:
            # It is open, but a folder named at the start is not to be had: show what there is, and say so.
            self._first_folders = []
            self.begin()
            self.remark(told(error))
            return
        super().fail_to_open(error)

    def _show(self, known: Known) -> None:
        self.status.show_counts(known.status)
        self.efforts[known.effort].setChecked(True)
        if self._thumbnails:
            self._thumbnails.try_again()
        page = self.main if known.folders or self.search_place.query else self.welcome
        arrived = page is self.main and self.stack.currentWidget() is not page
        self.show_page(page)
        if arrived:
            # Else the keyboard would be at whatever comes first.
            self.place.enter()
        self.allow()

    def _show_progress(self) -> None:
        self.status.show_progress(self.session.last, self.session.paused)
        self.allow()

    def _show_problem(self, error: PhotoSearchError) -> None:
        self.status.show_problem(told(error))
        self.allow()

    def remark(self, sentence: str) -> None:
        super().remark(sentence)
        # Where the status line is not shown.
        self.welcome.hint.setText(sentence)

    # Places

    def clear(self) -> None:
        """Leave the activity, or end the search: back to all photos."""
        if self.place is self.duplicates and self.duplicates.step_back():
            return
        if self.place in (self.activity, self.duplicates) and self.search_place.query:
            self.go_to(self.search_place)
            return
        self.search_place.clear()
        self.go_to(self.library)
        if self.session.known and not self.session.known.folders:
            self.show_page(self.welcome)

    def allow(self) -> None:
        super().allow()
        self.end_search.setEnabled(self.place is not self.library or self.search_place.query is not None)
        step = self.session.undo.next
        self.undo.setEnabled(step is not None)
        self.undo.setText(tr("Undo “{step}”", step=step.name) if step else tr("Undo"))
        self.pause.setEnabled(self.session.task is not None)
        for effort in self.efforts.values():
            effort.setEnabled(self.session.library is not None)
        paused = self.session.paused
        self.pause.setText(tr("Resume Indexing") if paused else tr("Pause Indexing"))
        self.pause.setIcon(theme.icon("resume" if paused else "pause"))

    def selection(self) -> Selection:
        return self.duplicates.selection if self.place is self.duplicates else super().selection()

    # Folders and choices

    def take_folders(self, folders: Sequence[Path]) -> None:
        self.add_folders(folders)

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Watch these folders from now on."""
        self.session.add_folders(folders)

    def _ask_for_folder(self) -> None:
        dialog = folder_dialog(self, tr("Add a folder of photos"), self._suggested)
        dialog.filesSelected.connect(lambda paths: self.add_folders([Path(path) for path in paths]))
        dialog.open()

    def check_before_import(self, folder: Path) -> None:
        """Show which photos of a folder are in the library already."""
        self.go_to(self.duplicates)
        self.duplicates.check(folder)

    def _check_dropped(self, picked: Callable[[], Pickings]) -> None:
        def taken(result: Pickings) -> None:
            if result.folders:
                self.check_before_import(result.folders[0])
            else:
                self.search(result.examples)

        self.session.reading.call("pick", picked, taken, self.session.complain)

    def _ask_for_card(self) -> None:
        dialog = folder_dialog(self, tr("Check a card or folder before an import"))
        dialog.fileSelected.connect(lambda path: self.check_before_import(Path(path)))
        dialog.open()

    def _leave_comparison(self) -> None:
        if self.place is self.duplicates:
            self.duplicates.enter()

    def _compare_duplicates(self, photos: list[Photo]) -> None:
        self.looking.compare_photos(photos, deciding=True)

    def follow_preferences(self, dialog: Preferences) -> None:
        dialog.folder_wanted.connect(self._ask_for_folder)
        dialog.tray_chosen.connect(self.tray.keep)

    # From outside and the end

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.modifiers() & CHECKING:
            super().dropEvent(event)
            return
        self.invitation.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._check_dropped(pickings.pick(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.tray.holds and not self.is_leaving:
            event.ignore()
            self.hide()
            self.tray.say_that_it_holds()
            return
        self.tray.end()
        super().closeEvent(event)
