"""Each term of DSQ is held against plain loops over its equation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from photosearch.training import dsq
from photosearch.training.muon import orthogonalised
from photosearch.training.trainer import TrainingSet


@pytest.fixture
def drawn():
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(12, 6))
    return vectors, torch.randn(12, 6), torch.randn(4, 6), torch.arange(12) % 4


def test_scaled_softmax_is_the_mean_negative_log_likelihood_of_scaled_cosines(drawn):
    vectors, _, classes, targets = drawn
    total = 0.0
    labels = torch.nn.functional.one_hot(targets).float()
    for vector, target in zip(vectors, targets, strict=True):
        logits = [16 * float(vector @ direction / direction.norm()) for direction in classes]
        total += math.log(sum(map(math.exp, logits))) - logits[int(target)]
    assert float(dsq.scaled_softmax(vectors, classes, labels, 16)) == pytest.approx(total / 12, rel=1e-5)


def test_the_three_distances_are_mean_squared_ones(drawn):
    vectors, sums, classes, targets = drawn
    centres = classes[targets]

    def plain(left, right):
        return sum(float(((a - b) ** 2).sum()) for a, b in zip(left, right, strict=True)) / len(left)

    assert float(dsq.quantization_loss(vectors, sums)) == pytest.approx(plain(vectors, sums), rel=1e-5)
    assert float(dsq.centre_loss(vectors, centres)) == pytest.approx(plain(vectors, centres), rel=1e-5)
    assert float(dsq.discriminative_loss(centres, sums)) == pytest.approx(plain(centres, sums), rel=1e-5)


def test_the_same_shot_loss_asks_each_view_for_the_other_among_all(drawn):
    vectors, others, strangers, _ = drawn
    others = torch.nn.functional.normalize(others)
    total = 0.0
    for left, right in ((vectors, others), (others, vectors)):
        for row, vector in enumerate(left):
            logits = [16 * float(vector @ other) for other in (*right, *strangers)]
            total += math.log(sum(map(math.exp, logits))) - logits[row]
    assert float(dsq.same_shot_loss(vectors, others, strangers, 16)) == pytest.approx(total / 24, rel=1e-5)


@given(st.floats(0.01, 2), st.floats(0.01, 2))
def test_both_terms_of_the_codes_are_one_quantization_of_the_target(first, third):
    torch.manual_seed(1)
    vectors, centres, sums, others = torch.randn(4, 9, 5).double()
    weights = dsq.Weights(quantization=first, discriminative=third)
    target = dsq.quantization_target(vectors, centres, weights.pull)

    def both(codes):
        return first * dsq.quantization_loss(vectors, codes) + third * dsq.discriminative_loss(centres, codes)

    def one(codes):
        return (first + third) * dsq.quantization_loss(target, codes)

    # They differ by a constant, whatever the codes.
    assert float(both(sums) - one(sums)) == pytest.approx(float(both(others) - one(others)), abs=1e-6)


def test_centres_lie_between_the_means_of_vectors_and_of_sums(drawn):
    vectors, sums, _, targets = drawn
    labels = torch.nn.functional.one_hot(targets, 5).float()
    centres = dsq.class_centres(vectors, sums, labels, pull=0.25)
    for number in range(4):
        mine = targets == number
        expected = 0.75 * vectors[mine].mean(0) + 0.25 * sums[mine].mean(0)
        torch.testing.assert_close(centres[number], expected)
    assert not centres[4].any()


@pytest.mark.parametrize("shape", [(8, 27), (32, 9), (16, 16)])
def test_a_step_of_muon_turns_all_directions_alike(shape):
    torch.manual_seed(3)
    values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)))
    assert values.min() > 0.3
    assert values.max() < 1.4


def test_views_are_held_against_what_is_remembered_of_other_photos_only(drawn):
    remembered = torch.nn.functional.normalize(torch.randn(40, 6))
    photos = TrainingSet(np.zeros((40, 1, 1, 3), np.uint8), np.arange(40) % 4, 4, np.zeros(40, bool))
    objective = dsq.SphericalQuantization(photos, 6, 2, dsq.Weights(), 500, 2, 16.0)
    objective.vectors[8:] = remembered[8:].half()
    strangers = objective.strangers(torch.tensor([16, 8]))
    assert torch.equal(strangers, remembered[[24, 32]].half().float())
