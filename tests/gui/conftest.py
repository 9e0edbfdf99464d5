"""A window on a real library of a few drawn photos; the encoder alone is a fake."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import send2trash.plat_other
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Photos
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.library.test_duplicates import scene
from tests.pictures import KINDS, draw

PATIENCE = 120_000
"""Milliseconds: far more than anything here takes, on a machine that is busy with something else."""


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Path:
    """A folder with two photos of each kind, the one named later changed later."""
    folder = tmp_path_factory.mktemp("drawn")
    for age, (kind, seed) in enumerate((kind, seed) for kind in KINDS for seed in (1, 2)):
        file = folder / f"{kind} {seed}.jpg"
        draw(kind, seed, (180, 120)).save(file, quality=90)
        os.utime(file, (1.6e9 + age, 1.6e9 + age))
    return folder


@pytest.fixture(scope="session")
def library_of(tmp_path_factory) -> Iterator[Callable[[Path], Library]]:
    """Indexes a folder; the library stays open for all tests that do not change it."""
    opened = []

    def indexed(folder: Path) -> Library:
        places = Places.under(tmp_path_factory.mktemp("home"))
        library = Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
        opened.append(library)
        library.add_folder(folder)
        list(library.update())
        return library

    yield indexed
    for library in opened:
        library.close()


@pytest.fixture(scope="session")
def indexed(drawn, library_of) -> Library:
    """A library of these eighteen photos."""
    return library_of(drawn)


@pytest.fixture
def pictures(drawn, tmp_path) -> Path:
    """A folder of one's own with the same photos."""
    folder = tmp_path / "Pictures"
    shutil.copytree(drawn, folder)
    return folder


@pytest.fixture
def encoder() -> CoarseColourEncoder:
    return CoarseColourEncoder()


class NeverInGui:
    """A library that may be called in any thread but the GUI's."""

    def __init__(self, library: Library, stays_open: bool = False) -> None:
        self._library, self._stays_open = library, stays_open

    def __getattr__(self, name: str) -> object:
        attribute = getattr(self._library, name)
        if not callable(attribute):
            return attribute

        def called(*arguments: object) -> object:
            assert threading.current_thread() is not threading.main_thread(), (
                f"{name} was called in the GUI's thread"
            )
            return None if name == "close" and self._stays_open else attribute(*arguments)

        return called


@pytest.fixture
def open_library(tmp_path, encoder) -> Callable[[], Library]:
    """Opens a library of one's own."""
    places = Places.under(tmp_path / "home")
    return lambda: NeverInGui(Library(places, Settings(workers=1), coarse_colour_model(), encoder))


@pytest.fixture
def open_window(qapp: QApplication, open_library, tmp_path) -> Iterator[Callable[..., Window]]:
    """Opens windows, and closes them at the end: none of their threads may be left."""
    theme.dress(qapp, "light")
    windows = []

    def opened(*arguments, opener=open_library, **more) -> Window:
        window = Window(opener, Places.under(tmp_path / "home"), *arguments, **more)
        windows.append(window)
        window.show()
        return window

    yield opened
    for window in windows:
        window.close()
        window.deleteLater()
    # What is left in it would be deleted when Python is gone.
    QApplication.clipboard().clear()
    # Now: the loop that would do it has ended, and at the end of the program it is too late.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    ours = ("duplicates", "reading", "listing", "searching", "looking", "indexing", "thumbnails", "closing")
    # On a busy machine the window is closed before the last of them, which has nothing left to do but to end.
    left = [thread for thread in threading.enumerate() if thread.name.startswith(ours)]
    for thread in left:
        thread.join(PATIENCE / 1000)
    assert not any(thread.is_alive() for thread in left), f"threads left: {left}"


@pytest.fixture
def window(open_window, indexed, qtbot) -> Window:
    """A window on the library that no test may change."""
    window = open_window(opener=lambda: NeverInGui(indexed, stays_open=True))
    qtbot.waitUntil(lambda: said(window) == "Up to date" and len(names(window)) == 18, timeout=PATIENCE)
    return window


@pytest.fixture
def own_window(open_window, pictures, qtbot) -> Window:
    """A window on a library of one's own, of the same photos."""
    window = open_window([pictures])
    qtbot.waitUntil(
        lambda: said(window) == "Up to date" and window.session.known.status.encoded == 18, timeout=PATIENCE
    )
    return window


def said(window: Window) -> str:
    """What the status line says."""
    return window.status._text.text()


def names(window: Window) -> list[str]:
    """File names of the photos shown, as far as they are known yet."""
    return _names(window.library.gallery.photos)


def found(window: Window) -> list[str]:
    """File names of the photos found; none while there is no answer."""
    return _names(window.search_place.gallery.photos)


def _names(shown: Photos) -> list[str]:
    photos = [shown.photo(row) for row in range(len(shown.ids))]
    return [photo.path.name for photo in photos if photo]


TAKEN = 36867
"""The EXIF tag of the time of exposure."""


@pytest.fixture
def bin(tmp_path, monkeypatch) -> Path:
    """The trash of the platform, at a place of its own."""
    if not hasattr(send2trash.plat_other, "HOMETRASH_B"):
        pytest.skip("the trash of this platform is the person's own")
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    for name, place in (("XDG_DATA_HOME", share), ("HOMETRASH_B", share / "Trash")):
        monkeypatch.setattr(send2trash.plat_other, name, os.fsencode(place))
    monkeypatch.setattr(send2trash.plat_other, "HOMETRASH", str(share / "Trash"))
    return share / "Trash" / "files"


@pytest.fixture
def shots(tmp_path) -> Path:
    """Scene 0: a copy and a smaller one; scene 1: a copy; scene 2: two moments of a burst; and one alone."""
    folder = tmp_path / "Shots"
    (folder / "more").mkdir(parents=True)
    for number in (0, 1):
        scene(60 + number).save(folder / f"shot {number}.jpg", quality=92)
        shutil.copy(folder / f"shot {number}.jpg", folder / "more" / f"shot {number} copy.jpg")
    scene(60).resize((240, 180)).save(folder / "shot 0 small.jpg")
    for second in (1, 3):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[TAKEN] = f"2020:05:03 12:00:0{second}"
        scene(62).save(folder / f"burst {second}.jpg", exif=exif, quality=92)
    scene(69).save(folder / "alone.jpg")
    for age, file in enumerate(sorted(folder.rglob("*.jpg"))):
        os.utime(file, (1.6e9 + age, 1.6e9 + age))
    return folder


@pytest.fixture
def cleaning(open_window, shots, bin, qtbot) -> Window:
    """A window that is at its duplicates, all of them found."""
    window = open_window([shots])
    qtbot.waitUntil(
        lambda: said(window) == "Up to date" and window.session.known.status.encoded == 8, timeout=PATIENCE
    )
    window.go_to(window.duplicates)
    qtbot.waitUntil(
        lambda: len(listed(window)) == 3 and not window.duplicates.work.is_finding, timeout=PATIENCE
    )
    return window


def listed(window: Window) -> list[list[str]]:
    """File names of the groups of duplicates shown."""
    return [[each.photo.path.name for each in group.photos] for group in window.duplicates.groups.shown]
