"""The window: what is shown when, and what each action does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch import __version__
from photosearch.errors import LibraryBusy, PhotoSearchError
from photosearch.gui import desktop, pickings, query, theme, words
from photosearch.gui.folders import WIDTH, FolderPanel
from photosearch.gui.grid import PICTURE, Grid, Remembered
from photosearch.gui.invitation import Invitation
from photosearch.gui.pages import FailuresPage, Page, Welcome
from photosearch.gui.photos import Photos
from photosearch.gui.pickings import Pickings
from photosearch.gui.preferences import Preferences
from photosearch.gui.query import QueryStrip
from photosearch.gui.status import StatusLine
from photosearch.gui.tasks import Task, Worker
from photosearch.gui.thumbnails import Thumbnails
from photosearch.records import Answer, Example, Failure, Filters, Photo, Progress, Query, Root, Status
from photosearch.settings import Effort

if TYPE_CHECKING:
    from photosearch.library import Library

EFFORTS: dict[Effort, str] = {
    "automatic": "Index Gently on Battery and While Other Programs Are Busy",
    "gentle": "Always Index Gently",
    "full": "Always Index at Full Speed",
}

COUNT = 200
"""Matches shown."""

END_SECONDS = 3.0
"""How long the end waits for what is under way; what is committed is safe, processes end by themselves."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the library says of itself at one moment.

    Attributes:
        kept: Where the catalogue lies as it was before, if opening it brought it to a newer version.
        seconds: What it took to ask.
    """

    folders: list[Root]
    listing: NDArray[np.int64]
    status: Status
    failures: list[Failure]
    effort: Effort
    kept: Path | None
    seconds: float


class Window(QMainWindow):
    """The program's window. It is painted first; then the library is opened behind it."""

    told = Signal(object)
    """The `Status` was read again."""

    def __init__(
        self,
        open_library: Callable[[], Library],
        folders: Sequence[Path] = (),
        photo: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_library, self._first_folders, self._first_photo = open_library, list(folders), photo
        self._library: Library | None = None
        self._task: Task | None = None
        self._thumbnails: Thumbnails | None = None
        self._known: Known | None = None
        self._last = Progress("scanning")
        self._filters = Filters()
        self._query: Query | None = None
        self._answer: Answer | None = None
        self._places: object = None
        self._before_search: Remembered | None = None
        # Counts what became searchable, so that an answer knows whether it is of today.
        self._generation = self._asked_of = 0
        self._painted = self._ended = False
        self._received: list[tuple[Sequence[Path], Path | None]] = []
        self._reading = Worker("reading", self)
        self._searching = Worker("searching", self)
        self._refreshing = QTimer(self)
        self._refreshing.setSingleShot(True)
        self._refreshing.timeout.connect(self._refresh)
        self._following_again = QTimer(self)
        self._following_again.setSingleShot(True)
        self._following_again.timeout.connect(self._follow)
        # Said only if it takes a while: a sentence that flashes by unsettles.
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(lambda: self.opening.say("photos", "Opening your library…", ""))
        self._make_views()
        self._make_actions()
        self._make_menus()
        self.setWindowTitle("PhotoSearch")
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 460)
        self.resize(QSize(1240, 820).boundedTo(self.screen().availableSize() * 0.94))

    # What there is

    def _make_views(self) -> None:
        self.photos = Photos(self)
        self.grid = Grid(self.photos)
        self.strip = QueryStrip()
        self.folders = FolderPanel()
        self.status = StatusLine()
        self.failures = FailuresPage()
        self.message = Page()
        self.opening = Page()
        self.problem = Page()
        self.problem.offer("Try again").clicked.connect(self._begin)
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        self._suggested = Path(pictures) if pictures else None
        self.welcome = Welcome(words.name(self._suggested) if self._suggested else "")

        self.content = QStackedWidget()
        self.content.setBackgroundRole(QPalette.ColorRole.Base)
        self.content.setAutoFillBackground(True)
        self.content.addWidget(self.grid)
        self.content.addWidget(self.message)
        self.content.addWidget(self.failures)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(_rule())
        column.addWidget(self.content, 1)
        self.main = QSplitter()
        self.main.setHandleWidth(1)
        self.main.setChildrenCollapsible(False)
        self.main.addWidget(self.folders)
        self.main.addWidget(right)
        self.main.setStretchFactor(1, 1)
        self.main.setSizes([WIDTH, 1000])
        self.stack = QStackedWidget()
        self.stack.addWidget(self.opening)
        self.stack.addWidget(self.problem)
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.main)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(_rule())
        rows.addWidget(self.stack, 1)
        self._line_above_status = _rule()
        rows.addWidget(self._line_above_status)
        rows.addWidget(self.status)
        self.setCentralWidget(whole)
        self.invitation = Invitation(whole)
        self._show_place(self.opening)

        self.photos.wanted.connect(self._fetch)
        self.grid.verticalScrollBar().valueChanged.connect(self._warm)
        self.grid.doubleClicked.connect(lambda index: self._open())
        self.grid.customContextMenuRequested.connect(self._photo_menu)
        self.grid.selectionModel().selectionChanged.connect(lambda: self._allow())
        self.grid.selectionModel().currentChanged.connect(lambda: self._allow())
        self.grid.selectionModel().currentChanged.connect(self._warm)
        self.strip.open_wanted.connect(self._open_picture)
        self.strip.clear_wanted.connect(self.clear)
        self.folders.chosen.connect(self._choose_folder)
        self.folders.add_wanted.connect(self._ask_for_folder)
        self.folders.forget_wanted.connect(self._forget_missing)
        self.folders.list.customContextMenuRequested.connect(self._folder_menu)
        self.failures.back_wanted.connect(self._leave_failures)
        self.failures.retry_wanted.connect(self._retry)
        self.failures.list.customContextMenuRequested.connect(self._failure_menu)
        self.status.pause_wanted.connect(self._pause_or_resume)
        self.status.again_wanted.connect(self._follow)
        self.status.failures_wanted.connect(self._show_failures)
        self.welcome.start.clicked.connect(
            lambda: self.add_folders([self._suggested] if self._suggested else [])
        )
        self.welcome.other.clicked.connect(self._ask_for_folder)

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.open_picture = self._action("Open Picture…", self._open_picture, keys.Open, icon="picture")
        self.paste = self._action("Paste", self._paste, keys.Paste)
        self.add_folder = self._action("Add Folder…", self._ask_for_folder, "Ctrl+Shift+O", icon="folder-add")
        self.remove_folder = self._action("Remove Folder…", self._ask_to_remove_folder)
        self.leave = self._action("Quit", self.close, keys.Quit)
        self.copy = self._action("Copy", self._copy, keys.Copy)
        self.select_all = self._action("Select All", self.grid.selectAll, keys.SelectAll)
        self.open = self._action("Open", self._open, icon="picture")
        self.open.setShortcuts([QKeySequence("Return"), QKeySequence("Enter")])
        # In the grid only: elsewhere Return presses the button that has the focus.
        self.open.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.grid.addAction(self.open)
        self.find_similar = self._action("Find Similar", self._find_similar, "Ctrl+D", icon="search")
        self.show_in_folder = self._action(
            "Show in File Manager", self._show_in_folder, "Ctrl+Shift+F", icon="folder"
        )
        self.end_search = self._action("Back to All Photos", self.clear, keys.Cancel, icon="back")
        self.show_failures = self._action("Files That Could Not Be Read", self._show_failures, icon="warning")
        self.show_folders = self._action("Folders", self.folders.setVisible, "F9")
        self.show_folders.setCheckable(True)
        self.show_folders.setChecked(True)
        self.pause = self._action("Pause Indexing", self._pause_or_resume, "Ctrl+Shift+P", icon="pause")
        self.efforts = {
            effort: self._action(text, partial(self._choose_effort, effort))
            for effort, text in EFFORTS.items()
        }
        only_one = QActionGroup(self)
        for action in self.efforts.values():
            action.setCheckable(True)
            only_one.addAction(action)
        self.preferences = self._action("Preferences…", self._show_preferences, keys.Preferences)
        self.about = self._action("About PhotoSearch", self._show_about)
        self._allow()

    def _action(
        self,
        text: str,
        does: Callable[..., object],
        key: QKeySequence.StandardKey | str | None = None,
        icon: str = "",
    ) -> QAction:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        if icon:
            action.setIcon(theme.icon(icon))
        action.triggered.connect(does)
        return action

    def _make_menus(self) -> None:
        menus: dict[str, list[QAction | None]] = {
            "&File": [self.open_picture, None, self.add_folder, self.remove_folder, None, self.leave],
            "&Edit": [self.copy, self.paste, None, self.select_all, None, self.preferences],
            "&Photo": [self.open, self.find_similar, self.show_in_folder],
            "&View": [self.end_search, self.show_failures, None, self.show_folders],
            "&Library": [self.pause, None, *self.efforts.values()],
            "&Help": [self.about],
        }
        for title, actions in menus.items():
            menu = self.menuBar().addMenu(title)
            for action in actions:
                if action:
                    menu.addAction(action)
                else:
                    menu.addSeparator()

    # The library

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            # From here on the disk may take as long as it likes: the window is there.
            self._painted = True
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        self._show_place(self.opening)

        def opened() -> Known:
            library = self._library = self._library or self._open_library()
            for folder in self._first_folders:
                library.add_folder(folder)
            return _read(library, Filters())

        self._reading.call("open", opened, self._opened, self._fail_to_open)
        self._slow.start(600)

    def _opened(self, known: Known) -> None:
        library = self._library
        assert library
        self._thumbnails = Thumbnails(library.thumbnail, PICTURE, self)
        self.grid.use(self._thumbnails)
        self._show(known)
        self._follow()
        if known.kept:
            kept = words.readable(str(known.kept))
            self.status.remark(f"The library was brought to this version; as it was, it is {kept}.")
        self._warm()
        if self._first_photo:
            self.search([Example(self._first_photo)])
        for folders, photo in self._received:
            self._take_up(folders, photo)

    def _fail_to_open(self, error: PhotoSearchError) -> None:
        if self._library and self._first_folders:
            # It is open, but a folder named at the start is not to be had: show what there is, and say so.
            self._first_folders = []
            self._begin()
            self._complain(error)
            return
        self.problem.say("warning", "Your library cannot be opened", str(error))
        self._show_place(self.problem)

    def _follow(self) -> None:
        """Keep the library in line with its folders, from now until the end."""
        if self._library:
            self._following_again.stop()
            self._task = Task(self._library.follow, "indexing", self)
            self._task.progressed.connect(self._progress)
            self._task.failed.connect(self._stop_following)
            self._task.start()

    def _stop_following(self, error: PhotoSearchError) -> None:
        self.status.show_problem(str(error))
        if isinstance(error, LibraryBusy):
            # The other one ends some time, and what it did not do is then left to do.
            self._following_again.start(10_000)

    def _progress(self, now: Progress) -> None:
        found = now.step == "scanning" and now.done != self._last.done
        changed = found or now.published or now.step != self._last.step or now.tally != self._last.tally
        self._last = now
        self._generation += now.published
        if self._task:
            self.status.show_progress(now, self._task.paused)
        if changed and not self._refreshing.isActive():
            # A large library takes a while to list; it is not to spend its time on that.
            self._refreshing.start(round(1000 * max(0.5, 4 * self._known.seconds if self._known else 0)))

    def _refresh(self) -> None:
        library, filters = self._library, self._filters
        if library:
            self._reading.call("known", lambda: _read(library, filters), self._show, self._complain)

    def _show(self, known: Known) -> None:
        """Show what the library says now, leaving in place what the person is looking at."""
        before, self._known = self._known, known
        self.folders.folders.show(known.folders)
        self.status.show_counts(known.status)
        self.told.emit(known.status)
        self.failures.show_failures(known.failures)
        self.efforts[known.effort].setChecked(True)
        if self._thumbnails:
            self._thumbnails.try_again()
        self._show_place(self.main if known.folders or self._query else self.welcome)
        # The same photos, but they lie elsewhere now, or their drive came or went.
        away = [(root.id, root.state == "offline", root.missing) for root in known.folders]
        places, self._places = self._places, (self._last.tally.moved, away)
        changed = before is None or not np.array_equal(before.listing, known.listing)
        changed = changed or places != self._places
        if self._query is None and (changed or self._answer):
            self._list(known)
        self._keep_answer_fresh()
        self._show_content()
        self._allow()

    def _list(self, known: Known) -> None:
        remembered = self._before_search or self.grid.remember()
        self._before_search = self._answer = None
        self._reading.forget("photos")
        self.photos.show_listing(known.listing)
        self.grid.restore(remembered)

    def _fetch(self, ids: list[int]) -> None:
        library = self._library
        if library:
            self._reading.call(
                "photos", lambda: library.photos(ids), lambda photos: self.photos.fill(ids, photos)
            )

    # Searching

    def search(self, examples: Sequence[Example]) -> None:
        """Show the photos most like these."""
        library = self._library
        if not library or not examples:
            return
        if self._query is None:
            self._before_search = self.grid.remember()
        self._query = asked = Query(tuple(examples), self._filters, COUNT)
        self._answer, self._asked_of = None, self._generation
        self._show_place(self.main)
        self.strip.ask(examples)
        for number, example in enumerate(examples):
            self._reading.call(
                ("card", number),
                partial(query.picture, example.source),
                partial(self._show_card, asked, number),
            )

        def first(answer: Answer) -> None:
            self._show_answer(answer)
            self._keep_answer_fresh()

        self._searching.call("search", lambda: library.search(asked), first, self._show_no_answer)
        self._allow()

    def _keep_answer_fresh(self) -> None:
        """Ask the same question of what was indexed since, without a fuss."""
        library, asked = self._library, self._query
        if not library or not asked or not self._answer or self._asked_of == self._generation:
            return
        self._asked_of = self._generation

        def quietly(answer: Answer) -> None:
            remembered = self.grid.remember()
            self._show_answer(answer)
            self.grid.restore(remembered)
            self._keep_answer_fresh()

        self._searching.call("search", lambda: library.search(asked), quietly)

    def _show_card(self, asked: Query, number: int, image: QImage) -> None:
        if asked is self._query and not image.isNull():
            self.strip.show_picture(number, image)

    def _show_answer(self, answer: Answer) -> None:
        again = self._answer is not None
        self._answer = answer
        self._reading.forget("photos")
        self.photos.show_matches(answer.matches)
        self.strip.answer(answer)
        if not again and self.content.currentWidget() is self.failures:
            self.content.setCurrentWidget(self.grid)
        self._show_content()
        if not again and answer.matches:
            self.grid.scrollToTop()
            self.grid.setCurrentIndex(self.photos.index(0))
            self.grid.setFocus()

    def _show_no_answer(self, error: PhotoSearchError) -> None:
        self._answer = Answer((), 0, 0, 0)
        self.photos.show_matches([])
        self.strip.give_up()
        self.message.say("warning", "This cannot be searched for", str(error))
        self.content.setCurrentWidget(self.message)

    def clear(self) -> None:
        """End the search, or leave the failures: back to all photos."""
        if self.content.currentWidget() is self.failures:
            self._leave_failures()
            return
        self._query = None
        self._searching.forget("search")
        self.strip.invite()
        if self._known:
            if self._answer is None:
                self._before_search = None
            self._list(self._known)
            self._show_place(self.main if self._known.folders else self.welcome)
        self._show_content()
        self._allow()

    # What is shown

    def _show_place(self, page: QWidget) -> None:
        self.stack.setCurrentWidget(page)
        for widget in (self.status, self._line_above_status):
            widget.setVisible(page is self.main)

    def _show_content(self) -> None:
        if self.content.currentWidget() is self.failures or not self._known:
            return
        if self._query and self._answer is None:
            return
        if len(self.photos.ids):
            self.content.setCurrentWidget(self.grid)
            return
        if self._query:
            if self._answer and self._answer.searched:
                self.message.say(
                    "search", "Nothing similar here", "No photo in this library is like this one."
                )
            elif self._last.step == "watching":
                self.message.say("photos", "Nothing to compare with yet", "Add a folder of photos first.")
            else:
                self.message.say(
                    "photos", "Nothing to compare with yet", "The first photos are being indexed."
                )
        elif self._last.step == "watching":
            self.message.say("photos", "No photos here", "New photos in these folders appear by themselves.")
        else:
            self.message.say("photos", "Looking for photos…", "They appear here as they are found.")
        self.content.setCurrentWidget(self.message)

    def _show_failures(self) -> None:
        self._show_place(self.main)
        self.content.setCurrentWidget(self.failures)
        self.failures.list.setFocus()
        self._allow()

    def _leave_failures(self) -> None:
        self.content.setCurrentWidget(self.grid)
        self._show_content()
        self.grid.setFocus()
        self._allow()

    def _allow(self) -> None:
        """Enable what can be done now."""
        photo = self.grid.currentIndex().isValid() and self.content.currentWidget() is self.grid
        for action in (self.open, self.find_similar, self.show_in_folder):
            action.setEnabled(photo)
        self.copy.setEnabled(self.grid.selectionModel().hasSelection())
        self.end_search.setEnabled(self._query is not None or self.content.currentWidget() is self.failures)
        self.end_search.setText(
            "Back" if self.content.currentWidget() is self.failures else "Back to All Photos"
        )
        self.show_failures.setEnabled(bool(self._known and self._known.failures))
        self.remove_folder.setEnabled(self.folders.current is not None)
        for action in self.efforts.values():
            action.setEnabled(self._library is not None)
        self.pause.setEnabled(self._task is not None)
        paused = self._task is not None and self._task.paused
        self.pause.setText("Resume Indexing" if paused else "Pause Indexing")
        self.pause.setIcon(theme.icon("resume" if paused else "pause"))

    # Folders

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Watch these folders from now on."""
        library, filters = self._library, self._filters
        if not library:
            return

        def add() -> Known:
            for folder in folders:
                library.add_folder(folder)
            return _read(library, filters)

        def added(known: Known) -> None:
            self._show(known)
            self.status.remark(f"Added {', '.join(f'“{words.name(folder)}”' for folder in folders)}")

        self._reading.call(("add", tuple(folders)), add, added, self._complain)

    def _complain(self, error: PhotoSearchError) -> None:
        self.status.remark(str(error))
        # Where the status line is not shown.
        self.welcome.hint.setText(str(error))

    def _choose_folder(self, path: Path | None) -> None:
        self._filters = replace(self._filters, under=path)
        self._allow()
        self._refresh()
        if self._query:
            self.search(self._query.examples)

    def _ask_for_folder(self) -> None:
        start = str(self._suggested or Path.home())
        dialog = QFileDialog(self, "Add a folder of photos", start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(lambda paths: self.add_folders([Path(path) for path in paths]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_to_remove_folder(self) -> None:
        root = self.folders.current
        if root is None:
            return
        question = QMessageBox(self)
        question.setWindowTitle("PhotoSearch")
        question.setText(f"Remove “{words.name(root.path)}” from the library?")
        question.setInformativeText(
            f"Its {words.photos(root.photos)} will no longer be found. The photos themselves are not touched."
        )
        remove = question.addButton("Remove", QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.buttonClicked.connect(lambda button: self._remove_folder(root) if button is remove else None)
        question.open()

    def _remove_folder(self, root: Root) -> None:
        library = self._library
        assert library
        self.folders.choose(None)

        def remove() -> Known:
            library.remove_folder(root.path)
            return _read(library, Filters())

        self._reading.call(("remove", root.path), remove, self._show, self._complain)

    def _forget_missing(self, root: Root) -> None:
        library, filters = self._library, self._filters
        assert library

        def forget() -> tuple[Known, int]:
            forgotten = library.forget_missing(root.path)
            return _read(library, filters), forgotten

        def forgot(outcome: tuple[Known, int]) -> None:
            self._show(outcome[0])
            self.status.remark(f"Forgot {words.photos(outcome[1])} of “{words.name(root.path)}”")

        self._reading.call(("forget", root.path), forget, forgot, self._complain)

    def _folder_menu(self, at: QPoint) -> None:
        root = self.folders.folders.root(self.folders.list.indexAt(at).row())
        menu = QMenu(self)
        if root:
            show = menu.addAction(theme.icon("folder"), "Show in File Manager")
            show.triggered.connect(lambda: desktop.open_in_viewer(root.path))
            menu.addAction(self.remove_folder)
            menu.addSeparator()
        menu.addAction(self.add_folder)
        _pop_up(menu, self.folders.list.viewport().mapToGlobal(at))

    def _retry(self) -> None:
        library, filters = self._library, self._filters
        if not library:
            return

        def retry() -> Known:
            library.retry_failures()
            return _read(library, filters)

        self._reading.call("retry", retry, self._show, self._complain)
        self.status.remark("Trying again…")

    def _pause_or_resume(self) -> None:
        if self._task:
            if self._task.paused:
                self._task.resume()
            else:
                self._task.pause()
            self.status.show_progress(self._last, self._task.paused)
            self._allow()

    def _choose_effort(self, effort: Effort) -> None:
        library = self._library
        if library:
            chosen = partial(library.choose_effort, effort)
            self._reading.call("effort", chosen, lambda _: self._refresh(), self._complain)

    def _show_preferences(self) -> None:
        if self._known:
            dialog = Preferences(self._known.status, self)
            dialog.model_chosen.connect(self._choose_model)
            self.told.connect(dialog.show_status)
            dialog.open()

    def _choose_model(self, file: Path | None) -> None:
        library, task, filters = self._library, self._task, self._filters
        assert library
        self._following_again.stop()
        was_paused = task is not None and task.paused
        if task:
            task.stop()

        def choose() -> Known:
            # Codes of two models are never made at the same time.
            while task and not task.join(1):
                pass
            library.choose_model(file)
            return _read(library, filters)

        def go_on() -> None:
            self._follow()
            if was_paused and self._task:
                self._task.pause()

        def chosen(known: Known) -> None:
            self._show(known)
            go_on()

        def refused(error: PhotoSearchError) -> None:
            self._complain(error)
            go_on()

        self._reading.call("model", choose, chosen, refused)

    # Photos

    def _with_current(self, does: Callable[[Photo], None]) -> None:
        photo = self.grid.current
        if photo:
            does(photo)

    def _open(self) -> None:
        def view(photo: Photo) -> None:
            if not photo.offline:
                desktop.open_in_viewer(photo.path)
                return
            roots = self._known.folders if self._known else []
            drives = [root.path for root in roots if root.state == "offline"]
            drive = next((path for path in drives if photo.path.is_relative_to(path)), None)
            where = f"Plug in the drive of “{drive}”" if drive else "Its file is missing"
            self.status.remark(f"“{words.name(photo.path)}” is offline. {where}.")

        self._with_current(view)

    def _find_similar(self) -> None:
        self._with_current(lambda photo: self.search([Example(photo.path)]))

    def _show_in_folder(self) -> None:
        self._with_current(lambda photo: desktop.show_in_file_manager(photo.path))

    def _copy(self) -> None:
        library, chosen = self._library, self.grid.chosen

        def copy(photos: list[Photo]) -> None:
            QGuiApplication.clipboard().setMimeData(desktop.files([photo.path for photo in photos]))
            self.status.remark(f"Copied {words.photos(len(photos))}")

        if library and chosen:
            self._reading.call("copy", lambda: library.photos(chosen), copy)

    def _photo_menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            menu = QMenu(self)
            menu.addActions([self.open, self.find_similar])
            menu.addSeparator()
            menu.addActions([self.copy, self.show_in_folder])
            _pop_up(menu, self.grid.viewport().mapToGlobal(at))

    def _failure_menu(self, at: QPoint) -> None:
        failure = self.failures.current
        if failure:
            menu = QMenu(self)
            show = menu.addAction(theme.icon("folder"), "Show in File Manager")
            show.triggered.connect(lambda: desktop.show_in_file_manager(failure.path))
            _pop_up(menu, self.failures.list.viewport().mapToGlobal(at))

    def _show_about(self) -> None:
        about = QMessageBox(self)
        about.setWindowTitle("About PhotoSearch")
        about.setIconPixmap(self.windowIcon().pixmap(96, 96))
        about.setText(f"PhotoSearch {__version__}")
        about.setInformativeText("Finds photos by photo, on your own machine. Apache License 2.0.")
        about.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        about.open()

    # From outside

    def _open_picture(self) -> None:
        dialog = QFileDialog(self, "Find the photos like a picture", str(self._suggested or Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda paths: self.search([Example(Path(path)) for path in paths]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _paste(self) -> None:
        self._take(pickings.pick(QGuiApplication.clipboard().mimeData()))

    def _take(self, picked: Callable[[], Pickings]) -> None:
        def taken(result: Pickings) -> None:
            if result.folders:
                self.add_folders(result.folders)
            self.search(result.examples)

        self._reading.call("pick", picked, taken, self._complain)

    def receive(self, folders: Sequence[Path], photo: Path | None) -> bool:
        """Come to the front and take what the program was started with again; not if it is closed already."""
        if self._ended:
            return False
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if self._known:
            self._take_up(folders, photo)
        else:
            self._received.append((folders, photo))
        return True

    def _take_up(self, folders: Sequence[Path], photo: Path | None) -> None:
        if folders:
            self.add_folders(folders)
        if photo:
            self.search([Example(photo)])

    def _warm(self) -> None:
        """A search may come soon, and an encoder that ended for want of work takes seconds to start."""
        if self._library:
            self._searching.call("warm", self._library.warm)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._warm()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._warm()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # A photo of the grid let go over the grid was not meant as a search.
        if self._library and event.source() is not self.grid and pickings.acceptable(event.mimeData()):
            event.acceptProposedAction()
            self.invitation.show_over()
            self._warm()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.invitation.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.invitation.hide()
        event.acceptProposedAction()
        self._take(pickings.pick(event.mimeData()))

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._ended:
            self._ended = True
            # Out of sight at once; what is under way may take a moment to end.
            self.hide()
            self._end()

    def _end(self) -> None:
        for timer in (self._refreshing, self._following_again, self._slow):
            timer.stop()
        at_work = [self._reading, self._searching, self._thumbnails, self._task]
        for one in at_work:
            if one:
                one.stop()
        deadline = time.monotonic() + END_SECONDS
        for one in at_work:
            if one:
                one.join(max(0.0, deadline - time.monotonic()))
        if self._library:
            closing = threading.Thread(target=self._library.close, name="closing", daemon=True)
            closing.start()
            closing.join(END_SECONDS)


def _read(library: Library, filters: Filters) -> Known:
    start = time.monotonic()
    folders, listing, status, failures, effort, kept = (
        library.folders(),
        library.listing(filters),
        library.status(),
        library.failures(),
        library.effort(),
        library.kept,
    )
    return Known(folders, listing, status, failures, effort, kept, time.monotonic() - start)


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFixedHeight(1)
    rule.setStyleSheet("background: palette(mid);")
    return rule


def _pop_up(menu: QMenu, at: QPoint) -> None:
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)
