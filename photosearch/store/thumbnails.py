"""A bounded cache of thumbnails in a file of its own, which may be deleted at any time, even while in use."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

VERSION = 1

KEPT_SHARE = 0.95
"""A full cache is emptied to this share of its bound, so that room is not made again for every batch."""

DROPPED = 16
"""Thumbnails dropped at a time."""

BUSY_SECONDS = 1.0
"""Another process may be writing; a thumbnail waits no longer than this, it can be made again."""

logger = logging.getLogger(__name__)


class Thumbnails:
    """JPEGs by photo, for any thread. What was stored first is dropped first.

    Whatever goes wrong, a damaged file or a full disk, is a cache without thumbnails: they are made from the
    photos again, and indexing goes on. The log says why.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        """Use the cache in a file, which is made when it is first asked.

        Args:
            limit_bytes: What the file may hold; its log, of a few megabytes, comes on top.
        """
        self._path, self._limit = path, limit_bytes
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def get(self, photo_id: int, modified_ns: int) -> bytes | None:
        """The thumbnail of a photo as it was at a time of change in nanoseconds, if it is stored."""
        row = None
        with self._cache() as cache:
            row = cache.execute(
                "SELECT jpeg FROM thumbnails WHERE photo_id = ? AND modified_ns = ?", (photo_id, modified_ns)
            ).fetchone()
        return row[0] if row else None

    def put_many(self, thumbnails: Iterable[tuple[int, int, bytes]]) -> None:
        """Store thumbnails: photo id, time of change in nanoseconds, JPEG."""
        rows = list(thumbnails)
        with self._cache() as cache:
            cache.execute("BEGIN IMMEDIATE")
            cache.executemany(
                "INSERT OR REPLACE INTO thumbnails (photo_id, modified_ns, jpeg) VALUES (?, ?, ?)", rows
            )
            self._make_room(cache)

    def forget(self, ids: Iterable[int]) -> None:
        """Drop the thumbnails of some photos."""
        rows = [(int(id),) for id in ids]
        with self._cache() as cache:
            cache.execute("BEGIN IMMEDIATE")
            cache.executemany("DELETE FROM thumbnails WHERE photo_id = ?", rows)

    def size(self) -> int:
        """Bytes on disk."""
        total = 0
        for file in self._files():
            with suppress(OSError):
                total += file.stat().st_size
        return total

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._close()

    @contextmanager
    def _cache(self) -> Iterator[sqlite3.Connection]:
        """The cache, alone; a block that fails ends there and changes nothing."""
        with self._lock:
            try:
                connection = self._open()
                with connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                logger.info("thumbnails in %s: %s", self._path, error)
                if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF != sqlite3.SQLITE_BUSY:
                    self._close()
                if isinstance(error, sqlite3.DatabaseError) and _is_damage(error):
                    self._delete()

    def _open(self) -> sqlite3.Connection:
        """The connection to the file that is at the path now: the one used so far may have been deleted."""
        if self._connection is not None and self._opened == _identity(self._path):
            return self._connection
        self._close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = self._connect()
        self._opened = _identity(self._path)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                _create(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA journal_size_limit = 16000000")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_room(self, cache: sqlite3.Connection) -> None:
        page = cache.execute("PRAGMA page_size").fetchone()[0]
        if _used_pages(cache) * page > self._limit:
            while _used_pages(cache) * page > KEPT_SHARE * self._limit:
                dropped = cache.execute(
                    """DELETE FROM thumbnails
                       WHERE number IN (SELECT number FROM thumbnails ORDER BY number LIMIT ?)""",
                    (DROPPED,),
                ).rowcount
                if not dropped:
                    break
        if cache.execute("PRAGMA page_count").fetchone()[0] * page > self._limit:
            cache.execute("PRAGMA incremental_vacuum").fetchall()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = self._opened = None

    def _delete(self) -> None:
        for file in self._files():
            with suppress(OSError):
                file.unlink()

    def _files(self) -> list[Path]:
        return [self._path.with_name(self._path.name + end) for end in ("", "-wal", "-shm")]


def _create(connection: sqlite3.Connection) -> None:
    """Make the table; fails with “table exists” on a cache of another version, which is then replaced."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        connection.execute(
            """CREATE TABLE thumbnails (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                photo_id INTEGER NOT NULL UNIQUE,
                modified_ns INTEGER NOT NULL,
                jpeg BLOB NOT NULL
            ) STRICT"""
        )
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _used_pages(connection: sqlite3.Connection) -> int:
    total: int = connection.execute("PRAGMA page_count").fetchone()[0]
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return total - free


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is wrong: damaged, no database, or without the table we know."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
