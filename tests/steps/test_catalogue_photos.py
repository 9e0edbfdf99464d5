"""Lists, filters and counts tell of just the photos that were asked for."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from photosearch.errors import FolderUnavailable
from photosearch.records import LARGE_PIXELS, SMALL_PIXELS, Circle, Details, Filters, KnownPhoto
from photosearch.store import Catalogue, Counts
from tests.steps.catalogues import (
    MODEL,
    OTHER,
    PHOTOS,
    codes_by_id,
    encoded,
    file,
    names,
    unreadable,
)


def test_photos_come_in_the_order_asked_for(catalogue: Catalogue, root: int) -> None:
    ids = [photo.id for photo in catalogue.files.add(root, "", [file(name) for name in "abc"])]
    assert names(catalogue, [ids[2], 99, ids[0]]) == ["c", "a"]
    assert names(catalogue, np.array(ids[::-1])) == ["c", "b", "a"]
    assert catalogue.photos.by_id([]) == []


def test_a_photo_is_found_by_its_path(catalogue: Catalogue, root: int) -> None:
    [top] = catalogue.files.add(root, "", [file("a.jpg")])
    [deep] = catalogue.files.add(root, ".hidden/é", [file("a.jpg")])
    found = [
        catalogue.photos.find(PHOTOS / "a.jpg"),
        catalogue.photos.find(PHOTOS / ".hidden" / "é" / "a.jpg"),
    ]
    assert [photo.id for photo in found if photo] == [top.id, deep.id]
    for elsewhere in (PHOTOS / "b.jpg", PHOTOS / "x" / "a.jpg", PHOTOS, PHOTOS.parent / "a.jpg"):
        assert catalogue.photos.find(elsewhere) is None


def test_a_folder_filter_takes_the_folder_and_what_lies_below_in_any_root(
    catalogue: Catalogue, root: int
) -> None:
    other = catalogue.roots.add(PHOTOS.parent / "other", "volume").id
    where = [(root, ""), (root, ".a"), (root, "a"), (root, "a/b"), (root, "a b"), (other, "a")]
    ids = [catalogue.files.add(root_id, folder, [file("1")])[0].id for root_id, folder in where]

    def under(path: Path) -> list[int]:
        return catalogue.photos.ids_matching(Filters(under=path)).tolist()

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
    dated, undated = catalogue.files.add(
        root, "", [file("a", seconds=900 * day), file("b", seconds=500 * day)]
    )
    catalogue.codes.record(
        MODEL, [encoded(dated, details=Details(1, 1, 100 * day)), encoded(undated, details=Details(1, 1))], []
    )
    local = time.localtime(500 * day)
    as_if_utc = 500 * day + local.tm_gmtoff
    for photo, moment in ((dated, 100 * day), (undated, as_if_utc)):
        assert photo.id in catalogue.photos.ids_matching(Filters(since=moment))
        assert photo.id not in catalogue.photos.ids_matching(Filters(since=moment + 1))
        assert photo.id in catalogue.photos.ids_matching(Filters(until=moment + 1))
        assert photo.id not in catalogue.photos.ids_matching(Filters(until=moment))
    assert catalogue.photos.listing(Filters()).tolist() == [undated.id, dated.id]


def test_a_camera_is_found_by_any_part_of_its_name(catalogue: Catalogue, root: int) -> None:
    cameras = ["Canon EOS R5", "NIKON Z 6", "", "Größe 100%_"]
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(4)])
    catalogue.codes.record(
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
        found = catalogue.photos.ids_matching(Filters(camera=text)).tolist()
        assert found == [photos[number].id for number in wanted], text


def test_photos_are_counted_by_what_a_person_narrows_by_and_each_count_is_what_the_filter_finds(
    catalogue: Catalogue, root: int
) -> None:
    shapes = [(4000, 3000), (3000, 4000), (3010, 3000), (900, 600), (1000, 1000)]
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(len(shapes))])
    months = ["2019-05", "2019-05", "2019-04", "1969-12", "2019-05"]
    catalogue.files.add(root, "", [file("waiting", seconds=1_580_000_000)])
    catalogue.codes.record(
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
    assert list(catalogue.photos.counts_by("month", Filters()).items()) == [
        ("2020-01", 1),
        ("2019-05", 3),
        ("2019-04", 1),
        ("1969-12", 1),
    ]
    for filters in (Filters(), Filters(camera="Canon"), Filters(near=Circle(10, 10, 1))):
        listing, counted = catalogue.photos.timeline(filters)
        assert listing.tolist() == catalogue.photos.listing(filters).tolist()
        assert counted == catalogue.photos.counts_by("month", filters) and sum(counted.values()) == len(
            listing
        )
    assert catalogue.photos.counts_by("camera", Filters(orientation="portrait")) == {"Canon": 1}
    assert catalogue.photos.counts_by("size", Filters()) == {"large": 3, "medium": 1, "small": 1}
    assert catalogue.photos.counts_by("size", Filters(near=Circle(10, 10, 1))) == {"large": 2}
    for orientation, count in catalogue.photos.counts_by("orientation", Filters()).items():
        assert len(catalogue.photos.ids_matching(Filters(orientation=orientation))) == count
    assert catalogue.photos.counts_by("orientation", Filters())["square"] == 2
    assert len(catalogue.photos.ids_matching(Filters(least_pixels=LARGE_PIXELS))) == 3
    assert len(catalogue.photos.ids_matching(Filters(most_pixels=SMALL_PIXELS - 1))) == 1


ISTANBUL, FIJI, TAVEUNI = (41.0082376, 28.9783589), (-16.8, 179.9), (-16.8, -179.9)


def taken_at(
    catalogue: Catalogue, root: int, places: Sequence[tuple[float | None, float | None]]
) -> list[KnownPhoto]:
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(len(places))])
    details = [Details(1, 1, number, "", *place) for number, place in enumerate(places)]
    catalogue.codes.record(
        MODEL, [encoded(photo, details=each) for photo, each in zip(photos, details, strict=True)], []
    )
    return photos


def test_a_place_is_kept_to_the_centimetre_until_the_file_changes(catalogue: Catalogue, root: int) -> None:
    places = [ISTANBUL, (-90.0, 180.0), (None, None), (0.00000004, -0.00000006)]
    photos = taken_at(catalogue, root, places)
    kept = [catalogue.photos.by_id([photo.id])[0].details for photo in photos]
    assert [(one.latitude, one.longitude) for one in kept[:3]] == places[:3]
    assert (kept[3].latitude, kept[3].longitude) == (0, -1e-7)
    catalogue.files.change([(photos[0].id, file("0", 77))])
    changed = catalogue.photos.by_id([photos[0].id])[0].details
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
        assert catalogue.photos.ids_matching(filters).tolist() == found, circle
        assert catalogue.photos.listing(filters).tolist() == found[::-1], circle
    assert catalogue.photos.ids_matching(Filters(near=Circle(0, 0, 21_000), until=2)).tolist() == [
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
    assert catalogue.photos.ids_matching(Filters(near=middle)).tolist() == wanted


def test_filters_add_up(catalogue: Catalogue, root: int) -> None:
    photos = [
        catalogue.files.add(root, folder, [file(f"{number}")])[0]
        for number, folder in enumerate(["a", "a", "b", "a"])
    ]
    details = [
        Details(1, 1, 10, "Canon"),
        Details(1, 1, 20, "Canon"),
        Details(1, 1, 10, "Canon"),
        Details(1, 1, 10),
    ]
    catalogue.codes.record(
        MODEL, [encoded(photo, details=each) for photo, each in zip(photos, details, strict=True)], []
    )
    filters = Filters(under=PHOTOS / "a", since=5, until=15, camera="canon")
    assert catalogue.photos.ids_matching(filters).tolist() == [photos[0].id]


def test_photos_always_add_up(catalogue: Catalogue, root: int) -> None:
    unplugged = catalogue.roots.add(PHOTOS.parent / "unplugged", "stick").id
    photos = catalogue.files.add(root, "", [file(name) for name in "abcdefg"])
    away = catalogue.files.add(unplugged, "", [file(name) for name in "abcd"])
    for model, code in ((MODEL, b"code"), (OTHER, b"cd")):
        catalogue.codes.record(
            model,
            [encoded(photo, code) for photo in (*photos[:3], *away[:2])],
            [unreadable(photos[5]), unreadable(away[3])],
        )
    catalogue.files.mark_missing([photos[0].id, photos[3].id], "gone", 1)
    catalogue.files.mark_missing([photos[1].id, photos[4].id, away[0].id], "offline", 1)
    catalogue.roots.set(unplugged, state="offline")
    for model in (MODEL, OTHER):
        # Two of 11 are gone; c is encoded, g waits, five are offline (b, e, three unplugged), two unreadable;
        # b, c and two unplugged ones may answer.
        assert catalogue.photos.counts(model.identity) == Counts(9, 1, 1, 5, 2, 4)
    assert catalogue.codes.waiting(MODEL.identity) == [photos[6].id]
    catalogue.roots.set(unplugged, state="watched")
    assert catalogue.photos.counts(MODEL.identity) == Counts(9, 2, 2, 3, 2, 4)
    assert catalogue.photos.counts("0" * 16) == Counts(9, 0, 4, 3, 2, 0)


def test_photos_of_an_unplugged_root_answer_and_say_so(catalogue: Catalogue, root: int) -> None:
    [photo] = catalogue.files.add(root, "", [file("a")])
    catalogue.codes.record(MODEL, [encoded(photo)], [])
    catalogue.roots.set(root, state="offline")
    assert codes_by_id(catalogue) == {photo.id: b"code"}
    assert catalogue.photos.ids_matching(Filters()).tolist() == [photo.id]
    assert catalogue.photos.by_id([photo.id])[0].offline
