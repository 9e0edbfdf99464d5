"""Stores, sources and searchers of a cluster, each by itself: what needs no machine of Ray."""

from __future__ import annotations

import copy
import socket
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photosearch.encode.model_file import bundled_model_path

if not find_spec("ray"):
    pytest.skip("Ray is not installed", allow_module_level=True)
# Ray and Arrow warn of what is to change in themselves.
pytestmark = pytest.mark.filterwarnings("default")


def empty_store(address: Path | str) -> Any:
    from photosearch.cluster.store import Store

    store = Store(str(address))
    store.begin(bundled_model_path())
    return store


def put(store: Any, seen: list[tuple[str, str]], broken: bool = False) -> None:
    """Let a store hold photos of these addresses and versions, with codes of nothing but zeros.

    Args:
        broken: They could not be read.
    """
    import pyarrow as pa

    from photosearch.cluster import photos
    from photosearch.cluster.store import replace

    before = store.manifest()
    rows = np.zeros((0 if broken else len(seen), before.spec.bytes), np.uint8)
    known = [{"address": address, "version": version} for address, version in seen]
    table = pa.Table.from_pylist([] if broken else known, photos.PHOTOS)
    unread = pa.Table.from_pylist([one | {"reason": "damaged"} for one in known if broken], photos.FAILURES)
    shard = store.write_shard(before.spec, before.end, rows, table, unread)
    store.publish(before, replace(before, shards=(*before.shards, shard)))


def test_what_a_packed_file_holds_is_known_the_next_time_and_gone_once_it_is_taken_out(tmp_path):
    from photosearch.cluster.indexing import _known
    from photosearch.cluster.sources import list_source

    def listing(file: str, count: int) -> Any:
        with zipfile.ZipFile(tmp_path / file, "w") as packed:
            for number in range(count):
                packed.writestr(zipfile.ZipInfo(f"in/{number}.jpg", (2020, 1, 1, 0, 0, 0)), str(number))
        return list_source(f"zip://::{tmp_path / file}")

    one, other = listing("one.zip", 10), listing("other.zip", 5)
    store = empty_store(tmp_path / "store")
    put(store, [(photo.address, photo.version) for photo in (*one.photos, *other.photos)])
    known = _known(store, store.manifest(), [one], retry=False)
    assert known.waiting([one]) == []
    assert known.gone([one], forget=False) == ([], 0)
    fewer = listing("one.zip", 9)
    known = _known(store, store.manifest(), [fewer], retry=False)
    assert known.gone([fewer], forget=False) == ([one.photos[-1].address], 0)


def test_files_that_could_not_be_read_are_listed_until_they_are_gone_or_can_be_read(tmp_path):
    from photosearch.cluster.indexing import UNKNOWN, _known, _Writing, failures_of
    from photosearch.cluster.sources import list_source

    store = empty_store(tmp_path / "store")
    photos = tmp_path / "photos"
    photos.mkdir()

    def run(retry: bool, **reasons: str) -> tuple[list[str], list[str]]:
        """Index with these reasons why files cannot be read; what was tried, and what is a failure then."""
        listing = list_source(str(photos))
        manifest = store.manifest()
        known = _known(store, manifest, [listing], retry)
        waiting = known.waiting([listing])
        writing = _Writing(store, manifest, 1000, known)
        writing.retire(known.gone([listing], forget=False)[0])
        if count := len(waiting):
            names = [Path(photo.address).stem for photo in waiting]
            columns: dict[str, Any] = {
                name: np.array([getattr(photo, name) for photo in waiting], kind)
                for name, kind in (
                    ("address", object),
                    ("version", object),
                    ("bytes", int),
                    ("modified", float),
                )
            }
            columns["reason"] = np.array([reasons.get(name, "") for name in names], object)
            columns["camera"], columns["content"] = (
                np.array([""] * count, object),
                np.array([b""] * count, object),
            )
            columns["settled"] = np.ones(count, bool)
            columns["numbers"], columns["places"] = np.full((count, 3), 1), np.full((count, 2), np.nan)
            columns["numbers"][:, 2] = UNKNOWN
            columns["code"] = np.zeros((count, manifest.spec.bytes), np.uint8)
            writing.add(columns)
        writing.publish()
        tried, failed = waiting, failures_of(store)
        return [Path(one.address).stem for one in tried], [Path(one.address).stem for one in failed]

    for name in "abcd":
        (photos / f"{name}.jpg").write_text(name)
    broken = {"b": "broken", "c": "broken", "d": "broken"}
    assert run(False, **broken) == (["a", "b", "c", "d"], ["b", "c", "d"])
    assert run(False) == ([], ["b", "c", "d"])
    (photos / "b.jpg").unlink()
    assert run(False) == ([], ["c", "d"])
    assert run(True, d="still broken") == (["c", "d"], ["d"])
    assert run(False) == ([], ["d"])
    assert store.manifest().answering == 2
    (photos / "d.jpg").write_text("whole")
    assert run(False) == (["d"], [])
    assert store.manifest().answering == 3


