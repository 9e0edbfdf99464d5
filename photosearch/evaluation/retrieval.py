"""How well a model finds what belongs together in classes its training never saw, and copies of photos."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photosearch.datasets import decode_photos, find_photos
from photosearch.encode.encoder import Encoder, codec, stood_for
from photosearch.encode.model_file import Model
from photosearch.engine import reconstruct
from photosearch.errors import TrainingFailed
from photosearch.evaluation.copies import CONTROLS, measure_copies
from photosearch.metrics import mean_average_precision, precision_at
from photosearch.protocols import split

Floats = NDArray[np.float32]


def rank(
    queries: Floats,
    database: Floats,
    query_labels: NDArray[np.integer],
    labels: NDArray[np.integer],
    count: int,
    without_self: bool = False,
) -> NDArray[np.bool_]:
    """Rank a database by inner product for each query, and look which of the answers share the query's label.

    Args:
        queries, database: float32, shapes (Q, D) and (N, D).
        count: Answers a query.
        without_self: Query i is photo i of the database and is left out of its own answers.

    Returns:
        bool, shape (Q, count or N).
    """
    count = min(count, len(database) - without_self)
    rows = []
    for start in range(0, len(queries), 512):
        scores = torch.from_numpy(queries[start : start + 512]) @ torch.from_numpy(database).T
        if without_self:
            own = torch.arange(len(scores))
            scores[own, own + start] = -torch.inf
        best = scores.topk(count, 1).indices.numpy()
        rows.append(labels[best] == query_labels[start : start + 512, None])
    return np.concatenate(rows)


def evaluate_unseen(model: Model, data: Path) -> dict[str, Any]:
    """Measure a model on photos of classes that its training never saw.

    Each photo asks for the others of its class, among the unseen photos of its own source ("wordnet",
    "places"). A query is real-valued, the database is codes, as in the program. Beside them stand codes that
    faiss makes of the same vectors, where it is installed, and what needs no training. A folder of pictures
    per class, which has no unseen part, is measured whole.

    Returns:
        `photos`; by source `classes`, `photos` and precision_at_10 and mAP@1000 of codes, of the first 8 and
        4 bytes of the same codes, of `vectors`, of `vectors_evened` where codes are, of others' codes and of
        `CONTROLS`; and what `measure_copies` gives.

    Raises:
        TrainingFailed: There is nothing to measure with.
    """
    photos = find_photos(data)
    if photos.targets.ndim != 1:
        raise TrainingFailed("unseen needs photos of one class each.")
    parts = split("unseen", photos)
    rows = np.sort(np.concatenate([parts.queries, parts.database]))
    encoder = Encoder(model)
    kept, pieces = [], []
    for sound, pixels in decode_photos(photos, rows, model.preprocessing.size):
        kept.append(sound)
        pieces.append((encoder.vectors(pixels), *(control(pixels) for control in CONTROLS.values())))
    found = np.concatenate(kept)
    if not len(found):
        raise TrainingFailed(f"None of the pictures in {data} could be read.")
    vectors, *others = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    controls = dict(zip(CONTROLS, others, strict=True))
    most = model.spec.bytes
    make = codec(model, torch.device("cpu"))

    def sums(vectors: Floats) -> dict[str, Floats]:
        """What whole codes stand for, what their first bytes do, and what they are made of."""
        points = torch.from_numpy(vectors)
        codes = make(points).numpy()
        counts = sorted({most, *(n for n in (16, 8, 4) if n < most)}, reverse=True)
        return {
            **{f"code_{n}_bytes": reconstruct(codes[:, :n], model.codebooks[:n]) for n in counts},
            "vectors": vectors,
            **({} if model.second_moment is None else {"vectors_evened": stood_for(model, points).numpy()}),
        }

    databases = sums(vectors)
    targets = photos.targets[found].astype(np.int64)
    names = np.array([photos.labels[target].rpartition(":")[0] for target in targets.tolist()])
    rivals = _rivals(vectors, most)
    measured: dict[str, Any] = {"photos": len(found)}
    for name in np.unique(names):
        mine = np.flatnonzero(names == name)
        labels = targets[mine]
        table = {what: _row(vectors[mine], database[mine], labels) for what, database in databases.items()}
        table |= {
            what: _row(asking[mine], answering[mine], labels) for what, (asking, answering) in rivals.items()
        }
        table |= {name: _row(control[mine], control[mine], labels) for name, control in controls.items()}
        measured[str(name) or "all"] = {
            "classes": len(np.unique(labels)),
            "photos": len(mine),
            **table,
        }
    return measured | measure_copies(
        model, encoder, photos, found, names, databases | controls, vectors, sums
    )


def _row(queries: Floats, database: Floats, labels: NDArray[np.integer]) -> dict[str, float]:
    ranked = rank(queries, database, labels, labels, 1000, without_self=True)
    return {
        "precision_at_10": round(precision_at(ranked, 10), 4),
        "mean_average_precision_at_1000": round(mean_average_precision(ranked), 4),
    }


def _rivals(vectors: Floats, count: int) -> dict[str, tuple[Floats, Floats]]:
    """Queries, and sums of codes of as many bytes that faiss learns from the very vectors measured."""
    try:
        faiss: Any = importlib.import_module("faiss")
    except ImportError:
        return {}
    if len(vectors) < 256:
        return {}
    # Product quantization wants parts of one length there: zeros fill them up and change no inner product.
    parts = np.array_split(vectors, count, axis=1)
    width = parts[0].shape[1]
    vectors = np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts], axis=1)
    dimension = vectors.shape[1]
    turn = faiss.OPQMatrix(dimension, count)
    turn.train(vectors)
    made: dict[str, tuple[Floats, Floats]] = {}
    quantizers: list[tuple[str, Any, Floats]] = [
        ("product_quantization", faiss.ProductQuantizer(dimension, count, 8), vectors),
        ("optimised_product_quantization", faiss.ProductQuantizer(dimension, count, 8), turn.apply(vectors)),
        ("local_search_quantization", faiss.LocalSearchQuantizer(dimension, count, 8), vectors),
    ]
    for name, quantizer, points in quantizers:
        quantizer.train(points)
        made[name] = (points, quantizer.decode(quantizer.compute_codes(points)))
    return made
