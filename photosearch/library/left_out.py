"""Folders inside of watched ones that a person does not want to be looked into."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from photosearch.records import Root
from photosearch.store import Catalogue


def holds_left_out(root: Root, folder: Path) -> bool:
    """Whether a folder that is left out lies in a root; a root itself is never left out."""
    return folder != root.path and folder.is_relative_to(root.path)


def is_left_out(root: Root, path: str, left_out: Iterable[Path]) -> bool:
    """Whether a file or folder of a root, by its path in it, is or lies in a folder that is left out."""
    return any(
        holds_left_out(root, folder) and Path(root.path, path).is_relative_to(folder) for folder in left_out
    )


def forget_left_out(catalogue: Catalogue, root: Root, folders: Iterable[Path]) -> list[int]:
    """Forget what is known of the photos of a root that lie in these folders; their ids."""
    forgotten = list[int]()
    for folder in folders:
        if holds_left_out(root, folder):
            below = folder.relative_to(root.path).as_posix()
            if catalogue.files.known_folders(root.id, below):
                forgotten += catalogue.roots.forget_below(root.id, below)
    return forgotten