def test_a_store_named_by_a_relative_path_is_the_same_folder_on_a_worker_that_runs_elsewhere(
    tmp_path, monkeypatch
):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    store = empty_store("archive")
    monkeypatch.chdir("elsewhere")
    # As it is sent: by what it is made of again.
    assert copy.copy(store).manifest().generation == 0


def test_a_name_with_colons_is_no_address_of_something_packed(tmp_path):
    from photosearch.cluster.sources import at_hand, list_source

    (tmp_path / "sea::side.jpg").write_bytes(b"a picture")
    (photo,) = list_source(str(tmp_path)).photos
    with at_hand(photo.address) as path:
        assert path.read_bytes() == b"a picture"


def test_a_store_that_was_made_anew_is_searched_by_who_searched_the_one_before(tmp_path):
    from photosearch.cluster.searcher import Searcher

    store = empty_store(tmp_path / "store")
    searcher = Searcher(store)
    query = np.ones((1, store.manifest().spec.dimension), np.float32)
    for photo in ("a", "b", "c"):
        put(store, [(photo, "1")])
        searcher.assign(store.manifest().generation, store.manifest())
    anew = empty_store(tmp_path / "anew")
    put(anew, [("d", "1")])
    searcher._store = anew
    assert not searcher.assign(anew.manifest().generation, anew.manifest())
    found = searcher.nearest(anew.manifest().generation, query, 5)
    assert found is not None and found.searched == 1


def test_shards_that_could_not_be_loaded_are_tried_again_with_growing_pauses(tmp_path, monkeypatch):
    from photosearch.cluster import searcher as searchers

    store = empty_store(tmp_path / "store")
    put(store, [("a", "1"), ("b", "1")])
    put(store, [("c", "1")])
    manifest = store.manifest()
    file = tmp_path / "store" / "shards" / f"{manifest.shards[0].name}.codes"
    away, pauses = file.with_name("away"), []
    file.rename(away)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            away.rename(file)

    monkeypatch.setattr(searchers.time, "sleep", sleep)
    monkeypatch.setattr(searchers, "LONGEST_PAUSE", 6.0)
    searcher = searchers.Searcher(store)
    assert searcher.assign(manifest.generation, manifest).keys() == {manifest.shards[0].name}
    for thread in threading.enumerate():
        if thread.name == "missing shards":
            thread.join()
    assert pauses == [2.0, 4.0, 6.0, 6.0]
    assert searcher.missing(manifest.generation) == {}
    query = np.ones((1, manifest.spec.dimension), np.float32)
    found = searcher.nearest(manifest.generation, query, 5)
    assert found is not None and found.searched == 3 and not found.missing


