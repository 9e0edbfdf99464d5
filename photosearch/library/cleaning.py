"""What a person decided is one too many goes to the trash, and a copy of it is surely kept.

    groups → plan → what it would do → each file: verified, moved, seen to be gone → undo

A file is moved only when, at that moment, it is still what was compared, and the photo kept in its place is
there, can be read, and is the same file byte for byte, or the same shot by its pixels. What is about to be
done is written down first, so that after a kill it is known what was.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photosearch.duplicates import Picture, Preferences, compare, is_same_shot
from photosearch.errors import PhotoUnreadable, RemovalRefused
from photosearch.library.duplicates import contents_hash
from photosearch.library.sidecars import carry_over, sidecars_of
from photosearch.library.trash import (
    HoldingFolder,
    NoTrash,
    PlatformTrash,
    Trash,
    lies_in_trash,
    move_back,
    was_emptied,
    why_it_stayed,
)
from photosearch.library.whereabouts import holds_anything
from photosearch.records import Group, Photo, Progress, Removal
from photosearch.scan import ends_hash, is_unchanged
from photosearch.store import Catalogue


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of a group.

    Attributes:
        keep: At least one.
        remove: Each goes to the trash, if one of `keep` is a copy of it at that moment.
    """

    keep: tuple[Photo, ...]
    remove: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen, to be shown before it does.

    Attributes:
        files: Photos that would go to the trash.
        sidecars: Files that would follow them.
        bytes: That would be gained, once the trash is emptied.
        left_out: What stays although it was to be removed, the photo that was to be kept of it, and why it
            stays, as a sentence.
    """

    choices: tuple[Choice, ...]
    files: int
    sidecars: int
    bytes: int
    left_out: tuple[tuple[Photo, Photo, str], ...] = ()


def suggestion(groups: Iterable[Group], kinds: Sequence[str] = ("exact", "same-shot")) -> list[Choice]:
    """Keep each group's keeper; remove what is of one of these kinds and not protected."""
    choices = []
    for group in groups:
        remove = tuple(each.photo for each in group.removable if each.kind in kinds)
        if remove:
            choices.append(Choice((group.keeper,), remove))
    return choices


