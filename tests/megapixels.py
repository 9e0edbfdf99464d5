"""Photos of 12 megapixels to measure with: `python -m tests.megapixels 500 FOLDER`, then
`photosearch bench index FOLDER`.

To draw one takes ten seconds, so each drawing is cut, mirrored and toned into 20 photos.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageEnhance

from tests.pictures import KINDS, draw

WIDTH, HEIGHT = 4000, 3000
SPARE = 5
"""A drawing is by a fifth wider and higher than what is cut from it."""

EACH = 20


def write(folder: Path, count: int) -> None:
    """Put so many photos into a folder, always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = list(KINDS)
    for number in range(count):
        which, cut = divmod(number, EACH)
        if cut == 0:
            kind, seed = kinds[which % len(kinds)], 100 + which // len(kinds)
            drawing = draw(kind, seed, (WIDTH + WIDTH // SPARE, HEIGHT + HEIGHT // SPARE))
        random = np.random.default_rng([20261121, number])
        x, y = int(random.integers(WIDTH // SPARE)), int(random.integers(HEIGHT // SPARE))
        photo = drawing.crop((x, y, x + WIDTH, y + HEIGHT))
        if random.random() < 0.5:
            photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        photo = ImageEnhance.Color(photo).enhance(random.uniform(0.6, 1.4))
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = int(random.choice([1, 1, 1, 6, 8]))
        photo.save(folder / f"{number:04d}-{kind}.jpg", quality=93, exif=exif)


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
