"""Groups of duplicates as one HTML page that needs nothing else: to be looked at before deciding."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from photosearch.records import Group, GroupPhoto, Photo

KINDS = {
    "keeper": "suggested to keep",
    "exact": "exact copy",
    "same-shot": "same shot",
    "burst": "another moment",
    "raw-pair": "RAW and JPEG",
}

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


def report(groups: Sequence[Group], thumbnail: Callable[[Photo], bytes | None]) -> Iterator[str]:
    """The page, a piece at a time: with many groups it is long."""
    removable = [each.photo for group in groups for each in group.removable]
    gained = sum(photo.size for photo in removable) / 1e6
    yield (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Duplicates</title><style>{STYLE}</style></head><body>\n<h1>Duplicates</h1>\n"
        f"<p>{len(groups)} groups. Of these photos {len(removable)} could go, {gained:.1f} MB; nothing has"
        " been done. What differs from the photo that is suggested to be kept is marked.</p>\n"
    )
    for number, group in enumerate(groups, 1):
        yield f"<section><h2>{number}. {html.escape(group.kind)}</h2><p>{html.escape(group.reason)}</p>\n"
        yield '<div class="photos">'
        for each in group.photos:
            yield _figure(each, group.keeper, thumbnail(each.photo))
        yield "</div></section>\n"
    yield "</body></html>\n"


def _figure(each: GroupPhoto, keeper: Photo, jpeg: bytes | None) -> str:
    photo = each.photo
    image = "<p>(no thumbnail)</p>"
    if jpeg is not None:
        text = html.escape(photo.path.name, quote=True)
        image = f'<img alt="{text}" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
    facts = "<br>".join(
        f'<span class="differs">{fact}</span>' if fact != other else fact
        for fact, other in zip(_facts(photo), _facts(keeper), strict=True)
    )
    protected = f"<br>{html.escape(each.protected)}" if each.protected else ""
    name = html.escape(_printable(str(photo.path)))
    return (
        f'<figure class="{each.kind}">{image}<figcaption><span class="kind">{KINDS[each.kind]}</span><br>'
        f"{facts}<br>{name}{protected}</figcaption></figure>"
    )


def _facts(photo: Photo) -> list[str]:
    """What is compared, each as text."""
    taken = "no date"
    if photo.details.taken is not None:
        taken = f"{datetime.fromtimestamp(photo.details.taken, UTC):%Y-%m-%d %H:%M:%S}"
    return [f"{photo.details.width} × {photo.details.height}", f"{photo.size:,} bytes", taken]


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
