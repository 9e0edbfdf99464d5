"""Files that are nearly pictures: every format, cut, flipped, spliced and lied about, the same each time.

    python -m tests.malformed 3000
    python -m tests.malformed FOLDER

indexes so many of them, or a copy of a folder, with good photos between, and says what became of them. Exit
status 1: a file was lost or took too long, or a decoder took too much memory.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from photosearch.decode import DecodePool, is_photo
from photosearch.errors import PhotoUnreadable
from photosearch.library import Library
from photosearch.settings import Places, Settings
from tests.dng import dng
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.heic import heic
from tests.pictures import draw

SECONDS = 10.0
"""No file may take longer."""

MEGABYTES = 1800
"""A worker's resident memory at most: what it may take for a file, and its libraries."""

GOOD_EVERY = 10
"""So many malformed files lie between two good photos."""

LONG_AGO = 1_500_000_000

Mutation = Callable[[np.random.Generator, bytes], bytes]


@dataclass
class Outcome:
    """What became of malformed files.

    Attributes:
        files: Malformed ones, of which `read` still show a picture and `listed` are listed with `reasons`.
        silent: Neither: the fault that this program exists to find.
        good, good_lost: Good photos between them, and those that are not searchable afterwards.
        slowest: The most seconds of the processor that a file took, `name` is its name.
        given_up: Files that were waited for no longer.
        megabytes: The largest resident memory of a decoding process.
        crashed: Files at which a decoding process died.
    """

    files: int
    read: int
    listed: int
    silent: int
    good: int
    good_lost: int
    slowest: float
    name: str
    megabytes: int
    crashed: int
    given_up: int
    seconds: float
    reasons: dict[str, int]

    @property
    def sound(self) -> bool:
        whole = not (self.silent or self.good_lost or self.given_up)
        return whole and self.slowest < SECONDS and self.megabytes < MEGABYTES


@cache
def originals() -> dict[str, bytes]:
    """Good files of every format and of most of its kinds, by a name with the format's extension."""
    sea = draw("sea", 1, (96, 64))
    files: dict[str, bytes] = {}

    def save(name: str, format: str, picture: Image.Image = sea, **options: object) -> None:
        file = io.BytesIO()
        picture.save(file, format, **options)
        files[name] = file.getvalue()

    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    exif.get_ifd(0x8769)[0x9003] = "2020:01:01 00:00:00"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    save("baseline.jpg", "JPEG", exif=exif)
    save("progressive.jpg", "JPEG", progressive=True)
    save("cmyk.jpg", "JPEG", sea.convert("CMYK"))
    save("true.png", "PNG", exif=exif)
    save("palette.png", "PNG", sea.convert("P"), transparency=3)
    save("grey16.png", "PNG", Image.fromarray(np.asarray(sea.convert("L")).astype(np.uint16) * 257))
    save("moving.png", "PNG", save_all=True, append_images=[sea.convert("RGB")])
    save("lossy.webp", "WEBP", exif=exif)
    save("lossless.webp", "WEBP", sea.convert("RGBA"), lossless=True)
    save("moving.webp", "WEBP", save_all=True, append_images=[sea.rotate(180)])
    save("still.gif", "GIF")
    save("moving.gif", "GIF", save_all=True, append_images=[sea.rotate(180)])
    save("true.bmp", "BMP")
    save("palette.bmp", "BMP", sea.convert("P"))
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        save(f"{compression}.tif", "TIFF", compression=compression, exif=exif)
    save("fax.tif", "TIFF", sea.convert("1"), compression="group4")
    save("still.avif", "AVIF", exif=exif)
    files["still.heic"] = heic(sea, exif.tobytes(), quarter_turns=1)
    try:
        import pylibjxl
    except ImportError:
        pass
    else:
        files["bare.jxl"] = pylibjxl.encode(np.array(sea))
        files["boxes.jxl"] = pylibjxl.encode(np.array(sea), exif=exif.tobytes(), effort=3)
        files["jpeg.jxl"] = pylibjxl.jpeg_to_jxl(files["progressive.jpg"])
    files["preview.dng"] = dng(sea, draw("sea", 1, (480, 320)), 6, "2020:01:01 00:00:00", ("Maker", "One"))
    files["developed.nef"] = dng(sea, camera=("Maker", "Two"))
    return files


