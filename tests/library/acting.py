"""What tests do with a library."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from photosearch.library import Library
from photosearch.records import Answer, Example, Progress, Query

PATIENCE = 30
"""Seconds after which something has hung; on an idle machine a follower takes three."""


def update(library: Library, *folders: Path) -> Progress:
    for folder in folders:
        library.add_folder(folder)
    *_, last = library.update()
    return last


def find(library: Library, source: Path | bytes, **more) -> Answer:
    return library.search(Query((Example(source),), **more))


def first(library: Library, source: Path) -> Path:
    return find(library, source).matches[0].photo.path


def paths(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jpg"))


def adds_up(library: Library) -> bool:
    status = library.status()
    return status.photos == status.encoded + status.waiting + status.offline + status.unreadable


def until(following: Iterator[Progress], holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for _ in following:
        if holds():
            return
        assert time.monotonic() < deadline, f"did not come true within {seconds} seconds"
