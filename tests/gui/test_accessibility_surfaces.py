"""Every surface of the window as a screen reader is told of it, in English and in German.

Nobody keeps a list of what there is: whatever a menu or a button opens is walked, and each page that was not
come to by then; at the end each kind of widget of the program, and each action that opens something, was met.
"""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from photosearch.gui.archive import ArchiveWindow
from photosearch.gui.language import speak, translations
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.records import Box, Example, Filters, Progress
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.gui.conftest import PATIENCE, TAKEN, NeverInGui, found
from tests.test_cleaning import XMP
from tests.test_duplicates import scene

Role, Text = QAccessible.Role, QAccessible.Text

GROUPS = {
    *(Role.Client, Role.Window, Role.Dialog, Role.Border, Role.LayeredPane, Role.Splitter, Role.Grouping)
}
GROUPS |= {Role.PopupMenu, Role.MenuBar, Role.Separator, Role.ScrollBar, Role.Grip, Role.PageTabList}
"""What holds others, or parts them: nobody stops there unless it can have the focus."""

OPENS = "…"
"""At the end of the name of what opens something."""


class Walk:
    """Goes through what is in sight, and keeps what was met and what is wrong with it."""

    def __init__(self, english: set[str]) -> None:
        """Begin with nothing.

        Args:
            english: Sentences that are said in another way in the language of the window.
        """
        self._english = english
        self.kinds: set[type] = set()
        self.widgets: set[QWidget] = set()
        self.wrong: list[str] = []
        self.heard = 0

    def over(self, where: str, shown: QWidget) -> None:
        """Walk one surface and all that is in it."""
        root = QAccessible.queryAccessibleInterface(shown)
        self._note(shown)
        for element, parent in _below(root):
            thing = element.object()
            if isinstance(thing, QWidget):
                self._note(thing)
            wrong = self._wrong(element, parent)
            if wrong:
                self.wrong.append(f"{where}: {wrong}: {_written(element)}")

    def _note(self, widget: QWidget) -> None:
        self.widgets.add(widget)
        self.kinds |= set(type(widget).__mro__)

    def _wrong(self, element: QAccessibleInterface, parent: QAccessibleInterface) -> str:
        """What is wrong with an element; empty if nothing is."""
        role, state, name = element.role(), element.state(), element.text(Text.Name)
        thing, description = element.object(), element.text(Text.Description)
        if _of_qt(thing):
            return ""
        stops = state.focusable or role in (Role.MenuItem, Role.ListItem, Role.ProgressBar, Role.Slider)
        if stops and role not in GROUPS:
            self.heard += 1
        passes_on = isinstance(thing, QWidget) and thing.focusProxy() is not None
        if stops and not (name or passes_on or _labelled(element)):
            return "has no name"
        if role == Role.NoRole or (isinstance(thing, QAbstractButton) and role == Role.Client):
            return "has no role"
        if stops and re.fullmatch(r"[\W_]+", name) and not description:
            return "is called by a sign alone"
        if name and (name == description or f"{name} (" in description):
            return "is read twice, as its name and as what is said of it"
        # Qt's own parts are called like what they are a part of.
        part = role == Role.PageTab or parent.role() == Role.ComboBox
        if name and stops and not part and name == parent.text(Text.Name):
            return "is read twice, with what it lies in"
        if {name, description} & self._english:
            return "is said in English"
        if isinstance(thing, QAbstractButton | QAction) and thing.isCheckable():
            told = bool(state.checkable), bool(state.checked)
            return "" if told == (True, thing.isChecked()) else "does not tell whether it is checked"
        return ""


def _below(interface: QAccessibleInterface, depth: int = 0) -> Iterator[tuple[QAccessibleInterface, ...]]:
    """Everything in sight below an element, each with what it lies in."""
    for number in range(interface.childCount()):
        child = interface.child(number)
        # A dialog is below its window, too, but is walked by itself.
        if child is None or not child.isValid() or child.state().invisible or child.role() == Role.Dialog:
            continue
        yield child, interface
        if not isinstance(child.object(), QFileDialog):
            assert depth < 40
            yield from _below(child, depth + 1)


def _labelled(element: QAccessibleInterface) -> bool:
    relations = element.relations(QAccessible.RelationFlag.Label)
    return any(label.text(Text.Name) for label, _ in relations)


def _of_qt(thing: object) -> bool:
    """Parts that Qt makes inside of its own widgets, which speak for them."""
    return isinstance(thing, QWidget) and thing.objectName().startswith("qt_")


def _written(element: QAccessibleInterface) -> str:
    kind = type(element.object()).__name__ if element.object() else "item"
    return f"{element.role().name} “{element.text(Text.Name)}” ({element.text(Text.Description)}), {kind}"


