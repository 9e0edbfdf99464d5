"""From the grid to a photo in large and back, to several side by side, and to what is known of one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt

from photosearch.gui.viewing.information import likeness
from photosearch.gui.viewing.pictures import Wish
from photosearch.records import Details, Example, Match, Photo
from tests.gui.conftest import PATIENCE


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def grid_of(window):
    return window.place.gallery.grid


def choose(window, *rows: int) -> None:
    grid, add = grid_of(window), QItemSelectionModel.SelectionFlag.Select
    grid.setCurrentIndex(grid.model().index(rows[0]))
    for row in rows:
        grid.selectionModel().select(grid.model().index(row), add)


def test_space_shows_the_photo_and_gives_the_keyboard_back_where_one_walked_to(window, qtbot):
    window.activateWindow()
    grid, preview = grid_of(window), window.looking.preview
    grid.setFocus()
    choose(window, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert preview.isVisible() and preview.photo.id == int(grid.model().ids[3])
    qtbot.waitUntil(
        lambda: window.looking._pictures.get(Wish(preview.photo, preview.canvas.screen_length())) is not None,
        timeout=PATIENCE,
    )
    qtbot.keyClick(preview.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(preview.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(preview.canvas, Qt.Key.Key_Space)
    assert not preview.isVisible() and grid.currentIndex().row() == 5
    qtbot.waitUntil(grid.hasFocus, timeout=PATIENCE)
    # And it opens again there.
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert preview._row == 5


def test_a_search_that_is_begun_ends_the_preview(window, qtbot, drawn):
    choose(window, 1)
    window.looking.open_preview.trigger()
    assert window.looking.preview.isVisible()
    window.search([Example(drawn / "sea 1.jpg")])
    assert not window.looking.preview.isVisible()
    qtbot.waitUntil(lambda: window.search_place.answer is not None, timeout=PATIENCE)
    choose(window, 0)
    window.looking.open_preview.trigger()
    window.looking.preview.toggle_information()
    assert window.looking.preview.information.shown["Rank"] == "1: Same shot"


def test_two_to_eight_chosen_photos_are_compared(window, qtbot):
    window.allow()
    assert not window.looking.open_comparison.isEnabled()
    choose(window, 0, 2, 4)
    qtbot.waitUntil(window.looking.open_comparison.isEnabled, timeout=PATIENCE)
    window.looking.open_comparison.trigger()
    qtbot.waitUntil(window.looking.comparison.isVisible, timeout=PATIENCE)
    shown = [photo.id for photo in window.looking.compare.photos]
    assert shown == [int(grid_of(window).model().ids[row]) for row in (0, 2, 4)]
    qtbot.keyClick(window.looking.compare.leading, Qt.Key.Key_Escape)
    assert not window.looking.comparison.isVisible()
    grid_of(window).selectAll()
    assert not window.looking.open_comparison.isEnabled()


def test_information_stands_beside_the_grid_and_follows_it(window, qtbot):
    choose(window, 2)
    window.looking.show_panel.trigger()
    panel = window.looking.panel
    name = grid_of(window).current.path.name
    assert panel.isVisible() and panel.shown["Name"] == name
    qtbot.waitUntil(lambda: panel.shown.get("Format") == "JPEG", timeout=PATIENCE)
    choose(window, 4)
    assert panel.shown["Name"] == grid_of(window).current.path.name != name
    window.looking.show_panel.trigger()
    assert not panel.isVisible()


def test_in_a_narrow_window_the_folders_give_way_to_the_information_and_come_back(window, qtbot):
    library, looking = window.library, window.looking
    folders, panel = library.folders, looking.panel

    def shown() -> tuple[bool, bool]:
        told = library.show_folders.isChecked(), looking.show_panel.isChecked()
        return told if told == (folders.isVisible(), panel.isVisible()) else ()

    until(qtbot, lambda: shown() == (True, False))
    window.resize(1240, 700)
    until(qtbot, lambda: library.width() > 1000)
    wide = folders.width()
    window.resize(683, 700)
    until(qtbot, lambda: window.width() == 683 and shown() == (True, False))
    looking.show_panel.trigger()
    until(qtbot, lambda: shown() == (False, True))
    assert library.minimumSizeHint().width() <= library.width()
    assert panel.mapTo(window, panel.rect().topRight()).x() < 683
    library.show_folders.trigger()
    until(qtbot, lambda: shown() == (True, False))
    looking.show_panel.trigger()
    until(qtbot, lambda: shown() == (False, True))
    window.resize(1240, 700)
    until(qtbot, lambda: shown() == (True, True) and folders.width() == wide)


def test_in_the_least_window_two_examples_and_the_information_are_in_sight(window, drawn, qtbot):
    place, panel, strip = window.search_place, window.looking.panel, window.search_place.strip
    window.search([Example(drawn / name) for name in ("sea 1.jpg", "flower 1.jpg", "hills 1.jpg")])
    until(qtbot, lambda: place.answer and place.answer.matches)
    window.looking.show_panel.trigger()
    window.resize(window.minimumSize())
    until(qtbot, lambda: panel.isVisible() and strip.width() < 300 and not strip._title.isVisible())
    assert panel.mapTo(window, panel.rect().topRight()).x() < window.width()
    until(
        qtbot,
        lambda: (
            [card.part.visibleRegion().boundingRect().width() for card in strip.cards]
            == [strip.cards[0].width(), strip.cards[1].width(), 0]
        ),
    )
    assert strip._state.isVisible() and "18 photos compared" in strip._state.text()
    strip.cards[1].stops[-1].setFocus()
    qtbot.keyClick(strip.cards[1].stops[-1], Qt.Key.Key_Tab)
    until(qtbot, lambda: not strip.cards[2].part.visibleRegion().isEmpty())
    window.resize(1240, 820)
    until(qtbot, strip._title.isVisible)


def test_the_panel_tells_of_a_photo_in_sight_or_is_not_there(window, drawn, qtbot):
    panel = window.looking.panel
    window.go_to(window.library)
    choose(window, 1)
    window.looking.show_panel.trigger()
    of_library = panel.shown["Name"]
    window.search([Example(drawn / "sea 1.jpg")])
    qtbot.waitUntil(lambda: panel.shown.get("Name") == "sea 1.jpg", timeout=PATIENCE)
    window.go_to(window.activity)
    assert not panel.isVisible() and not window.looking.show_panel.isEnabled()
    window.go_to(window.library)
    assert panel.isVisible() and panel.shown["Name"] == of_library
    window.looking.show_panel.trigger()
    assert not panel.isVisible()


def test_a_score_above_one_is_not_said_to_be_of_one(qtbot):
    photo = Photo(1, Path("/a.jpg"), 1, 1, Details(1, 1), False)
    assert dict(likeness(Match(1, photo, 1.0187, 99.0, "same-shot")))["Score"] == "1.019"
