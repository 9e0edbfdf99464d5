"""Photos of folders and buckets → shards of a store, by as many machines as there are.

Ray Data carries photos from the processes that decode them, one a core, to those that hold the model, one a
GPU or a machine, and starts again what a machine that died was at. Results come back in the order of their
addresses, to this process alone: it writes the shards and publishes them, so that nothing is in the store
twice.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import ray.data
from numpy.typing import NDArray

from photosearch.cluster import photos
from photosearch.cluster.connection import machines_of
from photosearch.cluster.sources import Listed, Listing, Unread, at_hand, list_source
from photosearch.cluster.store import Manifest, Store
from photosearch.decode import DecodePool
from photosearch.encode.devices import make_encoder
from photosearch.encode.model_file import chosen_model_path
from photosearch.errors import DriveFailed, PhotoUnreadable
from photosearch.library.pace import Pace
from photosearch.records import Progress
from photosearch.scan import ends_hash
from photosearch.settings import Settings

logger = logging.getLogger(__name__)

BATCH = 64
"""Photos that are decoded and encoded together."""

SHARD_PHOTOS = 262_144
"""Photos of a shard: 4 MB of codes of 16 bytes, which one core searches in a tenth of a millisecond."""

SHARD_SECONDS = 300.0
"""A shard is published after so long, however small: a run that is killed loses no more."""

ROUND = 1_048_576
"""Photos handed to Ray Data at a time, which keeps a record of each batch."""

VANISHED = 5
"""If more than one in so many photos of a source is missing, the source is to blame, not they."""

UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a run did.

    Attributes:
        photos: Photos of the store that answer now.
        encoded: Photos encoded in this run.
        retired: Photos that answer no more: they are gone, or changed and encoded again.
        missing: Photos that are no longer in their source and answer still, as too many vanished at once.
        failures: What could not be read in this run.
    """

    photos: int
    shards: int
    encoded: int
    retired: int
    missing: int
    failures: tuple[Unread, ...]


def index(
    store: Store,
    sources: Sequence[str],
    settings: Settings,
    shard_photos: int = SHARD_PHOTOS,
    retry: bool = False,
    forget_missing: bool = False,
) -> Generator[Progress, None, Indexed]:
    """Bring a store in line with some sources; to stop iterating keeps what was encoded.

    Ray must be connected.

    Args:
        retry: Try again what could not be read before.
        forget_missing: Photos that are no longer in their source answer no more, however many they are.

    Raises:
        FolderUnavailable: A source is missing, or may not be read.
        StoreUnusable: The store, or an address, cannot be used.
        ModelMismatch: The store holds codes of another model.
        LibraryBusy: Another run writes to the store.
    """
    manifest = store.begin(chosen_model_path(settings))
    yield Progress("scanning")
    listings = [list_source(source) for source in sources]
    failures = [problem for listing in listings for problem in listing.problems]
    known = _known(store, manifest, listings, retry)
    waiting = known.waiting(listings)
    gone, missing = known.gone(listings, forget_missing)
    writing = _Writing(store, manifest, shard_photos, known)
    writing.retire(gone)
    pace = Pace()
    done = 0
    yield Progress("indexing", 0, len(waiting))
    try:
        for start in range(0, len(waiting), ROUND):
            for batch in _encoded(store, waiting[start : start + ROUND], settings):
                failures += writing.add(batch)
                done += len(batch["address"])
                rate = pace.mark(done)
                yield Progress("indexing", done, len(waiting), rate, pace.left(len(waiting) - done))
    finally:
        # Also when somebody stops: what was encoded is not to be encoded again.
        writing.publish()
    return Indexed(
        writing.manifest.answering,
        len(writing.manifest.shards),
        writing.encoded,
        writing.retired,
        missing,
        tuple(failures),
    )


def failures_of(store: Store) -> list[Unread]:
    """What could not be read, of all runs, and why.

    Raises:
        StoreUnusable: The store or a shard of it cannot be read.
    """
    found: list[Unread] = []
    for shard in store.manifest().shards:
        cleared = set(shard.cleared)
        if shard.failures > len(cleared):
            rows = enumerate(store.failures(shard).to_pylist())
            found += [Unread(row["address"], row["reason"]) for at, row in rows if at not in cleared]
    return sorted(found)


