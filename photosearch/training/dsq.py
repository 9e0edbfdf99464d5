"""Deep Spherical Quantization (Eghbali & Tahvildari, CVPR 2019, arXiv 1906.02865).

A photo is a point z on the unit sphere, written as a sum of codewords q = Σ_m C_m b_m. The loss, as given by
Luo et al. (A Survey on Deep Hashing Methods, ACM TKDD 17(1), 2023, eq. 57), with the photo's class y and the
class's centre φ_y:

    L = softmax cross-entropy + λ1 ‖z − q‖² + λ2 ‖z − φ_y‖² + λ3 ‖φ_y − q‖²

For given z and φ the two terms of q are (λ1 + λ3) ‖t − q‖² and a constant, with t = (1 − a) z + a φ_y and a =
λ3 / (λ1 + λ3): codes and codebooks are an ordinary additive quantization of t. So steps of the network, with
codes held, alternate with rounds of codes, codebooks and centres, with the network held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import log
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.encode.network import Network, turn_head
from photosearch.training.codebooks import WORDS, fit_codebooks, refit_codebooks, residual_codebooks
from photosearch.training.method import Finished, Recipe, Trained
from photosearch.training.trainer import TrainingSet

SAMPLE = 40_000
"""Photos a round of codes and codebooks looks at while the network is trained."""

SHARE = 8
"""From what is remembered of one in so many photos the views of a step are told."""

ROUNDS = 12
"""Of codes and codebooks, after the network is trained."""

MEASURED = 4000
"""Photos that the mean length of sums is measured with."""

NORM_PENALTY = 1.0
"""μ of the codes of spherical vectors (`encode.additive`): docs/MODEL.md tells what it brought."""


def scaled_softmax(vectors: Tensor, classes: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Softmax cross-entropy on the sphere: logits s ⟨z, w_c / ‖w_c‖⟩ (eq. 57, first term).

    Args:
        vectors: Unit vectors z, shape (n, D).
        classes: One direction w a class, shape (C, D).
        labels: 1 for a photo's classes, shape (n, C); several share its probability.
        scale: s; cosines alone lie too close together for a softmax.
    """
    logits = scale * vectors @ functional.normalize(classes).T
    return functional.cross_entropy(logits, functional.normalize(labels, p=1))


def softmax_scale(classes: int) -> float:
    """√2 log(C − 1): a softmax of cosines is then neither flat nor blunt (Zhang et al., AdaCos, CVPR 2019).

    It also decides how close together a class is pulled. With ten classes and 16 for 3.1, a photo's class is
    told from the vectors as well, but the vectors rank worse: mAP .73 for .78.
    """
    return max(3.0, 2**0.5 * log(classes - 1))


def quantization_loss(vectors: Tensor, sums: Tensor) -> Tensor:
    """Mean of ‖z − q‖² (eq. 57, λ1), both of shape (n, D)."""
    return (vectors - sums).square().sum(1).mean()


def centre_loss(vectors: Tensor, centres: Tensor) -> Tensor:
    """Mean of ‖z − φ_y‖² (eq. 57, λ2); `centres` holds each photo's own φ_y, shape (n, D)."""
    return (vectors - centres).square().sum(1).mean()


def discriminative_loss(centres: Tensor, sums: Tensor) -> Tensor:
    """Mean of ‖φ_y − q‖² (eq. 57, λ3): the quantised point is drawn to its class; both of shape (n, D)."""
    return (centres - sums).square().sum(1).mean()


def same_shot_loss(first: Tensor, second: Tensor, others: Tensor, scale: float) -> Tensor:
    """Two views of one photo find each other among those of the batch (van den Oord et al., 2018, eq. 4) and
    among remembered vectors of other photos (Wu et al., CVPR 2018).

    Args:
        first, second: Unit vectors of the photos' first and second views, shape (n, D).
        others: Unit vectors of other photos, shape (m, D).
        scale: Of the cosines, before the softmax over the n views of the other kind and the m others.
    """
    scores = first @ second.T
    own = torch.arange(len(scores), device=scores.device)
    found = functional.cross_entropy(scale * torch.cat([scores, first @ others.T], 1), own)
    return (found + functional.cross_entropy(scale * torch.cat([scores.T, second @ others.T], 1), own)) / 2


