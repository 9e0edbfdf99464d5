"""Folders and what is known of them → the catalogue is in line with the folders.

Additions, changes and returns are written down folder by folder. What is missing is judged only when
everything has been seen: it may have moved, and a mass disappearance is a drive that is not there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from photosearch.decode import is_photo
from photosearch.drives import available, volume_of
from photosearch.errors import FolderUnavailable
from photosearch.library.left_out import forget_left_out, is_left_out
from photosearch.library.whereabouts import mounted_elsewhere
from photosearch.records import FoundFile, KnownPhoto, Root
from photosearch.scan import (
    Listing,
    differences,
    ends_hash,
    judge_missing,
    match_moves,
    same_contents,
    vanished,
    walk,
)
from photosearch.store import Catalogue, Thumbnails
from photosearch.watch import Hint

RECENT_SECONDS = 60.0
"""An arrival and the loss that belongs to it come within this, in one look or in two."""

BELIEVE_SECONDS = 3600
"""Photos that vanished in a mass are believed to be deleted by a look this much later, if others of their
folder are there."""

KEEP_GONE_SECONDS = 30 * 24 * 3600
"""A deleted photo's code is kept so long: it may come back from the bin, or from where it was moved to."""


@dataclass(slots=True)
class Reconciled:
    """What the looks of one run changed.

    Attributes:
        moved, removed: How many photos.
        changed: Photos whose file is another now.
        waiting: Photos that are to be encoded since the last look, newest last.
        returned: The drive of a folder came back, perhaps elsewhere; who takes that up puts it back.
    """

    moved: int = 0
    removed: int = 0
    changed: set[int] = field(default_factory=set)
    waiting: list[int] = field(default_factory=list)
    returned: bool = False


@dataclass(slots=True)
class _Look:
    """What one look found that cannot be judged folder by folder.

    Attributes:
        first: Nothing was known before, so nothing can have moved.
        added: New files, already waiting in the catalogue; in the first look they are not remembered.
        changed: Known photos at whose place lies another file now, and that file.
        touched: Known photos whose file has another time of change but holds what it held, and that file.
        missing: Known photos that are not at their place.
        emptied: Folders that are there and hold no photo, each with its root's id.
        doubted: Photos that are offline though other photos of their folder are there.
    """

    first: bool
    added: list[KnownPhoto] = field(default_factory=list)
    changed: list[tuple[KnownPhoto, FoundFile]] = field(default_factory=list)
    touched: list[tuple[KnownPhoto, FoundFile]] = field(default_factory=list)
    missing: list[KnownPhoto] = field(default_factory=list)
    emptied: set[tuple[int, str]] = field(default_factory=set)
    doubted: list[int] = field(default_factory=list)


