"""One file → upright 8-bit sRGB, read at no higher resolution than needed.

JPEG is decoded at a half, a quarter or an eighth of its size where that is enough; other formats are averaged
down right after decoding, so that colours and orientation are worked out on few pixels. What is see-through
is shown on white, as on a page.
"""

from __future__ import annotations

import errno
import io
import math
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from photosearch.decode.exif import read_details, read_exif, read_particulars
from photosearch.decode.formats import PLUGINS, TURNED, Format, can_read, format_of_name, format_of_start
from photosearch.errors import DriveFailed, PhotoUnreadable
from photosearch.records import WHOLE, Box, Decoded, Details, Particulars, Picture

PIXEL_LIMIT = 300_000_000
"""A picture of more pixels is refused before any is decoded."""

THUMBNAIL = 320
"""Longer side of a thumbnail, in pixels."""

SPARE = 1.5
"""Pictures are decoded at least so many times larger than asked and then resampled, or the coarse scaling of
a decoder would be seen. (Of 12 megapixels, thumbnails come within 41 dB and squares within 52 dB of those of
a full decode, which takes six times as long.)"""

DRIVE_ERRORS = frozenset(
    getattr(errno, name)
    for name in (
        *("EIO", "ENXIO", "ENODEV", "ENOMEDIUM", "EREMOTEIO", "ESTALE", "ENOTCONN", "ETIMEDOUT", "ENETDOWN"),
        *("ENETUNREACH", "EHOSTDOWN", "EHOSTUNREACH", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET"),
    )
    if hasattr(errno, name)
)
"""What the system says when a drive failed, was pulled, or its server is not there."""

NO_MEMORY = "The picture needs more memory than decoding may take."

# Pillow refuses what has twice as many; ours is checked with a sentence of its own.
Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT

_PHOTOMETRIC = ExifTags.Base.PhotometricInterpretation

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {_TURNS[5], _TURNS[6], _TURNS[7], _TURNS[8]}


def decode(source: Path | bytes, size: int, box: Box = WHOLE) -> Decoded:
    """Read a photo for the model and for the grid.

    Args:
        source: A file, or the bytes of an encoded picture.
        size: Side of the square the model takes, in pixels.
        box: The part that is read.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """

    def share(width: int, height: int) -> float:
        # Before decoding it is not known which side will be the width, so both are taken for the shorter one.
        part = max(1.0, min(width, height) * min(box.width, box.height))
        return max(size / part, THUMBNAIL / max(width, height))

    image, details = _upright(source, share)
    part = crop(image, box)
    return Decoded(square(part, size), thumbnail(part), details)


def open_upright(
    source: Path | bytes, longest: int | None = None, most_pixels: int | None = None
) -> tuple[Image.Image, Details]:
    """Read a photo as it is to be looked at: upright, sRGB, mode `RGB`.

    Args:
        source: A file, or the bytes of an encoded picture.
        longest: At most so many pixels on its longer side; None: as it is.
        most_pixels: At most so many in all, likewise.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """

    def share(width: int, height: int) -> float:
        by_side = longest / max(width, height) if longest else 1.0
        by_area = math.sqrt(most_pixels / (width * height)) if most_pixels else 1.0
        return min(1.0, by_side, by_area)

    image, details = _upright(source, share)
    asked = share(details.width, details.height) * max(details.width, details.height)
    return _no_longer(image, max(1, int(asked))), details


def view(source: Path | bytes, longest: int | None, most_pixels: int) -> Picture:
    """Read a photo as it is shown; the arguments are those of `open_upright`.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """
    image, details = open_upright(source, longest, most_pixels)
    return Picture(np.asarray(image), details)


def particulars(source: Path | bytes) -> Particulars:
    """What a photo's file says of itself; its pixels are not decoded.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """
    with _opened(source) as opened:
        image = opened.image
        exif = read_exif(image) if opened.exif is None else opened.exif
        format = image.format or ""
        if isinstance(source, Path) and opened.exif is not None:
            # The picture is the preview that a camera put into its RAW file.
            format = f"RAW ({source.suffix.lstrip('.').upper()})"
        return read_particulars(exif, format, _profile_name(image.info.get("icc_profile")))


def pages(source: Path | bytes) -> int:
    """How many pictures a file shows, one after the other: pages of a TIFF, frames of an animation, a burst.

    What a JPEG or a camera's RAW file holds besides are previews of its one picture.

    Raises:
        PhotoUnreadable: With the reason as one sentence.
    """
    with _opened(source) as opened:
        image = opened.image
        return (
            1 if opened.exif is not None or image.format in ("JPEG", "MPO") else getattr(image, "n_frames", 1)
        )


def square(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """The whole picture squashed to a square: the model's preprocessing, in training and in the program.

    Returns:
        uint8 RGB, shape (size, size, 3), resampled with a triangle filter as wide as the scale asks
        (antialiased).
    """
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def crop(image: Image.Image, box: Box) -> Image.Image:
    """A part of a picture, to the nearest pixel, at least one pixel large."""
    if box == WHOLE:
        return image
    left = min(max(round(box.x * image.width), 0), image.width - 1)
    top = min(max(round(box.y * image.height), 0), image.height - 1)
    right = min(max(round((box.x + box.width) * image.width), left + 1), image.width)
    bottom = min(max(round((box.y + box.height) * image.height), top + 1), image.height)
    return image.crop((left, top, right, bottom))


def thumbnail(image: Image.Image) -> bytes:
    """A JPEG of a picture, at most 320 pixels on its longer side."""
    file = io.BytesIO()
    _no_longer(image, THUMBNAIL).save(file, "JPEG", quality=80)
    return file.getvalue()


def _no_longer(image: Image.Image, longest: int) -> Image.Image:
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC)


def _upright(source: Path | bytes, share: Callable[[int, int], float]) -> tuple[Image.Image, Details]:
    """Decode a photo at no less than SPARE times a share of its width and height, or at all of it."""
    with _opened(source) as opened:
        image = opened.image
        width, height = image.size
        if width * height > PIXEL_LIMIT:
            raise Image.DecompressionBombError
        scale = min(1.0, SPARE * share(width, height))
        image.draft("RGB", (math.ceil(width * scale), math.ceil(height * scale)))
        image.load()
        # Read only now: Pillow turns a TIFF while it loads, and takes the tag away.
        exif = read_exif(image) if opened.exif is None else opened.exif
    turn = None if image.format in TURNED else _TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
    picture = _eight_bit(image)
    if turn is not None:
        # Before anything is scaled: what is left over at an edge would be another edge's, the pixels others.
        picture = picture.transpose(turn)
        width, height = (height, width) if turn in _SIDEWAYS else (width, height)
    spare = int(min(picture.width / (width * scale), picture.height / (height * scale)))
    if spare >= 2:
        picture = picture.reduce(spare)
    picture = _on_white(picture, _colour_transform(image.info.get("icc_profile"), picture.mode))
    if opened.size is not None:
        width, height = opened.size if turn not in _SIDEWAYS else opened.size[::-1]
    return picture, read_details(exif, width, height)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A picture whose header was read.

    Attributes:
        exif: None: what the picture itself has.
        size: Width and height of the photo before it is turned; None: those of the picture.
    """

    image: Image.Image
    exif: Image.Exif | None = None
    size: tuple[int, int] | None = None


@contextmanager
def _opened(source: Path | bytes) -> Iterator[_Opened]:
    """Open a picture; whatever goes wrong with it until the end is told as one sentence."""
    try:
        with _stream(source) as stream:
            opened = _open(source, stream)
            with opened.image:
                yield opened
    except PhotoUnreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoUnreadable(
            f"The picture has more than {PIXEL_LIMIT // 1_000_000} megapixels, the most that is decoded."
        ) from None
    except MemoryError as error:
        raise PhotoUnreadable(NO_MEMORY) from error
    # Decoders of damaged files raise nearly everything: struct.error, SyntaxError, IndexError, EOFError, ...
    except Exception as error:
        if isinstance(error, OSError) and error.errno in DRIVE_ERRORS:
            raise DriveFailed(f"The drive failed or went away ({error.strerror}).") from error
        raise PhotoUnreadable(_reason(error)) from error


def _open(source: Path | bytes, stream: BinaryIO) -> _Opened:
    start = stream.read(16)
    stream.seek(0)
    if not start:
        raise PhotoUnreadable("The file is empty.")
    path = source if isinstance(source, Path) else None
    promised = format_of_name(path.name) if path else None
    shown = format_of_start(start)
    is_raw = promised is not None and not promised.plugins
    # A camera's RAW file is a TIFF whose first picture is a stamp.
    plugins = [plugin for plugin in PLUGINS if not (is_raw and plugin == "TIFF")]
    for format in dict.fromkeys((promised, shown)):
        if format is not None and format.library and can_read(format):
            plugins += format.plugins
    try:
        return _Opened(Image.open(stream, formats=plugins))
    except UnidentifiedImageError:
        if path is None or promised is None or promised.plugins or not can_read(promised):
            raise PhotoUnreadable(_unidentified(promised, shown)) from None
    return _open_raw(path, stream)


def _open_raw(path: Path, stream: BinaryIO) -> _Opened:
    # The library is not everywhere, and takes time to load.
    from rawpy import LibRawError

    from photosearch.decode.raw import open_raw

    try:
        return _Opened(*open_raw(path, stream))
    except LibRawError as error:
        raise PhotoUnreadable("The file is damaged, or of a camera that is not known.") from error


def _stream(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    kind = os.stat(source).st_mode
    if stat.S_ISDIR(kind):
        raise PhotoUnreadable("This is a folder, not a photo.")
    if not stat.S_ISREG(kind):
        # To open a pipe would wait for somebody to write to it.
        raise PhotoUnreadable("This is not a file (it is a pipe, a socket or a device).")
    return open(source, "rb")


def _unidentified(promised: Format | None, shown: Format | None) -> str:
    for format in (shown, promised):
        if format is not None and format.library and not can_read(format):
            return f"{format.name} pictures are read by {format.library}, which is not installed."
    if shown is not None:
        return "The picture is damaged, or of a kind that cannot be read."
    return "The file is not a picture, although its name says so." if promised else "This is not a picture."


def _reason(error: Exception) -> str:
    text = str(error).lower()
    if isinstance(error, FileNotFoundError):
        return "The file is no longer there."
    if isinstance(error, PermissionError):
        return "The file may not be read (permission denied)."
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "This link leads to itself."
    if isinstance(error, OSError) and error.strerror:
        return f"The file cannot be read ({error.strerror})."
    if "out of memory" in text or "memory alloc" in text:
        return NO_MEMORY
    if isinstance(error, EOFError) or any(
        word in text for word in ("truncated", "broken data stream", "end of file")
    ):
        return "The picture is cut short (truncated)."
    return "The picture is damaged."


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in mode `L`, `RGB`, `RGBA` or `CMYK`.

    Grey of 16 bits loses its low byte; of 32 bits or of fractions, whose white is not agreed on, the largest
    value is taken for white.
    """
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image))
        white = 65535 if values.dtype.itemsize == 2 else max(float(values.max()), 1e-9)
        light = (values.clip(0, white) * (255.0 / white)).astype(np.uint8)
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC) == 0:
            # Its 0 is white, and Pillow turns that about for 8 bits only.
            light = 255 - light
        return Image.fromarray(light)
    if image.mode == "La":
        # Grey multiplied by its transparency; Pillow brings it to nothing else.
        image = image.convert("LA")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image)
    return image.convert("L" if image.mode == "1" else "RGB")


def _colour_transform(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What brings colours of an embedded profile to sRGB; None where they are, or where the profile is not
    usable."""
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        # The transparency is set apart before colours are changed.
        mode = "RGB" if mode == "RGBA" else mode
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def _profile_name(profile: bytes | None) -> str:
    if not profile:
        return ""
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return ""


def _on_white(image: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    """The picture in mode `RGB`, its colours in sRGB, its transparent parts on white."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if transform is not None:
        image = transform.apply(image.convert("RGB") if alpha else image)
    image = image.convert("RGB")
    if alpha is None:
        return image
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=alpha)
    return page
