"""The places of the window, what they show, and everything that can be done by its name or its key."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QDate, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from photosearch.errors import FolderUnavailable
from photosearch.gui import desktop
from photosearch.gui.actions import export
from photosearch.gui.actions.commands import KeySheet, Palette, fits
from photosearch.gui.activity import report
from photosearch.gui.activity.failures import FailureList
from photosearch.gui.browsing.filters import Choice, _Dates
from photosearch.gui.browsing.timeline import Timeline
from photosearch.gui.desktop import programs
from photosearch.gui.grid.grid import Grid
from photosearch.gui.grid.photos import Photos
from photosearch.gui.grid.tiles import WIDTHS
from photosearch.gui.preferences import Preferences
from photosearch.records import Details, Example, Filters, Match, Photo
from photosearch.settings import read_settings
from tests.gui.conftest import PATIENCE, found, names, said


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def choices(bar, name: str, qtbot) -> dict[str, str]:
    """What the menu of a filter offers, with its counts, once they are known."""
    menu = bar.buttons[name].menu()
    menu.aboutToShow.emit()
    until(qtbot, lambda: all(action.isEnabled() for action in menu.actions()))
    return dict((*action.text().split("\t"), "")[:2] for action in menu.actions() if action.text())


def choose(bar, name: str, text: str) -> None:
    next(action for action in bar.buttons[name].menu().actions() if action.text().startswith(text)).trigger()


# Places


def test_each_place_has_a_key_and_a_mark_in_the_navigation(window, qtbot):
    for number, place in enumerate(window.places, 1):
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.place is place
        assert place.shown().isVisible()
        assert [action.isChecked() for action in window.navigation.actions_to].index(True) == number - 1


def test_escape_leads_from_the_activity_to_the_search_and_from_there_to_all_photos(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    window.go_to(window.activity)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.place is window.search_place
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.place is window.library and window.search_place.query is None


# Filters


def test_each_choice_of_a_filter_shows_the_count_that_it_then_finds(own_window, pictures, qtbot):
    window, bar = own_window, own_window.library.filters
    Image.new("RGB", (60, 90), "teal").save(pictures / "upright.png")
    until(qtbot, lambda: window.session.known.status.encoded == 19)
    assert choices(bar, "orientation", qtbot) == {
        "Any orientation": "",
        "Landscape": "18",
        "Portrait": "1",
        "Square": "0",
    }
    choose(bar, "orientation", "Portrait")
    until(qtbot, lambda: names(window) == ["upright.png"])
    assert bar.buttons["orientation"].text() == "Orientation: Portrait"
    year = str(time.localtime().tm_year)
    assert choices(bar, "date", qtbot)[year] == "1", "of those that pass the other filters"
    assert choices(bar, "size", qtbot)["Below 1 megapixel"] == "1"
    folders = window.search_place.filters.buttons["folder"].menu()
    folders.aboutToShow.emit()
    until(qtbot, lambda: [one.text() for one in folders.actions()] == ["All folders", "Pictures\t1"])
    bar.clear.click()
    until(qtbot, lambda: len(names(window)) == 19)
    choices(bar, "date", qtbot)
    choose(bar, "date", "2020")
    until(qtbot, lambda: len(names(window)) == 18)
    assert bar.buttons["date"].text() == "Date: 2020"


def test_a_filter_narrows_a_search_that_is_shown_and_says_when_nothing_passes(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: len(found(window)) == 18)
    bar = window.search_place.filters
    choices(bar, "kind", qtbot)
    choose(bar, "kind", "The same shot")
    until(qtbot, lambda: 0 < len(found(window)) < 18)
    window.session.narrow(Filters(orientation="portrait"))
    message = window.search_place.gallery.message
    until(qtbot, lambda: message.isVisible() and "passes the filters" in message._sentence.text())
    window.go_to(window.library)
    until(qtbot, lambda: window.library.gallery.message._title.text() == "No such photos")
    bar.clear.click()
    until(qtbot, lambda: len(found(window)) == 18 and len(names(window)) == 18)


def test_who_sets_a_filter_has_what_it_keeps_before_a_picture_is_dropped(window, qtbot):
    narrowing, filters = window.session.library._narrowing, Filters(least_pixels=7)
    window.session.narrow(filters)
    until(qtbot, lambda: narrowing._kept is not None and filters in narrowing._kept.when)


def test_what_narrows_a_search_alone_is_nothing_to_clear_in_the_library(window, qtbot):
    window.session.narrow(Filters(kind="same-shot"))
    until(qtbot, lambda: window.session.known.filters.kind)
    assert window.library.filters.clear.isHidden() and not window.search_place.filters.clear.isHidden()
    assert len(window.session.known.listing) == 18
    window.session.narrow(Filters(kind="same-shot", orientation="square"))
    until(qtbot, lambda: not window.library.filters.clear.isHidden())


def test_what_needs_no_counting_can_be_chosen_while_the_library_counts(window, qtbot):
    window.session.narrow(Filters(since=0))
    until(qtbot, lambda: window.session.known.filters == window.session.filters)
    may_count = threading.Event()
    window.session._listing.call("other", lambda: may_count.wait(PATIENCE / 1000))
    menu = window.library.filters.buttons["date"].menu()
    menu.aboutToShow.emit()
    offered = {action.text(): action for action in menu.actions() if action.text()}
    assert list(offered) == ["Any time", "Counting…", "From … to …"]
    offered["Any time"].trigger()
    assert window.session.filters == Filters()
    may_count.set()
    until(qtbot, lambda: not window.session._listing.busy)


def test_a_menu_that_is_open_when_its_counts_come_shows_them_and_keeps_the_mark(own_window, qtbot):
    window, pill = own_window, own_window.library.filters.buttons["orientation"]
    menu = pill.menu()
    for _ in range(3):
        menu.popup(pill.mapToGlobal(pill.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[0])
        until(qtbot, lambda: len(menu.actions()) == 4)
        assert menu.isVisible() and menu.activeAction().text() == "Any orientation"
        menu.hide()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(menu.findChildren(QActionGroup)) == 1, "each opening leaves nothing behind"
    assert len([action for action in menu.findChildren(QAction) if action.text()]) == 4
    menu.actions()[2].trigger()
    assert window.session.filters.orientation == "portrait"


def test_dates_from_to_hold_whole_days_in_whatever_order_they_are_given(window, qtbot):
    dialog = _Dates(Filters(), window)
    dialog.since.setDate(QDate(2020, 9, 20))
    dialog.until.setDate(QDate(2020, 9, 13))
    dialog.chosen.connect(
        lambda since, until: window.session.narrow(Filters(since=1_599_955_200, until=1_600_646_400))
    )
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.accept()
    assert chosen.args == [QDate(2020, 9, 13), QDate(2020, 9, 20)]
    assert window.library.filters.buttons["date"].text().startswith("Date: 9/13/2")
    until(qtbot, lambda: window.session.known.filters == window.session.filters)
    assert len(window.session.known.listing) == 18


def test_near_the_photo_one_is_at_is_a_choice_of_place(window):
    bar = window.library.filters
    details = Details(1, 1, None, "", 52.5, 13.4)
    bar.current = lambda: Photo(1, Path("/berlin.jpg"), 1, 1, details, False)
    offered = list(bar._near(Filters()))
    assert offered[0] == Choice("Anywhere", Filters())
    assert offered[2].text == "Within 10 km of “berlin.jpg”"
    assert (offered[2].filters.near.latitude, offered[2].filters.near.kilometres) == (52.5, 10)


# The timeline


@pytest.fixture
def timeline(window, qtbot) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(62, 500)
    known = window.session.known
    months = {"2024-05": 10, "2023-12": 80, "2023-01": 10}

    timeline.show_months(replace(known, listing=np.arange(100), months=months))
    timeline.show()
    timeline.rows = []
    timeline.jumped.connect(timeline.rows.append)
    return timeline


def test_the_timeline_jumps_to_where_a_month_begins_by_keys_and_to_any_date_by_pointer(timeline, qtbot):
    assert timeline.month_at(0) == "May 2024" and timeline.month_at(95) == "January 2023"
    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    qtbot.keyClick(timeline, Qt.Key.Key_Up)
    assert timeline.rows == [10, 90, 10]
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(30, 250))
    assert timeline.rows[-1] == 50
    timeline.show_row(91)
    assert timeline.rows[-1] == 50, "following the grid is no jump"
    assert timeline.accessibleDescription() == "January 2023, 10 photos"


def test_the_timeline_follows_the_grid_and_leads_it(open_window, pictures, qtbot):
    for number, path in enumerate(sorted(pictures.iterdir())):
        os.utime(path, (1.5e9 + 5e6 * number,) * 2)
    window = open_window([pictures])
    until(qtbot, lambda: window.session.known and len(window.session.known.months) > 10)
    window.resize(700, 500)
    library = window.library
    until(qtbot, lambda: library.timeline.isVisible())
    library.timeline.setFocus()
    qtbot.keyClick(library.timeline, Qt.Key.Key_End)
    bar = library.gallery.grid.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    assert library.timeline.value() == 0


# The grid


def test_photos_are_made_larger_by_key_and_wheel_and_stay_in_place(window, qtbot):
    grid = window.library.gallery.grid
    grid.setCurrentIndex(window.library.gallery.photos.index(9))
    before = grid._tiles.picture.width()
    window.larger.trigger()
    assert grid._tiles.picture.width() > before
    assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))
    wheel = QWheelEvent(
        *(QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton),
        *(Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(grid.viewport(), wheel)
    assert grid._tiles.picture.width() == before
    for _ in range(20):
        window.smaller.trigger()
    assert grid._tiles.picture.width() == WIDTHS[0]
    assert window.search_place.gallery.grid._tiles.picture == grid._tiles.picture


def test_the_slider_below_makes_photos_larger_as_the_keys_do(window, qtbot):
    window.show()
    slider, grid = window.size_of_photos, window.library.gallery.grid
    assert slider.isVisible()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert grid._tiles.picture.width() == WIDTHS[-1] and not window.larger.isEnabled()
    window.smaller.trigger()
    assert WIDTHS[slider.value()] == WIDTHS[-2] == grid._tiles.picture.width()
    assert window.larger.isEnabled()
    window.go_to(window.activity)
    assert not slider.isVisible(), "there are no photos to be made larger"


def test_in_the_midst_of_a_name_a_shortcut_is_a_letter_of_it(qtbot):
    photos = Photos()
    names = ["a.jpg", "b-2 x.jpg", "b+1.jpg"]
    known = [Photo(at, Path("/photos", name), 1, 1, Details(1, 1), False) for at, name in enumerate(names)]
    grid, done = Grid(photos), []
    qtbot.addWidget(grid)
    photos.show_listing(np.arange(3))
    photos.fill([0, 1, 2], known)
    for key in ("+", "-", "Space"):
        action = QAction(grid)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _, key=key: done.append(key))
        grid.addAction(action)
    grid.show()
    grid.activateWindow()
    grid.setFocus()
    until(qtbot, grid.hasFocus)
    interval = QApplication.keyboardInputInterval()
    QApplication.setKeyboardInputInterval(60_000)
    try:
        for typed, name in (("b-2 x", "b-2 x.jpg"), ("b+", "b+1.jpg")):
            grid._typing.stop()
            qtbot.keyClicks(grid, typed)
            assert grid.current.path.name == name
        assert done == []
        # No name goes on so.
        qtbot.keyClicks(grid, " ")
        assert done == ["Space"]
    finally:
        QApplication.setKeyboardInputInterval(interval)


def test_typing_goes_to_the_next_photo_of_that_name(window, qtbot):
    grid = window.library.gallery.grid
    grid.setFocus()
    qtbot.keyClicks(grid, "fl")
    assert grid.current.path.name == "flower 2.jpg"


# Actions


def test_a_result_is_exported_as_a_table_as_paths_and_as_json(tmp_path):
    photo = Photo(1, Path("/photos/a, b.jpg"), 1, 1, Details(1, 1), False)
    rows = [export.Row(photo.path, Match(1, photo, 0.5, 99.87, "similar")), export.Row(Path("/c.jpg"))]
    with export.write_list(rows, tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["/photos/a, b.jpg", "1", "0.5000", "99.87", "similar"],
            ["/c.jpg", "", "", "", ""],
        ]
    assert export.write_list(rows, tmp_path / "a.txt").read_text() == "/photos/a, b.jpg\n/c.jpg\n"
    listed = json.loads(export.write_list(rows, tmp_path / "a.json").read_text())
    assert [one["path"] for one in listed] == ["/photos/a, b.jpg", "/c.jpg"]
    with pytest.raises(FolderUnavailable, match="cannot be written"):
        export.write_list(rows, tmp_path / "nowhere" / "a.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_result_is_exported_as_links_beside_what_is_there(drawn, tmp_path):
    rows = [export.Row(drawn / "sea 1.jpg"), export.Row(drawn / "sea 2.jpg")]
    first, second = export.write_links(rows, tmp_path), export.write_links(rows, tmp_path)
    assert (first.name, second.name) == ("Photos found", "Photos found 2")
    assert [link.resolve() for link in sorted(first.iterdir())] == [row.path.resolve() for row in rows]


def test_an_answer_is_exported_whole_in_its_order_unless_several_are_chosen(window, drawn, tmp_path, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: len(found(window)) == 18)
    exported, actions = [], window.photo_actions
    actions._with_exported(
        actions._selection(), lambda rows: exported.append([row.path.name for row in rows])
    )
    assert exported == [found(window)]
    window.search_place.gallery.grid.selectAll()
    actions._with_exported(
        actions._selection(), lambda rows: exported.append([row.match.rank for row in rows])
    )
    until(qtbot, lambda: exported[1:] == [list(range(1, 19))])


def test_the_path_and_the_picture_of_a_photo_are_copied(window, drawn, qtbot):
    grid = window.library.gallery.grid
    grid.setCurrentIndex(window.library.gallery.photos.index(2))
    window.photo_actions.copy_path.trigger()
    until(qtbot, lambda: QGuiApplication.clipboard().text() == str(grid.current.path))
    window.photo_actions.copy_picture.trigger()
    until(qtbot, lambda: said(window) == "Copied the picture")
    assert QGuiApplication.clipboard().image().size().toTuple() == (180, 120)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="programs are listed in another way")
def test_programs_that_open_pictures_are_listed_and_started(tmp_path, monkeypatch, qtbot):
    entries, opened = tmp_path / "applications", tmp_path / "opened"
    entries.mkdir()
    script = tmp_path / "view"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > "{opened}.new"; mv "{opened}.new" "{opened}"\n')
    script.chmod(0o755)
    head = f"[Desktop Entry]\nType=Application\nExec={script} --new %F\n"
    (entries / "a.desktop").write_text(f"{head}Name=Viewer\nMimeType=image/png;image/jpeg;\n")
    (entries / "b.desktop").write_text(f"{head}Name=Player\nMimeType=video/mp4;\n")
    (entries / "c.desktop").write_text(f"{head}Name=Hidden\nNoDisplay=true\nMimeType=image/jpeg;\n")
    (entries / "d.desktop").write_text("no entry at all")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    assert [program.name for program in programs.for_pictures(".JPG")] == ["Viewer"]
    programs.start(programs.for_pictures(".jpg")[0], [Path("/a b.jpg"), Path("/c.jpg")])
    until(qtbot, opened.exists)
    assert opened.read_text() == "--new|/a b.jpg|/c.jpg|"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="a script is started in another way")
@pytest.mark.parametrize(("here", "there"), [("1", ""), ("4", "4")])
def test_what_limits_this_program_limits_none_that_it_starts(tmp_path, monkeypatch, qtbot, here, there):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", here)
    told, script = tmp_path / "told", tmp_path / "view"
    script.write_text('#!/bin/sh\nprintf "$OPENBLAS_NUM_THREADS." > "$1.new"; mv "$1.new" "$1"\n')
    script.chmod(0o755)
    programs.start(programs.Program("Viewer", (str(script),)), [told])
    until(qtbot, told.exists)
    assert told.read_text() == f"{there}."
    given = []
    monkeypatch.setattr(
        desktop.QDesktopServices,
        "openUrl",
        lambda url: given.append(os.environ.get("OPENBLAS_NUM_THREADS", "")),
    )
    desktop.open_in_viewer(told)
    assert given == [there]
    assert os.environ["OPENBLAS_NUM_THREADS"] == here, "our own processes go by it"


# Commands


def test_every_command_is_found_by_parts_of_its_name_and_done_by_enter(window, qtbot):
    window.palette_of_commands.trigger()
    (palette,) = window.findChildren(Palette)
    qtbot.keyClicks(palette.field, "view act")
    assert [palette.list.item(row).text() for row in range(palette.list.count())] == ["View › Activity"]
    qtbot.keyClicks(palette.field, " nowhere")
    assert palette.nothing.isVisible() and not palette.list.isVisible()
    for _ in " nowhere":
        qtbot.keyClick(palette.field, Qt.Key.Key_Backspace)
    assert palette.list.isVisible() and not palette.nothing.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.place is window.activity


@pytest.mark.parametrize(
    ("wanted", "does"), [("", True), ("ind sim", True), ("FIND", True), ("sim find", False), ("x", False)]
)
def test_a_command_fits_what_is_typed_if_its_parts_occur_in_order(wanted, does):
    assert fits("Photo Find Similar", wanted) is does


def test_the_sheet_tells_every_key_there_is(window):
    window.show_keys.trigger()
    (sheet,) = window.findChildren(KeySheet)

    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Find Similar", "Ctrl+D", "Larger Photos", "Activity", "Ctrl+3", "Weigh more or less"} <= texts
    sheet.close()


# Activity and preferences


def test_that_every_file_could_be_read_is_not_said_of_those_still_to_be_read(qtbot):
    failures = FailureList()
    qtbot.addWidget(failures)
    failures.show_failures([], 3)
    assert failures._title.text() == "So far every file could be read"
    failures.show_failures([], 0)
    assert failures._title.text() == "Every file could be read"


def test_the_activity_counts_lists_what_failed_and_says_what_is_offline(
    own_window, pictures, tmp_path, qtbot
):
    window, activity = own_window, own_window.activity
    window.go_to(activity)
    (pictures / "empty.jpg").touch()
    until(qtbot, lambda: activity._counts["unreadable"].text() == "1")
    assert activity._counts["searchable"].text() == "18"
    assert activity.failures._title.text() == "1 file could not be read"
    pictures.rename(tmp_path / "unplugged")
    until(qtbot, lambda: activity._offline.isVisible())
    assert activity._offline_title.text() == "1 folder is offline"
    assert str(pictures) in activity._offline_list.text()
    activity.pause.click()
    assert activity.state.text() == "Indexing is paused"
    assert activity._details.text() == "What changes meanwhile is noticed as soon as it goes on."


def test_the_report_has_the_log_and_hides_names_unless_asked_for(own_window, pictures, tmp_path, qtbot):
    window = own_window
    logs = window.session.places.logs
    logs.mkdir(parents=True)
    (logs / "photosearch.log").write_text(f"WARNING slow: {pictures}/sea 1.jpg (3 s)\nat /usr/lib/x.py:12\n")
    (pictures / "secret party.jpg").touch()
    until(qtbot, lambda: window.session.known.failures)
    window.activity.copy_report.click()
    clipboard = QGuiApplication.clipboard()
    until(qtbot, lambda: "Log:" in clipboard.text())
    told = clipboard.text()
    assert "WARNING slow" in told and "The file is empty" in told and "Photos 19" in told
    for hidden in ("secret", "party", "sea 1", str(tmp_path), "/usr/lib"):
        assert hidden not in told
    window.activity.hide_paths.setChecked(False)
    window.activity.copy_report.click()
    until(qtbot, lambda: "secret party.jpg" in clipboard.text())


def test_a_report_is_made_before_the_library_is_known(qapp, tmp_path):
    assert "(none)" in report.written(None, tmp_path, True)


@pytest.fixture
def preferences(own_window, qtbot) -> Preferences:
    own_window.preferences.trigger()
    until(qtbot, lambda: own_window.findChildren(Preferences))
    (dialog,) = own_window.findChildren(Preferences)
    yield dialog
    dialog.close()


def test_preferences_are_kept_and_the_look_changes_at_once(own_window, preferences, qapp, qtbot):
    settings = own_window.session.places.settings
    for box, value in ((preferences.look, "dark"), (preferences.language, "de"), (preferences.device, "cpu")):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    preferences.cache.setValue(500)
    preferences.cache.editingFinished.emit()
    until(qtbot, lambda: settings.exists() and read_settings(settings).thumbnail_megabytes == 500)
    kept = read_settings(settings)
    assert (kept.appearance, kept.language, kept.device) == ("dark", "de", "cpu")
    until(qtbot, lambda: qapp.palette().base().color().lightness() < 60)


def test_a_folder_inside_of_a_watched_one_is_left_out_and_taken_in_again(
    own_window, preferences, pictures, qtbot
):
    private = pictures / "private"
    private.mkdir()
    for photo in ("sea 1.jpg", "city 2.jpg"):
        shutil.copy(pictures / photo, private)
    until(qtbot, lambda: own_window.session.known.status.encoded == 20)
    preferences.leave_out_folder(private)
    until(qtbot, lambda: own_window.session.known.status.photos == 18)
    until(qtbot, lambda: preferences.left_out.count() == 1)
    assert preferences.left_out.item(0).text() == str(private)
    preferences.left_out.setCurrentRow(0)
    preferences.take_in.click()
    until(qtbot, lambda: own_window.session.known.status.encoded == 20)
    assert preferences.left_out.count() == 0 and not preferences.take_in.isEnabled()
    preferences.leave_out_folder(pictures)
    until(qtbot, lambda: said(own_window) == f"The folder {pictures} lies in no watched folder.")


def test_a_folder_is_really_forgotten_in_the_preferences(own_window, preferences, pictures, qtbot):
    assert preferences.list.count() == 1
    preferences.list.setCurrentRow(0)
    preferences.forget.click()
    until(qtbot, lambda: not own_window.session.known.folders)
    assert preferences.list.count() == 0
    status = own_window.session.known.status
    assert (status.photos, status.encoded) == (0, 0)
    assert len(list(pictures.iterdir())) == 18


def test_the_counts_are_of_now_when_indexing_ends(own_window, pictures, qtbot):
    window = own_window
    # As in a library of millions, which takes so long to list that it is listed seldom.
    window.session.known = replace(window.session.known, seconds=100.0)
    Image.new("RGB", (60, 40), "teal").save(pictures / "new.png")
    until(qtbot, lambda: window.status._searchable.text() == "19 photos searchable")
