"""Labelled photos to train and measure with: a folder of pictures per class, or a packed set.

The folders of classes may lie in parts, `train` and one of `test` and `val`. A folder with a `labels.csv`
(the columns `photo`, a path in the folder, and `labels`, separated by spaces) holds photos of several classes
each.

A folder with a `sources.toml` holds several public collections, each as it came, at the path that is its
`repository`: the file says which photos of it to take, of which class each is, how many of a class at most,
and which classes no training may see. `training/sources.toml` names 338,000.

A packed set is a folder with `index.npz` (one row a photo: `piece`, `offset`, `length`, `label`, `split`; and
the `labels`) and `photos-<piece>.bin`, in which a photo's file is the `length` bytes from `offset`. Photos of
split 1 are of classes that no training may see; a folder of pictures has none of these.
"""

from __future__ import annotations

import csv
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import decode
from photosearch.errors import PhotoUnreadable, TrainingFailed
from photosearch.files import replacing

CHUNK = 512
"""Photos decoded at a time."""

NEARLY_ONE = 0.99
"""Two photos whose 16 × 16 cells correlate more than this are one. Of the bundled model's set the least alike
that are one reach .998, the most alike that are not (a fish and a worm in the same blue) .987."""

PARTS = {"train", "test", "val"}


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """Labelled photos as encoded files.

    Attributes:
        labels: Names of the classes.
        targets: Each photo's class, a position in `labels`: int64, shape (N,). Or, where photos have several,
            whether it is of each: bool, shape (N, C).
        unseen: Photos of classes that no training may see: bool, shape (N,).
        parts: `train`, `test` or `val`, where the set says so, else empty: str, shape (N,).
        read: The bytes of a photo's file, by its position.
    """

    labels: tuple[str, ...]
    targets: NDArray[np.int64] | NDArray[np.bool_]
    unseen: NDArray[np.bool_]
    parts: NDArray[np.str_]
    read: Callable[[int], bytes]


def find_photos(folder: Path, sources: Path | None = None) -> PhotoSet:
    """The labelled photos of a folder, packed or one folder a class; nothing is decoded yet.

    Args:
        sources: A `sources.toml` that says what the folder holds if it is not packed and has none of its own.

    Raises:
        TrainingFailed: There is no such folder, or nothing in it that could be trained on.
    """
    if not folder.is_dir():
        raise TrainingFailed(f"There is no folder {folder} to train on.")
    if (folder / "index.npz").is_file():
        return _packed(folder)
    own = folder / "sources.toml"
    named = own if own.is_file() else sources
    if named is not None:
        return _gathered(folder, named)
    if (folder / "labels.csv").is_file():
        return _listed(folder)
    return _folder_per_class(folder)


def multi_hot(targets: NDArray[np.int64] | NDArray[np.bool_], classes: int) -> NDArray[np.float32]:
    """A column a class: float32, shape (n, C), of classes, (n,), or of bool, (n, C)."""
    if targets.ndim == 2:
        return targets.astype(np.float32)
    hot = np.zeros((len(targets), classes), np.float32)
    hot[np.arange(len(targets)), targets] = 1
    return hot


def decode_photos(
    photos: PhotoSet, rows: NDArray[np.integer], size: int
) -> Iterator[tuple[NDArray[np.integer], NDArray[np.uint8]]]:
    """Decode some photos of a set as the program does, in order, a chunk at a time; broken ones are left out.

    Yields:
        The positions that could be decoded, and their pixels: uint8, shape (n, size, size, 3).
    """

    def decoded(row: int) -> NDArray[np.uint8] | None:
        try:
            return decode(photos.read(row), size).pixels
        except PhotoUnreadable:
            return None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            pictures = list(pool.map(decoded, chunk.tolist()))
            kept = [picture for picture in pictures if picture is not None]
            sound = np.array([picture is not None for picture in pictures])
            yield chunk[sound], np.stack(kept) if kept else np.empty((0, size, size, 3), np.uint8)


