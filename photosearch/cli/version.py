"""`photosearch --version`."""

from __future__ import annotations

import argparse
import platform
from contextlib import suppress

from photosearch import __version__
from photosearch.cli.output import print_text
from photosearch.settings import resources


class Version(argparse.Action):
    """`--version`: which program this is, what it was built from, and what it computes with."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        # Of use here only, and slow to import.
        from importlib.metadata import PackageNotFoundError, version

        from photosearch import engine

        built = resources() / "built.txt"
        origin = built.read_text(encoding="utf-8") if built.is_file() else "not built as a package"
        parts = [f"Python {platform.python_version()}"]
        for library in ("numpy", "onnxruntime", "torch", "Pillow", "PySide6-Essentials"):
            with suppress(PackageNotFoundError):
                parts.append(f"{library} {version(library)}")
        print_text(f"photosearch {__version__}\n{origin}\n{', '.join(parts)}\nsearch: {engine.describe()}")
        parser.exit()
