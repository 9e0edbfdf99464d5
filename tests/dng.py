"""Camera RAW files written by hand (Adobe's DNG, which is a TIFF): a preview, and what the sensor saw."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from PIL import Image

BYTE, TEXT, SHORT, LONG, RATIONAL, SIGNED = 1, 2, 3, 4, 5, 10
LETTERS = {BYTE: "B", SHORT: "H", LONG: "I"}
SIZES = {BYTE: 1, TEXT: 1, SHORT: 2, LONG: 4, RATIONAL: 8, SIGNED: 8}

SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
"""From XYZ, as IEC 61966-2-1 gives it."""

Tags = dict[int, tuple[int, Any]]


def dng(
    sensor: Image.Image,
    preview: Image.Image | None = None,
    orientation: int = 1,
    taken: str = "",
    camera: tuple[str, str] = ("", ""),
    place: tuple[str, tuple[int, int, int], str, tuple[int, int, int]] | None = None,
) -> bytes:
    """A DNG.

    Args:
        sensor: What the photo shows, as it is stored.
        preview: The same as a JPEG that says nothing of itself; None: there is none.
        orientation: EXIF's, of both.
        place: Side and degrees, minutes, seconds: `("N", (52, 30, 0), "E", (13, 24, 0))`.
    """
    colours = np.asarray(sensor.convert("RGB")).astype(np.uint16) * 257
    mosaic = colours[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = colours[::2, ::2, 0], colours[1::2, 1::2, 2]
    file = bytearray(b"II*\0" + bytes(4))
    photo: Tags = {
        254: (LONG, [0]),
        256: (LONG, [sensor.width]),
        257: (LONG, [sensor.height]),
        258: (SHORT, [16]),
        259: (SHORT, [1]),
        262: (SHORT, [32803]),
        273: (LONG, [_append(file, mosaic.astype("<u2").tobytes())]),
        277: (SHORT, [1]),
        278: (LONG, [sensor.height]),
        279: (LONG, [mosaic.nbytes]),
        33421: (SHORT, [2, 2]),
        33422: (BYTE, [0, 1, 1, 2]),
    }
    about: Tags = {
        271: (TEXT, camera[0]),
        272: (TEXT, camera[1]),
        274: (SHORT, [orientation]),
        34665: (LONG, [_directory(file, {36867: (TEXT, taken)} if taken else {})]),
        50706: (BYTE, [1, 4, 0, 0]),
        50708: (TEXT, " ".join(camera)),
        # The sensor's colours are those of sRGB.
        50721: (SIGNED, [(round(1e4 * value), 10_000) for value in SRGB]),
        50728: (RATIONAL, [(1, 1)] * 3),
    }
    if place:
        degrees = [[(part, 1) for part in angle] for angle in (place[1], place[3])]
        told: Tags = {1: (TEXT, place[0]), 2: (RATIONAL, degrees[0])}
        told |= {3: (TEXT, place[2]), 4: (RATIONAL, degrees[1])}
        about[34853] = (LONG, [_directory(file, told)])
    if preview is None:
        first = photo | about
    else:
        jpeg = io.BytesIO()
        preview.save(jpeg, "JPEG", quality=95)
        first = about | {
            254: (LONG, [1]),
            256: (LONG, [preview.width]),
            257: (LONG, [preview.height]),
            258: (SHORT, [8, 8, 8]),
            259: (SHORT, [7]),
            262: (SHORT, [6]),
            273: (LONG, [_append(file, jpeg.getvalue())]),
            277: (SHORT, [3]),
            278: (LONG, [preview.height]),
            279: (LONG, [len(jpeg.getvalue())]),
            330: (LONG, [_directory(file, photo)]),
        }
    file[4:8] = struct.pack("<I", _directory(file, first))
    return bytes(file)


def _append(file: bytearray, body: bytes) -> int:
    file += bytes(len(file) % 2)
    file += body
    return len(file) - len(body)


def _directory(file: bytearray, tags: Tags) -> int:
    entries = struct.pack("<H", len(tags))
    for tag, (kind, value) in sorted(tags.items()):
        if kind == TEXT:
            body = value.encode() + b"\0"
        elif kind in (RATIONAL, SIGNED):
            body = b"".join(struct.pack("<ii", *pair) for pair in value)
        else:
            body = struct.pack(f"<{len(value)}{LETTERS[kind]}", *value)
        count = len(body) // SIZES[kind]
        place = body.ljust(4, b"\0") if len(body) <= 4 else struct.pack("<I", _append(file, body))
        entries += struct.pack("<HHI", tag, kind, count) + place
    return _append(file, entries + bytes(4))
