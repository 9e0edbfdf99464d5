"""What models are, give and measure: model, embed, train, evaluate."""

from __future__ import annotations

import argparse
import json
import time
from importlib.util import find_spec

from photosearch.cli.options import settings_of
from photosearch.cli.output import photo_count, print_answer, tell, writing
from photosearch.cli.progress import finished, shown
from photosearch.errors import TrainingFailed
from photosearch.records import Progress


def model(options: argparse.Namespace) -> int:
    """What the model in use, or that of a file, is."""
    from photosearch.encode.model_file import chosen_model_path, read_model

    path = options.file or chosen_model_path(settings_of(options))
    found = read_model(path)
    spec = found.spec
    answer = {
        "path": str(path),
        "method": spec.method,
        "bits": 8 * spec.bytes,
        "bytes": spec.bytes,
        "dimension": spec.dimension,
        "identity": spec.identity,
        "trained_on": found.provenance,
        "measured": found.measured,
        "same_shot": found.same_shot,
        "crowding": found.crowding,
        "size": found.preprocessing.size,
    }
    return print_answer(options, answer, [f"{name:10} {value}" for name, value in answer.items()])


def embed(options: argparse.Namespace) -> int:
    """Vectors and codes of photos, for other programs."""
    import numpy as np

    from photosearch.library.embedding import embed as embed_photos

    start = time.monotonic()
    with writing(options.out) as file:
        embedded = finished(embed_photos(settings_of(options), options.photos))
        np.savez(
            file,
            paths=np.array([str(path) for path in embedded.paths]),
            vectors=embedded.vectors,
            codes=embedded.codes,
            codebooks=embedded.codebooks,
        )
    for failure in embedded.failures:
        tell(f"{failure.path}: {failure.reason}")
    seconds = time.monotonic() - start
    answer = {
        "photos": len(embedded.paths),
        "seconds": round(seconds, 3),
        "out": str(options.out),
        "failures": [{"path": str(one.path), "reason": one.reason} for one in embedded.failures],
    }
    print_answer(options, answer, [f"{photo_count(len(embedded.paths))} in {options.out}, {seconds:.1f} s."])
    return 0 if embedded.paths else 1


def train(options: argparse.Namespace) -> int:
    """Train a model; the same command again goes on where it stopped."""
    _check_torch()
    from photosearch.training import train as training
    from photosearch.training.dsq import Dsq

    method = training.METHODS[options.method]
    if options.density is not None:
        if options.method != "dsq-sparse":
            raise TrainingFailed("Only dsq-sparse has a --density.")
        method = Dsq(density=options.density)
    start = time.monotonic()
    last = Progress("training")
    steps = training.train(
        method,
        options.data,
        options.out,
        options.bits,
        protocol=options.protocol,
        start=options.start,
        steps=options.steps,
        seed=options.seed,
        rate=options.rate,
        device=options.device or "auto",
        sources=training.SOURCES if options.recipe else None,
    )
    for progress in shown(steps):
        last = progress
    seconds = time.monotonic() - start
    answer = {"steps": last.done, "seconds": round(seconds, 1), "out": str(options.out), **last.measures}
    return print_answer(
        options, answer, [f"{options.out}: {last.done} steps, {seconds:.0f} s. {last.message}"]
    )


def evaluate(options: argparse.Namespace) -> int:
    """Measure models: one row of a table each; a single one, on unseen classes, at length."""
    _check_torch()
    from photosearch.encode.model_file import read_model
    from photosearch.evaluation.comparison import averaged, compare, rows_of
    from photosearch.evaluation.plots import check_plot, plot
    from photosearch.evaluation.retrieval import evaluate_unseen

    if options.protocol == "unseen" and len(options.file) == 1 and not options.plot:
        answer = {"protocol": "unseen", **evaluate_unseen(read_model(options.file[0]), options.data)}
        return print_answer(options, answer, json.dumps(answer, indent=2).splitlines())
    if options.plot:
        check_plot(options.plot)
    rows = []
    models = [read_model(file) for file in options.file]
    for file, row in zip(options.file, compare(models, options.data, options.protocol), strict=True):
        rows.append(row)
        tell(f"{file} measured")
    means = averaged(rows)
    if options.plot:
        plot(means, options.plot)
    answer = rows[0] if len(rows) == 1 else {"rows": rows}
    return print_answer(options, answer, rows_of(means))


def _check_torch() -> None:
    if not find_spec("torch"):
        raise TrainingFailed(
            "Training and measuring models needs torch: pip install 'photosearch[torch]' brings it."
        )
