"""Codebooks against least squares, plain loops and exact enumeration."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.encode import additive
from photosearch.training.codebooks import (
    fit_codebooks,
    k_means,
    product_codebooks,
    refit_codebooks,
    strongest,
)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3))
def test_refitted_codebooks_are_the_best_for_their_codes(seed, count):
    random = torch.Generator().manual_seed(seed)
    targets = torch.randn(200, 4, generator=random)
    codebooks = torch.randn(count, 8, 4, generator=random)
    codes = torch.randint(7, (200, count), generator=random).to(torch.uint8)
    refitted = refit_codebooks(targets, codes, codebooks)
    one_hot = torch.nn.functional.one_hot(codes.long(), 8).view(200, -1).double()
    best = torch.linalg.lstsq(one_hot, targets.double(), driver="gelsd").solution
    torch.testing.assert_close(
        additive.decode(codes, refitted).double(), one_hot @ best, atol=1e-3, rtol=1e-3
    )
    # Word 7 is used by nobody, and stays.
    torch.testing.assert_close(refitted[:, 7], codebooks[:, 7])


def test_on_a_support_codebooks_are_the_best_that_are_zero_elsewhere():
    random = torch.Generator().manual_seed(0)
    targets = torch.randn(300, 3, generator=random)
    codes = torch.randint(8, (300, 2), generator=random).to(torch.uint8)
    support = torch.rand(2, 8, 3, generator=random) < 0.5
    refitted = refit_codebooks(targets, codes, torch.zeros(2, 8, 3), support)
    assert not refitted[~support].any()
    one_hot = torch.nn.functional.one_hot(codes.long(), 8).view(300, -1).double()
    for dimension in range(3):
        free = support[..., dimension].flatten()
        best = torch.linalg.lstsq(one_hot[:, free], targets[:, dimension, None].double(), driver="gelsd")
        expected = (one_hot[:, free] @ best.solution)[:, 0].float()
        got = additive.decode(codes, refitted)[:, dimension]
        torch.testing.assert_close(got, expected, atol=1e-3, rtol=1e-3)


def test_the_strongest_entries_are_of_so_many_dimensions_of_each_codebook():
    codebooks = torch.zeros(2, 256, 4)
    codebooks[0, 0], codebooks[0, 1] = torch.tensor([3.0, 0, 1, 0]), torch.tensor([0, 2.0, 1, 0])
    # Large, but nobody's.
    codebooks[0, 2] = torch.tensor([0, 0, 0, 9.0])
    codebooks[1, 0] = torch.tensor([0, 0, 1.0, 2])
    codes = torch.tensor([[0, 0], [0, 0], [1, 0]], dtype=torch.uint8)
    kept = strongest(codebooks, codes, density=0.5)
    assert kept.shape == codebooks.shape
    # 3² twice, 2² once, 1² thrice.
    assert kept[0, 7].tolist() == [True, True, False, False]
    assert kept[1, 7].tolist() == [False, False, True, True]
    assert strongest(codebooks, codes, density=0.25).sum() == 2 * 256


@pytest.mark.parametrize("density", [1.0, 0.25])
def test_each_round_of_codes_and_codebooks_leaves_a_smaller_error(density):
    torch.manual_seed(2)
    vectors = torch.nn.functional.normalize(torch.randn(2000, 4) @ torch.randn(4, 16))
    rounds = list(fit_codebooks(vectors, torch.zeros(2, 256, 16), 9, seed=0, density=density))
    # The one in which entries are taken away may cost something.
    kept = rounds if density == 1 else rounds[3:]
    assert all(after.error <= before.error + 1e-6 for before, after in pairwise(kept))
    codebooks = rounds[-1].codebooks
    assert (codebooks != 0).float().mean() <= density
    sums = additive.decode(additive.encode(vectors, codebooks), codebooks)
    assert float((vectors - sums).square().sum(1).mean()) <= rounds[-1].error * 1.01

    def error(one):
        return (vectors - additive.decode(additive.encode(vectors, one), one)).square().sum(1).mean()

    assert error(codebooks[:1]) < error(codebooks[1:])


def test_with_a_coarse_part_the_front_is_the_better_and_the_whole_little_the_worse():
    torch.manual_seed(4)
    vectors = torch.nn.functional.normalize(torch.randn(2000, 8) @ torch.randn(8, 16))
    found = {}
    for coarse in (0, 2):
        rounds = list(fit_codebooks(vectors, torch.zeros(4, 256, 16), 6, seed=0, coarse=coarse))
        assert all(after.error <= before.error + 1e-6 for before, after in pairwise(rounds))
        codebooks = rounds[-1].codebooks
        codes = additive.encode(vectors, codebooks, coarse=coarse)
        found[coarse] = [
            float((vectors - additive.decode(codes[:, :bytes], codebooks[:bytes])).square().sum(1).mean())
            for bytes in (2, 4)
        ]
    assert len(rounds) == 12
    assert found[2][0] < 0.9 * found[0][0]
    assert found[2][1] < 1.5 * found[0][1]


def test_codes_of_two_codebooks_are_the_best_there_are():
    torch.manual_seed(3)
    vectors = torch.nn.functional.normalize(torch.randn(40, 6))
    *_, fitted = fit_codebooks(
        torch.nn.functional.normalize(torch.randn(800, 6)), torch.zeros(2, 256, 6), 2, seed=0
    )
    codes = additive.encode(vectors, fitted.codebooks, beam=256)
    errors = (vectors - additive.decode(codes, fitted.codebooks)).square().sum(1)
    every = (fitted.codebooks[0][:, None] + fitted.codebooks[1][None]).flatten(0, 1)
    best = torch.cdist(vectors, every).square().min(1).values
    torch.testing.assert_close(errors, best, atol=1e-5, rtol=1e-4)


def test_product_codebooks_are_the_k_means_of_each_block_and_zero_outside():
    torch.manual_seed(4)
    vectors = torch.randn(600, 6)
    codebooks = product_codebooks(vectors, 2, torch.Generator().manual_seed(0))
    random = torch.Generator().manual_seed(0)
    for number, block in enumerate((slice(0, 3), slice(3, 6))):
        torch.testing.assert_close(codebooks[number, :, block], k_means(vectors[:, block], random, 20))
        outside = codebooks[number].clone()
        outside[:, block] = 0
        assert not outside.any()
    # For such codebooks the search is exact: each block by itself.
    codes = additive.encode(vectors, codebooks)
    for number, block in enumerate((slice(0, 3), slice(3, 6))):
        distances = (vectors[:, None, block] - codebooks[number][None, :, block]).square().sum(2)
        chosen = distances.gather(1, codes[:, number, None].long())[:, 0]
        torch.testing.assert_close(chosen, distances.min(1).values, atol=1e-5, rtol=1e-5)
