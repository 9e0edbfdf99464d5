"""How well a model finds what belongs together in classes its training never saw, and copies of photos."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photosearch.datasets import PhotoSet, decode_photos, find_photos
from photosearch.encode.encoder import Encoder, codec, stood_for
from photosearch.encode.looks import looked, scores
from photosearch.encode.model_file import WORDS, Model
from photosearch.engine import reconstruct
from photosearch.errors import TrainingFailed
from photosearch.evaluation.copies import CONTROLS, measure_copies
from photosearch.metrics import mean_average_precision, precision_at
from photosearch.protocols import split

Floats = NDArray[np.float32]

LEARNED = 20_000
"""Vectors that others' codes are learned from."""


def nearest(queries: Sequence[Floats], database: Floats, count: int, without_self: bool) -> NDArray[np.int64]:
    """Rank a database for each query by the score of its looks (`encode.looks.scores`), the greatest first.

    Args:
        queries: For each look, float32, shape (Q, D).
        database: float32, shape (N, D).
        count: Answers a query.
        without_self: Query i is photo i of the database and is left out of its own answers.

    Returns:
        Positions, shape (Q, count or N).
    """
    count = min(count, len(database) - without_self)
    rows = []
    for start in range(0, len(queries[0]), 512):
        near = torch.from_numpy(scores([look[start : start + 512] for look in queries], database))
        if without_self:
            own = torch.arange(len(near))
            near[own, own + start] = -torch.inf
        rows.append(near.topk(count, 1).indices.numpy())
    return np.concatenate(rows)


def evaluate_unseen(model: Model, data: Path) -> dict[str, Any]:
    """Measure a model on photos of classes that its training never saw.

    Each photo asks for the others of its class, among the unseen photos of its own source ("wordnet",
    "places"). As in the program, a query is real-valued and looks twice (`encode.looks`), and the database is
    codes. Beside them stand codes that faiss makes of the same vectors, where it is installed, and what needs
    no training. As the model's, faiss's codebooks are of photos that the model was trained on. A folder of
    pictures per class, which has no unseen part, is measured whole, and faiss learns from it.

    Returns:
        `photos`; by source `classes`, `photos` and precision_at_10 and mAP@1000 of codes, of the first 8 and
        4 bytes of the same codes, of `vectors`, of `vectors_evened` where codes are, of others' codes and of
        `CONTROLS`, and recall_at_10, of the ten nearest by vectors, of all that are made of these; and what
        `measure_copies` gives.

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
        seen = (encoder.vectors(pixels), *looked(encoder, pixels))
        pieces.append((*seen, *(control(pixels) for control in CONTROLS.values())))
    found = np.concatenate(kept)
    if not len(found):
        raise TrainingFailed(f"None of the pictures in {data} could be read.")
    vectors, whole, part, *others = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    asked = [whole, part]
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
    rivals = _rivals(_learned_from(model, encoder, photos, parts.train), asked, vectors, most)
    measured: dict[str, Any] = {"photos": len(found)}
    for name in np.unique(names):
        mine = np.flatnonzero(names == name)
        labels = targets[mine]
        mine_asked = [look[mine] for look in asked]
        true = nearest(mine_asked, vectors[mine], 10, without_self=True)
        table = {what: _row(mine_asked, database[mine], labels, true) for what, database in databases.items()}
        table |= {
            what: _row([look[mine] for look in asking], answering[mine], labels, true)
            for what, (asking, answering) in rivals.items()
        }
        table |= {name: _row([control[mine]], control[mine], labels) for name, control in controls.items()}
        measured[str(name) or "all"] = {
            "classes": len(np.unique(labels)),
            "photos": len(mine),
            **table,
        }
    return measured | measure_copies(model, encoder, photos, found, names, databases | controls, asked, sums)


def _row(
    queries: Sequence[Floats],
    database: Floats,
    labels: NDArray[np.integer],
    true: NDArray[np.int64] | None = None,
) -> dict[str, float]:
    found = nearest(queries, database, 1000, without_self=True)
    ranked = labels[found] == labels[:, None]
    row = {
        "precision_at_10": round(precision_at(ranked, 10), 4),
        "mean_average_precision_at_1000": round(mean_average_precision(ranked), 4),
    }
    if true is not None:
        recalled = (found[:, : true.shape[1], None] == true[:, None]).any(2)
        row["recall_at_10"] = round(float(recalled.mean()), 4)
    return row


def _learned_from(
    model: Model, encoder: Encoder, photos: PhotoSet, rows: NDArray[np.integer]
) -> Floats | None:
    """Vectors for faiss to learn from; None where it is not installed, or there are only those measured."""
    if not len(rows) or importlib.util.find_spec("faiss") is None:
        return None
    some = np.sort(np.random.default_rng(0).permutation(rows)[:LEARNED])
    decoded = decode_photos(photos, some, model.preprocessing.size)
    return np.concatenate([encoder.vectors(pixels) for _, pixels in decoded])


def _rivals(
    learned: Floats | None, asked: Sequence[Floats], vectors: Floats, count: int
) -> dict[str, tuple[list[Floats], Floats]]:
    """Queries, and sums of codes of as many bytes that faiss makes: learned from others, or from these."""
    try:
        faiss: Any = importlib.import_module("faiss")
    except ImportError:
        return {}
    first = _in_parts(vectors if learned is None else learned, count)
    *asking, answering = (_in_parts(points, count) for points in (*asked, vectors))
    if len(first) < WORDS:
        return {}
    dimension = first.shape[1]
    turn = faiss.OPQMatrix(dimension, count)
    turn.train(first)
    made: dict[str, tuple[list[Floats], Floats]] = {}
    quantizers: list[tuple[str, Any, Callable[[Floats], Floats]]] = [
        ("product_quantization", faiss.ProductQuantizer(dimension, count, 8), lambda points: points),
        ("optimised_product_quantization", faiss.ProductQuantizer(dimension, count, 8), turn.apply),
        ("local_search_quantization", faiss.LocalSearchQuantizer(dimension, count, 8), lambda points: points),
    ]
    for name, quantizer, turned in quantizers:
        quantizer.train(turned(first))
        codes = quantizer.compute_codes(turned(answering))
        made[name] = [turned(look) for look in asking], quantizer.decode(codes)
    return made


def _in_parts(vectors: Floats, count: int) -> Floats:
    """Filled up by zeros, which change no inner product: product quantization wants parts of one length."""
    parts = np.array_split(vectors, count, axis=1)
    width = parts[0].shape[1]
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts], axis=1)
