"""Groups of duplicates as one HTML page that needs nothing else: to be looked at before deciding."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from photosearch.records import Group, GroupPhoto, Photo

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em;
  color: #222; background: #fff }
section { border-top: 1px solid #8885; padding: 1em 0 }
.photos { display: flex; flex-wrap: wrap; gap: 1em }
figure { margin: 0; width: 15em }
img { max-width: 100%; max-height: 13em; display: block }
figcaption { font-size: .85em; overflow-wrap: anywhere }
.keeper img { outline: 3px solid #2a7 }
.kind { font-weight: 600 }
.differs { font-weight: 600; color: #a50 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } .differs { color: #fa6 } }
"""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the page says, in the language of who reads it.

    Attributes:
        language: Its code: “en”, “de”.
        direction: “ltr” or “rtl”.
        summary: Of so many groups, so many photos that could go, and so many bytes that would free.
        group: What a group is.
        photo: What a photo is to the one that is suggested to be kept.
        reason: Of a sentence of the library's: why a photo is suggested or may not be moved.
        facts: What is compared of a photo, always as many texts.
    """

    language: str
    direction: str
    title: str
    summary: Callable[[int, int, int], str]
    group: Callable[[Group], str]
    photo: Callable[[Group, GroupPhoto], str]
    reason: Callable[[str], str]
    facts: Callable[[Photo], list[str]]
    no_thumbnail: str


def _summary(groups: int, removable: int, size: int) -> str:
    return (
        f"{groups} {'group' if groups == 1 else 'groups'}. Of these photos {removable} could go,"
        f" {size / 1e6:.1f} MB; nothing has been done. What differs from the photo that is suggested to"
        " be kept is marked."
    )


def _facts(photo: Photo) -> list[str]:
    taken = "no date"
    if photo.details.taken is not None:
        taken = f"{datetime.fromtimestamp(photo.details.taken, UTC):%Y-%m-%d %H:%M:%S}"
    return [f"{photo.details.width} × {photo.details.height}", f"{photo.size:,} bytes", taken]


KIND_NAMES = {
    "keeper": "suggested to keep",
    "exact": "exact copy",
    "same-shot": "same shot",
    "burst": "another moment",
    "raw-pair": "RAW and JPEG",
}

ENGLISH = Wording(
    "en",
    "ltr",
    "Duplicates",
    _summary,
    lambda group: group.kind,
    lambda group, each: KIND_NAMES[each.kind],
    lambda sentence: sentence,
    _facts,
    "(no thumbnail)",
)


def report(
    groups: Sequence[Group], thumbnail: Callable[[Photo], bytes | None], wording: Wording = ENGLISH
) -> Iterator[str]:
    """The page, a piece at a time: with many groups it is long."""
    removable = [each.photo for group in groups for each in group.removable]
    summary = wording.summary(len(groups), len(removable), sum(photo.size for photo in removable))
    title = html.escape(wording.title)
    yield (
        f'<!DOCTYPE html>\n<html lang="{wording.language}" dir="{wording.direction}">'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        f"<p>{html.escape(summary)}</p>\n"
    )
    for number, group in enumerate(groups, 1):
        kind, reason = html.escape(wording.group(group)), html.escape(wording.reason(group.reason))
        yield f"<section><h2>{number}. {kind}</h2><p>{reason}</p>\n"
        yield '<div class="photos">'
        for each in group.photos:
            yield _figure(group, each, thumbnail(each.photo), wording)
        yield "</div></section>\n"
    yield "</body></html>\n"


def _figure(group: Group, each: GroupPhoto, jpeg: bytes | None, wording: Wording) -> str:
    photo = each.photo
    image = f"<p>{html.escape(wording.no_thumbnail)}</p>"
    if jpeg is not None:
        text = html.escape(photo.path.name, quote=True)
        image = f'<img alt="{text}" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
    facts = "<br>".join(
        f'<span class="differs">{html.escape(fact)}</span>' if fact != other else html.escape(fact)
        for fact, other in zip(wording.facts(photo), wording.facts(group.keeper), strict=True)
    )
    protected = f"<br>{html.escape(wording.reason(each.protected))}" if each.protected else ""
    kind, name = html.escape(wording.photo(group, each)), html.escape(_printable(str(photo.path)))
    return (
        f'<figure class="{each.kind}">{image}<figcaption><span class="kind">{kind}</span><br>'
        f"{facts}<br><bdi>{name}</bdi>{protected}</figcaption></figure>"
    )


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