def test_a_model_that_cannot_be_read_is_tried_again_and_searches_say_what_is_missing(tmp_path, monkeypatch):
    from photosearch.cluster import searcher as searchers

    store = empty_store(tmp_path / "store")
    put(store, [("a", "1")])
    manifest = store.manifest()
    model = tmp_path / "store" / "model.safetensors"
    model.rename(tmp_path / "away")
    may_go_on = threading.Event()
    monkeypatch.setattr(searchers.time, "sleep", lambda seconds: may_go_on.wait())
    searcher = searchers.Searcher(store)
    query = np.ones((1, manifest.spec.dimension), np.float32)
    searcher.assign(manifest.generation, manifest)
    found = searcher.nearest(manifest.generation, query, 5)
    assert found is not None and found.searched == 0 and found.missing.keys() == {manifest.shards[0].name}
    (tmp_path / "away").rename(model)
    (thread,) = (one for one in threading.enumerate() if one.name == "missing shards")
    may_go_on.set()
    thread.join()
    found = searcher.nearest(manifest.generation, query, 5)
    assert found is not None and found.searched == 1 and not found.missing


def test_what_could_not_be_read_in_a_bucket_is_listed_by_its_address():
    import fsspec

    from photosearch.cluster.indexing import failures_of
    from photosearch.cluster.sources import list_source

    files = fsspec.filesystem("memory")
    files.pipe_file("/bucket/2019/broken.jpg", b"no picture")
    files.pipe_file("/bucket/notes.txt", b"no photo")
    (photo,) = list_source("memory://bucket").photos
    assert photo.address.startswith("memory://") and photo.address.endswith("bucket/2019/broken.jpg")
    store = empty_store("memory://stores/broken")
    put(store, [(photo.address, "1")], broken=True)
    (failure,) = failures_of(store)
    assert failure.address == photo.address


def test_a_photo_comes_although_more_others_do_not_than_are_fetched_at_a_time(tmp_path, monkeypatch):
    from photosearch.cluster import messenger
    from photosearch.errors import PhotoSearchError

    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    with (
        closing(messenger.Messenger()) as errands,
        socket.create_server(("127.0.0.1", 0)) as silent,
        ThreadPoolExecutor(messenger.THREADS + 1) as threads,
    ):
        silent.settimeout(3)
        errands.ask("fetch", str(tmp_path / "photo.jpg"), tmp_path / "first")
        address = f"ftp://127.0.0.1:{silent.getsockname()[1]}/a.jpg"
        connections = []
        with monkeypatch.context() as impatient:
            impatient.setattr(messenger, "SECONDS", 4.0)
            hanging = [
                threads.submit(errands.ask, "fetch", address, tmp_path / "none")
                for _ in range(messenger.THREADS)
            ]
            with suppress(TimeoutError):
                connections += [silent.accept()[0] for _ in hanging]
        # Behind them all.
        errands.ask("fetch", str(tmp_path / "photo.jpg"), tmp_path / "second")
        assert (tmp_path / "second").read_bytes() == b"a photo"
        for each in hanging:
            with pytest.raises(PhotoSearchError, match=r"no answer within 4 seconds"):
                each.result()
        for connection in connections:
            connection.close()


def test_a_photo_that_does_not_come_ends_no_other_that_is_fetched(tmp_path, monkeypatch):
    from photosearch.cluster import messenger
    from photosearch.errors import PhotoSearchError

    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    # Places that are reached and never say a word.
    with (
        closing(messenger.Messenger()) as errands,
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_server(("127.0.0.1", 0)) as slow,
    ):
        errands.ask("fetch", str(tmp_path / "photo.jpg"), tmp_path / "first")
        patient = threading.Thread(target=lambda: told.append(failure(slow)))
        told: list[str] = []

        def failure(server: socket.socket) -> str:
            with pytest.raises(PhotoSearchError) as raised:
                errands.ask("fetch", f"ftp://127.0.0.1:{server.getsockname()[1]}/a.jpg", tmp_path / "none")
            return str(raised.value)

        patient.start()
        connection, _ = slow.accept()
        monkeypatch.setattr(messenger, "SECONDS", 0.5)
        assert failure(silent) == "The file cannot be had (no answer within 0.5 seconds)."
        assert not told
        monkeypatch.undo()
        errands.ask("fetch", str(tmp_path / "photo.jpg"), tmp_path / "second")
        assert (tmp_path / "second").read_bytes() == b"a photo"
        connection.close()
        patient.join()
        # What came of it, and not that something else was ended.
        assert "cannot be reached: EOFError" in told[0]
