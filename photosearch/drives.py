"""What kind of drive a path lies on, on which volume, and where that is mounted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from string import ascii_uppercase

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


def volume_of(path: Path) -> str:
    """What the platform calls the volume a folder lies on; empty if the folder is not there.

    The same after a restart and at another mount point where the platform can tell: on Linux the UUID of the
    file system, or the source of a network drive (`nfs4 server:/photos`); on Windows the volume's serial
    number. On macOS, and for a file system without a UUID, it is the mount point: renamed, it is another
    volume; another drive mounted at the same place is the same one.
    """
    try:
        status = os.stat(path)
        if sys.platform == "win32":
            # Python 3.12 reports 64 bits, of which these are what 3.11 reports.
            return f"serial {status.st_dev & 0xFFFFFFFF:08x}"
        if sys.platform == "linux":
            return _volume(*file_system(path))
        place = os.path.realpath(path)
        while not os.path.ismount(place):
            place = os.path.dirname(place)
        return place
    except OSError:
        return ""


def mounted_at(volume: str) -> list[Path]:
    """Where a volume is mounted now; nothing where its name is its mount point, as on macOS."""
    if sys.platform == "win32":
        drives = (Path(f"{letter}:\\") for letter in ascii_uppercase)
        return [drive for drive in drives if not is_network(drive) and volume_of(drive) == volume]
    if sys.platform == "linux":
        return [Path(place) for place, system in mounts().items() if _volume(*system) == volume]
    return []


def available(path: Path, volume: str) -> bool:
    """Whether a root is there: a folder, on the volume it was on. An empty mount point lies on another
    one."""
    return os.path.isdir(path) and volume_of(path) == volume


def _volume(kind: str, source: str) -> str:
    """What a file system of this type and source is called on Linux."""
    return _uuid(source) or f"{kind} {source}"


def _uuid(device: str) -> str:
    """UUID of the file system on a device, on Linux; empty if it has none."""
    try:
        with os.scandir("/dev/disk/by-uuid") as links:
            device = os.path.realpath(device)
            return next((f"uuid {link.name}" for link in links if os.path.realpath(link.path) == device), "")
    except OSError:
        return ""


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
