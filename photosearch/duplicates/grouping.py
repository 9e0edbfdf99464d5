"""Pairs of photos → groups, in each of which every photo matches the keeper.

A star, not a chain: if A matches B and B matches C, A and C may be different photos.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from photosearch.records import AlikePair, Group, GroupPhoto, Photo

RULES: dict[str, str] = {
    "reference": "it lies in a reference folder",
    "raw": "it is the camera's RAW file, or belongs to one",
    "colour": "it is in colour",
    "unmarked": "nothing was added to it, such as a border or writing",
    "pixels": "it has the most pixels",
    "exif": "it still says when or with what it was taken",
    "name": "it has its original name",
    "compression": "it is compressed least",
    "oldest": "its file is the oldest",
}
"""What can make a photo the keeper, and how that is said."""

RAW = frozenset(
    [".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef"]
    + [".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"]
)
"""Endings of cameras' RAW files, all of four characters."""

MOVING = (".mov", ".mp4")
"""The other half of a live photo, beside it under the same name."""

_LOSSY = frozenset([".jpg", ".jpeg", ".jpe", ".jfif"])
"""Whose sizes tell how strongly they are compressed; a PNG made of a JPEG is larger, and no better."""

STEP = 20
"""Sizes are compared in steps of so many pixels a side."""

_COPY = re.compile(r"(?i)(\bcopy\b|\bkopie\b|\bcopie\b|\bedit(ed)?\b|~\d*$|\(\d+\)$|[-_ ]\d+x\d+$)")
"""In the name of a file that some program made out of another."""


MOMENTS = "Taken within moments of one another; each shows another moment."

TOGETHER = "The camera wrote both of one shot; they belong together."

