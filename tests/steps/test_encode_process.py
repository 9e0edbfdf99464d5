"""The encoder: the same vectors whatever the batch, in a process of its own that may die."""

import multiprocessing
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
import torch

from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import Encoder
from photosearch.encode.looks import looked
from photosearch.encode.model_file import Preprocessing, make_model, read_model, write_model
from photosearch.encode.network import Network, fold
from photosearch.encode.process import EncoderProcess
from photosearch.errors import EncoderFailed

torch.set_num_threads(1)

SMALL = Architecture(widths=(8, 12), depths=(1, 2), dimension=16)
SIZE = 32


def write_some_model(path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = {name: random.normal(0, 0.2, shape) for name, shape in SMALL.shapes().items()}
    codebooks = random.normal(0, 0.3, (4, 256, SMALL.dimension))
    preprocessing = Preprocessing(SIZE, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))
    write_model(path, make_model("dsq", codebooks, preprocessing, SMALL, weights, 0.9, {}, {}))


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    write_some_model(path, seed=0)
    return path


def pixels(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)


@pytest.fixture(scope="module")
def encoder(file) -> Encoder:
    return Encoder(read_model(file), "cpu")


@pytest.fixture(scope="module")
def running(file):
    with EncoderProcess(file, "cpu") as process:
        process.start()
        yield process


def test_folding_changes_nothing_and_gives_the_tensors_a_model_file_expects():
    torch.manual_seed(0)
    network = Network(SMALL)
    for _ in range(3):
        network(torch.randn(8, 3, SIZE, SIZE))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias)
    folded = fold(network, SMALL)
    photos = torch.randn(5, 3, SIZE, SIZE)
    with torch.inference_mode():
        torch.testing.assert_close(folded(photos), network(photos), atol=1e-5, rtol=1e-4)
    assert {name: tuple(part.shape) for name, part in folded.state_dict().items()} == SMALL.shapes()
    assert Architecture().shapes().keys() == Network(Architecture(), folded=True).state_dict().keys()


def test_vectors_are_of_unit_length_and_the_same_in_any_batch(encoder):
    photos = pixels(70)
    vectors = encoder.vectors(photos)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    single = np.concatenate([encoder.vectors(photos[row : row + 1]) for row in range(70)])
    np.testing.assert_allclose(single, vectors, atol=1e-5)


def test_codes_stand_for_the_vectors(encoder, file):
    vectors, codes = encoder.encode(pixels(10))
    assert codes.dtype == np.uint8
    assert codes.shape == (10, 4)
    codebooks = torch.from_numpy(read_model(file).codebooks)
    sums = additive.decode(torch.from_numpy(codes), codebooks).numpy()
    assert (vectors * sums).sum(1).min() > 0.5
    empty_vectors, empty_codes = encoder.encode(pixels(0))
    assert (empty_vectors.shape, empty_codes.shape) == ((0, 16), (0, 4))


def test_photos_of_another_size_are_our_own_mistake(encoder):
    with pytest.raises(ValueError, match="expected"):
        encoder.vectors(np.zeros((1, SIZE, SIZE + 1, 3), np.uint8))
    with pytest.raises(ValueError, match="expected"):
        encoder.encode(np.zeros((1, SIZE + 4, SIZE + 4, 3), np.uint8))


@pytest.mark.parametrize("device", ["cuda:99", "mps" if sys.platform != "darwin" else "cuda", "toaster"])
def test_a_device_that_is_not_there_is_told(file, device):
    with pytest.raises(EncoderFailed, match=f"no device “{device}”"):
        Encoder(read_model(file), device)


def test_the_process_gives_what_the_encoder_gives(running, encoder):
    photos = pixels(150)
    vectors, codes = running.encode(photos)
    expected_vectors, expected_codes = encoder.encode(photos)
    np.testing.assert_allclose(vectors, expected_vectors, atol=1e-5)
    assert (codes == expected_codes).mean() > 0.99
    np.testing.assert_allclose(
        running.looked(photos[0]), np.concatenate(looked(encoder, photos[:1])), atol=1e-5
    )
    assert "CPU" in running.device


def test_a_search_does_not_wait_for_the_indexing_it_came_after(running):
    done = []

    def index() -> None:
        running.encode(pixels(6000))
        done.append("indexing")

    thread = threading.Thread(target=index)
    thread.start()
    time.sleep(0.05)
    running.looked(pixels(1)[0])
    done.append("search")
    thread.join()
    assert done == ["search", "indexing"]


def test_a_request_that_fails_says_why_and_the_next_one_is_answered(running):
    with pytest.raises(EncoderFailed, match="expected"):
        running.encode(np.zeros((1, 5, 6, 3), np.uint8))
    with pytest.raises(EncoderFailed, match="Encoding failed"):
        running.looked(pixels(1)[0].astype(np.float32))
    assert running.looked(pixels(1)[0]).shape == (2, 16)


def encoders() -> list[multiprocessing.process.BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "encoder"]


def test_a_process_that_is_killed_over_a_request_is_told_once_and_started_again(running):
    running.looked(pixels(1)[0])
    told = []

    def index() -> None:
        with pytest.raises(EncoderFailed, match="ended unexpectedly") as caught:
            running.encode(pixels(6000))
        told.append(str(caught.value))

    (child,) = encoders()
    # On a busy machine it would answer before it is killed, or be killed before it is asked.
    psutil.Process(child.pid).suspend()
    thread = threading.Thread(target=index)
    thread.start()
    wait_until(lambda: running._in_flight)
    child.kill()
    thread.join()
    assert told
    assert running.encode(pixels(1))[1].shape == (1, 4)


