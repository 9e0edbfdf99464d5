"""What may be relied on when a card is emptied, and what lies in a reference folder."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from photosearch.duplicates import Preferences
from photosearch.library import whereabouts
from tests.disks import needs_mounting, small_drive
from tests.library.test_cleaning import check, library_in, run
from tests.library.test_duplicates import scene
from tests.library.test_moves import mount_elsewhere


def one_photo(folder: Path) -> Path:
    """A folder with a photo, and a library that knows it."""
    (folder / "photos").mkdir(parents=True)
    scene(60).save(folder / "photos" / "here.jpg", quality=92)
    with closing(library_in(folder)) as library:
        library.add_folder(folder / "photos")
        list(library.update())
    return folder / "photos" / "here.jpg"


def test_a_photo_whose_file_is_gone_since_is_not_already_here(tmp_path):
    here = one_photo(tmp_path)
    card = tmp_path / "card"
    card.mkdir()
    shutil.copy(here, card / "same.jpg")
    scene(60).save(card / "resaved.jpg", quality=70)
    with closing(library_in(tmp_path)) as library:
        assert len(check(library, card).known) == 2
        here.unlink()
        checked = check(library, card)
    assert checked.known == ()
    assert len(checked.new) == 2


def test_a_file_of_which_the_library_has_the_first_page_only_is_new(tmp_path):
    one_photo(tmp_path)
    card = tmp_path / "card"
    card.mkdir()
    scene(60).save(card / "page.tif")
    scene(60).save(card / "pages.tif", save_all=True, append_images=[scene(61)])
    with closing(library_in(tmp_path)) as library:
        checked = check(library, card)
    assert [each.photo.name for each in checked.known] == ["page.tif"]
    assert [path.name for path in checked.new] == ["pages.tif"]


def test_a_folder_of_the_library_by_another_name_is_no_copy_of_itself(tmp_path):
    here = one_photo(tmp_path)
    (tmp_path / "alias").symlink_to(here.parent)
    with closing(library_in(tmp_path)) as library:
        for name in ("alias", "photos"):
            checked = run(library.check(tmp_path / name))
            assert (checked.known, checked.new) == ((), ())
            assert checked.own == (tmp_path / name / here.name,)


def test_in_a_folder_of_the_library_what_lies_elsewhere_too_is_told_from_what_is_new_or_nowhere_else(
    tmp_path,
):
    here = one_photo(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    for name in ("same.jpg", "first.jpg"):
        scene(62).save(here.parent / name, quality=92)
    shutil.copy(here.parent / "same.jpg", tmp_path / "elsewhere" / "same.jpg")
    (here.parent / "first.jpg").write_bytes((here.parent / "same.jpg").read_bytes())
    with closing(library_in(tmp_path)) as library:
        library.add_folder(tmp_path / "elsewhere")
        list(library.update())
        # It was put there since, and another is known, but not indexed.
        scene(63).save(here.parent / "later.jpg")
        checked = run(library.check(here.parent))
    assert {each.photo.name for each in checked.known} == {"same.jpg", "first.jpg"}
    assert [path.name for path in checked.own] == ["here.jpg"]
    assert [path.name for path in checked.new] == ["later.jpg"]
    assert checked.photos == 4


def test_two_copies_on_one_card_that_the_library_watches_are_no_reason_to_empty_it(tmp_path):
    here = one_photo(tmp_path)
    shutil.copy(here, here.parent / "same.jpg")
    scene(60).save(here.parent / "resaved.jpg", quality=70)
    (here.parent / "inner").mkdir()
    shutil.copy(here, here.parent / "inner" / "same.jpg")
    (tmp_path / "alias").symlink_to(here.parent)
    with closing(library_in(tmp_path)) as library:
        list(library.update())
        for name in ("alias", "photos"):
            checked = check(library, tmp_path / name)
            assert (checked.known, checked.new, len(checked.own)) == ((), (), 4)
        assert len(check(library, here.parent / "inner").known) == 1
        # It was unplugged, is back, and the library does not know it yet.
        here.parent.rename(tmp_path / "away")
        list(library.update())
        (tmp_path / "away").rename(here.parent)
        assert len(run(library.check(here.parent)).own) == 4


@contextmanager
def a_card(folder: Path) -> Iterator[Path]:
    """A card with two photos in its folder `DCIM`, which a library watches: one photo, and saved again."""
    needs_mounting()
    with small_drive(folder / "drive", 10) as drive:
        subprocess.run(["mount", "--make-private", drive], check=True)
        (drive / "DCIM").mkdir()
        scene(60).save(drive / "DCIM" / "here.jpg", quality=92)
        scene(60).save(drive / "DCIM" / "resaved.jpg", quality=70)
        with closing(library_in(folder)) as library:
            library.add_folder(drive / "DCIM")
            list(library.update())
        yield drive


@contextmanager
def plugged_in_at(place: Path, drive: Path) -> Iterator[Path]:
    """Have a drive be mounted at another place for a while."""
    mount_elsewhere(drive, place)
    try:
        yield place
    finally:
        mount_elsewhere(place, drive)


def test_a_card_that_is_mounted_elsewhere_is_no_copy_of_itself(tmp_path):
    another = tmp_path / "another"
    with a_card(tmp_path) as drive:
        shutil.copytree(drive / "DCIM", another)
        with plugged_in_at(tmp_path / "other", drive) as place, closing(library_in(tmp_path)) as library:
            library._catalogue.roots.set(library.folders()[0].id, state="offline")
            for folder in (place, place / "DCIM"):
                checked = check(library, folder)
                assert (checked.known, len(checked.new)) == ((), 2)
            assert check(library, another).known == (), "nobody has looked yet at what it holds now"
    with closing(library_in(tmp_path)) as library:
        list(library.update())
        assert library.folders()[0].state == "offline"
        assert len(check(library, another).known) == 2, "now it is away, with all that it held"


def test_a_card_whose_name_is_where_it_was_mounted_is_known_by_its_photos(tmp_path, monkeypatch):
    with (
        a_card(tmp_path) as drive,
        plugged_in_at(tmp_path / "other", drive) as place,
        closing(library_in(tmp_path)) as library,
    ):
        # As on macOS.
        monkeypatch.setattr(whereabouts, "mounted_at", lambda volume: [])
        monkeypatch.setattr(whereabouts, "volume_of", str)
        library._catalogue.roots.set(library.folders()[0].id, state="offline", volume=str(drive))
        assert check(library, place).known == ()
        here, resaved = place / "DCIM" / "here.jpg", place / "DCIM" / "resaved.jpg"
        # One photo that is left tells that it is the card.
        for photo, known in ((here, 0), (resaved, 2)):
            photo.rename(photo.with_name(f"copy of {photo.name}"))
            assert len(check(library, place).known) == known


def test_photos_are_not_looked_for_one_by_one_where_their_folder_is_not(tmp_path, monkeypatch):
    looked_at, is_unchanged = list[Path](), whereabouts.is_unchanged

    def looked(path: Path, *known: int) -> bool:
        looked_at.append(path)
        return is_unchanged(path, *known)

    with a_card(tmp_path) as drive:
        with closing(library_in(tmp_path)) as library:
            library.add_folder(drive)
            library.remove_folder(drive / "DCIM")
        with plugged_in_at(tmp_path / "other", drive) as place, closing(library_in(tmp_path)) as library:
            monkeypatch.setattr(whereabouts, "mounted_at", lambda volume: [])
            monkeypatch.setattr(whereabouts, "volume_of", str)
            monkeypatch.setattr(whereabouts, "is_unchanged", looked)
            library._catalogue.roots.set(library.folders()[0].id, state="offline", volume=str(drive))
            assert check(library, place).known == ()
            assert looked_at
            looked_at.clear()
            (place / "DCIM").rename(place / "MISC")
            assert len(check(library, place).known) == 2
            assert looked_at == []


def test_a_card_that_a_camera_shows_is_no_copy_of_itself(tmp_path, monkeypatch):
    with (
        a_card(tmp_path) as drive,
        plugged_in_at(tmp_path / "other", drive) as place,
        closing(library_in(tmp_path)) as library,
    ):
        library._catalogue.roots.set(library.folders()[0].id, state="offline", volume="uuid of the card")
        monkeypatch.setattr(whereabouts, "mounted_at", lambda volume: [])
        for shown_as, known in (("fuse.gvfsd-fuse gvfsd-fuse", 0), ("uuid of another", 2)):
            monkeypatch.setattr(whereabouts, "volume_of", lambda path, name=shown_as: name)
            assert len(check(library, place).known) == known


@pytest.mark.parametrize("became", ["renamed", "emptied"])
def test_a_folder_that_is_missing_is_no_copy_of_what_became_of_it(tmp_path, became):
    here = one_photo(tmp_path)
    scene(60).save(here.parent / "resaved.jpg", quality=70)
    with closing(library_in(tmp_path)) as library:
        list(library.update())
        here.parent.rename(tmp_path / "card")
        if became == "emptied":
            here.parent.mkdir()
            library._catalogue.files.mark_missing(library.listing().tolist(), "offline", 0)
        else:
            list(library.update())
        assert library.status().offline == 2
        assert check(library, tmp_path / "card").known == ()


def test_a_reference_folder_protects_its_photos_by_whatever_name_they_are_reached(tmp_path):
    (tmp_path / "real" / "kept").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    photo = tmp_path / "link" / "kept" / "a.jpg"
    assert Preferences(references=(tmp_path / "real" / "kept",)).protects(photo)
    assert Preferences(references=(tmp_path / "link" / "kept",)).protects(
        tmp_path / "real" / "kept" / "a.jpg"
    )
    assert not Preferences(references=(tmp_path / "real" / "other",)).protects(photo)
