"""Pairs of photos judged here and in processes."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from photosearch.decode import thumbnail
from photosearch.library.judging import MANY, Judges
from photosearch.records import Photo
from tests.library.test_duplicates import photo, scene

SCENES = [thumbnail(scene(seed)) for seed in (1, 2)]


def shown(one: Photo) -> bytes | None:
    """Every fifth photo has no thumbnail, every seventh a broken one; of the rest each second is the same."""
    if one.id % 5 == 0:
        return None
    return b"no picture" if one.id % 7 == 0 else SCENES[one.id % 2]


PAIRS = [(photo(1), photo(id)) for id in range(2, 40)]
EXPECTED = [("other", "same")[other.id % 2] if other.id % 5 and other.id % 7 else None for _, other in PAIRS]


@pytest.mark.parametrize("expected", [1, MANY])
def test_few_pairs_and_many_are_judged_alike(expected):
    with Judges(shown, 2) as judges:
        judges.expect(expected)
        assert judges.verdicts(PAIRS) == EXPECTED


def test_a_process_that_is_killed_loses_no_verdict():
    with Judges(shown, 2) as judges:
        judges.expect(MANY)
        judges.verdicts(PAIRS)
        for worker in judges._workers:
            os.kill(worker._process.pid, signal.SIGKILL)
        assert judges.verdicts(PAIRS) == EXPECTED


def test_a_photo_that_was_edited_is_judged_by_what_it_shows_now():
    first, second = photo(1), photo(3)
    edited = replace(second, modified_ns=second.modified_ns + 1)
    with Judges(lambda one: SCENES[one == edited], 1) as judges:
        assert judges.verdicts([(first, second)]) == ["same"]
        assert judges.verdicts([(first, edited)]) == ["other"]


def test_processes_end_with_the_comparing():
    with Judges(shown, 2) as judges:
        judges.expect(MANY)
        judges.verdicts(PAIRS)
        processes = [worker._process for worker in judges._workers]
        assert all(process.is_alive() for process in processes)
    assert not any(worker._process for worker in judges._workers)
