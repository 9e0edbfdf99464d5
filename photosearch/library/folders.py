"""The folders a person chose: watched ones, and those inside of them that are left out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from photosearch.drives import volume_of
from photosearch.errors import FolderUnavailable, SettingsUnusable
from photosearch.files import absolute, text_of
from photosearch.library.left_out import forget_left_out, holds_left_out
from photosearch.library.logs import erase_lines, rename_in_lines
from photosearch.library.whereabouts import has_moved, holds, holds_anything
from photosearch.records import Root
from photosearch.searches import forget_past, relocate_past
from photosearch.settings import Places, Settings, read_settings, write_setting
from photosearch.store import Catalogue, Thumbnails


class Folders:
    """The folders of a library.

    Args:
        erase_codes: Leaves nothing of codes that are no more in the code file.
    """

    def __init__(
        self,
        places: Places,
        settings: Settings,
        catalogue: Catalogue,
        thumbnails: Thumbnails,
        erase_codes: Callable[[], None],
    ) -> None:
        self._places, self._catalogue, self._thumbnails = places, catalogue, thumbnails
        self._erase_codes = erase_codes
        self._left_out = _left_out_in(settings)
        self._settings_read = _written(places.settings)

    # Watched

    def add(self, folder: Path) -> None:
        """Watch a folder; see `Library.add_folder`."""
        folder = absolute(folder)
        try:
            with os.scandir(folder):
                pass
        except FileNotFoundError:
            raise FolderUnavailable(f"The folder {folder} does not exist.") from None
        except NotADirectoryError:
            raise FolderUnavailable(f"{folder} is not a folder.") from None
        except OSError as error:
            raise FolderUnavailable(f"The folder {folder} cannot be read: {error.strerror}.") from error
        text_of(folder)
        roots = self._catalogue.roots.all()
        if any(holds(root.path, folder) for root in roots):
            if folder in self.left_out():
                self.take_in(folder)
            return
        volume = volume_of(folder)
        for root in roots:
            moved = root.volume == volume and not holds_anything(root)
            if moved and has_moved(self._catalogue, root, folder):
                self.relocate(root, folder)
                return
        self._catalogue.roots.add(folder, volume)

    def relocate(self, root: Root, folder: Path) -> None:
        """A root lies elsewhere now, and in it what is left out: before anybody looks there."""
        left_out = self.left_out()
        if any(holds_left_out(root, other) for other in left_out):
            self._keep_left_out(
                folder / other.relative_to(root.path) if holds_left_out(root, other) else other
                for other in left_out
            )
        self._catalogue.roots.relocate(root.id, folder)
        # There it is looked for once the folder is to be forgotten.
        self._catalogue.relocate_in_kept(root.path, folder)
        rename_in_lines(self._places.logs, root.path, folder)
        relocate_past(self._places.past_searches, root.path, folder)

    def remove(self, folder: Path) -> None:
        """Forget a folder and what is known of its photos; see `Library.remove_folder`."""
        folder = absolute(folder)
        roots = self._catalogue.roots.all()
        removed = next((root for root in roots if root.path == folder), None)
        if removed is None:
            raise FolderUnavailable(f"The folder {folder} is not watched.")
        around = [root for root in roots if root is not removed and holds(root.path, folder)]
        with self._catalogue.transaction():
            if around:
                # Of several the innermost.
                self._hand_over(removed, max(around, key=lambda root: len(os.path.realpath(root.path))))
            forgotten = self._catalogue.roots.remove(removed.id)
            self._catalogue.comparisons.forget_stale()
            if not around:
                self._catalogue.comparisons.forget_removals(folder)
        self.erase(forgotten)
        if not around:
            self._forget_words(folder)

    def _hand_over(self, root: Root, to: Root) -> None:
        """Let the photos of a root belong to the one that it lies in."""
        inner = os.path.relpath(os.path.realpath(root.path), os.path.realpath(to.path)).replace(os.sep, "/")
        for folder in self._catalogue.files.known_folders(root.id):
            known = self._catalogue.files.known_in(root.id, folder).values()
            place = f"{inner}/{folder}" if folder else inner
            self._catalogue.files.move(
                (photo.id, to.id, place, photo.name, photo.modified_ns)
                for photo in known
                if photo.state != "gone"
            )

    def forget_missing(self, folder: Path) -> int:
        """Take the photos that are missing below a folder for deleted; see `Library.forget_missing`."""
        folder = absolute(folder)
        for root in self._catalogue.roots.all():
            if root.state == "offline" and (
                folder.is_relative_to(root.path) or root.path.is_relative_to(folder)
            ):
                raise FolderUnavailable(
                    f"The drive of {root.path} is not there, so nobody can say which of its photos were"
                    " deleted: plug it in, or remove the folder from the library."
                )
        return self._catalogue.files.forget_missing(folder, int(time.time()))

    # Left out

    def left_out(self) -> list[Path]:
        """The folders that are not looked into: a new list at each change, be it by another process."""
        if (written := _written(self._places.settings)) != self._settings_read:
            with suppress(SettingsUnusable):
                left_out = _left_out_in(read_settings(self._places.settings))
                self._left_out = self._left_out if left_out == self._left_out else left_out
            self._settings_read = written
        return self._left_out

    def leave_out(self, folder: Path) -> None:
        """Look no more into a folder inside of a watched one; see `Library.leave_out`."""
        folder = absolute(folder)
        around = [root for root in self._catalogue.roots.all() if holds_left_out(root, folder)]
        if not around:
            raise FolderUnavailable(f"The folder {folder} lies in no watched folder.")
        if len(str(folder).splitlines()) > 1:
            raise SettingsUnusable(f"{folder} cannot be left out: its name has a line break.")
        self._keep_left_out([*self.left_out(), folder])
        forgotten = [id for root in around for id in forget_left_out(self._catalogue, root, [folder])]
        self._catalogue.comparisons.forget_stale()
        self._catalogue.comparisons.forget_removals(folder)
        self.erase(forgotten)
        self._forget_words(folder)

    def take_in(self, folder: Path) -> None:
        """Look into a folder again that was left out; see `Library.take_in`."""
        self._keep_left_out([other for other in self.left_out() if other != absolute(folder)])

    def _keep_left_out(self, folders: Iterable[Path]) -> None:
        left_out = sorted(set(folders))
        write_setting(self._places.settings, "left_out", "\n".join(map(str, left_out)))
        self._left_out, self._settings_read = left_out, _written(self._places.settings)

    def erase(self, forgotten: Sequence[int]) -> None:
        """Leave nothing on disk of photos that were forgotten, by their ids."""
        self._thumbnails.erase(forgotten)
        self._erase_codes()
        self._catalogue.erase()

    def _forget_words(self, folder: Path) -> None:
        """Leave nothing on disk that names a folder which was forgotten."""
        self._catalogue.forget_in_kept(folder)
        erase_lines(self._places.logs, folder)
        forget_past(self._places.past_searches, folder)


def _left_out_in(settings: Settings) -> list[Path]:
    return [Path(line) for line in settings.left_out.splitlines()]


def _written(file: Path) -> tuple[int, int, int] | None:
    """What a file is told by from one that was written at another time; None: it is not there."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