def _cut(random: np.random.Generator, file: bytes) -> bytes:
    return file[: random.integers(len(file))]


def _flip(random: np.random.Generator, file: bytes) -> bytes:
    changed = bytearray(file)
    for at in random.integers(len(file), size=random.integers(1, 40)):
        changed[at] ^= 1 << random.integers(8)
    return bytes(changed)


def _damage_head(random: np.random.Generator, file: bytes) -> bytes:
    changed = bytearray(file)
    for at in random.integers(min(len(file), 400), size=random.integers(1, 8)):
        changed[at] = random.integers(256)
    return bytes(changed)


def _lie(random: np.random.Generator, file: bytes) -> bytes:
    """A number near the beginning becomes one at the edge of what its width can say."""
    order, letter = random.choice(["<", ">"]), random.choice(["H", "I"])
    largest = 2 ** (8 * struct.calcsize(letter)) - 1
    value = int(random.choice([0, 1, largest // 2, largest // 2 + 1, largest - 1, largest]))
    at = random.integers(max(1, min(len(file), 1000) - 4))
    number = struct.pack(order + letter, value)
    return file[:at] + number + file[at + len(number) :]


def _grow(random: np.random.Generator, file: bytes) -> bytes:
    """Wherever a file seems to say its width or height it says a huge one."""
    for side in (96, 64, 95, 63):
        for form in ("<H", ">H", "<I", ">I"):
            huge = int(
                random.integers(2 ** (8 * struct.calcsize(form) - 2), 2 ** (8 * struct.calcsize(form)))
            )
            if random.random() < 0.5:
                file = file.replace(struct.pack(form, side), struct.pack(form, huge))
    return file


def _splice(random: np.random.Generator, file: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    others = list(originals().values())
    other = others[random.integers(len(others))]
    return file[: random.integers(len(file))] + other[random.integers(len(other)) :]


def _repeat(random: np.random.Generator, file: bytes) -> bytes:
    start, end = sorted(random.integers(len(file), size=2))
    return file[:end] + file[start:end] * int(random.integers(1, 30)) + file[end:]


def _leave_out(random: np.random.Generator, file: bytes) -> bytes:
    start, end = sorted(random.integers(len(file), size=2))
    return file[:start] + file[end:]


def _blank(random: np.random.Generator, file: bytes) -> bytes:
    start, end = sorted(random.integers(len(file), size=2))
    return file[:start] + bytes([random.choice([0, 255])]) * int(end - start) + file[end:]


def _noise(random: np.random.Generator, file: bytes) -> bytes:
    return file[: random.integers(20)] + random.bytes(int(random.integers(1, 5000)))


MUTATIONS: dict[str, Mutation] = {
    "cut": _cut,
    "flipped": _flip,
    "head": _damage_head,
    "lying": _lie,
    "huge": _grow,
    "spliced": _splice,
    "repeated": _repeat,
    "gaping": _leave_out,
    "blank": _blank,
    "noise": _noise,
    "empty": lambda random, file: b"",
    "renamed": lambda random, file: file,
}


def malformed(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents; the first of many are the same as those of few."""
    files, mutations = list(originals().items()), list(MUTATIONS)
    for number in range(count):
        random = np.random.default_rng([20261121, number])
        round_, which = divmod(number, len(files))
        name, content = files[which]
        # What is empty or has another's name says as much once as often; the others are never twice the same.
        choice = mutations if round_ < len(mutations) else mutations[:-2]
        mutation = choice[round_ % len(choice)]
        suffix = Path(files[random.integers(len(files))][0] if mutation == "renamed" else name).suffix
        yield (
            f"{number:05d}-{mutation}-{name.replace('.', '-')}{suffix}",
            MUTATIONS[mutation](random, content),
        )


def write(folder: Path, count: int) -> None:
    """Put malformed files into a folder."""
    for name, content in malformed(count):
        (folder / name).write_bytes(content)


def index(folder: Path, home: Path) -> Outcome:
    """Index a folder of malformed files, good photos put between them, and look at what became of each."""
    bad = sorted(path for path in folder.rglob("*") if path.is_file() and is_photo(path.name))
    good = []
    for number, path in enumerate(bad[::GOOD_EVERY]):
        good.append(path.with_name(f"{path.stem}-good.jpg"))
        draw("hills", number % 7, (96, 64)).save(good[-1], "JPEG")
    for path in (*bad, *good):
        # What changed a moment ago is given a second chance.
        os.utime(path, (LONG_AGO, LONG_AGO))
    model = coarse_colour_model()
    start = time.monotonic()
    with _peak_memory() as peak:
        name, slowest, crashed, given_up = _time_each(bad, model.preprocessing.size)
        library = Library(Places.under(home), Settings(workers=2), model, CoarseColourEncoder())
        try:
            library.add_folder(folder)
            for _ in library.update():
                pass
            listed = {failure.path: failure.reason for failure in library.failures()}
            waiting = library.status().waiting
            searchable = {photo.path for photo in library.photos(library.listing().tolist())}
        finally:
            library.close()
    return Outcome(
        files=len(bad),
        read=sum(path in searchable for path in bad),
        listed=sum(path in listed for path in bad),
        silent=waiting + sum(path not in listed and path not in searchable for path in bad),
        good=len(good),
        good_lost=sum(path not in searchable for path in good),
        slowest=round(slowest, 2),
        name=name,
        megabytes=round(peak[0] / 1e6),
        crashed=crashed,
        given_up=given_up,
        seconds=round(time.monotonic() - start, 1),
        reasons=dict(Counter(listed[path] for path in bad if path in listed).most_common()),
    )


def _time_each(paths: list[Path], size: int) -> tuple[str, float, int, int]:
    """The slowest file, its seconds, how many ended the process that decoded them, how many were given up.

    The seconds are the processor's: how long a busy machine takes says nothing of a file, and what only waits
    is given up by the pool.
    """
    slowest, name, crashed, given_up = 0.0, "", 0, 0
    with DecodePool(1, size) as decoders:
        # The process is there before time counts.
        decoders.decode_one(originals()["true.png"])
        ours = psutil.Process().children()
        before = _processor_seconds(ours)
        for path in paths:
            try:
                decoders.decode_one(path)
            except PhotoUnreadable as reason:
                crashed += "crashed" in str(reason)
                given_up += "longer than" in str(reason) or "in time" in str(reason)
            try:
                used = _processor_seconds(ours)
            except psutil.NoSuchProcess:
                # Another took its place, and what it used so far, it used for this file.
                ours, before = psutil.Process().children(), 0.0
                used = _processor_seconds(ours)
            if used - before > slowest:
                slowest, name = used - before, path.name
            before = used
    return name, slowest, crashed, given_up


def _processor_seconds(ours: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in ours]
    return float(sum(one.user + one.system for one in times))


@contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """The largest resident memory of a decoding process, in bytes."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            for process in psutil.Process().children():
                try:
                    # Not yet started, it has the memory of the process that starts it, which may be large.
                    if "--multiprocessing-fork" in process.cmdline():
                        peak[0] = max(peak[0], process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def main(what: str) -> int:
    """Index so many malformed files, or a copy of a folder."""
    with tempfile.TemporaryDirectory(prefix="photosearch-malformed-") as directory:
        folder = Path(directory) / "photos"
        if what.isdigit():
            folder.mkdir()
            write(folder, int(what))
        else:
            shutil.copytree(what, folder)
        outcome = index(folder, Path(directory) / "home")
    print(json.dumps(asdict(outcome), indent=2))
    return 0 if outcome.sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