class Reconciler:
    """Looks at folders again, for one run of keeping up."""

    def __init__(
        self,
        catalogue: Catalogue,
        thumbnails: Thumbnails,
        left_out: Callable[[], Sequence[Path]],
        relocate: Callable[[Root, Path], None],
        erase: Callable[[Sequence[int]], None],
    ) -> None:
        """Look at nothing.

        Args:
            left_out: The folders that are not looked into now.
            relocate: Is told of a root that lies elsewhere now, and writes it down.
            erase: Leaves nothing on disk of photos that were forgotten, by their ids.
        """
        self._catalogue, self._thumbnails = catalogue, thumbnails
        self.left_out, self._relocate, self._erase = left_out, relocate, erase
        self._recent: list[tuple[float, KnownPhoto]] = []
        self.so_far = Reconciled()

    def look(self, hints: Sequence[Hint]) -> Iterator[int]:
        """Compare folders, and those in them, with the catalogue and write down every difference.

        Yields:
            How many photos have been seen so far.
        """
        roots = {root.id: root for root in self._catalogue.roots.all()}
        look = _Look(first=not any(self._catalogue.files.known_folders(root_id) for root_id in roots))
        self.so_far.waiting = []
        seen = 0
        for hint in hints:
            root = roots.get(hint.root_id)
            if root is None:
                continue
            if not self._reachable(root):
                place = mounted_elsewhere(self._catalogue, root, roots.values())
                if place is None:
                    continue
                self._relocate(root, place)
                self._catalogue.roots.set(root.id, state="watched")
                self.so_far.returned = True
                root = roots[root.id] = replace(root, path=place, state="watched")
            folders: list[Listing] = []
            problems: list[tuple[str, str]] = []
            left_out = self.left_out()
            # A photo may have moved there before it was left out, and whoever did that may not know of it.
            if forgotten := forget_left_out(self._catalogue, root, left_out):
                self._erase(forgotten)
            inner = [other.path for other in roots.values() if other is not root]
            try:
                for listing in walk(root.path, is_photo, hint.folder, [*inner, *left_out]):
                    self._compare(root, listing, look)
                    problems += listing.problems
                    # `vanished` needs no more of it, and the files of a million photos would fill the memory.
                    folders.append(replace(listing, files=[], problems=[]))
                    seen += len(listing.files)
                    yield seen
                    if listing.folder == hint.folder and not hint.recursive:
                        break
            except FolderUnavailable:
                self._catalogue.roots.set(root.id, state="offline")
                continue
            known = (
                self._catalogue.files.known_folders(root.id, hint.folder) if hint.recursive else [hint.folder]
            )
            for folder in vanished(known, folders):
                look.missing += _there(self._catalogue.files.known_in(root.id, folder))
            with self._catalogue.transaction():
                left_out = self.left_out()
                problems = [
                    (path, reason) for path, reason in problems if not is_left_out(root, path, left_out)
                ]
                self._catalogue.failures.set_problems(root.id, hint.folder, problems, hint.recursive)
        self._tell_moves(look, roots)

    def _reachable(self, root: Root) -> bool:
        """Whether a root is there and may be read; if that is new, it is written down."""
        there = available(root.path, root.volume) and _may_be_read(root.path)
        if not there and os.path.isdir(root.path):
            # Another volume is at this place: either the photos were put on a new disk, or this is the empty
            # folder that the unplugged drive was mounted on.
            try:
                with os.scandir(root.path) as entries:
                    there = any(True for _ in entries) or not root.photos
            except OSError:
                there = False
            if there:
                self._catalogue.roots.set(root.id, volume=volume_of(root.path))
        if there == (root.state == "offline"):
            self.so_far.returned |= there
            self._catalogue.roots.set(root.id, state="watched" if there else "offline")
        return there

    def _compare(self, root: Root, listing: Listing, look: _Look) -> None:
        known = self._catalogue.files.known_in(root.id, listing.folder)
        found = differences(listing, known)
        by_id = {photo.id: photo for photo in known.values()}
        for photo_id, file in found.changed:
            photo = by_id[photo_id]
            (look.touched if _is_touched(root, photo, file) else look.changed).append((photo, file))
        look.missing += [by_id[photo_id] for photo_id in found.missing]
        if found.returned:
            self._catalogue.files.mark_present(found.returned)
        if found.added:
            new = self._add(root, listing.folder, found.added)
            self.so_far.waiting += [photo.id for photo in new]
            look.added += [] if look.first else new
        if listing.complete and not listing.files:
            look.emptied.add((root.id, listing.folder))
        elif listing.complete:
            there = {file.name for file in listing.files}
            look.doubted += [
                photo.id for photo in known.values() if photo.state == "offline" and photo.name not in there
            ]

    def _add(self, root: Root, folder: str, files: Sequence[FoundFile]) -> list[KnownPhoto]:
        """Take up files nobody knew, unless their folder was left out since this look began.

        Who leaves it out says so, and then forgets what is known: before this transaction, or after it.
        """
        with self._catalogue.transaction():
            if is_left_out(root, folder, self.left_out()):
                return []
            return self._catalogue.files.add(root.id, folder, files)

    def _tell_moves(self, look: _Look, roots: dict[int, Root]) -> None:
        """Keep the codes of what moved; judge what is missing still."""

        def ends_of(file: KnownPhoto) -> bytes | None:
            return ends_hash(Path(roots[file.root_id].path, file.folder, file.name), file.size)

        # A file that was put in another's place may itself have come from elsewhere: photos swap names. Its
        # id is that of the photo whose place it took, negative, as it is not that photo.
        replacing = [
            replace(photo, id=-photo.id, size=file.size, modified_ns=file.modified_ns, ends=None)
            for photo, file in look.changed
        ]
        added = self._recently_added(look, roots) + replacing
        lost = {photo.id: photo for photo in look.missing}
        lost |= {photo.id: photo for photo, _ in look.changed}
        lost |= {
            photo.id: photo
            for photo in self._catalogue.files.missing_with_sizes({file.size for file in added})
        }
        moves = match_moves(added, lost.values(), ends_of)
        self._place(
            moves + [(replace(photo, modified_ns=file.modified_ns), photo) for photo, file in look.touched],
            roots,
        )
        self.so_far.moved += len(moves)
        moved = {photo.id for _, photo in moves}
        taken = {file.id for file, _ in moves}
        self.so_far.waiting = [photo_id for photo_id in self.so_far.waiting if photo_id not in taken]
        self._take_changes([pair for pair in look.changed if -pair[0].id not in taken], moved, roots)
        self._judge([photo for photo in look.missing if photo.id not in moved], look, roots)

    def _place(self, places: Sequence[tuple[KnownPhoto, KnownPhoto]], roots: dict[int, Root]) -> None:
        """Write down where photos lie now, and how old they are: pairs of a file and the photo it is."""
        if not places:
            return
        with self._catalogue.transaction():
            # As in `_add`.
            left_out = self.left_out()
            self._catalogue.files.move(
                (photo.id, file.root_id, file.folder, file.name, file.modified_ns)
                for file, photo in places
                if not is_left_out(roots[file.root_id], file.folder, left_out)
            )
        self._thumbnails.retime(
            (photo.id, file.modified_ns) for file, photo in places if file.modified_ns != photo.modified_ns
        )

    def _recently_added(self, look: _Look, roots: dict[int, Root]) -> list[KnownPhoto]:
        """What was added in this look or just before: a move may be told as an arrival, then a loss."""
        now = time.monotonic()
        before = [(when, file) for when, file in self._recent if now - when < RECENT_SECONDS]
        self._recent = before + [(now, file) for file in look.added]
        if not look.missing:
            return look.added
        lost = {photo.id for photo in look.missing}
        return look.added + [
            file
            for _, file in before
            if file.id not in lost
            and file.root_id in roots
            and os.path.lexists(Path(roots[file.root_id].path, file.folder, file.name))
        ]

    def _take_changes(
        self, changed: list[tuple[KnownPhoto, FoundFile]], moved: set[int], roots: dict[int, Root]
    ) -> None:
        """Let files that took another's place, and are none we know, wait for their codes."""
        stayed = [(photo.id, file) for photo, file in changed if photo.id not in moved]
        if stayed:
            ids = [photo_id for photo_id, _ in stayed]
            self._catalogue.files.change(stayed)
            self._thumbnails.forget(ids)
            self.so_far.changed.update(ids)
            self.so_far.waiting += ids
        for photo, file in changed:
            if photo.id in moved:
                new = self._add(roots[photo.root_id], photo.folder, [file])
                self.so_far.waiting += [one.id for one in new]

    def _judge(self, missing: list[KnownPhoto], look: _Look, roots: dict[int, Root]) -> None:
        """Tell what was deleted from what is on a drive that is not there."""
        now = int(time.time())
        for root in roots.values():
            left = [photo for photo in missing if photo.root_id == root.id]
            # The drive may have been pulled while we looked.
            if not left or not self._reachable(root):
                continue
            offline = []
            if judge_missing(len(left), root.photos) == "offline":
                offline = left
            else:
                # An empty folder may be the mount point of a drive of its own.
                emptied = Counter(photo.folder for photo in left if (root.id, photo.folder) in look.emptied)
                away = {
                    folder for folder, count in emptied.items() if judge_missing(count, count) == "offline"
                }
                offline = [photo for photo in left if photo.folder in away]
            gone = {photo.id for photo in left} - {photo.id for photo in offline}
            self._catalogue.files.mark_missing([photo.id for photo in offline], "offline", now)
            self._catalogue.files.mark_missing(gone, "gone", now)
            self.so_far.removed += len(gone)
        if look.doubted:
            self.so_far.removed += self._catalogue.files.believe_missing(
                look.doubted, now - BELIEVE_SECONDS, now
            )
        self._catalogue.files.purge_gone(now - KEEP_GONE_SECONDS)


def _is_touched(root: Root, photo: KnownPhoto, file: FoundFile) -> bool:
    """Whether only the time of change of a photo's file is another now; an unreadable one is tried again."""
    if photo.state == "unreadable" or photo.ends is None or photo.size != file.size:
        return False
    ends = ends_hash(Path(root.path, photo.folder, photo.name), file.size)
    return same_contents(photo, file, ends)


def _may_be_read(folder: Path) -> bool:
    try:
        with os.scandir(folder):
            return True
    except OSError:
        return False


def _there(known: Mapping[str, KnownPhoto]) -> list[KnownPhoto]:
    """Those of a folder's photos that were at their place when it was last looked at."""
    return [photo for photo in known.values() if photo.state in ("present", "unreadable")]
