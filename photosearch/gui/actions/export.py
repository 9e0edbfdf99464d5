"""Photos written down for other programs: a list of them, or a folder of links to them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import FolderUnavailable
from photosearch.files import replacing
from photosearch.gui.language import tr, words
from photosearch.records import Match, Photo


@dataclass(frozen=True, slots=True)
class Row:
    """A photo to be written down, and how near it is, if it was searched for.

    Attributes:
        address: Where it lies, if that is no path of this machine.
    """

    path: Path
    match: Match | None = None
    address: str = ""

    @classmethod
    def of(cls, photo: Photo, match: Match | None) -> Row:
        return cls(photo.path, match, photo.address)

    @property
    def place(self) -> str:
        return self.address or str(self.path)


def write_list(rows: Sequence[Row], file: Path) -> Path:
    """Write the photos into a file, which is replaced: `.csv` and `.json` with scores, else paths; the file.

    Raises:
        FolderUnavailable: It cannot be written.
    """
    text = {".csv": _table, ".json": _json}.get(file.suffix.lower(), _lines)(rows)
    try:
        with replacing(file) as writing:
            # A path may be bytes that are no text; they come back out as they went in.
            writing.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise _refused(file, error) from error
    return file


def write_links(rows: Sequence[Row], folder: Path) -> Path:
    """Make a new folder in `folder` with a link to each photo, named in their order; the new folder.

    Raises:
        FolderUnavailable: The platform makes no links there.
    """
    try:
        made = _new_folder(folder / tr("Photos found"))
        width = len(str(len(rows)))
        for number, row in enumerate(rows, 1):
            (made / f"{number:0{width}} {row.path.name}").symlink_to(row.path)
    except OSError as error:
        raise _refused(folder, error) from error
    return made


def _new_folder(wished: Path) -> Path:
    number = 1
    while True:
        folder = wished if number == 1 else wished.with_name(f"{wished.name} {number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def _lines(rows: Sequence[Row]) -> str:
    return "".join(f"{row.place}\n" for row in rows)


def _table(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["path", "rank", "score", "closer than percent", "kind"])
    for row in rows:
        match = row.match
        of_match = (
            [match.rank, f"{match.score:.4f}", f"{match.percentile:.2f}", match.kind] if match else [""] * 4
        )
        table.writerow([row.place, *of_match])
    return text.getvalue()


def _json(rows: Sequence[Row]) -> str:
    # JSON is text: of a name that is none, the bytes that are not are shown as a replacement mark.
    listed = [
        {"path": words.readable(row.place)}
        | (
            {
                "rank": row.match.rank,
                "score": row.match.score,
                "percentile": row.match.percentile,
                "kind": row.match.kind,
            }
            if row.match
            else {}
        )
        for row in rows
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def _refused(path: Path, error: OSError) -> FolderUnavailable:
    said = tr("“{path}” cannot be written: {reason}.", path=words.readable(str(path)), reason=error.strerror)
    return FolderUnavailable(said)
