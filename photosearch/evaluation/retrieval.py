"""How well a model finds what belongs together in classes its training never saw, and copies of photos."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from photosearch.datasets import PhotoSet, decode_photos, find_photos
from photosearch.encode.encoder import Encoder, codec
from photosearch.encode.model_file import Model
from photosearch.engine import reconstruct
from photosearch.errors import TrainingFailed
from photosearch.metrics import mean_average_precision, precision_at
from photosearch.protocols import split

COPIED = 1000
"""Photos of which copies are looked for."""

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
    "places"). A query is real-valued, the database is codes, as in the program. Beside them stand two things
    that need no training. A folder of pictures per class, which has no unseen part, is measured whole.

    Returns:
        `photos`; by source `classes`, `photos` and precision_at_10 and mAP@1000 of `vectors`, codes of 16, 8
        and 4 bytes, `colour_histogram` and `thumbnail`; `copies`: by change, how often a changed copy of a
        photo finds that photo's code first among 1,000, and how often it is called the same shot;
        `false_same_shot`: how often the most similar other photo of its source is.

    Raises:
        TrainingFailed: There is nothing to measure with.
    """
    photos = find_photos(data)
    if photos.targets.ndim != 1:
        raise TrainingFailed("unseen needs photos of one class each.")
    rows = split("unseen", photos).queries
    encoder = Encoder(model)
    kept, pieces = [], []
    for sound, pixels in decode_photos(photos, rows, model.preprocessing.size):
        kept.append(sound)
        pieces.append((encoder.vectors(pixels), _histograms(pixels), _thumbnails(pixels)))
    found = np.concatenate(kept)
    if not len(found):
        raise TrainingFailed(f"None of the pictures in {data} could be read.")
    vectors, histograms, thumbnails = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    databases = {"vectors": vectors}
    most = model.spec.bytes
    for count in sorted({most, *(n for n in (16, 8, 4) if n < most)}, reverse=True):
        databases[f"code_{count}_bytes"] = _sums(model, vectors, count)
    targets = photos.targets[found].astype(np.int64)
    names = np.array([photos.labels[target].rpartition(":")[0] for target in targets.tolist()])
    measured: dict[str, Any] = {"photos": len(found)}
    for name in np.unique(names):
        mine = np.flatnonzero(names == name)
        labels = targets[mine]
        table = {what: _row(vectors[mine], database[mine], labels) for what, database in databases.items()}
        table["colour_histogram"] = _row(histograms[mine], histograms[mine], labels)
        table["thumbnail"] = _row(thumbnails[mine], thumbnails[mine], labels)
        measured[str(name) or "all"] = {
            "classes": len(np.unique(labels)),
            "photos": len(mine),
            **table,
        }
    sums = databases[f"code_{most}_bytes"]
    measured |= _same_shots(model, encoder, photos, found, names, vectors, sums)
    return measured


def _sums(model: Model, vectors: Floats, count: int) -> Floats:
    """What codes of the first `count` codebooks stand for, float32, shape (n, D)."""
    start = replace(model, spec=replace(model.spec, bytes=count), codebooks=model.codebooks[:count])
    codes = codec(start, torch.device("cpu"))(torch.from_numpy(vectors))[:, :count]
    return reconstruct(codes.numpy(), start.codebooks)


def _row(queries: Floats, database: Floats, labels: NDArray[np.integer]) -> dict[str, float]:
    ranked = rank(queries, database, labels, labels, 1000, without_self=True)
    return {
        "precision_at_10": round(precision_at(ranked, 10), 4),
        "mean_average_precision_at_1000": round(mean_average_precision(ranked), 4),
    }


def _same_shots(
    model: Model,
    encoder: Encoder,
    photos: PhotoSet,
    found: NDArray[np.integer],
    names: NDArray[np.str_],
    vectors: Floats,
    sums: Floats,
) -> dict[str, Any]:
    # Objects rather than scenes where there is a choice: the promise is about such photos.
    first = np.flatnonzero(names == "wordnet")
    chosen = (first if len(first) else np.arange(len(found)))[:COPIED]
    size = model.preprocessing.size
    pictures = []
    for row in found[chosen].tolist():
        with Image.open(io.BytesIO(photos.read(row))) as image:
            pictures.append(ImageOps.exif_transpose(image).convert("RGB"))
    copies = {}
    for name, change in CHANGES.items():
        changed = np.stack(
            [
                np.asarray(change(picture).resize((size, size), Image.Resampling.BILINEAR))
                for picture in pictures
            ]
        )
        scores = encoder.vectors(changed) @ sums[chosen].T
        own = scores.diagonal()
        copies[name] = {
            "rank_1": round(float((scores.argmax(1) == np.arange(len(chosen))).mean()), 4),
            "same_shot": round(float((own >= model.same_shot).mean()), 4),
        }
    scores = vectors[chosen] @ sums[chosen].T
    np.fill_diagonal(scores, -np.inf)
    return {
        "copies_of": len(chosen),
        "copies": copies,
        "false_same_shot": round(float((scores.max(1) >= model.same_shot).mean()), 4),
    }


def _jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def change(picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return change


def _scale(share: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.resize(
        (max(1, round(picture.width * share)), max(1, round(picture.height * share))),
        Image.Resampling.BICUBIC,
    )


def _middle(share: float) -> Callable[[Image.Image], Image.Image]:
    """The middle that has this share of the area."""

    def change(picture: Image.Image) -> Image.Image:
        width, height = (side * share**0.5 / 2 for side in picture.size)
        x, y = picture.width / 2, picture.height / 2
        return picture.crop((round(x - width), round(y - height), round(x + width), round(y + height)))

    return change


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg_75": _jpeg(75),
    "jpeg_30": _jpeg(30),
    "jpeg_10": _jpeg(10),
    "half_size": _scale(0.5),
    "half_size_jpeg_50": lambda picture: _jpeg(50)(_scale(0.5)(picture)),
    "quarter_size": _scale(0.25),
    "blur_2_pixels": lambda picture: picture.filter(ImageFilter.GaussianBlur(2)),
    "crop_80_percent": _middle(0.8),
    "crop_50_percent": _middle(0.5),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "grey": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "mirrored": ImageOps.mirror,
    "white_border": lambda picture: ImageOps.expand(picture, max(2, picture.width // 12), "white"),
    "turned_5_degrees": lambda picture: picture.rotate(5, Image.Resampling.BILINEAR),
}
"""What becomes of photos on their way through the world; pictures here are about 96 to 128 pixels large."""


def _histograms(pixels: NDArray[np.uint8]) -> Floats:
    """Colours counted in 4 × 4 × 4 cells, as unit vectors of the roots: float32, shape (n, 64)."""
    cells = (pixels >> 6).astype(np.int64) @ np.array([16, 4, 1])
    counts = (
        np.stack([np.bincount(cell.ravel(), minlength=64) for cell in cells])
        if len(cells)
        else np.empty((0, 64))
    )
    return np.sqrt(counts / max(1, pixels.shape[1] * pixels.shape[2])).astype(np.float32)


def _thumbnails(pixels: NDArray[np.uint8]) -> Floats:
    """16 × 16 pixels, without their mean, as unit vectors: float32, shape (n, 768)."""
    small = [np.asarray(Image.fromarray(photo).resize((16, 16), Image.Resampling.BOX)) for photo in pixels]
    flat = np.array(small, np.float32).reshape(-1, 768)
    flat -= flat.mean(1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
