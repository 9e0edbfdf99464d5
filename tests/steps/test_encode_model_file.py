"""A model file is read whole and right, or refused with one sentence."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from photosearch.encode.architecture import Architecture
from photosearch.encode.model_file import (
    Model,
    Preprocessing,
    bundled_model_path,
    make_model,
    read_model,
    write_model,
)
from photosearch.errors import ModelUnusable

SMALL = Architecture(widths=(8, 12), depths=(1, 1), dimension=16)
PREPROCESSING = Preprocessing(32, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))


def small_model(seed: int = 0, bytes: int = 3) -> Model:
    random = np.random.default_rng(seed)
    weights = {name: random.normal(0, 0.2, shape) for name, shape in SMALL.shapes().items()}
    codebooks = random.normal(0, 0.3, (bytes, 256, SMALL.dimension))
    return make_model("dsq", codebooks, PREPROCESSING, SMALL, weights, 0.9, {"photos": 7}, {"figure": 0.5})


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "model.safetensors"
    write_model(path, small_model())
    return path


def rewritten(file: Path, described=lambda all: all, tensors=lambda all: all) -> Path:
    """The same file with its description or its tensors changed behind the back of `write_model`."""
    with file.open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    description = described(json.loads(header["__metadata__"]["photosearch"]))
    changed = {name: np.ascontiguousarray(part) for name, part in tensors(load_file(file)).items()}
    save_file(changed, file, {"photosearch": json.dumps(description)})
    return file


def test_how_codes_are_made_belongs_to_the_identity_and_is_kept(tmp_path):
    plain, path = small_model(), tmp_path / "steady.safetensors"
    steady = make_model(
        "dsq", plain.codebooks, PREPROCESSING, SMALL, plain.weights, 0.9, {}, {}, norm_penalty=1.0
    )
    assert steady.spec.identity != plain.spec.identity
    write_model(path, steady)
    assert (read_model(path).spec, read_model(path).norm_penalty) == (steady.spec, 1.0)
    with pytest.raises(ModelUnusable, match="do not match its identity"):
        read_model(rewritten(path, lambda described: {**described, "norm_penalty": 2.0}))


def test_what_codes_are_evened_by_and_their_coarse_part_belong_to_the_identity_and_are_kept(tmp_path):
    plain, path, moment = small_model(), tmp_path / "evened.safetensors", np.eye(16)
    given = ("dsq", plain.codebooks, PREPROCESSING, SMALL, plain.weights, 0.9, {}, {}, 1.0)
    models = [make_model(*given), make_model(*given, moment), make_model(*given, None, 1)]
    both = make_model(*given, moment, 2)
    assert len({model.spec.identity for model in (*models, both)}) == 4
    write_model(path, both)
    found = read_model(path)
    assert (found.spec, found.coarse) == (both.spec, 2)
    np.testing.assert_array_equal(found.second_moment, moment)
    assert read_model_again(path, models[0]).second_moment is None
    write_model(path, both)
    with pytest.raises(ModelUnusable, match="do not match its identity"):
        read_model(rewritten(path, lambda described: {**described, "coarse": 1}))
    with pytest.raises(ModelUnusable, match="does not know"):
        read_model(rewritten(path, lambda described: {**described, "coarse": 3}))
    write_model(path, both)
    cut = lambda tensors: {**tensors, "second_moment": tensors["second_moment"][:8]}  # noqa: E731
    with pytest.raises(ModelUnusable, match="second_moment has the wrong shape"):
        read_model(rewritten(path, tensors=cut))


def read_model_again(path: Path, model: Model) -> Model:
    write_model(path, model)
    return read_model(path)


def test_a_model_comes_back_as_it_was_written(file):
    written, found = small_model(), read_model(file)
    assert found.spec == written.spec
    assert found.spec.bytes == 3
    assert found.spec.dimension == 16
    assert (found.preprocessing, found.same_shot) == (written.preprocessing, 0.9)
    assert (found.network, found.provenance, found.measured) == (
        written.network,
        {"photos": 7},
        {"figure": 0.5},
    )
    np.testing.assert_array_equal(found.codebooks, written.codebooks)
    assert found.codebooks.dtype == np.float32
    assert found.weights.keys() == written.weights.keys()
    for name, part in found.weights.items():
        np.testing.assert_array_equal(part, written.weights[name])


def test_what_is_said_about_a_model_does_not_change_its_identity_but_its_numbers_do(tmp_path):
    model = small_model()
    write_model(tmp_path / "told", replace(model, measured={"figure": 0.7}, same_shot=0.8, crowding=0.6))
    told = read_model(tmp_path / "told")
    assert (told.spec.identity, told.same_shot, told.crowding) == (model.spec.identity, 0.8, 0.6)
    assert small_model(seed=1).spec.identity != model.spec.identity
    assert small_model(bytes=4).spec.identity != model.spec.identity


def test_writing_replaces_a_model_and_leaves_nothing_else(file):
    write_model(file, small_model(seed=1))
    assert read_model(file).spec == small_model(seed=1).spec
    assert list(file.parent.iterdir()) == [file]


def test_a_model_is_not_written_where_there_is_no_folder(tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be written"):
        write_model(tmp_path / "nowhere" / "model.safetensors", small_model())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"nothing of the kind, but long enough", "not a model file"),
        (pickle.dumps({"weights": [1.0]}), "not a model file"),
        (b"PK\x03\x04" + bytes(100), "not a model file"),
        ((1 << 60).to_bytes(8, "little") + b"{}", "not a model file"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, content, words):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelUnusable, match=words):
        read_model(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ModelUnusable, match="no model file"):
        read_model(tmp_path / "missing")
    with pytest.raises(ModelUnusable, match="not a model file"):
        read_model(tmp_path)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.5, 0.999])
def test_a_truncated_model_is_refused(file, share):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelUnusable):
        read_model(file)


def test_a_model_with_a_flipped_bit_is_refused(file):
    content = bytearray(file.read_bytes())
    content[-11] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelUnusable, match="identity"):
        read_model(file)


def test_a_safetensors_file_of_somebody_else_is_refused(tmp_path):
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "other")
    with pytest.raises(ModelUnusable, match="no model of PhotoSearch"):
        read_model(tmp_path / "other")
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "other", {"photosearch": "[1, 2"})
    with pytest.raises(ModelUnusable, match="no model of PhotoSearch"):
        read_model(tmp_path / "other")


def without(name):
    return lambda tensors: {key: part for key, part in tensors.items() if key != name}


def changed(name, change):
    return lambda tensors: tensors | {name: change(tensors[name])}


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        (without("codebooks"), "codebooks is missing"),
        (without("network.head.bias"), "head.bias is missing"),
        (changed("codebooks", lambda part: part[:2]), "wrong shape"),
        (changed("network.head.bias", lambda part: part.astype(np.float32)), "wrong shape or type"),
        (changed("codebooks", lambda part: np.full_like(part, np.nan)), "no numbers"),
        (changed("network.head.bias", lambda part: np.full_like(part, np.inf)), "no numbers"),
        (changed("codebooks", lambda part: -part), "identity"),
        (lambda tensors: tensors | {"extra": np.zeros(1, np.float16)}, "do not belong"),
    ],
)
def test_wrong_tensors_are_refused(file, tensors, words):
    with pytest.raises(ModelUnusable, match=words):
        read_model(rewritten(file, tensors=tensors))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 2"),
        ({"version": None}, "version None"),
        ({"spec": {}}, "incomplete or damaged"),
        ({"network": {"widths": [8]}}, "incomplete or damaged"),
        ({"network": {"widths": [8, "a"], "depths": [1, 1], "dimension": 16}}, "incomplete or damaged"),
        ({"network": {"widths": [8, 13], "depths": [1, 1], "dimension": 16}}, "wrong shape"),
        ({"network": {"widths": [8, 12], "depths": [1, 1], "dimension": 16, "stem": 3}}, "incomplete"),
        ({"network": {"widths": [8, 12], "depths": [1], "dimension": 16}}, "incomplete or damaged"),
        ({"network": {"widths": [], "depths": [], "dimension": 16}}, "incomplete or damaged"),
        ({"preprocessing": {"size": 32, "mean": [0, 0], "std": [1, 1, 1]}}, "incomplete or damaged"),
        ({"preprocessing": {"size": 32, "mean": [0, 0, 0], "std": [1, 0, 1]}}, "does not know"),
        ({"preprocessing": {"size": 0, "mean": [0, 0, 0], "std": [1, 1, 1]}}, "does not know"),
        ({"preprocessing": {"size": 64, "mean": [0, 0, 0], "std": [1, 1, 1]}}, "identity"),
        ({"same_shot": None}, "incomplete or damaged"),
        ({"crowding": "much"}, "incomplete or damaged"),
        ({"crowding": 7.0}, "does not know"),
        ({"coarse": float("inf")}, "incomplete or damaged"),
        ({"coarse": 10**9}, "does not know"),
        ({"provenance": None}, "incomplete or damaged"),
    ],
)
def test_wrong_descriptions_are_refused(file, change, words):
    with pytest.raises(ModelUnusable, match=words):
        read_model(rewritten(file, described=lambda told: told | change))


@pytest.mark.parametrize(
    "change",
    [{"method": "unheard"}, {"kind": "binary"}, {"bytes": 2}, {"dimension": 8}, {"identity": "0" * 16}],
)
def test_a_wrong_spec_is_refused(file, change):
    with pytest.raises(ModelUnusable):
        read_model(rewritten(file, described=lambda told: told | {"spec": told["spec"] | change}))


def test_the_bundled_model_is_there_and_small_enough_to_ship():
    path = bundled_model_path()
    assert path.stat().st_size <= 16_000_000
    assert read_model(path).spec.bytes == 16


def test_models_can_be_read_and_encoders_started_without_loading_torch():
    code = (
        "import sys, photosearch.encode.model_file, photosearch.encode.process; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
