"""The code file gives back what was written, or nothing."""

import ctypes
import mmap
import os
import shutil
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.blocks import PAGE, Bounds, CodeBlocks
from photosearch.records import CodeSpec
from photosearch.store import open_code_file, read_code_file, write_code_file

MODEL = CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8)


def some_codes(count: int, width: int = 4) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    rng = np.random.default_rng(count)
    return rng.permutation(10 * count)[:count], rng.integers(0, 256, (count, width)).astype(np.uint8)


def some_bounds(blocks: int, dimension: int = 3) -> Bounds:
    rng = np.random.default_rng(blocks)
    directions = rng.normal(size=(-(-blocks // 256), dimension, 256)).astype(np.float16)
    return Bounds(directions, rng.normal(size=(7, blocks)).astype(np.float32), 0.125)


def written(path: Path, count: int = 3000, generation: int = 7, bounds: Bounds | None = None) -> Path:
    ids, rows = some_codes(count)
    write_code_file(path, MODEL, generation, ids, CodeBlocks.from_rows(rows), bounds)
    return path


def written_by_version_1(path: Path, ids: NDArray[np.int64], codes: CodeBlocks) -> Path:
    identity = MODEL.identity.encode()
    header = struct.pack("<8sI16sIIQq", b"PhotoSrC", 1, identity, MODEL.bytes, 256, codes.count, 7)
    packed = ids.astype("<i8").tobytes()
    body = packed + bytes(-len(packed) % 4096) + codes.blocks.tobytes()
    checksum = struct.pack("<I", zlib.crc32(body, zlib.crc32(header)))
    path.write_bytes((header + checksum).ljust(4096, b"\0") + body)
    return path


def written_by_version_2(path: Path, ids: NDArray[np.int64], codes: CodeBlocks, bounds: Bounds) -> Path:
    parts = [ids.astype("<i8"), codes.blocks, bounds.directions, bounds.cones]
    body = b"".join(part.tobytes() + bytes(-part.nbytes % 4096) for part in parts)
    identity = MODEL.identity.encode()
    header = struct.pack("<8sI16sIIQq", b"PhotoSrC", 2, identity, MODEL.bytes, 256, codes.count, 7)
    dimension, bounded = bounds.directions.shape[1], bounds.cones.shape[1]
    header += struct.pack("<IQdI", dimension, bounded, bounds.error, zlib.crc32(body))
    header += struct.pack("<I", zlib.crc32(header))
    path.write_bytes(header.ljust(4096, b"\0") + body)
    return path


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1023, 1024, 1025, 5000])
def test_what_was_written_is_read_back(tmp_path: Path, count: int, mapped: bool) -> None:
    found = read_code_file(written(tmp_path / "codes.bin", count), mapped)
    assert found is not None
    assert (found.identity, found.generation) == (MODEL.identity, 7)
    ids, codes = found.ids, found.codes
    wanted_ids, wanted_rows = some_codes(count)
    assert ids.tolist() == wanted_ids.tolist()
    assert codes.count == count
    assert np.array_equal(codes.rows(np.arange(count)), wanted_rows)
    assert np.array_equal(codes.blocks, CodeBlocks.from_rows(wanted_rows).blocks)
    assert not count or codes.blocks.ctypes.data % PAGE == 0


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("blocks", [1, 4, 300])
def test_bounds_are_read_back_with_the_codes(tmp_path: Path, blocks: int, mapped: bool) -> None:
    bounds = some_bounds(blocks)
    found = read_code_file(written(tmp_path / "codes.bin", 5000, bounds=bounds), mapped)
    assert found is not None
    assert np.array_equal(found.codes.rows(np.arange(5000)), some_codes(5000)[1])
    assert found.bounds is not None
    assert found.bounds.directions.tobytes() == bounds.directions.tobytes()
    assert found.bounds.cones.tobytes() == bounds.cones.tobytes()
    assert found.bounds.directions.shape == bounds.directions.shape
    assert (found.bounds.cones.shape, found.bounds.error) == (bounds.cones.shape, 0.125)


@pytest.mark.parametrize("count", [0, 1, 1024, 5000])
def test_a_file_of_the_second_version_is_still_read(tmp_path: Path, count: int) -> None:
    (ids, rows), bounds = some_codes(count), some_bounds(3)
    path = written_by_version_2(tmp_path / "codes.bin", ids, CodeBlocks.from_rows(rows), bounds)
    found = read_code_file(path)
    assert found is not None and found.bounds is not None
    assert (found.identity, found.generation) == (MODEL.identity, 7)
    assert found.bounds.cones.tobytes() == bounds.cones.tobytes()
    assert found.ids.tolist() == ids.tolist()
    assert np.array_equal(found.codes.rows(np.arange(count)), rows)
    # Nothing is appended to it: it is to be replaced by one of this version.
    assert found.written is None
    content = bytearray(path.read_bytes())
    content[4096 if count else 30] ^= 1
    path.write_bytes(content)
    assert read_code_file(path) is None


@pytest.mark.parametrize("count", [0, 1, 1024, 5000])
def test_a_file_of_the_first_version_is_still_read(tmp_path: Path, count: int) -> None:
    ids, rows = some_codes(count)
    path = written_by_version_1(tmp_path / "codes.bin", ids, CodeBlocks.from_rows(rows))
    found = read_code_file(path)
    assert found is not None
    assert (found.identity, found.generation, found.bounds) == (MODEL.identity, 7, None)
    assert found.ids.tolist() == ids.tolist()
    assert np.array_equal(found.codes.rows(np.arange(count)), rows)
    content = bytearray(path.read_bytes())
    content[-1 if count else 30] ^= 1
    path.write_bytes(content)
    assert read_code_file(path) is None


def test_a_file_that_is_only_opened_says_when_asked_that_it_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "codes.bin")
    found = open_code_file(path)
    assert found is not None and found.is_sound()
    content = bytearray(path.read_bytes())
    content[-5000] ^= 1
    path.write_bytes(content)
    found = open_code_file(path)
    assert found is not None and not found.is_sound()
    content[40] ^= 1
    path.write_bytes(content)
    assert open_code_file(path) is None


