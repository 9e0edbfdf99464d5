"""Files that cannot be read stop nothing, are listed, and are tried again when that may help."""

from __future__ import annotations

import os
import shutil
import sys
import threading

import pytest
from PIL import Image

from tests.library.acting import PATIENCE, adds_up, first, paths, until, update
from tests.pictures import draw


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


def test_broken_copies_are_all_listed_and_do_not_wait_for_one_another(library, photos):
    for number in range(100):
        (photos / f"empty {number}.jpg").touch()
        (photos / f"broken {number}.jpg").write_bytes(b"no picture")
    update(library, photos)
    assert len(library.failures()) == 200
    assert adds_up(library) and library.status().encoded == 30


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


def test_what_one_folder_could_not_offer_is_still_listed_after_a_look_at_its_parent(library, photos):
    (photos / "spring" / "loop.jpg").symlink_to("loop.jpg")
    library.add_folder(photos)
    following = library.follow()
    until(following, lambda: library.status().encoded == 30, seconds=PATIENCE)
    shutil.copy(paths(photos)[0], photos / "new.jpg")
    until(following, lambda: library.status().encoded == 31, seconds=PATIENCE)
    following.close()
    assert [failure.path.name for failure in library.failures()] == ["loop.jpg"]
