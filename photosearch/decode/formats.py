"""Which files are photos. A format is added here, in one row."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A file format of photos.

    Attributes:
        name: As a person knows it.
        extensions: Lower case, with the dot.
        start: How such a file begins, a regular expression; empty where that does not tell it from others.
        plugins: Pillow's names of what reads it; none: the program has no decoder for it.
    """

    name: str
    extensions: tuple[str, ...]
    start: bytes
    plugins: tuple[str, ...] = ()


_RAW = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 "
    ".rwl .sr2 .srf .srw .x3f"
)

# HEIC waits for a decoder under a permissive licence: the known wheels carry x265, which is GPL.
FORMATS = (
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), rb"\xff\xd8\xff", ("JPEG",)),
    Format("PNG", (".png",), rb"\x89PNG", ("PNG",)),
    Format("WebP", (".webp",), rb"RIFF....WEBP", ("WEBP",)),
    Format("GIF", (".gif",), rb"GIF8[79]a", ("GIF",)),
    Format("BMP", (".bmp", ".dib"), rb"BM", ("BMP",)),
    Format("TIFF", (".tif", ".tiff"), rb"II\*\0|MM\0\*|II\+\0|MM\0\+", ("TIFF",)),
    Format("AVIF", (".avif",), rb"....ftypavi[fs]", ("AVIF",)),
    Format("HEIC", (".heic", ".heif", ".hif"), rb"....ftyp(he[iv]|mif1|msf1)"),
    Format("JPEG XL", (".jxl",), rb"\xff\x0a|\0\0\0\x0cJXL "),
    Format("Camera RAW", tuple(_RAW.split()), b""),
)

PLUGINS = tuple(plugin for format in FORMATS for plugin in format.plugins)
"""Pillow tries these and no others: some of the rest start other programs or are far from photos."""

_BY_EXTENSION = {extension: format for format in FORMATS for extension in format.extensions}


def is_photo(name: str) -> bool:
    """Whether a file of this name should be a photo, readable by this program or not."""
    return os.path.splitext(name)[1].lower() in _BY_EXTENSION


def format_of_name(name: str) -> Format | None:
    """The format a file's name promises."""
    return _BY_EXTENSION.get(os.path.splitext(name)[1].lower())


def format_of_start(start: bytes) -> Format | None:
    """The format that a file's first 16 bytes show."""
    for format in FORMATS:
        if format.start and re.match(format.start, start, re.DOTALL):
            return format
    return None
