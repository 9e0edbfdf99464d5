"""Codes in memory stay those of the catalogue: arranged or not, and whatever became of their file."""

from __future__ import annotations

import shutil
import struct
import sys
import threading
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.library import Library, snapshot
from photosearch.library.answering import Answering
from photosearch.library.comparing import Comparing
from photosearch.records import Details, FoundFile
from photosearch.settings import Places
from photosearch.store import Catalogue, EncodedPhoto, read_code_file
from tests import million

PHOTOS = 6000

QUERIES = np.random.default_rng(1).standard_normal((5, million.DIMENSION), np.float32)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    million.generate(tmp_path, PHOTOS)
    return tmp_path


@pytest.fixture
def arranged_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "ARRANGED", 3000)


def answering_of(home: Path) -> tuple[Library, Answering]:
    """A library that somebody keeps up to date, and what answers its searches."""
    library, _ = million.opened(home)
    library._updating = True
    return library, library._chosen


def settled(answering: Answering) -> snapshot.Snapshot:
    """The snapshot once nothing is done in the background any more."""
    while True:
        current = answering.current()
        threads = [one for one in (answering._checking, answering._arranging) if one is not None]
        if not any(one.is_alive() for one in threads) and answering.current() is current:
            return current
        for one in threads:
            one.join()


def assert_answers_are_those_of(catalogue: Catalogue, found: snapshot.Snapshot) -> None:
    ids, rows = catalogue.codes.all(million.SPEC.identity)
    codebooks, one = million.model().codebooks, np.ones(1, np.float32)
    assert found.photos == len(ids)
    for query in QUERIES[:, None]:
        plain = engine.nearest(CodeBlocks.from_rows(rows), codebooks, query, one, 50)
        fast = engine.nearest(found.codes, codebooks, query, one, 50, found.present, bounds=found.bounds)
        assert fast.scores.tolist() == plain.scores.tolist()
        assert set(found.ids[fast.positions].tolist()) == set(ids[plain.positions].tolist())


def add_and_remove(library: Library, photos: int) -> None:
    catalogue = library._catalogue
    root = catalogue.roots.all()[0].id
    gone = catalogue.photos.ids()[::50]
    catalogue.files.mark_missing(gone, "gone", 1)
    library.refresh()
    files = [FoundFile(f"{number} of {photos}", 1, number) for number in range(photos)]
    rows = np.random.default_rng(photos).integers(0, 256, (photos, million.BYTES), dtype=np.uint8)
    added = catalogue.files.add(root, "00001 A summer trip", files)
    made = [
        EncodedPhoto(photo.id, 1, photo.modified_ns, bytes(16), Details(1, 1), row.tobytes())
        for photo, row in zip(added, rows, strict=True)
    ]
    kept = catalogue.codes.record(million.SPEC, made, [])
    library.publish(np.array(kept), rows)


@pytest.mark.usefixtures("arranged_early")
def test_many_codes_are_arranged_in_the_background_kept_and_answer_as_they_did(home: Path) -> None:
    library, answering = answering_of(home)
    with library._catalogue.writing():
        found = settled(answering)
        assert found.bounds is not None
        assert_answers_are_those_of(library._catalogue, found)
        library._updating = False
    library.close()

    library, answering = answering_of(home)
    with library._catalogue.writing():
        # Of the file, at once.
        first = answering.current()
        assert first.bounds is not None
        add_and_remove(library, 100)
        found = settled(answering)
        # Few new ones wait behind the others.
        assert found.bounds is first.bounds
        assert_answers_are_those_of(library._catalogue, found)
        add_and_remove(library, 1500)
        found = settled(answering)
        assert found.bounds is not None and found.bounds is not first.bounds
        assert_answers_are_those_of(library._catalogue, found)
        library._updating = False
    library.close()


