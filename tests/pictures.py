"""Pictures drawn by arithmetic, near enough to photos: nobody's photos are needed by a test or a screenshot.

`draw("sea", 3)` is always the same picture; another seed is another place, hour and weather.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]


def draw(kind: str, seed: int, size: tuple[int, int] = (960, 640)) -> Image.Image:
    """A picture of one of `KINDS`, of this width and height."""
    random = np.random.default_rng([list(KINDS).index(kind), seed])
    return Image.fromarray(_develop(random, KINDS[kind](random, *size)))


def _develop(random: np.random.Generator, light: Array) -> NDArray[np.uint8]:
    """What a camera adds: its exposure, a darker rim, a soft shoulder, grain."""
    height, width, _ = light.shape
    across, down = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
    light = light * (1 - 0.13 * (across**2 + down**2))[..., None] * random.uniform(0.95, 1.1)
    light = np.where(light > 0.8, 0.8 + 0.2 * np.tanh((light - 0.8) / 0.2), light)
    light = light + random.normal(0, 0.010, (height, width, 1)) + random.normal(0, 0.005, light.shape)
    return (np.clip(light, 0, 1) * 255 + 0.5).astype(np.uint8)


# Brushes. Lengths are in heights of the picture: y runs from 0 at the top to 1, x from 0 to the aspect ratio.


def _grid(width: int, height: int) -> tuple[Array, Array]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + 0.5) / height, (y + 0.5) / height


def _cloud(
    random: np.random.Generator, width: int, height: int, cells: float, stretch: float = 1.0, octaves: int = 5
) -> Array:
    """Fractal noise between 0 and 1, `cells` to the height; `stretch` draws it out sideways."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave))
        columns = max(2, round(cells * 2**octave * width / height / stretch))
        values = Image.fromarray(random.random((rows, columns), np.float32))
        total += 0.55**octave * np.asarray(values.resize((width, height), Image.Resampling.BICUBIC))
        weight += 0.55**octave
    return np.clip(total / weight, 0, 1)


