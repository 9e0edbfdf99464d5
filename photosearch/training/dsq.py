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

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from photosearch.datasets import find_photos, open_pixels, pack_pixels
from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import choose_device, folded_network
from photosearch.encode.model_file import Model, make_model, read_model, write_model
from photosearch.encode.network import Network, fold, unfold
from photosearch.errors import TrainingFailed
from photosearch.records import Progress
from photosearch.training.augment import copy_of
from photosearch.training.calibration import same_shot_threshold
from photosearch.training.trainer import DECODED, Schedule, TrainingSet, clean_views, embed, fit

WORDS = 256
"""K: a codeword's name is one byte."""

SAMPLE = 40_000
"""Photos a round of codes and codebooks looks at while the network is trained."""

FINAL_SAMPLE = 30_000
"""Photos the codebooks are fitted to at last."""

FINAL_ROUNDS = 12


def scaled_softmax(vectors: Tensor, classes: Tensor, targets: Tensor, scale: float) -> Tensor:
    """Softmax cross-entropy on the sphere: logits s ⟨z, w_c / ‖w_c‖⟩ (eq. 57, first term).

    Args:
        vectors: Unit vectors z, shape (n, D).
        classes: One direction w a class, shape (C, D).
        targets: int64, shape (n,).
        scale: s; cosines alone lie too close together for a softmax.
    """
    return functional.cross_entropy(scale * vectors @ functional.normalize(classes).T, targets)


def quantization_loss(vectors: Tensor, sums: Tensor) -> Tensor:
    """Mean of ‖z − q‖² (eq. 57, λ1), both of shape (n, D)."""
    return (vectors - sums).square().sum(1).mean()


def centre_loss(vectors: Tensor, centres: Tensor) -> Tensor:
    """Mean of ‖z − φ_y‖² (eq. 57, λ2); `centres` holds each photo's own φ_y, shape (n, D)."""
    return (vectors - centres).square().sum(1).mean()


def discriminative_loss(centres: Tensor, sums: Tensor) -> Tensor:
    """Mean of ‖φ_y − q‖² (eq. 57, λ3): the quantised point is drawn to its class; both of shape (n, D)."""
    return (centres - sums).square().sum(1).mean()


def same_shot_loss(first: Tensor, second: Tensor, scale: float) -> Tensor:
    """Two views of one photo, among those of the batch, find each other (van den Oord et al., 2018, eq. 4).

    Args:
        first, second: Unit vectors of the photos' first and second views, shape (n, D).
        scale: Of the cosines, before the softmax over the n views of the other kind.
    """
    scores = scale * first @ second.T
    own = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2


def quantization_target(vectors: Tensor, centres: Tensor, pull: float) -> Tensor:
    """t = (1 − a) z + a φ_y, which codes and codebooks quantise; `pull` is a."""
    return (1 - pull) * vectors + pull * centres


def class_centres(vectors: Tensor, sums: Tensor, targets: Tensor, classes: int, pull: float) -> Tensor:
    """φ_c = (λ2 mean_c z + λ3 mean_c q) / (λ2 + λ3), shape (C, D); zero for a class without photos.

    Args:
        pull: λ3 / (λ2 + λ3).
    """
    mixed = (1 - pull) * vectors + pull * sums
    total = mixed.new_zeros(classes, mixed.shape[1]).index_add_(0, targets, mixed)
    return total / torch.bincount(targets, minlength=classes).clamp(min=1)[:, None]


def refit_codebooks(targets: Tensor, codes: Tensor, codebooks: Tensor, ridge: float = 1e-3) -> Tensor:
    """The codebooks of least Σ ‖t − Σ_m C_m b_m‖² for given codes: ridge least squares on the change.

    (BᵀB + εI) ΔC = Bᵀ(T − B C), B the one-hot codes. BᵀB is singular (each codebook's columns sum to one), so
    without ε there is no unique answer; solving for the change leaves an unused codeword as it is.

    Args:
        targets: float32, shape (n, D).
        codes: uint8, shape (n, M).
        codebooks: float32, shape (M, K, D).
    """
    count, size, dimension = codebooks.shape
    columns = list(codes.T.long())
    residuals = (targets - additive.decode(codes, codebooks)).double()
    gram = residuals.new_zeros(count, size, count, size)
    right = residuals.new_zeros(count, size, dimension)
    for row, first in enumerate(columns):
        right[row].index_add_(0, first, residuals)
        for column, second in enumerate(columns):
            pairs = torch.bincount(first * size + second, minlength=size * size)
            gram[row, :, column] = pairs.view(size, size)
    gram = gram.view(count * size, count * size)
    gram.diagonal().add_(ridge)
    change = torch.cholesky_solve(right.view(count * size, dimension), torch.linalg.cholesky(gram))
    return codebooks + change.view_as(codebooks).float()


