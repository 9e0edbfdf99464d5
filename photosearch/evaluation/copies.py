"""Copies of photos: how often a changed copy finds its own photo, and is called the same shot."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from photosearch.datasets import PhotoSet, decode_photos
from photosearch.encode import looks
from photosearch.encode.encoder import Encoder
from photosearch.encode.model_file import Model
from photosearch.encode.same_shot import least_cosine, nearest_cosines

COPIED = 500
"""Photos of which copies are looked for."""

DISTRACTORS = 20_000
"""Other photos among which they are looked for, if there are so many."""

Floats = NDArray[np.float32]


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
        class are not.
    """
    # Objects rather than scenes where there is a choice: the promise is about such photos.
    first = np.flatnonzero(names == "wordnet")
    chosen = (first if len(first) else np.arange(len(found)))[:COPIED]
    size = model.preprocessing.size
    more = np.setdiff1d(np.arange(len(photos.targets)), found)[: max(0, DISTRACTORS - len(found))]
    columns: dict[str, list[Floats]] = {name: [database] for name, database in databases.items()}
    for _, pixels in decode_photos(photos, more, size):
        found_by = sums(encoder.vectors(pixels)) | {
            name: control(pixels) for name, control in CONTROLS.items()
        }
        for name, column in columns.items():
            column.append(found_by[name])
    everything = {name: np.concatenate(column) for name, column in columns.items()}
    whole = next(iter(databases))
    lengths = np.linalg.norm(everything[whole], axis=1)
    pictures = []
    for row in found[chosen].tolist():
        with Image.open(io.BytesIO(photos.read(row))) as image:
            pictures.append(ImageOps.exif_transpose(image).convert("RGB"))
    copies: dict[str, dict[str, float]] = {}
    for change_name, change in CHANGES.items():
        changed = np.stack([_square(change(picture), size) for picture in pictures])
        figures = copies[change_name] = {}
        copied = looks.looked(encoder, changed)
        for name, database in everything.items():
            scores = looks.scores([CONTROLS[name](changed)] if name in CONTROLS else copied, database)
            figures[name] = round(float((scores.argmax(1) == chosen).mean()), 4)
            if name == whole:
                own = scores[np.arange(len(chosen)), chosen] / lengths[chosen]
                figures["same_shot"] = round(float((own >= _least(model, scores, lengths)).mean()), 4)
    scores = looks.scores([look[chosen] for look in asked], everything[whole])
    scores[np.arange(len(chosen)), chosen] = -np.inf
    mistaken = scores >= _least(model, scores, lengths)[:, None] * lengths
    return {
        "copies_of": len(chosen),
        "distractors": len(everything[whole]) - len(chosen),
        "copies": copies,
        "false_same_shot": round(float(mistaken.any(1).mean()), 4),
        "pairs_of_a_class_told_apart": _told_apart(model, photos.targets[found], asked, databases[whole]),
    }


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
    return np.asarray(picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))


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
