"""Deep Supervised Hashing with Spherical Embedding (Pidhorskyi et al., ACCV 2018).

A photo is a point h on the unit sphere of as many dimensions as the code has bits; nothing pulls it towards
the corners of a cube. The loss knows only distances between points, so the points may be turned together: the
code is sgn(R h), with R the rotation under which codes rank the training photos best. R becomes part of the
last layer, so the model that comes out is a network and nothing more.

As in the authors' program: all triplets of a batch, the spring loss, and a random search of R that begins
with large angles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from photosearch.encode.architecture import Architecture
from photosearch.encode.network import Network, turn_head
from photosearch.metrics import Tied
from photosearch.training.method import Finished, Recipe, Trained
from photosearch.training.trainer import TrainingSet

TOGETHER = 128
"""Photos whose triplets are compared: there are as many as the cube of this."""

STEPS, QUERIES, DATABASE = 800, 1000, 4000
"""Of the search of a rotation. The authors rank 16,000 photos for 2,000; a sample that small differs by
thousandths of mAP."""


def triplet_differences(vectors: Tensor, similar: Tensor) -> Tensor:
    """x = D_qp − D_qn, D_ij = 2 − 2⟨h_i, h_j⟩, of all triplets: p another photo similar to q, n not similar.

    Args:
        vectors: Unit vectors, shape (n, B).
        similar: bool, shape (n, n).

    Returns:
        Shape (triplets,), each in −4..4.
    """
    distances = 2 - 2 * vectors @ vectors.T
    positive = similar & ~torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    valid = positive[:, :, None] & ~similar[:, None, :]
    return (distances[:, :, None] - distances[:, None, :])[valid]


def spring_loss(differences: Tensor) -> Tensor:
    """Mean of (2√2 − √(4 − x))²: its force is largest where a triplet is wholly the wrong way round."""
    # Rounding may take x beyond 4, and the root has no slope at 0.
    return (2 * 2**0.5 - ((4 - differences).clamp(min=0) + 1e-6).sqrt()).square().mean()


def margin_loss(differences: Tensor) -> Tensor:
    """Mean of max(0, x + 2)."""
    return (differences + 2).clamp(min=0).mean()


def likelihood_loss(differences: Tensor, bits: int) -> Tensor:
    """Mean of softplus(−B[(⟨h_q, h_p⟩ − ⟨h_q, h_n⟩)/2 − 0.5]) / B."""
    return functional.softplus(bits * (differences / 4 + 0.5)).mean() / bits


class SphericalEmbedding(nn.Module):
    """The objective: a loss of the triplets of a batch; photos that share a class are similar."""

    def __init__(self, loss: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        parts = zip(vectors.split(TOGETHER), labels.split(TOGETHER), strict=True)
        differences = torch.cat(
            [triplet_differences(some, of_some @ of_some.T > 0) for some, of_some in parts]
        )
        # A batch may hold no two photos of a class.
        return self.loss(differences) if len(differences) else vectors.sum() * 0

    def after_step(self, step: int) -> None:
        """Nothing alternates."""


def hamming_map(vectors: NDArray[np.float32], labels: NDArray[np.float32], queries: int = QUERIES) -> float:
    """mAP of ranking all photos by the Hamming distance of signs for each of the first `queries`."""
    signs = np.where(vectors >= 0, np.float32(1), np.float32(-1))
    bits = signs.shape[1]
    distances = ((bits - signs[:queries] @ signs.T) / 2).astype(np.int64)
    relevant = labels[:queries] @ labels.T > 0
    return Tied.by_distance(distances, relevant, bits + 1).mean_average_precision()


def search_rotation(
    vectors: NDArray[np.float32], labels: NDArray[np.float32], seed: int, steps: int = STEPS
) -> tuple[NDArray[np.float32], float]:
    """The rotation R under which the signs of R h rank best, by random search.

    Step i turns by (steps − i) / steps radians, either way, in a random plane; what raises mAP is kept.

    Args:
        vectors: h, float32, shape (n, B).
        labels: float32, shape (n, C).

    Returns:
        R, float32, shape (B, B), and its mAP.
    """
    random = np.random.default_rng(seed)
    bits = vectors.shape[1]
    rotation, best = np.eye(bits), hamming_map(vectors, labels)
    for step in range(steps):
        first, second = np.linalg.qr(random.normal(size=(bits, 2)))[0].T
        angle = (steps - step) / steps * random.choice((-1, 1))
        # Qᵀ G(θ) Q differs from the identity only in the plane of the two first rows of Q.
        turn = np.eye(bits)
        turn += (np.cos(angle) - 1) * (np.outer(first, first) + np.outer(second, second))
        turn += np.sin(angle) * (np.outer(second, first) - np.outer(first, second))
        turned = rotation @ turn
        reached = hamming_map((vectors @ turned.T).astype(np.float32), labels)
        if reached > best:
            rotation, best = turned, reached
    return rotation.astype(np.float32), best


def itq_rotation(vectors: NDArray[np.float32], seed: int, rounds: int = 50) -> NDArray[np.float32]:
    """Iterative quantization (Gong & Lazebnik, CVPR 2011): the rotation of least ‖sgn(R h) − R h‖²."""
    random = np.random.default_rng(seed)
    rotation = np.linalg.qr(random.normal(size=(vectors.shape[1],) * 2))[0]
    for _ in range(rounds):
        left, _, right = np.linalg.svd(np.sign(vectors @ rotation.T).T @ vectors)
        rotation = left @ right
    return rotation.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Sdsh:
    """Deep Supervised Hashing with Spherical Embedding.

    Attributes:
        loss: `spring_loss`, or another of the differences of triplets.
        steps: Of the search of a rotation.
    """

    loss: Callable[[Tensor], Tensor] = spring_loss
    steps: int = STEPS
    name: str = "sdsh"

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        return replace(given.of_kinds(), dimension=bits)

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> SphericalEmbedding:
        return SphericalEmbedding(self.loss)

    def finish(self, trained: Trained) -> Iterator[Finished]:
        few = np.random.default_rng(trained.seed).permutation(len(trained.vectors))[:DATABASE]
        points, classes = trained.vectors[few].numpy(), trained.photos.labels(trained.rows[few]).numpy()
        rotation, reached = search_rotation(points, classes, trained.seed, self.steps)
        turn_head(cast(Network, trained.network), torch.from_numpy(rotation))
        turned = itq_rotation(points, trained.seed)
        measures = {
            "training_map_unrotated": hamming_map(points, classes),
            "training_map_itq": hamming_map(points @ turned.T, classes),
            "training_map": reached,
        }
        yield Finished(f"{self.steps} rotations tried", None, measures)
