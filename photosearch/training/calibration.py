"""From which cosine on two photos are taken for versions of one shot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.datasets import cells
from photosearch.encode.same_shot import FIRST, NEAREST, nearest_cosines, raised, usual_crowding

MISTAKEN = 0.05
"""Stricter would miss most copies: receipts, and empty seas, nearly coincide. Of a library's photos it is
fewer: more others are near, so that more is asked (docs/MODEL.md)."""

TWINS = 0.95
"""Two small pictures correlated more than this are one picture that the set holds twice."""


def same_shot_threshold(
    vectors: NDArray[np.float32], sums: NDArray[np.float32], photos: NDArray[np.uint8]
) -> tuple[float, float | None]:
    """What the most similar other reaches for one photo in twenty only, and how near others usually are.

    Args:
        vectors: Of photos that were not trained on, float32, shape (n, D).
        sums: What their codes stand for, float32, shape (n, D).
        photos: The photos themselves, to know pictures that are there twice: uint8, shape (n, size, size, 3).

    Returns:
        `same_shot` and `crowding` of a model; this is None where there are too few photos.
    """
    small, lengths = cells(photos), np.maximum(np.linalg.norm(sums, axis=1), 1e-12)
    parts = []
    for start in range(0, len(vectors), 512):
        rows = slice(start, start + 512)
        scores = np.where(small[rows] @ small.T > TWINS, -np.inf, vectors[rows] @ sums.T)
        own = np.arange(len(scores))
        scores[own, own + start] = -np.inf
        parts.append(nearest_cosines(scores, lengths))
    nearest = np.concatenate(parts)
    nearest = nearest[np.isfinite(nearest[:, 0])]
    most = nearest.max(1, initial=-1.0)
    if not len(nearest):
        return 1.0, None
    if nearest.shape[1] < NEAREST or not np.isfinite(nearest[:, FIRST:]).any():
        return float(np.quantile(most, 1 - MISTAKEN)), None
    usual = usual_crowding(nearest)
    return float(np.quantile(most - raised(nearest, usual), 1 - MISTAKEN)), usual
