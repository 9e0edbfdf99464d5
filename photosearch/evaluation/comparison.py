"""Models of whatever method, measured by one protocol each: the rows of a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from photosearch import protocols
from photosearch.datasets import CHUNK, find_photos, multi_hot, open_pixels, pack_pixels
from photosearch.encode.architecture import Architecture
from photosearch.encode.cpu_encoder import CpuEncoder
from photosearch.encode.encoder import Encoder, choose_device, codec
from photosearch.encode.model_file import Model
from photosearch.encode.network import joined
from photosearch.engine import reconstruct
from photosearch.errors import TrainingFailed
from photosearch.files import temporary_folder
from photosearch.metrics import Tied

COUNTS = (10, 100, 1000)
"""Answers that precision and recall are of."""

CURVE = 24
"""Points of a precision–recall curve."""

MEANS = 20_000
"""Training photos that the means of the classes are made of, unless all are looked at anyway."""

SCORES = 2**21
"""Of so many at a time queries are ranked: more leave the processor's caches, and make its memory anew."""

FEW = 1 / 4
"""Of the photos: where there are more groups, ranking these takes longer than ranking the photos."""

Floats = NDArray[np.float32]
Found = TypeVar("Found")


@dataclass
class Row:
    """Means over queries, a part of them at a time."""

    depth: int
    size: int
    queries: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, ranking: Tied, depth: int, size: int) -> Row:
        """Of rankings of some queries."""
        count = {"map": len(ranking.answers), "precision": len(ranking.answers), "recall": ranking.asked}
        row = cls(depth, size, count, {"map": count["map"] * ranking.mean_average_precision(depth)})
        counts = sorted({*COUNTS, *row._points()})
        means = zip(counts, ranking.precision_at(counts), ranking.recall_at(counts), strict=True)
        for answers, precision, recall in means:
            row.total[f"precision {answers}"] = count["precision"] * float(precision)
            row.total[f"recall {answers}"] = count["recall"] * float(recall)
        return row

    def add(self, other: Row) -> None:
        """Some more queries."""
        for mine, more in ((self.queries, other.queries), (self.total, other.total)):
            for name, value in more.items():
                mine[name] = mine.get(name, 0) + value  # type: ignore[assignment]

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
    with temporary_folder() as folder:
        pictures = _Pictures(data, protocol, Path(folder))
        for model in models:
            with _one_thread_each():
                row = _compared(model, pictures)
            yield row


def _compared(model: Model, pictures: _Pictures) -> dict[str, Any]:
    seen = pictures.seen(model)
    queries, database = seen.parts["queries"], seen.parts["database"]
    codes = np.concatenate(_side_by_side(_coded(model, database.vectors), len(database.vectors), 16 * CHUNK))
    groups = _Groups.of(codes, database.kind)
    sums = reconstruct(codes[groups.first], model.codebooks)

    def by_codes(rows: slice) -> Tied:
        return groups.by_score(_products(queries.vectors[rows], sums), seen.relevant_kinds(rows))

    def by_distance(rows: slice) -> Tied:
        scores = _products(queries.vectors[rows], sums) - np.square(sums).sum(1) / 2
        return groups.by_score(scores, seen.relevant_kinds(rows))

    controls = dict(seen.controls)
    if not seen.spherical:
        controls["distance"] = seen.mean_average_precision(by_distance)
    if model.spec.kind == "binary":
        controls["real_valued_query"] = seen.mean_average_precision(by_codes)
        if queries.points.shape[1] > 1:
            controls["streams_apart"] = seen.mean_average_precision(
                seen.hamming(queries.points[:, 0], database.points[:, -1])
            )
        figures = seen.figures(seen.hamming(queries.vectors, database.vectors))
    else:
        figures = seen.figures(by_codes)
    return {
        "protocol": pictures.protocol,
        "method": model.spec.method,
        "bits": 8 * model.spec.bytes,
        "density": round(float((model.codebooks != 0).mean()), 4) if model.spec.kind == "additive" else 1.0,
        "photos": {name: len(part.vectors) for name, part in seen.parts.items()},
        **figures,
        "controls": controls,
    }


