"""Which photos are the same shot: looks, pixels, groups and what is remembered of them."""

from __future__ import annotations

import random
import shutil
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from photosearch.decode import thumbnail
from photosearch.duplicates import (
    RULES,
    Picture,
    Preferences,
    compare,
    groups_of,
    is_same_shot,
    may_be_chains,
    to_be_compared,
)
from photosearch.duplicates.alignment import oriented, oriented_transform, transform
from photosearch.duplicates.looks import looks_of, may_be_parts, turned_copies
from photosearch.errors import DecisionsUnreadable
from photosearch.library import Library
from photosearch.library.duplicates import preferences_of
from photosearch.records import Details, Group, Photo
from photosearch.settings import Places, Settings
from tests.edits import BURSTS, EDITS, entered
from tests.fakes import CoarseColourEncoder, coarse_colour_model


def scene(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """A picture with structure of every size, as photos have: noise whose power falls with frequency."""
    chance = np.random.default_rng(seed)
    width, height = size
    levels = np.zeros((height, width, 3), np.float32)
    for cells in (3, 6, 12, 24, 48, 96):
        coarse = chance.normal(0, 1, (cells, cells, 3)).astype(np.float32)
        for channel in range(3):
            image = Image.fromarray(0.5 * coarse[..., channel] + 0.8 * coarse[..., 0])
            levels[..., channel] += np.asarray(image.resize(size, Image.Resampling.BICUBIC)) / cells**0.6
    levels = 127 + 48 * levels / levels.std()
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def picture(image: Image.Image) -> Picture:
    return Picture.of(thumbnail(image))


def photo(id: int, name: str = "", pixels: int = 100, size: int = 1000, taken: int | None = None) -> Photo:
    return Photo(id, Path(f"/photos/{name or id}.jpg"), size, id, Details(pixels, pixels, taken), False)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_photo_is_the_same_shot(edit):
    original, chance = scene(1), random.Random(7)
    assert is_same_shot(compare(picture(original), picture(EDITS[edit](original, chance))))


@pytest.mark.parametrize("moment", BURSTS)
def test_a_photo_in_which_something_moved_is_not_the_same_shot(moment):
    original, chance = scene(2), random.Random(7)
    assert not is_same_shot(compare(picture(original), picture(BURSTS[moment](original, chance))))


def test_a_photo_that_somebody_stepped_into_is_not_the_same_shot():
    original = scene(3)
    assert not is_same_shot(
        compare(picture(original), picture(entered(original, scene(4), random.Random(1))))
    )


@pytest.mark.parametrize("across", [8, 10, 12])
def test_a_ball_in_a_small_photo_is_no_watermark(across):
    original = scene(62, (84, 84))
    later = original.copy()
    ImageDraw.Draw(later).ellipse((50, 44, 50 + across, 44 + across), fill=(250, 250, 250))
    found = compare(picture(original), picture(later))
    assert not is_same_shot(found)
    assert is_same_shot(replace(found, compact=0.0)), "nothing else tells it"


@pytest.mark.parametrize(("seed", "nearer"), [(80, 1.1), (81, 1.06)])
def test_what_came_a_little_nearer_is_seen_by_where_it_lies_although_little_differs(seed, nearer):
    original = scene(seed).filter(ImageFilter.GaussianBlur(5))
    pixels, (width, height) = np.asarray(original), original.size
    rows, columns = np.mgrid[:height, :width] - np.array([height / 2, width / 2])[:, None, None]
    ellipse = np.uint8(255 * (np.hypot(rows, columns) < height / 4))
    near = [np.rint(part / nearer).astype(int) for part in (rows + 0.5, columns + 0.5)]
    moved = Image.fromarray(pixels[near[0] + height // 2, near[1] + width // 2])
    later = Image.composite(moved, original, Image.fromarray(ellipse).filter(ImageFilter.GaussianBlur(12)))
    found = compare(picture(original), picture(later.crop((9, 7, width - 5, height - 6))))
    assert not is_same_shot(found)
    assert is_same_shot(replace(found, drift=0.0)), "nothing else tells it"


def test_the_very_edge_of_a_crop_was_resampled_without_its_neighbours_and_does_not_count():
    original = scene(9)
    crop = original.crop((70, 50, 430, 320))
    pixels = np.array(crop)
    pixels[:3] = np.clip(pixels[:3].astype(int) + 40, 0, 255)
    assert is_same_shot(compare(picture(original), picture(Image.fromarray(pixels))))
    pixels[3:40] = np.clip(pixels[3:40].astype(int) + 40, 0, 255)
    assert not is_same_shot(compare(picture(original), picture(Image.fromarray(pixels)))), "but this does"


def framed(picture: Image.Image) -> Image.Image:
    return ImageOps.expand(picture, 16, (250, 250, 250))


def signed(picture: Image.Image) -> Image.Image:
    signed = picture.copy()
    ImageDraw.Draw(signed).text((40, 290), "© Ada Example", "white", font_size=22)
    return signed


@pytest.mark.parametrize("add", [framed, signed])
def test_it_is_seen_to_which_of_two_photos_something_was_added(add):
    original = scene(11).filter(ImageFilter.GaussianBlur(2))
    larger = add(original).resize((960, 720))
    found = compare(picture(original), picture(larger))
    assert is_same_shot(found) and found.added == "second"
    found = compare(picture(larger), picture(original))
    assert is_same_shot(found) and found.added == "first"


@pytest.mark.parametrize("edit", [kind for kind in EDITS if kind != "watermark"])
def test_nothing_was_added_to_a_photo_by_any_other_edit(edit):
    original = scene(13)
    for chance in map(random.Random, range(3)):
        found = compare(picture(original), picture(EDITS[edit](original, chance)))
        assert found.added == ""


def test_the_sky_above_a_crop_is_no_border():
    original = scene(12).filter(ImageFilter.GaussianBlur(2))
    ImageDraw.Draw(original).rectangle((0, 0, 480, 150), fill=(150, 190, 250))
    crop = original.crop((0, 60, 480, 360))
    found = compare(picture(original), picture(crop))
    assert is_same_shot(found) and found.added == ""


def test_photos_that_show_nothing_are_not_taken_for_one_another():
    white, paper = Image.new("RGB", (400, 300), "white"), Image.new("RGB", (400, 300), (250, 249, 248))
    assert not is_same_shot(compare(picture(white), picture(paper)))


@pytest.mark.parametrize("orientation", range(8))
def test_the_transform_of_a_turned_picture_is_the_turned_transform(orientation):
    grey = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)
    turned = transform(np.ascontiguousarray(oriented(grey, orientation)))
    assert np.allclose(oriented_transform(transform(grey), orientation), turned, atol=1e-3)


def test_looks_find_a_turned_photo_among_many_others():
    others = np.random.default_rng(0).normal(0, 1, (3000, 8, 8, 3))
    pixels = np.clip(127 + 50 * others, 0, 255).astype(np.uint8).repeat(10, 1).repeat(10, 2)
    original = np.asarray(scene(5).resize((80, 80)))
    turned = np.stack([np.rot90(original), original[:, ::-1], np.rot90(original, 2)])
    looks = looks_of(np.concatenate([pixels, original[None], turned]))
    found = set()
    for first, second in turned_copies(looks, np.arange(3001, 3004)):
        found |= set(zip(first.tolist(), second.tolist(), strict=True))
    assert {(3000, 3001), (3000, 3002), (3000, 3003)} <= found
    assert all(first >= 3000 for first, _ in found)


def test_a_look_tells_that_a_photo_may_be_a_crop_of_another():
    whole = scene(6)
    crop = whole.crop((60, 40, 420, 310))
    looks = looks_of(np.stack([np.asarray(each.resize((80, 80))) for each in (whole, crop, scene(7))]))
    assert may_be_parts(looks, np.array([0, 0, 1]), np.array([1, 2, 0])).tolist() == [True, False, False]


def group(photos, copies=(), pairs=(), preferences=Preferences(), decided=lambda one, other: False):  # noqa: B008
    return groups_of({each.id: each for each in photos}, copies, pairs, preferences, decided, lambda _: None)


def test_a_group_holds_only_what_matches_the_keeper_and_is_no_chain():
    photos = [photo(1, pixels=300), photo(2, pixels=200), photo(3, pixels=100)]
    (found,) = group(photos, pairs=[(1, 2, "same-shot"), (2, 3, "same-shot")])
    assert [each.photo.id for each in found.photos] == [1, 2]
    assert found.reason == "Suggested because it has the most pixels."


def test_what_matches_a_photo_matches_its_copies_too():
    photos = [photo(1, pixels=300), photo(2, pixels=300), photo(3)]
    (found,) = group(photos, copies=[[1, 2]], pairs=[(2, 3, "same-shot")])
    assert [(each.photo.id, each.kind) for each in found.photos[1:]] == [(2, "exact"), (3, "same-shot")]


def test_thousands_of_files_that_are_the_same_are_one_group_and_little_work():
    photos = [photo(id) for id in range(1, 4001)]
    asked = 0

    def decided(one: int, other: int) -> bool:
        nonlocal asked
        asked += 1
        return False

    tracemalloc.start()
    copies, pairs = [[each.id for each in photos]], [(7, 5000, "same-shot"), (7, 4001, "burst")]
    found, burst = group([*photos, photo(4001)], copies, pairs, decided=decided)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.photos) == 4000 and found.kind == "exact"
    assert burst.kind == "burst" and len(burst.photos) == 2
    # There are eight million pairs: their names alone would be a hundred times as much.
    assert most < 20e6 and asked < 10_000


def test_what_was_seen_of_a_file_that_is_gone_holds_for_its_copies():
    photos = [photo(2, pixels=300), photo(3), photo(4, pixels=300)]
    (found,) = group(photos, copies=[[1, 2, 4]], pairs=[(1, 3, "same-shot")])
    assert [(each.photo.id, each.kind) for each in found.photos[1:]] == [(4, "exact"), (3, "same-shot")]


def chains(photos, pairs, compared=(), copies=(), preferences=Preferences()):  # noqa: B008
    compared = {pair[:2] for pair in pairs} | set(compared)
    if not may_be_chains(copies, pairs, compared):
        return []
    by_id = {each.id: each for each in photos}
    return to_be_compared(by_id, copies, pairs, compared, preferences, lambda one, other: False)


def test_what_only_matches_a_member_of_a_group_is_compared_with_the_photo_to_be_kept():
    photos = [photo(1, pixels=300), photo(2, pixels=200), photo(3, "b (1)", pixels=100), photo(4)]
    pairs = [(1, 2, "same-shot"), (2, 3, "same-shot")]
    assert chains(photos, pairs) == [(1, 3)]
    assert chains(photos, pairs, compared=[(1, 3)]) == []
    assert chains(photos, [*pairs, (1, 3, "same-shot")]) == []
    assert chains(photos, [(1, 2, "same-shot"), (3, 4, "same-shot")]) == []
    assert chains(photos, [(1, 2, "same-shot"), (2, 3, "burst")]) == []
    # Once 3 is to be kept, it is what all others are compared with.
    first = Preferences(references=(Path("/photos/b"),))
    photos[2] = replace(photos[2], path=Path("/photos/b/3.jpg"))
    pairs = [(1, 2, "same-shot"), (1, 3, "same-shot"), (1, 4, "same-shot")]
    assert chains(photos, pairs, preferences=first) == [(2, 3), (3, 4)]
    assert chains(photos, pairs) == []


def test_a_chain_over_files_that_are_the_same_is_seen_too():
    photos = [photo(1, pixels=300), photo(2, pixels=200), photo(3, pixels=200), photo(4)]
    pairs = [(1, 2, "same-shot"), (3, 4, "same-shot")]
    assert chains(photos, pairs, copies=[[2, 3]]) == [(1, 4)]
    assert chains(photos, pairs) == []


def test_nothing_of_a_burst_and_no_camera_file_is_offered_for_deletion():
    raw = Photo(3, Path("/photos/a.nef"), 9, 9, Details(900, 900), False)
    photos = [photo(1), photo(2), raw, photo(4, "a")]
    found = group(photos, pairs=[(1, 2, "burst"), (3, 4, "same-shot")])
    assert {one.kind for one in found} == {"burst", "raw-pair"}
    assert not any(one.removable for one in found)


def test_a_reference_folder_holds_the_keeper_and_loses_nothing():
    photos = [photo(1, "new/a", pixels=900), photo(2, "archive/a"), photo(3, "archive/b")]
    preferences = Preferences(references=(Path("/photos/archive"),))
    pairs = [(2, 1, "same-shot"), (2, 3, "same-shot"), (1, 3, "same-shot")]
    (found,) = group(photos, pairs=pairs, preferences=preferences)
    assert found.keeper.path.parent.name == "archive"
    assert [each.photo.id for each in found.removable] == [1]


def test_the_rules_a_person_ordered_choose_the_keeper():
    photos = [photo(1, "a (1)", pixels=300, taken=5), photo(2, "b", pixels=100, taken=5)]
    pairs = [(1, 2, "same-shot")]
    assert group(photos, pairs=pairs)[0].keeper.id == 1
    (found,) = group(photos, pairs=pairs, preferences=Preferences(("name", "pixels", "oldest")))
    assert found.keeper.id == 2 and found.reason == "Suggested because it has its original name."


@pytest.mark.parametrize(
    ("kept", "rules"),
    [
        # From before there was a rule of colour.
        (
            "reference raw pixels exif name compression oldest",
            "reference raw colour unmarked pixels exif name compression oldest",
        ),
        ("oldest pixels raw", "reference oldest pixels exif name compression raw colour unmarked"),
        ("", " ".join(RULES)),
        ("name luck", "reference raw colour unmarked pixels exif name compression oldest"),
    ],
)
def test_a_rule_that_an_order_knows_nothing_of_comes_after_what_it_usually_follows(kept, rules):
    found = preferences_of(Settings(keep_rules=kept)).rules
    assert sorted(found) == sorted(RULES)
    assert " ".join(found) == rules


def test_a_copy_with_a_border_or_writing_is_not_suggested_however_large_it_is(library, photos):
    framed(scene(20)).resize((960, 720)).save(photos / "framed.png")
    signed(scene(21).filter(ImageFilter.GaussianBlur(2))).resize((960, 720)).save(photos / "signed.png")
    scene(21).filter(ImageFilter.GaussianBlur(2)).save(photos / "1.jpg", quality=95)
    shutil.copy(photos / "framed.png", photos / "framed again.png")
    found = {group.keeper.path.name: group for group in found_groups(library)}
    assert set(found) == {"0.jpg", "1.jpg"}
    assert len(found["0.jpg"].photos) == 3, "and so it is with copies of that"
    for group in found.values():
        assert group.reason.startswith(
            "Suggested because nothing was added to it, such as a border or writing"
        )
        assert group.removable


def test_a_grey_copy_is_not_suggested_however_large_it_is(library, photos):
    scene(20).convert("L").resize((960, 720)).save(photos / "grey.png")
    scene(20).convert("L").convert("RGB").save(photos / "grey too.jpg", quality=95)
    scene(21).resize((240, 180)).save(photos / "small.jpg")
    found = {group.keeper.path.name: group for group in found_groups(library)}
    assert set(found) == {"0.jpg", "1.jpg"} and len(found["0.jpg"].photos) == 3
    assert found["0.jpg"].reason.startswith("Suggested because it is in colour")
    assert "colour" not in found["1.jpg"].reason
    library.choose_preferences(["pixels", "colour"], [])
    assert {group.keeper.path.name for group in library.duplicates().groups(library.preferences())} == {
        "grey.png",
        "1.jpg",
    }


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        scene(20 + number).save(folder / f"{number}.jpg", quality=92)
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Iterator[Library]:
    opened = Library(
        Places.under(tmp_path / "home"),
        Settings(workers=1),
        model=coarse_colour_model(),
        encoder=CoarseColourEncoder(),
    )
    opened.add_folder(photos)
    yield opened
    opened.close()


def found_groups(library: Library) -> list[Group]:
    """Index, compare, and the groups."""
    list(library.update())
    list(library.duplicates().compare())
    return library.duplicates().groups(library.preferences())


def found_in(library: Library) -> list[tuple[str, list[str]]]:
    """Index, compare, and the groups: kinds and names, the keeper's first."""
    list(library.update())
    list(library.duplicates().compare())
    groups = library.duplicates().groups()
    return [(one.kind, [each.photo.path.name for each in one.photos]) for one in groups]


def test_a_library_finds_copies_that_were_turned_resized_and_renamed(library, photos):
    scene(20).transpose(Image.Transpose.ROTATE_90).save(photos / "turned.jpg", quality=80)
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    (photos / "renamed.jpg").write_bytes((photos / "1.jpg").read_bytes())
    found = found_in(library)
    assert ("exact", ["1.jpg", "renamed.jpg"]) in found
    assert ("same-shot", ["0.jpg", "turned.jpg", "small.jpg"]) in found
    assert len(found) == 2


def test_many_versions_of_a_shot_are_one_group_whichever_is_to_be_kept(library, photos):
    for number in range(24):
        folder = photos / str(number)
        folder.mkdir()
        version = scene(20).resize([side * (100 - 2 * number) // 100 for side in (480, 360)])
        version.save(folder / f"version {number}.jpg", quality=60 + number)
    ((kind, names),) = found_in(library)
    assert kind == "same-shot" and len(names) == 25 and names[0] == "0.jpg"
    library.choose_preferences(["reference", "pixels"], [photos / "23"])
    list(library.duplicates().compare())
    (found,) = library.duplicates().groups(library.preferences())
    assert found.keeper.path.name == "version 23.jpg" and len(found.photos) == 25


def test_a_copy_of_a_photo_that_was_edited_is_still_known_by_what_it_shows(library, photos):
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    (photos / "copy.jpg").write_bytes((photos / "0.jpg").read_bytes())
    assert found_in(library) == [("same-shot", ["0.jpg", "copy.jpg", "small.jpg"])]
    scene(31).save(photos / "0.jpg")
    assert found_in(library) == [("same-shot", ["copy.jpg", "small.jpg"])]


def test_a_photo_that_comes_back_is_compared_with_those_that_came_while_it_was_gone(
    library, photos, tmp_path
):
    assert found_in(library) == []
    (photos / "0.jpg").rename(tmp_path / "0.jpg")
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    assert found_in(library) == []
    (tmp_path / "0.jpg").rename(photos / "0.jpg")
    assert found_in(library) == [("same-shot", ["0.jpg", "small.jpg"])]


def test_photos_that_were_compared_are_not_compared_again(library, photos):
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    assert len(found_in(library)) == 1
    scene(21).resize((240, 180)).save(photos / "another.jpg")
    list(library.update())
    last = list(library.duplicates().compare())[-1]
    assert last.step == "comparing" and last.total == 1
    assert len(library.duplicates().groups()) == 2


def test_a_photo_that_was_changed_is_no_copy_any_more(library, photos):
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    assert len(found_in(library)) == 1
    scene(30).save(photos / "small.jpg")
    assert found_in(library) == []


def test_a_decision_survives_a_rename_and_another_library_and_can_be_taken_back(library, photos, tmp_path):
    scene(20).resize((240, 180)).save(photos / "small.jpg")
    found_in(library)
    (one,) = library.duplicates().groups()
    decision = library.duplicates().decide([each.photo for each in one.photos], "keep all")
    assert library.duplicates().groups() == []
    (photos / "small.jpg").rename(photos / "renamed.jpg")
    assert found_in(library) == []

    exported = library.duplicates().export_decisions()
    other = Library(
        Places.under(tmp_path / "other"),
        Settings(workers=1),
        model=coarse_colour_model(),
        encoder=CoarseColourEncoder(),
    )
    other.add_folder(photos)
    assert len(found_in(other)) == 1
    assert [other.duplicates().import_decisions(exported) for _ in range(2)] == [1, 0]
    assert other.duplicates().groups() == []
    other.close()

    assert library.duplicates().take_back(decision)
    assert len(library.duplicates().groups()) == 1


def test_copies_that_came_after_a_decision_are_shown(library, photos):
    (photos / "copy.jpg").write_bytes((photos / "1.jpg").read_bytes())
    found_in(library)
    (one,) = library.duplicates().groups()
    library.duplicates().decide([each.photo for each in one.photos], "keep all")
    assert found_in(library) == []
    (photos / "third.jpg").write_bytes((photos / "1.jpg").read_bytes())
    assert found_in(library) == [("exact", ["1.jpg", "third.jpg", "copy.jpg"])]


@pytest.mark.parametrize("text", ["", "[]", '{"photosearch": "decisions", "version": 2}', '{"decisions": 1}'])
def test_what_is_no_export_of_decisions_is_refused(library, text):
    with pytest.raises(DecisionsUnreadable):
        library.duplicates().import_decisions(text)
