"""What is known of duplicates, and what was decided about them, outlives what happens to a library."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from photosearch.library import Library
from photosearch.library.cleaning import suggestion
from photosearch.library.duplicates import Duplicates
from photosearch.library.judging import Judges
from photosearch.library.pairing import FEW
from photosearch.library.verifying import verify
from photosearch.records import Progress
from photosearch.settings import Places, Settings
from photosearch.store import Catalogue
from photosearch.store.schema import MIGRATIONS, connect
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.library.test_cleaning import run
from tests.library.test_duplicates import found_in, scene

BEFORE_DUPLICATES = 3
"""The version of catalogues that knew nothing of them."""

BEFORE_COLOURS = 4
"""The version of catalogues of whose looks some did not tell what has colour."""

PATIENCE = 120.0
"""Seconds after which something has hung."""

TAKEN = 0x9003
"""The EXIF tag that says when a photo was taken."""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    scene(20).save(folder / "0.jpg", quality=92)
    scene(20).resize((240, 180)).save(folder / "small.jpg")
    scene(21).save(folder / "1.jpg", quality=92)
    return folder


def opened(tmp_path: Path) -> Library:
    return Library(
        Places.under(tmp_path / "home"),
        Settings(workers=1),
        model=coarse_colour_model(),
        encoder=CoarseColourEncoder(),
    )


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Iterator[Library]:
    with closing(opened(tmp_path)) as made:
        made.add_folder(photos)
        yield made


def make_older(tmp_path: Path, library: Library) -> None:
    """Bring a library back to the version that knew nothing of duplicates."""
    list(library.update())
    library.close()
    path = Places.under(tmp_path / "home").catalogue
    now = path.with_name("now.sqlite")
    with closing(sqlite3.connect(path)) as source:
        source.execute("VACUUM INTO ?", (str(now),))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    connection, _ = connect(path, MIGRATIONS[:BEFORE_DUPLICATES])
    with closing(connection):
        connection.execute("ATTACH ? AS now", (str(now),))
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite_"):
                connection.execute(f"DELETE FROM main.{table}")
                connection.execute(f"INSERT INTO main.{table} SELECT * FROM now.{table}")


def test_a_library_from_before_duplicates_finds_them_without_encoding_again(tmp_path, photos, library):
    make_older(tmp_path, library)
    with closing(opened(tmp_path)) as newer:
        assert newer.kept is not None and newer.status().encoded == 3
        *_, last = newer.update()
        assert last.tally.encoded == 0
        assert found_in(newer) == [("same-shot", ["0.jpg", "small.jpg"])]


def test_looks_from_before_the_rule_of_colours_are_made_again_and_what_was_found_stays(
    tmp_path, photos, library
):
    (photos / "small.jpg").unlink()
    larger = scene(20).convert("L")
    larger.resize((larger.width * 3 // 2, larger.height * 3 // 2)).save(photos / "grey.png")
    assert found_in(library) == [("same-shot", ["0.jpg", "grey.png"])]
    library.close()
    with closing(sqlite3.connect(Places.under(tmp_path / "home").catalogue)) as older:
        for id, look in older.execute("SELECT photo_id, look FROM looks").fetchall():
            look = look[:-1] + bytes([look[-1] & 0x7F])
            older.execute("UPDATE looks SET look = ? WHERE photo_id = ?", (look, id))
        older.execute(f"PRAGMA user_version = {BEFORE_COLOURS}")
        older.commit()
    with closing(opened(tmp_path)) as newer:
        duplicates = newer.duplicates()
        assert names_of(newer) == [["grey.png", "0.jpg"]] and duplicates.are_waiting()
        looking = duplicates.look()
        assert next(looking).total == 3 and list(looking) == [] and list(duplicates.look()) == []
        assert names_of(newer) == [["0.jpg", "grey.png"]], "before they are compared again"
        assert found_in(newer) == [("same-shot", ["0.jpg", "grey.png"])] and not duplicates.are_waiting()


def test_what_was_found_stays_where_photos_are_encoded_by_another_model(tmp_path, photos, library):
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]
    library.close()
    another = replace(coarse_colour_model(), spec=replace(coarse_colour_model().spec, identity="0" * 16))
    places, settings = Places.under(tmp_path / "home"), Settings(workers=1)
    with closing(Library(places, settings, another, CoarseColourEncoder())) as newer:
        *_, last = newer.update()
        assert last.tally.encoded == 3 and newer.duplicates().are_waiting()
        assert names_of(newer) == [["0.jpg", "small.jpg"]]


def test_a_card_is_checked_by_a_library_from_before_duplicates_as_by_any_other(tmp_path, photos, library):
    make_older(tmp_path, library)
    card = tmp_path / "card"
    card.mkdir()
    scene(21).resize((240, 180)).save(card / "smaller.jpg")
    scene(70).save(card / "new.jpg")
    with closing(opened(tmp_path)) as newer:
        checked = run(newer.check(card))
    assert [(each.photo.name, each.in_library.path.name) for each in checked.known] == [
        ("smaller.jpg", "1.jpg")
    ]
    assert [path.name for path in checked.new] == ["new.jpg"] and checked.not_compared == 0


def test_what_a_card_could_not_be_compared_with_is_counted(tmp_path, photos, library):
    list(library.update())
    card = tmp_path / "card"
    card.mkdir()
    scene(70).save(card / "new.jpg")
    assert run(library.check(card)).not_compared == 0
    with Catalogue(Places.under(tmp_path / "home").catalogue).transaction() as catalogue:
        catalogue.execute("DELETE FROM looks")
    forget_thumbnails(tmp_path)
    for photo in photos.iterdir():
        photo.rename(photo.with_suffix(".away"))
    checked = run(library.check(card))
    assert len(checked.new) == 1 and checked.not_compared == 3


def forget_thumbnails(tmp_path: Path, instead: bytes | None = None) -> None:
    """Empty the cache, as the person may at any time; or put something else in the place of each."""
    with closing(sqlite3.connect(Places.under(tmp_path / "home").thumbnails)) as cache, cache:
        if instead is None:
            cache.execute("DELETE FROM thumbnails")
        else:
            cache.execute("UPDATE thumbnails SET jpeg = ?", (instead,))


def test_a_pair_whose_pictures_are_not_to_be_had_is_looked_at_again_once_they_are(tmp_path, photos, library):
    list(library.update())
    forget_thumbnails(tmp_path)
    for photo in photos.iterdir():
        photo.rename(photo.with_suffix(".away"))
    duplicates = library.duplicates()
    list(duplicates.compare())
    assert duplicates.groups() == [] and duplicates.are_waiting()
    for photo in photos.iterdir():
        photo.rename(photo.with_suffix(".jpg"))
    list(duplicates.compare())
    assert names_of(library) == [["0.jpg", "small.jpg"]]
    assert not duplicates.are_waiting()


def test_a_pair_with_a_broken_thumbnail_is_looked_at_again_once_it_is_whole(tmp_path, photos, library):
    list(library.update())
    forget_thumbnails(tmp_path, instead=b"no picture")
    duplicates = library.duplicates()
    list(duplicates.compare())
    assert duplicates.groups() == [] and duplicates.are_waiting()
    forget_thumbnails(tmp_path)
    list(duplicates.compare())
    assert names_of(library) == [["0.jpg", "small.jpg"]]


@pytest.mark.parametrize(
    ("seconds", "kinds"), [(0, ["same-shot"]), (5, ["burst"]), (30, []), (59, []), (600, ["same-shot"])]
)
def test_photos_taken_shortly_after_one_another_are_no_copies_whatever_they_show(
    library, photos, seconds, kinds
):
    for name, second in (("0.jpg", 0), ("small.jpg", seconds)):
        image = Image.open(photos / name)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[TAKEN] = f"2020:05:17 10:{second // 60:02}:{second % 60:02}"
        image.save(photos / name, quality=92, exif=exif)
    assert [kind for kind, _ in found_in(library)] == kinds
    if kinds == ["burst"]:
        assert not library.duplicates().groups()[0].removable


@pytest.mark.parametrize("film", ["small.mov", "small.MP4"])
def test_a_live_photo_is_shown_and_never_offered_for_deletion(library, photos, film):
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]
    (group,) = library.duplicates().groups()
    assert [each.photo.path.name for each in group.removable] == ["small.jpg"]
    (photos / film).write_bytes(b"a film")
    (group,) = library.duplicates().groups()
    assert not group.removable
    assert film.lower() in group.photos[1].protected.lower()


def edit_and_index(library: Library, path: Path) -> None:
    scene(21).resize((300, 225)).save(path, quality=92)
    list(library.update())


def test_a_photo_that_is_edited_while_it_is_compared_is_compared_again(library, photos):
    list(library.update())
    duplicates = library.duplicates()
    comparing = duplicates.compare()
    assert next(progress for progress in comparing if progress.step == "comparing")
    edit_and_index(library, photos / "small.jpg")
    list(comparing)
    assert duplicates.are_waiting() and names_of(library) == []
    list(duplicates.compare())
    assert names_of(library) == [["1.jpg", "small.jpg"]] and not duplicates.are_waiting()


def test_what_was_seen_of_a_photo_is_not_kept_when_it_was_edited_meanwhile(library, photos, monkeypatch):
    list(library.update())
    judged, seen = Judges.verdicts, []

    def judge_and_edit(self, pairs):
        verdicts = judged(self, pairs)
        if not seen:
            seen.extend(verdicts)
            edit_and_index(library, photos / "small.jpg")
        return verdicts

    monkeypatch.setattr(Judges, "verdicts", judge_and_edit)
    list(library.duplicates().compare())
    assert seen == ["same"] and names_of(library) == []
    list(library.duplicates().compare())
    assert names_of(library) == [["1.jpg", "small.jpg"]]


def newer_rules(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosearch.library.duplicates.REVISION", 99)


def another_model(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = library.duplicates()._codes
    monkeypatch.setattr(library.duplicates(), "_codes", lambda: replace(codes(), model="another"))


@pytest.mark.parametrize("come", [newer_rules, another_model])
def test_photos_are_compared_again_by_newer_rules_and_another_model_and_decisions_stay(
    library, photos, monkeypatch, come
):
    scene(21).resize((240, 180)).save(photos / "decided.png")
    list(library.update())
    duplicates = library.duplicates()
    list(duplicates.compare())
    (group,) = [group for group in duplicates.groups() if group.keeper.path.name == "1.jpg"]
    duplicates.decide([each.photo for each in group.photos], "keep all")
    assert names_of(library) == [["0.jpg", "small.jpg"]] and not duplicates.are_waiting()

    with monkeypatch.context() as older, monkeypatch.context() as stricter:
        come(library, older)
        stricter.setattr(Judges, "verdicts", lambda self, pairs: ["other"] * len(pairs))
        assert duplicates.are_waiting()
        comparing = duplicates.compare()
        next(comparing)
        assert names_of(library) == [["0.jpg", "small.jpg"]], "it is shown until it is known better"
        list(comparing)
        assert names_of(library) == [] and not duplicates.are_waiting()

    assert duplicates.are_waiting()
    follow_until(library, lambda: not duplicates.are_waiting())
    assert names_of(library) == [["0.jpg", "small.jpg"]]
    assert len(duplicates.decisions()) == 1


def test_what_older_rules_found_stays_where_there_is_no_picture_to_look_at(
    tmp_path, library, photos, monkeypatch
):
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]
    forget_thumbnails(tmp_path)
    for photo in photos.iterdir():
        photo.rename(photo.with_suffix(".away"))
    newer_rules(library, monkeypatch)
    list(library.duplicates().compare())
    assert names_of(library) == [["0.jpg", "small.jpg"]]


@pytest.mark.parametrize("unknown", ["looks", "pairs"])
def test_of_photos_whose_drive_is_not_there_nothing_is_asked(library, photos, tmp_path, monkeypatch, unknown):
    list(library.update())
    with monkeypatch.context() as blind:
        blind.setattr(Judges, "verdicts", lambda self, pairs: [None] * len(pairs))
        list(library.duplicates().compare())
    if unknown == "looks":
        with Catalogue(Places.under(tmp_path / "home").catalogue).transaction() as catalogue:
            catalogue.execute("DELETE FROM looks")
    forget_thumbnails(tmp_path)
    assert library.duplicates().are_waiting()
    photos.rename(tmp_path / "away")
    list(library.update())
    with monkeypatch.context() as spied:
        asked = []
        spied.setattr(library.duplicates(), "_thumbnail", asked.append)
        assert not library.duplicates().are_waiting()
        list(library.duplicates().compare())
        assert asked == []
    (tmp_path / "away").rename(photos)
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]


def test_newer_rules_keep_the_copy_of_one_of_many_frames_of_a_burst(library, photos, monkeypatch):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[TAKEN] = "2020:05:17 10:00:00"
    still = scene(40, (240, 180))
    for number in range(FEW + 1):
        frame, (x, y) = still.copy(), divmod(number, 5)
        ImageDraw.Draw(frame).ellipse((20 + 50 * x, 10 + 33 * y, 40 + 50 * x, 30 + 33 * y), "white")
        frame.save(photos / f"frame {number:02}.jpg", quality=92, exif=exif)
    frame.resize((200, 150)).save(photos / "version.jpg", quality=90, exif=exif)
    copy = ("same-shot", [f"frame {number:02}.jpg", "version.jpg"])
    found = found_in(library)
    assert copy in found and len(max(names_of(library), key=len)) > FEW, "and a burst"
    newer_rules(library, monkeypatch)
    list(library.duplicates().compare())
    assert not library.duplicates().are_waiting()
    assert copy in found_in(library)


@pytest.mark.parametrize("comes", ["before", "after"])
def test_what_older_rules_said_of_a_file_that_is_gone_does_not_outlive_them_in_its_copy(
    library, photos, tmp_path, monkeypatch, comes
):
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]
    shutil.copy(photos / "small.jpg", photos / "copy.jpg")
    list(library.update())
    list(library.duplicates().compare())
    (photos / "small.jpg").rename(tmp_path / "small.jpg")
    if comes == "after":
        (photos / "copy.jpg").rename(tmp_path / "copy.jpg")
    list(library.update())
    with monkeypatch.context() as stricter:
        newer_rules(library, stricter)
        stricter.setattr(Judges, "verdicts", lambda self, pairs: ["other"] * len(pairs))
        list(library.duplicates().compare())
        if comes == "after":
            (tmp_path / "copy.jpg").rename(photos / "copy.jpg")
        assert found_in(library) == []
        assert not library.duplicates().are_waiting()
    assert found_in(library) == [("same-shot", ["0.jpg", "copy.jpg"])], "and is found again by other rules"


def test_what_newer_rules_said_of_a_file_holds_for_its_copy_when_it_is_gone(
    library, photos, tmp_path, monkeypatch
):
    shutil.copy(photos / "small.jpg", photos / "tiny copy.jpg")
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg", "tiny copy.jpg"])]
    newer_rules(library, monkeypatch)
    list(library.duplicates().compare())
    (photos / "small.jpg").rename(tmp_path / "small.jpg")
    list(library.update())
    with Catalogue(Places.under(tmp_path / "home").catalogue).transaction() as catalogue:
        # One of which there was no code when the others were compared again.
        catalogue.execute(
            "UPDATE looks SET compared = 1 WHERE photo_id IN (SELECT id FROM photos WHERE name = '1.jpg')"
        )
    assert library.duplicates().are_waiting()
    assert found_in(library) == [("same-shot", ["0.jpg", "tiny copy.jpg"])]


def decide(library: Library) -> None:
    found_in(library)
    (group,) = library.duplicates().groups()
    library.duplicates().decide([each.photo for each in group.photos], "not the same")


def test_a_decision_survives_that_a_folder_is_forgotten_and_indexed_again(library, photos):
    decide(library)
    library.remove_folder(photos)
    list(library.update())
    assert library.status().photos == 0
    library.add_folder(photos)
    assert found_in(library) == []
    assert len(library.duplicates().decisions()) == 1


def test_a_decision_survives_the_repair_of_a_damaged_catalogue(tmp_path, library):
    decide(library)
    library.close()
    places = Places.under(tmp_path / "home")
    with closing(sqlite3.connect(places.catalogue)) as catalogue:
        catalogue.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = catalogue.execute("PRAGMA page_size").fetchone()[0]
        (damaged,) = catalogue.execute("SELECT rootpage FROM sqlite_master WHERE name = 'looks'").fetchone()
    content = bytearray(places.catalogue.read_bytes())
    content[(damaged - 1) * page : damaged * page] = bytes(range(256)) * (page // 256)
    places.catalogue.write_bytes(content)
    list(verify(places, repair=True))
    assert list(places.catalogue.parent.glob("*damaged*"))
    with closing(opened(tmp_path)) as again:
        assert len(again.duplicates().decisions()) == 1
        assert found_in(again) == []


MOVING = """
import sys, time
from pathlib import Path
from photosearch.library.cleaning import suggestion
from tests.library.test_duplicates_kept import opened

