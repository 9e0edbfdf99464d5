"""From which cosine on two photos are taken for versions of one shot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.datasets import cells

MISTAKEN = 0.02
"""Stricter would miss most copies: receipts, and empty seas, nearly coincide. Looser calls photos of a class
the same shot where there are hundreds of it: docs/MODEL.md has both."""

TWINS = 0.95
"""Two small pictures correlated more than this are one picture that the set holds twice."""


def same_shot_threshold(
    vectors: NDArray[np.float32], sums: NDArray[np.float32], photos: NDArray[np.uint8]
) -> float:
    """The cosine that the most similar other photo reaches for one photo in fifty only.

    Args:
        vectors: Of photos that were not trained on, float32, shape (n, D).
        sums: What their codes stand for, as unit vectors, float32, shape (n, D).
        photos: The photos themselves, to know pictures that are there twice: uint8, shape (n, size, size, 3).
    """
    small = cells(photos)
    nearest = []
    for start in range(0, len(vectors), 512):
        rows = slice(start, start + 512)
        scores = np.where(small[rows] @ small.T > TWINS, -np.inf, vectors[rows] @ sums.T)
        own = np.arange(len(scores))
        scores[own, own + start] = -np.inf
        nearest.append(scores.max(1))
    found = np.concatenate(nearest)
    found = found[np.isfinite(found)]
    return float(np.quantile(found, 1 - MISTAKEN)) if len(found) else 1.0
