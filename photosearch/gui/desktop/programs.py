"""Other programs that open pictures, as the platform lists them."""

from __future__ import annotations

import configparser
import mimetypes
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QProcess

from photosearch.files import home_folder
from photosearch.gui.language import locale


@dataclass(frozen=True, slots=True)
class Program:
    """A program and how it is started.

    Attributes:
        command: Words of a desktop entry's `Exec`, or a path and nothing else.
    """

    name: str
    command: tuple[str, ...]


def for_pictures(suffix: str) -> list[Program]:
    """Programs that say that they open pictures with this suffix, by name.

    Only freedesktop systems list them in files; elsewhere the person chooses a program.
    """
    if sys.platform in ("win32", "darwin"):
        return []
    kind = mimetypes.guess_type(f"a{suffix.lower()}")[0] or "image/jpeg"
    found: dict[str, Program] = {}
    for entry in _entries():
        program = _program(entry, kind)
        # An entry in an earlier folder stands for one of the same name in a later one.
        found.setdefault(entry.name, program or Program("", ()))
    programs = {program.name: program for program in found.values() if program.name}
    return sorted(programs.values(), key=lambda program: program.name.casefold())


def chosen(path: Path) -> Program:
    """The program that a person pointed at."""
    return Program(path.stem, (str(path),))


def start(program: Program, paths: Sequence[Path]) -> None:
    """Open files in a program, which goes on when this one ends.

    Raises:
        OSError: It cannot be started.
    """
    if sys.platform == "darwin":
        commands = [["open", "-a", *program.command, *map(str, paths)]]
    else:
        commands = _commands(program.command, [str(path) for path in paths])
    with without_our_limits():
        for first, *others in commands:
            if not QProcess.startDetached(first, others)[0]:
                raise OSError(f"{first} cannot be started")


@contextmanager
def without_our_limits() -> Iterator[None]:
    """Start another program in here: what this one limits itself to in its environment is not for that.

    A limit to the same that a person set is not told from ours.
    """
    ours = os.environ.get("OPENBLAS_NUM_THREADS") == "1"
    if ours:
        del os.environ["OPENBLAS_NUM_THREADS"]
    try:
        yield
    finally:
        # Our own processes that are yet to be started need it.
        if ours:
            os.environ["OPENBLAS_NUM_THREADS"] = "1"


def _commands(words: Sequence[str], paths: Sequence[str]) -> list[list[str]]:
    """What to run for these files: one command, or one for each if the program takes one file only."""
    if any(word in ("%F", "%U") for word in words):
        return [[part for word in words for part in (paths if word in ("%F", "%U") else [word])]]
    single = any(word in ("%f", "%u") for word in words)
    if not single:
        return [[*words, *paths]]
    return [[path if word in ("%f", "%u") else word for word in words] for path in paths]


def _entries() -> Iterator[Path]:
    home = home_folder()
    own = os.environ.get("XDG_DATA_HOME") or (str(home / ".local/share") if home else "")
    others = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for folder in filter(None, (own, *others.split(":"))):
        yield from sorted(Path(folder, "applications").glob("*.desktop"))


def _program(entry: Path, kind: str) -> Program | None:
    parser = configparser.RawConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read(entry, encoding="utf-8")
        section = parser["Desktop Entry"]
        words = shlex.split(section.get("Exec", ""))
    except (configparser.Error, OSError, ValueError, KeyError):
        return None
    hidden = "true" in (section.get("NoDisplay"), section.get("Hidden"))
    if (
        hidden
        or not words
        or kind not in section.get("MimeType", "").split(";")
        or not shutil.which(words[0])
    ):
        return None
    language = locale().name().split("_")[0]
    name = section.get(f"Name[{language}]") or section.get("Name") or entry.stem
    kept = [word for word in words if not word.startswith("%") or word in ("%f", "%F", "%u", "%U")]
    return Program(name, tuple(kept))
