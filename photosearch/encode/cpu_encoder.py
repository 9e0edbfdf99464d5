"""Pixels → unit vectors → codes by ONNX Runtime, on a CPU: what most people's photos are encoded by."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import cast

import numpy as np
import onnxruntime
import psutil
from numpy.typing import NDArray

from photosearch.encode.architecture import Architecture
from photosearch.encode.coding import Codec
from photosearch.encode.graph import cell_means, graph
from photosearch.encode.model_file import Model

BATCH = 64
"""Photos that go through the network at a time: more is no faster.

Each thread has photos of its own. Threads that share the work on a photo wait for each other after every
layer: where another program has one of the cores, most of the time.
"""


class CpuEncoder:
    """A model that is ready to encode, with vectors and codes as `encoder.Encoder` makes them on a CPU.

    Args:
        threads: How many work, unless they are to be as many as there are cores.
    """

    def __init__(self, model: Model, threads: int | None = None) -> None:
        # What it would tell Windows of its use. From version 1.29 on it tells its maker, by a network, on all
        # systems, so pyproject.toml excludes those.
        onnxruntime.disable_telemetry_events()
        architecture = Architecture.read(model.network)
        self._graph = graph(architecture, model.preprocessing, model.weights)
        self._architecture, self._size = architecture, model.preprocessing.size
        self._codec = Codec(model)
        self._threads, self._gently = threads, False

    def hold_back(self, gently: bool) -> None:
        """From now on leave half of the processor's cores alone, or none."""
        self._gently = gently

    @property
    def device(self) -> str:
        """Where it runs, in words."""
        return f"CPU, {_threads(self._gently)} threads"

    @property
    def colours(self) -> int:
        """How many of a vector's D dimensions, the last, tell the photo's colours."""
        return self._architecture.colours

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors, float32, shape (n, D), of photos: uint8 RGB, shape (n, size, size, 3) of any size."""
        points = self.streams(pixels)
        if points.shape[1] == 1:
            return points[:, 0]
        joined = points.sum(1)
        return joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-12)

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Vectors as `vectors` gives them, and codes: uint8, shape (n, M), of photos of the model's size."""
        if pixels.shape[1] != self._size:
            raise ValueError(f"photos of side {self._size} expected, not {pixels.shape[1]}")
        vectors = self.vectors(pixels)
        return vectors, self._codec.codes(vectors)

    def streams(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The unit vectors of each stream by itself, float32, shape (n, streams, D)."""
        size = pixels.shape[1]
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (size, size, 3):
            raise ValueError(f"photos of shape (n, size, size, 3) expected, not {pixels.shape}")
        if not len(pixels):
            return np.zeros((0, self._architecture.streams, self._architecture.dimension), np.float32)
        means = {"means": cell_means(size)} if self._architecture.colours else {}
        threads = self._threads or _threads(self._gently)
        # A few that somebody waits for: waiting for each other is what makes these quick.
        few = len(pixels) < threads and not self._gently
        session = self._all_at_one if few else self._one_each
        step = max(1, min(BATCH, len(pixels) if few else -(-len(pixels) // threads)))
        batches = [pixels[start : start + step] for start in range(0, len(pixels), step)]

        def run(batch: NDArray[np.uint8]) -> NDArray[np.float32]:
            return cast(NDArray[np.float32], session.run(None, {"photos": batch, **means})[0])

        if few or threads == 1 or len(batches) == 1:
            return np.concatenate([run(batch) for batch in batches])
        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(run, batches)))

    # How many threads a session has is settled when it is made.
    @cached_property
    def _all_at_one(self) -> onnxruntime.InferenceSession:
        return self._session(_threads(gently=False))

    @cached_property
    def _one_each(self) -> onnxruntime.InferenceSession:
        return self._session(1)

    def _session(self, threads: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait for each other would spin, and so take the cores from those that work.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(self._graph, options, providers=["CPUExecutionProvider"])


def _threads(gently: bool) -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # Two threads of one core share what multiplies.
    cores = min(allowed, psutil.cpu_count(logical=False) or allowed)
    return max(1, cores // 2) if gently else cores
