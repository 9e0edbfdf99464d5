"""What can still be read of a damaged catalogue, saved into a new one."""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import LibraryUnusable
from photosearch.store.schema import connect, in_words

SPAN = 16
"""Ids that are asked for at a time, fewer than a page holds: next to a damaged one as few are lost."""

SEEKS = 1_000_000
"""So many times what cannot be read is asked for again in smaller parts, which takes about a minute."""

IDS_OF_A_PAGE = 400
"""More than the rows that a page of 4,096 bytes can hold of any of our tables."""

PHOTO = """id, state, folder_id, name, size, modified_ns, taken, camera_id, width, height, ends,
    missing_since, reason, latitude, longitude"""

# In the order in which one refers to the other; the first column is the key.
TABLES = {
    "roots": "id, path, volume, state",
    "folders": "id, root_id, path",
    "cameras": "id, name",
    "models": "id, identity, method, kind, bytes, dimension",
    "photos": PHOTO,
    "decisions": "id, kind, made",
    "decided": "id, decision_id, ends, copies",
    "removals": "id, batch, path, kept, place, state, reason",
}

# The same from an index, for when the table itself is damaged. Of a folder whose volume is unknown the next
# update learns it.
INDEXES = {
    "roots": "SELECT id, path, '', 'watched' FROM roots INDEXED BY sqlite_autoindex_roots_1 ORDER BY path",
    "folders": """SELECT id, root_id, path FROM folders INDEXED BY sqlite_autoindex_folders_1
        ORDER BY root_id, path""",
    "cameras": "SELECT id, name FROM cameras INDEXED BY sqlite_autoindex_cameras_1 ORDER BY name",
}

# What was read may still be wrong, or belong to what could not be read.
CLEANING = (
    "DELETE FROM folders WHERE root_id NOT IN (SELECT id FROM roots)",
    "DELETE FROM problems WHERE root_id NOT IN (SELECT id FROM roots)",
    "DELETE FROM photos WHERE folder_id NOT IN (SELECT id FROM folders)",
    "UPDATE photos SET camera_id = NULL WHERE camera_id NOT IN (SELECT id FROM cameras)",
    "DELETE FROM codes WHERE photo_id NOT IN (SELECT id FROM photos)",
    "DELETE FROM decided WHERE decision_id NOT IN (SELECT id FROM decisions)",
    """DELETE FROM codes WHERE length(code)
        <> coalesce((SELECT bytes FROM models WHERE models.id = model_id), -1)""",
)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged catalogue.

    Attributes:
        kept: Where it lies now, as it was.
        photos, codes: How many of them the new one has.
    """

    kept: Path
    photos: int
    codes: int


def salvage(path: Path) -> Salvaged:
    """Put a new catalogue, with all that can be read of a damaged one, in its place, and keep that aside.

    To be called by who holds the library's lock. A kill leaves the damaged catalogue in its place, or the new
    one.

    Raises:
        LibraryUnusable: There is no room for it, or the place may not be written.
    """
    new = path.with_name(path.name + ".new")
    try:
        kept = _copied(path)
        try:
            _remove(new)
            with in_words(new):
                photos, codes = _save(kept, new)
        except BaseException:
            # The damaged one is where it was.
            _remove(kept)
            raise
        _put_in_place(new, path)
    except OSError as error:
        raise LibraryUnusable(f"The catalogue {path} cannot be repaired: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            _remove(new)
    return Salvaged(kept, photos, codes)


def kept_damaged(path: Path) -> list[Path]:
    """Where catalogues are kept that were damaged."""
    return sorted(path.parent.glob(f"{glob.escape(path.stem)}.damaged-*{path.suffix}"))


def save_what_can_be_read(damaged: Path) -> None:
    """Put a new catalogue, with all that can be read of a damaged one, in its place.

    Raises:
        LibraryUnusable: There is no room for it, or the place may not be written.
    """
    new = damaged.with_name(damaged.name + ".new")
    try:
        _remove(new)
        with in_words(new):
            _save(damaged, new)
        _put_in_place(new, damaged)
    except OSError as error:
        raise LibraryUnusable(f"The catalogue {damaged} cannot be repaired: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            _remove(new)


def remove_unfinished(path: Path) -> None:
    """Remove what a salvage that was killed left; to be called by who holds the library's lock."""
    with suppress(OSError):
        # Of the catalogue, or of one that is kept: `catalogue.damaged-1.sqlite.new`.
        for new in path.parent.glob(f"{path.stem}*{path.suffix}.new"):
            _remove(new)


def _put_in_place(new: Path, path: Path) -> None:
    with open(new, "rb+") as file:
        os.fsync(file.fileno())
    # The log belongs to the damaged one: SQLite would write it over the new one.
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    os.replace(new, path)


