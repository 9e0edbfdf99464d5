"""The engine agrees with a plain double loop, to the bit and to the tie."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.blocks import CodeBlocks
from photosearch.engine import (
    Codebooks,
    lookup_tables,
    nearest,
    nearest_binary,
    packed,
    pair_scores,
    reconstruct,
    unpacked,
)
from photosearch.errors import ModelMismatch

SIZES = [0, 1, 2, 100, 1023, 1024, 1025, 2047, 2048, 2049]


def random_codes(rng, count, width, words=256):
    """Codes that use only the first `words` codewords: with few of them many codes are equal, and tie."""
    return rng.integers(0, words, (count, width)).astype(np.uint8)


def random_model(rng, width, dimension):
    return rng.normal(size=(width, 256, dimension)).astype(np.float32)


def plain_search(scores, count, allowed, floor):
    """The definition, one code at a time: highest score first, ties by position."""
    found = [
        (-score, position)
        for position, score in enumerate(scores)
        if (allowed is None or allowed[position]) and (floor is None or score >= floor)
    ]
    found.sort()
    return [position for _, position in found[:count]], [-score for score, _ in found[:count]]


def plain_scores(rows, tables):
    scores = []
    for row in rows:
        score = tables[0, row[0]]
        for m in range(1, len(tables)):
            score = np.float32(score + tables[m, row[m]])
        scores.append(float(score))
    return scores


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from(SIZES) | st.integers(0, 2100),
    width=st.sampled_from([1, 4, 8, 16]),
    words=st.sampled_from([1, 2, 256]),
    count=st.sampled_from([0, 1, 10, 100, 5000]),
    masked=st.booleans(),
    with_floor=st.booleans(),
)
def test_nearest_agrees_with_a_plain_double_loop(seed, size, width, words, count, masked, with_floor):
    rng = np.random.default_rng(seed)
    codebooks = random_model(rng, width, 8)
    rows = random_codes(rng, size, width, words)
    queries, weights = rng.normal(size=(2, 8)).astype(np.float32), np.array([1, -0.5], np.float32)
    allowed = rng.random(size) < 0.4 if masked else None
    scores = plain_scores(rows, lookup_tables(codebooks, queries, weights))
    floor = float(np.median(scores)) if with_floor and scores else None

    may_answer = None if allowed is None else packed(allowed)
    found = nearest(CodeBlocks.from_rows(rows), codebooks, queries, weights, count, may_answer, floor)

    positions, best = plain_search(scores, count, allowed, floor)
    assert found.positions.tolist() == positions
    assert found.scores.tolist() == best
    assert (found.positions.dtype, found.scores.dtype) == (np.int64, np.float32)


@given(seed=st.integers(0, 2**32 - 1), kept=st.integers(0, 12), half=st.booleans())
def test_codebooks_laid_out_for_tables_are_kept_exactly(seed, kept, half):
    rng = np.random.default_rng(seed)
    codebooks = random_model(rng, 3, 12)
    if half:
        codebooks = codebooks.astype(np.float16).astype(np.float32)
    for codebook in codebooks:
        codebook[:, rng.permutation(12)[kept:]] = 0
    codebooks[1, :, :6] = 0
    laid_out = Codebooks.of(codebooks)
    assert laid_out.length == 12
    assert laid_out.dimensions.shape[1] == codebooks.any(1).sum(1).max()
    assert laid_out.values.dtype == (np.float16 if half or not codebooks.any() else np.float32)
    queries, weights = rng.normal(size=(2, 12)).astype(np.float32), np.array([1, -0.5], np.float32)
    query = weights @ queries
    wanted = np.zeros((3, 256), np.float32)
    for dimension in range(12):
        wanted += query[dimension] * codebooks[:, :, dimension]
    assert (lookup_tables(laid_out, queries, weights) == wanted).all()
    assert (lookup_tables(codebooks, queries, weights) == wanted).all()
    with pytest.raises(ModelMismatch):
        lookup_tables(laid_out, queries[:, :11], weights)


@given(st.lists(st.booleans(), max_size=300))
def test_a_set_of_positions_has_a_bit_for_each(chosen):
    bits = packed(np.array(chosen, bool))
    assert (bits.dtype, len(bits)) == (np.uint64, math.ceil(len(chosen) / 64))
    assert [bool(int(bits[i // 64]) >> i % 64 & 1) for i in range(len(chosen))] == chosen
    assert unpacked(bits, len(chosen)).tolist() == chosen


def test_codes_of_many_chunks_are_searched_to_the_last():
    rng = np.random.default_rng(5)
    rows = random_codes(rng, 100_003, 4, words=8)
    codebooks = random_model(rng, 4, 8)
    query, one = rng.normal(size=(1, 8)).astype(np.float32), np.ones(1, np.float32)
    tables = lookup_tables(codebooks, query, one)
    scores = tables[0][rows[:, 0]]
    for m in range(1, 4):
        scores = scores + tables[m][rows[:, m]]

    found = nearest(CodeBlocks.from_rows(rows), codebooks, query, one, 1000)

    order = np.lexsort((np.arange(len(rows)), -scores))[:1000]
    assert found.positions.tolist() == order.tolist()
    assert found.scores.tolist() == scores[order].tolist()


def test_equal_codes_answer_in_the_order_of_position():
    rng = np.random.default_rng(1)
    codebooks = random_model(rng, 4, 8)
    codes = CodeBlocks.from_rows(np.full((5000, 4), 7, np.uint8))
    query, one = rng.normal(size=(1, 8)).astype(np.float32), np.ones(1, np.float32)
    assert nearest(codes, codebooks, query, one, 20).positions.tolist() == list(range(20))


def test_the_padding_of_the_last_block_never_answers():
    # Padding is the code 0, 0, …: here the best there is.
    codebooks = np.zeros((2, 256, 4), np.float32)
    codebooks[:, 0] = 1
    codes = CodeBlocks.from_rows(np.full((3, 2), 9, np.uint8))
    found = nearest(codes, codebooks, np.ones((1, 4), np.float32), np.ones(1, np.float32), 10)
    assert found.positions.tolist() == [0, 1, 2]


def test_several_examples_count_by_their_weights():
    rng = np.random.default_rng(2)
    codebooks = random_model(rng, 8, 16)
    rows = random_codes(rng, 3000, 8)
    queries = rng.normal(size=(3, 16)).astype(np.float32)
    weights = np.array([1.0, 0.5, -0.7], np.float32)

    found = nearest(CodeBlocks.from_rows(rows), codebooks, queries, weights, 3000)

    wanted = reconstruct(rows, codebooks) @ (queries.T @ weights)
    np.testing.assert_allclose(found.scores, wanted[found.positions], atol=1e-4)


def test_a_score_is_the_inner_product_with_the_reconstructed_vector():
    rng = np.random.default_rng(3)
    codebooks = random_model(rng, 16, 64)
    rows = random_codes(rng, 500, 16)
    query = rng.normal(size=(1, 64)).astype(np.float32)
    found = nearest(CodeBlocks.from_rows(rows), codebooks, query, np.ones(1, np.float32), 500)
    vectors = reconstruct(rows, codebooks)
    np.testing.assert_allclose(found.scores, vectors[found.positions] @ query[0], rtol=1e-4, atol=1e-3)


def test_reconstructing_adds_one_codeword_of_each_codebook():
    rng = np.random.default_rng(4)
    codebooks = random_model(rng, 3, 5)
    rows = random_codes(rng, 7, 3)
    for row, vector in zip(rows, reconstruct(rows, codebooks), strict=True):
        np.testing.assert_allclose(vector, sum(codebooks[m, row[m]] for m in range(3)), rtol=1e-6)
    assert reconstruct(rows[:0], codebooks).shape == (0, 5)


def test_pairs_are_scored_by_their_reconstructed_vectors():
    rng = np.random.default_rng(6)
    codebooks = random_model(rng, 4, 8)
    rows = random_codes(rng, 2000, 4)
    first, second = rng.integers(0, 2000, (2, 5000))
    vectors = reconstruct(rows, codebooks)
    wanted = [math.fsum(vectors[i] * vectors[j]) for i, j in zip(first, second, strict=True)]
    found = pair_scores(CodeBlocks.from_rows(rows), codebooks, first, second)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert len(pair_scores(CodeBlocks.from_rows(rows), codebooks, first[:0], second[:0])) == 0


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from(SIZES),
    width=st.sampled_from([4, 8, 16]),
    count=st.sampled_from([0, 1, 50, 5000]),
    masked=st.booleans(),
)
def test_binary_codes_are_ranked_by_their_differing_bits(seed, size, width, count, masked):
    rng = np.random.default_rng(seed)
    rows, query = random_codes(rng, size, width), random_codes(rng, 1, width)[0]
    allowed = rng.random(size) < 0.4 if masked else None
    bits = 8 * width
    distances = [sum((int(a) ^ int(b)).bit_count() for a, b in zip(row, query, strict=True)) for row in rows]

    may_answer = None if allowed is None else packed(allowed)
    found = nearest_binary(CodeBlocks.from_rows(rows), query, count, may_answer)

    scores = [float(np.float32(1 - distance / bits)) for distance in distances]
    positions, best = plain_search(scores, count, allowed, None)
    assert found.positions.tolist() == positions
    assert found.scores.tolist() == best


def test_binary_scores_run_from_one_for_equal_to_zero_for_opposite_codes():
    query = np.array([0b1010_1010, 0xFF], np.uint8)
    found = nearest_binary(CodeBlocks.from_rows(np.stack([~query, query])), query, 2)
    assert (found.positions.tolist(), found.scores.tolist()) == ([1, 0], [1.0, 0.0])


@pytest.mark.parametrize("what", ["codebooks", "queries", "weights"])
def test_what_is_not_a_number_is_refused(what):
    arrays = {
        "codebooks": np.ones((2, 256, 4), np.float32),
        "queries": np.ones((1, 4), np.float32),
        "weights": np.ones(1, np.float32),
    }
    arrays[what].flat[0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        nearest(CodeBlocks.from_rows(np.zeros((3, 2), np.uint8)), **arrays, count=1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"codebooks": np.ones((2, 256, 4))}, "codebooks must be float32"),
        ({"codebooks": np.ones((2, 16, 4), np.float32)}, "256 codewords"),
        ({"queries": np.ones(4, np.float32)}, "queries must be float32 of 2 dimensions"),
        ({"weights": np.ones(2, np.float32)}, "weights"),
        ({"count": -1}, "count"),
        ({"allowed": np.ones(3, bool)}, "allowed must be uint64"),
        ({"allowed": np.ones(2, np.uint64)}, "each of 3 codes"),
    ],
)
def test_arrays_of_another_shape_or_type_are_refused(changed, message):
    arguments = {
        "codebooks": np.ones((2, 256, 4), np.float32),
        "queries": np.ones((1, 4), np.float32),
        "weights": np.ones(1, np.float32),
        "count": 1,
    }
    with pytest.raises(ValueError, match=message):
        nearest(CodeBlocks.from_rows(np.zeros((3, 2), np.uint8)), **arguments | changed)


def test_codes_and_queries_of_another_model_are_refused():
    codes = CodeBlocks.from_rows(np.zeros((3, 2), np.uint8))
    codebooks, one = np.ones((2, 256, 4), np.float32), np.ones(1, np.float32)
    query = np.ones((1, 4), np.float32)
    with pytest.raises(ModelMismatch, match="2 bytes"):
        nearest(codes, np.ones((3, 256, 4), np.float32), query, one, 1)
    with pytest.raises(ModelMismatch, match="5 dimensions"):
        nearest(codes, codebooks, np.ones((1, 5), np.float32), one, 1)
    with pytest.raises(ModelMismatch, match="3 bytes"):
        reconstruct(np.zeros((1, 3), np.uint8), codebooks)
    with pytest.raises(ModelMismatch, match="4 bytes"):
        nearest_binary(codes, np.zeros(4, np.uint8), 1)
