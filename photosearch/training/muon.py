"""Muon: steps that turn a matrix by the same amount in all directions (Jordan et al., 2024)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from photosearch.training.precision import fast_precision


class Muon(torch.optim.Optimizer):
    """Steps along the orthogonalised Nesterov momentum of filter banks, seen as matrices (out, in × k × k).

    Against plain stochastic gradient descent it more than halves the steps a short training needs, for a
    fifth more time a step.

    Args:
        decay: Decoupled weight decay, times the rate.
    """

    def __init__(
        self, filters: Iterable[nn.Parameter], lr: float, momentum: float = 0.9, decay: float = 0.0
    ) -> None:
        super().__init__(filters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for filters in group["params"]:
                state = self.state[filters]
                if not state:
                    state["momentum"] = torch.zeros_like(filters)
                state["momentum"].mul_(group["momentum"]).add_(filters.grad)
                matrix = (filters.grad + group["momentum"] * state["momentum"]).flatten(1)
                tall = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                filters.mul_(1 - group["lr"] * group["decay"])
                filters.add_(orthogonalised(matrix).view_as(filters), alpha=-group["lr"] * tall)


def orthogonalised(matrix: Tensor, steps: int = 4) -> Tensor:
    """Nearly U Vᵀ of a matrix U S Vᵀ: singular values come to lie in 0.7..1.2, by Newton–Schulz iteration.

    The fastest precision is enough: only the direction of a step depends on it.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    turned = wide.to(fast_precision(wide.device))
    turned = turned / (turned.norm() + 1e-7)
    for _ in range(steps):
        gram = turned @ turned.T
        change = torch.addmm(gram, gram, gram, beta=-4.7750, alpha=2.0315)
        turned = torch.addmm(turned, change, turned, beta=3.4445)
    turned = turned.to(matrix.dtype)
    return turned if wide is matrix else turned.T
