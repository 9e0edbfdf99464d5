"""What could not be read is listed with its reason, and tried again."""

from photosearch.records import Failure
from photosearch.store import Catalogue
from tests.steps.catalogues import MODEL, PHOTOS, encoded, file, unreadable


def test_every_failure_is_listed_with_its_reason(catalogue: Catalogue, root: int) -> None:
    first, second = (catalogue.files.add(root, folder, [file("bad.jpg")])[0] for folder in ("", "x"))
    catalogue.codes.record(MODEL, [], [unreadable(first), unreadable(second, "It is text.")])
    catalogue.failures.set_problems(root, "", [("x/loop", "It leads to itself."), ("\\xff.jpg", "No name.")])
    assert catalogue.failures.all() == [
        Failure(PHOTOS / "\\xff.jpg", "No name."),
        Failure(PHOTOS / "bad.jpg", "It is empty."),
        Failure(PHOTOS / "x" / "bad.jpg", "It is text."),
        Failure(PHOTOS / "x" / "loop", "It leads to itself."),
    ]


def test_a_scan_replaces_the_problems_of_what_it_saw_only(catalogue: Catalogue, root: int) -> None:
    catalogue.failures.set_problems(root, "", [("a/1", "One."), ("a/b/2", "Two."), ("a0/3", "Three.")])
    catalogue.failures.set_problems(root, "a", [("a/4", "Four.")])
    assert [failure.reason for failure in catalogue.failures.all()] == ["Four.", "Three."]
    catalogue.failures.set_problems(root, "", [])
    assert catalogue.failures.all() == []


def test_unreadable_photos_wait_again_after_retry(catalogue: Catalogue, root: int) -> None:
    first, second = catalogue.files.add(root, "", [file("a"), file("b")])
    catalogue.codes.record(MODEL, [encoded(second)], [unreadable(first)])
    catalogue.failures.set_problems(root, "", [("loop", "It leads to itself.")])
    assert catalogue.failures.retry() == 2
    assert catalogue.codes.waiting(MODEL.identity) == [first.id]
    assert [failure.path.name for failure in catalogue.failures.all()] == ["loop"]
