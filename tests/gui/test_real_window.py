"""The whole program in a real window on a real X server, driven from outside as a person would.

A file is dragged in from another program, keys are typed, the pointer clicks; what came of it is read off the
screen. Runs where Xvfb and xdotool are installed, as `.ci/run` sees to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import KINDS, draw

LACKING = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="there is an X server to drive on Linux only"),
    pytest.mark.skipif(bool(LACKING), reason=f"{' and '.join(LACKING)} is not installed"),
]

SOON = 60.0
"""Seconds after which something has hung, however busy the machine."""

WIDTH, HEIGHT = 1400, 900
SOURCE = 180
"""Width and height of the other program's window, which lies at the right of ours."""

COLOURS = {"azure": (0, 90, 255), "crimson": (220, 0, 40), "emerald": (0, 190, 70)}
"""Photos of one colour, which nothing else on the screen has."""

PROGRAM = """
import sys
from pathlib import Path
from photosearch.gui.app import run
from photosearch.settings import Places, Settings

def open_library():
    from photosearch.library import Library
    from tests.fakes import CoarseColourEncoder, coarse_colour_model
    return Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())

# Decoders are started anew from this file.
if __name__ == "__main__":
    places = Places.under(Path(sys.argv[1]))
    settings = Settings(appearance="light")
    sys.exit(run(places, settings, None, [Path(name) for name in sys.argv[2:]], open_library=open_library))
"""

OTHER_PROGRAM = """
import sys
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel

class File(QLabel):
    def mouseMoveEvent(self, event):
        drag = QDrag(self)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag.setMimeData(mime)
        # As file managers do, which would rather move; whoever is told of a move may delete the file.
        both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        print(drag.exec(both, Qt.DropAction.MoveAction).name, flush=True)

application = QApplication(sys.argv[:1])
file = File("a file")
file.setWindowTitle("other program")
file.setGeometry(int(sys.argv[2]), 100, int(sys.argv[3]), int(sys.argv[3]))
file.show()
sys.exit(application.exec())
"""


