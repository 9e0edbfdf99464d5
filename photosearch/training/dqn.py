"""Deep Quantization Network (Cao et al., AAAI 2016).

A bottleneck with a hyperbolic tangent makes the vector z; the loss wants the cosine of two photos to be 1 or
−1, and z to be near its product quantization, q, made of one codeword for each of M blocks of dimensions:

    L = Σ_ij (s_ij − cos(z_i, z_j))² + λ Σ_m ‖z_m − C_m b_m‖²

Only cosines count in the first term, so we quantise z / ‖z‖; then the inner product that every additive code
is searched by is what the loss was about. λ is for means rather than sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.training.codebooks import WORDS, product_codebooks
from photosearch.training.dsq import SAMPLE, quantization_loss
from photosearch.training.method import Finished, Recipe, Trained
from photosearch.training.trainer import TrainingSet

BOTTLENECK = 300

QUANTIZATION = 0.1
"""λ."""


def pairwise_cosine_loss(vectors: Tensor, similar: Tensor) -> Tensor:
    """Mean of (s_ij − cos(z_i, z_j))² over all pairs, s_ij = 1 or −1.

    Args:
        vectors: Unit vectors, shape (n, D).
        similar: bool, shape (n, n).
    """
    return (torch.where(similar, 1.0, -1.0) - vectors @ vectors.T).square().mean()


class ProductQuantization(nn.Module):
    """The objective, with the codebooks that alternate with the network: k-means every `interval` steps."""

    vectors: Tensor
    codebooks: Tensor

    def __init__(self, photos: TrainingSet, dimension: int, bytes: int, interval: int) -> None:
        super().__init__()
        self.interval = interval
        self.register_buffer("vectors", torch.zeros(len(photos.targets), dimension, dtype=torch.float16))
        self.register_buffer("codebooks", torch.zeros(bytes, WORDS, dimension))

    def forward(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        self.vectors[rows] = vectors.detach().half()
        loss = pairwise_cosine_loss(vectors, labels @ labels.T > 0)
        if not self.codebooks.any():
            return loss
        with torch.no_grad():
            codes = additive.encode(vectors, self.codebooks, beam=1, sweeps=0)
        return loss + QUANTIZATION * quantization_loss(vectors, additive.decode(codes, self.codebooks))

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Every `interval` steps new codebooks."""
        if step % self.interval:
            return
        random = torch.Generator().manual_seed(step)
        seen = self.vectors.any(1).nonzero()[:, 0]
        seen = seen[torch.randperm(len(seen), generator=random)[:SAMPLE].to(seen.device)]
        self.codebooks.copy_(product_codebooks(self.vectors[seen].float(), len(self.codebooks), random, 10))


@dataclass(frozen=True, slots=True)
class Dqn:
    """Deep Quantization Network."""

    name: str = "dqn"

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        blocks = bits // 8
        dimension = -(-BOTTLENECK // blocks) * blocks
        return replace(given.of_kinds(), dimension=dimension, squashed=True)

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> ProductQuantization:
        return ProductQuantization(photos, architecture.dimension, bits // 8, recipe.interval)

    def finish(self, trained: Trained) -> Iterator[Finished]:
        random = torch.Generator().manual_seed(trained.seed)
        wanted, moment = trained.wanted(trained.vectors)
        codebooks = product_codebooks(wanted, trained.bits // 8, random)
        yield Finished("k-means in each block", codebooks, second_moment=moment)
