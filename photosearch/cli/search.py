"""Photos by photos: search."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.cli.options import library_of
from photosearch.cli.output import print_answer
from photosearch.errors import FolderUnavailable
from photosearch.files import absolute
from photosearch.records import Answer, Example, Filters, Photo, Query

if TYPE_CHECKING:
    from photosearch.library import Library


def search(options: argparse.Namespace) -> int:
    """The nearest photos to one or several."""
    with library_of(options) as library:
        filters = dataclasses.replace(filters_of(options), under=only_below(options, library))
        answer = library.search(Query(tuple(examples_of(options)), filters, options.top))
        unplugged = [root.path for root in library.folders() if root.state == "offline"]
    return print_answer(options, _search_answer(answer), _search_text(answer, unplugged))


def examples_of(options: argparse.Namespace) -> list[Example]:
    examples = [Example(path) for path in options.photos]
    examples[0] = dataclasses.replace(examples[0], box=options.crop)
    return examples + [Example(path, weight=-0.5) for path in options.without]


def filters_of(options: argparse.Namespace) -> Filters:
    """All but --under, which is a folder here and an address in a cluster."""
    return Filters(None, options.since, options.until, options.camera, options.kind, options.near)


def only_below(options: argparse.Namespace, library: Library) -> Path | None:
    """The folder of --under. One that is away for now is known by its photos; any other was misspelt."""
    if options.under is None:
        return None
    under = absolute(options.under)
    if not under.is_dir() and not len(library.listing(Filters(under))):
        raise FolderUnavailable(f"{under} is not a folder, nor does the library know a photo below it.")
    return under


def _search_answer(answer: Answer) -> dict[str, Any]:
    return {
        "milliseconds": {
            "encode": round(answer.encode_milliseconds, 3),
            "search": round(answer.search_milliseconds, 3),
        },
        "searched": answer.searched,
        "matches": [
            {
                "rank": match.rank,
                "path": str(match.photo.path),
                "score": round(match.score, 6),
                "percentile": round(match.percentile, 3),
                "kind": match.kind,
                "offline": match.photo.offline,
            }
            for match in answer.matches
        ],
    }


def _search_text(answer: Answer, unplugged: Sequence[Path]) -> list[str]:
    """The matches, one a line; `unplugged` are the folders whose drive is not there."""

    def away(photo: Photo) -> str:
        if not photo.offline:
            return ""
        drive = next((folder for folder in unplugged if photo.path.is_relative_to(folder)), None)
        return f"  (offline: plug in the drive of {drive})" if drive else "  (offline: its file is missing)"

    if not answer.searched:
        return ["No photo is searchable yet: run “photosearch index FOLDER” first."]
    lines = [
        # Never more than what was measured: 99.97 is not 100.
        f"{match.rank:4}  {match.score:6.3f}  closer than {min(99.9, int(10 * match.percentile) / 10)} %"
        f"{'  same shot' if match.kind == 'same-shot' else '':11}  {match.photo.path}{away(match.photo)}"
        for match in answer.matches
    ]
    return lines or ["Nothing fits these filters."]
