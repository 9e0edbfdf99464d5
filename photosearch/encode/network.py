"""The network: a compact residual network that maps a photo to a point on the unit sphere."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from photosearch.encode.architecture import Architecture


class Network(nn.Module):
    """Basic residual blocks (He et al., CVPR 2016) after a stem of two convolutions, mean-pooled.

    A stage is halved by strided convolution on the main path and by mean pooling on the short cut (the "D"
    variant of He et al., CVPR 2019).

    Args:
        folded: Without batch normalisation, for weights that `fold` made.
    """

    def __init__(self, architecture: Architecture, folded: bool = False) -> None:
        super().__init__()
        widths, first = architecture.widths, architecture.widths[0]
        self.stem = nn.Sequential(
            _Convolution(3, first // 2, 2, folded),
            nn.ReLU(inplace=True),
            _Convolution(first // 2, first, 2, folded),
            nn.ReLU(inplace=True),
        )
        blocks: list[nn.Module] = []
        before = first
        for stage, (width, depth) in enumerate(zip(widths, architecture.depths, strict=True)):
            for block in range(depth):
                blocks.append(_Block(before, width, 2 if stage and not block else 1, folded))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(before, architecture.dimension, bias=folded)
        self.centre = nn.Identity() if folded else nn.BatchNorm1d(architecture.dimension, affine=False)

    def forward(self, photos: Tensor) -> Tensor:
        """Unit vectors, float32, shape (n, D), of normalised photos, shape (n, 3, size, size)."""
        pooled = self.blocks(self.stem(photos)).mean((2, 3))
        return functional.normalize(self.centre(self.head(pooled)).float())


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


def fold(network: Network, architecture: Architecture) -> Network:
    """The same network without batch normalisation: each is folded into the convolution or layer before it.

    Exact up to rounding, and half as many passes over memory.
    """
    network.eval()
    folded = Network(architecture, folded=True)
    for module, (plain,) in zip(_convolutions(network), _convolutions(folded), strict=True):
        convolution, norm = cast(tuple[nn.Conv2d, nn.BatchNorm2d], tuple(module))
        plain.load_state_dict(fuse_conv_bn_eval(convolution, norm).state_dict())
    with torch.no_grad():
        offset = network.centre(network.head(torch.zeros(1, network.head.in_features)))
        turned = network.centre(network.head(torch.eye(network.head.in_features))) - offset
        folded.head.weight.copy_(turned.T)
        folded.head.bias.copy_(offset[0])
    return folded.eval()


@torch.no_grad()
def unfold(folded: Network, architecture: Architecture, photos: Tensor) -> Network:
    """The same network with batch normalisation again, so that its training can go on.

    Args:
        photos: Normalised photos to measure means and deviations with, shape (n, 3, size, size).
    """
    network = Network(architecture)
    plains = [plain for (plain,) in _convolutions(folded)]
    outputs: dict[nn.Module, Tensor] = {}

    def keep(layer: nn.Module, _: object, output: Tensor) -> None:
        outputs[layer] = output

    handles = [plain.register_forward_hook(keep) for plain in plains]
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
    network.head.weight.copy_(folded.head.weight)
    centre = cast(nn.BatchNorm1d, network.centre)
    whitened = {
        "running_mean": -folded.head.bias,
        "running_var": torch.full_like(folded.head.bias, 1 - centre.eps),
    }
    centre.load_state_dict(whitened, strict=False)
    return network


def _convolutions(network: Network) -> list[_Convolution]:
    return [module for module in network.modules() if isinstance(module, _Convolution)]
