"""What a cluster on this machine gives and takes: python -m tests.archive photos|codes FOLDER [--shards N]

photos   the photos of a folder, indexed and searched by a head and three nodes on 127.0.0.1; a node is
         killed while they are indexed, another during a thousand searches. Codes, numbers and scores
         are compared with those of one process.
codes    generated codes of 16 bytes, a million a shard, served and searched; no tables of photos, so no
         addresses are asked for. They stay in the folder for the next run. The same bytes are scanned in
         this process by the same engine. Each searcher is held to one core, as if it were a machine of
         one core; what more machines would take is measured by the part that one of them would have.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from photosearch import engine
from photosearch.blocks import BLOCK, CodeBlocks
from photosearch.encode.model_file import bundled_model_path, read_model
from photosearch.library.embedding import embed
from photosearch.settings import Settings
from photosearch.store import read_code_file, write_code_file
from tests.test_cluster import WORDS, finished

SHARD = 977 * BLOCK
"""A million codes in full blocks: so one process can scan those of all shards as one array."""

TURNS = 15
QUERIES = 1000
COUNT = 100


@contextmanager
def cluster(nodes: int, memory: int) -> Iterator[Any]:
    """A head without work and nodes of one processor, on 127.0.0.1, connected."""
    os.environ.update(WORDS)
    from ray.cluster_utils import Cluster

    from photosearch.cluster.connection import connected

    folder = tempfile.mkdtemp(prefix="ray-")
    common = {"node_ip_address": "127.0.0.1", "object_store_memory": memory, "temp_dir": folder}
    started = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **common}
    )
    try:
        for _ in range(nodes):
            started.add_node(num_cpus=1, wait=False, **common)
        started.wait_for_nodes()
        with connected(started.address):
            yield started
    finally:
        started.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def of_photos(folder: Path) -> dict[str, Any]:
    settings = Settings(device="cpu", workers=2)
    start = time.monotonic()
    alone = finished(embed(settings, [folder]))
    measured: dict[str, Any] = {"photos": len(alone.paths), "one_process_seconds": time.monotonic() - start}
    place = Path(tempfile.mkdtemp(prefix="archive-"))
    try:
        with cluster(3, 200_000_000) as machines:
            from photosearch.cluster import serving
            from photosearch.cluster.indexing import index
            from photosearch.cluster.store import Store

            store = Store(str(place / "store"))
            start = time.monotonic()
            steps = index(store, [str(folder)], settings, 256)
            killed = 0.0
            for progress in steps:
                if progress.done > len(alone.paths) // 4:
                    machines.remove_node(sorted(machines.worker_nodes, key=str)[0], allow_graceful=False)
                    killed = progress.done
                    break
            done = finished(steps)
            measured |= {"cluster_seconds": time.monotonic() - start, "a_node_killed_after_photos": killed}
            manifest = store.manifest()
            rows = [
                store.codes(manifest.spec, shard).rows(np.arange(shard.count)) for shard in manifest.shards
            ]
            addresses = [
                row for shard in manifest.shards for row in store.photos(shard)["address"].to_pylist()
            ]
            measured |= {
                "shards": done.shards,
                "encoded": done.encoded,
                "failures": len(done.failures),
                "addresses_equal": addresses == [str(path) for path in alone.paths],
                "codes_other": int((np.concatenate(rows) != alone.codes).any(1).sum()),
            }
            model = store.model()
            codes = CodeBlocks.from_rows(alone.codes)
            right = engine.nearest_each(codes, model.codebooks, alone.vectors[:QUERIES], COUNT)
            steps_of_serving = serving.serve(store, replicas=2, parts=2)
            next(steps_of_serving)
            dying = threading.Timer(
                1.0,
                lambda: machines.remove_node(sorted(machines.worker_nodes, key=str)[0], allow_graceful=False),
            )
            dying.start()
            wrong = partial = 0
            times = []
            for vector, matches in zip(alone.vectors, right, strict=False):
                begun = time.perf_counter()
                found = serving.nearest(vector[None], COUNT)
                times.append(1e3 * (time.perf_counter() - begun))
                partial += bool(found.missing)
                equal = found.numbers[0].tolist() == matches.positions.tolist()
                wrong += not (
                    found.missing or (equal and found.scores[0].tolist() == matches.scores.tolist())
                )
            dying.join()
            measured |= {
                "searches": len(times),
                "wrong": wrong,
                "partial": partial,
                "milliseconds": spread(times),
            }
            steps_of_serving.close()
    finally:
        shutil.rmtree(place)
    return measured


def of_codes(place: Path, shards: int) -> dict[str, Any]:
    if not (place / "all").is_dir():
        generate(place / "all", shards)
    measured: dict[str, Any] = {"codes": shards * SHARD, "cores": os.cpu_count()}
    vectors = np.random.default_rng(1).normal(size=(64, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scans = alone(place / "all")
    with cluster(2, 200_000_000):
        for part in (shards // 8, shards // 4, shards // 2, shards):
            fewer(place, part)
            # Beside all codes the same are scanned here, in turn.
            compared = scans if part == shards else {}
            measured[f"{part * SHARD} codes"] = served(place / str(part), vectors, compared)
            shutil.rmtree(place / str(part))
    return measured


def generate(folder: Path, shards: int) -> None:
    from photosearch.cluster.store import Shard, Store

    store = Store(str(folder))
    manifest = store.begin(bundled_model_path())
    (folder / "shards").mkdir()
    random = np.random.default_rng(0)
    listed = []
    for number in range(shards):
        codes = CodeBlocks(random.integers(0, 256, (SHARD // BLOCK, 16, BLOCK), np.uint8), SHARD)
        path = folder / "shards" / f"{number:04}.codes"
        ids = np.arange(number * SHARD, (number + 1) * SHARD)
        write_code_file(path, manifest.spec, 0, ids, codes)
        checksum = checksum_of(path)
        listed.append(Shard(f"{number:04}", number * SHARD, SHARD, 0, "a", "z", {"codes": checksum}))
    store.publish(manifest, replace(manifest, shards=tuple(listed)))


def checksum_of(path: Path) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fewer(place: Path, shards: int) -> None:
    """A store of the first shards of all."""
    from photosearch.cluster.store import Store

    folder = place / str(shards)
    folder.mkdir()
    (folder / "shards").symlink_to(place / "all" / "shards")
    manifest = Store(str(place / "all")).manifest()
    few = Store(str(folder))
    few.publish(few.begin(bundled_model_path()), replace(manifest, shards=manifest.shards[:shards]))


def alone(folder: Path) -> dict[str, Callable[[NDArray[np.float32]], object]]:
    """Scans of the same bytes in this process: as one array, and shard by shard."""
    books = engine.Codebooks.of(read_model(bundled_model_path()).codebooks)
    files = [read_code_file(path, mapped=True) for path in sorted((folder / "shards").glob("*.codes"))]
    parts = [file.codes for file in files if file is not None]
    whole = CodeBlocks(np.concatenate([part.blocks for part in parts]), SHARD * len(parts))
    return {
        "one process, one array": lambda queries: engine.nearest_each(whole, books, queries, COUNT),
        "one process, shard by shard": lambda queries: [
            engine.nearest_each(part, books, queries, COUNT) for part in parts
        ],
    }


def served(
    folder: Path,
    vectors: NDArray[np.float32],
    compared: dict[str, Callable[[NDArray[np.float32]], object]],
) -> dict[str, Any]:
    """A store served by one searcher on one core, and by two on one core each."""
    from photosearch.cluster import serving
    from photosearch.cluster.store import Store

    measured: dict[str, Any] = {}
    cores = sorted(os.sched_getaffinity(0))
    for parts in (1, 2):
        steps = serving.serve(Store(str(folder)), parts=parts)
        start = time.monotonic()
        next(steps)
        loaded = time.monotonic() - start
        searchers: list[psutil.Process] = []
        while len(searchers) < parts:
            searchers = [one for one in psutil.Process().children(recursive=True) if is_searcher(one)]
        for core, searcher in zip(cores[:parts], searchers, strict=True):
            searcher.cpu_affinity([core])
        os.sched_setaffinity(0, cores[:parts])
        ways = {**compared, "cluster": lambda queries: serving.nearest(queries, COUNT)}
        single = timed(ways, [vectors[at : at + 1] for at in range(TURNS)])
        batched = timed(ways, [vectors, vectors])
        os.sched_setaffinity(0, cores)
        measured[f"{parts} × one core"] = {
            name: {
                "milliseconds": spread(single[name]),
                "queries_a_second_of_64": round(1e3 * len(vectors) / min(batched[name]), 1),
            }
            for name in ways
        } | {"load_seconds": round(loaded, 1)}
        steps.close()
        while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in searchers):
            time.sleep(0.1)
    return measured


def is_searcher(process: psutil.Process) -> bool:
    return "ray::Searcher" in " ".join(process.cmdline())


def timed(
    ways: dict[str, Callable[[NDArray[np.float32]], object]], asked: list[NDArray[np.float32]]
) -> dict[str, list[float]]:
    """Milliseconds of each way for each of some queries, the ways in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for call in ways.values():
        call(asked[0])
    for queries in asked:
        for name, call in ways.items():
            start = time.perf_counter()
            call(queries)
            times[name].append(1e3 * (time.perf_counter() - start))
    return times


def spread(times: list[float]) -> dict[str, float]:
    return {
        "least": round(min(times), 2),
        "median": round(float(np.median(times)), 2),
        "p99": round(float(np.percentile(times, 99)), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["photos", "codes"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, default=100)
    options = parser.parse_args()
    if options.what == "photos":
        measured = of_photos(options.folder)
    else:
        measured = of_codes(options.folder, options.shards)
    print(json.dumps(measured, indent=2))
