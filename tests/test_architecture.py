"""Rules of the house that import contracts cannot see."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import photosearch
from photosearch.cli.parser import COMMANDS
from photosearch.errors import PhotoSearchError
from photosearch.store import Catalogue
from tests.pictures import KINDS, draw

SOURCES = sorted(Path(photosearch.__file__).parent.rglob("*.py"))

NETWORK = {
    *("aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "telnetlib", "torch.hub", "urllib.request", "urllib3", "webbrowser", "xmlrpc"),
    *("PySide6.QtNetwork", "PySide6.QtWebSockets", "PySide6.QtWebEngineCore", "multiprocessing.managers"),
    *("fsspec", "pyarrow", "ray"),
}

IN_A_NETWORK = {"cluster"}
"""The commands whose purpose it is, and their room; `test_cluster` hears where they listen."""


def imported(source: Path) -> set[str]:
    """Every name a file imports, anywhere in it: of `from a import b` both `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    return names


def test_nothing_here_but_clusters_can_talk_to_a_network():
    found = {
        f"{source.name} imports {name}"
        for source in SOURCES
        for name in imported(source)
        if source.parent.name not in IN_A_NETWORK
        and any(name == module or name.startswith(module + ".") for module in NETWORK)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("photosearch.cli", {"torch", "PySide6", "ray", "fsspec", "pyarrow"}),
        ("photosearch.cluster.commands", {"torch", "PySide6", "ray", "fsspec", "pyarrow"}),
        ("photosearch.cluster.archive", {"torch", "PySide6", "ray", "fsspec", "pyarrow"}),
        ("photosearch.library", {"torch", "PySide6"}),
        ("photosearch.gui.app", {"torch", "ray", "fsspec", "pyarrow"}),
    ],
)
def test_importing_a_room_loads_neither_torch_nor_a_qt_it_has_no_use_for(module, unwanted):
    code = f"import sys, {module}; print(*{unwanted} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


# Every Python process of a run carries this: one file for each, and in it what it tried. Our processes talk
# to one another through sockets with a path; what has an address of the internet, even 127.0.0.1, is noted.
EAVESDROPPER = """
import faulthandler, os, signal, socket, sys

if hasattr(signal, "SIGUSR1"):
    faulthandler.register(signal.SIGUSR1)

notes = open(os.path.join({folder!r}, str(os.getpid())), "a", buffering=1)

def overhear(event, arguments):
    lookup = event.startswith("socket.get") and event != "socket.gethostname"
    made = event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)
    reach = event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(arguments[1], tuple)
    if lookup or made or reach:
        print(event, arguments[1:], file=notes)

sys.addaudithook(overhear)
"""

SOON = 300
"""Seconds after which something has hung, however busy the machine."""


class Overheard:
    """Runs programs and listens: to what Python tells of their sockets, and to what the system does."""

    def __init__(self, folder: Path) -> None:
        self.heard = folder / "heard"
        self.heard.mkdir()
        (folder / "sitecustomize.py").write_text(EAVESDROPPER.format(folder=str(self.heard)))
        self._environment = os.environ | {"PYTHONPATH": str(folder), "QT_QPA_PLATFORM": "offscreen"}
        self._started: list[psutil.Popen] = []
        self._open: set[str] = set()

    def start(self, *command: object) -> psutil.Popen:
        self._started.append(
            psutil.Popen(list(map(str, command)), env=self._environment, stdout=subprocess.DEVNULL)
        )
        return self._started[-1]

    def run(self, *command: object) -> int:
        """Run a program to its end; its exit status."""
        program = self.start(*command)
        self.listen_while(lambda: program.poll() is None)
        return program.returncode

    def listen_while(self, goes_on: Callable[[], bool]) -> None:
        """Look again and again at the sockets that the programs and their children have open."""
        end = time.monotonic() + SOON
        while goes_on():
            if time.monotonic() > end:
                self._say_where_they_are()
                raise AssertionError("a program hangs")
            for program in self._started:
                with contextlib.suppress(psutil.Error):
                    for process in (program, *program.children(recursive=True)):
                        for one in process.net_connections("inet"):
                            self._open.add(f"{process.cmdline()} {one.laddr} {one.raddr}")
            time.sleep(0.1)

    def _say_where_they_are(self) -> None:
        """Have every thread of every program that still runs written to standard error."""
        for program in self._started:
            if program.poll() is None:
                program.send_signal(signal.SIGUSR1)
        time.sleep(1)

    @property
    def processes(self) -> int:
        return len(list(self.heard.iterdir()))

    @property
    def notes(self) -> set[str]:
        """What was heard of a network."""
        return self._open | {line for file in self.heard.iterdir() for line in file.read_text().splitlines()}

    def end(self) -> None:
        for program in self._started:
            if program.poll() is None:
                program.kill()
                program.wait()


@pytest.fixture
def overheard(tmp_path: Path) -> Iterator[Overheard]:
    listening = Overheard(tmp_path)
    yield listening
    listening.end()


@pytest.mark.parametrize(
    "reach",
    [
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])",
    ],
)
def test_whoever_reaches_for_a_network_is_overheard(overheard, reach):
    overheard.run(sys.executable, "-c", reach)
    assert overheard.notes


def test_a_socket_that_python_does_not_tell_of_is_seen(overheard):
    """Qt or torch could open one."""
    server = overheard.start(sys.executable, "-c", OUTSIDE_PYTHON)
    overheard.listen_while(lambda: not overheard._open and server.poll() is None)
    assert len(overheard.notes) == 1


OUTSIDE_PYTHON = """
import ctypes, time
of_c = ctypes.CDLL(None)
server = of_c.socket(2, 1, 0)
of_c.listen(server, 1)
time.sleep(60)
"""


def test_no_command_and_no_window_reaches_for_a_network(overheard, tmp_path):
    photos, home = tmp_path / "photos", tmp_path / "home"
    for number, kind in enumerate(KINDS):
        (photos / kind).mkdir(parents=True)
        for copy in range(2):
            draw(kind, 10 * number + copy, (96, 64)).save(photos / kind / f"{copy}.jpg")
    photo, model = photos / "sea" / "0.jpg", tmp_path / "trained.safetensors"
    program = [sys.executable, "-m", "photosearch", "--home", home, "--device", "cpu"]
    encoded = 2 * len(KINDS)

    window = overheard.start(*program, photos)
    overheard.listen_while(lambda: window.poll() is None and _encoded(home) < encoded)
    assert overheard.run(*program, photo) == 0, "it was handed over to the window"
    window.send_signal(signal.SIGTERM)
    overheard.listen_while(lambda: window.poll() is None)
    done = {"window", "watch"}
    for command in [
        ["index", photos],
        ["search", photo],
        ["duplicates"],
        ["check", photos],
        ["folders", "list"],
        ["status"],
        ["failures"],
        ["verify"],
        ["embed", photos / "sea", "--out", tmp_path / "vectors.npz"],
        ["model"],
        ["train", "dsq", "--data", photos, "--bits", 16, "--steps", 1, "--out", model],
        ["evaluate", model, "--protocol", "unseen", "--data", photos],
        ["bench", "engine", "--rows", 1000, "--bytes", 8, "--pairs", 500, "--cold", 2000],
    ]:
        done.add(command[0])
        assert overheard.run(*program, *command) == 0, command
    watch = overheard.start(*program, "watch")
    draw("sea", 1, (96, 64)).save(photos / "new.jpg")
    overheard.listen_while(lambda: watch.poll() is None and _encoded(home) <= encoded)
    watch.send_signal(signal.SIGINT)
    overheard.listen_while(lambda: watch.poll() is None)
    assert done == COMMANDS.keys() - IN_A_NETWORK
    assert overheard.processes >= 2 * len(COMMANDS)
    assert overheard.notes == set()


def _encoded(home: Path) -> int:
    with contextlib.suppress(PhotoSearchError):
        if (home / "catalogue.sqlite").exists():
            catalogue = Catalogue(home / "catalogue.sqlite")
            try:
                return sum(
                    catalogue.photos.counts(model.identity).encoded for model in catalogue.codes.models()
                )
            finally:
                catalogue.close()
    return 0
