"""Vectors → codes by numpy, where torch need not be: what `additive` and `binary` do with tensors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.encode.model_file import Model

BEAM = 16
"""Partial codes kept after each codebook."""

SWEEPS = 3
"""Passes of local search at most."""


class Codec:
    """What makes a model's codes of its vectors.

    The products are small: more than one thread for each makes them several times slower (`process.py`).
    """

    def __init__(self, model: Model) -> None:
        self._binary = model.spec.kind == "binary"
        self._codebooks = model.codebooks
        self._norm_penalty = model.norm_penalty
        self._moment, self._coarse = model.second_moment, model.coarse
        # ‖r − c‖² = ‖r‖² − 2⟨r, c⟩ + ‖c‖²
        self._products = np.ascontiguousarray(-2 * model.codebooks.transpose(0, 2, 1))  # (M, D, K)
        self._squares: NDArray[np.float32] = np.square(model.codebooks).sum(2)  # (M, K)

    def codes(self, vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Codes, uint8, shape (n, M), of vectors, float32, shape (n, D)."""
        if self._binary:
            return np.packbits(vectors >= 0, axis=1, bitorder="little")
        if self._moment is not None:
            alike = ((vectors @ self._moment) * vectors).sum(1, keepdims=True)
            vectors = vectors * np.maximum(alike, np.float32(1e-6)) ** np.float32(-0.125)
        whole = slice(None)
        if not self._coarse:
            return self._improved(vectors, self._beam_search(vectors, whole, self._norm_penalty), whole)
        front, back = slice(self._coarse), slice(self._coarse, None)
        first = self._improved(vectors, self._beam_search(vectors, front, self._norm_penalty), front)
        rest = vectors - self._codebooks[np.arange(self._coarse), first].sum(1)
        return self._improved(vectors, np.concatenate([first, self._beam_search(rest, back)], axis=1), whole)

    def _beam_search(
        self, vectors: NDArray[np.float32], part: slice, norm_penalty: float = 0.0
    ) -> NDArray[np.uint8]:
        """Quantise residuals by one codebook of a part after the other, keeping the best partial codes."""
        count, size = len(vectors), self._codebooks.shape[1]
        rows = np.arange(count)[:, None]
        residuals = vectors[:, None]  # (n, kept, D)
        errors = np.square(vectors).sum(1, keepdims=True)  # (n, kept)
        codes = np.empty((count, 1, 0), np.uint8)  # (n, kept, codebooks so far)
        parts = (self._codebooks[part], self._products[part], self._squares[part])
        for codebook, products, squares in zip(*parts, strict=True):
            grown = residuals.reshape(-1, residuals.shape[2]) @ products
            grown = grown.reshape(*errors.shape, size) + (errors[..., None] + squares)
            grown = grown.reshape(count, errors.shape[1] * size)
            best = np.argpartition(grown, BEAM - 1, axis=1)[:, :BEAM]
            errors = grown[rows, best]
            parent, word = best // size, best % size
            residuals = residuals[rows, parent] - codebook[word]
            codes = np.concatenate([codes[rows, parent], word[..., None].astype(np.uint8)], axis=2)
        if norm_penalty:
            excess = np.square(vectors[:, None] - residuals).sum(2) - np.square(vectors).sum(1, keepdims=True)
            errors = errors + norm_penalty * np.square(excess)
        return codes[np.arange(count), errors.argmin(1)]

    def _improved(
        self, vectors: NDArray[np.float32], codes: NDArray[np.uint8], part: slice
    ) -> NDArray[np.uint8]:
        """Iterated conditional modes: choose each codeword anew with all others fixed."""
        rows = np.arange(len(vectors))
        codebooks = self._codebooks[part]
        residuals = vectors - codebooks[np.arange(len(codebooks)), codes].sum(1)
        wanted = np.square(vectors).sum(1, keepdims=True)
        for _ in range(SWEEPS):
            changed = False
            for number, codebook in enumerate(codebooks):
                now = codes[:, number]
                free = residuals + codebook[now]
                costs = free @ self._products[part][number] + self._squares[part][number]
                if self._norm_penalty:
                    others = vectors - free
                    excess = self._squares[part][number] - others @ self._products[part][number]
                    excess += np.square(others).sum(1, keepdims=True) - wanted
                    costs += self._norm_penalty * np.square(excess)
                word = costs.argmin(1).astype(np.uint8)
                # Strictly better, by more than rounding, or two equal codewords would be swapped for ever.
                better = costs[rows, word] < costs[rows, now] - 1e-6
                codes[:, number] = np.where(better, word, now)
                residuals = free - codebook[codes[:, number]]
                changed |= bool(better.any())
            if not changed:
                break
        return codes
