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


IDENTITY = "625c386457d8ca61"
STARTS = [
    [0.1817, -0.1835, -0.0998, -0.0528],
    [0.1762, -0.0596, 0.0182, 0.0219],
    [0.0331, 0.0554, -0.2267, 0.1017],
    [0.1462, 0.0545, -0.1563, -0.0049],
]
CODES = [
    "25fefc0aa90f062e86a52709bfd1d8f3",
    "b9508d9619388b509deb10a356b9b459",
    "78804215682954c215a7527ed6c72bc5",
    "a4f49d622a187b420a06319ce2b40b56",
]


@pytest.fixture(scope="module")
def model():
    return read_model(bundled_model_path())


def test_the_bundled_model_is_the_one_that_was_measured(model):
    assert model.spec.identity == IDENTITY
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 16, 128)
    # Its network was trained in stretches, the first from random weights.
    assert model.provenance["initialisation"] == "d36b71a2cd614dd9"
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
