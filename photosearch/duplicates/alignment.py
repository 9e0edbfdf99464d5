"""Where one picture lies in another: turned, mirrored, cropped, and to a part of a pixel.

Coarsely by the lowest frequencies of both (their discrete cosine transforms), in which all eight orientations
and some hundred crops cost next to nothing; then by Gauss and Newton on the pixels (Baker & Matthews,
“Lucas-Kanade 20 Years On”, 2004), with weights that leave out what differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

COARSE = 32
"""Side of the square that the cosine transform is taken of, in pixels."""

KEPT = 9
"""Frequencies of each direction that are kept: 0 … 8."""

COMPARED = 6
"""Frequencies of each direction in which crops are compared: a crop's come from higher ones of the whole."""

ITERATIONS = 8, 5
"""At a third of the size, and at the whole."""

ROUGHLY = 0.75
"""Pictures of the same shot correlate at least so much at a third of the size, whatever their exposures."""

EVEN, SHARP, MOSTLY = 3.0, 10.0, 0.7
"""A border deviates from its level by no more than so many levels, and what it is round by more than so many
along most of it: a plain sky goes on beyond where it was cropped."""

SMALLEST = 12
"""Pictures are not made smaller than this many pixels on their shorter side."""


def cosines(points: Floats) -> Floats:
    """The functions of the transform at points between 0 and 1: shape (KEPT, n)."""
    frequencies = np.arange(KEPT)[:, None]
    scale = np.where(frequencies == 0, 1, np.sqrt(2)) / np.sqrt(COARSE)
    return (scale * np.cos(np.pi * frequencies * points)).astype(np.float32)


def centres(count: int) -> Floats:
    """The middles of so many pixels in a row, from 0 to 1."""
    return ((np.arange(count) + 0.5) / count).astype(np.float32)


_POINTS = centres(COARSE)
_TRANSFORM = cosines(_POINTS)

_FREQUENCIES = np.add.outer(np.arange(COMPARED), np.arange(COMPARED))
LOW = (_FREQUENCIES > 0) & (_FREQUENCIES < COMPARED)
"""By which of the frequencies of each direction crops are compared: shape (COMPARED, COMPARED)."""
LOW_OF_KEPT = np.pad(LOW, (0, KEPT - COMPARED))
"""The same among all that are kept: shape (KEPT, KEPT)."""


def transform(grey: Floats) -> Floats:
    """The lowest frequencies of squares of COARSE pixels, shape (…, 32, 32): shape (…, KEPT, KEPT)."""
    return np.matmul(np.matmul(_TRANSFORM, grey), _TRANSFORM.T)


def oriented_transform(coefficients: Floats, orientation: int) -> Floats:
    """The transform of a picture in another of the eight orientations; see `oriented`."""
    turned = np.swapaxes(coefficients, -1, -2) if orientation & 1 else coefficients
    signs = np.where(np.arange(KEPT) % 2, -1, 1).astype(np.float32)
    if orientation & 2:
        turned = turned * signs[:, None]
    if orientation & 4:
        turned = turned * signs
    return turned


def turned_frequencies(wanted: NDArray[np.bool_], orientation: int) -> tuple[NDArray[np.intp], Floats]:
    """Which of some frequencies becomes each of them in another orientation, and with which sign: (n,) each.

    Args:
        wanted: Which they are, shape (KEPT, KEPT); with each the one that it is when transposed.
    """
    numbers = np.zeros((KEPT, KEPT), np.float32)
    numbers[wanted] = np.arange(1, np.count_nonzero(wanted) + 1)
    turned = oriented_transform(numbers, orientation)[wanted]
    return np.abs(turned).astype(np.intp) - 1, np.sign(turned)


def oriented(grey: Floats, orientation: int) -> Floats:
    """A picture in one of eight orientations: transposed (1), then top down (2), then mirrored (4)."""
    turned = grey.T if orientation & 1 else grey
    if orientation & 2:
        turned = turned[::-1]
    if orientation & 4:
        turned = turned[:, ::-1]
    return turned


class Crops:
    """Crops of a picture, all about as high as wide in its own shape.

    Attributes:
        rows, columns: Where each starts, and how long it is, in fractions of the picture: shape (n, 2).
    """

    def __init__(self, step: float, levels: int) -> None:
        """Each level is shorter by a step than the one before, and lies at all its steps."""
        places = [(step * at, 1 - step * level, level) for level in range(levels) for at in range(level + 1)]
        lines = np.array([(start, length) for start, length, _ in places], np.float32)
        level = np.array([level for _, _, level in places])
        # An edit may change the shape a little, but nobody crops one side alone to two thirds.
        self._down, self._across = np.nonzero(np.abs(np.subtract.outer(level, level)) <= 1)
        self.rows, self.columns = lines[self._down], lines[self._across]
        self._matrices = np.stack(
            [_TRANSFORM[:COMPARED] @ cosines(start + length * _POINTS).T for start, length in lines]
        )

    def of(self, coefficients: Floats) -> Floats:
        """The lowest frequencies of the crops of a picture, of its transform, shape (KEPT, KEPT): see LOW.

        Returns:
            Shape (n, number of LOW).
        """
        lines = self._matrices @ coefficients
        # Those of all heights with all widths, then those that are wanted: (heights, widths, frequencies).
        made = lines[:, None] @ self._matrices.transpose(0, 2, 1)
        return made[self._down, self._across][:, LOW]


