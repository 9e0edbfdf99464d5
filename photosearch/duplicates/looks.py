"""A photo's look, 45 bytes: enough to find its copies among a million, whichever way up, without a pixel.

A look is the lowest frequencies of the whole grey photo squashed to a square (the idea of pHash; here they
keep their sizes). To turn or mirror a photo swaps its frequencies and changes their signs, so all eight
orientations of a look are known from one. Copies that were turned, saved again, resized or exposed otherwise
have nearly the same signs, and are found by hashing some of these; of crops a look tells whether one may be.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.duplicates.alignment import (
    COARSE,
    COMPARED,
    KEPT,
    Floats,
    centres,
    cosines,
    oriented_transform,
    unit,
)

_FREQUENCIES = np.add.outer(np.arange(KEPT), np.arange(KEPT))
_USED = (_FREQUENCIES > 0) & (_FREQUENCIES < KEPT)
_LOW = (_FREQUENCIES[:COMPARED, :COMPARED] > 0) & (_FREQUENCIES[:COMPARED, :COMPARED] < COMPARED)

COEFFICIENTS = int(_USED.sum())
"""Frequencies in a look."""

BYTES = COEFFICIENTS + 1
"""Of a look: a signed byte a frequency, and one that says how much contrast there is."""

PLAIN = 4
"""Less contrast than this, in levels, and a photo looks like every other of its kind."""

BANDS = 10
"""Hashes of each look; each is of other signs."""

CROWD = 64
"""Of the looks that share a hash, so many are compared with one."""

OTHER_SIGNS = 6
"""Copies have so many other signs at most, of 44."""

ALIKE = 0.9
"""The cosine of the looks of copies that were not cropped."""

PERHAPS_CROPPED = 0.8
"""The cosine of looks, one of them cropped, that may be of one shot."""

CHUNK = 4096

SIDE = 80
"""Of the squares that looks are made of where nobody has made squares yet, in pixels."""


def looks_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The looks of photos squashed to squares: RGB, shape (n, side, side, 3) → shape (n, BYTES)."""
    side = pixels.shape[1]
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    waves = cosines(centres(side)) * np.float32(COARSE / side)
    coefficients = (waves @ grey @ waves.T)[:, _USED]
    contrast = np.sqrt((coefficients**2).sum(1, keepdims=True)) / COARSE
    most = np.maximum(np.abs(coefficients).max(1, keepdims=True), 1e-3)
    signed = np.rint(127 * coefficients / most).astype(np.int8)
    return np.concatenate([signed.view(np.uint8), np.minimum(contrast, 255).astype(np.uint8)], 1)


def squashed(thumbnail: bytes) -> NDArray[np.uint8]:
    """A JPEG squashed to a square as looks are made of: RGB, shape (SIDE, SIDE, 3)."""
    image = Image.open(io.BytesIO(thumbnail))
    image.draft("RGB", (SIDE, SIDE))
    return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def transforms(looks: NDArray[np.uint8]) -> Floats:
    """What looks tell of the cosine transforms: shape (n, KEPT, KEPT), each of its own scale."""
    made = np.zeros((len(looks), KEPT, KEPT), np.float32)
    made[:, _USED] = np.ascontiguousarray(looks[:, :-1]).view(np.int8)
    return made


