"""What the catalogue was told is there after every crash, for every reader, and nothing else."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from photosearch.errors import FolderUnavailable, GivenUp, LibraryBusy, LibraryDamaged, LibraryUnusable
from photosearch.records import (
    LARGE_PIXELS,
    SMALL_PIXELS,
    Circle,
    CodeSpec,
    Details,
    Failure,
    Filters,
    FoundFile,
    KnownPhoto,
)
from photosearch.store import Catalogue, Counts, EncodedPhoto, UnreadablePhoto
from photosearch.store.catalogue import REMEMBERED
from photosearch.store.schema import MIGRATIONS, connect

MODEL = CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8)
OTHER = CodeSpec("fedcba9876543210", "sdsh", "binary", 2, 16)
DETAILS = Details(40, 30, 1_000_000, "Canon EOS R5")
PHOTOS = Path("/photos").absolute()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    yield catalogue
    assert catalogue.check() == []
    catalogue.close()


@pytest.fixture
def root(catalogue: Catalogue) -> int:
    return catalogue.add_root(PHOTOS, "volume").id


def file(name: str, size: int = 100, seconds: int = 5) -> FoundFile:
    return FoundFile(name, size, seconds * 10**9)


def encoded(photo: KnownPhoto, code: bytes = b"code", details: Details = DETAILS) -> EncodedPhoto:
    return EncodedPhoto(photo.id, photo.size, photo.modified_ns, b"e" * 16, details, code)


def unreadable(photo: KnownPhoto, reason: str = "It is empty.") -> UnreadablePhoto:
    return UnreadablePhoto(photo.id, photo.size, photo.modified_ns, reason)


def codes_by_id(catalogue: Catalogue, model: CodeSpec = MODEL) -> dict[int, bytes]:
    ids, rows = catalogue.codes(model.identity)
    assert ids.dtype == np.int64
    assert rows.dtype == np.uint8
    assert sorted(ids.tolist()) == ids.tolist()
    return {int(photo_id): row.tobytes() for photo_id, row in zip(ids, rows, strict=True)}


def names(catalogue: Catalogue, ids: object) -> list[str]:
    return [photo.path.name for photo in catalogue.photos(ids)]  # type: ignore[arg-type]


# Roots


def test_a_root_added_twice_is_one_root(catalogue: Catalogue) -> None:
    first = catalogue.add_root(PHOTOS, "volume")
    assert catalogue.add_root(PHOTOS, "another volume") == first
    assert catalogue.roots() == [first]
    assert (first.path, first.volume, first.state, first.photos) == (PHOTOS, "volume", "watched", 0)


def test_a_root_says_how_many_photos_it_has(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file("a"), file("b"), file("c")])
    catalogue.mark_missing([photos[0].id], "gone", 7)
    catalogue.mark_missing([photos[1].id], "offline", 7)
    assert [root.photos for root in catalogue.roots()] == [2]


def test_a_person_can_say_that_missing_photos_were_deleted(catalogue: Catalogue, root: int) -> None:
    a, b = catalogue.add_photos(root, "deep/inner", [file("a"), file("b")])
    c, d = catalogue.add_photos(root, "", [file("c"), file("d")])
    catalogue.mark_missing([a.id, c.id], "offline", 5)
    catalogue.mark_missing([d.id], "gone", 5)
    assert [(root.photos, root.missing) for root in catalogue.roots()] == [(3, 2)]
    assert catalogue.forget_missing(PHOTOS / "deep", 7) == 1
    assert [(root.photos, root.missing) for root in catalogue.roots()] == [(2, 1)]
    assert [photo.state for photo in catalogue.known([a.id, b.id, c.id])] == ["gone", "present", "offline"]
    assert catalogue.forget_missing(PHOTOS, 7) == 1
    assert catalogue.forget_missing(PHOTOS, 7) == 0
    with pytest.raises(FolderUnavailable):
        catalogue.forget_missing(Path("/elsewhere"), 7)


def test_a_root_can_change_its_state_its_volume_and_its_place(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "summer", [file("a.jpg")])
    catalogue.set_root(root, state="offline")
    catalogue.set_root(root, volume="disk 2")
    catalogue.relocate_root(root, PHOTOS.parent / "pictures")
    [changed] = catalogue.roots()
    assert (changed.path, changed.volume, changed.state) == (PHOTOS.parent / "pictures", "disk 2", "offline")
    assert catalogue.photos([photo.id])[0].path == PHOTOS.parent / "pictures" / "summer" / "a.jpg"


def test_a_root_cannot_be_moved_onto_another(catalogue: Catalogue, root: int) -> None:
    catalogue.add_root(PHOTOS.parent / "pictures", "volume")
    with pytest.raises(FolderUnavailable, match="is watched already"):
        catalogue.relocate_root(root, PHOTOS.parent / "pictures")


def test_a_removed_root_is_forgotten_and_the_others_stay(catalogue: Catalogue, root: int) -> None:
    other = catalogue.add_root(PHOTOS.parent / "other", "volume").id
    [first] = catalogue.add_photos(root, "a", [file("1.jpg")])
    [second] = catalogue.add_photos(other, "a", [file("1.jpg")])
    catalogue.record(MODEL, [encoded(first), encoded(second)], [])
    catalogue.set_problems(root, "", [("loop", "It leads to itself.")])

    catalogue.remove_root(root)

    assert [root.id for root in catalogue.roots()] == [other]
    assert catalogue.known_folders(root) == []
    assert codes_by_id(catalogue) == {second.id: b"code"}
    assert catalogue.failures() == []
    assert names(catalogue, [first.id, second.id]) == ["1.jpg"]


def test_a_root_removed_while_it_is_updated_takes_nothing_more(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a")])
    [elsewhere] = catalogue.add_photos(catalogue.add_root(PHOTOS.parent / "x", "").id, "", [file("b")])
    catalogue.remove_root(root)
    assert catalogue.add_photos(root, "", [file("b")]) == []
    assert catalogue.record(MODEL, [encoded(photo)], []) == []
    catalogue.change_photos([(photo.id, file("a", 7))])
    catalogue.set_problems(root, "", [("loop", "It leads to itself.")])
    catalogue.move_photos([(photo.id, root, "", "c", 1), (elsewhere.id, root, "", "d", 1)])
    catalogue.mark_missing([photo.id], "gone", 1)
    assert catalogue.counts(MODEL.identity).photos == 0
    assert catalogue.failures() == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this platform has no such names")
def test_a_root_whose_name_is_not_unicode_is_refused_in_words(catalogue: Catalogue) -> None:
    with pytest.raises(FolderUnavailable, match=r"photos/\\xff is not valid Unicode"):
        catalogue.add_root(Path(os.fsdecode(b"/photos/\xff")), "")


# What is known of the files


def test_files_are_known_by_folder_and_name(catalogue: Catalogue, root: int) -> None:
    added = catalogue.add_photos(root, "2024/summer", [file("a.jpg", 7, 8), file("b.jpg")])
    known = catalogue.known_in(root, "2024/summer")
    assert known == {"a.jpg": added[0], "b.jpg": added[1]}
    assert known["a.jpg"] == KnownPhoto(
        added[0].id, root, "2024/summer", "a.jpg", 7, 8 * 10**9, None, "present"
    )
    assert catalogue.known_in(root, "2024") == {}


def test_folders_with_photos_are_known_at_and_below_a_folder(catalogue: Catalogue, root: int) -> None:
    folders = ["", "a", "a b", "a/b", "a/b/c", "a0", "é", "é/ü"]
    for folder in folders:
        catalogue.add_photos(root, folder, [file("1.jpg")])
    assert catalogue.known_folders(root) == sorted(folders, key=str.encode)
    assert catalogue.known_folders(root, "a") == ["a", "a/b", "a/b/c"]
    assert catalogue.known_folders(root, "a/b") == ["a/b", "a/b/c"]
    assert catalogue.known_folders(root, "é") == ["é", "é/ü"]
    assert catalogue.known_folders(root, "nowhere") == []


def test_gone_and_unreadable_photos_are_known_too(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file(name) for name in "abcd"])
    catalogue.mark_missing([photos[0].id], "gone", 1)
    catalogue.mark_missing([photos[1].id], "offline", 1)
    catalogue.record(MODEL, [encoded(photos[3])], [unreadable(photos[2])])
    known = catalogue.known_in(root, "")
    assert {name: photo.state for name, photo in known.items()} == {
        "a": "gone",
        "b": "offline",
        "c": "unreadable",
        "d": "present",
    }
    assert known["d"].ends == b"e" * 16


def test_an_added_photo_waits_newest_file_first(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file("old", seconds=1), file("new", seconds=3)])
    photos += catalogue.add_photos(root, "x", [file("middle", seconds=2)])
    assert names(catalogue, catalogue.waiting(MODEL.identity)) == ["new", "middle", "old"]
    catalogue.record(MODEL, [encoded(photos[1])], [unreadable(photos[0])])
    assert names(catalogue, catalogue.waiting(MODEL.identity)) == ["middle"]
    assert names(catalogue, catalogue.waiting(OTHER.identity)) == ["new", "middle"]


def test_a_changed_file_waits_again_and_nothing_old_answers_for_it(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a.jpg")])
    catalogue.record(MODEL, [encoded(photo)], [])
    catalogue.record(OTHER, [encoded(photo, b"cd")], [])

    catalogue.change_photos([(photo.id, file("a.jpg", 777, 9))])

    assert codes_by_id(catalogue) == codes_by_id(catalogue, OTHER) == {}
    assert catalogue.waiting(MODEL.identity) == catalogue.waiting(OTHER.identity) == [photo.id]
    [changed] = catalogue.photos([photo.id])
    assert (changed.size, changed.modified_ns, changed.details) == (777, 9 * 10**9, Details(0, 0))
    assert catalogue.known_in(root, "")["a.jpg"].ends is None


def test_a_changed_unreadable_file_is_tried_again(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a.jpg")])
    catalogue.record(MODEL, [], [unreadable(photo)])
    catalogue.change_photos([(photo.id, file("a.jpg", 777))])
    assert catalogue.failures() == []
    assert catalogue.waiting(MODEL.identity) == [photo.id]


def test_a_moved_photo_keeps_everything(catalogue: Catalogue, root: int) -> None:
    other = catalogue.add_root(PHOTOS.parent / "other", "volume").id
    [photo] = catalogue.add_photos(root, "a", [file("1.jpg")])
    catalogue.record(MODEL, [encoded(photo)], [])
    catalogue.mark_missing([photo.id], "offline", 7)

    catalogue.move_photos([(photo.id, other, "b/c", "2.jpg", 9)])

    assert catalogue.known_folders(root) == []
    [moved] = catalogue.photos([photo.id])
    assert moved.path == PHOTOS.parent / "other" / "b" / "c" / "2.jpg"
    assert (moved.modified_ns, moved.details, moved.offline) == (9, DETAILS, False)
    assert codes_by_id(catalogue) == {photo.id: b"code"}
    assert catalogue.known_in(other, "b/c")["2.jpg"].ends == b"e" * 16


def test_photos_may_swap_their_names_and_go_round(catalogue: Catalogue, root: int) -> None:
    a, b, c = catalogue.add_photos(root, "", [file(name) for name in "abc"])
    catalogue.record(MODEL, [encoded(photo, photo.name.encode() * 4) for photo in (a, b, c)], [])
    catalogue.move_photos([(a.id, root, "", "b", 1), (b.id, root, "", "c", 1), (c.id, root, "", "a", 1)])
    assert names(catalogue, [a.id, b.id, c.id]) == ["b", "c", "a"]
    assert codes_by_id(catalogue) == {a.id: b"aaaa", b.id: b"bbbb", c.id: b"cccc"}


def test_a_photo_may_change_the_case_of_its_name(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("IMG.JPG")])
    catalogue.move_photos([(photo.id, root, "", "img.jpg", 1)])
    assert list(catalogue.known_in(root, "")) == ["img.jpg"]


@pytest.mark.parametrize("state", ["gone", "offline", "present"])
def test_what_was_known_at_the_place_a_photo_moved_to_goes(
    catalogue: Catalogue, root: int, state: str
) -> None:
    old, moving = catalogue.add_photos(root, "", [file("a"), file("b")])
    catalogue.record(MODEL, [encoded(old, b"old!"), encoded(moving, b"new!")], [])
    if state != "present":
        catalogue.mark_missing([old.id], state, 1)  # type: ignore[arg-type]
    catalogue.move_photos([(moving.id, root, "", "a", 1)])
    assert {photo.id for photo in catalogue.known_in(root, "").values()} == {moving.id}
    assert codes_by_id(catalogue) == {moving.id: b"new!"}


def test_a_moved_unreadable_file_stays_unreadable(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a")])
    catalogue.record(MODEL, [], [unreadable(photo)])
    catalogue.move_photos([(photo.id, root, "x", "b", 1)])
    assert catalogue.failures() == [Failure(PHOTOS / "x" / "b", "It is empty.")]


def test_ten_thousand_renamed_photos_are_one_quick_transaction(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "old", [file(f"{number}.jpg") for number in range(10_000)])
    catalogue.move_photos((photo.id, root, "new", photo.name, photo.modified_ns) for photo in photos)
    assert catalogue.known_folders(root) == ["new"]
    assert {photo.id for photo in catalogue.known_in(root, "new").values()} == {photo.id for photo in photos}


def test_missing_photos_are_found_by_their_size(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file("a", 1), file("b", 2), file("c", 3), file("d", 2)])
    catalogue.mark_missing([photos[0].id, photos[1].id], "gone", 1)
    catalogue.mark_missing([photos[2].id], "offline", 1)
    found = catalogue.missing_with_sizes([2, 3, 99])
    assert [(photo.name, photo.state) for photo in found] == [("b", "gone"), ("c", "offline")]
    assert catalogue.missing_with_sizes([]) == []


def test_photos_as_large_as_others_are_found_whatever_is_known_of_them(
    catalogue: Catalogue, root: int
) -> None:
    a, b, c, d, e = catalogue.add_photos(
        root, "", [file("a", 1), file("b", 2), file("c", 2), file("d", 2), file("e", 3)]
    )
    catalogue.record(MODEL, [encoded(b)], [])
    catalogue.mark_missing([c.id], "offline", 1)
    catalogue.mark_missing([d.id], "gone", 1)
    found = catalogue.same_size([a.id, b.id, 999])
    assert [(photo.name, photo.ends is None) for photo in found] == [("a", True), ("b", False), ("c", True)]
    assert [photo.name for photo in catalogue.same_size([e.id])] == ["e"]
    assert catalogue.same_size([]) == []
    assert [(photo.name, photo.state) for photo in catalogue.known([d.id, a.id, 999])] == [
        ("a", "present"),
        ("d", "gone"),
    ]


def test_an_offline_photo_still_answers_and_a_gone_one_does_not(catalogue: Catalogue, root: int) -> None:
    here, offline, gone = catalogue.add_photos(root, "", [file(name) for name in "abc"])
    catalogue.record(MODEL, [encoded(photo) for photo in (here, offline, gone)], [])
    catalogue.mark_missing([offline.id], "offline", 1)
    catalogue.mark_missing([gone.id], "gone", 1)
    assert set(codes_by_id(catalogue)) == {here.id, offline.id}
    assert [photo.offline for photo in catalogue.photos([here.id, offline.id, gone.id])] == [False, True]
    assert catalogue.ids_matching(Filters()).tolist() == [here.id, offline.id]
    assert catalogue.find(PHOTOS / "c") is None


def test_a_photo_that_returns_is_searchable_without_being_encoded(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file(name) for name in "ab"])
    ids = [photo.id for photo in photos]
    catalogue.record(MODEL, [encoded(photo) for photo in photos], [])
    catalogue.mark_missing(ids[:1], "gone", 1)
    catalogue.mark_missing(ids[1:], "offline", 1)
    catalogue.mark_present(ids)
    assert list(codes_by_id(catalogue)) == ids
    assert catalogue.waiting(MODEL.identity) == []


def test_only_what_was_gone_long_enough_is_purged(catalogue: Catalogue, root: int) -> None:
    old, new, offline = catalogue.add_photos(root, "x", [file(name) for name in "abc"])
    catalogue.record(MODEL, [encoded(photo) for photo in (old, new, offline)], [])
    catalogue.mark_missing([old.id], "gone", 100)
    catalogue.mark_missing([new.id], "gone", 200)
    catalogue.mark_missing([offline.id], "offline", 100)
    # Looked at again, it is still gone since then.
    catalogue.mark_missing([old.id], "gone", 300)
    assert catalogue.purge_gone(before=200) == 1
    assert set(catalogue.known_in(root, "x")) == {"b", "c"}
    assert catalogue.purge_gone(before=201) == 1
    assert set(catalogue.known_in(root, "x")) == {"c"}


def test_an_id_is_never_used_twice(catalogue: Catalogue, root: int) -> None:
    [first] = catalogue.add_photos(root, "", [file("a")])
    catalogue.mark_missing([first.id], "gone", 1)
    catalogue.purge_gone(before=2)
    [second] = catalogue.add_photos(root, "", [file("a")])
    assert second.id > first.id


# Codes


def test_codes_of_two_models_lie_side_by_side_and_are_never_mixed(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.add_photos(root, "", [file("a"), file("b")])
    catalogue.record(MODEL, [encoded(first), encoded(second)], [])
    catalogue.record(OTHER, [encoded(second, b"xy")], [])
    assert codes_by_id(catalogue) == {first.id: b"code", second.id: b"code"}
    assert codes_by_id(catalogue, OTHER) == {second.id: b"xy"}
    assert catalogue.models() == [MODEL, OTHER]
    assert catalogue.codes_of(MODEL.identity, [second.id, 99]).tobytes() == b"code"
    assert catalogue.codes_of(OTHER.identity, [first.id, second.id]).shape == (1, 2)
    assert catalogue.codes_of(OTHER.identity, [first.id]).shape[0] == 0
    assert len(catalogue.codes("0" * 16)[0]) == 0


def test_what_was_recorded_is_kept_whole(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "x", [file("a.jpg", 7, 8)])
    assert catalogue.record(MODEL, [encoded(photo)], []) == [photo.id]
    [found] = catalogue.photos([photo.id])
    assert found.path == PHOTOS / "x" / "a.jpg"
    assert (found.size, found.modified_ns, found.details, found.offline) == (7, 8 * 10**9, DETAILS, False)


def test_a_file_that_changed_while_it_was_encoded_stays_waiting(catalogue: Catalogue, root: int) -> None:
    changed, failed, kept = catalogue.add_photos(root, "", [file("a"), file("b"), file("c")])
    catalogue.change_photos([(changed.id, file("a", 999)), (failed.id, file("b", 999))])
    assert catalogue.record(MODEL, [encoded(changed), encoded(kept)], [unreadable(failed)]) == [kept.id]
    assert set(catalogue.waiting(MODEL.identity)) == {changed.id, failed.id}
    assert catalogue.failures() == []


def test_a_photo_deleted_while_it_was_encoded_does_not_answer(catalogue: Catalogue, root: int) -> None:
    gone, offline = catalogue.add_photos(root, "", [file("a"), file("b")])
    catalogue.mark_missing([gone.id], "gone", 1)
    catalogue.mark_missing([offline.id], "offline", 1)
    assert catalogue.record(MODEL, [encoded(gone), encoded(offline)], []) == [offline.id]
    assert list(codes_by_id(catalogue)) == [offline.id]


def test_a_photo_whose_drive_was_pulled_is_offline_and_not_unreadable(
    catalogue: Catalogue, root: int
) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a")])
    catalogue.mark_missing([photo.id], "offline", 1)
    catalogue.record(MODEL, [], [unreadable(photo)])
    assert catalogue.failures() == []
    assert catalogue.counts(MODEL.identity) == Counts(1, 0, 0, 1, 0)


def test_a_code_of_the_wrong_length_is_our_own_mistake(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.add_photos(root, "", [file("a"), file("b")])
    with pytest.raises(ValueError, match="4 bytes"):
        catalogue.record(MODEL, [encoded(first), encoded(second, b"cod")], [])
    assert codes_by_id(catalogue) == {}


def test_every_change_of_what_is_searchable_has_a_generation(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a")])
    start = catalogue.generation()
    changes = [
        lambda: catalogue.record(MODEL, [encoded(photo)], []),
        lambda: catalogue.mark_missing([photo.id], "gone", 1),
        lambda: catalogue.mark_present([photo.id]),
        lambda: catalogue.move_photos([(photo.id, root, "", "b", 1)]),
        lambda: catalogue.change_photos([(photo.id, file("b"))]),
        lambda: catalogue.record(MODEL, [], [unreadable(photo)]),
        catalogue.retry_failures,
        lambda: catalogue.remove_root(root),
    ]
    for number, change in enumerate(changes, 1):
        change()
        assert catalogue.generation() == start + number


def test_what_changes_nothing_searchable_leaves_the_generation(catalogue: Catalogue, root: int) -> None:
    start = catalogue.generation()
    catalogue.add_photos(root, "", [file("a")])
    catalogue.set_problems(root, "", [("loop", "It leads to itself.")])
    catalogue.set_root(root, state="polled")
    assert catalogue.generation() == start


def test_what_changed_since_a_generation_leads_to_the_codes_of_now(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(8)])
    other = catalogue.add_root(PHOTOS.parent / "other", "").id
    [elsewhere] = catalogue.add_photos(other, "", [file("x")])
    catalogue.record(MODEL, [encoded(photo) for photo in [*photos, elsewhere]], [])
    steps = [
        lambda: catalogue.record(MODEL, [encoded(photos[0], b"edoc")], []),
        lambda: catalogue.record(OTHER, [encoded(photos[0], b"xx")], [unreadable(photos[1])]),
        lambda: catalogue.mark_missing([photos[2].id, photos[3].id], "gone", 1),
        lambda: catalogue.mark_missing([photos[4].id], "offline", 1),
        lambda: catalogue.mark_present([photos[2].id]),
        lambda: catalogue.believe_missing([photos[4].id], 7, 8),
        lambda: catalogue.change_photos([(photos[5].id, file("5", 7))]),
        # In place of another, which goes.
        lambda: catalogue.move_photos([(photos[6].id, root, "", "7", 5)]),
        lambda: catalogue.retry_failures(),
        lambda: catalogue.purge_gone(99),
        lambda: catalogue.remove_root(other),
    ]
    states = [(catalogue.generation(), codes_by_id(catalogue))]
    for step in steps:
        step()
        states.append((catalogue.generation(), codes_by_id(catalogue)))
    for generation, codes in states:
        changes = catalogue.code_changes(MODEL.identity, generation)
        assert changes is not None
        assert changes.generation == catalogue.generation()
        caught_up = {id: code for id, code in codes.items() if id not in changes.old}
        caught_up |= {int(id): row.tobytes() for id, row in zip(changes.ids, changes.rows, strict=True)}
        assert caught_up == codes_by_id(catalogue)


def test_what_changed_is_told_only_of_generations_that_are_remembered(
    catalogue: Catalogue, root: int
) -> None:
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(REMEMBERED)])
    first = catalogue.generation()
    assert catalogue.code_changes(MODEL.identity, first + 1) is None
    with catalogue.transaction():
        for photo in photos[:REMEMBERED]:
            catalogue.mark_missing([photo.id], "gone", 1)
    changes = catalogue.code_changes(MODEL.identity, first)
    assert changes is not None
    assert len(changes.old) == REMEMBERED
    catalogue.mark_missing([photos[0].id], "offline", 1)
    assert catalogue.code_changes(MODEL.identity, first) is None
    assert catalogue.code_changes(MODEL.identity, first + 1) is not None


def test_of_changes_of_many_photos_the_oldest_are_forgotten(
    catalogue: Catalogue, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.store.catalogue.LISTED", 5)
    monkeypatch.setattr("photosearch.store.catalogue.MOST", 20)
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(30)])
    first = catalogue.generation()
    for start, end in ((0, 8), (8, 20)):
        catalogue.mark_missing([photo.id for photo in photos[start:end]], "gone", 1)
    changes = catalogue.code_changes(MODEL.identity, first)
    assert changes is not None
    assert changes.old.tolist() == sorted(photo.id for photo in photos[:20])
    catalogue.mark_missing([photo.id for photo in photos[20:26]], "gone", 1)
    assert catalogue.code_changes(MODEL.identity, first) is None
    changes = catalogue.code_changes(MODEL.identity, first + 1)
    assert changes is not None
    assert len(changes.old) == 18
    # More than are remembered at all.
    catalogue.mark_present([photo.id for photo in photos])
    assert catalogue.code_changes(MODEL.identity, first + 3) is None


def test_a_catalogue_begun_anew_has_other_generations(tmp_path: Path) -> None:
    generations = set()
    for number in range(3):
        catalogue = Catalogue(tmp_path / f"{number}.sqlite")
        generations.add(catalogue.generation())
        catalogue.close()
    assert len(generations) == 3


# What could not be read


def test_every_failure_is_listed_with_its_reason(catalogue: Catalogue, root: int) -> None:
    first, second = (catalogue.add_photos(root, folder, [file("bad.jpg")])[0] for folder in ("", "x"))
    catalogue.record(MODEL, [], [unreadable(first), unreadable(second, "It is text.")])
    catalogue.set_problems(root, "", [("x/loop", "It leads to itself."), ("\\xff.jpg", "No name.")])
    assert catalogue.failures() == [
        Failure(PHOTOS / "\\xff.jpg", "No name."),
        Failure(PHOTOS / "bad.jpg", "It is empty."),
        Failure(PHOTOS / "x" / "bad.jpg", "It is text."),
        Failure(PHOTOS / "x" / "loop", "It leads to itself."),
    ]


def test_a_scan_replaces_the_problems_of_what_it_saw_only(catalogue: Catalogue, root: int) -> None:
    catalogue.set_problems(root, "", [("a/1", "One."), ("a/b/2", "Two."), ("a0/3", "Three.")])
    catalogue.set_problems(root, "a", [("a/4", "Four.")])
    assert [failure.reason for failure in catalogue.failures()] == ["Four.", "Three."]
    catalogue.set_problems(root, "", [])
    assert catalogue.failures() == []


def test_unreadable_photos_wait_again_after_retry(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.add_photos(root, "", [file("a"), file("b")])
    catalogue.record(MODEL, [encoded(second)], [unreadable(first)])
    catalogue.set_problems(root, "", [("loop", "It leads to itself.")])
    assert catalogue.retry_failures() == 2
    assert catalogue.waiting(MODEL.identity) == [first.id]
    assert [failure.path.name for failure in catalogue.failures()] == ["loop"]


# Asking


def test_photos_come_in_the_order_asked_for(catalogue: Catalogue, root: int) -> None:
    ids = [photo.id for photo in catalogue.add_photos(root, "", [file(name) for name in "abc"])]
    assert names(catalogue, [ids[2], 99, ids[0]]) == ["c", "a"]
    assert names(catalogue, np.array(ids[::-1])) == ["c", "b", "a"]
    assert catalogue.photos([]) == []


def test_a_photo_is_found_by_its_path(catalogue: Catalogue, root: int) -> None:
    [top] = catalogue.add_photos(root, "", [file("a.jpg")])
    [deep] = catalogue.add_photos(root, ".hidden/é", [file("a.jpg")])
    found = [catalogue.find(PHOTOS / "a.jpg"), catalogue.find(PHOTOS / ".hidden" / "é" / "a.jpg")]
    assert [photo.id for photo in found if photo] == [top.id, deep.id]
    for elsewhere in (PHOTOS / "b.jpg", PHOTOS / "x" / "a.jpg", PHOTOS, PHOTOS.parent / "a.jpg"):
        assert catalogue.find(elsewhere) is None


def test_a_folder_filter_takes_the_folder_and_what_lies_below_in_any_root(
    catalogue: Catalogue, root: int
) -> None:
    other = catalogue.add_root(PHOTOS.parent / "other", "volume").id
    where = [(root, ""), (root, ".a"), (root, "a"), (root, "a/b"), (root, "a b"), (other, "a")]
    ids = [catalogue.add_photos(root_id, folder, [file("1")])[0].id for root_id, folder in where]

    def under(path: Path) -> list[int]:
        return catalogue.ids_matching(Filters(under=path)).tolist()

    assert under(PHOTOS) == ids[:5]
    assert under(PHOTOS / "a") == [ids[2], ids[3]]
    assert under(PHOTOS / ".a") == [ids[1]]
    assert under(PHOTOS.parent / "other") == [ids[5]]
    assert under(PHOTOS.parent) == ids
    assert under(PHOTOS / "no photos here") == []
    with pytest.raises(FolderUnavailable, match="is not in the library"):
        under(PHOTOS.parent / "elsewhere")


def test_dates_are_those_of_the_exposure_or_else_of_the_file_in_local_time(
    catalogue: Catalogue, root: int
) -> None:
    day = 24 * 3600
    dated, undated = catalogue.add_photos(
        root, "", [file("a", seconds=900 * day), file("b", seconds=500 * day)]
    )
    catalogue.record(
        MODEL, [encoded(dated, details=Details(1, 1, 100 * day)), encoded(undated, details=Details(1, 1))], []
    )
    local = time.localtime(500 * day)
    as_if_utc = 500 * day + local.tm_gmtoff
    for photo, moment in ((dated, 100 * day), (undated, as_if_utc)):
        assert photo.id in catalogue.ids_matching(Filters(since=moment))
        assert photo.id not in catalogue.ids_matching(Filters(since=moment + 1))
        assert photo.id in catalogue.ids_matching(Filters(until=moment + 1))
        assert photo.id not in catalogue.ids_matching(Filters(until=moment))
    assert catalogue.listing(Filters()).tolist() == [undated.id, dated.id]


def test_a_camera_is_found_by_any_part_of_its_name(catalogue: Catalogue, root: int) -> None:
    cameras = ["Canon EOS R5", "NIKON Z 6", "", "Größe 100%_"]
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(4)])
    catalogue.record(
        MODEL,
        [
            encoded(photo, details=Details(1, 1, None, camera))
            for photo, camera in zip(photos, cameras, strict=True)
        ],
        [],
    )
    for text, wanted in (
        ("eos", [0]),
        ("nikon", [1]),
        ("GRÖSSE", [3]),
        ("0%_", [3]),
        ("%", [3]),
        ("Sony", []),
    ):
        found = catalogue.ids_matching(Filters(camera=text)).tolist()
        assert found == [photos[number].id for number in wanted], text


def test_photos_are_counted_by_what_a_person_narrows_by_and_each_count_is_what_the_filter_finds(
    catalogue: Catalogue, root: int
) -> None:
    shapes = [(4000, 3000), (3000, 4000), (3010, 3000), (900, 600), (1000, 1000)]
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(len(shapes))])
    months = ["2019-05", "2019-05", "2019-04", "1969-12", "2019-05"]
    catalogue.add_photos(root, "", [file("waiting", seconds=1_580_000_000)])
    catalogue.record(
        MODEL,
        [
            encoded(
                photo,
                details=Details(
                    *shape,
                    int(np.datetime64(month, "s").astype(int)),
                    "Canon" if number % 2 else "Nikon",
                    *((10.0, 10.0) if number < 2 else (None, None)),
                ),
            )
            for number, (photo, shape, month) in enumerate(zip(photos, shapes, months, strict=True))
        ],
        [],
    )
    assert list(catalogue.counts_by("month", Filters()).items()) == [
        ("2020-01", 1),
        ("2019-05", 3),
        ("2019-04", 1),
        ("1969-12", 1),
    ]
    for filters in (Filters(), Filters(camera="Canon"), Filters(near=Circle(10, 10, 1))):
        listing, counted = catalogue.timeline(filters)
        assert listing.tolist() == catalogue.listing(filters).tolist()
        assert counted == catalogue.counts_by("month", filters) and sum(counted.values()) == len(listing)
    assert catalogue.counts_by("camera", Filters(orientation="portrait")) == {"Canon": 1}
    assert catalogue.counts_by("size", Filters()) == {"large": 3, "medium": 1, "small": 1}
    assert catalogue.counts_by("size", Filters(near=Circle(10, 10, 1))) == {"large": 2}
    for orientation, count in catalogue.counts_by("orientation", Filters()).items():
        assert len(catalogue.ids_matching(Filters(orientation=orientation))) == count
    assert catalogue.counts_by("orientation", Filters())["square"] == 2
    assert len(catalogue.ids_matching(Filters(least_pixels=LARGE_PIXELS))) == 3
    assert len(catalogue.ids_matching(Filters(most_pixels=SMALL_PIXELS - 1))) == 1


ISTANBUL, FIJI, TAVEUNI = (41.0082376, 28.9783589), (-16.8, 179.9), (-16.8, -179.9)


def taken_at(
    catalogue: Catalogue, root: int, places: Sequence[tuple[float | None, float | None]]
) -> list[KnownPhoto]:
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(len(places))])
    details = [Details(1, 1, number, "", *place) for number, place in enumerate(places)]
    catalogue.record(
        MODEL, [encoded(photo, details=each) for photo, each in zip(photos, details, strict=True)], []
    )
    return photos


def test_a_place_is_kept_to_the_centimetre_until_the_file_changes(catalogue: Catalogue, root: int) -> None:
    places = [ISTANBUL, (-90.0, 180.0), (None, None), (0.00000004, -0.00000006)]
    photos = taken_at(catalogue, root, places)
    kept = [catalogue.photos([photo.id])[0].details for photo in photos]
    assert [(one.latitude, one.longitude) for one in kept[:3]] == places[:3]
    assert (kept[3].latitude, kept[3].longitude) == (0, -1e-7)
    catalogue.change_photos([(photos[0].id, file("0", 77))])
    changed = catalogue.photos([photos[0].id])[0].details
    assert (changed.latitude, changed.longitude) == (None, None)


def test_photos_near_a_point_are_just_those_within_the_distance(catalogue: Catalogue, root: int) -> None:
    # A degree of a meridian is 111.195 km; at the pole, and where the date changes, longitudes mean little.
    places = [(0.0, 10.0), (1.0, 10.0), (89.9, 0.0), (89.9, 180.0), FIJI, TAVEUNI, (None, None), ISTANBUL]
    photos = taken_at(catalogue, root, places)
    for circle, wanted in (
        (Circle(0, 10, 0), [0]),
        (Circle(0, 10, 111.19), [0]),
        (Circle(0, 10, 111.2), [0, 1]),
        (Circle(90, 77, 11.11), []),
        (Circle(90, 77, 11.13), [2, 3]),
        (Circle(*FIJI, 21.2), [4]),
        (Circle(*FIJI, 21.4), [4, 5]),
        (Circle(*ISTANBUL, 0), [7]),
        (Circle(0, 0, 21_000), [0, 1, 2, 3, 4, 5, 7]),
    ):
        filters = Filters(near=circle)
        found = [photos[number].id for number in wanted]
        assert catalogue.ids_matching(filters).tolist() == found, circle
        assert catalogue.listing(filters).tolist() == found[::-1], circle
    assert catalogue.ids_matching(Filters(near=Circle(0, 0, 21_000), until=2)).tolist() == [
        photos[0].id,
        photos[1].id,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_near_leaves_out_none_that_a_look_at_each_photo_finds(
    catalogue: Catalogue, root: int, seed: int
) -> None:
    chosen = random.Random(seed)
    middle = Circle(chosen.uniform(-90, 90), chosen.uniform(-180, 180), chosen.uniform(0, 3000))
    places = [
        (
            round(min(90.0, max(-90.0, middle.latitude + chosen.gauss(0, 20))), 7),
            round(chosen.uniform(-180, 180), 7),
        )
        for _ in range(400)
    ]
    photos = taken_at(catalogue, root, places)

    def point(latitude: float, longitude: float) -> np.ndarray:
        north, east = np.radians(latitude), np.radians(longitude)
        return np.array([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])

    # The angle between two points, seen from the middle of the earth.
    here = point(middle.latitude, middle.longitude)
    away = [6371.0088 * float(np.arccos(np.clip(here @ point(*place), -1, 1))) for place in places]
    wanted = [photo.id for photo, far in zip(photos, away, strict=True) if far <= middle.kilometres]
    assert catalogue.ids_matching(Filters(near=middle)).tolist() == wanted


def test_filters_add_up(catalogue: Catalogue, root: int) -> None:
    photos = [
        catalogue.add_photos(root, folder, [file(f"{number}")])[0]
        for number, folder in enumerate(["a", "a", "b", "a"])
    ]
    details = [
        Details(1, 1, 10, "Canon"),
        Details(1, 1, 20, "Canon"),
        Details(1, 1, 10, "Canon"),
        Details(1, 1, 10),
    ]
    catalogue.record(
        MODEL, [encoded(photo, details=each) for photo, each in zip(photos, details, strict=True)], []
    )
    filters = Filters(under=PHOTOS / "a", since=5, until=15, camera="canon")
    assert catalogue.ids_matching(filters).tolist() == [photos[0].id]


def test_photos_always_add_up(catalogue: Catalogue, root: int) -> None:
    unplugged = catalogue.add_root(PHOTOS.parent / "unplugged", "stick").id
    photos = catalogue.add_photos(root, "", [file(name) for name in "abcdefg"])
    away = catalogue.add_photos(unplugged, "", [file(name) for name in "abcd"])
    for model, code in ((MODEL, b"code"), (OTHER, b"cd")):
        catalogue.record(
            model,
            [encoded(photo, code) for photo in (*photos[:3], *away[:2])],
            [unreadable(photos[5]), unreadable(away[3])],
        )
    catalogue.mark_missing([photos[0].id, photos[3].id], "gone", 1)
    catalogue.mark_missing([photos[1].id, photos[4].id, away[0].id], "offline", 1)
    catalogue.set_root(unplugged, state="offline")
    for model in (MODEL, OTHER):
        # Two of 11 are gone; c is encoded, g waits, five are offline (b, e, three unplugged), two unreadable.
        assert catalogue.counts(model.identity) == Counts(9, 1, 1, 5, 2)
    assert catalogue.waiting(MODEL.identity) == [photos[6].id]
    catalogue.set_root(unplugged, state="watched")
    assert catalogue.counts(MODEL.identity) == Counts(9, 2, 2, 3, 2)
    assert catalogue.counts("0" * 16) == Counts(9, 0, 4, 3, 2)


def test_photos_of_an_unplugged_root_answer_and_say_so(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.add_photos(root, "", [file("a")])
    catalogue.record(MODEL, [encoded(photo)], [])
    catalogue.set_root(root, state="offline")
    assert codes_by_id(catalogue) == {photo.id: b"code"}
    assert catalogue.ids_matching(Filters()).tolist() == [photo.id]
    assert catalogue.photos([photo.id])[0].offline


# Threads, processes and crashes


def test_what_fails_inside_a_transaction_leaves_nothing(catalogue: Catalogue, root: int) -> None:
    def fail_half_way() -> None:
        with catalogue.transaction():
            catalogue.add_photos(root, "", [file("a")])
            catalogue.add_root(PHOTOS.parent / "other", "")
            assert len(catalogue.roots()) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert catalogue.known_in(root, "") == {}
    assert [each.id for each in catalogue.roots()] == [root]


def test_only_one_updates_a_library_at_a_time(catalogue: Catalogue, tmp_path: Path) -> None:
    other = Catalogue(tmp_path / "catalogue.sqlite")
    with catalogue.writing():
        for contender in (catalogue, other):
            with pytest.raises(LibraryBusy, match="Another PhotoSearch is updating"), contender.writing():
                pass
        said = run_in_another_process("with catalogue.writing(): print('mine')", tmp_path)
        assert "LibraryBusy: Another PhotoSearch is updating" in said
    assert run_in_another_process("with catalogue.writing(): print('mine')", tmp_path) == "mine"
    with other.writing():
        pass
    other.close()


def test_an_update_may_be_ended_by_another_thread(catalogue: Catalogue) -> None:
    def update() -> Generator[None]:
        with catalogue.writing():
            yield

    updating = update()
    next(updating)
    thread = threading.Thread(target=updating.close)
    thread.start()
    thread.join()
    with catalogue.writing():
        pass


def test_small_edits_do_not_wait_for_an_update(catalogue: Catalogue, tmp_path: Path) -> None:
    with catalogue.writing():
        edit = "catalogue.add_root(Path('new').absolute(), ''); catalogue.retry_failures(); print('done')"
        assert run_in_another_process(edit, tmp_path) == "done"
    assert [root.path.name for root in catalogue.roots()] == ["new"]


def test_the_lock_of_a_killed_process_is_free(catalogue: Catalogue, tmp_path: Path) -> None:
    holder = start_process("with catalogue.writing(): print('held', flush=True); time.sleep(60)", tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy), catalogue.writing():
        pass
    holder.kill()
    holder.communicate()
    with catalogue.writing():
        pass


def test_a_catalogue_that_was_damaged_while_an_update_was_cut_off_is_not_written_to(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    root = catalogue.add_root(PHOTOS, "").id
    add = "catalogue.add_photos(1, '', [FoundFile(f'{n}', 1, 1) for n in range(2000)])"
    holder = start_process(f"with catalogue.writing(): {add}; print(1, flush=True); time.sleep(60)", tmp_path)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    path = tmp_path / "catalogue.sqlite"
    # Sound: looked through, and written to as ever. Then the mark is gone.
    with catalogue.writing():
        catalogue.add_photos(root, "", [file("one more")])
    with catalogue.writing():
        pass
    catalogue.close()
    assert not path.with_name(path.name + ".unfinished").exists()

    sound = path.read_bytes()
    content = bytearray(sound)
    content[8 * 4096 : 9 * 4096] = bytes(4096)
    path.write_bytes(content)
    path.with_name(path.name + ".unfinished").touch()
    for _ in range(2):
        damaged = Catalogue(path)
        with pytest.raises(LibraryDamaged, match=r"was cut off.* is damaged.* --repair"), damaged.writing():
            pass
        damaged.close()
    path.write_bytes(sound)
    mended = Catalogue(path)
    with mended.writing():
        assert len(mended.known_in(root, "")) == 2001
    mended.close()


def test_a_reader_sees_changes_of_another_thread_and_is_told_of_them(catalogue: Catalogue, root: int) -> None:
    catalogue.changed_elsewhere()
    catalogue.add_photos(root, "", [file("mine")])
    assert not catalogue.changed_elsewhere()
    assert [each.photos for each in catalogue.roots()] == [1]
    thread = threading.Thread(target=catalogue.add_photos, args=(root, "", [file("theirs")]))
    thread.start()
    thread.join()
    assert catalogue.changed_elsewhere()
    assert not catalogue.changed_elsewhere()
    assert set(catalogue.known_in(root, "")) == {"mine", "theirs"}
    assert [each.photos for each in catalogue.roots()] == [2]


def test_readers_in_many_threads_see_whole_batches_while_one_writes(catalogue: Catalogue, root: int) -> None:
    batch, done = 50, threading.Event()

    def read() -> None:
        while not done.is_set():
            ids, rows = catalogue.codes(MODEL.identity)
            assert len(ids) == len(rows)
            assert len(ids) % batch == 0
            counts = catalogue.counts(MODEL.identity)
            assert counts.encoded % batch == 0
            assert counts.photos == counts.encoded + counts.waiting

    with ThreadPoolExecutor(4) as readers:
        reading = [readers.submit(read) for _ in range(4)]
        try:
            with catalogue.writing():
                for number in range(20):
                    files = [file(f"{name}") for name in range(batch)]
                    photos = catalogue.add_photos(root, f"{number}", files)
                    catalogue.record(MODEL, [encoded(photo) for photo in photos], [])
        finally:
            done.set()
        for reader in reading:
            reader.result()


def test_many_processes_may_open_a_new_library_at_once(tmp_path: Path) -> None:
    edit = "catalogue.add_root(Path(f'{os.getpid()}').absolute(), ''); print('done')"
    processes = [start_process(edit, tmp_path) for _ in range(4)]
    said = [process.communicate() for process in processes]
    assert [out for out, _ in said] == ["done\n"] * 4, said
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    assert len(catalogue.roots()) == 4
    catalogue.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_at_any_moment_loses_at_most_the_batch_in_flight(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "catalogue.sqlite"
    writer = start_process(WRITING_BATCHES, tmp_path)
    assert writer.stdout is not None
    said = [writer.stdout.readline()]
    time.sleep(random.Random(seed).uniform(0, 0.25))
    writer.kill()
    said += writer.stdout.readlines()
    writer.communicate()
    committed = len([line for line in said if line.endswith("\n")])

    catalogue = Catalogue(path)
    with catalogue.writing():
        assert catalogue.check() == []
        ids, rows = catalogue.codes(MODEL.identity)
        counts = catalogue.counts(MODEL.identity)
        assert len(ids) in (10 * committed, 10 * (committed + 1))
        assert counts.encoded == len(ids)
        assert counts.photos == counts.encoded + counts.waiting
        # Each batch whole, each photo once, each with its own code.
        numbers = [int(photo.path.stem) for photo in catalogue.photos(ids)]
        assert numbers == list(range(len(ids)))
        assert rows.view("<u4").ravel().tolist() == numbers
    catalogue.close()


WRITING_BATCHES = """
root = catalogue.add_root(Path("photos").absolute(), "volume").id
with catalogue.writing():
    for batch in range(100_000):
        files = [FoundFile(f"{number}.jpg", 1, 1) for number in range(10 * batch, 10 * batch + 10)]
        photos = catalogue.add_photos(root, "", files)
        encoded = [
            EncodedPhoto(photo.id, 1, 1, b"", Details(1, 1), int(photo.name[:-4]).to_bytes(4, "little"))
            for photo in photos
        ]
        catalogue.record(CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8), encoded, [])
        print(batch, flush=True)
