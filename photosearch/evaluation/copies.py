"""Copies of photos: how often a changed copy finds its own photo, and is called the same shot."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from queue import LifoQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from photosearch.datasets import PhotoSet, decode_photos
from photosearch.decode import Worker, thumbnail
from photosearch.duplicates import LOOKED_AT, recognised
from photosearch.encode import looks
from photosearch.encode.encoder import Encoder
from photosearch.encode.model_file import Model
from photosearch.encode.same_shot import least_cosine, nearest_cosines

COPIED = 500
"""Photos of which copies are looked for."""

DISTRACTORS = 20_000
"""Other photos among which they are looked for, if there are so many."""

MEGABYTES, SECONDS, PATIENCE = 500, 20.0, 30
"""Limits of a process that looks at pixels, and of one answer; see `decode.Worker`."""

THUMBNAILS = 20_000
"""Thumbnails that are kept."""

Floats = NDArray[np.float32]

Seen = Callable[[Sequence[bytes], NDArray[np.integer]], Floats]
"""How well pictures, JPEGs, are seen in photos at positions, (n, m); −1 where pixels do not tell: (n, m)."""


def measure_copies(
    model: Model,
    encoder: Encoder,
    photos: PhotoSet,
    found: NDArray[np.integer],
    names: NDArray[np.str_],
    databases: dict[str, Floats],
    asked: Sequence[Floats],
    sums: Callable[[Floats], dict[str, Floats]],
) -> dict[str, Any]:
    """Look for changed copies of some photos among many others.

    Args:
        found: Positions in `photos` of the photos measured, shape (n,); the rest of the set are distractors.
        names: Their sources.
        databases: What stands for each of them, shape (n, …): what `sums` gives, and each of `CONTROLS`.
        asked: Unit vectors of the photos measured for each of `encode.looks`, shape (n, D).
        sums: What may stand for photos in the place of their vectors, by name: whole codes first.

    Returns:
        `copies_of`, `distractors`; `copies`: by change how often the photo is found first by each of the
        databases, and `same_shot`: how often a copy is called one by whole codes; `false_same_shot`: how
        often the most similar other photo is called one; `pairs_of_a_class_told_apart`: how many pairs of one
        class are not. `program` is all this by whole codes and the pixels of the nearest, as the program
        answers: of the photos of which there are copies, with all others.
    """
    # Objects rather than scenes where there is a choice: the promise is about such photos.
    first = np.flatnonzero(names == "wordnet")
    chosen = (first if len(first) else np.arange(len(found)))[:COPIED]
    size = model.preprocessing.size
    more = np.setdiff1d(np.arange(len(photos.targets)), found)[: max(0, DISTRACTORS - len(found))]
    columns: dict[str, list[Floats]] = {name: [database] for name, database in databases.items()}
    rows = [found]
    for sound, pixels in decode_photos(photos, more, size):
        rows.append(sound)
        found_by = sums(encoder.vectors(pixels)) | {
            name: control(pixels) for name, control in CONTROLS.items()
        }
        for name, column in columns.items():
            column.append(found_by[name])
    everything = {name: np.concatenate(column) for name, column in columns.items()}
    whole = next(iter(databases))
    lengths = np.linalg.norm(everything[whole], axis=1)
    pictures = [_picture(photos, row) for row in found[chosen].tolist()]
    copies: dict[str, dict[str, float]] = {}
    targets = photos.targets[np.concatenate(rows)]
    with _looking(photos, np.concatenate(rows)) as seen:
        for change_name, change in CHANGES.items():
            changed = [change(picture).convert("RGB") for picture in pictures]
            squares = np.stack([_square(picture, size) for picture in changed])
            figures = copies[change_name] = {}
            copied = looks.looked(encoder, squares)
            for name, database in everything.items():
                scores = looks.scores([CONTROLS[name](squares)] if name in CONTROLS else copied, database)
                figures[name] = _share(scores.argmax(1) == chosen)
                if name == whole:
                    alike = scores >= _least(model, scores, lengths)[:, None] * lengths
                    figures["same_shot"] = _share(alike[np.arange(len(chosen)), chosen])
                    answered, same = _answered(scores, alike, [thumbnail(each) for each in changed], seen)
                    mine = answered == chosen[:, None]
                    figures["program"] = _share(mine[:, 0])
                    figures["program_same_shot"] = _share((mine & same).any(1))
        scores = looks.scores([look[chosen] for look in asked], everything[whole])
        scores[np.arange(len(chosen)), chosen] = -np.inf
        alike = scores >= _least(model, scores, lengths)[:, None] * lengths
        answered, same = _answered(scores, alike, [thumbnail(picture) for picture in pictures], seen)
    mistaken = same & (targets[answered] == targets[chosen][:, None])
    pairs = sum(int((targets == target).sum()) - 1 for target in targets[chosen].tolist())
    return {
        "copies_of": len(chosen),
        "distractors": len(everything[whole]) - len(chosen),
        "copies": copies,
        "false_same_shot": _share(alike.any(1)),
        "pairs_of_a_class_told_apart": _told_apart(model, photos.targets[found], asked, databases[whole]),
        "program_false_same_shot": _share(same.any(1)),
        "program_pairs_of_a_class_told_apart": round(1 - int(mistaken.sum()) / max(1, pairs), 6),
    }


def _share(of: NDArray[np.bool_] | np.bool_) -> float:
    return round(float(of.mean()), 4)


def _answered(
    scores: Floats, alike: NDArray[np.bool_], pictures: Sequence[bytes], seen: Seen
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nearest photos as the program answers, and which of them it calls the same shot: (q, n).

    Args:
        scores, alike: With all photos, and whether codes call them so, shape (q, N).
        pictures: What is searched by, JPEGs.
    """
    nearest = np.argsort(-scores, axis=1)[:, :LOOKED_AT]
    told = seen(pictures, nearest)
    same = np.where(told < 0, np.take_along_axis(alike, nearest, 1), told > 0)
    order = np.argsort(np.where(same, -1 - np.maximum(told, 0), 0), axis=1, kind="stable")
    return np.take_along_axis(nearest, order, 1), np.take_along_axis(same, order, 1)


