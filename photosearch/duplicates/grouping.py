"""Pairs of photos → groups, in each of which every photo matches the keeper.

A star, not a chain: if A matches B and B matches C, A and C may be different photos.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from photosearch.records import Group, GroupPhoto, Photo

RULES: dict[str, str] = {
    "reference": "it lies in a reference folder",
    "raw": "it is the camera's RAW file, or belongs to one",
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

PairKind = Literal["exact", "same-shot", "burst"]


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


def preference(photo: Photo, preferences: Preferences, paired: Collection[int] = ()) -> tuple[float, ...]:
    """A key by which photos sort, the one to be kept first.

    Args:
        paired: Ids of photos that belong to a RAW file.
    """
    details = photo.details
    pixels = details.width * details.height
    values = {
        "reference": -float(preferences.protects(photo.path)),
        "raw": -float(is_raw(photo.path) or photo.id in paired),
        # With a few pixels more or less it is no better.
        "pixels": -float(round(pixels**0.5 / STEP)),
        "compression": -(photo.size / pixels if pixels and photo.path.suffix.lower() in _LOSSY else 0.0),
        "exif": -float(details.taken is not None) - float(bool(details.camera)),
        "name": float(bool(_COPY.search(photo.path.stem))),
        "oldest": float(photo.modified_ns),
    }
    return tuple(values[rule] for rule in preferences.rules)


def keep_first(
    photos: Iterable[Photo], preferences: Preferences, paired: Collection[int] = ()
) -> list[Photo]:
    """Photos in the order in which they are worth keeping; equal ones by path, so that it never changes."""
    return sorted(
        photos,
        key=lambda photo: (photo.offline, preference(photo, preferences, paired), str(photo.path)),
    )


def reason(
    keeper: Photo, others: Sequence[Photo], preferences: Preferences, paired: Collection[int] = ()
) -> str:
    """Why a photo is suggested to be kept rather than these, as one sentence."""
    own = preference(keeper, preferences, paired)
    compared = [preference(other, preferences, paired) for other in others]
    reasons = []
    for at, rule in enumerate(preferences.rules):
        if any(own[at] < other[at] for other in compared):
            reasons.append(RULES[rule])
            compared = [other for other in compared if own[at] == other[at]]
        if not compared:
            break
    if not reasons:
        return "Kept because it comes first by name: nothing else tells them apart."
    return f"Kept because {' and '.join(reasons)}."


def groups_of(
    photos: Mapping[int, Photo],
    copies: Iterable[Sequence[int]],
    pairs: Iterable[tuple[int, int, Literal["same-shot", "burst"]]],
    preferences: Preferences,
    decided: Callable[[int, int], bool],
    companion: Callable[[Photo], Path | None],
) -> list[Group]:
    """Put photos into groups; none is in two groups of which something may be removed.

    Args:
        photos: By id, all that are named below, and the RAW files and JPEGs beside them.
        copies: Ids of photos whose files are the same, byte for byte.
        pairs: Ids of photos of one shot, or of one burst. What is said of a photo holds for its copies.
        decided: Whether a person decided that two photos are not to be shown together.
        companion: The film of a live photo, if a photo has one.

    Returns:
        First those by which most bytes are to be gained.
    """
    raws = raw_pairs(photos.values())
    belonging = {frozenset((raw.id, photo.id)) for raw, photo in raws}
    paired = frozenset(photo.id for _, photo in raws)
    same = {id: [each for each in together if each in photos] for together in copies for id in together}
    alike, bursts = defaultdict[int, dict[int, PairKind]](dict), defaultdict[int, dict[int, PairKind]](dict)

    def join(graph: dict[int, dict[int, PairKind]], one: int, other: int, kind: PairKind) -> None:
        if frozenset((one, other)) not in belonging and not decided(one, other):
            graph[one].setdefault(other, kind)
            graph[other].setdefault(one, kind)

    for together in copies:
        for at, one in enumerate(same[together[0]]):
            for other in same[together[0]][at + 1 :]:
                join(alike, one, other, "exact")
    for one, other, kind in pairs:
        if one in photos and other in photos:
            for mine in same.get(one, [one]):
                for theirs in same.get(other, [other]):
                    join(bursts if kind == "burst" else alike, mine, theirs, kind)

    def protected(photo: Photo, kind: PairKind) -> str:
        if preferences.protects(photo.path):
            return "It lies in a reference folder, which is never touched."
        if photo.offline:
            return "Its drive is not there, or the file is missing."
        if kind != "exact" and is_raw(photo.path):
            return "It is a camera’s RAW file, and the other is not the same file."
        if photo.id in paired:
            return "It belongs to the camera’s RAW file beside it."
        if film := companion(photo):
            return f"It is a live photo and belongs to {film.name}."
        return ""

    def stars(graph: Mapping[int, Mapping[int, PairKind]], burst: bool) -> Iterator[Group]:
        taken = set[int]()
        for keeper in keep_first((photos[id] for id in graph), preferences, paired):
            members = [photos[id] for id in graph[keeper.id] if id not in taken]
            if keeper.id in taken or not members:
                continue
            members = keep_first(members, preferences, paired)
            taken.update([keeper.id, *(member.id for member in members)])
            kinds = [graph[keeper.id][member.id] for member in members]
            exact = set(kinds) == {"exact"}
            # For whoever chooses another one to keep.
            why_not = protected(keeper, "exact" if exact else "same-shot")
            listed = [
                GroupPhoto(member, kind, protected(member, kind))
                for member, kind in zip(members, kinds, strict=True)
            ]
            yield Group(
                "burst" if burst else "exact" if exact else "same-shot",
                MOMENTS if burst else reason(keeper, members, preferences, paired),
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
