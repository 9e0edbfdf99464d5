"""What differs between two pictures of one shot, made visible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.decode.picture import open_upright
from photosearch.errors import PhotoUnreadable
from photosearch.records import Difference

VISIBLE = 16
"""Steps of 255 by which a pixel has to differ for it to be seen."""

SHAPE = 0.02
"""Pictures whose shapes differ by more, as a share of the width to the height, are not laid on each other."""

ALIGNED = 1600
"""Longer side, in pixels, at which it is found out how far one has to be moved."""

FARTHEST = 0.1
"""The farthest a picture is moved, as a share of its size: what is farther off is another picture."""

WARM = np.array([255, 150, 40], np.float32)


def difference(first: Path, second: Path, longest: int, most_pixels: int) -> Difference:
    """Lay the second picture on the first and say what differs.

    Two of the same size are compared pixel by pixel, and where several become one to be shown, the one that
    differs most counts. Others are compared at the size of the smaller one.

    Args:
        longest: At most so many pixels on the longer side of what is shown.
        most_pixels: Larger pictures are compared at a smaller size.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """
    one, details = open_upright(first, most_pixels=most_pixels)
    two, others = open_upright(second, most_pixels=most_pixels)
    same_size = (details.width, details.height) == (others.width, others.height)
    if abs(one.width * two.height / (one.height * two.width) - 1) > SHAPE:
        raise PhotoUnreadable("These two have different shapes, so one cannot be laid over the other.")
    x, y = _shift(one, two)
    if same_size and (x, y) == (0, 0):
        differs = _apart(np.asarray(one), np.asarray(two))
        identical = not differs.any()
    else:
        identical = False
        size = min(one.size, two.size, _within(one.size, longest))
        one, two = (image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3) for image in (one, two))
        moved = np.roll(np.asarray(two), (round(y * size[1]), round(x * size[0])), (0, 1))
        differs = _apart(np.asarray(one), moved)
        _leave_out_edges(differs, round(y * size[1]), round(x * size[0]))
    share = float(np.mean(differs >= VISIBLE))
    differs = _largest(differs, longest)
    grey = np.asarray(one.convert("L").resize(differs.shape[::-1], Image.Resampling.BOX), np.float32)
    # Lifted where it differs by little: nothing that differs is as dark as what does not.
    strength = (differs.astype(np.float32) / 255)[..., None] ** 0.7
    shown = 0.3 * grey[..., None] * (1 - strength) + WARM * strength
    return Difference(shown.round().astype(np.uint8), identical, share, (x, y))


def _shift(one: Image.Image, two: Image.Image) -> tuple[float, float]:
    """How far the second has to be moved to lie on the first, in fractions of its size: phase correlation."""
    size = _within(one.size, ALIGNED)
    window = np.outer(np.hanning(size[1]), np.hanning(size[0])).astype(np.float32)
    waves = []
    for image in (one, two):
        small = np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), np.float32)
        waves.append(np.fft.rfft2((small - small.mean()) * window))
    product = waves[0] * np.conj(waves[1])
    peaks = np.fft.irfft2(product / np.maximum(np.abs(product), 1e-6), (size[1], size[0]))
    down, right = (int(at) for at in np.unravel_index(np.argmax(peaks), peaks.shape))
    down, right = (
        (down - size[1] if 2 * down > size[1] else down),
        (right - size[0] if 2 * right > size[0] else right),
    )
    x, y = right / size[0], down / size[1]
    return (x, y) if max(abs(x), abs(y)) <= FARTHEST else (0.0, 0.0)


def _apart(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much pixels differ, in the colour that differs most: shape (height, width)."""
    return (np.maximum(one, two) - np.minimum(one, two)).max(2)


def _leave_out_edges(differs: NDArray[np.uint8], down: int, right: int) -> None:
    """Where the moved picture has nothing to compare with, nothing differs."""
    if down:
        differs[slice(0, down) if down > 0 else slice(down, None)] = 0
    if right:
        differs[:, slice(0, right) if right > 0 else slice(right, None)] = 0


def _largest(values: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """Values made fewer by keeping the largest of each square of them."""
    side = -(-max(values.shape) // longest)
    if side == 1:
        return values
    height, width = (-(-length // side) * side for length in values.shape)
    whole = np.zeros((height, width), np.uint8)
    whole[: values.shape[0], : values.shape[1]] = values
    return whole.reshape(height // side, side, width // side, side).max((1, 3))


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