@contextmanager
def _looking(photos: PhotoSet, rows: NDArray[np.integer]) -> Iterator[Seen]:
    """What tells in which photos, positions among these rows of a set, pictures are seen."""
    idle: LifoQueue[Worker] = LifoQueue()
    workers = [Worker(MEGABYTES, False, SECONDS, PATIENCE) for _ in range(os.cpu_count() or 1)]
    for worker in workers:
        idle.put(worker)

    @lru_cache(maxsize=THUMBNAILS)
    def known(at: int) -> bytes:
        return thumbnail(_picture(photos, int(rows[at])))

    def answer(asked: tuple[bytes, list[int]]) -> list[float]:
        picture, nearest = asked
        others: list[bytes | None] = [known(at) for at in nearest]
        worker = idle.get()
        try:
            answers = worker.ask(recognised, picture, others)
        finally:
            idle.put(worker)
        return [-1.0 if answer is None else answer for answer in answers]

    try:
        with ThreadPoolExecutor(len(workers)) as threads:
            yield lambda pictures, nearest: np.array(
                list(threads.map(answer, zip(pictures, nearest.tolist(), strict=True))), np.float32
            )
    finally:
        for worker in workers:
            worker.close()


def _picture(photos: PhotoSet, row: int) -> Image.Image:
    with Image.open(io.BytesIO(photos.read(row))) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def _told_apart(model: Model, targets: NDArray[Any], asked: Sequence[Floats], sums: Floats) -> float:
    """The share of pairs of a query and another photo of its class that are not called the same shot."""
    lengths = np.linalg.norm(sums, axis=1)
    called, pairs = 0, 0
    for start in range(0, len(sums), 512):
        rows = slice(start, start + 512)
        scores = looks.scores([look[rows] for look in asked], sums)
        own = np.arange(len(scores))
        scores[own, own + start] = -np.inf
        alike = scores >= _least(model, scores, lengths)[:, None] * lengths
        hard = targets[rows, None] == targets
        called, pairs = called + int((alike & hard).sum()), pairs + int(hard.sum()) - len(own)
    return round(1 - called / max(1, pairs), 6)


def _least(model: Model, scores: Floats, lengths: Floats) -> Floats:
    """From which cosine on photos are called the same shot, of each row of scores with all photos."""
    return least_cosine(nearest_cosines(scores, lengths), model.same_shot, model.crowding)


def _square(picture: Image.Image, size: int) -> NDArray[np.uint8]:
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))


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


def _text(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    draw, height = ImageDraw.Draw(copy), picture.height
    size = max(8, height // 8)
    draw.text((picture.width // 20, height - 2 * size), "Summer 2019", "white", font_size=size)
    return copy


def _screenshot(picture: Image.Image) -> Image.Image:
    """A phone's screen: bars above and below, a line of text, the photo as wide as the screen."""
    width, height = picture.size
    screen = Image.new("RGB", (width, max(round(1.6 * width), round(1.3 * height))), (24, 24, 27))
    screen.paste(picture, (0, (screen.height - height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.text((width // 20, screen.height // 60), "12:30", "white", font_size=max(8, width // 16))
    draw.rectangle((width // 3, screen.height - 4, 2 * width // 3, screen.height - 3), "white")
    return screen


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
    "text": _text,
    "crop_35_percent": _middle(0.35),
    "crop_20_percent": _middle(0.2),
    "turned_90_degrees": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "screenshot": _screenshot,
}
"""What becomes of photos on their way through the world; sizes are in shares, but for the blur."""


def histograms(pixels: NDArray[np.uint8]) -> Floats:
    """Colours counted in 4 × 4 × 4 cells, as unit vectors of the roots: float32, shape (n, 64)."""
    cells = (pixels >> 6).astype(np.int64) @ np.array([16, 4, 1])
    counts = (
        np.stack([np.bincount(cell.ravel(), minlength=64) for cell in cells])
        if len(cells)
        else np.empty((0, 64))
    )
    return np.sqrt(counts / max(1, pixels.shape[1] * pixels.shape[2])).astype(np.float32)


def thumbnails(pixels: NDArray[np.uint8]) -> Floats:
    """16 × 16 pixels, without their mean, as unit vectors: float32, shape (n, 768)."""
    small = [np.asarray(Image.fromarray(photo).resize((16, 16), Image.Resampling.BOX)) for photo in pixels]
    flat = np.array(small, np.float32).reshape(-1, 768)
    flat -= flat.mean(1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def difference_hashes(pixels: NDArray[np.uint8]) -> Floats:
    """Which of two neighbours in 9 × 8 grey pixels is the lighter, as 64 signs: float32, shape (n, 64)."""
    small = [
        np.asarray(Image.fromarray(photo).convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
        for photo in pixels
    ]
    grey = np.array(small, np.int16).reshape(-1, 8, 9)
    signs = np.where(grey[:, :, 1:] > grey[:, :, :-1], np.float32(1), np.float32(-1))
    return (signs.reshape(len(grey), 64) / 8).astype(np.float32)


CONTROLS: dict[str, Callable[[NDArray[np.uint8]], Floats]] = {
    "colour_histogram": histograms,
    "thumbnail": thumbnails,
    "difference_hash": difference_hashes,
}
"""What needs no training: vectors whose inner products tell how alike photos are."""