class Decoding:
    """A process that decodes files of anywhere, with the limits of the desktop's.

    Args:
        size: Side of the square the model takes, in pixels.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # A process that this one starts would begin with what started this one: all of Ray.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._decoders = DecodePool(1, size)

    def __call__(self, batch: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        count = len(batch["address"])
        found: dict[str, list[Any]] = {name: [None] * count for name in ("content", "reason", "camera")}
        pixels = np.zeros((count, self._size, self._size, 3), np.uint8)
        numbers = np.full((count, 3), UNKNOWN)
        places = np.full((count, 2), np.nan)
        settled = np.ones(count, bool)
        with ExitStack() as stack:
            paths: list[tuple[int, Path]] = []
            found["reason"] = [""] * count
            for at, address in enumerate(batch["address"]):
                try:
                    paths.append((at, stack.enter_context(at_hand(address))))
                except PhotoUnreadable as error:
                    found["reason"][at] = str(error)
                    settled[at] = not isinstance(error, DriveFailed)
            for at, decoded in self._decoders.decode_many(paths):
                if isinstance(decoded, PhotoUnreadable):
                    found["reason"][at] = str(decoded)
                    settled[at] = not isinstance(decoded, DriveFailed)
                    continue
                details = decoded.details
                pixels[at] = decoded.pixels
                taken = UNKNOWN if details.taken is None else details.taken
                numbers[at] = details.width, details.height, taken
                found["camera"][at] = details.camera
                if details.latitude is not None and details.longitude is not None:
                    places[at] = details.latitude, details.longitude
            for at, path in paths:
                found["content"][at] = ends_hash(path, int(batch["bytes"][at])) or b""
        return {
            **batch,
            "pixels": pixels,
            "numbers": numbers,
            "places": places,
            # Otherwise the drive or the bucket is to blame, and the file is for the next run.
            "settled": settled,
            "reason": np.array(found["reason"], object),
            "camera": np.array([camera or "" for camera in found["camera"]], object),
            "content": np.array([content or b"" for content in found["content"]], object),
        }


class Encoding:
    """The model of a store, which turns pixels into codes where it was started."""

    def __init__(self, store: Store, device: str) -> None:
        model = store.model()
        self._width = model.spec.bytes
        self._encoder = make_encoder(model, device)

    def __call__(self, batch: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        read = batch["reason"] == ""
        codes = np.zeros((len(read), self._width), np.uint8)
        if read.any():
            codes[read] = self._encoder.encode(np.ascontiguousarray(batch["pixels"][read]))[1]
        return {name: column for name, column in batch.items() if name != "pixels"} | {"code": codes}


def _encoded(
    store: Store, waiting: Sequence[Listed], settings: Settings
) -> Iterator[dict[str, NDArray[Any]]]:
    """Batches of photos with their codes, in order."""
    size = store.model().preprocessing.size
    resources: dict[str, float] = ray.cluster_resources()
    graphics, cores = int(resources.get("GPU", 0)), max(1, int(resources.get("CPU", 1)))
    machines = len(machines_of(ray.nodes()))
    if settings.device == "cpu":
        graphics = 0
    blocks = [
        pa.table(
            {
                "address": [photo.address for photo in part],
                "version": [photo.version for photo in part],
                "bytes": [photo.bytes for photo in part],
                "modified": [photo.modified for photo in part],
            }
        )
        for part in (waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH))
    ]
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    steps: ray.data.Dataset = ray.data.from_arrow(blocks)
    # A process that decodes for each core and a model for each machine or GPU, as on the desktop: beside its
    # model every core of a machine decodes.
    steps = steps.map_batches(
        Decoding,
        fn_constructor_args=(size,),
        batch_size=None,
        num_cpus=0.75,
        compute=_up_to(min(cores, len(blocks))),
    )
    steps = steps.map_batches(
        Encoding,
        fn_constructor_args=(store, settings.device if graphics else "cpu"),
        batch_size=None,
        num_cpus=0.25,
        num_gpus=1 if graphics else None,
        compute=_up_to(min(graphics or machines, len(blocks))),
    )
    yield from steps.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=1)


def _up_to(actors: int) -> ray.data.ActorPoolStrategy:
    return ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, actors))


class _Known:
    """What the shards say of the photos of some sources.

    Attributes:
        table: address, version, and the shard and the position of each; of what could not be read −1 less its
            position among failures.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def waiting(self, listings: Sequence[Listing]) -> list[Listed]:
        """What is listed and not known as it is, in the order of addresses, each once."""
        listed = sorted({photo.address: photo for listing in listings for photo in listing.photos}.values())
        at = pc.index_in(pa.array([photo.address for photo in listed], pa.string()), self.table["address"])
        versions = self.table["version"].take(at).to_pylist()
        return [photo for photo, version in zip(listed, versions, strict=True) if photo.version != version]

    def gone(self, listings: Sequence[Listing], forget: bool) -> tuple[list[str], int]:
        """Addresses of photos that are no longer in their source, and how many too many of them are."""
        gone: list[str] = []
        missing = 0
        coded = self.table.filter(pc.greater_equal(self.table["position"], 0))["address"].combine_chunks()
        failed = self.table.filter(pc.less(self.table["position"], 0))["address"].combine_chunks()
        for listing in listings:
            # Nobody misses what could not be read; if it is back it is tried again.
            gone += _lost(failed.filter(_below(failed, listing)), listing)
            below = coded.filter(_below(coded, listing))
            lost = _lost(below, listing)
            if forget or len(lost) * VANISHED <= len(below):
                gone += lost
            else:
                missing += len(lost)
        return gone, missing

    def places(self, addresses: Sequence[str]) -> list[tuple[int, int]]:
        """The shard and position of each of these photos that is known."""
        at = pc.index_in(pa.array(addresses, pa.string()), self.table["address"]).drop_null()
        found = self.table.take(at)
        return list(zip(found["shard"].to_pylist(), found["position"].to_pylist(), strict=True))