def _coded(model: Model, vectors: Floats) -> Callable[[slice], NDArray[np.uint8]]:
    make = codec(model, torch.device("cpu"))
    return lambda rows: make(torch.from_numpy(vectors[rows])).numpy()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """No two threads compute one product.

    Where something else has a core, one of them waits for the other most of the time; side by side with
    other pieces they do not.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _side_by_side(make: Callable[[slice], Found], count: int, step: int) -> list[Found]:
    """What is made of each piece of so many rows, in order, by as many threads as there are cores."""
    pieces = [slice(start, min(start + step, count)) for start in range(0, count, step)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(make, pieces))


def _products(queries: Floats, vectors: Floats) -> Floats:
    """Inner products, shape (queries, vectors); by torch, whose threads are told how many they may be."""
    products: Floats = (torch.from_numpy(queries) @ torch.from_numpy(vectors).T).numpy()
    return products


@dataclass(frozen=True, slots=True)
class _Part:
    """Points of each stream, vectors, and 1 for a photo's classes; photos of the same classes are one kind.

    Attributes:
        kinds: 1 for the classes of a kind: shape (kinds, classes).
        kind: Each photo's, a row of `kinds`.
    """

    points: Floats
    vectors: Floats
    labels: Floats
    kinds: Floats
    kind: NDArray[np.int64]


class _Seen:
    """What a network makes of the photos, and how these rankings do that codes have no part in."""

    def __init__(self, parts: dict[str, _Part], depth: int, spherical: bool) -> None:
        self.parts, self.spherical = parts, spherical
        self._queries, self._database = parts["queries"], parts["database"]
        self._size = len(self._database.vectors)
        self._depth = min(depth, self._size)
        self.controls = {
            "vectors": self.mean_average_precision(self._by_vectors()),
            "class_id": self.mean_average_precision(self._by_class(parts["train"])),
        }

    def relevant_kinds(self, rows: slice) -> NDArray[np.bool_]:
        """Which kinds of the database are relevant to some queries: shape (queries, kinds)."""
        return _products(self._queries.labels[rows], self._database.kinds) > 0

    def mean_average_precision(self, rank: Callable[[slice], Tied]) -> float:
        """Of rankings of all queries, made some at a time."""

        def total(rows: slice) -> float:
            return (rows.stop - rows.start) * rank(rows).mean_average_precision(self._depth)

        return round(sum(self._ranked(total)) / len(self._queries.vectors), 4)

    def figures(self, rank: Callable[[slice], Tied]) -> dict[str, Any]:
        """What `Row.figures` gives, of rankings of all queries."""
        row = Row(self._depth, self._size)
        for more in self._ranked(lambda rows: Row.of(rank(rows), self._depth, self._size)):
            row.add(more)
        return row.figures()

    def hamming(self, queries: Floats, database: Floats) -> Callable[[slice], Tied]:
        """Rankings by how many signs differ."""
        groups = _Groups.of(np.packbits(database >= 0, axis=1), self._database.kind)
        signs, bits = _signs(database[groups.first]), database.shape[1]

        def rank(rows: slice) -> Tied:
            distances = ((bits - _products(_signs(queries[rows]), signs)) / 2).astype(np.int64)
            relevant = groups.relevant(self.relevant_kinds(rows))
            return Tied.by_distance(distances, relevant, bits + 1, groups.answers)

        return rank

    def _by_vectors(self) -> Callable[[slice], Tied]:
        queries, database = self._queries.vectors, self._database.vectors
        lengths = np.zeros(1, np.float32) if self.spherical else np.square(database).sum(1) / 2

        def rank(rows: slice) -> Tied:
            relevant = self.relevant_kinds(rows)[:, self._database.kind]
            return Tied.by_score(_products(queries[rows], database) - lengths, relevant)

        return rank

    def _by_class(self, train: _Part) -> Callable[[slice], Tied]:
        means = train.labels.T @ train.vectors / np.maximum(train.labels.sum(0), 1)[:, None]
        named = (self._database.vectors @ means.T).argmax(1)
        groups = _Groups.of(named[:, None], self._database.kind)

        def rank(rows: slice) -> Tied:
            scores = _products(self._queries.vectors[rows], means)[:, named[groups.first]]
            return groups.by_score(scores, self.relevant_kinds(rows))

        return rank

    def _ranked(self, measure: Callable[[slice], Found]) -> list[Found]:
        return _side_by_side(measure, len(self._queries.vectors), max(1, SCORES // self._size))


class _Pictures:
    """A protocol's photos: decoded once for models of one preprocessing, seen once by those of a network."""

    def __init__(self, data: Path, protocol: str, folder: Path) -> None:
        self.protocol, self._data, self._folder = protocol, data, folder
        self._photos = find_photos(data)
        self._split = split = protocols.split(protocol, self._photos)
        self._rows = {"queries": split.queries, "database": split.database}
        if not np.array_equal(split.train, split.database):
            order = np.random.default_rng(0).permutation(split.train)
            self._rows["train"] = np.sort(order[:MEANS])
        self._last: tuple[object, _Seen] | None = None

    def seen(self, model: Model) -> _Seen:
        """What a model's network makes of `train`, `queries` and `database`.

        Raises:
            TrainingFailed: Of one of them no photo could be read.
        """
        network = (model.preprocessing, model.network, {n: w.tobytes() for n, w in model.weights.items()})
        if not self._last or network != self._last[0]:
            encoder = Encoder(model) if choose_device("auto").type != "cpu" else CpuEncoder(model, threads=1)
            parts = {
                name: self._part(name, rows, encoder, model.preprocessing.size)
                for name, rows in self._rows.items()
            }
            parts.setdefault("train", parts["database"])
            spherical = Architecture.read(model.network).spherical
            self._last = network, _Seen(parts, self._split.depth, spherical)
        return self._last[1]

    def _part(self, name: str, rows: NDArray[np.integer], encoder: Encoder | CpuEncoder, size: int) -> _Part:
        folder = self._folder / name
        for _ in pack_pixels(self._photos, rows, size, folder):
            pass
        found, pixels = open_pixels(folder)
        if not len(found):
            raise TrainingFailed(
                f"None of the photos of {self._data} that are “{name}” in {self.protocol} could be read."
            )
        pieces = _side_by_side(lambda rows: encoder.streams(pixels[rows]), len(pixels), CHUNK)
        points = np.concatenate(pieces)
        vectors: Floats = joined(torch.from_numpy(points)).numpy() if points.shape[1] > 1 else points[:, 0]
        labels = multi_hot(self._photos.targets[found], len(self._photos.labels))
        kinds, kind = np.unique(labels, axis=0, return_inverse=True)
        return _Part(points, vectors, labels, kinds, kind.ravel())


