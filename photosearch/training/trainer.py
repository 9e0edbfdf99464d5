"""The trainer every method shares: schedule, steps, checkpoints, held-out photos, a stop when it goes wrong.

What is drawn at a step depends on the seed and the step alone, so a training that was killed goes on from its
last checkpoint exactly as if it had not been.
"""

from __future__ import annotations

import ctypes
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from math import cos, pi
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from photosearch.datasets import multi_hot
from photosearch.encode.encoder import normalise
from photosearch.encode.model_file import Preprocessing
from photosearch.encode.network import joined
from photosearch.errors import TrainingFailed
from photosearch.files import replacing
from photosearch.records import Progress
from photosearch.training.augment import COPY, SCENE, Changes, augment
from photosearch.training.muon import Muon
from photosearch.training.precision import fast_precision

HELD_OUT = 0.02

NORMALISING = 2048
"""Photos that batch normalisation is measured with anew."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast.

    Attributes:
        batch: Views a step.
        rate: Highest learning rate, reached after the share `warmup` of all steps; from there it falls to
            zero as a half cosine. Filters are trained by Muon at this rate, everything else by Adam at a
            tenth of it.
        decay: Weight decay of filters.
        views: How each photo of a step is changed, once for each entry; so a step sees batch / views photos.
        decoded: Photos are decoded once to squares of this side, and views are cut from those.
        sizes: From which share of the steps on views of which side, in pixels, are trained on: small ones
            first, which is most of the training for little of the time.
        save_seconds: Between two checkpoints.
    """

    steps: int = 3600
    batch: int = 256
    rate: float = 0.02
    warmup: float = 0.03
    decay: float = 0.02
    views: tuple[Changes, ...] = (SCENE, COPY)
    decoded: int = 96
    sizes: tuple[tuple[float, int], ...] = ((0.0, 48), (0.55, 64), (0.9, 80))
    save_seconds: float = 120.0

    @property
    def preprocessing(self) -> Preprocessing:
        """Whole photos are looked at in the size of the last views."""
        return Preprocessing(self.sizes[-1][1], mean=(0.48, 0.45, 0.40), std=(0.27, 0.26, 0.28))

    def rate_at(self, step: int) -> float:
        """Share of the highest rate."""
        done = step / self.steps
        if done < self.warmup:
            return (step + 1) / (self.warmup * self.steps + 1)
        return (1 + cos(pi * (done - self.warmup) / (1 - self.warmup))) / 2

    def size_at(self, step: int) -> int:
        return [size for start, size in self.sizes if start * self.steps <= step][-1]


