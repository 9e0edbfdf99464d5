"""Where a watched folder is: at its place, or at another that holds its photos now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from photosearch.drives import available, mounted_at
from photosearch.records import Root
from photosearch.scan import is_left_out, is_unchanged
from photosearch.store import Catalogue

RECOGNISED = 20
"""Photos of a root that are looked for at another place; if most are there, it is the same folder."""


def has_moved(catalogue: Catalogue, root: Root, folder: Path) -> bool:
    """Whether a folder holds the photos of a root that is no longer at its place."""
    known = (
        photo
        for below in catalogue.files.known_folders(root.id)
        for photo in catalogue.files.known_in(root.id, below).values()
        if photo.state != "gone"
    )
    there = [
        is_unchanged(Path(folder, photo.folder, photo.name), photo.size, photo.modified_ns)
        for photo in islice(known, RECOGNISED)
    ]
    return 2 * sum(there) > len(there)


def mounted_elsewhere(catalogue: Catalogue, root: Root, roots: Iterable[Root]) -> Path | None:
    """Where a root lies now whose drive is no longer mounted where it was; None if no such place is found.

    Args:
        roots: All of the library's: of what another one holds nothing is taken away.
    """
    roots = list(roots)
    for place in mounted_at(root.volume):
        if root.path.is_relative_to(place):
            # It was there, and is not.
            continue
        # How much of its path led to the drive's old mount point, nobody has kept.
        for start in range(1, len(root.path.parts) + 1):
            folder = place.joinpath(*root.path.parts[start:])
            if (
                available(folder, root.volume)
                and not any(holds(other.path, folder) for other in roots)
                and has_moved(catalogue, root, folder)
            ):
                return folder
    return None


def holds_anything(root: Root) -> bool:
    """Whether a root is at its place: of a drive that is not there an empty folder may be left."""
    try:
        with os.scandir(root.path) as entries:
            return available(root.path, root.volume) and any(True for _ in entries)
    except OSError:
        return False


def holds(root: Path, folder: Path) -> bool:
    """Whether photos in a folder belong to a watched one already."""
    real_root, real = Path(os.path.realpath(root)), Path(os.path.realpath(folder))
    if not real.is_relative_to(real_root):
        return False
    return real == real_root or not is_left_out(real.relative_to(real_root).as_posix())
