"""Speeds: bench."""

from __future__ import annotations

import argparse
import json

from photosearch.cli.options import settings_of
from photosearch.cli.output import print_answer


def bench(options: argparse.Namespace) -> int:
    """Speeds, with what they ran on."""
    from photosearch import bench as measuring

    machine, settings = measuring.machine(), settings_of(options)
    if options.action == "engine":
        from photosearch.evaluation import engine_speed
        from photosearch.evaluation.plots import check_plot

        if options.plot:
            check_plot(options.plot)
        measured = engine_speed.measure(options.rows, options.bytes, options.threads)
        if options.pairs:
            of_pairs = (
                engine_speed.measure_pairs(options.pairs, width, options.threads) for width in options.bytes
            )
            measured["pairs"] = list(of_pairs)
        if options.cold:
            measured["cold"] = [
                engine_speed.measure_cold(options.cold, width, options.threads) for width in options.bytes
            ]
        if options.plot:
            engine_speed.plot(measured, options.plot)
    else:
        of_photos = {"index": measuring.index, "encode": measuring.encode, "start": measuring.start}
        measured = of_photos[options.action](settings, options.folder)
    answer = {"machine": machine, **measured}
    return print_answer(options, answer, json.dumps(answer, indent=2).splitlines())
