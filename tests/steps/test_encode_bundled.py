"""The bundled model gives the codes it gave when it was bundled, on any machine, in any version of torch."""

import numpy as np
import pytest
import torch

from photosearch.encode.encoder import Encoder
from photosearch.encode.model_file import bundled_model_path, read_model

torch.set_num_threads(1)


def pictures(size: int) -> np.ndarray:
    """A slope of colours, stripes, a disc, noise, by whole numbers only: uint8, (4, size, size, 3)."""
    y, x = np.mgrid[:size, :size]
    slope = np.stack([255 * x // size, 255 * y // size, 255 * (x + y) // (2 * size)], 2)
    stripes = np.where((x + 2 * y)[..., None] // 8 % 2, (220, 40, 30), (240, 230, 200))
    inside = (x - size // 2) ** 2 + (y - size // 3) ** 2 < (size // 4) ** 2
    disc = np.where(inside[..., None], (250, 210, 60), (70, 120, 190))
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3))
    return np.stack([slope, stripes, disc, noise]).astype(np.uint8)


IDENTITY = "e22fb50db5db7ab0"
STARTS = [
    [0.1431, -0.1357, -0.0690, -0.1139],
    [0.1634, -0.1030, 0.0141, 0.0360],
    [0.0361, 0.1567, -0.1827, 0.1008],
    [0.0998, -0.0168, -0.1078, -0.0123],
]
CODES = [
    "25bd7c32fe3b9a7586da53b1b99a0575",
    "b9bc8d19193829554480f7b3ec456a76",
    "b94b3ed2e5f666225af9bb50cc3ddaec",
    "25138292fc619397bc834156ed8bcdb2",
]


@pytest.fixture(scope="module")
def model():
    return read_model(bundled_model_path())


def test_the_bundled_model_is_the_one_that_was_measured(model):
    assert model.spec.identity == IDENTITY
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 16, 128)
    # Its network was trained in stretches, the first from random weights.
    assert model.provenance["initialisation"] == "1b859fa37ccc3fc1"
    assert model.coarse == 8 and model.second_moment is not None
    assert 0 < model.same_shot < 1.2


def test_its_vectors_and_codes_of_known_pictures_stay_what_they_were(model):
    vectors, codes = Encoder(model, "cpu").encode(pictures(model.preprocessing.size))
    np.testing.assert_allclose(vectors[:, :4], STARTS, atol=2e-3)
    # Where two codes are equally good, rounding decides, so one of the four may differ.
    same = [bytes(code).hex() == pinned for code, pinned in zip(codes, CODES, strict=True)]
    assert sum(same) >= 3
    sums = model.codebooks[np.arange(16), codes].sum(1)
    assert (vectors * sums).sum(1).min() > 0.8
