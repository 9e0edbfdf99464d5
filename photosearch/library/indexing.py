"""Photos that wait → codes in the catalogue: decode, encode, record, a batch at a time.

While the encoder works on one batch the decoders fill the next; one more is never begun before the one under
way is recorded, so a kill loses at most one encoded batch.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import DecodePool
from photosearch.errors import EncoderFailed
from photosearch.records import CodeSpec, Decoded, Photo
from photosearch.scan import ends_hash, is_unchanged
from photosearch.store import Catalogue, EncodedPhoto, Thumbnails, UnreadablePhoto

BATCH = 64
"""Photos in a transaction."""

PAGE = 32
"""Photos asked of the catalogue at a time: few, so that what is put at the front comes soon."""

BATCH_SECONDS = 1.0
"""A batch is not waited for longer than this: the first photos of a slow drive are to be found at once."""

SETTLE_SECONDS = 2.0
"""A file that cannot be read and changed less than this ago may still be being written."""


class Encoder(Protocol):
    """What turns pixels into vectors and codes: the encoder's process, or a fake in tests."""

    def start(self) -> None: ...
    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]: ...
    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A batch that is in the catalogue now.

    Attributes:
        ids, rows: The photos that became searchable and their codes, shapes (n,) and (n, M).
        finished: Photos of the batch, unreadable ones among them.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.uint8]
    finished: int


@dataclass(slots=True)
class _Batch:
    decoded: list[tuple[Photo, Decoded]] = field(default_factory=list)
    unreadable: list[tuple[Photo, str]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def __len__(self) -> int:
        return len(self.decoded) + len(self.unreadable)

    @property
    def full(self) -> bool:
        return len(self) >= BATCH or (len(self) > 0 and time.monotonic() - self.begun > BATCH_SECONDS)


class Indexer:
    """Encodes what waits, for one run of keeping up."""

    def __init__(
        self,
        catalogue: Catalogue,
        thumbnails: Thumbnails,
        spec: CodeSpec,
        decoders: DecodePool,
        encoder: Encoder,
    ) -> None:
        self._catalogue, self._thumbnails, self._spec = catalogue, thumbnails, spec
        self._decoders, self._encoder = decoders, encoder

    def encode(self, waiting: deque[int]) -> Iterator[Recorded]:
        """Encode photos in the order they wait in; more may be put at the front meanwhile.

        A file that cannot be read but changed a moment ago may be half copied: it gets a second chance when
        it has been still for a while.
        """
        young: list[Photo] = []
        tried: set[int] = set()
        if waiting:
            self._encoder.start()
        encoding = ThreadPoolExecutor(1, "encode")
        try:
            while waiting:
                yield from self._pass(waiting, young, tried, encoding)
                if young:
                    time.sleep(max(0.0, *(_settles_in(photo) for photo in young)))
                    tried.update(photo.id for photo in young)
                    waiting.extend(photo.id for photo in young)
                    young.clear()
        finally:
            # Who stops does not wait for a batch that nobody will record.
            encoding.shutdown(wait=False, cancel_futures=True)

    def _pass(
        self, waiting: deque[int], young: list[Photo], tried: set[int], encoding: ThreadPoolExecutor
    ) -> Iterator[Recorded]:
        batch = _Batch()
        under_way: tuple[_Batch, Future[NDArray[np.uint8]]] | None = None
        for photo, outcome in self._decoders.decode_many(self._files(waiting)):
            if isinstance(outcome, Decoded):
                batch.decoded.append((photo, outcome))
            elif photo.id not in tried and 0 < _settles_in(photo) <= SETTLE_SECONDS:
                young.append(photo)
            else:
                batch.unreadable.append((photo, str(outcome)))
            if batch.full:
                if under_way:
                    yield self._record(*under_way)
                under_way = batch, encoding.submit(self._codes, batch)
                batch = _Batch()
        if under_way:
            yield self._record(*under_way)
        if len(batch):
            yield self._record(batch, encoding.submit(self._codes, batch))

    def _files(self, waiting: deque[int]) -> Iterator[tuple[Photo, Path]]:
        while waiting:
            page = [waiting.popleft() for _ in range(min(PAGE, len(waiting)))]
            yield from ((photo, photo.path) for photo in self._catalogue.photos(page))

    def _codes(self, batch: _Batch) -> NDArray[np.uint8]:
        if not batch.decoded:
            return np.zeros((0, self._spec.bytes), np.uint8)
        pixels = np.stack([decoded.pixels for _, decoded in batch.decoded])
        try:
            return self._encoder.encode(pixels)[1]
        except EncoderFailed:
            # Its process may have been ended by somebody short of memory; asked again, it starts again.
            return self._encoder.encode(pixels)[1]

    def _record(self, batch: _Batch, codes: Future[NDArray[np.uint8]]) -> Recorded:
        """Commit a batch; what changed on disk since it was listed stays waiting for the next look."""
        encoded = []
        rows: dict[int, NDArray[np.uint8]] = {}
        for (photo, decoded), row in zip(batch.decoded, codes.result(), strict=True):
            ends = ends_hash(photo.path, photo.size)
            if ends is not None and is_unchanged(photo.path, photo.size, photo.modified_ns):
                encoded.append(
                    EncodedPhoto(
                        photo.id, photo.size, photo.modified_ns, ends, decoded.details, row.tobytes()
                    )
                )
                rows[photo.id] = row
        unreadable = [
            UnreadablePhoto(photo.id, photo.size, photo.modified_ns, reason)
            for photo, reason in batch.unreadable
            if is_unchanged(photo.path, photo.size, photo.modified_ns)
        ]
        ids = self._catalogue.record(self._spec, encoded, unreadable)
        self._thumbnails.put_many(
            [(photo.id, photo.modified_ns, decoded.thumbnail) for photo, decoded in batch.decoded]
        )
        codes_kept = np.array([rows[photo_id] for photo_id in ids], np.uint8).reshape(-1, self._spec.bytes)
        return Recorded(np.array(ids, np.int64), codes_kept, len(batch))


def _settles_in(photo: Photo) -> float:
    """Seconds until a file will have been still for long enough; negative if it has been.

    More than SETTLE_SECONDS for a file from the future: a camera's clock can be wrong by years.
    """
    return photo.modified_ns / 1e9 + SETTLE_SECONDS - time.time()
