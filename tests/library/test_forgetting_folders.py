"""Of a folder that is forgotten or left out nothing is found, and nothing is left on disk."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from photosearch.errors import FolderUnavailable
from photosearch.library import Library
from photosearch.library.logs import erase_lines
from photosearch.records import Example, Filters
from photosearch.searches import PastSearches, Search
from photosearch.settings import Places, read_settings
from photosearch.store import read_code_file
from tests.fakes import CoarseColourEncoder
from tests.library.acting import find, first, paths, update


def test_a_forgotten_folder_is_forgotten(library, photos):
    update(library, photos)
    library.remove_folder(photos)
    assert library.status().photos == 0
    assert find(library, paths(photos)[0]).matches == ()
    assert len(paths(photos)) == 30


def test_nothing_of_a_forgotten_folder_is_left_on_disk(library, photos, tmp_path):
    places, secret = Places.under(tmp_path / "home"), photos / "spring"
    update(library, secret, photos / "summer", photos / "autumn")
    find(library, paths(photos)[0])
    log = places.logs / "photosearch.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(f"something went wrong\nwith {secret}/a.jpg\n")
    past = PastSearches(places.past_searches / "photos")
    near, away = Search((Example(photos / "summer"),)), Search((Example(photos / "autumn" / "a.jpg"),))
    past.keep([near, Search((Example(paths(secret)[0]),)), Search((), Filters(under=secret)), away])
    names = [path.name.encode() for path in paths(secret)]
    shown = [library.thumbnail(photo)[600:664] for photo in library.photos(library.listing(Filters(secret)))]

    def found() -> list[Path]:
        """Files that tell of the folder: also those that SQLite keeps beside its own."""
        files = {file: file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file()}
        words = [b"spring", *names, *shown]
        return [file for file, content in files.items() if any(word in content for word in words)]

    kinds = {file.name.split(".")[0] for file in found()}
    assert kinds == {"catalogue", "thumbnails", "photosearch", "00000002", "00000003"}
    library.remove_folder(secret)
    assert found() == []
    assert PastSearches(places.past_searches / "photos").all() == [near, away]
    assert log.read_text() == "something went wrong\n"
    assert sorted(read_code_file(places.codes).ids) == sorted(library.listing())
    assert first(library, paths(photos / "summer")[0]) == paths(photos / "summer")[0]


def test_lines_of_a_folder_are_taken_out_of_a_log_and_those_of_others_with_longer_names_are_not(tmp_path):
    log, folder = tmp_path / "photosearch.log", Path("/photos/sea")
    of_it = [
        f"{folder}",
        f"{folder}/a.jpg: no",
        f"“{folder}”",
        f"in {folder}.",
        f"{folder}, gone",
        f"('{folder}')",
    ]
    of_others = [
        f"{folder}side/a.jpg",
        f"{folder}2",
        f"{folder}-old",
        f"{folder}_1",
        f"{folder}é",
        f"/my{folder}",
    ]
    log.write_text("".join(f"{line}\n" for line in of_it + of_others), "utf-8")
    erase_lines(tmp_path, folder)
    assert log.read_text("utf-8").splitlines() == of_others


def test_a_log_that_gets_another_name_while_lines_are_taken_out_keeps_all_others(tmp_path, monkeypatch):
    log, older = tmp_path / "photosearch.log", tmp_path / "photosearch.log.1"
    log.write_text("of a secret\nof another\n" * 20)
    opened_by = Path.open

    def renamed_once_opened(path, mode="r", *options):
        file = opened_by(path, mode, *options)
        if path == log and not older.exists():
            log.rename(older)
            with opened_by(log, "w") as new:
                new.write("of now\n")
        return file

    monkeypatch.setattr(Path, "open", renamed_once_opened)
    erase_lines(tmp_path, Path("secret"))
    monkeypatch.undo()
    assert (older.read_text(), log.read_text()) == ("of another\n" * 20, "of now\n")


def test_a_folder_that_is_left_out_is_forgotten_and_not_looked_into_until_it_is_taken_in(library, photos):
    update(library, photos)
    library.leave_out(photos / "spring")
    assert library.status().photos == 20
    known = b"".join(file.read_bytes() for file in (photos.parent / "home").glob("catalogue.sqlite*"))
    assert b"spring" not in known and b"summer" in known
    assert find(library, paths(photos / "spring")[0]).matches[0].photo.path.parent != photos / "spring"
    shutil.copy(paths(photos)[0], photos / "spring" / "new.jpg")
    tally = update(library).tally
    assert (tally.photos, tally.removed, tally.offline) == (20, 0, 0)
    assert read_settings(Places.under(photos.parent / "home").settings).left_out == str(photos / "spring")
    library.take_in(photos / "spring")
    assert update(library).tally.photos == 31 and library.left_out() == []
    library.leave_out(photos / "spring")
    library.add_folder(photos / "spring")
    assert library.left_out() == [], "who adds it wants it"
    for folder in (photos, photos.parent):
        with pytest.raises(FolderUnavailable, match="no watched folder"):
            library.leave_out(folder)


def test_no_thumbnail_stays_of_a_folder_that_is_left_out_while_its_photos_are_encoded(
    library: Library, encoder: CoarseColourEncoder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = encoder.encode

    def leave_out_and_encode(pixels):
        library.leave_out(photos / "spring")
        return encode(pixels)

    monkeypatch.setattr(encoder, "encode", leave_out_and_encode)
    assert update(library, photos).tally.photos == 20
    with closing(sqlite3.connect(photos.parent / "home" / "cache" / "thumbnails.sqlite")) as cache:
        kept = [photo_id for (photo_id,) in cache.execute("SELECT photo_id FROM thumbnails")]
    assert sorted(kept) == sorted(library.listing())


def test_what_is_left_out_stays_so_where_the_folder_around_it_is_renamed(library, photos, tmp_path):
    library.add_folder(photos)
    library.leave_out(photos / "spring")
    assert update(library).tally.photos == 20
    photos.rename(tmp_path / "renamed")
    assert update(library, tmp_path / "renamed").tally.photos == 20
    assert [root.path for root in library.folders()] == [tmp_path / "renamed"]
    kept = read_settings(Places.under(tmp_path / "home").settings).left_out
    assert kept == str(tmp_path / "renamed" / "spring")


def test_who_follows_changes_looks_into_a_folder_as_soon_as_it_is_taken_in(library, photos):
    library.add_folder(photos)
    library.leave_out(photos / "spring")
    following = library.follow()
    next(progress for progress in following if progress.step == "watching")
    assert library.status().encoded == 20
    library.take_in(photos / "spring")
    next(progress for progress in following if progress.step == "watching" and progress.tally.photos == 30)
    library.leave_out(photos / "summer")
    next(progress for progress in following if progress.step == "watching" and progress.tally.photos == 20)
    # Both between two looks: which folders are left out is the same as before, and what was known is not.
    library.leave_out(photos / "spring")
    library.take_in(photos / "spring")
    assert any(library.status().encoded == 20 for _ in islice(following, 30))
    following.close()
