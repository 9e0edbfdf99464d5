"""All pairs of codes above a threshold are those of a plain double loop, and the kernel's the reference's."""

import math
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.engine import pairs
from photosearch.engine.reference import reconstruct
from photosearch.errors import ModelMismatch
from photosearch.records import CodeBlocks


def clustered(random, count, width, clusters):
    """Codes of which many differ in few bytes."""
    rows = random.integers(0, 256, (clusters, width), dtype=np.uint8)[random.integers(0, clusters, count)]
    changed = random.random(rows.shape) < 0.1
    rows[changed] = random.integers(0, 256, int(changed.sum()))
    return rows


def collected(chunks):
    """All pairs in order of position."""
    chunks = list(chunks)
    first, second, scores = (
        np.concatenate([np.zeros(0, kind), *(getattr(chunk, name) for chunk in chunks)])
        for name, kind in (("first", np.int64), ("second", np.int64), ("scores", np.float32))
    )
    order = np.lexsort((second, first))
    return first[order].tolist(), second[order].tolist(), scores[order].tobytes()


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 60),
    width=st.sampled_from([1, 4, 8]),
    dimension=st.sampled_from([1, 7, 8, 13]),
    floor=st.sampled_from([-1.0, 0.0, 0.7, 0.99, 1.0, 2.0]),
    since=st.sampled_from([0, 1, 30, 60, 100]),
)
def test_pairs_are_those_of_a_plain_double_loop(seed, count, width, dimension, floor, since):
    random = np.random.default_rng(seed)
    codebooks = random.standard_normal((width, 256, dimension), np.float32)
    rows = clustered(random, count, width, 9)
    vectors = reconstruct(rows, codebooks).tolist()

    def inner(a, b):
        lanes = [0.0] * 8
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            lanes[i % 8] += x * y
        return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + (
            (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
        )

    lengths = [math.sqrt(inner(vector, vector)) for vector in vectors]
    wanted = []
    for j in range(since, count):
        for i in range(j):
            score = np.float32(inner(vectors[i], vectors[j]) / (lengths[i] * lengths[j]))
            if score >= np.float32(floor):
                wanted.append((i, j, score))
    wanted.sort()

    found = collected(pairs.pairs_above(CodeBlocks.from_rows(rows), codebooks, floor, since))

    scores = np.array([score for *_, score in wanted], np.float32).tobytes()
    assert found == ([i for i, *_ in wanted], [j for _, j, _ in wanted], scores)


def test_new_codes_are_paired_with_all_earlier_ones_and_each_other():
    random = np.random.default_rng(1)
    codebooks = random.standard_normal((8, 256, 16), np.float32)
    codes = CodeBlocks.from_rows(clustered(random, 3000, 8, 500))
    first, second, _ = collected(pairs.pairs_above(codes, codebooks, 0.9))
    for since in (1024, 1500, 2999):
        new_first, new_second, _ = collected(pairs.pairs_above(codes, codebooks, 0.9, since))
        assert list(zip(new_first, new_second, strict=True)) == [
            (i, j) for i, j in zip(first, second, strict=True) if j >= since
        ]


def test_equal_codes_are_pairs_of_cosine_one_that_come_a_few_at_a_time():
    codebooks = np.random.default_rng(2).standard_normal((8, 256, 16), np.float32)
    codes = CodeBlocks.from_rows(np.full((20_000, 8), 9, np.uint8))
    for chunk in islice(pairs.pairs_above(codes, codebooks, 0.999), 20):
        assert len(chunk.first) <= pairs.CHUNK
        assert (chunk.scores == 1).all()


def test_a_vector_of_length_zero_is_in_no_pair():
    codebooks = np.zeros((2, 256, 4), np.float32)
    codebooks[0, 1] = 1
    codes = CodeBlocks.from_rows(np.array([[0, 0], [1, 0], [0, 0], [1, 3]], np.uint8))
    assert collected(pairs.pairs_above(codes, codebooks, -1))[:2] == ([1], [3])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"codebooks": np.full((8, 256, 4), np.nan, np.float32)}, ValueError),
        ({"codebooks": np.zeros((8, 255, 4), np.float32)}, ValueError),
        ({"codebooks": np.zeros((8, 256, 4))}, ValueError),
        ({"codebooks": np.zeros((4, 256, 4), np.float32)}, ModelMismatch),
        ({"codes": CodeBlocks(np.zeros((1, 8, 1024), np.uint8), 2000)}, ValueError),
        ({"floor": np.nan}, ValueError),
        ({"since": -1}, ValueError),
    ],
)
def test_what_has_no_pairs_is_refused_before_the_first_comes(change, error):
    good = {
        "codes": CodeBlocks(np.zeros((1, 8, 1024), np.uint8), 100),
        "codebooks": np.zeros((8, 256, 4), np.float32),
        "floor": 0.9,
    }
    with pytest.raises(error):
        pairs.pairs_above(**good | change)
