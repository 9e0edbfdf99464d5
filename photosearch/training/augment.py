"""Pictures changed as photos change: cropped, mirrored, recoloured, blurred, recompressed, framed.

Each draw comes from the generator that is handed in, so a step of a training can be repeated exactly.
"""

from __future__ import annotations

import io

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

AREA = (0.35, 1.0)
ASPECT = (0.6, 1 / 0.6)
"""Wide, because whole photos of every shape are squashed to a square."""


def augment(photos: NDArray[np.uint8], size: int, random: Generator) -> Tensor:
    """One changed view of each photo.

    Args:
        photos: uint8 RGB, shape (n, height, width, 3).
        size: Side of the views, in pixels.

    Returns:
        float32 in 0..1, shape (n, 3, size, size), channels last in memory.
    """
    views = torch.stack([_crop(photo, size, random) for photo in photos])
    for row in np.flatnonzero(random.random(len(photos)) < 0.15):
        views[row] = _recompress(views[row], int(random.integers(10, 90)))
    changed = _recolour(views.permute(0, 3, 1, 2).float() / 255, random)
    for row in np.flatnonzero(random.random(len(photos)) < 0.1):
        changed[row] = _coarsen(changed[row], random.uniform(0.3, 0.8))
    for row in np.flatnonzero(random.random(len(photos)) < 0.05):
        _frame(changed[row], random)
    return changed.clamp_(0, 1)


def copy_of(photo: NDArray[np.uint8], random: Generator) -> NDArray[np.uint8]:
    """Another version of one shot: trimmed by up to a thirtieth at each edge, made smaller, recompressed.

    Args:
        photo: uint8 RGB, shape (height, width, 3); so is what comes back, scaled up again.
    """
    height, width = photo.shape[:2]
    left, top, right, bottom = random.uniform(0, 1 / 30, 4) * (width, height, width, height)
    share = random.uniform(0.6, 1)
    small = Image.fromarray(photo).resize(
        (round(share * width), round(share * height)),
        Image.Resampling.BILINEAR,
        (left, top, width - right, height - bottom),
    )
    file = io.BytesIO()
    small.save(file, "JPEG", quality=int(random.integers(40, 90)))
    with Image.open(file) as image:
        return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def _crop(photo: NDArray[np.uint8], size: int, random: Generator) -> Tensor:
    height, width = photo.shape[:2]
    share, stretch = random.uniform(*AREA), np.exp(random.uniform(*np.log(ASPECT)) / 2)
    tall = min(height, max(8, round(height * share**0.5 / stretch)))
    wide = min(width, max(8, round(width * share**0.5 * stretch)))
    top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
    part = torch.from_numpy(np.ascontiguousarray(photo[top : top + tall, left : left + wide]))
    view = functional.interpolate(
        part.permute(2, 0, 1)[None], (size, size), mode="bilinear", antialias=True, align_corners=False
    )[0].permute(1, 2, 0)
    return view.flip(1) if random.random() < 0.5 else view


def _recompress(view: Tensor, quality: int) -> Tensor:
    file = io.BytesIO()
    Image.fromarray(view.numpy()).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return torch.from_numpy(np.array(image))


def _recolour(views: Tensor, random: Generator) -> Tensor:
    """Brightness, contrast, white balance and saturation, or grey, of each view by itself."""
    count = len(views)

    def draw(low: float, high: float, channels: int = 1) -> Tensor:
        return torch.from_numpy(random.uniform(low, high, (count, channels, 1, 1)).astype(np.float32))

    saturation = draw(0.6, 1.4) * torch.from_numpy(random.random((count, 1, 1, 1)) > 0.05)
    grey = views.mean(1, keepdim=True)
    views = grey + saturation * (views - grey)
    level = views.mean((1, 2, 3), keepdim=True)
    views = level + draw(0.75, 1.25) * (views - level)
    return views * draw(0.75, 1.25) * draw(0.93, 1.07, 3)


def _coarsen(view: Tensor, share: float) -> Tensor:
    size = view.shape[1:]
    small = [max(8, round(side * share)) for side in size]
    less = functional.interpolate(view[None], small, mode="bilinear", antialias=True, align_corners=False)
    return functional.interpolate(less, size, mode="bilinear", align_corners=False)[0]


def _frame(view: Tensor, random: Generator) -> None:
    edge = int(random.integers(1, max(2, view.shape[1] // 8)))
    colour = torch.from_numpy(random.random((3, 1, 1)).astype(np.float32)).round()
    if random.random() < 0.5:
        view[:, :edge], view[:, -edge:] = colour, colour
    if random.random() < 0.5:
        view[:, :, :edge], view[:, :, -edge:] = colour, colour