def turned_copies(
    looks: NDArray[np.uint8], new: NDArray[np.integer]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of photos that look the same, whichever way up.

    Args:
        looks: Of N photos, shape (N, BYTES).
        new: Positions of those of which pairs with any other are wanted.

    Yields:
        Positions, the lower first, shapes (n,) each; a pair may come several times.
    """
    tells = looks[:, -1] >= PLAIN
    everywhere, new = np.flatnonzero(tells), new[tells[new]]
    if not len(new):
        return
    signs = _signs(transforms(looks[everywhere]))
    # As long as it leaves few strangers together: one more bit halves them.
    length = int(np.clip(np.log2(len(everywhere)) + 3, 8, 24))
    chance = np.random.default_rng(0)
    # The lower half of the frequencies, which edits change least.
    steady = np.argsort(_FREQUENCIES[_USED], kind="stable")[:32]
    bands = [chance.choice(steady, length, replace=False) for _ in range(BANDS)]
    packed = _packed(signs, np.arange(COEFFICIENTS))
    sorted_bands = []
    for band in bands:
        keys = _packed(signs, band)
        order = np.argsort(keys, kind="stable")
        sorted_bands.append((keys[order], everywhere[order], packed[order]))
    for start in range(0, len(new), CHUNK):
        part = new[start : start + CHUNK]
        own = transforms(looks[part])
        for way in range(8):
            turned = _signs(oriented_transform(own, way))
            whole = _packed(turned, np.arange(COEFFICIENTS))
            for band, (keys, places, others) in zip(bands, sorted_bands, strict=True):
                wanted = _packed(turned, band)
                begin, end = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
                count = np.minimum(end - begin, CROWD)
                row = np.repeat(np.arange(len(part)), count)
                within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
                at = begin[row] + within
                near = np.bitwise_count(whole[row] ^ others[at]) <= OTHER_SIGNS
                first, second = part[row[near]], places[at[near]]
                differ = first != second
                first, second = first[differ], second[differ]
                if len(first):
                    alike = _cosines_of(looks, first, second, way) >= ALIKE
                    first, second = first[alike], second[alike]
                    yield np.minimum(first, second), np.maximum(first, second)


def may_be_copies(
    looks: NDArray[np.uint8], first: NDArray[np.integer], second: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Which pairs of photos, both the same way up, may be copies, one of them cropped perhaps: shape (n,)."""
    may = np.zeros(len(first), bool)
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        one, other = first[part], second[part]
        alike = _cosines_of(looks, one, other, 0) >= ALIKE
        rest = np.flatnonzero(~alike)
        if len(rest):
            alike[rest] = _cropped(looks, one[rest], other[rest]) | _cropped(looks, other[rest], one[rest])
        may[part] = alike
    return may & (looks[first, -1] >= PLAIN) & (looks[second, -1] >= PLAIN)


def _cropped(
    looks: NDArray[np.uint8], larger: NDArray[np.integer], smaller: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Whether the one may be a part of the other."""
    unique, at = np.unique(larger, return_inverse=True)
    whole = transforms(looks[unique])
    rows = np.einsum("iab,nbc->niac", _PARTS, whole, optimize=True)
    made = np.einsum(
        "kab,kcb->kac",
        rows[:, _PART_ROWS].reshape(-1, COMPARED, KEPT),
        np.tile(_PARTS[_PART_COLUMNS], (len(unique), 1, 1)),
    )
    crops = unit(made.reshape(len(unique), len(_PART_ROWS), COMPARED, COMPARED)[..., _LOW])
    wanted = unit(transforms(looks[smaller])[:, :COMPARED, :COMPARED][:, _LOW])
    best = np.einsum("nkd,nd->nk", crops[at], wanted).max(1)
    return best >= PERHAPS_CROPPED


def _cosines_of(
    looks: NDArray[np.uint8], first: NDArray[np.integer], second: NDArray[np.integer], way: int
) -> Floats:
    """Cosines of looks, the first ones turned."""
    one = oriented_transform(transforms(looks[first]), way)[:, _USED]
    other = np.ascontiguousarray(looks[second, :-1]).view(np.int8).astype(np.float32)
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines: Floats = (one * other).sum(1) / np.maximum(norms, 1e-6)
    return cosines


def _signs(coefficients: Floats) -> NDArray[np.bool_]:
    return coefficients[:, _USED] > 0


def _packed(signs: NDArray[np.bool_], chosen: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Some of the signs of each look as one number."""
    packed = np.zeros(len(signs), np.uint64)
    for bit, column in enumerate(chosen.tolist()):
        packed |= signs[:, column].astype(np.uint64) << np.uint64(bit)
    return packed


def _parts() -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Fewer crops than `alignment` looks at: to see whether it is worth while."""
    lines = [(0.14 * step, 1 - 0.14 * level, level) for level in range(3) for step in range(level + 1)]
    points = centres(COARSE)
    whole = cosines(points)[:COMPARED]
    matrices: Floats = np.stack(
        [whole @ cosines((start + length * points).astype(np.float32)).T for start, length, _ in lines]
    )
    levels = np.array([level for *_, level in lines])
    rows, columns = np.nonzero(np.abs(np.subtract.outer(levels, levels)) <= 1)
    return matrices, rows, columns


_PARTS, _PART_ROWS, _PART_COLUMNS = _parts()
