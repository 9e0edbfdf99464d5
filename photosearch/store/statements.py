"""What the statements of several files of this room are put together from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

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


def integers(cursor: sqlite3.Cursor) -> NDArray[np.int64]:
    """The only column of all rows, without a list of Python objects."""
    return np.fromiter((value for (value,) in cursor), np.int64)
