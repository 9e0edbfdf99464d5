"""How a picture that is searched by is looked at: as a whole photo, and as a part of a larger one.

A network takes the mean of what it finds over all places of a photo, in the size at which it is there. In a
part of a photo everything is larger. Seen smaller, it is as it is there, and finds its photo more often
(docs/MODEL.md). A photo is as near as it is to the nearer of both.

What a picture has lost is not held against photos that have it: a blurred one is sharpened first, and that
one has no colours counts for little. Photos are encoded as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

SHARE = 7 / 12
"""The side at which a part is seen, of that at which a whole photo is."""

STEP, LEAST = 4, 16
"""Pixels: the side of the smaller one is a multiple, as networks halve it, and has as many at least."""

DROP = 0.05
"""What is taken off the scores of the second look: a whole photo is more often searched for than a part."""

COARSE, FINE = (0.05, 0.12), (0.15, 0.25)
"""Cycles a pixel, by which it is told whether a picture is blurred."""

BLURRED = 0.0025
"""The power that fine ones have on average, of that of coarse ones, below which a picture is blurred.

Photos have seven times as much and more."""

SHARPENED = 1 / 48
"""How far sharpening reaches, of a side: the deviation of a bell curve."""

GREY = 2
"""Levels between a pixel's brightest and darkest colour, on average, below which a picture has no colours."""

FAINT = 0.3
"""What its colours are multiplied by then: among photos that never had any, to have none tells a little."""

Found = tuple[NDArray[np.int64], NDArray[np.float32]]


class Looking(Protocol):
    """An encoder; `colours`: how many of a vector's dimensions, the last, tell colours."""

    @property
    def colours(self) -> int: ...

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...


def looked(encoder: Looking, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Unit vectors of pictures that are searched by, for each look: float32, shape (n, D) each.

    Args:
        pixels: uint8 RGB, shape (n, size, size, 3).
    """
    soft = blurred(pixels)
    whole = pixels.copy()
    whole[soft] = _sharpened(pixels[soft])
    seen = [encoder.vectors(look) for look in (whole, smaller(pixels))]
    # A blurred part of a photo, seen smaller, finds other photos more often than its own.
    seen[1][soft] = seen[0][soft]
    if encoder.colours:
        grey = np.ptp(pixels, axis=3).mean((1, 2)) < GREY
        for vectors in seen:
            vectors[grey, -encoder.colours :] *= np.float32(FAINT)
            vectors[grey] /= np.linalg.norm(vectors[grey], axis=1, keepdims=True)
    return seen


def smaller(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures as the second look sees them: uint8 RGB, (n, size, size, 3) → (n, side, side, 3)."""
    side = max(LEAST, round(SHARE * pixels.shape[1] / STEP) * STEP)
    small = [Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR) for picture in pixels]
    return np.array(small, np.uint8).reshape(-1, side, side, 3)


def blurred(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether there is nothing fine in pictures that have something coarse in them: bool, shape (n,).

    Drawn ramps and tiny pictures that were smoothly enlarged are taken for blurred as well.
    """
    light = pixels.mean(3, dtype=np.float32)
    side = light.shape[1]
    # Without a window the step from one edge to the other would be something fine.
    window = np.hanning(side).astype(np.float32)
    light = (light - light.mean((1, 2), keepdims=True)) * window[:, None] * window
    power = np.square(np.abs(np.fft.rfft2(light)))
    cycles = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    coarse, fine = (
        power[:, part].sum(1) / max(1, part.sum())
        for part in ((low < cycles) & (cycles < high) for low, high in (COARSE, FINE))
    )
    told: NDArray[np.bool_] = fine < BLURRED * coarse
    return told


def _sharpened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = ImageFilter.UnsharpMask(radius=SHARPENED * pixels.shape[1], percent=100, threshold=0)
    sharpened = [np.asarray(Image.fromarray(picture).filter(mask)) for picture in pixels]
    return np.array(sharpened, np.uint8).reshape(pixels.shape)


def scores(seen: Sequence[NDArray[np.float32]], sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of pictures with all of some photos, shape (q, n).

    Args:
        seen: Unit vectors of the pictures for each look, or for the first alone, shape (q, D) each.
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
