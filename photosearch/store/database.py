"""A catalogue's file: a connection for each thread, whole transactions, one that updates at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from photosearch.errors import GivenUp, LibraryBusy, LibraryUnusable
from photosearch.store.schema import MIGRATIONS, Migrations, connect, data_version, in_words

CLOSE_SECONDS = 5.0
"""So long a thread may take to give up what it reads or writes when the catalogue is closed."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the one that updates the library of a catalogue, among all threads and processes, in the block.

    Raises:
        LibraryBusy: Another is updating it.
        LibraryUnusable: The lock cannot be written.
    """
    # The operating system holds this lock: it vanishes with the process, however that ends. Not bound to
    # this thread: an update is a generator, which another thread may close.
    lock = filelock.FileLock(f"{path}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise LibraryBusy(f"Another PhotoSearch is updating the library in {path.parent}.") from None
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


class Database:
    """The file of a catalogue, which any number of threads and processes may use.

    Each method of the catalogue and of its parts sees one state of the file and leaves another as a whole;
    `transaction` makes one of several. Ids of photos that are no more are passed over everywhere: another
    process may have removed their folder.

    Every such method may raise LibraryUnusable (damaged, disk full, not writable), LibraryBusy (another
    process did not end its transaction in half a minute) and, once another thread has closed it, GivenUp.
    """

    def __init__(self, path: Path, migrations: Migrations = MIGRATIONS) -> None:
        """Open a catalogue, or begin one.

        Attributes:
            kept: Where it lies as it was before, if it was brought to a newer version now.

        Raises:
            LibraryUnusable: It is damaged, no catalogue, newer than this program, on a network drive, or may
                not be written.
        """
        self._path, self._migrations = path, migrations
        self.kept: Path | None = None
        self._closed = False
        self._thread = threading.local()
        self._sessions: weakref.WeakSet[_Session] = weakref.WeakSet()
        self._session()

    def close(self) -> None:
        """Close it for all threads. What one of them still reads is given up, what it writes rolled back.

        A connection that is closed while SQLite computes in another thread would end the whole process.
        """
        self._closed = True
        deadline = time.monotonic() + CLOSE_SECONDS
        for session in list(self._sessions):
            while not (free := session.used.acquire(timeout=0.02)) and time.monotonic() < deadline:
                session.connection.interrupt()
            # Of a disk that does not answer, it ends with the process.
            if free:
                session.connection.close()
                session.used.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All changes in the block happen together or not at all; inside another one, as part of that.

        The connection is for this room's files only.
        """
        with self._within("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads in the block see one state of the catalogue, however many statements they take.

        The connection is for this room's files only.
        """
        with self._within("BEGIN") as db:
            yield db

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which is not closed meanwhile; for this room's files only."""
        session = self._session()
        with session.used, in_words(self._path):
            try:
                yield session.connection
            except sqlite3.Error as error:
                if self._closed:
                    raise GivenUp("The library was closed.") from error
                raise

    def changed_elsewhere(self) -> bool:
        """Whether another thread or process changed anything since this thread asked last; true at first."""
        session = self._session()
        with self.connection() as db:
            version = data_version(db)
        changed, session.version = version != session.version, version
        return changed

    def _session(self) -> _Session:
        session: _Session | None = getattr(self._thread, "session", None)
        if session is None:
            if self._closed:
                raise GivenUp("The library was closed.")
            connection, kept = connect(self._path, self._migrations)
            self.kept = self.kept or kept
            session = self._thread.session = _Session(connection)
            self._sessions.add(session)
        return session

    @contextmanager
    def _within(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self.connection() as db:
            if db.in_transaction:
                yield db
                return
            db.execute(begin)
            # Commits, or rolls back if the block raises.
            with db:
                yield db


class _Session:
    """One thread's connection, closed when the thread ends.

    Attributes:
        used: Held while the thread uses it.
        version: SQLite's count of what others wrote, when `changed_elsewhere` was last asked.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.used = threading.RLock()
        self.version = -1

    def __del__(self) -> None:
        self.connection.close()


def unwritable(path: Path, error: OSError) -> LibraryUnusable:
    """What to say where the files beside the catalogue cannot be written."""
    return LibraryUnusable(f"The library in {path.parent} may not be written: {error.strerror}.")
