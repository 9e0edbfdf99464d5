"""A picture is looked at as a whole photo and as a part of one."""

import numpy as np
import pytest

from photosearch.encode.looks import DROP, FAINT, blurred, looked, nearer, scores, smaller
from tests.pictures import KINDS, draw


class Showing:
    """An encoder whose vectors are the picture's corners, of which the last three are its colours."""

    colours = 3

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def vectors(self, pixels: np.ndarray) -> np.ndarray:
        self.seen.append(pixels)
        corners = pixels[:, [0, -1, 0], [0, 0, -1]].reshape(len(pixels), 9).astype(np.float32) + 1
        return corners / np.linalg.norm(corners, axis=1, keepdims=True)


def photo(seed: int = 3, softened: float = 0) -> np.ndarray:
    """A part of noise whose amplitude falls with frequency, as photos' does; softened: deviation, pixels."""
    random = np.random.default_rng(seed)
    cycles = np.hypot(np.fft.fftfreq(144)[:, None], np.fft.fftfreq(144))
    falling = np.exp(-2 * (np.pi * softened * cycles) ** 2) / np.maximum(cycles, 1 / 144)
    light = np.fft.ifft2(np.fft.fft2(random.normal(size=(3, 144, 144))) * falling).real
    levels = np.clip(128 + 40 * light / light.std(), 0, 255).astype(np.uint8)
    return levels[:, :96, :96].transpose(1, 2, 0)


def test_a_photo_is_seen_as_it_is_and_smaller():
    encoder, pixels = Showing(), np.stack([photo(), photo(4)])
    whole, part = looked(encoder, pixels)
    np.testing.assert_array_equal(encoder.seen[0], pixels)
    np.testing.assert_array_equal(encoder.seen[1], smaller(pixels))
    assert encoder.seen[1].shape == (2, 56, 56, 3)
    np.testing.assert_array_equal(whole, encoder.vectors(pixels))
    np.testing.assert_array_equal(part, encoder.vectors(smaller(pixels)))
    assert [len(vectors) for vectors in looked(encoder, pixels[:0])] == [0, 0]
    assert [smaller(pixels[:, :side, :side]).shape[1] for side in (16, 32, 64)] == [16, 20, 36]


def test_a_blurred_picture_is_sharpened_and_not_taken_for_a_part():
    encoder, pixels = Showing(), np.stack([photo(), photo(softened=2.3)])
    assert blurred(pixels).tolist() == [False, True]
    assert not blurred(np.stack([photo(softened=0.7), photo(softened=1.6)])).any()
    whole, part = looked(encoder, pixels)
    np.testing.assert_array_equal(encoder.seen[0][0], pixels[0])
    steps = [
        np.abs(np.diff(picture.astype(float), axis=1)).mean() for picture in (pixels[1], encoder.seen[0][1])
    ]
    assert steps[1] > 1.3 * steps[0]
    np.testing.assert_array_equal(part[1], whole[1])
    assert (part[0] != whole[0]).any()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_drawn_sharply_is_not_blurred_nor_is_what_is_empty(kind):
    drawn = np.asarray(draw(kind, seed=1, size=(96, 96)).convert("RGB"))
    assert not blurred(np.stack([drawn, np.full_like(drawn, 90)])).any()


def test_of_a_picture_without_colours_these_count_for_little():
    light = photo().mean(2, keepdims=True).clip(8, 240).astype(np.uint8).repeat(3, axis=2)
    pixels = np.stack([light + np.array([6, 3, 0], np.uint8), light + np.array([1, 0, 0], np.uint8)])
    whole, part = looked(Showing(), pixels)
    for seen, alone in ((whole, Showing().vectors(pixels)), (part, Showing().vectors(smaller(pixels)))):
        np.testing.assert_array_equal(seen[0], alone[0])
        np.testing.assert_allclose(seen[1, 6:] / seen[1, :3], FAINT * alone[1, 6:] / alone[1, :3], rtol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("count", [1, 7, 40, 100])
def test_the_nearest_of_each_look_are_enough_to_know_the_nearest_of_both(count):
    random = np.random.default_rng(count)
    sums = random.normal(size=(40, 6)).astype(np.float32)
    sums[30:] = sums[:10]
    seen = [random.normal(size=(1, 6)).astype(np.float32) for _ in range(2)]

    def found(look: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        near = (look @ sums.T)[0]
        order = np.lexsort((np.arange(40), -near))[:count]
        return order, near[order]

    ids, near = nearer([found(look) for look in seen], count)
    best = scores(seen, sums)[0]
    order = np.lexsort((np.arange(40), -best))[:count]
    np.testing.assert_array_equal(ids, order)
    np.testing.assert_allclose(near, best[order], atol=1e-6)
    np.testing.assert_allclose(best, np.maximum(seen[0] @ sums.T, seen[1] @ sums.T - DROP)[0], atol=1e-6)
