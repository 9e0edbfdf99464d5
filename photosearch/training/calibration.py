"""From which score on two photos are taken for versions of one shot."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.encode import additive
from photosearch.encode.network import Network
from photosearch.training.augment import copy_of
from photosearch.training.trainer import TrainingSet, embed

PRECISION = 0.999
TWINS = 0.95
"""Two small pictures correlated more than this are one picture that the training set holds twice."""


def same_shot_threshold(
    network: Network,
    codebooks: Tensor,
    photos: TrainingSet,
    held_out_vectors: Tensor,
    known: NDArray[np.integer],
    known_vectors: Tensor,
    device: torch.device,
    seed: int,
) -> tuple[float, float]:
    """The lowest score at which 99.9 % of what reaches it is the same shot, and the share of copies so found.

    Each held-out photo meets two codes, as in a search: its own copy, changed by `augment.copy_of`; and, the
    hardest of the others, the most similar photo of its own class.

    Args:
        known: Positions of the photos the held-out ones are compared with, shape (n,), and their vectors, (n,
            D).
    """
    held_out = np.flatnonzero(photos.held_out)
    random = np.random.default_rng(seed)
    copies = np.stack([copy_of(photos.pixels[row], random) for row in held_out])
    same = (
        (_sums(torch.cat(list(embed(network, copies, device))), codebooks) * held_out_vectors).sum(1).numpy()
    )
    other = np.full(len(held_out), -np.inf, np.float32)
    sums = _sums(known_vectors, codebooks, beam=1)
    for target in np.unique(photos.targets[held_out]):
        mine = np.flatnonzero(photos.targets[held_out] == target)
        theirs = np.flatnonzero(photos.targets[known] == target)
        if not len(theirs):
            continue
        scores = (held_out_vectors[mine] @ sums[theirs].T).numpy()
        twins = _small(photos.pixels[held_out[mine]]) @ _small(photos.pixels[known[theirs]]).T > TWINS
        other[mine] = np.where(twins, -np.inf, scores).max(1)
    thresholds = np.sort(same)
    right = len(same) - np.arange(len(same))
    wrong = len(other) - np.searchsorted(np.sort(other), thresholds)
    # No threshold below one that fails may be taken, however well it does by chance.
    fails = np.flatnonzero(right < PRECISION * (right + wrong))
    first = fails[-1] + 1 if len(fails) else 0
    if first == len(same):
        return float(max(same.max(), other.max())), 0.0
    return float(thresholds[first]), float(right[first] / len(same))


def _sums(vectors: Tensor, codebooks: Tensor, beam: int = 16) -> Tensor:
    return additive.decode(additive.encode(vectors, codebooks, beam), codebooks)


def _small(photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Tiny pictures as unit vectors without their mean: float32, shape (n, d)."""
    count, size = photos.shape[:2]
    cells = photos.reshape(count, 16, size // 16, 16, size // 16, 3).mean((2, 4), dtype=np.float32)
    tiny = cells.reshape(count, -1)
    tiny -= tiny.mean(1, keepdims=True)
    return tiny / np.maximum(np.linalg.norm(tiny, axis=1, keepdims=True), 1e-6)
