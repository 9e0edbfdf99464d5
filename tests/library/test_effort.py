"""When the program holds back: what was chosen, the battery, other programs. Only the clock is a fake."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from photosearch.errors import SettingsUnusable
from photosearch.library import Library
from photosearch.library.effort import (
    BUSY_CORES,
    CALM_SECONDS,
    LOOK_SECONDS,
    OtherPrograms,
    Restraint,
    runs_on_battery,
)
from photosearch.settings import Places, Settings, read_settings, write_setting
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import draw


class Machine:
    """What the machine is doing, as a test says."""

    now, battery, busy = 100.0, False, 0.0

    def restraint(self, effort) -> Restraint:
        return Restraint(effort, lambda: self.battery, lambda: self.busy, lambda: self.now)


def test_automatic_holds_back_on_battery_only_and_says_so():
    machine = Machine()
    restraint = machine.restraint("automatic")
    assert restraint.reason() is None
    machine.battery = True
    assert restraint.reason() is None, "it was looked at a moment ago"
    machine.now += LOOK_SECONDS
    assert restraint.reason() == "on battery"
    machine.battery, machine.now = False, machine.now + LOOK_SECONDS
    assert restraint.reason() is None


def test_automatic_holds_back_while_others_are_busy_and_a_while_longer():
    machine = Machine()
    restraint = machine.restraint("automatic")
    machine.busy = BUSY_CORES
    assert restraint.reason() == "other programs are busy"
    machine.busy = 0.0
    machine.now += CALM_SECONDS - 1
    assert restraint.reason() == "other programs are busy"
    machine.now += 2
    assert restraint.reason() is None


@pytest.mark.parametrize(("effort", "reason"), [("gentle", ""), ("full", None)])
def test_what_was_chosen_goes_before_everything_else(effort, reason):
    machine = Machine()
    machine.battery, machine.busy = effort == "full", 4.0
    restraint = machine.restraint(effort)
    assert restraint.reason() == reason
    restraint.effort = "automatic"
    assert restraint.reason()


WORK = """
import sys, time
sys.stdin.readline()
while time.process_time() < 1.5:
    pass
print("done", flush=True)
sys.stdin.readline()
"""


def others_while_one_works(*command: str) -> tuple[float, float]:
    """Seconds of the processor that others and that all had, while a program worked for more than one."""

    def everybody() -> float:
        times = psutil.cpu_times()
        return times.user + times.system

    others, pipe = OtherPrograms(), subprocess.PIPE
    with subprocess.Popen(
        [*command, sys.executable, "-c", WORK], stdin=pipe, stdout=pipe, text=True
    ) as program:
        start, before = time.monotonic(), everybody()
        assert others.busy_cores() == 0.0, "there is nothing to compare with yet"
        program.stdin.write("go\n")
        program.stdin.flush()
        assert program.stdout.readline() == "done\n"
        found = others.busy_cores() * (time.monotonic() - start)
        return found, everybody() - before


def test_what_our_own_processes_do_makes_nobody_busy():
    found, everybody = others_while_one_works()
    assert found < everybody - 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="has no such shell")
def test_what_other_programs_do_is_measured():
    # The shell ends at once, and its child is then none of ours.
    found, _ = others_while_one_works("sh", "-c", 'exec 3<&0; "$@" <&3 &', "sh")
    assert found > 1.0


def indexing_messages(library: Library) -> set[str]:
    messages = set()
    for progress in library.follow():
        if progress.step == "indexing":
            messages.add(progress.message)
        if progress.step == "watching":
            return messages
    raise AssertionError("it never watched")


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(80):
        draw("sea", number, (48, 32)).save(folder / f"{number}.jpg")
    return folder


def library_of(tmp_path: Path, photos: Path, **settings) -> Library:
    library = Library(
        Places.under(tmp_path / "home"), Settings(**settings), coarse_colour_model(), CoarseColourEncoder()
    )
    library.add_folder(photos)
    return library


def decoders() -> int:
    return sum(child.name == "decode" for child in multiprocessing.active_children())


def test_who_follows_gently_says_so_and_has_half_of_the_decoders_at_work(tmp_path, photos):
    library = library_of(tmp_path, photos, workers=4, effort="gentle")
    before = decoders()
    assert indexing_messages(library) == {"gently"}
    assert decoders() - before <= 2
    assert library.status().encoded == 80
    library.close()


def test_an_update_that_somebody_waits_for_goes_at_full_speed(tmp_path, photos):
    library = library_of(tmp_path, photos, workers=2, effort="gentle")
    assert {progress.message for progress in library.update()} == {""}
    library.close()


def test_an_effort_is_chosen_while_following_and_kept_for_the_next_time(tmp_path, photos):
    library = library_of(tmp_path, photos, workers=2, effort="gentle")
    said = []
    for progress in library.follow():
        if progress.step == "watching":
            break
        if progress.step == "indexing":
            said.append(progress.message)
            library.choose_effort("full")
    assert said[0] == "gently"
    assert set(said[1:]) == {""}
    assert library.effort() == "full"
    assert read_settings(tmp_path / "home" / "settings.json").effort == "full"
    library.close()


def test_a_setting_is_changed_and_all_others_are_left(tmp_path):
    file = tmp_path / "deep" / "settings.json"
    write_setting(file, "effort", "gentle")
    assert json.loads(file.read_text()) == {"effort": "gentle"}
    file.write_text(json.dumps({"workers": 3, "of a newer version": [1]}))
    write_setting(file, "effort", "full")
    assert json.loads(file.read_text()) == {"workers": 3, "of a newer version": [1], "effort": "full"}
    file.write_text("{")
    with pytest.raises(SettingsUnusable, match="cannot be read"):
        write_setting(file, "effort", "full")
    assert file.read_text() == "{"
    file.write_bytes(b"\xff\x00")
    with pytest.raises(SettingsUnusable, match="not a JSON object"):
        write_setting(file, "effort", "full")


def test_an_effort_that_is_none_is_refused_with_a_sentence(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"effort": "lazy"}))
    with pytest.raises(SettingsUnusable, match="must be “gentle”, “automatic” or “full”"):
        read_settings(file)


def test_a_system_that_does_not_tell_of_its_battery_runs_on_none(monkeypatch):
    """As in a container without /sys."""

    def not_told():
        raise FileNotFoundError(2, "No such file or directory", "/sys/class/power_supply")

    monkeypatch.setattr(psutil, "sensors_battery", not_told, raising=False)
    assert not runs_on_battery()
