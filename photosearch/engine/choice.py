"""Which engine answers: the C++ kernel where it was built, else the reference."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import Bounds, CodeBlocks
from photosearch.engine import pairs, reference

logger = logging.getLogger(__name__)


class Engine(Protocol):
    """What an engine does: see the functions of `reference`."""

    def describe(self) -> str: ...

    def nearest(
        self,
        codes: CodeBlocks,
        codebooks: reference.Codebooks | NDArray[np.float32],
        queries: NDArray[np.float32],
        weights: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        floor: float | None = None,
        bounds: Bounds | None = None,
        cancellation: reference.Cancellation | None = None,
    ) -> reference.Matches: ...

    def nearest_each(
        self,
        codes: CodeBlocks,
        codebooks: reference.Codebooks | NDArray[np.float32],
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        floor: float | None = None,
        bounds: Bounds | None = None,
        cancellation: reference.Cancellation | None = None,
    ) -> list[reference.Matches]: ...

    def nearest_binary(
        self,
        codes: CodeBlocks,
        query: NDArray[np.uint8],
        count: int,
        allowed: NDArray[np.uint64] | None = None,
        cancellation: reference.Cancellation | None = None,
    ) -> reference.Matches: ...

    def pairs_above(
        self, codes: CodeBlocks, codebooks: NDArray[np.float32], floor: float, since: int = 0
    ) -> Iterator[pairs.Pairs]: ...


@dataclass(frozen=True, slots=True)
class Reference:
    """The numpy reference, and why it answers."""

    reason: str

    nearest = staticmethod(reference.nearest)
    nearest_each = staticmethod(reference.nearest_each)
    nearest_binary = staticmethod(reference.nearest_binary)
    pairs_above = staticmethod(pairs.pairs_above)

    def describe(self) -> str:
        """Which engine answers, in words."""
        return f"numpy reference ({self.reason})"


def chosen_engine() -> Engine:
    """The kernel on the fastest path this processor has, or what PHOTOSEARCH_KERNEL names."""
    wanted = os.environ.get("PHOTOSEARCH_KERNEL", "")
    if wanted == "reference":
        return Reference("chosen by PHOTOSEARCH_KERNEL")
    try:
        from photosearch.engine import compiled
    except ImportError:
        return Reference("the kernel was not built")
    paths = compiled.paths()
    if wanted and wanted not in paths:
        logger.warning(
            "PHOTOSEARCH_KERNEL is %r, but here it can only be one of %s", wanted, ", ".join(paths)
        )
    return compiled.Compiled(wanted if wanted in paths else paths[0])
