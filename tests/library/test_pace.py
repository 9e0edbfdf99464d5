"""How long work will still take, told from batches that come at odd times; the clock is a fake."""

from __future__ import annotations

import random

import pytest

from photosearch.library.pace import Pace

PHOTOS = 64 * 400


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(intervals: list[float], photos: int = PHOTOS) -> list[tuple[float, float]]:
    """When something was said of the time left, and what: seconds since the first batch, seconds left."""
    clock = Clock()
    pace, done, said = Pace(clock), 0, []
    for interval in intervals:
        clock.now += interval
        done += 64
        pace.mark(done)
        if (left := pace.left(photos - done)) is not None:
            said.append((clock.now, left))
    return said


def gushes(seconds: float, count: int, seed: int) -> list[float]:
    """Intervals of so many seconds on average, of which some are a tenth as long and some twice."""
    source = random.Random(seed)
    return [seconds * source.choice((0.1, 0.5, 1.0, 1.4, 2.0)) for _ in range(count)]


@pytest.mark.parametrize("seconds", [0.3, 2.0, 8.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_time_left_makes_no_wild_jumps(seconds, seed):
    # The encoder starts first.
    said = told([20.0, *gushes(seconds, 380, seed)])
    # After ten seconds, or so many batches.
    begin = next(number for number, (now, _) in enumerate(said) if number >= 10 and now - said[0][0] >= 10)
    for (before, said_before), (now, left) in zip(said[begin:-1], said[begin + 1 :], strict=True):
        expected = said_before - (now - before)
        assert left == pytest.approx(expected, rel=0.25, abs=2 * seconds)


@pytest.mark.parametrize("seed", range(5))
def test_the_time_left_is_true(seed):
    intervals = [20.0, *gushes(2.0, 399, seed)]
    said = told(intervals)
    end = 1000.0 + sum(intervals)
    wrong = [abs(left - (end - now)) / (end - now) for now, left in said[15:-15]]
    assert sum(wrong) / len(wrong) < 0.2


def test_a_change_of_speed_is_believed_within_two_minutes():
    said = told([1.0] * 100 + [4.0] * 30)
    assert said[-1][1] == pytest.approx((PHOTOS - 130 * 64) / 16, rel=0.2)


def test_what_came_before_the_first_batch_and_a_pause_do_not_count():
    clock = Clock()
    pace = Pace(clock)
    clock.now += 60
    assert pace.mark(64) == 0.0
    assert pace.left(1000) is None
    for done in range(128, 64 * 10, 64):
        clock.now += 1
        rate = pace.mark(done)
        # Somebody paused for an hour.
        clock.now += 3600
        pace.go_on()
    assert rate == pytest.approx(64)
    assert pace.left(640) == pytest.approx(10)


def test_work_that_stands_still_has_no_end():
    clock = Clock()
    pace = Pace(clock)
    for _ in range(10):
        clock.now += 1
        assert pace.mark(0) == 0.0
    assert pace.left(100) is None
