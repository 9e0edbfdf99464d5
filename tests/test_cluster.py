"""Ray on this machine, bound to 127.0.0.1: real nodes are killed, and real files damaged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from photosearch import engine
from photosearch.blocks import BLOCK, CodeBlocks
from photosearch.encode.architecture import Architecture
from photosearch.encode.model_file import Model, bundled_model_path, make_model, read_model, write_model
from photosearch.encode.same_shot import least_cosine, nearest_cosines
from photosearch.errors import ClusterUnavailable, FolderUnavailable, ModelMismatch, StoreUnusable
from photosearch.library import Library
from photosearch.library.embedding import embed
from photosearch.records import Box, Circle, Example, Filters, Progress, Query
from photosearch.settings import Places, Settings
from tests.steps.test_catalogue import as_somebody_ordinary

if not find_spec("ray"):
    pytest.skip("Ray is not installed", allow_module_level=True)
# Ray and Arrow warn of what is to change in themselves.
# Tests of a group run in one process: all of these share one cluster.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("cluster")]

SETTINGS = Settings(device="cpu", workers=2)
SOON = 120
"""Seconds after which something has hung, however busy the machine."""

SHARD = 64
PHOTOS = 200
WORDS: dict[str, str] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "disabled",
    # Else whatever runs beside the tests goes first.
    "RAY_worker_niceness": "0",
}

Result = TypeVar("Result")


def paint(file: Path, seed: int, **exif: Any) -> None:
    """A picture like no other, with what a camera says of it."""
    chosen = np.random.default_rng(seed)
    size = [(96, 64), (64, 96), (80, 80)][seed % 3]
    patches = Image.fromarray(chosen.integers(0, 256, (4, 6, 3), np.uint8))
    tags = Image.Exif()
    if seed % 2:
        tags[ExifTags.Base.Make], tags[ExifTags.Base.Model] = "Kamera", f"No {seed % 5}"
        tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"2020:0{seed % 9 + 1}:07 12:00:00"
    if seed % 4 == 1:
        place = {1: "N", 2: (47.0, seed % 60, 0.0), 3: "E", 4: (8.0, 30.0, 0.0)}
        tags.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    file.parent.mkdir(parents=True, exist_ok=True)
    patches.resize(size, Image.Resampling.BICUBIC).save(file, quality=92, exif=tags)
    os.utime(file, (1.5e9 + 86_400 * seed, 1.5e9 + 86_400 * seed))


def finished(steps: Generator[Progress, None, Result]) -> Result:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def soon(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(PHOTOS):
        paint(folder / "abc"[seed % 3] / f"{seed:03}.jpg", seed)
    (folder / "a" / "broken.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(bundled_model_path())


@pytest.fixture(scope="module")
def embedded(photos: Path) -> Any:
    """The same photos in one process, without Ray."""
    return finished(embed(SETTINGS, [photos]))


class Machines:
    """A head without work and nodes with one processor each, all of them on 127.0.0.1."""

    def __init__(self, folder: str) -> None:
        from ray.cluster_utils import Cluster

        common = {"node_ip_address": "127.0.0.1", "object_store_memory": 100_000_000, "temp_dir": folder}
        self._node = {"num_cpus": 1, "num_gpus": 0, **common}
        head = {"num_cpus": 0, "num_gpus": 0, "include_dashboard": False, **common}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.nodes = [self._cluster.add_node(**self._node, wait=False) for _ in range(2)]
        self._cluster.wait_for_nodes()
        self.address: str = self._cluster.address

    def kill_one(self) -> None:
        """Kill a node with all its processes."""
        self._cluster.remove_node(self.nodes.pop(0), allow_graceful=False)

    def add_one(self) -> None:
        self.nodes.append(self._cluster.add_node(**self._node, wait=False))

    def end(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    from photosearch.cluster.connection import connected

    # Short: names of sockets are made of it. The head notes its address in “ray” there, and expects that.
    folder = tempfile.mkdtemp(prefix="ray-")
    Path(folder, "ray").mkdir()
    words = WORDS | {"RAY_TMPDIR": folder}
    before = {name: os.environ.get(name) for name in words}
    ours = set(psutil.Process().children(recursive=True))
    os.environ.update(words)
    try:
        started = Machines(folder)
        try:
            with connected(started.address):
                yield started
        finally:
            started.end()
        soon(lambda: not {one for one in psutil.Process().children(recursive=True) if is_of_ray(one)} - ours)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def is_of_ray(process: psutil.Process) -> bool:
    try:
        return "ray" in " ".join(process.cmdline())
    except psutil.Error:
        return False


@pytest.fixture(scope="module")
def store(machines: Machines, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A store of these photos: while they were encoded, a machine was killed with all it was at."""
    from photosearch.cluster.indexing import index
    from photosearch.cluster.store import Store

    store = Store(str(tmp_path_factory.mktemp("store") / "here"))
    steps = index(store, [str(photos)], SETTINGS, SHARD)
    for progress in steps:
        if progress.done:
            machines.kill_one()
            machines.add_one()
            break
    done = finished(steps)
    assert [Path(failure.address).name for failure in done.failures] == ["broken.jpg"]
    assert done.encoded == done.photos == PHOTOS
    return store


