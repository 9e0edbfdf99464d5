"""What verify says is wrong is wrong, what it mends is sound, and what it cannot mend it keeps."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photosearch.blocks import CodeBlocks
from photosearch.errors import LibraryBusy, LibraryUnusable
from photosearch.library.verifying import Verified
from photosearch.library.verifying import verify as verifying
from photosearch.records import CodeSpec, Details, FoundFile
from photosearch.settings import Places
from photosearch.store import (
    Catalogue,
    EncodedPhoto,
    Thumbnails,
    UnreadablePhoto,
    locked,
    read_code_file,
    write_code_file,
)
from photosearch.store.salvage import SPAN, salvage
from photosearch.store.schema import MIGRATIONS

MODEL = CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8)
FOLDERS, PHOTOS = 20, 100
PAGE = 4096
JPEG = b"\xff\xd8 a picture \xff\xd9"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A library of 2,000 photos of a code each, its code file and some thumbnails."""
    places = Places.under(tmp_path / "home")
    with closing(Catalogue(places.catalogue)) as catalogue:
        for root in ("photos", "more photos"):
            root_id = catalogue.roots.add(Path(f"/{root}").absolute(), "volume").id
        with catalogue.transaction():
            for folder in range(FOLDERS):
                files = [FoundFile(f"{folder}-{name}.jpg", 1 + name, folder) for name in range(PHOTOS)]
                for photo in catalogue.files.add(root_id, f"{folder}", files):
                    details = Details(40, 30, photo.id, f"Camera {photo.id % 3}")
                    made = EncodedPhoto(
                        photo.id, photo.size, photo.modified_ns, b"e" * 16, details, code(photo.id)
                    )
                    catalogue.codes.record(MODEL, [made], [])
        [broken, gone, offline] = catalogue.files.add(
            root_id, "odd", [FoundFile(name, 1, 1) for name in ("broken", "gone", "offline")]
        )
        catalogue.codes.record(MODEL, [], [UnreadablePhoto(broken.id, 1, 1, "It is empty.")])
        catalogue.files.mark_missing([gone.id], "gone", 5)
        catalogue.files.mark_missing([offline.id], "offline", 5)
        catalogue.failures.set_problems(root_id, "", [("loop", "It leads to itself.")])
        ids, rows = catalogue.codes.all(MODEL.identity)
        write_code_file(places.codes, MODEL, catalogue.codes.generation(), ids, CodeBlocks.from_rows(rows))
    with closing(Thumbnails(places.thumbnails, 10**9)) as thumbnails:
        thumbnails.put_many((number, 0, JPEG * 20) for number in range(1, 501))
    return places


def code(photo_id: int) -> bytes:
    return photo_id.to_bytes(4, "little")


def verify(places: Places, repair: bool = False) -> Verified:
    steps = verifying(places, repair)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


def content(places: Places) -> list[str]:
    """All that the catalogue holds but what tells of the file itself, as SQL."""
    with closing(sqlite3.connect(places.catalogue)) as connection:
        own = ('INSERT INTO "library"', 'INSERT INTO "changes"', 'DELETE FROM "sqlite_sequence"')
        return sorted(line for line in connection.iterdump() if not line.startswith(own))


def codes(places: Places) -> dict[int, bytes]:
    with closing(Catalogue(places.catalogue)) as catalogue:
        ids, rows = catalogue.codes.all(MODEL.identity)
    return {int(id): row.tobytes() for id, row in zip(ids, rows, strict=True)}


def test_a_sound_library_is_sound_and_stays_as_it_is(places: Places) -> None:
    before = content(places), places.codes.read_bytes()
    assert verify(places) == verify(places, repair=True) == Verified(True, (), ())
    assert (content(places), places.codes.read_bytes()) == before
    assert list(places.data.glob("*damaged*")) == []


def test_a_library_without_code_file_and_thumbnails_or_with_an_old_one_is_sound(places: Places) -> None:
    with closing(Catalogue(places.catalogue)) as catalogue:
        catalogue.files.mark_missing([1, 2, 3], "gone", 1)
    assert verify(places).ok
    with closing(Catalogue(places.catalogue)) as catalogue:
        catalogue.files.mark_present(range(5000))
    assert verify(places).ok
    places.codes.unlink()
    places.thumbnails.unlink()
    assert verify(places).ok


def test_where_there_is_no_library_verify_says_so_and_begins_none(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnusable, match="There is no library in"):
        verify(Places.under(tmp_path), repair=True)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_library_is_neither_read_nor_repaired(places: Places) -> None:
    changed(places.catalogue, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LibraryUnusable, match="newer version"):
        verify(places, repair=True)
    assert list(places.data.glob("*damaged*")) == []


def test_a_library_that_is_being_updated_is_read_and_not_repaired(places: Places) -> None:
    with locked(places.catalogue):
        assert verify(places).ok
        with pytest.raises(LibraryBusy):
            verify(places, repair=True)


