"""Speeds, with what they ran on. Each part of the journey is timed beside the whole, in the same run.

index     the whole pipeline in a library of its own, then its two heavy parts alone, then queries
encode    the encoder alone, at several batch sizes
start     from a new process to the first answer
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from photosearch.decode import DecodePool, is_photo
from photosearch.encode.model_file import Model, chosen_model_path, read_model
from photosearch.encode.process import EncoderProcess
from photosearch.errors import FolderUnavailable
from photosearch.library import Library
from photosearch.records import Decoded, Example, Query
from photosearch.scan import walk
from photosearch.settings import Places, Settings

QUERIES = 20
BATCH = 64


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
    """Index a folder into a new library, then time decoding alone, encoding alone and queries.

    Photos a second count from the call to the last commit, with the encoder already started.
    """
    model_path, model = _model(settings)
    folder = Path(os.path.abspath(folder.expanduser()))
    paths = _photos(folder)
    with tempfile.TemporaryDirectory(prefix="photosearch-bench-") as home:
        places = Places.under(Path(home))
        encoder = EncoderProcess(model_path, settings.device)
        library = Library(places, settings, model, encoder)
        try:
            library.add_folder(folder)
            # Waits until the encoder is there: what is measured is indexing, not the loading of torch.
            size = model.preprocessing.size
            encoder.vectors(np.zeros((1, size, size, 3), np.uint8))
            with _peak_memory() as memory:
                start = time.perf_counter()
                for _ in library.update():
                    pass
                seconds = time.perf_counter() - start
            state = library.status()
            unreadable = {failure.path for failure in library.failures()}
            readable = [path for path in paths if path not in unreadable]
            encode, search = [], []
            for path in readable[:: max(1, len(readable) // QUERIES)][:QUERIES]:
                answer = library.search(Query((Example(path),)))
                encode.append(answer.encode_milliseconds)
                search.append(answer.search_milliseconds)
        finally:
            library.close()
    decode_seconds, pixels = _decode_alone(settings, model, paths)
    with EncoderProcess(model_path, settings.device) as encoder:
        device = encoder.device
        encode_rate = _encode_alone(encoder, pixels, BATCH)
    decode_rate = len(pixels) / decode_seconds
    return {
        "device": device,
        "photos": state.photos,
        "encoded": state.encoded,
        "unreadable": state.unreadable,
        "pipeline_photos_per_second": round(state.encoded / seconds, 1),
        "decode_photos_per_second": round(decode_rate, 1),
        "encode_photos_per_second": round(encode_rate, 1),
        # Both use the same cores unless a GPU encodes: one after the other is what they cost.
        "pipeline_over_decode_then_encode": round(
            (state.encoded / seconds) * (1 / decode_rate + 1 / encode_rate), 3
        ),
        "query_milliseconds": {
            "encode": round(statistics.median(encode), 2),
            "search": round(statistics.median(search), 2),
        },
        "bytes_per_photo": {what: round(size / state.photos, 1) for what, size in state.bytes.items()},
        "peak_memory_mb": memory,
    }


def encode(settings: Settings, folder: Path) -> dict[str, Any]:
    """Photos a second of the encoder alone, pixels at hand, at several batch sizes."""
    model_path, model = _model(settings)
    _, pixels = _decode_alone(settings, model, _photos(folder)[:512])
    with EncoderProcess(model_path, settings.device) as encoder:
        rows = [
            {"batch": batch, "photos_per_second": round(_encode_alone(encoder, pixels, batch), 1)}
            for batch in (1, 8, 64)
        ]
        return {"device": encoder.device, "size": model.preprocessing.size, "rows": rows}


def start(settings: Settings, folder: Path) -> dict[str, Any]:
    """Milliseconds from an encoder not yet started to a first vector, and for the second one."""
    model_path, model = _model(settings)
    # One will do, but the first may be unreadable.
    _, pixels = _decode_alone(settings, model, _photos(folder)[:BATCH])
    begin = time.perf_counter()
    with EncoderProcess(model_path, settings.device) as encoder:
        encoder.vectors(pixels[:1])
        first = time.perf_counter()
        encoder.vectors(pixels[:1])
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


def _decode_alone(settings: Settings, model: Model, paths: list[Path]) -> tuple[float, np.ndarray]:
    """Seconds of decoding alone and the pixels, worker processes already started."""
    with DecodePool(settings.decoders, model.preprocessing.size) as decoders:
        for _ in decoders.decode_many(enumerate(paths[: 4 * settings.decoders])):
            pass
        start = time.perf_counter()
        decoded = [one for _, one in decoders.decode_many(enumerate(paths)) if isinstance(one, Decoded)]
        seconds = time.perf_counter() - start
    if not decoded:
        raise FolderUnavailable("None of these photos can be read, so there is nothing to measure.")
    return seconds, np.stack([one.pixels for one in decoded])


def _encode_alone(encoder: EncoderProcess, pixels: np.ndarray, batch: int) -> float:
    encoder.encode(pixels[:batch])
    start = time.perf_counter()
    for at in range(0, len(pixels), batch):
        encoder.encode(pixels[at : at + batch])
    return len(pixels) / (time.perf_counter() - start)


@contextmanager
def _peak_memory() -> Iterator[dict[str, float]]:
    """Fills a dict with the largest resident memory of this process and of its children, in MB."""
    peaks: dict[str, float] = {}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            this = psutil.Process()
            for process in [this, *this.children(recursive=True)]:
                try:
                    name = "program" if process == this else f"child {process.pid}"
                    peaks[name] = max(peaks.get(name, 0.0), round(process.memory_info().rss / 1e6, 1))
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
