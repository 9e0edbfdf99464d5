"""What could not be read, and why."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from photosearch.records import Failure
from photosearch.store.codes import searchable_changed
from photosearch.store.database import Database
from photosearch.store.schema import GONE, PRESENT, UNREADABLE
from photosearch.store.statements import inside_folder, integers


class Failures:
    """What a catalogue knows of files that are unreadable photos, or no photos at all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_problems(
        self, root_id: int, below: str, problems: Iterable[tuple[str, str]], recursive: bool = True
    ) -> None:
        """Replace what a scan of a folder and those in it said of files that are no photos.

        Args:
            problems: Paths relative to the root, each with the reason as one sentence.
            recursive: False if the scan looked at the folder alone: what is known of those in it stays.
        """
        alone = "" if recursive else "AND (path = :below OR instr(substr(path, :start), '/') = 0)"
        with self._database.transaction() as db:
            db.execute(
                f"DELETE FROM problems WHERE root_id = :root AND {inside_folder(below)} {alone}",
                {"root": root_id, "below": below, "start": len(below) + 2 if below else 1},
            )
            db.executemany(
                "INSERT OR REPLACE INTO problems SELECT id, ?, ? FROM roots WHERE id = ?",
                [(path, reason, root_id) for path, reason in problems],
            )

    def all(self) -> list[Failure]:
        """Unreadable photos and what a scan could not take for photos, in the order of their paths."""
        with self._database.reading() as db:
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

    def retry(self) -> int:
        """Let unreadable photos wait again; how many failures there are, all looked at by the next update."""
        with self._database.transaction() as db:
            waiting = integers(
                db.execute(
                    f"""UPDATE photos SET state = {PRESENT}, reason = NULL
                        WHERE state <> 0 AND state = {UNREADABLE} RETURNING id"""
                )
            )
            problems: int = db.execute("SELECT count(*) FROM problems").fetchone()[0]
            # An unreadable photo may still have the code of another model.
            searchable_changed(db, waiting)
        return len(waiting) + problems


def problems_of_no_photo(db: sqlite3.Connection) -> int:
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
