"""Speeds, with what they ran on. Each part of the journey is timed beside the whole, in the same run.

index     the whole pipeline in a library of its own, its two heavy parts alone, and a rival; then queries
encode    the encoder alone, at several batch sizes and two sizes of pictures, beside torch
start     from a new process to the first answer
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image, ImageOps

from photosearch import processes
from photosearch.decode import DecodePool, is_photo
from photosearch.encode.architecture import Architecture
from photosearch.encode.devices import AnyEncoder
from photosearch.encode.model_file import Model, chosen_model_path, make_model, read_model, write_model
from photosearch.encode.process import EncoderProcess
from photosearch.errors import FolderUnavailable, PhotoSearchError
from photosearch.files import absolute
from photosearch.library import Library
from photosearch.records import Decoded, Example, Query
from photosearch.scan import walk
from photosearch.settings import Places, Settings

QUERIES = 20
BATCH = 64

ROUNDS = 3

LARGER = 128
"""Side of the larger pictures that `encode` measures with, in pixels."""

RIVAL = 2 * BATCH
"""Photos that the rival is given: it is slow, and its rate depends on nothing but them."""


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(psutil.getloadavg()[0], 2),
    }


def index(settings: Settings, folder: Path) -> dict[str, Any]:
    """Time indexing a folder into a new library, decoding alone, encoding alone, and a rival; then queries.

    The rival is one process that decodes in full and then encodes, with the same model. All are timed in
    turn, ROUNDS times. Rates are medians, in photos a second; ratios are medians of those of each round, so
    that whatever else the machine does slows both of their sides. The processor's milliseconds a photo, of
    all processes together, hardly depend on that.
    """
    model_path, model = _model(settings)
    folder = absolute(folder)
    paths = _photos(folder)
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        pipeline, found = _pipeline(settings, folder, paths)
        decode, pixels = _decode_alone(settings, model, paths)
        with EncoderProcess(model_path, settings.device) as encoder:
            device = encoder.device
            encode = _encode_alone(encoder, pixels, BATCH)
        rival = _rival(settings, model_path, paths[:: max(1, len(paths) // RIVAL)][:RIVAL])
        each = {"pipeline": pipeline, "decode": decode, "encode": encode, "rival": rival}
        rounds.append(
            {f"{what}_photos_per_second": one.rate for what, one in each.items()}
            | {f"{what}_processor_milliseconds": one.processor for what, one in each.items()}
            | {
                "pipeline_over_slower_part": pipeline.rate / min(decode.rate, encode.rate),
                # Both use the same cores unless a GPU encodes: one after the other is what they cost.
                "pipeline_over_decode_then_encode": pipeline.rate * (1 / decode.rate + 1 / encode.rate),
                "pipeline_over_rival": pipeline.rate / rival.rate,
            }
        )
    medians = {what: round(statistics.median(one[what] for one in rounds), 2) for what in rounds[0]}
    return {"device": device, **medians, **found}


@dataclass(frozen=True, slots=True)
class _Speed:
    """Photos a second, and milliseconds of the processor a photo in all processes."""

    rate: float
    processor: float


class _Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._used, self._start = _processor_seconds(), time.perf_counter()

    def speed(self, photos: int) -> _Speed:
        """That of so many photos until now."""
        seconds = time.perf_counter() - self._start
        return _Speed(photos / seconds, 1e3 * (_processor_seconds() - self._used) / photos)


def _processor_seconds() -> float:
    """What this process and its children have used so far."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def _pipeline(settings: Settings, folder: Path, paths: list[Path]) -> tuple[_Speed, dict[str, Any]]:
    """The speed from the call to the last commit, the encoder already started; what is there then."""
    model_path, model = _model(settings)
    with tempfile.TemporaryDirectory(prefix="photosearch-bench-") as home:
        encoder = EncoderProcess(model_path, settings.device)
        library = Library(Places.under(Path(home)), settings, model, encoder)
        try:
            library.add_folder(folder)
            # Waits until the encoder is there: what is measured is indexing, not the loading of torch.
            size = model.preprocessing.size
            encoder.looked(np.zeros((size, size, 3), np.uint8))
            watch = _Stopwatch()
            for _ in library.update():
                pass
            state = library.status()
            speed = watch.speed(state.encoded)
            memory = _peak_memory()
            unreadable = {failure.path for failure in library.failures()}
            readable = [path for path in paths if path not in unreadable]
            answers = [
                library.search(Query((Example(path),)))
                for path in readable[:: max(1, len(readable) // QUERIES)][:QUERIES]
            ]
        finally:
            library.close()
    if not answers:
        raise FolderUnavailable("None of these photos can be read, so there is nothing to measure.")
    return speed, {
        "photos": state.photos,
        "encoded": state.encoded,
        "unreadable": state.unreadable,
        "query_milliseconds": {
            "encode": round(statistics.median(answer.encode_milliseconds for answer in answers), 2),
            "search": round(statistics.median(answer.search_milliseconds for answer in answers), 2),
        },
        "bytes_per_photo": {what: round(size / state.photos, 1) for what, size in state.bytes.items()},
        "peak_memory_mb": memory,
    }


def _rival(settings: Settings, model_path: Path, paths: list[Path]) -> _Speed:
    """The speed of one process that does one thing after the other, everything already loaded."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_decode_in_full_and_encode, args=(theirs, settings, model_path, paths))
    processes.start(process)
    theirs.close()
    try:
        speed: _Speed = ours.recv()
        return speed
    except EOFError:
        raise PhotoSearchError("The process that is compared with ended unexpectedly.") from None
    finally:
        process.kill()
        process.join()


def _decode_in_full_and_encode(
    pipe: Connection, settings: Settings, model_path: Path, paths: list[Path]
) -> None:
    processes.begin()
    if hasattr(os, "nice"):
        # As our decoders do, or on a busy machine it would get more of the processor than they.
        os.nice(10)
    from photosearch.encode.devices import make_encoder

    model = read_model(model_path)
    encoder = make_encoder(model, settings.device)
    size = model.preprocessing.size
    encoder.encode(np.zeros((BATCH, size, size, 3), np.uint8))
    watch = _Stopwatch()
    pixels = []
    for path in paths:
        try:
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
            pixels.append(np.asarray(upright.resize((size, size), Image.Resampling.BILINEAR)))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            continue
    for at in range(0, len(pixels), BATCH):
        encoder.encode(np.stack(pixels[at : at + BATCH]))
    pipe.send(watch.speed(max(1, len(pixels))))


def encode(settings: Settings, folder: Path) -> dict[str, Any]:
    """Photos a second of the encoder alone, pixels at hand, at several batch sizes; and of torch on a CPU.

    Of pictures as the model takes them, and of larger ones for its network: these vectors mean nothing.
    """
    _, model = _model(settings)
    paths = _photos(folder)[: 2 * BATCH]
    rows: list[dict[str, Any]] = []

    def measure(name: str, encoder: EncoderProcess | AnyEncoder, size: int, pixels: np.ndarray) -> None:
        for batch in (1, 8, BATCH):
            speed = _encode_alone(encoder, pixels, batch)
            about = {"size": size, "encoder": name, "device": encoder.device, "batch": batch}
            figures = {
                "photos_per_second": round(speed.rate, 1),
                "processor_milliseconds": round(speed.processor, 2),
            }
            rows.append(about | figures)

    with tempfile.TemporaryDirectory(prefix="photosearch-bench-") as home:
        for size in sorted({model.preprocessing.size, LARGER}):
            sized = _for_pictures_of(model, size)
            _, pixels = _decode_alone(settings, sized, paths)
            file = Path(home, f"{size}.safetensors")
            write_model(file, sized)
            with EncoderProcess(file, settings.device) as encoder:
                measure("PhotoSearch", encoder, size, pixels)
            if find_spec("torch"):
                from photosearch.encode.encoder import Encoder

                measure("torch", Encoder(sized, "cpu"), size, pixels)
    return {"rows": rows}


def _for_pictures_of(model: Model, size: int) -> Model:
    """The same network, given pictures of this size."""
    return make_model(
        model.spec.method,
        None if model.spec.kind == "binary" else model.codebooks,
        replace(model.preprocessing, size=size),
        Architecture.read(model.network),
        model.weights,
        *(model.same_shot, model.provenance, model.measured),
        *(model.norm_penalty, model.second_moment, model.coarse),
        crowding=model.crowding,
    )


def start(settings: Settings, folder: Path) -> dict[str, Any]:
    """Milliseconds from an encoder not yet started to a first picture's vectors, and for the second one's."""
    model_path, model = _model(settings)
    # One will do, but the first may be unreadable.
    _, pixels = _decode_alone(settings, model, _photos(folder)[:BATCH])
    begin = time.perf_counter()
    with EncoderProcess(model_path, settings.device) as encoder:
        encoder.looked(pixels[0])
        first = time.perf_counter()
        encoder.looked(pixels[0])
        second = time.perf_counter()
    return {
        "first_vector_milliseconds": round(1e3 * (first - begin), 1),
        "second_vector_milliseconds": round(1e3 * (second - first), 1),
    }


def _model(settings: Settings) -> tuple[Path, Model]:
    path = chosen_model_path(settings)
    return path, read_model(path)


def _photos(folder: Path) -> list[Path]:
    paths = [
        folder / listing.folder / file.name for listing in walk(folder, is_photo) for file in listing.files
    ]
    if not paths:
        raise FolderUnavailable(f"There are no photos in {folder} to measure with.")
    return paths


def _decode_alone(settings: Settings, model: Model, paths: list[Path]) -> tuple[_Speed, np.ndarray]:
    """The speed of decoding alone and the pixels, worker processes already started."""
    with DecodePool(settings.decoders, model.preprocessing.size) as decoders:
        for _ in decoders.decode_many(enumerate(paths[: 4 * settings.decoders])):
            pass
        watch = _Stopwatch()
        decoded = [one for _, one in decoders.decode_many(enumerate(paths)) if isinstance(one, Decoded)]
        if not decoded:
            raise FolderUnavailable("None of these photos can be read, so there is nothing to measure.")
        return watch.speed(len(decoded)), np.stack([one.pixels for one in decoded])


def _encode_alone(encoder: EncoderProcess | AnyEncoder, pixels: np.ndarray, batch: int) -> _Speed:
    encoder.encode(pixels[:batch])
    watch = _Stopwatch()
    for at in range(0, len(pixels), batch):
        encoder.encode(pixels[at : at + batch])
    return watch.speed(len(pixels))


def _peak_memory() -> dict[str, float]:
    """The largest resident memory so far of this process and of its children that still run, in MB.

    What the system remembers: to look again and again would take the processor from what is measured. Where
    it does not, the memory they have now.
    """
    peaks: dict[str, float] = {}
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        try:
            memory = process.memory_info()
            peak = getattr(memory, "peak_wset", memory.rss)
            if sys.platform == "linux":
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
        except (psutil.NoSuchProcess, OSError, IndexError):
            continue
        peaks["program" if process == this else f"child {process.pid}"] = round(peak / 1e6, 1)
    return peaks


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
