"""Numbers and states as people say them."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtGui import QGuiApplication

from photosearch.gui.language import locale, number, tr, trn
from photosearch.records import Match, Photo, Progress


def name(path: Path) -> str:
    """The last part of a path; bytes that are no text are shown as a replacement mark."""
    return readable(path.name or str(path))


def readable(text: str) -> str:
    """Text that any widget can show, even of a name that is not valid UTF-8."""
    return os.fsencode(text).decode("utf-8", "replace")


def place(where: Path | str) -> str:
    """A path or address as it is shown: from left to right, also amid one written from right to left."""
    shown = readable(str(where))
    if QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        return f"\N{LEFT-TO-RIGHT ISOLATE}{shown}\N{POP DIRECTIONAL ISOLATE}"
    return shown


def photos(count: int) -> str:
    """“1 photo”, “2,400 photos”."""
    return trn("{n} photo", "{n} photos", count)


def name_or_count(photo: Photo | None, count: int) -> str:
    """What some photos are called: by the name of one, or by how many there are."""
    return name(photo.path) if photo and count <= 1 else photos(count)


def duration(seconds: float) -> str:
    """“17 s”, “4 min”, “2 h 10 min”."""
    if seconds < 60:
        return tr("{seconds} s", seconds=max(1, math.ceil(seconds)))
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return tr("{minutes} min", minutes=minutes)
    if minutes % 60:
        return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    return tr("{hours} h", hours=minutes // 60)


def took(milliseconds: float) -> str:
    """“34 ms”, “2.6 s”; what was too short to be told is “less than 1 ms”."""
    if milliseconds < 1:
        return tr("less than 1 ms")
    if milliseconds < 1000:
        return tr("{milliseconds} ms", milliseconds=round(milliseconds))
    return tr("{seconds} s", seconds=number(milliseconds / 1000, 1))


def size(bytes: int) -> str:
    """“640 kB”, “2.4 MB”, as the person's language writes it."""
    return locale().formattedDataSize(bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def date(photo: Photo) -> str:
    """“3 May 2019”: when it was taken, else when its file was last changed."""
    seconds = photo.details.taken
    if seconds is None:
        when = datetime.fromtimestamp(photo.modified_ns / 1e9)
    else:
        when = datetime.fromtimestamp(seconds, UTC)
    return day(QDate(when.year, when.month, when.day))


def day(date: QDate) -> str:
    """“3 May 2019”, as the person's language writes it."""
    #: The parts of a date as Qt names them, d day, MMMM month, yyyy year; German: “d. MMMM yyyy”.
    return locale().toString(date, tr("d MMMM yyyy"))


def month(key: str) -> str:
    """“May 2019” for “2019-05”."""
    year, month = key.rsplit("-", 1)
    return f"{locale().standaloneMonthName(int(month))} {year}"


def closeness(match: Match) -> str:
    """How unusual the score is; never more than what was measured, so 99.97 stays 99.9."""
    percentile = match.percentile
    if percentile < 90:
        return tr("closer than {percent} %", percent=math.floor(percentile))
    return tr("closer than {percent} %", percent=number(min(99.9, math.floor(percentile * 10) / 10), 1))


def badge(match: Match) -> str:
    """“#3”, “#1 · same shot”."""
    if match.kind == "same-shot":
        return tr("#{rank} · same shot", rank=match.rank)
    return f"#{match.rank}"


def spoken(photo: Photo, match: Match | None) -> str:
    """A tile as a screen reader says it."""
    parts = []
    if match and match.kind == "same-shot":
        parts += [tr("Same shot, number {rank}", rank=match.rank), closeness(match)]
    elif match:
        parts += [tr("Similar, number {rank}", rank=match.rank), closeness(match)]
    parts += [date(photo), name(photo.path)]
    if photo.offline:
        parts.append(tr("offline"))
    return ", ".join(parts)


def progress(now: Progress) -> str:
    """What is being done, how far it has come, how fast, and how long it will take."""
    if now.step == "scanning":
        if now.done:
            return tr("Looking through the folders · {photos} so far", photos=photos(now.done))
        return tr("Looking through the folders")
    if now.step != "indexing":
        return now.message
    parts = [tr("Indexing"), tr("{done} of {total}", done=now.done, total=now.total)]
    if now.total is None:
        parts = [tr("Indexing"), number(now.done)]
    if now.message:
        parts[0] = f"{parts[0]} {gently(now.message)}"
    else:
        parts = [" ".join(parts)]
    if now.rate:
        parts.append(rate(now.rate))
    if now.seconds_left is not None:
        parts.append(tr("{time} left", time=duration(now.seconds_left)))
    return " · ".join(parts)


def rate(photos_a_second: float) -> str:
    """“41 photos/s”, “0.4 photos/s”."""
    return tr("{rate} photos/s", rate=number(photos_a_second, 0 if photos_a_second >= 10 else 1))


def gently(message: str) -> str:
    """Why indexing holds back, as the library says it, in the person's language."""
    return {
        "gently": tr("gently"),
        "gently: on battery": tr("gently: on battery"),
        "gently: other programs are busy": tr("gently: other programs are busy"),
    }.get(message, message)
