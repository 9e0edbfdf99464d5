"""What the place of duplicates lets the library do, outside of the GUI's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QStorageInfo, QTimer, Signal, Slot

from photosearch.errors import PhotoSearchError
from photosearch.files import home_folder
from photosearch.gui.duplicates.groups import Listing
from photosearch.gui.session import Session
from photosearch.gui.tasks import Task, Worker
from photosearch.records import DecisionKind, Photo, Progress, Removal

if TYPE_CHECKING:
    from photosearch.duplicates import Preferences
    from photosearch.library import Library
    from photosearch.library.cleaning import Plan
    from photosearch.library.discarding import Discarded
    from photosearch.library.importing import Checked

Choices = Sequence[tuple[Photo, Sequence[Photo]]]
"""Of each group the photo that is kept, and those that are to go."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan would do.

    Attributes:
        trashes: How many of the photos go to the trash of which volume; the empty name is the computer's own.
        references: Folders of which nothing is touched.
    """

    plan: Plan
    trashes: dict[str, int]
    references: tuple[Path, ...]


class DuplicatesWork(QObject):
    """Finds, lists, decides, moves to the trash and back, checks folders; of the long ones one at a time."""

    listed = Signal(object)
    """The groups found so far: a `Listing`."""
    comparing = Signal(object)
    """A `Progress` of comparing; None: all photos are compared."""
    failed = Signal(object)
    """A `PhotoSearchError` that ended comparing or listing."""
    working = Signal(object)
    """A `Progress` of what was asked for: moving, putting back, checking."""
    refused = Signal(object)
    """A `PhotoSearchError` that ended what was asked for."""
    _compared = Signal()
    _worked = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._worker = Worker("duplicates", self)
        self.ask = partial(session.ask, worker=self._worker)
        self._finding: Task | None = None
        self._task: Task | None = None
        self._given_up: list[Task] = []
        self._find_again = self._halted = self._ended = False
        self._listing_seconds = 0.0
        self._preferences: Preferences | None = None
        # Not at every step: to list many groups takes longer than to find some more.
        self._relisting = QTimer(self)
        self._relisting.setSingleShot(True)
        self._relisting.timeout.connect(self.relist)
        self._compared.connect(self._end_finding)
        self._worked.connect(self._hand_over)

    # Finding

    @property
    def is_finding(self) -> bool:
        """Whether photos are being compared."""
        return self._finding is not None

    def find(self) -> None:
        """Compare the photos that are new with all others; again at the end if it is asked for meanwhile."""
        library = self._session.library
        if library is None or self._ended:
            return
        if self._finding is not None:
            self._find_again = True
            return
        self._find_again = False

        def steps() -> Iterator[Progress]:
            yield from library.duplicates().compare()
            if not self._ended:
                self._compared.emit()

        self._finding = Task(steps, "duplicates-finding", self)
        self._finding.progressed.connect(self._show_comparing)
        self._finding.failed.connect(self._stop_finding)
        self._finding.start()

    def _show_comparing(self, now: Progress) -> None:
        self.comparing.emit(now)
        if now.step == "comparing":
            self.relist_soon()

    @Slot()
    def _end_finding(self) -> None:
        self._finding = None
        self.comparing.emit(None)
        self.relist()
        if self._find_again:
            self.find()

    def _stop_finding(self, error: PhotoSearchError) -> None:
        self._finding = None
        if self._find_again:
            # Asked for again before it was heard that it had failed.
            self.find()
        else:
            self.failed.emit(error)

    def relist_soon(self) -> None:
        """List the groups again in a while, if that is not to be done already."""
        if not self._relisting.isActive():
            self._relisting.start(round(1000 * max(1.0, 4 * self._listing_seconds)))

    def relist(self) -> None:
        """List the groups that were found so far."""

        def listed(library: Library) -> tuple[Listing, float, Preferences]:
            start, preferences = time.monotonic(), library.preferences()
            listing = Listing.of(library.duplicates().groups(preferences))
            return listing, time.monotonic() - start, preferences

        def show(outcome: tuple[Listing, float, Preferences]) -> None:
            before = self._preferences
            listing, self._listing_seconds, self._preferences = outcome
            self.listed.emit(listing)
            if before not in (None, self._preferences):
                # Others are to be kept: what would be removed for them is compared with them.
                self.find()

        self._relisting.stop()
        self.ask("groups", listed, show, self.failed.emit)

    # Deciding

    def decide(self, together: Sequence[Sequence[Photo]], kind: DecisionKind) -> list[int]:
        """Keep for ever that the photos of each of these are no duplicates of one another.

        Returns:
            The ids of the decisions, once it was done; `take_back` may be called before.
        """
        ids: list[int] = []

        def keep(library: Library) -> None:
            duplicates = library.duplicates()
            ids.extend(duplicates.decide(photos, kind) for photos in together)

        # A list that is being made does not know of it yet.
        self._worker.forget("groups")
        # Each has a subject of its own, so that a quick hand loses none of them.
        self.ask(object(), keep, lambda _: self.relist(), self._undo_in_sight, surely=True)
        return ids

    def take_back(self, decisions: Sequence[int]) -> None:
        """Undo decisions."""

        def take(library: Library) -> None:
            duplicates = library.duplicates()
            for decision in decisions:
                duplicates.take_back(decision)

        self._worker.forget("groups")
        self.ask(object(), take, lambda _: self.relist(), self._undo_in_sight, surely=True)

    def _undo_in_sight(self, error: PhotoSearchError) -> None:
        """What was not decided is shown again."""
        self._session.complain(error)
        self.relist()

    # The trash

    def plan(
        self,
        choices: Choices,
        planned: Callable[[Summary], None],
        refused: Callable[[PhotoSearchError], None],
    ) -> None:
        """Find out what these choices would do."""

        def plan(library: Library) -> Summary:
            from photosearch.library.cleaning import Choice

            made = library.cleaning().plan(Choice((keep,), tuple(go)) for keep, go in choices)
            return Summary(made, _trashes(made), library.preferences().references)

        self.ask("plan", plan, planned, refused)

    def execute(self, plan: Plan, holding: bool, moved: Callable[[list[Removal]], None]) -> None:
        """Move the files of a plan to the trash; what became of each."""

        def steps(library: Library) -> Generator[Progress, None, list[Removal]]:
            cleaning = library.cleaning()
            before = max((removal.batch for removal in cleaning.removals()), default=0)
            for progress in cleaning.execute(plan, holding):
                if self._halted:
                    break
                yield progress
            # Asked for anew: where it was halted nothing is returned, and something was moved all the same.
            return [removal for removal in cleaning.removals() if removal.batch > before]

        self.work(steps, moved)

    def put_back(self, batch: int, returned: Callable[[list[Removal]], None]) -> None:
        """Undo a batch of removals."""
        self.work(lambda library: library.cleaning().undo(batch), returned)

    def discard(self, photos: Sequence[Photo], discarded: Callable[[list[Discarded]], None]) -> None:
        """Move photos that the person chose to the trash, copies or not; what became of each."""
        self.work(lambda library: library.discarding().discard(photos), discarded)

    def restore(self, photos: Sequence[Discarded], kept: Callable[[list[Discarded]], None]) -> None:
        """Put back what was discarded; what could not be."""
        self.work(lambda library: library.discarding().restore(photos), kept)

    # Before an import

    def check(self, folder: Path, checked: Callable[[Checked], None]) -> None:
        """Find out which photos of a folder are in the library already."""
        self.work(lambda library: library.check(folder), checked)

    # Long work

    @property
    def is_working(self) -> bool:
        """Whether something that was asked for is under way."""
        return self._task is not None

    def work(
        self,
        work: Callable[[Library], Generator[Progress, None, Result]],
        done: Callable[[Result], None],
    ) -> None:
        """Do something long, unless something is under way; `done` is told what came of it."""
        library = self._session.library
        if library is None or self._task is not None:
            return

        def steps() -> Iterator[Progress]:
            result = yield from work(library)
            if not self._ended:
                self._worked.emit(done, result)

        self._halted = False
        self._task = Task(steps, "duplicates-working", self)
        self._task.progressed.connect(self.working)
        self._task.failed.connect(self._refuse)
        self._task.start()

    def halt(self) -> None:
        """Move no more files after the one that is under way; what was moved is still told."""
        self._halted = True

    def give_up(self) -> None:
        """End what was asked for; nothing is told of it."""
        if self._task:
            self._task.stop()
            self._given_up.append(self._task)
            self._task = None

    @Slot(object, object)
    def _hand_over(self, done: Callable[[object], None], result: object) -> None:
        self._task = None
        if not self._ended:
            done(result)

    def _refuse(self, error: PhotoSearchError) -> None:
        self._task = None
        self.refused.emit(error)

    # The end

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        self._ended = True
        self._relisting.stop()
        self._worker.stop()
        for task in self._tasks():
            task.stop()

    def join(self, seconds: float) -> bool:
        """Wait for what is under way; whether it has ended."""
        return all([self._worker.join(seconds), *(task.join(seconds) for task in self._tasks())])

    def _tasks(self) -> list[Task]:
        return [task for task in (self._finding, self._task, *self._given_up) if task]


def _trashes(plan: Plan) -> dict[str, int]:
    """How many photos of a plan go to the trash of which volume."""
    home = home_folder()
    own = QStorageInfo(str(home)).rootPath() if home else ""
    names: dict[Path, str] = {}
    counts: dict[str, int] = {}
    for choice in plan.choices:
        for photo in choice.remove:
            folder = photo.path.parent
            if folder not in names:
                volume = QStorageInfo(str(folder))
                names[folder] = "" if volume.rootPath() == own else volume.displayName()
            counts[names[folder]] = counts.get(names[folder], 0) + 1
    return counts
