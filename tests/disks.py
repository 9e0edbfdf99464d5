"""Drives that cannot be had by asking the platform nicely: small, full, read-only, of another machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest


@cache
def _may_mount() -> bool:
    """Whether this user may mount, as in a container that runs as root; in vain on other platforms."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    mounting = "mount -t tmpfs -o size=1m none /mnt && mount --bind /dev/null /proc/$$/mountinfo"
    return subprocess.run(["unshare", "-m", "sh", "-c", mounting], capture_output=True).returncode == 0


def needs_mounting() -> None:
    if not _may_mount():
        pytest.skip("mounting a drive needs root on Linux")


@contextmanager
def small_drive(place: Path, megabytes: int) -> Iterator[Path]:
    """A drive of its own at a place, gone at the end."""
    place.mkdir()
    # Known by its name: another test's drive may hold the same photos at the same moment.
    name = uuid4().hex
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", name, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def make_read_only(drive: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", drive], check=True)


def as_if_mounted(command: list[str], line: str, folder: Path) -> list[str]:
    """A command to which the system tells of one mount more, in the format of /proc/self/mountinfo.

    Args:
        folder: Where the list of mounts is written.
    """
    mounts = folder / "mountinfo"
    mounts.write_text(Path("/proc/self/mountinfo").read_text() + line + "\n")
    return [
        "unshare",
        "-m",
        "sh",
        "-c",
        f'mount --bind "{mounts}" /proc/$$/mountinfo && exec "$@"',
        "sh",
        *command,
    ]
