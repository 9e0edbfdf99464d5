"""Models of whatever method, measured by one protocol each: the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photosearch import protocols
from photosearch.datasets import CHUNK, find_photos, multi_hot, open_pixels, pack_pixels
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import Encoder, codec
from photosearch.encode.model_file import Model
from photosearch.encode.network import joined
from photosearch.engine import reconstruct
from photosearch.errors import TrainingFailed
from photosearch.metrics import Tied

COUNTS = (10, 100, 1000)
"""Answers that precision and recall are of."""

CURVE = 24
"""Points of a precision–recall curve."""

MEANS = 20_000
"""Training photos that the means of the classes are made of, unless all are looked at anyway."""

TOGETHER = 200
"""Queries ranked at a time."""

Floats = NDArray[np.float32]


@dataclass
class Row:
    """Means over queries, a part of them at a time."""

    depth: int
    size: int
    queries: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)

    def add(self, ranking: Tied) -> None:
        """Rankings of some more queries."""
        count = {"map": len(ranking.answers), "precision": len(ranking.answers), "recall": ranking.asked}
        found: dict[str, float] = {"map": ranking.mean_average_precision(self.depth)}
        counts = sorted({*COUNTS, *self._points()})
        means = zip(counts, ranking.precision_at(counts), ranking.recall_at(counts), strict=True)
        for answers, precision, recall in means:
            found[f"precision {answers}"] = float(precision)
            found[f"recall {answers}"] = float(recall)
        for name, value in found.items():
            what = name.split()[0]
            self.total[name] = self.total.get(name, 0.0) + count[what] * value
        for what, more in count.items():
            self.queries[what] = self.queries.get(what, 0) + more

    def figures(self) -> dict[str, Any]:
        """`map`, `precision` and `recall` by number of answers, `curve`: pairs of recall and precision."""

        def mean(name: str) -> float:
            return round(self.total[name] / max(1, self.queries[name.split()[0]]), 4)

        return {
            "map": mean("map"),
            "precision": {str(count): mean(f"precision {count}") for count in COUNTS if count <= self.size},
            "recall": {str(count): mean(f"recall {count}") for count in COUNTS if count <= self.size},
            "curve": [[mean(f"recall {count}"), mean(f"precision {count}")] for count in self._points()],
        }

    def _points(self) -> list[int]:
        return sorted({int(count) for count in np.geomspace(1, self.size, CURVE).round()})


def compare(models: Iterable[Model], data: Path, protocol: str) -> Iterator[dict[str, Any]]:
    """Measure models by a protocol.

    Additive codes are asked by real-valued queries, binary ones by their Hamming distance, as each method's
    paper does. The controls are the model's own vectors, unquantised; for binary codes a real-valued query,
    and of two streams the code of one asked by the other's; and the class-id code, which knows of a photo
    only the class whose mean of training photos has the largest inner product with it, and is ranked by the
    query's inner products with the means. Vectors that are not on the sphere are compared by their distance,
    and their codes by their inner product with the query, as all additive codes are searched; `distance` is
    the mAP of these codes by the distance, which would take a stored length a photo.

    Yields:
        Of each model `protocol`, `method`, `bits`, `density` (of codebooks, what is not zero), `photos`
        (of each part), what `Row.figures` gives, `controls` with mAP.

    Raises:
        TrainingFailed: There is nothing to measure with.
    """
    with TemporaryDirectory(prefix="photosearch-") as folder:
        pictures = _Pictures(data, protocol, Path(folder))
        for model in models:
            yield _compared(model, pictures)


def _compared(model: Model, pictures: _Pictures) -> dict[str, Any]:
    split, parts = pictures.split, pictures.parts(model)
    train, queries, database = parts["train"], parts["queries"], parts["database"]

    def measured(rank: Callable[[slice], Tied]) -> dict[str, Any]:
        row = Row(min(split.depth, len(database.vectors)), len(database.vectors))
        for start in range(0, len(queries.vectors), TOGETHER):
            row.add(rank(slice(start, start + TOGETHER)))
        return row.figures()

    def relevant(rows: slice) -> NDArray[np.bool_]:
        return queries.labels[rows] @ database.labels.T > 0

    codes = codec(model, torch.device("cpu"))(torch.from_numpy(database.vectors)).numpy()
    groups = _Groups.of(codes)
    sums = reconstruct(groups.codes.astype(np.uint8), model.codebooks)

    def by_codes(rows: slice) -> Tied:
        return groups.ranked(queries.vectors[rows] @ sums.T, relevant(rows))

    def by_distance(rows: slice) -> Tied:
        return groups.ranked(queries.vectors[rows] @ sums.T - np.square(sums).sum(1) / 2, relevant(rows))

    spherical = Architecture.read(model.network).spherical
    lengths = np.zeros(1) if spherical else np.square(database.vectors).sum(1) / 2

    def by_vectors(rows: slice) -> Tied:
        return Tied.by_score(queries.vectors[rows] @ database.vectors.T - lengths, relevant(rows))

    means = train.labels.T @ train.vectors / np.maximum(train.labels.sum(0), 1)[:, None]
    named = _Groups.of((database.vectors @ means.T).argmax(1)[:, None])

    def by_class(rows: slice) -> Tied:
        return named.ranked((queries.vectors[rows] @ means.T)[:, named.codes[:, 0]], relevant(rows))

    controls = {"vectors": measured(by_vectors)["map"], "class_id": measured(by_class)["map"]}
    if not spherical:
        controls["distance"] = measured(by_distance)["map"]
    if model.spec.kind == "binary":
        controls["real_valued_query"] = measured(by_codes)["map"]
        first, second = queries.points[:, 0], database.points[:, -1]
        if queries.points.shape[1] > 1:
            controls["streams_apart"] = measured(lambda rows: _hamming(first[rows], second, relevant(rows)))[
                "map"
            ]
        figures = measured(lambda rows: _hamming(queries.vectors[rows], database.vectors, relevant(rows)))
    else:
        figures = measured(by_codes)
    return {
        "protocol": pictures.protocol,
        "method": model.spec.method,
        "bits": 8 * model.spec.bytes,
        "density": round(float((model.codebooks != 0).mean()), 4) if model.spec.kind == "additive" else 1.0,
        "photos": {name: len(part.vectors) for name, part in parts.items()},
        **figures,
        "controls": controls,
    }


@dataclass(frozen=True, slots=True)
class _Part:
    """Points of each stream, vectors, and 1 for a photo's classes."""

    points: Floats
    vectors: Floats
    labels: Floats


