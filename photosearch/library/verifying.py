"""Reads back everything the library keeps on disk, and mends what is wrong.

What can be derived, the code file and the thumbnails, is made again. Of a damaged catalogue all that can be
read goes into a new one, and the damaged one is kept.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass

import numpy as np

from photosearch.blocks import CodeBlocks
from photosearch.errors import LibraryDamaged, LibraryUnusable
from photosearch.library.snapshot import Snapshot
from photosearch.records import Progress
from photosearch.settings import Places
from photosearch.store import Catalogue, Thumbnails, locked, read_code_file, salvage, write_code_file


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, and done about it.

    Attributes:
        ok: Everything is sound now.
        problems: What was wrong, each one sentence.
        repaired: What was done, each one sentence.
    """

    ok: bool
    problems: tuple[str, ...]
    repaired: tuple[str, ...]


def verify(places: Places, repair: bool = False) -> Generator[Progress, None, Verified]:
    """Read everything back.

    Args:
        repair: Mend what can be mended. Nobody else may be updating the library then.

    Raises:
        LibraryUnusable: There is no library, or one of a newer version; or a repair cannot be written.
        LibraryBusy: A repair is asked for, and another PhotoSearch is updating the library.
    """
    if not places.catalogue.exists():
        raise LibraryUnusable(f"There is no library in {places.data}.")
    with locked(places.catalogue) if repair else nullcontext():
        problems = yield from _problems(places)
        if not (repair and problems):
            return Verified(not problems, tuple(problems), ())
        repaired = []
        for done in _mend(places):
            repaired.append(done)
            yield Progress("repairing", message=done)
        left = yield from _problems(places)
    return Verified(not left, tuple(problems + [one for one in left if one not in problems]), tuple(repaired))


def _problems(places: Places) -> Generator[Progress, None, list[str]]:
    yield Progress("verifying", message=str(places.catalogue))
    problems = _of_catalogue(places)
    if not problems:
        yield Progress("verifying", message=str(places.codes))
        problems += _of_code_file(places)
    elif places.codes.exists() and read_code_file(places.codes) is None:
        problems.append(f"The code file {places.codes} is damaged.")
    yield Progress("verifying", message=str(places.thumbnails))
    with closing(Thumbnails(places.thumbnails, 0)) as thumbnails:
        return problems + thumbnails.check()


def _of_catalogue(places: Places) -> list[str]:
    try:
        with closing(Catalogue(places.catalogue)) as catalogue:
            return catalogue.check()
    except LibraryDamaged as error:
        return [str(error)]


def _of_code_file(places: Places) -> list[str]:
    if not places.codes.exists():
        return []
    file = read_code_file(places.codes)
    if file is None:
        return [f"The code file {places.codes} is damaged."]
    with closing(Catalogue(places.catalogue)) as catalogue, catalogue.reading():
        changes = catalogue.codes.changes(file.identity, file.generation)
        if changes is None:
            # Far behind, or of a catalogue that was deleted: the next start reads the catalogue instead.
            return []
        ids, rows = catalogue.codes.all(file.identity)
    snapshot = Snapshot(file.ids, file.codes, file.generation).without(changes.old, changes.generation)
    width = snapshot.codes.blocks.shape[1]
    if len(changes.ids) and changes.rows.shape[1] == width:
        snapshot = snapshot.with_photos(changes.ids, changes.rows, changes.generation)
    order = np.argsort(snapshot.ids)[len(snapshot.ids) - snapshot.photos :]
    if np.array_equal(snapshot.ids[order], ids) and np.array_equal(
        snapshot.codes.rows(order), rows.reshape(len(ids), -1 if len(ids) else width)
    ):
        return []
    return [f"The code file {places.codes} does not hold the codes of the catalogue."]


def _mend(places: Places) -> Iterator[str]:
    if _of_catalogue(places):
        salvaged = salvage(places.catalogue)
        with closing(Catalogue(places.catalogue)) as catalogue:
            known = catalogue.photos.ids()
        with closing(Thumbnails(places.thumbnails, 0)) as thumbnails:
            # An id that could not be read may be given to another photo.
            thumbnails.keep(known)
        yield (
            f"{salvaged.photos} photos and {salvaged.codes} codes could be read and are in a new catalogue;"
            f" what is missing, the next update finds again. The damaged one is kept as {salvaged.kept}."
        )
    if places.codes.exists() and _of_code_file(places):
        _make_code_file(places)
        yield f"The code file {places.codes} was made again."
    with closing(Thumbnails(places.thumbnails, 0)) as thumbnails:
        if thumbnails.check():
            thumbnails.mend()
            yield "Damaged thumbnails were thrown away; they are made again when they are looked at."


def _make_code_file(places: Places) -> None:
    with closing(Catalogue(places.catalogue)) as catalogue:
        with catalogue.reading():
            generation, models = catalogue.codes.generation(), catalogue.codes.models()
            # Of a model there are codes of; another one's would be replaced at the next start all the same.
            codes = [(spec, *catalogue.codes.all(spec.identity)) for spec in models[-1:]]
        if not codes:
            places.codes.unlink()
        for spec, ids, rows in codes:
            blocks = CodeBlocks.from_rows(rows.reshape(len(ids), spec.bytes))
            write_code_file(places.codes, spec, generation, ids, blocks, newest=catalogue.codes.generation)