def codes_of(store: Any) -> NDArray[np.uint8]:
    manifest = store.manifest()
    rows = [store.codes(manifest.spec, shard).rows(np.arange(shard.count)) for shard in manifest.shards]
    return np.concatenate(rows)


def test_a_machine_that_dies_while_photos_are_encoded_loses_none_and_none_comes_twice(store, embedded):
    addresses = [
        row for shard in store.manifest().shards for row in store.photos(shard)["address"].to_pylist()
    ]
    assert addresses == [str(path) for path in embedded.paths]
    assert len(store.manifest().shards) > 1
    assert (codes_of(store) == embedded.codes).all()


def test_what_is_in_the_store_is_not_encoded_again_and_failures_are_listed(store, photos):
    from photosearch.cluster.indexing import failures_of, index

    before = store.manifest()
    again = finished(index(store, [str(photos)], SETTINGS, SHARD))
    assert (again.encoded, again.photos) == (0, PHOTOS)
    assert store.manifest() == before
    (failure,) = failures_of(store)
    assert failure.address == str(photos / "a" / "broken.jpg") and "not a picture" in failure.reason


@pytest.fixture
def serving(store) -> Iterator[Callable[..., Any]]:
    """Serves stores until the end of the test."""
    from photosearch.cluster.serving import found_coordinator, serve

    started = []

    def begin(store: Any = store, **options: Any) -> Progress:
        started.append(serve(store, **options))
        return next(started[-1])

    yield begin
    for one in started:
        one.close()

    def nobody() -> bool:
        try:
            found_coordinator()
        except ClusterUnavailable:
            return True
        return False

    soon(nobody)


def test_answers_are_those_of_one_process_though_a_machine_dies(machines, serving, store, embedded, model):
    from photosearch.cluster.serving import nearest

    told = serving(parts=2, replicas=2)
    assert told.message.startswith(f"{PHOTOS} photos in {len(store.manifest().shards)} shards, 2 parts × 2")
    codes = CodeBlocks.from_rows(embedded.codes)
    dying = threading.Timer(0.5, machines.kill_one)
    dying.start()
    end = time.monotonic() + 5
    asked = 0
    while dying.is_alive() or time.monotonic() < end:
        queries = embedded.vectors[asked % PHOTOS][None]
        found = nearest(queries, 20)
        right = engine.nearest_each(codes, model.codebooks, queries, 20)[0]
        assert not found.missing and found.searched == PHOTOS
        assert found.numbers[0].tolist() == right.positions.tolist()
        assert found.scores[0].tolist() == right.scores.tolist()
        asked += 1
    dying.join()
    machines.add_one()
    together = nearest(embedded.vectors, 5)
    for scores, right in zip(
        together.scores, engine.nearest_each(codes, model.codebooks, embedded.vectors, 5), strict=True
    ):
        assert scores.tolist() == right.scores.tolist()


