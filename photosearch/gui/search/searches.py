"""Searches that a person gave a name, kept in a file beside the library."""

from __future__ import annotations

import json
from pathlib import Path

from photosearch.errors import SettingsUnusable
from photosearch.files import replacing
from photosearch.gui.language import tr
from photosearch.searches import UNREADABLE, Search, read, written


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
            return {name: read(each) for name, each in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, *UNREADABLE) as error:
            said = tr("The saved searches in {file} cannot be read.", file=str(self._file))
            raise SettingsUnusable(said) from error

    def keep(self, name: str, search: Search) -> dict[str, Search]:
        """Keep a search by this name, in place of one that had it; all there are then."""
        return self._write(self.all() | {name: search})

    def forget(self, name: str) -> dict[str, Search]:
        """Forget a search; all that are left."""
        return self._write({other: search for other, search in self.all().items() if other != name})

    def _write(self, searches: dict[str, Search]) -> dict[str, Search]:
        text = json.dumps({name: written(search) for name, search in searches.items()}, indent=2)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._file) as writing:
                writing.write(f"{text}\n".encode())
        except OSError as error:
            said = tr("{file} cannot be written: {reason}.", file=str(self._file), reason=error.strerror)
            raise SettingsUnusable(said) from error
        return searches
