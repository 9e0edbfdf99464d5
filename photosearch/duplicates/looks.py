"""A photo's look, 45 bytes: enough to find its copies among a million, whichever way up, without a pixel.

A look is the lowest frequencies of the whole grey photo squashed to a square (the idea of pHash; here they
keep their sizes). To turn or mirror a photo swaps its frequencies and changes their signs, so all eight
orientations of a look are known from one. Copies that were turned, saved again, resized or exposed otherwise
have nearly the same signs, and are found by hashing some of these; of crops a look tells whether one may be.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.duplicates.alignment import (
    COARSE,
    CROPS,
    KEPT,
    LOW_OF_KEPT,
    Crops,
    Floats,
    centres,
    cosines,
    turned_frequencies,
    unit,
)

_FREQUENCIES = np.add.outer(np.arange(KEPT), np.arange(KEPT))
_USED = (_FREQUENCIES > 0) & (_FREQUENCIES < KEPT)
COEFFICIENTS = int(_USED.sum())
"""Frequencies in a look."""

BYTES = COEFFICIENTS + 1
"""Of a look: a signed byte a frequency, and one that says how much contrast there is, and if any colour."""

GREY = 0x80
"""In the last byte: no colour. The contrast, a deviation of levels from 0 to 255, needs seven bits."""

TINT = 2.0
"""A photo whose channels differ by less than so many levels, on average, has no colour."""

PLAIN = 4
"""Less contrast than this, in levels, and a photo looks like every other of its kind."""

BANDS = 10
"""Hashes of each look; each is of other signs."""

SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number without a pattern: its products spread over their upper bits (multiplicative hashing)."""

CROWD = 64
"""Of the looks that share a hash, so many are compared with one."""

OTHER_SIGNS = 6
"""Copies have so many other signs at most, of 44."""

ALIKE = 0.9
"""The cosine of the looks of copies that were not cropped."""

ROUGHLY_CROPPED, PERHAPS_CROPPED = 0.75, 0.92
"""The cosine of looks of what may be one shot, one cropped to the nearest of few crops, and of many."""

CHUNK = 4096

CROPPED_AT_ONCE = 512
"""Pairs of which all crops of the one are compared at a time: 18 kB each."""

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
    last = np.minimum(contrast, GREY - 1).astype(np.uint8)
    last[np.ptp(pixels, axis=-1).mean((1, 2)) < TINT] |= GREY
    return np.concatenate([signed.view(np.uint8), last], 1)


