"""`photosearch` without a command: the window."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

from photosearch.cli.library import index
from photosearch.cli.options import global_arguments, places_of, settings_of
from photosearch.cli.output import print_text, tell
from photosearch.cli.search import search
from photosearch.errors import PhotoSearchError
from photosearch.files import absolute
from photosearch.settings import Settings

if TYPE_CHECKING:
    from photosearch.cluster.archive import Archive


def window(options: argparse.Namespace) -> int:
    """Open the window, or do its job in the terminal where there is none to open."""
    target = absolute(options.target) if options.target else None
    if target and not os.path.exists(target):
        raise PhotoSearchError(f"{target} does not exist.")
    folder = target if target and os.path.isdir(target) else None
    photo = target if target and not folder else None
    places, settings = places_of(options), settings_of(options)
    why_not = _no_window()
    if not why_not:
        from photosearch.gui.app import run

        return run(places, settings, partial(_archive, settings), [folder] if folder else [], photo)
    tell(why_not)
    # It knows this command, too.
    from photosearch.cli.parser import parse

    given = global_arguments(options)
    if photo:
        return search(parse([*given, "search", str(photo)]))
    status = index(parse([*given, "index", *([str(folder)] if folder else [])]))
    if status == 0:
        # An environment that make set up is on nobody's path.
        program = "photosearch" if shutil.which("photosearch") else sys.argv[0]
        command = shlex.join([program, *given, "search", "PHOTO"])
        print_text(f"To find the photos like one of yours:  {command}")
    return status


def _archive(settings: Settings, address: str) -> Archive:
    """What the window searches where an archive was chosen."""
    from photosearch.cluster.archive import Archive

    return Archive(address, settings)


def _no_window() -> str:
    """Why no window can be opened here, as a sentence; empty if one can."""
    if sys.platform.startswith("linux"):
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
            return (
                "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), "
                "so this runs in the terminal."
            )
        from photosearch.gui.requirements import missing_library, unreachable_display

        return missing_library() or unreachable_display() or ""
    return ""
