"""Edits that leave a photo the same shot, and what only looks like it: bursts in which something moved."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

Edit = Callable[[Image.Image, random.Random], Image.Image]


def saved_as(picture: Image.Image, kind: str, **options: object) -> Image.Image:
    """A picture after being written to a file of a kind and read again."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return Image.open(file).convert("RGB")


def jpeg(picture: Image.Image, chance: random.Random) -> Image.Image:
    return saved_as(picture, "JPEG", quality=chance.randint(30, 95))


def resize(picture: Image.Image, chance: random.Random) -> Image.Image:
    share = chance.uniform(0.25, 0.9)
    return picture.resize([max(1, round(side * share)) for side in picture.size], Image.Resampling.LANCZOS)


def quarter(picture: Image.Image, chance: random.Random) -> Image.Image:
    return picture.resize([max(1, round(side / 4)) for side in picture.size], Image.Resampling.LANCZOS)


def cut(picture: Image.Image, width: float, height: float, chance: random.Random) -> Image.Image:
    """A part, given in shares of the sides, from anywhere."""
    left = chance.uniform(0, 1 - width) * picture.width
    top = chance.uniform(0, 1 - height) * picture.height
    box = left, top, left + width * picture.width, top + height * picture.height
    return picture.crop([round(edge) for edge in box])


def crop(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Between 70 and 95 % of the area, of the same shape or another."""
    area, shape = chance.uniform(0.7, 0.95), chance.choice([1.0, 1.0, chance.uniform(0.85, 1.18)])
    width, height = min(1.0, (area * shape) ** 0.5), min(1.0, (area / shape) ** 0.5)
    return saved_as(cut(picture, width, height, chance), "JPEG", quality=90)


def crop_sides(picture: Image.Image, chance: random.Random) -> Image.Image:
    """70 % of each side, which is half of the area."""
    return saved_as(cut(picture, 0.7, 0.7, chance), "JPEG", quality=90)


def rotate(picture: Image.Image, chance: random.Random) -> Image.Image:
    turn = chance.choice([Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270])
    return saved_as(picture.transpose(turn), "JPEG", quality=90)


def expose(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Brighter or darker, by gain or by gamma; or another contrast."""
    how = chance.choice(["gain", "gamma", "contrast"])
    if how == "gain":
        edited = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.6, 1.4))
    elif how == "contrast":
        edited = ImageEnhance.Contrast(picture).enhance(chance.uniform(0.7, 1.4))
    else:
        gamma = chance.uniform(0.6, 1.6)
        edited = picture.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)
    return saved_as(edited, "JPEG", quality=90)