Relation = Literal["exact", "same-shot", "burst"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person wants kept.

    Attributes:
        rules: Keys of RULES, the most important first.
        references: Folders of which nothing is ever moved to the trash.
    """

    rules: tuple[str, ...] = tuple(RULES)
    references: tuple[Path, ...] = ()

    def protects(self, path: Path) -> bool:
        """Whether a photo lies in a reference folder, by whatever name the folder is reached."""
        if not self.references:
            return False
        real = _real(path.parent)
        return any(
            path.is_relative_to(folder) or real.is_relative_to(_real(folder)) for folder in self.references
        )


@lru_cache(maxsize=4096)
def _real(folder: Path) -> Path:
    return Path(os.path.normcase(os.path.realpath(folder)))


def is_raw(path: Path) -> bool:
    """Whether a file is a camera's RAW file, by its name."""
    return path.suffix.lower() in RAW


def raw_pairs(photos: Iterable[Photo]) -> list[tuple[Photo, Photo]]:
    """RAW files and the JPEG or HEIC that the camera wrote beside each, of the same folder and name."""
    by_stem = defaultdict[Path, list[Photo]](list)
    for photo in photos:
        by_stem[photo.path.with_suffix("")].append(photo)
    pairs = []
    for together in by_stem.values():
        raws = [photo for photo in together if is_raw(photo.path)]
        pairs += [(raw, photo) for raw in raws[:1] for photo in together if not is_raw(photo.path)]
    return pairs


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of photos beside what each says itself.

    Attributes:
        paired: Ids of those that belong to a RAW file.
        grey: Ids of those without colour.
        added: Ids of those to which something was added, a border or what was written on them.
    """

    paired: Collection[int] = ()
    grey: Collection[int] = ()
    added: Collection[int] = ()


def preference(photo: Photo, preferences: Preferences, traits: Traits) -> tuple[float, ...]:
    """A key by which photos sort, the one to be kept first."""
    details = photo.details
    pixels = details.width * details.height
    values = {
        "reference": -float(preferences.protects(photo.path)),
        "raw": -float(is_raw(photo.path) or photo.id in traits.paired),
        "colour": float(photo.id in traits.grey),
        "unmarked": float(photo.id in traits.added),
        # With a few pixels more or less it is no better.
        "pixels": -float(round(pixels**0.5 / STEP)),
        "compression": -(photo.size / pixels if pixels and photo.path.suffix.lower() in _LOSSY else 0.0),
        "exif": -float(details.taken is not None) - float(bool(details.camera)),
        "name": float(bool(_COPY.search(photo.path.stem))),
        "oldest": float(photo.modified_ns),
    }
    return tuple(values[rule] for rule in preferences.rules)


def keep_first(
    photos: Iterable[Photo],
    preferences: Preferences,
    traits: Traits = Traits(),
) -> list[Photo]:
    """Photos in the order in which they are worth keeping; equal ones by path, so that it never changes."""
    return sorted(
        photos,
        key=lambda photo: (photo.offline, preference(photo, preferences, traits), str(photo.path)),
    )


def reason(keeper: Photo, others: Sequence[Photo], preferences: Preferences, traits: Traits) -> str:
    """Why a photo is suggested to be kept rather than these, as one sentence."""
    own = preference(keeper, preferences, traits)
    compared = [preference(other, preferences, traits) for other in others]
    reasons = []
    for at, rule in enumerate(preferences.rules):
        if any(own[at] < other[at] for other in compared):
            reasons.append(RULES[rule])
            compared = [other for other in compared if own[at] == other[at]]
        if not compared:
            break
    if not reasons:
        return "Suggested because it comes first by name: nothing else tells them apart."
    return f"Suggested because {' and '.join(reasons)}."


class _Matches:
    """Which photos match which. What is said of a file holds for all that are the same, and is kept once.

    Args:
        photos: By id, those that are there.
        copies: Ids of photos whose files are the same; some may not be there any more.
        belonging: Pairs of ids that are no duplicates of one another, whatever is said of them.
        exact: Whether files that are the same match.
    """

    def __init__(
        self,
        photos: Mapping[int, Photo],
        copies: Iterable[Sequence[int]],
        decided: Callable[[int, int], bool],
        belonging: Collection[frozenset[int]] = (),
        exact: bool = True,
    ) -> None:
        self._exact = exact
        self._photos, self._decided, self._belonging = photos, decided, belonging
        self._first = {id: together[0] for together in copies for id in together}
        self._places = defaultdict[int, list[int]](list)
        for id, first in self._first.items():
            if id in photos:
                self._places[first].append(id)
        self._kinds = defaultdict[int, dict[int, Relation]](dict)

    def join(self, one: int, other: int, kind: Relation) -> None:
        """Say that two photos match."""
        mine, theirs = self._first.get(one, one), self._first.get(other, other)
        if mine != theirs:
            self._kinds[mine].setdefault(theirs, kind)
            self._kinds[theirs].setdefault(mine, kind)

    def matched(self) -> Iterator[Photo]:
        """The photos of which something was said, and those that are there more than once."""
        several = {first for first, places in self._places.items() if self._exact and len(places) > 1}
        for first in self._kinds.keys() | several:
            yield from (self._photos[id] for id in self._there(first))

    def of(self, id: int) -> Iterator[tuple[int, Relation]]:
        """The photos that match one."""
        mine = self._first.get(id, id)
        own = self._there(mine)
        if self._exact and len(own) > 1 and not self._decided(own[0], own[1]):
            yield from ((other, "exact") for other in own if self._may(id, other))
        for theirs, kind in self._kinds.get(mine, {}).items():
            there = self._there(theirs)
            if there and not self._decided(id, there[0]):
                yield from ((other, kind) for other in there if self._may(id, other))

    def beyond(self, id: int) -> Iterator[int]:
        """Photos that match what matches one, and of which it was not said that they do; of copies one."""
        mine = self._first.get(id, id)
        near = self._kinds.get(mine, {})
        for first in {far for theirs in near for far in self._kinds[theirs]} - near.keys() - {mine}:
            yield from self._there(first)[:1]

    def _there(self, first: int) -> Sequence[int]:
        """Where a file is: the ids of its photos."""
        if first in self._places:
            return self._places[first]
        return [first] if first in self._photos else []

    def _may(self, one: int, other: int) -> bool:
        return one != other and frozenset((one, other)) not in self._belonging


def may_be_chains(
    copies: Iterable[Sequence[int]],
    pairs: Iterable[AlikePair],
    compared: Iterable[tuple[int, int]],
) -> set[int]:
    """The photos of one shot with others, some two of which were not compared with one another.

    Args:
        copies, pairs, compared: See `to_be_compared`.
    """
    first = {id: together[0] for together in copies for id in together}
    joined: dict[int, int] = {}

    def root(id: int) -> int:
        at = first.get(id, id)
        while (above := joined.setdefault(at, at)) != at:
            joined[at] = at = joined[above]
        return at

    for one, other, kind in pairs:
        if kind == "same-shot":
            joined[root(one)] = root(other)
    sizes = Counter(root(id) for id in list(joined))
    seen = defaultdict[int, set[tuple[int, int]]](set)
    for one, other in compared:
        mine, theirs = first.get(one, one), first.get(other, other)
        if mine != theirs and mine in joined and theirs in joined and root(mine) == root(theirs):
            seen[root(mine)].add((min(mine, theirs), max(mine, theirs)))
    unfinished = {id for id, size in sizes.items() if len(seen[id]) < size * (size - 1) // 2}
    members = {id for id in joined if root(id) in unfinished}
    return members | {id for id, one in first.items() if one in members}


def to_be_compared(
    photos: Mapping[int, Photo],
    copies: Sequence[Sequence[int]],
    pairs: Iterable[AlikePair],
    compared: Collection[tuple[int, int]],
    preferences: Preferences,
    decided: Callable[[int, int], bool],
    grey: Collection[int] = (),
    added: Collection[int] = (),
) -> list[tuple[int, int]]:
    """Pairs of a photo that is going to be kept and one that matches what matches it: that may be a chain.

    Args:
        photos, copies, pairs, decided, grey, added: See `groups_of`.
        compared: Pairs of ids, the lower first, that were compared already.
    """
    traits = Traits(frozenset(photo.id for _, photo in raw_pairs(photos.values())), grey, added)
    matches = _Matches(photos, copies, decided)
    for one, other, kind in pairs:
        if kind == "same-shot":
            matches.join(one, other, kind)
    taken, found = set[int](), list[tuple[int, int]]()
    for keeper in keep_first(matches.matched(), preferences, traits):
        if keeper.id not in taken:
            taken.update([keeper.id, *(id for id, _ in matches.of(keeper.id))])
            for far in matches.beyond(keeper.id):
                pair = min(keeper.id, far), max(keeper.id, far)
                if far not in taken and pair not in compared and not decided(*pair):
                    found.append(pair)
                    # Until that is known it is compared with no other.
                    taken.add(far)
    return found


def groups_of(
    photos: Mapping[int, Photo],
    copies: Iterable[Sequence[int]],
    pairs: Iterable[AlikePair],
    preferences: Preferences,
    decided: Callable[[int, int], bool],
    companion: Callable[[Photo], Path | None],
    grey: Collection[int] = (),
    added: Collection[int] = (),
    is_same_file: Callable[[Photo, Photo], bool] = lambda one, other: False,
) -> list[Group]:
    """Put photos into groups; none is in two groups of which something may be removed.

    Args:
        photos: By id, all that are there of those named below, and the RAW files and JPEGs beside them.
        copies: Ids of photos whose files are the same, byte for byte.
        pairs: Ids of photos of one shot, or of one burst. What is said of a photo holds for its copies.
        decided: Whether a person decided that two photos are not to be shown together. It is asked once of
            files that are the same.
        companion: The film of a live photo, if a photo has one.
        grey, added: Ids of photos without colour, and of those to which something was added.
        is_same_file: Whether two photos are one file by two names; asked of what is the same byte for byte.

    Returns:
        First those by which most bytes are to be gained.
    """
    raws = raw_pairs(photos.values())
    belonging = {frozenset((raw.id, photo.id)) for raw, photo in raws}
    traits = Traits(frozenset(photo.id for _, photo in raws), grey, added)
    alike = _Matches(photos, copies, decided, belonging)
    bursts = _Matches(photos, copies, decided, belonging, exact=False)
    for one, other, kind in pairs:
        (bursts if kind == "burst" else alike).join(one, other, kind)

    def protected(photo: Photo, kind: Relation) -> str:
        if preferences.protects(photo.path):
            return "It lies in a reference folder, which is never touched."
        if photo.offline:
            return "Its drive is not there, or the file is missing."
        if kind != "exact" and is_raw(photo.path):
            return "It is a camera’s RAW file, and the other is not the same file."
        if photo.id in traits.paired:
            return "It belongs to the camera’s RAW file beside it."
        if film := companion(photo):
            return f"It is a live photo and belongs to {film.name}."
        return ""

    def why_not_of(keeper: Photo, photo: Photo, kind: Relation) -> str:
        if kind == "exact" and is_same_file(keeper, photo):
            return "It is another name of the same file, which is to be kept."
        return protected(photo, kind)

    def stars(matches: _Matches, burst: bool) -> Iterator[Group]:
        taken = set[int]()
        for keeper in keep_first(matches.matched(), preferences, traits):
            if keeper.id in taken:
                continue
            kinds = {id: kind for id, kind in matches.of(keeper.id) if id not in taken}
            if not kinds:
                continue
            members = keep_first((photos[id] for id in kinds), preferences, traits)
            taken.update([keeper.id, *kinds])
            exact = set(kinds.values()) == {"exact"}
            # For whoever chooses another one to keep.
            why_not = protected(keeper, "exact" if exact else "same-shot")
            listed = [
                GroupPhoto(member, kinds[member.id], why_not_of(keeper, member, kinds[member.id]))
                for member in members
            ]
            yield Group(
                "burst" if burst else "exact" if exact else "same-shot",
                MOMENTS if burst else reason(keeper, members, preferences, traits),
                (GroupPhoto(keeper, "keeper", why_not), *listed),
            )

    found = [*stars(alike, False), *stars(bursts, True)]
    for raw, beside in groupby(raws, key=lambda pair: pair[0]):
        others = [photo for _, photo in beside if not decided(raw.id, photo.id)]
        if others:
            listed = [GroupPhoto(photo, "raw-pair", TOGETHER) for photo in others]
            found.append(Group("raw-pair", TOGETHER, (GroupPhoto(raw, "keeper"), *listed)))
    return sorted(found, key=lambda group: (-_gain(group), str(group.keeper.path)))


def _gain(group: Group) -> int:
    return sum(each.photo.size for each in group.removable)
