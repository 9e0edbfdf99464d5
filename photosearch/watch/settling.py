"""What changed and is not yet still → hints, which folders to look at again. Knows neither clock nor disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

SETTLE_SECONDS = 2.0
"""A file is handed on when its size and its time of change were still for so long."""

STORM = 4000
"""So many events of a root within SETTLE_SECONDS may have overflowed the system's queue, which holds 16,384
on Linux: the whole root is looked at when they are over, and every STORM_SECONDS while they are not."""

STORM_SECONDS = 10.0

Still = tuple[int, int] | None
"""Size and time of change of a file; None if it is not there."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A folder to look at again.

    Attributes:
        folder: Relative to the root, `/` between parts, empty for the root itself.
        recursive: The folders in it too.
    """

    root_id: int
    folder: str
    recursive: bool


class Settling:
    """What changed and is not yet still. Knows no clock: every call says what time it is, in seconds."""

    def __init__(self, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._settle = settle_seconds
        self._files: dict[tuple[int, str, str], _File] = {}
        self._folders: dict[Hint, float] = {}
        self._storms: dict[int, _Storm] = {}

    def __bool__(self) -> bool:
        """Whether anything is settling."""
        return bool(self._files or self._folders or self._storms)

    def count(self, root_id: int, now: float) -> None:
        """An event came, whatever it tells."""
        storm = self._storms.setdefault(root_id, _Storm(now, now))
        storm.latest = now
        if not storm.raging and now - storm.since > self._settle:
            storm.since, storm.events = now, 0
        storm.events += 1
        if storm.events == STORM:
            self.overflowed(root_id, now)

    def overflowed(self, root_id: int, now: float) -> None:
        """Events were lost, or may have been: the whole root is to be looked at."""
        self.forget(root_id)
        self._storms[root_id] = _Storm(now, now, STORM, raging=True)

    def file_changed(self, root_id: int, folder: str, name: str, now: float) -> None:
        """A file was created or written to."""
        if not self.rages(root_id):
            self._files[root_id, folder, name] = _File(now)

    def folder_changed(self, hint: Hint, now: float) -> None:
        """Something left a folder or came to it."""
        if not self.rages(hint.root_id):
            # Not put off by what comes after: a long series of deletions is taken up while it goes on.
            self._folders.setdefault(hint, now)

    def settled(self, now: float, look: Callable[[int, str, str], Still]) -> set[Hint]:
        """Take out what is still by now.

        Args:
            look: Reads the state of a file: root, folder, name.
        """
        hints = {hint for hint, since in self._folders.items() if now - since >= self._settle}
        for hint in hints:
            del self._folders[hint]
        for key, file in list(self._files.items()):
            if not file.seen:
                file.seen, file.state = True, look(*key)
            if now - file.since >= self._settle:
                state = look(*key)
                if state == file.state:
                    del self._files[key]
                    hints.add(Hint(key[0], key[1], False))
                else:
                    file.since, file.state = now, state
        for root_id, storm in list(self._storms.items()):
            quiet = now - storm.latest >= self._settle
            if storm.raging and (quiet or now - storm.since >= STORM_SECONDS):
                hints.add(Hint(root_id, "", True))
                storm.since = now
            if quiet:
                del self._storms[root_id]
        return without_covered(hints)

    def forget(self, root_id: int) -> None:
        """Drop what is settling in a root."""
        self._files = {key: file for key, file in self._files.items() if key[0] != root_id}
        self._folders = {hint: since for hint, since in self._folders.items() if hint.root_id != root_id}
        self._storms.pop(root_id, None)

    def rages(self, root_id: int) -> bool:
        """Whether so much happens in a root that events may be lost."""
        storm = self._storms.get(root_id)
        return storm is not None and storm.raging


@dataclass(slots=True)
class _File:
    """When a file changed last, and how it was found after that."""

    since: float
    seen: bool = False
    state: Still = None


@dataclass(slots=True)
class _Storm:
    """How many events a root had since a time; `raging`: too many."""

    since: float
    latest: float
    events: int = 0
    raging: bool = False


def without_covered(hints: Iterable[Hint]) -> set[Hint]:
    """The hints that no other hint covers."""
    hints = set(hints)
    whole = {(hint.root_id, hint.folder) for hint in hints if hint.recursive}

    def covered(hint: Hint) -> bool:
        above = hint.folder
        if not hint.recursive and (hint.root_id, above) in whole:
            return True
        while above:
            above = above.rpartition("/")[0]
            if (hint.root_id, above) in whole:
                return True
        return False

    return {hint for hint in hints if not covered(hint)}
