"""In which pictures another is seen, by their pixels."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageOps

from photosearch.decode import thumbnail
from photosearch.duplicates import recognised
from photosearch.evaluation.copies import CHANGES
from tests.edits import cut
from tests.pictures import KINDS, draw

PHOTOS = [draw(kind, 1, (400, 300)) for kind in KINDS]


def seen(image: Image.Image) -> bytes:
    return thumbnail(image.convert("RGB"))


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    return [seen(photo) for photo in PHOTOS]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_seen_in_its_photo_and_in_no_other(pictures, change):
    # In one, words in white are most of what there is to see.
    missed = 1 if change == "text" else 0
    for number, photo in enumerate(PHOTOS):
        answers = recognised(seen(CHANGES[change](photo)), pictures)
        if answers[number]:
            assert [at for at, answer in enumerate(answers) if answer] == [number]
        else:
            missed -= 1
    assert missed >= 0


def test_a_part_is_found_wherever_it_lies_and_a_photo_in_what_it_is_a_part_of(pictures):
    chance = Random(0)
    for number, photo in enumerate(PHOTOS):
        for width, height in ((0.45, 0.45), (0.6, 0.9), (0.9, 0.5)):
            part = seen(cut(photo, width, height, chance))
            assert recognised(part, pictures)[number], (number, width, height)
        page = Image.new("RGB", (520, 420), (240, 240, 235))
        page.paste(photo, (chance.randrange(120), chance.randrange(120)))
        assert recognised(seen(page), pictures)[number]


def test_a_photo_that_was_mirrored_or_turned_is_seen_whichever_way(pictures):
    photo = PHOTOS[3]
    for turn in Image.Transpose:
        assert recognised(seen(photo.transpose(turn)), pictures)[3], turn
    assert recognised(seen(ImageOps.mirror(photo.crop((10, 8, 390, 292)))), pictures)[3]


def test_where_there_is_nothing_to_see_nothing_is_said(pictures):
    plain = seen(Image.new("RGB", (200, 150), (90, 120, 160)))
    assert recognised(plain, pictures) == [None] * len(pictures)
    assert recognised(pictures[0], [plain, pictures[0], pictures[1]]) == [None, pytest.approx(1), 0]
    assert recognised(pictures[0], []) == []
    assert recognised(pictures[0], [None, b"no picture", pictures[0][:500], pictures[0]])[:2] == [None, None]


def test_what_is_smooth_and_alike_in_brightness_alone_is_another_photo():
    random = np.random.default_rng(0)

    def sky() -> Image.Image:
        down = np.linspace(40, 220, 240)[:, None] + np.zeros((1, 320))
        clouds = np.asarray(
            Image.fromarray(random.normal(0, 12, (16, 20)).astype(np.float32)).resize((320, 240))
        )
        return Image.fromarray(np.clip(down + clouds, 0, 255).astype(np.uint8))

    skies = [sky() for _ in range(8)]
    greys = [np.asarray(each, float).ravel() for each in skies]
    assert np.corrcoef(greys).min() > 0.9
    for number, one in enumerate(skies):
        answers = recognised(seen(one), [seen(each) for each in skies])
        assert [at for at, answer in enumerate(answers) if answer] == [number]


def test_tiny_and_narrow_pictures_are_compared_too():
    photo = PHOTOS[0]
    others = [seen(photo), seen(photo.resize((40, 30))), seen(photo.resize((400, 8))), seen(PHOTOS[5])]
    assert [bool(answer) for answer in recognised(seen(photo), others)] == [True, True, False, False]
    assert recognised(seen(photo.resize((3, 200))), others)[:2] == [0, 0]
