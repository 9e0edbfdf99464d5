"""Binary codes: the signs of a vector's D components, 8 to a byte, the first in the lowest bit.

`model_file.sign_codebooks` says what they stand for.
"""

from __future__ import annotations

import torch
from torch import Tensor


def encode(vectors: Tensor) -> Tensor:
    """Signs, zero taken for positive: uint8, shape (n, D / 8), of vectors of shape (n, D)."""
    bits = (vectors >= 0).view(len(vectors), -1, 8)
    weights = torch.tensor([1 << bit for bit in range(8)], device=vectors.device)
    return (bits * weights).sum(2).to(torch.uint8)
