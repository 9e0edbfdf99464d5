"""Malformed files stop nothing: each is read or listed, and what lies between them is indexed."""

from pathlib import Path

import pytest

from tests.malformed import MUTATIONS, Outcome, index, malformed, originals, write


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Of a file for each format and mutation; `make malformed` takes 3,000."""
    folder = tmp_path_factory.mktemp("malformed")
    write(folder, len(originals()) * len(MUTATIONS))
    return index(folder, tmp_path_factory.mktemp("home"))


def test_every_malformed_file_is_read_or_listed_with_its_reason(outcome: Outcome):
    assert outcome.silent == 0
    assert outcome.read + outcome.listed == outcome.files == len(originals()) * len(MUTATIONS)
    # Many are damaged beyond reading, or this would test nothing.
    assert outcome.listed > outcome.files / 2
    assert all(reason.endswith(".") for reason in outcome.reasons)


def test_every_good_photo_between_malformed_files_is_indexed(outcome: Outcome):
    assert outcome.good > 20 and outcome.good_lost == 0


def test_no_malformed_file_takes_long_or_much_memory_or_ends_its_decoder(outcome: Outcome):
    assert outcome.sound, str(outcome)
    assert outcome.megabytes > 10
    assert outcome.crashed == 0


def test_the_malformed_files_are_the_same_each_time(tmp_path: Path):
    few, many = dict(malformed(40)), dict(malformed(80))
    assert few.items() < many.items()
    assert few == dict(malformed(40))
