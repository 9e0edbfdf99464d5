"""What the tests of the catalogue write into it, and read it with."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from photosearch.records import CodeSpec, Details, FoundFile, KnownPhoto
from photosearch.store import Catalogue, EncodedPhoto, UnreadablePhoto

MODEL = CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8)
OTHER = CodeSpec("fedcba9876543210", "sdsh", "binary", 2, 16)
DETAILS = Details(40, 30, 1_000_000, "Canon EOS R5")
PHOTOS = Path("/photos").absolute()


def file(name: str, size: int = 100, seconds: int = 5) -> FoundFile:
    return FoundFile(name, size, seconds * 10**9)


def encoded(photo: KnownPhoto, code: bytes = b"code", details: Details = DETAILS) -> EncodedPhoto:
    return EncodedPhoto(photo.id, photo.size, photo.modified_ns, b"e" * 16, details, code)


def unreadable(photo: KnownPhoto, reason: str = "It is empty.") -> UnreadablePhoto:
    return UnreadablePhoto(photo.id, photo.size, photo.modified_ns, reason)


def codes_by_id(catalogue: Catalogue, model: CodeSpec = MODEL) -> dict[int, bytes]:
    ids, rows = catalogue.codes.all(model.identity)
    assert ids.dtype == np.int64
    assert rows.dtype == np.uint8
    assert sorted(ids.tolist()) == ids.tolist()
    return {int(photo_id): row.tobytes() for photo_id, row in zip(ids, rows, strict=True)}


def names(catalogue: Catalogue, ids: object) -> list[str]:
    return [photo.path.name for photo in catalogue.photos.by_id(ids)]  # type: ignore[arg-type]


def start_process(commands: str, folder: Path, before: str = "") -> subprocess.Popen[str]:
    """A Python process that has opened the catalogue in a folder and runs some commands."""
    program = f"""
import os, time
from pathlib import Path
from photosearch.records import *
from photosearch.store import *
{before}
catalogue = Catalogue(Path({str(folder / "catalogue.sqlite")!r}))
{commands}
"""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def run_in_another_process(commands: str, folder: Path, before: str = "") -> str:
    """What it printed, or the last line of its traceback."""
    out, errors = start_process(commands, folder, before).communicate(timeout=60)
    return (out or errors).strip().splitlines()[-1]