def pack_pixels(
    photos: PhotoSet,
    rows: NDArray[np.integer],
    size: int,
    folder: Path,
    apart: NDArray[np.integer] | None = None,
) -> Iterator[int]:
    """Decode photos once into a file that `open_pixels` maps; at once done if that file is there already.

    Args:
        apart: Photos that measure what is learned from the others: what is nearly one of them is left out.

    Yields:
        How many photos have been gone through so far, broken ones counted.
    """
    described = folder / "pixels.json"
    others = rows[:0] if apart is None else apart
    wanted = _fingerprint(photos, rows, size, others)
    if described.is_file() and json.loads(described.read_text())["fingerprint"] == wanted:
        return
    described.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[NDArray[np.integer]] = []
    done, near = 0, 0
    seen_apart = [cells(pixels) for _, pixels in decode_photos(photos, others, size)]
    measuring = np.concatenate(seen_apart).T if seen_apart else None
    try:
        with (folder / "pixels.bin").open("wb") as file:
            for sound, pixels in decode_photos(photos, rows, size):
                if measuring is not None:
                    alike = (cells(pixels) @ measuring).max(1, initial=0) > NEARLY_ONE
                    near += int(alike.sum())
                    sound, pixels = sound[~alike], pixels[~alike]
                file.write(pixels.tobytes())
                kept.append(sound)
                done = min(done + CHUNK, len(rows))
                yield done
    except OSError as error:
        raise TrainingFailed(f"The photos cannot be unpacked to {folder}: {error.strerror}.") from error
    np.save(folder / "rows.npy", np.concatenate(kept) if kept else rows[:0])
    with replacing(described) as file:
        file.write(json.dumps({"fingerprint": wanted, "size": size, "near_duplicates": near}).encode())


def near_duplicates(folder: Path) -> int:
    """How many photos `pack_pixels` left out because they are nearly one that measures."""
    return int(json.loads((folder / "pixels.json").read_text()).get("near_duplicates", 0))


def packed_fingerprint(folder: Path) -> str:
    """What tells the photos that `pack_pixels` kept from others."""
    return str(json.loads((folder / "pixels.json").read_text())["fingerprint"])


def open_pixels(folder: Path) -> tuple[NDArray[np.integer], NDArray[np.uint8]]:
    """What `pack_pixels` kept: positions in the set, (n,), and mapped pixels, (n, size, size, 3)."""
    size = json.loads((folder / "pixels.json").read_text())["size"]
    rows = np.load(folder / "rows.npy")
    if not len(rows):
        return rows, np.empty((0, size, size, 3), np.uint8)
    return rows, np.memmap(folder / "pixels.bin", np.uint8, "r", shape=(len(rows), size, size, 3))


