"""A snapshot of the codes with and without photos holds just what it should."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosearch.library.snapshot import Snapshot
from photosearch.records import BLOCK, CodeBlocks

COUNTS = st.sampled_from([0, 1, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])


def codes_of(ids: np.ndarray, version: int) -> np.ndarray:
    return np.stack([ids % 251, ids // 251 % 256, np.full(len(ids), version)], 1).astype(np.uint8)


def content(snapshot: Snapshot) -> dict[int, bytes]:
    assert snapshot.codes.count == len(snapshot.ids)
    rows = snapshot.codes.rows(np.arange(len(snapshot.ids)))
    return {int(id): row.tobytes() for id, row in zip(snapshot.ids, rows, strict=True)}


@given(COUNTS, st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(0, 100))
def test_photos_that_go_and_come_leave_all_others_as_they_were(count, seed, share, added):
    chosen = np.random.default_rng(seed)
    ids = chosen.permutation(2 * count + 1)[:count].astype(np.int64)
    before = Snapshot(ids, CodeBlocks.from_rows(codes_of(ids, 0)), 1)
    # Some that are there, and some that are not.
    gone = np.append(ids[chosen.random(count) < share], [10**6, 10**6 + 1])
    new = chosen.permutation(4 * count + 200)[:added].astype(np.int64)

    without = before.without(gone, 2)
    after = without.with_photos(new, codes_of(new, 1), 3)

    wanted = {int(id): row.tobytes() for id, row in zip(ids, codes_of(ids, 0), strict=True)}
    assert content(before) == wanted
    wanted = {id: code for id, code in wanted.items() if id not in set(gone.tolist())}
    assert content(without) == wanted
    # What is behind the last code is zero, as the code file's checksum and the kernel expect.
    padding = without.codes.blocks[-1, :, without.codes.count % BLOCK :] if len(without.codes.blocks) else 0
    assert without.codes.count % BLOCK == 0 or not np.any(padding)
    wanted |= {int(id): row.tobytes() for id, row in zip(new, codes_of(new, 1), strict=True)}
    assert content(after) == wanted
    assert (without.generation, after.generation) == (2, 3)
