"""The way of photos to the trash and back: a summary, then progress, then what became of each file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from photosearch.errors import PhotoSearchError
from photosearch.gui.actions.undo import Step
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.deciding import NATIVE
from photosearch.gui.duplicates.summary import ResultPage, SummaryPage, WorkingPage
from photosearch.gui.duplicates.work import Choices, DuplicatesWork, Summary
from photosearch.gui.language import tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.session import Session
from photosearch.records import Photo, Progress, Removal

if TYPE_CHECKING:
    from photosearch.library.discarding import Discarded


class Clearing(QObject):
    """Leads from page to page; whoever shows them says which one is in sight."""

    page_wanted = Signal(QWidget)
    """Show this page."""
    left = Signal()
    """Show what was there before."""

    def __init__(
        self,
        session: Session,
        work: DuplicatesWork,
        in_sight: Callable[[], QWidget | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._work, self._in_sight = session, work, in_sight
        # By batch, to be forgotten when a batch is put back from its page.
        self._steps: dict[int, Step] = {}
        self.summary, self.working, self.result = SummaryPage(), WorkingPage(), ResultPage()
        self.summary.back_wanted.connect(self.left)
        self.summary.go_wanted.connect(lambda: self._execute(False))
        self.working.stop_wanted.connect(work.halt)
        self.result.done_wanted.connect(self.left)
        self.result.undo_wanted.connect(self._put_back)
        self.result.holding_wanted.connect(self._plan_again)
        work.working.connect(self._show_progress)
        work.refused.connect(self._refuse)

    # Duplicates

    def plan(self, choices: Choices, nothing: str) -> None:
        """Show what these choices would do.

        Args:
            nothing: Said where there are none.
        """
        if not choices:
            self._session.remarked.emit(nothing)
        elif self._work.is_working:
            self.page_wanted.emit(self.working)
        else:
            self._work.plan(choices, self._show_summary, self._refuse)

    def begin(self, now: Progress) -> None:
        """Show progress from now on."""
        self.working.show_progress(now)
        self.page_wanted.emit(self.working)

    def is_busy(self) -> bool:
        """Whether something is under way, which is said then."""
        if self._work.is_working:
            self._session.remarked.emit(tr("Something else is under way: try again in a moment."))
        return self._work.is_working

    def _show_summary(self, summary: Summary) -> None:
        self.summary.show_summary(summary)
        self.page_wanted.emit(self.summary)

    def _show_progress(self, now: Progress) -> None:
        if self._in_sight() is self.working:
            self.working.show_progress(now)
        elif now.total and now.total > 1:
            self._session.remarked.emit(in_words.progress(now))

    def _execute(self, holding: bool) -> None:
        summary = self.summary.summary
        if summary and not self.is_busy():
            self.begin(Progress("removing", 0, summary.plan.files))
            self._work.execute(summary.plan, holding, self._show_removals)

    def _show_removals(self, removals: list[Removal]) -> None:
        if any(removal.state == "done" for removal in removals):
            batch = removals[0].batch
            self._steps[batch] = self._session.undo.did(
                tr("Move to the Trash"), partial(self._put_back, batch)
            )
        self._show_result(removals)

    def _show_result(self, removals: list[Removal]) -> None:
        self.result.show_removals(removals)
        if self._in_sight() is self.working:
            self.page_wanted.emit(self.result)
        else:
            self._session.remarked.emit(self.result.title.text())
        self._session.refresh()
        self._work.relist()

    def _put_back(self, batch: int) -> None:
        step = self._steps.pop(batch, None)
        if step:
            self._session.undo.forget(step)
        if self.is_busy():
            # It is still to be undone.
            self._steps[batch] = self._session.undo.did(
                tr("Move to the Trash"), partial(self._put_back, batch)
            )
            return
        self.begin(Progress("restoring"))
        self._work.put_back(batch, self._show_result)

    def _plan_again(self) -> None:
        """The same once more for what stayed, to a folder in plain sight."""
        stayed = {removal.path for removal in self.result.removals if removal.state == "failed"}
        summary = self.summary.summary
        if summary:
            choices = [
                (choice.keep[0], [photo for photo in choice.remove if photo.path in stayed])
                for choice in summary.plan.choices
            ]
            self._work.plan([each for each in choices if each[1]], self._hold, self._refuse)

    def _hold(self, summary: Summary) -> None:
        self.summary.summary = summary
        self._execute(True)

    def _refuse(self, error: PhotoSearchError) -> None:
        self._session.complain(error)
        if self._in_sight() is self.working:
            self.left.emit()

    # Any photos

    def discard(self, photos: list[Photo]) -> None:
        """Move photos of any place to the trash, copies or not."""
        if not self.is_busy():
            self._work.discard(photos, self._show_discarded)

    def _show_discarded(self, outcome: list[Discarded]) -> None:
        gone = [one for one in outcome if one.files]
        refused = [one for one in outcome if one.reason]
        said = []
        if gone:
            self._session.undo.did(tr("Move to Trash"), partial(self._restore, gone))
            said.append(
                tr(
                    "Moved {photos} to the trash. Undo with {key}.",
                    photos=words.photos(len(gone)),
                    key=QKeySequence(QKeySequence.StandardKey.Undo).toString(NATIVE),
                )
            )
        said += [told(one.reason) for one in refused[:1]]
        if len(refused) > 1:
            said.append(trn("{n} more stayed.", "{n} more stayed.", len(refused) - 1))
        self._session.remarked.emit(" ".join(said))
        self._session.refresh()

    def _restore(self, gone: list[Discarded]) -> None:
        def show(kept: list[Discarded]) -> None:
            if kept:
                self._session.remarked.emit(told(kept[0].reason))
            else:
                self._session.remarked.emit(tr("{photos} put back", photos=words.photos(len(gone))))
            self._session.refresh()

        if self.is_busy():
            self._session.undo.did(tr("Move to Trash"), partial(self._restore, gone))
        else:
            self._work.restore(gone, show)
