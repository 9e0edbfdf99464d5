"""A folder and what is known of it → what was added, changed, moved, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from photosearch.records import FoundFile, KnownPhoto
from photosearch.scan.contents import same_contents
from photosearch.scan.walking import Listing, joined

BELIEVED_GONE = 20
BELIEVED_SHARE = 0.2
"""Fewer photos than the first number, or at most this share of a root, are believed to be deleted."""


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from what was known of it.

    Attributes:
        added: Files nobody knew.
        changed: Known photos, by id, whose size or time of change is another now.
        returned: Ids of photos that were offline or gone and are there again, unchanged.
        missing: Ids of photos that were there and are not.
        unchanged: How many are as they were, unreadable ones among them.
    """

    added: list[FoundFile] = field(default_factory=list)
    changed: list[tuple[int, FoundFile]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    unchanged: int = 0


def differences(listing: Listing, known: Mapping[str, KnownPhoto]) -> Differences:
    """Compare a folder with what is known of it.

    An unreadable photo is like any other: it is tried again when its file has changed. A photo is not missing
    where the folder could not be read, or its file is there and has a problem.

    Args:
        known: The photos known in this folder, by file name.
    """
    found = Differences()
    if not listing.complete:
        return found
    unchanged = 0
    for file in listing.files:
        photo = known.get(file.name)
        if photo is None:
            found.added.append(file)
        elif photo.size != file.size or photo.modified_ns != file.modified_ns:
            found.changed.append((photo.id, file))
        elif photo.state in ("offline", "gone"):
            found.returned.append(photo.id)
        else:
            unchanged += 1
    there = {file.name for file in listing.files}
    there.update(path.rpartition("/")[2] for path, _ in listing.problems)
    for name, photo in known.items():
        if name not in there and photo.state in ("present", "unreadable"):
            found.missing.append(photo.id)
    return replace(found, unchanged=unchanged)


def vanished(known: Iterable[str], listings: Iterable[Listing]) -> list[str]:
    """Folders that a walk did not find: of those known, all but the listed ones and those that could not be
    read.

    Args:
        known: Relative folders, all of them in what was walked.
        listings: All of the walk's.
    """
    listed, unread = set(), []
    for listing in listings:
        listed.add(listing.folder)
        if not listing.complete:
            unread.append(joined(listing.folder, ""))
    return [folder for folder in known if folder not in listed and not folder.startswith(tuple(unread))]


def match_moves(
    added: Collection[KnownPhoto],
    missing: Collection[KnownPhoto],
    ends_of: Callable[[KnownPhoto], bytes | None],
) -> list[tuple[KnownPhoto, KnownPhoto]]:
    """Tell which new files are missing photos that were renamed or moved, so that they are not encoded again.

    Size and hash of the ends must agree. A missing photo that was never read has no hash; it is recognised by
    its name and time of change instead. Of several candidates, those of the same time of change come first,
    and of these those of the same name; each is used once.

    Args:
        added: New files; `id` may be anything.
        ends_of: Reads the hash of a new file's ends; asked only where a missing photo is as large.

    Returns:
        Pairs of a new file and the photo it is.
    """
    unread: defaultdict[tuple[int, int, str], list[KnownPhoto]] = defaultdict(list)
    lost: dict[int, KnownPhoto] = {}
    for photo in missing:
        if photo.ends is None:
            unread[photo.size, photo.modified_ns, photo.name].append(photo)
        else:
            lost[photo.id] = photo
    sizes = {photo.size for photo in lost.values()}
    pairs = []
    rest: list[tuple[KnownPhoto, bytes]] = []
    for file in added:
        if candidates := unread[file.size, file.modified_ns, file.name]:
            pairs.append((file, candidates.pop(0)))
        elif file.size in sizes and (ends := ends_of(file)) is not None:
            rest.append((file, ends))
    for likeness in (_time_and_name, _time, _name, _nothing):
        free: defaultdict[tuple[object, ...], list[KnownPhoto]] = defaultdict(list)
        for photo in lost.values():
            free[photo.size, photo.ends, likeness(photo)].append(photo)
        left = []
        for file, ends in rest:
            candidates = free[file.size, ends, likeness(file)]
            if candidates and same_contents(candidates[-1], file, ends):
                photo = candidates.pop()
                pairs.append((file, photo))
                del lost[photo.id]
            else:
                left.append((file, ends))
        rest = left
    return pairs


def _time_and_name(photo: KnownPhoto) -> object:
    return photo.modified_ns, photo.name


def _time(photo: KnownPhoto) -> object:
    return photo.modified_ns


def _name(photo: KnownPhoto) -> object:
    return photo.name


def _nothing(photo: KnownPhoto) -> object:
    return None


def judge_missing(missing: int, known: int) -> Literal["gone", "offline"]:
    """Whether photos that vanished at once from a root or a folder were deleted, or their drive is not there.

    Args:
        missing: How many vanished.
        known: How many there were before.
    """
    return "offline" if missing >= BELIEVED_GONE and missing > BELIEVED_SHARE * known else "gone"
