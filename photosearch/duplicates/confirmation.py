"""Whether two thumbnails are of the same shot: one laid over the other, what is different, and where.

A copy that was saved again, resized, cropped, turned, or exposed otherwise differs from its original by a
tone curve and by noise, everywhere alike. A photo of the next moment differs where something moved: there,
structure has gone and other has come. A watermark differs too, but by thin strokes that are all brighter, or
all darker, than what they are drawn on.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.duplicates.alignment import (
    COARSE,
    SMALLEST,
    Aligned,
    Floats,
    align,
    correlation,
    places,
    transform,
)

REVISION = 1
"""Of all that says which photos are of the same shot. Raise it when they are to be compared again."""

LONGEST = 128
"""Longer side at which pictures are compared, in pixels."""

TRIED = 3
"""So many of the likeliest placements are looked at closely …"""

LIKELY = 0.85
"""… if they are at least so likely: of 1,500 crops and other copies the right one was at .89 or more."""

PLAIN = 4.0
"""A picture whose levels deviate less than this shows too little to tell it from another."""

SURE = 0.985
"""A placement that fits so well is not going to be beaten by another."""

KNOTS = 20
"""Of a tone curve."""

NOISE = 3.0
"""Levels by which a pixel may differ anywhere …"""

SLACK = 0.45
"""… and beside an edge, this share of the levels from one pixel to the next: pictures never lie exactly."""


LIKENESS, INSIDE = 0.955, 0.9
"""What a copy has at least; see `Comparison`."""

WHOLE = 0.004
"""A copy that covers its original but for this share was not cropped."""

CHANGED = 0.06
"""What has changed at most in a copy that was not cropped …"""

ONE_WAY, BOTH_WAYS, THICK, UNEVEN, OF_CONTRAST = 0.02, 0.003, 0.2, 20.0, 0.45
"""… or how, where something was written on it. The last number is the share of the contrast that a veil may
be uneven by, if that is more: resampled strokes are as uneven as what they are drawn on has contrast."""

CHANGED_CROP, APART, HARDLY, LITTLE = 0.1, 20.0, 0.012, 0.002
"""What has changed at most in a crop, and how many times more than elsewhere, unless it is hardly anything:
resampling leaves a little everywhere, a subject that came nearer much in one place. The last number is added
to what is elsewhere."""

DRIFT = 0.5
"""How far the neighbourhoods of a crop lie from their places at most, in pixels: resampling moves nothing, a
subject that came nearer moves its edges apart."""

RIM = 2
"""Pixels along the edges of a crop that are not looked at: it was resampled without what lay beyond them."""

COMPACT = 0.25
"""What was written on a photo is longer than this is high; what stepped into it is one patch."""

MORE = 1.3
"""So many times more edges there are where something was written than where nothing was."""

STILL = 2.7
"""Levels from one pixel to the next below which it is not seen whether a neighbourhood moved."""

BRIGHT, CLIPPED = 200.0, 0.25
"""From this level on, by this share of what lies above it: a channel may be clipped."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is compared of a photo.

    Attributes:
        grey: 0 … 255, shape (height, width), at most LONGEST.
        frequencies: The lowest of its cosine transform.
    """

    grey: Floats
    frequencies: Floats

    @classmethod
    def of(cls, thumbnail: bytes) -> Picture:
        """That of a photo, by a JPEG of it."""
        image = Image.open(io.BytesIO(thumbnail))
        image.draft("L", (LONGEST, LONGEST))
        grey_image = image.convert("L")
        scale = min(1.0, LONGEST / max(image.size))
        size = max(SMALLEST, round(scale * image.width)), max(SMALLEST, round(scale * image.height))
        grey = np.asarray(grey_image.resize(size, Image.Resampling.BILINEAR), np.float32)
        coarse = np.asarray(grey_image.resize((COARSE, COARSE), Image.Resampling.BOX), np.float32)
        return cls(grey, transform(coarse))


Added = Literal["", "first", "second"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two pictures differ once one lies over the other.

    Attributes:
        likeness: Correlation of their levels after the tone curve, at most 1.
        inside: Share of the smaller picture that the larger one has too.
        share: Of the larger's area that the smaller covers.
        changed: The most that a neighbourhood differs beyond noise, by the deviation of the levels.
        apart: How many times more that is than in three quarters of all neighbourhoods.
        both_ways: The most that a neighbourhood differs to the bright and to the dark at once.
        one_way: Of all that differs, the share that is of the rarer sign.
        thick: Of the pixels that differ, the share that is no thin stroke.
        uneven: Deviation, in levels, of what is in thick strokes from one colour laid over the other.
        contrast: Deviation of the levels.
        drift: How far all neighbourhoods but one in fifty lie from their places at most, in pixels; 0 if none
            was cropped, when nobody asks.
        compact: How nearly what differs is one round patch: 1 if it is, 1 / n if n times as long as high.
        added: To which of the two something was added, a border or what was written on it, if it is seen.
        orientation: In which the smaller was taken.
        swapped: Whether the first picture is the smaller.
    """

    likeness: float
    inside: float
    share: float
    changed: float
    apart: float
    both_ways: float
    one_way: float
    thick: float
    uneven: float
    contrast: float
    drift: float
    compact: float
    added: Added
    orientation: int
    swapped: bool

    @property
    def fit(self) -> float:
        """How well the placement fits: a crop has nothing that its original has not."""
        return self.likeness - (1 - self.inside)


