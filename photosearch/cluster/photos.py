"""Tables of photos: what a shard knows of its photos beside their codes, and which pass some filters.

They are Arrow files without compression, so that a mapped one is read where it is looked at.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from photosearch.records import Details, Filters
from photosearch.store import inside

PHOTOS = pa.schema(
    [
        ("address", pa.string()),
        ("version", pa.string()),  # what the listing said of it: another one is another photo
        ("content", pa.binary()),  # `scan.ends_hash`
        ("bytes", pa.int64()),
        (
            "dated",
            pa.int64(),
        ),  # as `taken`, else by its file's date: what `since` and `until` are compared with
        ("taken", pa.int64()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("camera", pa.dictionary(pa.int32(), pa.string())),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
    ]
)
"""One row a code, in the order of the codes. Details are null where they are unknown."""

FAILURES = pa.schema([("address", pa.string()), ("version", pa.string()), ("reason", pa.string())])


def to_bytes(table: pa.Table) -> bytes:
    """A table as a file holds it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as file:
        # In one piece, so that a row is found without looking for its piece.
        file.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()


def from_file(path: Path) -> pa.Table:
    """The table in a file, which stays mapped as long as the table lives."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def dated(taken: int | None, modified: float) -> int:
    """When a photo was taken, else its file's local time, in seconds since 1970 as if that were UTC."""
    return taken if taken is not None else int(modified) + time.localtime(modified).tm_gmtoff


def details_of(row: dict[str, object]) -> Details:
    """What a row of `PHOTOS` says of a photo."""
    values = {name: row[name] for name in ("width", "height", "taken", "camera", "latitude", "longitude")}
    return Details(**values)  # type: ignore[arg-type]


def passing(table: pa.Table, filters: Filters, under: str = "") -> NDArray[np.bool_] | None:
    """Which photos pass the filters as the desktop's catalogue applies them, shape (n,); None: all.

    Args:
        filters: Their `under` and `kind` are not looked at.
        under: Only photos whose address is this folder's, or below it.
    """
    passes: list[NDArray[np.bool_]] = []
    if under:
        below = pc.starts_with(table["address"], under.rstrip("/") + "/")
        passes.append(_true(below))
    when = _column(table, "dated")
    if filters.since is not None:
        passes.append(when >= filters.since)
    if filters.until is not None:
        passes.append(when < filters.until)
    if filters.camera:
        passes.append(_of_camera(table["camera"], filters.camera.casefold()))
    if filters.near is not None:
        latitude, longitude = (_column(table, name, np.nan) for name in ("latitude", "longitude"))
        passes.append(inside(filters.near, latitude, longitude))
    if filters.orientation or filters.least_pixels is not None or filters.most_pixels is not None:
        width, height = (_column(table, name).astype(np.int64) for name in ("width", "height"))
        if filters.orientation == "landscape":
            passes.append(width * 100 > height * 101)
        elif filters.orientation == "portrait":
            passes.append(height * 100 > width * 101)
        elif filters.orientation == "square":
            passes.append((width * 100 <= height * 101) & (height * 100 <= width * 101))
        if filters.least_pixels is not None:
            passes.append(width * height >= filters.least_pixels)
        if filters.most_pixels is not None:
            passes.append(width * height <= filters.most_pixels)
    return np.logical_and.reduce(passes) if passes else None


def _column(table: pa.Table, name: str, missing: float = 0) -> NDArray[Any]:
    return table[name].fill_null(missing).to_numpy()


def _true(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return column.fill_null(False).to_numpy().astype(bool)


def _of_camera(column: pa.ChunkedArray, text: str) -> NDArray[np.bool_]:
    # Each name once: there are few cameras among many photos.
    parts = [np.zeros(0, bool)]
    for chunk in column.chunks:
        fitting = np.array([text in name.casefold() for name in chunk.dictionary.to_pylist()] + [False])
        parts.append(fitting[chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)])
    return np.concatenate(parts)
