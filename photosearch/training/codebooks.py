"""Codebooks for vectors that are given: k-means, least squares for given codes, and rounds of both.

All are float32 of shape (M, 256, D); codes are uint8 of shape (n, M).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from photosearch.encode import additive

WORDS = 256
"""K: a codeword's name is one byte."""


def k_means(points: Tensor, random: torch.Generator, rounds: int = 10) -> Tensor:
    """Lloyd's algorithm from random points: float32, shape (256, D)."""
    start = torch.randint(len(points), (WORDS,), generator=random).to(points.device)
    codebook = points[start].clone()
    for _ in range(rounds):
        nearest = _nearest(points, codebook)
        used = torch.bincount(nearest, minlength=WORDS)
        sums = torch.zeros_like(codebook).index_add_(0, nearest, points)
        codebook = torch.where(used[:, None] > 0, sums / used.clamp(min=1)[:, None], codebook)
    return codebook


def residual_codebooks(vectors: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Codebooks to begin with: k-means of what the codebooks before left over, coarse to fine."""
    codebooks = []
    residuals = vectors.clone()
    for _ in range(count):
        codebook = k_means(residuals, random)
        residuals -= codebook[_nearest(residuals, codebook)]
        codebooks.append(codebook)
    return torch.stack(codebooks)


def product_codebooks(vectors: Tensor, count: int, random: torch.Generator, rounds: int = 20) -> Tensor:
    """Product quantization (Jégou et al., TPAMI 2011): k-means in each of `count` blocks of dimensions.

    A codeword is zero outside its block, so the codes are additive ones like any others.
    """
    codebooks = vectors.new_zeros(count, WORDS, vectors.shape[1])
    for codebook, block in zip(codebooks, torch.arange(vectors.shape[1]).tensor_split(count), strict=True):
        codebook[:, block] = k_means(vectors[:, block], random, rounds)
    return codebooks


def refit_codebooks(
    targets: Tensor, codes: Tensor, codebooks: Tensor, support: Tensor | None = None, ridge: float = 1e-3
) -> Tensor:
    """The codebooks of least Σ ‖t − Σ_m C_m b_m‖² for given codes: ridge least squares on the change.

    (BᵀB + εI) ΔC = Bᵀ(T − B C), B the one-hot codes. BᵀB is singular (each codebook's columns sum to one), so
    without ε there is no unique answer; solving for the change leaves an unused codeword as it is.

    Args:
        targets: float32, shape (n, D).
        support: Entries that may differ from zero, bool, shape (M, K, D), all of them by default; each
            dimension is then solved by itself.
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
    gram, right = gram.view(count * size, count * size), right.view(count * size, dimension)
    gram.diagonal().add_(ridge)
    if support is None:
        change = torch.cholesky_solve(right, torch.linalg.cholesky(gram))
    else:
        change = torch.zeros_like(right)
        for place, free in enumerate(support.reshape(count * size, dimension).T):
            part = torch.linalg.cholesky(gram[free][:, free])
            change[free, place] = torch.cholesky_solve(right[free, place, None], part)[:, 0]
    return codebooks + change.view_as(codebooks).float()


def strongest(codebooks: Tensor, codes: Tensor, density: float) -> Tensor:
    """The entries of each codebook in the share `density` of its dimensions that matters most there.

    A dimension's worth is what its loss would cost: the squares of its entries, each as often as its codeword
    is used. Whole dimensions, because single entries that are left out, scattered, save no time: a processor
    multiplies what lies side by side.

    Returns:
        bool, shape (M, K, D).
    """
    used = torch.stack([torch.bincount(column, minlength=WORDS) for column in codes.T.long()])
    worth = (codebooks.square() * used[..., None]).sum(1)
    kept = torch.zeros_like(worth, dtype=torch.bool)
    kept.scatter_(1, worth.topk(max(1, round(density * worth.shape[1])), dim=1).indices, True)
    return kept[:, None].expand_as(codebooks)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Codebooks after a round, and the mean ‖t − Σ_m C_m b_m‖² that they leave."""

    codebooks: Tensor
    error: float


def fit_codebooks(
    vectors: Tensor, codebooks: Tensor, rounds: int, seed: int, density: float = 1.0, coarse: int = 0
) -> Iterator[Fitted]:
    """Rounds of codes and codebooks for vectors that do not change any more, ordered coarse to fine.

    With a density below 1, after a third of the rounds the `strongest` entries are kept and the others stay
    zero (hard thresholding, with a refit on the support); from then on, as without, the error never rises.

    Args:
        vectors: float32, shape (n, D).
        codebooks: To begin with; zeros: residual k-means.
        density: Share of entries that may differ from zero.
        coarse: So many codebooks at the front are fitted first, as if they were all, and the others to what
            they leave over, for as many rounds each.
    """
    if coarse:
        front, back = codebooks[:coarse], torch.zeros_like(codebooks[coarse:])
        for fitted in fit_codebooks(vectors, front, rounds, seed, density):
            front = fitted.codebooks
            yield Fitted(torch.cat([front, back]), fitted.error)
        rest = vectors - additive.decode(additive.encode(vectors, front), front)
        for fitted in fit_codebooks(rest, back, rounds, seed, density):
            yield Fitted(torch.cat([front, fitted.codebooks]), fitted.error)
        return
    if not codebooks.any():
        codebooks = residual_codebooks(vectors, len(codebooks), torch.Generator().manual_seed(seed))
    codes = additive.encode(vectors, codebooks, beam=4, sweeps=2)
    support = None
    for done in range(rounds):
        codebooks = refit_codebooks(vectors, codes, codebooks, support)
        if density < 1 and done == rounds // 3:
            support = strongest(codebooks, codes, density)
            codebooks = refit_codebooks(vectors, codes, codebooks * support, support)
        codes = additive.improve(vectors, codes, codebooks, sweeps=2)
        error = (vectors - additive.decode(codes, codebooks)).square().sum(1).mean()
        words = zip(codebooks, codes.T.long(), strict=True)
        spread = torch.stack([codebook[column].var(0).sum() for codebook, column in words])
        yield Fitted(codebooks[spread.argsort(descending=True)], float(error))


def _nearest(points: Tensor, codebook: Tensor) -> Tensor:
    return (codebook.square().sum(1) - 2 * points @ codebook.T).argmin(1)
