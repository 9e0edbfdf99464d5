"""The folders a library watches, and what lies in which of them; to forget them with all in them."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Literal

from photosearch.errors import FolderUnavailable
from photosearch.files import text_of
from photosearch.records import Root
from photosearch.store.codes import searchable_changed
from photosearch.store.database import Database
from photosearch.store.forgetting import forget_folder, relocate_removals
from photosearch.store.schema import GONE, OFFLINE, data_version


class Roots:
    """The watched folders of a catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Of each thread: what `all` answered last, and the counts of what others and it had written then.
        self._thread = threading.local()

    def all(self) -> list[Root]:
        """The folders the library watches, in the order of their paths.

        Counting a million photos takes a while, so it is done only if something was written since.
        """
        with self._database.connection() as db:
            # What an open transaction wrote may yet be undone.
            settled = not db.in_transaction
        with self._database.reading() as db:
            written = data_version(db), db.total_changes
            before, roots = getattr(self._thread, "answered", (None, []))
            if settled and written == before:
                return list(roots)
            rows = db.execute(
                """SELECT id, path, volume, state,
                    (SELECT count(*) FROM folders JOIN photos ON folder_id = folders.id
                        WHERE root_id = roots.id)
                    - (SELECT count(*) FROM photos JOIN folders ON folders.id = folder_id
                        WHERE photos.state <> 0 AND photos.state = ? AND root_id = roots.id),
                    (SELECT count(*) FROM photos JOIN folders ON folders.id = folder_id
                        WHERE photos.state <> 0 AND photos.state = ? AND root_id = roots.id)
                   FROM roots ORDER BY path""",
                (GONE, OFFLINE),
            ).fetchall()
        roots = [Root(id, Path(path), *rest) for id, path, *rest in rows]
        if settled:
            self._thread.answered = written, roots
        return list(roots)

    def add(self, path: Path, volume: str) -> Root:
        """Watch a folder; one that is watched already stays as it is.

        Raises:
            FolderUnavailable: Its name cannot be written as text.
        """
        text = text_of(path)
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO roots (path, volume) VALUES (?, ?) ON CONFLICT DO NOTHING", (text, volume)
            )
            return next(root for root in self.all() if str(root.path) == text)

    def set(
        self,
        root_id: int,
        state: Literal["watched", "polled", "offline"] | None = None,
        volume: str | None = None,
    ) -> None:
        """Say how a root is watched, or which volume it lies on."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE roots SET state = coalesce(?, state), volume = coalesce(?, volume) WHERE id = ?",
                (state, volume, root_id),
            )

    def relocate(self, root_id: int, path: Path) -> None:
        """A root was renamed or mounted elsewhere; everything in it is where it was, be it in the trash.

        Raises:
            FolderUnavailable: Its name cannot be written as text, or it is another root.
        """
        with self._database.transaction() as db:
            before = [Path(was) for (was,) in db.execute("SELECT path FROM roots WHERE id = ?", (root_id,))]
            try:
                db.execute("UPDATE roots SET path = ? WHERE id = ?", (text_of(path), root_id))
            except sqlite3.IntegrityError:
                raise FolderUnavailable(f"The folder {path} is watched already.") from None
            for was in before:
                relocate_removals(db, was, path)

    def remove(self, root_id: int) -> list[int]:
        """Forget a root and all that is known of its photos; their ids."""
        with self._database.transaction() as db:
            forgotten = forget_folder(db, root_id, "")
            searchable_changed(db, forgotten)
        return [int(id) for id in forgotten]

    def forget_below(self, root_id: int, below: str) -> list[int]:
        """Forget a folder of a root, those in it, and all that is known of their photos; their ids."""
        with self._database.transaction() as db:
            forgotten = forget_folder(db, root_id, below)
            searchable_changed(db, forgotten)
        return [int(id) for id in forgotten]


def folders_under(db: sqlite3.Connection, under: Path) -> list[int]:
    """Ids of the folders that are `under` or lie below it, in whatever root."""
    found: list[int] = []
    watched = False
    for root_id, root in db.execute("SELECT id, path FROM roots").fetchall():
        if under.is_relative_to(root):
            below = relative(under, root)
        elif Path(root).is_relative_to(under):
            below = ""
        else:
            continue
        watched = True
        # Compared as the platform compares names: on Windows a folder may be asked for in other letters.
        wanted = os.path.normcase(below)
        for id, path in db.execute("SELECT id, path FROM folders WHERE root_id = ?", (root_id,)):
            name = os.path.normcase(path)
            if not wanted or name == wanted or name.startswith(wanted + os.sep):
                found.append(id)
    if not watched:
        raise FolderUnavailable(f"The folder {under} is not in the library.")
    return found


def roots_around(db: sqlite3.Connection, path: Path) -> list[str]:
    """Paths of the roots that a file lies in."""
    return [
        root for (root,) in db.execute("SELECT path FROM roots ORDER BY path") if path.is_relative_to(root)
    ]


def relative(path: Path, root: str) -> str:
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative
