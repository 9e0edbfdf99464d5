"""Which of the photos nearest to a query are versions of one shot with it.

Among hundreds of photos of forests other forests are as near as changed copies are elsewhere. So the cosine
that is asked for rises with how near those are that come after the first few: they are of the kind, and
hardly of the shot. (Cosines less the mean of such: cross-domain similarity local scaling, Conneau et al.,
ICLR 2018; adaptive score normalisation in speaker verification.) docs/MODEL.md has what it brings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAREST = 50
"""Photos whose cosines have to be known, or of all there are."""

FIRST = 10
"""So many of them may be of the shot themselves."""

SHARE = 1 / 3
"""Of what the others are nearer than usual, how much is added to the threshold."""

CEILING = 0.6
"""How far the threshold may rise towards 1: of a long series each is near to more than the first few."""


def nearest_cosines(scores: NDArray[np.float32], lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines of the photos that a search finds first, best first: float32, shape (q, at most `NEAREST`).

    Args:
        scores: Of queries, unit vectors, with what the codes of photos stand for, shape (q, n); −inf is none.
        lengths: Of what they stand for, shape (n,).
    """
    depth = min(NEAREST, scores.shape[1])
    best = np.argpartition(-scores, depth - 1, 1)[:, :depth] if depth else np.empty(scores.shape, np.int64)
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), 1), 1)
    cosines: NDArray[np.float32] = np.take_along_axis(scores, best, 1) / lengths[best]
    return cosines


def usual_crowding(cosines: NDArray[np.float32]) -> float:
    """How near those are that come after the first few: the mean of their cosines, shape (q, `NEAREST`)."""
    others = cosines[:, FIRST:NEAREST]
    return float(others[np.isfinite(others)].mean())


def raised(cosines: NDArray[np.float32], usual: float) -> NDArray[np.float32]:
    """What is added to the threshold of a model for each query that is more crowded than usual, shape (q,).

    Nothing is taken off for others: in a library of few photos nothing else is near, and yet those of one
    walk are no versions of one shot. Where there are fewer than `NEAREST`, the rest count as usual ones.
    """
    nearer = cosines[:, FIRST:NEAREST] - np.float32(usual)
    nearer[~np.isfinite(nearer)] = 0
    return (SHARE * np.maximum(nearer.sum(1) / (NEAREST - FIRST), 0)).astype(np.float32)


def least_cosine(cosines: NDArray[np.float32], threshold: float, usual: float | None) -> NDArray[np.float32]:
    """From which cosine on photos are versions of one shot with each query: float32, shape (q,).

    Args:
        cosines: Of the photos that a search of the whole library finds first, best first, shape (q, n), with
            n at least `NEAREST` or of all there are.
        threshold: That of a model, for a query that is no more crowded than usual. It is never less.
        usual: The model's; None where only the threshold counts.
    """
    if usual is None:
        return np.full(len(cosines), threshold, np.float32)
    most = threshold + CEILING * (1 - threshold)
    return np.minimum(threshold + raised(cosines, usual), most).astype(np.float32)
