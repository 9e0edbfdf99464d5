"""What the last filter keeps, kept: a person sets a filter once and asks many queries under it."""

from __future__ import annotations

import time
import weakref
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photosearch.library.snapshot import Snapshot
from photosearch.records import Filters
from photosearch.store import Catalogue, Witness


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a filter keeps of a snapshot.

    Attributes:
        of: The snapshot, which is not to stay in memory for this.
        when: All else that it depends on.
        apart: The photos by themselves, where they are few.
        allowed: Where they are not, which positions hold them.
    """

    of: weakref.ref[Snapshot]
    when: Hashable
    apart: Snapshot | None
    allowed: NDArray[np.uint64] | None


class Narrowing:
    """Knows what the last filter keeps, for as long as nothing changed that it depends on.

    Any thread may ask.
    """

    def __init__(self, catalogue: Catalogue, witness: Witness) -> None:
        self._catalogue, self._witness = catalogue, witness
        self._kept: _Kept | None = None

    def narrowed(self, snapshot: Snapshot, filters: Filters) -> tuple[Snapshot, NDArray[np.uint64] | None]:
        """What to search in for those photos of a snapshot that pass the filters.

        Returns:
            A snapshot, this one or one of these photos only, and which of its positions may answer, as the
            engine wants to know it; None: all.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched.
        """
        # That is judged by the scores.
        filters = replace(filters, kind="")
        if filters == Filters():
            return snapshot, snapshot.present
        # Asked before the catalogue is: what changes in between is then found to be another.
        when = self._witness.version(), _time_zone(), filters
        kept = self._kept
        if kept is None or kept.of() is not snapshot or kept.when != when:
            ids = self._catalogue.photos.ids_matching(filters)
            kept = self._kept = _Kept(weakref.ref(snapshot), when, *snapshot.narrowed(ids))
        return (snapshot if kept.apart is None else kept.apart), kept.allowed


def _time_zone() -> tuple[int, ...]:
    """What tells zones apart: the seconds east of Greenwich in winter and in summer.

    A photo without a date of exposure counts by its file's, in the zone where this computer is.
    """
    year = time.gmtime().tm_year - 1970
    return tuple(time.localtime((year * 365.2425 + day) * 86400).tm_gmtoff for day in (14, 195))