@dataclass(frozen=True, slots=True)
class Weights:
    """The knobs of the loss.

    Attributes:
        scale: s of the softmax.
        quantization, centre, discriminative: λ1, λ2, λ3.
        same_shot: Weight of `same_shot_loss`, beyond the paper's loss; used where photos have two views.
    """

    scale: float = 16.0
    quantization: float = 0.5
    centre: float = 0.02
    discriminative: float = 0.2
    same_shot: float = 0.2

    @property
    def pull(self) -> float:
        """a = λ3 / (λ1 + λ3)."""
        return self.discriminative / (self.quantization + self.discriminative)


class SphericalQuantization(nn.Module):
    """The objective of DSQ, with what alternates with the network: codebooks, centres.

    Between rounds it remembers the latest vector of each photo. Before the first round there are no codebooks
    yet, and the loss is the softmax alone.

    Args:
        targets: Class of each photo of the training set, int64, shape (N,).
        classes: C.
        dimension: D.
        bytes: M.
        interval: Steps between two rounds.
        views: Of each photo in a batch.
    """

    targets: Tensor
    vectors: Tensor
    codebooks: Tensor
    centres: Tensor

    def __init__(
        self,
        targets: Tensor,
        classes: int,
        dimension: int,
        bytes: int,
        weights: Weights,
        interval: int,
        views: int,
    ) -> None:
        super().__init__()
        self.weights, self.interval, self.views = weights, interval, views
        self.classes = nn.Parameter(torch.randn(classes, dimension) / dimension**0.5)
        self.register_buffer("targets", targets, persistent=False)
        self.register_buffer("vectors", torch.zeros(len(targets), dimension, dtype=torch.float16))
        self.register_buffer("codebooks", torch.zeros(bytes, WORDS, dimension))
        self.register_buffer("centres", torch.zeros(classes, dimension))

    def forward(self, vectors: Tensor, targets: Tensor, rows: Tensor) -> Tensor:
        each = vectors.chunk(self.views)
        self.vectors[rows[: len(each[0])]] = each[0].detach().half()
        loss = scaled_softmax(vectors, self.classes, targets, self.weights.scale)
        for other in each[1:]:
            loss = loss + self.weights.same_shot * same_shot_loss(each[0], other, self.weights.scale)
        if not self.codebooks.any():
            return loss
        centres = self.centres[targets]
        with torch.no_grad():
            wanted = quantization_target(vectors, centres, self.weights.pull)
            # Greedy codes do for a gradient; rounds search wider.
            sums = additive.decode(additive.encode(wanted, self.codebooks, beam=1, sweeps=1), self.codebooks)
        loss = loss + self.weights.quantization * quantization_loss(vectors, sums)
        return loss + self.weights.centre * centre_loss(vectors, centres)

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Every `interval` steps a round of codes, codebooks and centres."""
        if step % self.interval:
            return
        seen = self.vectors.any(1).nonzero()[:, 0]
        random = torch.Generator().manual_seed(step)
        seen = seen[torch.randperm(len(seen), generator=random)[:SAMPLE].to(seen.device)]
        vectors, targets = self.vectors[seen].float(), self.targets[seen]
        classes = len(self.centres)
        self.centres.copy_(class_centres(vectors, vectors, targets, classes, 0.0))
        wanted = quantization_target(vectors, self.centres[targets], self.weights.pull)
        if not self.codebooks.any():
            self.codebooks.copy_(residual_codebooks(wanted, len(self.codebooks), random))
        codes = additive.encode(wanted, self.codebooks, beam=1, sweeps=2)
        self.codebooks.copy_(refit_codebooks(wanted, codes, self.codebooks))
        sums = additive.decode(codes, self.codebooks)
        pull = self.weights.discriminative / (self.weights.centre + self.weights.discriminative)
        self.centres.copy_(class_centres(vectors, sums, targets, classes, pull))


def residual_codebooks(vectors: Tensor, count: int, random: torch.Generator, rounds: int = 10) -> Tensor:
    """Codebooks to begin with: k-means of what the codebooks before left over, coarse to fine.

    Returns:
        float32, shape (count, 256, D).
    """
    codebooks = []
    residuals = vectors.clone()
    for _ in range(count):
        start = torch.randint(len(residuals), (WORDS,), generator=random).to(residuals.device)
        codebook = residuals[start].clone()
        for _ in range(rounds):
            nearest = (codebook.square().sum(1) - 2 * residuals @ codebook.T).argmin(1)
            used = torch.bincount(nearest, minlength=WORDS)
            sums = torch.zeros_like(codebook).index_add_(0, nearest, residuals)
            codebook = torch.where(used[:, None] > 0, sums / used.clamp(min=1)[:, None], codebook)
        nearest = (codebook.square().sum(1) - 2 * residuals @ codebook.T).argmin(1)
        residuals -= codebook[nearest]
        codebooks.append(codebook)
    return torch.stack(codebooks)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that is chosen in a training.

    Attributes:
        interval: Steps between two rounds of codes and codebooks.
    """

    architecture: Architecture = field(default_factory=Architecture)
    schedule: Schedule = field(default_factory=Schedule)
    weights: Weights = field(default_factory=Weights)
    interval: int = 500
    seed: int = 0


