"""Asymmetric Deep Semantic Quantization (Yang et al., 2019, arXiv 1903.12493).

Three streams: LabelNet, three layers on a photo's classes, makes semantic features f and codes h; two
networks for pictures, of one structure and of different weights, make u and v. Pairs of photos are to be told
similar from u of the one and v of the other, and both from LabelNet's. The paper's own text could not be
read; this is the formulation of its abstract and of the methods it descends from (deep joint semantic
embedding hashing, dual asymmetric hashing):

    LabelNet:   NLL(½⟨f_i, f_j⟩) + α NLL(½⟨h_i, h_j⟩) + β ‖|h| − 1‖₁ + γ ‖y − W h‖²
    u and v:    NLL(½⟨u_i, v_j⟩) + α [NLL(½⟨u_i, h_j⟩) + NLL(½⟨v_i, h_j⟩)]
                + β (‖u − b‖² + ‖v − b‖²) + δ ‖mean u + mean v‖²,        b = sgn(u + v + ηh)

with NLL(θ) = log(1 + e^θ) − sθ. u and v lie on the sphere of radius √B, where the codes lie as well. All
streams take their steps together; LabelNet guides and is not guided. A new photo's code is sgn(u + v), or, to
be compared asymmetrically, sgn(u) for a query and sgn(v) for what is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from photosearch.encode.architecture import Architecture
from photosearch.training.method import Finished, Recipe, Trained
from photosearch.training.trainer import TrainingSet

ALPHA, BETA, GAMMA, DELTA, ETA = 1.0, 0.05, 0.1, 0.1, 1.0

HIDDEN = 512


def pair_loss(left: Tensor, right: Tensor, similar: Tensor) -> Tensor:
    """Weighted mean of NLL(½⟨l_i, r_j⟩) over all pairs; similar ones weigh as much as all others together.

    Args:
        left, right: Shape (n, B).
        similar: s, bool, shape (n, n).
    """
    likeness = left @ right.T / 2
    losses = functional.softplus(likeness) - similar * likeness
    share = similar.float().mean().clamp(1e-3, 1 - 1e-3)
    weights = torch.where(similar, 0.5 / share, 0.5 / (1 - share))
    return (weights * losses).mean()


def sign_loss(points: Tensor, codes: Tensor) -> Tensor:
    """Mean of ‖u − b‖² / B, both of shape (n, B)."""
    return (points - codes).square().mean()


def balance_loss(points: Tensor) -> Tensor:
    """‖mean u‖² / B: each bit is to be set in half of the photos."""
    return points.mean(0).square().mean()


class LabelNet(nn.Module):
    """Three fully connected layers on a photo's classes: features f, and codes h in −1..1 on top of them."""

    def __init__(self, classes: int, bits: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(classes, HIDDEN), nn.Linear(HIDDEN, bits)
        self.third, self.back = nn.Linear(bits, bits), nn.Linear(bits, classes)

    def forward(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        features = self.second(functional.relu(self.first(labels)))
        return features, torch.tanh(self.third(features))

    def loss(self, labels: Tensor, features: Tensor, codes: Tensor, similar: Tensor) -> Tensor:
        """The first line of the formula."""
        likely = pair_loss(features, features, similar) + ALPHA * pair_loss(codes, codes, similar)
        binary = (codes.abs() - 1).abs().mean()
        return likely + BETA * binary + GAMMA * (labels - self.back(codes)).square().sum(1).mean()


class AsymmetricQuantization(nn.Module):
    """The objective, with the LabelNet that is trained beside the two networks."""

    def __init__(self, classes: int, bits: int) -> None:
        super().__init__()
        self.guide = LabelNet(classes, bits)

    def forward(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        bits = vectors.shape[2]
        first, second = (bits**0.5 * vectors).unbind(1)
        similar = labels @ labels.T > 0
        features, guides = self.guide(labels)
        loss = self.guide.loss(labels, features, guides, similar)
        guides = guides.detach()
        codes = torch.where((first + second + ETA * guides).detach() >= 0, 1.0, -1.0)
        loss = loss + pair_loss(first, second, similar)
        for points in (first, second):
            loss = loss + ALPHA * pair_loss(points, guides, similar) + BETA * sign_loss(points, codes)
        return loss + DELTA * balance_loss(first + second)

    def after_step(self, step: int) -> None:
        """The codes are those of the batch: nothing else alternates."""


@dataclass(frozen=True, slots=True)
class Adsq:
    """Asymmetric Deep Semantic Quantization."""

    name: str = "adsq"

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        return replace(given.of_kinds(), dimension=bits, streams=2)

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> AsymmetricQuantization:
        return AsymmetricQuantization(photos.classes, bits)

    def finish(self, trained: Trained) -> Iterator[Finished]:
        yield Finished("signs need no codebooks", None)
