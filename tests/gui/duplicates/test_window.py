"""Duplicates and the rest of the window: a folder checked before an import, preferences, many groups."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QToolButton

from photosearch.duplicates import RULES
from photosearch.gui.design.sideways import Sideways
from photosearch.gui.duplicates.groups import Groups, Listing
from photosearch.gui.duplicates.list import GroupList
from photosearch.gui.duplicates.preferences import DuplicatesPreferences
from photosearch.gui.preferences import Preferences
from photosearch.gui.window import Window
from photosearch.records import Details, Group, GroupPhoto, Photo
from photosearch.settings import read_settings
from tests.gui.conftest import listed, said
from tests.gui.duplicates.test_place import GROUPS, until
from tests.library.test_duplicates import scene

DIRECT = Qt.FindChildOption.FindDirectChildrenOnly

pytestmark = pytest.mark.filterwarnings("ignore:Function. 'QDragEnterEvent:DeprecationWarning")


@pytest.fixture
def window(cleaning) -> Window:
    return cleaning


@pytest.fixture
def card(tmp_path, shots) -> Path:
    """A card with two photos of the library, one of them saved smaller, a new one, and a broken one."""
    card = tmp_path / "Card"
    (card / "DCIM").mkdir(parents=True)
    shutil.copy(shots / "alone.jpg", card / "DCIM" / "P1.jpg")
    scene(61).resize((240, 180)).save(card / "DCIM" / "P2.jpg")
    scene(75).save(card / "P3.jpg")
    (card / "P4.jpg").write_bytes(b"no photo at all")
    return card


def drop(window: Window, folder: Path, held: Qt.KeyboardModifier) -> Qt.DropAction:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(300, 300), actions, mime, left, held))
    event = QDropEvent(QPointF(300, 300), actions, mime, left, held)
    QApplication.sendEvent(window, event)
    return event.dropAction()


def test_a_folder_dropped_with_a_key_held_is_checked_and_not_added(window, card, qtbot):
    action = drop(window, card, Qt.KeyboardModifier.ShiftModifier)
    assert action == Qt.DropAction.CopyAction, "nothing is deleted where it came from"
    page = window.duplicates.check_page
    until(qtbot, lambda: window.duplicates.currentWidget() is page)
    assert page.title.text() == "2 of 4 are already here"
    assert [line.photo.path.name for line in page.new.list.lines.lines] == ["P3.jpg"]
    known = [(line.photo.path.name, line.state) for line in page.known.list.lines.lines]
    assert known == [("P1.jpg", "exact copy"), ("P2.jpg", "same shot")]
    assert page.known.in_library[0].name == "alone.jpg"
    assert page.unreadable.isVisible() and page.unreadable.list.lines.lines[0].state == "not read"
    assert len(window.session.known.folders) == 1, "it was not added"
    spoken = page.known.list.lines.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("P1.jpg, exact copy, ") and spoken.endswith("alone.jpg")
    page.copy.click()
    assert [url.fileName() for url in QGuiApplication.clipboard().mimeData().urls()] == ["P3.jpg"]
    until(qtbot, lambda: page.thumbnails.get(page.new.list.lines.lines[0].photo))
    window.end_search.trigger()
    assert window.duplicates.currentWidget() is not page and window.place is window.duplicates


def test_a_folder_of_the_library_is_here_already_and_what_lies_nowhere_else_is_told(window, shots, qtbot):
    window.check_before_import(shots)
    page = window.duplicates.check_page
    until(qtbot, lambda: window.duplicates.currentWidget() is page and page.title.text())
    lines = page.known.list.lines.lines
    assert page.title.text() == "All 8 photos are already here"
    assert {line.state for line in lines} == {"only here"}
    assert page.told.text().endswith(
        "8 photos are files of the library itself; outside this folder no copies are known."
    )
    assert page.known.in_library == [line.photo.path for line in lines]
    assert not page.new.list.lines.lines and not page.copy.isVisible()
    window.check_before_import(shots / "more")
    until(qtbot, lambda: page.title.text() == "All 2 photos are already here")
    assert [line.state for line in page.known.list.lines.lines] == ["exact copy"] * 2
    assert not any(path.is_relative_to(shots / "more") for path in page.known.in_library)


def test_a_folder_that_is_not_there_is_answered_in_a_sentence(window, tmp_path, qtbot):
    window.check_before_import(tmp_path / "nowhere")
    until(qtbot, lambda: "is not a folder" in said(window))
    place = window.duplicates
    assert not place.work.is_working and place.currentWidget() is not place.clearing.working


def test_rules_are_put_into_another_order_and_folders_are_never_touched(window, shots, qtbot):
    window.preferences.trigger()
    until(qtbot, lambda: window.findChildren(DuplicatesPreferences))
    (page,) = window.findChildren(DuplicatesPreferences)
    until(qtbot, lambda: page.rules.count() == len(RULES))
    assert page.rules.item(0).text() == "It lies in a reference folder" and not page.up.isEnabled()
    page.rules.setCurrentRow(2)
    page.up.click()
    page.add_folder(shots / "more")
    settings = window.session.places.settings
    until(qtbot, lambda: read_settings(settings).reference_folders == str(shots / "more"))
    assert read_settings(settings).keep_rules.split()[:3] == ["reference", "colour", "raw"]
    until(qtbot, lambda: ["shot 1 copy.jpg", "shot 1.jpg"] in listed(window))
    (group,) = (
        group for group in window.duplicates.groups.shown if group.keeper.path.name == "shot 1 copy.jpg"
    )
    assert window.duplicates.groups.reason(group) == "Suggested because it lies in a reference folder."
    assert group.photos[0].protected, "whoever keeps the other does not lose this one"
    window.duplicates.list.go_to_group(window.duplicates.groups.shown.index(group))
    window.duplicates.deciding.mark.trigger()
    assert said(window) == "It lies in a reference folder, which is never touched."
    page.folders.setCurrentRow(0)
    page.remove.click()
    until(qtbot, lambda: sorted(listed(window)) == sorted(GROUPS))
    window.findChildren(Preferences)[0].close()


@pytest.fixture
def many(qtbot) -> GroupList:
    """Ten thousand groups of two to six photos."""

    def photo(number: int) -> Photo:
        details = Details(4000, 3000, 1_500_000_000 + number)
        return Photo(number, Path(f"/photos/{number}.jpg"), 3_000_000, 1, details, False)

    groups = Groups()
    view = GroupList(groups)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show()
    kinds = ("exact", "same-shot")
    groups.show_listing(
        Listing.of(
            [
                Group(
                    kinds[number % 2],
                    "Suggested because it has the most pixels.",
                    tuple(
                        GroupPhoto(photo(10 * number + at), kinds[number % 2] if at else "keeper")
                        for at in range(2 + number % 5)
                    ),
                )
                for number in range(10_000)
            ]
        )
    )
    view.groups = groups
    return view


def test_ten_thousand_groups_scroll_without_a_stall(many, qtbot):
    bar, painted = many.verticalScrollBar(), []
    for at in range(60):
        start = time.thread_time()
        bar.setValue(bar.maximum() * at // 60)
        many.viewport().repaint()
        painted.append(time.thread_time() - start)
    assert sorted(painted)[30] < 0.05
    many.go_to(0)
    start = time.thread_time()
    for _ in range(20):
        qtbot.keyClick(many, Qt.Key.Key_PageDown)
    assert many.groups.number(many.currentIndex().row()) > 20
    assert time.thread_time() - start < 2


def test_each_photo_is_found_where_it_is_painted_even_in_a_group_of_several_lines(many):
    many.resize(500, 700)
    many.verticalScrollBar().setValue(many.verticalScrollBar().maximum() // 2)
    first = many._numbers(0, 0).start
    for row in (*many._rows(first + 1), *many._rows(first + 2)):
        rect = many.visualRect(many.groups.index(row))
        if many.viewport().rect().contains(rect):
            assert many.indexAt(rect.center()).row() == row
    tops = [many._place(number).top() for number in range(first, first + 4)]
    assert tops == sorted(set(tops))


def test_in_a_narrow_window_what_has_no_room_is_reached_by_arrows_over_the_edges(window, qtbot):
    place = window.duplicates

    def in_sight(widget) -> bool:
        return widget.visibleRegion().boundingRect().width() == widget.width()

    def arrows(widget) -> list[QToolButton]:
        row = widget
        while not isinstance(row, Sideways):
            row = row.parentWidget()
        return [button for button in row.findChildren(QToolButton, options=DIRECT) if button.isVisible()]

    window.resize(window.minimumSize())
    for last in (list(place.kinds.values())[-1], place.buttons[-1]):
        until(qtbot, lambda last=last: not in_sight(last) and len(arrows(last)) == 1)
        for _ in range(9):
            if arrows(last)[-1].x():
                arrows(last)[-1].click()
        until(qtbot, lambda last=last: in_sight(last) and [one.x() for one in arrows(last)] == [0])
    window.resize(1800, 800)
    until(qtbot, lambda: in_sight(last) and not arrows(last))
