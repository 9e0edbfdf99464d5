"""The place of duplicates: groups to decide about, what would go to the trash, and what did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFont, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.errors import PhotoSearchError
from photosearch.gui import duplicates_words as in_words
from photosearch.gui import theme, words
from photosearch.gui.actions import Selection
from photosearch.gui.duplicates_deciding import NATIVE, Deciding
from photosearch.gui.duplicates_groups import Groups
from photosearch.gui.duplicates_list import PICTURE, GroupList
from photosearch.gui.duplicates_summary import ResultPage, SummaryPage, WorkingPage
from photosearch.gui.duplicates_work import Choices, DuplicatesWork, Summary
from photosearch.gui.importing import CheckPage
from photosearch.gui.language import number, tr, trn
from photosearch.gui.pages import Page
from photosearch.gui.session import Known, Session
from photosearch.gui.thumbnails import Thumbnails
from photosearch.gui.undo import Step
from photosearch.records import Group, Photo, Progress, Removal

if TYPE_CHECKING:
    from photosearch.library.discarding import Discarded
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
        self._error = ""
        self._removal: Step | None = None
        self.work = DuplicatesWork(session, self)
        self.groups = Groups(self)
        self.list = GroupList(self.groups)
        self.deciding = Deciding(self.list, self.groups, self.work, session.undo)
        self._make_actions()
        self.message = Page()
        self._again = self.message.offer(tr("Try again"))
        self._again.clicked.connect(self._find)
        self.summary, self.working, self.result = SummaryPage(), WorkingPage(), ResultPage()
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
        for page in (self._front, self.summary, self.working, self.result, self.check_page):
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
            lambda: self._plan(self.groups.suggested("exact"), tr("There are no exact copies to be removed."))
        )
        self.move_marked = QAction(theme.icon("trash"), tr("Move Marked Photos to the Trash…"), self)
        self.move_marked.setShortcut(QKeySequence("Ctrl+Shift+Del"))
        self.move_marked.triggered.connect(
            lambda: self._plan(self.groups.marked(), tr("No photo is marked for the trash."))
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
        told = QHBoxLayout()
        told.setSpacing(theme.MEDIUM)
        told.addWidget(self.total)
        told.addWidget(self._bar)
        told.addWidget(self._state, 1)
        self.kinds: dict[str, QToolButton] = {}
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.LARGE, 0, theme.LARGE, 0)
        row.setSpacing(theme.SMALL)
        for kind, name in ({"": tr("All")} | in_words.kinds()).items():
            button = QToolButton()
            button.setProperty("pill", True)
            button.setProperty("name", name)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _, kind=kind: self.narrow(kind))
            self.kinds[kind] = button
            row.addWidget(button)
        row.addStretch(1)
        self.exact_button = theme.button(tr("All exact copies to the trash…"), "trash")
        self.exact_button.clicked.connect(self.apply_exact.trigger)
        self.exact_button.setToolTip(tr("You first see what would happen"))
        row.addWidget(self.exact_button)
        head = QWidget()
        head.setAccessibleName(tr("What was found"))
        column = QVBoxLayout(head)
        column.setContentsMargins(0, theme.MEDIUM, 0, theme.SMALL)
        column.setSpacing(theme.SMALL)
        above = QWidget()
        above.setLayout(told)
        told.setContentsMargins(theme.LARGE, 0, theme.LARGE, 0)
        column.addWidget(above)
        column.addWidget(_scrolled(inside))
        return head

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(theme.rule())
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
            row.addWidget(button)
            self.buttons.append(button)
        row.addStretch(1)
        self._marked = QLabel()
        self._marked.setProperty("quiet", True)
        self._clear = QToolButton()
        self._clear.setText(tr("Take all marks away"))
        self._clear.setProperty("link", True)
        self._clear.clicked.connect(self.unmark_all.trigger)
        self.move_button = QPushButton(tr("Move to the trash…"))
        self.move_button.setProperty("primary", True)
        self.move_button.clicked.connect(self.move_marked.trigger)
        for widget in (self._marked, self._clear, self.move_button):
            row.addWidget(widget)
        # Its room stays, or the list would jump with the first mark.
        inside.setFixedHeight(inside.sizeHint().height())
        column.addWidget(_scrolled(inside))
        self._foot = foot
        return foot

    def _connect(self) -> None:
        work, session = self.work, self._session
        work.listed.connect(self._show_groups)
        work.comparing.connect(self._show_comparing)
        work.failed.connect(self._show_error)
        work.working.connect(self._show_working)
        work.refused.connect(self._refuse)
        self.deciding.said.connect(session.remarked)
        self.deciding.compare_wanted.connect(self.compare_wanted)
        self.groups.wished.connect(self._show_state)
        self.list.current_changed.connect(self.selected)
        self.list.customContextMenuRequested.connect(self._ask_for_menu)
        self.list.doubleClicked.connect(lambda _: self.deciding.compare.trigger())
        self.summary.back_wanted.connect(self.show_list)
        self.summary.go_wanted.connect(lambda: self._execute(False))
        self.working.stop_wanted.connect(self._stop)
        self.result.done_wanted.connect(self.show_list)
        self.result.undo_wanted.connect(self._put_back)
        self.result.holding_wanted.connect(self._ask_for_holding)
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
        ]

    def enter(self) -> None:
        library = self._session.library
        if library and self._thumbnails is None:
            # Its own: in the grids others are wanted, of another size.
            self._thumbnails = Thumbnails(library.thumbnail, PICTURE, self)
            self.list.use(self._thumbnails)
            self.check_page.use(library)
        if library and not self._visited:
            self._visited = True
            self.work.relist()
            self._find()
        self._focus()

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
        elif page is self.working:
            self.working.stop.setFocus()
        elif page in (self.summary, self.result):
            (self.summary if page is self.summary else self.result).list.setFocus()

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

    def _show_groups(self, groups: list[Group]) -> None:
        self._listed = True
        remembered = self.list.remember()
        had_focus = self._middle.hasFocus() or self.list.hasFocus()
        if [_identity(group) for group in groups] != [_identity(group) for group in self.groups.all]:
            self.groups.show_groups(groups)
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
        if now is not None:
            self._bar.setRange(0, now.total or 0)
            self._bar.setValue(now.done)
        self._show_state(now)

    def _show_error(self, error: PhotoSearchError) -> None:
        self._error = str(error)
        self._bar.hide()
        self._show_state()

    def _show_state(self, now: Progress | None = None) -> None:
        """Say what there is, and what is going on."""
        counts, known = self.groups.counts(), self._session.known
        for kind, button in self.kinds.items():
            count = counts[kind] if kind else sum(counts.values())
            button.setText(f"{button.property('name')}  {number(count)}")
            button.setAccessibleName(f"{button.property('name')}: {in_words.groups(count)}")
            button.setChecked(kind == self.groups.kind)
            button.setEnabled(count > 0 or kind in ("", self.groups.kind))
        self.total.setText(in_words.total(self.groups.shown) if self.groups.all else tr("Duplicates"))
        waiting = known.status.waiting if known else 0
        if self._error:
            self._state.setText(words.readable(self._error))
        elif self.work.is_finding:
            self._state.setText(in_words.progress(now) if now else tr("Comparing photos"))
        elif waiting:
            said = tr("{photos} are still to be indexed", photos=words.photos(waiting))
            self._state.setText(said)
        else:
            self._state.setText(tr("All photos are compared") if self._listed else "")
        marked = [photo for _, go in self.groups.marked() for photo in go]
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
        exact = bool(self.groups.suggested("exact"))
        self.apply_exact.setEnabled(exact)
        self.exact_button.setVisible(exact)
        self._foot.setVisible(bool(self.groups.shown))
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

    # The trash

    def _plan(self, choices: Choices, nothing: str) -> None:
        if not choices:
            self._session.remarked.emit(nothing)
        elif self.work.is_working:
            self.setCurrentWidget(self.working)
        else:
            self.work.plan(choices, self._show_summary, self._refuse)

    def _show_summary(self, summary: Summary) -> None:
        self.setCurrentWidget(self.summary)
        self.summary.show_summary(summary)

    def _begin(self, now: Progress) -> None:
        self.working.show_progress(now)
        self.setCurrentWidget(self.working)
        self._focus()

    def _show_working(self, now: Progress) -> None:
        if self.currentWidget() is self.working:
            self.working.show_progress(now)
        elif now.done and now.total and now.total > 1:
            self._session.remarked.emit(in_words.progress(now))

    def _stop(self) -> None:
        if self.check_page.is_checking:
            self.check_page.is_checking = False
            self.work.give_up()
            self.show_list()
        else:
            self.work.halt()

    def _execute(self, holding: bool) -> None:
        summary = self.summary.summary
        if summary and not self.work.is_working:
            self._begin(Progress("removing", 0, summary.plan.files))
            self.work.execute(summary.plan, holding, self._show_removals)

    def _show_removals(self, removals: list[Removal]) -> None:
        if any(removal.state == "done" for removal in removals):
            batch = removals[0].batch
            self._removal = self._session.undo.did(tr("Move to the Trash"), lambda: self._put_back(batch))
        self._show_result(removals)

    def _show_result(self, removals: list[Removal]) -> None:
        self.result.show_removals(removals)
        if self.currentWidget() is self.working:
            self.setCurrentWidget(self.result)
            self._focus()
        self._session.refresh()
        self.work.relist()
        if not self.isVisible():
            self._session.remarked.emit(self.result.title.text())

    def _put_back(self, batch: int) -> None:
        if self.work.is_working:
            self._session.remarked.emit(tr("Something else is under way: try again in a moment."))
            return
        if self._removal:
            self._session.undo.forget(self._removal)
            self._removal = None
        self._begin(Progress("restoring"))
        self.work.put_back(batch, self._show_result)

    def _ask_for_holding(self) -> None:
        """The same once more, as a summary: what is in the trash by now is left out."""
        stayed = {removal.path for removal in self.result.removals if removal.state == "failed"}
        summary = self.summary.summary
        if summary:
            choices = [
                (choice.keep[0], [photo for photo in choice.remove if photo.path in stayed])
                for choice in summary.plan.choices
            ]
            self.work.plan([each for each in choices if each[1]], self._show_holding, self._refuse)

    def _show_holding(self, summary: Summary) -> None:
        self.summary.summary = summary
        self._execute(True)

    def _refuse(self, error: PhotoSearchError) -> None:
        self.check_page.is_checking = False
        self._session.complain(error)
        if self.currentWidget() is self.working:
            self.show_list()

    def discard(self, photos: list[Photo]) -> None:
        """Move photos of any place to the trash, copies or not."""
        if self.work.is_working:
            self._session.remarked.emit(tr("Something else is under way: try again in a moment."))
        else:
            self.work.discard(photos, self._show_discarded)

    def _show_discarded(self, outcome: list[Discarded]) -> None:
        gone = [one for one in outcome if one.files]
        refused = [one for one in outcome if one.reason]
        said = []
        if gone:
            self._session.undo.did(tr("Move to Trash"), lambda: self._restore(gone))
            said.append(
                tr(
                    "Moved {photos} to the trash; {key} brings them back.",
                    photos=words.photos(len(gone)),
                    key=QKeySequence(QKeySequence.StandardKey.Undo).toString(NATIVE),
                )
            )
        said += [words.readable(one.reason) for one in refused[:1]]
        if len(refused) > 1:
            said.append(trn("{n} more stayed.", "{n} more stayed.", len(refused) - 1))
        self._session.remarked.emit(" ".join(said))
        self._session.refresh()

    def _restore(self, gone: list[Discarded]) -> None:
        def show(kept: list[Discarded]) -> None:
            if kept:
                self._session.remarked.emit(words.readable(kept[0].reason))
            else:
                photos = words.photos(len(gone))
                self._session.remarked.emit(tr("{photos} put back", photos=photos))
            self._session.refresh()

        self.work.restore(gone, show)

    # Before an import

    def check(self, folder: Path) -> None:
        """Find out which photos of a folder are in the library already."""
        if self.work.is_working:
            self._session.remarked.emit(tr("Something else is under way: try again in a moment."))
            return

        def show(checked: Checked) -> None:
            self.check_page.is_checking = False
            self.check_page.show_checked(folder, checked)
            if self.currentWidget() is self.working:
                self.setCurrentWidget(self.check_page)
                self._focus()

        self.check_page.is_checking = True
        self._begin(Progress("scanning"))
        self.work.check(folder, show)

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


def _identity(group: Group) -> tuple[object, ...]:
    return group.kind, group.reason, *((each.photo, each.kind, each.protected) for each in group.photos)


def _scrolled(inside: QWidget) -> QScrollArea:
    """A row that is scrolled, by Tab or the wheel, where there is no room for it."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    area.setFixedHeight(inside.sizeHint().height())
    return area
