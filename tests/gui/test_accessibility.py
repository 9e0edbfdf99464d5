"""Without a mouse, by ear, from right to left, at any scale: what holds for the whole window."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QItemSelectionModel, QLocale, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.gui.design import theme
from photosearch.gui.grid.tiles import beginning
from photosearch.gui.preferences import Preferences
from photosearch.records import Box, Example
from tests.gui.conftest import PATIENCE, found

Role = QAccessible.Role
SELECT = QItemSelectionModel.SelectionFlag.Select

SPEAKING = {
    *(Role.Button, Role.PushButton, Role.ButtonMenu, Role.CheckBox, Role.RadioButton, Role.ComboBox),
    *(Role.EditableText, Role.SpinBox, Role.Slider, Role.List, Role.Table, Role.PageTab, Role.MenuItem),
    *(Role.ProgressBar, Role.ListItem, Role.Graphic),
}
"""What a person stops at, or hears of: each has to say what it is."""


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def tree(interface: QAccessibleInterface, depth: int = 0) -> list[QAccessibleInterface]:
    """Everything below an element that can be seen."""
    found = []
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is None or not child.isValid() or child.state().invisible or depth > 30:
            continue
        found += [child, *tree(child, depth + 1)]
    return found


def named(interface: QAccessibleInterface) -> bool:
    return bool(interface.text(QAccessible.Text.Name))


def test_every_element_that_one_stops_at_says_what_it_is(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg", box=Box(0, 0, 0.5, 1)), Example(drawn / "city 1.jpg", -0.5)])
    until(qtbot, lambda: found(window))
    window.preferences.trigger()
    until(qtbot, lambda: window.findChildren(Preferences))
    (dialog,) = window.findChildren(Preferences)
    heard = 0
    for place in window.places:
        window.go_to(place)
        for shown in (window, dialog):
            for tab in range(dialog.tabs.count()) if shown is dialog else [0]:
                dialog.tabs.setCurrentIndex(tab)
                elements = tree(QAccessible.queryAccessibleInterface(shown))
                asked = [one for one in elements if one.role() in SPEAKING]
                silent = [(one.role(), one.object()) for one in asked if not named(one)]
                assert not [one for one in silent if not _of_qt(one[1])], silent
                heard += len(asked)
    assert heard > 100
    dialog.close()


def _of_qt(thing: object) -> bool:
    """Parts that Qt makes inside of its own widgets, which speak for them."""
    return thing is None or (isinstance(thing, QWidget) and thing.objectName().startswith("qt_"))


def test_results_are_read_as_sentences(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    grid = window.search_place.gallery.grid
    results = QAccessible.queryAccessibleInterface(grid)
    assert results.role() == Role.List and results.childCount() == 18
    items = [results.child(row) for row in range(3)]
    assert {item.role() for item in items} == {Role.ListItem}
    said = [item.text(QAccessible.Text.Name) for item in items]
    assert said[0].startswith("Same shot, number 1, closer than ")
    assert said[0].endswith("13 September 2020, sea 1.jpg")
    assert said[1].startswith("Similar, number 2, closer than ")
    grid.clearSelection()
    grid.setCurrentIndex(window.search_place.gallery.photos.index(1))
    assert [bool(item.state().selected) for item in items] == [False, True, False]


def test_photos_are_told_as_pictures_and_places_kinds_and_ways_as_choices(window, drawn, qtbot):
    def roles(*widgets: QWidget) -> set[Role]:
        assert all(named(QAccessible.queryAccessibleInterface(widget)) for widget in widgets)
        return {QAccessible.queryAccessibleInterface(widget).role() for widget in widgets}

    window.search([Example(drawn / "sea 1.jpg"), Example(drawn / "city 1.jpg", -0.5)])
    until(qtbot, lambda: found(window))
    assert roles(*(card.part for card in window.search_place.strip.cards)) == {Role.Graphic}
    looking, grid = window.looking, window.search_place.gallery.grid
    looking.open_preview.trigger()
    assert roles(looking.preview.canvas) == {Role.Graphic}
    looking.close()
    grid.selectionModel().select(window.search_place.gallery.photos.index(1), SELECT)
    looking.open_comparison.trigger()
    until(qtbot, lambda: looking.compare.isVisible())
    assert roles(*(pane.canvas for pane in looking.compare._panes)) == {Role.Graphic}
    assert roles(*looking.compare._ways.values()) == {Role.RadioButton}
    looking.close()
    assert roles(*window.navigation.buttons, *window.duplicates.kinds.values()) == {Role.RadioButton}


def test_arrows_go_from_place_to_place_as_in_any_choice(window, qtbot):
    buttons = window.navigation.buttons
    window.go_to(window.library)
    buttons[0].setFocus()
    for at in (1, 2, 3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert window.place is window.places[at] and QApplication.focusWidget() is buttons[at]
        states = [QAccessible.queryAccessibleInterface(button).state() for button in buttons]
        assert [bool(state.checked) for state in states] == [number == at for number in range(4)]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert window.place.shown().isAncestorOf(QApplication.focusWidget())


def test_tab_walks_through_every_place_and_comes_back(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    for place in window.places:
        window.go_to(place)
        wanted = {
            widget
            for widget in place.shown().findChildren(QWidget)
            if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        }
        reached = set()
        for _ in range(120):
            window.focusNextChild()
            reached.add(QApplication.focusWidget())
        left_out = {one for one in wanted - reached if not one.objectName().startswith("qt_")}
        assert not {one for one in left_out if one.focusProxy() is None}, place.title


def test_in_a_search_tab_goes_from_the_examples_to_what_is_beside_them_the_filters_and_the_photos(
    window, drawn, qtbot
):
    window.search([Example(drawn / "sea 1.jpg"), Example(drawn / "city 1.jpg", -0.5)])
    until(qtbot, lambda: found(window))
    window.search_place.add([], 1.0)
    place, walked = window.search_place, []
    place.strip.cards[0].part.setFocus()
    while QApplication.focusWidget() is not place.gallery.grid:
        walked.append(QApplication.focusWidget())
        window.focusNextChild()
    cards = [stop for card in place.strip.cards for stop in card.stops]
    assert walked[:8] == cards
    assert [place.strip.isAncestorOf(one) for one in walked].index(False) > 8
    assert walked[-7:] == list(place.filters.buttons.values())


def test_what_a_weight_or_a_state_means_is_not_told_by_colour_alone(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg", -0.5), Example(drawn / "city 1.jpg")])
    until(qtbot, lambda: window.search_place.answer)
    less, more = window.search_place.strip.cards
    assert (less._label.text(), more._label.text()) == ("×−0.5", "×1")
    window.session.narrow(window.session.filters.__class__(orientation="landscape"))
    assert window.search_place.filters.buttons["orientation"].text() == "Orientation: Landscape"
    window.search_place.filters.clear.click()


def luminance(colour: QColor) -> float:
    """As WCAG 2 defines it."""
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("HighlightedText", "Highlight"),
        ("ToolTipText", "ToolTipBase"),
        ("PlaceholderText", "Midlight"),
        ("Text", "Base"),
        ("WindowText", "Window"),
        ("PlaceholderText", "Base"),
        ("PlaceholderText", "Window"),
        ("Link", "Window"),
        ("BrightText", "Window"),
        ("ButtonText", "Button"),
    ],
)
def test_text_stands_out_from_its_ground(dark, strong, text, ground):
    colours, roles = theme.palette(dark, strong), QPalette.ColorRole
    high, low = sorted(
        (luminance(colours.color(getattr(roles, role))) for role in (text, ground)), reverse=True
    )
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_the_ground_of_what_is_chosen_or_checked(dark, strong):
    colours = theme.palette(dark, strong)
    text, accent = colours.text().color(), colours.accent().color()
    grounds = [(colours.midlight() if strong else colours.mid()).color()]
    for below in (colours.base(), colours.alternateBase(), colours.window()):
        parts = zip(accent.getRgbF()[:3], below.color().getRgbF()[:3], strict=True)
        grounds.append(QColor.fromRgbF(*(0.2 * over + 0.8 * under for over, under in parts)))
    for ground in grounds:
        high, low = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("appearance", ["light", "dark", "contrast"])
def test_the_names_of_places_stand_out_as_they_are_painted(window, qapp, appearance):
    try:
        theme.dress(qapp, appearance)
        button = window.navigation.buttons[1]
        picture = QPixmap(4 * button.size())
        picture.setDevicePixelRatio(4)
        button.render(picture)
        image = picture.toImage()
        lights = [
            luminance(image.pixelColor(x, y))
            for y in range(image.height() * 2 // 3, image.height() - 12)
            for x in range(12, image.width() - 12)
        ]
        assert (max(lights) + 0.05) / (min(lights) + 0.05) >= 4.5
    finally:
        theme.dress(qapp, "light")


def test_from_right_to_left_the_window_is_a_mirror(window, drawn, qtbot, qapp):
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        library = window.library
        folders, grid = library.folders, library.gallery.grid

        def middle(part) -> int:
            return part.mapTo(window, part.rect().center()).x()

        qtbot.waitUntil(lambda: middle(window.navigation) > window.width() * 0.8, timeout=PATIENCE)
        qtbot.waitUntil(lambda: middle(folders) > middle(grid), timeout=PATIENCE)
        photos = library.gallery.photos
        first, second = (grid.visualRect(photos.index(row)) for row in (0, 1))
        if grid._columns > 1:
            assert first.left() > second.left()
        # The badge lies in the corner where one begins to read.
        assert beginning(grid, QRect(100, 0, 200, 150), 40) == 100 + 200 - 6 - 40
        grid.setCurrentIndex(photos.index(0))
        qtbot.keyClick(grid, Qt.Key.Key_Left)
        assert grid.currentIndex().row() == 1, "what lies to the left is the next one"
        assert grid.indexAt(grid.visualRect(photos.index(1)).center()).row() == 1
        window.looking.show_panel.trigger()
        told = window.looking.panel.shown
        assert told["Name"] and "Address" not in told, "which photos of this computer have none of"
    finally:
        qapp.setLayoutDirection(QLocale("en").textDirection())


SMALLEST = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from PySide6.QtTest import QTest
from photosearch.gui.design import theme
from photosearch.gui.language import speak, translations
from photosearch.gui.window import Window
from photosearch.records import Example
from photosearch.settings import Places
application = QApplication(sys.argv[:1])
speak(application, sys.argv[2], translations())
theme.dress(application, "light")
def never():
    raise SystemExit
window = Window(never, Places.under(Path(sys.argv[1])))
window._painted = True
window.go_to(window.library)
window.resize(window.minimumSize())
window.show()
QTest.qWait(100)
window.search_place.strip.ask([Example(Path(f"{number}.jpg")) for number in range(3)])
for place in window.places:
    window.go_to(place)
    QTest.qWait(20)
    hint = window.minimumSizeHint()
    print(window.width(), window.height(), hint.width(), hint.height(), window.devicePixelRatio())
    shown = place.shown()
    for widget in [*shown.findChildren(QAbstractButton), *shown.findChildren(QLabel)]:
        # A sign has a width of its own choice.
        if isinstance(widget, theme.Line) or len(widget.text()) == 1 or not widget.isVisible():
            continue
        wide, high = widget.sizeHint().toTuple()
        if isinstance(widget, QLabel) and widget.wordWrap():
            wide, high = 0, widget.heightForWidth(widget.width())
        if widget.width() < wide or widget.height() < high:
            print("cut:", place.title, widget.text(), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("scale", "language"), [("1", "en"), ("1.5", "en"), ("3", "en"), ("1", "de"), ("2", "de")]
)
def test_each_place_fits_into_the_smallest_window_at_any_scale_with_nothing_cut(scale, language, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", SMALLEST, str(tmp_path), language],
        env=os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    lines = [line.split() for line in told.stdout.splitlines()]
    assert len(lines) == 4, told.stderr
    assert "cut:" not in told.stderr, told.stderr
    for width, height, wide, high, ratio in lines:
        # A screen of 1366 × 768 at 200 % has room for 683 × 384 with the frame.
        assert (int(width), int(height), float(ratio)) == (640, 350, float(scale))
        assert (int(wide) <= 640, int(high) <= 350) == (True, True)
