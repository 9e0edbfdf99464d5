"""Every surface of the window as a screen reader is told of it, in English and in German.

Nobody keeps a list of what there is: whatever a menu or a button opens is walked, and each page that was not
come to by then; at the end each kind of widget of the program, and each action that opens something, was met.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QStackedWidget, QWidget

from photosearch.gui.archive import ArchiveWindow
from photosearch.gui.language import speak, translations
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.records import Box, Example, Filters, Progress
from photosearch.settings import Places
from tests.gui.conftest import PATIENCE, TAKEN, NeverInGui, found
from tests.gui.walking import OPENS, Stage, Walk, said_otherwise
from tests.library.test_cleaning import XMP
from tests.library.test_duplicates import scene


class Served:
    """A library of this computer, as an archive is asked."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __getattr__(self, name: str) -> object:
        return getattr(self._library, name)

    def connect(self) -> int:
        return self._library.status().searchable

    def close(self) -> None:
        """It goes on to be open for the other windows."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two scenes, one copied and with a sidecar, one with a second moment; and a file that is no photo."""
    folder = tmp_path_factory.mktemp("surfaces")
    for number, taken in ((1, "2019:05:03 12:00:01"), (2, "2020:05:03 12:00:01"), (3, "2020:05:03 12:00:03")):
        exif = Image.Exif()
        exif[0x0110] = "Model 7"
        exif.get_ifd(0x8769)[TAKEN] = taken
        exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 3.0, 0.0), 3: "E", 4: (8.0, 18.0, 0.0)})
        scene(70 + min(number, 2)).save(folder / f"IMG_{number}.jpg", exif=exif, quality=92)
    shutil.copy(folder / "IMG_1.jpg", folder / "IMG_1 copy.jpg")
    (folder / "IMG_1.jpg.xmp").write_text(XMP)
    (folder / "broken.jpg").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def library(folder, library_of) -> Library:
    return library_of(folder)


def own_kinds(kind: type = QWidget) -> Iterator[type]:
    for other in kind.__subclasses__():
        if other.__module__.startswith("photosearch.gui"):
            yield other
        yield from own_kinds(other)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_surface_tells_what_it_is_to_whoever_listens(
    language, qapp, open_window, library, folder, qtbot, tmp_path
):
    back = speak(qapp, language, translations())
    try:
        walk = Walk(said_otherwise(language))
        own = open_window(opener=lambda: NeverInGui(library, stays_open=True))
        _walk_own(own, walk, qtbot, folder)
        archive = ArchiveWindow(
            lambda address: Served(library), "10.0.0.5:6379", Places.under(tmp_path / "a")
        )
        archive.show()
        qtbot.waitUntil(lambda: archive.session.library is not None, timeout=PATIENCE)
        walk.over("archive", archive)
        for menu in (top.menu() for top in archive.menuBar().actions()):
            walk.over("menu of an archive", menu)
        archive.close()
        archive.deleteLater()
    finally:
        back()
    assert not walk.wrong, "\n".join(dict.fromkeys(walk.wrong))
    assert walk.heard > 300
    unseen = {kind.__name__ for kind in own_kinds()} - {kind.__name__ for kind in walk.kinds}
    assert not unseen - {"Invitation"}, "widgets that were never in sight"


def _walk_own(window: Window, walk: Walk, qtbot, folder: Path) -> None:
    def until(holds: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE)

    stage, looking, duplicates = Stage(window, walk, until), window.looking, window.duplicates
    until(lambda: window.session.known and len(window.session.known.listing) == 4)
    window.say_opening()
    window.say_problem("…")
    for page in (window.opening, window.problem, window.welcome):
        window.show_page(page)
        walk.over("page", window)
    window.go_to(window.activity)
    until(lambda: window.activity.failures._failures.failures)
    window.activity.failures.list.setCurrentIndex(window.activity.failures._failures.index(0))
    walk.over("activity", window)
    stage.context_menus()
    # All photos, with the folder chosen.
    window.go_to(window.library)
    window.library.folders.choose(folder)
    until(lambda: window.session.known.filters.under == folder)
    window.library.gallery.grid.setCurrentIndex(window.library.gallery.photos.index(0))
    walk.over("library", window)
    stage.context_menus()
    stage.buttons_menus()
    stage.menu_bar()
    window.session.narrow(Filters())
    # A search with two examples, of which one is drawn on; kept.
    window.search([Example(folder / "IMG_1.jpg", box=Box(0, 0, 0.5, 1)), Example(folder / "IMG_2.jpg", -0.5)])
    until(lambda: found(window) and not window.session.searching.busy)
    search = window.search_place
    walk.over("search", window)
    search.save_as("kept", search._history.current())
    until(lambda: len(search.saved_menu.actions()) > 3)
    stage.buttons_menus()
    grid, flags = search.gallery.grid, QItemSelectionModel.SelectionFlag
    grid.setCurrentIndex(search.gallery.photos.index(0))
    grid.selectionModel().select(search.gallery.photos.index(1), flags.Select)
    looking.show_panel.trigger()
    until(lambda: looking.panel.shown)
    window.allow()
    stage.context_menus()
    stage.menu_bar()
    for key in ("?",):
        assert stage.open("keys", window.show_keys.trigger), key
    assert stage.open("about", window.about.trigger)
    grid.setFocus()
    assert stage.open("preview", looking.open_preview.trigger)
    looking.preview.toggle_information()
    assert stage.open("preview with information", looking.open_preview.trigger)
    assert stage.open("compare", looking.open_comparison.trigger)
    looking.show_panel.trigger()
    # Duplicates, of which one is marked and compared.
    window.go_to(duplicates)
    until(lambda: len(duplicates.groups.shown) == 2 and not duplicates.work.is_finding)
    until(duplicates.notes.isVisible)
    walk.over("duplicates", window)
    stage.menu_bar()
    duplicates.deciding.mark.trigger()
    stage.context_menus()
    stage.menu_bar()
    assert stage.open("compare duplicates", duplicates.deciding.compare.trigger)
    duplicates.clearing.begin(Progress("removing", 1, 3))
    walk.over("working", window)
    duplicates.show_list()
    window.check_before_import(folder)
    until(lambda: duplicates.currentWidget() is duplicates.check_page)
    walk.over("check", window)
    duplicates.show_list()
    duplicates.deciding.unmark_all()
    duplicates.clearing.result.show_removals([])
    duplicates.setCurrentWidget(duplicates.clearing.result)
    walk.over("result", window)
    duplicates.show_list()
    _all_was_met(stage)


def _all_was_met(stage: Stage) -> None:
    """Each page, and each action that opens something."""
    window = stage.window
    for place in window.places:
        window.go_to(place)
        stage.turn_pages("page", place.shown())
    for pages in window.findChildren(QStackedWidget):
        assert {pages.widget(at) for at in range(pages.count())} <= stage.walk.widgets, pages
    for top in window.menuBar().actions():
        for action in top.menu().actions():
            if action.text().endswith(OPENS):
                assert action in stage.triggered, action.text()
