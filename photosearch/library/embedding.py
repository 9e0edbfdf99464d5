"""Vectors and codes of photos for other programs, without a library."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import DecodePool, is_photo
from photosearch.encode.model_file import chosen_model_path, read_model
from photosearch.encode.process import EncoderProcess
from photosearch.errors import FolderUnavailable, PhotoUnreadable
from photosearch.files import absolute
from photosearch.library.pace import Pace
from photosearch.records import Failure, Progress
from photosearch.scan import walk
from photosearch.settings import Settings

BATCH = 64


@dataclass(frozen=True, slots=True)
class Embedded:
    """n photos as the model sees them, in the order they were named.

    Attributes:
        vectors: Unit vectors, float32, shape (n, D).
        codes: uint8, shape (n, M).
        codebooks: float32, shape (M, 256, D): a code stands for the sum of its codewords.
    """

    paths: tuple[Path, ...]
    vectors: NDArray[np.float32]
    codes: NDArray[np.uint8]
    codebooks: NDArray[np.float32]
    failures: tuple[Failure, ...]


def embed(settings: Settings, places: Iterable[Path]) -> Generator[Progress, None, Embedded]:
    """Encode the photos named, and those in and below the folders named.

    Raises:
        FolderUnavailable: One that is named does not exist or may not be read.
        ModelUnusable: The chosen model file is none.
    """
    model_path = chosen_model_path(settings)
    model = read_model(model_path)
    failures: list[Failure] = []
    paths = list(_files(places, failures))
    found: dict[int, tuple[NDArray[np.float32], NDArray[np.uint8]]] = {}
    yield Progress("encoding", 0, len(paths))
    with (
        EncoderProcess(model_path, settings.device, model.spec.identity) as encoder,
        DecodePool(settings.decoders, model.preprocessing.size) as decoders,
    ):
        encoder.start()
        pace = Pace()
        keys: list[int] = []
        pixels: list[NDArray[np.uint8]] = []
        for done, (key, decoded) in enumerate(decoders.decode_many(enumerate(paths)), 1):
            if isinstance(decoded, PhotoUnreadable):
                failures.append(Failure(paths[key], str(decoded)))
            else:
                keys.append(key)
                pixels.append(decoded.pixels)
            if keys and (len(keys) == BATCH or done == len(paths)):
                found |= zip(keys, zip(*encoder.encode(np.stack(pixels)), strict=True), strict=True)
                keys, pixels = [], []
                rate = pace.mark(done)
                yield Progress("encoding", done, len(paths), rate, pace.left(len(paths) - done))
    order = sorted(found)
    return Embedded(
        tuple(paths[key] for key in order),
        np.array([found[key][0] for key in order], np.float32).reshape(-1, model.spec.dimension),
        np.array([found[key][1] for key in order], np.uint8).reshape(-1, model.spec.bytes),
        model.codebooks,
        tuple(failures),
    )


def _files(places: Iterable[Path], failures: list[Failure]) -> Iterator[Path]:
    for place in places:
        place = absolute(place)
        if not os.path.isdir(place):
            if not os.path.exists(place):
                raise FolderUnavailable(f"{place} does not exist.")
            yield place
            continue
        for listing in walk(place, is_photo):
            failures += [Failure(place / path, reason) for path, reason in listing.problems]
            yield from (place / listing.folder / file.name for file in listing.files)
