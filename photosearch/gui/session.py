"""The library behind the window: opened, followed and asked in other threads, told of in the GUI's."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.errors import LibraryBusy, LibraryDamaged, ModelUnusable, PhotoSearchError
from photosearch.gui.actions.undo import Undo
from photosearch.gui.language import tr, words
from photosearch.gui.language.sentences import told
from photosearch.gui.tasks import Mistake, Task, Worker
from photosearch.records import Failure, Filters, Photo, Progress, Root, Status, Trait
from photosearch.settings import Effort, Places, write_setting

if TYPE_CHECKING:
    from photosearch.library import Library

logger = logging.getLogger(__name__)

FIRST_SEARCH_SECONDS = 3.0
"""A search that the program was started for is waited for so long at most: its photo may lie on a drive that
hangs."""

END_SECONDS = 3.0
"""How long the end waits for what is under way and keeps nothing; what is committed is safe, processes end by
themselves."""

AGAIN_MILLISECONDS = 10_000
"""After which a library that another program updates is tried again."""

LATER_MILLISECONDS = 60_000
"""After which indexing that something else ended is tried again."""

FIRST = 600
"""Photos that are listed at once of a large library: more than any screen shows."""

Result = TypeVar("Result")


class Stoppable(Protocol):
    """What has threads: told to stop first, so that all end at the same time, then waited for."""

    def stop(self) -> None: ...

    def join(self, seconds: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the library says of itself at one moment.

    Attributes:
        listing: Ids of the photos that pass the filters, newest first.
        months: How many of them were taken in which month, newest first.
        kept: Where the catalogue lies as it was before, if opening it brought it to a newer version.
        whole: Whether the listing is that of all photos; else it may be of the newest alone, and a whole one
            is on its way.
        asked: When it was begun to ask, by `time.monotonic`.
        seconds: What it took.
    """

    folders: list[Root]
    filters: Filters
    listing: NDArray[np.int64]
    months: dict[str, int]
    status: Status
    failures: list[Failure]
    effort: Effort
    kept: Path | None
    whole: bool
    asked: float
    seconds: float


