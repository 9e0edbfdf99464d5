"""Ctrl+C while the program is only just starting."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends no such signal to itself")

PROGRAM = """
import os, signal, sys

module = sys.argv.pop(1)

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from photosearch.__main__ import main
assert module not in sys.modules
sys.exit(main())
"""
"""Interrupts itself as it begins to load a module."""


@pytest.mark.parametrize("module", ["photosearch.cli", "argparse", "numpy", "photosearch.cli.parser"])
def test_ctrl_c_while_modules_are_loaded_ends_the_program_without_a_traceback(module, tmp_path):
    command = [sys.executable, "-c", PROGRAM, module, "--home", str(tmp_path / "home"), "status"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert not (tmp_path / "home").exists()


def test_ctrl_c_while_a_command_loads_what_it_needs_says_that_it_was_stopped(tmp_path):
    command = [sys.executable, "-c", PROGRAM, "photosearch.library", "--home", str(tmp_path), "status"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "Stopped; what was done is kept.\n"


def test_a_script_that_runs_it_in_the_background_keeps_ctrl_c_to_itself():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "photosearch.cli", "--version"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert done.returncode == 0 and "search: " in done.stdout, done.stderr
