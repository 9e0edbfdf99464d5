"""How smooth the window is with a million photos: python -m tests.smoothness [--photos N]

The library is the generated one of `tests.million`; the window is the real one, drawn off screen. While it is
used, a timer that should come every five milliseconds notices how late it is: that is how long nothing else
would have been answered.

    paint           from the start of the process to the first paint of the window
    shown           from the first paint until the newest photos are listed
    whole           from the first paint until all are
    answer          from the start of a process that is given a photo of 24 megapixels until its matches are
                    in the grid's model; the median of 3
    *_stall         the longest time in which the window answered nothing while it was scrolled by wheel, by
                    page, by its bar, by the timeline, walked by keys, resized, chosen whole, changed while it
                    is, read anew
    idle_stall      the same while nothing is done: what else this machine is busy with
    megabytes       resident memory of the window's process at the end

The program is started as a person starts it, and waits in its own event loop. `QTest.qWait` would not do: it
keeps Python's lock while it waits, so that no other thread gets on with what the window waits for.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
STARTED = time.perf_counter()
STARTS = 3

LIMITS = {
    "paint_seconds": 1.0,
    "shown_seconds": 2.0,
    "answer_seconds": 2.0,
    "stall_milliseconds": 50.0,
    "megabytes": 400.0,
}
EVERY = 0.005


def measure(home: Path, photo: Path | None) -> dict[str, float]:
    """Start the program on the library in a folder, and use and watch it; or let it search for a photo."""
    from PySide6.QtCore import QObject, Signal, Slot
    from PySide6.QtWidgets import QApplication

    from photosearch.gui import app
    from photosearch.gui.window import Window
    from photosearch.settings import Places, Settings

    figures: dict[str, float] = {}

    class Person(QObject):
        began = Signal(float)
        """The window is painted, since this moment, and the library is being opened."""

        @Slot(float)
        def use(self, painted: float) -> None:
            figures["paint_seconds"] = painted - STARTED
            [window] = (one for one in QApplication.topLevelWidgets() if isinstance(one, Window))
            try:
                if photo:
                    while window.search_place.answer is None:
                        wait(2)
                    figures["answer_seconds"] = time.perf_counter() - STARTED
                else:
                    _use(window, painted, figures)
            finally:
                window.end()

    person = Person()
    person.began.connect(person.use)

    def opened():
        person.began.emit(time.perf_counter())
        from photosearch.library import Library

        return Library(Places.under(home), Settings(workers=1))

    app.run(Places.under(home), Settings(appearance="light"), None, photo=photo, open_library=opened)
    assert {"megabytes", "answer_seconds"} & set(figures), "the window was not used to the end"
    return {name: round(value, 2) for name, value in figures.items()}


def _use(window, painted: float, figures: dict[str, float]) -> None:
    """Wait for the photos, then do all that a person does with them."""
    import psutil
    from PySide6.QtCore import Qt, QTimer

    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    while not len(photos.ids):
        wait(5)
    figures["shown_seconds"] = time.perf_counter() - painted
    while not window.session.known.whole:
        wait(20)
    figures["whole_seconds"] = time.perf_counter() - painted
    wait(3000)
    worst, before = 0.0, time.perf_counter()

    def tick() -> None:
        nonlocal worst, before
        now = time.perf_counter()
        worst, before = max(worst, now - before - EVERY), now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(round(1000 * EVERY))
    for name, does, times in _uses(window, grid):
        worst, before = 0.0, time.perf_counter()
        for step in range(times):
            does(step)
            wait(15)
        wait(200)
        figures[f"{name}_stall_milliseconds"] = 1000 * worst
    timer.stop()
    # What was done to a window that is closed takes no time.
    assert not window._ended, "the window was closed meanwhile"
    figures["megabytes"] = psutil.Process().memory_info().rss / 1e6


def wait(milliseconds: int) -> None:
    """Let the event loop run for a while, and every other thread beside it."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _uses(window, grid) -> Iterator[tuple[str, Callable[[int], object], int]]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    bar = grid.verticalScrollBar()
    # What a busy machine does by itself.
    yield "idle", lambda step: None, 60
    yield "wheel", lambda step: bar.setValue(bar.value() + 120), 60
    yield "page", lambda step: bar.setValue(bar.value() + bar.pageStep()), 40
    yield "bar", lambda step: bar.setValue(bar.maximum() * (step * 7 % 20) // 20), 20
    yield "timeline", lambda step: window.library.timeline.jumped.emit(step * len(grid._photos.ids) // 21), 20
    yield "keys", lambda step: QTest.keyClick(grid, Qt.Key.Key_Down), 30
    yield "resize", lambda step: window.resize(700 + 20 * step, 500 + 8 * step), 30
    yield "typing", lambda step: QTest.keyClicks(grid, "IMG"), 3
    yield "all", lambda step: window.select_all.trigger(), 2
    ids = grid._photos.ids
    # One photo comes and goes while all are selected.
    yield "changed", lambda step: window.library.gallery.show_listing(ids[step % 2 :]), 4
    yield "zoom", lambda step: window._zoom(1 if step % 2 else -1), 6
    yield "reading", lambda step: window.session.refresh() if step % 40 == 0 else None, 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--photo", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.home:
        print(json.dumps(measure(options.home, options.photo)))
        return
    from photosearch import bench
    from photosearch.encode.model_file import bundled_model_path, read_model
    from tests.million import generate
    from tests.pictures import draw

    with tempfile.TemporaryDirectory(prefix="smoothness-") as folder:
        generate(Path(folder), options.photos, read_model(bundled_model_path()).spec)
        # As `photosearch.__main__` has it, and compiled as what is installed.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        compiling = [sys.executable, "-c", "import photosearch.gui.app, photosearch.library"]
        subprocess.run(compiling, env=environment, check=True)
        command = [sys.executable, "-m", "tests.smoothness", "--home", folder]
        figures = json.loads(subprocess.check_output(command, env=environment))
        photo = Path(folder, "given.jpg")
        draw("sea", 50, (1500, 1000)).resize((6000, 4000)).save(photo, quality=92)
        command += ["--photo", str(photo)]
        starts = [json.loads(subprocess.check_output(command, env=environment)) for _ in range(STARTS)]
        figures["answer_seconds"] = statistics.median(start["answer_seconds"] for start in starts)
    print(json.dumps({"machine": bench.machine(), "photos": options.photos, **figures}, indent=2))
    over = [
        f"{name} is {value}, more than {limit}"
        for name, value in figures.items()
        for ending, limit in LIMITS.items()
        if name.endswith(ending) and value > limit
    ]
    print("\n".join(over) or "All within their limits.")
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