@pytest.mark.parametrize("how", ["flipped", "truncated", "empty"])
def test_a_damaged_code_file_is_told_and_made_again(places: Places, how: str) -> None:
    sound = read_code_file(places.codes)
    damage = bytearray(places.codes.read_bytes())
    damage[9000] ^= 1
    places.codes.write_bytes({"flipped": damage, "truncated": damage[:9000], "empty": b""}[how])
    assert verify(places) == Verified(False, (f"The code file {places.codes} is damaged.",), ())
    repaired = verify(places, repair=True)
    assert repaired.ok
    assert repaired.repaired == (f"The code file {places.codes} was made again.",)
    again = read_code_file(places.codes)
    assert sound is not None
    assert again is not None
    assert again.ids.tolist() == sound.ids.tolist()
    assert np.array_equal(again.codes.blocks, sound.codes.blocks)
    assert verify(places).ok


@pytest.mark.parametrize("how", ["another code", "one more", "one less"])
def test_a_code_file_that_holds_other_codes_is_told_and_made_again(places: Places, how: str) -> None:
    file = read_code_file(places.codes)
    assert file is not None
    ids, rows = file.ids.copy(), file.codes.rows(np.arange(file.codes.count)).copy()
    if how == "another code":
        rows[77] += 1
    elif how == "one more":
        ids, rows = np.append(ids, 10**6), np.concatenate([rows, rows[:1]])
    else:
        ids, rows = ids[1:], rows[1:]
    write_code_file(places.codes, MODEL, file.generation, ids, CodeBlocks.from_rows(rows))
    told = f"The code file {places.codes} does not hold the codes of the catalogue."
    assert verify(places).problems == (told,)
    assert verify(places, repair=True).ok
    assert verify(places).ok


def test_damaged_thumbnails_are_told_and_thrown_away(places: Places) -> None:
    changed(places.thumbnails, "UPDATE thumbnails SET jpeg = x'00' WHERE photo_id IN (3, 4)")
    [told] = verify(places).problems
    assert told == f"The thumbnail cache {places.thumbnails} holds 2 that are no pictures."
    assert verify(places, repair=True).ok
    with closing(Thumbnails(places.thumbnails, 10**9)) as thumbnails:
        assert (thumbnails.get(3, 0), thumbnails.get(5, 0)) == (None, JPEG * 20)

    damage = bytearray(places.thumbnails.read_bytes())
    damage[2 * PAGE : 5 * PAGE] = bytes(3 * PAGE)
    places.thumbnails.write_bytes(damage)
    assert all("is damaged" in problem for problem in verify(places).problems)
    assert verify(places, repair=True).ok
    places.thumbnails.write_bytes(b"no database at all, though it lies in its place" * 100)
    assert not verify(places).ok
    assert verify(places, repair=True).ok


@pytest.mark.parametrize(
    ("statement", "told", "lost"),
    [
        ("UPDATE codes SET code = x'00' WHERE photo_id <= 7", "7 codes of model", 7),
        ("DELETE FROM photos WHERE id = 0 OR folder_id = 3 AND abs(1) = 1", "", PHOTOS),
        ("DELETE FROM models", "belong to “models” that are not there", FOLDERS * PHOTOS),
        ("DELETE FROM folders WHERE id = 5", "belong to “folders” that are not there", PHOTOS),
        ("DELETE FROM library", "does not know its generation", 0),
    ],
)
def test_what_does_not_belong_together_is_told_and_sorted_out(
    places: Places, statement: str, told: str, lost: int
) -> None:
    places.codes.unlink()
    changed(places.catalogue, statement)
    found = verify(places)
    assert found.ok is (told == "")
    assert any(told in problem and str(places.catalogue) in problem for problem in found.problems) or not told
    repaired = verify(places, repair=True)
    assert repaired.ok, repaired
    assert len(codes(places)) == FOLDERS * PHOTOS - lost
    assert all(value == code(id) for id, value in codes(places).items())
    assert verify(places).ok


def test_a_repair_of_a_catalogue_that_is_readable_loses_nothing(places: Places) -> None:
    before = content(places)
    with closing(sqlite3.connect(places.catalogue)) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'astray'").fetchall()
    # An index that is empty though its table is not: only a look at everything finds that.
    damage = bytearray(places.catalogue.read_bytes())
    damage[(page - 1) * PAGE : (page - 1) * PAGE + 8] = b"\x0a\0\0\0\0\x10\0\0"
    places.catalogue.write_bytes(damage)
    assert not verify(places).ok
    repaired = verify(places, repair=True)
    assert repaired.ok, repaired
    assert content(places) == before
    [kept] = places.data.glob("*damaged*")
    assert kept == places.data / "catalogue.damaged-1.sqlite"
    assert kept.read_bytes() == bytes(damage)
    assert str(kept) in " ".join(repaired.repaired)