QUERIES = [
    (Filters(), ""),
    (Filters(since=1_590_000_000, until=1_600_000_000), ""),
    (Filters(camera="kamera no 3"), ""),
    (Filters(near=Circle(47.3, 8.5, 30)), ""),
    (Filters(orientation="portrait"), ""),
    (Filters(orientation="square", most_pixels=7000), ""),
    (Filters(least_pixels=6200), ""),
    (Filters(camera="kamera"), "b"),
    (Filters(kind="same-shot"), ""),
]


def test_filters_and_examples_are_those_of_the_desktop(serving, photos, tmp_path):
    from photosearch.cluster.serving import Client

    serving()
    library = Library(Places.under(tmp_path / "home"), SETTINGS)
    library.add_folder(photos)
    list(library.update())
    one, other = photos / "a" / "003.jpg", photos / "b" / "010.jpg"
    examples = [Example(one, box=Box(0, 0, 0.5, 1)), Example(other, weight=-0.5)]
    with closing(library), Client(SETTINGS) as client:
        for filters, under in QUERIES:
            for asked in ([Example(one)], examples):
                of_desktop = replace(filters, under=photos / under if under else None)
                desktop = library.search(Query(tuple(asked), of_desktop, 30))
                cluster = client.search(asked, filters, str(photos / under) if under else "", 30)
                assert len(desktop.matches) < PHOTOS
                wanted = sorted(
                    (-match.score, str(match.photo.path), match.kind) for match in desktop.matches
                )
                assert sorted((-m.score, m.address, m.kind) for m in cluster.matches) == wanted
                assert desktop.matches or asked is examples
                assert [match.address for match in cluster.matches[:1]] == [
                    str(match.photo.path) for match in desktop.matches[:1]
                ]


def test_the_same_shot_comes_before_photos_whose_codes_stand_for_more(serving, embedded, model):
    import ray

    from photosearch.cluster.serving import found_coordinator

    serving()
    sums = model.codebooks[np.arange(len(model.codebooks)), embedded.codes].sum(1)
    lengths = np.linalg.norm(sums, axis=1)
    short, long = lengths.argmin(), lengths.argmax()
    both = (sums / lengths[:, None])[[short, long]]
    beside = np.linalg.svd(both)[2][-1]
    least = model.same_shot
    for _ in range(5):
        # The one is as near as the same shot is, the other is not quite, and larger by its length.
        cosines = least + np.array([0.002, -0.002])
        vector = both.T @ np.linalg.solve(both @ both.T, cosines)
        vector += beside * np.sqrt(1 - vector @ vector)
        # How near the others are then changes a little what is asked.
        [least] = least_cosine(
            nearest_cosines((vector @ sums.T)[None], lengths), model.same_shot, model.crowding
        )
    assert cosines[0] > least > cosines[1] and cosines[1] * lengths[long] > cosines[0] * lengths[short]
    looked = np.stack([vector, vector]).astype(np.float32)
    asked = found_coordinator().search.remote(model.spec.identity, looked, PHOTOS, Filters())
    matches = ray.get(asked).matches
    kinds = [match.kind for match in matches]
    assert kinds == sorted(kinds) and [match.rank for match in matches] == list(range(1, len(matches) + 1))
    found = {match.address: match for match in matches}
    one, other = (found[str(embedded.paths[at])] for at in (short, long))
    assert (one.kind, other.kind) == ("same-shot", "similar")
    assert one.rank < other.rank and one.score < other.score


@pytest.fixture
def copied(store, photos, tmp_path) -> Iterator[Any]:
    """A store like the one of all, for whoever changes it or its photos; these are as before afterwards."""
    from photosearch.cluster.store import Store

    shutil.copytree(store.address, tmp_path / "copied")
    shutil.copytree(photos, tmp_path / "before")
    yield Store(str(tmp_path / "copied"))
    shutil.copytree(tmp_path / "before", photos, dirs_exist_ok=True)


