"""Pictures to search by → vectors, on the machine where they are asked for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import DecodePool
from photosearch.encode.model_file import read_model
from photosearch.encode.process import EncoderProcess
from photosearch.library.answering import EXAMPLES, known_by, weighted
from photosearch.records import WHOLE, Example
from photosearch.scan import ends_hash


class Examples:
    """Decodes and encodes examples by processes that stay awake, so that a cluster never sees their files.

    Args:
        model_path: The model whose codes they are compared with.
        device: As `encode.devices.make_encoder` takes it.

    Attributes:
        identity: Of the model.
        decoders: They decode other photos too.

    Raises:
        ModelUnusable: The file holds none.
    """

    def __init__(self, model_path: Path, device: str) -> None:
        model = read_model(model_path)
        self.identity = model.spec.identity
        self.decoders = DecodePool(1, model.preprocessing.size)
        self._encoder = EncoderProcess(model_path, device, self.identity)
        self._vectors: dict[Hashable, NDArray[np.float32]] = {}

    def warm(self) -> None:
        """A search may come soon: wake the encoder, without waiting for it."""
        self._encoder.start()

    def vectors(self, examples: Sequence[Example]) -> NDArray[np.float32]:
        """What examples add up to for each of `encode.looks`, shape (2, D).

        Raises:
            PhotoUnreadable: An example is no picture.
            PhotoSearchError: They cancel each other out.
            EncoderFailed: The encoder's process could not be started.
        """
        # While it awakes, the examples are decoded.
        self.warm()
        return weighted(examples, self._example)

    def close(self) -> None:
        """End the processes."""
        self._encoder.close()
        self.decoders.close()

    def _example(self, example: Example) -> NDArray[np.float32]:
        """Unit vectors; of what was asked a moment ago they are still here: only weights may change."""
        key = known_by(example)
        if key in self._vectors:
            return self._vectors[key]
        pixels = self.decoders.decode_one(example.source, example.box).pixels
        vectors = self._vectors[key] = self._encoder.looked(pixels)
        while len(self._vectors) > EXAMPLES:
            self._vectors.pop(next(iter(self._vectors)), None)
        return vectors


def content_of(examples: Sequence[Example]) -> tuple[bytes, int] | None:
    """What a copy of the only example's file has in common with it: the hash of its ends, and its size."""
    example = examples[0]
    if len(examples) > 1 or example.box != WHOLE or not isinstance(example.source, Path):
        return None
    size = example.source.stat().st_size
    ends = ends_hash(example.source, size)
    return None if ends is None else (ends, size)