class _Pictures:
    """A protocol's photos: decoded once for models of one preprocessing, seen once by those of a network."""

    def __init__(self, data: Path, protocol: str, folder: Path) -> None:
        self.protocol, self._data, self._folder = protocol, data, folder
        self._photos = find_photos(data)
        self.split = split = protocols.split(protocol, self._photos)
        self._rows = {"queries": split.queries, "database": split.database}
        if not np.array_equal(split.train, split.database):
            order = np.random.default_rng(0).permutation(split.train)
            self._rows["train"] = np.sort(order[:MEANS])
        self._network: object = None
        self._parts: dict[str, _Part] = {}

    def parts(self, model: Model) -> dict[str, _Part]:
        """What a model makes of `train`, `queries` and `database`.

        Raises:
            TrainingFailed: Of one of them no photo could be read.
        """
        network = (model.preprocessing, model.network, {n: w.tobytes() for n, w in model.weights.items()})
        if network != self._network:
            encoder = Encoder(model)
            self._parts = {
                name: self._part(name, rows, encoder, model.preprocessing.size)
                for name, rows in self._rows.items()
            }
            self._parts.setdefault("train", self._parts["database"])
            self._network = network
        return self._parts

    def _part(self, name: str, rows: NDArray[np.integer], encoder: Encoder, size: int) -> _Part:
        folder = self._folder / name
        for _ in pack_pixels(self._photos, rows, size, folder):
            pass
        found, pixels = open_pixels(folder)
        if not len(found):
            raise TrainingFailed(
                f"None of the photos of {self._data} that are “{name}” in {self.protocol} could be read."
            )
        starts = range(0, len(pixels), CHUNK)
        points = np.concatenate([encoder.streams(pixels[start : start + CHUNK]) for start in starts])
        vectors: Floats = joined(torch.from_numpy(points)).numpy() if points.shape[1] > 1 else points[:, 0]
        return _Part(points, vectors, multi_hot(self._photos.targets[found], len(self._photos.labels)))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Photos by equal codes: whatever asks, photos of one code have one score, to the bit."""

    codes: NDArray[np.integer]
    of_photo: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[np.integer]) -> _Groups:
        codes, of_photo = np.unique(rows, axis=0, return_inverse=True)
        return cls(codes, of_photo.ravel())

    def ranked(self, scores: NDArray[np.floating], relevant: NDArray[np.bool_]) -> Tied:
        """Rankings by one score a group, shape (queries, groups)."""
        return Tied.by_score(scores[:, self.of_photo], relevant)


def _hamming(queries: Floats, database: Floats, relevant: NDArray[np.bool_]) -> Tied:
    bits = queries.shape[1]
    likeness = np.where(queries >= 0, np.float32(1), -1) @ np.where(database >= 0, np.float32(1), -1).T
    return Tied.by_distance(((bits - likeness) / 2).astype(np.int64), relevant, bits + 1)


def averaged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one method, length and density, trained from several seeds, as one row of means.

    It has `seeds`, their number, and, of two and more, `deviation`, the standard deviation of mAP.
    """
    alike: dict[tuple[str, int, float], list[dict[str, Any]]] = {}
    for row in rows:
        alike.setdefault((row["method"], row["bits"], row["density"]), []).append(row)
    means = []
    for group in alike.values():
        mean: dict[str, Any] = {**group[0], **_mean([{"map": row["map"]} for row in group])}
        for table in ("precision", "recall", "controls"):
            mean[table] = _mean([row[table] for row in group])
        mean["curve"] = np.mean([row["curve"] for row in group], 0).tolist()
        mean["seeds"] = len(group)
        if len(group) > 1:
            mean["deviation"] = round(float(np.std([row["map"] for row in group], ddof=1)), 4)
        means.append(mean)
    return means


def _mean(tables: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([table[name] for table in tables])), 4) for name in tables[0]}


def called(row: dict[str, Any]) -> str:
    """What a row is of: the method, and how much of sparse codebooks is not zero."""
    sparse = f", {row['density']:.1%}" if row["method"] == "dsq-sparse" else ""
    return f"{row['method']}{sparse}"


def rows_of(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of a table in Markdown, of rows that `averaged` gives."""
    yield "| method | bits | mAP | P@100 | vectors | class id | other controls |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        controls = dict(row["controls"])
        deviation = f" ± {row['deviation']:.4f}" if "deviation" in row else ""
        known = f"{controls.pop('vectors'):.4f} | {controls.pop('class_id'):.4f}"
        others = ", ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in controls.items())
        yield (
            f"| {called(row)} | {row['bits']} | {row['map']:.4f}{deviation} "
            f"| {row['precision'].get('100', 0):.4f} | {known} | {others} |"
        )
