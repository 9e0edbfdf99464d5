"""The journey of a query: what is found of examples, parts of them and filters."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photosearch.encode.looks import DROP
from photosearch.errors import FolderUnavailable, PhotoSearchError, PhotoUnreadable
from photosearch.library import Library, searching
from photosearch.library.answering import weighted
from photosearch.records import Box, Example, Filters, Photo, Query
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.library.acting import adds_up, find, first, paths, update
from tests.pictures import draw


def test_each_photo_as_the_query_ranks_itself_first(library, photos):
    assert update(library, photos).tally.encoded == 30
    assert [first(library, path) for path in paths(photos)] == paths(photos)
    assert adds_up(library)


def test_filters_are_exact(library, photos):
    update(library, photos)
    query = paths(photos)[0]
    under = find(library, query, filters=Filters(under=photos / "summer")).matches
    assert {match.photo.path for match in under} == set(paths(photos / "summer"))
    dated = find(library, query, filters=Filters(since=1_500_000_010, until=1_500_000_012)).matches
    assert {match.photo.path.name for match in dated} == {"photo 10.jpg", "photo 11.jpg"}
    with pytest.raises(FolderUnavailable):
        find(library, query, filters=Filters(under=photos.parent / "elsewhere"))


def test_a_part_of_a_photo_finds_what_looks_like_that_part(library, photos, tmp_path):
    part = photos / "part.jpg"
    with Image.open(paths(photos)[0]) as image:
        image.crop((120, 0, 240, 90)).save(part, quality=95)
    update(library, photos)
    example = Example(paths(photos)[0], box=Box(0.5, 0, 0.5, 0.5))
    matches = library.search(Query((example,))).matches
    assert {match.photo.path for match in matches[:2]} == {part, paths(photos)[0]}, "one is it, one shows it"
    assert [match.kind for match in matches[:3]] == ["same-shot", "same-shot", "similar"]


def test_less_like_this_moves_a_photo_away(library, photos):
    update(library, photos)
    wanted, unwanted = paths(photos)[:2]
    plain = find(library, wanted).matches
    without = library.search(Query((Example(wanted), Example(unwanted, weight=-0.5)))).matches

    def rank(matches) -> int:
        return next(match.rank for match in matches if match.photo.path == unwanted)

    assert rank(without) > rank(plain)


def test_a_copy_is_called_the_same_shot_and_is_unusually_near(library, photos, tmp_path):
    update(library, photos)
    copy = tmp_path / "copy.jpg"
    with Image.open(paths(photos)[2]) as image:
        image.resize((120, 90)).save(copy, quality=60)
    best, *_, last = find(library, copy).matches
    assert best.photo.path == paths(photos)[2]
    assert best.kind == "same-shot" and best.percentile > 95 > last.percentile
    only = find(library, copy, filters=Filters(kind="same-shot")).matches
    assert [match.photo.path for match in only] == [paths(photos)[2]]


def test_the_length_of_what_a_code_stands_for_does_not_tell_who_is_the_same_shot(photos, tmp_path, encoder):
    plain = coarse_colour_model()
    shorter = replace(plain, codebooks=plain.codebooks / 2)
    with closing(Library(Places.under(tmp_path / "home"), Settings(), shorter, encoder)) as library:
        update(library, photos)
        # A file of its own: one that is equal byte for byte is a copy whatever its score.
        again = tmp_path / "saved again.png"
        with Image.open(paths(photos)[2]) as image:
            image.save(again)
        best, *others = find(library, again).matches
    assert best.photo.path == paths(photos)[2] and best.kind == "same-shot" and best.score < 0.6
    assert others[-1].kind == "similar"


def test_among_many_photos_of_a_kind_only_a_nearer_one_is_the_same_shot(tmp_path, encoder, monkeypatch):
    # By their codes alone.
    monkeypatch.setattr(searching, "LOOKED_AT", 0)
    random = np.random.default_rng(0)
    forest = random.integers(60, 196, (4, 4, 3))
    folder = tmp_path / "forests"
    folder.mkdir()
    for number in range(60):
        other = np.clip(forest + random.integers(-24, 25, forest.shape), 0, 255).astype(np.uint8)
        Image.fromarray(other.repeat(16, 0).repeat(16, 1)).save(folder / f"{number:02}.png")
    again = tmp_path / "saved again.jpg"
    with Image.open(folder / "07.png") as image:
        image.save(again, quality=90)

    def same(crowding: float | None, **filters: object) -> set[str]:
        model = replace(coarse_colour_model(), same_shot=0.9, crowding=crowding)
        with closing(Library(Places.under(tmp_path / str(crowding)), Settings(), model, encoder)) as library:
            update(library, folder)
            matches = find(library, again, filters=Filters(**filters)).matches
        return {match.photo.path.name for match in matches if match.kind == "same-shot"}

    near = same(None)
    assert len(near) > 10
    assert same(0.5) == {"07.png"}
    few = folder / "few"
    few.mkdir()
    some = {"07.png", *sorted(near - {"07.png"})[:2]}
    for name in some:
        (folder / name).rename(few / name)
    assert same(None, under=few) == some
    assert same(0.5, under=few) == {"07.png"}, "the others are there, although a filter hides them"
    assert same(0.5, under=few, kind="same-shot") == {"07.png"}


def test_what_codes_cannot_tell_apart_pixels_do(tmp_path, encoder):
    """Photos of the same coarse colours: all have one code."""
    folder = tmp_path / "photos"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(40):
        light = Image.fromarray(random.normal(0, 24, (24, 32)).astype(np.float32)).resize((320, 240))
        levels = np.asarray(light) - np.asarray(light).mean() + 190
        Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB").save(
            folder / f"{number}.png"
        )
    model = replace(coarse_colour_model(), same_shot=0.9)
    part, turned = tmp_path / "part.jpg", tmp_path / "turned.jpg"
    with Image.open(folder / "33.png") as image:
        image.crop((60, 40, 260, 190)).save(part, quality=85)
        image.rotate(90, expand=True).save(turned, quality=85)

    def same(home: str, settings: Settings, photo: Path = part, **filters: object) -> list[str]:
        with closing(Library(Places.under(tmp_path / home), settings, model, encoder)) as library:
            update(library, folder)
            matches = find(library, photo, filters=Filters(**filters)).matches
        return [match.photo.path.name for match in matches if match.kind == "same-shot"]

    assert same("home", Settings()) == ["33.png"], "not those whose codes are as near"
    assert same("home", Settings(), kind="same-shot") == ["33.png"]
    assert same("other", Settings(thumbnail_megabytes=0), turned)[0] == "33.png", "its thumbnail is made"
    damaged = tmp_path / "home" / "cache" / "thumbnails.sqlite"
    with sqlite3.connect(damaged) as cache:
        cache.execute("UPDATE thumbnails SET jpeg = substr(jpeg, 1, 40)")
    assert len(same("home", Settings())) > 10, "by codes, where pixels do not tell"


def test_nobody_waits_long_for_thumbnails_of_a_slow_drive(library, photos, tmp_path, monkeypatch):
    update(library, photos)
    library._thumbnails.forget(match.photo.id for match in find(library, paths(photos)[0]).matches)
    waiting = threading.Event()

    def make(photo: Photo) -> bytes | None:
        waiting.wait(30)
        return None

    monkeypatch.setattr(library._seeing, "_make", make)
    start = time.monotonic()
    try:
        assert first(library, paths(photos)[4]) == paths(photos)[4]
        assert time.monotonic() - start < 20
    finally:
        waiting.set()


def test_by_the_box_of_an_example_the_photos_are_found_that_show_it(library, photos, tmp_path):
    update(library, photos)
    page = tmp_path / "page.png"
    pasted = Image.new("RGB", (600, 500), (250, 250, 240))
    with Image.open(paths(photos)[4]) as image:
        pasted.paste(image.resize((240, 180)), (300, 260))
    pasted.save(page)
    example = Example(page, box=Box(0.5, 0.52, 0.4, 0.36))
    best = library.search(Query((example,))).matches[0]
    assert (best.photo.path, best.kind) == (paths(photos)[4], "same-shot")


def test_of_the_next_moments_of_a_photo_its_copy_comes_first(tmp_path, encoder):
    """They are of one code, and most of each is seen in all."""
    folder = tmp_path / "burst"
    folder.mkdir()
    still = draw("forest", 3, (480, 320))
    for number in range(6):
        moment = still.copy()
        moment.paste((200, 60, 40), (60 + 50 * number, 180, 100 + 50 * number, 260))
        moment.save(folder / f"{number}.jpg", quality=92)
    model = replace(coarse_colour_model(), same_shot=0.9)
    with closing(Library(Places.under(tmp_path / "home"), Settings(), model, encoder)) as library:
        update(library, folder)
        for number in range(6):
            again = tmp_path / "again.png"
            with Image.open(folder / f"{number}.jpg") as image:
                image.crop((20, 20, 460, 300)).save(again)
            assert first(library, again) == folder / f"{number}.jpg"


class ShorteningEncoder(CoarseColourEncoder):
    """What codes stand for is half as long where a photo is like one."""

    one: NDArray[np.float32]

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        vectors, codes = super().encode(pixels)
        alike = vectors @ self.one > 0.999
        codes[alike] = np.rint((vectors[alike] / 2 + 1) * 127.5).astype(np.uint8)
        return vectors, codes


def test_the_same_shot_comes_before_photos_whose_codes_stand_for_more(photos, tmp_path):
    encoder = ShorteningEncoder()
    again = tmp_path / "saved again.png"
    with Image.open(paths(photos)[2]) as image:
        image.save(again)
        encoder.one = encoder.vectors(np.asarray(image.convert("RGB").resize((32, 32)))[None])[0]
    home = Places.under(tmp_path / "home")
    with closing(Library(home, Settings(), coarse_colour_model(), encoder)) as library:
        update(library, photos)
        best, *others = find(library, again).matches
    assert best.photo.path == paths(photos)[2] and best.kind == "same-shot"
    assert max(other.score for other in others) > best.score


def test_the_file_itself_comes_before_photos_that_no_code_can_tell_from_it(library, photos):
    twins = [photos / name for name in ("twin 1.jpg", "twin 2.jpg", "twin 3.jpg")]
    with Image.open(paths(photos)[0]) as image:
        for quality, twin in zip((95, 93, 94), twins, strict=True):
            image.save(twin, quality=quality)
    update(library, photos)
    assert [first(library, twin) for twin in twins] == twins
    assert [match.rank for match in find(library, twins[1], count=3).matches] == [1, 2, 3]


def test_a_query_that_is_no_picture_is_refused_with_a_sentence(library, photos, tmp_path):
    update(library, photos)
    (tmp_path / "text.jpg").write_text("no picture")
    for source in (tmp_path / "text.jpg", tmp_path / "missing.jpg", b"no picture"):
        with pytest.raises(PhotoUnreadable, match=r"\.$"):
            find(library, source)


def test_a_photo_that_only_the_second_look_is_like_is_found(
    library: Library, encoder: CoarseColourEncoder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_folder(photos)
    list(library.update())
    one, other = sorted(photos.rglob("*.jpg"))[:2]
    with Image.open(other) as image:
        of_the_other = encoder.vectors(np.asarray(image.convert("RGB").resize((32, 32)))[None])
    vectors = encoder.vectors
    monkeypatch.setattr(encoder, "vectors", lambda seen: of_the_other if len(seen[0]) < 32 else vectors(seen))
    first, second = library.search(Query((Example(one),), count=2)).matches
    assert (first.photo.path, second.photo.path) == (one, other)
    assert second.score == pytest.approx(first.score - DROP, abs=0.02)


def test_an_example_that_only_weighs_another_is_not_read_again_unless_its_file_changed(
    library: Library, encoder: CoarseColourEncoder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_folder(photos)
    list(library.update())
    asked = []
    vectors = encoder.vectors
    monkeypatch.setattr(encoder, "vectors", lambda pixels: asked.append(1) or vectors(pixels))
    one, another = sorted(photos.rglob("*.jpg"))[:2]
    first = library.search(Query((Example(one), Example(another, -0.5))))
    # Each is looked at as a whole and as a part.
    assert len(asked) == 4
    weighed = library.search(Query((Example(one), Example(another, 0.5))))
    assert len(asked) == 4
    assert [match.score for match in first.matches] != [match.score for match in weighed.matches]
    library.search(Query((Example(one, box=Box(0, 0, 0.5, 0.5)),)))
    assert len(asked) == 6
    Image.new("RGB", (60, 40), "teal").save(one)
    library.search(Query((Example(one),)))
    assert len(asked) == 8


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([[0.6, 0], [0.6, 0]], [[0, 1], [0.5, 0]]),
        ([[0.6, 0], [1, 0]], [[0, 1], [0, 0]]),
        ([[0.6, 0], [-1, 0]], [[0, 1], [1, 0]]),
    ],
)
def test_second_looks_add_up_to_less_than_first_ones_or_as_much(other, expected):
    looked = {"one": [[0.6, 0.8], [1, 0]], "other": other}
    looked = {name: np.array(vectors, np.float32) for name, vectors in looked.items()}
    examples = [Example(Path("one")), Example(Path("other"), weight=-1)]
    sums = weighted(examples, lambda example: looked[example.source.name])
    np.testing.assert_allclose(sums, expected, atol=1e-6)


def test_examples_whose_first_looks_cancel_each_other_out_are_refused():
    looks = iter([np.eye(2, dtype=np.float32), np.array([[1, 0], [1, 0]], np.float32)])
    with pytest.raises(PhotoSearchError, match="cancel"):
        weighted([Example(Path("one")), Example(Path("other"), weight=-1)], lambda _: next(looks))
