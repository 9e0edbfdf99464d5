"""The threshold for the same shot, on vectors whose scores are known."""

import numpy as np
import pytest

from photosearch.encode.same_shot import FIRST, NEAREST, least_cosine
from photosearch.training.calibration import same_shot_threshold


def test_one_photo_in_twenty_has_another_that_reaches_the_threshold():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(1500, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    photos = random.integers(0, 256, (1500, 32, 32, 3), np.uint8)
    threshold, usual = same_shot_threshold(vectors, vectors, photos)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -1)
    nearest = -np.sort(-scores, 1)[:, :NEAREST]
    assert usual == pytest.approx(nearest[:, FIRST:].mean(), abs=1e-5)
    mistaken = nearest[:, 0] >= least_cosine(nearest, threshold, usual)
    assert mistaken.mean() == pytest.approx(0.05, abs=0.005)


def test_a_picture_that_is_there_twice_is_no_mistake():
    random = np.random.default_rng(1)
    photos = random.integers(0, 256, (3, 32, 32, 3), np.uint8)
    photos[1] = photos[0]
    vectors = np.array([[1, 0], [1, 0], [0.6, 0.8]], np.float32)
    assert same_shot_threshold(vectors, vectors, photos) == (pytest.approx(0.6), None)


def test_without_another_photo_only_a_perfect_score_will_do():
    photos = np.zeros((1, 32, 32, 3), np.uint8)
    assert same_shot_threshold(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32), photos) == (
        1.0,
        None,
    )
