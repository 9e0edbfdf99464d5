"""What the catalogue was told is there after every crash, for every thread and process."""

import random
import shutil
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from photosearch.errors import GivenUp, LibraryBusy, LibraryDamaged, LibraryUnusable
from photosearch.store import Catalogue
from tests.steps.catalogues import MODEL, PHOTOS, encoded, file, run_in_another_process, start_process


def test_what_fails_inside_a_transaction_leaves_nothing(catalogue: Catalogue, root: int) -> None:
    def fail_half_way() -> None:
        with catalogue.transaction():
            catalogue.files.add(root, "", [file("a")])
            catalogue.roots.add(PHOTOS.parent / "other", "")
            assert len(catalogue.roots.all()) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert catalogue.files.known_in(root, "") == {}
    assert [each.id for each in catalogue.roots.all()] == [root]


def test_only_one_updates_a_library_at_a_time(catalogue: Catalogue, tmp_path: Path) -> None:
    other = Catalogue(tmp_path / "catalogue.sqlite")
    with catalogue.writing():
        for contender in (catalogue, other):
            with pytest.raises(LibraryBusy, match="Another PhotoSearch is updating"), contender.writing():
                pass
        said = run_in_another_process("with catalogue.writing(): print('mine')", tmp_path)
        assert "LibraryBusy: Another PhotoSearch is updating" in said
    assert run_in_another_process("with catalogue.writing(): print('mine')", tmp_path) == "mine"
    with other.writing():
        pass
    other.close()


def test_an_update_may_be_ended_by_another_thread(catalogue: Catalogue) -> None:
    def update() -> Generator[None]:
        with catalogue.writing():
            yield

    updating = update()
    next(updating)
    thread = threading.Thread(target=updating.close)
    thread.start()
    thread.join()
    with catalogue.writing():
        pass


def test_small_edits_do_not_wait_for_an_update(catalogue: Catalogue, tmp_path: Path) -> None:
    with catalogue.writing():
        edit = "catalogue.roots.add(Path('new').absolute(), ''); catalogue.failures.retry(); print('done')"
        assert run_in_another_process(edit, tmp_path) == "done"
    assert [root.path.name for root in catalogue.roots.all()] == ["new"]


def test_the_lock_of_a_killed_process_is_free(catalogue: Catalogue, tmp_path: Path) -> None:
    holder = start_process("with catalogue.writing(): print('held', flush=True); time.sleep(60)", tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy), catalogue.writing():
        pass
    holder.kill()
    holder.communicate()
    with catalogue.writing():
        pass


