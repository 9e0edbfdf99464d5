"""A large library: the newest photos at once, all of them as they come."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt

from photosearch.gui.session import FIRST, Known
from photosearch.library import Library
from photosearch.records import Filters
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder
from tests.gui.conftest import PATIENCE, NeverInGui
from tests.million import generate, model

COUNT = 1200


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


class Listing(Library):
    """A library that lists all of its photos only when it may."""

    def __init__(self, home: Path) -> None:
        super().__init__(Places.under(home), Settings(workers=1), model(), CoarseColourEncoder())
        self.may_list = threading.Event()
        self.once = False

    def timeline(self, filters=Filters()):
        assert self.may_list.wait(60)
        if self.once:
            self.may_list.clear()
        return super().timeline(filters)


@pytest.fixture
def large(tmp_path, open_window):
    """A window on a library of some photos more than are listed at once, and what it was told."""
    generate(tmp_path / "large", COUNT)
    libraries = []

    def opened():
        libraries.append(Listing(tmp_path / "large"))
        return NeverInGui(libraries[0])

    window = open_window(opener=opened)
    told: list[Known] = []
    window.session.told.connect(told.append)
    yield window, told, libraries
    for library in libraries:
        library.once = False
        library.may_list.set()


def test_the_newest_photos_are_shown_while_all_of_them_are_still_being_listed(large, qtbot):
    window, told, libraries = large
    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    until(qtbot, lambda: told)
    assert len(photos.ids) == FIRST and not told[0].whole
    until(qtbot, lambda: photos.photo(0) is not None)
    first = photos.ids.tolist()
    grid.setCurrentIndex(photos.index(40))
    until(qtbot, lambda: grid.current)
    chosen = grid.current.id
    assert window.status._searchable.text() == "1,200 photos searchable"
    libraries[0].may_list.set()
    until(qtbot, lambda: len(photos.ids) == COUNT)
    assert photos.ids[:FIRST].tolist() == first and told[-1].whole
    assert grid.current.id == chosen
    assert sum(told[-1].months.values()) == COUNT


def test_a_change_takes_no_photo_out_of_sight_while_all_are_listed_again(large, qtbot):
    window, told, libraries = large
    until(qtbot, lambda: libraries)
    libraries[0].may_list.set()
    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    until(qtbot, lambda: len(photos.ids) == COUNT)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    scrolled = grid.verticalScrollBar().value()
    assert scrolled > 0
    libraries[0].may_list.clear()
    window.session.choose_effort("gentle")
    until(qtbot, lambda: told[-1].effort == "gentle" and not told[-1].whole)
    assert len(photos.ids) == COUNT and grid.verticalScrollBar().value() == scrolled


def test_what_was_asked_for_later_is_not_overwritten_by_what_came_late(large, qtbot):
    window, told, libraries = large
    photos = window.library.gallery.photos
    until(qtbot, lambda: told)
    # All photos are being listed; meanwhile others are asked for.
    nothing = Filters(camera="no such camera")
    window.session.narrow(nothing)
    until(qtbot, lambda: told[-1].filters == nothing)
    assert len(photos.ids) == 0 and told[-1].whole
    libraries[0].may_list.set()
    until(qtbot, lambda: not window.session._listing.busy)
    assert told[-1].filters == nothing and len(photos.ids) == 0


def test_a_library_is_shown_once_it_is_listed_however_often_that_was_asked_for_meanwhile(large, qtbot):
    window, told, libraries = large
    until(qtbot, lambda: told and window.session._listing.busy)
    # As at each batch while photos are being indexed.
    for _ in range(3):
        window.session.refresh()
    assert not told[-1].whole
    libraries[0].once = True
    libraries[0].may_list.set()
    until(qtbot, lambda: told[-1].whole)
    # What came meanwhile is not forgotten.
    until(qtbot, lambda: window.session._listing.busy)
    heard = len(told)
    libraries[0].may_list.set()
    until(qtbot, lambda: len(told) > heard)


def test_who_selects_all_photos_while_they_are_being_listed_has_all_of_them_selected(large, qtbot):
    window, told, libraries = large
    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    until(qtbot, lambda: told)
    window.select_all.trigger()
    assert grid.chosen == [] and "as soon as" in window.status._text.text()
    libraries[0].may_list.set()
    until(qtbot, lambda: len(grid.chosen) == COUNT)
    assert grid.chosen == photos.ids.tolist()


def test_who_selects_something_else_meanwhile_keeps_that(large, qtbot):
    window, told, libraries = large
    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    until(qtbot, lambda: told)
    window.select_all.trigger()
    grid.setCurrentIndex(photos.index(3))
    chosen = grid.chosen
    libraries[0].may_list.set()
    until(qtbot, lambda: len(photos.ids) == COUNT)
    assert grid.chosen == chosen and len(chosen) == 1


def test_what_is_dragged_out_is_all_that_is_selected_though_it_was_never_in_sight(large, qtbot, monkeypatch):
    window, _, libraries = large
    photos, grid = window.library.gallery.photos, window.library.gallery.grid
    remarks, dragged = [], []
    window.session.remarked.connect(remarks.append)
    monkeypatch.setattr(
        "PySide6.QtGui.QDrag.exec", lambda drag, action: dragged.append(len(drag.mimeData().urls()))
    )
    until(qtbot, lambda: libraries)
    libraries[0].may_list.set()
    until(qtbot, lambda: len(photos.ids) == COUNT)
    grid.setCurrentIndex(photos.index(0))
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [] and remarks == ["At most 1,000 photos can be dragged at once."]
    grid.selectionModel().clear()
    grid.setCurrentIndex(photos.index(0))
    rows = QItemSelection(photos.index(0), photos.index(899))
    grid.selectionModel().select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [] and "in a moment" in remarks[-1]
    until(qtbot, lambda: not photos.missing(grid.chosen_ids))
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [900]
