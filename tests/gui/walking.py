"""How tests go through a window as who listens does: a walk that hears, a stage that is gone over in full."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QFileDialog,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from photosearch.gui.language import translations
from photosearch.gui.window import Window

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
        self.fields = 0

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
        self._fields_menus(where, shown)
        for tabs in shown.findChildren(QTabWidget):
            for at in range(tabs.count()):
                tabs.setCurrentIndex(at)
                QTest.qWait(30)
                self.walk.over(f"{where}, {tabs.tabText(at)}", shown)
                self._fields_menus(where, tabs.currentWidget())
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

    def open_menu(self, menu: QMenu, presses: bool = True) -> None:
        """Walk a menu and those in it, and, unless that is not wanted, what its items open."""
        menu.popup(QPoint(5, 5))
        self._walk_menu(menu)
        menu.hide()
        self.menus.add(menu)
        for action in menu.actions():
            if isinstance(action.menu(), QMenu) and action.isEnabled():
                self.open_menu(action.menu(), presses)
            elif (
                presses
                and action.isEnabled()
                and action.text().endswith(OPENS)
                and action not in self.triggered
            ):
                self.triggered.add(action)
                assert self.open(action.text(), action.trigger) or self._page_changed(), action.text()

    def _walk_menu(self, menu: QMenu) -> None:
        QTest.qWait(20)
        # Of those of filters: until their choices are counted.
        self.until(lambda: self.window.session._listing.busy is False)
        self.walk.over(f"menu {menu.accessibleName()}", menu)
        # Qt calls those of text fields by what they are made of.
        if not (menu.accessibleName() or _of_qt(menu)):
            self.walk.wrong.append(f"a menu has no name: {[each.text() for each in menu.actions()]}")

    def _page_changed(self) -> bool:
        """Some lead to a page of the window in place of a dialog."""
        place, duplicates = self.window.place, self.window.duplicates
        self.until(lambda: place is not duplicates or duplicates.currentWidget() is not duplicates._front)
        self.walk.over("page", self.window)
        duplicates.show_list()
        return place is duplicates

    def context_menus(self) -> list[str]:
        """Walk the menu of each thing in sight that has one; what they are called."""
        views = [
            view
            for view in self.window.findChildren(QWidget)
            if view.contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu and view.isVisible()
        ]
        called = [self.context_menu(view, view.visualRect(view.currentIndex()).center()) for view in views]
        return [name for name in called if name is not None]

    def context_menu(self, widget: QWidget, at: QPoint) -> str | None:
        """Press the key for the menu of something; what it is called, None if there is none."""
        called: list[str] = []

        def walk() -> None:
            menu = QApplication.activePopupWidget()
            if isinstance(menu, QMenu):
                called.append(menu.accessibleName())
                self._walk_menu(menu)
                menu.close()

        # Some are open until something is chosen, so it is walked from within.
        QTimer.singleShot(0, walk)
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
        QTest.qWait(1)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return called[0] if called else None

    def _fields_menus(self, where: str, shown: QWidget) -> None:
        fields = [*shown.findChildren(QLineEdit), *shown.findChildren(QAbstractSpinBox)]
        for field in fields:
            if field.isVisible() and field.isEnabled():
                assert self.context_menu(field, field.rect().center()) is not None, where
                self.fields += 1

    def menu_bar(self, presses: bool = True) -> None:
        for top in self.window.menuBar().actions():
            self.open_menu(top.menu(), presses)

    def buttons_menus(self, presses: bool = True) -> None:
        for menu in self.window.place.shown().findChildren(QMenu):
            if menu not in self.menus:
                self.open_menu(menu, presses)


def said_otherwise(language: str) -> set[str]:
    """The English sentences that a language says in another way."""
    file = translations() / f"photosearch_{language}.ts"
    messages = ET.parse(file).iter("message") if file.exists() else ()
    pairs = [(each.findtext("source"), each.findtext("translation")) for each in messages]
    return {source for source, said in pairs if said and source != said}
