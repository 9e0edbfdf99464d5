"""Additive codes: a vector as a sum of M codewords, one from each of M codebooks of K = 256.

Finding the best code is a combinatorial problem; a beam search (Babenko & Lempitsky, CVPR 2014) finds a good
one, and iterated conditional modes (Besag, 1986; LSQ: Martinez et al., ECCV 2016) improve it one codebook at
a time.

A search ranks by inner products with sums of codewords. Of two photos equally near, the one whose sum is
shorter, because its code is worse, comes later; so a code may be asked to keep the length as well:

    ‖z − q‖² + μ (‖q‖² − ‖z‖²)²

with μ the norm penalty of the model.

Some photos are like so many that they turn up in everybody's answers, which is known as hubness (Radovanović
et al., JMLR 2010). Where a model holds the second moment S of its training photos' vectors, what is written
as a sum is not z but z (zᵀSz)^(−1/8): the more alike z is to photos at large, the shorter, and the later it
comes. The length is part of the code and takes no byte of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 256
"""Vectors encoded at a time: so many that what a beam search works on stays in the processor's caches."""


def second_moment(vectors: Tensor) -> Tensor:
    """S, the mean of z zᵀ, scaled so that `evened` leaves these vectors a mean length of 1.

    Args:
        vectors: Unit vectors, float32, shape (n, D).

    Returns:
        float32, shape (D, D).
    """
    moment = vectors.T @ vectors / len(vectors)
    return moment * evened(vectors, moment).norm(dim=1).mean() ** 8


def evened(vectors: Tensor, moment: Tensor) -> Tensor:
    """z (zᵀSz)^(−1/8) of unit vectors z, shape (n, D): shorter where z is like many photos."""
    alike = ((vectors @ moment) * vectors).sum(1, keepdim=True)
    return vectors * alike.clamp(min=1e-6) ** -0.125


def decode(codes: Tensor, codebooks: Tensor) -> Tensor:
    """Sum the codewords: q = Σ_m C_m[b_m].

    Args:
        codes: uint8, shape (n, M); fewer than M columns decode a prefix.
        codebooks: float32, shape (M, K, D).

    Returns:
        float32, shape (n, D).
    """
    total = codebooks.new_zeros(len(codes), codebooks.shape[2])
    for column, codebook in zip(codes.T.long(), codebooks, strict=False):
        total += codebook[column]
    return total


def encode(
    vectors: Tensor,
    codebooks: Tensor,
    beam: int = 16,
    sweeps: int = 3,
    norm_penalty: float = 0.0,
    coarse: int = 0,
) -> Tensor:
    """A code of small error ‖z − Σ_m C_m[b_m]‖² for each vector.

    With `beam` ≥ K and no penalty the search is exact for M ≤ 2, if there is no coarse part.

    Args:
        vectors: float32, shape (n, D).
        codebooks: float32, shape (M, K, D), coarse to fine.
        beam: Partial codes kept after each codebook.
        sweeps: Passes of local search at most.
        norm_penalty: μ.
        coarse: How many bytes at the front are chosen first, as if they were all, so that their own sum is
            near; the others then go on from what they leave over.

    Returns:
        uint8, shape (n, M).
    """
    chunks = []
    for chunk in vectors.split(CHUNK):
        if coarse:
            front, back = codebooks[:coarse], codebooks[coarse:]
            first = improve(chunk, beam_search(chunk, front, beam, norm_penalty), front, sweeps, norm_penalty)
            codes = torch.cat([first, beam_search(chunk - decode(first, front), back, beam)], 1)
        else:
            codes = beam_search(chunk, codebooks, beam, norm_penalty)
        chunks.append(improve(chunk, codes, codebooks, sweeps, norm_penalty))
    return torch.cat(chunks)


def beam_search(vectors: Tensor, codebooks: Tensor, beam: int, norm_penalty: float = 0.0) -> Tensor:
    """Quantise residuals codebook by codebook, keeping the `beam` best partial codes: uint8, shape (n, M).

    Of the last ones the penalty has its say.
    """
    count, size = len(vectors), codebooks.shape[1]
    residuals = vectors[:, None]  # (n, kept, D)
    errors = vectors.square().sum(1, keepdim=True)  # (n, kept)
    codes = torch.empty(count, 1, 0, dtype=torch.uint8, device=vectors.device)  # (n, kept, codebooks so far)
    for codebook in codebooks:
        # ‖r − c‖² = ‖r‖² − 2⟨r, c⟩ + ‖c‖²
        grown = torch.addmm(codebook.square().sum(1), residuals.flatten(0, 1), codebook.T, alpha=-2)
        grown = grown.view(*errors.shape, size).add_(errors[..., None]).flatten(1)
        errors, best = grown.topk(min(beam, grown.shape[1]), largest=False)
        parent, word = best // size, best % size
        rows = torch.arange(count, device=vectors.device)[:, None]
        residuals = residuals[rows, parent] - codebook[word]
        codes = torch.cat([codes[rows, parent], word[..., None].to(torch.uint8)], 2)
    if not norm_penalty:
        return codes[:, 0]
    excess = (vectors[:, None] - residuals).square().sum(2) - vectors.square().sum(1, keepdim=True)
    least = (errors + norm_penalty * excess.square()).argmin(1)
    return codes[torch.arange(count, device=vectors.device), least]


def improve(
    vectors: Tensor, codes: Tensor, codebooks: Tensor, sweeps: int, norm_penalty: float = 0.0
) -> Tensor:
    """Iterated conditional modes: choose each codeword anew with all others fixed; the cost never rises.

    Args:
        vectors: float32, shape (n, D).
        codes: uint8, shape (n, M).
        sweeps: Passes over the codebooks; fewer if nothing changes any more.

    Returns:
        uint8, shape (n, M).
    """
    codes = codes.clone()
    residuals, wanted = vectors - decode(codes, codebooks), vectors.square().sum(1, keepdim=True)
    for _ in range(sweeps):
        changed = False
        for column, codebook in zip(codes.T, codebooks, strict=True):
            now = column.long()
            free = residuals + codebook[now]
            squares = codebook.square().sum(1)
            costs = torch.addmm(squares, free, codebook.T, alpha=-2)
            if norm_penalty:
                # ‖o + c‖² − ‖z‖² = ‖o‖² + 2⟨o, c⟩ + ‖c‖² − ‖z‖², with o the sum of the others
                others = vectors - free
                excess = torch.addmm(squares, others, codebook.T, alpha=2)
                excess += others.square().sum(1, keepdim=True) - wanted
                costs += norm_penalty * excess.square()
            least, word = costs.min(1)
            # Strictly better, by more than rounding, or two equal codewords would be swapped for ever.
            better = least < costs.gather(1, now[:, None])[:, 0] - 1e-6
            column[better] = word[better].to(torch.uint8)
            residuals = free - codebook[column.long()]
            changed |= bool(better.any())
        if not changed:
            break
    return codes
