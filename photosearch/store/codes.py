"""What indexing makes of photos, their codes and details; which codes there are, and which since when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.records import CodeSpec, Details
from photosearch.store.database import Database
from photosearch.store.schema import DEGREE, GONE, PRESENT, UNREADABLE
from photosearch.store.statements import UNPLUGGED, integers, json_list

ROWS = 10_000
"""Rows taken from SQLite at a time, so that a million never exist as Python objects at once."""

REMEMBERED = 500
"""The catalogue tells of so many last generations which photos they changed: half a minute of indexing."""

LISTED = 4_000
"""Photos of one change. Where there were more, the oldest changes are forgotten until MOST are left."""

MOST = 250_000
"""Photos that are then listed, two megabytes; others are found by reading all codes, a second a million."""

_HIDDEN = f"SELECT id FROM photos WHERE state <> 0 AND state IN ({GONE}, {UNREADABLE})"


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """What was made of a photo.

    Attributes:
        photo_id, size, modified_ns: The file that was read; if it is another by now, this says nothing of it.
        ends: Hash of the file's first and last bytes and its size.
        code: The model's code, `CodeSpec.bytes` long.
    """

    photo_id: int
    size: int
    modified_ns: int
    ends: bytes
    details: Details
    code: bytes


@dataclass(frozen=True, slots=True)
class UnreadablePhoto:
    """A photo that could not be read, and why, as one sentence.

    Attributes:
        photo_id, size, modified_ns: The file that was tried; if it is another by now, this says nothing of
            it.
    """

    photo_id: int
    size: int
    modified_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class CodeChanges:
    """What leads from a model's codes as they were at an earlier generation to those of `generation`.

    Attributes:
        old: Photos whose codes may have changed or gone, int64, shape (n,); the codes there were are void.
        ids, rows: Those of them that may answer now, int64, shape (k,), and their codes, uint8, shape (k, M).
    """

    generation: int
    old: NDArray[np.int64]
    ids: NDArray[np.int64]
    rows: NDArray[np.uint8]


class Codes:
    """The photos' codes in a catalogue, by models."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, identity: str) -> list[int]:
        """Photos that have no code of a model and can be read now: ids, newest file first."""
        with self._database.reading() as db:
            return [
                id
                for (id,) in db.execute(
                    f"""SELECT id FROM photos WHERE state = {PRESENT}
                        AND folder_id NOT IN {UNPLUGGED}
                        AND NOT EXISTS (SELECT 1 FROM codes WHERE photo_id = photos.id
                            AND model_id = (SELECT id FROM models WHERE identity = ?))
                        ORDER BY modified_ns DESC, id DESC""",
                    (identity,),
                )
            ]

    def record(
        self, spec: CodeSpec, encoded: Iterable[EncodedPhoto], unreadable: Iterable[UnreadablePhoto]
    ) -> list[int]:
        """Keep what was made of a batch of photos, in one transaction.

        A photo whose file was changed or deleted while it was read is passed over: it waits again, or is no
        more.

        Returns:
            Ids of the photos whose codes were kept; all of them may answer now.
        """
        kept = []
        unreadable = list(unreadable)
        with self._database.transaction() as db:
            model_id = _model(db, spec)
            for photo in encoded:
                if len(photo.code) != spec.bytes:
                    raise ValueError(f"a code of this model has {spec.bytes} bytes, not {len(photo.code)}")
                details = photo.details
                updated = db.execute(
                    """UPDATE photos SET ends = ?, width = ?, height = ?, taken = ?, latitude = ?,
                        longitude = ?
                       WHERE id = ? AND size = ? AND modified_ns = ? AND state NOT IN (?, ?)""",
                    (
                        photo.ends,
                        details.width,
                        details.height,
                        details.taken,
                        *_whole(details),
                        photo.photo_id,
                        photo.size,
                        photo.modified_ns,
                        GONE,
                        UNREADABLE,
                    ),
                )
                if updated.rowcount:
                    # Only now: of a photo that was forgotten not even the camera is to be known.
                    db.execute(
                        "UPDATE photos SET camera_id = ? WHERE id = ?",
                        (_camera(db, details.camera), photo.photo_id),
                    )
                    db.execute(
                        "INSERT OR REPLACE INTO codes VALUES (?, ?, ?)",
                        (model_id, photo.photo_id, photo.code),
                    )
                    kept.append(photo.photo_id)
            # Only where the file is still there: a photo of a pulled drive is offline, not unreadable.
            db.executemany(
                f"""UPDATE photos SET state = {UNREADABLE}, reason = ?
                    WHERE id = ? AND size = ? AND modified_ns = ? AND state = {PRESENT}""",
                [(photo.reason, photo.photo_id, photo.size, photo.modified_ns) for photo in unreadable],
            )
            searchable_changed(db, kept + [photo.photo_id for photo in unreadable])
        return kept

    def all(self, identity: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """A model's codes of all photos that may answer, offline ones too.

        Whoever wants to know which `generation` they are of asks for it before: if something changed in
        between, the codes are then taken for older than they are, and never for newer.

        Returns:
            Ids, ascending, shape (N,), and their codes, shape (N, M); M is 0 if there are none.
        """
        with self._database.reading() as db:
            model = db.execute("SELECT id, bytes FROM models WHERE identity = ?", (identity,)).fetchone()
            if model is None:
                return np.zeros(0, np.int64), np.zeros((0, 0), np.uint8)
            hidden = integers(db.execute(_HIDDEN))
            cursor = db.execute(
                "SELECT photo_id, code FROM codes WHERE model_id = ? ORDER BY photo_id", (model[0],)
            )
            parts, packed = [np.zeros(0, np.int64)], bytearray()
            while fetched := cursor.fetchmany(ROWS):
                parts.append(np.fromiter((id for id, _ in fetched), np.int64, len(fetched)))
                packed += b"".join([code for _, code in fetched])
        ids, rows = np.concatenate(parts), np.frombuffer(packed, np.uint8).reshape(-1, model[1])
        if not len(hidden):
            return ids, rows
        shown = np.isin(ids, hidden, invert=True)
        return ids[shown], rows[shown]

    def changes(self, identity: str, since: int) -> CodeChanges | None:
        """What became of a model's codes after a generation; None if only reading all of them tells."""
        with self._database.reading() as db:
            generation = self.generation()
            changes = [
                photos
                for (photos,) in db.execute("SELECT photos FROM changes WHERE generation > ?", (since,))
            ]
            if len(changes) != generation - since or None in changes:
                return None
            old = np.unique(np.frombuffer(b"".join(changes), "<i8")).astype(np.int64)
            rows = db.execute(
                f"""SELECT photo_id, code FROM codes WHERE photo_id IN (SELECT value FROM json_each(?))
                    AND photo_id NOT IN ({_HIDDEN})
                    AND model_id = (SELECT id FROM models WHERE identity = ?) ORDER BY photo_id""",
                (json_list(old), identity),
            ).fetchall()
        packed = np.frombuffer(b"".join(code for _, code in rows), np.uint8)
        ids = np.array([id for id, _ in rows], np.int64)
        return CodeChanges(generation, old, ids, packed.reshape(len(rows), -1 if rows else 0))

    def of(self, identity: str, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """A model's codes of some photos, in the order of `ids`, shape (n, M); some may have none."""
        with self._database.reading() as db:
            found = dict(
                db.execute(
                    """SELECT photo_id, code FROM codes WHERE photo_id IN (SELECT value FROM json_each(?))
                        AND model_id = (SELECT id FROM models WHERE identity = ?)""",
                    (json_list(ids), identity),
                ).fetchall()
            )
        rows = [found[int(id)] for id in ids if int(id) in found]
        return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1 if rows else 0)

    def models(self) -> list[CodeSpec]:
        """The models of which there are codes."""
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT identity, method, kind, bytes, dimension FROM models
                   WHERE EXISTS (SELECT 1 FROM codes WHERE model_id = models.id) ORDER BY id"""
            ).fetchall()
        return [CodeSpec(*row) for row in rows]

    def generation(self) -> int:
        """A number that rises by one with every change of what is searchable.

        It begins where no other catalogue's does: a code file left by one that was deleted never fits.
        """
        with self._database.reading() as db:
            generation: int = db.execute("SELECT generation FROM library").fetchone()[0]
        return generation


def searchable_changed(db: sqlite3.Connection, ids: Iterable[int] | NDArray[np.int64]) -> None:
    """Count the generation up, and write down which photos a snapshot of the codes has to read again."""
    changed = np.unique(np.fromiter(ids, "<i8"))
    (generation,) = db.execute(
        "UPDATE library SET generation = generation + 1 RETURNING generation"
    ).fetchone()
    db.execute("INSERT INTO changes VALUES (?, ?)", (generation, changed.tobytes()))
    db.execute("DELETE FROM changes WHERE generation <= ?", (generation - REMEMBERED,))
    if len(changed) > LISTED:
        db.execute(
            """DELETE FROM changes WHERE generation IN (SELECT generation FROM
                (SELECT generation, sum(length(photos)) OVER (ORDER BY generation DESC) AS bytes FROM changes)
                WHERE bytes > ?)""",
            (MOST * changed.itemsize,),
        )


def _whole(details: Details) -> tuple[int, int] | tuple[None, None]:
    """Where a photo was taken, as it is kept."""
    if details.latitude is None or details.longitude is None:
        return None, None
    return round(details.latitude * DEGREE), round(details.longitude * DEGREE)


def _camera(db: sqlite3.Connection, name: str) -> int | None:
    if not name:
        return None
    db.execute("INSERT INTO cameras (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    id: int = db.execute("SELECT id FROM cameras WHERE name = ?", (name,)).fetchone()[0]
    return id


def _model(db: sqlite3.Connection, spec: CodeSpec) -> int:
    db.execute(
        """INSERT INTO models (identity, method, kind, bytes, dimension) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        (spec.identity, spec.method, spec.kind, spec.bytes, spec.dimension),
    )
    id: int = db.execute("SELECT id FROM models WHERE identity = ?", (spec.identity,)).fetchone()[0]
    return id
