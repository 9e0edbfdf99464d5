"""How a picture that is searched by is looked at: as a whole photo, and as a part of a larger one.

A network takes the mean of what it finds over all places of a photo, in the size at which it is there. In a
part of a photo everything is larger. Seen smaller, it is as it is there, and finds its photo more often
(docs/MODEL.md). A photo is as near as it is to the nearer of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHARE = 7 / 12
"""The side at which a part is seen, of that at which a whole photo is."""

STEP, LEAST = 4, 16
"""Pixels: the side of the smaller one is a multiple, as networks halve it, and has as many at least."""

DROP = 0.05
"""What is taken off the scores of the second look: a whole photo is more often searched for than a part."""

Found = tuple[NDArray[np.int64], NDArray[np.float32]]


def looks(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Pictures as the network is to see them, as they are and smaller: uint8 RGB, (n, size, size, 3) each."""
    side = max(LEAST, round(SHARE * pixels.shape[1] / STEP) * STEP)
    small = [Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR) for picture in pixels]
    return [pixels, np.array(small, np.uint8).reshape(-1, side, side, 3)]


def looked(
    vectors: Callable[[NDArray[np.uint8]], NDArray[np.float32]], pixels: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Unit vectors, shape (2, D), of a picture for each look: uint8 RGB, shape (size, size, 3)."""
    return np.concatenate([vectors(look) for look in looks(pixels[None])])


def scores(seen: Sequence[NDArray[np.float32]], sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of pictures with all of some photos, shape (q, n).

    Args:
        seen: Unit vectors of the pictures for each of `looks`, or for the first alone, shape (q, D) each.
        sums: What stands for the photos, shape (n, D).
    """
    best: NDArray[np.float32] = seen[0] @ sums.T
    for part in seen[1:]:
        np.maximum(best, part @ sums.T - np.float32(DROP), out=best)
    return best


def nearer(found: Iterable[Found], count: int) -> Found:
    """The nearest to any of the looks.

    Args:
        found: By look, who is nearest to it, best first, and their scores, shape (n,) each: at least `count`
            or all there are.

    Returns:
        At most `count`, each once, with the better of its scores, best first; equal ones by who they are.
    """
    whole, part = found
    ids = np.concatenate([whole[0], part[0]])
    near = np.concatenate([whole[1], part[1] - np.float32(DROP)])
    order = np.lexsort((ids, -near))
    _, first = np.unique(ids[order], return_index=True)
    order = order[np.sort(first)][:count]
    return ids[order], near[order]
