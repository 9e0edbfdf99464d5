"""What the catalogue was told of files, it knows: new, changed, moved, missing and returned."""

import pytest

from photosearch.records import Details, Failure, Filters, KnownPhoto
from photosearch.store import Catalogue
from tests.steps.catalogues import (
    DETAILS,
    MODEL,
    OTHER,
    PHOTOS,
    codes_by_id,
    encoded,
    file,
    names,
    unreadable,
)


def test_files_are_known_by_folder_and_name(catalogue: Catalogue, root: int) -> None:
    added = catalogue.files.add(root, "2024/summer", [file("a.jpg", 7, 8), file("b.jpg")])
    known = catalogue.files.known_in(root, "2024/summer")
    assert known == {"a.jpg": added[0], "b.jpg": added[1]}
    assert known["a.jpg"] == KnownPhoto(
        added[0].id, root, "2024/summer", "a.jpg", 7, 8 * 10**9, None, "present"
    )
    assert catalogue.files.known_in(root, "2024") == {}


def test_folders_with_photos_are_known_at_and_below_a_folder(catalogue: Catalogue, root: int) -> None:
    folders = ["", "a", "a b", "a/b", "a/b/c", "a0", "é", "é/ü"]
    for folder in folders:
        catalogue.files.add(root, folder, [file("1.jpg")])
    assert catalogue.files.known_folders(root) == sorted(folders, key=str.encode)
    assert catalogue.files.known_folders(root, "a") == ["a", "a/b", "a/b/c"]
    assert catalogue.files.known_folders(root, "a/b") == ["a/b", "a/b/c"]
    assert catalogue.files.known_folders(root, "é") == ["é", "é/ü"]
    assert catalogue.files.known_folders(root, "nowhere") == []


def test_gone_and_unreadable_photos_are_known_too(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file(name) for name in "abcd"])
    catalogue.files.mark_missing([photos[0].id], "gone", 1)
    catalogue.files.mark_missing([photos[1].id], "offline", 1)
    catalogue.codes.record(MODEL, [encoded(photos[3])], [unreadable(photos[2])])
    known = catalogue.files.known_in(root, "")
    assert {name: photo.state for name, photo in known.items()} == {
        "a": "gone",
        "b": "offline",
        "c": "unreadable",
        "d": "present",
    }
    assert known["d"].ends == b"e" * 16


def test_an_added_photo_waits_newest_file_first(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file("old", seconds=1), file("new", seconds=3)])
    photos += catalogue.files.add(root, "x", [file("middle", seconds=2)])
    assert names(catalogue, catalogue.codes.waiting(MODEL.identity)) == ["new", "middle", "old"]
    catalogue.codes.record(MODEL, [encoded(photos[1])], [unreadable(photos[0])])
    assert names(catalogue, catalogue.codes.waiting(MODEL.identity)) == ["middle"]
    assert names(catalogue, catalogue.codes.waiting(OTHER.identity)) == ["new", "middle"]


