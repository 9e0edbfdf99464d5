"""Starts the window."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from photosearch.gui.design import theme
from photosearch.gui.desktop.instance import ANSWER_SECONDS, Given, Instance
from photosearch.gui.language import speak, translations
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

    Where a window of this library is open already, it comes to the front with the folders and the photo.

    Args:
        folders: Watched from now on, besides those that are watched already.
        photo: Searched for at once.
        open_library: Opens the library, in a thread of its own; by default the one at `places`.

    Raises:
        PhotoSearchError: The window that is open does not answer.
    """
    instance = Instance(places.data)
    if not instance.take_or_hand_over(Given(tuple(folders), photo)):
        return 0
    try:
        application = _application()
        speak(application, settings.language, translations())
        theme.dress(application, settings.appearance)
        window = Window(open_library or (lambda: _open_library(places, settings)), places, folders, photo)
        window.tray.keep(settings.tray)
        # In the tray it has no window for a while, and does not end by that; logging out ends it.
        application.setQuitOnLastWindowClosed(False)
        window.ended.connect(application.exit)
        application.commitDataRequest.connect(lambda _: window.end())
        window.show()
        callers = _Callers(window)
        instance.answer(callers.receive)
        with _closed_by_signals(window):
            return application.exec()
    finally:
        instance.close()


class _Callers(QObject):
    """Brings what a second start hands over from the thread that hears of it to the window."""

    _came = Signal(object, object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._came.connect(self._pass_on)

    def receive(self, given: Given) -> bool:
        """Wait until the window took it; whether it did."""
        taken: Future[bool] = Future()
        self._came.emit(given, taken)
        try:
            return taken.result(ANSWER_SECONDS)
        except TimeoutError:
            return False

    @Slot(object, object)
    def _pass_on(self, given: Given, taken: Future[bool]) -> None:
        taken.set_result(self._window.receive(given.folders, given.photo))


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
    # Not at once: a signal is heard in the midst of whatever Python does, and may come before Qt's loop runs,
    # which would then begin with nothing left that could end it.
    end = partial(QTimer.singleShot, 0, window.end)
    before = {number: signal.signal(number, lambda *_: end()) for number in signals}
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(SIGNAL_MILLISECONDS)
    try:
        yield
    finally:
        awake.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
