"""A search that is changed while one looks: its part, its weights, its filters, its past."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QToolButton

from photosearch import searches
from photosearch.errors import SettingsUnusable
from photosearch.gui.design import theme
from photosearch.gui.search.card import HEAVIEST, SMALLEST, Card, written
from photosearch.gui.search.history import KEPT, History
from photosearch.gui.search.query import SLOW, QueryStrip
from photosearch.gui.search.searches import SavedSearches
from photosearch.records import WHOLE, Answer, Box, Circle, Example, Filters
from photosearch.searches import PastSearches, Search, forget_past
from tests.gui.conftest import PATIENCE, NeverInGui, found


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.fixture
def card(qtbot) -> Card:
    card = Card("sea.jpg", 1.0, WHOLE)
    qtbot.addWidget(card)
    card.show_image(QImage(160, 112, QImage.Format.Format_RGB32))
    card.boxes = []
    card.changed.connect(lambda: card.boxes.append(card.box))
    card.show()
    return card


def drag(qtbot, widget, start: tuple[int, int], end: tuple[int, int]) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(widget, left, pos=QPoint(*start))
    for share in (0.5, 1.0):
        at = [round(a + (b - a) * share) for a, b in zip(start, end, strict=True)]
        qtbot.mouseMove(widget, QPoint(*at))
    qtbot.mouseRelease(widget, left, pos=QPoint(*end))


def near(box: Box, *sides: float) -> bool:
    return bool(np.allclose((box.x, box.y, box.width, box.height), sides, atol=0.02))


def test_a_box_is_drawn_moved_resized_and_taken_away_by_the_pointer(card, qtbot):
    part = card.part
    assert (part.width(), part.height()) == (160, 112)
    drag(qtbot, part, (40, 28), (120, 84))
    assert near(card.box, 0.25, 0.25, 0.5, 0.5)
    assert len(card.boxes) == 2, "live, not only at the end"
    drag(qtbot, part, (80, 56), (96, 45))
    assert near(card.box, 0.35, 0.15, 0.5, 0.5)
    drag(qtbot, part, (136, 73), (159, 111))
    assert near(card.box, 0.35, 0.15, 0.65, 0.85)
    right = card.box.x + card.box.width
    drag(qtbot, part, (56, 60), (170, 60))
    assert card.box.width == pytest.approx(SMALLEST) and card.box.x + card.box.width == pytest.approx(right)
    qtbot.mouseDClick(part, Qt.MouseButton.LeftButton, pos=QPoint(80, 56))
    assert card.box == WHOLE


def test_a_box_never_leaves_the_picture(card, qtbot):
    drag(qtbot, card.part, (40, 28), (120, 84))
    drag(qtbot, card.part, (80, 56), (400, 300))
    assert near(card.box, 0.5, 0.5, 0.5, 0.5)


def test_a_box_is_drawn_moved_resized_and_taken_away_by_keys(card, qtbot):
    keys, shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(card.part, keys.Key_Return)
    assert card.box == Box(0.25, 0.25, 0.5, 0.5)
    qtbot.keyClick(card.part, keys.Key_Right)
    qtbot.keyClick(card.part, keys.Key_Up)
    assert near(card.box, 0.27, 0.23, 0.5, 0.5)
    qtbot.keyClick(card.part, keys.Key_Left, shift)
    qtbot.keyClick(card.part, keys.Key_Down, shift)
    assert near(card.box, 0.27, 0.23, 0.48, 0.52)
    assert "27 %" in card.part.accessibleName()
    qtbot.keyClick(card.part, keys.Key_Backspace)
    assert card.box == WHOLE


def test_plus_and_minus_weigh_an_example_which_never_weighs_nothing(card, qtbot):
    weights = []
    card.changed.connect(lambda: weights.append(card.weight))
    for _ in range(6):
        qtbot.keyClick(card.part, Qt.Key.Key_Minus)
    assert weights == [0.75, 0.5, 0.25, -0.25, -0.5, -0.75]
    assert card.part.accessibleName().startswith("Less like sea.jpg")
    for _ in range(40):
        qtbot.keyClick(card.part, Qt.Key.Key_Plus)
    assert card.weight == HEAVIEST
    assert [written(weight) for weight in (1.0, 0.5, -0.75)] == ["×1", "×0.5", "×−0.75"]


def test_a_box_on_a_card_searches_for_that_part_while_it_moves(own_window, pictures, qtbot):
    window = own_window
    teal, orange = Image.new("RGB", (120, 80), "teal"), Image.new("RGB", (120, 80), "orange")
    # Not plain: what is plain has no coarse colours to tell apart from its mean.
    both = Image.new("RGB", (240, 80))
    both.paste(teal, (0, 0))
    both.paste(orange, (120, 0))
    for name, image in (("teal.png", teal), ("orange.png", orange)):
        image.save(pictures / name)
    file = pictures.parent / "both.png"
    both.save(file)
    until(qtbot, lambda: window.session.known.status.encoded == 20)
    window.search([Example(file)])
    until(qtbot, lambda: found(window))
    (card,) = window.search_place.strip.cards
    card.part.choose(Box(0.0, 0.0, 0.5, 1.0), settled=False)
    until(qtbot, lambda: found(window)[:1] == ["teal.png"])
    card.part.choose(Box(0.5, 0.0, 0.5, 1.0))
    until(qtbot, lambda: found(window)[:1] == ["orange.png"])
    assert window.search_place.strip.cards == [card], "the card that is being changed stays"


def test_more_and_less_like_this_add_examples_that_are_weighed_at_once(window, drawn, qtbot):
    place = window.search_place
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])
    grid = place.gallery.grid
    row = found(window).index("dunes 2.jpg")
    grid.setCurrentIndex(place.gallery.photos.index(row))
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    until(qtbot, lambda: len(place.query.examples) == 2 and place.answer and len(place.strip.cards) == 2)
    assert [example.weight for example in place.query.examples] == [1.0, 1.0]
    until(qtbot, lambda: found(window).index("dunes 2.jpg") < row)
    assert place.strip._title.text() == "Photos like sea 1.jpg and 1 more"
    before = found(window).index("dunes 2.jpg")
    for _ in range(12):
        qtbot.keyClick(place.strip.cards[1].part, Qt.Key.Key_Minus)
    assert place.query.examples[1].weight == -2.25
    assert place.strip._title.text() == "Photos like sea 1.jpg", "what is weighed down is none of them"
    until(qtbot, lambda: found(window).index("dunes 2.jpg") > before)
    assert [image.part.image.isNull() for image in place.strip.cards] == [False, False]


def test_an_example_is_taken_away_and_the_last_one_ends_the_search(window, drawn, qtbot):
    place = window.search_place
    window.search([Example(drawn / "sea 1.jpg"), Example(drawn / "city 1.jpg")])
    until(qtbot, lambda: found(window))
    qtbot.keyClick(place.strip.cards[0].part, Qt.Key.Key_Delete)
    until(qtbot, lambda: found(window)[:1] == ["city 1.jpg"])
    qtbot.keyClick(place.strip.cards[0].part, Qt.Key.Key_Delete)
    assert place.query is None


def test_an_example_that_is_taken_away_leaves_no_gap(window, drawn, qtbot):
    strip = window.search_place.strip
    window.search([Example(drawn / f"{kind} 1.jpg") for kind in ("sea", "city", "dunes")])
    qtbot.waitUntil(lambda: all(not card.part.image.isNull() for card in strip.cards), timeout=PATIENCE)
    strip.cards[2].unwanted.emit()
    first, second = strip.cards

    def gap() -> int:
        return second.mapTo(strip, QPoint()).x() - first.mapTo(strip, QPoint()).x() - first.width()

    qtbot.waitUntil(lambda: 0 < gap() <= theme.MEDIUM + 2, timeout=PATIENCE)


def test_one_goes_back_to_earlier_searches_and_forth_again(window, drawn, qtbot):
    place = window.search_place
    assert not place.back.isEnabled()
    for name in ("sea 1.jpg", "city 2.jpg"):
        window.search([Example(drawn / name)])
        until(qtbot, lambda name=name: found(window)[:1] == [name])
    place.back.trigger()
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])
    assert place.forward.isEnabled() and not place.back.isEnabled()
    place.forward.trigger()
    until(qtbot, lambda: found(window)[:1] == ["city 2.jpg"])


def test_from_another_place_one_comes_back_to_the_search_that_was_ended_and_sees_it(window, drawn, qtbot):
    place = window.search_place
    for name in ("sea 1.jpg", "city 2.jpg"):
        window.search([Example(drawn / name)])
        until(qtbot, lambda name=name: found(window)[:1] == [name])
    window.clear()
    assert window.place is window.library and found(window) == []
    place.back.trigger()
    assert window.place is place
    until(qtbot, lambda: found(window)[:1] == ["city 2.jpg"])
    until(qtbot, place.gallery.grid.hasFocus)
    window.go_to(window.library)
    place.back.trigger()
    assert window.place is place and found(window)[:1] == ["city 2.jpg"]
    place.back.trigger()
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])
    assert not place.back.isEnabled()


def test_an_answer_that_is_here_at_once_is_not_announced(qtbot):
    strip = QueryStrip()
    qtbot.addWidget(strip)
    strip.show()
    strip.ask([Example(Path("/a.jpg"))])
    qtbot.waitUntil(strip._busy.isVisible)
    said = []
    strip.answer(Answer((), 9, 1, 1))
    for weight in (1.25, 1.5):
        strip.ask([Example(Path("/a.jpg"), weight)])
        said.append(strip._state.text())
        assert not strip._busy.isVisible()
        strip.answer(Answer((), 9, 1, 1))
    assert said == ["9 photos compared in 2 ms"] * 2
    qtbot.wait(2 * SLOW)
    assert not strip._busy.isVisible()


def test_a_new_search_after_going_back_forgets_what_was_ahead():
    history = History()
    first, second, third = (Search((Example(Path(f"/{name}.jpg")),)) for name in "abc")
    for search in (first, second, second):
        history.visit(search)
    assert history.back() is first
    history.visit(third)
    assert (history.can_go_forward, history.back()) == (False, first)


def test_the_past_is_bounded_as_its_pictures_are_kept_with_it():
    history = History()
    searches = [Search((Example(Path(f"/{number}.jpg")),)) for number in range(KEPT + 2)]
    for search in searches:
        history.visit(search)
    assert history.current() is searches[-1] and history.back() is searches[-2]
    gone = 1
    while history.can_go_back:
        history.back()
        gone += 1
    assert gone == KEPT - 1 and history.current() is searches[2]


def past_files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "home" / "history").glob("*/*.json"))


def test_after_a_restart_one_goes_back_to_what_was_searched_for_before(
    open_window, indexed, drawn, tmp_path, qtbot
):
    def start():
        window = open_window(opener=lambda: NeverInGui(indexed, stays_open=True))
        until(qtbot, lambda: window.session.known and window.search_place._past_is_read)
        return window

    pasted = Example((drawn / "city 2.jpg").read_bytes(), 0.5, Box(0, 0, 0.5, 1))
    before = start()
    for example in (Example(drawn / "sea 1.jpg"), pasted):
        before.search([example])
        until(qtbot, lambda: before.search_place.answer and not before.session.reading.busy)
    before.close()
    after = start()
    place = after.search_place
    assert place.query is None and place.back.isEnabled() and not place.forward.isEnabled()
    place.back.trigger()
    assert after.place is place and place.query.examples == (pasted,)
    until(qtbot, lambda: found(after)[:1] == ["city 2.jpg"])
    place.back.trigger()
    until(qtbot, lambda: found(after)[:1] == ["sea 1.jpg"])
    assert not place.back.isEnabled() and place.forward.isEnabled()
    after.search([Example(drawn / "dunes 1.jpg")])
    until(qtbot, lambda: found(after) and not after.session.reading.busy)
    kept = [search.examples for search in PastSearches(past_files(tmp_path)[0].parent).all()]
    assert kept == [(Example(drawn / "sea 1.jpg"),), (Example(drawn / "dunes 1.jpg"),)]


def test_a_photo_named_at_the_start_comes_behind_what_was_searched_for_before(
    open_window, indexed, drawn, tmp_path, qtbot
):
    past = PastSearches(tmp_path / "home" / "history" / "photos")
    past.keep([Search((Example(drawn / "city 2.jpg"),))])
    window = open_window((), drawn / "sea 1.jpg", opener=lambda: NeverInGui(indexed, stays_open=True))
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"] and window.search_place.back.isEnabled())
    until(qtbot, lambda: len(past_files(tmp_path)) == 2)
    window.search_place.back.trigger()
    until(qtbot, lambda: found(window)[:1] == ["city 2.jpg"])


def test_with_a_folder_the_searches_that_name_it_are_forgotten_at_once(own_window, pictures, drawn, qtbot):
    place, session = own_window.search_place, own_window.session
    own_window.search([Example(drawn / "sea 1.jpg")])
    own_window.search([Example(pictures / "city 2.jpg")])
    until(qtbot, lambda: place.answer and not session.reading.busy)
    own_window.clear()
    session.remove_folder(session.known.folders[0])
    until(qtbot, lambda: [search.examples for search in place._history.searches] == [place_of(drawn)])
    place.back.trigger()
    assert place.query.examples == place_of(drawn)
    until(qtbot, lambda: not session.reading.busy)
    kept = past_files(pictures.parent)
    assert len(kept) == 1 and str(pictures).encode() not in kept[0].read_bytes()


def place_of(drawn: Path) -> tuple[Example, ...]:
    return (Example(drawn / "sea 1.jpg"),)


def test_with_a_folder_that_is_left_out_the_searches_that_name_it_are_forgotten(own_window, pictures, qtbot):
    inside, session = pictures / "inside", own_window.session
    inside.mkdir()
    (pictures / "sea 1.jpg").rename(inside / "sea 1.jpg")
    own_window.search([Example(inside / "sea 1.jpg")])
    until(qtbot, lambda: past_files(pictures.parent))
    session.leave_out(inside, lambda _: None)
    until(qtbot, lambda: not own_window.search_place._history.searches)
    assert past_files(pictures.parent) == []


def test_what_was_searched_for_is_forgotten_when_asked_for(window, drawn, tmp_path, qtbot):
    place = window.search_place
    assert not place.forget_past.isEnabled()
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: past_files(tmp_path))
    window.clear()
    place.forget_past.trigger()
    until(qtbot, lambda: not past_files(tmp_path))
    assert not place.back.isEnabled() and not place.forget_past.isEnabled()


def test_a_search_right_after_forgetting_does_not_keep_what_others_kept(window, drawn, tmp_path, qtbot):
    place, reading = window.search_place, window.session.reading
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: past_files(tmp_path))
    newer = past_files(tmp_path)[0].with_name("00000042.json")
    newer.write_text('{"of a newer version": true}')
    held = threading.Event()
    reading.call("held", held.wait)
    place.forget_past.trigger()
    place._keep_past()
    held.set()
    until(qtbot, lambda: not reading.busy)
    assert past_files(tmp_path) == []


def test_searches_of_before_come_back_in_their_order_and_of_those_given_up_nothing_stays(tmp_path):
    first, second, third, fourth = (Search((Example(Path(f"/{name}.jpg")),)) for name in "abcd")
    kept = PastSearches(tmp_path / "history")
    assert kept.all() == []
    kept.keep([first, second, Search(first.examples), third])
    assert PastSearches(tmp_path / "history").all() == [first, second, first, third]
    again = PastSearches(tmp_path / "history")
    one, two, *_ = again.all()
    again.keep([one, two, fourth])
    assert PastSearches(tmp_path / "history").all() == [first, second, fourth]
    (tmp_path / "history" / "00000001.json").write_text("{")
    (tmp_path / "history" / "00000009.json.new").write_bytes(b"")
    assert PastSearches(tmp_path / "history").all() == [second, fourth]
    assert len(list((tmp_path / "history").iterdir())) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[]",
        '{"examples": [], "filters": {}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1%s, "box": {}}], "filters": {}}' % (400 * "0"),
        '{"examples": [{"file": "/a.jpg", "weight": NaN, "box": {}}], "filters": {}}',
        '{"examples": [{"file": 1, "weight": 1, "box": {}}], "filters": {}}',
        '{"examples": [{"picture": "*", "weight": 1, "box": {}}], "filters": {}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {"x": "0"}}], "filters": {}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"since": 1.5}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"since": true}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"camera": null}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"near": {"latitude": 1}}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"under": ""}}',
        '{"examples": [{"file": "", "weight": 1, "box": {}}], "filters": {}}',
    ],
    ids=[
        *("nested", "list", "empty", "huge", "no number", "no path", "no picture", "text for a number"),
        *("fraction", "truth", "null", "half a place", "nowhere", "no name"),
    ],
)
def test_what_is_no_search_of_before_is_removed_and_the_others_come_back(tmp_path, text):
    kept, search = PastSearches(tmp_path), Search((Example(Path("/a.jpg")),))
    kept.keep([search, Search((Example(Path("/b.jpg")),))])
    (tmp_path / "00000002.json").write_text(text)
    assert PastSearches(tmp_path).all() == [search]
    assert [file.name for file in tmp_path.iterdir()] == ["00000001.json"]


@pytest.mark.parametrize(
    "text",
    [
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"newer": 1}}',
        '{"examples": [{"words": "a boat", "weight": 1}], "filters": {}}',
        '{"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"orientation": "panorama"}}',
    ],
    ids=["filter", "example", "choice"],
)
def test_a_search_of_a_newer_version_is_left_alone_until_all_are_forgotten(tmp_path, text):
    search = Search((Example(Path("/a.jpg")),), Filters(near=Circle(1.5, 2, 3), kind="same-shot"))
    newer = tmp_path / "00000007.json"
    newer.write_text(text)
    kept = PastSearches(tmp_path)
    assert kept.all() == []
    kept.keep([search])
    assert PastSearches(tmp_path).all() == [search]
    assert newer.read_text() == text
    kept.keep([])
    assert list(tmp_path.iterdir()) == [newer]
    kept.forget()
    assert list(tmp_path.iterdir()) == []


def test_of_a_search_of_a_newer_version_nobody_knows_what_it_names_so_it_goes_with_any_folder(tmp_path):
    newer = tmp_path / "history" / "photos" / "00000001.json"
    newer.parent.mkdir(parents=True)
    newer.write_text('{"examples": [{"words": "a boat", "weight": 1}], "filters": {}}')
    forget_past(tmp_path / "history", tmp_path / "secret")
    assert not newer.exists()


def test_a_search_made_just_before_the_window_is_closed_is_kept(window, drawn, tmp_path, qtbot):
    until(qtbot, lambda: window.search_place._past_is_read)
    going_on = threading.Event()
    # What the disk is at when the search is made.
    window.session.reading.call("slow", going_on.wait)
    window.session.reading.call("not needed", pytest.fail)
    window.search([Example(drawn / "sea 1.jpg")])
    threading.Timer(0.3, going_on.set).start()
    window.close()
    [file] = past_files(tmp_path)
    assert [search.examples for search in PastSearches(file.parent).all()] == [place_of(drawn)]


def test_a_search_made_before_those_of_before_were_read_is_kept_beside_them(
    open_window, indexed, drawn, tmp_path, qtbot
):
    before = Search((Example(drawn / "city 2.jpg"),))
    PastSearches(tmp_path / "home" / "history" / "photos").keep([before])
    window = open_window(opener=lambda: NeverInGui(indexed, stays_open=True))
    session, held = window.session, threading.Event()
    # The disk is at something else when it is their turn.
    session.opened.disconnect(window.search_place._read_past)
    session.opened.connect(lambda: session.reading.call("held", held.wait))
    session.opened.connect(window.search_place._read_past)
    until(qtbot, lambda: window._taken_up)
    window.search([Example(drawn / "sea 1.jpg")])
    window.close()
    held.set()
    kept = PastSearches(past_files(tmp_path)[0].parent)
    assert [search.examples for search in kept.all()] == [before.examples, place_of(drawn)]
    newest = Search((Example(drawn / "dunes 1.jpg"),))
    # They were read, but whoever asked has not heard of it yet.
    kept.keep([newest], beside=True)
    assert len(past_files(tmp_path)) == 3
    kept.keep([newest])
    assert PastSearches(past_files(tmp_path)[0].parent).all() == [newest]


def test_what_was_left_out_of_a_search_is_not_kept_on_disk(window, drawn, tmp_path, qtbot):
    place, broken = window.search_place, tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    for examples in ([], [Example(broken)]):
        # The second time what is left of it is where one already is.
        window.search([Example(drawn / "sea 1.jpg"), *examples])
        until(qtbot, lambda: found(window) and not place._unanswered)
    until(qtbot, lambda: not window.session.reading.busy)
    [file] = past_files(tmp_path)
    assert str(broken).encode() not in file.read_bytes()
    assert PastSearches(file.parent).all() == [Search(place_of(drawn))]


def test_pictures_of_searches_of_before_take_no_more_room_than_they_may(tmp_path, monkeypatch):
    monkeypatch.setattr(searches, "MOST_BYTES", 30)
    old, new = (Search((Example(bytes([number]) * 12),)) for number in (1, 2))
    by_file, kept = Search((Example(Path("/a.jpg")),)), PastSearches(tmp_path)
    kept.keep([by_file, old])
    kept.keep([by_file, old, new])
    assert PastSearches(tmp_path).all() == [by_file, new] and kept.gone() == []


def test_a_search_that_another_process_forgets_is_told_and_not_written_again(tmp_path):
    folder, window = tmp_path / "secret", PastSearches(tmp_path / "history" / "photos")
    (tmp_path / "link").symlink_to(folder)
    named = [Search((Example(path / "a.jpg"),)) for path in (folder, tmp_path / "link")]
    named.append(Search((Example(b"x"),), Filters(under=folder)))
    other = Search((Example(tmp_path / "secret santa.jpg"), Example(b"x")))
    window.keep([*named, other])
    forget_past(tmp_path / "history", folder)
    assert window.gone() == named
    window.keep([*named, other, Search((Example(b"y"),))])
    assert PastSearches(tmp_path / "history" / "photos").all() == [other, Search((Example(b"y"),))]


def test_a_search_is_made_all_the_same_where_it_cannot_be_kept(tmp_path):
    (tmp_path / "history").write_text("no folder")
    kept = PastSearches(tmp_path / "history")
    kept.keep([Search((Example(b"x"),))])
    assert kept.all() == []


def test_a_saved_search_is_found_again_in_the_menu(window, drawn, qtbot):
    place = window.search_place
    window.search([Example(drawn / "sea 1.jpg", box=Box(0, 0, 0.5, 0.5))])
    until(qtbot, lambda: found(window))
    place.save_as("Seas & suns", Search(place.query.examples, place.query.filters))
    until(qtbot, lambda: [action.text() for action in place.saved_menu.actions()][2:3] == ["Seas && suns"])
    window.clear()
    place.saved_menu.actions()[2].trigger()
    until(qtbot, lambda: found(window))
    assert window.place is place, "from wherever it is opened"
    assert place.query.examples[0].box == Box(0, 0, 0.5, 0.5)
    place._forget("Seas & suns")
    until(qtbot, lambda: len(place.saved_menu.actions()) == 2)


def test_saved_searches_come_back_as_they_were_kept_whatever_their_names(tmp_path):
    saved = SavedSearches(tmp_path / "not made yet" / "searches.json")
    assert saved.all() == {}
    odd = Search(
        (Example(Path(os.fsdecode(b"/caf\xe9.jpg")), -0.5, Box(0.1, 0.2, 0.3, 0.4)), Example(b"\x89PNG")),
        Filters(under=Path("/photos"), since=5, near=Circle(1, 2, 3), orientation="square"),
    )
    saved.keep("a", odd)
    assert saved.keep("b", Search((Example(b"x"),))).keys() == {"a", "b"}
    assert saved.all()["a"] == odd
    assert saved.forget("a").keys() == saved.all().keys() == {"b"}


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        json.dumps({"a": {"filters": {}}}),
        '{"a": {"examples": [{"file": "/a.jpg", "weight": 1, "box": {}}], "filters": {"under": ""}}}',
    ],
)
def test_a_file_that_holds_no_searches_is_told_and_left_alone(tmp_path, text):
    file = tmp_path / "searches.json"
    file.write_text(text)
    with pytest.raises(SettingsUnusable, match="cannot be read"):
        SavedSearches(file).keep("a", Search(()))
    assert file.read_text() == text


def test_a_search_that_cannot_be_answered_leaves_the_way_back(window, tmp_path, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    (tmp_path / "note.jpg").write_text("no picture")
    window.search([Example(tmp_path / "note.jpg")])
    message = window.search_place.gallery.message
    until(qtbot, lambda: message.isVisible() and message._title.text() == "This cannot be searched for")
    window.search_place.back.trigger()
    until(qtbot, lambda: found(window)[:1] == ["sea 1.jpg"])
    assert window.search_place.gallery.grid.isVisible()


def test_why_there_is_no_answer_is_said_even_while_photos_are_being_indexed(window, tmp_path, drawn, qtbot):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: found(window))
    (tmp_path / "note.jpg").write_text("no picture")
    window.search([Example(tmp_path / "note.jpg")])
    # More photos have become searchable before the answer is here.
    window.session.generation += 1
    window.session.told.emit(window.session.known)
    message = window.search_place.gallery.message
    until(qtbot, lambda: message.isVisible() and message._title.text() == "This cannot be searched for")


def test_the_buttons_of_a_card_do_what_its_keys_do(card, qtbot):
    less, more, away = card.findChildren(QToolButton)
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert card.weight == 1.25
    qtbot.mouseClick(less, Qt.MouseButton.LeftButton)
    assert card.weight == 1.0
    with qtbot.waitSignal(card.unwanted):
        qtbot.mouseClick(away, Qt.MouseButton.LeftButton)


def test_another_example_shows_its_answer_from_the_top_and_a_weight_leaves_it_in_place(window, drawn, qtbot):
    place = window.search_place
    window.resize(640, 460)
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: place.answer)
    bar = place.gallery.grid.verticalScrollBar()
    until(qtbot, lambda: bar.maximum() > 200)
    bar.setValue(200)
    before = place.answer
    place.strip.cards[0]._weigh_more(0.25)
    until(qtbot, lambda: place.answer is not before)
    assert bar.value() > 0
    before = place.answer
    window._add_to_search([place.gallery.photos.photo(1)], 1.0)
    until(qtbot, lambda: place.answer is not before)
    assert bar.value() == 0 and place.gallery.grid.currentIndex().row() == 0
