"""Several things dropped or pasted at once: each is taken for what it is, and a broken one spoils nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from photosearch.gui.search_place import MOST_EXAMPLES
from tests.gui.conftest import PATIENCE, found, said
from tests.gui.test_window import drop, paste, urls


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def sources(window) -> list[Path]:
    return [example.source for example in window.search_place.query.examples]


def test_several_files_dropped_at_once_are_searched_for_together(window, drawn, qtbot):
    both = [drawn / "sea 1.jpg", drawn / "city 1.jpg"]
    drop(window, urls(*both, both[0]))
    until(qtbot, lambda: found(window))
    assert sources(window) == both
    assert window.search_place.strip._title.text() == "Photos like sea 1.jpg and 1 more"


def test_of_several_files_dropped_the_one_that_is_no_picture_is_left_out_and_named(
    window, drawn, tmp_path, qtbot
):
    place, note = window.search_place, tmp_path / "note.jpg"
    note.write_text("no picture")
    window.search([]), drop(window, urls(drawn / "hills 1.jpg"))
    until(qtbot, lambda: found(window))
    drop(window, urls(note, drawn / "sea 1.jpg", drawn / "city 1.jpg"))
    until(qtbot, lambda: said(window).startswith("“note.jpg” was left out."))
    assert said(window) == "“note.jpg” was left out. The file is not a picture, although its name says so."
    assert sources(window) == [drawn / "sea 1.jpg", drawn / "city 1.jpg"]
    assert place.answer.matches and len(place.strip.cards) == 2
    place.back.trigger()
    assert sources(window) == [drawn / "hills 1.jpg"], "nobody comes back to what could not be searched for"


def test_where_none_of_several_files_is_a_picture_it_is_said_in_place(window, tmp_path, qtbot):
    notes = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for note in notes:
        note.write_text("no picture")
    drop(window, urls(*notes))
    message = window.search_place.gallery.message
    until(qtbot, lambda: message.isVisible() and "not a picture" in message._sentence.text())
    assert sources(window) == notes[1:]


def test_a_list_of_addresses_with_broken_ones_among_them_gives_the_others(window, drawn, tmp_path, qtbot):
    mime = QMimeData()
    there = [drawn / "sea 1.jpg", drawn / "dunes 2.jpg"]
    gone = [QUrl.fromLocalFile(str(tmp_path / name)) for name in ("gone.jpg", "gone too.jpg")]
    of_a_page = QUrl("https://example.org/a.jpg")
    mime.setUrls(
        [gone[0], QUrl.fromLocalFile(str(there[0])), of_a_page, gone[1], QUrl.fromLocalFile(there[1])]
    )
    drop(window, mime)
    until(qtbot, lambda: said(window) == "2 files were left out, which cannot be read")
    assert sources(window) == there


def test_several_pasted_paths_are_searched_for_however_they_are_written(window, drawn, tmp_path, qtbot):
    address = QUrl.fromLocalFile(str(drawn / "dunes 2.jpg")).toString(
        QUrl.ComponentFormattingOption.FullyEncoded
    )
    mime = QMimeData()
    mime.setText(f"These:\n'{drawn / 'sea 1.jpg'}'\n{address}\n{tmp_path / 'gone.jpg'}\n")
    paste(window, mime)
    until(qtbot, lambda: said(window) == "“gone.jpg” was left out. The file is no longer there.")
    assert sources(window) == [drawn / "sea 1.jpg", drawn / "dunes 2.jpg"]


def test_a_folder_and_a_photo_dropped_together_are_added_and_searched_for(own_window, tmp_path, qtbot):
    outside = tmp_path / "outside"
    outside.mkdir()
    photo = Path(shutil.copy(next((tmp_path / "Pictures").glob("sea*")), outside / "new.jpg"))
    drop(own_window, urls(outside, photo))
    until(qtbot, lambda: sources(own_window) == [photo] if own_window.search_place.query else False)
    until(qtbot, lambda: outside in [root.path for root in own_window.session.known.folders])
    until(qtbot, lambda: found(own_window))


def test_of_very_many_pictures_the_first_are_searched_by(window, drawn, tmp_path, qtbot):
    many = [Path(shutil.copy(drawn / "sea 1.jpg", tmp_path / f"{number}.jpg")) for number in range(25)]
    drop(window, urls(*many))
    until(qtbot, lambda: said(window) == "Searching by the first 20 of 25 pictures")
    until(qtbot, lambda: found(window))
    assert sources(window) == many[:MOST_EXAMPLES]
