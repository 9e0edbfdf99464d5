"""What photos look like, which of them were found to be of one shot, and what a person decided about them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from photosearch.records import AlikePair, Decision, DecisionKind, Removal
from photosearch.store.database import Database
from photosearch.store.forgetting import forget_removals
from photosearch.store.statements import UNPLUGGED, concatenated, json_list, numbers

PairKind = Literal["same-shot", "burst", "unseen", "apart", "first-added", "second-added"]
"""What two photos are to one another; `unseen`: a picture of one was not to be had when it was to be said;
`apart`: they are neither, although both are of one shot with a third; `first-added`, `second-added`: the same
shot, and something was added to the one, such as a border."""

PAIR_KINDS: tuple[PairKind, ...] = get_args(PairKind)
"""`pairs.kind`."""

SAME_SHOT: frozenset[PairKind] = frozenset(("same-shot", "first-added", "second-added"))
"""The kinds of pairs of which both show the same shot."""

TURNED: dict[PairKind, PairKind] = {"first-added": "second-added", "second-added": "first-added"}
"""What is said of a pair when its photos are named the other way round, if that is another thing."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What N photos look like.

    Attributes:
        ids: Ascending, shape (N,).
        looks: Shape (N, bytes).
        ends: Hashes of the ends of the files that were seen: shape (N, bytes).
        marks: By what each was compared with all others, 0 if it was not: int64, shape (N,).
    """

    ids: NDArray[np.int64]
    looks: NDArray[np.uint8]
    ends: NDArray[np.uint8]
    marks: NDArray[np.int64]


class Comparisons:
    """That part of a catalogue. Every method may raise what the catalogue's do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Looks

    def keep_looks(
        self,
        ids: Sequence[int] | NDArray[np.int64],
        looks: NDArray[np.uint8],
        seen: Mapping[int, bytes] | None = None,
    ) -> None:
        """Keep what photos look like: ids, shape (n,), and looks, shape (n, bytes).

        What else is known of a photo with the same contents holds still.

        Args:
            seen: Hashes of the ends of the files when they were seen: what changed since is left out. None:
                nothing can have.
        """
        with self._database.transaction() as db:
            if seen is not None:
                now = self.ends_of(ids)
                same = [id in now and now[id] == seen.get(id) for id in map(int, ids)]
                ids, looks = np.asarray(ids, np.int64)[same], looks[same]
            changed = db.execute(
                """SELECT photo_id, contents FROM looks JOIN photos ON id = photo_id
                   WHERE looks.ends IS NOT photos.ends AND photo_id IN (SELECT value FROM json_each(?))""",
                (json_list(ids),),
            ).fetchall()
            if changed:
                # Once for all of them: there is no index by the second photo.
                db.execute(
                    """DELETE FROM pairs WHERE first_id IN (SELECT value FROM json_each(?1))
                       OR second_id IN (SELECT value FROM json_each(?1))""",
                    (json_list(id for id, _ in changed),),
                )
                db.executemany("DELETE FROM looks WHERE photo_id = ?", [(id,) for id, _ in changed])
            _compare_copies_again(db, changed)
            db.executemany(
                """INSERT INTO looks (photo_id, ends, look)
                   SELECT id, ends, ? FROM photos WHERE id = ? AND ends IS NOT NULL
                   ON CONFLICT DO UPDATE SET look = excluded.look,
                       compared = CASE compared WHEN 1 THEN 2 ELSE compared END""",
                [(look.tobytes(), int(id)) for id, look in zip(ids, looks, strict=True)],
            )

    def looks(self) -> Looks:
        """Those of all photos that have one."""
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT photo_id, look, looks.ends, compared FROM looks JOIN photos ON id = photo_id
                   WHERE looks.ends = photos.ends AND state <> 2 ORDER BY photo_id"""
            ).fetchall()
        ids = np.array([id for id, _, _, _ in rows], np.int64)
        marks = np.array([mark for _, _, _, mark in rows], np.int64)
        return Looks(ids, _bytes([row[1] for row in rows]), _bytes([row[2] for row in rows]), marks)

    def looks_of(self, ids: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Of those of these photos that have one: ids, (n,), and looks, (n, bytes)."""
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT photo_id, look FROM looks JOIN photos ON id = photo_id
                   WHERE looks.ends = photos.ends AND photo_id IN (SELECT value FROM json_each(?))""",
                (json_list(ids),),
            ).fetchall()
        return np.array([id for id, _ in rows], np.int64), _bytes([look for _, look in rows])

    def without_look(self) -> NDArray[np.int64]:
        """Photos with a code of some model and no look yet, or one by older rules; ids ascending.

        Offline ones, and those of a drive that is not there, only where there was a look: of most that have
        none there is no thumbnail either.
        """
        with self._database.reading() as db:
            (text,) = db.execute(
                concatenated(
                    f"""SELECT id FROM photos LEFT JOIN looks ON photo_id = id WHERE photos.ends IS NOT NULL
                       AND (state IN (0, 1) AND looks.ends = photos.ends AND compared = 1
                           OR state = 0 AND looks.ends IS NOT photos.ends AND folder_id NOT IN {UNPLUGGED})
                       ORDER BY id""",
                    ["id"],
                )
            ).fetchone()
        return numbers(text)

    def count_photos(self) -> int:
        """How many photos there are that are neither gone nor unreadable."""
        with self._database.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM photos WHERE state IN (0, 1)").fetchone()
        return int(count)

    def are_waiting(self, mark: int) -> bool:
        """Whether there are photos that can be read and were not compared with all others, by this mark."""
        with self._database.reading() as db:
            (waiting,) = db.execute(
                f"""SELECT EXISTS (SELECT 1 FROM photos LEFT JOIN looks ON photo_id = id WHERE state = 0
                   AND photos.ends IS NOT NULL AND (looks.ends IS NOT photos.ends OR compared <> ?)
                   AND folder_id NOT IN {UNPLUGGED})""",
                (mark,),
            ).fetchone()
        return bool(waiting) or bool(self.unseen())

    def forget_stale(self) -> None:
        """Drop what was said of photos that have other contents now, or are no more.

        One that is gone may come back, and is then to be compared with all that came meanwhile.
        """
        with self._database.transaction() as db:
            stale = db.execute(
                """DELETE FROM looks WHERE NOT EXISTS
                   (SELECT 1 FROM photos WHERE id = photo_id AND photos.ends IS looks.ends)
                   RETURNING photo_id, contents"""
            ).fetchall()
            _compare_copies_again(db, stale)
            db.execute(
                "UPDATE looks SET compared = 0 WHERE photo_id IN (SELECT id FROM photos WHERE state = 2)"
            )
            db.execute(
                """DELETE FROM pairs WHERE first_id NOT IN (SELECT photo_id FROM looks)
                   OR second_id NOT IN (SELECT photo_id FROM looks)"""
            )

    def set_compared(self, ids: NDArray[np.int64], ends: NDArray[np.uint8], mark: int) -> None:
        """Photos were compared with all others that were there; those that changed meanwhile were not.

        Args:
            ids: Shape (n,).
            ends: Of the files that were compared, as in `Looks`.
            mark: By what they were compared, not 0.
        """
        if not len(ids):
            return
        seen = np.ascontiguousarray(ends).view(f"V{ends.shape[1]}")[:, 0].tolist()
        with self._database.transaction() as db:
            db.executemany(
                "UPDATE looks SET compared = ? WHERE photo_id = ? AND ends = ?",
                zip(repeat(mark), ids.tolist(), seen, strict=False),
            )

    # Pairs

    def add_pairs(
        self,
        pairs: Iterable[tuple[int, int, PairKind]],
        seen: Mapping[int, bytes],
        nothing: Iterable[tuple[int, int]] = (),
    ) -> None:
        """Keep what pairs of photos turned out to be; the ids in any order.

        What is known of a pair stays where now a picture was not to be had.

        Args:
            seen: Hashes of the ends of the files when they were looked at, by id: of a photo that changed
                since nothing is kept.
            nothing: Pairs of which nothing is to be kept any more.
        """
        with self._database.transaction() as db:
            db.executemany(
                "DELETE FROM pairs WHERE first_id = ? AND second_id = ?",
                [(min(pair), max(pair)) for pair in nothing],
            )
            db.executemany(
                """INSERT INTO pairs SELECT :low, :high, :kind
                   WHERE EXISTS (SELECT 1 FROM photos WHERE id = :low AND ends = :low_ends)
                       AND EXISTS (SELECT 1 FROM photos WHERE id = :high AND ends = :high_ends)
                   ON CONFLICT DO UPDATE SET kind = excluded.kind WHERE excluded.kind <> :unseen""",
                [
                    {
                        "low": min(one, other),
                        "high": max(one, other),
                        "low_ends": seen.get(min(one, other)),
                        "high_ends": seen.get(max(one, other)),
                        "kind": PAIR_KINDS.index(kind if one < other else TURNED.get(kind, kind)),
                        "unseen": PAIR_KINDS.index("unseen"),
                    }
                    for one, other, kind in pairs
                ],
            )

    def pairs(self) -> list[AlikePair]:
        """All pairs of photos that were seen to be of one shot, or of one burst.

        Photos that are gone are among them: what was seen of them holds for their copies.
        """
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT first_id, second_id, kind FROM pairs
                   JOIN photos AS one ON one.id = first_id AND one.state IN (0, 1, 2)
                   JOIN photos AS other ON other.id = second_id AND other.state IN (0, 1, 2)
                   JOIN looks AS my ON my.photo_id = first_id AND my.ends = one.ends
                   JOIN looks AS its ON its.photo_id = second_id AND its.ends = other.ends
                   WHERE kind IN (0, 1, 4, 5)"""
            ).fetchall()
        return [(one, other, "burst" if kind == 1 else "same-shot") for one, other, kind in rows]

    def with_additions(self) -> set[int]:
        """Photos to which something was added that another of the same shot has not."""
        with self._database.reading() as db:
            rows = db.execute("SELECT first_id, second_id, kind FROM pairs WHERE kind IN (4, 5)").fetchall()
        return {one if PAIR_KINDS[kind] == "first-added" else other for one, other, kind in rows}

    def compared_pairs(self) -> dict[tuple[int, int], PairKind]:
        """All pairs of which anything is known, the lower id first, and what."""
        with self._database.reading() as db:
            rows = db.execute("SELECT first_id, second_id, kind FROM pairs")
            return {(one, other): PAIR_KINDS[kind] for one, other, kind in rows}

    def unseen(self) -> list[tuple[int, int]]:
        """Pairs of photos that can be read, to be looked at: before, a picture of one was not to be had."""
        with self._database.reading() as db:
            return db.execute(
                f"""SELECT first_id, second_id FROM pairs
                   JOIN photos AS one ON one.id = first_id AND one.state = 0
                   JOIN photos AS other ON other.id = second_id AND other.state = 0
                   WHERE kind = ? AND one.folder_id NOT IN {UNPLUGGED}
                   AND other.folder_id NOT IN {UNPLUGGED}""",
                (PAIR_KINDS.index("unseen"),),
            ).fetchall()

    # Contents

    def same_ends(self) -> list[list[int]]:
        """Photos that can be read and have the same size and ends, two or more together."""
        with self._database.reading() as db:
            rows = db.execute(
                f"""SELECT json_group_array(id) FROM photos WHERE state = 0 AND ends IS NOT NULL
                   AND folder_id NOT IN {UNPLUGGED} GROUP BY ends HAVING count(*) > 1"""
            ).fetchall()
        return [json.loads(ids) for (ids,) in rows]

    def same_contents(self) -> list[list[int]]:
        """Photos whose whole files were read and are the same, gone ones among them; two or more together."""
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT json_group_array(photo_id) FROM looks JOIN photos ON id = photo_id
                   WHERE contents IS NOT NULL AND looks.ends = photos.ends AND state IN (0, 1, 2)
                   GROUP BY contents HAVING count(*) > 1"""
            ).fetchall()
        return [sorted(json.loads(ids)) for (ids,) in rows]

    def with_ends(self, ends: Iterable[bytes]) -> dict[bytes, list[int]]:
        """Photos by the hash of their ends, gone and unreadable ones left out."""
        found: dict[bytes, list[int]] = {}
        with self._database.reading() as db:
            db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (ends BLOB PRIMARY KEY)")
            db.execute("DELETE FROM wanted")
            db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", [(each,) for each in ends])
            for id, each in db.execute(
                """SELECT id, photos.ends FROM photos JOIN wanted ON wanted.ends = photos.ends
                   WHERE state IN (0, 1)"""
            ):
                found.setdefault(each, []).append(id)
        return found

    def contents(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Hashes of whole files, of those photos of which one is kept."""
        with self._database.reading() as db:
            return dict(
                db.execute(
                    """SELECT photo_id, contents FROM looks JOIN photos ON id = photo_id
                       WHERE contents IS NOT NULL AND looks.ends = photos.ends
                       AND photo_id IN (SELECT value FROM json_each(?))""",
                    (json_list(ids),),
                ).fetchall()
            )

    def keep_contents(self, hashes: Iterable[tuple[int, bytes]], seen: Mapping[int, bytes]) -> None:
        """Keep hashes of whole files by photo; `seen` as for `add_pairs`."""
        with self._database.transaction() as db:
            db.executemany(
                "UPDATE looks SET contents = ? WHERE photo_id = ? AND ends = ?",
                [(hashed, id, seen.get(id)) for id, hashed in hashes],
            )

    def ends_of(self, ids: Sequence[int] | NDArray[np.int64]) -> dict[int, bytes]:
        """Hashes of the ends by photo: by these decisions know them."""
        with self._database.reading() as db:
            return dict(
                db.execute(
                    """SELECT id, ends FROM photos WHERE ends IS NOT NULL
                       AND id IN (SELECT value FROM json_each(?))""",
                    (json_list(ids),),
                ).fetchall()
            )

    # Decisions

    def add_decision(self, kind: DecisionKind, contents: dict[bytes, int], made: int) -> int:
        """Keep a decision for ever; its id.

        Args:
            contents: How many copies there are of each hash of ends that it is about.
            made: Seconds since 1970.
        """
        with self._database.transaction() as db:
            (id,) = db.execute(
                "INSERT INTO decisions (kind, made) VALUES (?, ?) RETURNING id", (kind, made)
            ).fetchone()
            db.executemany(
                "INSERT INTO decided (decision_id, ends, copies) VALUES (?, ?, ?)",
                [(id, ends, copies) for ends, copies in sorted(contents.items())],
            )
        return int(id)

    def remove_decision(self, id: int) -> bool:
        """Take a decision back; whether there was one."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM decided WHERE decision_id = ?", (id,))
            return db.execute("DELETE FROM decisions WHERE id = ?", (id,)).rowcount > 0

    def decisions(self) -> list[Decision]:
        """All decisions, oldest first."""
        with self._database.reading() as db:
            members: dict[int, dict[bytes, int]] = {}
            for decision, ends, copies in db.execute("SELECT decision_id, ends, copies FROM decided"):
                members.setdefault(decision, {})[ends] = copies
            rows = db.execute("SELECT id, kind, made FROM decisions ORDER BY id").fetchall()
        return [Decision(id, kind, made, members.get(id, {})) for id, kind, made in rows]

    # Removals

    def begin_removal(self, batch: int, path: Path, kept: Path) -> int:
        """Write down that a file is about to go to the trash; the id of this.

        Args:
            batch: 0 begins another; else one that was begun.
        """
        with self._database.transaction() as db:
            if not batch:
                (batch,) = db.execute("SELECT coalesce(max(batch), 0) + 1 FROM removals").fetchone()
            (id,) = db.execute(
                """INSERT INTO removals (batch, path, kept, state, reason)
                   VALUES (?, ?, ?, 'begun', '') RETURNING id""",
                (batch, os.fsdecode(path), os.fsdecode(kept)),
            ).fetchone()
        return int(id)

    def end_removal(
        self, id: int, state: Literal["done", "failed", "undone"], place: Path | None = None, reason: str = ""
    ) -> None:
        """Write down what became of it, and where it lies now if that is known."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE removals SET state = ?, place = coalesce(?, place), reason = ? WHERE id = ?",
                (state, None if place is None else os.fsdecode(place), reason, id),
            )

    def forget_removals(self, below: Path) -> None:
        """Drop what is written of files of a folder, but of those that are, or may be, in the trash: they can
        be put back.
        """
        with self._database.transaction() as db:
            forget_removals(db, below)

    def removals(self, batch: int | None = None) -> list[Removal]:
        """What was moved to the trash, oldest first; of one batch, or all."""
        with self._database.reading() as db:
            rows = db.execute(
                """SELECT id, batch, path, kept, place, state, reason FROM removals
                   WHERE ?1 IS NULL OR batch = ?1 ORDER BY id""",
                (batch,),
            ).fetchall()
        return [
            Removal(id, number, Path(path), Path(kept), Path(place) if place else None, state, reason)
            for id, number, path, kept, place, state, reason in rows
        ]


def _compare_copies_again(db: sqlite3.Connection, photos: Iterable[tuple[int, bytes | None]]) -> None:
    """What was seen of these photos was seen for their copies too, and is forgotten now."""
    contents = [contents.hex() for _, contents in photos if contents is not None]
    if contents:
        db.execute(
            "UPDATE looks SET compared = 0 WHERE hex(contents) IN (SELECT upper(value) FROM json_each(?))",
            (json.dumps(contents),),
        )


def _bytes(values: Sequence[bytes]) -> NDArray[np.uint8]:
    """Values of one length: shape (n, bytes)."""
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), -1 if values else 0)
