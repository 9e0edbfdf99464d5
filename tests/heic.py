"""HEIC files written by hand, because what encodes HEVC is under the GPL: every block holds its samples as
they are (PCM), so nothing has to be compressed. The numbers of the sections are those of ITU-T H.265.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

BLOCK = 32
"""Pixels on a side of a coding block: the largest that may hold samples as they are."""

# What the arithmetic coder makes of the only decisions there are, with their contexts as they begin (9.3):
# “one block, not divided; its samples as they are”, and “this was the last block”. Zeros fill up the byte.
AS_THEY_ARE = bytes([0b10000110, 0b10000000])
LAST_BLOCK = bytes([0b11111110, 0b10000000])

VPS, SPS, PPS, IDR = 32, 33, 34, 19


def heic(
    picture: Image.Image,
    exif: bytes = b"",
    quarter_turns: int = 0,
    mirrored: bool = False,
    later: Sequence[Image.Image] = (),
) -> bytes:
    """A HEIC of a picture, or of the frames of a burst.

    Args:
        picture: Of even width and height.
        exif: As Pillow writes it.
        quarter_turns: The viewer is to turn what is stored so many times counter-clockwise,
        mirrored: and then to exchange left and right.
        later: The other frames, as large as the first.
    """
    codec = _configuration(picture.size)
    frames = [
        b"".join(struct.pack(">I", len(unit)) + unit for unit in _slices(frame))
        for frame in (picture, *later)
    ]
    size = struct.pack(">IIII", 20, 0, *picture.size)
    properties = [_box(b"hvcC", codec), _box(b"ispe", size[4:])]
    properties.append(_box(b"colr", b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)))
    if quarter_turns:
        properties.append(_box(b"irot", bytes([quarter_turns])))
    if mirrored:
        properties.append(_box(b"imir", bytes([1])))
    items = [(b"hvc1", samples) for samples in frames]
    if exif:
        items.append((b"Exif", struct.pack(">I", exif.startswith(b"Exif\0\0") * 6) + exif))
    start = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    # Where the items lie depends on how long this box is, but not the other way round.
    at = len(start) + len(_meta(items, properties, 0)) + 8
    return start + _meta(items, properties, at) + _box(b"mdat", b"".join(body for _, body in items))


def _meta(items: list[tuple[bytes, bytes]], properties: list[bytes], at: int) -> bytes:
    entries, places = b"", b""
    for number, (kind, body) in enumerate(items, 1):
        entries += _box(b"infe", struct.pack(">IHH", 2 << 24, number, 0) + kind + b"\0")
        places += struct.pack(">HHHII", number, 0, 1, at, len(body))
        at += len(body)
    frames = [number for number, (kind, _) in enumerate(items, 1) if kind == b"hvc1"]
    described = struct.pack(">HHH", len(items), 1, 1)
    about = _box(b"cdsc", described) if len(items) > len(frames) else b""
    belongs = bytes([len(properties)]) + bytes(range(1, len(properties) + 1))
    belong = struct.pack(">II", 0, len(frames)) + b"".join(
        struct.pack(">H", number) + belongs for number in frames
    )
    return _box(
        b"meta",
        bytes(4)
        + _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
        + _box(b"pitm", struct.pack(">IH", 0, 1))
        + _box(b"iloc", struct.pack(">IHH", 0, 0x4400, len(items)) + places)
        + _box(b"iinf", struct.pack(">IH", 0, len(items)) + entries)
        + (_box(b"iref", bytes(4) + about) if about else b"")
        + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _box(b"ipma", belong)),
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _blocks(size: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // BLOCK), -(-size[1] // BLOCK)


def _configuration(size: tuple[int, int]) -> bytes:
    """The decoder's configuration (ISO/IEC 14496-15): the profile and the parameter sets."""
    profile = "00000011" + f"{0x70000000:032b}" + "1001" + "0" * 44 + f"{30:08b}"
    start = bytes([1]) + _bytes(profile) + bytes([0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 3])
    sets = ((VPS, _video(profile)), (SPS, _sequence(profile, size)), (PPS, _picture()))
    units = [(kind, _unit(kind, _bytes(bits + "1"))) for kind, bits in sets]
    return start + b"".join(
        bytes([0x80 | kind]) + struct.pack(">HH", 1, len(unit)) + unit for kind, unit in units
    )


