"""What a training calculates in."""

from __future__ import annotations

import torch


def fast_precision(device: torch.device) -> torch.dtype:
    """bfloat16 where a device multiplies it faster than float32, else float32.

    A processor without instructions for it takes twenty times as long, and no desktop's is sure to have them.
    """
    if device.type == "cpu" and not torch.cpu._is_avx512_bf16_supported():  # noqa: SLF001 - nothing public tells
        return torch.float32
    return torch.bfloat16
