"""Draw pictures of several classes each, with their `labels.csv`: python -m tests.several 3000 FOLDER

A picture shows one to three of eight figures, each anywhere, of any colour and size, on a ground of two
colours: what it is labelled by can be told by shape alone.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 48
FIGURES = ("disc", "ring", "square", "frame", "triangle", "cross", "bars", "dots")


def drawn(labels: list[str], random: np.random.Generator) -> Image.Image:
    """A picture of these figures, SIDE pixels a side."""
    first, second = random.integers(0, 256, (2, 3))
    ramp = np.linspace(0, 1, SIDE)[:, None, None]
    ground = np.broadcast_to(first * ramp + second * (1 - ramp), (SIDE, SIDE, 3))
    picture = Image.fromarray(ground.astype(np.uint8)).rotate(int(random.integers(4)) * 90)
    draw = ImageDraw.Draw(picture)
    for label in labels:
        size = int(random.integers(14, 24))
        x, y = (int(place) for place in random.integers(0, SIDE - size, 2))
        colour = tuple(int(part) for part in random.integers(0, 256, 3))
        _figure(draw, label, (x, y, x + size, y + size), colour)
    return picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0, 0.7))))


def _figure(draw: ImageDraw.ImageDraw, label: str, box: tuple[int, ...], colour: tuple[int, ...]) -> None:
    left, top, right, bottom = box
    third = (right - left) // 3
    if label == "disc":
        draw.ellipse(box, fill=colour)
    elif label == "ring":
        draw.ellipse(box, outline=colour, width=3)
    elif label == "square":
        draw.rectangle(box, fill=colour)
    elif label == "frame":
        draw.rectangle(box, outline=colour, width=3)
    elif label == "triangle":
        draw.polygon([(left, bottom), (right, bottom), ((left + right) // 2, top)], fill=colour)
    elif label == "cross":
        draw.line((left, top, right, bottom), fill=colour, width=3)
        draw.line((left, bottom, right, top), fill=colour, width=3)
    elif label == "bars":
        for x in range(left, right, 5):
            draw.line((x, top, x, bottom), fill=colour, width=2)
    else:
        for x in range(left, right, third):
            for y in range(top, bottom, third):
                draw.ellipse((x, y, x + third // 2 + 1, y + third // 2 + 1), fill=colour)


def draw_several(count: int, folder: Path) -> None:
    """Draw `count` pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    with (folder / "labels.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["photo", "labels"])
        for number in range(count):
            labels = random.choice(FIGURES, int(random.integers(1, 4)), replace=False).tolist()
            drawn(labels, random).save(folder / f"{number:05}.png")
            lines.writerow([f"{number:05}.png", " ".join(labels)])


if __name__ == "__main__":
    draw_several(int(sys.argv[1]), Path(sys.argv[2]))
