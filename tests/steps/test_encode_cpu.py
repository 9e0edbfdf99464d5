"""ONNX Runtime encodes as torch does, from the same model file, and needs no torch for it."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from photosearch.encode import binary
from photosearch.encode.architecture import Architecture
from photosearch.encode.coding import Codec
from photosearch.encode.cpu_encoder import CpuEncoder
from photosearch.encode.devices import make_encoder
from photosearch.encode.encoder import Encoder, codec
from photosearch.encode.model_file import Preprocessing, bundled_model_path, make_model, read_model
from photosearch.errors import EncoderFailed
from tests.pictures import KINDS, draw

torch.set_num_threads(1)

NETWORKS = {
    "as bundled, but small": Architecture(widths=(8, 12, 20), depths=(1, 2, 1), dimension=16),
    "from full resolution": Architecture(widths=(8, 12), depths=(2, 1), dimension=16, stem=1),
    "two streams": Architecture(widths=(8, 12), depths=(1, 1), dimension=16, stem=2, streams=2),
    "squashed": Architecture(widths=(8, 12), depths=(1, 1), dimension=16, stem=2, squashed=True),
    "not on a sphere": Architecture(widths=(8, 12), depths=(1, 1), dimension=16, stem=2, spherical=False),
    "with colours": Architecture((8, 12), (1, 1), 18, 2, streams=2, colours=4, colours_share=0.2),
    "pooled": Architecture(widths=(8, 12), depths=(1, 1), dimension=16, stem=2, pooled=True),
}


def some_model(architecture: Architecture, size: int, method: str = "dsq"):
    random = np.random.default_rng(size)
    weights = {name: random.normal(0, 0.2, shape) for name, shape in architecture.shapes().items()}
    codebooks = random.normal(0, 0.3, (4, 256, architecture.dimension)) if method == "dsq" else None
    preprocessing = Preprocessing(size, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))
    return make_model(method, codebooks, preprocessing, architecture, weights, 0.9, {}, {})


def noise(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


# Sides that halve evenly, and sides that leave a row over at each halving.
@pytest.mark.parametrize("size", [32, 37])
@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=NETWORKS)
def test_the_vectors_are_those_of_torch(architecture, size):
    model, photos = some_model(architecture, size), noise(70, size)
    vectors = CpuEncoder(model).vectors(photos)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, Encoder(model, "cpu").vectors(photos), atol=1e-5)


@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=NETWORKS)
def test_photos_of_several_sizes_are_encoded_by_turns(architecture):
    model, photos = some_model(architecture, 32), noise(3, 32)
    encoder, torchs = CpuEncoder(model), Encoder(model, "cpu")
    for size in (32, 20, 32, 19):
        seen = np.ascontiguousarray(photos[:, :size, :size])
        np.testing.assert_allclose(encoder.vectors(seen), torchs.vectors(seen), atol=1e-5)


def test_the_bundled_model_gives_photos_the_codes_it_gives_them_with_torch():
    model = read_model(bundled_model_path())
    side = (model.preprocessing.size, model.preprocessing.size)
    photos = np.stack(
        [np.asarray(draw(kind, seed, (120, 90)).resize(side)) for kind in KINDS for seed in (1, 2)]
    )
    vectors, codes = CpuEncoder(model).encode(photos)
    torch_vectors, torch_codes = Encoder(model, "cpu").encode(photos)
    np.testing.assert_allclose(vectors, torch_vectors, atol=1e-5)
    # Where two codes are equally good, rounding decides.
    assert (codes == torch_codes).all(1).mean() > 0.9


@pytest.mark.parametrize(("norm_penalty", "coarse", "uneven"), [(0.0, 0, 0), (1.0, 0, 0), (1.0, 2, 3.0)])
@pytest.mark.parametrize(("books", "words", "dimension"), [(3, 256, 8), (6, 256, 24), (16, 256, 128)])
def test_codes_are_as_good_as_those_that_training_makes(
    books, words, dimension, norm_penalty, coarse, uneven
):
    random = np.random.default_rng(books)
    vectors = random.normal(size=(300, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    architecture = Architecture(widths=(8,), depths=(1,), dimension=dimension)
    weights = {name: np.zeros(shape) for name, shape in architecture.shapes().items()}
    codebooks = random.normal(0, dimension**-0.5, (books, words, dimension))
    preprocessing = Preprocessing(32, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))
    moment = np.diag(1 + uneven * np.arange(dimension)) if uneven else None
    settings = (norm_penalty, moment, coarse)
    model = make_model("dsq", codebooks, preprocessing, architecture, weights, 0.9, {}, {}, *settings)
    wanted = vectors
    if moment is not None:
        wanted = vectors * ((vectors @ moment * vectors).sum(1, keepdims=True) ** -0.125)
        assert wanted.std() < vectors.std()
    ours = Codec(model).codes(vectors)
    theirs = codec(model, torch.device("cpu"))(torch.from_numpy(vectors)).numpy()
    assert (ours == theirs).all(1).mean() > 0.95

    def cost(codes):
        sums = model.codebooks[np.arange(books), codes].sum(1)
        lengths = np.square(np.square(sums).sum(1) - np.square(wanted).sum(1))
        return np.square(wanted - sums).sum(1).mean() + norm_penalty * lengths.mean()

    assert cost(ours) == pytest.approx(cost(theirs), rel=1e-3)


def test_binary_codes_are_the_same_signs():
    model = some_model(NETWORKS["two streams"], 32, method="sdsh")
    vectors, codes = CpuEncoder(model).encode(noise(40, 32))
    np.testing.assert_array_equal(codes, binary.encode(torch.from_numpy(vectors)).numpy())
    assert codes.shape == (40, 2)


def test_none_and_wrong_photos_are_answered_as_torch_answers_them():
    encoder = CpuEncoder(some_model(NETWORKS["squashed"], 32))
    vectors, codes = encoder.encode(noise(0, 32))
    assert (vectors.shape, codes.shape, codes.dtype) == ((0, 16), (0, 4), np.uint8)
    with pytest.raises(ValueError, match="expected"):
        encoder.vectors(noise(1, 32)[:, :31])
    with pytest.raises(ValueError, match="expected"):
        encoder.encode(noise(1, 31))


def test_held_back_it_takes_half_of_the_cores_and_gives_the_same_vectors():
    encoder, photos = CpuEncoder(some_model(NETWORKS["squashed"], 32)), noise(9, 32)
    threads, vectors = threads_of(encoder), encoder.vectors(photos)
    encoder.hold_back(True)
    assert threads_of(encoder) == max(1, threads // 2)
    np.testing.assert_allclose(encoder.vectors(photos), vectors, atol=1e-6)
    encoder.hold_back(False)
    assert threads_of(encoder) == threads


def threads_of(encoder: CpuEncoder) -> int:
    return int(encoder.device.removeprefix("CPU, ").removesuffix(" threads"))


ENCODE = """
import sys
{prepare}
import numpy as np
from photosearch.encode.devices import make_encoder
from photosearch.encode.model_file import bundled_model_path, read_model

model = read_model(bundled_model_path())
encoder = make_encoder(model, {device!r})
size = model.preprocessing.size
assert encoder.encode(np.zeros((2, size, size, 3), np.uint8))[1].shape == (2, 16)
print(encoder.device, "with torch" if sys.modules.get("torch") else "without torch")
"""


@pytest.mark.parametrize(
    ("prepare", "device"), [("", "cpu"), ("sys.modules['torch'] = None  # not installed", "auto")]
)
def test_a_processor_encodes_without_torch(prepare, device):
    code = ENCODE.format(prepare=prepare, device=device)
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.startswith("CPU, ") and answer.endswith("threads without torch\n")


def test_a_gpu_without_torch_is_told_to_need_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EncoderFailed, match="“cuda” needs torch"):
        make_encoder(some_model(NETWORKS["squashed"], 32), "cuda")


def test_a_device_that_is_not_there_is_told_with_torch_too():
    with pytest.raises(EncoderFailed, match="no device “toaster”"):
        make_encoder(some_model(NETWORKS["squashed"], 32), "toaster")