"""


def start_process(commands: str, folder: Path, before: str = "") -> subprocess.Popen[str]:
    """A Python process that has opened the catalogue in a folder and runs some commands."""
    program = f"""
import os, time
from pathlib import Path
from photosearch.records import *
from photosearch.store import *
{before}
catalogue = Catalogue(Path({str(folder / "catalogue.sqlite")!r}))
{commands}
"""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def run_in_another_process(commands: str, folder: Path, before: str = "") -> str:
    """What it printed, or the last line of its traceback."""
    out, errors = start_process(commands, folder, before).communicate(timeout=60)
    return (out or errors).strip().splitlines()[-1]


# Files that cannot be used


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database, whatever its name says. " * 100)
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.sqlite is not a PhotoSearch catalogue, or"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.sqlite is not a PhotoSearch catalogue\.$"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_a_newer_catalogue_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match="newer version of PhotoSearch"):
        Catalogue(path)
    assert path.read_bytes() == before


def older(path: Path, count: int = 100) -> list[str]:
    """Begin a catalogue of the first version, with photos and codes; all that is in it, as SQL."""
    connection, _ = connect(path, MIGRATIONS[:1])
    with connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO roots (path, volume) VALUES (?, '')", (str(PHOTOS),))
        connection.execute("INSERT INTO folders (root_id, path) VALUES (1, '')")
        connection.execute("INSERT INTO models VALUES (1, '0123456789abcdef', 'dsq', 'additive', 4, 8)")
        for number in range(1, count + 1):
            connection.execute(
                "INSERT INTO photos (folder_id, name, size, modified_ns) VALUES (1, ?, 1, 1)", (str(number),)
            )
            connection.execute("INSERT INTO codes VALUES (1, ?, ?)", (number, number.to_bytes(4, "little")))
    content = list(connection.iterdump())
    connection.close()
    return content


def test_an_older_catalogue_is_kept_as_it_was_and_brought_to_this_version(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    before = older(path)
    catalogue = Catalogue(path)
    assert catalogue.kept == tmp_path / "catalogue.version-1.sqlite"
    assert codes_by_id(catalogue) == {number: number.to_bytes(4, "little") for number in range(1, 101)}
    assert catalogue.check() == []
    # What an older version did not keep is unknown, and can be written now.
    assert catalogue.photos([1])[0].details.latitude is None
    placed = EncodedPhoto(2, 1, 1, b"ends", Details(1, 1, None, "", *ISTANBUL), b"code")
    assert catalogue.record(MODEL, [placed], []) == [2]
    assert catalogue.ids_matching(Filters(near=Circle(*ISTANBUL, 1))).tolist() == [2]
    catalogue.close()
    kept, _ = connect(catalogue.kept, MIGRATIONS[:1])
    assert list(kept.iterdump()) == before
    kept.close()
    again = Catalogue(path)
    assert again.kept is None
    again.close()


def test_a_migration_that_fails_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    before = older(path)
    broken = (*MIGRATIONS, ("DELETE FROM codes", "CREATE TABLE photos (id)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Catalogue(path, broken)
    # In its way lies a folder, which no copy can replace.
    (tmp_path / "catalogue.version-1.sqlite").unlink()
    (tmp_path / "catalogue.version-1.sqlite").mkdir()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.version-1\.sqlite cannot be written"):
        Catalogue(path)
    unchanged, _ = connect(path, MIGRATIONS[:1])
    assert list(unchanged.iterdump()) == before
    unchanged.close()
    assert list(tmp_path.glob("*.new")) == []


def test_a_damaged_catalogue_says_so(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    root = catalogue.add_root(PHOTOS, "").id
    photos = catalogue.add_photos(root, "", [file(f"{number}") for number in range(2000)])
    catalogue.record(MODEL, [encoded(photo) for photo in photos], [])
    catalogue.close()
    content = bytearray(path.read_bytes())
    for page in range(2 * 4096, len(content), 4096):
        content[page : page + 600] = bytes(600)
    path.write_bytes(content)
    with pytest.raises(LibraryUnusable, match="is damaged"):
        Catalogue(path).known_in(root, "")


def test_a_check_finds_what_does_not_belong(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    [photo] = catalogue.add_photos(catalogue.add_root(PHOTOS, "").id, "", [file("a")])
    catalogue.record(MODEL, [encoded(photo)], [])
    assert catalogue.check() == []
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE codes SET code = x'00'")
        connection.execute("INSERT INTO codes VALUES (1, 99, x'00000000')")
    connection.close()
    problems = catalogue.check()
    assert len(problems) == 2
    assert any("1 of “codes” belong to “photos” that are not there" in problem for problem in problems)
    assert any("1 codes of model 0123456789abcdef are not 4 bytes long" in problem for problem in problems)
    assert all(str(path) in problem for problem in problems)
    catalogue.close()


def test_a_library_where_a_file_is_in_the_way_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(LibraryUnusable, match="cannot be kept in"):
        Catalogue(tmp_path / "home" / "catalogue.sqlite")
    with pytest.raises(LibraryUnusable, match="cannot be opened"):
        Catalogue(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions here")
def test_a_read_only_home_is_refused_in_words() -> None:
    # Not in `tmp_path`, which nobody but its owner may look into.
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Catalogue(home / "catalogue.sqlite").close()
        home.chmod(0o555)
        with as_somebody_ordinary():
            for path in (home / "catalogue.sqlite", home / "another.sqlite"):
                with pytest.raises(LibraryUnusable, match=r"cannot be opened|may not be written"):
                    Catalogue(path).add_root(PHOTOS, "")
        home.chmod(0o755)


@contextmanager
def as_somebody_ordinary() -> Iterator[None]:
    """Without the rights of an administrator, to whom nothing is read-only."""
    me = os.geteuid()
    os.seteuid(me or 65534)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited here")
def test_a_full_disk_is_one_sentence_and_loses_nothing_committed(catalogue: Catalogue, root: int) -> None:
    catalogue.add_photos(root, "", [file("before")])
    home = Path(catalogue._path).parent
    fill = "catalogue.add_photos(1, '', (FoundFile(f'{n:0200}', 1, 1) for n in range(10**5)))"
    # The system refuses to write beyond this size, as it would on a full disk.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))"
    said = run_in_another_process(fill, home, limit)
    assert "LibraryUnusable: The disk" in said
    assert list(catalogue.known_in(root, "")) == ["before"]


def test_a_catalogue_that_stays_locked_is_busy(catalogue: Catalogue, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    catalogue._session().connection.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(LibraryBusy, match="writing to the library"):
        catalogue.add_root(PHOTOS, "")
    connection.execute("ROLLBACK")
    connection.close()


# Size


def test_a_photo_costs_at_most_150_bytes_however_it_was_encoded(catalogue: Catalogue, root: int) -> None:
    count = 20_000
    rng = random.Random(0)
    photos = []
    with catalogue.transaction():
        for folder in range(count // 100):
            files = [
                FoundFile(
                    f"IMG_{2000 + folder % 20}{folder:04}_{n:06}.jpg",
                    rng.randrange(10**6, 10**7),
                    rng.getrandbits(60),
                )
                for n in range(100)
            ]
            photos += catalogue.add_photos(root, f"{folder:05} A summer trip", files)
        for photo in reversed(photos):
            details = Details(6000, 4000, rng.randrange(2**30), "Canon EOS R5")
            made = EncodedPhoto(
                photo.id, photo.size, photo.modified_ns, rng.randbytes(16), details, rng.randbytes(16)
            )
            catalogue.record(CodeSpec("0" * 16, "dsq", "additive", 16, 64), [made], [])

    catalogue.compact()

    assert 4096 * pages(catalogue) <= 150 * count


def test_a_file_is_packed_only_when_that_is_worth_it(catalogue: Catalogue, root: int) -> None:
    catalogue.add_photos(root, "", [file(f"{n:0100}") for n in range(5000)])
    catalogue.compact()
    packed = pages(catalogue)
    changed = catalogue._session().connection.total_changes
    catalogue.compact()
    assert catalogue._session().connection.total_changes == changed
    catalogue.remove_root(root)
    catalogue.compact()
    assert pages(catalogue) < packed / 4


def pages(catalogue: Catalogue) -> int:
    pages: int = catalogue._session().connection.execute("PRAGMA page_count").fetchone()[0]
    return pages


@pytest.mark.skipif(sys.platform == "win32", reason="no open file is removed there")
def test_a_catalogue_that_is_removed_while_it_is_updated_is_no_success(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "home" / "catalogue.sqlite")
    with pytest.raises(LibraryUnusable, match=r"cannot be opened.*\.$"), catalogue.writing():
        shutil.rmtree(tmp_path / "home")
    catalogue.close()


def test_closing_gives_up_what_another_thread_still_reads(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    reading, ended = threading.Event(), []

    def read() -> None:
        try:
            with catalogue._view() as db:
                reading.set()
                db.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
                ).fetchone()
        except GivenUp as error:
            ended.append(str(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert reading.wait(30)
    catalogue.close()
    thread.join(30)
    assert ended == ["The library was closed."]
    with pytest.raises(GivenUp):
        catalogue.generation()


def test_a_closed_catalogue_says_so_to_each_thread(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    catalogue.close()
    told = []

    def ask() -> None:
        try:
            catalogue.roots()
        except GivenUp as error:
            told.append(str(error))

    ask()
    # This one has no connection yet.
    other = threading.Thread(target=ask)
    other.start()
    other.join(30)
    assert told == ["The library was closed."] * 2
