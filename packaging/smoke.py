"""Try a built program as a person would: its version, 20 photos, a search, a window that shows something.

    python packaging/smoke.py dist/photosearch/photosearch

Needs a display (on Linux Xvfb does) and leaves nothing behind. Nothing may be written but below --home and,
for a while, in the temporary folder; where strace is, every call that changes a file is looked at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import ImageGrab

import photosearch
from tests.pictures import KINDS, draw

SOON = 180
"""Seconds after which something has hung, on a busy machine too."""

COLOURS = 300
"""An empty screen has a few, and so has an empty window."""

CHANGING = (
    "open,openat,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,"
    "unlinkat,rmdir,truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,setxattr,lsetxattr,removexattr"
)
"""Calls that change a file of a name, or open it."""


def main(program: Path) -> None:
    before = contents(program.parent)
    with tempfile.TemporaryDirectory() as folder:
        photos, home, person = Path(folder, "photos"), Path(folder, "home"), Path(folder, "person")
        calls, temporary = Path(folder, "calls"), Path(folder, "temporary")
        for new in (photos, person, calls, temporary):
            new.mkdir()
        trace = tracing(calls)
        # Where a program may write that does not ask: Windows' and Unix' names for it.
        os.environ |= {name: str(person) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")}
        os.environ |= {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
        for number in range(20):
            kind = sorted(KINDS)[number % len(KINDS)]
            draw(kind, seed=number, size=(320, 240)).save(photos / f"{number}-{kind}.jpg")

        def ask(*arguments: object) -> str:
            command = [*trace, program, "--home", home, *arguments]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=SOON)
            check(done.returncode == 0, f"{arguments[0]}: {done.stderr}")
            return done.stdout

        version = ask("--version")
        check(version.startswith(f"photosearch {photosearch.__version__}\nbuilt from "), version)
        print(version, end="")
        indexed = json.loads(ask("index", photos, "--json"))
        check(indexed["encoded"] == 20, f"20 photos, but {indexed}")
        asked = photos / f"3-{sorted(KINDS)[3]}.jpg"
        found = json.loads(ask("search", asked, "--json"))["matches"]
        check(
            len(found) == 20 and Path(found[0]["path"]) == asked, f"a photo does not find itself: {found[:1]}"
        )
        check(not json.loads(ask("failures", "--json"))["failures"], "some photo could not be read")
        seconds = window([*trace, program, "--home", home])
        print(f"window painted after {seconds:.1f} s{' while it was traced' if trace else ''}")
        touched = changed(calls)
        elsewhere = {path for path in touched if not is_below(path, home, temporary, "/dev", "/proc")}
        elsewhere = [path for path in elsewhere | set(contents(person)) if "fontconfig" not in path]
        check(not elsewhere, f"something was written outside --home: {elsewhere}")
        if trace:
            check(any(is_below(path, home) for path in touched), "nothing was traced")
    check(contents(program.parent) == before, "something was written beside the program")


def tracing(calls: Path) -> list[str]:
    """What stands before a command so that its calls are written down; nothing where that cannot be."""
    # As a process beside it, so that the program is ended by its own number.
    trace = ["strace", "-D", "-ff", "--seccomp-bpf", "-y", "-s", "4096", "-e", f"trace={CHANGING}"]
    trace += ["-o", str(calls / "call")]
    if not shutil.which("strace") or subprocess.run([*trace, "true"], capture_output=True).returncode:
        return []
    return trace


def changed(calls: Path) -> set[str]:
    """Files that were changed, or opened to be."""
    paths = set()
    for traced in calls.iterdir():
        for line in traced.read_text(errors="replace").splitlines():
            name, _, rest = line.partition("(")
            if "= -1 " in line or ") = " not in rest:
                continue
            if not name.startswith(("open", "creat")):
                paths |= set(re.findall(r'"([^"]*)"', rest))
            elif re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", rest):
                paths.add(rest.rpartition("<")[2].removesuffix(">"))
    return paths


def is_below(path: str, *folders: Path | str) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def window(command: list[object]) -> float:
    """Open it until it shows photos; how many seconds that took."""
    before = colours()
    start = time.monotonic()
    opened = subprocess.Popen(list(map(str, command)))
    try:
        while colours() < before + COLOURS:
            check(opened.poll() is None, "the window closed by itself")
            check(time.monotonic() < start + SOON, "the window shows nothing")
            time.sleep(0.1)
        return time.monotonic() - start
    finally:
        opened.terminate()
        opened.wait(SOON)


def colours() -> int:
    """How many different ones the screen shows."""
    screen = ImageGrab.grab(xdisplay=os.environ.get("DISPLAY")).convert("RGB")
    return len(screen.getcolors(screen.width * screen.height) or ())


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file's size and time of change."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"The built program is no good: {otherwise}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