def test_photos_that_come_change_and_go_are_served_as_they_are_now(serving, copied, photos, tmp_path):
    import ray

    from photosearch.cluster.indexing import index
    from photosearch.cluster.serving import Client, found_coordinator, nearest

    serving(copied)
    packed = tmp_path / "more.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.write(photos / "b" / "001.jpg", "in/001.jpg")
    gone, changed, *_ = sorted((photos / "a").glob("[01]*.jpg"))
    gone.unlink()
    paint(changed, 999)
    done = finished(index(copied, [str(photos), f"zip://::{packed}"], SETTINGS, SHARD))
    assert (done.encoded, done.retired, done.photos) == (2, 2, PHOTOS)
    generation = copied.manifest().generation
    soon(lambda: ray.get(found_coordinator().status.remote()).generation == generation)
    query = np.zeros((1, copied.model().spec.dimension), np.float32)
    assert nearest(query, 100).searched == PHOTOS
    with Client(SETTINGS) as client:
        best, other, *others = client.search([Example(photos / "b" / "001.jpg")], count=PHOTOS).matches
    # The same bytes at two addresses.
    assert {best.address, other.address} == {f"zip://in/001.jpg::{packed}", str(photos / "b" / "001.jpg")}
    assert best.kind == other.kind == "same-shot"
    addresses = [match.address for match in others]
    assert str(gone) not in addresses and addresses.count(str(changed)) == 1


def test_a_source_of_which_many_vanished_at_once_is_not_believed(copied, photos):
    from photosearch.cluster.indexing import index

    for file in sorted((photos / "c").glob("*.jpg"))[:50]:
        file.unlink()
    done = finished(index(copied, [str(photos)], SETTINGS, SHARD))
    assert (done.photos, done.retired, done.missing) == (PHOTOS, 0, 50)
    done = finished(index(copied, [str(photos)], SETTINGS, SHARD, forget_missing=True))
    assert (done.photos, done.retired, done.missing) == (PHOTOS - 50, 50, 0)


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-BLOCK // 2] ^= 1
    file.write_bytes(content)


def test_shards_that_are_missing_or_damaged_or_of_another_model_are_named_in_the_answer(
    serving, store, model, tmp_path
):
    from photosearch.cluster.serving import nearest
    from photosearch.cluster.store import Store
    from photosearch.store import write_code_file

    shutil.copytree(store.address, tmp_path / "store")
    broken = Store(str(tmp_path / "store"))
    gone, damaged, foreign, *_ = shards = broken.manifest().shards
    files = {one.name: tmp_path / "store" / "shards" / f"{one.name}.codes" for one in shards}
    files[gone.name].unlink()
    damage(files[damaged.name])
    codes = CodeBlocks.from_rows(np.zeros((foreign.count, model.spec.bytes), np.uint8))
    spec = replace(model.spec, identity="0123456789abcdef")
    write_code_file(files[foreign.name], spec, 0, np.arange(foreign.count), codes)
    serving(broken)
    found = nearest(np.ones((1, model.spec.dimension), np.float32), 3)
    assert found.missing.keys() == {gone.name, damaged.name, foreign.name}
    assert "is missing from the store" in found.missing[gone.name]
    assert "is damaged" in found.missing[damaged.name]
    assert "holds codes of model 0123456789abcdef" in found.missing[foreign.name]
    assert found.searched == PHOTOS - gone.count - damaged.count - foreign.count


def test_a_second_store_is_refused_and_so_is_a_search_that_too_many_wait_before(machines, serving, store):
    import ray

    from photosearch.cluster.coordinator import Coordinator
    from photosearch.cluster.serving import answered, serve

    class Silent:
        """Holds what it is told to hold, and never answers."""

        def assign(self, number: int, own: Any) -> dict[str, str]:
            return {}

        def sample(self, number: int, count: int) -> NDArray[np.uint8]:
            return np.zeros((0, 1), np.uint8)

        def nearest(self, *asked: object) -> None:
            time.sleep(SOON)

    serving()
    with pytest.raises(ClusterUnavailable, match="served by this cluster already"):
        next(serve(store))
    silent = ray.remote(Silent).options(name="silent", num_cpus=0, max_concurrency=4).remote()
    # Asked once, so that it has its name.
    ray.get(silent.sample.remote(0, 1))
    busy = (
        ray.remote(Coordinator).options(num_cpus=0, max_concurrency=8).remote(store, [["silent"]], 1, 1, 5.0)
    )
    query = np.ones((1, store.model().spec.dimension), np.float32)
    asked = [busy.nearest.remote(query, 1) for _ in range(3)]
    with pytest.raises(ClusterUnavailable, match="2 searches are under way already"):
        answered(ray.wait(asked, timeout=SOON)[0][0])


