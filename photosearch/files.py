"""What path is meant, and files written so that nothing is lost, and nothing left that was for a while."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

import psutil

from photosearch.errors import FolderUnavailable

LEFT_SECONDS = 24 * 60 * 60
"""After which a folder whose process has ended is taken for left behind."""


def absolute(path: Path) -> Path:
    """A path that a person wrote, from the root on, without “..”; “~” is a home folder where there is one.

    Raises:
        FolderUnavailable: It begins in a current folder that was removed.
    """
    try:
        # Not `Path.expanduser`, for which “~draft.jpg” is a mistake.
        return Path(os.path.abspath(os.path.expanduser(path)))
    except FileNotFoundError:
        raise FolderUnavailable(f"The current folder is no longer there, so {path} is nowhere.") from None


def home_folder() -> Path | None:
    """The person's home folder; none where neither HOME nor the list of users names one."""
    # Not `Path.home`, which raises then.
    home = Path(os.path.expanduser("~"))
    return home if home.is_absolute() else None


def is_text(path: str | Path) -> bool:
    """Whether a path, or a name, can be written down: it may be any bytes, but a library keeps text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def text_of(folder: Path) -> str:
    """The path of a folder, to be written down.

    Raises:
        FolderUnavailable: It cannot be.
    """
    if not is_text(folder):
        shown = os.fsencode(folder).decode(errors="backslashreplace")
        raise FolderUnavailable(f"The name of the folder {shown} is not valid Unicode.")
    return str(folder)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of another once all of it is on the disk.

    A kill, or a power cut, leaves the old one or the new one; what goes wrong here leaves the old one alone.

    Raises:
        OSError: It cannot be written.
    """
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that is there as long as it is used; what killed processes left of theirs a day ago goes, too.

    Raises:
        OSError: It cannot be made.
    """
    _remove_left()
    # A folder that is fetched to, or mapped from, may be in use when it is to go.
    return tempfile.TemporaryDirectory(prefix=f"photosearch-{os.getpid()}-", ignore_cleanup_errors=True)


@cache
def _remove_left() -> None:
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            made = re.match(r"photosearch-(\d{1,9})-", entry.name)
            if made and _is_ours_and_old(entry) and not psutil.pid_exists(int(made[1])):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_ours_and_old(entry: os.DirEntry[str]) -> bool:
    if not entry.is_dir(follow_symlinks=False):
        return False
    found = entry.stat(follow_symlinks=False)
    # Containers may share the folder: what runs in another one does not seem to run.
    return time.time() - found.st_mtime > LEFT_SECONDS and (
        not hasattr(os, "getuid") or found.st_uid == os.getuid()
    )
