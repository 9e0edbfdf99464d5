"""Where a watched folder is: at its place, or at another that holds its photos now."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from photosearch.drives import available, mounted_at, volume_of
from photosearch.records import Root
from photosearch.scan import is_left_out, is_unchanged
from photosearch.store import Catalogue

RECOGNISED = 20
"""Photos of a root that are looked for at another place; if most are there, it is the same folder."""

LASTING = ("uuid ", "serial ")
"""How the names of volumes begin that are the same at another mount point, and no other volume's."""


def has_moved(catalogue: Catalogue, root: Root, folder: Path) -> bool:
    """Whether a folder holds the photos of a root that is no longer at its place."""
    known = catalogue.files.known_folders(root.id)
    there = list(islice(_there(catalogue, root, folder, known), RECOGNISED))
    return 2 * sum(there) > len(there)


def _there(catalogue: Catalogue, root: Root, folder: Path, known: Iterable[str]) -> Iterator[bool]:
    """Of each photo in known folders of a root, whether it lies in a folder as it lay in the root."""
    for below in known:
        for photo in catalogue.files.known_in(root.id, below).values():
            if photo.state != "gone":
                yield is_unchanged(Path(folder, photo.folder, photo.name), photo.size, photo.modified_ns)


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
        for folder in _perhaps_at(place, root):
            if (
                available(folder, root.volume)
                and not any(holds(other.path, folder) for other in roots)
                and has_moved(catalogue, root, folder)
            ):
                return folder
    return None


def is_away(catalogue: Catalogue, root: Root, folder: Path) -> bool:
    """Whether a root lies on a drive that is plugged in nowhere, and surely not on that of a folder.

    Else the folder may hold the root's own photos, at a place where nobody has found them yet.
    """
    volume = volume_of(folder)
    if root.state != "offline" or volume == root.volume or mounted_at(root.volume):
        return False
    if root.volume.startswith(LASTING):
        # A card that a camera or another computer shows has no such name.
        return volume.startswith(LASTING)
    place = Path(os.path.realpath(folder))
    while not os.path.ismount(place):
        place = place.parent
    # Where a volume's name is its mount point it may be there without this root. One photo is enough, as of a
    # card that was in use since the others may have been deleted.
    if os.path.ismount(root.volume):
        return False
    known = catalogue.files.known_folders(root.id)
    for perhaps in _perhaps_at(place, root):
        # A million photos are not looked for one by one where not even their folders are.
        here = (below for below in known if os.path.isdir(perhaps / below))
        if os.path.isdir(perhaps) and any(_there(catalogue, root, perhaps, here)):
            return False
    return True


def _perhaps_at(place: Path, root: Root) -> Iterator[Path]:
    """Where a root would lie on a drive that is mounted at a place.

    How much of its path led to the drive's old mount point, nobody has kept.
    """
    return (place.joinpath(*root.path.parts[start:]) for start in range(1, len(root.path.parts) + 1))


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
