"""Whatever one file does to a decoder, the others come out and the next one is served."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from photosearch.decode import DecodePool, Worker
from photosearch.errors import DriveFailed, DriveSilent, PhotoSearchError, PhotoUnreadable
from photosearch.records import Box, Decoded

SIZE = 32


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Twelve photos, each of its own brightness."""
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number:02}.png")
        Image.new("RGB", (40, 30), (number * 20,) * 3).save(paths[-1])
    return paths


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that takes a moment to decode, and 250 megabytes."""
    path = tmp_path_factory.mktemp("slow") / "slow.png"
    Image.new("P", (8_000, 6_000)).save(path, compress_level=1)
    return path


@pytest.fixture(scope="module")
def pool():
    with DecodePool(2, SIZE) as pool:
        yield pool


@pytest.fixture
def workers():
    """Lists the worker processes that were started since the test began."""

    def running() -> set[psutil.Process]:
        found = set()
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    found.add(child)
        return found

    before = running()
    return lambda: list(running() - before)


def wait_until(holds, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def brightness(decoded: Decoded | PhotoUnreadable) -> int:
    assert isinstance(decoded, Decoded)
    assert decoded.pixels.shape == (SIZE, SIZE, 3)
    return int(decoded.pixels.mean())


def test_every_photo_comes_out_once_under_its_own_key(pool, photos):
    results = dict(pool.decode_many(enumerate(photos)))
    assert {key: brightness(decoded) for key, decoded in results.items()} == {n: n * 20 for n in range(12)}


def test_a_bad_file_comes_out_as_its_reason_among_the_good_ones(pool, photos, tmp_path):
    (tmp_path / "empty.jpg").touch()
    paths = [*photos[:3], tmp_path / "empty.jpg", tmp_path / "missing.jpg", *photos[3:]]
    results = dict(pool.decode_many((path.name, path) for path in paths))
    reasons = {name: str(result) for name, result in results.items() if isinstance(result, PhotoUnreadable)}
    assert reasons == {"empty.jpg": "The file is empty.", "missing.jpg": "The file is no longer there."}
    assert len(results) == 14


def test_photos_are_asked_for_only_a_few_ahead_and_the_rest_can_be_given_up(pool, photos):
    asked = []

    def endless():
        while True:
            asked.append(1)
            yield len(asked), photos[len(asked) % 12]

    results = pool.decode_many(endless())
    next(results)
    assert len(asked) <= 20
    results.close()
    assert len(dict(pool.decode_many(enumerate(photos)))) == 12


def test_two_runs_share_the_workers(pool, photos):
    first, second = pool.decode_many(enumerate(photos)), pool.decode_many(enumerate(photos))
    assert len(list(zip(first, second, strict=True))) == 12


def test_a_file_that_takes_too_long_is_given_up_and_the_others_go_on(photos, slow, workers):
    with DecodePool(1, SIZE, seconds=2.5) as pool:
        results = pool.decode_many((path.name, path) for path in [photos[0], slow, *photos[1:]])
        next(results)
        (worker,) = workers()
        wait_until(lambda: worker.memory_info().rss > 100_000_000)
        worker.suspend()
        rest = dict(results)
        assert str(rest.pop(slow.name)) == "Decoding took longer than 2.5 seconds."
        assert [type(result) for result in rest.values()] == [Decoded] * 11


@pytest.mark.skipif(sys.platform != "linux", reason="a processor can be chosen for a process there")
def test_a_file_is_not_given_up_because_the_machine_is_busy(photos, tmp_path, workers):
    Image.new("P", (5_000, 4_000)).save(tmp_path / "large.png", compress_level=1)
    with DecodePool(1, SIZE, seconds=0.5) as pool:
        results = pool.decode_many(enumerate([photos[0], tmp_path / "large.png"]))
        next(results)
        (worker,) = workers()
        (processor, *_) = os.sched_getaffinity(0)
        worker.cpu_affinity([processor])
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
            os.sched_setaffinity(busy.pid, [processor])
            ((_, result),) = results
            busy.kill()
        assert isinstance(result, Decoded)


@contextlib.contextmanager
def a_drive_that_sleeps(path: Path):
    """Nobody gets a file open until this ends: it is what file servers ask of Linux."""
    import fcntl

    # The system says so when somebody tries.
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    file = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            pytest.skip("no leases on this file system")
        yield
    finally:
        os.close(file)
        signal.signal(signal.SIGIO, before)


@pytest.mark.skipif(sys.platform != "linux", reason="a file can be held closed there")
def test_a_file_is_not_given_up_because_the_drive_is_asleep(photos):
    with DecodePool(1, SIZE, seconds=0.5) as pool:
        results = pool.decode_many(enumerate(photos[:2]))
        with a_drive_that_sleeps(photos[1]):
            assert next(results)[0] == 0
            time.sleep(2)
        ((_, result),) = results
        assert brightness(result) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="a file can be held closed there")
def test_a_drive_that_does_not_answer_is_told_from_a_file_that_takes_too_long(photos):
    with DecodePool(1, SIZE, seconds=2) as pool:
        brightness(pool.decode_one(photos[0]))
        with a_drive_that_sleeps(photos[1]), pytest.raises(DriveSilent, match="drive did not answer"):
            pool.decode_one(photos[1])
        assert brightness(pool.decode_one(photos[1])) == 20


def work_and_read(path: Path) -> bytes:
    """Takes a twentieth of a second of the processor's time before it asks the drive."""
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    return path.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="a file can be held closed there")
def test_a_drive_that_does_not_answer_is_known_on_a_machine_that_stood_still(photos):
    asked = []

    def wanted() -> bool:
        asked.append(1)
        # The first time comes before the worker's work, the second after it.
        if len(asked) == 2:
            time.sleep(2)
        return True

    worker = Worker(1500, False, 0.5, 3)
    try:
        assert worker.ask(work_and_read, photos[0]) == photos[0].read_bytes()
        with a_drive_that_sleeps(photos[1]), pytest.raises(DriveSilent):
            worker.ask(work_and_read, photos[1], wanted=wanted)
    finally:
        worker.close()


