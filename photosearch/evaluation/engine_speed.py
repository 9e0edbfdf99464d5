"""How fast the engine searches, beside faiss in the same run.

Every contestant searches as many bytes for the 100 best of one query, from query vector to answer, called
from Python. They take turns, so that what else the machine does slows all of them alike. A ratio is the
median of those of the turns; above 1 the engine is the faster.

    kernel         the engine, additive codes of M bytes
    kernel 1 %     the same with a filter that keeps one hundredth, one run of positions
    strewn 1 %     the same with a filter that keeps each code with a chance of one in a hundred
    gathered 1 %   the same codes, laid out side by side once, as a library does while a filter stays the same
    gathering      that laying out
    reading        the codes' bytes added up as 64-bit words: what memory or cache can deliver
    PQ             faiss IndexPQ, M sub-quantizers of 8 bits
    PQ fast scan   faiss IndexPQFastScan, 2 M sub-quantizers of 4 bits: less exact codes of equal bytes
    RQ             faiss IndexResidualQuantizer without norms: the engine's codebooks, codes and answers
    kernel binary  the engine, binary codes of 8 M bits
    binary         faiss IndexBinaryFlat

All pairs above a cosine are looked for by the engine, and by those of faiss that answer the same question: an
index of the decoded vectors (IndexFlatIP), which finds the same pairs, and PQ fast scan, which finds others.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.errors import TrainingFailed
from photosearch.records import CodeSpec
from photosearch.store import open_code_file, write_code_file

DIMENSION = 64
COUNT = 100
CALLS = 9
"""Calls a turn: the first finds the caches full of another contestant's codes, the median does not."""

