"""Codes are kept whole, beside their model, and each change of them is told."""

from pathlib import Path

import pytest

from photosearch.store import Catalogue, Counts
from photosearch.store.codes import REMEMBERED
from tests.steps.catalogues import DETAILS, MODEL, OTHER, PHOTOS, codes_by_id, encoded, file, unreadable


def test_codes_of_two_models_lie_side_by_side_and_are_never_mixed(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.files.add(root, "", [file("a"), file("b")])
    catalogue.codes.record(MODEL, [encoded(first), encoded(second)], [])
    catalogue.codes.record(OTHER, [encoded(second, b"xy")], [])
    assert codes_by_id(catalogue) == {first.id: b"code", second.id: b"code"}
    assert codes_by_id(catalogue, OTHER) == {second.id: b"xy"}
    assert catalogue.codes.models() == [MODEL, OTHER]
    assert catalogue.codes.of(MODEL.identity, [second.id, 99]).tobytes() == b"code"
    assert catalogue.codes.of(OTHER.identity, [first.id, second.id]).shape == (1, 2)
    assert catalogue.codes.of(OTHER.identity, [first.id]).shape[0] == 0
    assert len(catalogue.codes.all("0" * 16)[0]) == 0


def test_what_was_recorded_is_kept_whole(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "x", [file("a.jpg", 7, 8)])
    assert catalogue.codes.record(MODEL, [encoded(photo)], []) == [photo.id]
    [found] = catalogue.photos.by_id([photo.id])
    assert found.path == PHOTOS / "x" / "a.jpg"
    assert (found.size, found.modified_ns, found.details, found.offline) == (7, 8 * 10**9, DETAILS, False)


def test_a_file_that_changed_while_it_was_encoded_stays_waiting(catalogue: Catalogue, root: int) -> None:
    changed, failed, kept = catalogue.files.add(root, "", [file("a"), file("b"), file("c")])
    catalogue.files.change([(changed.id, file("a", 999)), (failed.id, file("b", 999))])
    assert catalogue.codes.record(MODEL, [encoded(changed), encoded(kept)], [unreadable(failed)]) == [kept.id]
    assert set(catalogue.codes.waiting(MODEL.identity)) == {changed.id, failed.id}
    assert catalogue.failures.all() == []


def test_a_photo_deleted_while_it_was_encoded_does_not_answer(catalogue: Catalogue, root: int) -> None:
    gone, offline = catalogue.files.add(root, "", [file("a"), file("b")])
    catalogue.files.mark_missing([gone.id], "gone", 1)
    catalogue.files.mark_missing([offline.id], "offline", 1)
    assert catalogue.codes.record(MODEL, [encoded(gone), encoded(offline)], []) == [offline.id]
    assert list(codes_by_id(catalogue)) == [offline.id]


def test_a_photo_whose_drive_was_pulled_is_offline_and_not_unreadable(
    catalogue: Catalogue, root: int
) -> None:
    [photo] = catalogue.files.add(root, "", [file("a")])
    catalogue.files.mark_missing([photo.id], "offline", 1)
    catalogue.codes.record(MODEL, [], [unreadable(photo)])
    assert catalogue.failures.all() == []
    assert catalogue.photos.counts(MODEL.identity) == Counts(1, 0, 0, 1, 0, 0)


def test_a_code_of_the_wrong_length_is_our_own_mistake(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.files.add(root, "", [file("a"), file("b")])
    with pytest.raises(ValueError, match="4 bytes"):
        catalogue.codes.record(MODEL, [encoded(first), encoded(second, b"cod")], [])
    assert codes_by_id(catalogue) == {}


def test_every_change_of_what_is_searchable_has_a_generation(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a")])
    start = catalogue.codes.generation()
    changes = [
        lambda: catalogue.codes.record(MODEL, [encoded(photo)], []),
        lambda: catalogue.files.mark_missing([photo.id], "gone", 1),
        lambda: catalogue.files.mark_present([photo.id]),
        lambda: catalogue.files.move([(photo.id, root, "", "b", 1)]),
        lambda: catalogue.files.change([(photo.id, file("b"))]),
        lambda: catalogue.codes.record(MODEL, [], [unreadable(photo)]),
        catalogue.failures.retry,
        lambda: catalogue.roots.remove(root),
    ]
    for number, change in enumerate(changes, 1):
        change()
        assert catalogue.codes.generation() == start + number


def test_what_changes_nothing_searchable_leaves_the_generation(catalogue: Catalogue, root: int) -> None:
    start = catalogue.codes.generation()
    catalogue.files.add(root, "", [file("a")])
    catalogue.failures.set_problems(root, "", [("loop", "It leads to itself.")])
    catalogue.roots.set(root, state="polled")
    assert catalogue.codes.generation() == start


def test_what_changed_since_a_generation_leads_to_the_codes_of_now(catalogue: Catalogue, root: int) -> None:
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(8)])
    other = catalogue.roots.add(PHOTOS.parent / "other", "").id
    [elsewhere] = catalogue.files.add(other, "", [file("x")])
    catalogue.codes.record(MODEL, [encoded(photo) for photo in [*photos, elsewhere]], [])
    steps = [
        lambda: catalogue.codes.record(MODEL, [encoded(photos[0], b"edoc")], []),
        lambda: catalogue.codes.record(OTHER, [encoded(photos[0], b"xx")], [unreadable(photos[1])]),
        lambda: catalogue.files.mark_missing([photos[2].id, photos[3].id], "gone", 1),
        lambda: catalogue.files.mark_missing([photos[4].id], "offline", 1),
        lambda: catalogue.files.mark_present([photos[2].id]),
        lambda: catalogue.files.believe_missing([photos[4].id], 7, 8),
        lambda: catalogue.files.change([(photos[5].id, file("5", 7))]),
        # In place of another, which goes.
        lambda: catalogue.files.move([(photos[6].id, root, "", "7", 5)]),
        lambda: catalogue.failures.retry(),
        lambda: catalogue.files.purge_gone(99),
        lambda: catalogue.roots.remove(other),
    ]
    states = [(catalogue.codes.generation(), codes_by_id(catalogue))]
    for step in steps:
        step()
        states.append((catalogue.codes.generation(), codes_by_id(catalogue)))
    for generation, codes in states:
        changes = catalogue.codes.changes(MODEL.identity, generation)
        assert changes is not None
        assert changes.generation == catalogue.codes.generation()
        caught_up = {id: code for id, code in codes.items() if id not in changes.old}
        caught_up |= {int(id): row.tobytes() for id, row in zip(changes.ids, changes.rows, strict=True)}
        assert caught_up == codes_by_id(catalogue)


def test_what_changed_is_told_only_of_generations_that_are_remembered(
    catalogue: Catalogue, root: int
) -> None:
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(REMEMBERED)])
    first = catalogue.codes.generation()
    assert catalogue.codes.changes(MODEL.identity, first + 1) is None
    with catalogue.transaction():
        for photo in photos[:REMEMBERED]:
            catalogue.files.mark_missing([photo.id], "gone", 1)
    changes = catalogue.codes.changes(MODEL.identity, first)
    assert changes is not None
    assert len(changes.old) == REMEMBERED
    catalogue.files.mark_missing([photos[0].id], "offline", 1)
    assert catalogue.codes.changes(MODEL.identity, first) is None
    assert catalogue.codes.changes(MODEL.identity, first + 1) is not None


