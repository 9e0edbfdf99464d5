"""The losses of SDSH, DQN and ADSQ against plain loops, and their gradients against differences."""

import math

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from photosearch.metrics import Tied
from photosearch.training import adsq, dqn, dsq, sdsh


@pytest.fixture
def batch():
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(9, 8, dtype=torch.double))
    classes = torch.arange(9) % 3
    return vectors, classes[:, None] == classes[None]


def test_triplets_are_all_of_a_query_another_like_it_and_one_unlike(batch):
    vectors, similar = batch
    expected = []
    for query in range(9):
        for positive in range(9):
            for negative in range(9):
                if query != positive and similar[query, positive] and not similar[query, negative]:
                    near = (vectors[query] - vectors[positive]).square().sum()
                    far = (vectors[query] - vectors[negative]).square().sum()
                    expected.append(float(near - far))
    found = sdsh.triplet_differences(vectors, similar)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)


def test_the_losses_of_triplets_are_means_over_their_formulas():
    differences = torch.tensor([-4.0, -2.5, -1.0, 0.0, 2.0, 3.5], dtype=torch.double)
    spring = [(2 * math.sqrt(2) - math.sqrt(4 - x)) ** 2 for x in differences.tolist()]
    margin = [max(0, x + 2) for x in differences.tolist()]
    # −x/4 is half the difference of the inner products.
    likely = [math.log(1 + math.exp(-16 * (-x / 4 - 0.5))) / 16 for x in differences.tolist()]
    assert float(sdsh.spring_loss(differences)) == pytest.approx(sum(spring) / 6)
    assert float(sdsh.margin_loss(differences)) == pytest.approx(sum(margin) / 6)
    assert float(sdsh.likelihood_loss(differences, 16)) == pytest.approx(sum(likely) / 6)


def test_the_cosines_of_pairs_are_drawn_to_one_and_minus_one(batch):
    vectors, similar = batch
    total = 0.0
    for i in range(9):
        for j in range(9):
            total += ((1 if similar[i, j] else -1) - float(vectors[i] @ vectors[j])) ** 2
    assert float(dqn.pairwise_cosine_loss(vectors, similar)) == pytest.approx(total / 81)


def test_the_likelihood_of_pairs_weighs_similar_ones_as_much_as_all_others(batch):
    vectors, similar = batch
    others = torch.randn(9, 8, dtype=torch.double)
    alike, unlike = [], []
    for i in range(9):
        for j in range(9):
            likeness = float(vectors[i] @ others[j]) / 2
            loss = math.log(1 + math.exp(likeness)) - (likeness if similar[i, j] else 0)
            (alike if similar[i, j] else unlike).append(loss)
    expected = (sum(alike) / len(alike) + sum(unlike) / len(unlike)) / 2
    assert float(adsq.pair_loss(vectors, others, similar)) == pytest.approx(expected, rel=1e-6)


def test_signs_and_balance_are_mean_squares():
    points = torch.tensor([[0.5, -2.0], [1.0, 1.0]])
    codes = torch.tensor([[1.0, -1.0], [1.0, -1.0]])
    assert float(adsq.sign_loss(points, codes)) == pytest.approx((0.25 + 1 + 0 + 4) / 4)
    assert float(adsq.balance_loss(points)) == pytest.approx((0.75**2 + 0.5**2) / 2)


@pytest.mark.parametrize(
    "loss",
    [
        lambda v, s: sdsh.spring_loss(sdsh.triplet_differences(v, s)),
        lambda v, s: sdsh.likelihood_loss(sdsh.triplet_differences(v, s), 8),
        dqn.pairwise_cosine_loss,
        lambda v, s: adsq.pair_loss(v, v.flip(0), s),
        lambda v, s: dsq.same_shot_loss(v, v.flip(0), torch.eye(v.shape[1]).double()[:2], 16),
        lambda v, s: dsq.scaled_softmax(v, v[:3], s[:, :3].double(), 16),
        lambda v, s: dsq.quantization_loss(v, v.flip(0)),
        lambda v, s: dsq.centre_loss(v, v.mean(0)),
    ],
)
def test_gradients_are_those_of_finite_differences(batch, loss):
    vectors, similar = batch
    assert gradcheck(lambda v: loss(v, similar), (vectors.requires_grad_(),))


