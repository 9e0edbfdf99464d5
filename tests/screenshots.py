"""Pictures of the window for README.md, of photos drawn by `tests.pictures`: `make screenshots`.

The real window on a real library with the bundled model; nothing is staged but the photos.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from photosearch.gui import theme
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.records import Example
from photosearch.settings import Places, Settings
from tests.pictures import KINDS, draw

OF_EACH_KIND = 14
PATIENCE = 300.0


def main(out: Path) -> None:
    """Save the screenshots into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="photosearch-screenshots-") as place:
        photos, home = Path(place, "Pictures"), Path(place, "home")
        _draw_photos(photos)
        for appearance in ("light", "dark"):
            theme.dress(application, appearance)
            shutil.rmtree(home, ignore_errors=True)
            _photograph(Window(lambda: Library(Places.under(home), Settings()), Places.under(home)), photos, out, appearance)


def _photograph(window: Window, photos: Path, out: Path, appearance: str) -> None:
    def save(name: str) -> None:
        # Thumbnails come from threads of their own, a moment after the list.
        QTest.qWait(2000)
        window.grab().save(str(out / f"{name}-{appearance}.png"))

    window.resize(QSize(1240, 820))
    window.show()
    _wait(lambda: window.stack.currentWidget() is window.welcome)
    save("welcome")
    window.add_folders([photos])
    _wait(lambda: window._last.step == "indexing" and len(window.photos.ids) > 12)
    save("indexing")
    _wait(lambda: window._last.step == "watching" and bool(window._known and window._known.failures))
    window.search([Example(photos / "sea" / "sea 03.jpg")])
    _wait(lambda: window._answer is not None)
    save("results")
    window._show_failures()
    save("failures")
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _draw_photos(folder: Path) -> None:
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for seed in range(OF_EACH_KIND):
            size = (480, 640) if seed % 4 == 3 else (640, 440)
            draw(kind, seed, size).save(folder / kind / f"{kind} {seed:02}.jpg", quality=92)
    (folder / "half copied.jpg").write_bytes((folder / "sea" / "sea 00.jpg").read_bytes()[:9000])
    (folder / "empty.jpg").touch()


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "the window did not come so far"
        QTest.qWait(50)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
