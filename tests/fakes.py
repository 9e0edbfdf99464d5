"""The one fake of these tests besides the clock: an encoder whose vector is a photo's coarse colours.

Its codebooks quantise one dimension each, so codes, tables and scores are real and exact up to a 255th.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from photosearch.encode.looks import looked
from photosearch.encode.model_file import Model, Preprocessing
from photosearch.records import CodeSpec

SIDE = 4
DIMENSION = SIDE * SIDE * 3
LEVELS = np.linspace(-1, 1, 256, dtype=np.float32)


def coarse_colour_model(identity: str = "c0a25ec01002c01c") -> Model:
    """The model that `CoarseColourEncoder` stands for."""
    codebooks = np.zeros((DIMENSION, 256, DIMENSION), np.float32)
    for dimension in range(DIMENSION):
        codebooks[dimension, :, dimension] = LEVELS
    return Model(
        spec=CodeSpec(identity, "dsq", "additive", DIMENSION, DIMENSION),
        codebooks=codebooks,
        preprocessing=Preprocessing(32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
        network={},
        weights={},
        norm_penalty=0.0,
        second_moment=None,
        coarse=0,
        same_shot=0.94,
        crowding=None,
        provenance={},
        measured={},
    )


class CoarseColourEncoder:
    """Counts what it encodes, so that tests can say what was not encoded again."""

    colours = 0

    def __init__(self) -> None:
        self.encoded = 0
        self.started = False
        self.hold = threading.Event()
        self.hold.set()

    def start(self) -> None:
        self.started = True

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        count, size = len(pixels), pixels.shape[1] // SIDE
        cells = pixels.reshape(count, SIDE, size, SIDE, size, 3).mean((2, 4)).reshape(count, DIMENSION)
        centred = (cells - 127.3).astype(np.float32)
        return centred / np.linalg.norm(centred, axis=1, keepdims=True)

    def looked(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.concatenate(looked(self, pixels[None]))

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        self.hold.wait()
        vectors = self.vectors(pixels)
        self.encoded += len(pixels)
        return vectors, np.rint((vectors + 1) * 127.5).astype(np.uint8)

    def close(self) -> None:
        self.hold.set()
