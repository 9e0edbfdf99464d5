"""Whoever follows a library takes up what changes in its folders."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from photosearch.watch import Hint
from tests.library.acting import PATIENCE, find, first, paths, until, update
from tests.pictures import draw


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


def test_a_folder_that_loses_its_rights_is_offline_until_it_may_be_read_again(library, photos):
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    photos.chmod(0)
    try:
        if os.access(photos, os.R_OK):
            pytest.skip("nothing is forbidden to this user")
        until(following, lambda: library.folders()[0].state == "offline", seconds=PATIENCE)
        assert (library.status().offline, library.status().photos) == (30, 30)
        updater = library._updater()
        list(updater._look([Hint(library.folders()[0].id, "", True)]))
        assert not updater._reconciler.so_far.returned, "each look would take it for a drive that came back"
    finally:
        photos.chmod(0o755)
    until(following, lambda: library.folders()[0].state == "watched", seconds=PATIENCE)
    assert (library.status().encoded, library.status().photos) == (30, 30)
    (photos / "spring" / "photo 00.jpg").unlink()
    until(following, lambda: library.status().encoded == 29, seconds=PATIENCE)
    following.close()


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
