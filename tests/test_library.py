"""The journey of a photo and of a query: real files, processes, catalogue and engine; a fake encoder."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.errors import FolderUnavailable, LibraryBusy, PhotoUnreadable, SettingsUnusable
from photosearch.library import Library
from photosearch.library.logs import erase_lines
from photosearch.records import Answer, Box, Example, Filters, Progress, Query
from photosearch.searches import PastSearches, Search
from photosearch.settings import Places, Settings, read_settings
from photosearch.store import read_code_file
from photosearch.watch import Hint
from tests.disks import needs_mounting, small_drive
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import KINDS, draw

PATIENCE = 30
"""Seconds after which something has hung; on an idle machine a follower takes three."""


@pytest.fixture
def encoder() -> CoarseColourEncoder:
    return CoarseColourEncoder()


@pytest.fixture
def opened(tmp_path: Path, encoder: CoarseColourEncoder) -> Iterator[Callable[[], Library]]:
    """Opens the same library, as often as asked; each is closed at the end."""
    libraries: list[Library] = []

    def open_library() -> Library:
        libraries.append(
            Library(
                Places.under(tmp_path / "home"),
                Settings(workers=2),
                model=coarse_colour_model(),
                encoder=encoder,
            )
        )
        return libraries[-1]

    yield open_library
    for library in libraries:
        library.close()


@pytest.fixture
def library(opened: Callable[[], Library]) -> Library:
    return opened()


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 drawn pictures in three folders, with dates long past."""
    folder = tmp_path_factory.mktemp("drawn")
    kinds = sorted(KINDS)
    for number in range(30):
        path = folder / ("spring", "summer", "autumn")[number % 3] / f"photo {number:02}.jpg"
        path.parent.mkdir(exist_ok=True)
        draw(kinds[number % len(kinds)], seed=number, size=(240, 180)).save(path, quality=92)
        os.utime(path, (1_500_000_000 + number, 1_500_000_000 + number))
    return folder


@pytest.fixture
def photos(drawn: Path, tmp_path: Path) -> Path:
    shutil.copytree(drawn, tmp_path / "photos")
    return tmp_path / "photos"


def update(library: Library, *folders: Path) -> Progress:
    for folder in folders:
        library.add_folder(folder)
    *_, last = library.update()
    return last


def find(library: Library, source: Path | bytes, **more) -> Answer:
    return library.search(Query((Example(source),), **more))


def first(library: Library, source: Path) -> Path:
    return find(library, source).matches[0].photo.path