def _video(profile: str) -> str:
    """7.3.2.1: one layer."""
    return "0000" + "11" + "000000" + "000" + "1" + "1" * 16 + profile + "1" + "111" + "000000" + "1" + "00"


def _sequence(profile: str, size: tuple[int, int]) -> str:
    """7.3.2.2: 8 bits, 4:2:0, blocks of one size."""
    across, down = _blocks(size)
    spare = across * BLOCK - size[0], down * BLOCK - size[1]
    window = "1" + _ue(0) + _ue(spare[0] // 2) + _ue(0) + _ue(spare[1] // 2)
    blocks = _ue(2) + _ue(0) + _ue(0) + _ue(3) + _ue(0) + _ue(0)
    samples = "1" + "0111" + "0111" + _ue(2) + _ue(0) + "1"
    return (
        ("0000" + "000" + "1" + profile + _ue(0) + _ue(1) + _ue(across * BLOCK) + _ue(down * BLOCK) + window)
        + (_ue(0) + _ue(0) + _ue(0) + "1" + _ue(0) + _ue(0) + _ue(0) + blocks)
        + ("0" + "0" + "0" + samples + _ue(0) + "0" + "0" + "0" + "0" + "0")
    )


def _picture() -> str:
    """7.3.2.3: no tools, no filters."""
    return (
        (_ue(0) + _ue(0) + "0" + "0" + "000" + "0" + "0" + _ue(0) + _ue(0) + _ue(0) + "0" + "0" + "0")
        + (_ue(0) + _ue(0) + "0" + "0" + "0" + "0" + "0" + "0" + "0")
        + ("1" + "0" + "1" + "0" + "0" + _ue(0) + "0" + "0")
    )


def _slices(picture: Image.Image) -> list[bytes]:
    """One slice a block, so that each begins with the same contexts (7.3.6)."""
    across, down = _blocks(picture.size)
    padding = (0, down * BLOCK - picture.height), (0, across * BLOCK - picture.width), (0, 0)
    light = np.pad(np.asarray(picture.convert("YCbCr")), padding, "edge")
    colour = light.reshape(down * BLOCK // 2, 2, across * BLOCK // 2, 2, 3).mean(axis=(1, 3)).round()
    units = []
    for number in range(across * down):
        y, x = (at * BLOCK for at in divmod(number, across))
        address = f"{number:0{(across * down - 1).bit_length()}b}" if number else ""
        header = ("0" if number else "1") + "0" + _ue(0) + address + _ue(2) + _ue(0) + "1"
        half = colour[y // 2 : (y + BLOCK) // 2, x // 2 : (x + BLOCK) // 2].astype(np.uint8)
        samples = light[y : y + BLOCK, x : x + BLOCK, 0], half[..., 1], half[..., 2]
        body = b"".join(plane.tobytes() for plane in samples)
        units.append(_unit(IDR, _bytes(header) + AS_THEY_ARE + body + LAST_BLOCK))
    return units


def _unit(kind: int, body: bytes) -> bytes:
    """7.3.1: a header, and no start code by accident in what follows."""
    written = bytearray()
    for byte in body:
        if byte <= 3 and written[-2:] == b"\0\0":
            written.append(3)
        written.append(byte)
    return bytes([kind << 1, 1]) + bytes(written)


def _ue(value: int) -> str:
    """9.2: an Exp-Golomb code; of 0 also where the number has a sign."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _bytes(bits: str) -> bytes:
    """Bits, filled up with zeros to whole bytes."""
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
