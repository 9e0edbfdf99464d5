"""The catalogue: which photos there are, what is known of each, and its codes."""

from __future__ import annotations

import json
import logging
import math
import os
import sqlite3
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import filelock
import numpy as np
from numpy.typing import NDArray

from photosearch.errors import (
    FolderUnavailable,
    GivenUp,
    LibraryBusy,
    LibraryDamaged,
    LibraryUnusable,
    PhotoSearchError,
)
from photosearch.files import is_text
from photosearch.records import (
    LARGE_PIXELS,
    SMALL_PIXELS,
    Circle,
    CodeSpec,
    Details,
    Failure,
    Filters,
    FoundFile,
    KnownPhoto,
    Photo,
    Root,
    Trait,
)
from photosearch.store.schema import (
    GONE,
    MIGRATIONS,
    OFFLINE,
    PRESENT,
    STATES,
    UNREADABLE,
    Migrations,
    connect,
    data_version,
    in_words,
)

ROWS = 10_000
"""Rows taken from SQLite at a time, so that a million never exist as Python objects at once."""

REMEMBERED = 500
"""The catalogue tells of so many last generations which photos they changed: half a minute of indexing."""

LISTED = 4_000
"""Photos of one change. Where there were more, the oldest changes are forgotten until MOST are left."""

MOST = 250_000
"""Photos that are then listed, two megabytes; others are found by reading all codes, a second a million."""

DEGREE = 10**7
"""Latitudes and longitudes are kept as whole numbers, so many to a degree."""

EARTH_KILOMETRES = 6371.0088
"""The mean radius; a distance on this sphere is within 0.6 % of that on the flattened earth."""

CLOSE_SECONDS = 5.0
"""So long a thread may take to give up what it reads or writes when the catalogue is closed."""

TOLD = 10
"""So many damages of a file are told; there may be thousands, and to a person each says the same."""

logger = logging.getLogger(__name__)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the one that updates the library of a catalogue, among all threads and processes, in the block.

    Raises:
        LibraryBusy: Another is updating it.
        LibraryUnusable: The lock cannot be written.
    """
    # The operating system holds this lock: it vanishes with the process, however that ends. Not bound to
    # this thread: an update is a generator, which another thread may close.
    lock = filelock.FileLock(f"{path}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise LibraryBusy(f"Another PhotoSearch is updating the library in {path.parent}.") from None
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos are in which state, gone ones not counted.

    photos = encoded + waiting + offline + unreadable. Unreadable are all that `Catalogue.failures` lists:
    what never became a photo (a link to itself, a name that is no text) is not silently absent either. But
    a known photo whose file may not be read for now counts as what it is.
    """

    photos: int
    encoded: int
    waiting: int
    offline: int
    unreadable: int


