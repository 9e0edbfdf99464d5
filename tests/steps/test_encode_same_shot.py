"""The cosine that a version of a shot has to reach, by how near other photos are."""

import numpy as np
import pytest

from photosearch.encode.same_shot import (
    CEILING,
    FIRST,
    NEAREST,
    SHARE,
    least_cosine,
    nearest_cosines,
    usual_crowding,
)

THRESHOLD, USUAL = 0.8, 0.5


def nearest(first: float, others: float, count: int = NEAREST) -> np.ndarray:
    return np.array([[first] * min(FIRST, count) + [others] * (count - FIRST)], np.float32)


@pytest.mark.parametrize(
    ("others", "least"),
    [
        (USUAL, THRESHOLD),
        (USUAL + 0.15, THRESHOLD + 0.15 * SHARE),
        (USUAL - 0.4, THRESHOLD),
        (0.99, THRESHOLD + CEILING * (1 - THRESHOLD)),
    ],
    ids=["as usual", "a forest", "alone", "a long series"],
)
def test_more_is_asked_for_where_others_are_nearer(others, least):
    assert least_cosine(nearest(0.9, others), THRESHOLD, USUAL) == pytest.approx(least)


def test_the_first_few_and_those_far_away_do_not_count():
    few, more = nearest(0.2, 0.6), nearest(1.0, 0.6, count=NEAREST + 30)
    more[:, NEAREST:] = -1
    assert usual_crowding(few) == pytest.approx(0.6)
    wanted = THRESHOLD + 0.1 * SHARE
    assert least_cosine(np.concatenate([few, more[:, :NEAREST]]), THRESHOLD, USUAL) == pytest.approx(wanted)
    assert least_cosine(more, THRESHOLD, USUAL) == pytest.approx(wanted)


@pytest.mark.parametrize("count", [0, 1, FIRST, FIRST + 1, FIRST + 5])
def test_of_a_few_photos_it_is_hardly_crowded(count):
    least = least_cosine(np.full((1, count), 0.95, np.float32), THRESHOLD, USUAL)
    some = max(0, count - FIRST) / (NEAREST - FIRST)
    assert least == pytest.approx(THRESHOLD + SHARE * some * (0.95 - USUAL))


def test_what_is_no_photo_does_not_count():
    some = nearest(0.9, 0.6)
    some[:, FIRST + 20 :] = -np.inf
    assert least_cosine(some, THRESHOLD, USUAL) == pytest.approx(THRESHOLD + SHARE * 0.1 / 2)
    assert usual_crowding(some) == pytest.approx(0.6)


def test_the_nearest_are_those_that_a_search_finds_first_whatever_their_cosines():
    random = np.random.default_rng(0)
    cosines = random.uniform(-1, 1, (3, 200)).astype(np.float32)
    lengths = random.uniform(0.9, 1.1, 200).astype(np.float32)
    first = np.argsort(-cosines * lengths, 1)[:, :NEAREST]
    found = nearest_cosines(cosines * lengths, lengths)
    assert found == pytest.approx(np.take_along_axis(cosines, first, 1), rel=1e-5)
    assert (np.diff(found) > 0).any(), "a shorter one that is nearer comes later"
    assert nearest_cosines(cosines[:, :7], np.ones(7, np.float32)).shape == (3, 7)
    assert nearest_cosines(np.empty((2, 0), np.float32), np.empty(0, np.float32)).shape == (2, 0)


def test_a_model_that_does_not_say_how_crowded_it_is_asks_for_its_threshold():
    cosines = np.concatenate([nearest(0.9, 0.2), nearest(0.9, 0.9)])
    assert least_cosine(cosines, THRESHOLD, None) == pytest.approx([THRESHOLD, THRESHOLD])
