"""Notices that a catalogue was written to, by whatever thread and process."""

from __future__ import annotations

import threading
from pathlib import Path

from photosearch.errors import GivenUp
from photosearch.store.schema import connect, data_version, in_words


class Witness:
    """A connection to a catalogue that never writes, so that all SQLite counts on it is what others did.

    Any thread may ask.
    """

    def __init__(self, path: Path) -> None:
        """Watch over a catalogue that is there.

        Raises:
            LibraryUnusable: It cannot be opened.
        """
        self._path = path
        self._connection, _ = connect(path)
        self._used = threading.Lock()
        self._closed = False

    def version(self) -> int:
        """A number that is another one once anything was committed since; takes some microseconds.

        `Catalogue.generation` rises only with what changes which codes there are: not where a root is found
        at another path.

        Raises:
            GivenUp: It was closed.
        """
        with self._used, in_words(self._path):
            if self._closed:
                raise GivenUp("The library was closed.")
            return data_version(self._connection)

    def close(self) -> None:
        """Watch no longer."""
        with self._used:
            self._closed = True
            self._connection.close()
