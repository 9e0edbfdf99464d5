"""What goes wrong on the way to the trash is said in place, and the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch.errors import LibraryDamaged
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.library.cleaning import Cleaning
from photosearch.library.duplicates import Duplicates
from photosearch.scan import HOLDING
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.gui.conftest import PATIENCE, NeverInGui, listed, said
from tests.gui.duplicates.test_place import names
from tests.library.test_cleaning import Bin


class Trashing(NeverInGui):
    """A library with a trash that does as it is told, and that may be damaged."""

    trash: Bin
    damaged = False

    def cleaning(self) -> Cleaning:
        return self._library.cleaning(self.trash)

    def duplicates(self) -> Duplicates:
        if self.damaged:
            raise LibraryDamaged("The library cannot be read back.")
        return self._library.duplicates()


class Slow(Bin):
    """A trash that takes its time with the first file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def put(self, path: Path) -> Path | None:
        self.begun.set()
        assert self.may_go_on.wait(PATIENCE / 1000)
        return super().put(path)


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.fixture
def library(tmp_path) -> Trashing:
    places = Places.under(tmp_path / "home")
    library = Trashing(Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder()))
    library.trash = Bin(tmp_path / "bin")
    return library


@pytest.fixture
def enter(open_window, shots, library, qtbot) -> Callable[[], Window]:
    def entered() -> Window:
        window = open_window([shots], opener=lambda: library)
        until(qtbot, lambda: said(window) == "Up to date" and window.session.known.status.encoded == 8)
        window.go_to(window.duplicates)
        return window

    return entered


def to_the_trash(window: Window, qtbot) -> None:
    """Agree to moving all exact copies, and wait for what became of them."""
    place = window.duplicates
    until(qtbot, lambda: len(listed(window)) == 3 and not place.work.is_finding)
    place.exact_button.click()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    place.summary.go.click()


def test_where_a_volume_has_no_trash_a_folder_in_plain_sight_is_offered(enter, library, shots, qtbot):
    library.trash.wrong = "has none"
    window, before = enter(), names(shots)
    place = window.duplicates
    to_the_trash(window, qtbot)
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert names(shots) == before, "nothing was deleted, and nothing moved without asking"
    assert place.result.title.text() == "Nothing was moved"
    assert "“Removed by PhotoSearch”" in place.result.told.text() and place.result.holding.isVisible()
    place.result.holding.click()
    until(qtbot, lambda: place.currentWidget() is place.result and not place.result.holding.isVisible())
    assert names(shots / HOLDING) == {"shot 0 copy.jpg", "shot 1 copy.jpg"}
    assert {line.state for line in place.result.list.lines.lines} == {"in the holding folder"}
    window.undo.trigger()
    until(qtbot, lambda: not (shots / HOLDING).exists() or not names(shots / HOLDING))
    assert names(shots) == before


def test_a_trash_that_refuses_leaves_everything_where_it_is_and_says_why(enter, library, shots, qtbot):
    library.trash.wrong = "refuses"
    window, before = enter(), names(shots)
    place = window.duplicates
    to_the_trash(window, qtbot)
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert names(shots) == before
    stayed = place.result.list.lines.lines
    assert [line.state for line in stayed] == ["stayed"] * 2 and "Permission denied" in stayed[0].detail
    assert not place.result.undo.isVisible() and window.session.undo.next is None


def test_moving_is_stopped_after_the_file_under_way_and_what_was_moved_is_told(
    enter, library, shots, tmp_path, qtbot
):
    library.trash = Slow(tmp_path / "bin")
    window, before = enter(), names(shots)
    place = window.duplicates
    to_the_trash(window, qtbot)
    until(qtbot, library.trash.begun.is_set)
    assert place.clearing.working.stop.isVisible() and window.isEnabled()
    window.go_to(window.library)
    window.go_to(place)
    assert place.currentWidget() is place.clearing.working, "one may go elsewhere meanwhile"
    place.clearing.working.stop.click()
    library.trash.may_go_on.set()
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert place.result.title.text() == "1 file is in the trash"
    assert len(names(shots)) == len(before) - 1
    assert window.undo.text() == "Undo “Move to the Trash”"


def test_a_library_that_cannot_be_read_is_said_in_place_and_tried_again(enter, library, qtbot):
    library.damaged = True
    window = enter()
    place = window.duplicates
    until(qtbot, lambda: place.message._title.text() == "Duplicates cannot be looked for just now")
    assert place.message._sentence.text() == "The library cannot be read back."
    library.damaged = False
    place._again.click()
    until(qtbot, lambda: len(listed(window)) == 3)
    assert place._middle.currentWidget() is place.list
