"""What may be written for an argument: paths, dates, places, parts of a photo, numbers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from photosearch.records import Box, Circle


def path(text: str) -> Path:
    """Of a file or a folder. The empty one, as of a variable of a script that was never set, would be “.”."""
    return Path(address(text))


def address(text: str) -> str:
    """Of a file, a folder, or something that only clusters open."""
    if not text:
        raise argparse.ArgumentTypeError("'' is the name of no file or folder")
    return text


def date(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2019-05-03") from None


def end_of_date(text: str) -> int:
    """The first second after a date, so that a day named as the last is still part of it."""
    start = date(text)
    return start + int(timedelta(days=1).total_seconds()) if len(text) == len("2019-05-03") else start


def box(text: str) -> Box:
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not X,Y,WIDTH,HEIGHT, such as 0.2,0.1,0.5,0.5"
        ) from None
    if not (0 <= x < 1 and 0 <= y < 1 and 0 < width <= 1 - x + 1e-6 and 0 < height <= 1 - y + 1e-6):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part of the photo: each is a fraction of 1")
    return Box(x, y, width, height)


def circle(text: str) -> Circle:
    try:
        latitude, longitude, *rest = (float(part) for part in text.split(","))
        (kilometres,) = rest or [10.0]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not LATITUDE,LONGITUDE or LATITUDE,LONGITUDE,KILOMETRES, such as 47.05,8.31,5"
        ) from None
    # Written so that it refuses “nan” too.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and kilometres >= 0):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no place: the latitude is -90 to 90 degrees, the longitude -180 to 180"
        )
    return Circle(latitude, longitude, kilometres)


def whole(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
    return int(text)


def share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1")
    return share
