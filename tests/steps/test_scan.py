"""A folder is compared with what is known of it, and nothing is believed to be deleted lightly."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.drives import available, volume_of
from photosearch.errors import FolderUnavailable
from photosearch.records import FoundFile, KnownPhoto
from photosearch.scan import (
    Listing,
    differences,
    ends_hash,
    judge_missing,
    match_moves,
    modified_ns_of,
    same_bytes,
    same_contents,
    vanished,
    walk,
)
from tests.disks import needs_mounting

links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
odd_names = pytest.mark.skipif(sys.platform != "linux", reason="this platform has no such names")


def is_photo(name: str) -> bool:
    return name.endswith(".jpg")


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def found(root: Path, **options) -> list[str]:
    """The relative paths of all photos, in the order they are found."""
    return [
        f"{listing.folder}/{file.name}".lstrip("/")
        for listing in walk(root, is_photo, **options)
        for file in listing.files
    ]


def problems(root: Path) -> dict[str, str]:
    return dict(problem for listing in walk(root, is_photo) for problem in listing.problems)


def known(number: int, name: str, **changes) -> KnownPhoto:
    return replace(KnownPhoto(number, 1, "", name, 100, 5, None, "present"), **changes)


# Walking


def test_photos_are_listed_folder_by_folder_in_the_order_of_their_names(tmp_path):
    make(tmp_path, "b/2.jpg", "b/1.jpg", "a/z/9.jpg", "top.jpg", "a/notes.txt", "a/5.jpg")
    assert found(tmp_path) == ["top.jpg", "a/5.jpg", "a/z/9.jpg", "b/1.jpg", "b/2.jpg"]
    (first,) = (listing for listing in walk(tmp_path, is_photo) if not listing.folder)
    status = (tmp_path / "top.jpg").stat()
    assert first.files == [FoundFile("top.jpg", status.st_size, status.st_mtime_ns)]


def test_hidden_files_bins_and_other_programs_thumbnails_are_left_out(tmp_path):
    make(
        tmp_path, "in.jpg", ".hidden.jpg", "._in.jpg", ".thumbnails/a.jpg", "x/@eaDir/a.jpg", "#recycle/a.jpg"
    )
    make(
        tmp_path,
        "$RECYCLE.BIN/a.jpg",
        ".Trash-1000/files/a.jpg",
        "lost+found/a.jpg",
        "Cat Previews.lrdata/a.jpg",
        ".@__thumb/a.jpg",
        "x/@Recycle/a.jpg",
        "x/@tmp/a.jpg",
        "RECYCLER/a.jpg",
    )
    assert found(tmp_path) == ["in.jpg"]
    assert found(tmp_path, below="x/@eaDir") == []


def test_only_the_folder_asked_for_is_walked(tmp_path):
    make(tmp_path, "a/1.jpg", "a/b/2.jpg", "ab/3.jpg", "c/4.jpg")
    assert found(tmp_path, below="a") == ["a/1.jpg", "a/b/2.jpg"]
    assert list(walk(tmp_path, is_photo, "no/such/folder")) == []


def test_folders_that_are_roots_themselves_are_left_to_those(tmp_path):
    make(tmp_path, "a/1.jpg", "b/c/2.jpg", "b/3.jpg")
    assert found(tmp_path, excluded=[tmp_path / "b" / "c"]) == ["a/1.jpg", "b/3.jpg"]
    assert found(tmp_path, below="b/c", excluded=[tmp_path / "b"]) == []


def test_a_root_that_is_not_there_is_told(tmp_path):
    make(tmp_path, "file.jpg")
    for path in (tmp_path / "missing", tmp_path / "file.jpg"):
        with pytest.raises(FolderUnavailable, match=str(path.name)):
            list(walk(path, is_photo))


@links
def test_a_link_to_a_photo_is_a_photo_and_a_broken_one_a_problem(tmp_path):
    make(tmp_path, "real.txt")
    (tmp_path / "good.jpg").symlink_to("real.txt")
    (tmp_path / "broken.jpg").symlink_to("nothing")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    assert found(tmp_path) == ["good.jpg"]
    assert problems(tmp_path) == {
        "broken.jpg": "This link leads nowhere.",
        "loop.jpg": "This link leads to itself.",
    }


@links
def test_a_link_that_leads_back_ends_no_walk_and_is_a_problem(tmp_path):
    make(tmp_path, "root/a/b/1.jpg")
    root = tmp_path / "root"
    for name, target in (("up", ".."), ("root", root), ("here", "."), ("over", tmp_path), ("all", "/")):
        (root / "a" / name).symlink_to(target, target_is_directory=True)
    assert found(root) == ["a/b/1.jpg"]
    reason = "This link leads back to a folder above it."
    assert problems(root) == {f"a/{name}": reason for name in ("up", "root", "here", "over", "all")}
    assert found(root, below="a/up") == []


@links
def test_links_between_folders_show_every_photo_of_the_root_once(tmp_path):
    make(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "a" / "to-b").symlink_to("../b", target_is_directory=True)
    (tmp_path / "b" / "to-a").symlink_to("../a", target_is_directory=True)
    assert found(tmp_path) == ["a/1.jpg", "b/2.jpg"]
    assert problems(tmp_path) == {}


@links
def test_a_link_to_a_folder_elsewhere_is_followed_but_none_from_there(tmp_path):
    make(tmp_path, "root/1.jpg", "drive/2.jpg", "drive/deep/3.jpg", "other/4.jpg")
    (tmp_path / "root" / "drive").symlink_to("../drive", target_is_directory=True)
    (tmp_path / "drive" / "on").symlink_to("../other", target_is_directory=True)
    root = tmp_path / "root"
    assert found(root) == ["1.jpg", "drive/2.jpg", "drive/deep/3.jpg"]
    assert found(root, below="drive/deep") == ["drive/deep/3.jpg"]
    assert list(problems(root)) == ["drive/on"]


@links
def test_photos_behind_a_link_whose_drive_is_gone_are_not_taken_for_deleted(tmp_path):
    make(tmp_path, "root/1.jpg", "drive/2.jpg", "drive/deep/3.jpg")
    root = tmp_path / "root"
    (root / "drive").symlink_to("../drive", target_is_directory=True)
    folders = [listing.folder for listing in walk(root, is_photo)]
    shutil.rmtree(tmp_path / "drive")
    assert vanished(folders, walk(root, is_photo)) == []
    (root / "drive").unlink()
    assert vanished(folders, walk(root, is_photo)) == ["drive", "drive/deep"]


def test_what_the_kernel_tells_of_itself_is_passed_over(tmp_path):
    needs_mounting()
    for folder in ("machine/proc", "machine/photos"):
        (tmp_path / folder).mkdir(parents=True)
    subprocess.run(["mount", "-t", "proc", "proc", tmp_path / "machine" / "proc"], check=True)
    try:
        folders = {listing.folder for listing in walk(tmp_path, is_photo)}
    finally:
        subprocess.run(["umount", tmp_path / "machine" / "proc"], check=True)
    assert folders == {"", "machine", "machine/photos"}


@pytest.mark.parametrize("seconds", [-11_644_473_600, -1, 0, 4_354_819_198, 253_402_300_799])
def test_times_of_all_drives_fit_what_a_catalogue_keeps(seconds):
    told = os.stat_result(range(10), {"st_mtime_ns": seconds * 10**9})
    kept = modified_ns_of(told)
    assert -(2**63) <= kept < 2**63
    assert kept == told.st_mtime_ns or abs(kept) > 9.2e18


@odd_names
def test_a_name_that_is_not_utf8_is_a_problem_in_printable_form(tmp_path):
    (tmp_path / "good.jpg").touch()
    for name in (b"caf\xe9.jpg", b"caf\xe9.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xff")).mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/nowhere\xff")).symlink_to("nothing")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/self\xff")).symlink_to(os.fsdecode(b"self\xff"))
    assert [listing.folder for listing in walk(tmp_path, is_photo)] == [""], "nothing is asked of the others"
    reason = "Its name is not valid UTF-8; rename it to have it indexed."
    assert found(tmp_path) == ["good.jpg"]
    assert problems(tmp_path) == {"caf\\xe9.jpg": reason, "d\\xff": reason}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_pipe_named_like_a_photo_is_a_problem(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    assert list(problems(tmp_path)) == ["pipe.jpg"]


def test_a_folder_that_may_not_be_read_says_nothing_of_its_photos(tmp_path):
    make(tmp_path, "open/1.jpg", "shut/2.jpg", "shut/in/3.jpg")
    (tmp_path / "shut").chmod(0)
    if os.access(tmp_path / "shut", os.R_OK):
        pytest.skip("nothing is forbidden to this user")
    listings = list(walk(tmp_path, is_photo))
    told = [problem for listing in listings for problem in listing.problems]
    assert told == [("shut", "This folder may not be read (permission denied).")]
    assert vanished(["", "open", "shut", "shut/in", "gone"], listings) == ["gone"]
    # Whoever looks at the folder that it lies in alone ends with the listing of that.
    told_first = [problem for listing in listings[:2] for problem in listing.problems]
    assert told_first == told and listings[1].folder == ""


@odd_names
def test_a_folder_too_deep_to_be_read_is_a_problem_and_the_rest_is_found(tmp_path):
    make(tmp_path, "1.jpg")
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    listings = list(walk(tmp_path, is_photo))
    (unread,) = (listing.folder for listing in listings if not listing.complete)
    assert len(unread) == max(len(listing.folder) for listing in listings)
    assert list(problems(tmp_path).values()) == ["This folder cannot be read (File name too long)."]
    assert found(tmp_path) == ["1.jpg"]


# Comparing


def test_a_folder_is_compared_with_what_was_known_of_it():
    files = [FoundFile(name, 100, 5) for name in ("same", "new", "back", "bad")] + [
        FoundFile("other", 101, 5)
    ]
    files += [FoundFile("touched", 100, 6), FoundFile("was bad", 100, 6)]
    photos = [
        known(1, "same"),
        known(2, "other"),
        known(3, "touched"),
        known(4, "back", state="offline"),
        known(5, "away", state="offline"),
        known(6, "deleted"),
        known(7, "bad", state="unreadable"),
        known(8, "was bad", state="unreadable"),
        known(9, "bad and deleted", state="unreadable"),
    ]
    result = differences(Listing("", files), {photo.name: photo for photo in photos})
    assert [file.name for file in result.added] == ["new"]
    assert [number for number, _ in result.changed] == [8, 2, 3] or {n for n, _ in result.changed} == {
        2,
        3,
        8,
    }
    assert result.returned == [4]
    assert result.missing == [6, 9]
    assert result.unchanged == 2


def test_a_folder_that_could_not_be_read_has_no_missing_photos():
    result = differences(Listing("x", complete=False), {"a.jpg": known(1, "a.jpg")})
    assert result.missing == [] and result.unchanged == 0


def test_a_photo_whose_file_is_there_but_has_a_problem_is_not_missing():
    listing = Listing("x", problems=[("x/a.jpg", "This link leads nowhere.")])
    assert differences(listing, {"a.jpg": known(1, "a.jpg"), "b.jpg": known(2, "b.jpg")}).missing == [2]


def test_folders_below_one_that_could_not_be_read_have_not_vanished():
    listings = [Listing(""), Listing("a", complete=False), Listing("b")]
    assert vanished(["", "a", "a/x", "ab", "b", "b/y"], listings) == ["ab", "b/y"]
    assert vanished(["", "a"], [Listing("", complete=False)]) == []


def test_ten_thousand_unchanged_files_are_compared_in_no_time(tmp_path):
    for folder in range(20):
        (tmp_path / str(folder)).mkdir()
        for number in range(500):
            os.close(os.open(tmp_path / str(folder) / f"{number}.jpg", os.O_CREAT))
    start = time.process_time()
    unchanged = 0
    for listing in walk(tmp_path, is_photo):
        photos = {f.name: known(1, f.name, size=f.size, modified_ns=f.modified_ns) for f in listing.files}
        unchanged += differences(listing, photos).unchanged
    assert unchanged == 10_000
    assert time.process_time() - start < 2


# Moves


def moves(
    added: list[KnownPhoto], missing: list[KnownPhoto], ends: dict[str, bytes | None]
) -> dict[str, int]:
    pairs = match_moves(added, missing, lambda file: ends.get(file.name))
    return {file.name: photo.id for file, photo in pairs}


def test_a_renamed_file_is_recognised_by_its_ends():
    missing = [known(1, "old", ends=b"1"), known(2, "other", ends=b"2")]
    assert moves([known(10, "new")], missing, {"new": b"2"}) == {"new": 2}
    assert moves([known(10, "new")], missing, {"new": b"3"}) == {}
    assert moves([known(10, "new", size=101)], missing, {"new": b"2"}) == {}
    assert moves([known(10, "new", modified_ns=6)], missing, {"new": None}) == {}


def test_a_file_that_was_restored_later_is_recognised_by_its_ends():
    missing = [known(1, "a", ends=b"1"), known(2, "b", ends=b"1"), known(3, "c", ends=b"3")]
    added = [known(10, "x", modified_ns=6), known(11, "b", modified_ns=6)]
    assert moves(added, missing, {"x": b"1", "b": b"1"}) == {"b": 2, "x": 1}
    same_time = [known(10, "b", modified_ns=6), known(11, "x")]
    assert moves(same_time, [known(1, "b", ends=b"1")], {"b": b"1", "x": b"1"}) == {"x": 1}


def test_ends_tell_nothing_of_a_large_file_whose_pixels_are_not_compressed():
    hour, size = 3600 * 10**9, 10**6
    for name, later, same in (
        ("a.jpg", 5, True),
        ("a.TIF", 5, False),
        ("a.bmp", hour + 1, False),
        ("a.bmp", hour, True),
        ("a.tif", -hour, True),
        ("a.tif", 30 * hour, False),
    ):
        photo = known(1, "a", size=size, ends=b"1")
        assert same_contents(photo, FoundFile(name, size, 5 + later), b"1") is same, (name, later)
        assert not same_contents(photo, FoundFile(name, size, 5 + later), b"2")
        assert not same_contents(photo, FoundFile(name, size, 5 + later), None)
    small = known(1, "a.bmp", size=2 * 65536, ends=b"1")
    assert same_contents(small, FoundFile("a.bmp", small.size, 6), b"1")


@links
def test_files_are_the_same_byte_for_byte_or_not(tmp_path):
    one, two, three = (tmp_path / name for name in "123")
    large = bytes(500_000)
    one.write_bytes(large)
    two.write_bytes(large)
    three.write_bytes(large[:250_000] + b"1" + large[250_001:])
    (tmp_path / "link").symlink_to("1")
    assert same_bytes(one, two) and same_bytes(one, tmp_path / "link")
    assert not same_bytes(one, three) and not same_bytes(one, tmp_path / "missing")
    assert ends_hash(one, 500_000) == ends_hash(three, 500_000)


def test_of_two_copies_the_one_of_the_same_name_moved():
    missing = [known(1, "a", ends=b"1"), known(2, "b", ends=b"1")]
    added = [known(10, "b", folder="new"), known(11, "c", folder="new")]
    assert moves(added, missing, {"b": b"1", "c": b"1"}) == {"b": 2, "c": 1}


def test_a_missing_photo_is_recognised_once():
    added = [known(10, "x"), known(11, "y"), known(12, "z")]
    pairs = moves(added, [known(1, "old", ends=b"1")], dict.fromkeys("xyz", b"1"))
    assert list(pairs.values()) == [1]


def test_a_photo_that_was_never_read_is_recognised_by_its_name_only():
    assert moves([known(10, "a", folder="new")], [known(1, "a")], {}) == {"a": 1}
    assert moves([known(10, "b")], [known(1, "a")], {"b": b"1"}) == {}


def test_ends_are_read_only_of_files_that_may_have_moved():
    asked = []
    added = [known(10, "new"), known(11, "larger", size=999), known(12, "unread", size=7)]
    missing = [known(1, "old", ends=b"1"), known(2, "unread", size=7)]
    match_moves(added, missing, lambda file: asked.append(file.name))
    assert asked == ["new"]


def test_ten_thousand_renamed_copies_of_one_file_are_matched_at_once():
    missing = [known(n, f"old{n}", ends=b"1") for n in range(10_000)]
    added = [known(n, f"new{n}") for n in range(10_000)]
    start = time.process_time()
    assert len(match_moves(added, missing, lambda file: b"1")) == 10_000
    assert time.process_time() - start < 2


@given(st.lists(st.tuples(*[st.sampled_from("ab")] * 2, st.integers(1, 2))), st.data())
def test_matches_agree_in_size_and_ends_and_use_each_photo_once(photos, data):
    missing = [known(i, name, ends=ends.encode(), size=size) for i, (name, ends, size) in enumerate(photos)]
    added = [
        known(100 + i, name, ends=ends.encode(), size=size) for i, (name, ends, size) in enumerate(photos)
    ]
    added = data.draw(st.permutations(added))
    pairs = match_moves(added, missing, lambda file: file.ends)
    assert all((file.size, file.ends) == (photo.size, photo.ends) for file, photo in pairs)
    assert len(pairs) == len(photos)
    assert len({photo.id for _, photo in pairs}) == len({file.id for file, _ in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("missing", "before", "judged"),
    [(1, 1, "gone"), (19, 19, "gone"), (20, 20, "offline"), (20, 100, "gone"), (21, 100, "offline")],
)
def test_a_mass_disappearance_is_a_drive_that_is_not_there(missing, before, judged):
    assert judge_missing(missing, before) == judged


# Hashes and volumes


def test_the_hash_of_the_ends_tells_files_apart_without_reading_them_whole(tmp_path):
    file = tmp_path / "a"

    def hashed(content: bytes) -> bytes | None:
        file.write_bytes(content)
        return ends_hash(file, len(content))

    large = bytes(500_000)
    seen = {hashed(large), hashed(b"1" + large[1:]), hashed(large[1:] + b"1"), hashed(large[1:]), hashed(b"")}
    assert len(seen) == 5 and all(len(one) == 16 for one in seen)
    assert hashed(large[:250_000] + b"1" + large[250_001:]) == hashed(large)
    small = bytes(100_000)
    assert hashed(small[:70_000] + b"1" + small[70_001:]) != hashed(small)
    assert ends_hash(tmp_path / "missing", 5) is None


def test_a_folder_is_available_while_it_lies_on_its_volume(tmp_path):
    volume = volume_of(tmp_path)
    assert volume and volume == volume_of(tmp_path)
    assert available(tmp_path, volume)
    assert not available(tmp_path, "another volume")
    make(tmp_path, "file")
    assert not available(tmp_path / "file", volume)
    assert not available(tmp_path / "missing", volume)
    assert volume_of(tmp_path / "missing") == ""


@pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="no second volume to compare with")
def test_another_volume_has_another_name(tmp_path):
    assert volume_of(Path("/dev/shm")) != volume_of(Path("/"))
