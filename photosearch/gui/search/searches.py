"""Searches that a person gave a name, kept in a file beside the library."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photosearch.errors import SettingsUnusable
from photosearch.files import replacing
from photosearch.gui.language import tr
from photosearch.records import Box, Circle, Example, Filters


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and where."""

    examples: tuple[Example, ...]
    filters: Filters = Filters()


class SavedSearches:
    """The searches in a file; every call reads or writes it, so it belongs into a worker."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, Search]:
        """The searches by name.

        Raises:
            SettingsUnusable: The file is not ours.
        """
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            return {name: _search(each) for name, each in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            said = tr("The saved searches in {file} cannot be read.", file=str(self._file))
            raise SettingsUnusable(said) from error

    def keep(self, name: str, search: Search) -> dict[str, Search]:
        """Keep a search by this name, in place of one that had it; all there are then."""
        return self._write(self.all() | {name: search})

    def forget(self, name: str) -> dict[str, Search]:
        """Forget a search; all that are left."""
        return self._write({other: search for other, search in self.all().items() if other != name})

    def _write(self, searches: dict[str, Search]) -> dict[str, Search]:
        text = json.dumps({name: _stored(search) for name, search in searches.items()}, indent=2)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._file) as writing:
                writing.write(f"{text}\n".encode())
        except OSError as error:
            said = tr("{file} cannot be written: {reason}.", file=str(self._file), reason=error.strerror)
            raise SettingsUnusable(said) from error
        return searches


def _stored(search: Search) -> dict[str, Any]:
    filters = asdict(search.filters)
    filters["under"] = str(search.filters.under) if search.filters.under else None
    return {"examples": [_stored_example(example) for example in search.examples], "filters": filters}


def _stored_example(example: Example) -> dict[str, Any]:
    if isinstance(example.source, Path):
        source = {"file": str(example.source)}
    else:
        source = {"picture": base64.b64encode(example.source).decode("ascii")}
    return source | {"weight": example.weight, "box": asdict(example.box)}


def _search(stored: dict[str, Any]) -> Search:
    filters = dict(stored["filters"])
    filters["under"] = Path(filters["under"]) if filters["under"] else None
    filters["near"] = Circle(**filters["near"]) if filters["near"] else None
    examples = tuple(
        Example(
            Path(each["file"]) if "file" in each else base64.b64decode(each["picture"]),
            float(each["weight"]),
            Box(**each["box"]),
        )
        for each in stored["examples"]
    )
    return Search(examples, Filters(**filters))
