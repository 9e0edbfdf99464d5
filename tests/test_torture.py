"""What `make torture` does 200 times and for ten minutes, 20 times and for seconds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.torture import KILLS, read_while_one_writes

if sys.platform == "win32":
    pytest.skip("kill -9 is not of this platform", allow_module_level=True)


@pytest.mark.parametrize(("kill", "share"), KILLS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_kill_at_any_moment_loses_nothing_that_was_committed(tmp_path: Path, kill, share) -> None:
    kill(tmp_path, round(share * 20), seed=1)


def test_searches_of_many_processes_are_right_while_another_updates_the_library(tmp_path: Path) -> None:
    assert read_while_one_writes(tmp_path, readers=4, seconds=2, seed=1) > 0
