"""Pixels → unit vectors → codes by torch, on whatever device there is: for GPUs, training and measuring.

Imports torch, so the window must not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.encode import additive, binary
from photosearch.encode.architecture import Architecture
from photosearch.encode.model_file import Model, Preprocessing
from photosearch.encode.network import build, joined
from photosearch.errors import EncoderFailed

BATCH = 64
"""Photos that go through the network at a time: more is no faster on a CPU."""


class Encoder:
    """A model that is ready to encode.

    Args:
        device: `auto` (CUDA, else MPS, else the CPU), `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        EncoderFailed: The device asked for is not there.
    """

    def __init__(self, model: Model, device: str = "auto") -> None:
        self._device = choose_device(device)
        self._threads = torch.get_num_threads()
        network = folded_network(model)
        # Not bfloat16 on a CPU: a photo's code would depend on the processor it was made on.
        self._precision = torch.float16 if self._device.type == "cuda" else torch.float32
        network.eval().to(self._device, self._precision)
        self._network = network.to(memory_format=torch.channels_last)
        self._architecture, self._preprocessing = Architecture.read(model.network), model.preprocessing
        self._codec = codec(model, self._device)

    @property
    def device(self) -> str:
        """Where it runs, in words."""
        if self._device.type == "cuda":
            return f"{torch.cuda.get_device_name(self._device)} ({self._device})"
        if self._device.type == "mps":
            return "Apple GPU (mps)"
        return f"CPU, {torch.get_num_threads()} threads"

    def hold_back(self, gently: bool) -> None:
        """From now on leave half of the processor's cores alone, or none."""
        torch.set_num_threads(max(1, self._threads // 2) if gently else self._threads)

    @property
    def colours(self) -> int:
        """How many of a vector's D dimensions, the last, tell the photo's colours."""
        return self._architecture.colours

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors, float32, shape (n, D), of photos: uint8 RGB, shape (n, size, size, 3) of any size."""
        return cast(NDArray[np.float32], self._vectors(pixels).cpu().numpy())

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Vectors as `vectors` gives them, and codes: uint8, shape (n, M), of photos of the model's size."""
        size = self._preprocessing.size
        if pixels.shape[1] != size:
            raise ValueError(f"photos of side {size} expected, not {pixels.shape[1]}")
        with torch.inference_mode():
            vectors = self._vectors(pixels)
            return vectors.cpu().numpy(), self._codec(vectors).cpu().numpy()

    def streams(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The unit vectors of each stream by itself, float32, shape (n, streams, D)."""
        points = self._points(pixels)
        return cast(NDArray[np.float32], points.view(len(points), -1, points.shape[-1]).cpu().numpy())

    @torch.inference_mode()
    def _vectors(self, pixels: NDArray[np.uint8]) -> Tensor:
        return joined(self._points(pixels))

    @torch.inference_mode()
    def _points(self, pixels: NDArray[np.uint8]) -> Tensor:
        size = pixels.shape[1]
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (size, size, 3):
            raise ValueError(f"photos of shape (n, size, size, 3) expected, not {pixels.shape}")
        batches = torch.from_numpy(np.array(pixels)).split(BATCH)
        return torch.cat([self._network(self._normalised(batch)).float() for batch in batches])

    def _normalised(self, photos: Tensor) -> Tensor:
        photos = photos.to(self._device).permute(0, 3, 1, 2).float() / 255
        photos = normalise(photos, self._preprocessing)
        return photos.to(self._precision, memory_format=torch.channels_last)


def codec(model: Model, device: torch.device) -> Callable[[Tensor], Tensor]:
    """What makes a model's codes, uint8, shape (n, M), of its vectors, float32, shape (n, D)."""
    if model.spec.kind == "binary":
        return binary.encode
    codebooks = torch.from_numpy(model.codebooks).to(device)
    return lambda vectors: additive.encode(
        stood_for(model, vectors), codebooks, norm_penalty=model.norm_penalty, coarse=model.coarse
    )


def stood_for(model: Model, vectors: Tensor) -> Tensor:
    """What a model's codes are to stand for, of its vectors, shape (n, D): these, evened if its codes are."""
    if model.second_moment is None:
        return vectors
    return additive.evened(vectors, torch.from_numpy(model.second_moment).to(vectors.device))


def folded_network(model: Model) -> nn.Module:
    """The network of a model, float32."""
    network = build(Architecture.read(model.network), folded=True)
    network.load_state_dict({name: torch.from_numpy(part) for name, part in model.weights.items()})
    return network


def normalise(photos: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Subtract each channel's mean and divide by its deviation: float32 in 0..1, shape (n, 3, size, size)."""
    mean = torch.tensor(preprocessing.mean, device=photos.device)[:, None, None]
    std = torch.tensor(preprocessing.std, device=photos.device)[:, None, None]
    return (photos - mean) / std


def choose_device(name: str) -> torch.device:
    """The device of a name; `auto` is CUDA where there is one, else MPS, else the CPU.

    Raises:
        EncoderFailed: There is no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        there = {
            "cpu": device.index in (None, 0),
            "cuda": (device.index or 0) < torch.cuda.device_count(),
            "mps": torch.backends.mps.is_available(),
        }.get(device.type, False)
    except RuntimeError:
        there = False
    if not there:
        raise EncoderFailed(f"There is no device “{name}” here that could encode photos; “auto” finds one.")
    return device
