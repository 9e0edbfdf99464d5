"""Starts the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from photosearch.gui.archive import Archive, ArchiveWindow
from photosearch.gui.design import theme
from photosearch.gui.desktop.instance import ANSWER_SECONDS, Given, Instance
from photosearch.gui.language import speak, translations
from photosearch.gui.shell import Shell
from photosearch.gui.window import Window
from photosearch.processes import ending_signals
from photosearch.settings import Places, Settings

if TYPE_CHECKING:
    from photosearch.library import Library

SIGNAL_MILLISECONDS = 250
"""How soon a signal is noticed."""

TURN_SECONDS = 0.001
"""How long a thread keeps Python from the window. Qt calls it many times for one key, and each call waits."""


def run(
    places: Places,
    settings: Settings,
    open_archive: Callable[[str], Archive],
    folders: Sequence[Path] = (),
    photo: Path | None = None,
    open_library: Callable[[], Library] | None = None,
) -> int:
    """Show the window until it is closed; the exit status.

    Where a window of this library is open already, it comes to the front with the folders and the photo.

    Args:
        open_archive: Gives what is served at an address; this room knows nothing of clusters.
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

        def own(folders: Sequence[Path], photo: Path | None) -> Window:
            opening = open_library or (lambda: _open_library(places, settings))
            with theme.undressed(application):
                window = Window(opening, places, folders, photo)
            window.tray.keep(settings.tray)
            window.keep_size(settings.photo_size)
            # What there is now stays until the end. Looked through for garbage again and again, by whichever
            # thread, it would keep the window waiting for a twentieth of a second.
            window.session.opened.connect(gc.freeze)
            return window

        def archive(address: str) -> ArchiveWindow:
            with theme.undressed(application):
                window = ArchiveWindow(open_archive, address, places)
            window.keep_size(settings.photo_size)
            return window

        sys.setswitchinterval(TURN_SECONDS)
        windows = Windows(own, archive)
        # In the tray it has no window for a while, and does not end by that; logging out ends it.
        application.setQuitOnLastWindowClosed(False)
        windows.ended.connect(application.exit)
        application.commitDataRequest.connect(lambda _: windows.end())
        windows.show("" if folders else settings.archive, folders, photo)
        application.opened.connect(windows.open)
        callers = _Callers(windows)
        instance.answer(callers.receive)
        with _closed_by_signals(windows):
            return application.exec()
    finally:
        instance.close()


class Windows(QObject):
    """Shows one library at a time: the photos of this computer, or an archive in their place.

    The window on the former stays open behind the other: its folders are followed, and the way back is short.
    """

    ended = Signal()
    """The last one was closed for good."""

    def __init__(
        self, own: Callable[[Sequence[Path], Path | None], Window], archive: Callable[[str], ArchiveWindow]
    ) -> None:
        """Show nothing yet.

        Args:
            own: Makes the window on the photos of this computer, given folders to watch and a photo.
            archive: Makes the window on the archive at an address.
        """
        super().__init__()
        self._make_own, self._make_archive = own, archive
        self._own: Window | None = None
        self._archive: ArchiveWindow | None = None
        self._ending = False

    @property
    def current(self) -> Shell:
        """The window that is shown."""
        shown = self._archive or self._own
        assert shown
        return shown

    def show(self, address: str, folders: Sequence[Path] = (), photo: Path | None = None) -> None:
        """Show the archive at this address; without one, the photos of this computer."""
        before, old = self._archive or self._own, self._archive
        self._archive = self._make_archive(address) if address else None
        if self._archive:
            self._follow(self._archive)
        elif self._own is None:
            self._own = self._make_own(folders, photo)
            self._own.tray.window_wanted.connect(self._bring_archive_to_front)
            self._follow(self._own)
        if before:
            self.current.restoreGeometry(before.saveGeometry())
            self.current.size_of_photos.setValue(before.size_of_photos.value())
        self.current.show()
        if before or address:
            self.current.receive((), photo)
        if self._own and self._own is not self.current:
            self._own.hide()
        if old:
            old.ended.disconnect()
            old.end()
            old.deleteLater()

    def receive(self, folders: Sequence[Path], photo: Path | None) -> bool:
        """Let the window that is shown take what the program was started with again."""
        if folders and self._archive:
            # Whoever names a folder means the photos of this computer.
            self.show("")
        return self.current.receive(folders, photo)

    def open(self, path: Path) -> None:
        """Let the window that is shown search for a photo, or watch a folder."""

        def receive(is_folder: bool) -> None:
            self.receive([path] if is_folder else [], None if is_folder else path)

        # A drive may take long to say which of them it is.
        self.current.session.looking.call(("opened", path), lambda: os.path.isdir(path), receive)

    def end(self) -> None:
        """End the program."""
        # An archive that ends by itself leaves one's own photos in the tray.
        (self._own or self.current).end()

    def _follow(self, window: Shell) -> None:
        window.library_wanted.connect(self.show)
        window.ended.connect(lambda: self._end_after(window))

    def _end_after(self, window: Shell) -> None:
        """A window was closed for good, and the other one ends with it."""
        holds = self._own is not None and self._own.tray.holds and not window.is_leaving
        if window is self._archive and holds and not self._ending:
            # One's own goes on following folders, and its icon brings it back.
            self._archive = None
        elif not self._ending:
            self._ending = True
            for one in (self._archive, self._own):
                if one:
                    one.end()
            self.ended.emit()

    def _bring_archive_to_front(self) -> None:
        if self._archive and self._own:
            self._own.hide()
            self._archive.come_to_front()


class _Application(QApplication):
    """Hears what the system opens with the program that runs: macOS starts no second one with it."""

    opened = Signal(Path)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.opened.emit(Path(event.file()))
            return True
        return super().event(event)


class _Callers(QObject):
    """Brings what a second start hands over from the thread that hears of it to the window."""

    _came = Signal(object, object)

    def __init__(self, windows: Windows) -> None:
        super().__init__(windows)
        self._windows = windows
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
        taken.set_result(self._windows.receive(given.folders, given.photo))


def _application() -> _Application:
    QApplication.setApplicationName("photosearch")
    QApplication.setApplicationDisplayName("PhotoSearch")
    QApplication.setDesktopFileName("org.photosearch.PhotoSearch")
    return _Application(sys.argv[:1])


def _open_library(places: Places, settings: Settings) -> Library:
    # Imported here, in the thread that opens it: the window is painted without waiting for it.
    from photosearch.library import Library

    return Library(places, settings)


@contextmanager
def _closed_by_signals(window: Windows | Shell) -> Iterator[None]:
    """Let Ctrl-C, a polite kill, and the terminal that it was started from, close the window.

    Python looks at signals only while Python runs, and an idle Qt program runs none: a timer does.
    """
    signals = ending_signals()
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