class Catalogue:
    """A library's catalogue, for any number of threads and processes.

    Each method sees one state of the catalogue and leaves another as a whole; `transaction` makes one of
    several. Ids of photos that are no more are passed over everywhere: another process may have removed their
    folder.

    Every method may raise LibraryUnusable (damaged, disk full, not writable), LibraryBusy (another process
    did not end its transaction in half a minute) and, once another thread has closed it, GivenUp.
    """

    def __init__(self, path: Path, migrations: Migrations = MIGRATIONS) -> None:
        """Open a catalogue, or begin one.

        Attributes:
            kept: Where it lies as it was before, if it was brought to a newer version now.

        Raises:
            LibraryUnusable: It is damaged, no catalogue, newer than this program, on a network drive, or may
                not be written.
        """
        self._path, self._migrations = path, migrations
        self.kept: Path | None = None
        self._closed = False
        self._thread = threading.local()
        self._sessions: weakref.WeakSet[_Session] = weakref.WeakSet()
        self._session()

    def close(self) -> None:
        """Close it for all threads. What one of them still reads is given up, what it writes rolled back.

        A connection that is closed while SQLite computes in another thread would end the whole process.
        """
        self._closed = True
        deadline = time.monotonic() + CLOSE_SECONDS
        for session in list(self._sessions):
            while not (free := session.used.acquire(timeout=0.02)) and time.monotonic() < deadline:
                session.connection.interrupt()
            # Of a disk that does not answer, it ends with the process.
            if free:
                session.connection.close()
                session.used.release()

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one that updates this library, among all threads and processes, until the end of the block.

        Small edits (add or remove a root, retry failures) need not wait for an update: they are transactions
        only.

        If the one before did not come to its end (a kill, a power failure), the catalogue is looked through
        first.

        Raises:
            LibraryBusy: Another is updating it.
            LibraryDamaged: The one before left it damaged.
            LibraryUnusable: The lock cannot be written, or the catalogue was removed in the block.
        """
        with locked(self._path):
            unfinished = self._path.with_name(self._path.name + ".unfinished")
            if unfinished.exists():
                logger.warning("the last update of %s was cut off: looking through it", self._path)
                self._look_through()
            try:
                with open(unfinished, "wb") as file:
                    os.fsync(file.fileno())
            except OSError as error:
                raise _unwritable(self._path, error) from error
            try:
                yield
            finally:
                with suppress(OSError):
                    unfinished.unlink()
            if not self._path.exists():
                # It was removed meanwhile: SQLite goes on writing to a file that has no name any more.
                raise LibraryUnusable(f"The catalogue {self._path} cannot be opened, or not be written.")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All changes in the block happen together or not at all; inside another one, as part of that.

        The connection is for this room's files only.
        """
        with self._changes() as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads in the block see one state of the catalogue.

        The connection is for this room's files only.
        """
        with self._view() as db:
            yield db

    # Roots

    def roots(self) -> list[Root]:
        """The folders the library watches, in the order of their paths.

        Counting a million photos takes a while, so it is done only if something was written since.
        """
        session = self._session()
        with self._used() as db:
            # What an open transaction wrote may yet be undone.
            settled = not db.in_transaction
        with self._view() as db:
            written = data_version(db), db.total_changes
            if settled and session.roots and session.roots[0] == written:
                return list(session.roots[1])
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
            session.roots = written, roots
        return list(roots)

    def add_root(self, path: Path, volume: str) -> Root:
        """Watch a folder; one that is watched already stays as it is.

        Raises:
            FolderUnavailable: Its name cannot be written as text.
        """
        text = _text(path)
        with self._changes() as db:
            db.execute(
                "INSERT INTO roots (path, volume) VALUES (?, ?) ON CONFLICT DO NOTHING", (text, volume)
            )
            return next(root for root in self.roots() if str(root.path) == text)

    def set_root(
        self,
        root_id: int,
        state: Literal["watched", "polled", "offline"] | None = None,
        volume: str | None = None,
    ) -> None:
        """Say how a root is watched, or which volume it lies on."""
        with self._changes() as db:
            db.execute(
                "UPDATE roots SET state = coalesce(?, state), volume = coalesce(?, volume) WHERE id = ?",
                (state, volume, root_id),
            )

    def relocate_root(self, root_id: int, path: Path) -> None:
        """A root was renamed or mounted elsewhere; everything in it is where it was.

        Raises:
            FolderUnavailable: Its name cannot be written as text, or it is another root.
        """
        with self._changes() as db:
            try:
                db.execute("UPDATE roots SET path = ? WHERE id = ?", (_text(path), root_id))
            except sqlite3.IntegrityError:
                raise FolderUnavailable(f"The folder {path} is watched already.") from None

    def remove_root(self, root_id: int) -> list[int]:
        """Forget a root and all that is known of its photos; their ids."""
        with self._changes() as db:
            changed = self.forget_below(root_id, "")
            db.execute("DELETE FROM roots WHERE id = ?", (root_id,))
        return changed

    def forget_below(self, root_id: int, below: str) -> list[int]:
        """Forget a folder of a root, those in it, and all that is known of their photos; their ids."""
        with self._changes() as db:
            place = {"root": root_id, "below": below}
            inside = f"folder_id IN (SELECT id FROM folders WHERE root_id = :root AND {_in(below)})"
            changed = _integers(db.execute(f"SELECT id FROM photos WHERE {inside}", place))
            db.execute(f"DELETE FROM photos WHERE {inside}", place)
            db.execute(f"DELETE FROM folders WHERE root_id = :root AND {_in(below)}", place)
            db.execute(f"DELETE FROM problems WHERE root_id = :root AND {_in(below)}", place)
            _searchable_changed(db, changed)
        return [int(id) for id in changed]

    # What is known of the files

    def known_folders(self, root_id: int, below: str = "") -> list[str]:
        """Folders of a root in which photos are known, gone ones too: `below` and those in it, in order."""
        with self._view() as db:
            rows = db.execute(
                f"""SELECT path FROM folders WHERE root_id = :root AND {_in(below)}
                    AND EXISTS (SELECT 1 FROM photos WHERE folder_id = folders.id) ORDER BY path""",
                {"root": root_id, "below": below},
            ).fetchall()
        return [path for (path,) in rows]

    def known_in(self, root_id: int, folder: str) -> dict[str, KnownPhoto]:
        """The photos known in one folder by file name, in whatever state."""
        with self._view() as db:
            rows = db.execute(
                f"{_KNOWN} WHERE root_id = ? AND folders.path = ?", (root_id, folder)
            ).fetchall()
        return {photo.name: photo for photo in map(_known, rows)}

    def missing_with_sizes(self, sizes: Iterable[int]) -> list[KnownPhoto]:
        """Offline and gone photos of any root that have one of these sizes: a new file may be one of them."""
        with self._view() as db:
            rows = db.execute(
                f"""{_KNOWN} WHERE photos.state <> 0 AND photos.state IN ({OFFLINE}, {GONE})
                    AND size IN (SELECT value FROM json_each(?)) ORDER BY photos.id""",
                (_json(sizes),),
            ).fetchall()
        return list(map(_known, rows))

    def known(self, ids: Sequence[int]) -> list[KnownPhoto]:
        """The photos with these ids, in whatever state, in the order of their ids."""
        with self._view() as db:
            rows = db.execute(
                f"{_KNOWN} WHERE photos.id IN (SELECT value FROM json_each(?)) ORDER BY photos.id",
                (_json(ids),),
            ).fetchall()
        return list(map(_known, rows))

    def same_size(self, ids: Iterable[int]) -> list[KnownPhoto]:
        """Photos that are as large as one of these, they too, gone ones left out: they may be copies.

        Looks through all photos, a fifth of a second among a million.
        """
        with self._view() as db:
            rows = db.execute(
                f"""{_KNOWN} WHERE photos.state <> {GONE} AND size IN (SELECT size FROM photos
                    WHERE photos.id IN (SELECT value FROM json_each(?))) ORDER BY photos.id""",
                (_json(ids),),
            ).fetchall()
        return list(map(_known, rows))

    def add_photos(self, root_id: int, folder: str, files: Iterable[FoundFile]) -> list[KnownPhoto]:
        """Take up files nobody knew; they wait for codes. Not if their root was removed meanwhile."""
        with self._changes() as db:
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

    def change_photos(self, changed: Iterable[tuple[int, FoundFile]]) -> None:
        """Files have other contents now: forget what was made of the old ones; they wait for codes."""
        changed = list(changed)
        with self._changes() as db:
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
                (_json(photo_id for photo_id, _ in changed),),
            )
            _searchable_changed(db, (photo_id for photo_id, _ in changed))

    def move_photos(self, moves: Iterable[tuple[int, int, str, str, int]]) -> None:
        """Files lie elsewhere or have other names now, and keep all that is known of them.

        What was known of a file that lay at the new place goes, unless it moves too: photos may swap names.

        Args:
            moves: Photo id, and the new root id, folder, name and time of change in nanoseconds.
        """
        moves = list(moves)
        replaced: list[int] = []
        with self._changes() as db:
            # No file's name holds a “/”, so these names are free, and every target is then held by a stranger
            # only.
            db.executemany("UPDATE photos SET name = '/' || id WHERE id = ?", [(move[0],) for move in moves])
            for photo_id, root_id, folder, name, modified_ns in moves:
                folder_id = _folder(db, root_id, folder)
                if folder_id is None:
                    db.execute("DELETE FROM photos WHERE id = ?", (photo_id,))
                    continue
                replaced += _integers(
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
            _searchable_changed(db, replaced + [move[0] for move in moves])

    def mark_missing(self, ids: Iterable[int], state: Literal["offline", "gone"], now: int) -> None:
        """Files are not there: `offline`, or deleted by the person.

        Args:
            now: Seconds since 1970; a photo that was in this state already keeps the time it came into it.
        """
        ids = list(ids)
        with self._changes() as db:
            db.execute(
                """UPDATE photos SET state = :state, missing_since = :now, reason = NULL
                   WHERE id IN (SELECT value FROM json_each(:ids)) AND state <> :state""",
                {"state": STATES.index(state), "now": now, "ids": _json(ids)},
            )
            _searchable_changed(db, ids)

    def believe_missing(self, ids: Iterable[int], before: int, now: int) -> int:
        """Take those of some offline photos that have been so since before a time for deleted.

        Args:
            before, now: Seconds since 1970.

        Returns:
            How many there were.
        """
        ids = list(ids)
        with self._changes() as db:
            believed = db.execute(
                f"""UPDATE photos SET state = {GONE}, missing_since = :now
                    WHERE id IN (SELECT value FROM json_each(:ids)) AND state = {OFFLINE}
                        AND missing_since < :before""",
                {"ids": _json(ids), "before": before, "now": now},
            ).rowcount
            _searchable_changed(db, ids)
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
        with self._changes() as db:
            rows = db.execute(
                f"""SELECT id FROM photos WHERE state <> 0 AND state = {OFFLINE}
                    AND folder_id IN (SELECT value FROM json_each(?))""",
                (_json(_folders_under(db, under)),),
            ).fetchall()
            ids = [id for (id,) in rows]
            self.mark_missing(ids, "gone", now)
        return len(ids)

    def mark_present(self, ids: Iterable[int]) -> None:
        """Files are there again, as they were."""
        ids = list(ids)
        with self._changes() as db:
            db.execute(
                f"""UPDATE photos SET state = {PRESENT}, missing_since = NULL
                    WHERE id IN (SELECT value FROM json_each(?)) AND state IN ({OFFLINE}, {GONE})""",
                (_json(ids),),
            )
            _searchable_changed(db, ids)

    def purge_gone(self, before: int) -> int:
        """Forget photos that were deleted before a time in seconds since 1970; how many there were."""
        with self._changes() as db:
            purged = db.execute(
                f"DELETE FROM photos WHERE state <> 0 AND state = {GONE} AND missing_since < ?", (before,)
            ).rowcount
            if purged:
                _drop_empty_folders(db)
        return purged

    # Codes

    def waiting(self, identity: str) -> list[int]:
        """Photos that have no code of a model and can be read now: ids, newest file first."""
        with self._view() as db:
            return [
                id
                for (id,) in db.execute(
                    f"""SELECT id FROM photos WHERE state = {PRESENT}
                        AND folder_id NOT IN {_UNPLUGGED}
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
        with self._changes() as db:
            model_id = _model(db, spec)
            for photo in encoded:
                if len(photo.code) != spec.bytes:
                    raise ValueError(f"a code of this model has {spec.bytes} bytes, not {len(photo.code)}")
                details = photo.details
                updated = db.execute(
                    """UPDATE photos SET ends = ?, width = ?, height = ?, taken = ?, camera_id = ?,
                        latitude = ?, longitude = ?
                       WHERE id = ? AND size = ? AND modified_ns = ? AND state NOT IN (?, ?)""",
                    (
                        photo.ends,
                        details.width,
                        details.height,
                        details.taken,
                        _camera(db, details.camera),
                        *_whole(details),
                        photo.photo_id,
                        photo.size,
                        photo.modified_ns,
                        GONE,
                        UNREADABLE,
                    ),
                )
                if updated.rowcount:
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
            _searchable_changed(db, kept + [photo.photo_id for photo in unreadable])
        return kept

    def codes(self, identity: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """A model's codes of all photos that may answer, offline ones too.

        Whoever wants to know which `generation` they are of asks for it before: if something changed in
        between, the codes are then taken for older than they are, and never for newer.

        Returns:
            Ids, ascending, shape (N,), and their codes, shape (N, M); M is 0 if there are none.
        """
        with self._view() as db:
            model = db.execute("SELECT id, bytes FROM models WHERE identity = ?", (identity,)).fetchone()
            if model is None:
                return np.zeros(0, np.int64), np.zeros((0, 0), np.uint8)
            hidden = _integers(db.execute(_HIDDEN))
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

    def code_changes(self, identity: str, since: int) -> CodeChanges | None:
        """What became of a model's codes after a generation; None if only reading all of them tells."""
        with self._view() as db:
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
                (_json(old), identity),
            ).fetchall()
        packed = np.frombuffer(b"".join(code for _, code in rows), np.uint8)
        ids = np.array([id for id, _ in rows], np.int64)
        return CodeChanges(generation, old, ids, packed.reshape(len(rows), -1 if rows else 0))

    def codes_of(self, identity: str, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """A model's codes of some photos, in the order of `ids`, shape (n, M); some may have none."""
        with self._view() as db:
            found = dict(
                db.execute(
                    """SELECT photo_id, code FROM codes WHERE photo_id IN (SELECT value FROM json_each(?))
                        AND model_id = (SELECT id FROM models WHERE identity = ?)""",
                    (_json(ids), identity),
                ).fetchall()
            )
        rows = [found[int(id)] for id in ids if int(id) in found]
        return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1 if rows else 0)

    def models(self) -> list[CodeSpec]:
        """The models of which there are codes."""
        with self._view() as db:
            rows = db.execute(
                """SELECT identity, method, kind, bytes, dimension FROM models
                   WHERE EXISTS (SELECT 1 FROM codes WHERE model_id = models.id) ORDER BY id"""
            ).fetchall()
        return [CodeSpec(*row) for row in rows]

    def generation(self) -> int:
        """A number that rises by one with every change of what is searchable.

        It begins where no other catalogue's does: a code file left by one that was deleted never fits.
        """
        with self._view() as db:
            generation: int = db.execute("SELECT generation FROM library").fetchone()[0]
        return generation

    def changed_elsewhere(self) -> bool:
        """Whether another thread or process changed anything since this thread asked last; true at first."""
        session = self._session()
        with self._used() as db:
            version = data_version(db)
        changed, session.version = version != session.version, version
        return changed

    # What could not be read

    def set_problems(
        self, root_id: int, below: str, problems: Iterable[tuple[str, str]], recursive: bool = True
    ) -> None:
        """Replace what a scan of a folder and those in it said of files that are no photos.

        Args:
            problems: Paths relative to the root, each with the reason as one sentence.
            recursive: False if the scan looked at the folder alone: what is known of those in it stays.
        """
        alone = "" if recursive else "AND (path = :below OR instr(substr(path, :start), '/') = 0)"
        with self._changes() as db:
            db.execute(
                f"DELETE FROM problems WHERE root_id = :root AND {_in(below)} {alone}",
                {"root": root_id, "below": below, "start": len(below) + 2 if below else 1},
            )
            db.executemany(
                "INSERT OR REPLACE INTO problems SELECT id, ?, ? FROM roots WHERE id = ?",
                [(path, reason, root_id) for path, reason in problems],
            )

    def failures(self) -> list[Failure]:
        """Unreadable photos and what a scan could not take for photos, in the order of their paths."""
        with self._view() as db:
            rows = db.execute(
                f"""SELECT roots.path, iif(folders.path = '', '', folders.path || '/') || name, reason
                        FROM photos JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
                    WHERE photos.state <> 0 AND photos.state = {UNREADABLE}
                    UNION ALL SELECT roots.path, problems.path, reason FROM problems
                        JOIN roots ON roots.id = root_id
                    ORDER BY 1, 2"""
            ).fetchall()
        # Of one that is both, what was seen last comes last.
        reasons = {Path(root, path): reason for root, path, reason in rows}
        return [Failure(path, reason) for path, reason in reasons.items()]

    def retry_failures(self) -> int:
        """Let unreadable photos wait again; how many failures there are, all looked at by the next update."""
        with self._changes() as db:
            waiting = _integers(
                db.execute(
                    f"""UPDATE photos SET state = {PRESENT}, reason = NULL
                        WHERE state <> 0 AND state = {UNREADABLE} RETURNING id"""
                )
            )
            problems: int = db.execute("SELECT count(*) FROM problems").fetchone()[0]
            # An unreadable photo may still have the code of another model.
            _searchable_changed(db, waiting)
        return len(waiting) + problems

    # Asking

    def find(self, path: Path) -> Photo | None:
        """The photo of the library that lies at an absolute path, gone ones left out."""
        if not is_text(path):
            # The library takes none up.
            return None
        with self._view() as db:
            for root_path in _around(db, path):
                folder, _, name = _relative(path, root_path).rpartition("/")
                row = db.execute(
                    f"""{_PHOTO} WHERE roots.path = ? AND folders.path = ? AND photos.name = ?
                        AND photos.state <> {GONE}""",
                    (root_path, folder, name),
                ).fetchone()
                if row is not None:
                    return _photo(row)
        return None

    def find_gone(self, path: Path) -> int | None:
        """The id of the photo that lay at an absolute path until it was deleted."""
        with self._view() as db:
            for root_path in _around(db, path):
                folder, _, name = _relative(path, root_path).rpartition("/")
                row = db.execute(
                    f"""SELECT photos.id FROM photos JOIN folders ON folders.id = folder_id
                        JOIN roots ON roots.id = root_id WHERE roots.path = ? AND folders.path = ?
                        AND photos.name = ? AND photos.state <> 0 AND photos.state = {GONE}""",
                    (root_path, folder, name),
                ).fetchone()
                if row is not None:
                    return int(row[0])
        return None

    def photos(self, ids: Sequence[int] | NDArray[np.int64]) -> list[Photo]:
        """The photos with these ids, in this order; those that are gone are left out."""
        with self._view() as db:
            rows = db.execute(
                f"""{_PHOTO} WHERE photos.id IN (SELECT value FROM json_each(?))
                    AND photos.state <> {GONE}""",
                (_json(ids),),
            ).fetchall()
        found = {row[0]: _photo(row) for row in rows}
        return [found[int(id)] for id in ids if int(id) in found]

    def families(self, endings: Sequence[str]) -> list[int]:
        """Photos of certain kinds of files, and those beside them under the same name, gone ones left out.

        Args:
            endings: Of the kinds, in small letters, each of four characters.
        """
        with self._view() as db:
            # “/” follows “.”.
            rows = db.execute(
                f"""WITH raw AS MATERIALIZED (
                        SELECT folder_id AS folder, substr(name, 1, length(name) - 4) AS stem FROM photos
                        WHERE lower(substr(name, -4)) IN (SELECT value FROM json_each(?))
                            AND state IN ({PRESENT}, {OFFLINE}))
                    SELECT DISTINCT photos.id FROM raw CROSS JOIN photos ON folder_id = folder
                        AND name >= stem || '.' AND name < stem || '/'
                    WHERE state IN ({PRESENT}, {OFFLINE}) ORDER BY photos.id""",
                (json.dumps(list(endings)),),
            ).fetchall()
        return [id for (id,) in rows]

    def ids(self) -> NDArray[np.int64]:
        """Ids of all photos, in whatever state, ascending."""
        with self._view() as db:
            return _integers(db.execute("SELECT id FROM photos ORDER BY id"))

    def ids_matching(self, filters: Filters) -> NDArray[np.int64]:
        """Ids of the photos that pass the filters, ascending; `kind` is not the catalogue's to judge.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        with self._view() as db:
            return np.sort(_matching(db, filters, "id")[0])

    def listing(self, filters: Filters, count: int | None = None) -> NDArray[np.int64]:
        """Ids of the photos that pass the filters, newest first.

        Args:
            count: At most so many; a few of a million are found in a fifth of the time.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        # Of what lies near a place, more is looked at than passes.
        few = (
            ""
            if count is None or filters.near is not None
            else f"ORDER BY {_DATED} DESC, id DESC LIMIT {count}"
        )
        with self._view() as db:
            ids, dates = _matching(db, filters, "id", _DATED, order=few)
        return ids[np.lexsort((ids, dates))[::-1]][:count]

    def timeline(self, filters: Filters) -> tuple[NDArray[np.int64], dict[str, int]]:
        """The listing, and how many of its photos were taken in which month, newest first: “2019-05”.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        with self._view() as db:
            ids, dates = _matching(db, filters, "id", _DATED)
        order = np.lexsort((ids, dates))[::-1]
        return ids[order], _months(dates[order])

    def counts_by(self, trait: Trait, filters: Filters) -> dict[str, int]:
        """How many of the photos that pass the filters have which trait: newest month first, else most first.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        if trait == "month":
            return self.timeline(filters)[1]
        with self._view() as db:
            conditions, values = _conditions(db, filters)
            if filters.near is not None:
                conditions.append("photos.id IN (SELECT value FROM json_each(:near))")
                values["near"] = _json(_matching(db, filters, "id")[0])
            rows = db.execute(
                f"SELECT {_TRAITS[trait]}, count(*) FROM photos WHERE {' AND '.join(conditions)} GROUP BY 1",
                values,
            ).fetchall()
        found = [(value, count) for value, count in rows if value is not None]
        return dict(sorted(found, key=lambda row: -row[1]))

    def counts(self, identity: str) -> Counts:
        """How many photos are in which state; `encoded` are those with a code of this model.

        An unreadable photo counts as that wherever it lies; all else in an offline root counts as offline.
        """
        with self._view() as db:
            (photos,) = db.execute("SELECT count(*) FROM photos").fetchone()
            states = dict(
                db.execute("SELECT state, count(*) FROM photos WHERE state <> 0 GROUP BY 1").fetchall()
            )
            (unplugged,) = db.execute(
                f"""SELECT (SELECT count(*) FROM photos WHERE folder_id IN {_UNPLUGGED})
                    - (SELECT count(*) FROM photos WHERE state <> 0 AND folder_id IN {_UNPLUGGED})"""
            ).fetchone()
            # Those that do not count are taken off, as they are few: to look at each photo takes ten times as
            # long.
            (encoded,) = db.execute(
                f"""WITH model AS (SELECT id FROM models WHERE identity = ?)
                    SELECT (SELECT count(*) FROM codes WHERE model_id = (SELECT id FROM model))
                    - (SELECT count(*) FROM photos CROSS JOIN codes ON photo_id = photos.id
                        WHERE state <> 0 AND model_id = (SELECT id FROM model))
                    - (SELECT count(*) FROM photos CROSS JOIN codes ON photo_id = photos.id
                        WHERE state = {PRESENT} AND folder_id IN {_UNPLUGGED}
                            AND model_id = (SELECT id FROM model))""",
                (identity,),
            ).fetchone()
            problems = _problems_of_no_photo(db)
        photos -= states.get(GONE, 0)
        offline = states.get(OFFLINE, 0) + unplugged
        unreadable = states.get(UNREADABLE, 0)
        waiting = photos - encoded - offline - unreadable
        return Counts(photos + problems, encoded, waiting, offline, unreadable + problems)

    def compact(self) -> None:
        """Pack the file if it has grown by a fifth since that was done last, or a fifth of it is free.

        If there is no room to do it, it is left for another time.

        Photos are taken up in the order of their names and encoded newest first, which leaves SQLite's pages
        half empty. Takes about a second a million photos, in which others read but cannot write.
        """
        try:
            with self._used() as db:
                size, free, packed = (
                    db.execute(query).fetchone()[0]
                    for query in (
                        "PRAGMA page_count",
                        "PRAGMA freelist_count",
                        "SELECT compact_pages FROM library",
                    )
                )
                if size <= 1.2 * packed and free <= 0.2 * size:
                    return
                db.execute("VACUUM")
                (size,) = db.execute("PRAGMA page_count").fetchone()
                db.execute("UPDATE library SET compact_pages = ?", (size,))
        except PhotoSearchError as error:
            logger.info("not packed: %s", error)

    def erase(self) -> None:
        """Leave nothing of what was deleted: SQLite only marks its room as free, here and in the log.

        If there is no room to do it, or somebody is at it all the time, that stays as it is.
        """
        try:
            with self._used() as db:
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except PhotoSearchError as error:
            logger.warning("what was forgotten could not be erased: %s", error)

    def check(self) -> list[str]:
        """Read everything back; what is wrong, as sentences, nothing if the catalogue is sound."""
        try:
            with self._view() as db:
                problems = [
                    f"The catalogue {self._path} is damaged: {' '.join(message.split())}."
                    for (message,) in db.execute(f"PRAGMA integrity_check({TOLD})")
                    if message != "ok"
                ]
                dangling = Counter(
                    (child, parent) for child, _, parent, _ in db.execute("PRAGMA foreign_key_check")
                )
                problems += [
                    f"In {self._path}, {count} of “{child}” belong to “{parent}” that are not there."
                    for (child, parent), count in dangling.items()
                ]
                problems += [
                    f"In {self._path}, {count} codes of model {identity} are not {length} bytes long."
                    for identity, length, count in db.execute(
                        """SELECT identity, bytes, count(*) FROM codes JOIN models ON models.id = model_id
                           WHERE length(code) <> bytes GROUP BY models.id"""
                    )
                ]
                (libraries,) = db.execute("SELECT count(*) FROM library").fetchone()
                if libraries != 1:
                    problems.append(f"The catalogue {self._path} does not know its generation.")
        except LibraryDamaged as error:
            # Damage that SQLite's own check cannot get past.
            return [str(error)]
        return problems

    def _look_through(self) -> None:
        """A check that takes a second a million photos; of those that `check` makes the most important."""
        with self._view() as db:
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise LibraryDamaged(
                f"The last update of the library in {self._path.parent} was cut off, and its catalogue is"
                " damaged: “photosearch verify --repair” saves what can be saved."
            )

    # Inside

    def _session(self) -> _Session:
        session: _Session | None = getattr(self._thread, "session", None)
        if session is None:
            if self._closed:
                raise GivenUp("The library was closed.")
            connection, kept = connect(self._path, self._migrations)
            self.kept = self.kept or kept
            session = self._thread.session = _Session(connection)
            self._sessions.add(session)
        return session

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which is not closed meanwhile."""
        session = self._session()
        with session.used, in_words(self._path):
            try:
                yield session.connection
            except sqlite3.Error as error:
                if self._closed:
                    raise GivenUp("The library was closed.") from error
                raise

    @contextmanager
    def _view(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the catalogue, however many statements that takes."""
        with self._within("BEGIN") as db:
            yield db

    @contextmanager
    def _changes(self) -> Iterator[sqlite3.Connection]:
        with self._within("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _within(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._used() as db:
            if db.in_transaction:
                yield db
                return
            db.execute(begin)
            # Commits, or rolls back if the block raises.
            with db:
                yield db


class _Session:
    """One thread's connection, closed when the thread ends.

    Attributes:
        used: Held while the thread uses it.
        version: SQLite's count of what others wrote, when `changed_elsewhere` was last asked.
        roots: What `roots` last answered, and the counts of what others and we had written then.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.used = threading.RLock()
        self.version = -1
        self.roots: tuple[tuple[int, int], list[Root]] | None = None

    def __del__(self) -> None:
        self.connection.close()


_UNPLUGGED = """(SELECT folders.id FROM folders JOIN roots ON roots.id = root_id
    WHERE roots.state = 'offline')"""

_HIDDEN = f"SELECT id FROM photos WHERE state <> 0 AND state IN ({GONE}, {UNREADABLE})"

_KNOWN = """SELECT photos.id, root_id, path, name, size, modified_ns, ends, photos.state
    FROM photos JOIN folders ON folders.id = folder_id"""

_PHOTO = f"""SELECT photos.id, roots.path, folders.path, photos.name, size, modified_ns, width, height, taken,
        cameras.name, latitude, longitude, photos.state = {OFFLINE} OR roots.state = 'offline'
    FROM photos JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
    LEFT JOIN cameras ON cameras.id = camera_id"""

# The date of the file is in UTC, that of the exposure in local time.
_DATED = """coalesce(taken,
    CAST(strftime('%s', modified_ns / 1000000000, 'unixepoch', 'localtime') AS INTEGER))"""

_TRAITS: dict[Trait, str] = {
    "camera": "(SELECT cameras.name FROM cameras WHERE cameras.id = camera_id)",
    "orientation": """CASE WHEN width * 100 > height * 101 THEN 'landscape'
        WHEN height * 100 > width * 101 THEN 'portrait' WHEN width > 0 THEN 'square' END""",
    "size": f"""CASE WHEN width * height >= {LARGE_PIXELS} THEN 'large'
        WHEN width * height < {SMALL_PIXELS} THEN 'small' WHEN width > 0 THEN 'medium' END""",
}
"""What SQL calls what photos are counted by; NULL where it is unknown."""


def _known(row: tuple[Any, ...]) -> KnownPhoto:
    id, root_id, folder, name, size, modified_ns, ends, state = row
    return KnownPhoto(id, root_id, folder, name, size, modified_ns, ends, STATES[state])


def _photo(row: tuple[Any, ...]) -> Photo:
    id, root, folder, name, size, modified_ns, width, height, taken, camera, *place, offline = row
    latitude, longitude = (None if None in place else whole / DEGREE for whole in place)
    details = Details(width or 0, height or 0, taken, camera or "", latitude, longitude)
    return Photo(id, Path(root, folder, name), size, modified_ns, details, bool(offline))


def _whole(details: Details) -> tuple[int, int] | tuple[None, None]:
    """Where a photo was taken, as it is kept."""
    if details.latitude is None or details.longitude is None:
        return None, None
    return round(details.latitude * DEGREE), round(details.longitude * DEGREE)


def _in(below: str) -> str:
    """A condition on `path`: the folder `:below` and all in it. “0” follows “/”."""
    if not below:
        return "TRUE"
    return "path >= :below AND path < :below || '0' AND (path = :below OR path >= :below || '/')"


def _unwritable(path: Path, error: OSError) -> LibraryUnusable:
    return LibraryUnusable(f"The library in {path.parent} may not be written: {error.strerror}.")


def _text(path: Path) -> str:
    if not is_text(path):
        shown = os.fsencode(path).decode(errors="backslashreplace")
        raise FolderUnavailable(f"The name of the folder {shown} is not valid Unicode.")
    return str(path)


def _json(ids: Iterable[int] | NDArray[np.int64]) -> str:
    return json.dumps([int(id) for id in ids])


def _integers(cursor: sqlite3.Cursor) -> NDArray[np.int64]:
    return np.fromiter((value for (value,) in cursor), np.int64)


def _searchable_changed(db: sqlite3.Connection, ids: Iterable[int] | NDArray[np.int64]) -> None:
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


def _problems_of_no_photo(db: sqlite3.Connection) -> int:
    """How many files have a problem, those of known photos not counted."""
    problems = db.execute("SELECT root_id, path FROM problems").fetchall()
    if not problems:
        return 0
    places = [(root_id, *path.rpartition("/")[::2]) for root_id, path in problems]
    (known,) = db.execute(
        f"""SELECT count(*) FROM json_each(?) AS place
            JOIN folders ON root_id = json_extract(place.value, '$[0]')
                AND folders.path = json_extract(place.value, '$[1]')
            JOIN photos ON folder_id = folders.id AND name = json_extract(place.value, '$[2]')
            WHERE state <> {GONE}""",
        (json.dumps(places),),
    ).fetchone()
    return len(problems) - int(known)


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


def _conditions(db: sqlite3.Connection, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """What SQL can tell of the filters: conditions that all have to hold, and the values in them."""
    conditions, values = [f"state IN ({PRESENT}, {OFFLINE})"], dict[str, Any]()
    if filters.under is not None:
        conditions.append("folder_id IN (SELECT value FROM json_each(:folders))")
        values["folders"] = _json(_folders_under(db, filters.under))
    if filters.since is not None:
        conditions.append(f"{_DATED} >= :since")
        values["since"] = filters.since
    if filters.until is not None:
        conditions.append(f"{_DATED} < :until")
        values["until"] = filters.until
    if filters.camera:
        text = filters.camera.casefold()
        cameras = db.execute("SELECT id, name FROM cameras")
        conditions.append("camera_id IN (SELECT value FROM json_each(:cameras))")
        values["cameras"] = _json(id for id, name in cameras if text in name.casefold())
    if filters.orientation:
        conditions.append(f"{_TRAITS['orientation']} = :orientation")
        values["orientation"] = filters.orientation
    if filters.least_pixels is not None:
        conditions.append("width * height >= :least")
        values["least"] = filters.least_pixels
    if filters.most_pixels is not None:
        conditions.append("width * height <= :most")
        values["most"] = filters.most_pixels
    return conditions, values


def _matching(
    db: sqlite3.Connection, filters: Filters, *columns: str, order: str = ""
) -> list[NDArray[np.int64]]:
    """These columns, never NULL, of the photos that pass the filters; in no order, if none is given."""
    conditions, values = _conditions(db, filters)
    if filters.near is None:
        # As text, which SQLite writes without Python: a million rows would hold up every other thread. Numpy
        # sorts and counts what is in it in a fraction of the time that SQLite takes.
        named = [f"{column} AS column_{number}" for number, column in enumerate(columns)]
        texts = db.execute(
            f"""SELECT {", ".join(f"group_concat(column_{number})" for number in range(len(columns)))}
                FROM (SELECT {", ".join(named)} FROM photos WHERE {" AND ".join(conditions)} {order})""",
            values,
        ).fetchone()
        return [np.fromstring(text or "", np.int64, sep=",") for text in texts]
    # A place this near is no farther to the north or south, which leaves few to be looked at closely.
    conditions.append("latitude BETWEEN :south AND :north AND longitude IS NOT NULL")
    reach = min(180.0, math.degrees(filters.near.kilometres / EARTH_KILOMETRES))
    values["south"] = math.floor((filters.near.latitude - reach) * DEGREE) - 1
    values["north"] = math.ceil((filters.near.latitude + reach) * DEGREE) + 1
    wanted, where = ", ".join(("latitude", "longitude", *columns)), " AND ".join(conditions)
    rows = db.execute(f"SELECT {wanted} FROM photos WHERE {where}", values)
    found = np.fromiter((value for row in rows for value in row), np.int64).reshape(-1, 2 + len(columns))
    return list(found[inside(filters.near, found[:, 0] / DEGREE, found[:, 1] / DEGREE), 2:].T)


def _months(dates: NDArray[np.int64]) -> dict[str, int]:
    """How many of these moments, sorted, are in which month of the calendar; in their order."""
    days = dates // 86400
    firsts = np.flatnonzero(np.diff(days, prepend=days[:1] - 1))
    counts = np.diff(np.append(firsts, len(days)))
    months: dict[str, int] = {}
    for month, count in zip(
        days[firsts].astype("datetime64[D]").astype("datetime64[M]"), counts, strict=True
    ):
        months[str(month)] = months.get(str(month), 0) + int(count)
    return months


def inside(
    circle: Circle, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which points, in degrees, lie in a circle: by their distance along the sphere."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    own_north, own_east = np.radians(circle.latitude), np.radians(circle.longitude)
    # The haversine formula, which is exact for points that lie close together too.
    square = (
        np.sin((north - own_north) / 2) ** 2
        + np.cos(north) * np.cos(own_north) * np.sin((east - own_east) / 2) ** 2
    )
    inside: NDArray[np.bool_] = 2 * EARTH_KILOMETRES * np.arcsin(np.sqrt(np.minimum(square, 1))) <= (
        circle.kilometres
    )
    return inside


def _folders_under(db: sqlite3.Connection, under: Path) -> list[int]:
    """Ids of the folders that are `under` or lie below it, in whatever root."""
    found: list[int] = []
    watched = False
    for root_id, root in db.execute("SELECT id, path FROM roots").fetchall():
        if under.is_relative_to(root):
            below = _relative(under, root)
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


def _relative(path: Path, root: str) -> str:
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _around(db: sqlite3.Connection, path: Path) -> list[str]:
    """Paths of the roots that a file lies in."""
    return [
        root for (root,) in db.execute("SELECT path FROM roots ORDER BY path") if path.is_relative_to(root)
    ]
