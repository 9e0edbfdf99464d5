"""Numbers and states as people say them."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path

from photosearch.records import Match, Photo, Progress

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def name(path: Path) -> str:
    """The last part of a path; bytes that are no text are shown as a replacement mark."""
    return readable(path.name or str(path))


def readable(text: str) -> str:
    """Text that any widget can show, even of a name that is not valid UTF-8."""
    return os.fsencode(text).decode("utf-8", "replace")


def count(number: int, one: str, many: str) -> str:
    """“1 photo”, “2,400 photos”."""
    return f"{number:,} {one if number == 1 else many}"


def photos(number: int) -> str:
    """“1 photo”, “2,400 photos”."""
    return count(number, "photo", "photos")


def duration(seconds: float) -> str:
    """“17 s”, “4 min”, “2 h 10 min”."""
    if seconds < 60:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def took(milliseconds: float) -> str:
    """“34 ms”, “2.6 s”."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def date(photo: Photo) -> str:
    """“3 May 2019”: when it was taken, else when its file was last changed."""
    seconds = photo.details.taken
    if seconds is None:
        when = datetime.fromtimestamp(photo.modified_ns / 1e9)
    else:
        when = datetime.fromtimestamp(seconds, UTC)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def closeness(match: Match) -> str:
    """How unusual the score is; never more than what was measured, so 99.97 stays 99.9."""
    percentile = match.percentile
    if percentile < 90:
        return f"closer than {math.floor(percentile)} %"
    return f"closer than {min(99.9, math.floor(percentile * 10) / 10)} %"


def badge(match: Match) -> str:
    """“#3”, “#1 · same shot”."""
    return f"#{match.rank} · same shot" if match.kind == "same-shot" else f"#{match.rank}"


def spoken(photo: Photo, match: Match | None) -> str:
    """A tile as a screen reader says it."""
    parts = []
    if match:
        kind = "Same shot" if match.kind == "same-shot" else "Similar"
        parts += [f"{kind}, number {match.rank}", closeness(match)]
    parts += [date(photo), name(photo.path)]
    if photo.offline:
        parts.append("offline")
    return ", ".join(parts)


def progress(now: Progress) -> str:
    """What is being done, how far it has come, how fast, and how long it will take."""
    if now.step == "scanning":
        return (
            f"Looking through the folders · {photos(now.done)} so far"
            if now.done
            else "Looking through the folders"
        )
    if now.step != "indexing":
        return now.message
    of = f" of {now.total:,}" if now.total is not None else ""
    parts = (
        [f"Indexing {now.message}", f"{now.done:,}{of}"] if now.message else [f"Indexing {now.done:,}{of}"]
    )
    if now.rate:
        parts.append(f"{now.rate:,.0f} photos/s" if now.rate >= 10 else f"{now.rate:.1f} photos/s")
    if now.seconds_left is not None:
        parts.append(f"{duration(now.seconds_left)} left")
    return " · ".join(parts)