def test_a_file_that_is_not_there_gives_nothing(tmp_path: Path) -> None:
    assert read_code_file(tmp_path / "codes.bin") is None
    assert read_code_file(tmp_path) is None


def test_a_truncated_file_gives_nothing(tmp_path: Path) -> None:
    content = written(tmp_path / "codes.bin").read_bytes()
    for length in (0, 10, 4095, 4096, 5000, len(content) - 1):
        (tmp_path / "part").write_bytes(content[:length])
        assert read_code_file(tmp_path / "part") is None


@settings(max_examples=40)
@given(st.data())
def test_a_flipped_bit_anywhere_gives_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    content = bytearray(written(folder / "codes.bin", 600, bounds=some_bounds(2)).read_bytes())
    shutil.rmtree(folder)
    # Behind the header, the ids, and the bytes of each codebook's 600 codes there are zeros.
    begin, length = data.draw(
        st.sampled_from([(0, 88), (4096, 4800), (12_288, 600), (12_288 + 3072, 600), (16_384, 256)])
    )
    position = begin + data.draw(st.integers(0, length - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    folder.mkdir()
    (folder / "codes.bin").write_bytes(content)
    assert read_code_file(folder / "codes.bin") is None
    shutil.rmtree(folder)


def in_memory(array: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of a mapped array's pages the system holds."""
    begin = array.ctypes.data // mmap.PAGESIZE * mmap.PAGESIZE
    length = array.ctypes.data + array.nbytes - begin
    pages = np.zeros(-(-length // mmap.PAGESIZE), np.uint8)
    system = ctypes.CDLL(None, use_errno=True)
    assert (
        system.mincore(ctypes.c_void_p(begin), ctypes.c_size_t(length), ctypes.c_void_p(pages.ctypes.data))
        == 0
    )
    return (pages & 1).astype(bool)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux what it holds")
def test_mapped_codes_are_read_in_the_background_before_anyone_asks_for_them(tmp_path: Path) -> None:
    # More than the system reads ahead by itself.
    blocks = np.zeros((8192, 4, 1024), np.uint8)
    path = tmp_path / "codes.bin"
    write_code_file(
        path, MODEL, 7, np.arange(blocks.shape[0] * 1024), CodeBlocks(blocks, blocks.shape[0] * 1024)
    )
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapping:
            if in_memory(np.frombuffer(mapping, np.uint8)).mean() > 0.5:
                pytest.skip("this folder is in memory for good")
    found = open_code_file(path, mapped=True)
    assert found is not None
    deadline = time.monotonic() + 60
    # A system that is short of memory gives up early pages before the last are read.
    read = in_memory(found.codes.blocks)
    while not read.all():
        assert time.monotonic() < deadline
        time.sleep(0.01)
        read |= in_memory(found.codes.blocks)


@pytest.mark.parametrize("mapped", [False, sys.platform != "win32"])
def test_codes_in_use_stay_as_they_are_when_the_file_is_replaced(tmp_path: Path, mapped: bool) -> None:
    path = written(tmp_path / "codes.bin", 3000)
    found = read_code_file(path, mapped)
    written(path, 5, generation=8)
    assert found is not None
    assert np.array_equal(found.codes.rows(np.arange(3000)), some_codes(3000)[1])
    replaced = read_code_file(path)
    assert replaced is not None
    assert (replaced.generation, replaced.codes.count) == (8, 5)


def test_what_was_read_can_be_written_again(tmp_path: Path) -> None:
    path = written(tmp_path / "codes.bin")
    found = read_code_file(path)
    assert found is not None
    write_code_file(path, MODEL, 8, found.ids, found.codes)
    again = read_code_file(path)
    assert again is not None
    assert again.generation == 8
    assert np.array_equal(again.codes.rows(np.arange(3000)), some_codes(3000)[1])


def test_a_file_being_written_by_another_process_is_left_alone_until_that_is_killed(tmp_path: Path) -> None:
    path, new = tmp_path / "codes.bin", tmp_path / "codes.bin.new"
    holding = f"import filelock, time; lock = filelock.FileLock({str(path) + '.lock'!r}); lock.acquire();"
    other = subprocess.Popen(
        [sys.executable, "-c", holding + "print(1, flush=True); time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"1\n"
    new.write_bytes(b"half")
    written(path)
    assert not path.exists()
    assert new.read_bytes() == b"half"

    other.kill()
    other.communicate()
    assert read_code_file(written(path)) is not None
    assert not new.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited here")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import resource

    path = written(tmp_path / "codes.bin", 100)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to write beyond this size, as it would on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        written(path, 5000, generation=8)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "could not be written" in caplog.text
    assert read_code_file(path) is not None
    assert not (tmp_path / "codes.bin.new").exists()
