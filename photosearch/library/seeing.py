"""In which of the nearest photos an example is seen, by their pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from photosearch.duplicates import may_show, recognised
from photosearch.errors import PhotoSearchError
from photosearch.library.answering import Seen
from photosearch.records import Photo
from photosearch.store import Catalogue, Thumbnails

SECONDS = 0.3
"""What is waited for thumbnails that are not kept any more, as most of a million: drives may be slow.

They are made of photos whose looks do not rule out that the example is seen there, the nearest first.
"""


class Seeing:
    """Compares examples with photos.

    Args:
        thumbnails: Those that are kept.
        make: A photo's thumbnail, from its file if need be, which is then kept.
    """

    def __init__(
        self, catalogue: Catalogue, thumbnails: Thumbnails, make: Callable[[Photo], bytes | None]
    ) -> None:
        self._catalogue, self._thumbnails, self._make = catalogue, thumbnails, make

    def seen(self, example: Seen, photos: Sequence[Photo]) -> dict[int, float]:
        """By id how well photos, the nearest first, agree with an example, 0 where it is not seen.

        Those of which pixels do not tell are left out.
        """
        if example.thumbnail is None or example.look is None:
            return {}
        stored = {photo.id: self._thumbnails.get(photo.id, photo.modified_ns) for photo in photos}
        stored |= self._made(example.look, [photo for photo in photos if stored[photo.id] is None])
        answers = recognised(example.thumbnail, list(stored.values()))
        return {id: answer for id, answer in zip(stored, answers, strict=True) if answer is not None}

    def _made(self, look: NDArray[np.uint8], photos: Sequence[Photo]) -> dict[int, bytes | None]:
        """Thumbnails that could be made in time, by id."""
        readable = {photo.id: photo for photo in photos if not photo.offline}
        if not readable:
            return {}
        ids, looks = self._catalogue.comparisons.looks_of(list(readable))
        if not len(ids):
            return {}
        likely = set(ids[may_show(look, looks)].tolist())
        pool = ThreadPoolExecutor(1, "see")
        making = {pool.submit(self._make, photo): id for id, photo in readable.items() if id in likely}
        done, _ = wait(making, SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)
        made = dict[int, bytes | None]()
        for one in done:
            # What decodes may be closed already.
            with suppress(PhotoSearchError):
                made[making[one]] = one.result()
        return made
