"""Binary codes, and that they are additive ones."""

import numpy as np
import pytest
import torch

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.encode import binary
from photosearch.encode.model_file import sign_codebooks


def test_signs_are_packed_eight_to_a_byte_the_first_in_the_lowest_bit():
    vector = torch.tensor([[1.0, -1, 0, -1, -1, -1, -1, 1, -1, 2, -3, -1, -1, -1, -1, -1]])
    assert binary.encode(vector).tolist() == [[0b10000101, 0b00000010]]


@pytest.mark.parametrize("bits", [8, 32, 128])
def test_what_codes_stand_for_has_inner_products_that_tell_hamming_distances(bits):
    vectors = torch.randn(50, bits, generator=torch.Generator().manual_seed(bits))
    codes = binary.encode(vectors).numpy()
    sums = engine.reconstruct(codes, sign_codebooks(bits // 8))
    differing = np.bitwise_count(codes[:, None] ^ codes[None]).sum(2, dtype=np.int64)
    np.testing.assert_allclose(sums @ sums.T, 1 - 2 * differing / bits, atol=1e-5)
    np.testing.assert_array_equal(sums > 0, vectors.numpy() >= 0)


def test_the_engine_ranks_them_alike_as_additive_and_as_binary_codes():
    random = np.random.default_rng(0)
    # Of 16 bits each counts 1/4², which adds up without rounding.
    rows = random.integers(0, 256, (3000, 2), np.uint8)
    books = sign_codebooks(2)
    blocks = CodeBlocks.from_rows(rows)
    query = engine.reconstruct(rows[:1], books)
    additive = engine.nearest(blocks, books, query, np.ones(1, np.float32), 50)
    hamming = engine.nearest_binary(blocks, rows[0], 50)
    np.testing.assert_array_equal(additive.positions, hamming.positions)
    np.testing.assert_allclose(additive.scores, 2 * hamming.scores - 1, atol=1e-5)
