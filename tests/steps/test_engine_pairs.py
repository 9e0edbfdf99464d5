"""All pairs of codes above a threshold are those of a plain double loop, and the kernel's the reference's."""

import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.blocks import CodeBlocks
from photosearch.engine import pairs
from photosearch.engine.reference import reconstruct
from photosearch.errors import ModelMismatch

try:
    from photosearch.engine import compiled
except ImportError:
    on_each_path = pytest.mark.skip("the kernel was not built")
else:
    on_each_path = pytest.mark.parametrize(
        "engine", [compiled.Compiled(path) for path in compiled.paths()], ids=compiled.paths()
    )


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


def codebooks_like(random, kind, width, dimension, scale):
    codebooks = random.standard_normal((width, 256, dimension))
    match kind:
        case "equal":
            codebooks[:] = 1
        case "one dominates":
            codebooks[0] *= 1e6
        case "they cancel each other":
            codebooks[: width // 2] += 1e5
            codebooks[width // 2 :] -= 1e5 * (width // 2) / max(1, width - width // 2)
        case "few directions":
            codebooks[:, :, 1:] *= 1e-3
        case "one direction a word":
            codebooks[:] = np.eye(256)[np.arange(256) % dimension, :dimension]
        case "zero":
            codebooks[:, 100:] = 0
    with np.errstate(under="ignore"):
        return np.clip(codebooks * scale, -3e38, 3e38).astype(np.float32)


@on_each_path
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.sampled_from([0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 1500]),
    width=st.sampled_from([1, 4, 8, 16, 32]),
    dimension=st.sampled_from([1, 7, 8, 9, 16, 64, 100]),
    kind=st.sampled_from(
        (
            *("random", "equal", "one dominates", "they cancel each other"),
            *("few directions", "one direction a word", "zero"),
        )
    ),
    scale=st.sampled_from((1e-45, 1e-40, 1e-30, 1.0, 1e5, 1e30, 3e37)),
    clusters=st.sampled_from([30, 300]),
    similar=st.sampled_from([0.0, 0.3, 0.9, 0.9999, 1.0, 5.0, np.inf]),
    since=st.sampled_from([0, 1, 64, 1000, 1024, 1400, 5000]),
)
def test_the_kernel_finds_the_pairs_of_the_reference_to_the_bit(
    engine, seed, count, width, dimension, kind, scale, clusters, similar, since
):
    random = np.random.default_rng(seed)
    codes = CodeBlocks.from_rows(clustered(random, count, width, clusters))
    arguments = codes, codebooks_like(random, kind, width, dimension, scale), similar, since
    with np.errstate(all="ignore"):
        expected = collected(islice(pairs.pairs_above(*arguments), 100))
    if len(expected[0]) < 30 * pairs.CHUNK:
        assert collected(engine.pairs_above(*arguments)) == expected


@pytest.fixture(scope="module")
def many():
    """A search in several blocks, and its pairs."""
    random = np.random.default_rng(4)
    codebooks = random.standard_normal((8, 256, 32), np.float32)
    codes = CodeBlocks.from_rows(clustered(random, 7000, 8, 1500))
    return (codes, codebooks, 0.9), collected(pairs.pairs_above(codes, codebooks, 0.9))


@on_each_path
def test_the_kernel_finds_pairs_of_many_blocks_in_several_threads(engine, many):
    arguments, expected = many
    assert len(expected[0]) > 1000
    assert collected(engine.pairs_above(*arguments)) == expected


@on_each_path
def test_equal_codes_come_a_few_at_a_time_and_can_be_left(engine):
    codebooks = np.random.default_rng(2).standard_normal((8, 256, 16), np.float32)
    codes = CodeBlocks.from_rows(np.full((20_000, 8), 9, np.uint8))
    tracemalloc.start()
    for chunk in islice(engine.pairs_above(codes, codebooks, 0.999), 100):
        assert len(chunk.first) <= pairs.CHUNK
        assert (chunk.scores == 1).all()
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


@on_each_path
def test_searches_go_on_while_pairs_are_looked_for(engine, many):
    arguments, expected = many
    codes, codebooks, _ = arguments
    query, one = np.ones((1, 32), np.float32), np.ones(1, np.float32)
    answer = engine.nearest(codes, codebooks, query, one, 50).positions.tolist()
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(collected, engine.pairs_above(*arguments)) for _ in range(2)]
        while not all(future.done() for future in found):
            assert engine.nearest(codes, codebooks, query, one, 50).positions.tolist() == answer
    assert all(future.result() == expected for future in found)
