"""What forgetting a folder takes out of a catalogue, and out of those that are kept beside it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.store.schema import kept_before
from photosearch.store.statements import inside_folder, integers

logger = logging.getLogger(__name__)


def forget_folder(db: sqlite3.Connection, root_id: int, below: str) -> NDArray[np.int64]:
    """Forget a folder of a root, those in it, and all that is known of their photos; the photos' ids.

    Args:
        below: The folder's path in the root; the root itself is forgotten with “”.
    """
    place = {"root": root_id, "below": below}
    inside = f"folder_id IN (SELECT id FROM folders WHERE root_id = :root AND {inside_folder(below)})"
    forgotten = integers(db.execute(f"SELECT id FROM photos WHERE {inside}", place))
    db.execute(f"DELETE FROM photos WHERE {inside}", place)
    db.execute(f"DELETE FROM folders WHERE root_id = :root AND {inside_folder(below)}", place)
    db.execute(f"DELETE FROM problems WHERE root_id = :root AND {inside_folder(below)}", place)
    if not below:
        db.execute("DELETE FROM roots WHERE id = ?", (root_id,))
    db.execute("DELETE FROM cameras WHERE id NOT IN (SELECT camera_id FROM photos WHERE camera_id NOT NULL)")
    return forgotten


def forget_in_kept(path: Path, folder: Path, watched: Iterable[Path]) -> None:
    """Forget a folder in the catalogues that are kept as they were before newer versions of PhotoSearch.

    One that cannot be written stays as it is, and the log says so.

    Args:
        path: Of the catalogue that they lie beside.
        watched: What still is; of that what lies in the folder stays, where it was watched then, too.
    """
    stay = [other for other in watched if other.is_relative_to(folder)]
    for kept in kept_before(path):
        try:
            with closing(sqlite3.connect(kept, isolation_level=None)) as db:
                if _forget(db, folder, stay):
                    db.execute("VACUUM")
        except sqlite3.Error as error:
            logger.warning("what was forgotten is still in %s: %s", kept, error)


def _forget(db: sqlite3.Connection, folder: Path, stay: Sequence[Path]) -> bool:
    """Whether anything was known of it."""
    roots: list[tuple[int, str]] = []
    for id, root in db.execute("SELECT id, path FROM roots").fetchall():
        if folder.is_relative_to(root):
            roots.append((id, folder.relative_to(root).as_posix()))
        elif Path(root).is_relative_to(folder) and not any(Path(root).is_relative_to(one) for one in stay):
            # Of a folder that was watched then, and a folder around it later.
            roots.append((id, "."))
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
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


def forget_removals(db: sqlite3.Connection, folder: Path) -> None:
    """Forget what is written of files of a folder, but of those that are, or may be, in the trash."""
    ended = db.execute("SELECT id, path FROM removals WHERE state IN ('failed', 'undone')").fetchall()
    forgotten = [(id,) for id, path in ended if Path(path).is_relative_to(folder)]
    db.executemany("DELETE FROM removals WHERE id = ?", forgotten)