class Screen:
    """An X server of one's own, its screen read from the file it keeps it in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        size = f"{WIDTH + SOURCE}x{HEIGHT}x24"
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-fbdir", folder, "-nolisten", "tcp"]
        # With a cursor of its own the server would draw it into the screen that is read.
        self.server = subprocess.Popen(
            [*command, "-nocursor"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        number = self.server.stdout.readline().strip()
        self.environment = {
            **os.environ,
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._file = folder / "Xvfb_screen0"
        self._programs: list[subprocess.Popen] = []

    def start(self, *command: str | Path, **more) -> subprocess.Popen:
        program = subprocess.Popen(
            [sys.executable, *command], env=self.environment, stdout=subprocess.PIPE, text=True, **more
        )
        self._programs.append(program)
        return program

    def do(self, *words: object) -> str:
        """Let xdotool do something."""
        done = subprocess.run(
            ["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def window(self, title: str) -> str:
        """The visible window with this title."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.do("search", "--onlyvisible", "--name", title).split()
            return bool(found)

        wait_until(is_there, f"no window called {title}")
        return found[-1]

    def seen(self) -> np.ndarray:
        """What is on the screen: uint8 RGB."""
        data = self._file.read_bytes()
        head = np.frombuffer(data[:100], ">u4")
        start, width, height, line, colours = (
            int(head[0]),
            int(head[4]),
            int(head[5]),
            int(head[12]),
            int(head[19]),
        )
        pixels = np.frombuffer(data, np.uint8, line * height, start + 12 * colours)
        return pixels.reshape(height, line // 4, 4)[:, :width, 2::-1]

    def share(self, colour: str) -> float:
        """Of our window, the share that has a colour."""
        apart = np.abs(self.seen()[:, :WIDTH].astype(int) - COLOURS[colour]).max(2)
        return float(np.mean(apart < 12))

    def first(self) -> str:
        """Which of the colours, of those in the grid, is the first to be read."""
        seen = self.seen()[:, :WIDTH].astype(int)
        places = {}
        for name, colour in COLOURS.items():
            # The lowest: the card of a query lies above the grid.
            rows, columns = np.nonzero(np.abs(seen - colour).max(2) < 12)
            if len(rows):
                lowest = rows.max()
                places[name] = lowest // 50, columns[rows == lowest].min()
        return min(places, key=places.__getitem__, default="")

    def close(self) -> None:
        for program in self._programs:
            program.kill()
            program.communicate()
        self.server.kill()
        self.server.communicate()


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


@pytest.fixture
def screen(tmp_path) -> Iterator[Screen]:
    screen = Screen(tmp_path / "screen")
    yield screen
    screen.close()


@pytest.fixture
def photos(tmp_path) -> Path:
    """Nine drawn photos, and three of one colour."""
    folder = tmp_path / "Pictures"
    folder.mkdir()
    for kind in KINDS:
        draw(kind, 1, (180, 120)).save(folder / f"{kind}.jpg", quality=90)
    for name, colour in COLOURS.items():
        Image.new("RGB", (900, 600), colour).save(folder / f"{name}.png")
    return folder


def test_a_file_is_dragged_in_and_its_like_are_seen_opened_walked_and_left(screen, photos, tmp_path):
    Image.new("RGB", (640, 480), COLOURS["crimson"]).save(tmp_path / "like this.png")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    ours_program = screen.start(script, tmp_path / "home", photos)
    other_program = screen.start("-c", OTHER_PROGRAM, tmp_path / "like this.png", str(WIDTH), str(SOURCE))
    ours, other = screen.window("PhotoSearch"), screen.window("other program")
    screen.do("windowsize", "--sync", ours, WIDTH, HEIGHT, "windowmove", ours, 0, 0)
    screen.do("windowfocus", ours)
    # Indexed, and listed with all the others.
    wait_until(lambda: all(screen.share(colour) > 0.005 for colour in COLOURS), "not all photos are seen")
    listed = screen.share("crimson")

    # Drag: press in the other program, move over, let go.
    middle = SOURCE // 2
    screen.do("mousemove", "--window", other, middle, middle, "mousedown", 1)
    for step in range(1, 21):
        screen.do("mousemove", WIDTH + middle - 45 * step, 100 + middle + 15 * step)
        time.sleep(0.02)
    wait_until(lambda: screen.share("emerald") < 0.005, "nothing invites to drop")
    screen.do("mouseup", 1)
    # It is seen in the query as well as in the grid, where it comes first.
    wait_until(lambda: screen.share("crimson") > listed + 0.002, "the query is not painted")
    wait_until(lambda: screen.first() == "crimson", "no results are painted")
    assert other_program.stdout.readline() == "CopyAction\n"

    # A click on the first result, found by its colour, and the keyboard is there.
    screen.do("windowfocus", ours)
    apart = np.abs(screen.seen()[:, :WIDTH].astype(int) - COLOURS["crimson"]).max(2) < 12
    rows = np.flatnonzero(apart.sum(1) > 100)
    lowest = rows[-1] - 20
    column = int(np.median(np.flatnonzero(apart[lowest])))
    screen.do("mousemove", column, lowest, "click", 1)
    screen.do("key", "space")
    wait_until(lambda: screen.share("crimson") > 0.25, "the preview does not open")
    # Closer, until nothing else is seen below the bar.
    for _ in range(3):
        screen.do("key", "plus")
    wait_until(lambda: screen.share("crimson") > 0.7, "it does not zoom")
    # The next photo is another one, and the one before is this again.
    screen.do("key", "Right")
    wait_until(lambda: screen.share("crimson") < 0.02, "the next photo does not come")
    screen.do("key", "Left")
    wait_until(lambda: screen.share("crimson") > 0.25, "the photo before does not come back")
    screen.do("key", "Escape")
    wait_until(lambda: screen.share("crimson") < 0.2, "the preview does not close")
    screen.do("key", "Escape")
    wait_until(lambda: screen.share("emerald") > 0.005, "all photos do not come back")
    # The window is closed as a window manager does it, and the program ends.
    ours_program.terminate()
    assert ours_program.wait(SOON) == 0
