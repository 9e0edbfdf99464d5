"""The start and the end of the program, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import sys
from pathlib import Path
from photosearch.gui.app import run
from photosearch.settings import Places, Settings

places = Places.under(Path(sys.argv[1]))

def open_library():
    from photosearch.library import Library
    from tests.fakes import CoarseColourEncoder, coarse_colour_model

    library = Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
    print("open", flush=True)
    return library

sys.exit(run(places, Settings(), [Path(sys.argv[2])], open_library=open_library))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl-C to send there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_polite_kill_end_the_program_cleanly(tmp_path, number):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "home"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "open\n"
        time.sleep(0.3)
        program.send_signal(number)
        output, errors = program.communicate(timeout=30)
    assert (program.returncode, output) == (0, "")
    assert "Traceback" not in errors


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
