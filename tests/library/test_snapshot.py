"""A snapshot of the codes with and without photos holds just what it should."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.blocks import BLOCK, PAGE, CodeBlocks
from photosearch.engine import nearest, reconstruct, unpacked
from photosearch.library.snapshot import NOBODY, Background, Snapshot

COUNTS = st.sampled_from([0, 1, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])


def codes_of(ids: np.ndarray, version: int) -> np.ndarray:
    return np.stack([ids % 251, ids // 251 % 256, np.full(len(ids), version)], 1).astype(np.uint8)


def content(snapshot: Snapshot) -> dict[int, bytes]:
    assert snapshot.codes.count == len(snapshot.ids)
    there = np.flatnonzero(snapshot.ids)
    assert snapshot.photos == len(there)
    assert not snapshot.codes.count or snapshot.codes.blocks.ctypes.data % PAGE == 0
    if snapshot.present is None:
        assert len(there) == len(snapshot.ids)
    else:
        assert unpacked(snapshot.present, len(snapshot.ids)).nonzero()[0].tolist() == there.tolist()
    rows = snapshot.codes.rows(there)
    return {int(id): row.tobytes() for id, row in zip(snapshot.ids[there], rows, strict=True)}


@given(COUNTS, st.integers(0, 2**32 - 1), st.floats(0, 0.2) | st.floats(0, 1), st.integers(0, 100))
def test_photos_that_go_and_come_leave_all_others_as_they_were(count, seed, share, added):
    chosen = np.random.default_rng(seed)
    ids = 1 + chosen.permutation(2 * count + 1)[:count].astype(np.int64)
    before = Snapshot(ids, CodeBlocks.from_rows(codes_of(ids, 0)), 1)
    # Some that are there, and some that are not.
    gone = np.append(ids[chosen.random(count) < share], [10**6, 10**6 + 1])
    new = 1 + chosen.permutation(4 * count + 200)[:added].astype(np.int64)

    without = before.without(gone, 2)
    after = without.with_photos(new, codes_of(new, 1), 3)

    wanted = {int(id): row.tobytes() for id, row in zip(ids, codes_of(ids, 0), strict=True)}
    assert content(before) == wanted
    wanted = {id: code for id, code in wanted.items() if id not in set(gone.tolist())}
    assert content(without) == wanted
    # Of what was removed not more than an eighth stays.
    assert len(without.ids) <= max(len(wanted), 8 * len(wanted) / 7)
    wanted |= {int(id): row.tobytes() for id, row in zip(new, codes_of(new, 1), strict=True)}
    assert content(after) == wanted
    assert (without.generation, after.generation) == (2, 3)
    asked = np.append(new[::2], ids[::3])
    assert set(after.ids[unpacked(after.positions(asked), len(after.ids))]) == set(asked) & set(wanted)


@given(st.data(), st.integers(0, 3), st.booleans())
def test_what_becomes_of_a_snapshot_is_nothing_to_those_before_and_beside_it(data, count, with_room):
    ids = 1 + np.arange(count * 700, dtype=np.int64)
    first = (
        Snapshot.of(ids, codes_of(ids, 0), 0)
        if with_room
        else Snapshot(ids, CodeBlocks.from_rows(codes_of(ids, 0)), 0)
    )
    made = [(first, content(first))]
    for turn in range(1, 1 + data.draw(st.integers(1, 8))):
        before, wanted = made[data.draw(st.integers(-len(made), -1))]
        highest = data.draw(st.sampled_from([10, 800, 3000]))
        chosen = np.random.default_rng(turn).permutation(highest)[: data.draw(st.integers(0, 300))]
        chosen = 1 + chosen.astype(np.int64)
        if data.draw(st.booleans()):
            after = before.with_photos(chosen, codes_of(chosen, turn), turn)
            new = {int(id): row.tobytes() for id, row in zip(chosen, codes_of(chosen, turn), strict=True)}
        else:
            after, new = before.without(chosen, turn), {}
        gone = set(chosen.tolist())
        made.append((after, {id: code for id, code in wanted.items() if id not in gone} | new))
    for snapshot, wanted in made:
        assert content(snapshot) == wanted


def test_a_search_is_not_disturbed_by_codes_that_are_put_behind_meanwhile():
    ids = 1 + np.arange(BLOCK + 100, dtype=np.int64)
    snapshot = Snapshot.of(ids, codes_of(ids, 0), 1)
    codebooks = np.random.default_rng(0).normal(size=(3, 256, 4)).astype(np.float32)
    arguments = codebooks, np.ones((1, 4), np.float32), np.ones(1, np.float32), 2 * BLOCK
    expected = nearest(snapshot.codes, *arguments)
    adding = threading.Event()

    def add():
        after = snapshot
        for start in range(5001, 10_001, 10):
            new = np.arange(start, start + 10)
            after = after.with_photos(new, codes_of(new, 1), 2)
            adding.set()

    thread = threading.Thread(target=add)
    thread.start()
    adding.wait()
    searched = False
    while thread.is_alive() or not searched:
        searched = True
        found = nearest(snapshot.codes, *arguments)
        assert found.positions.tolist() == expected.positions.tolist()
        assert found.scores.tolist() == expected.scores.tolist()
    thread.join()


@pytest.mark.parametrize("count", [30, BLOCK, 3 * BLOCK + 100])
def test_nothing_is_kept_of_the_codes_of_photos_that_are_no_more_and_the_others_stay_where_they_are(count):
    ids = np.arange(1, count + 1)
    # Of no photo but those that go there is a 255.
    rows = np.where(ids[:, None] % 20 == 1, np.uint8(255), np.uint8(7)).repeat(4, 1)
    snapshot = Snapshot.of(ids, rows, 1).without(ids[::20], 2)
    assert (snapshot.codes.blocks == 255).any()
    kept = snapshot.codes_to_keep()
    assert kept.count == count and not (kept.blocks == 255).any()
    there = np.flatnonzero(snapshot.ids)
    assert (kept.rows(there) == snapshot.codes.rows(there)).all()


def test_new_codes_are_put_behind_those_that_are_there_without_moving_them():
    ids = 1 + np.arange(5000, dtype=np.int64)
    snapshot = Snapshot.of(ids, codes_of(ids, 0), 1)
    where = snapshot.ids.ctypes.data, snapshot.codes.blocks.ctypes.data
    for start in range(5001, 15_000, 700):
        new = np.arange(start, start + 700)
        snapshot = snapshot.with_photos(new, codes_of(new, 0), 2)
        assert (snapshot.ids.ctypes.data, snapshot.codes.blocks.ctypes.data) == where
    gone = snapshot.without([17], 3)
    # Who looks at the ids before is not disturbed, and codes stay.
    assert snapshot.ids.ctypes.data == where[0] and 17 in snapshot.ids
    assert gone.codes.blocks.ctypes.data == where[1] and 17 not in gone.ids
    assert content(gone.with_photos(np.array([17]), codes_of(np.array([17]), 0), 4)) == content(snapshot)


@given(
    st.lists(st.integers(1, 60) | st.sampled_from([2**62 + 5, -1, -(2**62)]), max_size=40, unique=True),
    st.integers(0, 20),
    st.sets(st.integers(1, 100), max_size=60),
)
def test_a_filter_finds_its_photos_and_no_others_even_among_damaged_numbers(ids, nobody, wanted):
    held = np.array([*ids, *[NOBODY] * nobody], np.int64)
    snapshot = Snapshot(held, CodeBlocks.from_rows(np.zeros((len(held), 3), np.uint8)), 1)
    found = unpacked(snapshot.positions(np.array(sorted(wanted), np.int64)), len(held))
    assert found.tolist() == [id in wanted for id in held.tolist()]


@pytest.mark.parametrize("count", [2, 3, 300, BLOCK + 5])
def test_a_percentile_is_the_share_of_pairs_that_are_less_alike(count):
    chosen = np.random.default_rng(count)
    rows = chosen.integers(0, 256, (count, 4), dtype=np.uint8)
    codebooks = chosen.normal(0, 0.2, (4, 256, 8)).astype(np.float32)
    # Every fourth position holds no photo any more, and codes that say so of no photo.
    there = np.arange(count) * 4 // 3 + 1
    spread = np.full((there[-1] + 1, 4), 7, np.uint8)
    spread[there] = rows
    background = Background.of(CodeBlocks.from_rows(spread), codebooks, there)
    vectors = reconstruct(rows, codebooks)
    alike = np.sort((vectors @ vectors.T)[np.triu_indices(count, 1)])
    scores = np.linspace(alike[0] - 0.1, alike[-1] + 0.1, 9, dtype=np.float32)
    shares = 100 * np.searchsorted(alike, scores) / len(alike)
    assert background.percentiles(scores) == pytest.approx(shares, abs=1.5)
    assert background.percentiles(scores)[[0, -1]].tolist() == [0, 100]


@pytest.mark.parametrize("count", [0, 1])
def test_where_there_is_no_pair_nothing_is_unusual(count):
    codes = CodeBlocks.from_rows(np.zeros((3, 4), np.uint8))
    background = Background.of(codes, np.ones((4, 256, 8), np.float32), np.arange(count))
    assert background.percentiles(np.array([-1, 5], np.float32)).tolist() == [0, 0]


def test_a_background_fits_until_the_library_changed_by_a_tenth():
    background = Background(np.zeros(0, np.float32), 100)
    assert [count for count in range(200) if background.fits(count)] == list(range(91, 110))
