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


IDENTITY = "ef58df398f3a907d"
STARTS = [
    [0.1532, -0.0852, -0.0512, 0.0358],
    [0.0694, -0.0910, -0.0037, 0.0226],
    [0.1469, 0.1258, -0.2355, 0.1491],
    [0.0473, 0.0692, -0.0205, 0.0533],
]
CODES = [
    "da9b1b27403bff943998fefebea727a8",
    "9a668019bd50560fcf5a02d03a1bab41",
    "f58027bd44bc8b2762d3fcfb22179848",
    "ce6f86a9b5bf8f6c2162bdbfb9c9e7b1",
]


@pytest.fixture(scope="module")
def model():
    return read_model(bundled_model_path())


def test_the_bundled_model_is_the_one_that_was_measured(model):
    assert model.spec.identity == IDENTITY
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 16, 128)
    # The one before, which began with random weights.
    assert model.provenance["initialisation"] == "e4083ed90cfbda1a"
    assert 0 < model.same_shot < 1.2


def test_its_vectors_and_codes_of_known_pictures_stay_what_they_were(model):
    vectors, codes = Encoder(model, "cpu").encode(pictures(model.preprocessing.size))
    np.testing.assert_allclose(vectors[:, :4], STARTS, atol=2e-3)
    # Where two codes are equally good, rounding decides, so one of the four may differ.
    same = [bytes(code).hex() == pinned for code, pinned in zip(codes, CODES, strict=True)]
    assert sum(same) >= 3
    sums = model.codebooks[np.arange(16), codes].sum(1)
    assert (vectors * sums).sum(1).min() > 0.8
