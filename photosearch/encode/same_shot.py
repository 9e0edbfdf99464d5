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

SERIES = 0.6
"""How far the threshold may rise towards 1: of a long series each is near to more than the first few."""


def crowding(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """How near those are that come after the first few: their mean cosine, −1 where there are none.

    Args:
        cosines: Of each query with what the codes of the photos nearest to it stand for, nearest first,
            shape (q, n), with n at least `NEAREST` or of all there are. −inf is no photo.

    Returns:
        float32, shape (q,).
    """
    others = cosines[:, FIRST:NEAREST]
    there = np.isfinite(others)
    total = np.where(there, others, 0).sum(1, dtype=np.float32)
    return np.where(there.any(1), total / np.maximum(1, there.sum(1)), np.float32(-1)).astype(np.float32)


def raised(cosines: NDArray[np.float32], usual: float) -> NDArray[np.float32]:
    """What is added to the threshold of a model for each query that is more crowded than usual.

    Nothing is taken off for others: in a library of few photos nothing else is near, and yet those of one
    walk are no versions of one shot.
    """
    return (SHARE * np.maximum(crowding(cosines) - usual, 0)).astype(np.float32)


def least_cosine(cosines: NDArray[np.float32], threshold: float, usual: float | None) -> NDArray[np.float32]:
    """From which cosine on photos are versions of one shot with each query: float32, shape (q,).

    Args:
        cosines: As `crowding` takes them.
        threshold: That of a model, for a query that is no more crowded than usual.
        usual: The model's; None where only the threshold counts.
    """
    if usual is None:
        return np.full(len(cosines), threshold, np.float32)
    most = threshold + SERIES * (1 - threshold)
    return np.minimum(threshold + raised(cosines, usual), most).astype(np.float32)
