"""What kind of drive a path lies on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

# fmt: off
_NETWORK = frozenset((
    "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.ceph", "fuse.davfs2", "fuse.glusterfs",
    "fuse.gvfsd-fuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gpfs", "lustre", "macfuse.sshfs", "ncpfs",
    "nfs", "nfs4", "smb2", "smb3", "smbfs", "webdav",
))
# fmt: on

KERNEL = frozenset(
    ("proc", "sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "devpts", "bpf")
)
"""File systems that hold no files, but what the kernel tells of itself."""


def file_system(path: Path) -> tuple[str, str]:
    """Type and source of the file system that a path lies on, as the platform says: `ext4`, `/dev/sda1`.

    The path need not exist. Two empty texts where the platform does not tell, as on Windows.
    """
    systems = mounts()
    place = os.path.realpath(path)
    while place not in systems and place != os.path.dirname(place):
        place = os.path.dirname(place)
    return systems.get(place, ("", ""))


def is_network(path: Path) -> bool:
    """Whether a path, which need not exist, lies on a drive of another machine."""
    if sys.platform == "win32":
        import ctypes

        remote = 4
        drive = os.path.splitdrive(os.path.realpath(path))[0] + "\\"
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive) == remote
    return file_system(path)[0] in _NETWORK


def mounts() -> dict[str, tuple[str, str]]:
    """Type and source of the file system at each mount point; of several at one place, the one on top."""
    if sys.platform == "linux":
        try:
            with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
                return dict(map(_of_linux, lines))
        except OSError:
            # A sandbox without /proc.
            return {}
    if sys.platform == "darwin":
        said = subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, errors="surrogateescape", check=False
        )
        return dict(map(_of_macos, said.stdout.splitlines()))
    return {}


def _of_linux(line: str) -> tuple[str, tuple[str, str]]:
    # 36 35 98:0 /inside /mount/point rw,noatime master:1 - ext4 /dev/sda1 rw
    before, _, after = line.partition(" - ")
    kind, source = after.split(" ")[:2]
    return _unescaped(before.split(" ")[4]), (kind, _unescaped(source))


def _of_macos(line: str) -> tuple[str, tuple[str, str]]:
    # //user@server/photos on /Volumes/photos (smbfs, nodev, nosuid)
    before, _, after = line.rpartition(" (")
    source, _, place = before.partition(" on ")
    return place, (after.partition(",")[0].rstrip(")"), source)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
