"""What a photo says of itself in EXIF: time, camera, place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from PIL import ExifTags, Image

from photosearch.records import Details, Particulars


def read_exif(image: Image.Image) -> Image.Exif:
    """The EXIF of a picture; empty where there is none, or where it is damaged."""
    try:
        return image.getexif()
    # What a file says of itself may be damaged in every way; its pixels are good all the same.
    except Exception:  # noqa: BLE001
        return Image.Exif()


def read_details(exif: Image.Exif, width: int, height: int) -> Details:
    """What is known of an upright photo of this size."""
    try:
        told = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(
            ExifTags.Base.DateTime
        )
        maker, model = _words(exif.get(ExifTags.Base.Make)), _words(exif.get(ExifTags.Base.Model))
    except Exception:  # noqa: BLE001 - as above: tags of any type, or none
        return Details(width, height)
    if maker and model and maker[0].lower() == model[0].lower():
        # "NIKON CORPORATION" makes the "NIKON D90".
        maker = []
    latitude, longitude = _place(exif)
    return Details(width, height, _seconds(told), " ".join(maker + model), latitude, longitude)


def read_particulars(exif: Image.Exif, format: str, profile: str) -> Particulars:
    """What else a photo's EXIF tells; damaged parts are left out."""
    try:
        shot = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001 - as above
        shot = {}
    base = ExifTags.Base
    flash = shot.get(base.Flash)
    return Particulars(
        format=format,
        profile=profile,
        lens=_text(shot.get(base.LensModel)),
        exposure_seconds=_positive(shot.get(base.ExposureTime)),
        f_number=_positive(shot.get(base.FNumber)),
        iso=_whole(shot.get(base.ISOSpeedRatings)),
        focal_millimetres=_positive(shot.get(base.FocalLength)),
        flash=bool(flash & 1) if isinstance(flash, int) else None,
        altitude=_altitude(exif),
        description=_text(exif.get(base.ImageDescription)),
        author=_text(exif.get(base.Artist)) or _text(exif.get(base.Copyright)),
        program=_text(exif.get(base.Software)),
    )


def _altitude(exif: Image.Exif) -> float | None:
    try:
        told = exif.get_ifd(ExifTags.IFD.GPSInfo)
        metres = float(told[ExifTags.GPS.GPSAltitude])
        below = told.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01")
    except Exception:  # noqa: BLE001 - as above
        return None
    return (-metres if below else metres) if math.isfinite(metres) else None


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    # A fraction with a denominator of 0, or no number at all.
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if 0 < number < math.inf else None


def _whole(value: Any) -> int | None:
    number = _positive(value[0] if isinstance(value, tuple) and value else value)
    return None if number is None else round(number)


def _text(value: object) -> str:
    return " ".join(_words(value))


def _place(exif: Image.Exif) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, or twice None."""
    try:
        told = exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(told, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
        longitude = _degrees(told, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    except Exception:  # noqa: BLE001 - as above
        return None, None
    # A camera that knows no place writes zeros, or 0/0, which is no number.
    if (latitude, longitude) == (0.0, 0.0) or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None, None
    return latitude, longitude


def _degrees(told: Mapping[int, Any], angle: int, side: int, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in told[angle])
    size = degrees + minutes / 60 + seconds / 3600
    return math.copysign(size, -1 if str(told[side]).strip("\0 ").upper() == negative else 1)


def _seconds(told: object) -> int | None:
    """EXIF's "2026:11:20 23:58:00" in seconds since 1970, as if it were UTC."""
    parts = re.match(r"\s*(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)", str(told))
    if parts is None:
        return None
    year, month, day, hour, minute, second = map(int, parts.groups())
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _words(value: object) -> list[str]:
    return value.replace("\0", " ").split() if isinstance(value, str) else []
