"""Reports, decisions in files, sidecars, and what stays although it was marked."""

from __future__ import annotations

import pytest

from photosearch.gui.language import speak, translations
from photosearch.gui.window import Window
from tests.gui.conftest import PATIENCE, listed
from tests.library.test_cleaning import XMP


@pytest.fixture
def window(cleaning) -> Window:
    return cleaning


def test_what_was_decided_is_carried_to_another_library_by_a_file(window, tmp_path, qtbot):
    place, remarks = window.duplicates, []
    window.session.remarked.connect(remarks.append)
    count = len(listed(window))
    place.list.go_to_group(0)
    place.deciding.keep_all.trigger()
    file = tmp_path / "decisions.json"
    place.files.write_decisions(file)
    qtbot.waitUntil(lambda: remarks[-1:] == ["Exported 1 decision to “decisions.json”"], timeout=PATIENCE)
    window.undo.trigger()
    qtbot.waitUntil(lambda: len(listed(window)) == count, timeout=PATIENCE)
    place.files.read_decisions(file)
    qtbot.waitUntil(lambda: remarks[-1:] == ["1 decision is new here"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(listed(window)) == count - 1, timeout=PATIENCE)
    file.write_text("no decisions")
    place.files.read_decisions(file)
    qtbot.waitUntil(lambda: "no decisions that PhotoSearch exported" in remarks[-1], timeout=PATIENCE)
    place.files.write_decisions(tmp_path / "none" / "decisions.json")
    qtbot.waitUntil(lambda: "cannot be written" in remarks[-1], timeout=PATIENCE)


def test_a_report_of_the_groups_shown_is_written_whole(window, tmp_path, qtbot):
    place, file = window.duplicates, tmp_path / "page.html"
    assert {place.files.report.text(), place.files.import_decisions.text()} <= {
        action.text() for action in place.actions_here() if action
    }
    place.kinds["exact"].click()
    place.files.write_report(file)
    qtbot.waitUntil(file.exists, timeout=PATIENCE)
    page = file.read_text()
    assert page.endswith("</html>\n") and page.count("<img ") == 2 and "shot 1 copy.jpg" in page
    assert list(tmp_path.glob("*.new")) == []


def test_a_german_window_writes_a_german_report(window, qapp, tmp_path, qtbot):
    place, file = window.duplicates, tmp_path / "page.html"
    place.kinds["exact"].click()
    back = speak(qapp, "de", translations())
    try:
        place.files.write_report(file)
        qtbot.waitUntil(file.exists, timeout=PATIENCE)
    finally:
        back()
    page = file.read_text()
    assert page.startswith('<!DOCTYPE html>\n<html lang="de" dir="ltr">')
    assert "<h1>Duplikate</h1>" in page and "1 Gruppe. 1 Foto könnte weg, " in page
    assert "<h2>1. Genaue Kopien</h2>" in page and "Vorgeschlagen, " in page
    assert ">Genaue Kopie<" in page and ">Zum Behalten vorgeschlagen<" in page


def test_what_sidecars_say_of_a_group_stands_beside_its_photos(window, shots, qtbot):
    place = window.duplicates
    (copy,) = shots.rglob("shot 1 copy.jpg")
    copy.with_suffix(".jpg.xmp").write_text(XMP)
    place.list.go_to_group(listed(window).index(["burst 1.jpg", "burst 3.jpg"]))
    qtbot.waitUntil(lambda: place.notes.text() == "In sidecars: ", timeout=PATIENCE)
    assert not place.notes.isVisible()
    place.list.go_to_group(listed(window).index(["shot 1.jpg", "shot 1 copy.jpg"]))
    qtbot.waitUntil(place.notes.isVisible, timeout=PATIENCE)
    assert place.notes.text() == "In sidecars: shot 1 copy.jpg: ★★★★, sea, Ada"


def test_what_stays_although_it_was_marked_is_told_before_anything_moves(window, shots, qtbot):
    place = window.duplicates
    group = next(group for group in place.groups.shown if group.keeper.path.name == "shot 1.jpg")
    (copy,) = [each.photo.path for each in group.photos[1:]]
    other = next(group for group in place.groups.shown if group.keeper.path.name == "shot 0.jpg")
    copy.unlink()
    copy.symlink_to(group.keeper.path)
    place.groups.keep(group, group.photos[0])
    place.groups.keep(other, other.photos[0])
    place.move_marked.trigger()
    qtbot.waitUntil(lambda: place.currentWidget() is place.summary, timeout=PATIENCE)
    assert "1 photo stays, although it was marked" in place.summary.facts.text()
    lines = place.summary.list.lines.lines
    assert [line.photo.path.name for line in lines if line.warns] == ["shot 1 copy.jpg"]
    assert len(lines) == 3