def paths(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jpg"))


def adds_up(library: Library) -> bool:
    status = library.status()
    return status.photos == status.encoded + status.waiting + status.offline + status.unreadable


def test_each_photo_as_the_query_ranks_itself_first(library, photos):
    assert update(library, photos).tally.encoded == 30
    assert [first(library, path) for path in paths(photos)] == paths(photos)
    assert adds_up(library)


def test_a_second_update_encodes_nothing(library, photos, encoder):
    update(library, photos)
    encoder.encoded = 0
    tally = update(library).tally
    assert encoder.encoded == tally.encoded == 0
    assert tally.photos == 30


def test_a_reopened_library_answers_without_encoding_anything_again(opened, photos, encoder):
    before = opened()
    update(before, photos)
    wanted = find(before, paths(photos)[3])
    before.close()
    encoder.encoded = 0
    after = find(opened(), paths(photos)[3])
    assert [(one.photo.path, one.score) for one in after.matches] == [
        (one.photo.path, one.score) for one in wanted.matches
    ]
    assert encoder.encoded == 0


def test_a_renamed_folder_is_found_at_its_new_place_and_never_encoded_again(library, photos, encoder):
    update(library, photos)
    encoder.encoded = 0
    (photos / "summer").rename(photos / "a long summer")
    tally = update(library).tally
    assert (tally.moved, tally.removed, tally.offline, encoder.encoded) == (10, 0, 0, 0)
    moved = paths(photos / "a long summer")
    assert [first(library, path) for path in moved] == moved


def test_a_photo_moved_to_another_watched_folder_keeps_its_code(library, photos, encoder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    update(library, photos, other)
    encoder.encoded = 0
    moved = other / "renamed.jpg"
    paths(photos)[5].rename(moved)
    assert update(library).tally.moved == 1
    assert encoder.encoded == 0
    assert first(library, moved) == moved


def test_a_changed_photo_is_encoded_again_and_found_as_it_is_now(library, photos, encoder):
    update(library, photos)
    encoder.encoded = 0
    changed = paths(photos)[0]
    draw("balloon", seed=99, size=(300, 200)).save(changed)
    tally = update(library).tally
    assert (tally.updated, tally.encoded, encoder.encoded) == (1, 1, 1)
    assert first(library, changed) == changed


def test_a_copy_of_a_known_photo_takes_its_code_and_is_not_encoded(library, photos, encoder, tmp_path):
    update(library, photos)
    encoder.encoded = 0
    other = tmp_path / "other"
    shutil.copytree(photos, other / "backup", copy_function=shutil.copyfile)
    os.link(paths(photos)[0], photos / "hard link.jpg")
    (photos / "soft link.jpg").symlink_to(paths(photos)[1])
    tally = update(library, other).tally
    assert (tally.photos, tally.copied, tally.encoded, encoder.encoded) == (62, 32, 0, 0)
    assert adds_up(library) and library.status().encoded == 62
    for path in paths(other):
        assert path in {match.photo.path for match in find(library, path, count=3).matches}
    for photo in library.photos(library.listing(Filters(under=other))):
        assert photo.details.width == 240 and library.thumbnail(photo)
    update(library)
    assert encoder.encoded == 0


def test_of_copies_that_are_new_together_one_is_encoded(library, photos, encoder, tmp_path):
    for number in range(4):
        shutil.copytree(photos, tmp_path / "all" / str(number))
    tally = update(library, tmp_path / "all").tally
    assert (tally.photos, tally.encoded, tally.copied, encoder.encoded) == (120, 30, 90, 30)
    assert library.status().encoded == 120


def test_a_file_that_differs_from_a_photo_only_in_its_middle_is_encoded(library, photos, encoder):
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    Image.fromarray(noise).save(photos / "one.bmp")
    update(library, photos)
    encoder.encoded = 0
    content = bytearray((photos / "one.bmp").read_bytes())
    content[len(content) // 2] ^= 255
    (photos / "two.bmp").write_bytes(content)
    assert update(library).tally.copied == 0
    assert encoder.encoded == 1


def test_broken_copies_are_all_listed_and_do_not_wait_for_one_another(library, photos):
    for number in range(100):
        (photos / f"empty {number}.jpg").touch()
        (photos / f"broken {number}.jpg").write_bytes(b"no picture")
    update(library, photos)
    assert len(library.failures()) == 200
    assert adds_up(library) and library.status().encoded == 30


def test_a_copy_of_a_photo_on_an_unplugged_drive_is_not_encoded(library, photos, encoder, tmp_path):
    update(library, photos)
    encoder.encoded = 0
    shutil.copytree(photos, tmp_path / "restored", copy_function=shutil.copyfile)
    photos.rename(tmp_path / "unplugged")
    tally = update(library, tmp_path / "restored").tally
    assert (tally.photos, tally.offline, tally.copied, encoder.encoded) == (60, 30, 30, 0)


def test_a_photo_restored_from_a_backup_is_the_one_that_was_deleted(library, photos, encoder, tmp_path):
    update(library, photos)
    backup = tmp_path / "backup"
    shutil.copytree(photos / "spring", backup)
    ids = {photo.path: photo.id for photo in library.photos(library.listing())}
    shutil.rmtree(photos / "spring")
    encoder.encoded = 0
    assert update(library).tally.removed == 10
    (photos / "spring").mkdir()
    for path in paths(backup):
        (photos / "spring" / path.name).write_bytes(path.read_bytes())
    (photos / "spring" / paths(backup)[0].name).rename(photos / "elsewhere.jpg")
    update(library)
    ids[photos / "elsewhere.jpg"] = ids.pop(photos / "spring" / paths(backup)[0].name)
    assert {photo.path: photo.id for photo in library.photos(library.listing())} == ids
    assert encoder.encoded == 0


def test_all_photos_moved_from_a_small_library_and_told_in_two_looks_keep_their_codes(
    library, photos, encoder, tmp_path
):
    shutil.rmtree(photos / "spring")
    shutil.rmtree(photos / "summer")
    update(library, photos)
    encoder.encoded = 0
    (photos / "autumn").rename(tmp_path / "away")
    assert update(library).tally.removed == 10
    (tmp_path / "away").rename(photos / "back under another name")
    tally = update(library).tally
    assert (tally.photos, tally.moved, tally.copied, encoder.encoded) == (10, 10, 0, 0)


def test_photos_renamed_in_the_case_of_their_names_alone_keep_their_codes(library, photos, encoder):
    update(library, photos)
    ids = set(library.listing().tolist())
    encoder.encoded = 0
    for path in paths(photos):
        path.rename(path.with_name(path.name.upper()))
    (photos / "summer").rename(photos / "SUMMER")
    tally = update(library).tally
    assert (tally.photos, tally.removed, tally.offline, encoder.encoded) == (30, 0, 0, 0)
    assert set(library.listing().tolist()) == ids
    shown = {photo.path.relative_to(photos).as_posix() for photo in library.photos(library.listing())}
    assert shown == {path.relative_to(photos).as_posix() for path in photos.rglob("*.JPG")}
    assert "SUMMER/PHOTO 01.JPG" in shown


def test_touched_photos_are_not_encoded_again_and_keep_their_thumbnails(library, photos, encoder, tmp_path):
    update(library, photos)
    encoder.encoded = 0
    hour = 3600 * 10**9
    for path in paths(photos):
        changed = path.stat().st_mtime_ns + hour
        os.utime(path, ns=(changed, changed))
    os.utime(paths(photos)[0])
    tally = update(library).tally
    assert (encoder.encoded, tally.encoded, tally.updated, tally.moved) == (0, 0, 0, 0)
    known = library.photos(library.listing())
    assert {photo.path: photo.modified_ns for photo in known} == {
        path: path.stat().st_mtime_ns for path in paths(photos)
    }
    photos.rename(tmp_path / "unplugged")
    update(library)
    assert all(library.thumbnail(photo) for photo in library.photos(library.listing()))


def test_a_deleted_photo_is_not_found_and_one_put_back_is_not_encoded_again(
    library, photos, encoder, tmp_path
):
    update(library, photos)
    deleted = paths(photos)[7]
    kept = tmp_path / "kept.jpg"
    deleted.rename(kept)
    assert update(library).tally.removed == 1
    assert first(library, kept) != deleted
    assert library.status().photos == 29
    kept.rename(deleted)
    encoder.encoded = 0
    update(library)
    assert first(library, deleted) == deleted
    assert encoder.encoded == 0


def test_an_unplugged_drive_is_offline_and_its_photos_still_answer(library, photos, encoder, tmp_path):
    update(library, photos)
    query = tmp_path / "query.jpg"
    wanted = paths(photos)[4]
    shutil.copy(wanted, query)
    photos.rename(tmp_path / "unplugged")
    tally = update(library).tally
    assert (tally.removed, tally.offline) == (0, 30)
    assert library.status().offline == 30 and adds_up(library)
    best = find(library, query).matches[0].photo
    assert best.path == wanted and best.offline
    assert first(library, wanted) == wanted, "an offline photo can itself be the query"
    (tmp_path / "unplugged").rename(photos)
    encoder.encoded = 0
    assert update(library).tally.offline == 0
    assert encoder.encoded == 0


def test_a_mass_disappearance_is_not_a_purge(library, photos):
    update(library, photos)
    for path in paths(photos)[:25]:
        path.unlink()
    tally = update(library).tally
    assert (tally.removed, tally.offline) == (0, 25)
    assert adds_up(library)


def test_a_person_can_say_that_photos_which_vanished_in_a_mass_were_deleted(library, photos, encoder):
    update(library, photos)
    content = {path: path.read_bytes() for path in paths(photos)[:25]}
    for path in content:
        path.unlink()
    update(library)
    assert [root.missing for root in library.folders()] == [25]
    assert library.forget_missing(photos / "autumn") == 10
    assert library.forget_missing(photos) == 15
    assert library.status().photos == 5 and adds_up(library)
    assert len(find(library, paths(photos)[0]).matches) == 5
    encoder.encoded = 0
    for path, bytes in content.items():
        path.write_bytes(bytes)
    assert update(library).tally.photos == 30
    assert encoder.encoded == 0
    with pytest.raises(FolderUnavailable):
        library.forget_missing(photos.parent / "elsewhere")


def test_nobody_can_say_what_was_deleted_from_a_drive_that_is_not_there(library, photos, tmp_path):
    update(library, photos)
    photos.rename(tmp_path / "unplugged")
    update(library)
    for folder in (photos, photos / "spring", tmp_path):
        with pytest.raises(FolderUnavailable, match="drive"):
            library.forget_missing(folder)
    assert library.status().photos == 30


def test_photos_of_an_inner_folder_that_is_removed_belong_to_the_outer_one(library, photos, encoder):
    update(library, photos / "spring")
    update(library, photos)
    assert [root.photos for root in library.folders()] == [20, 10]
    ids = library.listing().tolist()
    encoder.encoded = 0
    library.remove_folder(photos / "spring")
    assert [(root.path, root.photos) for root in library.folders()] == [(photos, 30)]
    tally = update(library).tally
    assert (tally.photos, tally.moved, tally.removed, encoder.encoded) == (30, 0, 0, 0)
    assert library.listing().tolist() == ids
    assert [first(library, path) for path in paths(photos)] == paths(photos)


def test_photos_that_swap_names_are_not_encoded_again(library, photos, encoder):
    update(library, photos)
    encoder.encoded = 0
    folder = photos / "spring"
    before = {path: path.read_bytes() for path in paths(folder)}
    ordered = paths(folder)
    for number, path in reversed(list(enumerate(ordered))):
        path.rename(folder / f"{number + 1:02}.tmp")
    for number, path in enumerate(ordered):
        (folder / f"{(number + 1) % len(ordered) + 1:02}.tmp").rename(path)
    update(library)
    assert encoder.encoded == 0
    assert all(path.read_bytes() != content for path, content in before.items())
    assert [first(library, path) for path in ordered] == ordered


def test_a_renamed_root_added_again_is_the_same_folder(library, photos, encoder, tmp_path):
    update(library, photos)
    encoder.encoded = 0
    photos.rename(tmp_path / "renamed")
    tally = update(library, tmp_path / "renamed").tally
    assert encoder.encoded == 0
    assert (tally.photos, tally.offline, tally.removed) == (30, 0, 0)
    assert [root.path for root in library.folders()] == [tmp_path / "renamed"]


@pytest.mark.parametrize("told", [False, True], ids=["found by itself", "told by a person"])
def test_a_drive_that_is_mounted_elsewhere_is_the_same_folder(told, library, photos, encoder, tmp_path):
    needs_mounting()
    with small_drive(tmp_path / "drive", 10):
        shutil.copytree(photos, tmp_path / "drive", dirs_exist_ok=True)
        library.add_folder(tmp_path / "drive")
        library.leave_out(tmp_path / "drive" / "spring")
        update(library)
        ids = library.listing().tolist()
        encoder.encoded = 0
        subprocess.run(["mount", "--make-rprivate", tmp_path / "drive"], check=True)
        (tmp_path / "elsewhere").mkdir()
        subprocess.run(["mount", "--move", tmp_path / "drive", tmp_path / "elsewhere"], check=True)
        try:
            tally = update(library, *([tmp_path / "elsewhere"] if told else [])).tally
            assert (tally.photos, tally.offline, tally.removed, encoder.encoded) == (20, 0, 0, 0)
            assert library.listing().tolist() == ids
            assert [root.path for root in library.folders()] == [tmp_path / "elsewhere"]
            assert library.left_out() == [tmp_path / "elsewhere" / "spring"]
        finally:
            subprocess.run(["mount", "--move", tmp_path / "elsewhere", tmp_path / "drive"], check=True)


def test_a_root_that_may_not_be_read_stops_no_other(library, photos, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(paths(photos)[0], other)
    update(library, photos, other)
    photos.rename(tmp_path / "unplugged")
    photos.touch()
    (other / "new.jpg").write_bytes(paths(tmp_path / "unplugged")[1].read_bytes())
    tally = update(library).tally
    assert (tally.offline, tally.photos) == (30, 32)


def test_a_large_clean_up_in_a_folder_is_believed_an_hour_later(library, photos, monkeypatch):
    update(library, photos)
    for path in paths(photos)[:25]:
        path.unlink()
    update(library)
    assert library.status().offline == 25
    later = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: later)
    # Of two folders nothing is left: they may be mount points, and stay offline.
    assert update(library).tally.removed == 5
    assert library.status().offline == 20
    assert adds_up(library)


def test_what_one_folder_could_not_offer_is_still_listed_after_a_look_at_its_parent(library, photos):
    (photos / "spring" / "loop.jpg").symlink_to("loop.jpg")
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    shutil.copy(paths(photos)[0], photos / "new.jpg")
    until(following, lambda: library.status().encoded == 31, seconds=PATIENCE)
    following.close()
    assert [failure.path.name for failure in library.failures()] == ["loop.jpg"]


def test_a_folder_inside_one_that_is_left_out_can_be_watched_by_itself(library, photos):
    update(library, photos)
    hidden = photos / ".hidden"
    shutil.copytree(photos / "spring", hidden)
    assert update(library, hidden).tally.photos == 40
    library.add_folder(photos / "summer")
    assert len(library.folders()) == 2


def test_one_bad_file_stops_nothing_and_each_is_listed_with_its_reason(library, photos):
    bad = photos / "bad"
    bad.mkdir()
    (bad / "empty.jpg").touch()
    (bad / "text.jpg").write_text("not a picture")
    (bad / "cut.jpg").write_bytes(paths(photos)[0].read_bytes()[:3000])
    (bad / "loop.jpg").symlink_to("loop.jpg")
    (bad / "around").symlink_to("..")
    update(library, photos)
    reasons = {failure.path.name: failure.reason for failure in library.failures()}
    assert reasons.keys() == {"empty.jpg", "text.jpg", "cut.jpg", "loop.jpg", "around"}
    assert all(reason.endswith(".") for reason in reasons.values()), reasons
    status = library.status()
    assert (status.encoded, status.unreadable) == (30, 5)
    assert adds_up(library)


def test_a_photo_from_a_time_that_no_catalogue_keeps_is_indexed_once_like_any_other(library, photos, encoder):
    late = paths(photos)[3]
    os.utime(late, (13_600_000_000, 13_600_000_000))
    if late.stat().st_mtime < 13_600_000_000:
        pytest.skip("this drive knows no such time")
    update(library, photos)
    assert (library.status().encoded, first(library, late)) == (30, late)
    late.rename(late.with_name("renamed.jpg"))
    assert update(library).tally.moved == 1
    assert encoder.encoded == 30


@pytest.mark.skipif(sys.platform != "linux", reason="a file that cannot be read lies there")
def test_a_photo_whose_drive_fails_waits_and_is_not_called_unreadable(library, photos, encoder):
    kept = photos.parent / "kept.jpg"
    failing = paths(photos)[3]
    failing.rename(kept)
    # To read the memory at address 0 is an I/O error.
    failing.symlink_to("/proc/self/mem")
    update(library, photos)
    status = library.status()
    assert (status.encoded, status.waiting, status.unreadable) == (29, 1, 0)
    assert library.failures() == [] and adds_up(library)
    failing.unlink()
    kept.rename(failing)
    update(library)
    assert library.status().encoded == 30 and encoder.encoded == 30


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_known_photo_whose_file_cannot_be_read_now_is_counted_once_and_listed(library, photos, tmp_path):
    link = paths(photos)[3]
    link.rename(tmp_path / "elsewhere.jpg")
    link.symlink_to(tmp_path / "elsewhere.jpg")
    update(library, photos)
    (tmp_path / "elsewhere.jpg").rename(tmp_path / "away.jpg")
    assert update(library).tally.photos == 30
    status = library.status()
    assert (status.photos, status.encoded, status.unreadable) == (30, 30, 0) and adds_up(library)
    assert [failure.path for failure in library.failures()] == [link]


def test_what_waits_on_a_drive_that_comes_back_is_taken_up_by_itself(library, photos, tmp_path):
    library.add_folder(photos)
    for _ in library._updater()._look([Hint(root.id, "", True) for root in library.folders()]):
        pass
    photos.rename(tmp_path / "unplugged")
    following = library.follow()
    until(following, lambda: library.status().offline == 30, seconds=PATIENCE)
    (tmp_path / "unplugged").rename(photos)
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    following.close()


def test_a_photo_that_changes_while_it_waits_is_encoded_once(library, drawn, photos, encoder):
    for number in range(6):
        for path in paths(drawn):
            with Image.open(path) as image:
                image.save(photos / f"{number} {path.name}", quality=80 + number)
            os.utime(photos / f"{number} {path.name}", (1.4e9, 1.4e9 + number))
    library.add_folder(photos)
    following = library.follow()
    encoder.hold.clear()
    changed = [photos / f"0 photo {number:02}.jpg" for number in range(5)]
    for progress in following:
        if progress.step == "indexing":
            break
    for number, path in enumerate(changed):
        draw("balloon", seed=90 + number, size=(300, 200)).save(path)
        os.utime(path, (1.4e9, 1.4e9))
    releasing = threading.Timer(5, encoder.hold.set)
    releasing.start()
    until(following, lambda: library.status().encoded == 210, seconds=PATIENCE)
    following.close()
    assert encoder.encoded == 210


def test_a_mended_file_is_taken_up_and_no_longer_listed(library, photos):
    broken = photos / "broken.jpg"
    broken.write_bytes(b"")
    update(library, photos)
    assert [failure.path for failure in library.failures()] == [broken]
    draw("city", seed=5, size=(200, 200)).save(broken)
    update(library)
    assert library.failures() == []
    assert first(library, broken) == broken


def test_a_broken_file_from_the_future_is_not_waited_for(library, photos):
    broken = photos / "broken.jpg"
    broken.write_bytes(b"no picture")
    os.utime(broken, (4_000_000_000, 4_000_000_000))
    update(library, photos)
    assert [failure.path for failure in library.failures()] == [broken]


def test_failures_are_tried_again_when_asked(library, photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"")
    update(library, photos)
    assert library.retry_failures() == 1
    assert library.status().waiting == 1
    update(library)
    assert len(library.failures()) == 1


def test_what_was_indexed_so_far_can_be_searched_while_indexing_goes_on(library, photos):
    library.add_folder(photos)
    answers = [
        find(library, paths(photos)[0]).searched for progress in library.update() if progress.published
    ]
    assert answers and answers[-1] == 30


def test_an_abandoned_update_keeps_what_was_committed_and_the_next_goes_on(
    library, drawn, photos, encoder, tmp_path
):
    for copy in range(5):
        shutil.copytree(drawn, photos / f"copy {copy}")
    library.add_folder(photos)
    for progress in library.update():
        if progress.published:
            break
    del progress
    committed = library.status().encoded
    assert 0 < committed < 180
    assert adds_up(library)
    update(library)
    assert library.status().encoded == 180
    assert encoder.encoded <= 180 + 2 * 64


def test_two_updates_at_once_are_refused_with_a_sentence(opened, photos):
    one, two = opened(), opened()
    one.add_folder(photos)
    running = one.update()
    next(running)
    with pytest.raises(LibraryBusy, match=r"\.$"):
        next(two.update())
    running.close()


def test_another_program_that_adds_photos_is_noticed_by_the_next_search(opened, photos):
    one, two = opened(), opened()
    assert find(one, paths(photos)[0]).searched == 0
    update(two, photos)
    assert find(one, paths(photos)[0]).searched == 30


def test_following_takes_up_new_changed_and_deleted_photos(library, photos):
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    new = photos / "spring" / "new.jpg"
    draw("flower", seed=7, size=(200, 260)).save(new)
    until(following, lambda: first(library, new) == new, seconds=PATIENCE)
    new.unlink()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    deep = photos / "winter" / "snow"
    shutil.copytree(photos / "spring", deep)
    until(following, lambda: library.status().encoded == 40, seconds=PATIENCE)
    following.close()


def test_following_takes_up_a_folder_added_meanwhile(library, photos):
    following = library.follow()
    next(following)
    # By another thread, as the window does.
    with ThreadPoolExecutor(1) as other:
        other.submit(library.add_folder, photos).result()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    following.close()


def test_following_begun_again_takes_up_what_changed_in_between_and_what_changes_then(library, photos):
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    following.close()
    draw("flower", seed=7, size=(200, 260)).save(photos / "between.jpg")
    following = library.follow()
    until(following, lambda: library.status().encoded == 31, seconds=PATIENCE)
    draw("flower", seed=8, size=(200, 260)).save(photos / "then.jpg")
    until(following, lambda: library.status().encoded == 32, seconds=PATIENCE)
    following.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_folder_whose_name_is_no_text_ends_no_following_and_is_listed(library, photos):
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    odd = Path(os.fsdecode(os.fsencode(photos / "spring") + b"/caf\xe9"))
    (odd / "deep").mkdir(parents=True)
    shutil.copy(paths(photos)[0], odd / "deep" / "a.jpg")
    until(following, lambda: bool(library.failures()), seconds=PATIENCE)
    assert [failure.path.name for failure in library.failures()] == ["caf\\xe9"]
    shutil.rmtree(odd)
    draw("flower", seed=7, size=(200, 260)).save(photos / "new.jpg")
    until(following, lambda: library.status().encoded == 31, seconds=PATIENCE)
    until(following, lambda: not library.failures(), seconds=PATIENCE)
    following.close()


def until(following: Iterator[Progress], holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for _ in following:
        if holds():
            return
        assert time.monotonic() < deadline, f"did not come true within {seconds} seconds"


def test_filters_are_exact(library, photos):
    update(library, photos)
    query = paths(photos)[0]
    under = find(library, query, filters=Filters(under=photos / "summer")).matches
    assert {match.photo.path for match in under} == set(paths(photos / "summer"))
    dated = find(library, query, filters=Filters(since=1_500_000_010, until=1_500_000_012)).matches
    assert {match.photo.path.name for match in dated} == {"photo 10.jpg", "photo 11.jpg"}
    with pytest.raises(FolderUnavailable):
        find(library, query, filters=Filters(under=photos.parent / "elsewhere"))


def test_a_part_of_a_photo_finds_what_looks_like_that_part(library, photos, tmp_path):
    part = photos / "part.jpg"
    with Image.open(paths(photos)[0]) as image:
        image.crop((120, 0, 240, 90)).save(part, quality=95)
    update(library, photos)
    example = Example(paths(photos)[0], box=Box(0.5, 0, 0.5, 0.5))
    assert library.search(Query((example,))).matches[0].photo.path == part


def test_less_like_this_moves_a_photo_away(library, photos):
    update(library, photos)
    wanted, unwanted = paths(photos)[:2]
    plain = find(library, wanted).matches
    without = library.search(Query((Example(wanted), Example(unwanted, weight=-0.5)))).matches

    def rank(matches) -> int:
        return next(match.rank for match in matches if match.photo.path == unwanted)

    assert rank(without) > rank(plain)


def test_a_copy_is_called_the_same_shot_and_is_unusually_near(library, photos, tmp_path):
    update(library, photos)
    copy = tmp_path / "copy.jpg"
    with Image.open(paths(photos)[2]) as image:
        image.resize((120, 90)).save(copy, quality=60)
    best, *_, last = find(library, copy).matches
    assert best.photo.path == paths(photos)[2]
    assert best.kind == "same-shot" and best.percentile > 95 > last.percentile
    only = find(library, copy, filters=Filters(kind="same-shot")).matches
    assert [match.photo.path for match in only] == [paths(photos)[2]]


def test_the_length_of_what_a_code_stands_for_does_not_tell_who_is_the_same_shot(photos, tmp_path, encoder):
    plain = coarse_colour_model()
    shorter = replace(plain, codebooks=plain.codebooks / 2)
    with closing(Library(Places.under(tmp_path / "home"), Settings(), shorter, encoder)) as library:
        update(library, photos)
        # A file of its own: one that is equal byte for byte is a copy whatever its score.
        again = tmp_path / "saved again.png"
        with Image.open(paths(photos)[2]) as image:
            image.save(again)
        best, *others = find(library, again).matches
    assert best.photo.path == paths(photos)[2] and best.kind == "same-shot" and best.score < 0.6
    assert others[-1].kind == "similar"


def test_the_file_itself_comes_before_photos_that_no_code_can_tell_from_it(library, photos):
    twins = [photos / name for name in ("twin 1.jpg", "twin 2.jpg", "twin 3.jpg")]
    with Image.open(paths(photos)[0]) as image:
        for quality, twin in zip((95, 93, 94), twins, strict=True):
            image.save(twin, quality=quality)
    update(library, photos)
    assert [first(library, twin) for twin in twins] == twins
    assert [match.rank for match in find(library, twins[1], count=3).matches] == [1, 2, 3]


def test_a_query_that_is_no_picture_is_refused_with_a_sentence(library, photos, tmp_path):
    update(library, photos)
    (tmp_path / "text.jpg").write_text("no picture")
    for source in (tmp_path / "text.jpg", tmp_path / "missing.jpg", b"no picture"):
        with pytest.raises(PhotoUnreadable, match=r"\.$"):
            find(library, source)


def test_a_folder_that_is_none_is_refused_with_a_sentence(library, tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(FolderUnavailable, match=str(folder)):
            library.add_folder(folder)


def test_a_reference_folder_is_one_whatever_its_name_is_made_of(library, tmp_path):
    odd = [tmp_path / "a\u2028b", tmp_path / "c\x0bd"]
    library.choose_preferences(["reference"], odd)
    assert library.preferences().references == tuple(odd)
    with pytest.raises(SettingsUnusable, match="line break"):
        library.choose_preferences(["reference"], [tmp_path / "a\nb"])
    assert library.preferences().references == tuple(odd)


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


def test_thumbnails_come_from_indexing_and_are_made_again_when_the_cache_is_gone(opened, photos, tmp_path):
    one = opened()
    update(one, photos)
    photo = one.photos(one.listing()[:1])[0]
    kept = one.thumbnail(photo)
    one.close()
    shutil.rmtree(tmp_path / "home" / "cache")
    assert opened().thumbnail(photo) == kept


def test_an_example_that_only_weighs_another_is_not_read_again_unless_its_file_changed(
    library: Library, encoder: CoarseColourEncoder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_folder(photos)
    list(library.update())
    asked = []
    vectors = encoder.vectors
    monkeypatch.setattr(encoder, "vectors", lambda pixels: asked.append(1) or vectors(pixels))
    one, another = sorted(photos.rglob("*.jpg"))[:2]
    first = library.search(Query((Example(one), Example(another, -0.5))))
    assert len(asked) == 2
    weighed = library.search(Query((Example(one), Example(another, 0.5))))
    assert len(asked) == 2
    assert [match.score for match in first.matches] != [match.score for match in weighed.matches]
    library.search(Query((Example(one, box=Box(0, 0, 0.5, 0.5)),)))
    assert len(asked) == 3
    Image.new("RGB", (60, 40), "teal").save(one)
    library.search(Query((Example(one),)))
    assert len(asked) == 4