def is_same_shot(found: Comparison | None) -> bool:
    """Whether pictures that differ so are of the same shot."""
    if found is None:
        return False
    if found.contrast < PLAIN or found.likeness < LIKENESS or found.inside < INSIDE:
        return False
    if _is_crop(found.share, found.inside):
        if found.drift > DRIFT:
            return False
        return found.changed <= HARDLY or (found.changed <= CHANGED_CROP and found.apart <= APART)
    return found.changed <= CHANGED or _is_overlaid(found)


def _is_overlaid(found: Comparison) -> bool:
    return (
        found.one_way <= ONE_WAY
        and found.both_ways <= BOTH_WAYS
        and found.thick <= THICK
        and found.compact <= COMPACT
        and found.uneven <= max(UNEVEN, OF_CONTRAST * found.contrast)
    )


def _is_crop(share: float, inside: float) -> bool:
    return abs(share - 1) > WHOLE or inside < 1 - WHOLE


Verdict = Literal["other", "same", "first-added", "second-added"]
"""Whether two photos are of the same shot; and to which something was added, if that is seen."""


def verdicts(thumbnails: Sequence[bytes], pairs: Sequence[tuple[int, int]]) -> list[Verdict | None]:
    """What pairs of JPEGs, by their places in the list, are to one another; None where one is broken."""
    pictures = [_readable(thumbnail) for thumbnail in thumbnails]
    answers = list[Verdict | None]()
    for first, second in pairs:
        one, other = pictures[first], pictures[second]
        answers.append(None if one is None or other is None else _verdict(compare(one, other)))
    return answers


def _verdict(found: Comparison | None) -> Verdict:
    if found is None or not is_same_shot(found):
        return "other"
    verdicts: dict[Added, Verdict] = {"": "same", "first": "first-added", "second": "second-added"}
    return verdicts[found.added]


def _readable(thumbnail: bytes) -> Picture | None:
    try:
        return Picture.of(thumbnail)
    except OSError:
        return None


def compare(one: Picture, other: Picture) -> Comparison | None:
    """Lay two pictures over one another as well as they fit, and see what differs; None if nothing fits."""
    found = [(place, False) for place in places(one.frequencies, other.frequencies, TRIED)]
    found += [(place, True) for place in places(other.frequencies, one.frequencies, TRIED)]
    found.sort(key=lambda each: -each[0].likeness)
    best: Comparison | None = None
    for place, swapped in found[:TRIED]:
        if place.likeness < LIKELY:
            break
        larger, smaller = (other, one) if swapped else (one, other)
        aligned = align(larger.grey, smaller.grey, place)
        if aligned is None:
            continue
        comparison = _differences(aligned, place.orientation, swapped)
        if best is None or comparison.fit > best.fit:
            best = comparison
        if best.fit > SURE:
            break
    return best


def _differences(aligned: Aligned, orientation: int, swapped: bool) -> Comparison:
    one, other, inside = blurred(aligned.one), blurred(aligned.other), aligned.inside
    covered = float(inside.mean())
    is_crop = _is_crop(aligned.share, covered)
    if is_crop:
        within = slice(RIM, -RIM), slice(RIM, -RIM)
        one, other, inside = one[within], other[within], inside[within]
    # What is clipped in one picture is a function of the other, not the other way round.
    curves = _toned(other, one, inside), _toned(one, other, inside)
    likeness = correlation(curves[0], one, inside), correlation(curves[1], other, inside)
    expected, seen, plain = (curves[0], one, other) if likeness[0] >= likeness[1] else (curves[1], other, one)
    difference = seen - expected
    same_tone = seen - plain
    difference = np.where(np.abs(same_tone) < np.abs(difference), same_tone, difference) * inside
    down, right = np.gradient(expected)
    tolerated = NOISE + SLACK * np.hypot(down, right)
    # Where colours are clipped in one of the two, grey alone does not tell what they were.
    tolerated += CLIPPED * np.maximum(0, np.maximum(seen, plain) - BRIGHT)
    brighter = np.maximum(0, difference - tolerated)
    darker = np.maximum(0, -difference - tolerated)
    contrast = float(seen[inside].std()) if inside.any() else 0.0
    reach = max(3, round(max(seen.shape) / 14))
    by_contrast = 1 / (contrast + 8)
    around = means(brighter, reach) * by_contrast, means(darker, reach) * by_contrast
    most = float((around[0] + around[1]).max())
    sums = float(brighter.sum()), float(darker.sum())
    strokes = np.abs(difference) > tolerated + 2
    in_one = _adds(seen, expected, brighter + darker > 0) * (1 if likeness[0] >= likeness[1] else -1)
    core = _core(strokes)
    found = Comparison(
        likeness=max(likeness),
        inside=covered,
        share=aligned.share,
        changed=most,
        apart=most / (float(np.quantile(around[0] + around[1], 0.75)) + LITTLE),
        both_ways=float(np.minimum(*around).max()),
        one_way=min(sums) / max(max(sums), 1e-6),
        thick=float(core.sum()) / max(int(strokes.sum()), 1),
        uneven=_uneven(seen[core], expected[core]),
        contrast=contrast,
        drift=_drift(difference, expected) if is_crop else 0.0,
        compact=_compact(brighter + darker),
        added="",
        orientation=orientation,
        swapped=swapped,
    )
    if aligned.framed:
        return replace(found, added="second" if swapped else "first")
    if is_crop or most <= CHANGED or not _is_overlaid(found) or not in_one:
        return found
    return replace(found, added="first" if (in_one > 0) == swapped else "second")


