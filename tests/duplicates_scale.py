"""How long duplicates take in large libraries: python -m tests.duplicates_scale [--photos N] [--copied SHARE]

The catalogue is generated: random codes of the bundled model's codebooks, random looks, and of a share of the
photos a copy with nearly the same code and look. Thumbnails are drawn, so that copies are confirmed on real
pixels. Everything but the drawing is the program's own.

    candidates        until all pairs that are worth a look at pixels are known
    compared          the same, and those pairs confirmed or not, and kept
    groups            groups made once pairs are known
    added_compared    1,000 more photos, a share of them copies, compared with all
    added_groups      and grouped
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from photosearch import bench
from photosearch.blocks import CodeBlocks
from photosearch.decode import thumbnail
from photosearch.duplicates.looks import BYTES
from photosearch.encode.model_file import read_model
from photosearch.library.duplicates import Codes, Duplicates
from photosearch.library.pairing import candidates, lowest_cosine
from photosearch.library.snapshot import Snapshot
from photosearch.records import Details, FoundFile, Photo
from photosearch.settings import resources
from photosearch.store import Catalogue, EncodedPhoto
from tests.library.test_duplicates import scene

SCENES, A_FOLDER, ADDED = 300, 100, 1000


class Generated:
    """A library of so many photos; photo n ≥ 2 of a share is a copy of one before it."""

    def __init__(self, path: Path, copied: float) -> None:
        self.catalogue = Catalogue(path)
        self._model = read_model(resources() / "model.safetensors")
        self._root = self.catalogue.roots.add(Path("/photos"), "volume").id
        self._chance, self._copied = np.random.default_rng(0), copied
        self._scenes = [thumbnail(scene(seed)) for seed in range(SCENES)]
        width = self._model.spec.bytes
        self._codes, self._looks = np.zeros((0, width), np.uint8), np.zeros((0, BYTES), np.uint8)
        self._ids, self._shows = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.duplicates = Duplicates(self.catalogue, self.codes, self._thumbnail, lambda: os.cpu_count() or 1)

    def add(self, count: int) -> None:
        """Add photos as indexing does."""
        chance, before = self._chance, len(self._ids)
        codes = chance.integers(0, 256, (count, self._codes.shape[1]), np.uint8)
        waves = chance.normal(0, 30, (count, BYTES - 1)) / np.linspace(0.5, 2, BYTES - 1)
        looks = np.concatenate(
            [waves.clip(-127, 127).astype(np.int8).view(np.uint8)] + [np.full((count, 1), 60, np.uint8)], 1
        )
        shows = chance.integers(0, SCENES, count)
        total = before + count
        copies = np.flatnonzero(chance.random(count) < self._copied)
        copies = copies[copies + before > 1]
        of = (chance.random(len(copies)) * (copies + before)).astype(int)
        all_codes, all_looks = np.concatenate([self._codes, codes]), np.concatenate([self._looks, looks])
        all_shows = np.concatenate([self._shows, shows])
        for copy, original in zip((copies + before).tolist(), of.tolist(), strict=True):
            all_codes[copy] = all_codes[original]
            all_codes[copy, -1] = chance.integers(256)
            all_looks[copy], all_shows[copy] = all_looks[original], all_shows[original]
        self._codes, self._looks, self._shows = all_codes, all_looks, all_shows
        ids = []
        with self.catalogue.transaction():
            for start in range(before, total, A_FOLDER):
                numbers = range(start, min(start + A_FOLDER, total))
                files = [FoundFile(f"IMG_{number}.jpg", 10**6 + number, number) for number in numbers]
                added = self.catalogue.files.add(self._root, f"{start}", files)
                ids += [photo.id for photo in added]
                encoded = [
                    EncodedPhoto(
                        photo.id,
                        photo.size,
                        photo.modified_ns,
                        photo.id.to_bytes(16, "little"),
                        Details(4000, 3000),
                        self._codes[number].tobytes(),
                    )
                    for photo, number in zip(added, numbers, strict=True)
                ]
                self.catalogue.codes.record(self._model.spec, encoded, [])
            self.catalogue.comparisons.keep_looks(ids, self._looks[before:])
        self._ids = np.concatenate([self._ids, np.array(ids, np.int64)])

    def codes(self) -> Codes:
        snapshot = Snapshot(self._ids, CodeBlocks.from_rows(self._codes), 0)
        return Codes(snapshot, self._model.codebooks, self._model.same_shot, self._model.spec.identity)

    def candidates(self) -> int:
        model = self._model
        floor = lowest_cosine(self._codes, model.codebooks, model.same_shot)
        found = candidates(self._codes, self._looks, model.codebooks, floor, 0)
        return sum(len(first) for first, _, _ in found)

    def _thumbnail(self, photo: Photo) -> bytes:
        return self._scenes[self._shows[photo.id - 1]]


def processor_seconds() -> float:
    """Of this process, and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(photos: int, copied: float, folder: Path) -> dict[str, float]:
    library = Generated(folder / "catalogue.sqlite", copied)
    with closing(library.catalogue):
        library.add(photos)
        answer: dict[str, float] = {"photos": photos, "copied": copied}

        def timed(name: str, work) -> None:
            begun = time.perf_counter(), processor_seconds()
            answer["_"] = work() or 0
            answer[f"{name}_seconds"] = round(time.perf_counter() - begun[0], 2)
            # On a machine that does other things too, this is what it takes of the processors.
            answer[f"{name}_processor_seconds"] = round(processor_seconds() - begun[1], 2)

        timed("candidates", library.candidates)
        answer["candidates"] = answer["_"]
        timed("compared", lambda: len(list(library.duplicates.compare())))
        timed("groups", lambda: len(library.duplicates.groups()))
        answer["groups"] = answer["_"]
        library.add(ADDED)
        timed("added_compared", lambda: len(list(library.duplicates.compare())))
        timed("added_groups", lambda: len(library.duplicates.groups()))
        answer["groups_after"] = answer.pop("_")
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--copied", type=float, default=0.01)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(options.photos, options.copied, Path(folder))
    print(json.dumps({"machine": bench.machine(), **measured}, indent=1))


if __name__ == "__main__":
    main()
