"""What a library of a million photos takes: python -m tests.million [--photos N]

The catalogue is generated: names as cameras give them, folders of a hundred, random codes of 16 bytes. What
is measured together is measured in a process of its own; the files are in the system's cache.

    open           from a process that has imported everything to the first snapshot that can be searched
    open_behind    the same when a kill left the code file 200 changes behind
    commit         a photo that was added is recorded, and in the snapshot; the median of 30
    delete         a photo that was deleted is marked, and out of the snapshot; the median of 30
    status         the state of everything; the slowest of 3
    narrow         what a filter keeps that keeps one photo in a hundred, strewn, is found; the median of 20
    filtered       the first search under it after that, as a share of one among all; the median of 20
    verify         everything read back
    program        resident memory of such a process; the encoder has one of its own
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from photosearch import bench
from photosearch.encode.model_file import Model, Preprocessing
from photosearch.library import Library
from photosearch.library.answering import Seen, known_by
from photosearch.library.verifying import verify
from photosearch.records import CodeSpec, Details, Example, Filters, FoundFile, Query
from photosearch.settings import Places, Settings
from photosearch.store import Catalogue, EncodedPhoto
from tests.fakes import CoarseColourEncoder

BYTES, DIMENSION = 16, 64
A_FOLDER = 100

TAKEN = 2**30
"""Until when the photos were taken, in seconds since 1970."""

LIMITS = {
    "open_seconds": 1.0,
    "open_behind_seconds": 1.0,
    "commit_milliseconds": 20.0,
    "delete_milliseconds": 200.0,
    "status_seconds": 0.5,
    "filtered_share": 1 / 3,
    "program_megabytes": 300.0,
    "catalogue_bytes_a_photo": 150.0,
}


SPEC = CodeSpec("a0e1110a0e1110a0", "dsq", "additive", BYTES, DIMENSION)


def model() -> Model:
    """A model of the bundled one's measures; its codebooks are random."""
    codebooks = np.random.default_rng(0).normal(0, 0.03, (BYTES, 256, DIMENSION)).astype(np.float32)
    return Model(
        SPEC, codebooks, Preprocessing(224, (0,) * 3, (1,) * 3), {}, {}, 0.0, None, 0, 0.9, None, {}, {}
    )