@pytest.mark.usefixtures("arranged_early")
def test_codes_are_arranged_once_however_many_threads_ask_for_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def arranged(*arguments: Any) -> Any:
        begun.append(arguments)
        return engine.arranged(*arguments)

    monkeypatch.setattr(snapshot, "arranged", arranged)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for turn in range(1, 6):
            library, answering = answering_of(home)
            together = threading.Barrier(6)

            def ask(answering: Answering = answering, together: threading.Barrier = together) -> None:
                together.wait()
                for _ in range(20):
                    answering.current()

            threads = [threading.Thread(target=ask) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert settled(answering).bounds is not None
            assert len(begun) == turn
            library._updating = False
            library.close()
            Places.under(home).codes.unlink()
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.usefixtures("arranged_early")
def test_photos_are_not_compared_while_codes_are_arranged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, compared = threading.Event(), []

    def arranged(*arguments: Any) -> Any:
        assert may_end.wait(60)
        return engine.arranged(*arguments)

    monkeypatch.setattr(snapshot, "arranged", arranged)
    monkeypatch.setattr(Comparing, "go_on", lambda self, gently: compared.append(gently))
    library, _ = million.opened(home)
    with closing(library.follow()) as steps:
        while next(steps).step != "watching":
            pass
        library._chosen.current()
        for _ in range(2):
            next(steps)
        assert not compared
        may_end.set()
        settled(library._chosen)
        next(steps)
        assert compared
    library.close()


def test_few_codes_are_left_as_they_are(home: Path) -> None:
    library, answering = answering_of(home)
    assert settled(answering).bounds is None
    library._updating = False
    library.close()


def test_what_changed_is_appended_to_the_code_file_and_read_with_it(home: Path) -> None:
    path = Places.under(home).codes
    # From the catalogue, from its file, and from one that was appended to.
    for start in (40, 50, 60):
        library, answering = answering_of(home)
        with library._catalogue.writing():
            settled(answering)
            answering.save()
            content, inode = path.read_bytes(), path.stat().st_ino
            memory = settled(answering).codes.blocks.ctypes.data
            for photos in range(start, start + 3):
                add_and_remove(library, photos)
                answering.save()
            assert path.stat().st_ino == inode
            assert path.read_bytes()[: len(content)] == content
            assert 0 < path.stat().st_size - len(content) < 20_000
            found = settled(answering)
            assert found.codes.blocks.ctypes.data == memory
            assert_answers_are_those_of(library._catalogue, found)
            stored = read_code_file(path)
            assert stored is not None and stored.generation == found.generation
            assert stored.ids.tolist() == found.ids.tolist()
            positions = np.arange(len(found.ids))
            assert np.array_equal(stored.codes.rows(positions), found.codes.rows(positions))
            library._updating = False
        library.close()


def test_a_code_file_of_the_version_before_answers_and_is_replaced_when_something_changes(home: Path) -> None:
    library, answering = answering_of(home)
    found = settled(answering)
    library._updating = False
    library.close()
    path = Places.under(home).codes
    parts = found.ids.astype("<i8").tobytes(), found.codes.blocks.tobytes()
    body = b"".join(part + bytes(-len(part) % 4096) for part in parts)
    identity, count = million.SPEC.identity.encode(), len(found.ids)
    header = struct.pack("<8sI16sIIQq", b"PhotoSrC", 2, identity, million.BYTES, 256, count, found.generation)
    header += struct.pack("<IQdI", 0, 0, 0.0, zlib.crc32(body))
    path.write_bytes((header + struct.pack("<I", zlib.crc32(header))).ljust(4096, b"\0") + body)
    old = read_code_file(path)
    assert old is not None and old.written is None

    for photos in (0, 30):
        library, answering = answering_of(home)
        with library._catalogue.writing():
            assert answering.current().generation == found.generation
            # The first time some are removed only, for which a file needs no room.
            add_and_remove(library, photos)
            answering.save()
            found = settled(answering)
            assert_answers_are_those_of(library._catalogue, found)
            library._updating = False
        library.close()
        stored = read_code_file(path)
        assert stored is not None and stored.written is not None
        assert stored.ids.tolist() == found.ids.tolist()


def test_a_code_file_that_could_not_be_written_is_written_later_though_nothing_changed(home: Path) -> None:
    path = Places.under(home).codes
    library, answering = answering_of(home)
    with library._catalogue.writing():
        for photos in (0, 30):
            # Anew, and then what changed.
            if photos:
                add_and_remove(library, photos)
            found = settled(answering)
            with filelock.FileLock(f"{path}.lock"):
                answering.save()
            stored = read_code_file(path)
            assert stored is None or stored.generation < found.generation
            answering.save()
            stored = read_code_file(path)
            assert stored is not None and stored.generation == found.generation
        add_and_remove(library, 40)
        found = settled(answering)
        with filelock.FileLock(f"{path}.lock"):
            answering.save()
        library._updating = False
    library.close()
    stored = read_code_file(path)
    assert stored is not None and stored.generation == found.generation
    assert stored.ids.tolist() == found.ids.tolist()


def test_who_knows_less_of_the_photos_leaves_a_newer_code_file_as_it_is(home: Path) -> None:
    path = Places.under(home).codes
    million.opened(home)[0].close()
    behind, _ = million.opened(home)
    library, answering = answering_of(home)
    with library._catalogue.writing():
        settled(answering)
        add_and_remove(library, 20)
        # By now it knows of something that it did not read from the file.
        behind._chosen.current()
        add_and_remove(library, 30)
        library._updating = False
    library.close()
    content = path.read_bytes()
    behind.close()
    assert path.read_bytes() == content


def test_a_code_file_that_is_ahead_of_a_catalogue_put_back_is_replaced(home: Path) -> None:
    places = Places.under(home)
    older = places.catalogue.with_name("older")
    million.opened(home)[0].close()
    shutil.copy(places.catalogue, older)
    library, answering = answering_of(home)
    with library._catalogue.writing():
        settled(answering)
        add_and_remove(library, 20)
        library._updating = False
    library.close()
    ahead = read_code_file(places.codes)
    for file in home.glob("catalogue.sqlite*"):
        file.unlink()
    shutil.copy(older, places.catalogue)

    library, _ = million.opened(home)
    found = settled(library._chosen)
    generation = library._catalogue.codes.generation()
    library.close()
    assert ahead is not None and generation < ahead.generation
    stored = read_code_file(places.codes)
    assert stored is not None and stored.generation == generation
    assert stored.ids.tolist() == found.ids.tolist()


@pytest.mark.usefixtures("arranged_early")
def test_who_only_searches_arranges_nothing(home: Path) -> None:
    library, _ = million.opened(home)
    assert settled(library._chosen).bounds is None
    library.close()


def test_codes_of_a_damaged_file_are_replaced_by_the_catalogues_and_never_written_again(home: Path) -> None:
    library, _ = million.opened(home)
    library.close()
    path = Places.under(home).codes
    content = bytearray(path.read_bytes())
    sound = read_code_file(path)
    assert sound is not None
    content[content.index(sound.codes.blocks[2, 1].tobytes())] ^= 255
    path.write_bytes(content)
    assert read_code_file(path) is None

    library, _ = million.opened(home)
    assert_answers_are_those_of(library._catalogue, settled(library._chosen))
    library.close()
    assert read_code_file(path) is not None


def test_arranging_stops_when_the_library_is_closed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "ARRANGED", 3000)
    library, answering = answering_of(home)
    found = settled(answering)
    with pytest.raises(engine.Stopped):
        found.arranged(million.model().codebooks, lambda: False)
    library._updating = False
    library.close()
    assert answering._arranging is None or not answering._arranging.is_alive()
