"""What lists, filters and a person ask of photos: which there are, in what order, how many of what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch.files import is_text
from photosearch.records import Details, Filters, Photo, Trait
from photosearch.store.database import Database
from photosearch.store.failures import problems_of_no_photo
from photosearch.store.filters import DATED, ORIENTATION, ORIENTATIONS, SIZE, SIZES, matching
from photosearch.store.roots import relative, roots_around
from photosearch.store.schema import DEGREE, GONE, OFFLINE, PRESENT, UNREADABLE
from photosearch.store.statements import UNPLUGGED, integers, json_list

_PHOTO = f"""SELECT photos.id, roots.path, folders.path, photos.name, size, modified_ns, width, height, taken,
        cameras.name, latitude, longitude, photos.state = {OFFLINE} OR roots.state = 'offline'
    FROM photos JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
    LEFT JOIN cameras ON cameras.id = camera_id"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos are in which state, gone ones not counted.

    photos = encoded + waiting + offline + unreadable. Unreadable are all that `Failures.all` lists:
    what never became a photo (a link to itself, a name that is no text) is not silently absent either. But
    a known photo whose file may not be read for now counts as what it is.

    Attributes:
        searchable: Photos that may answer: those encoded, and those offline of which there is a code.
    """

    photos: int
    encoded: int
    waiting: int
    offline: int
    unreadable: int
    searchable: int


class Photos:
    """The photos of a catalogue, for whoever looks at them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, path: Path) -> Photo | None:
        """The photo of the library that lies at an absolute path, gone ones left out."""
        if not is_text(path):
            # The library takes none up.
            return None
        with self._database.reading() as db:
            for root_path in roots_around(db, path):
                folder, _, name = relative(path, root_path).rpartition("/")
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
        with self._database.reading() as db:
            for root_path in roots_around(db, path):
                folder, _, name = relative(path, root_path).rpartition("/")
                row = db.execute(
                    f"""SELECT photos.id FROM photos JOIN folders ON folders.id = folder_id
                        JOIN roots ON roots.id = root_id WHERE roots.path = ? AND folders.path = ?
                        AND photos.name = ? AND photos.state <> 0 AND photos.state = {GONE}""",
                    (root_path, folder, name),
                ).fetchone()
                if row is not None:
                    return int(row[0])
        return None

    def by_id(self, ids: Sequence[int] | NDArray[np.int64]) -> list[Photo]:
        """The photos with these ids, in this order; those that are gone are left out."""
        with self._database.reading() as db:
            rows = db.execute(
                f"""{_PHOTO} WHERE photos.id IN (SELECT value FROM json_each(?))
                    AND photos.state <> {GONE}""",
                (json_list(ids),),
            ).fetchall()
        found = {row[0]: _photo(row) for row in rows}
        return [found[int(id)] for id in ids if int(id) in found]

    def families(self, endings: Sequence[str]) -> list[int]:
        """Photos of certain kinds of files, and those beside them under the same name, gone ones left out.

        Args:
            endings: Of the kinds, in small letters, each of four characters.
        """
        with self._database.reading() as db:
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
        with self._database.reading() as db:
            return integers(db.execute("SELECT id FROM photos ORDER BY id"))

    def ids_matching(self, filters: Filters) -> NDArray[np.int64]:
        """Ids of the photos that pass the filters, ascending; `kind` is not the catalogue's to judge.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        with self._database.reading() as db:
            return np.sort(matching(db, filters, "id")[0])

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
            else f"ORDER BY {DATED} DESC, id DESC LIMIT {count}"
        )
        with self._database.reading() as db:
            ids, dates = matching(db, filters, "id", DATED, order=few)
        return ids[np.lexsort((ids, dates))[::-1]][:count]

    def timeline(self, filters: Filters) -> tuple[NDArray[np.int64], dict[str, int]]:
        """The listing, and how many of its photos were taken in which month, newest first: “2019-05”.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        with self._database.reading() as db:
            ids, dates = matching(db, filters, "id", DATED)
        order = np.lexsort((ids, dates))[::-1]
        return ids[order], _months(dates[order])

    def counts_by(self, trait: Trait, filters: Filters) -> dict[str, int]:
        """How many of the photos that pass the filters have which trait: newest month first, else most first.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched, and in which none is.
        """
        with self._database.reading() as db:
            if trait == "month":
                return _months(np.sort(matching(db, filters, DATED)[0])[::-1])
            if trait == "camera":
                column, names = "camera_id", dict(db.execute("SELECT id, name FROM cameras").fetchall())
            elif trait == "orientation":
                column, names = ORIENTATION, dict(enumerate(ORIENTATIONS))
            else:
                column, names = SIZE, dict(enumerate(SIZES))
            [found] = matching(db, filters, f"coalesce({column}, -1)")
        numbers, counts = np.unique(found, return_counts=True)
        counted = zip(numbers.tolist(), counts.tolist(), strict=True)
        named = [(names[number], count) for number, count in counted if number in names]
        return dict(sorted(named, key=lambda each: (-each[1], each[0])))

    def counts(self, identity: str) -> Counts:
        """How many photos are in which state; `encoded` are those with a code of this model.

        An unreadable photo counts as that wherever it lies; all else in an offline root counts as offline.
        """
        with self._database.reading() as db:
            (photos,) = db.execute("SELECT count(*) FROM photos").fetchone()
            states = dict(
                db.execute("SELECT state, count(*) FROM photos WHERE state <> 0 GROUP BY 1").fetchall()
            )
            (unplugged,) = db.execute(
                f"""SELECT (SELECT count(*) FROM photos WHERE folder_id IN {UNPLUGGED})
                    - (SELECT count(*) FROM photos WHERE state <> 0 AND folder_id IN {UNPLUGGED})"""
            ).fetchone()
            # Those that do not count are taken off, as they are few: to look at each photo takes ten times as
            # long.
            searchable, away = db.execute(
                f"""WITH model AS (SELECT id FROM models WHERE identity = ?)
                    SELECT (SELECT count(*) FROM codes WHERE model_id = (SELECT id FROM model))
                    - (SELECT count(*) FROM photos CROSS JOIN codes ON photo_id = photos.id
                        WHERE state <> 0 AND state IN ({GONE}, {UNREADABLE})
                            AND model_id = (SELECT id FROM model)),
                    (SELECT count(*) FROM photos CROSS JOIN codes ON photo_id = photos.id
                        WHERE state <> 0 AND state = {OFFLINE} AND model_id = (SELECT id FROM model))
                    + (SELECT count(*) FROM photos CROSS JOIN codes ON photo_id = photos.id
                        WHERE state = {PRESENT} AND folder_id IN {UNPLUGGED}
                            AND model_id = (SELECT id FROM model))""",
                (identity,),
            ).fetchone()
            problems = problems_of_no_photo(db)
        photos -= states.get(GONE, 0)
        offline = states.get(OFFLINE, 0) + unplugged
        unreadable = states.get(UNREADABLE, 0)
        encoded = searchable - away
        waiting = photos - encoded - offline - unreadable
        return Counts(photos + problems, encoded, waiting, offline, unreadable + problems, searchable)


def _photo(row: tuple[Any, ...]) -> Photo:
    id, root, folder, name, size, modified_ns, width, height, taken, camera, *place, offline = row
    latitude, longitude = (None if None in place else whole / DEGREE for whole in place)
    details = Details(width or 0, height or 0, taken, camera or "", latitude, longitude)
    return Photo(id, Path(root, folder, name), size, modified_ns, details, bool(offline))


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
