"""Archives on many machines: cluster."""

from __future__ import annotations

import argparse

from photosearch.cli.options import settings_of
from photosearch.cli.output import print_answer
from photosearch.cli.progress import finished
from photosearch.cli.search import examples_of, filters_of


def cluster(options: argparse.Namespace) -> int:
    """The photos of an archive, indexed and searched by many machines with Ray."""
    from photosearch.cluster import commands

    commands.want_ray()
    if options.action == "search":
        steps = commands.search(options, settings_of(options), examples_of(options), filters_of(options))
    else:
        run = {"index": commands.index, "serve": commands.serve, "failures": commands.failures}
        steps = run[options.action](options, settings_of(options))
    return print_answer(options, *finished(steps))
