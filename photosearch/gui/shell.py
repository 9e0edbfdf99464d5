"""What every window has: a library behind it, photos to search and look at, and what comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
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
from photosearch.gui.actions.menus import action
from photosearch.gui.actions.photo_actions import PhotoActions, Selection
from photosearch.gui.activity.status import StatusLine
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import file_dialog
from photosearch.gui.design.pages import Page
from photosearch.gui.desktop import pickings
from photosearch.gui.desktop.invitation import Invitation
from photosearch.gui.desktop.pickings import Pickings
from photosearch.gui.duplicates.list import GroupList
from photosearch.gui.grid.grid import Grid
from photosearch.gui.grid.lines import LineList
from photosearch.gui.grid.size import SizeSlider
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import tr
from photosearch.gui.language.sentences import told
from photosearch.gui.places import Navigation, Place
from photosearch.gui.preferences import Preferences
from photosearch.gui.search_place import SearchPlace
from photosearch.gui.session import Session, Stoppable
from photosearch.gui.viewing.looking import Looking
from photosearch.records import Example, Photo
from photosearch.settings import Appearance, Settings, read_settings

LOW = 500
"""A window lower than this, in pixels of a 1× screen, is that of a small screen at a large scale."""


class Shell(QMainWindow):
    """A window on one library. It is painted first; then the library is opened behind it.

    Attributes:
        stoppable: What has threads besides the session.
        is_leaving: It is closed to end the program, not to leave it in the tray.
    """

    ended = Signal()
    """It was closed for good."""
    library_wanted = Signal(str)
    """Show another library in its place: the address of an archive, or, if empty, that of this computer."""

    def __init__(
        self,
        session: Session,
        places: Sequence[Place],
        search_place: SearchPlace,
        photo: Path | None,
        parent: QWidget | None,
    ) -> None:
        """Begin with nothing in sight.

        Args:
            search_place: One of the places.
            photo: Searched for at once.
        """
        super().__init__(parent)
        session.setParent(self)
        self.session, self.places, self.search_place = session, list(places), search_place
        self.stoppable: list[Stoppable] = []
        self._first_photo = photo
        self._thumbnails: Thumbnails | None = None
        self._painted = self._ended = self._taken_up = self.is_leaving = False
        self._received: list[tuple[Sequence[Path], Path | None]] = []
        # Said only if it takes a while: a sentence that flashes by unsettles.
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(self.say_opening)
        self._make_pages()
        self._make_actions()
        self._connect()
        self.setWindowTitle("PhotoSearch")
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 350)
        self.resize(QSize(1240, 820).boundedTo(self.screen().availableSize() * 0.94))

    # For each kind of library

    def say_opening(self) -> None:
        """Opening the library takes a while: say so."""
        raise NotImplementedError

    def say_problem(self, sentence: str) -> None:
        """Say why the library could not be opened."""
        raise NotImplementedError

    def take_folders(self, folders: Sequence[Path]) -> None:
        """Folders were dropped, pasted or named."""
        raise NotImplementedError

    # What there is

    def _make_pages(self) -> None:
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        self._suggested = Path(pictures) if pictures else None
        self.navigation = Navigation(self.places)
        self.content = QStackedWidget()
        # The widest of the places, out of sight as it may be, pushes nothing out of the window.
        self.content.setMinimumWidth(1)
        for place in self.places:
            self.content.addWidget(place.shown())
        self.opening, self.problem = Page(), Page()
        self.problem.offer(tr("Try again")).clicked.connect(self.begin)
        self.main = QWidget()
        row = QHBoxLayout(self.main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        line = theme.upright_rule()
        for widget in (self.navigation, line):
            row.addWidget(widget)
            widget.setVisible(len(self.places) > 1)
        row.addWidget(self.content, 1)
        self.stack = QStackedWidget()
        for page in (self.opening, self.problem, self.main):
            self.stack.addWidget(page)
        self.status = StatusLine()
        self.size_of_photos = SizeSlider()
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.status, 1)
        below.addWidget(self.size_of_photos)
        # Not a margin: those are not mirrored from right to left.
        below.addSpacing(theme.LARGE)
        self._line_above_status = theme.rule()
        whole = QWidget()
        self.rows = QVBoxLayout(whole)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(0)
        self.rows.addWidget(theme.rule())
        self.rows.addWidget(self.stack, 1)
        self.rows.addWidget(self._line_above_status)
        self.rows.addWidget(self._below)
        self.setCentralWidget(whole)
        self.looking = Looking(self.session, lambda: self.place.gallery, whole)
        row.addWidget(self.looking.panel)
        self.invitation = Invitation(whole)
        self.show_page(self.opening)

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.photo_actions = PhotoActions(self.session, self, self.selection)
        self.open_picture = action(self, tr("Open Picture…"), self._open_picture, keys.Open, "picture")
        self.paste = action(self, tr("Paste"), self._paste, keys.Paste)
        self.leave = action(self, tr("Quit"), self.end, keys.Quit)
        self.select_all = action(self, tr("Select All"), self._select_all, keys.SelectAll)
        self.larger = action(self, tr("Larger Photos"), lambda: self._zoom(1), keys.ZoomIn)
        self.smaller = action(self, tr("Smaller Photos"), lambda: self._zoom(-1), keys.ZoomOut)
        self.preferences = action(self, tr("Preferences…"), self._show_preferences, "Ctrl+,")
        self.palette_of_commands = action(self, tr("Commands…"), self._show_palette, "Ctrl+K", "search")
        self.show_keys = action(self, tr("Keyboard Shortcuts"), self._show_keys, "?", "keyboard")
        self.about = action(self, tr("About PhotoSearch"), self._show_about)

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._opened)
        session.failed.connect(self.fail_to_open)
        session.remarked.connect(self.remark)
        self.size_of_photos.valueChanged.connect(self._resize_photos)
        self.navigation.chosen.connect(lambda number: self.go_to(self.places[number]))
        self.search_place.open_wanted.connect(self._open_picture)
        self.search_place.wanted.connect(lambda: self.go_to(self.search_place))
        self.photo_actions.similar_wanted.connect(
            lambda photos: self.search([Example(photo.path) for photo in photos])
        )
        self.photo_actions.more_wanted.connect(self._add_to_search)
        for place in self.places:
            if place.gallery:
                grid = place.gallery.grid
                self.photo_actions.belong_to(grid)
                self.looking.belong_to(place.gallery)
                grid.zoom_wanted.connect(self._zoom)
                place.gallery.menu_wanted.connect(self._show_photo_menu)
                grid.doubleClicked.connect(lambda _: self.photo_actions.open.trigger())
                grid.selectionModel().selectionChanged.connect(lambda *_: self.allow())
                grid.selectionModel().currentChanged.connect(lambda *_: self.allow())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # What is searched for leaves room for what was found.
        self.search_place.strip.be_low(self.height() < LOW)

    # The library

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            # From here on the disk may take as long as it likes: the window is there.
            self._painted = True
            QTimer.singleShot(0, self, self.begin)

    def begin(self) -> None:
        """Open the library."""
        self.show_page(self.opening)
        self.session.open()
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
        # Once everybody knows that it is open.
        QTimer.singleShot(0, self, self.take_up_all)

    def take_up_all(self) -> None:
        """Do what the program was started for, and what came while the library was opened."""
        self._taken_up = True
        self.session.warm()
        if self._first_photo:
            self.search([Example(self._first_photo)])
        for folders, photo in self._received:
            self._take_up(folders, photo)

    def fail_to_open(self, error: PhotoSearchError) -> None:
        """Say why the library could not be opened, with a way to try again."""
        self._slow.stop()
        self.say_problem(told(error))
        self.show_page(self.problem)

    def remark(self, sentence: str) -> None:
        """Say something for a moment."""
        self.status.remark(sentence)

    # Places

    @property
    def place(self) -> Place:
        """Where one is."""
        return self.places[self.content.currentIndex()]

    def go_to(self, place: Place) -> None:
        """Show a place."""
        self.show_page(self.main)
        self.looking.close()
        self.content.setCurrentWidget(place.shown())
        self.navigation.show_place(self.places.index(place))
        place.enter()
        self.allow()

    def show_page(self, page: QWidget) -> None:
        """Show the places, or what stands instead of them."""
        self.stack.setCurrentWidget(page)
        self.navigation.show_place(self.content.currentIndex())
        for widget in (self._below, self._line_above_status):
            widget.setVisible(page is self.main)

    def allow(self) -> None:
        """Enable what can be done now."""
        self.photo_actions.allow()
        self.looking.allow()
        here, size = self.place.gallery is not None, self.size_of_photos
        self.select_all.setEnabled(here)
        self.larger.setEnabled(here and size.value() < size.maximum())
        self.smaller.setEnabled(here and size.value() > size.minimum())
        size.setVisible(here)

    # Photos

    def selection(self) -> Selection:
        """What actions on photos are meant for."""
        gallery = self.place.gallery
        if gallery is None or gallery.currentWidget() is not gallery.grid:
            return Selection()
        answer = self.search_place.answer if self.place is self.search_place else None
        return Selection(gallery.grid.chosen_ids, gallery.grid.current, answer.matches if answer else ())

    def _show_photo_menu(self, at: QPoint) -> None:
        self.looking.allow()
        self.photo_actions.menu(at, self.looking.actions_here())

    def _select_all(self) -> None:
        if self.place.gallery:
            self.place.gallery.select_all()

    def _zoom(self, steps: int) -> None:
        self.size_of_photos.setValue(self.size_of_photos.value() + steps)

    def _resize_photos(self, size: int) -> None:
        for place in self.places:
            if place.gallery:
                place.gallery.grid.show_size(size)
        self.allow()

    def keep_size(self, size: int) -> None:
        """Show photos this large, and keep what is chosen from now on for the next start."""
        self.size_of_photos.setValue(size)
        self.size_of_photos.valueChanged.connect(partial(self.session.choose, "photo_size"))

    def search(self, examples: Sequence[Example]) -> None:
        """Show the photos most like these."""
        if self.session.library and examples:
            self.search_place.search(examples)
            self.go_to(self.search_place)

    def _add_to_search(self, photos: list[Photo], weight: float) -> None:
        self.search_place.add(photos, weight)
        self.go_to(self.search_place)

    # Choices

    def _show_preferences(self) -> None:
        def show(settings: Settings) -> None:
            dialog = Preferences(self.session, settings, self)
            dialog.appearance_chosen.connect(self._dress)
            dialog.library_chosen.connect(self.library_wanted)
            self.follow_preferences(dialog)
            dialog.open()

        file = self.session.places.settings
        self.session.reading.call("settings", lambda: read_settings(file), show, self.session.complain)

    def follow_preferences(self, dialog: Preferences) -> None:
        """Do at once what is chosen there."""

    def _dress(self, appearance: Appearance) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.dress(application, appearance)

    def _show_palette(self) -> None:
        self.allow()
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
        self.take(pickings.pick(QGuiApplication.clipboard().mimeData()))

    def take(self, picked: Callable[[], Pickings]) -> None:
        """Take what was dropped or pasted."""

        def taken(result: Pickings) -> None:
            if result.folders:
                self.take_folders(result.folders)
            self.search(result.examples)

        self.session.reading.call("pick", picked, taken, self.session.complain)

    def receive(self, folders: Sequence[Path], photo: Path | None) -> bool:
        """Come to the front and take what the program was started with again; not if it is closed already."""
        if self._ended:
            return False
        self.come_to_front()
        if self._taken_up:
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
            self.take_folders(folders)
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
            self._accept_as_copy(event)
            self.invitation.show_over()
            self.session.warm()

    def _accept_as_copy(self, event: QDropEvent) -> None:
        # Never as a move, whatever was proposed: whoever dragged it here would then delete it there. Many
        # go by what they are told while it hovers.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.invitation.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.invitation.hide()
        self._accept_as_copy(event)
        self.take(pickings.pick(event.mimeData()))

    # The end

    def end(self) -> None:
        """End the program, also where closing the window leaves it in the tray."""
        self.is_leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._ended:
            self._ended = True
            self._slow.stop()
            # Out of sight at once; what is under way may take a moment to end.
            self.hide()
            thumbnails = [self._thumbnails] if self._thumbnails else []
            self.session.end([self.looking, *self.stoppable, *thumbnails])
            self.ended.emit()
