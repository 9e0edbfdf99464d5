"""What is known of the files in the watched folders, as looking at them tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from photosearch.records import FoundFile, KnownPhoto
from photosearch.store.codes import searchable_changed
from photosearch.store.database import Database
from photosearch.store.roots import folders_under
from photosearch.store.schema import GONE, OFFLINE, PRESENT, STATES, UNREADABLE
from photosearch.store.statements import inside_folder, integers, json_list

_KNOWN = """SELECT photos.id, root_id, path, name, size, modified_ns, ends, photos.state
    FROM photos JOIN folders ON folders.id = folder_id"""


class Files:
    """The files of a catalogue, whatever became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known_folders(self, root_id: int, below: str = "") -> list[str]:
        """Folders of a root in which photos are known, gone ones too: `below` and those in it, in order."""
        with self._database.reading() as db:
            rows = db.execute(
                f"""SELECT path FROM folders WHERE root_id = :root AND {inside_folder(below)}
                    AND EXISTS (SELECT 1 FROM photos WHERE folder_id = folders.id) ORDER BY path""",
                {"root": root_id, "below": below},
            ).fetchall()
        return [path for (path,) in rows]

    def known_in(self, root_id: int, folder: str) -> dict[str, KnownPhoto]:
        """The photos known in one folder by file name, in whatever state."""
        with self._database.reading() as db:
            rows = db.execute(
                f"{_KNOWN} WHERE root_id = ? AND folders.path = ?", (root_id, folder)
            ).fetchall()
        return {photo.name: photo for photo in map(_known, rows)}

    def missing_with_sizes(self, sizes: Iterable[int]) -> list[KnownPhoto]:
        """Offline and gone photos of any root that have one of these sizes: a new file may be one of them."""
        with self._database.reading() as db:
            rows = db.execute(
                f"""{_KNOWN} WHERE photos.state <> 0 AND photos.state IN ({OFFLINE}, {GONE})
                    AND size IN (SELECT value FROM json_each(?)) ORDER BY photos.id""",
                (json_list(sizes),),
            ).fetchall()
        return list(map(_known, rows))

    def known(self, ids: Sequence[int]) -> list[KnownPhoto]:
        """The photos with these ids, in whatever state, in the order of their ids."""
        with self._database.reading() as db:
            rows = db.execute(
                f"{_KNOWN} WHERE photos.id IN (SELECT value FROM json_each(?)) ORDER BY photos.id",
                (json_list(ids),),
            ).fetchall()
        return list(map(_known, rows))

    def same_size(self, ids: Iterable[int]) -> list[KnownPhoto]:
        """Photos that are as large as one of these, they too, gone ones left out: they may be copies.

        Looks through all photos, a fifth of a second among a million.
        """
        with self._database.reading() as db:
            rows = db.execute(
                f"""{_KNOWN} WHERE photos.state <> {GONE} AND size IN (SELECT size FROM photos
                    WHERE photos.id IN (SELECT value FROM json_each(?))) ORDER BY photos.id""",
                (json_list(ids),),
            ).fetchall()
        return list(map(_known, rows))

    def add(self, root_id: int, folder: str, files: Iterable[FoundFile]) -> list[KnownPhoto]:
        """Take up files nobody knew; they wait for codes. Not if their root was removed meanwhile."""
        with self._database.transaction() as db:
            folder_id = _folder(db, root_id, folder)
            if folder_id is None:
                return []
            added = []
            for file in files:
                cursor = db.execute(
                    "INSERT INTO photos (folder_id, name, size, modified_ns) VALUES (?, ?, ?, ?)",
                    (folder_id, file.name, file.size, file.modified_ns),
                )
                photo_id = cursor.lastrowid or 0
                added.append(
                    KnownPhoto(
                        photo_id, root_id, folder, file.name, file.size, file.modified_ns, None, "present"
                    )
                )
        return added

    def change(self, changed: Iterable[tuple[int, FoundFile]]) -> None:
        """Files have other contents now: forget what was made of the old ones; they wait for codes."""
        changed = list(changed)
        with self._database.transaction() as db:
            db.executemany(
                """UPDATE photos SET size = ?, modified_ns = ?, state = 0, ends = NULL, taken = NULL,
                    camera_id = NULL, width = NULL, height = NULL, latitude = NULL, longitude = NULL,
                    missing_since = NULL, reason = NULL
                   WHERE id = ?""",
                [(file.size, file.modified_ns, photo_id) for photo_id, file in changed],
            )
            db.execute(
                """DELETE FROM codes WHERE model_id IN (SELECT id FROM models)
                    AND photo_id IN (SELECT value FROM json_each(?))""",
                (json_list(photo_id for photo_id, _ in changed),),
            )
            searchable_changed(db, (photo_id for photo_id, _ in changed))

    def move(self, moves: Iterable[tuple[int, int, str, str, int]]) -> None:
        """Files lie elsewhere or have other names now, and keep all that is known of them.

        What was known of a file that lay at the new place goes, unless it moves too: photos may swap names.

        Args:
            moves: Photo id, and the new root id, folder, name and time of change in nanoseconds.
        """
        moves = list(moves)
        replaced: list[int] = []
        with self._database.transaction() as db:
            # No file's name holds a “/”, so these names are free, and every target is then held by a stranger
            # only.
            db.executemany("UPDATE photos SET name = '/' || id WHERE id = ?", [(move[0],) for move in moves])
            for photo_id, root_id, folder, name, modified_ns in moves:
                folder_id = _folder(db, root_id, folder)
                if folder_id is None:
                    db.execute("DELETE FROM photos WHERE id = ?", (photo_id,))
                    continue
                replaced += integers(
                    db.execute(
                        "DELETE FROM photos WHERE folder_id = ? AND name = ? RETURNING id", (folder_id, name)
                    )
                ).tolist()
                db.execute(
                    f"""UPDATE photos SET folder_id = ?, name = ?, modified_ns = ?, missing_since = NULL,
                        state = iif(state = {UNREADABLE}, state, {PRESENT}) WHERE id = ?""",
                    (folder_id, name, modified_ns, photo_id),
                )
            _drop_empty_folders(db)
            searchable_changed(db, replaced + [move[0] for move in moves])

    def mark_missing(self, ids: Iterable[int], state: Literal["offline", "gone"], now: int) -> None:
        """Files are not there: `offline`, or deleted by the person.

        Args:
            now: Seconds since 1970; a photo that was in this state already keeps the time it came into it.
        """
        ids = list(ids)
        with self._database.transaction() as db:
            db.execute(
                """UPDATE photos SET state = :state, missing_since = :now, reason = NULL
                   WHERE id IN (SELECT value FROM json_each(:ids)) AND state <> :state""",
                {"state": STATES.index(state), "now": now, "ids": json_list(ids)},
            )
            searchable_changed(db, ids)

    def believe_missing(self, ids: Iterable[int], before: int, now: int) -> int:
        """Take those of some offline photos that have been so since before a time for deleted.

        Args:
            before, now: Seconds since 1970.

        Returns:
            How many there were.
        """
        ids = list(ids)
        with self._database.transaction() as db:
            believed = db.execute(
                f"""UPDATE photos SET state = {GONE}, missing_since = :now
                    WHERE id IN (SELECT value FROM json_each(:ids)) AND state = {OFFLINE}
                        AND missing_since < :before""",
                {"ids": json_list(ids), "before": before, "now": now},
            ).rowcount
            searchable_changed(db, ids)
        return believed

    def forget_missing(self, under: Path, now: int) -> int:
        """Take the offline photos below a folder for deleted: a person said so.

        Args:
            now: Seconds since 1970.

        Returns:
            How many there were.

        Raises:
            FolderUnavailable: The folder is not watched, and none in it is.
        """
        with self._database.transaction() as db:
            rows = db.execute(
                f"""SELECT id FROM photos WHERE state <> 0 AND state = {OFFLINE}
                    AND folder_id IN (SELECT value FROM json_each(?))""",
                (json_list(folders_under(db, under)),),
            ).fetchall()
            ids = [id for (id,) in rows]
            self.mark_missing(ids, "gone", now)
        return len(ids)

    def mark_present(self, ids: Iterable[int]) -> None:
        """Files are there again, as they were."""
        ids = list(ids)
        with self._database.transaction() as db:
            db.execute(
                f"""UPDATE photos SET state = {PRESENT}, missing_since = NULL
                    WHERE id IN (SELECT value FROM json_each(?)) AND state IN ({OFFLINE}, {GONE})""",
                (json_list(ids),),
            )
            searchable_changed(db, ids)

    def purge_gone(self, before: int) -> int:
        """Forget photos that were deleted before a time in seconds since 1970; how many there were."""
        with self._database.transaction() as db:
            purged = db.execute(
                f"DELETE FROM photos WHERE state <> 0 AND state = {GONE} AND missing_since < ?", (before,)
            ).rowcount
            if purged:
                _drop_empty_folders(db)
        return purged


def _known(row: tuple[Any, ...]) -> KnownPhoto:
    id, root_id, folder, name, size, modified_ns, ends, state = row
    return KnownPhoto(id, root_id, folder, name, size, modified_ns, ends, STATES[state])


def _folder(db: sqlite3.Connection, root_id: int, path: str) -> int | None:
    """The id of a folder, which is made if need be; None if there is no such root."""
    row = db.execute("SELECT id FROM folders WHERE root_id = ? AND path = ?", (root_id, path)).fetchone()
    if row is None:
        row = db.execute(
            "INSERT INTO folders (root_id, path) SELECT id, ? FROM roots WHERE id = ? RETURNING id",
            (path, root_id),
        ).fetchone()
    return row[0] if row else None


def _drop_empty_folders(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM folders WHERE NOT EXISTS (SELECT 1 FROM photos WHERE folder_id = folders.id)")
