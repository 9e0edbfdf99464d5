"""The catalogue: which photos there are, what is known of each, and its codes."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from photosearch.errors import LibraryDamaged, LibraryUnusable, PhotoSearchError
from photosearch.store.codes import Codes
from photosearch.store.comparisons import Comparisons
from photosearch.store.database import Database, locked, unwritable
from photosearch.store.failures import Failures
from photosearch.store.files import Files
from photosearch.store.kept import forget_in_kept, relocate_in_kept
from photosearch.store.photos import Photos
from photosearch.store.roots import Roots
from photosearch.store.salvage import remove_unfinished
from photosearch.store.schema import MIGRATIONS, Migrations

TOLD = 10
"""So many damages of a file are told; there may be thousands, and to a person each says the same."""

logger = logging.getLogger(__name__)


class Catalogue(Database):
    """A library's catalogue, for any number of threads and processes.

    Attributes:
        roots: The watched folders.
        files: What is known of the files in them.
        codes: What indexing made of the photos.
        failures: What could not be read.
        photos: What lists and filters ask.
        comparisons: What looks alike, and what was decided about it.
    """

    def __init__(self, path: Path, migrations: Migrations = MIGRATIONS) -> None:
        """Open a catalogue, or begin one; see `Database`."""
        super().__init__(path, migrations)
        self.roots = Roots(self)
        self.files = Files(self)
        self.codes = Codes(self)
        self.failures = Failures(self)
        self.photos = Photos(self)
        self.comparisons = Comparisons(self)

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
            remove_unfinished(self._path)
            unfinished = self._path.with_name(self._path.name + ".unfinished")
            if unfinished.exists():
                logger.warning("the last update of %s was cut off: looking through it", self._path)
                self._look_through()
            try:
                with open(unfinished, "wb") as file:
                    os.fsync(file.fileno())
            except OSError as error:
                raise unwritable(self._path, error) from error
            try:
                yield
            finally:
                with suppress(OSError):
                    unfinished.unlink()
            if not self._path.exists():
                # It was removed meanwhile: SQLite goes on writing to a file that has no name any more.
                raise LibraryUnusable(f"The catalogue {self._path} cannot be opened or written.")

    def compact(self) -> None:
        """Pack the file if it has grown by a fifth since that was done last, or a fifth of it is free.

        If there is no room to do it, it is left for another time.

        Photos are taken up in the order of their names and encoded newest first, which leaves SQLite's pages
        half empty. Takes about a second a million photos, in which others read but cannot write.
        """
        try:
            with self.connection() as db:
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
            with self.connection() as db:
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except PhotoSearchError as error:
            logger.warning("what was forgotten could not be erased: %s", error)

    def forget_in_kept(self, folder: Path) -> None:
        """Forget a folder in the catalogues, too, that are kept as they were before; see `kept`."""
        forget_in_kept(self._path, folder, [root.path for root in self.roots.all()])

    def relocate_in_kept(self, folder: Path, place: Path) -> None:
        """A root lies elsewhere now, in those catalogues, too."""
        relocate_in_kept(self._path, folder, place)

    def check(self) -> list[str]:
        """Read everything back; what is wrong, as sentences, nothing if the catalogue is sound."""
        try:
            with self.reading() as db:
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
        with self.reading() as db:
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise LibraryDamaged(
                f"The last update of the library in {self._path.parent} was cut off, and its catalogue is"
                " damaged: “photosearch verify --repair” saves what can be saved."
            )
