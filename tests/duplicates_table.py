"""What is called the same shot, beside perceptual hashes: python -m tests.duplicates_table FOLDER… --set SET

Makes a library of photos that no training saw, with edits of them (`tests.edits.EDITS`) and photos of other
moments (`BURSTS`, and somebody who stepped in), indexes it with the bundled model, finds its duplicates, and
counts pairs of an original and any other photo. FOLDER holds photos; SET is a packed set (`datasets`), of
which the unseen classes are taken. A photo that the sources hold twice is taken once, and that is told: two
originals are one if their pHashes differ in SAME_BITS of 64 bits or fewer, which knows nothing of what the
program judges.
Wants ImageHash (`pip install imagehash`).

With --crops each photo has two crops only, to 70 % of the area and to 70 % of each side.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.datasets import find_photos
from photosearch.library import Library
from photosearch.settings import Places, Settings
from photosearch.store import Catalogue
from tests.edits import BURSTS, EDITS, cut, entered

EDITS_EACH, MOMENTS_EACH = 4, 2
STEPPED_IN = "somebody stepped in"
LISTED = ["JPEG 30 to 95", "resized to 25–90 %", "resized to 25 %", "cropped to 70–95 % of the area"]
LISTED += ["turned by 90, 180, 270 degrees", "exposure", "watermark", "another format"]


def originals(
    folders: list[Path], packed: Path | None, count: int
) -> tuple[list[Image.Image], list[tuple[str, str, int]]]:
    """So many photos, a quarter from the folders, if there are enough, the rest from the set; see `Once`."""
    files = sorted(file for folder in folders for file in folder.iterdir() if file.suffix.lower() == ".jpeg")
    chosen = random.Random(0).sample(files, min(len(files), count if packed is None else count // 4))
    pictures = [Image.open(file).convert("RGB") for file in chosen]
    left_out = list[tuple[str, str, int]]()
    kept = Once(left_out)
    pictures = [
        picture for file, picture in zip(chosen, pictures, strict=True) if kept.add(file.name, picture)
    ]
    if packed is not None:
        photos = find_photos(packed)
        rows = np.flatnonzero(photos.unseen)
        rows = rows[np.random.default_rng(0).permutation(len(rows))][SEEN_WHILE_TUNING:]
        for row in rows.tolist():
            if len(pictures) == count:
                break
            picture = Image.open(io.BytesIO(photos.read(row))).convert("RGB")
            if kept.add(f"{packed.name} {row}", picture):
                pictures.append(picture)
    return pictures, left_out


class Once:
    """Photos of which none is there twice.

    Args:
        left_out: Takes up what is left out: its name, that of the one like it, and how many bits differ.
    """

    def __init__(self, left_out: list[tuple[str, str, int]]) -> None:
        self._names, self._bits, self._left_out = list[str](), list[int](), left_out

    def add(self, name: str, picture: Image.Image) -> bool:
        """Whether it is not there yet."""
        import imagehash

        bits = int(str(imagehash.phash(picture)), 16)
        differing = [(bits ^ other).bit_count() for other in self._bits]
        if differing and min(differing) <= SAME_BITS:
            like = self._names[differing.index(min(differing))]
            self._left_out.append((name, like, min(differing)))
            return False
        self._names.append(name)
        self._bits.append(bits)
        return True


SAME_BITS = 6
"""Of the first 2,000 photos one pair is so near, and to look at it is one photo."""

SEEN_WHILE_TUNING = 400
"""The first photos of the set in this order served to choose thresholds; they are left out."""


def make(pictures: list[Image.Image], folder: Path) -> None:
    """Write the library: NUMBER-original, NUMBER-KIND."""
    for number, picture in enumerate(pictures):
        chance = random.Random(number)
        picture.save(folder / f"{number}-original.jpg", quality=95)
        kinds = chance.sample(list(EDITS), EDITS_EACH)
        kinds += chance.sample([*BURSTS, STEPPED_IN], MOMENTS_EACH)
        for kind in kinds:
            if kind == STEPPED_IN:
                made = entered(picture, pictures[(number + 7) % len(pictures)], chance)
            else:
                made = (EDITS | BURSTS)[kind](picture, chance)
            # What was lost was lost before; this only keeps it.
            made.save(folder / f"{number}-{kind}.png", compress_level=1)


CROPS = ["cropped to 70 % of the area", "cropped to 70 % of each side"]


def make_crops(pictures: list[Image.Image], folder: Path) -> None:
    """Write NUMBER-original and both crops of each."""
    for number, picture in enumerate(pictures):
        chance = random.Random(number)
        picture.save(folder / f"{number}-original.jpg", quality=95)
        for kind, side in zip(CROPS, (0.7**0.5, 0.7), strict=True):
            cut(picture, side, side, chance).save(folder / f"{number}-{kind}.jpg", quality=90)


def measure_crops(folder: Path, home: Path) -> dict:
    """Of how many photos each crop is found."""
    pairs, seconds = ours(home, folder)
    there = Counter(file.stem.partition("-")[2] for file in folder.iterdir())
    found = Counter[str]()
    for pair in pairs:
        one, other = sorted(name.rpartition(".")[0].partition("-")[::2] for name in pair)
        if one[0] == other[0] and "original" in (one[1], other[1]):
            found[other[1] if one[1] == "original" else one[1]] += 1
    return {"seconds": seconds, "recall": {kind: round(found[kind] / there[kind], 4) for kind in CROPS}}


def ours(home: Path, folder: Path) -> tuple[set[frozenset[str]], dict[str, float]]:
    """The pairs that the program takes for the same shot, and what it took."""
    begun = time.monotonic()
    with closing(Library(Places.under(home), Settings(thumbnail_megabytes=4000))) as library:
        library.add_folder(folder)
        for _ in library.update():
            pass
        indexed = time.monotonic()
        for _ in library.duplicates().compare():
            pass
    compared = time.monotonic()
    with closing(Catalogue(Places.under(home).catalogue)) as catalogue:
        pairs = catalogue.comparisons.pairs()
        photos = catalogue.photos.by_id(sorted({id for pair in pairs for id in pair[:2]}))
    names = {photo.id: photo.path.name for photo in photos}
    same = {frozenset((names[one], names[other])) for one, other, kind in pairs if kind == "same-shot"}
    return same, {"indexing": indexed - begun, "comparing": compared - indexed}


def hashed(folder: Path, names: list[str]) -> dict[str, np.ndarray]:
    """64 bits of each photo by each hash."""
    import imagehash

    bits = defaultdict(list)
    for name in names:
        with Image.open(folder / name) as image:
            bits["pHash"].append(imagehash.phash(image).hash.ravel())
            bits["dHash"].append(imagehash.dhash(image).hash.ravel())
    return {hash: np.packbits(np.array(rows), axis=1).view(np.uint64).ravel() for hash, rows in bits.items()}


def count(found: Counter, false: int, there: Counter) -> dict:
    """Recall by edit, and over those listed, and precision."""
    listed = sum(found[kind] for kind in LISTED) / sum(there[kind] for kind in LISTED)
    true = sum(found[kind] for kind in EDITS)
    return {
        "recall": {kind: round(found[kind] / max(1, there[kind]), 4) for kind in EDITS},
        "recall over the edits listed": round(listed, 4),
        "precision": round(true / max(1, true + false), 5),
        "false": false,
    }


def measure(folder: Path, home: Path) -> dict:
    names = sorted(file.name for file in folder.iterdir())
    number = [name.partition("-")[0] for name in names]
    kind = [name.partition("-")[2].rpartition(".")[0] for name in names]
    there = Counter(each for each in kind if each in EDITS)
    pairs, seconds = ours(home, folder)
    found, moments, strangers = Counter(), Counter(), []
    for pair in pairs:
        (one, first), (other, second) = sorted(
            (name.rpartition(".")[0].partition("-")[::2] for name in pair),
            key=lambda part: part[1] != "original",
        )
        if first != "original":
            continue
        if one != other:
            strangers.append(sorted(pair))
        elif second in EDITS:
            found[second] += 1
        else:
            moments[second] += 1
    answer = {"photos": len(names), "seconds": seconds}
    answer["PhotoSearch"] = count(found, sum(moments.values()) + len(strangers), there)
    answer["moments called copies"], answer["strangers called copies"] = dict(moments), strangers
    answer["moments"] = Counter(each for each in kind if each in BURSTS or each == STEPPED_IN)
    is_original = np.array([each == "original" for each in kind])
    family = np.array(number, int)
    kinds = np.array(kind)
    edited = np.isin(kinds, list(EDITS))
    for hash, bits in hashed(folder, names).items():
        by_threshold = defaultdict(lambda: [Counter(), 0])
        for at in np.flatnonzero(is_original):
            distance = np.bitwise_count(bits[at] ^ bits)
            own = (family == family[at]) & edited
            # A pair of two originals counts once.
            others = ~own & (np.arange(len(bits)) != at) & ~(is_original & (np.arange(len(bits)) < at))
            for threshold in range(21):
                near = distance <= threshold
                by_threshold[threshold][0].update(kinds[near & own].tolist())
                by_threshold[threshold][1] += int((near & others).sum())
        rows = {threshold: count(*value, there) for threshold, value in by_threshold.items()}

        def f1(row: dict) -> float:
            recall, precision = row["recall over the edits listed"], row["precision"]
            return 2 * recall * precision / max(1e-9, recall + precision)

        best = max(rows, key=lambda threshold: f1(rows[threshold]))
        answer[f"{hash}, best threshold {best}"] = rows[best]
        precise = [threshold for threshold in rows if rows[threshold]["precision"] >= 0.999]
        if precise:
            answer[f"{hash}, largest threshold of precision .999, {max(precise)}"] = rows[max(precise)]
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--set", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--crops", action="store_true")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="photosearch-duplicates-"))
    try:
        folder = work / "photos"
        folder.mkdir()
        pictures, left_out = originals(options.folders, options.set, options.count)
        (make_crops if options.crops else make)(pictures, folder)
        measured = (measure_crops if options.crops else measure)(folder, work / "home")
        answer = {"originals": len(pictures), "left out as there twice": left_out, **measured}
        print(json.dumps(answer, indent=1, ensure_ascii=False))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
