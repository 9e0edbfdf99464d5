"""The window on a real library: what a person does, and what is shown then."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

import photosearch.gui.session
from photosearch.encode.model_file import write_model
from photosearch.errors import LibraryUnusable
from photosearch.gui.actions.commands import commands
from photosearch.gui.grid.grid import Grid
from photosearch.gui.preferences import Preferences
from photosearch.gui.session import END_SECONDS
from photosearch.records import Example
from photosearch.settings import Places, read_settings
from photosearch.store import Catalogue
from photosearch.store.schema import MIGRATIONS, connect
from tests.gui.conftest import PATIENCE, NeverInGui, found, names, said
from tests.steps.test_encode_model_file import small_model

# Its successor is missing from the older versions of Qt that the program runs with.
pytestmark = pytest.mark.filterwarnings("ignore:Function. 'QDragEnterEvent:DeprecationWarning")


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def urls(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(window, mime: QMimeData) -> None:
    middle = QPoint(300, 300)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(middle, Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.invitation.isVisible()
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, mime, left, none))
    assert not window.invitation.isVisible()


def shown(window) -> Grid:
    return window.library.gallery.grid


def paste(window, mime: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(mime)
    window.paste.trigger()


def test_the_window_is_painted_before_the_library_is_opened(open_window, open_library, qtbot):
    painted = threading.Event()

    def opener():
        assert painted.wait(20)
        return open_library()

    window = open_window(opener=opener)
    until(qtbot, lambda: window._painted)
    qtbot.wait(50)
    assert window.stack.currentWidget() is window.opening
    painted.set()
    until(qtbot, lambda: window.stack.currentWidget() is window.welcome)


def test_without_folders_a_welcome_suggests_one(open_window, qtbot):
    window = open_window()
    until(qtbot, lambda: window.stack.currentWidget() is window.welcome)
    assert window.welcome.other.isVisible()
    assert not window.status.isVisible()


def test_a_folder_named_at_the_start_is_indexed_and_shown_newest_first(window):
    assert names(window)[:2] == ["balloon 2.jpg", "balloon 1.jpg"]
    assert window.library.folders.folders.roots[0].photos == 18
    assert window.status._searchable.text() == "18 photos searchable"


def test_a_photo_named_at_the_start_is_searched_for(open_window, pictures, qtbot):
    window = open_window([pictures], photo=pictures / "sea 1.jpg")
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


@pytest.mark.parametrize("hangs", [False, True])
def test_photos_are_counted_once_the_first_search_is_answered_or_takes_long(
    open_window, encoder, pictures, monkeypatch, qtbot, hangs
):
    asked, answer, plain = threading.Event(), threading.Event(), encoder.vectors

    def slow(pixels):
        asked.set()
        assert answer.wait(20)
        return plain(pixels)

    monkeypatch.setattr(encoder, "vectors", slow)
    monkeypatch.setattr(photosearch.gui.session, "FIRST_SEARCH_SECONDS", 0.5 if hangs else 20)
    window = open_window([pictures], photo=pictures / "sea 1.jpg")
    until(qtbot, asked.is_set)
    if hangs:
        until(qtbot, lambda: window.session.known)
        assert not found(window)
        answer.set()
    else:
        qtbot.wait(700)
        assert not window.session.known
        answer.set()
        until(qtbot, lambda: window.session.known)
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


def test_what_a_second_start_hands_over_is_taken_by_the_window_and_brings_it_to_the_front(
    own_window, tmp_path, pictures, qtbot
):
    window = own_window
    window.showMinimized()
    more = tmp_path / "More"
    more.mkdir()
    assert window.receive([more], pictures / "sea 1.jpg")
    assert not window.isMinimized()
    until(qtbot, lambda: len(window.library.folders.folders.roots) == 2)
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


def test_what_is_handed_over_before_the_library_is_open_waits_for_it(
    open_window, open_library, pictures, qtbot
):
    opening = threading.Event()

    def opener():
        assert opening.wait(20)
        return open_library()

    window = open_window(opener=opener)
    assert window.receive([pictures], pictures / "sea 1.jpg")
    opening.set()
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


def test_a_window_that_is_closed_takes_nothing_more(open_window, qtbot):
    window = open_window()
    window.close()
    assert not window.receive([], None)
    assert not window.isVisible()


def test_a_dropped_photo_finds_itself_first(window, drawn, qtbot):
    drop(window, urls(drawn / "flower 1.jpg"))
    until(qtbot, lambda: found(window)[:1] == ["flower 1.jpg"])
    best = window.search_place.gallery.photos.match_at(0)
    assert best.kind == "same-shot"
    assert window.search_place.strip._title.text() == "Photos like flower 1.jpg"
    assert "18 photos compared" in window.search_place.strip._state.text()


def test_several_dropped_photos_are_one_search(window, drawn, qtbot):
    drop(window, urls(drawn / "sea 1.jpg", drawn / "dunes 2.jpg"))
    until(qtbot, lambda: found(window))
    assert len(window.search_place.query.examples) == 2
    assert window.search_place.strip._title.text() == "Photos like sea 1.jpg and 1 more"


def test_a_dropped_folder_is_added_to_the_library(own_window, tmp_path, drawn, qtbot):
    window = own_window
    more = tmp_path / "More"
    more.mkdir()
    Image.new("RGB", (60, 40), "teal").save(more / "teal.png")
    drop(window, urls(more))
    until(qtbot, lambda: len(window.library.folders.folders.roots) == 2)
    until(qtbot, lambda: "teal.png" in names(window))


def test_what_is_dragged_over_the_window_is_only_ever_copied_though_a_move_is_proposed(window, drawn):
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    # Qt does not keep it.
    mime = urls(drawn / "sea 1.jpg")
    event = QDragEnterEvent(QPoint(9, 9), both, mime, left, none)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(window, event)
    assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragLeaveEvent())


def test_the_size_of_the_photos_is_that_of_the_last_time_and_kept_for_the_next(window, qtbot):
    file = window.session.places.settings
    window.keep_size(5)
    assert window.size_of_photos.value() == 5 and not file.exists()
    window.smaller.trigger()
    until(qtbot, lambda: file.exists() and read_settings(file).photo_size == 4)


def test_a_photo_dragged_within_the_grid_is_not_a_drop(window, drawn):
    mime = urls(drawn / "sea 1.jpg")
    event = QDragEnterEvent(
        QPoint(9, 9),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.source = lambda: shown(window)
    window.dragEnterEvent(event)
    assert not window.invitation.isVisible()


def test_a_pasted_bitmap_is_searched_for(window, drawn, qtbot):
    mime = QMimeData()
    mime.setImageData(QImage(str(drawn / "city 2.jpg")))
    paste(window, mime)
    until(qtbot, lambda: found(window)[:1] == ["city 2.jpg"])
    assert window.search_place.strip._title.text() == "Photos like the pasted picture"


def test_a_pasted_file_and_a_pasted_path_are_searched_for(window, drawn, qtbot):
    paste(window, urls(drawn / "fruit 1.jpg"))
    until(qtbot, lambda: found(window)[:1] == ["fruit 1.jpg"])
    mime = QMimeData()
    mime.setText(f'  "{drawn / "forest 2.jpg"}"\n')
    paste(window, mime)
    until(qtbot, lambda: found(window)[:1] == ["forest 2.jpg"])


@pytest.mark.parametrize("text", ["Dear diary", "~draft.jpg", "/a\0b", "/" + "a" * 5000])
def test_pasting_what_is_no_picture_is_answered_calmly(window, qtbot, text):
    mime = QMimeData()
    mime.setText(text)
    paste(window, mime)
    until(qtbot, lambda: "There is no picture here" in said(window))
    assert window.search_place.query is None


def test_find_similar_searches_for_the_photo_the_keyboard_is_at(window, qtbot):
    shown(window).setCurrentIndex(window.library.gallery.photos.index(names(window).index("hills 1.jpg")))
    window.photo_actions.find_similar.trigger()
    until(qtbot, lambda: found(window)[:1] == ["hills 1.jpg"])


def test_escape_goes_back_to_where_one_was(window, drawn, qtbot):
    window.resize(700, 500)
    shown(window).setCurrentIndex(window.library.gallery.photos.index(9))
    qtbot.wait(20)
    scrolled, name = shown(window).verticalScrollBar().value(), names(window)[9]
    assert scrolled > 0
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    assert window.place is window.search_place
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.search_place.query is None
    assert shown(window).verticalScrollBar().value() == scrolled
    assert shown(window).current.path.name == name
    assert shown(window).chosen == [shown(window).current.id]


def test_escape_ends_a_search_before_its_answer_came(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    window.clear()
    qtbot.wait(300)
    assert window.search_place.query is None
    assert len(window.library.gallery.photos.ids) == 18


def test_what_is_no_picture_is_explained_in_place(window, tmp_path, qtbot):
    note = tmp_path / "note.jpg"
    note.write_text("no picture")
    drop(window, urls(note))
    message = window.search_place.gallery.message
    until(qtbot, lambda: message._title.text() == "This cannot be searched for")
    assert message.isVisible()
    assert "not a picture" in message._sentence.text()
    window.clear()
    assert window.place is window.library


def test_choosing_a_folder_shows_and_searches_only_its_photos(own_window, tmp_path, pictures, qtbot):
    window = own_window
    more = tmp_path / "More"
    more.mkdir()
    Image.new("RGB", (60, 40), "teal").save(more / "teal.png")
    window.add_folders([more])
    until(qtbot, lambda: window.session.known.status.encoded == 19)
    window.library.folders.choose(more)
    until(qtbot, lambda: names(window) == ["teal.png"])
    window.search([Example(pictures / "sea 1.jpg")])
    until(qtbot, lambda: found(window) == ["teal.png"])
    window.library.folders.choose(None)
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


def test_a_listing_that_comes_late_shows_none_but_those_of_the_folder_chosen_meanwhile(
    own_window, tmp_path, qtbot
):
    window, session, more = own_window, own_window.session, tmp_path / "More"
    more.mkdir()
    window.add_folders([more])
    until(qtbot, lambda: session.last.step == "watching" and len(session.known.folders) == 2)
    until(qtbot, lambda: not session._listing.busy)
    may_list = threading.Event()
    session._listing.call("other", lambda: may_list.wait(PATIENCE / 1000))
    session.refresh()
    window.library.folders.choose(more)
    until(qtbot, lambda: session.known.filters.under == more)
    may_list.set()
    until(qtbot, lambda: not session._listing.busy)
    assert session.known.filters == session.filters and names(window) == []


def test_a_removed_folder_is_forgotten_and_its_photos_are_not_touched(own_window, pictures, qtbot):
    window = own_window
    window.session.remove_folder(window.library.folders.folders.roots[0])
    until(qtbot, lambda: window.stack.currentWidget() is window.welcome)
    assert len(list(pictures.iterdir())) == 18


def test_photos_that_vanished_in_a_mass_can_be_forgotten(own_window, pictures, tmp_path, qtbot):
    window = own_window
    for number in range(30):
        Image.new("RGB", (60, 40), (8 * number, 99, 7)).save(pictures / f"new {number:02}.png")
    until(qtbot, lambda: window.session.known.status.encoded == 48)
    window.library.folders.choose(pictures)
    assert not window.library.folders.forget.isVisible()
    for path in pictures.glob("new *.png"):
        path.unlink()
    until(qtbot, lambda: window.library.folders.forget.isVisible())
    assert window.library.folders.missing.text().startswith("30 photos are missing")
    assert window.library.folders.folders.state(1) == "48 photos · 30 missing"
    window.library.folders.forget.click()
    until(qtbot, lambda: window.session.known.status.photos == 18)
    assert not window.library.folders.forget.isVisible()
    until(qtbot, lambda: len(names(window)) == 18)


def test_a_photo_whose_drive_is_not_there_says_which_to_plug_in(own_window, pictures, tmp_path, qtbot):
    window = own_window
    pictures.rename(tmp_path / "unplugged")
    until(qtbot, lambda: window.session.known.folders[0].state == "offline")
    shown(window).setCurrentIndex(window.library.gallery.photos.index(0, 0))
    until(
        qtbot,
        lambda: bool(shown(window).current and shown(window).current.offline),
    )
    window.photo_actions.open.trigger()
    assert f"Plug in the drive of “{pictures}”" in said(window)


def test_what_could_not_be_read_is_listed_with_its_reason_and_tried_again(own_window, pictures, qtbot):
    window = own_window
    (pictures / "empty.jpg").touch()
    until(qtbot, lambda: window.status._failures.text() == "1 could not be read")
    window.status._failures.click()
    assert window.place is window.activity
    row = window.activity.failures.list.model().index(0, 0)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole).startswith("empty.jpg: ")
    window.activity.failures._retry.click()
    until(qtbot, lambda: said(window) == "Trying again…")
    window.clear()
    assert window.place is window.library


def test_a_new_photo_appears_without_moving_what_one_looks_at(own_window, pictures, qtbot):
    window = own_window
    window.resize(700, 500)
    shown(window).setCurrentIndex(window.library.gallery.photos.index(12))
    qtbot.wait(20)
    chosen, at = (
        shown(window).chosen,
        shown(window).visualRect(shown(window).currentIndex()).top(),
    )
    Image.new("RGB", (60, 40), "teal").save(pictures / "teal.png")
    until(qtbot, lambda: len(window.library.gallery.photos.ids) == 19)
    assert shown(window).chosen == chosen
    # One more before it: it moved on by one place, which is at most one line.
    assert (
        abs(shown(window).visualRect(shown(window).currentIndex()).top() - at) <= shown(window)._step.height()
    )


def test_a_new_photo_joins_the_answer_of_a_search(own_window, pictures, qtbot):
    window = own_window
    window.search([Example(pictures / "sea 1.jpg")])
    until(qtbot, lambda: len(found(window)) == 18)
    Image.open(pictures / "sea 1.jpg").save(pictures / "sea again.png")
    until(qtbot, lambda: "sea again.png" in found(window))


def test_photos_indexed_so_far_are_found_while_indexing_goes_on(open_window, pictures, encoder, qtbot):
    encoder.hold.clear()
    window = open_window([pictures])
    until(qtbot, lambda: len(window.library.gallery.photos.ids) == 18)
    window.search([Example(pictures / "sea 1.jpg")])
    until(qtbot, lambda: window.search_place.gallery.message._title.text() == "Nothing to compare with yet")
    encoder.hold.set()
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])


def test_indexing_can_be_paused_and_resumed(own_window, pictures, qtbot):
    window = own_window
    window.pause.trigger()
    assert window.pause.text() == "Resume Indexing"
    assert said(window).startswith("Paused")
    Image.new("RGB", (60, 40), "teal").save(pictures / "teal.png")
    qtbot.wait(1500)
    assert len(window.library.gallery.photos.ids) == 18
    window.status._pause.click()
    until(qtbot, lambda: len(window.library.gallery.photos.ids) == 19)


def test_how_hard_to_work_is_chosen_in_the_menu_shown_while_it_is_in_force_and_kept(
    own_window, pictures, tmp_path, qtbot
):
    window = own_window
    assert window.efforts["automatic"].isChecked()
    window.efforts["gentle"].trigger()
    until(qtbot, lambda: window.session.known.effort == "gentle")
    assert window.efforts["gentle"].isChecked()
    assert read_settings(tmp_path / "home" / "settings.json").effort == "gentle"
    lines = []
    window.session.task.progressed.connect(lambda progress: lines.append(said(window)))
    Image.new("RGB", (60, 40), "teal").save(pictures / "teal.png")
    until(qtbot, lambda: window.session.known.status.encoded == 19)
    assert any(line.startswith("Indexing gently · 0 of 1") for line in lines)


def test_another_model_is_chosen_in_the_preferences_and_encodes_anew(own_window, tmp_path, qtbot):
    window = own_window
    window.preferences.trigger()
    until(qtbot, lambda: window.findChildren(Preferences))
    (dialog,) = window.findChildren(Preferences)
    dialog.tabs.setCurrentIndex(2)
    assert "Deep Spherical Quantization, 48 bytes a photo" in dialog._in_use.text()
    assert not dialog._coming.isVisible()
    window.session.choose_model(tmp_path / "home" / "catalogue.sqlite")
    until(qtbot, lambda: "not a model file" in said(window))
    until(qtbot, lambda: window.session.task and window.session.last.step == "watching")

    file = tmp_path / "model.safetensors"
    write_model(file, small_model(bytes=2))
    window.session.choose_model(file)
    until(qtbot, lambda: "2 bytes a photo" in dialog._in_use.text())
    assert window.session.known.status.searchable == 18
    until(qtbot, lambda: window.session.known.status.encoded == 18)
    until(qtbot, lambda: window.session.known.status.searched_by.bytes == 2)
    assert not dialog._coming.isVisible()
    assert read_settings(tmp_path / "home" / "settings.json").model == str(file)
    dialog.close()


def test_a_model_chosen_just_before_the_window_is_closed_is_kept(own_window, tmp_path):
    file = tmp_path / "model.safetensors"
    write_model(file, small_model(bytes=2))
    held = threading.Event()
    own_window.session.reading.call("held", held.wait)
    own_window.session.choose_model(file)
    own_window.close()
    held.set()
    assert read_settings(tmp_path / "home" / "settings.json").model == str(file)


def followers() -> int:
    return sum(thread.name == "indexing" for thread in threading.enumerate())


def test_however_often_it_is_tried_again_one_follower_runs(open_window, pictures, tmp_path, qtbot):
    with closing(Catalogue(Places.under(tmp_path / "home").catalogue)) as other, other.writing():
        window = open_window([pictures])
        until(qtbot, window.status._again.isVisible)
        assert window.session.task is None
        window.status._again.click()
        assert not window.status._again.isVisible()
        until(qtbot, window.status._again.isVisible)
    window.go_to(window.activity)
    window.status._again.click()
    task = window.session.task
    window.activity._again.click()
    assert not window.activity._again.isVisible()
    assert window.session.task is task
    until(qtbot, lambda: window.session.known.status.encoded == 18)
    assert window.session.task is task and followers() == 1


def test_nobody_follows_while_a_model_is_chosen_and_a_pause_meanwhile_is_kept(own_window, tmp_path, qtbot):
    session = own_window.session
    before = session.task
    # What chooses in another thread waits for this.
    free = threading.Event()
    session.reading.call("held", lambda: free.wait(PATIENCE / 1000))
    for bytes in (2, 4):
        file = tmp_path / f"{bytes}.safetensors"
        write_model(file, small_model(bytes=bytes))
        session.choose_model(file)
        session.follow()
    own_window.pause.trigger()
    session.follow()
    # It is what the end waits for.
    assert session.task is before and session.paused
    free.set()
    until(qtbot, lambda: session.task is not before)
    assert session.paused and before.join(0) and followers() == 1
    own_window.pause.trigger()
    assert not session.paused
    until(qtbot, lambda: session.known.status.encoded == 18 and session.known.status.model.bytes == 4)
    assert followers() == 1


def test_a_library_that_cannot_be_opened_is_told_in_place_and_tried_again(open_window, open_library, qtbot):
    answers = [LibraryUnusable("The catalogue is damaged."), None]

    def opener():
        error = answers.pop(0)
        if error:
            raise error
        return open_library()

    window = open_window(opener=opener)
    until(qtbot, lambda: window.stack.currentWidget() is window.problem)
    assert window.problem._sentence.text() == "The catalogue is damaged."
    window.problem.findChild(QAbstractButton).click()
    until(qtbot, lambda: window.stack.currentWidget() is window.welcome)


def test_a_library_of_an_older_version_is_told_to_be_kept_once(open_window, pictures, tmp_path, qtbot):
    places = Places.under(tmp_path / "home")
    places.catalogue.parent.mkdir(parents=True)
    connect(places.catalogue, MIGRATIONS[:1])[0].close()
    told: list[str] = []
    window = open_window([pictures])
    until(qtbot, lambda: told.append(said(window)) or "brought to this version" in told[-1])
    kept = places.catalogue.with_name("catalogue.version-1.sqlite")
    assert told[-1] == f"The library was brought to this version; a copy of it as it was is {kept}."
    assert kept.exists()
    # A passing remark: indexing goes on being told of.
    until(qtbot, lambda: said(window) == "Up to date")
    window.close()
    again = open_window()
    until(qtbot, lambda: told.append(said(again)) or told[-1] == "Up to date")
    assert sum("brought" in one for one in told) == 1


def test_a_folder_that_is_not_there_is_told_and_the_rest_is_shown(open_window, tmp_path, qtbot):
    window = open_window([tmp_path / "nowhere"])
    until(qtbot, lambda: window.stack.currentWidget() is window.welcome)
    assert window.welcome.hint.isVisible()
    assert "does not exist" in window.welcome.hint.text()


def test_two_windows_on_one_library_both_search(window, indexed, open_window, drawn, qtbot):
    second = open_window(opener=lambda: NeverInGui(indexed, stays_open=True))
    until(qtbot, lambda: "Another PhotoSearch" in said(second))
    assert window.pause.isEnabled() and not second.pause.isEnabled(), "nothing is under way there"
    second.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(second)[:1] == ["sea 1.jpg"])


def test_the_encoder_is_awake_when_the_window_opens(open_window, encoder, qtbot):
    open_window()
    until(qtbot, lambda: encoder.started)


def hover(window) -> None:
    drop(window, urls(Path("/nowhere.jpg")))


def point_at(window) -> None:
    at = QPointF(5, 5)
    QApplication.sendEvent(window, QEnterEvent(at, at, at))


def activate(window) -> None:
    window.isActiveWindow = lambda: True
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))


def scroll(window) -> None:
    window.resize(700, 500)
    bar = shown(window).verticalScrollBar()
    bar.setValue(bar.value() + 50)


def walk(window) -> None:
    shown(window).setCurrentIndex(window.library.gallery.photos.index(4))


@pytest.mark.parametrize("hint", [hover, point_at, activate, scroll, walk])
def test_the_encoder_is_woken_by_the_first_hint_of_a_search(own_window, encoder, hint, qtbot):
    qtbot.wait(50)
    encoder.started = False
    hint(own_window)
    until(qtbot, lambda: encoder.started)


def test_copied_photos_are_files_elsewhere(window, qtbot):
    shown(window).setCurrentIndex(window.library.gallery.photos.index(2))
    window.photo_actions.copy.trigger()
    until(qtbot, lambda: said(window) == "Copied 1 photo")
    mime = QGuiApplication.clipboard().mimeData()
    assert [Path(url.toLocalFile()) for url in mime.urls()] == [shown(window).current.path]
    assert mime.text() == str(shown(window).current.path)


def test_a_double_click_opens_the_photo(window, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "PySide6.QtGui.QDesktopServices.openUrl", lambda url: opened.append(Path(url.toLocalFile()))
    )
    place = shown(window).visualRect(window.library.gallery.photos.index(1)).center()
    qtbot.mouseClick(shown(window).viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(shown(window).viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(shown(window), Qt.Key.Key_Return)
    assert opened == [shown(window).current.path] * 2


def test_where_no_program_opens_photos_that_is_said(window, qtbot, monkeypatch):
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: False)
    shown(window).setCurrentIndex(window.library.gallery.photos.index(1))
    qtbot.keyClick(shown(window), Qt.Key.Key_Return)
    assert said(window) == f"No program is set to open “{shown(window).current.path.name}”."


def test_what_is_pressed_stays_under_the_pointer_until_no_second_click_can_come(window, qtbot, monkeypatch):
    gallery, opened, left = window.library.gallery, [], Qt.MouseButton.LeftButton
    monkeypatch.setattr("photosearch.gui.desktop.open_in_viewer", opened.append)
    monkeypatch.setattr(QApplication, "doubleClickInterval", lambda: 300)
    before = gallery.photos.ids.tolist()
    place = gallery.grid.visualRect(gallery.photos.index(2)).center()
    pressed = gallery.photos.photo(2).path
    qtbot.mousePress(gallery.grid.viewport(), left, pos=place)
    # As it happens all the time while photos are indexed.
    gallery.show_listing(np.array(before[1:]))
    assert gallery.photos.ids.tolist() == before
    qtbot.mouseRelease(gallery.grid.viewport(), left, pos=place)
    assert gallery.photos.ids.tolist() == before
    qtbot.mouseDClick(gallery.grid.viewport(), left, pos=place)
    assert opened == [pressed]
    until(qtbot, lambda: gallery.photos.ids.tolist() == before[1:])
    assert gallery.grid.current.path == pressed


def test_what_is_chosen_in_a_menu_is_meant_for_the_photo_it_was_opened_at(window, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])
    window.search_place.gallery.menu_wanted.emit(window.mapToGlobal(QPoint(50, 50)))
    menu = QApplication.activePopupWidget()
    assert menu.actions()[:3] == window.looking.actions_here() and menu.actions()[0].isEnabled()
    window.search_place.search([Example(drawn / "city 1.jpg")])
    until(qtbot, lambda: found(window)[:1] == ["city 1.jpg"])
    menu.setActiveAction(window.photo_actions.copy_path)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    until(qtbot, lambda: QGuiApplication.clipboard().text().endswith("sea 1.jpg"))
    # And the next one for what is there now.
    qtbot.wait(1)
    window.photo_actions.copy_path.trigger()
    until(qtbot, lambda: QGuiApplication.clipboard().text().endswith("city 1.jpg"))


def test_closing_does_not_wait_for_an_encoder_that_hangs(open_window, pictures, encoder, qtbot):
    encoder.hold.clear()
    window = open_window([pictures])
    until(qtbot, lambda: len(window.library.gallery.photos.ids) == 18)
    start = time.monotonic()
    window.close()
    assert time.monotonic() - start < 3 * END_SECONDS
    encoder.hold.set()
    assert window.session.task.join(20)


def test_every_control_says_what_it_is(window):
    for place in window.places:
        window.go_to(place)
        # A page that is not shown yet says what its buttons do when it is.
        for widget in (one for one in window.findChildren(QWidget) if one.isVisible()):
            if isinstance(widget, QAbstractButton) and not widget.objectName().startswith("qt_"):
                assert widget.text() or widget.accessibleName(), (widget.parent(), widget)
            if isinstance(widget, QAbstractItemView):
                # As who listens hears it: a list's heading may name it.
                assert QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name), widget


@pytest.mark.parametrize("missing", ["shortcut", "menu"])
def test_every_action_is_in_a_menu_and_no_shortcut_is_given_twice(window, missing):
    in_menus = [command.action for command in commands(window.menuBar())]
    if missing == "menu":
        mine = [value for value in vars(window).values() if isinstance(value, QAction)]
        mine += [action for action in window.photo_actions.all() if action and not action.menu()]
        mine += [action for place in window.places for action in place.actions_here() if action]
        mine += window.efforts.values()
        assert set(mine) <= set(in_menus)
    else:
        # The others mean something in one place only, while the keyboard is there.
        everywhere = [
            action for action in in_menus if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
        ]
        keys = [key.toString() for action in everywhere for key in action.shortcuts()]
        assert len(keys) == len(set(keys))