CROPS = Crops(0.07, 6)
"""Those in which one picture is looked for in another."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture lies in a larger one, or in one as large.

    Attributes:
        orientation: In which the smaller is to be taken; see `oriented`.
        top, left, height, width: Of it, in fractions of the larger.
        likeness: Cosine of the lowest frequencies there, at most 1.
    """

    orientation: int
    top: float
    left: float
    height: float
    width: float
    likeness: float


def places(larger: Floats, smaller: Floats, count: int) -> list[Placement]:
    """The likeliest places of one picture in another, by their transforms, shape (KEPT, KEPT), best first."""
    crops = unit(CROPS.of(larger))
    scores = crops @ unit(smaller[LOW_OF_KEPT][_TURNED] * _SIGNS).T
    found = []
    # Of each orientation its best place: places next to one another are refined to the same.
    best = scores.argmax(0)
    for way in np.argsort(-scores[best, np.arange(8)])[:count].tolist():
        top, height = CROPS.rows[best[way]].tolist()
        left, width = CROPS.columns[best[way]].tolist()
        found.append(Placement(way, top, left, height, width, float(scores[best[way], way])))
    return found


_EACH_WAY = [turned_frequencies(LOW_OF_KEPT, way) for way in range(8)]
_TURNED, _SIGNS = (np.stack(each) for each in zip(*_EACH_WAY, strict=True))


