"""The system's events of watched folders → hints, once all is still; where no events come, now and then."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Literal, Self

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from photosearch.drives import file_system, is_network
from photosearch.files import is_text
from photosearch.watch.settling import SETTLE_SECONDS, Hint, Settling, Still, without_covered

POLL_SECONDS = 60.0
"""How long after a look at a polled root the next one is due, if the look was short."""

POLL_PAUSE = 10
"""A polled root is left alone so many times as long as the last look at it took: for a million photos on a
network that may be an hour."""

# A folder that is made while the one above is looked through is found twice, and nothing is lost by it.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

WATCHDOG = logging.getLogger("watchdog.observers.inotify_c")

# Our own reads fire "opened" and "closed, not written" events; ask only for what changes a photo. Linux tells
# when a writer is done, so it is not asked for every write.
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent if sys.platform == "linux" else FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]

SHARED = frozenset(("9p", "drvfs", "fuse.vmhgfs-fuse", "prl_fs", "vboxsf", "virtiofs"))
"""File systems, besides those of the network, that others change without an event here: the host of a virtual
machine does."""

_Events = SimpleQueue[tuple[int, FileSystemEvent] | Literal["overflow"] | None]


@dataclass(slots=True)
class _Root:
    """A watched root.

    Attributes:
        real: Its path without links: a link itself sends no events.
        identity: Device and number of the folder; None while it is not there or may not be read.
        watch: What the observer calls it; None where it is polled or not there.
        due: When a polled root is to be looked at again; None while somebody does.
        handed: When `batch` told somebody to look at a polled root; None after that look.
    """

    path: Path
    real: str = ""
    identity: tuple[int, int] | None = None
    watch: ObservedWatch | None = None
    due: float | None = None
    handed: float | None = None


class _Overflow(logging.Handler):
    """Hears watchdog say that the system's queue of events overflowed: it tells nobody but its log."""

    def __init__(self, events: _Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        if "events were lost" in record.msg:
            self._events.put("overflow")


class Watcher:
    """Watches roots and says which of their folders to look at again. Any thread may call anything."""

    def __init__(self, is_photo: Callable[[str], bool], settle_seconds: float = SETTLE_SECONDS) -> None:
        """Begin to watch.

        Args:
            is_photo: Whether a file of this name is of interest.
            settle_seconds: How long a file is to be still before it is handed on; all other times in which
                changes are noticed are in proportion.
        """
        self._is_photo = is_photo
        self._roots: dict[int, _Root] = {}
        self._settling = Settling(settle_seconds)
        self._tick_seconds = settle_seconds / 8
        # A root that went or came, or whose rights did, sends no event.
        self._root_seconds = settle_seconds * 1.5
        self._poll_seconds = settle_seconds / SETTLE_SECONDS * POLL_SECONDS
        self._events: _Events = SimpleQueue()
        self._changed = threading.Condition()
        self._ready: set[Hint] = set()
        self._closed = False
        self._overflow = _Overflow(self._events)
        WATCHDOG.addHandler(self._overflow)
        self._observer = Observer()
        self._observer.start()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def watch(self, root_id: int, path: Path) -> Literal["watched", "polled"]:
        """Watch a folder and all in it, or say how it is watched now.

        A root that is not there is looked for until it is.

        Returns:
            `watched` if its events arrive; `polled` if it lies on a network, the system can watch no more
            folders, or it is not there: then `batch` names the whole of it every minute, or less often if to
            look at it takes long. Also where so much happens that events may be lost: then the whole of it is
            named every ten seconds until that is over.
        """
        with self._changed:
            if root_id not in self._roots:
                self._roots[root_id] = root = _Root(path)
                self._attach(root_id, root)
            told = self._roots[root_id].watch is not None and not self._settling.rages(root_id)
            return "watched" if told else "polled"

    def unwatch(self, root_id: int) -> None:
        """Stop watching a folder; what it had to say is dropped."""
        with self._changed:
            if root := self._roots.pop(root_id, None):
                self._detach(root)
                self._settling.forget(root_id)
                self._ready = {hint for hint in self._ready if hint.root_id != root_id}

    def batch(self, timeout: float) -> set[Hint]:
        """Wait until there are folders to look at again, but no longer than so many seconds.

        Who calls has looked at all that was named before, and at first at every root.

        Returns:
            None of them within another; empty if the time is up.
        """
        with self._changed:
            now = time.monotonic()
            for root in self._roots.values():
                if root.watch is None and root.due is None and root.handed is not None:
                    root.due = now + max(self._poll_seconds, POLL_PAUSE * (now - root.handed))
                root.handed = None
            self._changed.wait_for(lambda: self._ready or self._closed, timeout)
            ready, self._ready = self._ready, set()
            now = time.monotonic()
            for root in self._roots.values():
                if root.watch is None and root.due is None:
                    root.handed = now
            return without_covered(ready)

    def close(self) -> None:
        """Stop watching."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._events.put(None)
        self._thread.join()
        self._observer.stop()
        self._observer.join()
        WATCHDOG.removeHandler(self._overflow)

    def _run(self) -> None:
        check = time.monotonic() + self._root_seconds
        while True:
            try:
                events = [
                    self._events.get(timeout=self._tick_seconds if self._settling else self._root_seconds)
                ]
                while not self._events.empty():
                    events.append(self._events.get())
            except Empty:
                events = []
            now = time.monotonic()
            with self._changed:
                for event in events:
                    if event is None:
                        return
                    if event == "overflow":
                        for root_id, root in self._roots.items():
                            if root.watch is not None:
                                self._settling.overflowed(root_id, now)
                        continue
                    self._take(*event, now)
                hints = self._settling.settled(now, self._look)
                if now >= check:
                    hints |= self._check_roots(now)
                    check = now + self._root_seconds
                if hints:
                    self._ready |= hints
                    self._changed.notify_all()

    def _take(self, root_id: int, event: FileSystemEvent, now: float) -> None:
        """Note what an event says."""
        root = self._roots.get(root_id)
        if root is None:
            return
        self._settling.count(root_id, now)
        source, target = _inside(root.real, event.src_path), _inside(root.real, event.dest_path)
        if event.is_directory:
            for folder in (source, target):
                if folder is not None:
                    self._folder_changed(root_id, folder, now)
        elif isinstance(event, FileDeletedEvent | FileMovedEvent):
            self._file_left(root_id, source, now)
            self._file_came(root_id, target, now)
        else:
            self._file_came(root_id, source, now)

    def _folder_changed(self, root_id: int, folder: str, now: float) -> None:
        """A folder came or went. One whose name is no text is listed by the one above, and not entered."""
        named = folder
        while not is_text(named):
            named = named.rpartition("/")[0]
        self._settling.folder_changed(Hint(root_id, named, named == folder), now)

    def _file_came(self, root_id: int, path: str | None, now: float) -> None:
        if path is not None:
            folder, _, name = path.rpartition("/")
            if self._is_photo(name) and is_text(folder):
                self._settling.file_changed(root_id, folder, name, now)

    def _file_left(self, root_id: int, path: str | None, now: float) -> None:
        if path is not None:
            folder, _, name = path.rpartition("/")
            if not is_text(folder):
                return
            if self._is_photo(name):
                self._settling.folder_changed(Hint(root_id, folder, False), now)
            elif sys.platform == "win32":
                # Of what is deleted Windows does not say whether it was a folder.
                self._settling.folder_changed(Hint(root_id, path, True), now)

    def _look(self, root_id: int, folder: str, name: str) -> Still:
        try:
            status = os.stat(os.path.join(self._roots[root_id].real, folder, name))
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def _check_roots(self, now: float) -> set[Hint]:
        """Find roots that went or came, that are watched no longer, or whose time has come."""
        hints = set()
        for root_id, root in self._roots.items():
            if root.watch is None and root.due is not None and now >= root.due:
                root.due = None
                hints.add(Hint(root_id, "", True))
            # A drive on the network may not answer for minutes.
            if root.watch is None and root.identity is not None:
                continue
            if _identity(root.path) != root.identity or not self._is_alive(root):
                self._detach(root)
                self._settling.forget(root_id)
                self._attach(root_id, root)
                root.due = None
                hints.add(Hint(root_id, "", True))
            elif root.watch is not None and _out_of_watches(root.real):
                self._detach(root)
                hints.add(Hint(root_id, "", True))
        return hints

    def _attach(self, root_id: int, root: _Root) -> None:
        """Have the system report the events of a root, if it can."""
        root.identity = _identity(root.path)
        if root.identity is None:
            return
        root.real = os.path.realpath(root.path)
        if is_network(root.path) or file_system(root.path)[0] in SHARED:
            return
        try:
            handler = _Handler(root_id, self._events)
            root.watch = self._observer.schedule(handler, root.real, recursive=True, event_filter=EVENTS)
        except OSError:
            return
        if _out_of_watches(root.real):
            self._detach(root)

    def _detach(self, root: _Root) -> None:
        if root.watch is not None:
            # The observer forgets by itself a root that was deleted.
            with suppress(KeyError):
                self._observer.unschedule(root.watch)
            root.watch = root.due = None

    def _is_alive(self, root: _Root) -> bool:
        """Whether the thread that reports a root's events still runs, if there is to be one."""
        return root.watch is None or any(
            emitter.watch == root.watch and emitter.is_alive() for emitter in self._observer.emitters
        )


class _Handler(FileSystemEventHandler):
    """Passes on events; it runs in the observer's thread, which must not be kept waiting."""

    def __init__(self, root_id: int, events: _Events) -> None:
        self._root_id, self._events = root_id, events

    def dispatch(self, event: FileSystemEvent) -> None:
        self._events.put((self._root_id, event))


def _inside(root: str, path: bytes | str) -> str | None:
    """A path relative to a root, `/` between parts; None for what is hidden, not in it, or no path at all."""
    path = os.fsdecode(path)
    if path == root:
        return ""
    if not path.startswith(os.path.join(root, "")):
        return None
    relative = path[len(os.path.join(root, "")) :].replace(os.sep, "/")
    return None if relative.startswith(".") or "/." in relative else relative


def _identity(path: Path) -> tuple[int, int] | None:
    """What a folder keeps as long as it is the same one; None if it is not there, or may not be read."""
    try:
        with os.scandir(path):
            status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _out_of_watches(real: str) -> bool:
    """Whether Linux would refuse to watch one more folder; watchdog passes over those it could not watch."""
    if sys.platform != "linux":
        return False
    from watchdog.observers.inotify_c import InotifyConstants, inotify_add_watch, inotify_init

    instance = inotify_init()
    if instance < 0:
        return True
    try:
        watch = inotify_add_watch(instance, os.fsencode(real), InotifyConstants.IN_DELETE_SELF)
        return watch < 0 and ctypes.get_errno() == errno.ENOSPC
    finally:
        os.close(instance)
