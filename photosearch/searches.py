"""Searches written down: as JSON, and those of before, which one goes back to after a restart."""

from __future__ import annotations

import base64
import json
import logging
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from photosearch.files import replacing
from photosearch.records import Box, Example, Filters

MOST_BYTES = 32_000_000
"""Bound of the searches of before on disk: one by a pasted picture is as large as that picture."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a search raises that was not written by us."""


class NewerSearch(ValueError):
    """A search has fields or choices that are unknown here: a newer version wrote it."""


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and where."""

    examples: tuple[Example, ...]
    filters: Filters = Filters()


def written(search: Search) -> dict[str, Any]:
    """A search as JSON has it."""
    filters = asdict(search.filters)
    filters["under"] = str(search.filters.under) if search.filters.under else None
    return {"examples": [_written_example(example) for example in search.examples], "filters": filters}


def read(stored: object) -> Search:
    """The search that was written.

    Raises:
        NewerSearch: It was, by a newer version.
        ValueError, KeyError, TypeError, AttributeError, OverflowError: None was; they are `UNREADABLE`.
    """
    fields = _fields(stored, {"examples", "filters"})
    examples, filters = fields["examples"], _value(Filters, fields["filters"])
    if not isinstance(examples, list) or not examples:
        raise ValueError("a search has no examples")
    return Search(tuple(map(_example, examples)), filters)


class PastSearches:
    """The searches of before of one library, in a folder.

    Each is a file, so that little is written for one more, and one that is forgotten by whichever process is
    not written again by another that still knows it. Every call reads or writes files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[tuple[Search, Path]] = []

    def all(self) -> list[Search]:
        """Those that were kept, the oldest first; what is none, or was half written, is removed.

        Those of a newer version are left alone, for that.
        """
        self._kept = []
        for file in sorted(self._folder.glob("*")):
            with suppress(OSError):
                try:
                    self._kept.append((_read_file(file), file))
                except NewerSearch:
                    continue
                except UNREADABLE:
                    file.unlink()
        return [search for search, _ in self._kept]

    def keep(self, searches: Sequence[Search], beside: bool = False) -> None:
        """Keep these, the oldest first, and of those that were kept by this object no others.

        Of those by pictures that were pasted, only the newest that take no more than `MOST_BYTES`. What
        cannot be written is not kept.

        Args:
            beside: Whether the others stay until the next time.
        """
        searches = _within_bound(searches)
        if not beside:
            for search, file in self._kept:
                if not _is_one_of(search, searches):
                    with suppress(OSError):
                        file.unlink(missing_ok=True)
            self._kept = [one for one in self._kept if _is_one_of(one[0], searches)]
        known = [search for search, _ in self._kept]
        # One that was forgotten meanwhile is known, and not written again.
        new = [search for search in searches if not _is_one_of(search, known)]
        try:
            if new:
                self._folder.mkdir(parents=True, exist_ok=True)
            for search in new:
                file = self._folder / f"{self._next():08}.json"
                with replacing(file) as writing:
                    writing.write(json.dumps(written(search)).encode())
                self._kept.append((search, file))
        except OSError as error:
            logger.warning("The search before this one is not kept: %s", error)

    def forget(self) -> None:
        """Forget all that are on disk, whoever kept them."""
        self._kept = []
        for file in self._folder.glob("*"):
            with suppress(OSError):
                file.unlink()

    def gone(self) -> list[Search]:
        """Those that were kept and are no longer there: their folder was forgotten."""
        return [search for search, file in self._kept if not file.exists()]

    def _next(self) -> int:
        numbers = [int(file.stem) for file in self._folder.glob("*.json") if file.stem.isdecimal()]
        return max(numbers, default=0) + 1


def forget_past(past: Path, folder: Path) -> None:
    """Forget the searches of before, of all libraries, that name a folder or what lies in it."""
    for file in past.glob("*/*"):
        with suppress(OSError):
            try:
                names_it = _names(_read_file(file), folder)
            except UNREADABLE:
                # Nobody knows what it names.
                names_it = True
            if names_it:
                file.unlink()


