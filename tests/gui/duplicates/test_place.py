"""The place of duplicates: found, decided about by keys, to the real trash after a summary, and back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.settings import Places, Settings
from tests.fakes import coarse_colour_model
from tests.gui.conftest import PATIENCE, listed, said


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def press(qtbot, window: Window, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(window.duplicates.list, key, modifier)


@pytest.fixture
def window(cleaning) -> Window:
    return cleaning


def current(window: Window) -> str:
    return window.duplicates.list.current[1].photo.path.name


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*.jpg")} if folder.exists() else set()


def undo(window: Window) -> None:
    assert window.undo.isEnabled()
    window.undo.trigger()


GROUPS = [
    ["shot 0.jpg", "shot 0 copy.jpg", "shot 0 small.jpg"],
    ["shot 1.jpg", "shot 1 copy.jpg"],
    ["burst 1.jpg", "burst 3.jpg"],
]


def test_groups_are_found_with_the_keeper_first_and_what_they_would_free(window):
    assert sorted(listed(window)) == sorted(GROUPS)
    place = window.duplicates
    assert place.total.text().startswith("3 groups · ") and place.total.text().endswith(" could be freed")
    assert place.kinds["exact"].text().endswith("1") and place.kinds["burst"].text().endswith("1")
    assert place._state.text() == "All photos are compared"


def test_groups_are_narrowed_to_a_kind(window, qtbot):
    place = window.duplicates
    place.kinds["burst"].click()
    assert listed(window) == [GROUPS[2]] and place.total.text() == "1 group"
    place.kinds["exact"].click()
    assert listed(window) == [GROUPS[1]]
    place.kinds[""].click()
    assert len(listed(window)) == 3


def test_keys_walk_between_groups_and_photos(window, qtbot):
    key = Qt.Key
    assert window.focusWidget() is window.duplicates.list
    first = listed(window)
    assert current(window) == first[0][0]
    press(qtbot, window, key.Key_Right)
    assert current(window) == first[0][1]
    press(qtbot, window, key.Key_Down)
    assert current(window) == first[1][0]
    press(qtbot, window, key.Key_End)
    assert current(window) == first[2][0]
    press(qtbot, window, key.Key_Left)
    assert current(window) == first[2][0], "the first photo of a group has none before it"
    press(qtbot, window, key.Key_Home)
    assert current(window) == first[0][0]
    press(qtbot, window, key.Key_S)
    assert current(window) == first[1][0], "skipped"


def test_another_photo_is_kept_by_key_and_that_is_undone(window, qtbot):
    place = window.duplicates
    number = listed(window).index(GROUPS[0])
    place.list.go_to_group(number)
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_K)
    group = place.groups.shown[number]
    fates = [place.groups.fate(group, each) for each in group.photos]
    assert fates == ["trash", "keep", "trash"]
    assert place._marked.text().startswith("2 photos marked · ")
    assert place.groups.number(place.list.currentIndex().row()) == number + 1 or number == 2
    undo(window)
    assert [place.groups.fate(group, each) for each in group.photos] == ["suggested", "", ""]
    assert current(window) == "shot 0 copy.jpg", "back where it was decided"


def test_delete_marks_but_one_of_a_group_always_stays_and_nothing_of_a_burst_is_marked(window, qtbot):
    place, remarks = window.duplicates, []
    window.session.remarked.connect(remarks.append)
    number = listed(window).index(GROUPS[1])
    place.list.go_to_group(number)
    group = place.groups.shown[number]
    press(qtbot, window, Qt.Key.Key_Delete)
    assert [place.groups.fate(group, each) for each in group.photos] == ["trash", "keep"]
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_Delete)
    assert remarks[-1] == "One photo of a group always stays."
    assert [place.groups.fate(group, each) for each in group.photos] == ["trash", "keep"]
    place.list.go_to_group(listed(window).index(GROUPS[2]))
    press(qtbot, window, Qt.Key.Key_Delete)
    assert "different moments" in remarks[-1] and not place.deciding.keep.isEnabled()
    undo(window)
    assert not place.groups.marked()


def test_keep_all_is_kept_for_ever_and_can_be_undone(window, shots, qtbot):
    place = window.duplicates
    place.list.go_to_group(listed(window).index(GROUPS[1]))
    press(qtbot, window, Qt.Key.Key_A)
    assert GROUPS[1] not in listed(window) and len(listed(window)) == 2
    assert place.list.hasFocus()
    place.work.find()
    until(qtbot, lambda: not place.work.is_finding)
    place.work.relist()
    qtbot.wait(100)
    assert len(listed(window)) == 2
    undo(window)
    until(qtbot, lambda: len(listed(window)) == 3)
    assert current(window) == "shot 1.jpg"


def test_a_decision_made_just_before_the_window_is_closed_is_kept(window, tmp_path, encoder):
    going_on = threading.Event()
    # What the disk is at when it is decided.
    window.duplicates.work.ask("slow", lambda library: going_on.wait(), lambda _: None)
    decided = listed(window)[0]
    window.duplicates.deciding.keep_all.trigger()
    threading.Timer(0.3, going_on.set).start()
    window.close()
    library = Library(Places.under(tmp_path / "home"), Settings(workers=1), coarse_colour_model(), encoder)
    left = [[each.photo.path.name for each in group.photos] for group in library.duplicates().groups()]
    library.close()
    assert decided not in left and len(left) == 2


def test_not_the_same_parts_one_photo_from_the_others(window, qtbot):
    place = window.duplicates
    place.list.go_to_group(listed(window).index(GROUPS[0]))
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_N)
    until(qtbot, lambda: ["shot 0.jpg", "shot 0 copy.jpg"] in listed(window))
    undo(window)
    until(qtbot, lambda: sorted(listed(window)) == sorted(GROUPS))


def test_a_group_is_compared_and_decided_about_until_there_is_none_left(window, qtbot):
    place, compare = window.duplicates, window.looking.compare
    press(qtbot, window, Qt.Key.Key_Space)
    assert compare.isVisible() and compare._decisions.isVisible()
    groups = list(place.groups.shown)
    assert compare.photos == [each.photo for each in groups[0].photos]
    compare.keep_wanted.emit(groups[0].photos[1].photo)
    assert place.groups.keeper(groups[0]) is groups[0].photos[1]
    assert compare.photos == [each.photo for each in groups[1].photos], "the next group"
    compare.skip_wanted.emit()
    assert compare.photos == [each.photo for each in groups[2].photos]
    compare.skip_wanted.emit()
    assert not compare.isVisible() and place.list.hasFocus()


def test_who_undoes_a_mark_at_the_summary_is_back_at_the_groups(window, shots, qtbot):
    place, before = window.duplicates, names(shots)
    place.list.go_to_group(listed(window).index(GROUPS[0]))
    press(qtbot, window, Qt.Key.Key_K)
    place.move_marked.trigger()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    undo(window)
    assert place.currentWidget() is not place.summary and place.list.hasFocus()
    assert place.groups.marked() == [] and names(shots) == before


def test_marked_photos_go_to_the_trash_behind_a_summary_and_come_back(window, shots, bin, qtbot):
    place, before = window.duplicates, names(shots)
    place.list.go_to_group(listed(window).index(GROUPS[0]))
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_K)
    window.duplicates.move_marked.trigger()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    assert names(shots) == before, "nothing happens before it was agreed to"
    assert place.summary.title.text() == "2 photos to the trash"
    assert (
        "the trash of this computer" in place.summary.facts.text()
        and str(shots) in place.summary.facts.text()
    )
    assert not place.summary.go.hasFocus(), "Enter, pressed once too often, does nothing"
    place.summary.go.click()
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert names(bin) == {"shot 0.jpg", "shot 0 small.jpg"}
    assert names(shots) == before - names(bin)
    assert place.result.title.text() == "2 files are in the trash"
    assert [line.state for line in place.result.list.lines.lines] == ["in the trash"] * 2
    place.result.done.click()
    until(qtbot, lambda: GROUPS[0] not in listed(window))
    undo(window)
    until(qtbot, lambda: place.currentWidget() is place.result and names(shots) == before)
    assert place.result.title.text() == "2 files are back where they were" and names(bin) == set()
    assert window.session.undo.next.name == "Keep This"
    place.result.done.click()
    until(qtbot, lambda: GROUPS[0] in listed(window))


def test_the_suggestion_is_applied_to_all_exact_copies_and_to_nothing_else(window, shots, bin, qtbot):
    place = window.duplicates
    place.exact_button.click()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    going = {line.photo.path.name for line in place.summary.list.lines.lines}
    assert going == {"shot 0 copy.jpg", "shot 1 copy.jpg"}
    window.end_search.trigger()
    assert place.currentWidget() is not place.summary and window.place is place, "Escape leads back"
    place.exact_button.click()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    place.summary.go.click()
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert names(bin) == going
    place.result.undo.click()
    until(qtbot, lambda: names(bin) == set() and not place.work.is_working)


def test_a_photo_that_changed_after_the_summary_stays_and_the_reason_is_said(window, shots, bin, qtbot):
    place = window.duplicates
    place.exact_button.click()
    until(qtbot, lambda: place.currentWidget() is place.summary)
    changed = shots / "more" / "shot 0 copy.jpg"
    changed.write_bytes(changed.read_bytes() + b"edited")
    place.summary.go.click()
    until(qtbot, lambda: place.currentWidget() is place.result)
    assert names(bin) == {"shot 1 copy.jpg"} and changed.exists()
    stayed = place.result.list.lines.lines[0]
    assert stayed.warns and stayed.state == "stayed" and "has changed since it was compared" in stayed.detail
    assert "1 file stayed where it is" in place.result.told.text()


def test_rows_are_read_as_sentences(window):
    place = window.duplicates
    number = listed(window).index(GROUPS[0])
    row = int(place.groups.starts[number])
    said = [place.groups.index(row + at).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(3)]
    assert said[0].startswith(f"Group {number + 1} of 3, Same shot, ") and "photo 1 of 3." in said[0]
    assert "Suggested to keep: shot 0.jpg, 480 × 360, " in said[0] and "Suggested because" in said[0]
    assert "Exact copy: shot 0 copy.jpg" in said[1]
    assert said[1].endswith("Differs from the kept photo in: name, folder.")
    assert "Differs from the kept photo in: name, size, bytes." in said[2]


def test_photos_of_a_grid_go_to_the_trash_by_one_key_and_come_back(window, shots, bin, qtbot):
    window.go_to(window.library)
    grid, photos = window.library.gallery.grid, window.library.gallery.photos
    (shots / "alone.xmp").write_text("<x/>")
    until(qtbot, lambda: all(photos.photo(row) for row in range(8)))
    row = next(row for row in range(8) if photos.photo(row).path.name == "alone.jpg")
    grid.setCurrentIndex(photos.index(row))
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    until(qtbot, lambda: names(bin) == {"alone.jpg"} and (bin / "alone.xmp").exists())
    until(qtbot, lambda: len(photos.ids) == 7)
    assert said(window) == "Moved 1 photo to the trash. Undo with Ctrl+Z."
    undo(window)
    until(qtbot, lambda: len(photos.ids) == 8)
    assert (shots / "alone.jpg").exists() and (shots / "alone.xmp").exists() and names(bin) == set()
