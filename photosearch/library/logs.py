"""The log of the program, as far as it tells of photos."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def erase_lines(logs: Path, naming: Path) -> None:
    """Take the lines that name a folder, or what lies in it, out of all logs."""
    name = str(naming).encode("utf-8", "replace")
    for file in logs.glob("*.log*"):
        with suppress(OSError):
            lines = file.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if name not in line]
            if len(kept) < len(lines):
                # In place: whoever writes it has it open, and goes on at its end.
                with file.open("r+b") as log:
                    log.writelines(kept)
                    log.truncate()
