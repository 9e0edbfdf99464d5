"""The window: its places, the way between them, and what comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch import __version__
from photosearch.errors import PhotoSearchError
from photosearch.gui.actions.commands import KeySheet, Palette, commands
from photosearch.gui.actions.menus import action, fill
from photosearch.gui.actions.photo_actions import PhotoActions, Selection
from photosearch.gui.activity.place import ActivityPlace
from photosearch.gui.activity.status import StatusLine
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import file_dialog, folder_dialog
from photosearch.gui.design.pages import Page, Welcome
from photosearch.gui.desktop import pickings
from photosearch.gui.desktop.invitation import Invitation
from photosearch.gui.desktop.pickings import Pickings
from photosearch.gui.desktop.tray import Tray
from photosearch.gui.duplicates.list import GroupList
from photosearch.gui.duplicates.place import DuplicatesPlace
from photosearch.gui.grid.grid import Grid
from photosearch.gui.grid.lines import LineList
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import tr, words
from photosearch.gui.language.sentences import told
from photosearch.gui.library_place import LibraryPlace
from photosearch.gui.places import Navigation, Place
from photosearch.gui.preferences import Preferences, efforts_in_words
from photosearch.gui.search.searches import SavedSearches
from photosearch.gui.search_place import SearchPlace
from photosearch.gui.session import Known, Session
from photosearch.gui.viewing.looking import Looking
from photosearch.records import Example, Photo
from photosearch.settings import Appearance, Places, Settings, read_settings

if TYPE_CHECKING:
    from photosearch.library import Library


CHECKING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
"""Whoever holds one of these keys wants to know what of a folder is here already, not to add it."""


class Window(QMainWindow):
    """The program's window. It is painted first; then the library is opened behind it."""

    ended = Signal()
    """It was closed for good."""

    def __init__(
        self,
        open_library: Callable[[], Library],
        places: Places,
        folders: Sequence[Path] = (),
        photo: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = Session(open_library, places, self)
        self._first_folders, self._first_photo = list(folders), photo
        self._thumbnails: Thumbnails | None = None
        self._painted = self._ended = self._leaving = False
        self._received: list[tuple[Sequence[Path], Path | None]] = []
        # Said only if it takes a while: a sentence that flashes by unsettles.
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(lambda: self.opening.say("photos", tr("Opening your library…"), ""))
        self._make_places()
        self._make_pages()
        self._make_actions()
        self._make_menus()
        self.tray = Tray(self, QApplication.windowIcon(), [self.pause, self.leave])
        self._connect()
        self.setWindowTitle("PhotoSearch")
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 460)
        self.resize(QSize(1240, 820).boundedTo(self.screen().availableSize() * 0.94))

    # What there is

    def _make_places(self) -> None:
        self.library = LibraryPlace(self.session)
        self.search_place = SearchPlace(
            self.session, SavedSearches(self.session.places.data / "searches.json")
        )
        self.duplicates = DuplicatesPlace(self.session)
        self.activity = ActivityPlace(self.session)
        self.places: list[Place] = [self.library, self.search_place, self.duplicates, self.activity]
        self.navigation = Navigation(self.places)
        self.navigation.chosen.connect(lambda number: self.go_to(self.places[number]))
        self.content = QStackedWidget()
        for place in self.places:
            self.content.addWidget(place.shown())

    def _make_pages(self) -> None:
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        self._suggested = Path(pictures) if pictures else None
        self.opening, self.problem = Page(), Page()
        self.problem.offer(tr("Try again")).clicked.connect(self._begin)
        self.welcome = Welcome(words.name(self._suggested) if self._suggested else "")
        self.main = QWidget()
        row = QHBoxLayout(self.main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.navigation)
        row.addWidget(theme.upright_rule())
        row.addWidget(self.content, 1)
        self.stack = QStackedWidget()
        for page in (self.opening, self.problem, self.welcome, self.main):
            self.stack.addWidget(page)
        self.status = StatusLine()
        self._line_above_status = theme.rule()
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(theme.rule())
        rows.addWidget(self.stack, 1)
        rows.addWidget(self._line_above_status)
        rows.addWidget(self.status)
        self.setCentralWidget(whole)
        self.looking = Looking(self.session, lambda: self.place.gallery, whole)
        row.addWidget(self.looking.panel)
        self.invitation = Invitation(whole)
        self._show_page(self.opening)

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.photo_actions = PhotoActions(self.session, self, self._selection)
        self.open_picture = action(self, tr("Open Picture…"), self._open_picture, keys.Open, "picture")
        self.paste = action(self, tr("Paste"), self._paste, keys.Paste)
        self.check_folder = action(
            self, tr("Check a Folder Before Import…"), self._ask_for_card, "Ctrl+Shift+I", "card"
        )
        self.undo = action(self, tr("Undo"), self.session.undo.undo, keys.Undo, "undo")
        self.add_folder = action(self, tr("Add Folder…"), self._ask_for_folder, "Ctrl+Shift+O", "folder-add")
        self.leave = action(self, tr("Quit"), self.end, keys.Quit)
        self.select_all = action(self, tr("Select All"), self._select_all, keys.SelectAll)
        self.end_search = action(self, tr("Back to All Photos"), self.clear, keys.Cancel, "back")
        self.larger = action(self, tr("Larger Photos"), lambda: self._zoom(1), keys.ZoomIn)
        self.smaller = action(self, tr("Smaller Photos"), lambda: self._zoom(-1), keys.ZoomOut)
        self.pause = action(self, tr("Pause Indexing"), self.session.pause_or_resume, "Ctrl+Shift+P", "pause")
        self.efforts = {
            effort: action(self, text, partial(self.session.choose_effort, effort))
            for effort, text in efforts_in_words().items()
        }
        only_one = QActionGroup(self)
        for effort in self.efforts.values():
            effort.setCheckable(True)
            only_one.addAction(effort)
        self.preferences = action(self, tr("Preferences…"), self._show_preferences, keys.Preferences)
        self.palette_of_commands = action(self, tr("Commands…"), self._show_palette, "Ctrl+K", "search")
        self.show_keys = action(self, tr("Keyboard Shortcuts"), self._show_keys, "?", "keyboard")
        self.about = action(self, tr("About PhotoSearch"), self._show_about)
        self._allow()

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

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._opened)
        session.failed.connect(self._fail_to_open)
        session.told.connect(self._show)
        session.progressed.connect(self._show_progress)
        session.stopped.connect(lambda error: self.status.show_problem(told(error)))
        session.remarked.connect(self._remark)
        self.status.pause_wanted.connect(session.pause_or_resume)
        self.status.again_wanted.connect(session.follow)
        self.status.failures_wanted.connect(lambda: self.go_to(self.activity))
        self.library.folder_wanted.connect(self._ask_for_folder)
        self.library.picture_wanted.connect(self._open_picture)
        self.search_place.open_wanted.connect(self._open_picture)
        self.search_place.left.connect(lambda: self.go_to(self.library))
        self.photo_actions.similar_wanted.connect(
            lambda photos: self.search([Example(photo.path) for photo in photos])
        )
        self.photo_actions.more_wanted.connect(self._add_to_search)
        self.photo_actions.discard_wanted.connect(self.duplicates.clearing.discard)
        self.duplicates.menu_wanted.connect(self.photo_actions.menu)
        self.duplicates.selected.connect(self._allow)
        self.duplicates.compare_wanted.connect(self._compare_duplicates)
        compare = self.looking.compare
        compare.closed.connect(self._leave_comparison)
        compare.keep_wanted.connect(self.duplicates.keep_compared)
        compare.keep_all_wanted.connect(self.duplicates.keep_all_compared)
        compare.skip_wanted.connect(self.duplicates.skip_compared)
        self.duplicates.compared.connect(compare.close_comparison)
        session.undo.changed.connect(self._allow)
        for place in self.places:
            if place.gallery:
                grid = place.gallery.grid
                self.photo_actions.belong_to(grid)
                self.looking.belong_to(place.gallery)
                grid.zoom_wanted.connect(self._zoom)
                place.gallery.menu_wanted.connect(self.photo_actions.menu)
                grid.doubleClicked.connect(lambda _: self.photo_actions.open.trigger())
                grid.selectionModel().selectionChanged.connect(lambda *_: self._allow())
                grid.selectionModel().currentChanged.connect(lambda *_: self._allow())
        session.ended_indexing.connect(self.tray.tell_of_run)
        self.tray.window_wanted.connect(self.come_to_front)
        self.welcome.start.clicked.connect(
            lambda: self.add_folders([self._suggested] if self._suggested else [])
        )
        self.welcome.other.clicked.connect(self._ask_for_folder)

    # The library

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            # From here on the disk may take as long as it likes: the window is there.
            self._painted = True
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        self._show_page(self.opening)
        self.session.open(self._first_folders)
        self._slow.start(600)

    def _opened(self) -> None:
        self._slow.stop()
        library = self.session.library
        assert library
        self._thumbnails = Thumbnails(library.thumbnail, parent=self)
        for place in self.places:
            if place.gallery:
                place.gallery.grid.use(self._thumbnails)
        self.looking.use(self._thumbnails)
        # Once what the library says of itself is shown.
        QTimer.singleShot(0, self, self._take_up_all)

    def _take_up_all(self) -> None:
        self.session.warm()
        known = self.session.known
        if known and known.kept:
            kept = words.readable(str(known.kept))
            self._remark(tr("The library was brought to this version; as it was, it is {file}.", file=kept))
        if self._first_photo:
            self.search([Example(self._first_photo)])
        for folders, photo in self._received:
            self._take_up(folders, photo)

    def _fail_to_open(self, error: PhotoSearchError) -> None:
        self._slow.stop()
        if self.session.library and self._first_folders:
            # It is open, but a folder named at the start is not to be had: show what there is, and say so.
            self._first_folders = []
            self._begin()
            self._remark(told(error))
            return
        self.problem.say("warning", tr("Your library cannot be opened"), told(error))
        self._show_page(self.problem)

    def _show(self, known: Known) -> None:
        self.status.show_counts(known.status)
        self.efforts[known.effort].setChecked(True)
        if self._thumbnails:
            self._thumbnails.try_again()
        self._show_page(self.main if known.folders or self.search_place.query else self.welcome)
        self._allow()

    def _show_progress(self) -> None:
        self.status.show_progress(self.session.last, self.session.paused)
        self._allow()

    def _remark(self, sentence: str) -> None:
        self.status.remark(sentence)
        # Where the status line is not shown.
        self.welcome.hint.setText(sentence)

    # Places

    @property
    def place(self) -> Place:
        """Where one is."""
        return self.places[self.content.currentIndex()]

    def go_to(self, place: Place) -> None:
        """Show a place."""
        self._show_page(self.main)
        self.looking.close()
        self.content.setCurrentWidget(place.shown())
        self.navigation.show_place(self.places.index(place))
        place.enter()
        self._allow()

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
            self._show_page(self.welcome)

    def _show_page(self, page: QWidget) -> None:
        self.stack.setCurrentWidget(page)
        self.navigation.show_place(self.content.currentIndex())
        for widget in (self.status, self._line_above_status):
            widget.setVisible(page is self.main)

    def _allow(self) -> None:
        """Enable what can be done now."""
        self.photo_actions.allow()
        self.looking.allow()
        self.end_search.setEnabled(self.place is not self.library or self.search_place.query is not None)
        for one in (self.select_all, self.larger, self.smaller):
            one.setEnabled(self.place.gallery is not None)
        step = self.session.undo.next
        self.undo.setEnabled(step is not None)
        self.undo.setText(tr("Undo “{step}”", step=step.name) if step else tr("Undo"))
        for one in (self.pause, *self.efforts.values()):
            one.setEnabled(self.session.task is not None)
        paused = self.session.paused
        self.pause.setText(tr("Resume Indexing") if paused else tr("Pause Indexing"))
        self.pause.setIcon(theme.icon("resume" if paused else "pause"))

    # Photos

    def _selection(self) -> Selection:
        if self.place is self.duplicates:
            return self.duplicates.selection
        gallery = self.place.gallery
        if gallery is None or gallery.currentWidget() is not gallery.grid:
            return Selection()
        answer = self.search_place.answer if self.place is self.search_place else None
        return Selection(gallery.grid.chosen_ids, gallery.grid.current, answer.matches if answer else ())

    def _select_all(self) -> None:
        if self.place.gallery:
            self.place.gallery.grid.selectAll()

    def _zoom(self, steps: int) -> None:
        for place in self.places:
            if place.gallery:
                place.gallery.grid.zoom(steps)

    def search(self, examples: Sequence[Example]) -> None:
        """Show the photos most like these."""
        if self.session.library and examples:
            self.search_place.search(examples)
            self.go_to(self.search_place)

    def _add_to_search(self, photos: list[Photo], weight: float) -> None:
        self.search_place.add(photos, weight)
        self.go_to(self.search_place)

    # Folders and choices

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

    def _show_preferences(self) -> None:
        def show(settings: Settings) -> None:
            dialog = Preferences(self.session, settings, self)
            dialog.folder_wanted.connect(self._ask_for_folder)
            dialog.appearance_chosen.connect(self._dress)
            dialog.tray_chosen.connect(self.tray.keep)
            dialog.open()

        file = self.session.places.settings
        self.session.reading.call("settings", lambda: read_settings(file), show, self.session.complain)

    def _dress(self, appearance: Appearance) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.dress(application, appearance)

    def _show_palette(self) -> None:
        self._allow()
        Palette(list(commands(self.menuBar())), self).show()

    def _show_keys(self) -> None:
        KeySheet(list(commands(self.menuBar())), self).open()

    def _show_about(self) -> None:
        about = QMessageBox(self)
        about.setWindowTitle(tr("About PhotoSearch"))
        about.setIconPixmap(self.windowIcon().pixmap(96, 96))
        about.setText(f"PhotoSearch {__version__}")
        about.setInformativeText(tr("Finds photos by photo, on your own machine. Apache License 2.0."))
        about.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        about.open()

    # From outside

    def _open_picture(self) -> None:
        title, mode = tr("Find the photos like a picture"), QFileDialog.FileMode.ExistingFiles
        dialog = file_dialog(self, title, mode, self._suggested)
        dialog.filesSelected.connect(lambda paths: self.search([Example(Path(path)) for path in paths]))
        dialog.open()

    def _paste(self) -> None:
        self._take(pickings.pick(QGuiApplication.clipboard().mimeData()))

    def _take(self, picked: Callable[[], Pickings]) -> None:
        def taken(result: Pickings) -> None:
            if result.folders:
                self.add_folders(result.folders)
            self.search(result.examples)

        self.session.reading.call("pick", picked, taken, self.session.complain)

    def receive(self, folders: Sequence[Path], photo: Path | None) -> bool:
        """Come to the front and take what the program was started with again; not if it is closed already."""
        if self._ended:
            return False
        self.come_to_front()
        if self.session.known:
            self._take_up(folders, photo)
        else:
            self._received.append((folders, photo))
        return True

    def come_to_front(self) -> None:
        """Be the window that is looked at."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _take_up(self, folders: Sequence[Path], photo: Path | None) -> None:
        if folders:
            self.add_folders(folders)
        if photo:
            self.search([Example(photo)])

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.session.warm()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.warm()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # A photo of a grid let go over the window was not meant as a search.
        if (
            self.session.library
            and not isinstance(event.source(), Grid | GroupList | LineList)
            and pickings.acceptable(event.mimeData())
        ):
            event.acceptProposedAction()
            self.invitation.show_over()
            self.session.warm()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.invitation.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.invitation.hide()
        # Never as a move, whatever key is held: whoever dragged it here would then delete it there.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.modifiers() & CHECKING:
            self._check_dropped(pickings.pick(event.mimeData()))
        else:
            self._take(pickings.pick(event.mimeData()))

    # The end

    def end(self) -> None:
        """End the program, also where closing the window leaves it in the tray."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.tray.holds and not self._leaving:
            event.ignore()
            self.hide()
            self.tray.say_that_it_holds()
            return
        super().closeEvent(event)
        if not self._ended:
            self._ended = True
            self.tray.end()
            self._slow.stop()
            # Out of sight at once; what is under way may take a moment to end.
            self.hide()
            self.session.end(
                [self.looking, self.duplicates, *([self._thumbnails] if self._thumbnails else [])]
            )
            self.ended.emit()
