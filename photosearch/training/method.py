"""What the methods have in common for the trainer, and what each of them says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.training.trainer import Schedule, TrainingSet


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen in a training, whatever the method.

    Attributes:
        interval: Steps between two rounds of whatever alternates with the steps of the network.
        scale: Of the cosines that a softmax is taken of; by default `softmax_scale` of the classes.
        evened: Whether additive codes make up for some photos being like all the others (`encode.additive`).
        coarse: Whether the first half of a code of DSQ is made as if it were all of it.
        kept: Of a network that a training begins with, and whose vectors are as long, the share in the mean
            of weights before and after that is taken at last (Wortsman et al., CVPR 2022).
        sample: Photos that the codec is made from at last, and where they are fewer, changed views of them:
            from too few it learns these by heart (docs/MODEL.md).
    """

    architecture: Architecture = field(default_factory=Architecture)
    schedule: Schedule = field(default_factory=Schedule)
    interval: int = 500
    scale: float | None = None
    evened: bool = False
    coarse: bool = False
    kept: float = 0.0
    sample: int = 30_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """How far the last part of a training has come, in which the network is not changed by steps any more.

    Attributes:
        message: What was done last.
        codebooks: float32, shape (M, 256, D); None for binary codes.
        norm_penalty: Of the codes (`encode.additive`).
        second_moment: That the codes are evened by, float32, shape (D, D).
        coarse: Bytes that codes begin with as if they were all (`encode.additive`).
    """

    message: str
    codebooks: Tensor | None
    measures: dict[str, float] = field(default_factory=dict)
    norm_penalty: float = 0.0
    second_moment: Tensor | None = None
    coarse: int = 0


@dataclass(frozen=True, slots=True)
class Trained:
    """What a method makes its codec from, once the network is trained.

    Attributes:
        network: Folded; may be changed.
        objective: What `Method.objective` gave.
        vectors: What the network makes of photos of the training set, and where these are fewer than
            `Recipe.sample` of changed views of them as well, float32, shape (n, D).
        rows: Which photos these are, int64, shape (n,).
        photos: The training set.
        evened: Whether additive codes are to be evened.
        coarse: How many bytes at the front of additive codes are to be good by themselves.
    """

    network: nn.Module
    objective: nn.Module
    vectors: Tensor
    rows: NDArray[np.int64]
    photos: TrainingSet
    bits: int
    seed: int
    evened: bool = False
    coarse: int = 0

    def wanted(self, vectors: Tensor) -> tuple[Tensor, Tensor | None]:
        """What additive codes are to stand for, of the vectors' shape, and the moment it is evened by."""
        if not self.evened:
            return vectors, None
        moment = additive.second_moment(vectors)
        return additive.evened(vectors, moment), moment


class Method(Protocol):
    """One way to train."""

    @property
    def name(self) -> str:
        """As `photosearch train` calls it."""

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        """The network it needs for codes of so many bits, from one for whatever method."""

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> nn.Module:
        """What the network is trained for: a `trainer.Objective`."""

    def finish(self, trained: Trained) -> Iterator[Finished]:
        """Make the codec; at least one report, the last of which counts."""
