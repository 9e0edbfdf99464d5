"""Starts the window."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from photosearch.gui import theme
from photosearch.gui.window import Window
from photosearch.settings import Places, Settings

if TYPE_CHECKING:
    from photosearch.library import Library

SIGNAL_MILLISECONDS = 250
"""How soon a signal is noticed."""


def run(
    places: Places,
    settings: Settings,
    folders: Sequence[Path] = (),
    photo: Path | None = None,
    open_library: Callable[[], Library] | None = None,
) -> int:
    """Show the window until it is closed; the exit status.

    Args:
        folders: Watched from now on, besides those that are watched already.
        photo: Searched for at once.
        open_library: Opens the library, in a thread of its own; by default the one at `places`.
    """
    application = _application()
    theme.dress(application, settings.appearance)
    window = Window(open_library or (lambda: _open_library(places, settings)), folders, photo)
    window.show()
    with _closed_by_signals(window):
        return application.exec()


def _application() -> QApplication:
    QApplication.setApplicationName("photosearch")
    QApplication.setApplicationDisplayName("PhotoSearch")
    QApplication.setDesktopFileName("org.photosearch.PhotoSearch")
    return QApplication(sys.argv[:1])


def _open_library(places: Places, settings: Settings) -> Library:
    # Imported here, in the thread that opens it: the window is painted without waiting for it.
    from photosearch.library import Library

    return Library(places, settings)


@contextmanager
def _closed_by_signals(window: Window) -> Iterator[None]:
    """Let Ctrl-C and a polite kill close the window.

    Python looks at signals only while Python runs, and an idle Qt program runs none: a timer does.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: window.close()) for number in signals}
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(SIGNAL_MILLISECONDS)
    try:
        yield
    finally:
        awake.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
