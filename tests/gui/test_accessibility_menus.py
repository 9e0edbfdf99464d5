"""What depends on what is chosen and on what is there just now, as who listens is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from photosearch.gui.language import speak, translations, words
from photosearch.records import Box, Example, Filters
from tests.gui.conftest import PATIENCE, found, listed
from tests.gui.walking import Stage, Walk, said_otherwise


@pytest.mark.parametrize("language", ["en", "de"])
def test_menus_and_full_screen_tell_what_they_are_and_what_of_whatever_is_chosen(
    language, qapp, open_window, shots, qtbot
):
    def until(holds: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE)

    back = speak(qapp, language, translations())
    try:
        stage = Stage(open_window([shots]), Walk(said_otherwise(language)), until)
        until(lambda: len(stage.window.library.gallery.photos.ids) == 8)
        until(lambda: stage.window.session.last.step == "watching")
        _choose(stage, shots)
        _fill_the_screen(stage)
        _search(stage, shots)
        _clean_up(stage, shots)
        _unplug(stage, shots)
        # The one that is left is Qt's, of a menu bar that does not fit.
        menus = {menu for menu in stage.window.findChildren(QMenu) if menu.parent() != stage.window.menuBar()}
        assert menus <= stage.menus, [menu.accessibleName() for menu in menus - stage.menus]
    finally:
        back()
    assert not stage.walk.wrong, "\n".join(dict.fromkeys(stage.walk.wrong))


def _choose(stage: Stage, shots: Path) -> None:
    window, until, gallery = stage.window, stage.until, stage.window.library.gallery
    folders, grid = window.library.folders.list, gallery.grid
    name_of_folders = window.library.show_folders.text()
    # Nothing, as there is nothing yet; and beside photos and folders.
    window.go_to(window.search_place)
    stage.menu_bar(presses=False)
    assert not window.photo_actions.copy.isEnabled()
    window.go_to(window.library)
    assert stage.context_menu(grid, QPoint(1, grid.height() - 1)) is None
    assert stage.context_menu(folders, QPoint(1, folders.height() - 1)) == name_of_folders
    # One photo; a folder; several photos.
    grid.setCurrentIndex(gallery.photos.index(0))
    until(lambda: grid.current)
    assert set(stage.context_menus()) == {name_of_folders, grid.current.path.name}
    folders.setCurrentIndex(folders.model().index(1, 0))
    until(lambda: window.session.known.filters.under == shots)
    assert shots.name in stage.context_menus()
    for row in (1, 2):
        grid.selectionModel().select(gallery.photos.index(row), QItemSelectionModel.SelectionFlag.Select)
    until(lambda: len(grid.chosen_ids) == 3)
    assert words.photos(3) in stage.context_menus()
    stage.menu_bar(presses=False)
    stage.open_menu(window.tray.icon.contextMenu(), presses=False)
    window.session.narrow(Filters())


def _fill_the_screen(stage: Stage) -> None:
    window, preview, grid = stage.window, stage.window.looking.preview, stage.window.library.gallery.grid
    grid.setFocus()
    # While the pointer is over the bar, that stays.
    QCursor.setPos(window.mapToGlobal(window.rect().center()))
    window.looking.open_preview.trigger()
    QTest.keyClick(preview.canvas, Qt.Key.Key_F11)
    stage.until(window.isFullScreen)
    stage.walk.over("full screen", window)
    stage.until(lambda: not preview._bar.isVisible())
    stage.walk.over("full screen without its bar", window)
    QTest.keyClick(preview.canvas, Qt.Key.Key_Tab)
    assert preview._bar.isVisible() and preview._bar.isAncestorOf(window.focusWidget())
    stage.walk.over("full screen with its bar", window)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    stage.until(lambda: not window.isFullScreen())
    assert preview.isVisible() and window.menuBar().isVisible()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    stage.until(grid.hasFocus)
    # A desktop can let any window fill the screen.
    window.showFullScreen()
    stage.walk.over("a window that fills the screen", window)
    window.showNormal()


def _search(stage: Stage, shots: Path) -> None:
    window, search = stage.window, stage.window.search_place
    examples = [Example(shots / "shot 0.jpg", box=Box(0, 0, 0.5, 1)), Example(shots / "alone.jpg", -0.5)]
    window.search(examples)
    stage.until(lambda: found(window) and not window.session.searching.busy)
    for card, example in zip(search.strip.cards, examples, strict=True):
        for stop in card.stops:
            assert stage.context_menu(stop, stop.rect().center()) == example.source.name
    search.save_as("kept", search._history.current())
    stage.until(lambda: len(search.saved_menu.actions()) > 3)
    stage.buttons_menus(presses=False)


def _clean_up(stage: Stage, shots: Path) -> None:
    window, duplicates = stage.window, stage.window.duplicates
    window.go_to(duplicates)
    stage.until(lambda: len(listed(window)) == 3 and not duplicates.work.is_finding)
    assert stage.context_menus() == [duplicates.selection.current.path.name]
    window.check_before_import(shots)
    stage.until(lambda: duplicates.currentWidget() is duplicates.check_page)
    known = duplicates.check_page.known.list
    stage.until(lambda: known.lines.lines)
    known.setCurrentIndex(known.lines.index(0))
    assert stage.context_menu(known, known.visualRect(known.currentIndex()).center())
    stage.menu_bar(presses=False)


def _unplug(stage: Stage, shots: Path) -> None:
    window, until, gallery = stage.window, stage.until, stage.window.library.gallery
    window.go_to(window.library)
    shots.rename(shots.with_name("unplugged"))
    until(lambda: window.session.known.folders[0].state == "offline")
    gallery.grid.setCurrentIndex(gallery.photos.index(0))
    until(lambda: gallery.grid.current and gallery.grid.current.offline)
    window.looking.show_panel.trigger()
    stage.walk.over("library", window)
    assert gallery.grid.current.path.name in stage.context_menus()
    stage.menu_bar(presses=False)
    stage.buttons_menus(presses=False)
    gallery.grid.setFocus()
    assert stage.open("preview", window.looking.open_preview.trigger)
    window.go_to(window.activity)
    stage.walk.over("activity", window)
