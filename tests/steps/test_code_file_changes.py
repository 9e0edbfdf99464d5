"""What changed is written behind what a code file holds: all of it or nothing, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.blocks import CodeBlocks, Room
from photosearch.records import CodeSpec
from photosearch.store import (
    Written,
    append_to_code_file,
    code_file,
    open_code_file,
    read_code_file,
    write_code_file,
)
from photosearch.store.code_file import CodeFile

MODEL = CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8)
NONE = np.zeros(0, np.int64)

State = tuple[int, bytes, bytes]
"""A generation, ids, and codes."""


def codes_of(ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    return (ids[:, None] * np.array([1, 31, 977, 7919]) >> np.array([0, 2, 5, 8])).astype(np.uint8)


def begun(path: Path, count: int, generation: int = 1) -> Written:
    """A file of so many photos."""
    ids = 1 + np.arange(count, dtype=np.int64)
    codes = CodeBlocks.from_rows(codes_of(ids))
    written = write_code_file(path, MODEL, generation, ids, codes, capacity=len(Room.of(count, 4).ids))
    assert written is not None
    return written


def appended(path: Path, written: Written, generation: int, removed: list[int], new: int) -> Written | None:
    ids = 1 + written.count + np.arange(new, dtype=np.int64)
    return append_to_code_file(path, written, generation, np.array(removed, np.int64), ids, codes_of(ids))


def state(file: CodeFile | None) -> State:
    assert file is not None
    assert file.written is not None
    assert file.codes.count == len(file.ids) == file.written.count
    rows = file.codes.rows(np.arange(file.codes.count))
    # An id stays what it was put in with, until its position loses it.
    there = file.ids != 0
    assert np.array_equal(rows, codes_of(1 + np.arange(len(rows))))
    assert np.array_equal(file.ids[there], 1 + np.flatnonzero(there))
    return file.generation, file.ids.tobytes(), rows.tobytes()


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("count", [0, 5, 1000, 1024, 5000])
def test_what_changed_is_read_back_with_what_was_there(tmp_path: Path, count: int, mapped: bool) -> None:
    path = tmp_path / "codes.bin"
    written = begun(path, count)
    expected = 1 + np.arange(count)
    for generation, new in enumerate((1, 30, 0, 1024, 7000), 2):
        removed = list(range(generation, len(expected), 700))
        expected[removed] = 0
        expected = np.append(expected, 1 + len(expected) + np.arange(new))
        after = appended(path, written, generation, removed, new)
        assert after is not None
        written = after
        file = read_code_file(path, mapped)
        assert state(file)[0] == generation
        assert file is not None and file.written == written
        assert file.ids.tolist() == expected.tolist()


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "codes.bin"
    written = begun(path, 20_000)
    before, inode = path.read_bytes(), path.stat().st_ino
    assert appended(path, written, 2, [3, 4], 100) is not None
    after = path.read_bytes()
    assert path.stat().st_ino == inode
    assert after[: len(before)] == before
    assert len(after) - len(before) < 100 * (8 + 4) + 2 * 8 + 64


def test_who_has_the_file_open_sees_nothing_change_and_shows_nobody_what_is_put_in(tmp_path: Path) -> None:
    path = tmp_path / "codes.bin"
    written = begun(path, 3000)
    first, second = open_code_file(path, mapped=True), open_code_file(path, mapped=True)
    assert first is not None and second is not None
    before, content = state(first), path.read_bytes()
    # Into memory only: behind what is there, in a block that is shared.
    first.room.put(3000, np.arange(5001, 5101), np.full((100, 4), 9, np.uint8))
    assert path.read_bytes() == content
    assert not second.room.ids[3000:].any() and not second.room.blocks[2, :, 3000 % 1024 :].any()
    assert appended(path, written, 2, [7], 2000) is not None
    assert state(first) == state(second) == before
    assert first.is_sound() and second.is_sound()
    assert not second.room.ids[3000:].any()
    assert state(open_code_file(path)) != before


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_torn_leaves_what_was_there_before(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "codes.bin"
    written = begun(path, data.draw(st.sampled_from([0, 3, 1500])))
    states, ends, base = [state(read_code_file(path))], [written.end], written.end
    for generation in range(2, 2 + data.draw(st.integers(1, 4))):
        removed = data.draw(st.lists(st.integers(0, max(0, written.count - 1)), max_size=3, unique=True))
        after = appended(
            path, written, generation, removed if written.count else [], data.draw(st.integers(0, 40))
        )
        assert after is not None
        written = after
        states.append(state(read_code_file(path)))
        ends.append(written.end)
    content = bytearray(path.read_bytes())
    assert len(content) == written.end
    at = data.draw(st.integers(base, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "zeros", "flipped", "noise"])):
        case "cut":
            del content[at:]
        case "zeros":
            # A file may have got its length, but not its content, when the power failed.
            content[at:] = bytes(len(content) - at)
        case "flipped":
            content[at] ^= 1 << data.draw(st.integers(0, 7))
        case "noise":
            content[at:] = data.draw(st.binary(max_size=200))
    path.write_bytes(content)
    # All records that end before are there, and perhaps those of which nothing but zeros is missing.
    whole = sum(end <= at for end in ends) - 1
    file = read_code_file(path)
    found = state(file)
    assert found in states[whole:]
    # On top of that the next change is written, over what was torn.
    assert file is not None and file.written is not None
    after = appended(path, file.written, 99, [], 10)
    assert after is not None
    again = state(read_code_file(path))
    assert again[0] == 99 and again[1].startswith(found[1]) and len(again[1]) == len(found[1]) + 80


CHANGING = """
import itertools, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.steps.test_code_file_changes import appended, begun
path = Path({path!r})
written, generation = begun(path, 1500), 1
print(generation, flush=True)
for generation in itertools.count(2):
    after = appended(path, written, generation, [generation % 1500], 700)
    written = begun(path, written.count, generation) if after is None else after
    print(generation, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
@pytest.mark.parametrize("seen", [1, 2, 5, 40])
def test_a_process_killed_while_it_writes_leaves_a_file_that_is_whole(tmp_path: Path, seen: int) -> None:
    path = tmp_path / "codes.bin"
    code = CHANGING.format(root=str(Path(__file__).parents[2]), path=str(path))
    for turn in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        # Killed a little later each time, while it is at the next one.
        told = [int(process.stdout.readline()) for _ in range(seen + turn)]
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
        generation = state(read_code_file(path))[0]
        # What it told of is there, and perhaps what it was about to tell of.
        assert generation in (told[-1], told[-1] + 1)


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited here")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "codes.bin"
    written = begun(path, 1500)
    before = state(read_code_file(path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (0, 1, 33, 40, 500, 1200):
        # The system refuses to write beyond this size, as it would on a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (written.end + room, limits[1]))
        try:
            assert appended(path, written, 2, [1, 2], 100) is None
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.stat().st_size <= written.end + room
        assert state(read_code_file(path)) == before
    assert appended(path, written, 2, [1, 2], 100) is not None
    assert state(read_code_file(path))[0] == 2


def test_nothing_is_appended_to_a_file_that_somebody_else_wrote_since(tmp_path: Path) -> None:
    path = tmp_path / "codes.bin"
    written = begun(path, 100)
    other = read_code_file(path)
    assert other is not None and other.written is not None
    after = appended(path, written, 2, [], 10)
    assert after is not None
    # The other knows nothing of that.
    assert appended(path, other.written, 2, [5], 20) is None
    assert state(read_code_file(path))[0] == 2
    begun(path, 3000)
    assert appended(path, after, 3, [], 10) is None
    assert state(read_code_file(path))[0] == 1
    os.unlink(path)
    assert appended(path, after, 3, [], 10) is None
    assert not path.exists()


def test_a_file_without_room_or_of_many_changes_is_to_be_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_file, "RECORDS", 20)
    path = tmp_path / "codes.bin"
    written = begun(path, 100)
    assert appended(path, written, 2, [], written.capacity - 99) is None
    full = appended(path, written, 2, [], written.capacity - 100)
    assert full is not None and full.count == full.capacity
    assert state(read_code_file(path))[0] == 2
    assert appended(path, full, 3, [], 1) is None
    generation = 2
    while (after := appended(path, full, generation + 1, [], 0)) is not None:
        full, generation = after, generation + 1
    assert full.records == 20
    assert state(read_code_file(path))[0] == generation


@pytest.mark.parametrize("mapped", [False, True])
def test_a_file_without_room_may_still_lose_photos(tmp_path: Path, mapped: bool) -> None:
    path = tmp_path / "codes.bin"
    ids = 1 + np.arange(2000, dtype=np.int64)
    written = write_code_file(path, MODEL, 1, ids, CodeBlocks.from_rows(codes_of(ids)))
    assert written is not None and written.capacity == 2000
    assert appended(path, written, 2, [5, 1999], 0) is not None
    file = read_code_file(path, mapped)
    assert state(file)[0] == 2
    assert file is not None and np.flatnonzero(file.ids == 0).tolist() == [5, 1999]


def test_a_file_being_written_by_another_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "codes.bin"
    written = begun(path, 100)
    holding = f"import filelock, time; lock = filelock.FileLock({str(path) + '.lock'!r}); lock.acquire();"
    other = subprocess.Popen(
        [sys.executable, "-c", holding + "print(1, flush=True); time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"1\n"
    content = path.read_bytes()
    assert appended(path, written, 2, [], 10) is None
    assert path.read_bytes() == content
    other.kill()
    other.communicate()
    assert appended(path, written, 2, [], 10) is not None
