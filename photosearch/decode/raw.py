"""Camera RAW: the preview that the camera left in the file, which is the photo as its screen showed it.

Only where there is none worth the name is the photo developed, at half its size.
"""

from __future__ import annotations

import io
import os
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import BinaryIO, cast

import rawpy
from PIL import ExifTags, Image

from photosearch.decode.exif import read_details, read_exif

SMALLEST_PREVIEW = 320
"""Pixels on the longer side; a smaller one is a stamp."""

CMT1 = 1 << 16
"""Bytes that a CR3's box of that name has at most."""

_ORIENTATION = {0: 1, 3: 3, 5: 8, 6: 6}
"""EXIF's orientation for LibRaw's."""


def open_raw(path: Path, stream: BinaryIO) -> tuple[Image.Image, Image.Exif, tuple[int, int]]:
    """Open the picture in a RAW file.

    Args:
        stream: The same file, open.

    Returns:
        The picture, its header read; the photo's EXIF, with the orientation of this picture; width and
        height of the photo, held as the picture is.

    Raises:
        LibRawError: The file is damaged, or of a camera that LibRaw does not know.
    """
    with rawpy.RawPy() as raw:
        try:
            raw.open_file(os.fspath(path))
        except UnicodeEncodeError:
            # LibRaw knows names in UTF-8 only.
            stream.seek(0)
            raw.open_buffer(stream)
        size = raw.sizes.width, raw.sizes.height
        exif = _container_exif(stream)
        image = _preview(raw)
        if image is None:
            image = Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True))
            orientation = 1
        else:
            own = read_exif(image)
            exif = exif or own
            orientation = own.get(ExifTags.Base.Orientation) or _ORIENTATION.get(raw.sizes.flip, 1)
        if (size[0] > size[1]) != (image.width > image.height):
            # Some programs store the preview upright and say nothing of it.
            size, orientation = (size[1], size[0]), 1
        exif[ExifTags.Base.Orientation] = orientation
        if read_details(exif, *size).taken is None and raw.other.timestamp.year > 1970:
            exif[ExifTags.Base.DateTime] = f"{raw.other.timestamp:%Y:%m:%d %H:%M:%S}"
        return image, exif, size


def _preview(raw: rawpy.RawPy) -> Image.Image | None:
    try:
        preview = raw.extract_thumb().data
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    image: Image.Image
    if isinstance(preview, bytes):
        image = Image.open(io.BytesIO(preview), formats=("JPEG",))
    else:
        image = Image.fromarray(preview)
    return image if max(image.size) >= SMALLEST_PREVIEW else None


def _container_exif(stream: BinaryIO) -> Image.Exif:
    """EXIF of the RAW file itself: most are TIFF, some under another number; CR3 has it in a box."""
    exif = Image.Exif()
    try:
        file = mmap(stream.fileno(), 0, access=ACCESS_COPY)
        if file[4:12] == b"ftypcrx ":
            start = file.find(b"CMT1") + 4
            exif.load(file[start : start + CMT1])
        elif file[:2] in (b"II", b"MM"):
            file[:4] = b"II*\0" if file[:2] == b"II" else b"MM\0*"
            exif.load_from_fp(cast("BinaryIO", file))
        # Read now, or nobody would be there when it fails.
        exif.get_ifd(ExifTags.IFD.Exif)
        exif.get_ifd(ExifTags.IFD.GPSInfo)
    # What a file says of itself may be damaged in every way.
    except Exception:  # noqa: BLE001
        return Image.Exif()
    return exif
