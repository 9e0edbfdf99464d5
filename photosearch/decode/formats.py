"""Which files are photos. A format is added here, in one row."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Format:
    """A file format of photos.

    Attributes:
        name: As a person knows it.
        extensions: Lower case, with the dot.
        start: How such a file begins, a regular expression; empty where that does not tell it from others.
        plugins: Pillow's names of what reads it; none: `raw` reads it.
        library: The package that reads it where Pillow alone does not.
        turned: Its decoder turns pictures upright as the file itself says; what EXIF says of that is a copy.
    """

    name: str
    extensions: tuple[str, ...]
    start: bytes
    plugins: tuple[str, ...] = ()
    library: str = ""
    turned: bool = False


_RAW = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 "
    ".rwl .sr2 .srf .srw .x3f"
)

FORMATS = (
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), rb"\xff\xd8\xff", ("JPEG",)),
    Format("PNG", (".png",), rb"\x89PNG", ("PNG",)),
    Format("WebP", (".webp",), rb"RIFF....WEBP", ("WEBP",)),
    Format("GIF", (".gif",), rb"GIF8[79]a", ("GIF",)),
    Format("BMP", (".bmp", ".dib"), rb"BM", ("BMP",)),
    Format("TIFF", (".tif", ".tiff"), rb"II\*\0|MM\0\*|II\+\0|MM\0\+", ("TIFF",)),
    Format("AVIF", (".avif",), rb"....ftypavi[fs]", ("AVIF",)),
    # Not pillow-heif: its wheels carry the encoder x265, which is GPL.
    Format(
        "HEIC", (".heic", ".heif", ".hif"), rb"....ftyp(he[iv]|mif1|msf1)", ("HEIF",), "pi-heif", turned=True
    ),
    # Not pillow-jxl-plugin, which is GPL.
    Format("JPEG XL", (".jxl",), rb"\xff\x0a|\0\0\0\x0cJXL ", ("JXL",), "pylibjxl", True),
    Format("Camera RAW", tuple(_RAW.split()), b"", (), "rawpy"),
)

PLUGINS = tuple(plugin for format in FORMATS for plugin in format.plugins if not format.library)
"""Pillow tries these and no others: some of the rest start other programs or are far from photos."""

TURNED = frozenset(plugin for format in FORMATS for plugin in format.plugins if format.turned)
"""Pillow's names of what reads formats whose pictures come upright."""

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


@cache
def can_read(format: Format) -> bool:
    """Whether what reads a format is installed; loads it, which takes time and memory."""
    try:
        match format.library:
            case "pi-heif":
                import pi_heif

                # More threads would take the cores of other workers, and memory each.
                pi_heif.register_heif_opener(decode_threads=1)
            case "pylibjxl":
                import pylibjxl

                pylibjxl.register_pillow()
            case "rawpy":
                import rawpy  # noqa: F401
    except ImportError:
        return False
    return True
