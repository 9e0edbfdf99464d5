"""A picture is looked at as a whole photo and as a part of one."""

import numpy as np
import pytest

from photosearch.encode.looks import DROP, looks, nearer, scores


def test_the_second_look_is_of_the_same_picture_and_smaller():
    pixels = np.stack([np.full((96, 96, 3), value, np.uint8) for value in (10, 200)])
    whole, part = looks(pixels)
    assert whole is pixels
    assert part.shape == (2, 56, 56, 3)
    assert part[0].max() == 10 and part[1].min() == 200
    assert [side.shape for side in looks(pixels[:0])] == [(0, 96, 96, 3), (0, 56, 56, 3)]


@pytest.mark.parametrize("count", [1, 7, 40, 100])
def test_the_nearest_of_each_look_are_enough_to_know_the_nearest_of_both(count):
    random = np.random.default_rng(count)
    sums = random.normal(size=(40, 6)).astype(np.float32)
    sums[30:] = sums[:10]
    looked = [random.normal(size=(1, 6)).astype(np.float32) for _ in range(2)]

    def found(look: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        near = (look @ sums.T)[0]
        order = np.lexsort((np.arange(40), -near))[:count]
        return order, near[order]

    ids, near = nearer([found(look) for look in looked], count)
    best = scores(looked, sums)[0]
    order = np.lexsort((np.arange(40), -best))[:count]
    np.testing.assert_array_equal(ids, order)
    np.testing.assert_allclose(near, best[order], atol=1e-6)
    np.testing.assert_allclose(best, np.maximum(looked[0] @ sums.T, looked[1] @ sums.T - DROP)[0], atol=1e-6)