def test_of_changes_of_many_photos_the_oldest_are_forgotten(
    catalogue: Catalogue, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.store.codes.LISTED", 5)
    monkeypatch.setattr("photosearch.store.codes.MOST", 20)
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(30)])
    first = catalogue.codes.generation()
    for start, end in ((0, 8), (8, 20)):
        catalogue.files.mark_missing([photo.id for photo in photos[start:end]], "gone", 1)
    changes = catalogue.codes.changes(MODEL.identity, first)
    assert changes is not None
    assert changes.old.tolist() == sorted(photo.id for photo in photos[:20])
    catalogue.files.mark_missing([photo.id for photo in photos[20:26]], "gone", 1)
    assert catalogue.codes.changes(MODEL.identity, first) is None
    changes = catalogue.codes.changes(MODEL.identity, first + 1)
    assert changes is not None
    assert len(changes.old) == 18
    # More than are remembered at all.
    catalogue.files.mark_present([photo.id for photo in photos])
    assert catalogue.codes.changes(MODEL.identity, first + 3) is None


def test_a_catalogue_begun_anew_has_other_generations(tmp_path: Path) -> None:
    generations = set()
    for number in range(3):
        catalogue = Catalogue(tmp_path / f"{number}.sqlite")
        generations.add(catalogue.codes.generation())
        catalogue.close()
    assert len(generations) == 3
