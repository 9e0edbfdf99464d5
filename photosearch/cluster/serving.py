"""Putting a store's shards into the memory of a cluster, and searching there."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import numpy as np
import ray
from numpy.typing import NDArray
from ray.exceptions import GetTimeoutError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from photosearch.cluster.answers import ClusterAnswer, Nearest, ServingStatus
from photosearch.cluster.connection import NAMESPACE, machines_of
from photosearch.cluster.coordinator import Coordinator
from photosearch.cluster.examples import Examples, content_of
from photosearch.cluster.searcher import Searcher
from photosearch.cluster.store import Store
from photosearch.encode.model_file import chosen_model_path
from photosearch.errors import ClusterUnavailable, PhotoSearchError
from photosearch.records import Example, Filters, Progress
from photosearch.settings import Settings

COORDINATOR = "coordinator"

AT_ONCE = 4
"""Searches answered at a time: each is the work of all machines, so more would only wait inside."""

WAITING = 256
"""Searches that may wait; who asks then is refused, and may ask again."""

PATIENCE = 30.0
"""Seconds after which an answer is given that says what is missing: a searcher is back sooner as a rule."""

LOOK_SECONDS = 1.0
"""Between two reports of what is served."""

_GROUPS: dict[str, Any] = {"concurrency_groups": {"search": 1, "look": 2, "load": 1}}
"""Calls that an actor answers at the same time: one search, as it is the work of all cores."""

Result = TypeVar("Result")


def serve(
    store: Store,
    replicas: int = 1,
    parts: int = 0,
    patience: float = PATIENCE,
) -> Generator[Progress, None, None]:
    """Serve a store for as long as this is iterated; each `Progress` counts the searches answered.

    Ray must be connected. Shards that are added to the store are served soon after.

    Args:
        replicas: Searchers that hold the same shards, on different machines where there are so many.
        parts: What the shards are divided into; 0: one for each machine of the cluster.

    Raises:
        StoreUnusable, ModelUnusable: The store cannot be read.
        ClusterUnavailable: Another store is served by this cluster.
    """
    # Before anything is started: what is wrong with them is known here best.
    store.manifest()
    store.model()
    if _coordinator() is not None:
        raise ClusterUnavailable("A store is served by this cluster already: one at a time.")
    nodes = machines_of(ray.nodes())
    parts = parts or len(nodes)
    run = uuid4().hex[:8]
    searchers = [
        [
            _searcher(store, f"{run}, part {part}, replica {replica}", nodes[(part + replica) % len(nodes)])
            for replica in range(replicas)
        ]
        for part in range(parts)
    ]
    names = [[name for name, _ in part] for part in searchers]
    coordinator: Any = (
        ray.remote(Coordinator)
        .options(
            name=COORDINATOR,
            namespace=NAMESPACE,
            num_cpus=0,
            max_restarts=-1,
            max_task_retries=-1,
            max_concurrency=AT_ONCE + WAITING + 16,
            # Where this process is, without which nothing is served anyway.
            scheduling_strategy=NodeAffinitySchedulingStrategy(
                ray.get_runtime_context().get_node_id(), soft=True
            ),
        )
        .remote(store, names, AT_ONCE, WAITING, patience)
    )
    try:
        yield from _reports(coordinator, f"{parts} parts × {replicas}", patience)
    finally:
        # Ray that is gone would be started again to kill them.
        if ray.is_initialized():
            for actor in (coordinator, *(searcher for part in searchers for _, searcher in part)):
                ray.kill(actor)


def _reports(coordinator: Any, arrangement: str, patience: float) -> Generator[Progress, None, None]:
    status: ServingStatus = answered(coordinator.ready.remote())
    while True:
        yield Progress(
            "serving",
            status.searches,
            message=f"{status.photos} photos in {status.shards} shards, {arrangement}"
            + "".join(f"; {reason}" for reason in status.missing.values()),
        )
        time.sleep(LOOK_SECONDS)
        try:
            status = answered(coordinator.status.remote(), patience)
        except ClusterUnavailable:
            # It is being started again, or its machine is gone and another takes over.
            continue


class Client:
    """Searches what a cluster serves; examples are decoded and encoded here, by processes that stay awake.

    Ray must be connected.

    Raises:
        ClusterUnavailable: Nothing is served.
        ModelUnusable: The chosen model file is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._coordinator = found_coordinator()
        self._examples = Examples(chosen_model_path(settings), settings.device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._examples.close()

    def search(
        self,
        examples: Sequence[Example],
        filters: Filters = Filters(),
        under: str = "",
        count: int = 100,
    ) -> ClusterAnswer:
        """The photos most like the examples, best first.

        Args:
            filters: Their `under` is not looked at.
            under: Only photos whose address is this folder's, or below it.

        Raises:
            ClusterUnavailable: Too much is asked at once, or nobody answers.
            ModelMismatch: The photos were encoded by another model.
            PhotoUnreadable: An example is no picture.
            EncoderFailed: The encoder's process could not be started.
        """
        vectors = self._examples.vectors(examples)
        identity, content = self._examples.identity, content_of(examples)
        return answered(self._coordinator.search.remote(identity, vectors, count, filters, under, content))


def nearest(queries: NDArray[np.float32], count: int) -> Nearest:
    """Numbers and scores of the photos nearest to each of some unit vectors, shape (n, D), all at once.

    Ray must be connected.

    Raises:
        ClusterUnavailable: Nothing is served, too much is asked at once, or nobody answers.
    """
    return answered(found_coordinator().nearest.remote(queries, count))


def found_coordinator() -> Any:
    """What answers in the cluster.

    Raises:
        ClusterUnavailable: Nothing is served.
    """
    coordinator = _coordinator()
    if coordinator is None:
        raise ClusterUnavailable(
            "Nothing is served by this cluster: start “photosearch cluster serve --store ADDRESS”."
        )
    return coordinator


def answered(ref: ray.ObjectRef[Result], seconds: float | None = None) -> Result:
    """What an actor answers; an error of ours comes as it was raised there.

    Raises:
        ClusterUnavailable: It died, or did not answer within so many seconds.
    """
    try:
        return ray.get(ref, timeout=seconds)
    except RayTaskError as error:
        if isinstance(error.cause, PhotoSearchError):
            raise error.cause from None
        raise
    except (RayError, GetTimeoutError) as error:
        raise ClusterUnavailable(
            "The program that answers in the cluster died or is silent: try again."
        ) from error


def _coordinator() -> Any:
    try:
        return ray.get_actor(COORDINATOR, NAMESPACE)
    except ValueError:
        return None


def _searcher(store: Store, name: str, node: str) -> tuple[str, Any]:
    """An actor and the name by which others find it."""
    return name, (
        ray.remote(**_GROUPS)(Searcher)
        .options(
            name=name,
            namespace=NAMESPACE,
            # Where indexing, too, is to find processors; a search takes what it needs.
            num_cpus=0,
            max_restarts=-1,
            # Elsewhere if its machine died.
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=True),
        )
        .remote(store)
    )
