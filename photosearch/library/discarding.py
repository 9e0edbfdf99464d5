"""Photos that a person chose go to the trash, and come back from it: whatever they are, copies or not.

Cleaning up (`cleaning`) removes only what has a verified copy; here the person looked at what goes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photosearch.duplicates import Preferences
from photosearch.errors import RemovalRefused
from photosearch.library.sidecars import sidecars_of
from photosearch.library.trash import Trash, why_it_stayed
from photosearch.library.whereabouts import holds_anything
from photosearch.records import Photo, Progress
from photosearch.store import Catalogue


@dataclass(frozen=True, slots=True)
class Discarded:
    """What became of a photo.

    Attributes:
        files: Where it and its sidecars were and lie now; a place is None if only the platform knows it.
            Empty: it is where it was.
        reason: Why it, or a sidecar, is where it was, as one sentence.
    """

    photo: Photo
    files: tuple[tuple[Path, Path | None], ...] = ()
    reason: str = ""


class Discarding:
    """Moves photos of one library to the trash and back. One thread at a time."""

    def __init__(self, catalogue: Catalogue, preferences: Preferences, trash: Trash) -> None:
        self._catalogue, self._preferences, self._trash = catalogue, preferences, trash

    def discard(self, photos: Sequence[Photo]) -> Generator[Progress, None, list[Discarded]]:
        """Move photos and their sidecars to the trash, one after the other, and see that each is gone."""
        outcome = list[Discarded]()
        for done, photo in enumerate(photos):
            yield Progress("removing", done, len(photos), message=str(photo.path))
            outcome.append(self._discard(photo))
            if outcome[-1].files:
                self._catalogue.files.mark_missing([photo.id], "gone", int(time.time()))
        yield Progress("removing", len(photos), len(photos))
        return outcome

    def _discard(self, photo: Photo) -> Discarded:
        if self._preferences.protects(photo.path):
            return Discarded(
                photo, reason=f"{photo.path} lies in a reference folder, which is never touched."
            )
        if self._is_away(photo.path):
            said = f"{photo.path} lies on a drive that is not there: nothing was done with it."
            return Discarded(photo, reason=said)
        moved = list[tuple[Path, Path | None]]()
        for path in _with_sidecars(photo.path):
            try:
                place = self._trash.put(path)
            except (OSError, RemovalRefused) as error:
                return Discarded(photo, tuple(moved), why_it_stayed(path, error))
            if os.path.lexists(path):
                return Discarded(photo, tuple(moved), f"{path} is still there.")
            moved.append((path, place))
        return Discarded(photo, tuple(moved))

    def _is_away(self, path: Path) -> bool:
        if os.path.lexists(path):
            return False
        roots = [root for root in self._catalogue.roots.all() if path.is_relative_to(root.path)]
        return bool(roots) and not any(holds_anything(root) for root in roots)

    def restore(self, discarded: Sequence[Discarded]) -> Generator[Progress, None, list[Discarded]]:
        """Put back what was discarded, the last first; what could not be, with the reason why."""
        kept, returned = list[Discarded](), list[int]()
        for done, one in enumerate(reversed(discarded)):
            yield Progress("restoring", done, len(discarded), message=str(one.photo.path))
            left, reason = list[tuple[Path, Path | None]](), ""
            for path, place in one.files:
                try:
                    if place is None:
                        raise RemovalRefused(
                            f"Only the trash of this computer knows where {path} lies: put it back there."
                        )
                    self._trash.restore(place, path)
                except (OSError, RemovalRefused) as error:
                    left.append((path, place))
                    reason = why_it_stayed(path, error)
            if left:
                kept.append(Discarded(one.photo, tuple(left), reason))
            if one.files and one.photo.path not in [path for path, _ in left]:
                returned.append(one.photo.id)
        self._catalogue.files.mark_present(returned)
        yield Progress("restoring", len(discarded), len(discarded))
        return kept


def _with_sidecars(photo: Path) -> Iterator[Path]:
    """A photo and then, looked for once it is gone, the sidecars that no photo that is there has too."""
    yield photo
    yield from sidecars_of(photo)