def test_no_store_no_source_and_no_way_there_is_one_sentence_each(tmp_path):
    from photosearch.cluster.sources import list_source
    from photosearch.cluster.store import Store

    with pytest.raises(StoreUnusable, match="There is no store at"):
        Store(str(tmp_path / "nowhere")).manifest()
    with pytest.raises(StoreUnusable, match="nosuch://bucket cannot be reached"):
        Store("nosuch://bucket")
    with pytest.raises(FolderUnavailable, match="nowhere"):
        list_source(str(tmp_path / "nowhere"))
    with pytest.raises(StoreUnusable, match=r"nowhere.zip cannot be reached: No such file"):
        list_source(f"zip://::{tmp_path / 'nowhere.zip'}")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(StoreUnusable, match=r"manifest of the store at .* is damaged"):
        Store(str(tmp_path)).manifest()


def test_a_store_of_another_model_or_one_that_is_read_only_takes_no_photos(model, tmp_path):
    from photosearch.cluster.store import Store

    other = tmp_path / "other.safetensors"
    larger = replace(model.preprocessing, size=2 * model.preprocessing.size)
    network = Architecture.read(model.network)
    write_model(
        other, make_model(model.spec.method, model.codebooks, larger, network, model.weights, 0.9, {}, {})
    )
    store = Store(str(tmp_path / "store"))
    store.begin(bundled_model_path())
    with pytest.raises(ModelMismatch, match="holds codes of model"):
        store.begin(other)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        with (
            as_somebody_ordinary(),
            pytest.raises(StoreUnusable, match="may not be written: Permission denied"),
        ):
            Store(folder).begin(bundled_model_path())


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("127.0.0.1:1", "Nothing answers at 127.0.0.1:1, where a Ray cluster should be"),
        ("somewhere", "“somewhere” is not HOST:PORT"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_sentence_at_once(address, sentence):
    from photosearch.cluster.connection import connected

    with pytest.raises(ClusterUnavailable, match=sentence), connected(address):
        pass


def test_a_cluster_that_we_start_listens_to_this_machine_alone_and_ends_with_the_command(photos, tmp_path):
    folder = tempfile.mkdtemp(prefix="ray-")
    environment = os.environ | {"RAY_TMPDIR": folder, "RAY_AUTH_MODE": "disabled"}
    environment.pop("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", None)
    command = [sys.executable, "-m", "photosearch", "--home", str(tmp_path), "--device", "cpu"]
    command += ["cluster", "index", str(photos / "a"), "--store", str(tmp_path / "store")]
    command += ["--address", "local", "--json"]
    heard: set[str] = set()
    processes: set[psutil.Process] = set()
    try:
        program = psutil.Popen(command, stdout=subprocess.PIPE, env=environment)
        end = time.monotonic() + SOON
        while program.poll() is None:
            assert time.monotonic() < end, "it hangs"
            for process in (program, *program.children(recursive=True)):
                processes.add(process)
                try:
                    for connection in process.net_connections("inet"):
                        heard |= {place.ip for place in (connection.laddr, connection.raddr) if place}
                except psutil.Error:
                    pass
            time.sleep(0.2)
        assert json.loads(program.communicate()[0])["photos"] == len(list((photos / "a").glob("[01]*.jpg")))
        assert heard and {address.removeprefix("::ffff:") for address in heard} <= {"127.0.0.1"}
        soon(lambda: not any(process.is_running() for process in processes))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
