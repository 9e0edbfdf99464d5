"""What the commands of `photosearch cluster` do; the command line prints what they return.

Imported without Ray: whoever asks for help needs none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from photosearch.errors import ClusterUnavailable
from photosearch.records import Example, Filters, Progress
from photosearch.settings import Settings

if TYPE_CHECKING:
    from photosearch.cluster.answers import ClusterAnswer

Answered = Generator[Progress, None, tuple[dict[str, Any], list[str]]]
"""The answer, and the same in lines for a person."""


def want_ray() -> None:
    """Say so where Ray is not installed.

    Raises:
        ClusterUnavailable: It is not.
    """
    if find_spec("ray"):
        return
    if getattr(sys, "frozen", False):
        raise ClusterUnavailable(
            "This program was built without Ray, which clusters need, and nothing can be added to it:"
            " install PhotoSearch from its source archive instead, in a Python environment, by"
            " pip install '.[cluster]'."
        )
    raise ClusterUnavailable("This needs Ray: pip install 'photosearch[cluster]' brings it.")


def index(options: argparse.Namespace, settings: Settings) -> Answered:
    """Encode the photos of folders and buckets into a store."""
    from photosearch.cluster.connection import connected
    from photosearch.cluster.store import Store

    store = Store(options.store)
    with connected(options.address, start=True):
        from photosearch.cluster import indexing

        done = yield from indexing.index(
            store, options.sources, settings, options.shard_photos, options.retry, options.forget_missing
        )
    answer = {
        "photos": done.photos,
        "shards": done.shards,
        "encoded": done.encoded,
        "retired": done.retired,
        "missing": done.missing,
        "failures": [{"address": one.address, "reason": one.reason} for one in done.failures],
    }
    lines = [line for one in done.failures for line in (one.address, f"    {one.reason}")]
    if done.missing:
        lines.append(
            f"{done.missing} photos are missing from their sources, and answer still. If deleted on purpose:"
            " the same command with --forget-missing"
        )
    lines.append(
        f"{done.photos} photos in {done.shards} shards; {done.encoded} encoded now, {done.retired} changed or"
        f" gone, {len(done.failures)} unreadable."
    )
    return answer, lines


def failures(options: argparse.Namespace, settings: Settings) -> Answered:
    """What could not be read, and why."""
    from photosearch.cluster.indexing import failures_of
    from photosearch.cluster.store import Store

    listed = failures_of(Store(options.store))
    yield Progress("reading", len(listed))
    lines = [line for one in listed for line in (one.address, f"    {one.reason}")]
    answer = {"failures": [{"address": one.address, "reason": one.reason} for one in listed]}
    return answer, lines or ["Every photo could be read."]


def serve(options: argparse.Namespace, settings: Settings) -> Answered:
    """Hold a store in the memory of a cluster and answer searches, until stopped."""
    from photosearch.cluster.connection import connected
    from photosearch.cluster.store import Store

    store = Store(options.store)
    last = Progress("serving")
    with connected(options.address, start=True):
        from photosearch.cluster import serving

        try:
            for last in serving.serve(store, options.replicas, options.parts):
                yield last
        except KeyboardInterrupt:
            pass
    return {"searches": last.done}, [f"{last.done} searches were answered."]


def search(
    options: argparse.Namespace, settings: Settings, examples: Sequence[Example], filters: Filters
) -> Answered:
    """The photos of a served store nearest to one or several."""
    from photosearch.cluster.connection import connected

    yield Progress("searching")
    with connected(options.address):
        from photosearch.cluster import serving

        with serving.Client(settings) as client:
            answer = client.search(examples, filters, options.under, options.top)
    return _search_answer(answer), _search_text(answer)


def _search_answer(answer: ClusterAnswer) -> dict[str, Any]:
    return {
        "milliseconds": {"search": round(answer.search_milliseconds, 3)},
        "searched": answer.searched,
        "exact": not answer.missing,
        "missing": answer.missing,
        "matches": [
            {
                "rank": match.rank,
                "number": match.number,
                "address": match.address,
                "score": round(match.score, 6),
                "percentile": round(match.percentile, 3),
                "kind": match.kind,
            }
            for match in answer.matches
        ],
    }


def _search_text(answer: ClusterAnswer) -> list[str]:
    lines = [
        f"{match.rank:4}  {match.score:6.3f}  closer than {min(99.9, int(10 * match.percentile) / 10)} %"
        f"{'  same shot' if match.kind == 'same-shot' else '':11}  {match.address}"
        for match in answer.matches
    ]
    if not answer.matches and not answer.missing:
        lines.append("Nothing fits these filters.")
    if answer.missing:
        lines.append(f"Not all was searched ({answer.searched} photos were):")
        lines += [f"    {name}: {reason}" for name, reason in answer.missing.items()]
    return lines
