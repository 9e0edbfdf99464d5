"""How far a command has come, on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

from photosearch.cli.output import say, visible
from photosearch.records import Progress

Result = TypeVar("Result")


def shown(steps: Iterable[Progress]) -> Iterator[Progress]:
    """Pass progress on and show it on standard error: a bar on a terminal, else a line now and then."""
    terminal = sys.stderr.isatty()
    told, pause = 0.0, 0.1 if terminal else 5.0
    line = ""
    try:
        for progress in steps:
            yield progress
            if progress.step == "watching" or time.monotonic() - told < pause:
                continue
            told = time.monotonic()
            line = visible(_progress_line(progress))
            if terminal:
                width = _columns()
                say("\r" + line[:width].ljust(width), end="")
            else:
                say(line)
    finally:
        if terminal and line:
            say("")


def finished(steps: Generator[Progress, None, Result]) -> Result:
    """Show steps until they end; what they return."""
    results: list[Result] = []

    def run() -> Iterator[Progress]:
        results.append((yield from steps))

    for _ in shown(run()):
        pass
    return results[0]


def _columns() -> int:
    """Of the terminal, less the last, in which some begin a new line."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns - 1
    except OSError:
        # It was closed.
        return 79


def _progress_line(progress: Progress) -> str:
    parts = [progress.step.capitalize()]
    if progress.total:
        filled = int(24 * progress.done / progress.total)
        parts.append("█" * filled + "░" * (24 - filled))
        parts.append(f"{progress.done} of {progress.total}")
    elif progress.done:
        parts.append(str(progress.done))
    if progress.rate:
        parts.append(f"{progress.rate:.0f}/s")
    if progress.seconds_left is not None:
        parts.append(f"{_duration(progress.seconds_left)} left")
    parts += [f"{name} {value:.4g}" for name, value in progress.measures.items()]
    if progress.message:
        parts.append(progress.message)
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