class Slow:
    def put(self, path):
        if sys.argv[2] == "after":
            place = path.with_name("trash") / path.name
            place.parent.mkdir(exist_ok=True)
            path.rename(place)
        print("moving", flush=True)
        time.sleep(600)

library = opened(Path(sys.argv[1]))
cleaning = library.cleaning(Slow())
plan = cleaning.plan(suggestion(library.duplicates().groups()))
for _ in cleaning.execute(plan):
    pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed otherwise there")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_is_killed_at_a_move_leaves_a_copy_and_knows_what_happened(
    tmp_path, library, photos, when
):
    shutil.copy(photos / "1.jpg", photos / "1 copy.jpg")
    found_in(library)
    kept_apart = next(one for one in library.duplicates().groups() if one.kind == "same-shot")
    library.duplicates().decide([each.photo for each in kept_apart.photos], "keep all")
    library.close()
    process = subprocess.Popen(
        [sys.executable, "-c", MOVING, str(tmp_path), when],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "moving\n"
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()

    with closing(opened(tmp_path)) as again:
        (removal,) = again.cleaning().removals()
        assert (removal.path, removal.kept) == (photos / "1 copy.jpg", photos / "1.jpg")
        assert removal.state == ("failed" if when == "before" else "done")
        assert removal.path.exists() == (when == "before")
        with Image.open(removal.kept) as image:
            image.load()
        left = [("exact", ["1.jpg", "1 copy.jpg"])] if when == "before" else []
        if when == "after":
            shutil.rmtree(photos / "trash")
        assert found_in(again) == left
        assert len(again.duplicates().decisions()) == 1


def test_what_is_moved_while_its_folder_is_forgotten_can_be_put_back(tmp_path, library, photos):
    found_in(library)

    class Forgetting:
        def put(self, path: Path) -> Path:
            library.remove_folder(photos)
            return path.rename(tmp_path / path.name)

        def restore(self, place: Path, path: Path) -> None:
            place.rename(path)

    cleaning = library.cleaning(Forgetting())
    plan = cleaning.plan(suggestion(library.duplicates().groups()))
    (removal,) = run(cleaning.execute(plan))
    assert removal.state == "done" and not removal.path.exists()
    (removal,) = run(cleaning.undo(removal.batch))
    assert removal.state == "undone" and removal.path.exists()


def follow_until(library: Library, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    with closing(library.follow()) as following:
        while not holds():
            assert time.monotonic() < end, "it never came true"
            next(following)


def names_of(library: Library) -> list[list[str]]:
    return [[each.photo.path.name for each in group.photos] for group in library.duplicates().groups()]


@pytest.mark.parametrize("effort", ["full", "gentle"])
def test_who_follows_compares_photos_as_they_arrive(library, photos, effort):
    library.choose_effort(effort)
    added = False

    def found() -> bool:
        nonlocal added
        if not added and names_of(library) == [["0.jpg", "small.jpg"]]:
            scene(21).resize((240, 180)).save(photos / "another.png")
            added = True
        # On a machine with much else to do, a stretch may end between the finding and the writing down.
        return added and len(names_of(library)) == 2 and not library.duplicates().are_waiting()

    follow_until(library, found)
    assert sorted(names_of(library)) == [["0.jpg", "small.jpg"], ["1.jpg", "another.png"]]


def test_a_mistake_in_comparing_ends_no_watching_and_is_made_good_with_the_next_photos(
    library, photos, monkeypatch, caplog
):
    compare, mistakes = Duplicates.compare, []

    def mistaken(*given: Any, **more: Any) -> Iterator[Progress]:
        if mistakes:
            return compare(*given, **more)
        mistakes.append(True)
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(Duplicates, "compare", mistaken)
    added = False

    def found() -> bool:
        nonlocal added
        if mistakes and not added:
            assert names_of(library) == []
            scene(22).save(photos / "2.jpg", quality=92)
            added = True
        return names_of(library) == [["0.jpg", "small.jpg"]]

    follow_until(library, found)
    assert library.status().encoded == 4
    assert "comparing failed" in caplog.text and "a mistake of ours" in caplog.text


def test_who_follows_leaves_comparing_to_a_person_who_does(library):
    list(library.update())
    comparing = library.duplicates().compare()
    next(comparing)
    watched = 0
    with closing(library.follow()) as following:
        for progress in following:
            watched += progress.step == "watching"
            if watched == 3:
                break
        assert library.duplicates().are_waiting() and names_of(library) == []
        comparing.close()
        while not names_of(library):
            next(following)
    assert names_of(library) == [["0.jpg", "small.jpg"]]


def test_what_who_follows_has_begun_a_person_goes_on_with_and_no_pair_is_looked_at_twice(
    library, monkeypatch
):
    list(library.update())
    looked_at = []
    judged = Judges.verdicts
    monkeypatch.setattr(
        Judges,
        "verdicts",
        lambda self, pairs: (
            looked_at.extend(frozenset(p.id for p in pair) for pair in pairs) or judged(self, pairs)
        ),
    )
    following = library.duplicates().compare(waits=False)
    while not looked_at:
        next(following)
    list(library.duplicates().compare())
    assert list(following) == []
    assert names_of(library) == [["0.jpg", "small.jpg"]]
    assert len(looked_at) == len(set(looked_at))
