"""The cache of thumbnails is small, and nothing is ever wrong with it that anybody would notice."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.store import Thumbnails

MEGABYTE = 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "thumbnails.sqlite"


@pytest.fixture
def thumbnails(path: Path) -> Iterator[Thumbnails]:
    thumbnails = Thumbnails(path, 10 * MEGABYTE)
    yield thumbnails
    thumbnails.close()


def jpeg(photo_id: int, size: int = 10_000) -> bytes:
    return photo_id.to_bytes(4, "little") * (size // 4)


def test_a_thumbnail_is_found_by_photo_and_time_of_change(thumbnails: Thumbnails) -> None:
    thumbnails.put_many([(1, 5, b"one"), (2, 5, b"two")])
    assert thumbnails.get(1, 5) == b"one"
    assert thumbnails.get(2, 5) == b"two"
    assert thumbnails.get(1, 6) is None
    assert thumbnails.get(3, 5) is None


def test_a_newer_thumbnail_takes_the_place_of_the_older(thumbnails: Thumbnails) -> None:
    thumbnails.put_many([(1, 5, b"old")])
    thumbnails.put_many([(1, 6, b"new")])
    assert thumbnails.get(1, 5) is None
    assert thumbnails.get(1, 6) == b"new"


def test_a_thumbnail_is_kept_for_a_photo_that_was_only_touched(thumbnails: Thumbnails) -> None:
    thumbnails.put_many([(1, 5, b"one"), (2, 5, b"two")])
    thumbnails.retime([(1, 6), (3, 6)])
    assert (thumbnails.get(1, 5), thumbnails.get(1, 6)) == (None, b"one")
    assert (thumbnails.get(2, 5), thumbnails.get(3, 6)) == (b"two", None)


def test_a_forgotten_thumbnail_is_gone(thumbnails: Thumbnails) -> None:
    thumbnails.put_many([(1, 5, b"one"), (2, 5, b"two")])
    thumbnails.forget([1, 99])
    assert thumbnails.get(1, 5) is None
    assert thumbnails.get(2, 5) == b"two"


def test_an_erased_thumbnail_leaves_nothing_in_the_file_or_its_log(
    thumbnails: Thumbnails, path: Path
) -> None:
    thumbnails.put_many([(1, 5, b"the first one"), (2, 5, b"the second one")])
    assert thumbnails._connection is not None
    thumbnails._connection.execute("PRAGMA secure_delete = OFF")
    thumbnails.erase([1, 99])
    assert (thumbnails.get(1, 5), thumbnails.get(2, 5)) == (None, b"the second one")
    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"the first" not in files and b"the second" in files


def test_thumbnails_cost_no_more_to_drop_after_an_erasure_that_failed(
    thumbnails: Thumbnails, path: Path
) -> None:
    thumbnails.put_many([(1, 5, b"one")])
    assert thumbnails._connection is not None
    thumbnails._connection.execute("PRAGMA secure_delete = OFF")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thumbnails.erase([1])
    assert thumbnails.get(1, 5) == b"one"
    assert thumbnails._connection.execute("PRAGMA secure_delete").fetchone() == (0,)
    thumbnails.erase([1])
    assert thumbnails.get(1, 5) is None


def test_thumbnails_outlive_the_program(path: Path) -> None:
    first = Thumbnails(path, MEGABYTE)
    first.put_many([(1, 5, b"one")])
    first.close()
    second = Thumbnails(path, MEGABYTE)
    assert second.get(1, 5) == b"one"
    assert second.size() > 0
    second.close()


def test_a_full_cache_drops_what_was_stored_first(path: Path) -> None:
    thumbnails = Thumbnails(path, 2 * MEGABYTE)
    for start in range(0, 640, 64):
        thumbnails.put_many((photo_id, 1, jpeg(photo_id)) for photo_id in range(start, start + 64))
    kept = [photo_id for photo_id in range(640) if thumbnails.get(photo_id, 1) is not None]
    assert kept == list(range(kept[0], 640))
    assert len(kept) > 100
    thumbnails.close()
    assert path.stat().st_size <= 2 * MEGABYTE


def test_a_smaller_bound_makes_the_file_smaller(path: Path) -> None:
    first = Thumbnails(path, 10 * MEGABYTE)
    first.put_many((photo_id, 1, jpeg(photo_id)) for photo_id in range(500))
    first.close()
    assert path.stat().st_size > 5 * MEGABYTE
    second = Thumbnails(path, MEGABYTE)
    second.put_many([(999, 1, jpeg(999))])
    second.close()
    assert path.stat().st_size <= MEGABYTE


def test_a_cache_without_room_keeps_nothing(path: Path) -> None:
    thumbnails = Thumbnails(path, 0)
    thumbnails.put_many([(1, 5, b"one")])
    assert thumbnails.get(1, 5) is None
    thumbnails.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be deleted here")
def test_the_cache_may_be_deleted_while_it_is_used(thumbnails: Thumbnails, path: Path) -> None:
    thumbnails.put_many([(1, 5, b"one")])
    shutil.rmtree(path.parent)
    assert thumbnails.get(1, 5) is None
    thumbnails.put_many([(2, 5, b"two")])
    assert thumbnails.get(2, 5) == b"two"
    path.unlink()
    thumbnails.put_many([(3, 5, b"three")])
    assert thumbnails.get(3, 5) == b"three"
    assert path.exists()


@pytest.mark.parametrize("content", [b"junk" * 5000, b"", b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_cache_is_begun_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    thumbnails = Thumbnails(path, MEGABYTE)
    thumbnails.put_many([(1, 5, b"one")])
    thumbnails.put_many([(1, 5, b"one")])
    assert thumbnails.get(1, 5) == b"one"
    thumbnails.close()


def test_a_cache_damaged_inside_is_begun_anew(path: Path) -> None:
    first = Thumbnails(path, 10 * MEGABYTE)
    first.put_many((photo_id, 1, jpeg(photo_id, 1000)) for photo_id in range(500))
    first.close()
    content = bytearray(path.read_bytes())
    for page in range(2 * 4096, len(content), 4096):
        content[page : page + 100] = b"\xff" * 100
    path.write_bytes(content)
    thumbnails = Thumbnails(path, 10 * MEGABYTE)
    for _ in range(2):
        thumbnails.put_many((photo_id, 1, jpeg(photo_id, 1000)) for photo_id in range(500))
    assert all(thumbnails.get(photo_id, 1) == jpeg(photo_id, 1000) for photo_id in range(500))
    thumbnails.close()


def test_a_cache_of_another_version_is_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE thumbnails (id, picture)")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    thumbnails = Thumbnails(path, MEGABYTE)
    for _ in range(2):
        thumbnails.put_many([(1, 5, b"one")])
    assert thumbnails.get(1, 5) == b"one"
    thumbnails.close()


def test_a_place_that_cannot_be_written_is_a_cache_without_thumbnails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    thumbnails = Thumbnails(tmp_path / "cache" / "thumbnails.sqlite", MEGABYTE)
    thumbnails.put_many([(1, 5, b"one")])
    thumbnails.forget([1])
    assert thumbnails.get(1, 5) is None
    assert thumbnails.size() == 0
    thumbnails.close()


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited here")
def test_a_full_disk_stops_nothing(path: Path) -> None:
    program = f"""
import resource
from pathlib import Path
from photosearch.store import Thumbnails
thumbnails = Thumbnails(Path({str(path)!r}), 10**9)
thumbnails.put_many([(0, 1, b"kept")])
resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))
for photo in range(1, 50):
    thumbnails.put_many([(photo, 1, bytes(100_000))])
print(thumbnails.get(0, 1))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert said.stdout == "b'kept'\n"


def test_many_threads_share_a_cache(thumbnails: Thumbnails) -> None:
    missing = []

    def use(first: int) -> None:
        for photo_id in range(first, first + 50):
            thumbnails.put_many([(photo_id, 1, jpeg(photo_id))])
            if thumbnails.get(photo_id, 1) != jpeg(photo_id):
                missing.append(photo_id)

    threads = [threading.Thread(target=use, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
