"""Photos that wait → codes in the catalogue: tell copies, decode, encode, record, a batch at a time.

While the encoder works on one batch the decoders fill the next; one more is never begun before the one under
way is recorded, so a kill loses at most one encoded batch. A copy takes over what is known of the photo that
it is a copy of, and is neither decoded nor encoded.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import DecodePool
from photosearch.duplicates import looks_of
from photosearch.errors import DriveFailed, DriveSilent, EncoderFailed
from photosearch.library.copies import Copies
from photosearch.library.keeping import keep_thumbnails
from photosearch.records import CodeSpec, Decoded, Photo
from photosearch.scan import ends_hash, is_unchanged
from photosearch.store import Catalogue, EncodedPhoto, Thumbnails, UnreadablePhoto

logger = logging.getLogger(__name__)

BATCH = 64
"""Photos in a transaction."""

PAGE = 32
"""Photos asked of the catalogue at a time: few, so that what is put at the front comes soon."""

SILENT = 4
"""When so many photos of a folder were waited for in vain, one after the other, its drive is left alone."""

COMPARED = 20_000
"""Of so many waiting photos at a time it is asked which are as large as others: that reads the catalogue."""

BATCH_SECONDS = 1.0
"""A batch is not waited for longer than this: the first photos of a slow drive are to be found at once."""

SETTLE_SECONDS = 2.0
"""A file that cannot be read and changed less than this ago may still be being written."""


class Encoder(Protocol):
    """What turns pixels into vectors and codes: the encoder's process, or a fake in tests."""

    def start(self) -> None: ...
    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]: ...
    def looked(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A batch that is in the catalogue now.

    Attributes:
        ids, rows: The photos that became searchable and their codes, shapes (n,) and (n, M).
        copied: Those of `ids` that are copies of other photos, and were not encoded.
        finished: Photos of the batch, among them unreadable ones and those whose drive does not answer.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.uint8]
    copied: frozenset[int]
    finished: int


@dataclass(slots=True)
class _Batch:
    """What is recorded together.

    Attributes:
        copies: Photos, each with the one it is a copy of, and what is known of that as its own.
        unanswered: Photos that were left waiting, as their drive did not answer.
    """

    decoded: list[tuple[Photo, Decoded]] = field(default_factory=list)
    unreadable: list[tuple[Photo, str]] = field(default_factory=list)
    copies: list[tuple[Photo, Photo, EncodedPhoto]] = field(default_factory=list)
    unanswered: int = 0
    begun: float = field(default_factory=time.monotonic)

    def __len__(self) -> int:
        return len(self.decoded) + len(self.unreadable) + len(self.copies) + self.unanswered

    @property
    def full(self) -> bool:
        return len(self) >= BATCH or (len(self) > 0 and time.monotonic() - self.begun > BATCH_SECONDS)