class Session(QObject):
    """One library, open in one window."""

    opened = Signal()
    """It can be searched; what it says of itself is being read."""
    failed = Signal(object)
    """A `PhotoSearchError`: the library could not be opened."""
    told = Signal(object)
    """What the library says of itself was read again: a `Known`."""
    progressed = Signal(object)
    """A `Progress` of indexing, or the last one once more when that was paused or resumed."""
    stopped = Signal(object)
    """A `PhotoSearchError` that ended indexing."""
    forgot = Signal()
    """A folder was forgotten, here or by another program."""
    narrowed = Signal()
    """The filters are others now."""
    remarked = Signal(str)
    """A sentence for a moment."""
    ended_indexing = Signal(int, float)
    """A run is done that indexed so many photos in so many seconds."""

    def __init__(
        self, open_library: Callable[[], Library], places: Places, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._open_library, self.places = open_library, places
        self.library: Library | None = None
        # The address of the archive that is shown; empty: it is the library of this computer.
        self.archive = ""
        self.known: Known | None = None
        self.filters = Filters()
        self.last = Progress("scanning")
        # Counts what became searchable, so that an answer knows whether it is of today.
        self.generation = 0
        self.task: Task | None = None
        # While a model is being chosen: whether indexing is to be paused after that. Else None.
        self._paused_after: bool | None = None
        self.undo = Undo(self)
        self.reading = Worker("reading", self)
        # What takes seconds of a large library keeps nobody from the photos in sight.
        self._listing = Worker("listing", self)
        self._being_listed: Filters | None = None
        self._list_again = False
        self.searching = Worker("searching", self)
        # What is only looked at waits neither for the disk of the library nor for a search.
        self.looking = Worker("looking", self)
        self._run: tuple[float, int] | None = None
        self._refreshing = QTimer(self)
        self._refreshing.setSingleShot(True)
        self._refreshing.timeout.connect(self.refresh)
        self._following_again = QTimer(self)
        self._following_again.setSingleShot(True)
        self._following_again.timeout.connect(self.follow)

    # The beginning and the end

    def open(self, folders: Sequence[Path] = ()) -> None:
        """Open the library, and watch these folders from now on."""

        def opened() -> None:
            library = self.library = self.library or self._open_library()
            for folder in folders:
                library.add_folder(folder)

        def opened_now(_: None) -> None:
            self.opened.emit()
            # Behind the window's own timer, by which it begins to search once everybody knows that it may.
            QTimer.singleShot(0, self, lambda: self._after_search(read))

        def read() -> None:
            filters = self.filters
            self.ask("known", lambda library: _read(library, filters, FIRST), show, self.failed.emit)

        def show(known: Known) -> None:
            self._tell(known)
            self.follow()

        self.reading.call("open", opened, opened_now, self.failed.emit)

    def _after_search(self, go_on: Callable[[], None]) -> None:
        """Let a search that the program was started for have the processor for a while.

        To count a million photos takes a second, in which what decodes and what encodes start as well.
        """
        if not self.searching.is_asked("search"):
            go_on()
            return
        waiting = QTimer(self)
        waiting.setSingleShot(True)
        waiting.timeout.connect(go_on)
        waiting.start(round(1000 * FIRST_SEARCH_SECONDS))

        def searched(_: None) -> None:
            if waiting.isActive():
                waiting.stop()
                go_on()

        self.searching.call("searched", lambda: None, searched)

    def end(self, others: Sequence[Stoppable]) -> None:
        """Stop everything, wait for what is to be kept, a little for all else, and close the library."""
        for timer in (self._refreshing, self._following_again):
            timer.stop()
        at_work: list[Stoppable] = [self.reading, self._listing, self.searching, self.looking, *others]
        if self.task:
            at_work.append(self.task)
        for one in at_work:
            one.stop()
        deadline = time.monotonic() + END_SECONDS
        for one in at_work:
            one.join(max(0.0, deadline - time.monotonic()))
        if self.library:
            closing = threading.Thread(target=self.library.close, name="closing", daemon=True)
            closing.start()
            closing.join(END_SECONDS)

    # Asking

    def ask(
        self,
        subject: object,
        question: Callable[[Library], Result],
        answered: Callable[[Result], None] = lambda result: None,
        refused: Callable[[PhotoSearchError], None] | None = None,
        surely: bool = False,
        worker: Worker | None = None,
    ) -> None:
        """Ask the library something short; a newer question on the subject makes it stale.

        Args:
            surely: Ask also if the window is closed before its turn: it writes what is to be kept.
            worker: Asks; by default the one that reads.
        """
        library = self.library
        if library:
            (worker or self.reading).call(
                subject, lambda: question(library), answered, refused or self.complain, surely
            )

    def photos(
        self, subject: object, ids: Sequence[int] | NDArray[np.int64], answered: Callable[[list[Photo]], None]
    ) -> None:
        """Hand over the photos with these ids; a newer question on the subject makes it stale."""
        wanted = [int(number) for number in ids]
        self.ask(("photos", subject), lambda library: library.photos(wanted), answered)

    def count(
        self, asker: object, trait: Trait, filters: Filters, counted: Callable[[dict[str, int]], None]
    ) -> None:
        """Hand over how many of the photos that pass the filters have which trait.

        Photos in sight do not wait for that; an asker's newer question makes the older one stale.
        """
        library, known = self.library, self.known
        if known and trait == "month" and known.months and known.filters == filters:
            counted(known.months)
        elif library:
            self._listing.call(
                ("count", asker), lambda: library.counts_by(trait, filters), counted, self.complain
            )

    def refresh(self) -> None:
        """Read again what the library says of itself; of one that is being listed, once that has ended."""
        library, filters = self.library, self.filters
        if library is None:
            return
        if self._being_listed == filters:
            # Begun anew at each batch, it would not end before indexing does.
            self._list_again = True
            return
        self._being_listed, self._list_again = filters, False

        def end() -> None:
            self._being_listed = None
            if self._list_again:
                self.refresh()

        def listed(known: Known) -> None:
            end()
            self._tell(known)

        def failed(error: PhotoSearchError) -> None:
            end()
            self.complain(error)

        self._listing.call("known", lambda: _read(library, filters), listed, failed)

    def complain(self, error: PhotoSearchError) -> None:
        """Say what went wrong, for a moment."""
        self.remarked.emit(told(error))

    def warm(self) -> None:
        """A search may come soon: an encoder that ended for want of work takes seconds to start, and what the
        filters keep of a million photos a tenth of one to find.
        """
        library, filters = self.library, self.filters
        if library:
            self.searching.call("warm", lambda: library.warm(filters))

    def narrow(self, filters: Filters) -> None:
        """Show and search only the photos that pass these filters."""
        if filters != self.filters:
            self.filters = filters
            self.narrowed.emit()
            self.ask("first", lambda library: _read(library, filters, FIRST), self._tell)
            self.warm()

    @property
    def offline(self) -> list[Path]:
        """The watched folders whose drive is not there."""
        roots = self.known.folders if self.known else []
        return [root.path for root in roots if root.state == "offline"]

    def _tell(self, known: Known) -> None:
        before = self.known
        if known.filters != self.filters or (before and known.asked < before.asked):
            # A quick answer has overtaken a slow one, or one of other filters was still to be asked.
            return
        same = before is not None and before.filters == known.filters
        if before and same and not known.whole and len(before.listing) > len(known.listing):
            # Nobody who has scrolled to the ten-thousandth is thrown back while all are listed again.
            known = replace(known, listing=before.listing, months=before.months)
        self.known = known
        self.told.emit(known)
        if before and {root.path for root in before.folders} - {root.path for root in known.folders}:
            self.forgot.emit()
        if not known.whole:
            self.refresh()

    # Keeping up

    @property
    def paused(self) -> bool:
        """Whether indexing waits to be resumed."""
        if self._paused_after is not None:
            return self._paused_after
        return self.task is not None and self.task.paused

    def follow(self) -> None:
        """Keep the library in line with its folders, from now until the end."""
        # A second follower could neither be paused nor stopped; who chooses a model follows after that.
        if self.library and self.task is None and self._paused_after is None:
            self._following_again.stop()
            task = self.task = Task(self.library.follow, "indexing", self)
            task.progressed.connect(self._progress)
            task.failed.connect(partial(self._stop_following, task))
            task.start()

    def pause_or_resume(self) -> None:
        """Pause indexing, or go on."""
        if self.task:
            if self._paused_after is not None:
                # The task was stopped; paused, it would not end.
                self._paused_after = not self._paused_after
            elif self.task.paused:
                self.task.resume()
            else:
                self.task.pause()
            self.progressed.emit(self.last)

    def _stop_following(self, task: Task, error: PhotoSearchError) -> None:
        if self.task is not task:
            # It is heard of late, and another one follows by now.
            return
        self.task = None
        self.stopped.emit(error)
        logger.warning("indexing ended: %s", error)
        if isinstance(error, LibraryBusy):
            # The other one ends some time, and what it did not do is then left to do.
            self._following_again.start(AGAIN_MILLISECONDS)
        elif not isinstance(error, (LibraryDamaged, ModelUnusable, Mistake)):
            # A process that could not start on a busy machine, a disk that was full: it may pass.
            self._following_again.start(LATER_MILLISECONDS)

    def _progress(self, now: Progress) -> None:
        before, self.last = self.last, now
        found = now.step == "scanning" and now.done != before.done
        ended = now.step != before.step
        self.generation += now.published
        self._time(now)
        self.progressed.emit(now)
        if ended:
            # What a step leaves is to be seen at once.
            self._refreshing.stop()
            self.refresh()
        elif (found or now.published or now.tally != before.tally) and not self._refreshing.isActive():
            # A large library takes a while to list; it is not to spend its time on that.
            self._refreshing.start(round(1000 * max(0.5, 4 * self.known.seconds if self.known else 0)))

    def _time(self, now: Progress) -> None:
        """Notice how long a run of indexing takes and how much it does."""
        if now.step == "indexing":
            started = self._run[0] if self._run else time.monotonic()
            self._run = started, now.done
        elif self._run and now.step == "watching":
            (started, done), self._run = self._run, None
            self.ended_indexing.emit(done, time.monotonic() - started)

    # Changing

    def _change(
        self,
        subject: object,
        change: Callable[[Library], Result],
        changed: Callable[[Result], None] = lambda result: None,
    ) -> None:
        """Change the library, read what it says then, and only then say what came of it."""
        filters = self.filters

        def both(library: Library) -> tuple[Result, Known]:
            return change(library), _read(library, filters, FIRST)

        def tell(outcome: tuple[Result, Known]) -> None:
            self._tell(outcome[1])
            changed(outcome[0])

        self.ask(subject, both, tell, surely=True)

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Watch these folders from now on."""

        def add(library: Library) -> None:
            for folder in folders:
                library.add_folder(folder)

        named = ", ".join(f"“{words.name(folder)}”" for folder in folders)
        self._change(
            ("add", tuple(folders)), add, lambda _: self.remarked.emit(tr("Added {name}", name=named))
        )

    def remove_folder(self, root: Root) -> None:
        """Forget a folder and what is known of its photos."""
        if self.filters.under == root.path:
            self.filters = Filters()
            self.narrowed.emit()
        self._change(("remove", root.path), lambda library: library.remove_folder(root.path))

    def leave_out(self, folder: Path, changed: Callable[[list[Path]], None]) -> None:
        """Forget what lies in a folder, and look no more into it; hand over all that are left out."""

        def leave_out(library: Library) -> list[Path]:
            library.leave_out(folder)
            return library.left_out()

        def left_out(folders: list[Path]) -> None:
            self.forgot.emit()
            changed(folders)

        self._change("left out", leave_out, left_out)

    def take_in(self, folder: Path, changed: Callable[[list[Path]], None]) -> None:
        """Look into a folder again that was left out; hand over those that still are."""

        def take_in(library: Library) -> list[Path]:
            library.take_in(folder)
            return library.left_out()

        self._change("left out", take_in, changed)

    def forget_missing(self, root: Root) -> None:
        """Take the photos that are missing from a folder for deleted."""

        def forgot(count: int) -> None:
            said = tr("Forgot {photos} of “{name}”", photos=words.photos(count), name=words.name(root.path))
            self.remarked.emit(said)

        self._change(("forget", root.path), lambda library: library.forget_missing(root.path), forgot)

    def retry_failures(self) -> None:
        """Try the files again that could not be read."""
        self._change("retry", lambda library: library.retry_failures())
        self.remarked.emit(tr("Trying again…"))

    def choose(self, name: str, value: str | int, chosen: Callable[[], None] = lambda: None) -> None:
        """Keep a setting for the next start; then call `chosen`."""
        file = self.places.settings
        self.reading.call(
            ("setting", name),
            lambda: write_setting(file, name, value),
            lambda _: chosen(),
            self.complain,
            surely=True,
        )

    def choose_effort(self, effort: Effort) -> None:
        """Index so hard from now on."""
        self._change("effort", lambda library: library.choose_effort(effort))

    def choose_model(self, file: Path | None) -> None:
        """Encode by another model, or, without one, by the one that comes with the program."""
        # Until then it stays what the end waits for.
        task, self._paused_after = self.task, self.paused
        self._following_again.stop()
        if task:
            task.stop()

        def choose(library: Library) -> Known:
            # Codes of two models are never made at the same time.
            while task and not task.join(1):
                pass
            library.choose_model(file)
            return _read(library, self.filters, FIRST)

        def go_on() -> None:
            paused, self._paused_after = self._paused_after, None
            self.task = None
            self.follow()
            if paused:
                self.pause_or_resume()

        def chosen(known: Known) -> None:
            self._tell(known)
            go_on()

        def refused(error: PhotoSearchError) -> None:
            self.complain(error)
            go_on()

        self.ask("model", choose, chosen, refused, surely=True)


def _read(library: Library, filters: Filters, first: int | None = None) -> Known:
    """What the library says of itself; of its photos only the first, if there are more of them than that."""
    asked = time.monotonic()
    folders, whole, months = library.folders(), True, dict[str, int]()
    if first is None:
        listing, months = library.timeline(filters)
    else:
        listing = library.listing(filters, first)
        whole = len(listing) < first
        months = library.counts_by("month", filters) if whole else {}
    status, failures, effort, kept = library.status(), library.failures(), library.effort(), library.kept
    took = time.monotonic() - asked
    return Known(folders, filters, listing, months, status, failures, effort, kept, whole, asked, took)
