"""Which of the two encoders: torch's for a GPU, else ONNX Runtime's.

On a processor that is as quick as torch, for a single photo three times, and takes a tenth of the disk.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.encode.model_file import Model
from photosearch.errors import EncoderFailed


class AnyEncoder(Protocol):
    """What both can."""

    @property
    def device(self) -> str: ...

    @property
    def colours(self) -> int: ...

    def hold_back(self, gently: bool) -> None: ...

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]: ...


def make_encoder(model: Model, device: str = "auto") -> AnyEncoder:
    """An encoder for a device: `auto` (a GPU if there are one and torch, else the CPU), `cpu`, `cuda`, `mps`.

    Raises:
        EncoderFailed: The device asked for is not there.
    """
    # Importing either takes a while, torch seconds.
    if device != "cpu" and find_spec("torch") and (device != "auto" or _a_gpu_seems_there()):
        from photosearch.encode.encoder import Encoder, choose_device

        if choose_device(device).type != "cpu":
            return Encoder(model, device)
    elif device not in ("auto", "cpu"):
        raise EncoderFailed(
            f"Encoding on “{device}” needs torch, which is not installed here; “auto” does without."
        )
    from photosearch.encode.cpu_encoder import CpuEncoder

    return CpuEncoder(model)


def _a_gpu_seems_there() -> bool:
    """Whether torch is worth asking."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        return True
    except OSError:
        return Path("/dev/kfd").exists()
