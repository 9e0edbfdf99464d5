"""What is printed: answers on standard output, or in a file that was named; all else on standard error."""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from photosearch.errors import PhotoSearchError
from photosearch.files import replacing


def ready_streams() -> None:
    """Make standard input, output and error fit to be used."""
    # In this order: each takes the number that was closed, and the next file would take it otherwise.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # A windowed program of Windows has none, and many a library takes them for granted.
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - to the very end
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            # A file name may hold bytes that no terminal can show.
            stream.reconfigure(errors="backslashreplace")


_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def visible(line: str) -> str:
    """A line with what would end it, move a terminal's cursor or turn its writing round spelled out.

    Names of files may hold all of that.
    """
    return _INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode(), line)


def tell(line: str, end: str = "\n") -> None:
    """Say something beside the answer."""
    say(visible(line), end)


def say(text: str, end: str = "\n") -> None:
    """Print beside the answer. Where nobody reads it any more, the work goes on all the same."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        # What is left of it is not to be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def print_answer(options: argparse.Namespace, answer: dict[str, Any], lines: Iterable[str]) -> int:
    """Print what a command found out: one object for a program, or lines for a person."""
    print_text(json.dumps(answer, default=str) if options.json else "\n".join(map(visible, lines)))
    return 0


def print_text(text: str) -> None:
    """Print on standard output.

    Raises:
        BrokenPipeError: Nobody reads it any more.
        PhotoSearchError: It cannot be written, on a full disk for instance.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left of it is not to be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise PhotoSearchError(f"The answer cannot be written: {error.strerror}.") from error


def is_read() -> bool:
    """Whether somebody may still read the answers: who has none to give for now would never hear of it."""
    if not hasattr(select, "poll"):
        return True
    output = select.poll()
    # macOS tells of a reader that has gone only those who ask for something, and calls that a hang-up; Linux
    # calls it an error. POLLNVAL is for a device that cannot be asked, which is not that nobody reads.
    output.register(sys.stdout.fileno(), select.POLLOUT)
    return not any(event & (select.POLLERR | select.POLLHUP) for _, event in output.poll(0))


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """As `replacing`, of a file that a person named."""
    if path.is_dir():
        raise PhotoSearchError(f"{path} cannot be written: it is a folder.")
    # What is no file, a pipe for instance, is written to: to put a file in its place would break it.
    is_other = path.exists() and not path.is_file()
    try:
        with open(path, "wb") if is_other else replacing(path) as file:
            yield file
    except OSError as error:
        raise PhotoSearchError(f"{path} cannot be written: {error.strerror}.") from error


def photo_count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"


def byte_count(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
