"""The network: a compact residual network that maps a photo to a point on the unit sphere."""

from __future__ import annotations

from itertools import product
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from photosearch.encode.architecture import CELLS, SHADES, Architecture

GREY = 3.0
"""How much more light and shade weigh in a photo's colours than each other direction."""

SAMPLED = 100_000
"""Cells that the levels of shades are taken from."""

LEAST = 1e-6
"""A variance of shades that is taken for none."""

FLOOR, POWER = 0.1, 0.5
"""λ and p of `steadying`: docs/MODEL.md tells what they brought."""


class Network(nn.Module):
    """Basic residual blocks (He et al., CVPR 2016) after a stem of two convolutions, mean-pooled.

    A stage is halved by strided convolution on the main path and by mean pooling on the short cut (the "D"
    variant of He et al., CVPR 2019).

    Or, where the architecture is pooled, after a stem of one convolution, blocks of a convolution that the
    maximum is taken of and of a residual one, much as in the networks that learn CIFAR-10 fastest (Jordan,
    94 % on CIFAR-10 in 3.29 seconds, arXiv 2404.00498).

    Features learn to overlook colours. Where the architecture has some, their dimensions tell how much of the
    photo has which (`arrange`): a copy keeps that, however small, blurred, cropped or turned.

    Args:
        folded: Without batch normalisation, for weights that `fold` made.
    """

    def __init__(self, architecture: Architecture, folded: bool = False) -> None:
        super().__init__()
        widths, first = architecture.widths, architecture.widths[0]
        stem: list[nn.Module] = [
            _Convolution(3, first // 2, 2 if architecture.stem == 4 else 1, folded),
            nn.ReLU(inplace=True),
        ]
        before = first // 2
        if not architecture.pooled:
            second = _Convolution(before, first, 1 if architecture.stem == 1 else 2, folded)
            stem += [second, nn.ReLU(inplace=True)]
            before = first
        self.stem = nn.Sequential(*stem)
        blocks: list[nn.Module] = []
        for stage, (width, depth) in enumerate(zip(widths, architecture.depths, strict=True)):
            for block in range(depth):
                if architecture.pooled:
                    blocks.append(_PooledBlock(before, width, folded))
                else:
                    blocks.append(_Block(before, width, 2 if stage and not block else 1, folded))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(before, architecture.kinds, bias=folded)
        self.centre = nn.Identity() if folded else nn.BatchNorm1d(architecture.kinds, affine=False)
        self.shades = nn.Conv2d(3, SHADES, 1) if architecture.colours else None
        self.colours = nn.Linear(SHADES, architecture.colours) if architecture.colours else None
        self.share = architecture.colours_share
        for given in _appearance(self).values():
            # What `arrange` made of it stays: steps would learn to overlook it.
            given.requires_grad_(False)
        self.squash = nn.Tanh() if architecture.squashed else nn.Identity()
        self.spherical = architecture.spherical

    def forward(self, photos: Tensor) -> Tensor:
        """Unit vectors, float32, shape (n, D), of normalised photos, shape (n, 3, size, size)."""
        pooled = self.blocks(self.stem(photos)).mean((2, 3))
        vectors: Tensor = self.squash(self.centre(self.head(pooled)).float())
        if not self.spherical:
            return vectors / vectors.shape[1] ** 0.5
        kinds = functional.normalize(vectors)
        if self.shades is None or self.colours is None:
            return kinds
        colours = functional.normalize(self.colours(self.told(cells(photos))).float())
        return torch.cat([(1 - self.share) ** 0.5 * kinds, self.share**0.5 * colours], 1)

    def told(self, cells: Tensor) -> Tensor:
        """How much of a photo lies how far along each direction of colour: (n, SHADES) of its cells."""
        return functional.relu(cast(nn.Conv2d, self.shades)(cells)).mean((2, 3))


class Streams(nn.Module):
    """Networks of one structure and of different weights, side by side."""

    def __init__(self, architecture: Architecture, folded: bool = False) -> None:
        super().__init__()
        self.streams = nn.ModuleList(Network(architecture, folded) for _ in range(architecture.streams))

    def forward(self, photos: Tensor) -> Tensor:
        """The unit vectors of each, float32, shape (n, streams, D)."""
        return torch.stack([stream(photos) for stream in self.streams], 1)


def build(architecture: Architecture, folded: bool = False) -> nn.Module:
    """A `Network`, or `Streams` of them."""
    return (Network if architecture.streams == 1 else Streams)(architecture, folded)


def joined(vectors: Tensor) -> Tensor:
    """One unit vector a photo, (n, D), from what a network or the streams, (n, streams, D), make of it."""
    return vectors if vectors.ndim == 2 else functional.normalize(vectors.sum(1))


class _Convolution(nn.Sequential):
    def __init__(self, before: int, width: int, stride: int, folded: bool, size: int = 3) -> None:
        convolution = nn.Conv2d(before, width, size, stride, size // 2, bias=folded)
        super().__init__(convolution) if folded else super().__init__(convolution, nn.BatchNorm2d(width))


class _Block(nn.Module):
    def __init__(self, before: int, width: int, stride: int, folded: bool) -> None:
        super().__init__()
        self.first = _Convolution(before, width, stride, folded)
        self.second = _Convolution(width, width, 1, folded)
        self.shrink = nn.AvgPool2d(2, ceil_mode=True) if stride > 1 else nn.Identity()
        self.widen = _Convolution(before, width, 1, folded, size=1) if before != width else nn.Identity()
        if not folded:
            # A block begins as its short cut: deep networks start faster so.
            nn.init.zeros_(cast(nn.BatchNorm2d, self.second[1]).weight)

    def forward(self, photos: Tensor) -> Tensor:
        inner = self.second(functional.relu(self.first(photos), inplace=True))
        return functional.relu(inner + self.widen(self.shrink(photos)), inplace=True)


class _PooledBlock(nn.Module):
    def __init__(self, before: int, width: int, folded: bool) -> None:
        super().__init__()
        self.first = _Convolution(before, width, 1, folded)
        self.second = _Convolution(width, width, 1, folded)

    def forward(self, photos: Tensor) -> Tensor:
        photos = functional.relu(functional.max_pool2d(self.first(photos), 2))
        return functional.relu(photos + self.second(photos))


def fold(network: nn.Module, architecture: Architecture) -> nn.Module:
    """The same network without batch normalisation: each is folded into the convolution or layer before it.

    Exact up to rounding, and half as many passes over memory.
    """
    network.eval()
    folded = build(architecture, folded=True)
    for stream, plain in zip(_networks(network), _networks(folded), strict=True):
        _fold(stream, plain)
    return folded.eval()


@torch.no_grad()
def _fold(network: Network, folded: Network) -> None:
    for module, (plain,) in zip(_convolutions(network), _convolutions(folded), strict=True):
        convolution, norm = cast(tuple[nn.Conv2d, nn.BatchNorm2d], tuple(module))
        plain.load_state_dict(fuse_conv_bn_eval(convolution, norm).state_dict())
    offset = network.centre(network.head(torch.zeros(1, network.head.in_features)))
    turned = network.centre(network.head(torch.eye(network.head.in_features))) - offset
    folded.head.weight.copy_(turned.T)
    folded.head.bias.copy_(offset[0])
    for name, given in _appearance(network).items():
        folded.get_submodule(name).load_state_dict(given.state_dict())


def cells(photos: Tensor) -> Tensor:
    """The means of a photo's parts: (n, 3, size, size) → (n, 3, CELLS, CELLS)."""
    return functional.adaptive_avg_pool2d(photos, CELLS)


@torch.no_grad()
def arrange(network: nn.Module, known: Tensor, changed: Tensor) -> None:
    """Give a network its colours: the axes along which photos differ most, each divided by its deviation.

    Functions that are cut off below a level tell how much of a photo lies how far along each axis and each
    diagonal of the cube of red, green and blue.

    Args:
        known: `cells` of normalised, unchanged photos, shape (n, 3, CELLS, CELLS).
        changed: Of the same photos, changed.
    """
    directions = torch.tensor([way for way in product((-1, 0, 1), repeat=3) if way > (0, 0, 0)]).float()
    directions = functional.normalize(directions)
    along = torch.einsum("nchw,dc->dnhw", known, directions).flatten(1)
    levels = torch.linspace(0, 1, SHADES // len(directions) + 1)[:-1]
    starts = along[:, :: max(1, along.shape[1] // SAMPLED)].quantile(levels, dim=1).T
    shades = {
        "weight": directions.repeat_interleave(len(levels), 0)[:, :, None, None],
        "bias": -starts.flatten(),
    }
    # A grey copy has its light and shade alone.
    grey = (directions > 0).all(1).repeat_interleave(len(levels))
    weight = torch.where(grey, GREY, 1.0)
    for stream in _networks(network):
        if stream.shades is not None and stream.colours is not None:
            stream.shades.load_state_dict(shades)
            told = stream.told(known) * weight
            variances, axes = torch.linalg.eigh(told.T.cov())
            # Photos of a few colours do not vary along all axes, and half precision ends at 65,504.
            least = LEAST * (1 + float(variances[-1]))
            whitened = (axes / variances.clamp(min=least).sqrt()).flip(1).T[: stream.colours.out_features]
            points, moved = (
                functional.normalize((seen - told.mean(0)) @ whitened.T)
                for seen in (told, stream.told(changed) * weight)
            )
            whitened = steadying(points, moved) @ whitened
            stream.colours.load_state_dict({"weight": whitened * weight, "bias": -whitened @ told.mean(0)})


def steadying(points: Tensor, moved: Tensor) -> Tensor:
    """(S + λ)^(−p/2), with S the second moment of how changes move photos, scaled to a mean variance of 1.

    Directions along which the changes of a photo move it count less then, as in Fisher's discriminant, which
    has p = 1 and λ = 0 (Annals of Eugenics 7, 1936).

    Args:
        points, moved: Of photos and of the same ones changed, shape (n, D).

    Returns:
        Symmetric, shape (D, D).
    """
    squares = (moved - points).T @ (moved - points)
    spread, axes = torch.linalg.eigh(squares * (len(squares) / squares.trace().clamp(min=1e-12)))
    return axes * (spread.clamp(min=0) + FLOOR) ** (-POWER / 2) @ axes.T


def _appearance(network: Network) -> dict[str, nn.Linear | nn.Conv2d]:
    """The parts of a network that `arrange` makes, by name."""
    parts = {"shades": network.shades, "colours": network.colours}
    return {name: part for name, part in parts.items() if part is not None}


@torch.no_grad()
def turn_head(folded: Network, rotation: Tensor) -> None:
    """Turn what the head of a folded network makes, by a rotation or another map of shape (D, D)."""
    turn = rotation.to(folded.head.weight)
    folded.head.weight.copy_(turn @ folded.head.weight)
    folded.head.bias.copy_(turn @ folded.head.bias)


@torch.no_grad()
def unfold(network: nn.Module, folded: nn.Module, photos: Tensor) -> None:
    """Give a network with batch normalisation the weights of a folded one, so that its training can go on.

    A head of another length begins with the principal axes of what the folded one makes, turned so that each
    dimension has a part of all. Streams that a folded network lacks begin as its first, with a head that is a
    little different, so that they come to differ.

    Args:
        photos: Normalised photos to measure means and deviations with, shape (n, 3, size, size).
    """
    known = _networks(folded)
    for number, stream in enumerate(_networks(network)):
        source = known[min(number, len(known) - 1)]
        points = _unfold(stream, source, photos).cpu()
        weight, bias = source.head.weight.cpu(), source.head.bias.cpu()
        centre = cast(nn.BatchNorm1d, stream.centre)
        length = stream.head.out_features
        if number < len(known) and length == points.shape[1]:
            turn = torch.eye(length)
            mean, variance = torch.zeros(length), torch.full((length,), 1 - centre.eps)
        else:
            turn = _principal_turn(points, length)
            if number >= len(known):
                random = torch.Generator().manual_seed(number)
                turn += 0.1 * torch.randn(turn.shape, generator=random) / points.shape[1] ** 0.5
            mean, variance = (points @ turn.T).mean(0), (points @ turn.T).var(0)
        stream.head.weight.copy_(turn @ weight)
        state = {"running_mean": mean - turn @ bias, "running_var": variance}
        centre.load_state_dict(state, strict=False)
        seen, given = _appearance(stream), _appearance(source)
        # Together or not at all: what the shades are means little to colours that were made of others.
        if given and all(part.weight.shape == given[name].weight.shape for name, part in seen.items()):
            for name, part in seen.items():
                part.load_state_dict(given[name].state_dict())


@torch.no_grad()
def average(network: nn.Module, other: nn.Module, share: float) -> None:
    """Move what was trained of a network towards another of its structure, by a share of the way."""
    for mine, its in zip(network.parameters(), other.parameters(), strict=True):
        if mine.requires_grad:
            mine.lerp_(its, share)


def _principal_turn(points: Tensor, length: int) -> Tensor:
    """To so many dimensions, of the axes of most variance: shape (length, D), the same at every call."""
    axes = torch.linalg.eigh(points.T.cov()).eigenvectors.flip(1).T[:length]
    random = torch.Generator().manual_seed(0)
    turned: Tensor = torch.linalg.qr(torch.randn(length, len(axes), generator=random)).Q @ axes
    return turned


def _unfold(network: Network, folded: Network, photos: Tensor) -> Tensor:
    """All but the head; what the folded head makes of the photos, (n, D)."""
    plains = [plain for (plain,) in _convolutions(folded)]
    outputs: dict[nn.Module, Tensor] = {}

    def keep(layer: nn.Module, _: object, output: Tensor) -> None:
        # What follows works in place.
        outputs[layer] = output.clone()

    handles = [layer.register_forward_hook(keep) for layer in (*plains, folded.head)]
    folded.eval()(photos)
    for handle in handles:
        handle.remove()
    for module, plain in zip(_convolutions(network), plains, strict=True):
        convolution, norm = cast(tuple[nn.Conv2d, nn.BatchNorm2d], tuple(module))
        filters, bias = plain.state_dict()["weight"], plain.state_dict()["bias"]
        mean, variance = outputs[plain].mean((0, 2, 3)), outputs[plain].var((0, 2, 3))
        # Normalisation makes the length of a filter free; how far a step turns it depends on that length.
        length = filters.flatten(1).norm(dim=1).clamp(min=1e-6)
        convolution.weight.copy_(filters / length[:, None, None, None])
        variance = variance / length.square()
        state = {
            "weight": (variance + norm.eps).sqrt() * length,
            "bias": mean,
            "running_mean": (mean - bias) / length,
            "running_var": variance,
        }
        norm.load_state_dict(state, strict=False)
    return outputs[folded.head]


def _networks(network: nn.Module) -> list[Network]:
    return [network] if isinstance(network, Network) else list(cast(Streams, network).streams)  # type: ignore[arg-type]


def _convolutions(network: Network) -> list[_Convolution]:
    return [module for module in network.modules() if isinstance(module, _Convolution)]