def unit(vectors: Floats) -> Floats:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two pictures laid over one another.

    Attributes:
        one: The smaller, as it is, shape (h, w).
        other: The larger, as it is there: brought to the smaller's frame, same shape.
        inside: Where the larger has pixels, bool.
        share: Of the larger's area that the smaller covers.
        framed: Whether what the larger has beyond the smaller is a border, of one colour on each side.
    """

    one: Floats
    other: Floats
    inside: NDArray[np.bool_]
    share: float
    framed: bool


def align(larger: Floats, smaller: Floats, placement: Placement) -> Aligned | None:
    """Lay a picture over the part of another that it seems to be; None where it does not fit even roughly.

    Args:
        larger, smaller: Grey, 0 … 255, shape (height, width).
        placement: Roughly where.
    """
    template = oriented(smaller, placement.orientation)
    # Both at the resolution that both have.
    wide, high = placement.width * larger.shape[1], placement.height * larger.shape[0]
    scale = min(1.0, wide / template.shape[1], high / template.shape[0])
    template = resized(template, scale * template.shape[0], scale * template.shape[1])
    rows, columns = template.shape
    reference = resized(
        larger,
        min(larger.shape[0], rows / placement.height),
        min(larger.shape[1], columns / placement.width),
    )
    # Rows of the map: where x and y of the reference come from, by x, y and 1 of the template, in −½ … ½.
    place = np.array(
        [
            [placement.width, 0, placement.left + placement.width / 2],
            [0, placement.height, placement.top + placement.height / 2],
        ],
        np.float64,
    )
    for share, iterations in zip((1 / 3, 1.0), ITERATIONS, strict=True):
        small = [
            resized(each, share * each.shape[0], share * each.shape[1]) for each in (reference, template)
        ]
        for _ in range(iterations):
            moved = place + _step(small[0], small[1], place)
            settled = float(np.abs(moved - place).max()) * max(small[0].shape) < 0.02
            place = moved
            if settled:
                break
        if share < 1 and _fit(small[0], small[1], place) < ROUGHLY:
            return None
    warped, inside = _warped(reference, template.shape, place)
    share = float(abs(np.linalg.det(place[:, :2])))
    return Aligned(template, warped, inside, share, _is_framed(reference, place))


def _is_framed(reference: Floats, place: NDArray[np.float64]) -> bool:
    """Whether what lies beyond a place in a picture is of one colour on each side, and ends there sharply."""
    borders = 0
    for picture, axis in ((reference, 1), (reference.T, 0)):
        middle, length = float(place[axis, 2]), abs(float(place[axis, axis]))
        for side, start in ((picture, middle - length / 2), (picture[::-1], 1 - middle - length / 2)):
            # The row in which both lie is neither's.
            thick = int(start * len(side) - 0.5)
            if thick < 2:
                continue
            if thick + 2 >= len(side):
                return False
            border = side[:thick]
            level = float(np.median(border))
            # Its corners are of the other sides' colours.
            within = slice(side.shape[1] // 8, -(side.shape[1] // 8) or None)
            spread = float(np.median(np.abs(border[:, within] - level)))
            ends = np.abs(side[thick + 2, within] - level) > SHARP
            if spread > EVEN or float(ends.mean()) < MOSTLY:
                return False
            borders += 1
    return borders > 0


def _fit(reference: Floats, template: Floats, place: NDArray[np.float64]) -> float:
    """Correlation of a picture with what lies under it."""
    warped, inside = _warped(reference, template.shape, place)
    return correlation(warped, template, inside)


def correlation(one: Floats, other: Floats, inside: NDArray[np.bool_]) -> float:
    """Of two pictures, where both are; 0 where one shows nothing."""
    if not inside.any():
        return 0.0
    one, other = one[inside], other[inside]
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / norm if norm > 0 else 0.0


def resized(grey: Floats, rows: float, columns: float) -> Floats:
    """A picture at another size, averaged where it becomes smaller."""
    size = max(SMALLEST, round(columns)), max(SMALLEST, round(rows))
    if size == (grey.shape[1], grey.shape[0]):
        return np.ascontiguousarray(grey, np.float32)
    image = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


@lru_cache(maxsize=256)
def _grid(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    rows, columns = shape
    down, right = centres(rows)[:, None] - np.float32(0.5), centres(columns)[None] - np.float32(0.5)
    return down, right


def _warped(
    reference: Floats, shape: tuple[int, ...], place: NDArray[np.float64]
) -> tuple[Floats, NDArray[np.bool_]]:
    down, right = _grid(shape)
    size = np.array(reference.shape[::-1], np.float64)[:, None]
    (xx, xy, x0), (yx, yy, y0) = place * size - np.array([[0, 0, 0.5], [0, 0, 0.5]])
    x = (xx * right + xy * down + x0).astype(np.float32)
    y = (yx * right + yy * down + y0).astype(np.float32)
    inside = (x > -0.75) & (y > -0.75) & (x < reference.shape[1] - 0.25) & (y < reference.shape[0] - 0.25)
    x, y = np.clip(x, 0, reference.shape[1] - 1.001), np.clip(y, 0, reference.shape[0] - 1.001)
    left, top = x.astype(np.int32), y.astype(np.int32)
    x -= left
    y -= top
    flat = reference.ravel()
    at = top * np.int32(reference.shape[1]) + left
    upper = flat[at] * (1 - x) + flat[at + 1] * x
    at += reference.shape[1]
    lower = flat[at] * (1 - x) + flat[at + 1] * x
    return upper * (1 - y) + lower * y, inside


def _step(reference: Floats, template: Floats, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """How the map is to change, by least squares of what is not an outlier."""
    warped, inside = _warped(reference, template.shape, place)
    down, right = _grid(template.shape)
    rows, columns = template.shape
    gradient_y = np.gradient(warped, axis=0) * rows
    gradient_x = np.gradient(warped, axis=1) * columns
    design = np.stack(
        [
            (gradient_x * right).ravel(),
            (gradient_x * down).ravel(),
            gradient_x.ravel(),
            (gradient_y * right).ravel(),
            (gradient_y * down).ravel(),
            gradient_y.ravel(),
            warped.ravel(),
            np.ones(warped.size, np.float32),
        ],
        1,
    )
    gain, offset = _tone(warped, template)
    residual = (template - gain * warped - offset).ravel()
    spread = 1.5 * float(np.median(np.abs(residual))) + 1.0
    weight = inside.ravel() / (1 + (residual / (2 * spread)) ** 2)
    weighted = design * weight[:, None]
    normal = (weighted.T @ design).astype(np.float64)
    normal[np.diag_indices(8)] *= 1 + 1e-4
    normal[np.diag_indices(8)] += 1e-3
    found = np.linalg.solve(normal, (weighted.T @ residual).astype(np.float64))
    # Gradients were taken in the template's frame: a step there is one of the map behind it.
    change = found[:6].reshape(2, 3) / (gain if abs(gain) > 0.1 else 0.1)
    change = np.clip(change, -0.05, 0.05)
    step = place[:, :2] @ change
    return np.clip(step, -0.06, 0.06)


def _tone(warped: Floats, template: Floats) -> tuple[float, float]:
    mean, other = float(warped.mean()), float(template.mean())
    spread = float(warped.std())
    gain = float(((warped - mean) * (template - other)).mean()) / (spread * spread + 1e-3)
    gain = min(max(gain, 0.3), 3.0)
    return gain, other - gain * mean
