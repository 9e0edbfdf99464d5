"""What the methods are held against: a plain classifier whose vectors are quantised afterwards.

`pq` by product quantization (Jégou et al., TPAMI 2011), `lsq` by additive codes (local search quantization,
Martinez et al., ECCV 2016; the very rounds that end a training of DSQ). The network knows nothing of codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from photosearch.encode.architecture import Architecture
from photosearch.training.codebooks import WORDS, fit_codebooks, product_codebooks
from photosearch.training.dsq import ROUNDS, class_centres, scaled_softmax, softmax_scale
from photosearch.training.method import Finished, Recipe, Trained
from photosearch.training.trainer import TrainingSet


class Classification(nn.Module):
    """Softmax cross-entropy on the sphere, and nothing else."""

    def __init__(self, photos: TrainingSet, dimension: int, scale: float) -> None:
        super().__init__()
        self.photos, self.scale = photos, scale
        self.classes = nn.Parameter(torch.randn(photos.classes, dimension) / dimension**0.5)

    def forward(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        return scaled_softmax(vectors, self.classes, labels, self.scale)

    def after_step(self, step: int) -> None:
        """Nothing alternates."""

    @torch.no_grad()
    def begin(self, vectors: Tensor, rows: Tensor, codebooks: Tensor) -> None:
        """Begin with the means of each class's vectors."""
        centres = class_centres(vectors, vectors, self.photos.labels(rows.numpy()), 0.0)
        seen = centres.any(1)
        self.classes[seen] = functional.normalize(centres[seen])


@dataclass(frozen=True, slots=True)
class Control:
    """A classifier's vectors, quantised afterwards."""

    name: Literal["pq", "lsq"]

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        return given.of_kinds()

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> Classification:
        scale = recipe.scale or softmax_scale(photos.classes)
        return Classification(photos, architecture.dimension, scale)

    def finish(self, trained: Trained) -> Iterator[Finished]:
        count = trained.bits // 8
        wanted, moment = trained.wanted(trained.vectors)
        if self.name == "pq":
            random = torch.Generator().manual_seed(trained.seed)
            codebooks = product_codebooks(wanted, count, random)
            yield Finished("k-means in each block", codebooks, second_moment=moment)
            return
        begin = wanted.new_zeros(count, WORDS, wanted.shape[1])
        for done, fitted in enumerate(fit_codebooks(wanted, begin, ROUNDS, trained.seed), 1):
            message = f"{done} of {ROUNDS} rounds of codes and codebooks"
            yield Finished(message, fitted.codebooks, {"error": fitted.error}, second_moment=moment)
