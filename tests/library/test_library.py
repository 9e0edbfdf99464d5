"""The journey of a photo: real files, processes, catalogue and engine; a fake encoder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from photosearch.errors import FolderUnavailable, LibraryBusy, SettingsUnusable
from photosearch.records import Filters
from tests.disks import needs_mounting, small_drive
from tests.library.acting import adds_up, find, first, paths, update
from tests.pictures import draw


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


def test_a_folder_inside_one_that_is_left_out_can_be_watched_by_itself(library, photos):
    update(library, photos)
    hidden = photos / ".hidden"
    shutil.copytree(photos / "spring", hidden)
    assert update(library, hidden).tally.photos == 40
    library.add_folder(photos / "summer")
    assert len(library.folders()) == 2


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


def test_thumbnails_come_from_indexing_and_are_made_again_when_the_cache_is_gone(opened, photos, tmp_path):
    one = opened()
    update(one, photos)
    photo = one.photos(one.listing()[:1])[0]
    kept = one.thumbnail(photo)
    one.close()
    shutil.rmtree(tmp_path / "home" / "cache")
    assert opened().thumbnail(photo) == kept