def _toned(levels: Floats, wanted: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Levels after the rising curve that brings them nearest to those wanted."""
    from_, to = levels[inside], wanted[inside]
    if from_.size < 2 * KNOTS:
        return levels
    # The few brightest that fill no part of their own are left to the last knot's slope.
    order = np.argsort(from_)[: from_.size // KNOTS * KNOTS].reshape(KNOTS, -1)
    x = np.asarray(from_[order].mean(1), np.float64)
    y = np.asarray(np.median(to[order], axis=1), np.float64)
    y = (np.maximum.accumulate(y) + np.minimum.accumulate(y[::-1])[::-1]) / 2
    x = x + 1e-3 * np.arange(KNOTS)
    # Beyond the knots it goes on as it came.
    below = min(3.0, float((y[3] - y[0]) / max(x[3] - x[0], 4.0)))
    above = min(3.0, float((y[-1] - y[-4]) / max(x[-1] - x[-4], 4.0)))
    x = np.concatenate([[x[0] - 255], x, [x[-1] + 255]])
    y = np.concatenate([[y[0] - 255 * below], y, [y[-1] + 255 * above]])
    return np.clip(np.interp(levels, x, y), 0, 255).astype(np.float32)


def blurred(grey: Floats) -> Floats:
    """Averaged over three pixels each way: resampling leaves each picture sharp in another way."""
    padded = np.pad(grey, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16


def means(values: Floats, side: int) -> Floats:
    """Means of all squares of so many pixels a side that lie in a picture."""
    side = min(side, *values.shape)
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0, np.float64).cumsum(1)
    return (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2


def _drift(difference: Floats, expected: Floats) -> float:
    """How far neighbourhoods lie from where they are expected, by least squares (Lucas & Kanade, 1981).

    One in fifty may lie farther: where there is little to see, noise says anything.
    """
    side = max(5, round(max(expected.shape) / 14))
    down, right = np.asarray(np.gradient(expected), np.float32)
    # A plain neighbourhood is said to lie still.
    still = STILL * STILL
    rows, columns = means(down * down, side) + still, means(right * right, side) + still
    both = means(down * right, side)
    towards_down, towards_right = means(down * difference, side), means(right * difference, side)
    determinant = rows * columns - both * both
    moved = np.hypot(
        (columns * towards_down - both * towards_right) / determinant,
        (rows * towards_right - both * towards_down) / determinant,
    )
    return float(np.quantile(moved, 0.98))


def _compact(changed: Floats) -> float:
    """How nearly what has changed is one round patch: its area by that of the circle of its longer spread."""
    total = float(changed.sum())
    if total <= 0:
        return 0.0
    down, right = changed.sum(1) / total, changed.sum(0) / total
    rows, columns = np.arange(len(down)), np.arange(len(right))
    row, column = float(down @ rows), float(right @ columns)
    crossed = float((rows - row) @ changed @ (columns - column)) / total
    spreads = [[down @ (rows - row) ** 2, crossed], [crossed, right @ (columns - column) ** 2]]
    longer = float(np.linalg.eigvalsh(np.array(spreads, np.float64))[1])
    area = total * total / float((changed * changed).sum())
    return area / (4 * np.pi * longer + 1)


def _adds(seen: Floats, expected: Floats, changed: NDArray[np.bool_]) -> int:
    """In which of two pictures there is more to see where they differ: 1 or -1, the first or second; or 0."""
    edges = [float(np.hypot(*np.gradient(each))[changed].sum()) for each in (seen, expected)]
    return int(edges[0] > MORE * edges[1]) - int(edges[1] > MORE * edges[0])


def _core(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of the pixels that changed, those around which all others within two pixels did too."""
    core = np.zeros_like(changed)
    if min(changed.shape) > 5:
        core[2:-2, 2:-2] = means(changed.astype(np.float32), 5) > 0.99
    return core


def _uneven(seen: Floats, expected: Floats) -> float:
    """Deviation of levels from a share of other levels and a constant: what a veil of one colour makes."""
    if len(seen) < 4:
        return 0.0
    deviation = expected - expected.mean()
    through = float((deviation * seen).sum()) / max(float((deviation * deviation).sum()), 1e-6)
    through = min(max(through, 0.0), 1.0)
    return float((seen - through * expected).std())
