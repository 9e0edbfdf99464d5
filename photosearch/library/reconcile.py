"""Folders and what is known of them → the catalogue is in line with the folders.

Additions, changes and returns are written down folder by folder. What is missing is judged only when
everything has been seen: it may have moved, and a mass disappearance is a drive that is not there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from photosearch.decode import is_photo
from photosearch.errors import FolderUnavailable
from photosearch.records import KnownPhoto, Root
from photosearch.scan import (
    Listing,
    available,
    differences,
    ends_hash,
    judge_missing,
    match_moves,
    vanished,
    volume_of,
    walk,
)
from photosearch.store import Catalogue, Thumbnails
from photosearch.watch import Hint

KEEP_GONE_SECONDS = 30 * 24 * 3600
"""A deleted photo's code is kept so long: it may come back from the bin, or from where it was moved to."""


@dataclass(slots=True)
class Reconciled:
    """What the looks of one run changed.

    Attributes:
        moved, removed: How many photos.
        changed: Photos whose file is another now.
        waiting: Photos that are to be encoded since the last look, newest last.
    """

    moved: int = 0
    removed: int = 0
    changed: set[int] = field(default_factory=set)
    waiting: list[int] = field(default_factory=list)


class Reconciler:
    """Looks at folders again, for one run of keeping up."""

    def __init__(self, catalogue: Catalogue, thumbnails: Thumbnails) -> None:
        self._catalogue, self._thumbnails = catalogue, thumbnails
        self.so_far = Reconciled()

    def look(self, hints: Sequence[Hint]) -> Iterator[int]:
        """Compare folders, and those in them, with the catalogue and write down every difference.

        Yields:
            How many photos have been seen so far.
        """
        roots = {root.id: root for root in self._catalogue.roots()}
        added: list[KnownPhoto] = []
        missing: list[KnownPhoto] = []
        self.so_far.waiting = []
        seen = 0
        for hint in hints:
            root = roots.get(hint.root_id)
            if root is None or not self._reachable(root):
                continue
            folders: list[Listing] = []
            problems: list[tuple[str, str]] = []
            inner = [other.path for other in roots.values() if other is not root]
            try:
                for listing in walk(root.path, is_photo, hint.folder, inner):
                    self._compare(root, listing, added, missing)
                    problems += listing.problems
                    # `vanished` needs no more of it, and the files of a million photos would fill the memory.
                    folders.append(replace(listing, files=[], problems=[]))
                    seen += len(listing.files)
                    yield seen
                    if listing.folder == hint.folder and not hint.recursive:
                        break
            except FolderUnavailable:
                self._catalogue.set_root(root.id, state="offline")
                continue
            known = self._catalogue.known_folders(root.id, hint.folder) if hint.recursive else [hint.folder]
            for folder in vanished(known, folders):
                self._compare(root, Listing(folder), added, missing)
            self._catalogue.set_problems(root.id, hint.folder, problems)
        self._tell_moves(added, missing, roots)

    def _reachable(self, root: Root) -> bool:
        """Whether a root is there; if that is new, it is written down."""
        there = available(root.path, root.volume)
        if not there and os.path.isdir(root.path):
            # Another volume is at this place: either the photos were put on a new disk, or this is the empty
            # folder that the unplugged drive was mounted on.
            with os.scandir(root.path) as entries:
                there = any(True for _ in entries) or not root.photos
            if there:
                self._catalogue.set_root(root.id, volume=volume_of(root.path))
        if there == (root.state == "offline"):
            self._catalogue.set_root(root.id, state="watched" if there else "offline")
        return there

    def _compare(
        self, root: Root, listing: Listing, added: list[KnownPhoto], missing: list[KnownPhoto]
    ) -> None:
        known = self._catalogue.known_in(root.id, listing.folder)
        found = differences(listing, known)
        if found.changed:
            changed = [photo_id for photo_id, _ in found.changed]
            self._catalogue.change_photos(found.changed)
            self._thumbnails.forget(changed)
            self.so_far.changed.update(changed)
            self.so_far.waiting += changed
        if found.returned:
            self._catalogue.mark_present(found.returned)
        if found.missing:
            by_id = {photo.id: photo for photo in known.values()}
            missing += [by_id[photo_id] for photo_id in found.missing]
        if found.added:
            new = self._catalogue.add_photos(root.id, listing.folder, found.added)
            self.so_far.waiting += [photo.id for photo in new]
            added += new

    def _tell_moves(self, added: list[KnownPhoto], missing: list[KnownPhoto], roots: dict[int, Root]) -> None:
        """Keep the codes of what moved; judge what is missing still."""

        def ends_of(file: KnownPhoto) -> bytes | None:
            return ends_hash(Path(roots[file.root_id].path, file.folder, file.name), file.size)

        lost = {photo.id: photo for photo in missing}
        lost |= {
            photo.id: photo for photo in self._catalogue.missing_with_sizes({file.size for file in added})
        }
        moves = match_moves(added, lost.values(), ends_of)
        if moves:
            self._catalogue.move_photos(
                (photo.id, file.root_id, file.folder, file.name, file.modified_ns) for file, photo in moves
            )
            self.so_far.moved += len(moves)
        moved = {photo.id for _, photo in moves}
        for root in roots.values():
            gone = [photo.id for photo in missing if photo.root_id == root.id and photo.id not in moved]
            if gone:
                verdict = judge_missing(len(gone), root.photos)
                self._catalogue.mark_missing(gone, verdict, int(time.time()))
                self.so_far.removed += len(gone) if verdict == "gone" else 0
        self._catalogue.purge_gone(int(time.time()) - KEEP_GONE_SECONDS)
