"""What the options before a command name: the settings, where everything lies, and so which library."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from photosearch.cli.output import tell
from photosearch.files import absolute
from photosearch.settings import Places, Settings, read_settings

if TYPE_CHECKING:
    from photosearch.library import Library


def places_of(options: argparse.Namespace) -> Places:
    return Places.under(options.home)


def settings_of(options: argparse.Namespace) -> Settings:
    settings = read_settings(places_of(options).settings)
    if options.model:
        chosen = str(absolute(options.model))
        # Asked for by name it answers by itself, whatever answered before.
        settings = dataclasses.replace(settings, model=chosen, former_model="")
    if options.device:
        settings = dataclasses.replace(settings, device=options.device)
    return settings


@contextmanager
def library_of(options: argparse.Namespace) -> Iterator[Library]:
    """The library the options name, closed at the end."""
    from photosearch.library import Library

    library = Library(places_of(options), settings_of(options))
    if library.kept:
        tell(f"The library was brought to this version; a copy of it as it was is {library.kept}.")
    try:
        yield library
    finally:
        library.close()


def global_arguments(options: argparse.Namespace) -> list[str]:
    """The options before the command, as they were given."""
    given = []
    for name in ("home", "model", "device"):
        if value := getattr(options, name):
            given += [f"--{name}", str(value)]
    return given