def quantization_target(vectors: Tensor, centres: Tensor, pull: float) -> Tensor:
    """t = (1 − a) z + a φ_y, which codes and codebooks quantise; `pull` is a."""
    return (1 - pull) * vectors + pull * centres


def class_centres(vectors: Tensor, sums: Tensor, labels: Tensor, pull: float) -> Tensor:
    """φ_c = (λ2 mean_c z + λ3 mean_c q) / (λ2 + λ3), shape (C, D); zero for a class without photos.

    Args:
        labels: 1 for a photo's classes, float32, shape (n, C).
        pull: λ3 / (λ2 + λ3).
    """
    mixed = (1 - pull) * vectors + pull * sums
    return labels.T @ mixed / labels.sum(0).clamp(min=1)[:, None]


@dataclass(frozen=True, slots=True)
class Weights:
    """The knobs of the loss.

    Attributes:
        quantization, centre, discriminative: λ1, λ2, λ3.
        same_shot: Weight of `same_shot_loss`, beyond the paper's loss; used where photos have two views.
    """

    quantization: float = 1.0
    centre: float = 0.02
    discriminative: float = 0.2
    same_shot: float = 1.0

    @property
    def pull(self) -> float:
        """a = λ3 / (λ1 + λ3)."""
        return self.discriminative / (self.quantization + self.discriminative)


