"""The catalogues that are kept beside the present one: of older versions, and damaged ones.

They are there for a person who has lost something. What that person forgets is forgotten in them, too, and
what lies elsewhere now lies there in them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from photosearch.errors import LibraryUnusable
from photosearch.store.forgetting import forget_folder, forget_removals, relocate_removals
from photosearch.store.salvage import kept_damaged, save_what_can_be_read
from photosearch.store.schema import kept_before

logger = logging.getLogger(__name__)


def forget_in_kept(path: Path, folder: Path, watched: Iterable[Path]) -> None:
    """Forget a folder in the catalogues that are kept.

    One that is damaged becomes one of all that can be read of it: in what SQLite cannot read, nobody could
    say what is to be forgotten. One that cannot be written stays as it is. The log tells of both.

    Args:
        path: Of the catalogue that they lie beside.
        watched: What still is; of that what lies in the folder stays, where it was watched then, too.
    """
    stay = [other for other in watched if other.is_relative_to(folder)]

    def forget(kept: Path) -> None:
        if not _is_sound(kept):
            save_what_can_be_read(kept)
            logger.warning("%s was damaged: only what could be read of it is kept", kept)
        with closing(sqlite3.connect(kept, isolation_level=None)) as db:
            if _forget(db, folder, stay):
                db.execute("VACUUM")

    _in_each(path, forget, "what was forgotten is still in %s: %s")


def relocate_in_kept(path: Path, folder: Path, place: Path) -> None:
    """A watched folder lies at another place now; where that is not to be written, the log says so.

    Args:
        path: Of the catalogue beside which others are kept.
    """

    def relocate(kept: Path) -> None:
        with closing(sqlite3.connect(kept, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            with db:
                db.execute("UPDATE OR IGNORE roots SET path = ? WHERE path = ?", (str(place), str(folder)))
                if "removals" in _tables(db):
                    relocate_removals(db, folder, place)

    _in_each(path, relocate, "where folders lie now is not in %s: %s")


def _in_each(path: Path, change: Callable[[Path], None], otherwise: str) -> None:
    for kept in [*kept_before(path), *kept_damaged(path)]:
        try:
            change(kept)
        except (sqlite3.Error, OSError, LibraryUnusable) as error:
            logger.warning(otherwise, kept, error)


def _is_sound(kept: Path) -> bool:
    """Whether it is not damaged.

    Raises:
        sqlite3.DatabaseError: Nobody can say: another program has locked it, or it may not be read.
    """
    try:
        with closing(sqlite3.connect(kept)) as db:
            return bool(db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False
        raise


def _forget(db: sqlite3.Connection, folder: Path, stay: Sequence[Path]) -> bool:
    """Whether anything was known of it."""
    roots: list[tuple[int, str]] = []
    for id, root in db.execute("SELECT id, path FROM roots").fetchall():
        if folder.is_relative_to(root):
            roots.append((id, folder.relative_to(root).as_posix()))
        elif Path(root).is_relative_to(folder) and not any(Path(root).is_relative_to(one) for one in stay):
            # Of a folder that was watched then, and a folder around it later.
            roots.append((id, "."))
    tables = _tables(db)
    db.execute("BEGIN IMMEDIATE")
    with db:
        for id, below in roots:
            forget_folder(db, id, "" if below == "." else below)
        # Older ones know nothing of what looks alike, and of the trash.
        for table, column in (("looks", "photo_id"), ("pairs", "first_id"), ("pairs", "second_id")):
            if table in tables:
                db.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM photos)")
        if "removals" in tables:
            forget_removals(db, folder)
    return bool(roots)


def _tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
