"""The log of the program, as far as it tells of photos."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path


def erase_lines(logs: Path, naming: Path) -> None:
    """Take the lines that name a folder, or what lies in it, out of all logs."""
    # Where a letter, a digit, “_” or “-” comes before or behind, it is the name of another.
    name = re.compile(rf"(?<![\w-]){re.escape(str(naming))}(?![\w-])")
    for file in logs.glob("*.log*"):
        # In place: whoever writes it has it open, and goes on at its end. It may get another name meanwhile.
        with suppress(OSError), file.open("r+b") as log:
            lines = log.readlines()
            kept = [line for line in lines if not name.search(line.decode("utf-8", "replace"))]
            if len(kept) < len(lines):
                log.seek(0)
                log.writelines(kept)
                log.truncate()
