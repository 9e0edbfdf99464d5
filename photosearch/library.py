"""Joins the steps: a folder changes, the photos in it become codes, the codes are kept, the nearest are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.records import Answer, Failure, Filters, Photo, Progress, Query, Root, Status
from photosearch.settings import Places, Settings


class Encoder(Protocol):
    """What turns pixels into vectors and codes: the encoder's process, or a fake in tests."""

    def start(self) -> None: ...
    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]: ...
    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...
    def close(self) -> None: ...


class Library:
    """A person's photos, kept searchable. Any thread may call anything but `update` and `follow`, of which one
    runs at a time; a search never waits for them."""

    def __init__(self, places: Places, settings: Settings, encoder: Encoder | None = None) -> None:
        """Open the library, or begin one.

        Raises:
            LibraryUnusable: The catalogue is damaged, newer than this program, or may not be written.
            ModelUnusable: The chosen model file is none.
        """
        raise NotImplementedError

    def folders(self) -> list[Root]: ...
    def add_folder(self, folder: Path) -> None:
        """Watch a folder from the next update on. Raises FolderUnavailable."""
    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and what is known of its photos; the photos themselves are not touched."""
    def update(self) -> Iterator[Progress]:
        """Bring the library in line with its folders, then end. Searchable after every batch."""
    def follow(self) -> Iterator[Progress]:
        """Update, then follow changes for ever; a Progress at least every half second."""
    def warm(self) -> None:
        """A query may come soon: wake the encoder, without waiting for it."""
    def search(self, query: Query) -> Answer:
        """Raises PhotoUnreadable (an example), EncoderFailed, FolderUnavailable (a filter's folder is not watched)."""
    def listing(self, filters: Filters = Filters()) -> NDArray[np.int64]:
        """Ids of the photos, newest first."""
    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; those that are no more are left out."""
    def thumbnail(self, photo: Photo) -> bytes | None:
        """JPEG, at most 320 pixels a side, from the cache, else made from the file; None if it cannot be had."""
    def failures(self) -> list[Failure]: ...
    def retry_failures(self) -> int:
        """Let the next update try the unreadable files again; how many there are."""
    def status(self) -> Status: ...
    def close(self) -> None: ...