def test_a_process_that_was_killed_while_nobody_asked_is_started_again_without_a_word(running):
    running.looked(pixels(1)[0])
    (child,) = encoders()
    child.kill()
    child.join()
    assert running.looked(pixels(1)[0]).shape == (2, 16)


def wait_until(holds, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come so far"
        time.sleep(0.01)


def test_a_process_that_nobody_asks_ends_and_gives_its_memory_back_until_it_is_woken(file):
    before = set(encoders())
    with EncoderProcess(file, "cpu", idle_seconds=0.3) as process:
        process.looked(pixels(1)[0])
        (child,) = set(encoders()) - before
        taken = psutil.Process(child.pid)
        assert taken.memory_info().rss > 50_000_000
        wait_until(lambda: set(encoders()) == before)
        assert not taken.is_running()
        process.start()
        (woken,) = set(encoders()) - before
        assert woken.pid != child.pid
        assert process.looked(pixels(1)[0]).shape == (2, 16)


def test_a_process_that_is_woken_again_and_again_stays(file):
    with EncoderProcess(file, "cpu", idle_seconds=1.0) as process:
        process.looked(pixels(1)[0])
        before = encoders()
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            process.start()
            time.sleep(0.02)
        assert encoders() == before


def test_no_request_is_lost_that_comes_when_the_process_is_about_to_end(tmp_path):
    """Here it always is. Without a model it starts quickly, and what it answers is why it cannot encode."""
    answers, processes = [], set()

    def ask(seed: int) -> None:
        random = np.random.default_rng(seed)
        for _ in range(6):
            with pytest.raises(EncoderFailed) as caught:
                encoder.looked(pixels(1)[0]) if seed % 2 else encoder.encode(pixels(1))
            answers.append(str(caught.value))
            processes.update(child.pid for child in encoders())
            time.sleep(random.uniform(0, 0.05))

    with EncoderProcess(tmp_path / "missing", "cpu", idle_seconds=0.0) as encoder:
        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 18
    assert all("no model file" in answer for answer in answers)
    assert len(processes) > 1


def test_batches_are_encoded_with_half_of_the_cores_when_that_is_wanted_and_queries_with_all(file):
    wanted = [True]
    with EncoderProcess(file, "cpu", gently=lambda: wanted[0]) as process:
        threads = process.device
        assert process._ask("bulk", "device", None) == f"CPU, {max(1, torch_threads(threads) // 2)} threads"
        assert process.device == threads
        wanted[0] = False
        assert process._ask("bulk", "device", None) == threads


def torch_threads(words: str) -> int:
    return int(words.split()[1])


def test_a_model_or_device_that_cannot_be_had_is_told_by_whatever_is_asked(file, tmp_path):
    with EncoderProcess(tmp_path / "missing", "cpu") as process:
        process.start()
        with pytest.raises(EncoderFailed, match="no model file"):
            process.looked(pixels(1)[0])
        with pytest.raises(EncoderFailed, match="no model file"):
            process.encode(pixels(1))


def test_a_process_that_could_not_load_its_model_is_started_again_by_the_next_request(tmp_path):
    path = tmp_path / "model.safetensors"
    before = set(multiprocessing.active_children())
    with EncoderProcess(path, "cpu") as process:
        process.start()
        told = []

        def ask() -> None:
            with pytest.raises(EncoderFailed, match="no model file"):
                process.encode(pixels(1))
            told.append(True)

        thread = threading.Thread(target=ask)
        thread.start()
        with pytest.raises(EncoderFailed, match="no model file"):
            process.looked(pixels(1)[0])
        thread.join()
        assert told
        write_some_model(path, seed=0)
        assert process.looked(pixels(1)[0]).shape == (2, 16)
        # Of those that failed none is left.
        deadline = time.monotonic() + 60
        while len(set(multiprocessing.active_children()) - before) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(set(multiprocessing.active_children()) - before) == 1


def test_a_model_file_that_was_replaced_since_the_program_started_makes_no_codes(tmp_path):
    path = tmp_path / "model.safetensors"
    write_some_model(path, seed=0)
    identity = read_model(path).spec.identity
    with EncoderProcess(path, "cpu", identity) as process:
        assert process.encode(pixels(1))[1].shape == (1, 4)
    with EncoderProcess(path, "cpu", identity) as process:
        write_some_model(path, seed=1)
        with pytest.raises(EncoderFailed, match="was replaced; start PhotoSearch again"):
            process.encode(pixels(1))
        with pytest.raises(EncoderFailed, match="was replaced; start PhotoSearch again"):
            process.looked(pixels(1)[0])


def test_after_closing_nothing_is_encoded(file):
    process = EncoderProcess(file, "cpu")
    process.close()
    process.close()
    with pytest.raises(EncoderFailed, match="was ended"):
        process.encode(pixels(1))


PARENT = """
import sys, time
from pathlib import Path
import numpy as np
from photosearch.encode.process import EncoderProcess

if __name__ == "__main__":
    encoder = EncoderProcess(Path(sys.argv[1]), "cpu")
    encoder.start()
    encoder.looked(np.zeros((32, 32, 3), np.uint8))
    try:
        print("ready", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        encoder.looked(np.zeros((32, 32, 3), np.uint8))
        print("still there", flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_the_process_outlives_ctrl_c_without_a_word_and_dies_with_a_parent_that_is_killed(file, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, script, file],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        assert parent.stdout.readline() == "ready\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        # As a terminal does: to all of its processes.
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.stdout.readline() == "still there\n"
        parent.kill()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive
        assert parent.stderr.read() == ""
    finally:
        parent.kill()
        parent.communicate()
