"""The protocols that methods are compared by: which photos train, which ask, which are searched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.datasets import PhotoSet
from photosearch.errors import TrainingFailed

Rows = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Split:
    """Positions in a set of photos.

    Attributes:
        train: Of the photos that a training may see.
        queries, database: Of those that ask and of those that are searched.
        depth: Answers a query that average precision is over.
    """

    train: Rows
    queries: Rows
    database: Rows
    depth: int


def split(name: str, photos: PhotoSet) -> Split:
    """The photos of a protocol.

    Raises:
        TrainingFailed: The set has not the parts, or not the classes, that the protocol needs.
    """
    return PROTOCOLS[name](photos)


def _cifar10_a(photos: PhotoSet) -> Split:
    """500 of each class train, 100 ask, and the other 54,000 are searched."""
    random = np.random.default_rng(0)
    train, queries, database = [], [], []
    targets = _classes(photos, 10, "cifar10-a")
    for number in range(10):
        rows = random.permutation(np.flatnonzero(targets == number))
        if len(rows) < 700:
            raise TrainingFailed(
                f"cifar10-a needs 700 photos of each class; there are {len(rows)} of {photos.labels[number]}."
            )
        train.append(rows[:500])
        queries.append(rows[500:600])
        database.append(rows[600:])
    first, second, third = (np.sort(np.concatenate(rows)) for rows in (train, queries, database))
    return Split(first, second, third, 54_000)


def _cifar10_c(photos: PhotoSet) -> Split:
    """All that is for training trains and is searched; all that is for testing asks."""
    _classes(photos, 10, "cifar10-c")
    return _by_parts(photos, "test", 50_000, "cifar10-c")


def _mini_imagenet(photos: PhotoSet) -> Split:
    """100 classes of 600: an ImageNet-100 of small pictures; the training part is searched."""
    return _by_parts(photos, "val", 1000, "mini-imagenet")


def _multilabel(photos: PhotoSet) -> Split:
    """Photos of several classes, of which sharing one is similar: a tenth asks, the others train."""
    if photos.targets.ndim != 2:
        raise TrainingFailed("multilabel needs photos of several classes: a folder with a labels.csv.")
    order = np.random.default_rng(0).permutation(len(photos.targets))
    count = max(1, len(order) // 10)
    rest = np.sort(order[count:])
    return Split(rest, np.sort(order[:count]), rest, 5000)


def _unseen(photos: PhotoSet) -> Split:
    """Photos of classes that no training sees: a tenth asks, the others are searched; all, without such."""
    every = np.arange(len(photos.targets))
    rows = every[photos.unseen] if photos.unseen.any() else every
    asking = np.random.default_rng(0).permutation(len(rows)) < -(-len(rows) // 10)
    return Split(every[~photos.unseen], rows[asking], rows[~asking], 1000)


def _by_parts(photos: PhotoSet, asking: str, depth: int, name: str) -> Split:
    train, queries = np.flatnonzero(photos.parts == "train"), np.flatnonzero(photos.parts == asking)
    if not len(train) or not len(queries):
        raise TrainingFailed(
            f"{name} needs the folders “train” and “{asking}”, with a folder for each class."
        )
    return Split(train, queries, train, depth)


def _classes(photos: PhotoSet, count: int, name: str) -> NDArray[np.int64]:
    if photos.targets.ndim != 1 or len(photos.labels) != count:
        raise TrainingFailed(f"{name} needs {count} classes; there are {len(photos.labels)}.")
    return photos.targets.astype(np.int64)


PROTOCOLS: dict[str, Callable[[PhotoSet], Split]] = {
    "cifar10-a": _cifar10_a,
    "cifar10-c": _cifar10_c,
    "mini-imagenet": _mini_imagenet,
    "multilabel": _multilabel,
    "unseen": _unseen,
}
