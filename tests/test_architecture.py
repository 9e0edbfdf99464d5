"""Rules of the house that import contracts cannot see."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import photosearch
from tests.pictures import KINDS, draw

SOURCES = sorted(Path(photosearch.__file__).parent.rglob("*.py"))

NETWORK = {
    *("aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "telnetlib", "torch.hub", "urllib", "urllib3", "webbrowser", "xmlrpc"),
    *("PySide6.QtNetwork", "PySide6.QtWebSockets", "PySide6.QtWebEngineCore", "multiprocessing.managers"),
}


def imported(source: Path) -> set[str]:
    """Every name a file imports, anywhere in it: of `from a import b` both `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    return names


def test_nothing_here_can_talk_to_a_network():
    found = {
        f"{source.name} imports {name}"
        for source in SOURCES
        for name in imported(source)
        if any(name == module or name.startswith(module + ".") for module in NETWORK)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("photosearch.cli", {"torch", "PySide6"}),
        ("photosearch.library", {"torch", "PySide6"}),
        ("photosearch.gui.app", {"torch"}),
    ],
)
def test_importing_a_room_loads_neither_torch_nor_a_qt_it_has_no_use_for(module, unwanted):
    code = f"import sys, {module}; print(*{unwanted} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


# Every Python process of a run carries this: one file for each, and in it what it tried.
EAVESDROPPER = """
import os, sys

notes = open(os.path.join({folder!r}, str(os.getpid())), "a", buffering=1)

def overhear(event, arguments):
    lookup = event in ("socket.getaddrinfo", "socket.gethostbyname")
    # The address of a connection between processes of one machine is a path, not a tuple.
    reach = event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(arguments[1], tuple)
    if lookup or reach:
        print(event, arguments[-1], file=notes)

sys.addaudithook(overhear)
"""


def test_no_process_of_a_run_reaches_for_a_network(tmp_path):
    heard, photos = tmp_path / "heard", tmp_path / "photos"
    heard.mkdir()
    photos.mkdir()
    for number, kind in enumerate(KINDS):
        draw(kind, number, (96, 64)).save(photos / f"{kind}.jpg")
    (tmp_path / "sitecustomize.py").write_text(EAVESDROPPER.format(folder=str(heard)))
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "photosearch", "--home", str(tmp_path / "home")]
    for step in (["index", photos], ["search", photos / f"{kind}.jpg"]):
        subprocess.run([*command, *step], env=environment, check=True)
    told = {file.name: file.read_text() for file in heard.iterdir()}
    assert len(told) >= 6, "the command, a decoder and the encoder, twice"
    assert set(told.values()) == {""}