def train_dsq(
    data: Path,
    out: Path,
    bits: int = 128,
    steps: int | None = None,
    checkpoint: Path | None = None,
    device: str = "auto",
    recipe: Recipe | None = None,
    start: Path | None = None,
) -> Iterator[Progress]:
    """Train a model and write it; goes on from the checkpoint if there is one.

    Args:
        data: A folder of pictures per class, or a packed set, as `datasets` reads them.
        out: The model file to write.
        bits: Of a code: 8 a codebook.
        steps: Instead of the recipe's.
        checkpoint: Folder of decoded photos and of the checkpoint; by default beside `out`.
        start: A model of this method, architecture and size of code to begin with instead of random weights.

    Raises:
        TrainingFailed: There is nothing to train on, or the training diverged.
    """
    recipe = recipe or Recipe()
    if steps is not None:
        recipe = replace(recipe, schedule=replace(recipe.schedule, steps=steps))
    if bits % 8 or not 8 <= bits <= 512:
        raise TrainingFailed(f"A code has 8 to 512 bits, a multiple of 8, not {bits}.")
    if recipe.schedule.steps < 1:
        raise TrainingFailed("A training needs at least one step.")
    if not out.absolute().parent.is_dir():
        raise TrainingFailed(f"There is no folder {out.absolute().parent} to write the model to.")
    folder = checkpoint or out.with_name(out.name + ".training")
    chosen = choose_device(device)
    photos = find_photos(data)
    seen = np.flatnonzero(~photos.unseen)
    total, preprocessing = recipe.schedule.steps, recipe.schedule.preprocessing
    for done in pack_pixels(photos, seen, DECODED, folder):
        yield Progress("training", 0, total, message=f"decoded {done} of {len(seen)} photos")
    rows, pixels = open_pixels(folder)
    classes, targets = np.unique(photos.targets[rows], return_inverse=True)
    training_set = TrainingSet.split(pixels, targets, len(classes), recipe.seed)
    torch.manual_seed(recipe.seed)
    network = Network(recipe.architecture)
    objective = SphericalQuantization(
        torch.from_numpy(targets),
        len(classes),
        recipe.architecture.dimension,
        bits // 8,
        recipe.weights,
        recipe.interval,
        len(recipe.schedule.views),
    )
    if start is not None:
        network = _continue(read_model(start), objective, training_set, recipe, chosen)
    loss = 0.0
    for progress in fit(network, objective, training_set, recipe.schedule, folder, chosen, recipe.seed):
        loss = progress.measures["loss"]
        yield progress

    folded = fold(network.cpu(), recipe.architecture)
    folded.to(chosen, memory_format=torch.channels_last)  # type: ignore[call-overload]
    order = np.random.default_rng(recipe.seed).permutation(np.flatnonzero(~training_set.held_out))
    sample = np.sort(order[:FINAL_SAMPLE])
    parts: list[Tensor] = []
    for part in embed(folded, pixels[sample], preprocessing, chosen):
        parts.append(part)
        message = f"looked at {sum(map(len, parts))} of {len(sample)} photos for the codebooks"
        yield Progress("training", total, total, message=message, measures={"loss": loss})
    vectors = torch.cat(parts)
    rounds = final_codebooks(vectors, objective.codebooks.cpu(), FINAL_ROUNDS, recipe.seed)
    for done, (codebooks, error) in enumerate(rounds, 1):  # noqa: B007 - the last ones are used
        message = f"{done} of {FINAL_ROUNDS} rounds of codes and codebooks"
        yield Progress("training", total, total, message=message, measures={"loss": loss, "error": error})

    held_out = np.flatnonzero(training_set.held_out)
    held_out_vectors = torch.cat(list(embed(folded, pixels[held_out], preprocessing, chosen)))
    held_out_sums = additive.decode(additive.encode(held_out_vectors, codebooks), codebooks)
    guessed = (held_out_vectors @ functional.normalize(objective.classes.detach().cpu()).T).argmax(1)
    same_shot = same_shot_threshold(held_out_vectors.numpy(), held_out_sums.numpy(), pixels[held_out])
    random = np.random.default_rng(recipe.seed)
    copies = np.stack([copy_of(pixels[row], random) for row in held_out])
    copy_vectors = torch.cat(list(embed(folded, copies, preprocessing, chosen)))
    measured = {
        "held_out_accuracy": round(float((guessed.numpy() == targets[held_out]).mean()), 4),
        "held_out_quantization_error": round(float(quantization_loss(held_out_vectors, held_out_sums)), 5),
        "same_shot_recall": round(
            float(((copy_vectors * held_out_sums).sum(1) >= same_shot).float().mean()), 4
        ),
    }
    provenance = {
        "photos": int((~training_set.held_out).sum()),
        "classes": len(classes),
        "sources": sorted({label.split(":")[0] for label in photos.labels if ":" in label}),
        "initialisation": "random" if start is None else read_model(start).spec.identity,
        "unreadable": len(seen) - len(rows),
        "recipe": asdict(recipe),
    }
    model = make_model(
        "dsq",
        codebooks.numpy(),
        preprocessing,
        recipe.architecture,
        {name: tensor.cpu().numpy() for name, tensor in folded.state_dict().items()},
        same_shot,
        provenance,
        measured,
    )
    write_model(out, model)
    yield Progress(
        "training",
        total,
        total,
        message=f"model {model.spec.identity} of {out.stat().st_size / 1e6:.1f} MB",
        measures={"loss": loss, **measured},
    )