def _copied(path: Path) -> Path:
    """Where the catalogue is kept as it is, with its log."""
    number = 1
    while (kept := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    log = path.with_name(path.name + "-wal")
    try:
        if log.exists():
            shutil.copy2(log, kept.with_name(kept.name + "-wal"))
        shutil.copy2(path, kept)
    except OSError:
        with suppress(OSError):
            _remove(kept)
        raise
    return kept


def _remove(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def _save(damaged: Path, new: Path) -> tuple[int, int]:
    """Begin a catalogue with what can be read of a damaged one; how many photos and codes it has."""
    source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    target, _ = connect(new)
    with closing(source), closing(target):
        target.execute("BEGIN")
        with target:
            for table, all_columns in TABLES.items():
                columns = _columns_there(source, table, all_columns)
                rows = _rows(source, f"SELECT {columns} FROM {table} WHERE id", _last(source, table))
                _insert(target, table, columns, rows)
                if table in INDEXES:
                    _insert(target, table, columns, _until_damage(source, INDEXES[table]))
            for end in ("", " DESC"):
                query = f"SELECT root_id, path, reason FROM problems ORDER BY root_id{end}, path{end}"
                _insert(target, "problems", "root_id, path, reason", _until_damage(source, query))
            last = _last(source, "photos")
            for (model_id,) in target.execute("SELECT id FROM models").fetchall():
                query = f"SELECT photo_id, code, model_id FROM codes WHERE model_id = {model_id} AND photo_id"
                _insert(target, "codes", "photo_id, code, model_id", _rows(source, query, last))
            for statement in CLEANING:
                target.execute(statement)
            # An id is never used twice.
            target.execute("DELETE FROM sqlite_sequence WHERE name = 'photos'")
            target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('photos', ?)", (last,))
            photos, codes = (
                target.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("photos", "codes")
            )
    # What SQLite needed to read it; a log that was copied with it stays.
    damaged.with_name(damaged.name + "-shm").unlink(missing_ok=True)
    log = damaged.with_name(damaged.name + "-wal")
    if log.exists() and not log.stat().st_size:
        log.unlink()
    return photos, codes


def _columns_there(source: sqlite3.Connection, table: str, columns: str) -> str:
    """Those of some columns that a table has: the damage may have kept an older catalogue at its version."""
    there: set[str] = set()
    with suppress(sqlite3.DatabaseError):
        there = {name for _, name, *_ in source.execute(f"PRAGMA table_info({table})")}
    named = [name.strip() for name in columns.split(",")]
    return ", ".join(name for name in named if name in there or not there)


def _last(source: sqlite3.Connection, table: str) -> int:
    """No id in a table is or was greater, as far as that can be read."""
    found = [0]
    for query in (f"SELECT max(id) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):
        with suppress(sqlite3.DatabaseError):
            found += [last for (last,) in source.execute(query) if isinstance(last, int)]
    try:
        pages: int = source.execute("PRAGMA page_count").fetchone()[0]
    except sqlite3.DatabaseError:
        return 0
    # What was read may be nonsense; but ids are never used twice, so that there may be far fewer rows.
    return min(max(found) if len(found) > 1 else IDS_OF_A_PAGE * pages, 100 * IDS_OF_A_PAGE * pages)


def _rows(source: sqlite3.Connection, query: str, last: int) -> Iterator[tuple[object, ...]]:
    """The rows that can be read among those whose key, their first column, is between 1 and `last`.

    Some may come twice.

    Args:
        query: Ends with the key, so that a condition on it can be appended.
    """
    # A damaged page may end a search without a word, and what lies behind it is asked for on its own. Where
    # it stops SQLite from both sides, what lies between is looked for in ever shorter spans.
    wide = ((start, start + SPAN - 1) for start in range(1, last + 1, SPAN))
    narrow = deque[tuple[int, int]]()
    key = query.rpartition(" ")[2]
    seeks = 0
    while span := narrow.popleft() if narrow else next(wide, None):
        low, high = span
        try:
            yield from source.execute(f"{query} BETWEEN ? AND ?", (low, high))
        except sqlite3.DatabaseError:
            seeks += 1
            with suppress(sqlite3.DatabaseError):
                yield from source.execute(f"{query} BETWEEN ? AND ? ORDER BY {key} DESC", (low, high))
            if low < high and seeks < SEEKS:
                middle = (low + high) // 2
                narrow += [(low, middle), (middle + 1, high)]


def _until_damage(source: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    with suppress(sqlite3.DatabaseError):
        yield from source.execute(query)


def _insert(target: sqlite3.Connection, table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
    values = ", ".join("?" * len(columns.split(",")))
    statement = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({values})"
    for row in rows:
        # What was read of a damaged page may be of a type that the column cannot hold.
        with suppress(sqlite3.IntegrityError):
            target.execute(statement, row)