def _known(store: Store, manifest: Manifest, listings: Sequence[Listing], retry: bool) -> _Known:
    """What the store knows below the sources; of an address that it knows several times, the last."""
    parts = [
        pa.table(
            {
                "address": pa.array([], pa.string()),
                "version": pa.array([], pa.string()),
                "shard": pa.array([], pa.int64()),
                "position": pa.array([], pa.int64()),
            }
        )
    ]
    for number, shard in enumerate(manifest.shards):
        if not any(
            shard.last >= listing.root and shard.first <= listing.root + "\U0010ffff" for listing in listings
        ):
            continue
        table = store.photos(shard).select(["address", "version"])
        positions = np.arange(len(table))
        retired = np.isin(positions, shard.retired)
        parts.append(_placed(table, number, positions).filter(pa.array(~retired)))
        if shard.failures:
            table = store.failures(shard).select(["address", "version"])
            if retry:
                # No file is of this version.
                table = table.set_column(1, "version", pa.nulls(len(table), pa.string()))
            positions = np.arange(len(table))
            placed = _placed(table, number, -1 - positions)
            parts.append(placed.filter(pa.array(~np.isin(positions, shard.cleared))))
    table = pa.concat_tables(reversed(parts))
    # Later shards come first now, and of equal addresses the first is kept.
    numbered = table.append_column("row", pa.array(np.arange(len(table))))
    return _Known(table.take(numbered.group_by("address").aggregate([("row", "min")])["row_min"]))


def _placed(table: pa.Table, shard: int, positions: NDArray[np.integer]) -> pa.Table:
    shards = pa.array(np.full(len(table), shard, np.int64))
    return table.append_column("shard", shards).append_column(
        "position", pa.array(positions.astype(np.int64))
    )


def _lost(addresses: pa.Array, listing: Listing) -> list[str]:
    """Those, of addresses of a source, that it holds no more."""
    present = pc.is_in(addresses, pa.array([photo.address for photo in listing.photos], pa.string()))
    # What lies in a folder that could not be listed is not gone.
    unlisted = tuple(f"{problem.address}/" for problem in listing.problems)
    lost = addresses.filter(pc.invert(present)).to_pylist()
    return [address for address in lost if not address.startswith(unlisted)]


def _below(addresses: pa.Array, listing: Listing) -> pa.Array:
    below = pc.starts_with(addresses, listing.root.rstrip("/") + "/")
    below = pc.and_(below, pc.ends_with(addresses, listing.within))
    return pc.or_(pc.equal(addresses, listing.root + listing.within), below)