def are_grey(looks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which photos have no colour, by their looks, shape (n, BYTES): shape (n,)."""
    return (looks[:, -1] & GREY) > 0


def _tell(looks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which photos have enough contrast to be told from others."""
    return (looks[:, -1] & (GREY - 1)) >= PLAIN


def squashed(thumbnail: bytes) -> NDArray[np.uint8]:
    """A JPEG squashed to a square as looks are made of: RGB, shape (SIDE, SIDE, 3)."""
    image = Image.open(io.BytesIO(thumbnail))
    image.draft("RGB", (SIDE, SIDE))
    return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


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
    tells = _tell(looks)
    everywhere, new = np.flatnonzero(tells), new[tells[new]]
    if not len(new):
        return
    (signs,) = _signs(looks[everywhere], [0])
    # As long as it leaves few strangers together: one more bit halves them.
    length = int(np.clip(np.log2(len(everywhere)) + 3, 8, 24))
    chance = np.random.default_rng(0)
    turned = _signs(looks[new], range(8))
    for _ in range(BANDS):
        band = chance.choice(_STEADY, length, replace=False)
        keys = _hashes(signs, band)
        # With its place below it each is sorted in a tenth of the time that an argsort takes.
        order = np.sort(keys << 32 | np.arange(len(keys))) & 0xFFFFFFFF
        begins = np.zeros((1 << length) + 1, np.int64)
        np.cumsum(np.bincount(keys, minlength=1 << length), out=begins[1:])
        for way in range(8):
            wanted = _hashes(turned[way], band)
            for start in range(0, len(new), CHUNK):
                part = slice(start, start + CHUNK)
                begin = begins[wanted[part]]
                count = np.minimum(begins[wanted[part] + 1] - begin, CROWD)
                row = np.repeat(np.arange(len(count)), count)
                within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
                at = order[begin[row] + within]
                near = np.bitwise_count(turned[way][part][row] ^ signs[at]) <= OTHER_SIGNS
                first, second = new[part][row[near]], everywhere[at[near]]
                differ = first != second
                first, second = first[differ], second[differ]
                if len(first):
                    alike = _cosines_of(looks, first, second, way) >= ALIKE
                    first, second = first[alike], second[alike]
                    yield np.minimum(first, second), np.maximum(first, second)


def may_be_parts(
    looks: NDArray[np.uint8], larger: NDArray[np.integer], smaller: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """In which pairs of photos, both the same way up, the one may be a part of the other or all of it: (n,).

    Quickest where the same larger photos come in many of the pairs: the crops of each are made once.
    """
    tell = _tell(looks)
    told = np.flatnonzero(tell[larger] & tell[smaller])
    may = np.zeros(len(larger), bool)
    for start in range(0, len(told), CHUNK):
        part = told[start : start + CHUNK]
        may[part] = _cosines_of(looks, larger[part], smaller[part], 0) >= ALIKE
    rest = told[~may[told]]
    for parts, least in _PARTS:
        rest = rest[_cropped(looks, larger[rest], smaller[rest], parts) >= least]
    may[rest] = True
    return may


def may_show(look: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Of which photos looks do not rule out that one is seen in the other, whichever way up: shape (n,).

    Parts of less than two thirds of the side are.

    Args:
        look: Of the one, shape (BYTES,).
        others: Of the others, shape (n, BYTES).
    """
    both = np.concatenate([look[None], others])
    one, each = np.zeros(len(others), np.int64), np.arange(1, len(both))
    may = may_be_parts(both, one, each) | may_be_parts(both, each, one)
    for way in range(1, 8):
        may |= _tell(both)[each] & (_cosines_of(both, one, each, way) >= ALIKE)
    return may


def _cropped(
    looks: NDArray[np.uint8], larger: NDArray[np.integer], smaller: NDArray[np.integer], parts: Floats
) -> Floats:
    """The cosines of looks, the first ones cropped to the likest of these crops: shape (n,)."""
    likest = np.empty(len(larger), np.float32)
    order = np.argsort(larger, kind="stable")
    for start in range(0, len(order), CROPPED_AT_ONCE):
        some = order[start : start + CROPPED_AT_ONCE]
        photos, at = np.unique(larger[some], return_inverse=True)
        made = _coefficients(looks[photos]) @ parts
        crops = made.reshape(len(photos), -1, len(_LOW_OF_USED))
        lengths = np.maximum(np.sqrt(np.einsum("nkd,nkd->nk", crops, crops)), 1e-6)
        wanted = unit(_coefficients(looks[smaller[some]])[:, _LOW_OF_USED])
        likest[some] = (np.einsum("nkd,nd->nk", crops[at], wanted) / lengths[at]).max(1)
    return likest


def _coefficients(looks: NDArray[np.uint8]) -> Floats:
    """The frequencies of looks, shape (n, COEFFICIENTS), each of its own scale."""
    return np.ascontiguousarray(looks[:, :-1]).view(np.int8).astype(np.float32)


def _cosines_of(
    looks: NDArray[np.uint8], first: NDArray[np.integer], second: NDArray[np.integer], way: int
) -> Floats:
    """Cosines of looks, the first ones turned."""
    source, sign = _TURNED[way]
    one = _coefficients(looks[first])[:, source] * sign
    other = _coefficients(looks[second])
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines: Floats = (one * other).sum(1) / np.maximum(norms, 1e-6)
    return cosines


def _signs(looks: NDArray[np.uint8], ways: Sequence[int]) -> list[NDArray[np.uint64]]:
    """The signs of looks in some orientations, a bit a frequency: of each orientation shape (n,)."""
    packed = {}
    # To transpose a photo moves its frequencies; whatever else is done to it changes signs only.
    for way in {way & 1 for way in ways}:
        values = looks[:, :-1].view(np.int8)[:, _TURNED[way][0]]
        packed[way] = _packed(values > 0), _packed(values < 0)
    changed = [_packed(_TURNED[way][1][None] < 0) for way in ways]
    each = [packed[way & 1] for way in ways]
    return [(above & ~here) | (below & here) for (above, below), here in zip(each, changed, strict=True)]


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Up to 64 bits of each row as a number, the first the lowest: shape (n,)."""
    padded = np.zeros((len(bits), 64), bool)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u8")[:, 0].astype(np.uint64, copy=False)


def _hashes(signs: NDArray[np.uint64], band: NDArray[np.integer]) -> NDArray[np.int64]:
    """Some of the signs as a number of as many bits; a few that differ share one."""
    chosen = np.bitwise_or.reduce(np.uint64(1) << band.astype(np.uint64))
    return ((signs & chosen) * SPREAD >> np.uint64(64 - len(band))).astype(np.int64)


def _parts(crops: Crops) -> Floats:
    """What makes the low frequencies of crops of those of a look: shape (COEFFICIENTS, crops × low ones)."""
    basis = np.zeros((COEFFICIENTS, KEPT, KEPT), np.float32)
    basis[:, _USED] = np.eye(COEFFICIENTS, dtype=np.float32)
    return np.stack([crops.of(each).ravel() for each in basis])


_TURNED = [turned_frequencies(_USED, way) for way in range(8)]

_PARTS = (_parts(Crops(0.14, 3)), ROUGHLY_CROPPED), (_parts(CROPS), PERHAPS_CROPPED)

_LOW_OF_USED = np.flatnonzero(LOW_OF_KEPT[_USED])

# The lower half of the frequencies, which edits change least.
_STEADY = np.argsort(_FREQUENCIES[_USED], kind="stable")[:32]