def test_a_catalogue_that_was_damaged_while_an_update_was_cut_off_is_not_written_to(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    root = catalogue.roots.add(PHOTOS, "").id
    add = "catalogue.files.add(1, '', [FoundFile(f'{n}', 1, 1) for n in range(2000)])"
    holder = start_process(f"with catalogue.writing(): {add}; print(1, flush=True); time.sleep(60)", tmp_path)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    path = tmp_path / "catalogue.sqlite"
    # Sound: looked through, and written to as ever. Then the mark is gone.
    with catalogue.writing():
        catalogue.files.add(root, "", [file("one more")])
    with catalogue.writing():
        pass
    catalogue.close()
    assert not path.with_name(path.name + ".unfinished").exists()

    sound = path.read_bytes()
    content = bytearray(sound)
    content[8 * 4096 : 9 * 4096] = bytes(4096)
    path.write_bytes(content)
    path.with_name(path.name + ".unfinished").touch()
    for _ in range(2):
        damaged = Catalogue(path)
        with pytest.raises(LibraryDamaged, match=r"was cut off.* is damaged.* --repair"), damaged.writing():
            pass
        damaged.close()
    path.write_bytes(sound)
    mended = Catalogue(path)
    with mended.writing():
        assert len(mended.files.known_in(root, "")) == 2001
    mended.close()


def test_a_reader_sees_changes_of_another_thread_and_is_told_of_them(catalogue: Catalogue, root: int) -> None:
    catalogue.changed_elsewhere()
    catalogue.files.add(root, "", [file("mine")])
    assert not catalogue.changed_elsewhere()
    assert [each.photos for each in catalogue.roots.all()] == [1]
    thread = threading.Thread(target=catalogue.files.add, args=(root, "", [file("theirs")]))
    thread.start()
    thread.join()
    assert catalogue.changed_elsewhere()
    assert not catalogue.changed_elsewhere()
    assert set(catalogue.files.known_in(root, "")) == {"mine", "theirs"}
    assert [each.photos for each in catalogue.roots.all()] == [2]


def test_readers_in_many_threads_see_whole_batches_while_one_writes(catalogue: Catalogue, root: int) -> None:
    batch, done = 50, threading.Event()

    def read() -> None:
        while not done.is_set():
            ids, rows = catalogue.codes.all(MODEL.identity)
            assert len(ids) == len(rows)
            assert len(ids) % batch == 0
            counts = catalogue.photos.counts(MODEL.identity)
            assert counts.encoded % batch == 0
            assert counts.photos == counts.encoded + counts.waiting

    with ThreadPoolExecutor(4) as readers:
        reading = [readers.submit(read) for _ in range(4)]
        try:
            with catalogue.writing():
                for number in range(20):
                    files = [file(f"{name}") for name in range(batch)]
                    photos = catalogue.files.add(root, f"{number}", files)
                    catalogue.codes.record(MODEL, [encoded(photo) for photo in photos], [])
        finally:
            done.set()
        for reader in reading:
            reader.result()


def test_many_processes_may_open_a_new_library_at_once(tmp_path: Path) -> None:
    edit = "catalogue.roots.add(Path(f'{os.getpid()}').absolute(), ''); print('done')"
    processes = [start_process(edit, tmp_path) for _ in range(4)]
    said = [process.communicate() for process in processes]
    assert [out for out, _ in said] == ["done\n"] * 4, said
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    assert len(catalogue.roots.all()) == 4
    catalogue.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_at_any_moment_loses_at_most_the_batch_in_flight(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "catalogue.sqlite"
    writer = start_process(WRITING_BATCHES, tmp_path)
    assert writer.stdout is not None
    said = [writer.stdout.readline()]
    time.sleep(random.Random(seed).uniform(0, 0.25))
    writer.kill()
    said += writer.stdout.readlines()
    writer.communicate()
    committed = len([line for line in said if line.endswith("\n")])

    catalogue = Catalogue(path)
    with catalogue.writing():
        assert catalogue.check() == []
        ids, rows = catalogue.codes.all(MODEL.identity)
        counts = catalogue.photos.counts(MODEL.identity)
        assert len(ids) in (10 * committed, 10 * (committed + 1))
        assert counts.encoded == len(ids)
        assert counts.photos == counts.encoded + counts.waiting
        # Each batch whole, each photo once, each with its own code.
        numbers = [int(photo.path.stem) for photo in catalogue.photos.by_id(ids)]
        assert numbers == list(range(len(ids)))
        assert rows.view("<u4").ravel().tolist() == numbers
    catalogue.close()


WRITING_BATCHES = """
root = catalogue.roots.add(Path("photos").absolute(), "volume").id
with catalogue.writing():
    for batch in range(100_000):
        files = [FoundFile(f"{number}.jpg", 1, 1) for number in range(10 * batch, 10 * batch + 10)]
        photos = catalogue.files.add(root, "", files)
        encoded = [
            EncodedPhoto(photo.id, 1, 1, b"", Details(1, 1), int(photo.name[:-4]).to_bytes(4, "little"))
            for photo in photos
        ]
        catalogue.codes.record(CodeSpec("0123456789abcdef", "dsq", "additive", 4, 8), encoded, [])
        print(batch, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no open file is removed there")
def test_a_catalogue_that_is_removed_while_it_is_updated_is_no_success(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "home" / "catalogue.sqlite")
    with pytest.raises(LibraryUnusable, match=r"cannot be opened.*\.$"), catalogue.writing():
        shutil.rmtree(tmp_path / "home")
    catalogue.close()


def test_closing_gives_up_what_another_thread_still_reads(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    reading, ended = threading.Event(), []

    def read() -> None:
        try:
            with catalogue.reading() as db:
                reading.set()
                db.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
                ).fetchone()
        except GivenUp as error:
            ended.append(str(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert reading.wait(30)
    catalogue.close()
    thread.join(30)
    assert ended == ["The library was closed."]
    with pytest.raises(GivenUp):
        catalogue.codes.generation()


def test_a_closed_catalogue_says_so_to_each_thread(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    catalogue.close()
    told = []

    def ask() -> None:
        try:
            catalogue.roots.all()
        except GivenUp as error:
            told.append(str(error))

    ask()
    # This one has no connection yet.
    other = threading.Thread(target=ask)
    other.start()
    other.join(30)
    assert told == ["The library was closed."] * 2