class _Writing:
    """Collects what was encoded and writes it, a shard at a time.

    Attributes:
        manifest: As it was published last.
        encoded, retired: Photos so far.
    """

    def __init__(self, store: Store, manifest: Manifest, shard_photos: int, known: _Known) -> None:
        self.manifest = manifest
        self.encoded = self.retired = 0
        self._store, self._shard_photos, self._known = store, shard_photos, known
        self._retiring: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._batches: list[dict[str, NDArray[Any]]] = []
        self._count = 0
        self._begun = time.monotonic()

    def retire(self, addresses: Sequence[str]) -> None:
        """These photos answer no more, from the next shard on."""
        self._retiring += addresses

    def add(self, batch: dict[str, NDArray[Any]]) -> list[Unread]:
        """Take a batch in; what of it could not be read."""
        self._batches.append(batch)
        self._count += len(batch["address"])
        if self._count >= self._shard_photos or time.monotonic() - self._begun > SHARD_SECONDS:
            self.publish()
        bad = batch["reason"] != ""
        return [
            Unread(address, reason)
            for address, reason in zip(batch["address"][bad], batch["reason"][bad], strict=True)
        ]

    def publish(self) -> None:
        """Write what was taken in as a shard, and let the world know."""
        before = self.manifest
        shards = list(before.shards)
        addresses = list(self._retiring)
        if self._batches:
            columns = {
                name: np.concatenate([batch[name] for batch in self._batches]) for name in self._batches[0]
            }
            read, settled = columns["reason"] == "", columns["settled"]
            rows = np.ascontiguousarray(columns["code"][read], np.uint8)
            table, failures = _photos(columns, read), _failures(columns, ~read & settled)
            if settled.any():
                shards.append(self._store.write_shard(before.spec, before.end, rows, table, failures))
            # Those that were known and are encoded again, or cannot be read now, answer as they are now.
            addresses += columns["address"][settled].tolist()
            self.encoded += len(rows)
        places = self._known.places(addresses) if addresses else []
        retired = [place for place in places if place[1] >= 0]
        for number, shard in enumerate(shards):
            if here := [position for at, position in places if at == number]:
                photos_here = {position for position in here if position >= 0}
                failures_here = {-1 - position for position in here if position < 0}
                shards[number] = replace(
                    shard,
                    retired=tuple(sorted({*shard.retired, *photos_here})),
                    cleared=tuple(sorted({*shard.cleared, *failures_here})),
                )
        if shards != list(before.shards):
            self.manifest = self._store.publish(before, replace(before, shards=tuple(shards)))
            self.retired += len(retired)
        self._retiring = []
        self._begin()


def _photos(columns: dict[str, NDArray[Any]], read: NDArray[np.bool_]) -> pa.Table:
    """The rows of `photos.PHOTOS` of those that were read."""
    width, height, taken = columns["numbers"][read].reshape(-1, 3).T
    latitude, longitude = columns["places"][read].reshape(-1, 2).T
    dates = [None if when == UNKNOWN else int(when) for when in taken]
    camera = pa.array(columns["camera"][read].tolist(), pa.string()).dictionary_encode()
    return pa.table(
        {
            "address": pa.array(columns["address"][read].tolist(), pa.string()),
            "version": pa.array(columns["version"][read].tolist(), pa.string()),
            "content": pa.array(columns["content"][read].tolist(), pa.binary()),
            "bytes": pa.array(columns["bytes"][read].astype(np.int64)),
            "dated": pa.array(list(map(photos.dated, dates, columns["modified"][read])), pa.int64()),
            "taken": pa.array(dates, pa.int64()),
            "width": pa.array(width.astype(np.int32)),
            "height": pa.array(height.astype(np.int32)),
            "camera": camera.cast(pa.dictionary(pa.int32(), pa.string())),
            "latitude": pa.array(latitude, from_pandas=True),
            "longitude": pa.array(longitude, from_pandas=True),
        },
        photos.PHOTOS,
    )


def _failures(columns: dict[str, NDArray[Any]], bad: NDArray[np.bool_]) -> pa.Table:
    names = ("address", "version", "reason")
    return pa.table(
        {name: pa.array(columns[name][bad].tolist(), pa.string()) for name in names}, photos.FAILURES
    )
