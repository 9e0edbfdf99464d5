"""What lies beside a photo and belongs to it: ratings, tags and edits in files of their own."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from photosearch.library.trash import copy_whole

ENDINGS = (".xmp", ".aae", ".thm", ".pp3", ".dop")
"""Of files that say something of the photo of the same name, in small letters."""

_XMP = "{http://ns.adobe.com/xap/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"


@dataclass(frozen=True, slots=True)
class Notes:
    """What a sidecar says of a photo.

    Attributes:
        rating: 1 to 5; 0 where it says none, -1 for rejected.
        date: As it stands there; empty where it says none.
    """

    rating: int = 0
    tags: tuple[str, ...] = ()
    date: str = ""


def sidecars_of(photo: Path, leaving: Collection[Path] = ()) -> list[Path]:
    """The files that belong to a photo: `a.jpg.xmp`, and `a.xmp` if no photo that stays has that name too.

    Args:
        leaving: Photos that are to go.
    """
    try:
        names = sorted(os.listdir(photo.parent))
    except OSError:
        return []
    stem = photo.stem.lower()
    shared = any(
        Path(name).stem.lower() == stem
        and name != photo.name
        and Path(name).suffix.lower() not in ENDINGS
        and photo.parent / name not in leaving
        for name in names
    )
    found = []
    for name in names:
        base, ending = os.path.splitext(name)
        if ending.lower() not in ENDINGS:
            continue
        if base.lower() == photo.name.lower() or (base.lower() == stem and not shared):
            found.append(photo.parent / name)
    return found


def notes_of(photo: Path) -> Notes:
    """What the sidecar of a photo says; nothing where there is none, or it cannot be read."""
    for sidecar in sidecars_of(photo):
        if sidecar.suffix.lower() == ".xmp":
            # LookupError: an encoding of an unknown name.
            with suppress(OSError, ElementTree.ParseError, ValueError, LookupError):
                return _read(sidecar)
    return Notes()


def carry_over(removed: Path, kept: Path, leaving: Collection[Path] = ()) -> Path | None:
    """Give a photo that has no XMP sidecar that of one that is removed; where it lies then, if there was one.

    One that is there already is never touched: what both say is the person's to choose.

    Args:
        leaving: See `sidecars_of`.
    """
    if any(sidecar.suffix.lower() == ".xmp" for sidecar in sidecars_of(kept, leaving)):
        return None
    for sidecar in sidecars_of(removed, leaving):
        if sidecar.suffix.lower() == ".xmp":
            place = kept.with_name(kept.name + ".xmp")
            if not os.path.lexists(place):
                copy_whole(sidecar, place)
                return place
    return None


def _read(sidecar: Path) -> Notes:
    text = sidecar.read_bytes()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        # No sidecar needs these, and what they expand to may be without end.
        raise ValueError("a document type")
    rating, date, tags = 0, "", list[str]()
    for element in ElementTree.fromstring(text).iter(f"{_RDF}Description"):
        said = dict(element.attrib) | {child.tag: child.text or "" for child in element}
        with suppress(ValueError, OverflowError):
            rating = max(-1, min(5, int(float(said.get(f"{_XMP}Rating", rating)))))
        date = said.get(f"{_PHOTOSHOP}DateCreated", said.get(f"{_XMP}CreateDate", date))
        for item in element.findall(f"{_DC}subject//{_RDF}li"):
            tags.append(item.text or "")
    return Notes(rating, tuple(tags), date)
