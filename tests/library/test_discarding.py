"""Photos that a person chose go to the trash with what belongs to them, and come back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.library import Library
from photosearch.library.trash import why_it_stayed
from photosearch.records import Photo
from tests.library.test_cleaning import Bin, library_in, names, run
from tests.library.test_duplicates import scene


@pytest.fixture
def library(tmp_path) -> Iterator[Library]:
    """A library of two photos, one in a folder that is never touched."""
    (tmp_path / "photos" / "kept").mkdir(parents=True)
    scene(1).save(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "a.xmp").write_text("<x/>")
    scene(2).save(tmp_path / "photos" / "kept" / "b.jpg")
    with closing(library_in(tmp_path, reference_folders=str(tmp_path / "photos" / "kept"))) as library:
        library.add_folder(tmp_path / "photos")
        list(library.update())
        yield library


def photos(library: Library) -> dict[str, Photo]:
    return {photo.path.name: photo for photo in library.photos(library.listing().tolist())}


def test_a_photo_goes_with_its_sidecar_and_both_come_back(library, tmp_path):
    discarding = library.discarding(Bin(tmp_path / "bin"))
    (gone,) = run(discarding.discard([photos(library)["a.jpg"]]))
    assert [path.name for path, _ in gone.files] == ["a.jpg", "a.xmp"] and not gone.reason
    assert names(tmp_path / "photos") == {"b.jpg"} and set(photos(library)) == {"b.jpg"}
    assert run(discarding.restore([gone])) == []
    assert (tmp_path / "photos" / "a.xmp").exists() and set(photos(library)) == {"a.jpg", "b.jpg"}


def test_nothing_of_a_reference_folder_goes_and_the_rest_does(library, tmp_path):
    wanted = photos(library)
    outcome = run(library.discarding(Bin(tmp_path / "bin")).discard([wanted["b.jpg"], wanted["a.jpg"]]))
    assert not outcome[0].files and "reference folder" in outcome[0].reason
    assert outcome[1].files and names(tmp_path / "photos") == {"b.jpg"}


@pytest.mark.parametrize("wrong", ["refuses", "does nothing", "has none"])
def test_a_trash_that_fails_leaves_the_photo_where_it_is_and_says_so(library, tmp_path, wrong):
    (outcome,) = run(library.discarding(Bin(tmp_path / "bin", wrong)).discard([photos(library)["a.jpg"]]))
    assert not outcome.files and outcome.reason and "Errno" not in outcome.reason
    assert (tmp_path / "photos" / "a.jpg").exists() and "a.jpg" in photos(library)


def test_a_photo_whose_drive_is_away_stays_known_and_the_reason_is_told(library, tmp_path):
    wanted = photos(library)["a.jpg"]
    (tmp_path / "photos").rename(tmp_path / "pulled")
    (tmp_path / "photos").mkdir()
    (outcome,) = run(library.discarding(Bin(tmp_path / "bin")).discard([wanted]))
    said = f"{wanted.path} lies on a drive that is not there: nothing was done with it."
    assert (outcome.files, outcome.reason) == ((), said)
    assert "a.jpg" in photos(library) and list((tmp_path / "photos").iterdir()) == []


def test_why_a_photo_stayed_names_it_once():
    path = Path("/media/card/a.jpg")
    said = "/media/card/a.jpg could not be moved: Permission denied."
    # As Send2Trash says it, and as the system does.
    for error in (OSError(13, f"Permission denied: {path}"), PermissionError(13, "Permission denied", path)):
        assert why_it_stayed(path, error) == said


def test_what_lies_at_its_place_by_now_is_never_overwritten(library, tmp_path):
    discarding = library.discarding(Bin(tmp_path / "bin"))
    (gone,) = run(discarding.discard([photos(library)["a.jpg"]]))
    place = Path(tmp_path / "photos" / "a.jpg")
    place.write_bytes(b"another one")
    (kept,) = run(discarding.restore([gone]))
    assert place.read_bytes() == b"another one" and kept.files[0][1].exists() and kept.reason