class Cleaning:
    """Moves photos of one library to the trash and back. One thread at a time.

    Args:
        thumbnail: A JPEG of a photo, made from its file now. Raises PhotoUnreadable.
        pages: How many pictures a file shows, of which only the first is compared. Raises PhotoUnreadable.
        trash: Where files go; in tests another than the platform's.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        thumbnail: Callable[[Path], bytes],
        pages: Callable[[Path], int],
        preferences: Preferences,
        trash: Trash | None = None,
    ) -> None:
        self._catalogue, self._preferences = catalogue, preferences
        self._thumbnail, self._pages = thumbnail, pages
        self._comparisons = catalogue.comparisons
        self._trash = trash or PlatformTrash()

    def plan(self, choices: Iterable[Choice]) -> Plan:
        """What these choices would do.

        Raises:
            RemovalRefused: A group would keep nothing, a photo is to be kept and removed, or lies in a
                reference folder, or nothing is left of the choices; nothing was done.
        """
        choices = tuple(choice for choice in choices if choice.remove)
        kept = {photo.path for choice in choices for photo in choice.keep}
        removed = Counter(photo.path for choice in choices for photo in choice.remove)
        for choice in choices:
            if not choice.keep:
                raise RemovalRefused(f"Nothing would be kept of {choice.remove[0].path}.")
            for photo in choice.remove:
                if self._preferences.protects(photo.path):
                    raise RemovalRefused(f"{photo.path} lies in a reference folder, which is never touched.")
                if photo.path in kept:
                    raise RemovalRefused(f"{photo.path} is to be both kept and removed.")
                if removed[photo.path] > 1:
                    raise RemovalRefused(f"{photo.path} is to be removed twice.")
        choices, links = _without_links(choices)
        choices, several = self._without_pages(choices)
        left_out = links + several
        if left_out and not choices:
            raise RemovalRefused(left_out[0][2])
        photos = [photo for choice in choices for photo in choice.remove]
        leaving = {photo.path for photo in photos}
        sidecars = {each for photo in photos for each in sidecars_of(photo.path, leaving)}
        size = sum(photo.size for photo in photos)
        return Plan(choices, len(photos), len(sidecars), size, left_out)

    def _without_pages(
        self, choices: Sequence[Choice]
    ) -> tuple[tuple[Choice, ...], tuple[tuple[Photo, Photo, str], ...]]:
        """Choices without files whose later pages nothing that is kept has; see `Plan.left_out`."""
        ids = [photo.id for choice in choices for photo in (*choice.keep, *choice.remove)]
        contents = self._comparisons.contents(ids)
        going, left_out = list[Choice](), list[tuple[Photo, Photo, str]]()
        for choice in choices:
            kept = {contents[photo.id] for photo in choice.keep if photo.id in contents}
            remove = list[Photo]()
            for photo in choice.remove:
                why = ""
                if contents.get(photo.id) not in kept:
                    # What cannot be read is found out, and said, when it is compared.
                    with suppress(PhotoUnreadable):
                        why = self._later_pages(photo)
                if why:
                    left_out.append((photo, choice.keep[0], why))
                else:
                    remove.append(photo)
            if remove:
                going.append(Choice(choice.keep, tuple(remove)))
        return tuple(going), tuple(left_out)

    def _later_pages(self, photo: Photo) -> str:
        """Why a photo stays that has more than was compared, as a sentence; empty if it has not."""
        if self._pages(photo.path) == 1:
            return ""
        return f"{photo.path} stays: only the first of its pages or frames was compared."

    def execute(
        self, plan: Plan, holding: bool = False, carry: bool = True
    ) -> Generator[Progress, None, list[Removal]]:
        """Move the files of a plan to the trash, one after the other; to stop iterating is to stop there.

        Args:
            holding: What has no trash goes to a folder in plain sight; else it is left and said so.
            carry: A keeper without a sidecar gets that of what is removed: rating, tags, dates.

        Returns:
            What became of each file, sidecars among them; none failed silently.

        Raises:
            RemovalRefused: See `plan`.
        """
        # Settings and links may be others than when it was planned.
        left_out = plan.left_out
        plan = self.plan(plan.choices)
        self.settle()
        leaving = {photo.path for choice in plan.choices for photo in choice.remove}
        batch, done = 0, 0
        for photo, kept, reason in (*left_out, *plan.left_out):
            removal = self._comparisons.begin_removal(batch, photo.path, kept.path)
            self._comparisons.end_removal(removal, "failed", reason=reason)
            batch = self._batch_of(removal)
        for choice in plan.choices:
            for photo in choice.remove:
                yield Progress("removing", done, plan.files, message=str(photo.path))
                batch = self._remove(photo, choice.keep, batch, leaving, holding, carry)
                done += 1
        yield Progress("removing", done, plan.files)
        return self._comparisons.removals(batch) if batch else []

    def _remove(
        self,
        photo: Photo,
        keep: Sequence[Photo],
        batch: int,
        leaving: set[Path],
        holding: bool,
        carry: bool,
    ) -> int:
        """Move one photo and what belongs to it; the batch it was written down in."""
        kept, why_not = self._copy_kept(photo, keep)
        removal = self._comparisons.begin_removal(batch, photo.path, (kept or keep[0]).path)
        batch = self._batch_of(removal)
        if kept is None:
            self._comparisons.end_removal(removal, "failed", reason=why_not)
            return batch
        if carry and not self._preferences.protects(kept.path):
            # Where it cannot be written, what the sidecar says goes to the trash with it, and is not lost.
            with suppress(OSError):
                carry_over(photo.path, kept.path, leaving)
        if self._move(removal, photo.path, kept, holding, photo):
            self._catalogue.files.mark_missing([photo.id], "gone", int(time.time()))
            # What it shares with a photo that is still there, since that is not to go or could not, stays.
            for sidecar in sidecars_of(photo.path):
                other = self._comparisons.begin_removal(batch, sidecar, kept.path)
                self._move(other, sidecar, kept, holding)
        return batch

    def _batch_of(self, removal: int) -> int:
        (batch,) = [each.batch for each in self._comparisons.removals() if each.id == removal]
        return batch

    def _copy_kept(self, photo: Photo, keep: Sequence[Photo]) -> tuple[Photo | None, str]:
        """The photo that stands for one that is to go; or why there is none, as a sentence."""
        if not self._is_as_compared(photo):
            return None, f"{photo.path} has changed since it was compared, or is not there."
        own = contents_hash(photo.path)
        reasons = []
        for kept in keep:
            if _file(kept.path) == _file(photo.path):
                reasons.append(f"{kept.path} is the same file under another name.")
            elif not self._is_as_compared(kept):
                reasons.append(f"{kept.path}, which was to be kept, has changed or is not there.")
            elif own is not None and contents_hash(kept.path) == own:
                return kept, ""
            else:
                try:
                    pictures = [Picture.of(self._thumbnail(each.path)) for each in (kept, photo)]
                    same = is_same_shot(compare(*pictures))
                    several = self._later_pages(photo) if same else ""
                except PhotoUnreadable as error:
                    reasons.append(f"{kept.path} or {photo.path} cannot be read: {error}")
                    continue
                if same and not several:
                    return kept, ""
                reasons.append(several or f"{kept.path} is not the same shot.")
        return None, " ".join(reasons)

    def _is_as_compared(self, photo: Photo) -> bool:
        ends = self._comparisons.ends_of([photo.id]).get(photo.id)
        return (
            ends is not None
            and is_unchanged(photo.path, photo.size, photo.modified_ns)
            and ends_hash(photo.path, photo.size) == ends
        )

    def _move(self, removal: int, path: Path, kept: Photo, holding: bool, photo: Photo | None = None) -> bool:
        """Move a file, and see that it is gone, and that what was to be kept is not.

        Args:
            photo: What the file is, if it is a photo: what was written to it meanwhile is put back.
        """
        try:
            place = self._put(path, holding)
        except (OSError, RemovalRefused) as error:
            self._comparisons.end_removal(removal, "failed", reason=why_it_stayed(path, error))
            return False
        if os.path.lexists(path):
            self._comparisons.end_removal(removal, "failed", reason=f"{path} is still there.")
            return False
        reason = ""
        if not is_unchanged(kept.path, kept.size, kept.modified_ns):
            reason = f"{kept.path} changed or went away at the same moment"
        elif photo and place and not is_unchanged(place, photo.size, photo.modified_ns):
            reason = f"{path} was changed at the same moment"
        if reason:
            if place is not None:
                try:
                    self._trash.restore(place, path)
                    self._comparisons.end_removal(removal, "failed", reason=f"{reason}; it was put back.")
                    return False
                except OSError:
                    pass
            self._comparisons.end_removal(removal, "done", place, f"{reason}: it is in the trash.")
            return True
        self._comparisons.end_removal(removal, "done", place)
        return True

    def _put(self, path: Path, holding: bool) -> Path | None:
        try:
            return self._trash.put(path)
        except NoTrash:
            if not holding:
                raise
        roots = [root.path for root in self._catalogue.roots.all() if path.is_relative_to(root.path)]
        top = max(roots, key=lambda root: len(root.parts), default=path.parent)
        return HoldingFolder(top).put(path)

    # Afterwards

    def settle(self) -> None:
        """Find out what became of files whose removal was cut off by a kill."""
        for removal in self._comparisons.removals():
            if removal.state != "begun":
                continue
            if os.path.lexists(removal.path):
                self._comparisons.end_removal(
                    removal.id, "failed", reason="It was cut off, and did not happen."
                )
            else:
                self._comparisons.end_removal(removal.id, "done", lies_in_trash(removal.path))

    def removals(self, batch: int | None = None) -> list[Removal]:
        """What was removed and what failed to be, oldest first; of one batch, or all."""
        self.settle()
        return self._comparisons.removals(batch)

    def undo(self, batch: int) -> Generator[Progress, None, list[Removal]]:
        """Put back the files of a batch, those that were moved last first.

        Returns:
            What became of each: `undone`; still `done`, with the reason why it could not be put back; or
            `failed`, if it is no longer in the trash.
        """
        waiting = [removal for removal in self.removals(batch) if removal.state == "done"][::-1]
        returned = list[int]()
        for done, removal in enumerate(waiting):
            yield Progress("restoring", done, len(waiting), message=str(removal.path))
            if removal.place is None:
                reason = "Only the trash of this computer knows where it lies: put it back from there."
                self._comparisons.end_removal(removal.id, "done", reason=reason)
                continue
            if self._was_emptied(removal.place, removal.path):
                reason = f"{removal.place} is no longer in the trash."
                self._comparisons.end_removal(removal.id, "failed", reason=reason)
                continue
            try:
                if removal.place.parent.name == "files":
                    self._trash.restore(removal.place, removal.path)
                else:
                    move_back(removal.place, removal.path)
            except OSError as error:
                self._comparisons.end_removal(removal.id, "done", reason=f"It cannot be put back: {error}.")
                continue
            self._comparisons.end_removal(removal.id, "undone")
            photo = self._catalogue.photos.find_gone(removal.path)
            if photo is not None:
                returned.append(photo)
        self._catalogue.files.mark_present(returned)
        yield Progress("restoring", len(waiting), len(waiting))
        return self._comparisons.removals(batch)

    def _was_emptied(self, place: Path, path: Path) -> bool:
        roots = [root for root in self._catalogue.roots.all() if path.is_relative_to(root.path)]
        return was_emptied(place) and all(map(holds_anything, roots))


def batches(removals: Iterable[Removal]) -> dict[int, list[Removal]]:
    """Removals by batch, the latest first."""
    found = defaultdict[int, list[Removal]](list)
    for removal in removals:
        found[removal.batch].append(removal)
    return dict(sorted(found.items(), reverse=True))


def _without_links(
    choices: Sequence[Choice],
) -> tuple[tuple[Choice, ...], tuple[tuple[Photo, Photo, str], ...]]:
    """Choices without what is another name of a file that is kept or removed besides; see `Plan.left_out`."""
    kept = {_file(photo.path): photo.path for choice in choices for photo in choice.keep}
    removed = Counter(_file(photo.path) for choice in choices for photo in choice.remove)
    going, left_out = list[Choice](), list[tuple[Photo, Photo, str]]()
    for choice in choices:
        remove = list[Photo]()
        for photo in choice.remove:
            file = _file(photo.path)
            if file not in kept and removed[file] == 1:
                remove.append(photo)
                continue
            if other := kept.get(file):
                reason = f"{photo.path} stays: it is another name of the same file as {other}, which is kept."
            else:
                reason = f"{photo.path} stays: another name of the same file is to be removed, too."
            left_out.append((photo, choice.keep[0], reason))
        if remove:
            going.append(Choice(choice.keep, tuple(remove)))
    return tuple(going), tuple(left_out)


def _file(path: Path) -> tuple[int, int] | str:
    """What two names of one file have in common: links of both kinds, and folders that are mounted twice."""
    with suppress(OSError):
        found = path.stat()
        if found.st_ino:
            return found.st_dev, found.st_ino
    return os.path.normcase(os.path.realpath(path))
