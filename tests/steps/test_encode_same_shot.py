"""The cosine that a version of a shot has to reach, by how near other photos are."""

import numpy as np
import pytest

from photosearch.encode.same_shot import FIRST, NEAREST, SERIES, SHARE, crowding, least_cosine

THRESHOLD, USUAL = 0.8, 0.5


def nearest(first: float, others: float, count: int = NEAREST) -> np.ndarray:
    return np.array([[first] * min(FIRST, count) + [others] * (count - FIRST)], np.float32)


@pytest.mark.parametrize(
    ("others", "least"),
    [
        (USUAL, THRESHOLD),
        (USUAL + 0.15, THRESHOLD + 0.15 * SHARE),
        (USUAL - 0.4, THRESHOLD),
        (0.99, THRESHOLD + SERIES * (1 - THRESHOLD)),
    ],
    ids=["as usual", "a forest", "alone", "a long series"],
)
def test_more_is_asked_for_where_others_are_nearer(others, least):
    assert least_cosine(nearest(0.9, others), THRESHOLD, USUAL) == pytest.approx(least)


def test_the_first_few_and_those_far_away_do_not_count():
    few, more = nearest(0.2, 0.6), nearest(1.0, 0.6, count=NEAREST + 30)
    more[:, NEAREST:] = -1
    assert crowding(few) == crowding(more) == pytest.approx(0.6)


@pytest.mark.parametrize("count", [0, 1, FIRST])
def test_where_hardly_anything_is_there_it_is_not_crowded(count):
    least = least_cosine(np.full((1, count), 0.9, np.float32), THRESHOLD, USUAL)
    assert least == pytest.approx(THRESHOLD)


def test_what_is_no_photo_does_not_count():
    some = nearest(0.9, 0.6)
    some[:, FIRST + 5 :] = -np.inf
    assert crowding(some) == pytest.approx(0.6)
    assert crowding(np.full((1, NEAREST), -np.inf, np.float32)) == -1


def test_a_model_that_does_not_say_how_crowded_it_is_asks_for_its_threshold():
    cosines = np.concatenate([nearest(0.9, 0.2), nearest(0.9, 0.9)])
    assert least_cosine(cosines, THRESHOLD, None) == pytest.approx([THRESHOLD, THRESHOLD])
