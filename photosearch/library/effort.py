"""How hard to work: at full speed, or gently, because it was chosen or because somebody needs the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from photosearch.settings import Effort

LOOK_SECONDS = 5.0
"""The battery and other programs are looked at so often."""

BUSY_CORES = 0.5
"""Others are busy when they keep so much of a core at work: a person does, a clock in a corner does not."""

CALM_SECONDS = 30.0
"""They are no longer when they were not for so long: who works pauses to read."""


class Restraint:
    """Says whether to hold back, and why. One thread asks, any may choose.

    Args:
        on_battery: Whether the machine runs on its battery now.
        busy_cores: Cores that other programs kept at work since it was last asked.
    """

    def __init__(
        self,
        effort: Effort,
        on_battery: Callable[[], bool] | None = None,
        busy_cores: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.effort = effort
        self._on_battery = on_battery or runs_on_battery
        self._busy_cores = busy_cores or OtherPrograms(clock).busy_cores
        self._clock = clock
        self._looked = self._busy = float("-inf")
        self._battery = False

    def reason(self) -> str | None:
        """Why to work gently, in words, empty if it was chosen; None to work at full speed."""
        if self.effort != "automatic":
            return "" if self.effort == "gentle" else None
        now = self._clock()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._battery = self._on_battery()
            if self._busy_cores() >= BUSY_CORES:
                self._busy = now
        if self._battery:
            return "on battery"
        return "other programs are busy" if now - self._busy < CALM_SECONDS else None


def runs_on_battery() -> bool:
    """Whether this machine runs on its battery; one that has none does not."""
    sensor = getattr(psutil, "sensors_battery", None)
    try:
        battery = sensor() if sensor else None
    except OSError:
        # In a container or sandbox the system may not tell.
        return False
    return battery is not None and battery.power_plugged is False


class OtherPrograms:
    """Measures how busy other programs keep the processor, but for those that step back themselves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: tuple[float, float, dict[int, float]] | None = None

    def busy_cores(self) -> float:
        """Cores they kept at work since this was last called; 0 the first time."""
        before, self._before = self._before, (self._clock(), _all_seconds(), _our_seconds())
        if before is None:
            return 0.0
        now, everybody, ours = self._before
        # A process that has ended is missing from one of the two, and so counts for nothing.
        us = sum(seconds - before[2].get(process, 0.0) for process, seconds in ours.items())
        return max(0.0, everybody - before[1] - us) / max(now - before[0], 1e-3)


def _all_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system)


def _our_seconds() -> dict[int, float]:
    """Seconds of the processor that each of our processes had, as far as `_all_seconds` counts them."""
    found: dict[int, float] = {}
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        try:
            times = process.cpu_times()
            # Where the system tells them apart, what a program that steps back did is no one's `user` time.
            apart = hasattr(psutil.cpu_times(), "nice") and process.nice() > 0
        except psutil.Error:
            continue
        found[process.pid] = float(times.system + (0.0 if apart else times.user))
    return found
