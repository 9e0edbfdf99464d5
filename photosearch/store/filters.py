"""What a person can filter photos by, as conditions in SQL."""

from __future__ import annotations

import math
import sqlite3
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch.records import LARGE_PIXELS, SMALL_PIXELS, Circle, Filters
from photosearch.store.roots import folders_under
from photosearch.store.schema import DEGREE, OFFLINE, PRESENT
from photosearch.store.statements import concatenated, json_list, numbers

EARTH_KILOMETRES = 6371.0088
"""The mean radius; a distance on this sphere is within 0.6 % of that on the flattened earth."""

# The date of the file is in UTC, that of the exposure in local time.
DATED = """coalesce(taken,
    CAST(strftime('%s', modified_ns / 1000000000, 'unixepoch', 'localtime') AS INTEGER))"""

ORIENTATIONS = ("landscape", "portrait", "square")

ORIENTATION = """CASE WHEN width * 100 > height * 101 THEN 0 WHEN height * 100 > width * 101 THEN 1
    WHEN width > 0 THEN 2 END"""
"""Which of the orientations a photo has; NULL where that is unknown."""

SIZES = ("large", "small", "medium")

SIZE = f"""CASE WHEN width * height >= {LARGE_PIXELS} THEN 0 WHEN width * height < {SMALL_PIXELS} THEN 1
    WHEN width > 0 THEN 2 END"""
"""Which of the sizes a photo has; NULL where that is unknown."""


def conditions_of(db: sqlite3.Connection, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """What SQL can tell of the filters: conditions that all have to hold, and the values in them."""
    conditions, values = [f"state IN ({PRESENT}, {OFFLINE})"], dict[str, Any]()
    if filters.under is not None:
        conditions.append("folder_id IN (SELECT value FROM json_each(:folders))")
        values["folders"] = json_list(folders_under(db, filters.under))
    if filters.since is not None:
        conditions.append(f"{DATED} >= :since")
        values["since"] = filters.since
    if filters.until is not None:
        conditions.append(f"{DATED} < :until")
        values["until"] = filters.until
    if filters.camera:
        text = filters.camera.casefold()
        cameras = db.execute("SELECT id, name FROM cameras")
        conditions.append("camera_id IN (SELECT value FROM json_each(:cameras))")
        values["cameras"] = json_list(id for id, name in cameras if text in name.casefold())
    if filters.orientation:
        conditions.append(f"{ORIENTATION} = :orientation")
        values["orientation"] = ORIENTATIONS.index(filters.orientation)
    if filters.least_pixels is not None:
        conditions.append("width * height >= :least")
        values["least"] = filters.least_pixels
    if filters.most_pixels is not None:
        conditions.append("width * height <= :most")
        values["most"] = filters.most_pixels
    return conditions, values


def matching(
    db: sqlite3.Connection, filters: Filters, *columns: str, order: str = ""
) -> list[NDArray[np.int64]]:
    """These columns, never NULL, of the photos that pass the filters; in no order, if none is given."""
    conditions, values = conditions_of(db, filters)
    if filters.near is None:
        # Numpy sorts and counts what is found in a fraction of the time that SQLite takes.
        names = [f"column_{number}" for number in range(len(columns))]
        named = ", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
        of = f"SELECT {named} FROM photos WHERE {' AND '.join(conditions)} {order}"
        return [numbers(text) for text in db.execute(concatenated(of, names), values).fetchone()]
    # A place this near is no farther to the north or south, which leaves few to be looked at closely.
    conditions.append("latitude BETWEEN :south AND :north AND longitude IS NOT NULL")
    reach = min(180.0, math.degrees(filters.near.kilometres / EARTH_KILOMETRES))
    values["south"] = math.floor((filters.near.latitude - reach) * DEGREE) - 1
    values["north"] = math.ceil((filters.near.latitude + reach) * DEGREE) + 1
    wanted, where = ", ".join(("latitude", "longitude", *columns)), " AND ".join(conditions)
    rows = db.execute(f"SELECT {wanted} FROM photos WHERE {where}", values)
    found = np.fromiter((value for row in rows for value in row), np.int64).reshape(-1, 2 + len(columns))
    return list(found[inside(filters.near, found[:, 0] / DEGREE, found[:, 1] / DEGREE), 2:].T)


def inside(
    circle: Circle, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which points, in degrees, lie in a circle: by their distance along the sphere."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    own_north, own_east = np.radians(circle.latitude), np.radians(circle.longitude)
    # The haversine formula, which is exact for points that lie close together too.
    square = (
        np.sin((north - own_north) / 2) ** 2
        + np.cos(north) * np.cos(own_north) * np.sin((east - own_east) / 2) ** 2
    )
    inside: NDArray[np.bool_] = 2 * EARTH_KILOMETRES * np.arcsin(np.sqrt(np.minimum(square, 1))) <= (
        circle.kilometres
    )
    return inside
