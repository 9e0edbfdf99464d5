"""Codes in an order in which most need not be looked at are answered as all of them are."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.blocks import BLOCK, UNKNOWN, Bounds, CodeBlocks
from photosearch.engine import Codebooks, arranged, packed, reference

compiled = pytest.importorskip(
    "photosearch.engine.compiled", reason="the kernel was not built", exc_type=ImportError
)

on_each_path = pytest.mark.parametrize(
    "engine", [compiled.Compiled(path) for path in compiled.paths()], ids=compiled.paths()
)


def library(random, count, width, dimension, clusters, scale):
    """Codes of which many share their first bytes, which say most."""
    codebooks = random.standard_normal((width, 256, dimension)) * scale
    codebooks *= (0.6 ** np.arange(width))[:, None, None]
    rows = random.integers(0, 256, (count, width), dtype=np.uint8)
    rows[:, : width // 2] = rows[:clusters, : width // 2][random.integers(clusters, size=count)]
    with np.errstate(under="ignore"):
        return CodeBlocks.from_rows(rows), np.clip(codebooks, -3e38, 3e38).astype(np.float32)


def in_order(codes, order):
    return CodeBlocks.from_rows(codes.rows(order))


@on_each_path
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.sampled_from([0, 1, 1023, 1024, 5000, 40_000]),
    dimension=st.sampled_from([1, 3, 16]),
    clusters=st.sampled_from([1, 10, 100]),
    scale=st.sampled_from([0.0, 1e-45, 1e-30, 1.0, 1e30, 1e36]),
    wanted=st.sampled_from([0, 1, 10, 1000, 10**6]),
    queries=st.sampled_from([1, 3]),
    masked=st.booleans(),
    appended=st.sampled_from([0, 3, 2000]),
    with_floor=st.booleans(),
)
def test_arranged_codes_are_searched_as_the_reference_searches_them(
    engine, seed, count, dimension, clusters, scale, wanted, queries, masked, appended, with_floor
):
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        codes, codebooks = library(random, count, 4, dimension, min(clusters, max(1, count)), scale)
        order, bounds = arranged(codes, codebooks)
        assert sorted(order.tolist()) == list(range(count))
        rows = codes.rows(order)
        new = random.integers(0, 256, (appended, 4), dtype=np.uint8)
        # Blocks whose codes were changed later are known to be unknown.
        changed = np.flatnonzero(random.random(bounds.cones.shape[1]) < 0.2)
        for block in changed:
            rows[block * BLOCK + 5] = random.integers(0, 256, 4)
        searched = CodeBlocks.from_rows(np.concatenate([rows, new]))
        several = random.standard_normal((queries, dimension)).astype(np.float32) / 8
        if count:
            several[0] = reference.reconstruct(rows[:1], codebooks)[0] / max(1.0, scale)
        allowed = packed(random.random(searched.count) < 0.3) if masked else None
        floor = 0.0 if with_floor else None
        arguments = searched, codebooks, several, wanted, allowed, floor
        expected = reference.nearest_each(*arguments)
    cones = bounds.cones.copy()
    cones[:, changed] = UNKNOWN[:, None]
    found = engine.nearest_each(*arguments, replace(bounds, cones=cones))
    for one, other in zip(found, expected, strict=True):
        assert one.positions.tolist() == other.positions.tolist()
        assert one.scores.tobytes() == other.scores.tobytes()


@on_each_path
def test_most_blocks_of_clustered_codes_are_passed_over(engine):
    random = np.random.default_rng(3)
    codes, codebooks = library(random, 300_000, 8, 32, 400, 1.0)
    order, bounds = arranged(codes, codebooks)
    searched, books, one = in_order(codes, order), Codebooks.of(codebooks), np.ones(1, np.float32)
    query = reference.reconstruct(codes.rows(np.arange(1)), codebooks)
    expected = reference.nearest(searched, books, query, one, 50)
    assert engine.nearest(searched, books, query, one, 50, bounds=bounds).positions.tolist() == (
        expected.positions.tolist()
    )
    # What is passed over is not read: nobody sees when most of it changes.
    best = set((expected.positions // BLOCK).tolist())
    spoilt = searched.blocks.copy()
    others = [block for block in range(bounds.cones.shape[1]) if block not in best][::3]
    spoilt[others] = codes.rows(np.arange(1))[0][:, None]
    found = engine.nearest(CodeBlocks(spoilt, searched.count), books, query, one, 50, bounds=bounds)
    assert len(set((found.positions // BLOCK).tolist()) - best) < len(others) / 2


def test_what_is_passed_over_takes_no_longer_a_block_the_more_blocks_there_are():
    engine = compiled.Compiled(compiled.paths()[0])
    query, books = np.ones((1, 8), np.float32), Codebooks.of(np.ones((4, 256, 8), np.float32))

    def seconds(blocks):
        codes = CodeBlocks(np.zeros((blocks, 4, BLOCK), np.uint8), blocks * BLOCK)
        # Of nothing but vectors of no length.
        cones = np.repeat(np.float32([[1], [1], [0], [-1], [0], [0], [0]]), blocks, 1)
        bounds = Bounds(np.zeros((-(-blocks // 256), 8, 256), np.float16), cones, 1e-3)
        taken = []
        for _ in range(25):
            start = time.perf_counter()
            assert not len(engine.nearest_each(codes, books, query, 9, None, 100.0, bounds)[0].scores)
            taken.append(time.perf_counter() - start)
        return min(taken)

    assert seconds(40_000) < 20 * seconds(5_000)
