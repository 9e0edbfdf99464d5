"""The log of the program, as far as it tells of photos."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def erase_lines(logs: Path, naming: Path) -> None:
    """Take the lines that name a folder, or what lies in it, out of all logs."""
    name = _name(naming)
    _rewrite(logs, lambda line: "" if name.search(line) else line)


def rename_in_lines(logs: Path, folder: Path, place: Path) -> None:
    """Name a folder, and what lies in it, by the place where it lies now, in all logs."""
    name = _name(folder)
    _rewrite(logs, lambda line: name.sub(lambda _: str(place), line))


def _name(folder: Path) -> re.Pattern[str]:
    # Where a letter, a digit, “_” or “-” comes before or behind, it is the name of another.
    return re.compile(rf"(?<![\w-]){re.escape(str(folder))}(?![\w-])")


def _rewrite(logs: Path, change: Callable[[str], str]) -> None:
    for file in logs.glob("*.log*"):
        # In place: whoever writes it has it open, and goes on at its end. It may get another name meanwhile.
        with suppress(OSError), file.open("r+b") as log:
            lines = log.readlines()
            changed = [
                change(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
                for line in lines
            ]
            if changed != lines:
                log.seek(0)
                log.writelines(changed)
                log.truncate()
