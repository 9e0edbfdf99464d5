"""The kernel on each instruction set of this processor against the reference, to the bit."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from photosearch.blocks import BLOCK, CodeBlocks
from photosearch.engine import choice, reference
from photosearch.errors import ModelMismatch

compiled = pytest.importorskip(
    "photosearch.engine.compiled", reason="the kernel was not built", exc_type=ImportError
)

ENGINES = [compiled.Compiled(path) for path in compiled.paths()]
on_each_path = pytest.mark.parametrize("engine", ENGINES, ids=compiled.paths())

SIZES = (0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 9000, 70_000)
WIDTHS = (1, 4, 5, 8, 16, 32)
SCALES = (1e-45, 1e-40, 1e-30, 1e-3, 1.0, 1e5, 1e30, 3e37)


@dataclass
class Case:
    """A search; `seed` draws what the other fields leave open."""

    size: int
    width: int
    count: int
    codes: str = "random"
    tables: str = "random"
    scale: float = 1.0
    mask: str = "none"
    floor: str = "none"
    seed: int = 0

    def arguments(self):
        random = np.random.default_rng(self.seed)
        rows = random.integers(0, 256, (self.size, self.width), dtype=np.uint8)
        match self.codes:
            case "equal":
                rows[:] = random.integers(256)
            case "one codeword dominates":
                rows[random.random(rows.shape) < 0.95] = 7
            case "few":
                rows %= 3
            case "ascending":
                rows = np.sort(rows, axis=0)
            case "the sample misleads":
                # What lies where a strided sample looks is nothing like the rest.
                rows[random.random(len(rows)) < 0.9] = 0
                rows[: len(rows) // 8] = 1
        codebooks = random.standard_normal((self.width, 256, 4))
        match self.tables:
            case "equal":
                codebooks[:] = 1
            case "one codebook dominates":
                codebooks[0] *= 1e6
            case "one codeword dominates":
                codebooks[:, 7] *= 1e4
            case "far from zero":
                codebooks += 1e5
            case "whole numbers":
                codebooks = np.round(codebooks)
            case "half precision":
                codebooks = codebooks.astype(np.float16).astype(np.float64)
                codebooks[:, :, 2] = 0
                codebooks[0, 3, :2] = 6e-8, -6e-8
        with np.errstate(under="ignore"):
            codebooks = np.clip(codebooks * self.scale, -3e38, 3e38).astype(np.float32)
        queries = np.array([[1, 0, 0, 0]], np.float32)
        allowed = {
            "none": None,
            "all": np.ones(self.size, bool),
            "nothing": np.zeros(self.size, bool),
            "half": random.random(self.size) < 0.5,
            "one in a hundred": random.random(self.size) < 0.01,
            "few here, many there": random.random(self.size) < np.arange(self.size) % 3000 / 30_000,
            "a run": np.arange(self.size) // 700 == 1,
            "some runs": np.arange(self.size) // 700 % 20 == 3,
            "one in a thousand": random.random(self.size) < 0.001,
        }[self.mask]
        allowed = None if allowed is None else spoilt(reference.packed(allowed), self.size)
        codes = CodeBlocks.from_rows(rows)
        if self.size % BLOCK:
            # Nor does what is behind the last code.
            codes.blocks[-1, :, self.size % BLOCK :] = random.integers(256)
        floor = None
        if self.floor != "none" and self.size:
            scores = reference.nearest(codes, codebooks, queries, np.ones(1, np.float32), self.size).scores
            floor = {
                "of one code": float(scores[len(scores) // 3]),
                "above all": np.inf,
                "below all": -np.inf,
                "not a number": np.nan,
            }[self.floor]
        return codes, codebooks, queries, np.ones(1, np.float32), self.count, allowed, floor


def spoilt(bits, count):
    """What is behind the last position says nothing, whatever it is."""
    if count % 64:
        bits[-1] |= np.uint64(2**64 - 2 ** (count % 64))
    return bits


cases = st.builds(
    Case,
    size=st.sampled_from(SIZES) | st.integers(0, 5000),
    width=st.sampled_from(WIDTHS),
    count=st.sampled_from((0, 1, 2, 10, 100, 1000, 10**9)),
    codes=st.sampled_from(
        ("random", "equal", "one codeword dominates", "few", "ascending", "the sample misleads")
    ),
    tables=st.sampled_from(
        (
            *("random", "equal", "one codebook dominates", "one codeword dominates"),
            *("far from zero", "whole numbers", "half precision"),
        )
    ),
    scale=st.sampled_from(SCALES),
    mask=st.sampled_from(
        (
            *("none", "all", "nothing", "half", "one in a hundred", "few here, many there"),
            *("a run", "some runs", "one in a thousand"),
        )
    ),
    floor=st.sampled_from(("none", "of one code", "above all", "below all", "not a number")),
    seed=st.integers(0, 2**32 - 1),
)


def assert_same(found, expected):
    assert found.positions.tolist() == expected.positions.tolist()
    assert found.scores.tobytes() == expected.scores.tobytes()
    assert (found.positions.dtype, found.scores.dtype) == (np.int64, np.float32)


@on_each_path
@given(case=cases)
@example(case=Case(70_000, 8, 100))
@example(case=Case(70_000, 32, 1000, mask="half"))
@example(case=Case(70_000, 16, 100, mask="one in a hundred"))
@example(case=Case(70_000, 8, 1000, mask="few here, many there"))
@example(case=Case(70_000, 8, 100, mask="some runs"))
@example(case=Case(70_000, 8, 100, mask="one in a thousand"))
@example(case=Case(70_000, 8, 100, codes="the sample misleads"))
@example(case=Case(70_000, 16, 100, codes="equal"))
@example(case=Case(70_000, 8, 100, scale=1e-45))
@example(case=Case(70_000, 8, 100, scale=3e37))
@example(case=Case(70_000, 4, 100, tables="far from zero"))
@example(case=Case(70_000, 8, 100, tables="half precision"))
def test_the_kernel_finds_what_the_reference_finds_to_the_bit(engine, case):
    with np.errstate(all="ignore"):
        arguments = case.arguments()
        expected = reference.nearest(*arguments)
    assert_same(engine.nearest(*arguments), expected)


@on_each_path
@given(case=cases, queries=st.sampled_from((0, 1, 2, 31, 33)))
@settings(max_examples=25)
def test_queries_searched_together_are_answered_as_each_alone(engine, case, queries):
    with np.errstate(all="ignore"):
        codes, codebooks, _, _, count, allowed, floor = case.arguments()
        several = np.random.default_rng(case.seed).standard_normal((queries, 4), np.float32) / 8
        arguments = codes, codebooks, several, count, allowed, floor
        expected = reference.nearest_each(*arguments)
    found = engine.nearest_each(*arguments)
    assert len(found) == queries
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)


@on_each_path
@given(
    size=st.sampled_from(SIZES),
    width=st.sampled_from((4, 8, 16, 32)),
    count=st.sampled_from((0, 1, 100, 10**9)),
    few=st.booleans(),
    masked=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_binary_codes_are_found_as_the_reference_finds_them(engine, size, width, count, few, masked, seed):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 3 if few else 256, (size, width), dtype=np.uint8)
    query = random.integers(0, 256, width, dtype=np.uint8)
    allowed = reference.packed(random.random(size) < 0.3) if masked else None
    codes = CodeBlocks.from_rows(rows)
    assert_same(
        engine.nearest_binary(codes, query, count, allowed),
        reference.nearest_binary(codes, query, count, allowed),
    )


@on_each_path
def test_opposite_codes_of_256_bits_are_told_from_nearly_opposite_ones(engine):
    rows = np.full((3000, 32), 255, np.uint8)
    rows[1234, 5] = 254
    codes, query = CodeBlocks.from_rows(rows), np.zeros(32, np.uint8)
    assert_same(engine.nearest_binary(codes, query, 5), reference.nearest_binary(codes, query, 5))


@on_each_path
def test_several_threads_find_what_one_finds(engine):
    random = np.random.default_rng(3)
    rows = random.integers(0, 4, (600_000, 8), dtype=np.uint8)
    codebooks = np.round(random.standard_normal((8, 256, 4))).astype(np.float32)
    queries, weights = random.standard_normal((2, 4)).astype(np.float32), np.array([1, -0.5], np.float32)
    arguments = CodeBlocks.from_rows(rows), codebooks, queries, weights, 300
    expected = reference.nearest(*arguments)
    for _ in range(20):
        assert_same(engine.nearest(*arguments), expected)


EVERYBODY = [*ENGINES, choice.Reference("to compare with")]
on_each_engine = pytest.mark.parametrize("engine", EVERYBODY, ids=[*compiled.paths(), "reference"])


@on_each_engine
def test_a_search_that_runs_ends_soon_after_another_thread_cancels_it(engine):
    # Equal codes are all looked at one by one, which takes a while.
    codes = CodeBlocks(np.zeros((8192, 4, 1024), np.uint8), 8192 * 1024)
    codebooks, one = np.ones((4, 256, 2), np.float32), np.ones((1, 2), np.float32)

    def seconds(cancellation):
        """Of the processor, that the calling thread spends on a search."""
        start = time.thread_time()
        try:
            engine.nearest(codes, codebooks, one, one[:, 0], 10, cancellation=cancellation)
        except reference.Stopped:
            assert cancellation.cancelled[0]
        else:
            assert not cancellation.cancelled[0]
        return time.thread_time() - start

    whole = min(seconds(reference.Cancellation()) for _ in range(2))
    # On a busy machine the search may come to its end before this thread gets to cancel it.
    for _ in range(10):
        cancellation, spent = reference.Cancellation(), []
        searching = threading.Thread(target=lambda: spent.append(seconds(cancellation)))  # noqa: B023
        searching.start()
        time.sleep(whole / 20)
        cancellation.cancel()
        searching.join()
        if spent[0] < whole / 3:
            return
    pytest.fail(f"a search that takes {whole:.3f} s was never ended within a third of that")


@on_each_engine
def test_whoever_cancelled_before_gets_no_answer(engine):
    rows = np.arange(16, dtype=np.uint8).reshape(2, 8)
    codes, codebooks = CodeBlocks.from_rows(rows), np.ones((8, 256, 4), np.float32)
    queries, cancellation = np.ones((40, 4), np.float32), reference.Cancellation()
    cancellation.cancel()
    with pytest.raises(reference.Stopped):
        engine.nearest(codes, codebooks, queries[:1], np.ones(1, np.float32), 5, cancellation=cancellation)
    with pytest.raises(reference.Stopped):
        engine.nearest_each(codes, codebooks, queries, 5, cancellation=cancellation)
    with pytest.raises(reference.Stopped):
        engine.nearest_binary(codes, rows[0], 5, cancellation=cancellation)


@on_each_path
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"codebooks": np.full((8, 256, 4), np.nan, np.float32)}, ValueError),
        ({"codebooks": np.zeros((8, 255, 4), np.float32)}, ValueError),
        ({"codebooks": np.zeros((8, 256, 4))}, ValueError),
        ({"codebooks": np.zeros((4, 256, 4), np.float32)}, ModelMismatch),
        ({"queries": np.full((1, 4), np.inf, np.float32)}, ValueError),
        ({"queries": np.zeros((1, 5), np.float32)}, ModelMismatch),
        ({"weights": np.ones(2, np.float32)}, ValueError),
        ({"count": -1}, ValueError),
        ({"allowed": np.ones(1, np.uint64)}, ValueError),
        ({"allowed": np.ones(100, bool)}, ValueError),
        ({"codes": CodeBlocks(np.zeros((1, 8, 1024), np.int8), 100)}, ValueError),
        ({"codes": CodeBlocks(np.zeros((1, 8, 1000), np.uint8), 100)}, ValueError),
        ({"codes": CodeBlocks(np.zeros((1, 8, 1024), np.uint8), 2000)}, ValueError),
        ({"codes": CodeBlocks(np.zeros((1, 8, 2048), np.uint8)[:, :, ::2], 100)}, ValueError),
    ],
)
def test_what_the_reference_refuses_the_kernel_refuses_in_the_same_words(engine, change, error):
    good = {
        "codes": CodeBlocks(np.zeros((1, 8, 1024), np.uint8), 100),
        "codebooks": np.zeros((8, 256, 4), np.float32),
        "queries": np.zeros((1, 4), np.float32),
        "weights": np.ones(1, np.float32),
        "count": 10,
    }
    with np.errstate(all="ignore"):
        with pytest.raises(error) as expected:
            reference.nearest(**good | change)
        with pytest.raises(error) as found:
            engine.nearest(**good | change)
    assert str(found.value) == str(expected.value)


@on_each_path
def test_codes_and_a_mask_may_be_read_only(engine):
    rows = np.arange(16, dtype=np.uint8).reshape(2, 8)
    codes, allowed = CodeBlocks.from_rows(rows), reference.packed(np.ones(2, bool))
    codes.blocks.flags.writeable = allowed.flags.writeable = False
    assert len(engine.nearest_binary(codes, rows[0], 5, allowed).positions) == 2


@pytest.mark.parametrize(
    ("wanted", "described"),
    [
        *((engine.path, engine.describe()) for engine in ENGINES),
        ("", ENGINES[0].describe()),
        ("no such path", ENGINES[0].describe()),
        ("reference", "numpy reference (chosen by PHOTOSEARCH_KERNEL)"),
    ],
)
def test_an_environment_variable_names_the_engine(wanted, described):
    code = "from photosearch import engine; print(engine.describe(), end='')"
    environment = os.environ | {"PHOTOSEARCH_KERNEL": wanted}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout == described