class Stage:
    """A window whose every corner is gone into."""

    def __init__(self, window: Window, walk: Walk, until: Callable) -> None:
        self.window, self.walk, self.until = window, walk, until
        self.menus: set[QMenu] = set()
        self.triggered: set[QAction] = set()

    # What opens

    def open(self, where: str, does: Callable[[], object]) -> bool:
        """Do something; walk what it opens, close it with Escape: the keyboard is where it was before."""
        focus, before = self.window.focusWidget(), self._open_now()
        does()
        for _ in range(40):
            # A sentence of the library may have to be read first.
            QTest.qWait(25)
            opened = [each for each in self._open_now() if each not in before]
            if opened:
                break
        for each in opened:
            self.explore(where, each)
            self.until(lambda each=each: self._leave(each))
        if opened:
            assert self.window.focusWidget() is focus, f"{where}: the keyboard is not where it was"
        return bool(opened)

    def _open_now(self) -> list[QWidget]:
        looking = self.window.looking
        over = [*QApplication.topLevelWidgets(), looking.preview, looking.comparison]
        return [each for each in over if each.isVisible() and each.objectName() != "qt_scrollarea_viewport"]

    def _leave(self, shown: QWidget) -> bool:
        try:
            if not shown.isVisible():
                return True
            QTest.keyClick(shown.focusWidget() or shown, Qt.Key.Key_Escape)
            return False
        except RuntimeError:
            # Deleted when it was closed.
            return True

    def explore(self, where: str, shown: QWidget) -> None:
        """Walk something, each of its pages, and what its buttons open."""
        if isinstance(shown, QFileDialog):
            # The platform's own, or Qt's: what it is for stands in its title.
            assert shown.windowTitle()
            self.walk.widgets.add(shown)
            return
        QTest.qWait(30)
        self.walk.over(where, shown)
        self.turn_pages(where, shown)
        for tabs in shown.findChildren(QTabWidget):
            for at in range(tabs.count()):
                tabs.setCurrentIndex(at)
                QTest.qWait(30)
                self.walk.over(f"{where}, {tabs.tabText(at)}", shown)
                self._press(where, tabs.currentWidget())

    def turn_pages(self, where: str, shown: QWidget) -> None:
        """Walk each page that was not in sight yet."""
        for pages in shown.findChildren(QStackedWidget):
            before = pages.currentWidget()
            for page in map(pages.widget, range(pages.count())):
                if page not in self.walk.widgets:
                    pages.setCurrentWidget(page)
                    self.walk.over(where, page)
            pages.setCurrentWidget(before)

    def _press(self, where: str, page: QWidget) -> None:
        for button in page.findChildren(QAbstractButton):
            if button.isVisible() and button.isEnabled() and button.text().endswith(OPENS):
                self.open(f"{where}, {button.text()}", button.click)

    def open_menu(self, menu: QMenu) -> None:
        """Walk a menu, and what its items open."""
        menu.popup(QPoint(5, 5))
        QTest.qWait(20)
        # Of those of filters: until their choices are counted.
        self.until(lambda: self.window.session._listing.busy is False)
        self.walk.over(f"menu {menu.accessibleName()}", menu)
        menu.hide()
        self.menus.add(menu)
        if not menu.accessibleName():
            self.walk.wrong.append(f"a menu has no name: {[each.text() for each in menu.actions()]}")
        for action in menu.actions():
            if action.isEnabled() and action.text().endswith(OPENS) and action not in self.triggered:
                self.triggered.add(action)
                assert self.open(action.text(), action.trigger) or self._page_changed(), action.text()

    def _page_changed(self) -> bool:
        """Some lead to a page of the window in place of a dialog."""
        place, duplicates = self.window.place, self.window.duplicates
        self.until(lambda: place is not duplicates or duplicates.currentWidget() is not duplicates._front)
        self.walk.over("page", self.window)
        duplicates.show_list()
        return place is duplicates

    def context_menus(self) -> None:
        """The menu of each thing in sight that has one, called by the key for it."""
        window = self.window
        for view in window.findChildren(QWidget):
            if view.contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu and view.isVisible():
                at = view.visualRect(view.currentIndex()).center()
                view.customContextMenuRequested.emit(at)
                self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
                menu = QApplication.activePopupWidget()
                self.walk.over(f"context menu of {view.accessibleName()}", menu)
                menu.close()
                QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def menu_bar(self) -> None:
        for top in self.window.menuBar().actions():
            self.open_menu(top.menu())

    def buttons_menus(self) -> None:
        for menu in self.window.place.shown().findChildren(QMenu):
            if menu not in self.menus:
                self.open_menu(menu)


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
def library(folder, tmp_path_factory) -> Iterator[Library]:
    places = Places.under(tmp_path_factory.mktemp("home"))
    library = Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
    library.add_folder(folder)
    list(library.update())
    yield library
    library.close()


def said_otherwise(language: str) -> set[str]:
    """The English sentences that a language says in another way."""
    file = translations() / f"photosearch_{language}.ts"
    messages = ET.parse(file).iter("message") if file.exists() else ()
    pairs = [(each.findtext("source"), each.findtext("translation")) for each in messages]
    return {source for source, said in pairs if said and source != said}


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