def cells(photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures of 16 × 16 cells, as unit vectors without their mean: float32, shape (n, 768)."""
    count, size = photos.shape[:2]
    cell = size // 16
    cells = (
        photos[:, : 16 * cell, : 16 * cell]
        .reshape(count, 16, cell, 16, cell, 3)
        .mean((2, 4), dtype=np.float32)
        .reshape(count, -1)
    )
    cells -= cells.mean(1, keepdims=True)
    return cells / np.maximum(np.linalg.norm(cells, axis=1, keepdims=True), 1e-6)


def _fingerprint(photos: PhotoSet, rows: NDArray[np.integer], size: int, apart: NDArray[np.integer]) -> str:
    parts = [repr(photos.labels).encode(), photos.targets.tobytes(), rows.tobytes(), str(size).encode()]
    # A few files stand for all: enough to notice another set in the same place.
    parts += [photos.read(int(row)) for row in rows[:: max(1, len(rows) // 16)]]
    if len(apart):
        parts.append(apart.tobytes())
    return sha256(b"\0".join(parts)).hexdigest()


def _packed(folder: Path) -> PhotoSet:
    try:
        with np.load(folder / "index.npz") as index:
            piece, offset, length = index["piece"], index["offset"].astype(np.int64), index["length"]
            labels, targets, split = index["labels"], index["label"].astype(np.int64), index["split"]
        pieces = [
            np.memmap(folder / f"photos-{n:02}.bin", np.uint8, "r") for n in range(int(piece.max()) + 1)
        ]
    except (OSError, ValueError, KeyError) as error:
        raise TrainingFailed(f"The packed photos in {folder} cannot be read: {error}.") from error

    def read(row: int) -> bytes:
        return pieces[piece[row]][offset[row] : offset[row] + length[row]].tobytes()

    return PhotoSet(tuple(labels.tolist()), targets, split == 1, np.full(len(targets), ""), read)


def _folder_per_class(folder: Path) -> PhotoSet:
    top = _folders(folder)
    parts = {entry.name: entry for entry in top} if {entry.name for entry in top} <= PARTS else {"": folder}
    labels = sorted({entry.name for part in parts.values() for entry in _folders(part)})
    files: list[Path] = []
    targets: list[int] = []
    within: list[str] = []
    for name, part in parts.items():
        for entry in _folders(part):
            pictures = (file for file in entry.rglob("*") if file.is_file())
            found = sorted(file for file in pictures if not file.name.startswith("."))
            if not found:
                raise TrainingFailed(f"The class folder {entry} holds no pictures.")
            files += found
            targets += [labels.index(entry.name)] * len(found)
            within += [name] * len(found)
    if not files:
        raise TrainingFailed(f"{folder} should hold one folder of pictures for each class, and holds none.")
    unseen = np.zeros(len(files), bool)
    return PhotoSet(tuple(labels), np.array(targets, np.int64), unseen, np.array(within), _reader(files))


def _gathered(folder: Path, path: Path) -> PhotoSet:
    files: list[Path] = []
    names: list[str] = []
    try:
        described = tomllib.loads(path.read_text("utf-8"))
        unseen = frozenset(described["unseen"])
        for source in described["sources"]:
            for label, found in _of_source(folder, source).items():
                files += found
                names += [label] * len(found)
    except (OSError, ValueError, LookupError, TypeError, re.error) as error:
        raise TrainingFailed(f"{path} cannot be used: {error}.") from error
    if not files:
        raise TrainingFailed(f"{path} names no photos.")
    if unknown := sorted(unseen - set(names)):
        # Misspelt, it would be trained on, and measured with.
        raise TrainingFailed(f"{path} keeps classes apart that are not there: {', '.join(unknown)}.")
    labels, targets = np.unique(names, return_inverse=True)
    kept_apart = np.isin(names, sorted(unseen))
    return PhotoSet(
        tuple(labels.tolist()), targets.astype(np.int64), kept_apart, np.full(len(files), ""), _reader(files)
    )


def _of_source(folder: Path, source: dict[str, Any]) -> dict[str, list[Path]]:
    """The photos of a collection, by class; the same ones each time where there are too many."""
    home, photos = folder / source["repository"], re.compile(source["photos"])
    if not home.is_dir():
        raise TrainingFailed(f"There is no folder {home}, which sources.toml names.")
    found: dict[str, list[Path]] = {}
    for file in sorted(home.rglob("*")):
        match = photos.fullmatch(file.relative_to(home).as_posix())
        if match and file.is_file():
            found.setdefault(f"{source['name']}:{match['class']}", []).append(file)
    if not found:
        raise TrainingFailed(f"None of the files in {home} is a photo by sources.toml.")
    most = source.get("most")
    return {label: _some(files, most) if most else files for label, files in found.items()}


def _some(files: list[Path], most: int) -> list[Path]:
    return [files[row] for row in np.sort(np.random.default_rng(0).permutation(len(files))[:most])]


def _listed(folder: Path) -> PhotoSet:
    path = folder / "labels.csv"
    try:
        with path.open(newline="", encoding="utf-8") as text:
            rows = [(row["photo"], row["labels"].split()) for row in csv.DictReader(text)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError, TypeError) as error:
        raise TrainingFailed(f"{path} should have the columns “photo” and “labels” in each line.") from error
    if not rows:
        raise TrainingFailed(f"{path} lists no photos.")
    files = [folder / name for name, _ in rows]
    for file, (name, labels) in zip(files, rows, strict=True):
        if not file.is_file():
            raise TrainingFailed(f"{path} names a photo that is not there: {name}.")
        if not labels:
            raise TrainingFailed(f"{path} gives {name} no label.")
    names = sorted({label for _, labels in rows for label in labels})
    targets = np.array([[name in labels for name in names] for _, labels in rows], bool)
    unseen, parts = np.zeros(len(files), bool), np.full(len(files), "")
    return PhotoSet(tuple(names), targets.reshape(len(files), len(names)), unseen, parts, _reader(files))


def _folders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _reader(files: list[Path]) -> Callable[[int], bytes]:
    return lambda row: files[row].read_bytes()
