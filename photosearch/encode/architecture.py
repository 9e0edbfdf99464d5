"""What a network is made of, for those who need no torch to know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """A compact residual network.

    Attributes:
        widths: Channels of each stage; every stage but the first halves the resolution.
        depths: Residual blocks of each stage.
        dimension: D, the length of the vector that comes out.
    """

    widths: tuple[int, ...] = (64, 128, 256, 352)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    dimension: int = 128

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor of the folded `network.Network`, as a model file holds them."""
        shapes: dict[str, tuple[int, ...]] = {}

        def convolution(name: str, before: int, width: int, size: int = 3) -> None:
            shapes[f"{name}.0.weight"] = (width, before, size, size)
            shapes[f"{name}.0.bias"] = (width,)

        before = self.widths[0]
        convolution("stem.0", 3, before // 2)
        convolution("stem.2", before // 2, before)
        number = 0
        for width, depth in zip(self.widths, self.depths, strict=True):
            for _ in range(depth):
                convolution(f"blocks.{number}.first", before, width)
                convolution(f"blocks.{number}.second", width, width)
                if before != width:
                    convolution(f"blocks.{number}.widen", before, width, size=1)
                before = width
                number += 1
        shapes["head.weight"] = (self.dimension, before)
        shapes["head.bias"] = (self.dimension,)
        return shapes