def relocate_past(past: Path, folder: Path, place: Path) -> None:
    """What the searches of before, of all libraries, name in a folder lies in another place now."""

    def moved(path: Path) -> Path:
        return place / path.relative_to(folder) if path.is_relative_to(folder) else path

    for file in past.glob("*/*"):
        with suppress(OSError, *UNREADABLE):
            search = _read_file(file)
            examples = tuple(
                replace(example, source=moved(example.source))
                if isinstance(example.source, Path)
                else example
                for example in search.examples
            )
            under = search.filters.under and moved(search.filters.under)
            now = Search(examples, replace(search.filters, under=under))
            if now != search:
                with replacing(file) as writing:
                    writing.write(json.dumps(written(now)).encode())


def _written_example(example: Example) -> dict[str, Any]:
    if isinstance(example.source, Path):
        source = {"file": str(example.source)}
    else:
        source = {"picture": base64.b64encode(example.source).decode("ascii")}
    return source | {"weight": example.weight, "box": asdict(example.box)}


def _example(stored: object) -> Example:
    fields = _fields(stored, {"file", "picture", "weight", "box"})
    if "file" in fields:
        source = _value(Path, fields["file"])
    else:
        source = base64.b64decode(_value(str, fields["picture"]), validate=True)
    return Example(source, _value(float, fields["weight"]), _value(Box, fields["box"]))


def _fields(stored: object, known: set[str]) -> dict[str, object]:
    """What was written by names; of those that are known some may be missing."""
    if not isinstance(stored, dict):
        raise ValueError(f"{stored!r} has no fields")
    if stored.keys() - known:
        raise NewerSearch(f"{stored.keys() - known} are unknown")
    return stored


def _value(kind: Any, stored: object) -> Any:
    """The value of a kind that was written: as JSON has it, or a dataclass of such values."""
    options = get_args(kind)
    if isinstance(stored, bool):
        # Python takes it for a number.
        raise ValueError(f"{stored} is no {kind}")
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        fields = _fields(stored, set(hints))
        return kind(**{name: _value(hints[name], value) for name, value in fields.items()})
    if get_origin(kind) is Literal and isinstance(stored, str):
        if stored not in options:
            raise NewerSearch(f"{stored} is unknown")
        return stored
    if NoneType in options:
        return None if stored is None else _value(options[0], stored)
    # No name at all would be whatever folder the program was started in.
    if kind is Path and isinstance(stored, str) and Path(stored) != Path():
        return Path(stored)
    if kind is float and isinstance(stored, int | float) and math.isfinite(stored):
        return float(stored)
    if kind in (str, int) and isinstance(stored, kind):
        return stored
    raise ValueError(f"{stored!r} is no {kind}")


def _read_file(file: Path) -> Search:
    return read(json.loads(file.read_text(encoding="utf-8")))


def _names(search: Search, folder: Path) -> bool:
    named = [example.source for example in search.examples if isinstance(example.source, Path)]
    if search.filters.under:
        named.append(search.filters.under)
    really = os.path.realpath(folder)
    return any(
        path.is_relative_to(folder) or Path(os.path.realpath(path)).is_relative_to(really) for path in named
    )


def _within_bound(searches: Sequence[Search]) -> list[Search]:
    """Without those by pictures that are beyond the bound, the oldest first to go."""
    left, kept = MOST_BYTES, list[Search]()
    for search in reversed(searches):
        pictures = [example.source for example in search.examples if isinstance(example.source, bytes)]
        # Four letters for three bytes.
        size = sum(map(len, pictures)) * 4 // 3
        if size <= left:
            left -= size
            kept.append(search)
    return kept[::-1]


def _is_one_of(search: Search, others: Sequence[Search]) -> bool:
    """Whether it is the very same one: one comes back to the same search again and again."""
    return any(search is other for other in others)
