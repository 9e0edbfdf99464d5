"""Pictures changed as photos change: cropped, mirrored, recoloured, blurred, recompressed, framed.

Each draw comes from the generator that is handed in, so a step of a training can be repeated exactly.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Changes:
    """What may happen to a photo.

    Attributes:
        area: Share of the photo that a crop keeps, least and most.
        aspect: How much narrower than the photo a crop may be, or wider by its inverse.
        whole: How often nothing is cropped.
        coarsest: The least share of its pixels a side is reduced to when a view is coarsened.
        small: How often a view that is coarsened is saved as JPEG while it is small, as previews are.
        quality: The lowest quality of JPEG.
        coarsened, recompressed, framed, screened, written, turned: How often, from 0 to 1: loses its
            sharpness, is saved as JPEG, gets plain edges, is shown on a screen between bars, gets lines of
            text, is turned by a quarter.
        grey: How often all colour is gone.
        colour: How strongly brightness, contrast, balance and saturation change; 1 is by a quarter.
        mirrored: How often left and right are exchanged.
        shifted: By how many pixels of the photo at most, to each side; filled with its mirror image.
        covered: Side of a grey square that hides a part, as a share of the view's.
    """

    area: tuple[float, float] = (0.35, 1.0)
    aspect: float = 0.6
    whole: float = 0.0
    coarsest: float = 0.3
    small: float = 0.0
    quality: int = 10
    coarsened: float = 0.15
    recompressed: float = 0.15
    framed: float = 0.05
    screened: float = 0.0
    written: float = 0.0
    turned: float = 0.0
    grey: float = 0.05
    colour: float = 1.0
    mirrored: float = 0.5
    shifted: int = 0
    covered: float = 0.0


SCENE = Changes(whole=0.5)
"""Another photo of such a thing might look so. The aspects are wide, because whole photos of every shape are
squashed to a square."""

COPY = Changes(
    area=(0.2, 1.0),
    aspect=0.8,
    whole=0.4,
    coarsest=0.15,
    small=0.4,
    quality=5,
    coarsened=0.5,
    recompressed=0.4,
    framed=0.15,
    screened=0.12,
    written=0.1,
    turned=0.12,
    grey=0.35,
    mirrored=0.25,
)
"""The same photo after its way through the world."""

SMALL_QUALITY = 30, 90
"""Of JPEG, of what is small: the least, and more than the most."""

LEAST_SAVED = 0.3
"""The least share of its pixels a side of what is saved while it is small: less would be blocks alone."""

LUMA = torch.tensor((0.299, 0.587, 0.114))[:, None, None]
"""What red, green and blue weigh in a grey photo (ITU-R BT.601)."""


def augment(photos: NDArray[np.uint8], size: int, random: Generator, changes: Changes = SCENE) -> Tensor:
    """One changed view of each photo.

    Args:
        photos: uint8 RGB, shape (n, height, width, 3).
        size: Side of the views, in pixels.

    Returns:
        float32 in 0..1, shape (n, 3, size, size), channels last in memory.
    """

    def chosen(share: float) -> list[int]:
        return np.flatnonzero(random.random(len(photos)) < share).tolist()

    views = torch.stack([_crop(photo, size, random, changes) for photo in photos])
    for row in chosen(changes.turned):
        views[row] = views[row].rot90(int(random.choice((1, 3))))
    for row in chosen(changes.coarsened):
        saved = changes.small and random.random() < changes.small
        quality = int(random.integers(*SMALL_QUALITY)) if saved else None
        views[row] = _coarsen(views[row], random.uniform(changes.coarsest, 0.8), quality)
    for row in chosen(changes.framed):
        _frame(views[row], random)
    for row in chosen(changes.screened):
        views[row] = _screen(views[row], random)
    for row in chosen(changes.written):
        views[row] = _write(views[row], random)
    if changes.covered:
        for view in views:
            _cover(view, round(changes.covered * size), random)
    for row in chosen(changes.recompressed):
        views[row] = _recompress(views[row], int(random.integers(changes.quality, 90)))
    changed = views.permute(0, 3, 1, 2).float() / 255
    if not changes.colour and not changes.grey:
        return changed
    return _recolour(changed, random, changes).clamp_(0, 1)


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


def _crop(photo: NDArray[np.uint8], size: int, random: Generator, changes: Changes) -> Tensor:
    height, width = photo.shape[:2]
    if changes.shifted:
        padded = np.pad(photo, ((changes.shifted,) * 2, (changes.shifted,) * 2, (0, 0)), "reflect")
        down, right = random.integers(2 * changes.shifted + 1, size=2)
        photo = padded[down : down + height, right : right + width]
    share, stretch = random.uniform(*changes.area), changes.aspect ** random.uniform(-0.5, 0.5)
    if changes.whole and random.random() < changes.whole:
        share, stretch = 1.0, 1.0
    tall = min(height, max(8, round(height * share**0.5 / stretch)))
    wide = min(width, max(8, round(width * share**0.5 * stretch)))
    top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
    view = torch.from_numpy(np.ascontiguousarray(photo[top : top + tall, left : left + wide]))
    # Scaling to the same size changes nothing, and takes most of the time for pictures so small.
    if (tall, wide) != (size, size):
        view = functional.interpolate(
            view.permute(2, 0, 1)[None], (size, size), mode="bilinear", antialias=True, align_corners=False
        )[0].permute(1, 2, 0)
    return view.flip(1) if random.random() < changes.mirrored else view


def _recompress(view: Tensor, quality: int) -> Tensor:
    file = io.BytesIO()
    Image.fromarray(view.numpy()).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return torch.from_numpy(np.array(image))


def _recolour(views: Tensor, random: Generator, changes: Changes) -> Tensor:
    """Brightness, contrast, white balance and saturation, or grey, of each view by itself."""
    count = len(views)

    def draw(spread: float, channels: int = 1) -> Tensor:
        spread *= changes.colour
        return torch.from_numpy(
            random.uniform(1 - spread, 1 + spread, (count, channels, 1, 1)).astype(np.float32)
        )

    coloured = torch.from_numpy(random.random((count, 1, 1, 1)) >= changes.grey)
    grey = (views * LUMA).sum(1, keepdim=True)
    views = grey + draw(0.4) * coloured * (views - grey)
    level = views.mean((1, 2, 3), keepdim=True)
    views = level + draw(0.25) * (views - level)
    return views * draw(0.25) * torch.where(coloured, draw(0.07, 3), 1)


def _coarsen(view: Tensor, share: float, quality: int | None) -> Tensor:
    size = view.shape[:2]
    small = [max(8, round(side * share)) for side in size]
    whole = view.permute(2, 0, 1)[None]
    less = functional.interpolate(whole, small, mode="bilinear", antialias=True, align_corners=False)
    if quality is not None and share > LEAST_SAVED:
        less = _recompress(less[0].permute(1, 2, 0).contiguous(), quality).permute(2, 0, 1)[None]
    return functional.interpolate(less, size, mode="bilinear", align_corners=False)[0].permute(1, 2, 0)


def _frame(view: Tensor, random: Generator) -> None:
    edge = int(random.integers(1, max(2, view.shape[0] // 6)))
    colour = int(random.choice((0, 255)))
    across = random.random()
    if across < 0.7:
        view[:edge], view[-edge:] = colour, colour
    if across > 0.3:
        view[:, :edge], view[:, -edge:] = colour, colour


def _screen(view: Tensor, random: Generator) -> Tensor:
    """All of the view, flatter, between bars above and below; or narrower, between bars to its sides."""
    side = view.shape[0]
    kept = round(side * random.uniform(0.4, 0.9))
    before = round((side - kept) * random.triangular(0.0, 0.5, 1.0))
    beside = random.random() < 0.25
    size = (side, kept) if beside else (kept, side)
    whole = view.permute(2, 0, 1)[None]
    less = functional.interpolate(whole, size, mode="bilinear", antialias=True, align_corners=False)[0]
    screen = torch.full_like(view, int(random.choice((0, 24, 48, 240, 255))))
    part = screen.narrow(1 if beside else 0, before, kept)
    part.copy_(less.permute(1, 2, 0))
    return screen


def _cover(view: Tensor, side: int, random: Generator) -> None:
    top, left = random.integers(-side // 2, view.shape[0] - side // 2, 2).tolist()
    view[max(0, top) : top + side, max(0, left) : left + side] = 124


def _write(view: Tensor, random: Generator) -> Tensor:
    picture = Image.fromarray(view.numpy())
    draw = ImageDraw.Draw(picture)
    letters = "".join(chr(code) for code in random.integers(97, 123, 12))
    side = view.shape[0]
    for _ in range(int(random.integers(1, 4))):
        place = (int(random.integers(-side // 8, side // 2)), int(random.integers(0, side - 8)))
        draw.text(place, letters, "white" if random.random() < 0.6 else "black")
    return torch.from_numpy(np.array(picture))
