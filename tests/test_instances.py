"""Several programs on one library: real processes, a real window out of sight, the bundled model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pictures import KINDS, draw

SOON = 180
"""Seconds after which something has hung, however busy the machine."""

Program = subprocess.Popen[str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator:
    """Starts the program with arguments; what still runs at the end is killed."""
    started: list[Program] = []

    def program(*arguments: object) -> Program:
        command = [sys.executable, "-m", "photosearch", "--home", str(home), *map(str, arguments)]
        pipe, environment = subprocess.PIPE, os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment))
        return started[-1]

    yield program
    for one in started:
        one.kill()
        one.communicate()


def answer(program: Program) -> dict:
    output, errors = program.communicate(timeout=SOON)
    assert program.returncode == 0, errors
    return json.loads(output)


def refused(program: Program) -> str:
    """The one sentence, or two, with which a program ends."""
    output, errors = program.communicate(timeout=SOON)
    assert (program.returncode, output) == (1, "")
    assert errors.count("\n") == 1
    return errors


def some_photos(folder: Path, count: int, seed: int = 0) -> list[Path]:
    folder.mkdir()
    kinds = sorted(KINDS)
    paths = [folder / f"photo {number:03}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        draw(kinds[number % len(kinds)], seed=seed + number, size=(96, 72)).save(path, quality=92)
    return paths


@pytest.mark.skipif(sys.platform == "win32", reason="windows are closed in another way there")
def test_beside_a_window_every_command_does_what_is_expected_or_says_why_not(home, start, tmp_path):
    paths = some_photos(tmp_path / "Pictures", 130)
    more = some_photos(tmp_path / "More", 20, seed=1000)
    window = start(tmp_path / "Pictures")
    while answer(start("status", "--json"))["encoded"] < 64:
        assert window.poll() is None
    # All at once, in the middle of its work.
    search = start("search", paths[-1], "--json", "--top", 3)
    readers = [start("status", "--json") for _ in range(3)]
    index, again, watch = start("index", more[0].parent), start("index"), start("watch")
    found = answer(search)
    assert found["searched"] >= 64
    assert all(Path(match["path"]) in paths + more for match in found["matches"])
    for reader in readers:
        state = answer(reader)
        assert state["photos"] == state["encoded"] + state["waiting"]
    assert "The folder is watched now" in refused(index)
    assert refused(again) == refused(watch) == f"Another PhotoSearch is updating the library in {home}.\n"
    end = time.monotonic() + SOON
    while (state := answer(start("status", "--json")))["encoded"] < len(paths + more):
        assert time.monotonic() < end, state
    best = answer(start("search", more[7], "--json"))["matches"][0]
    assert (best["path"], best["rank"]) == (str(more[7]), 1)
    removed = answer(start("folders", "remove", more[0].parent, "--json"))
    assert [folder["path"] for folder in removed["folders"]] == [str(paths[0].parent)]
    window.send_signal(signal.SIGTERM)
    output, errors = window.communicate(timeout=SOON)
    assert (window.returncode, output) == (0, "")
    assert "Traceback" not in errors
    done = answer(start("index", "--json"))
    assert (done["encoded"], done["photos"]) == (0, len(paths))
