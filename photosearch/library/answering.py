"""What answers searches: a model, what encodes by it, and its codes in memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.decode import DecodePool
from photosearch.duplicates import looks_of
from photosearch.encode.model_file import Model
from photosearch.errors import PhotoSearchError, PhotoUnreadable
from photosearch.library.indexing import Encoder
from photosearch.library.snapshot import NOBODY, Background, Snapshot
from photosearch.records import WHOLE, Example
from photosearch.store import (
    Catalogue,
    CodeFile,
    Written,
    append_to_code_file,
    erase_code_file,
    open_code_file,
    write_code_file,
)

logger = logging.getLogger(__name__)

SAVE_SECONDS = 30.0
"""While an update runs the code file is written this often; until then only the catalogue has new codes."""


EXAMPLES = 256
"""Examples that are kept as they were seen; a person weighs a few against each other again and again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What the code file holds.

    Attributes:
        snapshot: All this, if anything.
        at: When it was read, or was or should have been written, in seconds that only count up.
        written: What `append_to_code_file` wants to know.
    """

    snapshot: Snapshot | None = None
    at: float = 0.0
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an example.

    Attributes:
        vectors: Unit vectors for each of `encode.looks`, shape (2, D).
        thumbnail: A JPEG of the part that is searched by; None of a photo whose file is not there.
        look: Of the same (`duplicates.looks_of`).
    """

    vectors: NDArray[np.float32]
    thumbnail: bytes | None = None
    look: NDArray[np.uint8] | None = None