@pytest.mark.skipif(sys.platform != "linux", reason="a file that cannot be read lies there")
def test_a_drive_that_fails_is_told_from_a_file_that_is_broken(photos, tmp_path):
    failing, broken = tmp_path / "failing.jpg", tmp_path / "broken.jpg"
    # To read the memory at address 0 is an I/O error.
    failing.symlink_to("/proc/self/mem")
    broken.write_bytes(b"no picture")
    with DecodePool(1, SIZE) as pool:
        with pytest.raises(DriveFailed, match="Input/output error"):
            pool.decode_one(failing)
        with pytest.raises(PhotoUnreadable) as raised:
            pool.decode_one(broken)
        assert not isinstance(raised.value, DriveFailed)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_file_that_takes_too_much_memory_is_given_up(photos, slow):
    with DecodePool(1, SIZE, memory_megabytes=100) as pool:
        with pytest.raises(PhotoUnreadable, match="more memory"):
            pool.decode_one(slow)
        assert brightness(pool.decode_one(photos[3])) == 60


def test_what_decoders_say_of_a_damaged_file_does_not_reach_the_terminal(tmp_path, capfd):
    stripes = Image.effect_noise((64, 64), 50).convert("1")
    stripes.save(tmp_path / "fax.tif", compression="group4")
    damaged = bytearray((tmp_path / "fax.tif").read_bytes())
    damaged[50:60] = b"\xff" * 10
    (tmp_path / "fax.tif").write_bytes(damaged)
    with DecodePool(1, SIZE) as pool, contextlib.suppress(PhotoUnreadable):
        pool.decode_one(tmp_path / "fax.tif")
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_worker_killed_by_somebody_else_costs_no_photo(photos, slow, workers):
    with DecodePool(1, SIZE) as pool:
        results = pool.decode_many((path.name, path) for path in [photos[0], slow, *photos[1:]])
        next(results)
        (worker,) = workers()
        wait_until(lambda: worker.memory_info().rss > 100_000_000)
        worker.send_signal(signal.SIGKILL)
        assert all(isinstance(result, Decoded) for _, result in results)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_file_over_which_the_decoder_dies_twice_is_refused(photos, slow, workers):
    with DecodePool(1, SIZE) as pool:
        brightness(pool.decode_one(photos[0]))
        answers = []

        def ask():
            try:
                answers.append(pool.decode_one(slow))
            except PhotoUnreadable as error:
                answers.append(str(error))

        asking = threading.Thread(target=ask)
        asking.start()
        for _ in range(2):
            wait_until(lambda: any(worker.memory_info().rss > 100_000_000 for worker in workers()))
            (worker,) = workers()
            worker.send_signal(signal.SIGKILL)
            wait_until(lambda worker=worker: worker not in workers())
        asking.join()
        assert answers == ["The decoder crashed on this file."]
        assert brightness(pool.decode_one(photos[1])) == 20