def _step(value: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    at = np.clip((value - low) / (high - low), 0, 1)
    return at * at * (3 - 2 * at)


def _mix(below: Array, above: Array, cover: Array) -> Array:
    """`above` laid over `below` where `cover` is 1."""
    return below + (above - below) * cover[..., None]


def _colour(red: float, green: float, blue: float) -> Array:
    return np.array([red, green, blue], np.float32)


def _between(low: Array, high: Array, at: Array) -> Array:
    """Colours between two, one for each number of `at`."""
    return low + (high - low) * at[..., None]


HOURS = {
    "noon": (_colour(0.22, 0.45, 0.78), _colour(0.74, 0.86, 0.95), _colour(1.0, 0.98, 0.92)),
    "gold": (_colour(0.36, 0.46, 0.68), _colour(1.0, 0.74, 0.44), _colour(1.0, 0.86, 0.55)),
    "dusk": (_colour(0.20, 0.19, 0.42), _colour(0.95, 0.50, 0.42), _colour(1.0, 0.66, 0.42)),
    "mist": (_colour(0.66, 0.72, 0.78), _colour(0.90, 0.91, 0.90), _colour(1.0, 0.98, 0.95)),
}
"""The sky above, the sky at the horizon, the light of the sun."""


def _hour(random: np.random.Generator) -> tuple[Array, Array, Array]:
    return HOURS[str(random.choice(list(HOURS)))]


def _sky(
    random: np.random.Generator, width: int, height: int, horizon: float, hour: tuple[Array, Array, Array]
) -> tuple[Array, tuple[float, float]]:
    """A sky with clouds and a sun, and where the sun stands."""
    x, y = _grid(width, height)
    above, low, sun = hour
    light = _between(above, low, np.clip(y / horizon, 0, 1) ** 1.4)
    at = random.uniform(0.15, 0.85) * width / height, horizon * random.uniform(0.25, 0.92)
    away = np.hypot(x - at[0], y - at[1])
    light = light + sun * (0.45 * np.exp(-away * 5) + 0.25 * np.exp(-away * 14))[..., None]
    cover = _step(_cloud(random, width, height, 2.2, 2.6), 0.5, 0.78) * random.uniform(0.15, 0.95)
    bank = np.clip(low * 0.45 + sun * 0.55 - 0.08 + 0.25 * np.exp(-away * 3)[..., None], 0, 1)
    light = _mix(light, bank, cover * _step(horizon - y, -0.05, 0.25))
    light = _mix(light, np.broadcast_to(sun * 1.3, light.shape), 1 - _step(away, 0.035, 0.042))
    return light, at


def _ground(
    random: np.random.Generator,
    width: int,
    height: int,
    relief: Array,
    paint: Array,
    sky: tuple[Array, Array, Array],
    eye: float,
    haze: float,
) -> Array:
    """A landscape seen in perspective: each column of the picture looks along one line over the relief.

    `relief` (heights) and `paint` (colours, lit here) are maps of one square; `eye` is the camera's height.
    """
    count = len(relief)
    side = random.choice([-1.0, 1.0])
    slope = np.gradient(relief, axis=1) * side * count / 8 - np.gradient(relief, axis=0) * count / 26
    lit = paint * np.clip(0.82 + 1.1 * slope, 0.22, 1.45)[..., None] * (0.35 + 0.65 * sky[2])
    far = np.geomspace(0.05, 1.0, 700, dtype=np.float32)
    look = np.linspace(-0.5, 0.5, width, dtype=np.float32)
    rows = np.clip(((1 - far) * (count - 1)).astype(int), 0, count - 1)[:, None]
    columns = np.clip(((0.5 + look[None] * far[:, None] * 0.95) * (count - 1)).astype(int), 0, count - 1)
    shown = 0.42 + (eye - relief[rows, columns]) * 0.42 / far[:, None]
    skyline = np.minimum.accumulate(shown, axis=0)
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    picture, ground = _sky(random, width, height, 0.5, sky)[0], np.empty((height, 3), np.float32)
    veil = 1 - np.exp(-((far * haze) ** 1.6))
    air = np.broadcast_to(sky[1] * 0.92, (len(far), width, 3))
    colours = _mix(lit[rows, columns], air, np.broadcast_to(veil[:, None], (len(far), width)))
    for column in range(width):
        first = np.searchsorted(-skyline[:, column], -y)
        seen = first < len(far)
        ground[seen] = colours[first[seen], column]
        picture[seen, column] = ground[seen]
    return picture


# Pictures


def _mountains(random: np.random.Generator, width: int, height: int) -> Array:
    count = 900
    down = np.linspace(0, 1, count, dtype=np.float32)[:, None]
    ridges = 1 - np.abs(2 * _cloud(random, count, count, 2.2, octaves=6) - 1)
    massif = _step(_cloud(random, count, count, 1.6, octaves=2), 0.25, 0.7)
    relief = ridges**2 * (0.25 + 0.75 * massif) * 0.66 * _step(1 - down, 0.22, 0.8)
    relief = relief + _cloud(random, count, count, 12, octaves=6) * 0.03
    steep = np.hypot(*np.gradient(relief)) * count
    grass = _between(_colour(0.16, 0.27, 0.11), _colour(0.36, 0.42, 0.17), _cloud(random, count, count, 30))
    rock = _between(_colour(0.30, 0.29, 0.29), _colour(0.52, 0.49, 0.46), _cloud(random, count, count, 40, 3))
    snow = np.broadcast_to(_colour(0.93, 0.95, 1.0), rock.shape)
    paint = _mix(grass, rock, _step(relief + 0.03 * steep, 0.12, 0.22))
    paint = _mix(paint, snow, _step(relief - 0.03 * steep, 0.24, 0.30))
    hour = _hour(random)
    lake = random.uniform(0.010, 0.024)
    wave = 0.85 + 0.3 * _cloud(random, count, count, 60, 6, octaves=3)[..., None]
    water = hour[1] * 0.22 + hour[0] * 0.42 + _colour(0.02, 0.06, 0.10)
    paint = np.where((relief < lake)[..., None], water * wave, paint)
    relief = np.maximum(relief, lake)
    return _ground(random, width, height, relief, paint, hour, 0.15, random.uniform(0.5, 0.9))


def _hills(random: np.random.Generator, width: int, height: int) -> Array:
    count = 600
    relief = _cloud(random, count, count, 2.5, octaves=3) * 0.24
    fields = _cloud(random, count, count, 7, 2.5, octaves=2)
    green = _between(_colour(0.22, 0.38, 0.10), _colour(0.45, 0.55, 0.18), fields)
    crops = [_colour(0.78, 0.66, 0.26), _colour(0.52, 0.40, 0.52), _colour(0.30, 0.44, 0.14)]
    other = np.broadcast_to(crops[random.integers(3)], green.shape)
    paint = _mix(green, other, _step(fields, 0.52, 0.56))
    trees = _step(_cloud(random, count, count, 55, octaves=3), 0.62, 0.68)
    trees = trees * _step(_cloud(random, count, count, 4), 0.45, 0.6)
    paint = _mix(paint, np.broadcast_to(_colour(0.07, 0.15, 0.05), paint.shape), trees)
    paint = paint * (0.85 + 0.3 * _cloud(random, count, count, 90, octaves=2))[..., None]
    return _ground(
        random, width, height, relief + trees * 0.012, paint, _hour(random), 0.27, random.uniform(0.5, 1.1)
    )


def _dunes(random: np.random.Generator, width: int, height: int) -> Array:
    count = 1400
    v, u = np.mgrid[0:count, 0:count].astype(np.float32) / count
    phase = (
        u * random.uniform(2, 4) + v * random.uniform(3, 6) + 1.8 * _cloud(random, count, count, 3, octaves=2)
    )
    crest = phase % 1
    relief = (
        np.minimum(crest / 0.72, (1 - crest) / 0.28)
        * (0.14 + 0.08 * v)
        * _cloud(random, count, count, 2, octaves=2)
    )
    ripples = np.sin((v + 0.15 * _cloud(random, count, count, 6)) * 900) * 0.03
    sand = _between(_colour(0.80, 0.54, 0.30), _colour(0.93, 0.72, 0.45), _cloud(random, count, count, 12))
    hour = HOURS[str(random.choice(["noon", "gold", "dusk"]))]
    return _ground(random, width, height, relief, sand * (1 + ripples)[..., None], hour, 0.26, 0.5)


def _sea(random: np.random.Generator, width: int, height: int) -> Array:
    horizon = random.uniform(0.42, 0.62)
    hour = _hour(random)
    light, sun = _sky(random, width, height, horizon, hour)
    x, y = _grid(width, height)
    depth = np.clip((y - horizon) / (1 - horizon), 1e-3, 1)
    # Waves crowd towards the horizon.
    line = np.clip((depth**0.42 * (height - 1)).astype(int), 0, height - 1)
    waves = _cloud(random, width, height, 26, 9, octaves=4)[line, np.arange(width)]
    water = _between(hour[1] * 0.72, hour[0] * 0.55 + _colour(0, 0.05, 0.06), depth**0.6)
    water = water * (0.72 + 0.6 * waves)[..., None]
    path = np.exp(-(((x - sun[0]) / (0.05 + 0.22 * depth)) ** 2)) * _step(waves, 0.5, 0.66)
    water = water + hour[2] * (0.95 * path)[..., None]
    shore = _step(y + 0.05 * np.sin(x * 3 + random.uniform(0, 6)) + 0.02 * waves, 0.86, 0.875)
    if random.random() < 0.6:
        sand = _between(
            _colour(0.52, 0.42, 0.31), _colour(0.83, 0.73, 0.57), _cloud(random, width, height, 60)
        )
        water = _mix(water, np.full_like(water, 0.93), shore * (1 - _step(y, 0.86, 0.93)))
        water = _mix(water, sand, _step(y + 0.05 * np.sin(x * 3) + 0.03 * waves, 0.9, 0.95))
    light = _mix(light, water, _step(y, horizon - 0.001, horizon + 0.002))
    if random.random() < 0.6:
        at, tall = random.uniform(0.2, 0.8) * width / height, random.uniform(0.10, 0.2)
        up = (horizon + 0.02 - y) / tall
        sail = (up > 0.12) & (up < 1) & (x > at) & (x - at < 0.42 * tall * (1 - up))
        jib = (up > 0.12) & (up < 0.85) & (x < at - 0.004) & (at - x < 0.26 * tall * (0.9 - up))
        hull = (up > 0) & (up < 0.09) & (np.abs(x - at) < tall * (0.3 + up))
        light[sail | jib] = hour[2] * 0.93
        light[hull] = _colour(0.13, 0.10, 0.10)
    return light


def _flower(random: np.random.Generator, width: int, height: int) -> Array:
    x, y = _grid(width, height)
    light = _bokeh(random, width, height, _colour(0.10, 0.22, 0.08), _colour(0.36, 0.52, 0.20))
    hues = [
        (0.93, 0.24, 0.30),
        (0.98, 0.78, 0.16),
        (0.93, 0.62, 0.80),
        (0.96, 0.95, 0.92),
        (0.56, 0.38, 0.80),
    ]
    hue = _colour(*hues[random.integers(len(hues))])
    petals = int(random.integers(5, 14))
    for blossom in range(int(random.integers(1, 4))):
        far = blossom * 0.12
        radius = random.uniform(0.26, 0.36) * (1 - blossom * 0.22)
        at = width / height * (0.5 + (blossom > 0) * random.uniform(-0.36, 0.36)), random.uniform(0.36, 0.56)
        bend = 0.05 * np.sin((y - at[1]) * 4)
        stem = np.exp(-(((x - at[0] - bend) / (0.012 + far * 0.1)) ** 4)) * (y > at[1])
        light = _mix(light, np.broadcast_to(_colour(0.20, 0.38, 0.12), light.shape), stem * 0.95)
        for layer in (1.0, 0.72):
            angle = np.arctan2(y - at[1], x - at[0]) + random.uniform(0, 6)
            away = np.hypot(x - at[0], (y - at[1]) * random.uniform(1.0, 1.15)) / (radius * layer)
            turn = (angle * petals / (2 * np.pi)) % 1 - 0.5
            rim = (1 - np.abs(turn * 2) ** 2.4) * 0.42 + 0.58
            petal = 1 - _step(away / rim, 0.97 - far, 1.0 + far)
            veins = 0.06 * np.cos(turn * 40) * _step(away, 0.2, 0.8)
            shade = 0.52 + 0.42 * away + veins - 0.35 * np.abs(turn) ** 2 + 0.12 * (layer < 1)
            light = _mix(light, hue * shade[..., None], petal)
        away = np.hypot(x - at[0], y - at[1]) / radius
        dots = _cloud(random, width, height, 90, octaves=2)
        seeds = _between(_colour(0.36, 0.20, 0.04), _colour(0.92, 0.68, 0.14), dots)
        light = _mix(light, seeds * (1.15 - 1.6 * away)[..., None], 1 - _step(away, 0.2, 0.23))
    return light


def _bokeh(random: np.random.Generator, width: int, height: int, dark: Array, bright: Array) -> Array:
    """What lies far behind the focus: soft colour and discs of light."""
    x, y = _grid(width, height)
    light = _between(dark, bright, _step(_cloud(random, width, height, 2, octaves=3), 0.25, 0.75))
    for _ in range(22):
        at = random.uniform(0, width / height), random.uniform(0, 1)
        away = np.hypot(x - at[0], y - at[1]) / random.uniform(0.02, 0.08)
        disc = (1 - _step(away, 0.85, 1.0)) * (0.6 + 0.4 * away**2) * random.uniform(0.06, 0.3)
        light = light + (bright * 0.8 + 0.25) * disc[..., None]
    return light


def _city(random: np.random.Generator, width: int, height: int) -> Array:
    shore = random.uniform(0.66, 0.8)
    x, y = _grid(width, height)
    night = _colour(0.02, 0.03, 0.09), _colour(0.20, 0.16, 0.28)
    evening = _colour(0.07, 0.09, 0.24), _colour(0.80, 0.40, 0.34)
    above, low = night if random.random() < 0.4 else evening
    light = _between(above, low, np.clip(y / shore, 0, 1) ** 2.2)
    light = _mix(light, low + 0.12, _step(_cloud(random, width, height, 2, 3), 0.5, 0.85) * 0.6)
    lamps = [_colour(1.0, 0.80, 0.45), _colour(1.0, 0.92, 0.72), _colour(0.72, 0.86, 1.0)]
    for row in range(4):
        at = -0.05
        while at < width / height:
            wide, tall = random.uniform(0.05, 0.15), random.uniform(0.12, 0.5) * (1 - row * 0.17)
            wall = low * (0.30 - row * 0.07) + 0.02
            inside = (x >= at) & (x < at + wide) & (y > shore - tall) & (y < shore)
            light[inside] = wall
            cell = random.uniform(0.009, 0.014)
            across, up = ((x - at) / cell).astype(int), ((y - shore + tall) / (cell * 1.3)).astype(int)
            lit = random.random((int(tall / cell) + 2, int(wide / cell) + 2)) < random.uniform(0.12, 0.5)
            pane = inside & ((x - at) / cell % 1 > 0.35) & ((y - shore + tall) / (cell * 1.3) % 1 > 0.45)
            pane &= lit[np.clip(up, 0, lit.shape[0] - 1), np.clip(across, 0, lit.shape[1] - 1)]
            light[pane] = lamps[random.integers(3)] * random.uniform(0.65, 1.0)
            at += wide * random.uniform(0.8, 1.5)
    line = int(shore * height)
    below = height - line
    mirror = light[line - np.minimum(np.arange(below), line - 1) - 1]
    waves = _cloud(random, width, below, 24, 8, octaves=3) - 0.5
    shift = np.clip(np.arange(width) + (waves * 26 * height / 640).astype(int), 0, width - 1)
    blur = Image.fromarray((np.clip(mirror, 0, 1) * 255).astype(np.uint8)).resize((width, max(2, below // 9)))
    mirror = np.asarray(blur.resize((width, below)), np.float32) / 255
    light[line:] = mirror[np.arange(below)[:, None], shift] * (0.62 + 0.5 * waves)[..., None]
    return light


def _forest(random: np.random.Generator, width: int, height: int) -> Array:
    x, y = _grid(width, height)
    air = [_colour(0.84, 0.90, 0.82), _colour(0.95, 0.82, 0.55), _colour(0.80, 0.86, 0.92)][
        random.integers(3)
    ]
    leaf = [_colour(0.16, 0.32, 0.10), _colour(0.70, 0.36, 0.09), _colour(0.28, 0.40, 0.12)][
        random.integers(3)
    ]
    glade = random.uniform(0.3, 0.7) * width / height
    glow = np.exp(-(((x - glade) / 0.5) ** 2 + ((y - 0.38) / 0.45) ** 2))
    light = air * (0.62 + 0.42 * glow)[..., None]
    for layer, near in enumerate(np.linspace(0.15, 1, 5)):
        ground = 0.60 + 0.30 * near
        tone = _between(air * 0.72, leaf, np.float32(near))
        floor = _cloud(random, width, height, 30, 2.5)
        cover = _step(y + 0.05 * floor - ground + 0.02, 0, 0.03)
        light = _mix(light, tone * (0.7 + 0.7 * floor)[..., None], cover)
        crown = _cloud(random, width, height, 7 + 2 * layer, octaves=6)
        leaves = _step(crown - 0.55 * y / (0.75 - 0.3 * near * 0.6), 0.20, 0.34) * (0.35 + 0.6 * near)
        light = _mix(light, tone * (0.55 + 1.0 * crown)[..., None] + air * (0.25 * glow)[..., None], leaves)
        for _ in range(int(11 - 7 * near)):
            at, thick = (
                random.uniform(0, width / height),
                (0.006 + 0.045 * near**2) * random.uniform(0.7, 1.3),
            )
            lean = at + (y - ground) * random.uniform(-0.05, 0.05) + 0.004 * np.sin(y * 9 + at * 40)
            across = (x - lean) / (thick * (0.8 + 0.35 * _step(y, ground - 0.18, ground + 0.05)))
            bark = _between(air * 0.6, _colour(0.12, 0.09, 0.07), np.float32(near**0.7))
            shade = (0.75 + 0.35 * across) * (0.8 + 0.4 * _cloud(random, width, height, 40, 0.2, octaves=2))
            trunk = (1 - _step(np.abs(across), 0.85, 1.0)) * (y < ground + 0.03)
            light = _mix(light, bark * shade[..., None] + air * 0.12 * glow[..., None], trunk)
    beams = _cloud(random, width, height, 5, octaves=2)[0]
    shafts = _step(beams[((x + 0.55 * y) * height).astype(int) % width], 0.45, 0.8)
    return light + air * (0.22 * shafts * glow)[..., None]


def _fruit(random: np.random.Generator, width: int, height: int) -> Array:
    x, y = _grid(width, height)
    walls = [(0.74, 0.70, 0.64), (0.32, 0.38, 0.42), (0.60, 0.48, 0.40), (0.22, 0.20, 0.20)]
    wall, side = _colour(*walls[random.integers(4)]), random.choice([-1.0, 1.0])
    light = wall * (0.75 + 0.3 * _step(x * side, -0.6, 1.4) - 0.15 * y)[..., None]
    grain = _cloud(random, width, height, 16, 30, octaves=4)
    table = _between(_colour(0.36, 0.22, 0.12), _colour(0.62, 0.42, 0.25), _step(grain, 0.3, 0.7))
    edge = random.uniform(0.5, 0.6)
    light = _mix(light, table * (0.72 + 0.3 * y)[..., None], _step(y, edge, edge + 0.012))
    skins = [
        (0.78, 0.13, 0.10),
        (0.95, 0.55, 0.10),
        (0.56, 0.70, 0.16),
        (0.94, 0.80, 0.22),
        (0.40, 0.12, 0.28),
    ]
    lamp = np.array([side * 0.55, -0.62, 0.56], np.float32)
    count = int(random.integers(4, 9))
    spots = zip(
        sorted(random.uniform(edge + 0.06, 0.84, count)), random.uniform(0.15, 0.85, count), strict=True
    )
    for foot, across in spots:
        radius = random.uniform(0.08, 0.125) * (0.55 + 0.7 * foot)
        at = across * width / height, foot - radius
        hue = _colour(*skins[random.integers(len(skins))])
        fall = x - at[0] + side * radius * 0.9
        shadow = np.hypot(fall / (radius * 1.7), (y - foot + 0.012) / (radius * 0.36))
        light = light * (1 - 0.62 * (1 - _step(shadow, 0.35, 1.1)))[..., None]
        u, v = (x - at[0]) / radius, (y - at[1]) / radius / random.uniform(0.88, 1.0)
        away = np.hypot(u, v)
        front = np.sqrt(np.clip(1 - away**2, 0, 1))
        toward = u * lamp[0] + v * lamp[1] + front * lamp[2]
        spotted = 0.88 + 0.24 * _cloud(random, width, height, 30, octaves=3)
        skin = hue * ((0.20 + 0.85 * np.clip(toward, 0, 1) + 0.12 * _step(v, 0.3, 1)) * spotted)[..., None]
        shine = np.clip(toward, 0, 1) ** 26
        light = _mix(light, skin + 0.6 * shine[..., None], 1 - _step(away, 0.975, 1.0))
        stalk = np.exp(-(((x - at[0] - (at[1] - y) * 0.2) / 0.007) ** 4))
        stalk *= np.abs(y - at[1] + radius * 0.98) < radius * 0.2
        light = _mix(light, np.broadcast_to(_colour(0.22, 0.15, 0.08), light.shape), stalk)
    return light


def _balloon(random: np.random.Generator, width: int, height: int) -> Array:
    light = _hills(random, width, height)
    x, y = _grid(width, height)
    hues = np.asarray(random.uniform(0.1, 0.95, (3, 3)), np.float32)
    for near in sorted(random.uniform(0.35, 1, random.integers(2, 6))):
        radius = 0.15 * near**1.5
        at = random.uniform(0.12, 0.88) * width / height, random.uniform(0.14, 0.42)
        u, v = (x - at[0]) / radius, (y - at[1]) / radius
        rim = np.where(v < 0.2, np.hypot(u, v), np.hypot(u / np.clip(1.08 - 0.5 * v, 0.2, 1), v / 1.28))
        gore = np.arcsin(np.clip(u / np.sqrt(np.clip(1 - (v * 0.72) ** 2, 0.05, 1)), -1, 1)) / np.pi * 9
        cloth = hues[(np.floor(gore).astype(int) + int(near * 50)) % 3]
        shade = 0.62 + 0.42 * np.clip(0.5 - 0.5 * v + 0.4 * u, 0, 1) - 0.10 * np.abs(gore % 1 - 0.5)
        light = _mix(light, cloth * shade[..., None], (1 - _step(rim, 0.975, 1.0)) * (v < 1.25))
        basket = (np.abs(u) < 0.13) & (v > 1.52) & (v < 1.72)
        ropes = (np.abs(np.abs(u) - 0.14 - (1.5 - v) * 0.12) < 0.012) & (v > 1.2) & (v < 1.55)
        light[basket] = _colour(0.30, 0.19, 0.10)
        light[ropes] = light[ropes] * 0.5
    return light


KINDS = {
    "sea": _sea,
    "mountains": _mountains,
    "flower": _flower,
    "city": _city,
    "hills": _hills,
    "fruit": _fruit,
    "forest": _forest,
    "dunes": _dunes,
    "balloon": _balloon,
}
"""What can be drawn."""