def test_of_a_catalogue_that_damage_keeps_at_an_older_version_all_is_saved(places: Places) -> None:
    before = codes(places)
    with closing(sqlite3.connect(places.catalogue)) as connection:
        for column in ("latitude", "longitude"):
            connection.execute(f"ALTER TABLE photos DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 2")
    saved = salvage(places.catalogue)
    assert (saved.photos, saved.codes) == (FOLDERS * PHOTOS + 3, len(before))
    assert codes(places) == before
    assert verify(places).ok


def test_what_only_the_log_of_a_killed_program_holds_is_saved_too(places: Places) -> None:
    writing = f"""
import os
from pathlib import Path
from photosearch.records import FoundFile
from photosearch.store import Catalogue
catalogue = Catalogue(Path({str(places.catalogue)!r}))
catalogue.files.add(2, "late", [FoundFile(f"{{number}}", 1, 1) for number in range(50)])
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", writing], check=False)
    damage = bytearray(places.catalogue.read_bytes())
    with closing(sqlite3.connect(f"{places.catalogue.as_uri()}?mode=ro", uri=True)) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'cameras'")
    damage[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    places.catalogue.write_bytes(damage)
    repaired = verify(places, repair=True)
    assert repaired.ok, repaired
    with closing(Catalogue(places.catalogue)) as catalogue:
        assert len(catalogue.files.known_in(2, "late")) == 50
        assert len(catalogue.photos.ids()) == FOLDERS * PHOTOS + 3 + 50
        assert catalogue.photos.by_id([7])[0].details.camera == "Camera 1"
    assert (places.data / "catalogue.damaged-1.sqlite").exists()


@pytest.mark.parametrize("seed", range(12))
def test_of_a_damaged_catalogue_everything_that_can_be_read_is_saved(places: Places, seed: int) -> None:
    before = codes(places)
    chosen = random.Random(seed)
    damage = bytearray(places.catalogue.read_bytes())
    pages = len(damage) // PAGE
    # The first page of a table leads to all of it; where that is lost, so is the table.
    with closing(sqlite3.connect(places.catalogue)) as connection:
        roots = {page - 1 for (page,) in connection.execute("SELECT rootpage FROM sqlite_master")}
    some = sorted(set(range(1, pages)) - roots)
    damaged = chosen.sample(some if seed % 3 else range(1, pages), chosen.choice([1, 2, 5]))
    for page in damaged:
        start = page * PAGE + chosen.choice([0, 0, 1000])
        damage[start : (page + 1) * PAGE] = chosen.randbytes((page + 1) * PAGE - start)
    places.catalogue.write_bytes(damage)
    found = verify(places)
    repaired = verify(places, repair=True)
    assert repaired.ok, repaired
    assert found.ok is (repaired.problems == ())
    after = codes(places)
    assert all(before[id] == value for id, value in after.items())
    assert verify(places).ok
    with closing(Catalogue(places.catalogue)) as catalogue:
        photos = set(catalogue.photos.ids().tolist())
    if not roots & set(damaged):
        # A page of this catalogue holds at most 70 photos, or 430 codes; some beside it may be lost too.
        assert len(photos) >= FOLDERS * PHOTOS - (70 + 2 * SPAN) * len(damaged)
        assert len(after) >= FOLDERS * PHOTOS - (430 + 2 * SPAN) * len(damaged)
        assert set(after) <= photos
    # The library goes on, and no id is used twice.
    with closing(Catalogue(places.catalogue)) as catalogue:
        root = catalogue.roots.add(Path("/new").absolute(), "").id
        [new] = catalogue.files.add(root, "", [FoundFile("new", 1, 1)])
    assert new.id > FOLDERS * PHOTOS + 3


def test_what_is_no_database_any_more_is_kept_and_a_new_catalogue_begun(places: Places) -> None:
    rubbish = b"not a database" * 1000
    places.catalogue.write_bytes(rubbish)
    assert verify(places).problems == (
        f"{places.catalogue} is not a PhotoSearch catalogue, or it is damaged.",
    )
    assert verify(places, repair=True).ok
    assert (places.data / "catalogue.damaged-1.sqlite").read_bytes() == rubbish
    assert codes(places) == {}
    places.catalogue.write_bytes(rubbish)
    assert verify(places, repair=True).ok
    assert (places.data / "catalogue.damaged-2.sqlite").exists()
    with closing(Thumbnails(places.thumbnails, 10**9)) as thumbnails:
        assert thumbnails.get(5, 0) is None


def test_the_command_tells_scripts_and_people(places: Places) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "photosearch", "--home", str(places.data), "verify", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout

    assert run() == (0, "Everything is sound.\n")
    places.codes.write_bytes(b"")
    status, said = run("--json")
    assert (status, json.loads(said)) == (
        1,
        {"ok": False, "problems": [f"The code file {places.codes} is damaged."], "repaired": []},
    )
    status, said = run("--repair")
    assert (status, said.splitlines()[-1]) == (0, "Everything is sound.")
