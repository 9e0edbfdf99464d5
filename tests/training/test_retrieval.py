"""The metrics on answers that can be counted by hand, and against plain loops."""

import numpy as np
import pytest

from photosearch.evaluation.copies import CHANGES, CONTROLS
from photosearch.evaluation.retrieval import nearest
from photosearch.metrics import mean_average_precision, precision_at, recall_at

RANKED = np.array([[True, False, True, False], [False, False, False, False], [False, True, True, True]])


def test_precision_counts_the_relevant_among_the_first():
    assert precision_at(RANKED, 2) == pytest.approx((1 / 2 + 0 + 1 / 2) / 3)


def test_recall_passes_over_queries_that_have_nothing_to_find():
    assert recall_at(RANKED, 2, np.array([2, 0, 4])) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert recall_at(RANKED[1:2], 2, np.array([0])) == 0


def test_average_precision_divides_by_what_was_found_and_a_miss_counts_as_nothing():
    first, third = (1 + 2 / 3) / 2, (1 / 2 + 2 / 3 + 3 / 4) / 3
    assert mean_average_precision(RANKED) == pytest.approx((first + 0 + third) / 3)


def test_ranking_agrees_with_plain_loops_and_leaves_the_query_out():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(700, 5)).astype(np.float32)
    ranked = nearest([vectors], vectors, 30, without_self=True)
    for row in (0, 511, 512, 699):
        order = [other for other in np.argsort(-(vectors @ vectors[row])) if other != row][:30]
        np.testing.assert_array_equal(ranked[row], order)


def test_asking_for_more_than_there_is_gives_all():
    vectors = np.eye(3, dtype=np.float32)
    assert nearest([vectors], vectors, 10, without_self=False).shape == (3, 3)
    assert nearest([vectors], vectors, 10, without_self=True).shape == (3, 2)


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_copy_is_still_a_picture(name):
    from PIL import Image

    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8))
    changed = CHANGES[name](picture)
    assert changed.mode == "RGB"
    assert min(changed.size) >= 15


@pytest.mark.parametrize("name", CONTROLS)
def test_what_needs_no_training_finds_a_photo_by_itself(name):
    photos = np.random.default_rng(1).integers(0, 256, (30, 32, 32, 3), np.uint8)
    photos[:, :16] //= np.arange(1, 31, dtype=np.uint8)[:, None, None, None]
    vectors = CONTROLS[name](photos)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-4)
    np.testing.assert_array_equal((vectors @ vectors.T).argmax(1), np.arange(30))
