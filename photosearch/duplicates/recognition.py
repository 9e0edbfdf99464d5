"""Which of many pictures show what one picture shows, or a part of it, or have it as a part: by their pixels.

A picture is looked for in each of the others, and each of them in it: coarsely by normalised
cross-correlation in many sizes (Lewis, “Fast Normalized Cross-Correlation”, 1995), then, where likely,
by laying one on the other to a part of a pixel. There all neighbourhoods must agree, but for what is smooth:
skies and shores of different photos have the same brightness from top to bottom, but not the same waves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from photosearch.duplicates.alignment import (
    Aligned,
    Floats,
    Placement,
    align,
    correlation,
    oriented,
    resized,
)
from photosearch.duplicates.confirmation import PLAIN, Picture, blurred, means

LOOKED_AT = 64
"""So many of the photos that codes find nearest are worth it."""

SIDE, EDGE = 28, 2
"""Pixels on the longer side of what is compared coarsely, and those by which it goes on beyond its edges."""

FRAME = SIDE + 2 * EDGE

SOURCE = 2 * SIDE
"""The same of what that is made from."""

STEP = 0.95
"""Parts are looked for in sizes so far apart: the longer side of the next by that of the one before."""

PARTS, TURNED, WHOLES = 20, 2, 11
"""Sizes in which a picture is looked for as a part of others, from their size down to 38 % of it; turned or
mirrored; and others as parts of it, from the size that fits into it."""

FAINT = 2.0
"""Levels that a place deviates by, at least."""

LIKELY, CLOSELY = 0.6, 8
"""The certainty from which on a picture is looked at closely, and how many are, the likeliest."""

REACH = 1 / 16
"""Of a neighbourhood, each way, by the longer side."""

NOISE = 8.0
"""Levels: what deviates less counts less."""

AGREES, INSIDE, SHARE, PIXELS = 0.75, 0.9, 0.1, 300
"""Of what is recognised, at least: the correlation of all neighbourhoods; how much of the smaller picture
lies in the larger, and which share of that it is; pixels in common."""

Size = tuple[int, int]


def recognised(thumbnail: bytes, others: Sequence[bytes | None]) -> list[float | None]:
    """In which pictures one is seen, whole or as a part, or which in it.

    Args:
        thumbnail, others: JPEGs; None is one that is not there.

    Returns:
        Of each how well both agree, at most 1, or 0 if it is not one; None where pixels do not tell: it is
        broken or not there, or shows nothing.
    """
    picture, pictures = _readable(thumbnail), [_readable(other) for other in others]
    if picture is None:
        return [None] * len(others)
    answers = [None if other is None else 0.0 for other in pictures]
    told = [(number, other) for number, other in enumerate(pictures) if other is not None]
    for at, is_part, place in _places(picture.grey, [other.grey for _, other in told]):
        number, other = told[at]
        larger, smaller = (other, picture) if is_part else (picture, other)
        aligned = align(larger.grey, smaller.grey, place)
        answers[number] = 0.0 if aligned is None else _agreement(aligned)
    return answers


def _readable(thumbnail: bytes | None) -> Picture | None:
    """What is compared of a picture in which there is something to see."""
    if thumbnail is None:
        return None
    with suppress(OSError):
        picture = Picture.of(thumbnail)
        return picture if float(picture.grey.std()) >= PLAIN else None
    return None


def _agreement(aligned: Aligned) -> float:
    inside = aligned.inside
    if inside.mean() < INSIDE or aligned.share < SHARE or inside.sum() < PIXELS:
        return 0.0
    agreement = correlation(_evened(aligned.one), _evened(aligned.other), inside)
    return agreement if agreement >= AGREES else 0.0


def _evened(grey: Floats) -> Floats:
    """A picture with the same brightness and contrast everywhere: no edge outweighs all the rest."""
    reach = max(1, round(REACH * max(grey.shape)))
    soft = blurred(grey)
    rough = soft - _around(soft, reach)
    return rough / np.sqrt(_around(rough * rough, reach) + np.float32(NOISE * NOISE))


def _around(values: Floats, reach: int) -> Floats:
    """Means of the neighbourhoods of each pixel."""
    return means(np.pad(values, reach, mode="edge"), 2 * reach + 1)


def _places(picture: Floats, others: Sequence[Floats]) -> Iterator[tuple[int, bool, Placement]]:
    """The likeliest places, the best of all others first.

    Yields:
        The number of the other, whether the picture is a part of that or that of the picture, and where.
    """
    if not others:
        return
    sought, known = _Frames([picture]), _Frames(others)
    found = [*_as_part(sought, known), *_as_whole(sought, known)]
    certainty = np.stack([one.certainty for one in found])
    best = certainty.argmax(0)
    for number in np.argsort(-certainty.max(0))[:CLOSELY].tolist():
        one = found[best[number]]
        if one.certainty[number] >= LIKELY:
            numbers = [float(each[number]) for each in (*one.corners, *one.lengths, one.likeness)]
            yield number, one.is_part, Placement(one.way, *numbers)


@dataclass(frozen=True, slots=True)
class _Found:
    """The best place of one size for each of n others.

    Attributes:
        is_part: Whether the picture is a part of the others, or they of it.
        way: In which orientation the smaller is.
        corners, lengths: Its top and left, its height and width, in fractions of the larger: shape (2, n).
        likeness: Correlations, shape (n,).
        certainty: The same by how much they mean, shape (n,).
    """

    is_part: bool
    way: int
    corners: Floats
    lengths: Floats
    likeness: Floats

    @property
    def certainty(self) -> Floats:
        # Fisher's z. As pictures are smooth, what is alike by chance lessens with the side, not the area.
        certainty: Floats = np.arctanh(np.clip(self.likeness, -1, 0.999)) * np.sqrt(self.lengths.max(0))
        return certainty


class _Frames:
    """Pictures in which parts are looked for, n of them, each in a frame in which it goes on a little.

    Attributes:
        sources: Those that parts are made from, SOURCE pixels long.
        shapes: Heights and widths at SIDE pixels, shape (n, 2).
        waves: Fourier transforms of the frames.
    """

    def __init__(self, greys: Sequence[Floats]) -> None:
        self.sources = [resized(grey, *_size(grey, SOURCE)) for grey in greys]
        self.shapes = np.array([_size(grey, SIDE) for grey in greys])
        frames = np.zeros((len(greys), FRAME, FRAME), np.float32)
        for frame, source, (rows, columns) in zip(frames, self.sources, self.shapes.tolist(), strict=True):
            small = _shrunk(source, (rows, columns))
            frame[: rows + 2 * EDGE, : columns + 2 * EDGE] = np.pad(small - small.mean(), EDGE, mode="edge")
        self.waves = np.fft.rfft2(frames)
        self._sums, self._squares = (
            np.pad(values, ((0, 0), (1, 0), (1, 0))).cumsum(1, np.float64).cumsum(2)
            for values in (frames, frames * frames)
        )

    def spreads(self, size: Size) -> Floats:
        """How long parts of that size are, about their means: (n, FRAME, FRAME), ∞ where there is none."""
        high, wide = size
        sums, squares = (
            each[:, high:, wide:] - each[:, :-high, wide:] - each[:, high:, :-wide] + each[:, :-high, :-wide]
            for each in (self._sums, self._squares)
        )
        spreads = np.full((len(sums), FRAME, FRAME), np.inf, np.float32)
        down, right = sums.shape[1:]
        least = FAINT * FAINT * high * wide
        spreads[:, :down, :right] = np.sqrt(np.maximum(squares - sums * sums / (high * wide), least))
        ends = self.shapes + 2 * EDGE - size
        spreads[np.arange(FRAME) > ends[:, :1]] = np.inf
        spreads.swapaxes(1, 2)[np.arange(FRAME) > ends[:, 1:]] = np.inf
        return spreads


def _as_part(sought: _Frames, known: _Frames) -> Iterator[_Found]:
    (source,) = sought.sources
    for way in range(8):
        turned = oriented(source, way)
        for step in range(TURNED if way else PARTS):
            size = _size(turned, SIDE * STEP**step)
            likeness, corners = _best(_waves([turned], [size]), known.waves, known.spreads(size))
            shapes = known.shapes.T
            yield _Found(True, way, corners / shapes, np.array(size)[:, None] / shapes, likeness)


def _as_whole(sought: _Frames, known: _Frames) -> Iterator[_Found]:
    ((rows, columns),) = sought.shapes.tolist()
    spreads: dict[Size, Floats] = {}
    for step in range(WHOLES):
        sizes = []
        for source in known.sources:
            fits = min(rows / source.shape[0], columns / source.shape[1])
            sizes.append(_size(source, max(source.shape) * fits * STEP**step))
        for size in set(sizes) - spreads.keys():
            spreads[size] = sought.spreads(size)[0]
        likeness, corners = _best(
            _waves(known.sources, sizes), sought.waves, np.stack([spreads[size] for size in sizes])
        )
        shape = np.array([[rows], [columns]])
        yield _Found(False, 0, corners / shape, np.array(sizes).T / shape, likeness)


def _best(
    parts: NDArray[np.complexfloating], wholes: NDArray[np.complexfloating], spreads: Floats
) -> tuple[Floats, Floats]:
    """The likeliest place of each part in its whole: correlations, (n,), and rows and columns, (2, n)."""
    dots = np.fft.irfft2(np.conj(parts) * wholes, (FRAME, FRAME))
    scores = (dots / spreads).reshape(len(spreads), -1)
    best = scores.argmax(1)
    return scores[np.arange(len(best)), best], np.stack(np.divmod(best, FRAME)) - np.float32(EDGE)


def _waves(sources: Sequence[Floats], sizes: Sequence[Size]) -> NDArray[np.complexfloating]:
    """Fourier transforms of pictures brought to these sizes, without their means and of one length."""
    frames = np.zeros((len(sources), FRAME, FRAME), np.float32)
    for frame, source, size in zip(frames, sources, sizes, strict=True):
        part = _shrunk(source, size)
        part -= part.mean()
        frame[: size[0], : size[1]] = part / max(float(np.linalg.norm(part)), 1e-6)
    return np.fft.rfft2(frames)


def _size(picture: Floats, longest: float) -> Size:
    """Rows and columns of a picture, its longer side so many pixels long."""
    rows, columns = picture.shape
    scale = longest / max(rows, columns)
    return max(1, round(scale * rows)), max(1, round(scale * columns))


def _shrunk(picture: Floats, size: Size) -> Floats:
    rows, columns = picture.shape
    shrunk = _areas(rows, size[0]) @ picture @ _areas(columns, size[1]).T
    return np.asarray(shrunk, np.float32)


@lru_cache(maxsize=1024)
def _areas(length: int, count: int) -> Floats:
    """What pixels in a row weigh in the mean of each of so many parts: shape (count, length)."""
    edges, pixels = np.arange(count + 1) * (length / count), np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights: Floats = (np.maximum(covered, 0) * (count / length)).astype(np.float32)
    return weights