def test_a_changed_file_waits_again_and_nothing_old_answers_for_it(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a.jpg")])
    catalogue.codes.record(MODEL, [encoded(photo)], [])
    catalogue.codes.record(OTHER, [encoded(photo, b"cd")], [])

    catalogue.files.change([(photo.id, file("a.jpg", 777, 9))])

    assert codes_by_id(catalogue) == codes_by_id(catalogue, OTHER) == {}
    assert catalogue.codes.waiting(MODEL.identity) == catalogue.codes.waiting(OTHER.identity) == [photo.id]
    [changed] = catalogue.photos.by_id([photo.id])
    assert (changed.size, changed.modified_ns, changed.details) == (777, 9 * 10**9, Details(0, 0))
    assert catalogue.files.known_in(root, "")["a.jpg"].ends is None


def test_a_changed_unreadable_file_is_tried_again(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a.jpg")])
    catalogue.codes.record(MODEL, [], [unreadable(photo)])
    catalogue.files.change([(photo.id, file("a.jpg", 777))])
    assert catalogue.failures.all() == []
    assert catalogue.codes.waiting(MODEL.identity) == [photo.id]


def test_a_moved_photo_keeps_everything(catalogue: Catalogue, root: int) -> None:
    other = catalogue.roots.add(PHOTOS.parent / "other", "volume").id
    [photo] = catalogue.files.add(root, "a", [file("1.jpg")])
    catalogue.codes.record(MODEL, [encoded(photo)], [])
    catalogue.files.mark_missing([photo.id], "offline", 7)

    catalogue.files.move([(photo.id, other, "b/c", "2.jpg", 9)])

    assert catalogue.files.known_folders(root) == []
    [moved] = catalogue.photos.by_id([photo.id])
    assert moved.path == PHOTOS.parent / "other" / "b" / "c" / "2.jpg"
    assert (moved.modified_ns, moved.details, moved.offline) == (9, DETAILS, False)
    assert codes_by_id(catalogue) == {photo.id: b"code"}
    assert catalogue.files.known_in(other, "b/c")["2.jpg"].ends == b"e" * 16


def test_photos_may_swap_their_names_and_go_round(catalogue: Catalogue, root: int) -> None:
    a, b, c = catalogue.files.add(root, "", [file(name) for name in "abc"])
    catalogue.codes.record(MODEL, [encoded(photo, photo.name.encode() * 4) for photo in (a, b, c)], [])
    catalogue.files.move([(a.id, root, "", "b", 1), (b.id, root, "", "c", 1), (c.id, root, "", "a", 1)])
    assert names(catalogue, [a.id, b.id, c.id]) == ["b", "c", "a"]
    assert codes_by_id(catalogue) == {a.id: b"aaaa", b.id: b"bbbb", c.id: b"cccc"}


def test_a_photo_may_change_the_case_of_its_name(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("IMG.JPG")])
    catalogue.files.move([(photo.id, root, "", "img.jpg", 1)])
    assert list(catalogue.files.known_in(root, "")) == ["img.jpg"]


@pytest.mark.parametrize("state", ["gone", "offline", "present"])
def test_what_was_known_at_the_place_a_photo_moved_to_goes(
    catalogue: Catalogue, root: int, state: str
) -> None:
    old, moving = catalogue.files.add(root, "", [file("a"), file("b")])
    catalogue.codes.record(MODEL, [encoded(old, b"old!"), encoded(moving, b"new!")], [])
    if state != "present":
        catalogue.files.mark_missing([old.id], state, 1)  # type: ignore[arg-type]
    catalogue.files.move([(moving.id, root, "", "a", 1)])
    assert {photo.id for photo in catalogue.files.known_in(root, "").values()} == {moving.id}
    assert codes_by_id(catalogue) == {moving.id: b"new!"}


def test_a_moved_unreadable_file_stays_unreadable(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a")])
    catalogue.codes.record(MODEL, [], [unreadable(photo)])
    catalogue.files.move([(photo.id, root, "x", "b", 1)])
    assert catalogue.failures.all() == [Failure(PHOTOS / "x" / "b", "It is empty.")]


def test_ten_thousand_renamed_photos_are_one_quick_transaction(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "old", [file(f"{number}.jpg") for number in range(10_000)])
    catalogue.files.move((photo.id, root, "new", photo.name, photo.modified_ns) for photo in photos)
    assert catalogue.files.known_folders(root) == ["new"]
    assert {photo.id for photo in catalogue.files.known_in(root, "new").values()} == {
        photo.id for photo in photos
    }


def test_missing_photos_are_found_by_their_size(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file("a", 1), file("b", 2), file("c", 3), file("d", 2)])
    catalogue.files.mark_missing([photos[0].id, photos[1].id], "gone", 1)
    catalogue.files.mark_missing([photos[2].id], "offline", 1)
    found = catalogue.files.missing_with_sizes([2, 3, 99])
    assert [(photo.name, photo.state) for photo in found] == [("b", "gone"), ("c", "offline")]
    assert catalogue.files.missing_with_sizes([]) == []


def test_photos_as_large_as_others_are_found_whatever_is_known_of_them(
    catalogue: Catalogue, root: int
) -> None:
    a, b, c, d, e = catalogue.files.add(
        root, "", [file("a", 1), file("b", 2), file("c", 2), file("d", 2), file("e", 3)]
    )
    catalogue.codes.record(MODEL, [encoded(b)], [])
    catalogue.files.mark_missing([c.id], "offline", 1)
    catalogue.files.mark_missing([d.id], "gone", 1)
    found = catalogue.files.same_size([a.id, b.id, 999])
    assert [(photo.name, photo.ends is None) for photo in found] == [("a", True), ("b", False), ("c", True)]
    assert [photo.name for photo in catalogue.files.same_size([e.id])] == ["e"]
    assert catalogue.files.same_size([]) == []
    assert [(photo.name, photo.state) for photo in catalogue.files.known([d.id, a.id, 999])] == [
        ("a", "present"),
        ("d", "gone"),
    ]


def test_an_offline_photo_still_answers_and_a_gone_one_does_not(catalogue: Catalogue, root: int) -> None:
    here, offline, gone = catalogue.files.add(root, "", [file(name) for name in "abc"])
    catalogue.codes.record(MODEL, [encoded(photo) for photo in (here, offline, gone)], [])
    catalogue.files.mark_missing([offline.id], "offline", 1)
    catalogue.files.mark_missing([gone.id], "gone", 1)
    assert set(codes_by_id(catalogue)) == {here.id, offline.id}
    assert [photo.offline for photo in catalogue.photos.by_id([here.id, offline.id, gone.id])] == [
        False,
        True,
    ]
    assert catalogue.photos.ids_matching(Filters()).tolist() == [here.id, offline.id]
    assert catalogue.photos.find(PHOTOS / "c") is None


def test_a_photo_that_returns_is_searchable_without_being_encoded(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file(name) for name in "ab"])
    ids = [photo.id for photo in photos]
    catalogue.codes.record(MODEL, [encoded(photo) for photo in photos], [])
    catalogue.files.mark_missing(ids[:1], "gone", 1)
    catalogue.files.mark_missing(ids[1:], "offline", 1)
    catalogue.files.mark_present(ids)
    assert list(codes_by_id(catalogue)) == ids
    assert catalogue.codes.waiting(MODEL.identity) == []


def test_only_what_was_gone_long_enough_is_purged(catalogue: Catalogue, root: int) -> None:
    old, new, offline = catalogue.files.add(root, "x", [file(name) for name in "abc"])
    catalogue.codes.record(MODEL, [encoded(photo) for photo in (old, new, offline)], [])
    catalogue.files.mark_missing([old.id], "gone", 100)
    catalogue.files.mark_missing([new.id], "gone", 200)
    catalogue.files.mark_missing([offline.id], "offline", 100)
    # Looked at again, it is still gone since then.
    catalogue.files.mark_missing([old.id], "gone", 300)
    assert catalogue.files.purge_gone(before=200) == 1
    assert set(catalogue.files.known_in(root, "x")) == {"b", "c"}
    assert catalogue.files.purge_gone(before=201) == 1
    assert set(catalogue.files.known_in(root, "x")) == {"c"}


def test_an_id_is_never_used_twice(catalogue: Catalogue, root: int) -> None:
    [first] = catalogue.files.add(root, "", [file("a")])
    catalogue.files.mark_missing([first.id], "gone", 1)
    catalogue.files.purge_gone(before=2)
    [second] = catalogue.files.add(root, "", [file("a")])
    assert second.id > first.id
