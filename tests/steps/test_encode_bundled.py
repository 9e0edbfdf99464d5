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


IDENTITY = "f6f68a19f8718783"
STARTS = [
    [0.2023, -0.1170, -0.0831, -0.0790],
    [0.2067, -0.0473, -0.0109, 0.0464],
    [0.0850, 0.0882, -0.2320, 0.1113],
    [0.1790, 0.0071, -0.1240, 0.0148],
]
CODES = [
    "254ffc90fe1b441281e487e4539b69fb",
    "9ef48d9619bca96c263ea5162ea16547",
    "f14bbbbac4760d45b5cc4484af2cc366",
    "5cfad692a99b59b850e4011211f3b426",
]


@pytest.fixture(scope="module")
def model():
    return read_model(bundled_model_path())


def test_the_bundled_model_is_the_one_that_was_measured(model):
    assert model.spec.identity == IDENTITY
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 16, 128)
    # Its network was trained in stretches, the first from random weights.
    assert model.provenance["initialisation"] == "e9e997df616e00f5"
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