class Objective(Protocol):
    """What a method trains for; a torch module, whose state belongs to the checkpoint."""

    def __call__(self, vectors: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        """The loss of a batch.

        With v views a photo, the first n / v rows are the first views, and so on.

        Args:
            vectors: Unit vectors, shape (n, D), or (n, streams, D) of several streams.
            labels: 1 for a photo's classes and 0 for all others, float32, shape (n, C).
            rows: Positions in the training set, int64, shape (n,).
        """

    def after_step(self, step: int) -> None:
        """Whatever alternates with the steps of the network."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Decoded photos and their classes.

    Attributes:
        pixels: uint8 RGB, shape (N, size, size, 3); may be memory-mapped.
        targets: Each photo's class, int64, shape (N,); or several, bool, shape (N, C).
        held_out: Photos kept for validation: bool, shape (N,).
    """

    pixels: NDArray[np.uint8]
    targets: NDArray[np.int64] | NDArray[np.bool_]
    classes: int
    held_out: NDArray[np.bool_]

    @classmethod
    def split(
        cls,
        pixels: NDArray[np.uint8],
        targets: NDArray[np.int64] | NDArray[np.bool_],
        classes: int,
        seed: int,
    ) -> TrainingSet:
        """Hold some photos out, but never more than half of a class, of several classes the rarest.

        Raises:
            TrainingFailed: There is nothing to tell apart.
        """
        counts, rarest = _rarest(targets, classes)
        if (counts >= 2).sum() < 2:
            raise TrainingFailed("Training needs at least two classes with two readable pictures in each.")
        held_out = np.zeros(len(targets), bool)
        order = np.random.default_rng(seed).permutation(len(targets))
        left = counts // 2
        wanted = max(1, round(HELD_OUT * len(targets)))
        for row in order:
            if left[rarest[row]] and wanted:
                left[rarest[row]] -= 1
                wanted -= 1
                held_out[row] = True
        return cls(pixels, targets, classes, held_out)

    def labels(self, rows: NDArray[np.integer] | slice = slice(None)) -> Tensor:
        """1 for the classes of some photos and 0 for all others: float32, shape (n, C)."""
        return torch.from_numpy(multi_hot(self.targets[rows], self.classes))


def _rarest(
    targets: NDArray[np.int64] | NDArray[np.bool_], classes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many photos each class has, (C,), and of each photo's classes the one that has fewest, (N,)."""
    if targets.ndim == 1:
        return np.bincount(targets, minlength=classes), targets.astype(np.int64)
    counts = targets.sum(0, dtype=np.int64)
    return counts, np.where(targets, counts, len(targets) + 1).argmin(1)


@torch.inference_mode()
def embed(
    network: nn.Module,
    pixels: NDArray[np.uint8],
    preprocessing: Preprocessing,
    device: torch.device,
    batch: int = 256,
) -> Iterator[Tensor]:
    """Unit vectors of unchanged photos of any size, a batch at a time: float32 on the CPU, shape (n, D)."""
    for start in range(0, len(pixels), batch):
        yield _vectors(network, clean_views(pixels[start : start + batch], preprocessing, device))


@torch.inference_mode()
def embed_changed(
    network: nn.Module,
    pixels: NDArray[np.uint8],
    rows: NDArray[np.integer],
    schedule: Schedule,
    device: torch.device,
    random: np.random.Generator,
    batch: int = 256,
) -> Iterator[Tensor]:
    """As `embed`, of some of the photos, changed as those of a step are: in each way by turns."""
    preprocessing, changes = schedule.preprocessing, cycle(schedule.views)
    for start in range(0, len(rows), batch):
        views = augment(pixels[rows[start : start + batch]], preprocessing.size, random, next(changes))
        yield _vectors(network, _input(views.to(device), preprocessing))


def _vectors(network: nn.Module, views: Tensor) -> Tensor:
    network.eval()
    with _fast(views.device):
        vectors: Tensor = network(views)
    return joined(vectors.float()).cpu()


def clean_views(pixels: NDArray[np.uint8], preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """Unchanged photos of any size as the network's input: (n, size, size, 3) → (n, 3, size, size)."""
    views = torch.from_numpy(np.array(pixels)).to(device).permute(0, 3, 1, 2)
    size = (preprocessing.size, preprocessing.size)
    views = functional.interpolate(views, size, mode="bilinear", antialias=True).float() / 255
    return _input(views, preprocessing)


def changed_views(
    pixels: NDArray[np.uint8],
    schedule: Schedule,
    size: int,
    device: torch.device,
    random: np.random.Generator,
) -> Tensor:
    """All views of some photos, as a step sees them: (n, size, size, 3) → (v n, 3, size, size)."""
    views = _augmented(pixels, size, random, schedule.views)
    return _input(views.to(device), schedule.preprocessing)


@torch.no_grad()
def normalise_anew(
    network: nn.Module,
    pixels: NDArray[np.uint8],
    rows: NDArray[np.integer],
    schedule: Schedule,
    device: torch.device,
    random: np.random.Generator,
) -> None:
    """Measure what batch normalisation subtracts and divides by, in batches changed as those of a step are.

    Views are as small as those of most steps: measured with larger ones, or with unchanged photos, a network
    finds fewer copies and fewer photos of a kind (docs/MODEL.md).
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    network.to(device).train()
    count = schedule.batch // len(schedule.views)
    for chosen in np.resize(rows, (max(1, round(NORMALISING / count)), count)):
        network(changed_views(pixels[chosen], schedule, schedule.size_at(0), device, random))


def _augmented(
    pixels: NDArray[np.uint8], size: int, random: np.random.Generator, views: Sequence[Changes]
) -> Tensor:
    """Photos changed in each of these ways, one way after the other."""
    return torch.cat([augment(pixels, size, random, changes) for changes in views])


def fit(
    network: nn.Module,
    objective: nn.Module,
    photos: TrainingSet,
    schedule: Schedule,
    folder: Path,
    device: torch.device,
    seed: int = 0,
    identity: str = "",
) -> Iterator[Progress]:
    """Train a network for an objective, from the checkpoint in a folder if there is one.

    Args:
        identity: What tells this training from others: a checkpoint of another one is refused.

    Raises:
        TrainingFailed: The loss is no number any more, or the checkpoint belongs to another training.
    """
    _keep_memory()
    folder.mkdir(parents=True, exist_ok=True)
    network.to(device).to(memory_format=torch.channels_last)
    objective.to(device)
    parts = nn.ModuleDict({"network": network, "objective": objective})
    optimizers = _optimizers(parts, schedule)
    step = _resume(folder, parts, optimizers, identity)
    rows = np.flatnonzero(~photos.held_out)
    # Classes are drawn as n^0.5: a source with many photos of a class does not swamp the others.
    counts, rarest = _rarest(photos.targets[rows], photos.classes)
    weights = counts[rarest] ** -0.5
    drawn = np.cumsum(weights / weights.sum())
    preprocessing = schedule.preprocessing
    saved, recent = time.monotonic(), deque([time.monotonic()], maxlen=50)

    def draw(step: int) -> tuple[NDArray[np.integer], Tensor]:
        random = np.random.default_rng((seed, step))
        count = schedule.batch // len(schedule.views)
        chosen = rows[np.searchsorted(drawn, random.random(count)).clip(max=len(rows) - 1)]
        chosen.sort()
        views = _augmented(photos.pixels[chosen], schedule.size_at(step), random, schedule.views)
        return np.tile(chosen, len(schedule.views)), views

    # The views of the next step are made while this one is calculated.
    with ThreadPoolExecutor(1, "augment") as ahead:
        following = ahead.submit(draw, step)
        while step < schedule.steps:
            chosen, views = following.result()
            following = ahead.submit(draw, step + 1)
            labels = photos.labels(chosen).to(device)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = group["highest"] * schedule.rate_at(step)
            loss = _step(parts, optimizers, views.to(device), labels, torch.from_numpy(chosen), preprocessing)
            if not np.isfinite(loss):
                raise TrainingFailed(
                    f"The loss at step {step} is no number any more; what was saved before is in {folder}."
                )
            step += 1
            objective.after_step(step)  # type: ignore[operator]
            if time.monotonic() - saved >= schedule.save_seconds or step == schedule.steps:
                _save(folder, parts, optimizers, step, identity)
                saved = time.monotonic()
            recent.append(time.monotonic())
            rate = (len(recent) - 1) / max(1e-9, recent[-1] - recent[0])
            left = (schedule.steps - step) / rate
            yield Progress("training", step, schedule.steps, rate, left, measures={"loss": loss})


def _keep_memory() -> None:
    """Keep what large tensors leave free: given back to the system, each comes anew, page by page.

    A step of the bundled model's training took five times as long with what glibc does by default.
    """
    with suppress(OSError, AttributeError):
        # M_MMAP_MAX and M_TRIM_THRESHOLD of malloc.h; other C libraries have no mallopt.
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-4, 0)
        mallopt(-1, 2**31 - 1)


def _step(
    parts: nn.ModuleDict,
    optimizers: list[torch.optim.Optimizer],
    views: Tensor,
    labels: Tensor,
    rows: Tensor,
    preprocessing: Preprocessing,
) -> float:
    parts.train()
    with _fast(views.device):
        vectors = parts["network"](_input(views, preprocessing))
    loss = parts["objective"](vectors, labels, rows.to(views.device))
    parts.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    return float(loss.detach())


def _fast(device: torch.device) -> torch.autocast:
    precision = fast_precision(device)
    return torch.autocast(device.type, precision, enabled=precision is not torch.float32)


def _input(views: Tensor, preprocessing: Preprocessing) -> Tensor:
    return normalise(views, preprocessing).contiguous(memory_format=torch.channels_last)


def _optimizers(parts: nn.Module, schedule: Schedule) -> list[torch.optim.Optimizer]:
    trained = [parameter for parameter in parts.parameters() if parameter.requires_grad]
    filters = [parameter for parameter in trained if parameter.ndim == 4]
    others = [parameter for parameter in trained if parameter.ndim != 4]
    optimizers = [
        Muon(filters, schedule.rate, decay=schedule.decay),
        torch.optim.Adam(others, schedule.rate / 10),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["highest"] = group["lr"]
    return optimizers


def _save(
    folder: Path, parts: nn.Module, optimizers: list[torch.optim.Optimizer], step: int, identity: str
) -> None:
    if not all(bool(torch.isfinite(parameter).all()) for parameter in parts.parameters()):
        raise TrainingFailed(f"The weights at step {step} are no numbers any more.")
    state = {
        "parts": parts.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "identity": identity,
    }
    try:
        with replacing(folder / "checkpoint.pt") as file:
            torch.save(state, file)
    # torch tells of a full disk as a RuntimeError.
    except (OSError, RuntimeError) as error:
        raise TrainingFailed(
            f"The checkpoint of step {step} cannot be written to {folder}, perhaps because the disk is full; "
            "the one before it is kept."
        ) from error


def _resume(folder: Path, parts: nn.Module, optimizers: list[torch.optim.Optimizer], identity: str) -> int:
    file = folder / "checkpoint.pt"
    if not file.is_file():
        return 0
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        if state["identity"] != identity:
            raise ValueError("another training")
        parts.load_state_dict(state["parts"])
        for optimizer, stored in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
    except Exception as error:
        raise TrainingFailed(f"The checkpoint {file} is damaged or belongs to another training.") from error
    return int(state["step"])
