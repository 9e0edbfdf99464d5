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
        # ‖r − c‖² = ‖r‖² − 2⟨r, c⟩ + ‖c‖²
        self._products = np.ascontiguousarray(-2 * model.codebooks.transpose(0, 2, 1))  # (M, D, K)
        self._squares: NDArray[np.float32] = np.square(model.codebooks).sum(2)  # (M, K)

    def codes(self, vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Codes, uint8, shape (n, M), of vectors, float32, shape (n, D)."""
        if self._binary:
            return np.packbits(vectors >= 0, axis=1, bitorder="little")
        return self._improved(vectors, self._beam_search(vectors))

    def _beam_search(self, vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Quantise residuals codebook by codebook, keeping the best partial codes."""
        count, size = len(vectors), self._codebooks.shape[1]
        rows = np.arange(count)[:, None]
        residuals = vectors[:, None]  # (n, kept, D)
        errors = np.square(vectors).sum(1, keepdims=True)  # (n, kept)
        codes = np.empty((count, 1, 0), np.uint8)  # (n, kept, codebooks so far)
        for codebook, products, squares in zip(self._codebooks, self._products, self._squares, strict=True):
            grown = residuals.reshape(-1, residuals.shape[2]) @ products
            grown = grown.reshape(*errors.shape, size) + (errors[..., None] + squares)
            grown = grown.reshape(count, errors.shape[1] * size)
            best = np.argpartition(grown, BEAM - 1, axis=1)[:, :BEAM]
            errors = grown[rows, best]
            parent, word = best // size, best % size
            residuals = residuals[rows, parent] - codebook[word]
            codes = np.concatenate([codes[rows, parent], word[..., None].astype(np.uint8)], axis=2)
        if self._norm_penalty:
            squares = np.square(vectors[:, None] - residuals).sum(2)
            errors = errors + self._norm_penalty * np.square(squares - 1)
        return codes[np.arange(count), errors.argmin(1)]

    def _improved(self, vectors: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Iterated conditional modes: choose each codeword anew with all others fixed."""
        rows = np.arange(len(vectors))
        residuals = vectors - self._codebooks[np.arange(len(self._codebooks)), codes].sum(1)
        for _ in range(SWEEPS):
            changed = False
            for number, codebook in enumerate(self._codebooks):
                now = codes[:, number]
                free = residuals + codebook[now]
                costs = free @ self._products[number] + self._squares[number]
                if self._norm_penalty:
                    others = vectors - free
                    excess = self._squares[number] - others @ self._products[number]
                    excess += np.square(others).sum(1, keepdims=True) - 1
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
