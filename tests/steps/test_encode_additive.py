"""Additive codes are held against trying every code there is."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.encode import additive

# Many small products: more threads would wait for each other, and on a busy machine long.
torch.set_num_threads(1)


def drawn(
    seed: int, count: int, codebooks: int, words: int, dimension: int
) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    vectors = torch.nn.functional.normalize(torch.randn(count, dimension, generator=random))
    return vectors, torch.randn(codebooks, words, dimension, generator=random) / dimension**0.5


def errors(vectors: torch.Tensor, codes: torch.Tensor, codebooks: torch.Tensor) -> torch.Tensor:
    return (vectors - additive.decode(codes, codebooks)).square().sum(1)


def least_errors(vectors: torch.Tensor, codebooks: torch.Tensor) -> torch.Tensor:
    count, words, _ = codebooks.shape
    every = torch.tensor(list(itertools.product(range(words), repeat=count)), dtype=torch.uint8)
    return torch.cdist(vectors, additive.decode(every, codebooks)).square().min(1).values


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(1, 2), st.integers(1, 24))
def test_with_one_or_two_codebooks_a_wide_beam_finds_the_best_of_all_codes(seed, count, dimension):
    vectors, codebooks = drawn(seed, 20, count, 64, dimension)
    codes = additive.encode(vectors, codebooks, beam=64)
    torch.testing.assert_close(
        errors(vectors, codes, codebooks), least_errors(vectors, codebooks), atol=1e-4, rtol=1e-4
    )


def test_the_best_code_of_two_full_codebooks_is_found_among_65536():
    vectors, codebooks = drawn(3, 8, 2, 256, 16)
    codes = additive.encode(vectors, codebooks, beam=256)
    torch.testing.assert_close(
        errors(vectors, codes, codebooks), least_errors(vectors, codebooks), atol=1e-4, rtol=1e-4
    )


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 32))
def test_local_search_never_makes_a_code_worse(seed, count, words):
    vectors, codebooks = drawn(seed, 50, count, words, 12)
    codes = torch.randint(words, (50, count), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)
    before = errors(vectors, codes, codebooks)
    for sweeps in (1, 2, 5):
        after = errors(vectors, additive.improve(vectors, codes, codebooks, sweeps), codebooks)
        assert (after <= before + 1e-5).all()
        before = after


def costs(
    vectors: torch.Tensor, codes: torch.Tensor, codebooks: torch.Tensor, penalty: float
) -> torch.Tensor:
    sums = additive.decode(codes, codebooks)
    return (vectors - sums).square().sum(1) + penalty * (sums.square().sum(1) - 1).square()


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(0.01, 8))
def test_with_a_norm_penalty_local_search_never_makes_the_whole_cost_worse(seed, count, penalty):
    vectors, codebooks = drawn(seed, 50, count, 16, 12)
    codes = torch.randint(16, (50, count), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)
    before = costs(vectors, codes, codebooks, penalty)
    for sweeps in (1, 2, 5):
        better = additive.improve(vectors, codes, codebooks, sweeps, penalty)
        after = costs(vectors, better, codebooks, penalty)
        assert (after <= before + 1e-4).all()
        before = after


def test_one_codebook_with_a_norm_penalty_gives_the_codeword_of_least_cost():
    vectors, codebooks = drawn(4, 40, 1, 200, 6)
    codes = additive.encode(vectors, codebooks, beam=1, norm_penalty=3.0)
    every = [costs(vectors, torch.full((40, 1), n, dtype=torch.uint8), codebooks, 3.0) for n in range(200)]
    torch.testing.assert_close(costs(vectors, codes, codebooks, 3.0), torch.stack(every).min(0).values)


def test_a_norm_penalty_makes_sums_equally_long():
    vectors, codebooks = drawn(6, 400, 8, 256, 32)
    codebooks /= 8**0.5
    free, steady = (
        additive.decode(additive.encode(vectors, codebooks, norm_penalty=penalty), codebooks).norm(dim=1)
        for penalty in (0.0, 4.0)
    )
    assert (steady - 1).abs().mean() < 0.5 * (free - 1).abs().mean()


def test_a_coarse_part_is_chosen_as_if_it_were_all_and_local_search_only_improves_the_whole():
    vectors, codebooks = drawn(8, 400, 6, 256, 32)
    codebooks *= torch.tensor([0.8**number for number in range(6)])[:, None, None]
    whole = additive.encode(vectors, codebooks, sweeps=0, coarse=4)
    assert torch.equal(whole[:, :4], additive.encode(vectors, codebooks[:4], sweeps=0))
    rest = vectors - additive.decode(whole[:, :4], codebooks)
    assert torch.equal(whole[:, 4:], additive.encode(rest, codebooks[4:], sweeps=0))
    for penalty in (0.0, 1.0):
        plain, swept = (
            additive.encode(vectors, codebooks, sweeps=sweeps, norm_penalty=penalty, coarse=4)
            for sweeps in (0, 3)
        )
        better = costs(vectors, swept, codebooks, penalty).mean()
        assert better < costs(vectors, plain, codebooks, penalty).mean()


def test_evened_vectors_are_shorter_the_more_photos_they_are_like():
    random = torch.Generator().manual_seed(0)
    spread = torch.tensor([1.0, 0.5, 0.1, 0.1])
    vectors = torch.nn.functional.normalize(torch.randn(500, 4, generator=random) * spread)
    evened = additive.evened(vectors, additive.second_moment(vectors))
    lengths = evened.norm(dim=1)
    assert float(lengths.mean()) == pytest.approx(1)
    torch.testing.assert_close(torch.nn.functional.normalize(evened), vectors)
    alike = (vectors @ vectors.T).square().mean(1)
    order = alike.argsort()
    assert (lengths[order].diff() <= 1e-6).all()
    # As the docstring has it: the eighth root of how alike they are.
    torch.testing.assert_close(lengths * alike**0.125, (lengths * alike**0.125)[:1].expand(500))


def test_a_wider_beam_and_local_search_find_better_codes_on_average():
    vectors, codebooks = drawn(1, 300, 8, 256, 32)
    means = [
        errors(vectors, additive.encode(vectors, codebooks, beam, sweeps), codebooks).mean()
        for beam, sweeps in [(1, 0), (4, 0), (16, 0), (16, 3)]
    ]
    assert means == sorted(means, reverse=True)


def test_a_vector_made_of_codewords_is_encoded_without_error():
    _, codebooks = drawn(5, 1, 4, 256, 64)
    codes = torch.randint(256, (100, 4), generator=torch.Generator().manual_seed(5)).to(torch.uint8)
    vectors = additive.decode(codes, codebooks)
    assert errors(vectors, additive.encode(vectors, codebooks), codebooks).max() < 1e-6


def test_a_code_depends_on_its_vector_alone_whatever_is_encoded_beside_it():
    vectors, codebooks = drawn(7, additive.CHUNK + 9, 6, 256, 24)
    together = additive.encode(vectors, codebooks)
    single = torch.cat(
        [additive.encode(vectors[row : row + 1], codebooks) for row in range(len(vectors) - 20, len(vectors))]
    )
    # Rounding may decide between two codes that are equally good.
    assert (together[-20:] == single).all(1).float().mean() > 0.9


def test_a_prefix_of_a_code_decodes_with_the_first_codebooks():
    _, codebooks = drawn(2, 1, 5, 256, 8)
    codes = torch.arange(15, dtype=torch.uint8).view(3, 5)
    expected = torch.stack([codebooks[0][row[0].long()] + codebooks[1][row[1].long()] for row in codes])
    torch.testing.assert_close(additive.decode(codes[:, :2], codebooks), expected)


@pytest.mark.parametrize("count", [0, 1])
def test_few_vectors_are_encoded_too(count):
    vectors, codebooks = drawn(0, count, 3, 256, 8)
    assert additive.encode(vectors, codebooks).shape == (count, 3)