Contestants = dict[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """What one size of library takes.

    Attributes:
        codes: How many.
        bytes: Bytes of a code.
        milliseconds: Median of each contestant.
        ratios: How many times faster the engine is than each contestant that faiss has.
        gigabytes_a_second: What only reading the codes comes to.
        share_of_reading: How near the engine comes to that; 1 is the limit.
        same_as_rq: Whether the engine and faiss RQ found the same codes; None without faiss.
    """

    codes: int
    bytes: int
    milliseconds: dict[str, float]
    ratios: dict[str, float]
    gigabytes_a_second: float
    share_of_reading: float
    same_as_rq: bool | None


def measure(sizes: list[int], widths: list[int], threads: int = 1, turns: int = 15) -> dict[str, Any]:
    """Time every contestant on libraries of some sizes.

    With one thread times are the thread's processor time, which does not count waiting for other programs;
    with more they are what a clock shows.

    Args:
        sizes: Numbers of codes.
        widths: Bytes of a code, each combined with each size.
        threads: How many threads, on as many processors.
        turns: How often each contestant takes its turn.
    """
    with _processors(threads):
        rows = [asdict(_row(size, width, threads, turns)) for width in widths for size in sizes]
    return {
        "engine": engine.describe(),
        "threads": threads,
        "count": COUNT,
        "clock": "processor time" if threads == 1 else "wall clock",
        "faiss": _faiss_version(),
        "rows": rows,
    }


def measure_pairs(size: int, width: int, threads: int, floor: float = 0.9) -> dict[str, Any]:
    """Time all pairs of a library of clustered codes, once each, by a clock.

    Returns:
        Seconds of each contestant, how many pairs each found that has to find all, and how many times faster
        than each the engine is.
    """
    random = np.random.default_rng(0)
    codebooks = random.standard_normal((width, 256, DIMENSION), np.float32)
    rows = random.integers(0, 256, (size, width), np.uint8)
    # One code in ten is another one with one byte changed, which is about as near as two shots of one thing.
    copies = random.integers(0, size, size // 10)
    rows[: len(copies)] = rows[copies]
    rows[np.arange(len(copies)), random.integers(0, width, len(copies))] ^= 1
    codes = CodeBlocks.from_rows(rows)
    with _processors(threads):
        start = time.perf_counter()
        found = {"kernel": sum(len(pairs.first) for pairs in engine.pairs_above(codes, codebooks, floor))}
        seconds = {"kernel": time.perf_counter() - start}
        if _faiss_version():
            faiss: Any = importlib.import_module("faiss")
            faiss.omp_set_num_threads(threads)
            vectors = engine.reconstruct(rows, codebooks)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            flat = faiss.IndexFlatIP(DIMENSION)
            flat.add(vectors)
            four = faiss.IndexPQ(DIMENSION, 2 * width, 4, faiss.METRIC_INNER_PRODUCT)
            four.train(vectors[:10_000])
            four.add(vectors)
            fast = faiss.IndexPQFastScan(four)
            start = time.perf_counter()
            limits, _, _ = flat.range_search(vectors, floor)
            seconds["flat"] = time.perf_counter() - start
            # Each pair twice, and each code with itself.
            found["flat"] = (int(limits[-1]) - size) // 2
            start = time.perf_counter()
            fast.search(vectors, 10)
            seconds["PQ fast scan"] = time.perf_counter() - start
    return {
        "codes": size,
        "bytes": width,
        "floor": floor,
        "seconds": {name: round(taken, 2) for name, taken in seconds.items()},
        "pairs": found,
        "ratios": {
            name: round(taken / seconds["kernel"], 2) for name, taken in seconds.items() if name in RIVALS
        },
    }


def measure_cold(size: int, width: int, threads: int, turns: int = 5) -> dict[str, Any]:
    """Time the first answer from a code file of which nothing is in the system's cache, by a clock.

    The file lies where temporary files do, and is written and thrown out of the cache for this. What another
    program holds of the drive's time is counted.

    Returns:
        Medians of the milliseconds from opening the file to the first answer, and of a second one then.

    Raises:
        TrainingFailed: The system cannot be told to throw a file out of its cache.
    """
    if not hasattr(os, "posix_fadvise"):
        raise TrainingFailed("This system cannot be told to read a file from the drive again.")
    random = np.random.default_rng(0)
    codebooks = engine.Codebooks.of(random.standard_normal((width, 256, DIMENSION), np.float32))
    query, weight = random.standard_normal((1, DIMENSION), np.float32), np.ones(1, np.float32)
    spec = CodeSpec("0" * 16, "dsq", "additive", width, DIMENSION)
    first, second = list[float](), list[float]()
    with _processors(threads), tempfile.TemporaryDirectory(prefix="photosearch-bench-") as folder:
        path = Path(folder) / "codes.bin"
        blocks = random.integers(0, 256, (-(-size // 1024), width, 1024), np.uint8)
        # With room for more, as a library writes it.
        codes, capacity = CodeBlocks(blocks, size), size + size // 8
        write_code_file(path, spec, 1, np.arange(1, size + 1), codes, capacity=capacity)
        del blocks, codes
        for _ in range(turns):
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = time.perf_counter()
            opened = open_code_file(path)
            if opened is None:
                raise TrainingFailed(f"{path} could not be written: there may be no room for it.")
            engine.nearest(opened.codes, codebooks, query, weight, COUNT)
            first.append(time.perf_counter() - start)
            start = time.perf_counter()
            engine.nearest(opened.codes, codebooks, query, weight, COUNT)
            second.append(time.perf_counter() - start)
            del opened
    return {
        "codes": size,
        "bytes": width,
        "first_milliseconds": round(1e3 * statistics.median(first), 1),
        "second_milliseconds": round(1e3 * statistics.median(second), 1),
    }


RIVALS = ("flat", "PQ", "PQ fast scan", "RQ", "binary")


def plot(measured: dict[str, Any], path: Path) -> None:
    """Draw milliseconds against the number of codes, for each contestant and length of code.

    Args:
        measured: What `measure` returned.
        path: One that `plots.check_plot` finds possible.

    Raises:
        TrainingFailed: The file cannot be written.
    """
    from matplotlib.figure import Figure

    from photosearch.evaluation.plots import save

    widths = sorted({row["bytes"] for row in measured["rows"]})
    figure = Figure(figsize=(5.5 * len(widths), 4.5), layout="constrained")
    for axes, width in zip(figure.subplots(1, len(widths), squeeze=False)[0], widths, strict=True):
        rows = sorted(
            (row for row in measured["rows"] if row["bytes"] == width), key=lambda row: row["codes"]
        )
        for name in rows[0]["milliseconds"]:
            times = [row["milliseconds"][name] for row in rows]
            style = {"marker": "o", "linewidth": 2.5} if name == "kernel" else {"marker": "."}
            axes.plot([row["codes"] for row in rows], times, label=name, **style)
        axes.set(
            xscale="log", yscale="log", xlabel="codes", ylabel="milliseconds", title=f"{width} bytes a code"
        )
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    save(figure, path)


def _row(size: int, width: int, threads: int, turns: int) -> SpeedRow:
    random = np.random.default_rng(0)
    blocks = CodeBlocks.room(-(-size // 1024), width)
    blocks[:] = random.integers(0, 256, blocks.shape, np.uint8)
    codes = CodeBlocks(blocks, size)
    # Of half precision, as those of a model are.
    exact = random.standard_normal((width, 256, DIMENSION), np.float32).astype(np.float16).astype(np.float32)
    codebooks = engine.Codebooks.of(exact)
    query, weight = random.standard_normal((1, DIMENSION), np.float32), np.ones(1, np.float32)
    bits = random.integers(0, 256, width, np.uint8)
    at = np.arange(size)
    run = engine.packed((at >= size // 3) & (at < size // 3 + size // 100))
    strewn = engine.packed(random.random(size) < 0.01)
    gathered = codes.gathered(np.flatnonzero(engine.unpacked(strewn, size)))
    words = codes.blocks.reshape(-1).view(np.uint64)
    contestants: Contestants = {
        "kernel": lambda: engine.nearest(codes, codebooks, query, weight, COUNT),
        "kernel 1 %": lambda: engine.nearest(codes, codebooks, query, weight, COUNT, run),
        "strewn 1 %": lambda: engine.nearest(codes, codebooks, query, weight, COUNT, strewn),
        "gathered 1 %": lambda: engine.nearest(gathered, codebooks, query, weight, COUNT),
        "gathering": lambda: codes.gathered(np.flatnonzero(engine.unpacked(strewn, size))),
        "reading": words.sum,
        "kernel binary": lambda: engine.nearest_binary(codes, bits, COUNT),
    }
    rivals: Contestants = {}
    same = None
    if _faiss_version():
        rivals, rq_positions = _faiss(codes, exact, query, bits, threads)
        same = bool((rq_positions == engine.nearest(codes, codebooks, query, weight, COUNT).positions).all())
    times = _take_turns(contestants | rivals, turns, time.thread_time if threads == 1 else time.perf_counter)

    def ratio(slow: str, fast: str) -> float:
        return round(float(np.median(np.array(times[slow]) / np.array(times[fast]))), 2)

    return SpeedRow(
        size,
        width,
        {name: round(1e3 * statistics.median(measured), 4) for name, measured in times.items()},
        {name: ratio(name, "kernel binary" if name == "binary" else "kernel") for name in rivals},
        round(words.nbytes / statistics.median(times["reading"]) / 1e9, 1),
        ratio("reading", "kernel"),
        same,
    )


def _faiss(
    codes: CodeBlocks,
    codebooks: NDArray[np.float32],
    query: NDArray[np.float32],
    bits: NDArray[np.uint8],
    threads: int,
) -> tuple[Contestants, NDArray[np.int64]]:
    """The rivals, holding the same codes, and what the one of the same answers finds."""
    # Its own type hints do not know half of what it takes.
    faiss: Any = importlib.import_module("faiss")
    faiss.omp_set_num_threads(threads)
    width = codes.blocks.shape[1]
    rows = codes.rows(np.arange(codes.count))
    training = np.random.default_rng(1).standard_normal((10_000, DIMENSION), np.float32)

    eight = faiss.IndexPQ(DIMENSION, width, 8, faiss.METRIC_INNER_PRODUCT)
    four = faiss.IndexPQ(DIMENSION, 2 * width, 4, faiss.METRIC_INNER_PRODUCT)
    for index in (eight, four):
        index.train(training)
        index.add_sa_codes(rows)
    fast = faiss.IndexPQFastScan(four)
    residual = faiss.IndexResidualQuantizer(
        DIMENSION, width, 8, faiss.METRIC_INNER_PRODUCT, faiss.AdditiveQuantizer.ST_LUT_nonorm
    )
    faiss.copy_array_to_vector(codebooks.reshape(-1), residual.rq.codebooks)
    residual.is_trained = residual.rq.is_trained = True
    residual.add_sa_codes(rows)
    binary = faiss.IndexBinaryFlat(8 * width)
    binary.add(rows)
    contestants = {
        "PQ": lambda: eight.search(query, COUNT),
        "PQ fast scan": lambda: fast.search(query, COUNT),
        "RQ": lambda: residual.search(query, COUNT),
        "binary": lambda: binary.search(bits[None], COUNT),
    }
    return contestants, residual.search(query, COUNT)[1][0]


def _take_turns(contestants: Contestants, turns: int, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Seconds a call of each contestant, one figure a turn."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(turns):
        for name, search in contestants.items():
            calls = []
            for _ in range(CALLS):
                start = clock()
                search()
                calls.append(clock() - start)
            times[name].append(statistics.median(calls))
    return times


@contextmanager
def _processors(count: int) -> Iterator[None]:
    """This thread keeps to so many processors, where the system can be told so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[-count:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _faiss_version() -> str | None:
    try:
        return importlib.metadata.version("faiss-cpu")
    except importlib.metadata.PackageNotFoundError:
        return None
