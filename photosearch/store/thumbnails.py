"""A bounded cache of thumbnails in a file of its own, which may be deleted at any time, even while in use."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

VERSION = 1

KEPT_SHARE = 0.95
"""A full cache is emptied to this share of its bound, so that room is not made again for every batch."""

DROPPED = 16
"""Thumbnails dropped at a time."""

BUSY_SECONDS = 1.0
"""Another process may be writing; a thumbnail waits no longer than this, it can be made again."""

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""What SQLite says of a file that is damaged, no database, or without the table we know."""

Answer = TypeVar("Answer")

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
        row: tuple[bytes] | None = self._use(
            lambda cache: cache.execute(
                "SELECT jpeg FROM thumbnails WHERE photo_id = ? AND modified_ns = ?", (photo_id, modified_ns)
            ).fetchone()
        )
        return row[0] if row else None

    def put_many(self, thumbnails: Iterable[tuple[int, int, bytes]]) -> None:
        """Store thumbnails: photo id, time of change in nanoseconds, JPEG."""
        rows = list(thumbnails)

        def put(cache: sqlite3.Connection) -> None:
            cache.execute("BEGIN IMMEDIATE")
            cache.executemany(
                "INSERT OR REPLACE INTO thumbnails (photo_id, modified_ns, jpeg) VALUES (?, ?, ?)", rows
            )
            self._drop_oldest(cache)
            cache.commit()
            self._shrink(cache)

        self._use(put)

    def retime(self, times: Iterable[tuple[int, int]]) -> None:
        """Photos, by id, have another time of change now, in nanoseconds, and still look as they did."""
        rows = [(modified_ns, photo_id) for photo_id, modified_ns in times]

        def retime(cache: sqlite3.Connection) -> None:
            cache.execute("BEGIN IMMEDIATE")
            cache.executemany("UPDATE thumbnails SET modified_ns = ? WHERE photo_id = ?", rows)

        self._use(retime)

    def forget(self, ids: Iterable[int]) -> None:
        """Drop the thumbnails of some photos."""
        self._use(lambda cache: _drop(cache, ids))

    def erase(self, ids: Iterable[int]) -> None:
        """Drop the thumbnails of some photos, and leave nothing of them in the file or its log."""

        def erase(cache: sqlite3.Connection) -> None:
            # Some builds of SQLite have it on from the beginning.
            (before,) = cache.execute("PRAGMA secure_delete").fetchone()
            cache.execute("PRAGMA secure_delete = ON")
            try:
                _drop(cache, ids)
            finally:
                cache.execute(f"PRAGMA secure_delete = {before}")
            cache.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        self._use(erase)

    def keep(self, ids: Iterable[int]) -> None:
        """Drop the thumbnails of all photos but these."""
        kept = json.dumps([int(id) for id in ids])
        self._use(
            lambda cache: cache.execute(
                "DELETE FROM thumbnails WHERE photo_id NOT IN (SELECT value FROM json_each(?))", (kept,)
            )
        )

    def check(self) -> list[str]:
        """Read everything back; what is wrong, as sentences. Nothing is changed."""
        if not self._path.exists():
            return []
        try:
            with closing(sqlite3.connect(self._path)) as cache:
                problems = [
                    f"The thumbnail cache {self._path} is damaged: {' '.join(message.split())}."
                    for (message,) in cache.execute("PRAGMA integrity_check(10)")
                    if message != "ok"
                ]
                (broken,) = cache.execute(f"SELECT count(*) FROM thumbnails WHERE {_BROKEN}").fetchone()
        except sqlite3.DatabaseError as error:
            return [f"The thumbnail cache {self._path} is damaged: {error}."]
        if broken:
            problems.append(f"The thumbnail cache {self._path} holds {broken} that are no pictures.")
        return problems

    def mend(self) -> None:
        """Drop what is broken: single thumbnails, or else all of them."""
        self._use(lambda cache: cache.execute(f"DELETE FROM thumbnails WHERE {_BROKEN}"))
        self.close()
        if self.check():
            for file in self._files():
                file.unlink(missing_ok=True)

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

    def _use(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """Do something with the cache, alone; what fails is undone and answers None."""
        with self._lock:
            try:
                with self._open() as connection:
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                logger.info("thumbnails in %s: %s", self._path, error)
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
                if code != sqlite3.SQLITE_BUSY:
                    self._close()
                if code in DAMAGED:
                    for file in self._files():
                        with suppress(OSError):
                            file.unlink()
                return None

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

    def _drop_oldest(self, cache: sqlite3.Connection) -> None:
        if _used_bytes(cache) <= self._limit:
            return
        dropped = 1
        while dropped and _used_bytes(cache) > KEPT_SHARE * self._limit:
            dropped = cache.execute(
                """DELETE FROM thumbnails
                   WHERE number IN (SELECT number FROM thumbnails ORDER BY number LIMIT ?)""",
                (DROPPED,),
            ).rowcount

    def _shrink(self, cache: sqlite3.Connection) -> None:
        if _used_bytes(cache, free=True) > self._limit:
            # `execute` would take only the first of its many steps, and free one page.
            cache.executescript("PRAGMA incremental_vacuum")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = self._opened = None

    def _files(self) -> list[Path]:
        return [self._path.with_name(self._path.name + end) for end in ("", "-wal", "-shm")]


_BROKEN = "substr(jpeg, 1, 2) <> x'FFD8' OR substr(jpeg, -2) <> x'FFD9'"
"""A JPEG has a first and a last mark."""


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


def _drop(cache: sqlite3.Connection, ids: Iterable[int]) -> None:
    rows = [(int(id),) for id in ids]
    cache.execute("BEGIN IMMEDIATE")
    with cache:
        cache.executemany("DELETE FROM thumbnails WHERE photo_id = ?", rows)


def _used_bytes(cache: sqlite3.Connection, free: bool = False) -> int:
    """Of the file, with or without the pages that are free for use."""
    size, pages, unused = (
        int(cache.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    return size * (pages if free else pages - unused)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