def test_the_searched_rotation_is_one_and_ranks_no_worse_than_none():
    random = np.random.default_rng(0)
    labels = np.eye(4, dtype=np.float32)[random.integers(0, 4, 400)]
    centres = random.normal(size=(4, 8))
    vectors = (labels @ centres + 0.7 * random.normal(size=(400, 8))).astype(np.float32)
    before = sdsh.hamming_map(vectors, labels)
    rotation, reached = sdsh.search_rotation(vectors, labels, seed=0, steps=60)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(8), atol=1e-5)
    assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-4)
    assert reached > before
    assert sdsh.hamming_map(vectors @ rotation.T, labels) == pytest.approx(reached, abs=1e-3)


def test_iterative_quantization_comes_nearer_to_the_signs():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(500, 2)) @ random.normal(size=(2, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    rotation = sdsh.itq_rotation(vectors, seed=0)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(8), atol=1e-5)

    def error(points):
        return ((np.sign(points) - points) ** 2).sum()

    assert error(vectors @ rotation.T) < error(vectors)


def test_the_map_of_hamming_distances_is_that_of_a_plain_ranking_without_ties():
    vectors = np.array([[1, 1], [1, -1], [-1, -1]], np.float32)
    labels = np.eye(2, dtype=np.float32)[[0, 1, 0]]
    # Photo 0 asks: itself (relevant), photo 1 (not), photo 2 (relevant): (1 + 2/3) / 2.
    assert sdsh.hamming_map(vectors, labels, queries=1) == pytest.approx((1 + 2 / 3) / 2)


def test_a_tie_counts_as_the_mean_of_all_its_orders():
    from itertools import permutations

    from photosearch.metrics import mean_average_precision

    relevant = [True, False, True, False, False]
    scores = np.array([[3.0, 2.0, 2.0, 2.0, 1.0]])
    for depth in (2, 3, 5):
        figures = [
            mean_average_precision(
                np.array([[relevant[0], *(relevant[i] for i in order), relevant[4]]])[:, :depth]
            )
            for order in permutations((1, 2, 3))
        ]
        tied = Tied.by_score(scores, np.array([relevant])).mean_average_precision(depth)
        assert tied == pytest.approx(np.mean(figures))
    assert Tied.by_score(scores, np.array([relevant])).precision_at([2])[0] == pytest.approx((1 + 1 / 3) / 2)
    assert Tied.by_score(scores, np.array([relevant])).recall_at([4])[0] == 1


def test_groups_of_answers_rank_as_the_answers_do():
    random = np.random.default_rng(0)
    # Three scores, so that groups are tied with others, and groups that nothing relevant is in.
    scores = random.integers(0, 3, (4, 9)).astype(np.float32)
    of_answer = random.permutation(np.append(np.arange(9), random.integers(0, 9, 40)))
    relevant = random.random((4, 49)) < 0.3
    relevant[0] = False
    answers = np.bincount(of_answer)
    in_group = np.stack([np.bincount(of_answer, row, 9).astype(np.int64) for row in relevant])
    single = Tied.by_score(scores[:, of_answer], relevant)
    for grouped in (
        Tied.by_score(scores, in_group, answers),
        Tied.by_distance(2 - scores.astype(np.int64), in_group, 3, answers),
    ):
        for depth in (1, 10, 30, 49):
            assert grouped.mean_average_precision(depth) == pytest.approx(
                single.mean_average_precision(depth)
            )
        np.testing.assert_allclose(grouped.precision_at([1, 5, 49]), single.precision_at([1, 5, 49]))
        np.testing.assert_allclose(grouped.recall_at([1, 5, 49]), single.recall_at([1, 5, 49]))
        assert grouped.asked == single.asked == 3


def test_distances_rank_as_the_same_scores_do_whatever_is_tied_with_what():
    random = np.random.default_rng(1)
    distances = random.integers(0, 5, (30, 60))
    relevant = random.random((30, 60)) < random.random((30, 1))
    by_distance, by_score = (
        Tied.by_distance(distances, relevant, 5),
        Tied.by_score(-1.0 * distances, relevant),
    )
    for depth in (7, 60):
        assert by_distance.mean_average_precision(depth) == pytest.approx(
            by_score.mean_average_precision(depth)
        )
    np.testing.assert_allclose(by_distance.precision_at([1, 7, 60]), by_score.precision_at([1, 7, 60]))
