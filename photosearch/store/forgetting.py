"""What forgetting a folder takes out of a catalogue."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.store.statements import inside_folder, integers


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


def forget_removals(db: sqlite3.Connection, folder: Path) -> None:
    """Forget what is written of files of a folder, but of those that are, or may be, in the trash."""
    ended = db.execute("SELECT id, path FROM removals WHERE state IN ('failed', 'undone')").fetchall()
    forgotten = [(id,) for id, path in ended if Path(path).is_relative_to(folder)]
    db.executemany("DELETE FROM removals WHERE id = ?", forgotten)


def relocate_removals(db: sqlite3.Connection, folder: Path, place: Path) -> None:
    """What went to the trash from a folder belongs to where that lies now: there it is to be put back.

    Its place in the trash is another, too, where the trash lies in the folder itself.
    """
    rows = db.execute("SELECT id, path, kept, place FROM removals").fetchall()
    db.executemany(
        "UPDATE removals SET path = ?, kept = ?, place = ? WHERE id = ?",
        [
            (*moved, id)
            for id, *paths in rows
            if (moved := [_moved(path, folder, place) for path in paths]) != paths
        ],
    )


def _moved(path: str | None, folder: Path, place: Path) -> str | None:
    if not path or not Path(path).is_relative_to(folder):
        return path
    return str(place / Path(path).relative_to(folder))