def watermark(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Text, opaque in a corner or see-through in the middle, white or black."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    colour = chance.choice([(255, 255, 255), (255, 255, 255), (0, 0, 0)])
    text = chance.choice(["© Ada Example", "SAMPLE", "photos.example", "2019-08-14 Lucerne"])
    if chance.random() < 0.5:
        size = max(6, round(picture.height * chance.uniform(0.04, 0.08)))
        corner = [chance.choice([0.03, 0.45]) * picture.width, chance.choice([0.03, 0.88]) * picture.height]
        draw.text(corner, text, (*colour, chance.randint(180, 255)), font_size=size)
    else:
        size = max(8, round(picture.height * chance.uniform(0.1, 0.18)))
        draw.text(
            (picture.width / 2, picture.height / 2),
            text,
            (*colour, chance.randint(70, 150)),
            font_size=size,
            anchor="mm",
        )
    marked = Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")
    return saved_as(marked, "JPEG", quality=90)


def another_format(picture: Image.Image, chance: random.Random) -> Image.Image:
    quality = {"PNG": {}, "WEBP": {"quality": 75}, "AVIF": {"quality": 60}, "TIFF": {}}
    kind = chance.choice(list(quality))
    return saved_as(picture, kind, **quality[kind])


EDITS: dict[str, Edit] = {
    "JPEG 30 to 95": jpeg,
    "resized to 25–90 %": resize,
    "resized to 25 %": quarter,
    "cropped to 70–95 % of the area": crop,
    "cropped to 70 % of each side": crop_sides,
    "turned by 90, 180, 270 degrees": rotate,
    "exposure": expose,
    "watermark": watermark,
    "another format": another_format,
}
"""What a person does to a photo, and it stays the same shot."""


def _moved(picture: Image.Image, chance: random.Random, zoom: bool) -> Image.Image:
    """The photo with what is in an ellipse moved by 4 to 12 % of the shorter side, or come nearer."""
    pixels = np.asarray(picture.convert("RGB"))
    height, width = pixels.shape[:2]
    side = min(width, height)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    best, most = picture, -1.0
    for _ in range(8):
        radius = chance.uniform(0.13, 0.25) * side, chance.uniform(0.13, 0.25) * side
        centre = chance.uniform(0.3, 0.7) * height, chance.uniform(0.3, 0.7) * width
        ellipse = ((rows - centre[0]) / radius[0]) ** 2 + ((columns - centre[1]) / radius[1]) ** 2 < 1
        inside = Image.fromarray(np.uint8(255 * ellipse)).filter(ImageFilter.GaussianBlur(0.01 * side))
        if zoom:
            size = chance.uniform(1.12, 1.3)
            taken = (
                centre[0] + (rows - centre[0]) / size,
                centre[1] + (columns - centre[1]) / size,
            )
        else:
            angle, far = chance.uniform(0, 6.3), chance.uniform(0.04, 0.12) * side
            taken = rows - far * np.sin(angle), columns - far * np.cos(angle)
        at = [
            np.clip(np.rint(part), 0, limit - 1).astype(int)
            for part, limit in zip(taken, (height, width), strict=True)
        ]
        moved = Image.composite(Image.fromarray(pixels[at[0], at[1]]), picture, inside)
        changed = np.asarray(inside) > 128
        differs = np.abs(np.asarray(moved, np.float32) - pixels)[changed].mean() if changed.any() else 0.0
        # What moved has to be seen: a piece of blue sky that moved within the sky did not.
        if differs >= 12:
            return moved
        if differs > most:
            best, most = moved, differs
    return best


def _shaken(picture: Image.Image, chance: random.Random) -> Image.Image:
    """As a camera held by hand sees it a moment later: up to 2 % elsewhere, noise, another JPEG."""
    share = chance.uniform(0.96, 0.99)
    size = picture.size
    shaken = cut(picture, share, share, chance).resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 2, (size[1], size[0], 3))
    noisy = np.clip(np.asarray(shaken) + noise, 0, 255).astype(np.uint8)
    return saved_as(Image.fromarray(noisy), "JPEG", quality=92)


def burst_still(picture: Image.Image, chance: random.Random) -> Image.Image:
    """The camera on a tripod; the subject moved."""
    return saved_as(_moved(picture, chance, False), "JPEG", quality=92)


def burst_by_hand(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Camera and subject moved."""
    return _shaken(_moved(picture, chance, False), chance)


def burst_nearer(picture: Image.Image, chance: random.Random) -> Image.Image:
    """The subject came nearer."""
    return _shaken(_moved(picture, chance, True), chance)


def burst_cropped(picture: Image.Image, chance: random.Random) -> Image.Image:
    """The subject moved, and it was framed otherwise."""
    return crop(_moved(picture, chance, False), chance)


BURSTS: dict[str, Edit] = {
    "subject moved": burst_still,
    "subject and camera moved": burst_by_hand,
    "subject came nearer": burst_nearer,
    "subject moved, cropped": burst_cropped,
}
"""Photos of the next moment, which are no copies."""


def entered(picture: Image.Image, other: Image.Image, chance: random.Random) -> Image.Image:
    """The photo, and a piece of another in it: somebody has stepped in."""
    width, height = (round(chance.uniform(0.15, 0.3) * side) for side in picture.size)
    piece = cut(other, 0.5, 0.5, chance).resize((width, height))
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((0, 0, width - 1, height - 1), 255)
    changed = picture.copy()
    place = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    changed.paste(piece, place, mask.filter(ImageFilter.GaussianBlur(0.01 * min(picture.size))))
    return saved_as(changed, "JPEG", quality=92)
