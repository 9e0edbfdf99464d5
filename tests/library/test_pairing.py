"""Which of many photos that look alike are looked at."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from photosearch import engine
from photosearch.blocks import CodeBlocks
from photosearch.duplicates import looks_of
from photosearch.library import pairing
from photosearch.library.pairing import FEW, MOST, Pairs, candidates, lowest_cosine
from photosearch.library.revising import Older
from photosearch.store.comparisons import PairKind
from tests.library.test_duplicates import scene


def all_pairs(photos: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.triu_indices(photos, 1)
    return first.astype(np.int64), second.astype(np.int64)


def looked_at(
    pairs: Pairs, same: Callable[[int, int], bool | None]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """All pairs that were asked about, and those of one shot among them."""
    asked, found = list[tuple[int, int]](), list[tuple[int, int]]()
    rounds = pairs.rounds()
    try:
        first, second = next(rounds)
        while True:
            now = list(zip(first.tolist(), second.tolist(), strict=True))
            answers = [same(*pair) for pair in now]
            asked += now
            found += [pair for pair, answer in zip(now, answers, strict=True) if answer]
            first, second = rounds.send(answers)
    except StopIteration:
        pass
    assert len(set(asked)) == len(asked), "each pair once"
    return asked, found


def crowd(photos: int, likeness: np.ndarray | None = None) -> Pairs:
    pairs = Pairs(photos)
    first, second = all_pairs(photos)
    chance = np.random.default_rng(0).random(len(first), np.float32)
    pairs.add(first, second, chance if likeness is None else likeness)
    return pairs


def test_of_few_that_look_alike_all_pairs_are_looked_at():
    asked, _ = looked_at(crowd(FEW + 1), lambda one, other: False)
    assert len(asked) == FEW * (FEW + 1) // 2


@pytest.mark.parametrize("photos", [150, 600])
def test_of_many_moments_that_look_alike_few_are_looked_at_for_each(photos):
    asked, _ = looked_at(crowd(photos), lambda one, other: False)
    assert photos < len(asked) <= photos * (FEW + pairing.AT_A_TIME)


@pytest.mark.parametrize("photos", [150, 600])
def test_many_copies_of_one_shot_stay_together_by_few_looks(photos):
    asked, found = looked_at(crowd(photos), lambda one, other: True)
    assert len(asked) <= photos * (FEW + pairing.AT_A_TIME)
    assert len(components(photos, found)) == 1


def test_the_copies_among_many_moments_are_found_by_their_likeness():
    photos, chance = 200, np.random.default_rng(1)
    shot = chance.integers(0, 100, photos)
    first, second = all_pairs(photos)
    copies = shot[first] == shot[second]
    # Copies are liker than most, though not than all, moments of the same scene.
    likeness = (0.5 * chance.random(len(first)) + np.where(copies, 0.48, 0)).astype(np.float32)
    asked, found = looked_at(crowd(photos, likeness), lambda one, other: bool(shot[one] == shot[other]))
    assert len(asked) <= photos * (FEW + pairing.AT_A_TIME)
    assert sorted(map(sorted, components(photos, found))) == sorted(
        np.flatnonzero(shot == each).tolist() for each in set(shot.tolist())
    )


def test_what_cannot_be_looked_at_counts_for_nothing():
    asked, _ = looked_at(crowd(90), lambda one, other: None)
    assert len(asked) == 90 * 89 // 2


def test_of_very_many_pairs_the_likest_of_each_photo_are_remembered(monkeypatch):
    photos = 400
    pairs, (first, second) = Pairs(photos), all_pairs(photos)
    likeness = (1 / (second - first)).astype(np.float32)
    monkeypatch.setattr(pairing, "MANY_PAIRS", 10_000)
    for start in range(0, len(first), 3000):
        part = slice(start, start + 3000)
        pairs.add(second[part], first[part], likeness[part])
        pairs.add(first[part], second[part], likeness[part])
    asked, _ = looked_at(pairs, lambda one, other: None)
    assert len(asked) <= photos * MOST
    assert {(at, at + far) for at in range(photos - 40) for far in range(1, 40)} <= set(asked)


def test_pairs_of_which_few_can_be_dropped_are_not_sorted_for_each_handful(monkeypatch):
    monkeypatch.setattr(pairing, "MANY_PAIRS", 1_000)
    sorts = list[int]()

    class Counted(Pairs):
        def _likest(self):
            sorts.append(self._held)
            return super()._likest()

    pairs = Counted(40_000)
    for at in range(0, 40_000, 100):
        first = np.arange(at, at + 98)
        pairs.add(first, first + 2, np.ones(98, np.float32))
    assert len(sorts) <= 6 and sum(sorts) < 3 * 40_000
    asked, _ = looked_at(pairs, lambda one, other: None)
    assert len(asked) == 400 * 98


def test_pairs_that_were_known_are_asked_about_again_with_the_later_photo_and_else_go():
    ids = np.array([5, 1, 9, 3, 7])
    older = Older(dict.fromkeys([(1, 5), (3, 7), (5, 9), (1, 9), (2, 3)], "burst"), ids)
    first, second, _ = older.between(0, 3)
    assert set(zip(ids[first].tolist(), ids[second].tolist(), strict=True)) == {(5, 1), (5, 9), (1, 9)}
    older.asked(np.array([0, 1]), np.array([1, 2]))
    assert older.not_asked(0, 3) == [(5, 9)]
    assert older.not_asked(3, 5) == [(3, 7)]
    assert older.to_ask(0, 5) == []


def test_pairs_go_of_photos_that_another_stands_for_or_that_are_gone():
    ids, there = np.array([1, 2, 3]), np.array([1, 2, 3, 4, 5])
    older = Older(dict.fromkeys([(1, 3), (3, 6), (3, 7), (3, 5), (3, 4), (3, 8)], "same-shot"), ids)
    # Gone are 6, 7 and 8. Of 1, which was compared, 6 is a copy; of 2, which is to be compared, 4 and 7 are.
    same = [[1, 6], [2, 4, 7]]
    assert older.elsewhere(same, 1, there) == [(3, 4), (3, 7), (3, 8)]
    assert older.elsewhere(same, 0, there) == [(3, 4), (3, 6), (3, 7), (3, 8)]


def test_no_pair_goes_that_was_of_one_shot_and_was_not_looked_at():
    ids = np.array([5, 1, 9, 3, 7])
    kinds = {(1, 5): "same-shot", (5, 9): "first-added", (3, 7): "second-added", (1, 9): "apart"}
    older = Older({**kinds, (5, 7): "unseen"}, ids)
    older.asked(np.array([0]), np.array([1]))
    assert older.to_ask(0, 3) == [(5, 9)] and older.to_ask(3, 5) == [(3, 7)]
    assert older.not_asked(0, 3) == [(1, 9)] and older.not_asked(3, 5) == [(5, 7)]


def test_a_copy_of_one_frame_of_a_burst_is_looked_at_again_before_the_frames_are():
    frames, bursts, chance = 20, 15, np.random.default_rng(3)
    ids, known = np.arange(bursts * (frames + 1)), dict[tuple[int, int], PairKind]()
    for burst in range(bursts):
        *those, copy = (burst * (frames + 1) + np.arange(frames + 1)).tolist()
        known |= dict.fromkeys(combinations([*those, copy], 2), "burst")
        known[int(chance.choice(those)), copy] = "same-shot"
    copies = {pair for pair, kind in known.items() if kind == "same-shot"}
    older, pairs = Older(known, ids), Pairs(len(ids))
    pairs.add(*older.between(0, len(ids)))
    _, found = looked_at(pairs, lambda one, other: (one, other) in copies)
    assert set(found) == copies and len(copies) == bursts


def test_without_pairs_nothing_is_asked():
    assert looked_at(Pairs(5), lambda one, other: True) == ([], [])


def components(photos: int, pairs: list[tuple[int, int]]) -> list[set[int]]:
    """The sets of photos that pairs hold together."""
    of = [{at} for at in range(photos)]
    for one, other in pairs:
        if of[one] is not of[other]:
            of[one] |= of[other]
            for each in of[other]:
                of[each] = of[one]
    return list({id(each): each for each in of}.values())


CODEBOOKS = np.random.default_rng(0).normal(size=(4, 256, 32)).astype(np.float32)
SAME_SHOT = 0.9


def positions(rows: np.ndarray, looks: np.ndarray) -> set[tuple[int, int]]:
    floor = lowest_cosine(rows, CODEBOOKS, SAME_SHOT)
    found = candidates(rows, looks, CODEBOOKS, floor, 0)
    return {pair for first, second, _ in found for pair in zip(first.tolist(), second.tolist(), strict=True)}


def test_a_crop_is_a_candidate_although_its_code_lies_far_below_the_threshold():
    whole, other = scene(6), scene(7)
    crop = whole.crop((80, 60, 80 + 336, 60 + 252))
    looks = looks_of(np.stack([np.asarray(each.resize((80, 80))) for each in (whole, crop, other)]))
    # All three differ in one byte of four.
    rows = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 3, 6]], np.uint8)
    (pairs,) = [
        each
        for each in engine.pairs_above(CodeBlocks.from_rows(rows), CODEBOOKS, pairing.LOWEST, 0)
        if len(each.first)
    ]
    assert len(pairs.first) == 3
    assert pairs.scores.max() < SAME_SHOT
    assert positions(rows, looks) == {(0, 1)}


def test_where_very_many_are_alike_only_the_likest_are_compared_by_their_looks(monkeypatch):
    chance = np.random.default_rng(1)
    rows = np.tile(np.array([1, 2, 3, 4], np.uint8), (600, 1))
    rows[np.arange(600), chance.integers(0, 4, 600)] = chance.integers(0, 256, 600)
    rows[-1] = rows[-2]
    looks = np.tile(looks_of(np.asarray(scene(6).resize((80, 80)))[None]), (600, 1))
    asked = []
    monkeypatch.setattr(
        pairing,
        "may_be_parts",
        lambda looks, larger, _: asked.append(len(larger)) or np.ones(len(larger), bool),
    )
    monkeypatch.setattr(pairing, "turned_copies", lambda looks, new: [])
    all_of_them = positions(rows, looks)
    assert len(all_of_them) > 80_000
    monkeypatch.setattr(pairing, "COMPARED_BY_LOOKS", 20_000)
    monkeypatch.setattr(pairing, "SAMPLED", 200)
    asked.clear()
    likest = positions(rows, looks)
    # Each is asked about both ways.
    assert sum(asked) < 2 * 2 * 20_000
    assert likest < all_of_them
    assert (598, 599) in likest


def test_among_very_many_photos_the_threshold_of_the_model_counts(monkeypatch):
    rows = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [9, 8, 7, 6], [9, 8, 7, 6]], np.uint8)
    looks = np.tile(looks_of(np.asarray(scene(6).resize((80, 80)))[None]), (4, 1))
    monkeypatch.setattr(pairing, "turned_copies", lambda looks, new: [])
    assert positions(rows, looks) == {(0, 1), (2, 3)}
    monkeypatch.setattr(pairing, "NOT_TOO_MANY", 3)
    assert positions(rows, looks) == {(2, 3)}
