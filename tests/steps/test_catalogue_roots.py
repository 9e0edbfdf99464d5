"""The catalogue knows which folders are watched, and forgets them whole."""

import os
import sys
from pathlib import Path

import pytest

from photosearch.errors import FolderUnavailable
from photosearch.store import Catalogue
from tests.steps.catalogues import MODEL, PHOTOS, codes_by_id, encoded, file, names


def test_a_root_added_twice_is_one_root(catalogue: Catalogue) -> None:
    first = catalogue.roots.add(PHOTOS, "volume")
    assert catalogue.roots.add(PHOTOS, "another volume") == first
    assert catalogue.roots.all() == [first]
    assert (first.path, first.volume, first.state, first.photos) == (PHOTOS, "volume", "watched", 0)


def test_a_root_says_how_many_photos_it_has(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file("a"), file("b"), file("c")])
    catalogue.files.mark_missing([photos[0].id], "gone", 7)
    catalogue.files.mark_missing([photos[1].id], "offline", 7)
    assert [root.photos for root in catalogue.roots.all()] == [2]


def test_a_person_can_say_that_missing_photos_were_deleted(catalogue: Catalogue, root: int) -> None:
    a, b = catalogue.files.add(root, "deep/inner", [file("a"), file("b")])
    c, d = catalogue.files.add(root, "", [file("c"), file("d")])
    catalogue.files.mark_missing([a.id, c.id], "offline", 5)
    catalogue.files.mark_missing([d.id], "gone", 5)
    assert [(root.photos, root.missing) for root in catalogue.roots.all()] == [(3, 2)]
    assert catalogue.files.forget_missing(PHOTOS / "deep", 7) == 1
    assert [(root.photos, root.missing) for root in catalogue.roots.all()] == [(2, 1)]
    assert [photo.state for photo in catalogue.files.known([a.id, b.id, c.id])] == [
        "gone",
        "present",
        "offline",
    ]
    assert catalogue.files.forget_missing(PHOTOS, 7) == 1
    assert catalogue.files.forget_missing(PHOTOS, 7) == 0
    with pytest.raises(FolderUnavailable):
        catalogue.files.forget_missing(Path("/elsewhere"), 7)


def test_a_root_can_change_its_state_its_volume_and_its_place(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "summer", [file("a.jpg")])
    catalogue.roots.set(root, state="offline")
    catalogue.roots.set(root, volume="disk 2")
    catalogue.roots.relocate(root, PHOTOS.parent / "pictures")
    [changed] = catalogue.roots.all()
    assert (changed.path, changed.volume, changed.state) == (PHOTOS.parent / "pictures", "disk 2", "offline")
    assert catalogue.photos.by_id([photo.id])[0].path == PHOTOS.parent / "pictures" / "summer" / "a.jpg"


def test_a_root_cannot_be_moved_onto_another(catalogue: Catalogue, root: int) -> None:
    catalogue.roots.add(PHOTOS.parent / "pictures", "volume")
    with pytest.raises(FolderUnavailable, match="is watched already"):
        catalogue.roots.relocate(root, PHOTOS.parent / "pictures")


def test_a_removed_root_is_forgotten_and_the_others_stay(catalogue: Catalogue, root: int) -> None:
    other = catalogue.roots.add(PHOTOS.parent / "other", "volume").id
    [first] = catalogue.files.add(root, "a", [file("1.jpg")])
    [second] = catalogue.files.add(other, "a", [file("1.jpg")])
    catalogue.codes.record(MODEL, [encoded(first), encoded(second)], [])
    catalogue.failures.set_problems(root, "", [("loop", "It leads to itself.")])

    catalogue.roots.remove(root)

    assert [root.id for root in catalogue.roots.all()] == [other]
    assert catalogue.files.known_folders(root) == []
    assert codes_by_id(catalogue) == {second.id: b"code"}
    assert catalogue.failures.all() == []
    assert names(catalogue, [first.id, second.id]) == ["1.jpg"]


def test_a_root_removed_while_it_is_updated_takes_nothing_more(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a")])
    [elsewhere] = catalogue.files.add(catalogue.roots.add(PHOTOS.parent / "x", "").id, "", [file("b")])
    catalogue.roots.remove(root)
    assert catalogue.files.add(root, "", [file("b")]) == []
    assert catalogue.codes.record(MODEL, [encoded(photo)], []) == []
    catalogue.files.change([(photo.id, file("a", 7))])
    catalogue.failures.set_problems(root, "", [("loop", "It leads to itself.")])
    catalogue.files.move([(photo.id, root, "", "c", 1), (elsewhere.id, root, "", "d", 1)])
    catalogue.files.mark_missing([photo.id], "gone", 1)
    assert catalogue.photos.counts(MODEL.identity).photos == 0
    assert catalogue.failures.all() == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this platform has no such names")
def test_a_root_whose_name_is_not_unicode_is_refused_in_words(catalogue: Catalogue) -> None:
    with pytest.raises(FolderUnavailable, match=r"photos/\\xff is not valid Unicode"):
        catalogue.roots.add(Path(os.fsdecode(b"/photos/\xff")), "")
