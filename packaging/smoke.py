"""Try a built program as a person would: its version, 20 photos, a search, a window that shows something.

    python packaging/smoke.py dist/photosearch/photosearch

Needs a display (on Linux Xvfb does) and leaves nothing behind. Nothing may be written but below --home.
"""

from __future__ import annotations

import json
import os
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


def main(program: Path) -> None:
    before = contents(program.parent)
    with tempfile.TemporaryDirectory() as folder:
        photos, home, person = Path(folder, "photos"), Path(folder, "home"), Path(folder, "person")
        photos.mkdir()
        person.mkdir()
        # Where a program may write that does not ask: Windows' and Unix' names for it.
        os.environ |= {name: str(person) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")}
        for number in range(20):
            kind = sorted(KINDS)[number % len(KINDS)]
            draw(kind, seed=number, size=(320, 240)).save(photos / f"{number}-{kind}.jpg")

        def ask(*arguments: object) -> str:
            command = [program, "--home", home, *arguments]
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
        print(f"window painted after {window(program, home):.1f} s")
        elsewhere = [path for path in contents(person) if "fontconfig" not in path]
        check(not elsewhere, f"something was written outside --home: {elsewhere}")
    check(contents(program.parent) == before, "something was written beside the program")


def window(program: Path, home: Path) -> float:
    """Open it until it shows photos; how many seconds that took."""
    before = colours()
    start = time.monotonic()
    opened = subprocess.Popen([program, "--home", home])
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