def generate(home: Path, photos: int, spec: CodeSpec = SPEC) -> None:
    """Fill a library as indexing does, newest photos encoded first, in few transactions for speed's sake."""
    chosen = random.Random(0)
    with closing(Catalogue(Places.under(home).catalogue)) as catalogue, catalogue.writing():
        root = catalogue.roots.add(Path("/photos").absolute(), "volume").id
        added = []
        with catalogue.transaction():
            for folder in range(photos // A_FOLDER):
                files = [
                    FoundFile(
                        f"IMG_{folder % 20 + 2000}{folder % 10**4:04}_{number:06}.jpg",
                        chosen.randrange(10**6, 10**7),
                        chosen.getrandbits(60),
                    )
                    for number in range(A_FOLDER)
                ]
                added += catalogue.files.add(root, f"{folder:05} A summer trip", files)
        for start in range(0, len(added), 20_000):
            made = [
                EncodedPhoto(
                    photo.id,
                    photo.size,
                    photo.modified_ns,
                    chosen.randbytes(16),
                    Details(6000, 4000, chosen.randrange(TAKEN), "Canon EOS R5"),
                    chosen.randbytes(spec.bytes),
                )
                for photo in added[::-1][start : start + 20_000]
            ]
            catalogue.codes.record(spec, made, [])
        catalogue.compact()


def opened(home: Path) -> tuple[Library, float]:
    """A library that can be searched, and how long that took."""
    chosen = model()
    start = time.perf_counter()
    library = Library(Places.under(home), Settings(workers=1), chosen, CoarseColourEncoder())
    library._chosen.current()
    return library, time.perf_counter() - start


def measure_open(home: Path) -> dict[str, float]:
    library, seconds = opened(home)
    asked = []
    for _ in range(3):
        start = time.perf_counter()
        library.status()
        asked.append(time.perf_counter() - start)
    memory = psutil.Process().memory_info().rss / 1e6
    library.close()
    return {"open_seconds": seconds, "status_seconds": max(asked), "program_megabytes": memory}


def measure_changes(home: Path) -> dict[str, float]:
    """Add and delete a photo many times; the middle of each."""
    library, _ = opened(home)
    catalogue, commits, deletions = library._catalogue, [], []
    with catalogue.writing():
        library._updating = True
        root = catalogue.roots.all()[0].id
        for number in range(30):
            [photo] = catalogue.files.add(root, "00001 A summer trip", [FoundFile(f"{number}", 1, number)])
            made = EncodedPhoto(photo.id, 1, number, bytes(16), Details(1, 1), bytes(BYTES))
            start = time.perf_counter()
            kept = catalogue.codes.record(SPEC, [made], [])
            library.publish(np.array(kept), np.zeros((1, BYTES), np.uint8))
            commits.append(time.perf_counter() - start)
            assert photo.id in library._chosen.current().ids
            start = time.perf_counter()
            catalogue.files.mark_missing([photo.id], "gone", 1)
            library.refresh()
            deletions.append(time.perf_counter() - start)
            assert photo.id not in library._chosen.current().ids
        library._updating = False
    memory = psutil.Process().memory_info().rss / 1e6
    library.close()
    return {
        "commit_milliseconds": 1e3 * float(np.median(commits)),
        "commit_worst_milliseconds": 1e3 * max(commits),
        "delete_milliseconds": 1e3 * float(np.median(deletions)),
        "program_updating_megabytes": memory,
    }


def measure_open_behind(home: Path) -> dict[str, float]:
    with closing(Catalogue(Places.under(home).catalogue)) as catalogue:
        for number in range(100):
            catalogue.files.mark_missing(range(1 + 64 * number, 65 + 64 * number), "offline", 1)
            catalogue.files.mark_present(range(1 + 64 * number, 65 + 64 * number))
    library, seconds = opened(home)
    library.close()
    return {"open_behind_seconds": seconds}


def measure_filtered(home: Path) -> dict[str, float]:
    """Search among all and under a filter that was just set, in turns."""
    library, _ = opened(home)
    example = Example(b"known")
    vector = np.random.default_rng(0).standard_normal(DIMENSION, np.float32)
    other = vector + 0.5 * np.random.default_rng(1).standard_normal(DIMENSION, np.float32)
    looked = np.stack([vector, other])
    looked /= np.linalg.norm(looked, axis=1, keepdims=True)
    library._chosen._seen[known_by(example)] = Seen(looked)
    narrowed, among_all, filtered = [], [], []
    for since in range(0, TAKEN // 5, TAKEN // 100):
        filters = Filters(since=since, until=since + TAKEN // 100)
        start = time.perf_counter()
        library.warm(filters)
        narrowed.append(time.perf_counter() - start)
        among_all.append(library.search(Query((example,))).search_milliseconds)
        filtered.append(library.search(Query((example,), filters=filters)).search_milliseconds)
    library.close()
    return {
        "narrow_milliseconds": 1e3 * float(np.median(narrowed)),
        "search_milliseconds": float(np.median(among_all)),
        "filtered_milliseconds": float(np.median(filtered)),
        "filtered_share": float(np.median(filtered) / np.median(among_all)),
    }


def measure_verify(home: Path) -> dict[str, float]:
    start = time.perf_counter()
    list(verify(Places.under(home)))
    return {"verify_seconds": time.perf_counter() - start}


MEASURES: list[Callable[[Path], dict[str, float]]] = [
    measure_open,
    measure_changes,
    measure_open_behind,
    measure_filtered,
    measure_verify,
]


def measure(home: Path, photos: int) -> dict[str, Any]:
    """All figures of a library that is generated in a folder."""
    start = time.perf_counter()
    generate(home, photos)
    figures: dict[str, Any] = {"photos": photos, "generated_in_seconds": time.perf_counter() - start}
    bytes_ = Places.under(home).catalogue.stat().st_size / photos
    library, figures["open_without_code_file_seconds"] = opened(home)
    library.close()
    figures["catalogue_bytes_a_photo"] = bytes_
    figures["codes_bytes_a_photo"] = Places.under(home).codes.stat().st_size / photos
    for each in MEASURES:
        command = [sys.executable, "-m", "tests.million", "--one", each.__name__, "--home", str(home)]
        figures |= json.loads(subprocess.check_output(command))
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(globals()[options.one](options.home)))
        return
    with tempfile.TemporaryDirectory(prefix="million-") as folder:
        figures = measure(Path(folder), options.photos)
    print(json.dumps({"machine": bench.machine(), **figures}, indent=2))
    over = [
        f"{name} is {figures[name]}, more than {limit}"
        for name, limit in LIMITS.items()
        if figures[name] > limit
    ]
    print("\n".join(over) or "All within their limits.")
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
