"""Groups of duplicates as people say them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from photosearch.gui.language import locale, number, tr, trn, words
from photosearch.records import Group, GroupPhoto, Photo, Progress

if TYPE_CHECKING:
    from photosearch.library.report import Wording


@dataclass(frozen=True, slots=True)
class Fact:
    """What is compared of a photo.

    Attributes:
        name: What it is called: “Size”.
        differs: Whether it is another than the kept photo's.
    """

    name: str
    text: str
    differs: bool


def kinds() -> dict[str, str]:
    """What groups there are, in the plural, for a choice."""
    return {
        "exact": tr("Exact copies"),
        "same-shot": tr("Same shot"),
        "burst": tr("Bursts"),
        "raw-pair": tr("RAW and JPEG"),
    }


def kind(group: Group) -> str:
    """What a group is."""
    return {
        "exact": tr("Exact copies"),
        "same-shot": tr("Same shot"),
        "burst": tr("Burst"),
        "raw-pair": tr("RAW and JPEG"),
    }[group.kind]


def kind_of(group: Group, each: GroupPhoto) -> str:
    """What a photo is to the one that is suggested to be kept; of what belongs together none is."""
    first = {"burst": tr("One moment"), "raw-pair": tr("RAW file")}
    return {
        "keeper": first.get(group.kind, tr("Suggested to keep")),
        "exact": tr("Exact copy"),
        "same-shot": tr("Same shot"),
        "burst": tr("Another moment"),
        "raw-pair": tr("Belongs to it"),
    }[each.kind]


def facts(photo: Photo, keeper: Photo) -> list[Fact]:
    """What is compared, beside the kept photo."""
    return [
        Fact(name, text, text != other)
        for (name, text), (_, other) in zip(_facts(photo), _facts(keeper), strict=True)
    ]


def _facts(photo: Photo) -> list[tuple[str, str]]:
    details = photo.details
    pixels = tr("unknown size")
    if details.width:
        pixels = tr("{width} × {height}", width=details.width, height=details.height)
    return [
        (tr("Name"), words.name(photo.path)),
        (tr("Size"), pixels),
        (tr("Bytes"), words.size(photo.size)),
        (tr("Date"), words.date(photo)),
        (tr("Folder"), words.name(photo.path.parent)),
    ]


def groups(count: int) -> str:
    """“1 group”, “312 groups”."""
    return trn("{n} group", "{n} groups", count)


def total(count: int, size: int) -> str:
    """“312 groups · 1.4 GB could be freed”."""
    return " · ".join(filter(None, [groups(count), gain(size)]))


def gain(size: int) -> str:
    """What the suggestion would free; empty: nothing."""
    return tr("{size} could be freed", size=words.size(size)) if size else ""


def reason(sentence: str) -> str:
    """Why a photo is suggested, or may not be moved, as the library says it, in the person's language."""
    known = {
        "Taken within moments of one another; each shows another moment.": tr(
            "Taken within moments of one another; each shows another moment."
        ),
        "The camera wrote both of one shot; they belong together.": tr(
            "The camera wrote both of one shot; they belong together."
        ),
        "Suggested because it comes first by name: nothing else tells them apart.": tr(
            "Suggested because it comes first by name: nothing else tells them apart."
        ),
        "It lies in a reference folder, which is never touched.": tr(
            "It lies in a reference folder, which is never touched."
        ),
        "Its drive is not there, or the file is missing.": tr(
            "Its drive is not there, or the file is missing."
        ),
        "It is a camera’s RAW file, and the other is not the same file.": tr(
            "It is a camera’s RAW file, and the other is not the same file."
        ),
        "It is another name of the same file, which is to be kept.": tr(
            "It is another name of the same file, which is to be kept."
        ),
        "It belongs to the camera’s RAW file beside it.": tr(
            "It belongs to the camera’s RAW file beside it."
        ),
    }
    if sentence in known:
        return known[sentence]
    if film := re.fullmatch(r"It is a live photo and belongs to (.*)\.", sentence):
        return tr("It is a live photo and belongs to {film}.", film=words.readable(film[1]))
    if because := re.fullmatch(r"Suggested because (.*)\.", sentence):
        said = rules_as_reasons()
        parts = [said.get(part, part) for part in because[1].split(" and ")]
        return tr("Suggested because {reasons}.", reasons=_joined(parts))
    return words.readable(sentence)


def _joined(parts: list[str]) -> str:
    together = parts[0]
    for part in parts[1:]:
        together = tr("{one} and {another}", one=together, another=part)
    return together


def rules_as_reasons() -> dict[str, str]:
    """Why a photo is kept, as the library says it: in the person's language."""
    return {
        "it lies in a reference folder": tr("it lies in a reference folder"),
        "it is the camera's RAW file, or belongs to one": tr(
            "it is the camera's RAW file, or belongs to one"
        ),
        "it is in colour": tr("it is in colour"),
        "nothing was added to it, such as a border or writing": tr(
            "nothing was added to it, such as a border or writing"
        ),
        "it has the most pixels": tr("it has the most pixels"),
        "it still says when or with what it was taken": tr("it still says when or with what it was taken"),
        "it has its original name": tr("it has its original name"),
        "it is compressed least": tr("it is compressed least"),
        "its file is the oldest": tr("its file is the oldest"),
    }


def rules() -> dict[str, str]:
    """What makes a photo the one to keep, by the names that settings have for it."""
    return {
        "reference": tr("It lies in a reference folder"),
        "raw": tr("It is a camera's RAW file, or belongs to one"),
        "colour": tr("It is in colour"),
        "unmarked": tr("Nothing was added to it, such as a border or writing"),
        "pixels": tr("It has the most pixels"),
        "exif": tr("It still says when and with what it was taken"),
        "name": tr("It has its original name"),
        "compression": tr("It is compressed least"),
        "oldest": tr("Its file is the oldest"),
    }


def wording() -> Wording:
    """The words of a report."""
    # Not before one is written: the window is painted without waiting for the library.
    from photosearch.library.report import Wording

    def summary(count: int, removable: int, size: int) -> str:
        could_go = trn("{n} photo could go", "{n} photos could go", removable)
        return tr(
            "{groups}. {photos}, {size}; nothing has been done. What differs from the photo that is"
            " suggested to be kept is marked.",
            groups=groups(count),
            photos=could_go,
            size=words.size(size),
        )

    def facts_of(photo: Photo) -> list[str]:
        return [text for _, text in _facts(photo)[1:4]]

    return Wording(
        locale().name().split("_")[0],
        "rtl" if locale().textDirection() == Qt.LayoutDirection.RightToLeft else "ltr",
        tr("Duplicates"),
        summary,
        kind,
        kind_of,
        reason,
        facts_of,
        tr("No picture"),
    )


def progress(now: Progress) -> str:
    """How far comparing, checking or moving has come."""
    steps = {
        "looking": tr("Looking at photos"),
        "reading": tr("Reading files that may be the same"),
        "comparing": tr("Comparing photos"),
        "scanning": tr("Looking through the folder"),
        "encoding": tr("Looking at photos"),
        "removing": tr("Moving to the trash"),
        "restoring": tr("Putting back"),
        "writing": tr("Writing the report"),
    }
    parts = [steps.get(now.step, now.step)]
    if now.total:
        parts.append(tr("{done} of {total}", done=now.done, total=now.total))
    elif now.done:
        parts.append(number(now.done))
    if now.seconds_left is not None and now.seconds_left >= 1:
        parts.append(tr("{time} left", time=words.duration(now.seconds_left)))
    return " · ".join(parts)