@dataclass(frozen=True, slots=True)
class _Groups:
    """Photos by equal codes: whatever asks, photos of one code have one score, to the bit.

    Attributes:
        first: A photo of each group.
        answers: How many it has.
        of_photo, kind: Each photo's group and kind.
        starts: Where a group begins in `kinds`, which its photos are of, and `sizes`, how many of them are.
    """

    first: NDArray[np.int64]
    answers: NDArray[np.int64]
    of_photo: NDArray[np.int64]
    kind: NDArray[np.int64]
    starts: NDArray[np.int64]
    kinds: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, codes: NDArray[np.integer], kind: NDArray[np.int64]) -> _Groups:
        """Of each photo's code and kind."""
        alike, first, alike_to, sizes = np.unique(
            np.column_stack([codes, kind]), axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        begins = np.append(True, (alike[1:, :-1] != alike[:-1, :-1]).any(1))
        starts = np.flatnonzero(begins)
        of_photo = (begins.cumsum() - 1)[alike_to.ravel()]
        answers = np.add.reduceat(sizes, starts)
        return cls(first[starts], answers, of_photo, kind, starts, alike[:, -1], sizes)

    def relevant(self, kinds: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of each group are of some kinds: shape (queries, groups), of (queries, kinds)."""
        relevant: NDArray[np.int64] = np.add.reduceat(kinds[:, self.kinds] * self.sizes, self.starts, axis=1)
        return relevant

    def by_score(self, scores: Floats, kinds: NDArray[np.bool_]) -> Tied:
        """Rankings by one score a group, shape (queries, groups)."""
        if len(self.first) < FEW * len(self.kind):
            return Tied.by_score(scores, self.relevant(kinds), self.answers)
        return Tied.by_score(scores[:, self.of_photo], kinds[:, self.kind])


def _signs(vectors: Floats) -> Floats:
    return np.where(vectors >= 0, np.float32(1), np.float32(-1))


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