class SphericalQuantization(nn.Module):
    """The objective of DSQ, with what alternates with the network: codebooks, centres.

    Between rounds it remembers the latest vector of each photo. Before the first round there are no codebooks
    yet, and no terms of them. A photo of several classes has the mean of their centres.

    Args:
        photos: The training set.
        dimension: D.
        bytes: M.
        interval: Steps between two rounds.
        views: Of each photo in a batch.
        scale: s of the softmax, and of the cosines of views.
    """

    vectors: Tensor
    codebooks: Tensor
    centres: Tensor

    def __init__(
        self,
        photos: TrainingSet,
        dimension: int,
        bytes: int,
        weights: Weights,
        interval: int,
        views: int,
        scale: float,
    ) -> None:
        super().__init__()
        self.photos, self.weights, self.interval, self.views = photos, weights, interval, views
        self.scale = scale
        self.classes = nn.Parameter(torch.randn(photos.classes, dimension) / dimension**0.5)
        self.register_buffer("vectors", torch.zeros(len(photos.targets), dimension, dtype=torch.float16))
        self.register_buffer("codebooks", torch.zeros(bytes, WORDS, dimension))
        self.register_buffer("centres", torch.zeros(photos.classes, dimension))

    def forward(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        each = vectors.chunk(self.views)
        self.vectors[rows[: len(each[0])]] = each[0].detach().half()
        loss = scaled_softmax(vectors, self.classes, labels, self.scale)
        for other in each[1:]:
            others = self.strangers(rows[: len(each[0])])
            loss = loss + self.weights.same_shot * same_shot_loss(each[0], other, others, self.scale)
        if not self.codebooks.any():
            return loss
        centres = functional.normalize(labels, p=1) @ self.centres
        with torch.no_grad():
            wanted = quantization_target(vectors, centres, self.weights.pull)
            # Greedy codes do for a gradient; rounds search wider.
            sums = additive.decode(additive.encode(wanted, self.codebooks, beam=1, sweeps=1), self.codebooks)
        loss = loss + self.weights.quantization * quantization_loss(vectors, sums)
        return loss + self.weights.centre * centre_loss(vectors, centres)

    def strangers(self, rows: Tensor) -> Tensor:
        """What is remembered of one in `SHARE` photos, but not of these: a batch holds few that are alike.

        Args:
            rows: Positions in the training set, int64, shape (n,).

        Returns:
            Unit vectors, float32, shape (m, D).
        """
        some = torch.arange(int(rows.sum()) % SHARE, len(self.vectors), SHARE, device=rows.device)
        some = some[~torch.isin(some, rows)]
        remembered = self.vectors[some]
        return remembered[remembered.any(1)].float()

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Every `interval` steps a round of codes, codebooks and centres."""
        if step % self.interval:
            return
        seen = self.vectors.any(1).nonzero()[:, 0]
        random = torch.Generator().manual_seed(step)
        seen = seen[torch.randperm(len(seen), generator=random)[:SAMPLE].to(seen.device)]
        vectors, labels = self.vectors[seen].float(), self.photos.labels(seen.cpu().numpy()).to(seen.device)
        self.centres.copy_(class_centres(vectors, vectors, labels, 0.0))
        wanted = quantization_target(
            vectors, functional.normalize(labels, p=1) @ self.centres, self.weights.pull
        )
        if not self.codebooks.any():
            self.codebooks.copy_(residual_codebooks(wanted, len(self.codebooks), random))
        codes = additive.encode(wanted, self.codebooks, beam=1, sweeps=2)
        self.codebooks.copy_(refit_codebooks(wanted, codes, self.codebooks))
        sums = additive.decode(codes, self.codebooks)
        pull = self.weights.discriminative / (self.weights.centre + self.weights.discriminative)
        self.centres.copy_(class_centres(vectors, sums, labels, pull))

    @torch.no_grad()
    def begin(self, vectors: Tensor, rows: Tensor, codebooks: Tensor) -> None:
        """Begin where another training ended: with vectors of some photos of the training set, and codebooks.

        Classes, which a model file does not hold, begin as means.
        """
        centres = class_centres(vectors, vectors, self.photos.labels(rows.numpy()), 0.0)
        self.vectors[rows] = vectors.half()
        seen = centres.any(1)
        self.classes[seen] = functional.normalize(centres[seen])
        if codebooks.shape == self.codebooks.shape:
            self.codebooks.copy_(codebooks)
            self.centres.copy_(centres)


def principal_axes(vectors: Tensor) -> Tensor:
    """The rotation to axes of falling variance, shape (D, D): R z has most of what differs in front."""
    return torch.linalg.eigh(vectors.T @ vectors).eigenvectors.flip(1).T


@dataclass(frozen=True, slots=True)
class Dsq:
    """Deep Spherical Quantization; with a density below 1 its sparse form.

    In the sparse form each codebook is zero but in the share `density` of the dimensions, so filling the
    tables of a query costs that share of the multiplications. The sphere is turned first, which no inner
    product notices, so that few dimensions hold most of what photos differ in.

    Not spherical, it is the control of the paper's first claim: the same training of vectors whose lengths
    differ.
    """

    weights: Weights = field(default_factory=Weights)
    density: float = 1.0
    spherical: bool = True

    @property
    def name(self) -> str:
        if not self.spherical:
            return "dsq-unnormalised"
        return "dsq" if self.density == 1 else "dsq-sparse"

    def architecture(self, given: Architecture, bits: int) -> Architecture:
        # What has a share of the sphere cannot be without one, nor be turned with the rest.
        if self.spherical and self.density == 1:
            return given
        return replace(given.of_kinds(), spherical=self.spherical)

    def objective(
        self, photos: TrainingSet, architecture: Architecture, bits: int, recipe: Recipe
    ) -> SphericalQuantization:
        return SphericalQuantization(
            photos,
            architecture.dimension,
            bits // 8,
            self.weights,
            recipe.interval,
            len(recipe.schedule.views),
            recipe.scale or softmax_scale(photos.classes),
        )

    def finish(self, trained: Trained) -> Iterator[Finished]:
        """The last rounds quantise z itself (a = 0): a photo that is encoded later has no label."""
        codebooks = cast(SphericalQuantization, trained.objective).codebooks.cpu()
        vectors = trained.vectors
        if self.density < 1:
            turn = principal_axes(vectors)
            turn_head(cast(Network, trained.network), turn)
            vectors, codebooks = vectors @ turn.T, codebooks @ turn.T
        wanted, moment = trained.wanted(vectors)
        rounds = fit_codebooks(wanted, codebooks, ROUNDS, trained.seed, self.density, trained.coarse)
        for done, fitted in enumerate(rounds, 1):
            message = f"{done} of {2 * ROUNDS if trained.coarse else ROUNDS} rounds of codes and codebooks"
            codebooks = fitted.codebooks
            yield Finished(message, codebooks, {"error": fitted.error})
        if self.spherical:
            # Least squares leave sums that are shorter than what they stand for; rankings do not mind.
            few = additive.encode(wanted[:MEASURED], codebooks, beam=4, coarse=trained.coarse)
            length = additive.decode(few, codebooks).norm(dim=1).mean()
            yield Finished(
                "codes as long as what they stand for",
                codebooks * (wanted[:MEASURED].norm(dim=1).mean() / length),
                {"error": fitted.error},
                NORM_PENALTY,
                moment,
                trained.coarse,
            )