class Indexer:
    """Encodes what waits, for one run of keeping up.

    Attributes:
        unanswered: How many photos the last `encode` left waiting, as their drive did not answer.
    """

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
        self.unanswered = 0

    def encode(self, waiting: deque[int]) -> Iterator[Recorded]:
        """Encode photos in the order they wait in; more may be put at the front meanwhile.

        A file that cannot be read but changed a moment ago may be half copied: it gets a second chance when
        it has been still for a while. One whose drive fails or does not answer stays waiting, as it is not to
        blame; nor is more asked of a drive that does not answer at all.
        """
        self.unanswered = 0
        drives = _Drives(root.path for root in self._catalogue.roots.all())
        copies = Copies(self._catalogue, self._spec.identity)
        young: list[Photo] = []
        tried: set[int] = set()
        encoding = ThreadPoolExecutor(1, "encode")
        try:
            while waiting:
                yield from self._pass(waiting, copies, drives, young, tried, encoding)
                if young:
                    time.sleep(max(0.0, *(_settles_in(photo) for photo in young)))
                    tried.update(photo.id for photo in young)
                    waiting.extend(photo.id for photo in young)
                    young.clear()
        finally:
            # Who stops does not wait for a batch that nobody will record.
            encoding.shutdown(wait=False, cancel_futures=True)

    def _pass(
        self,
        waiting: deque[int],
        copies: Copies,
        drives: _Drives,
        young: list[Photo],
        tried: set[int],
        encoding: ThreadPoolExecutor,
    ) -> Iterator[Recorded]:
        """Encode what waits, until nothing does or a batch of copies was met with."""
        batch, copied = _Batch(), _Batch()
        under_way: tuple[_Batch, Future[NDArray[np.uint8]]] | None = None
        for photo, outcome in self._decoders.decode_many(self._files(waiting, copies, drives, copied)):
            drives.tell(photo, isinstance(outcome, DriveSilent))
            if isinstance(outcome, Decoded):
                batch.decoded.append((photo, outcome))
            elif isinstance(outcome, DriveFailed):
                batch.unanswered += 1
                logger.warning("%s: %s", photo.path, outcome)
                waiting.extendleft(copies.ended(photo, "changed"))
            elif photo.id not in tried and 0 < _settles_in(photo) <= SETTLE_SECONDS:
                young.append(photo)
                waiting.extendleft(copies.ended(photo, "unreadable"))
            else:
                batch.unreadable.append((photo, str(outcome)))
            if batch.full:
                if under_way:
                    yield self._record(*under_way, waiting, copies)
                under_way = batch, encoding.submit(self._codes, batch)
                batch = _Batch()
        if under_way:
            yield self._record(*under_way, waiting, copies)
        for last in (batch, copied):
            if len(last):
                yield self._record(last, encoding.submit(self._codes, last), waiting, copies)

    def _files(
        self, waiting: deque[int], copies: Copies, drives: _Drives, copied: _Batch
    ) -> Iterator[tuple[Photo, Path]]:
        """The photos that are to be read; copies go where they are collected."""
        started = False
        while waiting and len(copied) < BATCH:
            page = [waiting.popleft() for _ in range(min(PAGE, len(waiting)))]
            if not copies.were_compared(page):
                copies.compare([*page, *islice(waiting, COMPARED)])
            for photo in self._catalogue.photos.by_id(page):
                if drives.silent(photo):
                    copied.unanswered += 1
                    continue
                judged = copies.judge(photo)
                if judged == "read":
                    if not started:
                        self._encoder.start()
                        started = True
                    yield photo, photo.path
                elif judged != "wait":
                    copied.copies.append((photo, *judged))

    def _codes(self, batch: _Batch) -> NDArray[np.uint8]:
        if not batch.decoded:
            return np.zeros((0, self._spec.bytes), np.uint8)
        pixels = np.stack([decoded.pixels for _, decoded in batch.decoded])
        try:
            return self._encoder.encode(pixels)[1]
        except EncoderFailed:
            # Its process may have been ended by somebody short of memory; asked again, it starts again.
            return self._encoder.encode(pixels)[1]

    def _record(
        self, batch: _Batch, codes: Future[NDArray[np.uint8]], waiting: deque[int], copies: Copies
    ) -> Recorded:
        """Commit a batch; what changed on disk since it was listed stays waiting for the next look."""
        encoded = []
        for (photo, decoded), row in zip(batch.decoded, codes.result(), strict=True):
            ends = ends_hash(photo.path, photo.size)
            if ends is not None and is_unchanged(photo.path, photo.size, photo.modified_ns):
                encoded.append(
                    EncodedPhoto(
                        photo.id, photo.size, photo.modified_ns, ends, decoded.details, row.tobytes()
                    )
                )
        encoded += [made for _, _, made in batch.copies]
        unreadable = [
            UnreadablePhoto(photo.id, photo.size, photo.modified_ns, reason)
            for photo, reason in batch.unreadable
            if is_unchanged(photo.path, photo.size, photo.modified_ns)
        ]
        ids = self._catalogue.codes.record(self._spec, encoded, unreadable)
        thumbnails = [(photo.id, photo.modified_ns, decoded.thumbnail) for photo, decoded in batch.decoded]
        for photo, original, _ in batch.copies:
            if thumbnail := self._thumbnails.get(original.id, original.modified_ns):
                thumbnails.append((photo.id, photo.modified_ns, thumbnail))
        keep_thumbnails(self._catalogue, self._thumbnails, thumbnails)
        if batch.decoded:
            # Here they cost nothing; later they would have to be made of thumbnails.
            self._catalogue.comparisons.keep_looks(
                [photo.id for photo, _ in batch.decoded],
                looks_of(np.stack([decoded.pixels for _, decoded in batch.decoded])),
            )
        self.unanswered += batch.unanswered
        kept = set(ids)
        for photo, _ in batch.decoded:
            waiting.extendleft(copies.ended(photo, "encoded" if photo.id in kept else "changed"))
        for photo, _ in batch.unreadable:
            waiting.extendleft(copies.ended(photo, "unreadable"))
        rows = {made.photo_id: made.code for made in encoded}
        codes_kept = np.frombuffer(b"".join(rows[photo_id] for photo_id in ids), np.uint8)
        return Recorded(
            np.array(ids, np.int64),
            codes_kept.reshape(-1, self._spec.bytes),
            frozenset(photo.id for photo, _, _ in batch.copies if photo.id in kept),
            len(batch),
        )


class _Drives:
    """Which watched folders lie on drives that do not answer."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._in_vain = dict.fromkeys(roots, 0)

    def tell(self, photo: Photo, in_vain: bool) -> None:
        """A photo was waited for in vain, or something was heard of it."""
        root = self._root(photo)
        if root is not None:
            self._in_vain[root] = self._in_vain[root] + 1 if in_vain else 0

    def silent(self, photo: Photo) -> bool:
        root = self._root(photo)
        return root is not None and self._in_vain[root] >= SILENT

    def _root(self, photo: Photo) -> Path | None:
        return next((root for root in self._in_vain if photo.path.is_relative_to(root)), None)


def _settles_in(photo: Photo) -> float:
    """Seconds until a file will have been still for long enough; negative if it has been.

    More than SETTLE_SECONDS for a file from the future: a camera's clock can be wrong by years.
    """
    return photo.modified_ns / 1e9 + SETTLE_SECONDS - time.time()