class Answering:
    """One model's codes of the library, and how an example becomes vectors to compare them with.

    Args:
        code_file: Where the codes are kept as they are searched; None: they are read from the catalogue.
        updating: Whether somebody tells of all that changes by `publish` and `refresh`; else we look.
    """

    def __init__(
        self,
        model: Model,
        encoder: Encoder,
        decoders: DecodePool,
        catalogue: Catalogue,
        code_file: Path | None,
        updating: Callable[[], bool],
    ) -> None:
        self.model, self.encoder, self.decoders = model, encoder, decoders
        self._catalogue, self.code_file, self._updating = catalogue, code_file, updating
        self.codebooks = engine.Codebooks.of(model.codebooks)
        # Held while the snapshot is replaced; who only reads it needs no lock.
        self._replacing = threading.Lock()
        self._snapshot: Snapshot | None = None
        # Held while the code file is written or deleted.
        self._saving = threading.Lock()
        # Held while it is decided whether codes are to be arranged: several threads ask for them.
        self._deciding = threading.Lock()
        self._checking: threading.Thread | None = None
        self._arranging: threading.Thread | None = None
        self._closing = False
        self._background: Background | None = None
        self._saved = Saved()
        self._seen: dict[Hashable, Seen] = {}

    def current(self) -> Snapshot:
        """The snapshot to search in."""
        if self._snapshot is None or not self._updating():
            with self._replacing:
                self._snapshot = self._fresh(self._snapshot or self._stored())
        self._arrange()
        return self._snapshot

    @property
    def is_at_work(self) -> bool:
        """Whether codes are being checked or arranged, each of which keeps a core busy for seconds."""
        return any(one is not None and one.is_alive() for one in (self._checking, self._arranging))

    def publish(self, ids: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """Codes were added; searches from now on see them."""
        self.current()
        generation = self._catalogue.codes.generation()
        with self._replacing:
            before = self._snapshot
            if before is not None and generation == before.generation + 1:
                self._snapshot = before.with_photos(ids, rows, generation)
            else:
                # Somebody else changed something too.
                self._snapshot = self._fresh(before)
        if time.monotonic() - self._saved.at > SAVE_SECONDS:
            self.save()

    def refresh(self) -> None:
        """Codes may have come or gone in another way than by `publish`."""
        if self._snapshot is not None and self._snapshot.generation != self._catalogue.codes.generation():
            with self._replacing:
                self._snapshot = self._fresh(self._snapshot)

    def save(self) -> None:
        """Write the code file if it is behind; without it the next start reads the catalogue."""
        if self._checking is not None:
            # What is not sound must not be written as if it were.
            self._checking.join()
        with self._saving:
            snapshot, saved = self._snapshot, self._saved
            if self.code_file is None or snapshot is None:
                return
            before = saved.snapshot
            if before is None or snapshot.generation != before.generation:
                written = self._append(snapshot) or self._write(snapshot)
                now = time.monotonic()
                # What could not be written is still to be written, but not tried again at every batch.
                self._saved = Saved(snapshot, now, written) if written else replace(saved, at=now)

    def erase(self) -> None:
        """Write the code file anew without the codes of what was forgotten, which it still holds."""
        if self._checking is not None:
            self._checking.join()
        with self._saving:
            if self.code_file is not None:
                # Whoever writes it is waited for; searches go on meanwhile.
                erase_code_file(self.code_file)
            with self._replacing:
                if self._snapshot is not None:
                    self._snapshot, self._saved = self._fresh(self._snapshot), Saved()
        self.save()

    def vectors(self, examples: Sequence[Example]) -> NDArray[np.float32]:
        """What the examples add up to for each of `encode.looks`, shape (2, D).

        Raises:
            PhotoUnreadable: An example is no picture.
            PhotoSearchError: They cancel each other out.
            EncoderFailed: The encoder's process could not be started.
        """
        return weighted(examples, lambda example: self.seen(example).vectors)

    def seen(self, example: Example) -> Seen:
        """An example; of what was asked a moment ago all is still here: only weights may change.

        Raises:
            PhotoUnreadable: It is no picture.
            EncoderFailed: The encoder's process could not be started.
        """
        key = known_by(example)
        if key in self._seen:
            return self._seen[key]
        seen = self._seen[key] = self._see(example)
        # By this it is known once its file is gone: it can still be weighed and narrowed.
        self._seen[example.source, example.box] = seen
        while len(self._seen) > EXAMPLES:
            self._seen.pop(next(iter(self._seen)), None)
        return seen

    def background(self, snapshot: Snapshot) -> Background:
        """How alike random pairs of this library are."""
        # Only a search asks, so that no batch of an indexing has to wait for it.
        background = self._background
        if background is None or not background.fits(snapshot.photos):
            at = np.flatnonzero(snapshot.ids)
            background = self._background = Background.of(snapshot.codes, self.model.codebooks, at)
        return background

    def close(self) -> None:
        """End the processes; what was committed is on disk already."""
        with self._deciding:
            self._closing = True
        if self._arranging is not None:
            self._arranging.join()
        self.save()
        self.encoder.close()
        self.decoders.close()

    def _append(self, snapshot: Snapshot) -> Written | None:
        """Write into the code file what changed, if all else stayed where it was."""
        before, written = self._saved.snapshot, self._saved.written
        if self.code_file is None or before is None or written is None or before.room is not snapshot.room:
            return None
        count, total = len(before.ids), len(snapshot.ids)
        removed = np.flatnonzero(before.ids != snapshot.ids[:count])
        rows = snapshot.codes.rows(np.arange(count, total))
        # What came and was forgotten since the file was written last.
        rows[snapshot.ids[count:] == NOBODY] = 0
        return append_to_code_file(
            self.code_file, written, snapshot.generation, removed, snapshot.ids[count:], rows
        )

    def _write(self, snapshot: Snapshot) -> Written | None:
        """Write the code file anew, unless what is searchable has changed since the snapshot was made."""
        if self.code_file is None:
            return None
        capacity = 0 if snapshot.room is None else len(snapshot.room.ids)
        try:
            return write_code_file(
                self.code_file,
                self.model.spec,
                snapshot.generation,
                snapshot.ids,
                snapshot.codes_to_keep(),
                snapshot.bounds,
                capacity,
                self._catalogue.codes.generation,
            )
        except PhotoSearchError as error:
            logger.info("the code file %s is not written: %s", self.code_file, error)
            return None

    def _see(self, example: Example) -> Seen:
        try:
            decoded = self.decoders.decode_one(example.source, example.box)
        except PhotoUnreadable:
            # A photo whose drive is unplugged is still known by its code.
            known = self._catalogue.photos.find(example.source) if isinstance(example.source, Path) else None
            if known is None or not known.offline or example.box != WHOLE:
                raise
            rows = self._catalogue.codes.of(self.model.spec.identity, [known.id])
            if not len(rows):
                raise
            return Seen(np.repeat(engine.reconstruct(rows, self.model.codebooks), 2, axis=0))
        vectors = self.encoder.looked(decoded.pixels)
        return Seen(vectors, decoded.thumbnail, looks_of(decoded.pixels[None])[0])

    def _load(self) -> Snapshot:
        # Asked for first: codes that change in between are then taken for older than they are, not newer.
        generation = self._catalogue.codes.generation()
        ids, rows = self._catalogue.codes.all(self.model.spec.identity)
        return Snapshot.of(ids, rows.reshape(len(ids), self.model.spec.bytes), generation)

    def _stored(self) -> Snapshot | None:
        """What the code file holds, if it holds codes of this model."""
        spec = self.model.spec
        file = None if self.code_file is None else open_code_file(self.code_file)
        if file is None or (file.identity, file.codes.blocks.shape[1]) != (spec.identity, spec.bytes):
            return None
        snapshot = Snapshot(file.ids, file.codes, file.generation, file.bounds, file.room)
        self._saved = Saved(snapshot, time.monotonic(), file.written)
        self._checking = threading.Thread(target=self._check, args=(file,), name="check codes", daemon=True)
        self._checking.start()
        return snapshot

    def _check(self, file: CodeFile) -> None:
        """Read the whole of a code file in use; if it is not sound, the catalogue's codes take its place."""
        if file.is_sound():
            return
        logger.warning("the code file %s is damaged: its codes are read from the catalogue", self.code_file)
        with self._replacing:
            self._snapshot, self._saved = self._load(), Saved()

    def _arrange(self) -> None:
        """Arrange the codes in the background, if that is due and this process is one that stays."""
        with self._deciding:
            snapshot, idle = self._snapshot, not self.is_at_work
            if snapshot is None or snapshot.is_arranged or not (idle and self._updating()) or self._closing:
                return
            self._arranging = threading.Thread(
                target=self._rearrange, args=(snapshot,), name="arrange codes", daemon=True
            )
            self._arranging.start()

    def _rearrange(self, snapshot: Snapshot) -> None:
        with suppress(engine.Stopped):
            arranged = snapshot.arranged(self.model.codebooks, lambda: not self._closing)
            with self._replacing:
                # What changed meanwhile is read again.
                self._snapshot, self._saved = self._fresh(arranged), Saved()

    def _fresh(self, snapshot: Snapshot | None) -> Snapshot:
        """A snapshot with what changed since; read anew if there was none, or too much changed."""
        spec = self.model.spec
        if snapshot is None:
            return self._load()
        changes = self._catalogue.codes.changes(spec.identity, snapshot.generation)
        if changes is None:
            return self._load()
        if changes.generation == snapshot.generation:
            return snapshot
        snapshot = snapshot.without(changes.old, changes.generation)
        rows = changes.rows.reshape(len(changes.ids), spec.bytes)
        return snapshot.with_photos(changes.ids, rows, changes.generation)


def weighted(
    examples: Sequence[Example], vectors_of: Callable[[Example], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """What examples add up to for each of `encode.looks`, shape (2, D): a unit vector, then one at most.

    Args:
        vectors_of: An example's own.

    Raises:
        PhotoUnreadable: One is no picture.
        PhotoSearchError: They cancel each other out.
    """
    weighed = []
    for example in examples:
        try:
            weighed.append(np.float32(example.weight) * vectors_of(example))
        except PhotoUnreadable as error:
            error.path = example.source if isinstance(example.source, Path) else None
            raise
    total: NDArray[np.float32] = np.sum(weighed, axis=0, dtype=np.float32)
    norms = np.linalg.norm(total, axis=1, keepdims=True)
    if norms[0] < 1e-6:
        raise PhotoSearchError("These examples cancel each other out: leave one out.")
    # Where second looks leave less of each other than first ones do, they tell less.
    return total / np.maximum(norms, norms[0])


def known_by(example: Example) -> Hashable:
    """What two examples have in common that are the same part of the same picture."""
    if isinstance(example.source, bytes):
        return example.source, example.box
    try:
        file = example.source.stat()
    except OSError:
        return example.source, example.box
    return example.source, file.st_mtime_ns, file.st_size, example.box