def test_one_photo_is_decoded_while_many_are_still_waiting(photos, slow):
    with DecodePool(1, SIZE) as pool:
        pool.decode_one(photos[0])
        enough = threading.Event()

        def decode_many():
            for _ in pool.decode_many(enumerate([slow] * 8)):
                if enough.is_set():
                    break

        many = threading.Thread(target=decode_many)
        many.start()
        assert brightness(pool.decode_one(photos[2].read_bytes(), Box(0, 0, 0.5, 0.5))) == 40
        assert many.is_alive()
        enough.set()
        many.join()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_query_does_not_wait_for_thumbnails(photos, slow, workers):
    with DecodePool(1, SIZE) as pool:
        made = []
        asking = threading.Thread(target=lambda: made.append(pool.thumbnail(slow)))
        asking.start()
        wait_until(lambda: any(worker.memory_info().rss > 100_000_000 for worker in workers()))
        (worker,) = workers()
        worker.suspend()
        assert brightness(pool.decode_one(photos[2])) == 40
        assert made == []
        worker.resume()
        asking.join()
        assert Image.open(io.BytesIO(made[0])).format == "JPEG"


def test_any_thread_may_ask(pool, photos):
    seen = []
    threads = [
        threading.Thread(target=lambda path=path: seen.append(brightness(pool.decode_one(path))))
        for path in photos
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [n * 20 for n in range(12)]


def test_workers_end_with_the_pool_even_if_one_hangs(photos, slow, workers):
    pool = DecodePool(1, SIZE)
    pool.decode_one(photos[0])
    results = pool.decode_many(enumerate([photos[0], slow]))
    next(results)
    for worker in workers():
        worker.suspend()
    pool.close()
    assert workers() == []
    with pytest.raises(PhotoSearchError):
        pool.decode_one(photos[0])
    results.close()


PARENT = """
import sys
from pathlib import Path
from photosearch.decode import DecodePool

if __name__ == "__main__":
    pool = DecodePool(1, 32)
    results = pool.decode_many([(0, Path(sys.argv[1])), (1, Path(sys.argv[2]))])
    next(results)
    print("decoding", flush=True)
    list(results)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_workers_ignore_ctrl_c_and_die_with_a_parent_that_is_killed(photos, slow, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, script, photos[0], slow]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout.readline() == b"decoding\n"
        children = psutil.Process(parent.pid).children()
        (worker,) = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        worker.send_signal(signal.SIGINT)
        time.sleep(0.1)
        assert worker.is_running()
        parent.kill()
    assert psutil.wait_procs(children, timeout=5)[1] == []


STARTING = """
import signal, sys
from pathlib import Path
from photosearch.decode import DecodePool

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)
    print("ready", flush=True)
    with DecodePool(1, 32) as pool:
        pool.decode_one(Path(sys.argv[1]))
        pool.thumbnail(Path(sys.argv[1]))
    print("done", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_workers_that_are_only_starting_pass_over_ctrl_c_without_a_word(photos, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(STARTING)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, script, photos[0]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    assert parent.stdout.readline() == b"ready\n"
    while parent.poll() is None:
        # As a terminal does: to all of its processes.
        os.killpg(parent.pid, signal.SIGINT)
        time.sleep(0.02)
    output, complaints = parent.communicate()
    assert (output, complaints) == (b"done\n", b"")


def test_a_worker_knows_neither_torch_nor_qt_nor_sql():
    check = "import photosearch.decode, sys; print(*({'torch', 'PySide6', 'sqlite3'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.split() == []


def test_pixels_come_through_the_pipe_unchanged(pool, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    assert np.array_equal(pool.decode_one(tmp_path / "noise.png").pixels, noise)


def test_pages_are_counted_by_what_a_file_is_whatever_it_is_called(tmp_path):
    first, *later = (Image.new("RGB", (60, 40), (number, 90, 9)) for number in range(3))
    first.save(tmp_path / "scan.jpg", "TIFF", save_all=True, append_images=later)
    first.save(tmp_path / "photo.tif", "JPEG")
    with DecodePool(1, SIZE) as pool:
        assert pool.pages(tmp_path / "scan.jpg") == 3
        assert pool.pages(tmp_path / "photo.tif") == 1
        with pytest.raises(PhotoUnreadable):
            pool.pages(tmp_path / "none.jpg")
