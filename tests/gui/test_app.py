"""The start and the end of the program, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch.gui.app import _closed_by_signals
from tests.pictures import draw

SOON = 60
"""Seconds after which something has hung, however busy the machine."""

PROGRAM = """
import sys
from pathlib import Path
from photosearch.gui.app import run
from photosearch.settings import Places, Settings

places = Places.under(Path(sys.argv[1]))
folders = [Path(name) for name in sys.argv[2:] if Path(name).is_dir()]
photo = next((Path(name) for name in sys.argv[2:] if Path(name).is_file()), None)

def open_library():
    from photosearch.library import Library
    from tests.fakes import CoarseColourEncoder, coarse_colour_model

    class Telling(Library):
        def add_folder(self, folder):
            super().add_folder(folder)
            print("watching", folder.name, flush=True)

        def search(self, query):
            print("searching", query.examples[0].source.name, flush=True)
            return super().search(query)

    library = Telling(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
    print("open", flush=True)
    return library

sys.exit(run(places, Settings(), None, folders, photo, open_library=open_library))
"""

OPENER = """
import sys, threading
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

def open_what_is_named():
    for name in sys.stdin:
        event = QFileOpenEvent(QUrl.fromLocalFile(name.strip()))
        QApplication.postEvent(QApplication.instance(), event)

threading.Thread(target=open_what_is_named, daemon=True).start()
"""
"""Does as macOS with each file or folder that a line of the standard input names."""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl-C to send there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_polite_kill_end_the_program_cleanly(tmp_path, number):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "open\n"
        time.sleep(0.3)
        program.send_signal(number)
        output, errors = program.communicate(timeout=30)
    assert (program.returncode, output) == (0, "")
    assert "Traceback" not in errors


def test_a_signal_closes_the_window_when_what_is_under_way_has_returned_to_the_loop(window, qtbot):
    with _closed_by_signals(window):
        with qtbot.waitSignal(window.ended):
            signal.raise_signal(signal.SIGINT)
            # As before the loop has begun, or amid what an event set off.
            assert not window._ended
        assert window._ended


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the program on a home, with folders or a photo; what still runs at the end is killed."""
    started = []

    def program(home: Path, *given: Path, first: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", first + PROGRAM, str(home), *map(str, given)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield program
    for one in started:
        one.kill()
        one.communicate()


@pytest.fixture
def photo(tmp_path) -> Path:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    draw("sea", 1, (96, 64)).save(folder / "sea.jpg")
    return folder / "sea.jpg"


def test_a_second_start_hands_its_photo_and_its_folder_to_the_window_and_ends(tmp_path, start, photo):
    home = tmp_path / "home"
    window = start(home)
    assert window.stdout.readline() == "open\n"
    for given, told in ((photo.parent, "watching Pictures\n"), (photo, "searching sea.jpg\n")):
        second = start(home, given)
        assert second.communicate(timeout=SOON) == ("", "")
        assert second.returncode == 0
        assert window.stdout.readline() == told
    again = start(home)
    assert again.communicate(timeout=SOON) == ("", "")
    assert (again.returncode, window.poll()) == (0, None)


def test_what_the_system_opens_with_the_program_that_runs_comes_to_its_window(tmp_path, start, photo):
    window = start(tmp_path / "home", first=OPENER)
    assert window.stdout.readline() == "open\n"
    for opened, told in ((photo.parent, "watching Pictures\n"), (photo, "searching sea.jpg\n")):
        print(opened, file=window.stdin, flush=True)
        assert window.stdout.readline() == told


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_window_that_was_killed_is_in_nobodys_way_and_leaves_no_socket(tmp_path, start, photo):
    home = tmp_path / "home"
    first = start(home)
    assert first.stdout.readline() == "open\n"
    socket = Path((home / "window.address").read_text())
    assert socket.is_socket()
    assert socket.parent.stat().st_mode & 0o077 == 0, "only this user may call"
    first.kill()
    first.wait(SOON)
    second = start(home, photo.parent)
    assert [second.stdout.readline() for _ in range(2)] == ["open\n", "watching Pictures\n"]
    third = start(home, photo)
    assert third.wait(SOON) == 0
    assert second.stdout.readline() == "searching sea.jpg\n"
    assert not socket.parent.exists()
    second.send_signal(signal.SIGTERM)
    assert second.wait(SOON) == 0
    assert sorted(file.name for file in home.glob("window.*")) == ["window.lock"]


def test_of_programs_that_are_started_at_once_one_opens_a_window(tmp_path, start, photo):
    given = [tmp_path / name for name in ("one", "two", "three")]
    for folder in given:
        folder.mkdir()
    programs = [start(tmp_path / "home", folder) for folder in given]
    end = time.monotonic() + SOON
    while len(running := [program for program in programs if program.poll() is None]) > 1:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert sorted(program.returncode for program in programs if program not in running) == [0, 0]
    lines = [running[0].stdout.readline() for _ in range(4)]
    assert sorted(lines) == ["open\n", "watching one\n", "watching three\n", "watching two\n"]


def test_each_home_has_a_window_of_its_own(tmp_path, start):
    windows = [start(tmp_path / "home"), start(tmp_path / "another home")]
    assert [window.stdout.readline() for window in windows] == ["open\n", "open\n"]
    assert [window.poll() for window in windows] == [None, None]


def test_the_window_is_imported_without_what_takes_long():
    code = "import photosearch.gui.app, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    late = {
        "torch",
        "watchdog",
        "PIL",
        "sqlite3",
        "photosearch.library",
        "photosearch.encode",
        "photosearch.store",
    }
    assert not late & set(loaded.stdout.split())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot die from there on")
def test_this_qt_gives_back_every_none_it_takes(qapp):
    """PySide6 6.12.0 does not, under Python 3.11: after some thousand calls the process is aborted."""
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(100):
        thing.setObjectName("")
    assert sys.getrefcount(None) > before - 50
