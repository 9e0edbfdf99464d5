"""What a network is made of, for those who need no torch to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

CELLS = 8
"""A photo's colours are what the means of so many by so many cells tell."""

SHADES = 78
"""How many numbers tell how much of a photo has which colour."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A compact residual network.

    Attributes:
        widths: Channels of each stage; every stage but the first halves the resolution.
        depths: Residual blocks of each stage.
        dimension: D, the length of the vector that comes out.
        stem: How many times narrower than the photo the first stage is: 1, 2 or 4.
        squashed: The vector passes through a hyperbolic tangent before it is normalised.
        streams: Networks of this structure and of different weights whose vectors are added.
        spherical: The vector is divided by its length. Else by √D alone, so that its mean squared length is
            about 1; a control of Deep Spherical Quantization.
        colours: How many of the D dimensions, the last, tell how much of the photo has which colour; the
            others come from features.
        colours_share: Of the squared length of a vector, what these have.
        pooled: Every stage halves the resolution, by the maximum of each 2 × 2 after its first convolution,
            and the stem is one convolution: for pictures so small that no step over pixels is to be spared.
    """

    widths: tuple[int, ...] = (64, 128, 256, 352)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    dimension: int = 128
    stem: int = 4
    squashed: bool = False
    streams: int = 1
    spherical: bool = True
    pooled: bool = False
    colours: int = 0
    colours_share: float = 0.0

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Architecture:
        """From what JSON makes of the fields; a field that is missing has its default.

        Raises:
            TypeError, ValueError: There are other fields, or values that cannot be.
        """
        known = dict(fields)
        for name in ("widths", "depths"):
            known[name] = tuple(int(width) for width in known[name])
        architecture = cls(**known)
        counts = architecture.dimension, architecture.stem, architecture.streams, architecture.colours
        if any(type(count) is not int for count in counts):
            raise TypeError(f"no architecture: {fields}")
        if architecture.stem not in (1, 2, 4) or architecture.streams < 1 or architecture.dimension < 1:
            raise ValueError(f"no architecture: {fields}")
        if architecture.pooled and (architecture.stem != 2 or set(architecture.depths) != {1}):
            raise ValueError(f"no architecture: {fields}")
        colours, share = architecture.colours, architecture.colours_share
        sane = 0 <= colours <= SHADES and colours < architecture.dimension and 0 <= share < 1
        if not sane or (colours > 0) != (share > 0) or (colours and not architecture.spherical):
            raise ValueError(f"no architecture: {fields}")
        return architecture

    @property
    def kinds(self) -> int:
        """How many of the D dimensions come from features."""
        return self.dimension - self.colours

    def of_kinds(self) -> Architecture:
        """The same network, of these dimensions alone."""
        return replace(self, dimension=self.kinds, colours=0, colours_share=0.0)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor of the folded network, as a model file holds them."""
        if self.streams == 1:
            return self._stream()
        return {
            f"streams.{number}.{name}": shape
            for number in range(self.streams)
            for name, shape in self._stream().items()
        }

    def _stream(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}

        def convolution(name: str, before: int, width: int, size: int = 3) -> None:
            shapes[f"{name}.0.weight"] = (width, before, size, size)
            shapes[f"{name}.0.bias"] = (width,)

        before = self.widths[0]
        convolution("stem.0", 3, before // 2)
        if self.pooled:
            before //= 2
        else:
            convolution("stem.2", before // 2, before)
        number = 0
        for width, depth in zip(self.widths, self.depths, strict=True):
            for _ in range(depth):
                convolution(f"blocks.{number}.first", before, width)
                convolution(f"blocks.{number}.second", width, width)
                if before != width and not self.pooled:
                    convolution(f"blocks.{number}.widen", before, width, size=1)
                before = width
                number += 1
        shapes["head.weight"] = (self.kinds, before)
        shapes["head.bias"] = (self.kinds,)
        if self.colours:
            shapes["shades.weight"] = (SHADES, 3, 1, 1)
            shapes["shades.bias"] = (SHADES,)
            shapes["colours.weight"] = (self.colours, SHADES)
            shapes["colours.bias"] = (self.colours,)
        return shapes
