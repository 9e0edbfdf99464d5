"""The place of duplicates: groups to decide about, what would go to the trash, and what did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFont, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.errors import PhotoSearchError
from photosearch.gui.actions.photo_actions import Selection
from photosearch.gui.design import theme
from photosearch.gui.design.pages import Page
from photosearch.gui.design.parts import Choice, SteadyRow
from photosearch.gui.design.sideways import Ending, Sideways
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.clearing import Clearing
from photosearch.gui.duplicates.deciding import Deciding
from photosearch.gui.duplicates.files import DuplicatesFiles
from photosearch.gui.duplicates.groups import Groups, Listing, Wishes
from photosearch.gui.duplicates.importing import CheckPage
from photosearch.gui.duplicates.list import PICTURE, GroupList
from photosearch.gui.duplicates.notes import NotesLine
from photosearch.gui.duplicates.work import DuplicatesWork
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import number, tr, words
from photosearch.gui.language.sentences import told
from photosearch.gui.session import Known, Session
from photosearch.records import Photo, Progress

if TYPE_CHECKING:
    from photosearch.library.importing import Checked

AGAIN_MILLISECONDS = 15_000
"""While photos are being indexed, how long after the last comparison those that came since are compared."""


class DuplicatesPlace(QStackedWidget):
    """Shows the groups found so far, and what follows from what the person decides about them."""

    icon = "duplicates"
    gallery = None
    menu_wanted = Signal(QPoint)
    """At a photo, in pixels of the screen."""
    compare_wanted = Signal(object)
    """A list of `Photo`: see them side by side, and decide."""
    compared = Signal()
    """The comparison has nothing more to show."""
    selected = Signal()
    """Other photos are the selection now."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = tr("Duplicates")
        self._session = session
        self._thumbnails: Thumbnails | None = None
        self._visited = self._listed = False
        self._summed_up: Wishes = ({}, set())
        self._error = ""
        self.work = DuplicatesWork(session, self)
        self.groups = Groups(self)
        self.list = GroupList(self.groups)
        self.deciding = Deciding(self.list, self.groups, self.work, session.undo)
        self.files = DuplicatesFiles(session, self.work, self.groups, self)
        self._make_actions()
        self.message = Page()
        self._again = self.message.offer(tr("Try again"))
        self._again.clicked.connect(self._find)
        self.clearing = Clearing(session, self.work, self.currentWidget, self)
        self.summary, self.result = self.clearing.summary, self.clearing.result
        self.check_page = CheckPage(session)
        self._front = QWidget()
        column = QVBoxLayout(self._front)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.message)
        self._middle.addWidget(self.list)
        for part in (self._make_head(), theme.rule(), self._middle, self._make_foot()):
            column.addWidget(part, 1 if part is self._middle else 0)
        for page in (self._front, self.summary, self.clearing.working, self.result, self.check_page):
            self.addWidget(page)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._finding_again = QTimer(self)
        self._finding_again.setSingleShot(True)
        self._finding_again.timeout.connect(self._find)
        self._connect()
        self._show_state()

    # What there is

    def _make_actions(self) -> None:
        self.apply_exact = QAction(theme.icon("done"), tr("Apply the Suggestion to All Exact Copies…"), self)
        self.apply_exact.setShortcut(QKeySequence("Ctrl+Shift+X"))
        self.apply_exact.triggered.connect(
            lambda: self.clearing.plan(self.groups.suggested("exact"), tr("No exact copy is to be removed."))
        )
        self.move_marked = QAction(theme.icon("trash"), tr("Move Marked Photos to the Trash…"), self)
        self.move_marked.setShortcut(QKeySequence("Ctrl+Shift+Del"))
        self.move_marked.triggered.connect(
            lambda: self.clearing.plan(self.groups.marked(), tr("No photo is marked for the trash."))
        )
        self.unmark_all = QAction(tr("Take All Marks Away"), self)
        self.unmark_all.triggered.connect(self.deciding.unmark_all)

    def _make_head(self) -> QWidget:
        self.total, self._state = QLabel(), theme.Line()
        self.total.setFont(theme.font(1.2, QFont.Weight.DemiBold))
        self._state.setProperty("quiet", True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(QSize(120, 4))
        self._bar.setAccessibleName(tr("Progress of comparing"))
        self._bar.hide()
        self._marked = QLabel()
        self._marked.setProperty("quiet", True)
        self._clear = QToolButton()
        self._clear.setText(tr("Take all marks away"))
        self._clear.setProperty("link", True)
        self._clear.clicked.connect(self.unmark_all.trigger)
        self.move_button = QPushButton(tr("Move to the trash…"))
        self.move_button.setProperty("primary", True)
        self.move_button.clicked.connect(self.move_marked.trigger)
        above = QWidget()
        # Its room stays, or the list would jump with the first mark.
        told = SteadyRow(above)
        told.setContentsMargins(theme.LARGE, 0, theme.LARGE, 0)
        told.setSpacing(theme.MEDIUM)
        told.addWidget(self.total)
        told.addWidget(self._bar)
        told.addWidget(self._state, 1)
        for widget in (self._marked, self._clear, self.move_button):
            told.addWidget(widget)
        self.kinds: dict[str, Choice] = {}
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.LARGE, 0, theme.LARGE, 0)
        row.setSpacing(theme.SMALL)
        for kind, name in ({"": tr("All")} | in_words.kinds()).items():
            button = Choice()
            button.setProperty("pill", True)
            button.setProperty("name", name)
            button.clicked.connect(lambda _, kind=kind: self.narrow(kind))
            self.kinds[kind] = button
            row.addWidget(button)
        row.addStretch(1)
        self.exact_button = theme.button(tr("All exact copies to the trash…"), "trash")
        self.exact_button.clicked.connect(self.apply_exact.trigger)
        self.exact_button.setToolTip(tr("You first see what would happen"))
        head = QWidget()
        head.setAccessibleName(tr("What was found"))
        column = QVBoxLayout(head)
        column.setContentsMargins(0, theme.SMALL, 0, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addWidget(Sideways(above))
        column.addWidget(Ending(inside, self.exact_button, theme.LARGE))
        return head

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(theme.rule())
        self.notes = NotesLine(self.list, self.work)
        self.notes.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, 0)
        column.addWidget(self.notes)
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        row.setSpacing(theme.SMALL)
        self.buttons: list[QToolButton] = []
        for action in self.deciding.all():
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            # Its text tells the key as well, and so does what is said of it.
            action.changed.connect(partial(_name_as, button, action))
            _name_as(button, action)
            row.addWidget(button)
            self.buttons.append(button)
        row.addStretch(1)
        column.addWidget(Sideways(inside))
        self._foot = foot
        return foot

    def _connect(self) -> None:
        work, session = self.work, self._session
        work.listed.connect(self._show_groups)
        work.comparing.connect(self._show_comparing)
        work.failed.connect(self._show_error)
        work.refused.connect(self._end_checking)
        self.deciding.said.connect(session.remarked)
        self.deciding.compare_wanted.connect(self.compare_wanted)
        self.groups.wished.connect(self._show_state)
        self.groups.wished.connect(self._leave_stale_summary)
        self.list.current_changed.connect(self.selected)
        self.list.customContextMenuRequested.connect(self._ask_for_menu)
        self.list.doubleClicked.connect(lambda _: self.deciding.compare.trigger())
        self.clearing.page_wanted.connect(self._show_page)
        self.clearing.left.connect(self.show_list)
        self.clearing.working.stop_wanted.connect(self._give_up_checking)
        self.check_page.done_wanted.connect(self.show_list)
        self.check_page.again_wanted.connect(self.check)
        session.progressed.connect(self._follow)
        session.ended_indexing.connect(lambda *_: self._find_if_visited())
        session.told.connect(self._show_known)

    # The place

    def shown(self) -> QWidget:
        return self

    def actions_here(self) -> Sequence[QAction | None]:
        return [
            *self.deciding.all(),
            None,
            self.move_marked,
            self.unmark_all,
            None,
            self.apply_exact,
            None,
            *self.files.all(),
        ]

    def enter(self) -> None:
        library = self._session.library
        if library and self._thumbnails is None:
            # Its own: in the grids others are wanted, of another size.
            self._thumbnails = Thumbnails(library.thumbnail, PICTURE, self)
            self.list.use(self._thumbnails)
            self.summary.list.use(self._thumbnails)
            self.summary.list.painted.connect(self._want_of_summary)
            self.check_page.use(library)
        if library and not self._visited:
            self._visited = True
            self.work.relist()
            self._find()
        self._focus()

    def _want_of_summary(self) -> None:
        if self._thumbnails:
            self._thumbnails.want(self.summary.list.in_sight, self.devicePixelRatioF())

    def step_back(self) -> bool:
        """Leave a page for the groups; whether there was something to leave."""
        if self.currentWidget() in (self.summary, self.result, self.check_page):
            self.show_list()
            return True
        return False

    @property
    def selection(self) -> Selection:
        """The photo that the actions on photos apply to."""
        current = self.list.current if self.currentWidget() is self._front else None
        if current is None or not self.list.isVisible():
            return Selection()
        return Selection([current[1].photo.id], current[1].photo)

    # The comparison goes on with the next group, until there is none or the person goes back

    def keep_compared(self, photo: Photo) -> None:
        """Keep this of the photos that are compared, and go on to the next group."""
        self._decide_comparing(lambda: self.deciding.keep_photo(photo))

    def keep_all_compared(self) -> None:
        """The photos that are compared are no duplicates; go on to the next group."""
        self._decide_comparing(self.deciding.keep_all.trigger)

    def skip_compared(self) -> None:
        """Go on to the next group."""
        self._decide_comparing(self.deciding.skip.trigger)

    def _decide_comparing(self, decide: Callable[[], None]) -> None:
        before = self.list.current
        decide()
        after = self.list.current
        if after and before and after[0] is not before[0]:
            self.compare_wanted.emit(self.deciding.compared())
        else:
            self.compared.emit()

    def show_list(self) -> None:
        """Show the groups."""
        self.setCurrentWidget(self._front)
        self._focus()

    def _show_page(self, page: QWidget) -> None:
        self._summed_up = self.groups.wishes()
        self.setCurrentWidget(page)
        self._focus()

    def _leave_stale_summary(self) -> None:
        """A mark was undone while it was shown what would go: that is no longer what was asked for."""
        if self.currentWidget() is self.summary and self.groups.wishes() != self._summed_up:
            self.show_list()

    def narrow(self, kind: str) -> None:
        """Show the groups of one kind only; empty: all."""
        self.groups.narrow(kind)
        self._show_list_or_message()
        self.list.go_to_group(0)
        self.list.verticalScrollBar().setValue(0)

    def _focus(self) -> None:
        page = self.currentWidget()
        if page is self._front and self._middle.currentWidget() is self.list:
            self.list.setFocus()
        elif page is self.check_page:
            self.check_page.setFocus()
        elif page is self.clearing.working:
            self.clearing.working.stop.setFocus()
        elif page is self.summary:
            self.summary.list.setFocus()
        elif page is self.result:
            self.result.done.setFocus()

    def _ask_for_menu(self, at: QPoint) -> None:
        if self.list.indexAt(at).isValid():
            self.menu_wanted.emit(self.list.viewport().mapToGlobal(at))

    # Finding

    def _find(self) -> None:
        self._error = ""
        self._finding_again.stop()
        self.work.find()
        self._show_state()

    def _find_if_visited(self) -> None:
        if self._visited:
            self._find()

    def _follow(self, now: Progress) -> None:
        if self._visited and now.published and not self._finding_again.isActive():
            self._finding_again.start(AGAIN_MILLISECONDS)

    def _show_known(self, known: Known) -> None:
        # Photos may have gone, or their drive.
        if self._visited:
            self.work.relist_soon()

    def _show_groups(self, listing: Listing) -> None:
        self._listed = True
        remembered = self.list.remember()
        had_focus = self._middle.hasFocus() or self.list.hasFocus()
        if self.groups.show_listing(listing):
            self.list.restore(remembered)
        self._show_list_or_message()
        if had_focus or (self.isVisible() and self.focusWidget() is None):
            self._focus()

    def _show_list_or_message(self) -> None:
        if self.groups.shown:
            if self._middle.currentWidget() is not self.list:
                self._middle.setCurrentWidget(self.list)
                if self.isVisible() and self.currentWidget() is self._front:
                    self.list.setFocus()
        else:
            self._middle.setCurrentWidget(self.message)
        self._show_state()

    def _show_comparing(self, now: Progress | None) -> None:
        self._bar.setVisible(now is not None)
        if now is None:
            self._error = ""
        else:
            self._bar.setRange(0, now.total or 0)
            self._bar.setValue(now.done)
        self._show_state(now)

    def _show_error(self, error: PhotoSearchError) -> None:
        self._error = told(error)
        self._bar.hide()
        self._show_state()

    def _show_state(self, now: Progress | None = None) -> None:
        """Say what there is, and what is going on."""
        counts, known = self.groups.counts(), self._session.known
        for kind, button in self.kinds.items():
            count = counts[kind] if kind else sum(counts.values())
            button.setText(f"{button.property('name')}  {number(count)}")
            button.setAccessibleName(f"{button.property('name')}: {in_words.groups(count)}")
            button.setEnabled(count > 0 or kind in ("", self.groups.kind))
        self.kinds[self.groups.kind].setChecked(True)
        self.total.setText(
            in_words.total(len(self.groups.shown), self.groups.total_gain())
            if self.groups.all
            else tr("Duplicates")
        )
        waiting = known.status.waiting if known else 0
        marked = [photo for _, go in self.groups.marked() for photo in go]
        if self._error:
            self._state.setText(words.readable(self._error))
        elif self.work.is_finding:
            self._state.setText(in_words.progress(now) if now else tr("Comparing photos"))
        elif waiting:
            said = tr("{photos} are still to be indexed", photos=words.photos(waiting))
            self._state.setText(said)
        else:
            self._state.setText(tr("All photos are compared") if self._listed and not marked else "")
        self._marked.setText(
            tr(
                "{photos} marked · {size}",
                photos=words.photos(len(marked)),
                size=words.size(sum(photo.size for photo in marked)),
            )
        )
        for part in (self._marked, self._clear, self.move_button):
            part.setVisible(bool(marked))
        self.move_marked.setEnabled(bool(marked))
        self.unmark_all.setEnabled(bool(marked))
        exact = self.groups.has_suggested("exact")
        self.apply_exact.setEnabled(exact)
        self.exact_button.setVisible(exact)
        self._foot.setVisible(bool(self.groups.shown))
        self.files.report.setEnabled(bool(self.groups.shown))
        self._again.setVisible(bool(self._error))
        self._say_message()

    def _say_message(self) -> None:
        if self._error:
            said = "warning", tr("Duplicates cannot be looked for just now"), words.readable(self._error)
        elif self.groups.all:
            said = "filter", tr("None of this kind"), tr("There are groups of other kinds.")
        elif self.work.is_finding or not self._listed:
            said = "duplicates", tr("Looking for duplicates…"), tr("They appear here as they are found.")
        else:
            said = (
                "done",
                tr("No duplicates"),
                tr("Every photo here is one of its kind. New photos are compared as they come."),
            )
        self.message.say(*said)

    # Before an import

    def check(self, folder: Path) -> None:
        """Find out which photos of a folder are in the library already."""

        def show(checked: Checked) -> None:
            self.check_page.is_checking = False
            self.check_page.show_checked(folder, checked)
            if self.currentWidget() is self.clearing.working:
                self._show_page(self.check_page)

        if not self.clearing.is_busy():
            self.check_page.is_checking = True
            self.clearing.begin(Progress("scanning"))
            self.work.check(folder, show)

    def _give_up_checking(self) -> None:
        if self.check_page.is_checking:
            self.work.give_up()
            self._end_checking()
            self.show_list()

    def _end_checking(self) -> None:
        self.check_page.is_checking = False

    # The end

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        self._finding_again.stop()
        self.work.stop()
        for thumbnails in self._all_thumbnails():
            thumbnails.stop()

    def join(self, seconds: float) -> bool:
        """Wait for what is under way; whether it has ended."""
        return all([self.work.join(seconds), *(each.join(seconds) for each in self._all_thumbnails())])

    def _all_thumbnails(self) -> list[Thumbnails]:
        return [each for each in (self._thumbnails, self.check_page.thumbnails) if each]


def _name_as(button: QToolButton, action: QAction) -> None:
    button.setAccessibleName(action.text())
