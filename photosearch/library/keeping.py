"""Keeps thumbnails of photos that are in the library, and of no others."""

from __future__ import annotations

from collections.abc import Sequence

from photosearch.store import Catalogue, Thumbnails


def keep_thumbnails(
    catalogue: Catalogue, thumbnails: Thumbnails, made: Sequence[tuple[int, int, bytes]]
) -> None:
    """Put thumbnails into the cache: photo id, time of change in nanoseconds, JPEG."""
    thumbnails.put_many(made)
    # Who forgot a folder while these were made could not take out what was not there yet.
    ids = [photo_id for photo_id, _, _ in made]
    forgotten = set(ids) - {photo.id for photo in catalogue.files.known(ids)}
    if forgotten:
        thumbnails.erase(forgotten)
