"""How soon results are painted after a photo is dropped on the window: python -m tests.drop [--photos N]

The window, the engine, the bundled model and the photo of 24 megapixels are real; the library is generated,
and the thumbnails of what is found are a few real ones, used again and again. Times are from the drop, in
milliseconds:

    crop box       the photo stands in its card, so that a box can be drawn on it
    answer         the matches are in the grid's model
    painted        a paint of the grid ended in which every tile in sight had its thumbnail

    warm           the encoder's process runs, and the photo was never seen before; the median of 7
    cold           none of the processes runs: neither the decoder's nor the encoder's; the median of 3
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from photosearch import bench
from photosearch.encode.model_file import chosen_model_path, read_model
from photosearch.gui.design import theme
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.records import Example, Query
from photosearch.settings import Places, Settings
from tests.million import generate
from tests.pictures import KINDS, draw

WARM, COLD = 7, 3
WIDTH, HEIGHT = 6000, 4000
PATIENCE = 120.0

LIMITS = {"warm": 300.0, "cold": 3000.0}
"""For `painted`."""


class Drop(QObject):
    """Drops a photo on a window and notices when what is seen next."""

    def __init__(self, window: Window, file: Path) -> None:
        super().__init__()
        self._window, self._file = window, file
        self.seen: dict[str, float] = {}
        self._grid = window.search_place.gallery.grid
        self._grid.viewport().installEventFilter(self)
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._look)

    def times(self) -> dict[str, float]:
        """Milliseconds from the drop."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(self._file))])
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        self._window.search_place.clear()
        # Of a drag that lasted no time: what a person's pointer gives away before is left out.
        QApplication.sendEvent(self._window, QDragEnterEvent(QPoint(300, 300), copy, mime, left, none))
        self._start = time.perf_counter()
        self._looking.start(1)
        QApplication.sendEvent(self._window, QDropEvent(QPointF(300, 300), copy, mime, left, none))
        end = time.monotonic() + PATIENCE
        while "painted" not in self.seen:
            assert time.monotonic() < end, f"nothing was painted: {self.seen}"
            QApplication.processEvents()
            time.sleep(0.0005)
        while "crop box" not in self.seen:
            QApplication.processEvents()
        self._looking.stop()
        self._grid.viewport().removeEventFilter(self)
        return self.seen

    def _notice(self, what: str) -> None:
        self.seen.setdefault(what, 1000 * (time.perf_counter() - self._start))

    def _look(self) -> None:
        place = self._window.search_place
        if place.strip.cards and not place.strip.cards[0].part.image.isNull():
            self._notice("crop box")
        if place.answer is not None:
            self._notice("answer")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._window.search_place.answer is not None:
            # Before this paint, as it may still want some.
            sight = self._grid._rows_in(self._grid.viewport().rect())
            photos = [self._grid._photos.photo(row) for row in sight]
            if photos and all(photo and self._window._thumbnails.get(photo) for photo in photos):
                QTimer.singleShot(0, self, lambda: self._notice("painted"))
        return False


def measure(home: Path, photos: int) -> dict[str, Any]:
    """All figures of a library that is generated in a folder, if none is there yet."""
    model = read_model(chosen_model_path(Settings()))
    places = Places.under(home)
    if not places.catalogue.exists():
        generate(home, photos, model.spec)
    files = _photos(home / "dropped")
    application = QApplication.instance() or QApplication(sys.argv[:1])
    theme.dress(application, "light")
    library = Library(places, Settings())
    window = Window(lambda: library, places)
    window.resize(1240, 820)
    window.show()
    _wait(lambda: window.session.last.step == "watching")
    thumbnails = _thumbnails()
    figures: dict[str, Any] = {}
    for file in files:
        # Its matches are known from here on, and have thumbnails as after indexing.
        answer = library.search(Query((Example(file),), count=200))
        library._thumbnails.put_many(
            (match.photo.id, match.photo.modified_ns, thumbnails[match.rank % len(thumbnails)])
            for match in answer.matches
        )
        window._thumbnails.forget()
    window._thumbnails.try_again()
    for state, count in (("warm", WARM), ("cold", COLD)):
        runs = []
        for number in range(count):
            window._thumbnails.forget()
            window._thumbnails.try_again()
            if state == "cold":
                _end_processes(library)
            runs.append(Drop(window, files[number]).times())
        figures[state] = {
            what: round(statistics.median(run[what] for run in runs))
            for what in ("crop box", "answer", "painted")
        } | {"slowest painted": round(max(run["painted"] for run in runs))}
    window.close()
    return figures


def _end_processes(library: Library) -> None:
    for process in psutil.Process().children(recursive=True):
        if "spawn_main" in " ".join(process.cmdline()):
            process.kill()
            # Not waited for: who started it has to see it end.
            _wait(lambda process=process: _has_ended(process))


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _photos(folder: Path) -> list[Path]:
    """Photos of 24 megapixels with the detail that photos have."""
    folder.mkdir(exist_ok=True)
    kinds, files = list(KINDS), []
    for number in range(max(WARM, COLD)):
        file = folder / f"{number}.jpg"
        files.append(file)
        if not file.exists():
            picture = draw(kinds[number % len(kinds)], 50 + number, (WIDTH // 4, HEIGHT // 4))
            large = np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), np.int16)
            grain = np.random.default_rng(number).normal(0, 5, (HEIGHT, WIDTH, 1))
            Image.fromarray((large + grain).clip(0, 255).astype(np.uint8)).save(file, quality=92)
    return files


def _thumbnails() -> list[bytes]:
    made = []
    for kind in KINDS:
        file = io.BytesIO()
        draw(kind, 1, (320, 213)).save(file, "JPEG", quality=80)
        made.append(file.getvalue())
    return made


def _wait(holds: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "the window did not come so far"
        QApplication.processEvents()
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="keep the library here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drop-") as folder:
        figures = measure(options.home or Path(folder), options.photos)
    print(json.dumps({"machine": bench.machine(), "photos": options.photos, **figures}, indent=2))
    over = [
        f"{state}: painted after {figures[state]['painted']} ms, more than {limit:g}"
        for state, limit in LIMITS.items()
        if figures[state]["painted"] > limit
    ]
    print("\n".join(over) or "All within their limits.")
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
