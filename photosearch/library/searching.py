"""One search: examples become vectors, filters a set of positions, and the nearest become matches.

Codes find what is like an example. What of it is a copy, or shows a part, they tell less well than pixels:
the thumbnails of the nearest are looked at, and those in which the example is seen come first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.duplicates import LOOKED_AT
from photosearch.encode.looks import Found, nearer
from photosearch.encode.same_shot import NEAREST
from photosearch.library.answering import Answering
from photosearch.library.narrowing import Narrowing
from photosearch.library.seeing import Seeing
from photosearch.library.snapshot import Snapshot
from photosearch.records import WHOLE, Answer, Example, Filters, Match, Photo, Query
from photosearch.scan import ends_hash
from photosearch.store import Catalogue


def search(
    query: Query, answering: Answering, catalogue: Catalogue, narrowing: Narrowing, seeing: Seeing
) -> Answer:
    """The photos most like the examples, by one model, best first; see `Library.search`."""
    # While it awakes, the codes are read and the examples decoded.
    answering.encoder.start()
    snapshot = answering.current()
    with ThreadPoolExecutor(1, "background") as beside:
        background = beside.submit(answering.background, snapshot)
        start = time.perf_counter()
        vectors = answering.vectors(query.examples)
        encoded = time.perf_counter()
    waited = time.perf_counter()
    filters, codebooks, model = query.filters, answering.codebooks, answering.model
    narrowed, allowed = narrowing.narrowed(snapshot, filters)
    # Copies of the example are looked for among more than few.
    most = max(query.count, NEAREST, LOOKED_AT)
    positions, near = _nearest(narrowed, codebooks, vectors, most, allowed)
    searched = time.perf_counter()
    ids = narrowed.ids[positions]
    # Equal scores by age in the library, in whatever order its codes lie.
    order = np.lexsort((ids, -near))
    scores = dict(zip(ids[order].tolist(), near[order].tolist(), strict=True))
    photos = catalogue.photos.by_id(list(scores))
    # Sixteen bytes cannot tell very like photos apart, but the files themselves can.
    copies = _copies(query.examples, photos)
    cosines = model.cosines(near, narrowed.codes.rows(positions))

    def nearest_of_all() -> NDArray[np.float32]:
        """As near as before are the others, whatever a filter hides of them."""
        if replace(filters, kind="") == Filters():
            return cosines
        every, nearest = _nearest(snapshot, codebooks, vectors, NEAREST, snapshot.present)
        return model.cosines(nearest, snapshot.codes.rows(every))

    alike = model.same_shots(cosines, nearest_of_all)
    begun = time.perf_counter()
    seen = dict[int, float]()
    if len(query.examples) == 1 and query.examples[0].weight > 0:
        seen = seeing.seen(answering.seen(query.examples[0]), photos[:LOOKED_AT])
    compared = time.perf_counter()
    same = {id for id, is_alike in zip(ids.tolist(), alike.tolist(), strict=True) if seen.get(id, is_alike)}
    same |= copies
    photos.sort(key=lambda photo: (photo.id not in copies, photo.id not in same, -seen.get(photo.id, 0.0)))
    photos = [photo for photo in photos if not filters.kind or photo.id in same][: query.count]
    percentiles = background.result().percentiles(
        np.array([scores[photo.id] for photo in photos], np.float32)
    )
    matches = tuple(
        Match(
            rank,
            photo,
            scores[photo.id],
            float(percentile),
            "same-shot" if photo.id in same else "similar",
        )
        for rank, (photo, percentile) in enumerate(zip(photos, percentiles, strict=True), 1)
    )
    milliseconds = 1e3 * (searched - waited + compared - begun)
    return Answer(matches, snapshot.photos, 1e3 * (encoded - start), milliseconds)


def _nearest(
    snapshot: Snapshot,
    codebooks: engine.Codebooks,
    vectors: NDArray[np.float32],
    count: int,
    allowed: NDArray[np.uint64] | None,
) -> Found:
    """Positions and scores of the photos nearest to any of the looks, best first."""
    each = engine.nearest_each(
        snapshot.codes, codebooks, vectors, count, allowed=allowed, bounds=snapshot.bounds
    )
    return nearer([(matches.positions, matches.scores) for matches in each], count)


def _copies(examples: Sequence[Example], photos: Iterable[Photo]) -> set[int]:
    """Ids of those photos whose file is the one that is searched for whole, or a copy of it."""
    example = examples[0]
    if len(examples) > 1 or example.box != WHOLE or not isinstance(example.source, Path):
        return set()
    path = Path(os.path.abspath(example.source))
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    ends = ends_hash(path, size)

    def is_copy(photo: Photo) -> bool:
        if photo.path == path or photo.size != size or photo.offline or ends is None:
            return photo.path == path
        return ends_hash(photo.path, size) == ends

    return {photo.id for photo in photos if is_copy(photo)}