def _continue(
    model: Model,
    objective: SphericalQuantization,
    photos: TrainingSet,
    recipe: Recipe,
    device: torch.device,
) -> Network:
    """Put what a model knows into an objective; classes, which a model file does not hold, begin as means."""
    if model.codebooks.shape != objective.codebooks.shape or model.network != json.loads(
        json.dumps(asdict(recipe.architecture))
    ):
        raise TrainingFailed(
            f"The model {model.spec.identity} has another architecture or size of code than is to be trained."
        )
    folded = folded_network(model).to(device)
    rows = np.flatnonzero(~photos.held_out)
    rows = np.sort(np.random.default_rng(recipe.seed).permutation(rows)[:SAMPLE])
    vectors = torch.cat(list(embed(folded, photos.pixels[rows], model.preprocessing, device)))
    targets = torch.from_numpy(photos.targets[rows])
    centres = class_centres(vectors, vectors, targets, photos.classes, 0.0)
    with torch.no_grad():
        objective.vectors[rows] = vectors.half()
        objective.codebooks.copy_(torch.from_numpy(model.codebooks))
        objective.centres.copy_(centres)
        objective.classes.copy_(functional.normalize(centres))
    few = rows[:: max(1, len(rows) // 512)]
    return unfold(folded, recipe.architecture, clean_views(photos.pixels[few], model.preprocessing, device))


def final_codebooks(
    vectors: Tensor, codebooks: Tensor, rounds: int, seed: int
) -> Iterator[tuple[Tensor, float]]:
    """Rounds of codes and codebooks for vectors that do not change any more, ordered coarse to fine.

    They are fitted to z alone (a = 0): a photo that is encoded later has no label, and maybe none of these
    classes.

    Yields:
        The codebooks, and their mean ‖z − q‖², which never rises.
    """
    if not codebooks.any():
        codebooks = residual_codebooks(vectors, len(codebooks), torch.Generator().manual_seed(seed))
    codes = additive.encode(vectors, codebooks, beam=4, sweeps=2)
    for _ in range(rounds):
        codebooks = refit_codebooks(vectors, codes, codebooks)
        codes = additive.improve(vectors, codes, codebooks, sweeps=2)
        error = float(quantization_loss(vectors, additive.decode(codes, codebooks)))
        words = zip(codebooks, codes.T.long(), strict=True)
        spread = torch.stack([codebook[column].var(0).sum() for codebook, column in words])
        yield codebooks[spread.argsort(descending=True)], error
