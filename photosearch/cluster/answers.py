"""What a cluster answers; read without Ray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photosearch.records import Details


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is nearest to each of some queries.

    Attributes:
        numbers, scores: Of each query's nearest photos, best first, equal scores by number.
        searched: Photos that were compared.
        missing: Why some shards were not searched, by name; where there are none, the answer is exact.
    """

    numbers: tuple[NDArray[np.int64], ...]
    scores: tuple[NDArray[np.float32], ...]
    searched: int
    missing: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClusterMatch:
    """One answer to a query: as `records.Match`, of a photo at an address.

    Attributes:
        bytes: Of its file.
        dated: When it was taken, else when its file was changed: local time in seconds since 1970, read as if
            it were UTC.
    """

    rank: int
    number: int
    address: str
    bytes: int
    dated: int
    details: Details
    score: float
    percentile: float
    kind: Literal["same-shot", "similar"]


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """The matches of a query, best first.

    Attributes:
        searched: Photos that were compared.
        missing: Why some shards were not searched, by name; where there are none, the answer is exact.
    """

    matches: tuple[ClusterMatch, ...]
    searched: int
    missing: dict[str, str]
    search_milliseconds: float


@dataclass(frozen=True, slots=True)
class ServingStatus:
    """What is served.

    Attributes:
        model: Identity of the model whose codes these are.
        searches: Answered so far.
        under_way: Being answered or waiting for their turn.
    """

    model: str
    generation: int
    photos: int
    shards: int
    missing: dict[str, str]
    searches: int
    under_way: int
