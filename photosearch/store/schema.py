"""The catalogue's tables, how an older one becomes a newer one, and SQLite's errors in words."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from photosearch.drives import is_network
from photosearch.errors import LibraryBusy, LibraryDamaged, LibraryUnusable, PhotoSearchError

APPLICATION = 0x50685372
"""“PhSr”: tells our files from other programs' SQLite databases."""

OLDEST_SQLITE = (3, 37)
"""The first with STRICT tables."""

DEGREE = 10**7
"""Latitudes and longitudes are kept as whole numbers, so many to a degree."""

BUSY_SECONDS = 30.0
"""A transaction waits so long for another process's, which may be forgetting a root of a million photos."""

FULL_BYTES = 2**16
"""A drive with less room than that has none for what SQLite keeps beside a catalogue, 32 kB at least."""

PRESENT, OFFLINE, GONE, UNREADABLE = range(4)
"""`photos.state`; 0 and 1, nearly all of them, take no byte in a row."""

STATES: tuple[Literal["present", "offline", "gone", "unreadable"], ...] = (
    "present",
    "offline",
    "gone",
    "unreadable",
)

Migrations = tuple[tuple[str, ...], ...]

logger = logging.getLogger(__name__)

MIGRATIONS: Migrations = (
    (
        # One row. `generation` rises with every change of what is searchable, so that what was made of the
        # codes knows whether it still fits; `compact_pages` is the size of the file when it was last packed.
        """CREATE TABLE library (
            generation INTEGER NOT NULL,
            compact_pages INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        """CREATE TABLE roots (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            volume TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'watched' CHECK (state IN ('watched', 'polled', 'offline'))
        ) STRICT""",
        """CREATE TABLE folders (
            id INTEGER PRIMARY KEY,
            root_id INTEGER NOT NULL REFERENCES roots,
            path TEXT NOT NULL,
            UNIQUE (root_id, path)
        ) STRICT""",
        "CREATE TABLE cameras (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
        # AUTOINCREMENT: an id is never used twice, so that a thumbnail, or a code in memory, never stands for
        # another photo.
        """CREATE TABLE photos (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
            folder_id INTEGER NOT NULL REFERENCES folders,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            taken INTEGER,
            camera_id INTEGER REFERENCES cameras,
            width INTEGER,
            height INTEGER,
            ends BLOB,
            missing_since INTEGER CHECK ((missing_since IS NOT NULL) = (state IN (1, 2))),
            reason TEXT CHECK ((reason IS NOT NULL) = (state = 3)),
            UNIQUE (folder_id, name)
        ) STRICT""",
        # The few that are missing or unreadable are found without looking at the others.
        "CREATE INDEX astray ON photos (state, size) WHERE state <> 0",
        """CREATE TABLE problems (
            root_id INTEGER NOT NULL REFERENCES roots,
            path TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (root_id, path)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE models (
            id INTEGER PRIMARY KEY,
            identity TEXT NOT NULL UNIQUE,
            method TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('additive', 'binary')),
            bytes INTEGER NOT NULL,
            dimension INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE codes (
            model_id INTEGER NOT NULL REFERENCES models,
            photo_id INTEGER NOT NULL REFERENCES photos,
            code BLOB NOT NULL,
            PRIMARY KEY (model_id, photo_id)
        ) STRICT, WITHOUT ROWID""",
        # Not ON DELETE CASCADE: that would look through all codes for those of one photo.
        """CREATE TRIGGER codes_go_with_their_photo AFTER DELETE ON photos BEGIN
            DELETE FROM codes WHERE photo_id = old.id AND model_id IN (SELECT id FROM models);
        END""",
    ),
    (
        # The photos that the last generations changed, int64, little-endian; NULL if too many.
        "CREATE TABLE changes (generation INTEGER PRIMARY KEY, photos BLOB) STRICT",
    ),
    (
        # In ten-millionths of a degree, a centimetre: four bytes, where a floating-point number takes eight.
        "ALTER TABLE photos ADD COLUMN latitude INTEGER",
        "ALTER TABLE photos ADD COLUMN longitude INTEGER",
    ),
    (
        # Short on purpose: while what SQLite keeps of all tables fits the first page of the file, damage to
        # another page costs what is in that, and never all (see `salvage`).
        #
        # What a photo with these contents looks like (`duplicates.looks`), the mark of what it was compared
        # with all others by (0: it was not; 1: by older rules, and the look itself may be older than those of
        # today; 2: the same, but the look is not), and the hash of its whole file, where that was needed.
        """CREATE TABLE looks(photo_id INTEGER PRIMARY KEY,ends BLOB NOT NULL,look BLOB NOT NULL,
compared INTEGER NOT NULL DEFAULT 0,contents BLOB)STRICT""",
        # Which pairs are of the same shot, or of one burst: `comparisons.PAIR_KINDS`.
        """CREATE TABLE pairs(first_id INTEGER,second_id INTEGER,kind INTEGER NOT NULL,
PRIMARY KEY(first_id,second_id))STRICT,WITHOUT ROWID""",
        # About photos known by their contents, not by a row: a decision outlives what it was made about.
        "CREATE TABLE decisions(id INTEGER PRIMARY KEY AUTOINCREMENT,kind TEXT,made INTEGER)STRICT",
        """CREATE TABLE decided(id INTEGER PRIMARY KEY,decision_id INTEGER,ends BLOB,
copies INTEGER)STRICT""",
        # What was moved to the trash, written down before it is done and after, so that what a kill cut off
        # is told from what somebody else removed.
        """CREATE TABLE removals(id INTEGER PRIMARY KEY,batch INTEGER,path TEXT,kept TEXT,place TEXT,
state TEXT,reason TEXT)STRICT""",
    ),
    (
        # Some are older than the rule of what has colour: all are made again, and compared.
        "UPDATE looks SET compared = 1",
    ),
)
"""The statements that lead from each version to the next; version n has run the first n."""


def connect(path: Path, migrations: Migrations = MIGRATIONS) -> tuple[sqlite3.Connection, Path | None]:
    """A connection to a catalogue; the file is made, or brought to the newest version, if need be.

    Returns:
        The connection; and where the catalogue is kept as it was, if it had to be brought to a newer version.

    Raises:
        LibraryUnusable: It is damaged, no catalogue, newer than this program, on a network drive, or may not
            be written.
        LibraryBusy: Another process does not let go of it.
    """
    if is_network(path):
        # SQLite's log needs memory that all processes share, and locks that hold; such a drive has neither.
        raise LibraryUnusable(
            f"The library cannot be kept safely on a network drive, and {path.parent} lies on one:"
            " name a folder of this computer with --home."
        )
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise LibraryUnusable(
            f"PhotoSearch needs SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer;"
            f" this Python has {sqlite3.sqlite_version}."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryUnusable(f"The library cannot be kept in {path.parent}: {error.strerror}.") from error
    with in_words(path):
        # The thread that closes a connection may be another than the one it belonged to, which has ended.
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            kept = _prepare_patiently(connection, path, migrations)
        except BaseException:
            connection.close()
            raise
    return connection, kept


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the world into a sentence for a person; our own mistakes pass as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        if code == sqlite3.SQLITE_IOERR and _is_full(path.parent):
            # Even to read it writes down who reads.
            code = sqlite3.SQLITE_FULL
        problem = _problem(code, path)
        if problem is None:
            raise
        raise problem from error


def _problem(code: int, path: Path) -> PhotoSearchError | None:
    match code:
        # PROTOCOL: so many others opened or closed it at the same moment that SQLite gave up.
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return LibraryBusy(f"Another program has been writing to the library in {path} for too long.")
        case sqlite3.SQLITE_NOTADB:
            return LibraryDamaged(f"{path} is not a PhotoSearch catalogue, or it is damaged.")
        case sqlite3.SQLITE_CORRUPT:
            return LibraryDamaged(
                f"The catalogue {path} is damaged: “photosearch verify --repair” saves what can be saved."
            )
        case sqlite3.SQLITE_FULL:
            return LibraryUnusable(f"The disk is full: the catalogue {path} cannot grow.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return LibraryUnusable(f"The catalogue {path} may not be written.")
        case sqlite3.SQLITE_CANTOPEN:
            return LibraryUnusable(f"The catalogue {path} cannot be opened or written.")
        case sqlite3.SQLITE_IOERR:
            return LibraryUnusable(f"The disk failed while the catalogue {path} was read or written.")
    return None


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def _prepare_patiently(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> Path | None:
    # Two processes that begin a library at once: SQLite does not wait by itself to change the journal's mode.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return _prepare(connection, path, migrations)
        except sqlite3.OperationalError as error:
            passes = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
            if not passes or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> Path | None:
    version = _version(connection, path, migrations)
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise LibraryUnusable(f"The catalogue {path} lies on a drive where it cannot be kept safely.")
    connection.execute("PRAGMA synchronous = NORMAL")
    # A log that a big change has made long would else stay so.
    connection.execute("PRAGMA journal_size_limit = 16000000")
    # macOS needs more than an fsync to order its writes; elsewhere this changes nothing.
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    return _migrate(connection, path, migrations) if version < len(migrations) else None


def _version(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> int:
    """The version of the catalogue, 0 for a new one. Nothing is written to a file that is not ours."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
    if application != APPLICATION and not empty:
        raise LibraryUnusable(f"{path} is not a PhotoSearch catalogue.")
    if version > len(migrations):
        raise LibraryUnusable(f"The catalogue {path} was written by a newer version of PhotoSearch.")
    return version


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> Path | None:
    """Bring a catalogue to the newest version; where it is kept as it was, if it was not new."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        # Another process may have been faster.
        version = _version(connection, path, migrations)
        kept = _keep(path, version) if 0 < version < len(migrations) else None
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        if version == 0:
            # No other catalogue began here, so that a code file left by one that was deleted never fits.
            connection.execute("INSERT INTO library (generation) VALUES (?)", (time.time_ns(),))
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    if kept:
        logger.warning(
            "%s was brought to version %d; as it was before, it is %s", path, len(migrations), kept
        )
    return kept


def kept_before(path: Path) -> list[Path]:
    """Where a catalogue is kept as it was before newer versions."""
    return [kept for version in range(1, len(MIGRATIONS)) if (kept := _kept_as(path, version)).exists()]


def _kept_as(path: Path, version: int) -> Path:
    return path.with_name(f"{path.stem}.version-{version}{path.suffix}")


def _keep(path: Path, version: int) -> Path:
    """Copy a catalogue to a file of its own, whole or not at all."""
    kept = _kept_as(path, version)
    new = kept.with_name(kept.name + ".new")
    try:
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(new)) as copy:
            # Flushed at the end, once.
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy)
        with open(new, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(new, kept)
    except BaseException as error:
        new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise LibraryUnusable(f"{kept} cannot be written: {error.strerror}.") from error
        raise
    return kept


def data_version(db: sqlite3.Connection) -> int:
    """A number that is another one, for this connection, once any other has committed something since."""
    version: int = db.execute("PRAGMA data_version").fetchone()[0]
    return version
