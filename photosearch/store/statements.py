"""What the statements of several files of this room are put together from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

UNPLUGGED = """(SELECT folders.id FROM folders JOIN roots ON roots.id = root_id
    WHERE roots.state = 'offline')"""


def inside_folder(below: str) -> str:
    """A condition on `path`: the folder `:below` and all in it. “0” follows “/”."""
    if not below:
        return "TRUE"
    return "path >= :below AND path < :below || '0' AND (path = :below OR path >= :below || '/')"


def json_list(ids: Iterable[int] | NDArray[np.int64]) -> str:
    """Ids as one value for `json_each`, however many."""
    return json.dumps([int(id) for id in ids])


PIECE = 50_000
"""Characters that are read at a time: while numpy reads, no other thread runs."""


def concatenated(of: str, columns: Sequence[str]) -> str:
    """A statement for all values of these columns of another: one row, which `numbers` reads.

    SQLite writes it without Python; a million rows, made one by one, would hold up every other thread.
    """
    listed = ", ".join(f"CAST(group_concat({column}) AS BLOB)" for column in columns)
    return f"SELECT {listed} FROM ({of})"


def numbers(text: bytes | None) -> NDArray[np.int64]:
    """What `group_concat` makes of whole numbers; None is what it makes of none."""
    text, parts, start = text or b"", [np.zeros(0, np.int64)], 0
    while start < len(text):
        end = text.find(b",", start + PIECE)
        end = len(text) if end < 0 else end
        parts.append(np.fromstring(text[start:end], np.int64, sep=","))
        start = end + 1
    return np.concatenate(parts)


def integers(cursor: sqlite3.Cursor) -> NDArray[np.int64]:
    """The only column of all rows, without a list of Python objects."""
    return np.fromiter((value for (value,) in cursor), np.int64)
