"""The grid: a million photos at the price of one screenful, walked by keys, chosen by pointer, read aloud."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage

from photosearch.gui.grid.grid import AHEAD, Grid
from photosearch.gui.grid.photos import AROUND, HIGHEST, Photos
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.records import Details, Match, Photo


def photo(number: int, offline: bool = False) -> Photo:
    taken = 1_556_900_000 + number
    return Photo(number, Path(f"/photos/IMG_{number}.jpg"), 1, 1, Details(600, 400, taken), offline)


@pytest.fixture
def photos() -> Photos:
    photos = Photos()
    photos.asked = []

    def fill(ids):
        photos.asked.append(ids)
        photos.fill(ids, [photo(number) for number in ids])

    photos.wanted.connect(fill, Qt.ConnectionType.QueuedConnection)
    return photos


@pytest.fixture
def grid(qtbot, photos) -> Grid:
    grid = Grid(photos)
    qtbot.addWidget(grid)
    grid.resize(1000, 700)
    grid.show()
    return grid


def press(qtbot, grid, key, modifier=Qt.KeyboardModifier.NoModifier) -> int:
    qtbot.keyClick(grid, key, modifier)
    return grid.currentIndex().row()


def test_a_million_photos_are_shown_and_scrolled_through_at_once(qtbot, grid, photos):
    start = time.perf_counter()
    photos.show_listing(np.arange(1_000_000))
    grid.grab()
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    grid.grab()
    assert time.perf_counter() - start < 1.0
    qtbot.waitUntil(lambda: photos.photo(999_999) is not None)
    assert photos.photo(500_000) is None
    assert sum(len(ids) for ids in photos.asked) < 4 * AROUND + 200


@pytest.mark.parametrize("highest", [5_000, 3 * HIGHEST])
def test_photos_are_found_by_ids_however_high_these_are(photos, highest):
    ids = np.random.default_rng(0).permutation(highest // 1000 * np.arange(1001))
    photos.show_listing(ids)
    gone = [highest // 1000 + 1, 2 * highest]
    assert photos.rows([*ids[[7, 3, 900]].tolist(), *gone]).tolist() == [3, 7, 900]
    assert photos.rows(gone).tolist() == photos.rows([]).tolist() == []
    assert photos.rows(ids).tolist() == list(range(1001))


def test_a_name_is_looked_for_among_the_photos_that_are_here_from_a_row_on_and_then_from_the_first(photos):
    photos.show_listing(np.arange(100, 50_000))
    photos.fill([110, 120, 30_130], [photo(number) for number in (110, 120)])
    assert photos.named("img_1", 0) == 10
    assert photos.named("IMG_1", 11) == 20
    assert photos.named("img_11", 11) == 10
    assert photos.named("img_3", 0) is None


def test_the_last_photo_can_be_scrolled_to(grid, photos):
    photos.show_listing(np.arange(1_000_000))
    grid.scrollTo(photos.index(999_999))
    assert grid.viewport().rect().contains(grid.visualRect(photos.index(999_999)))


@pytest.mark.parametrize("columns", [1, 3, 4])
def test_arrows_walk_the_tiles(qtbot, grid, photos, columns):
    grid.resize(60 + columns * 235, 600)
    photos.show_listing(np.arange(columns * 7 + 1))
    assert grid._columns == columns
    grid.setCurrentIndex(photos.index(0))
    assert press(qtbot, grid, Qt.Key.Key_Right) == 1
    assert press(qtbot, grid, Qt.Key.Key_Down) == 1 + columns
    assert press(qtbot, grid, Qt.Key.Key_Up) == 1
    assert press(qtbot, grid, Qt.Key.Key_Left) == 0
    assert press(qtbot, grid, Qt.Key.Key_Up) == 0
    assert press(qtbot, grid, Qt.Key.Key_End) == columns * 7
    assert press(qtbot, grid, Qt.Key.Key_Down) == columns * 7
    assert press(qtbot, grid, Qt.Key.Key_Home) == 0
    assert press(qtbot, grid, Qt.Key.Key_PageDown) % columns == 0
    assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))


def test_down_from_the_last_full_line_reaches_the_last_photo(qtbot, grid, photos):
    photos.show_listing(np.arange(2 * grid._columns + 1))
    grid.setCurrentIndex(photos.index(2 * grid._columns - 1))
    assert press(qtbot, grid, Qt.Key.Key_Down) == 2 * grid._columns


def test_shift_chooses_a_range_and_a_rubber_band_what_it_touches(qtbot, grid, photos):
    photos.show_listing(np.arange(10, 40))
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(grid.viewport(), left, pos=grid.visualRect(photos.index(1)).center())
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(grid.viewport(), left, shift, grid.visualRect(photos.index(6)).center())
    assert grid.chosen == [11, 12, 13, 14, 15, 16]
    press(qtbot, grid, Qt.Key.Key_Left, shift)
    assert grid.chosen == [11, 12, 13, 14, 15]
    first, fifth = grid.visualRect(photos.index(0)), grid.visualRect(photos.index(grid._columns + 1))
    qtbot.mousePress(grid.viewport(), left, pos=first.topLeft() - QPoint(3, 3))
    qtbot.mouseMove(grid.viewport(), fifth.center() - QPoint(5, 5))
    qtbot.mouseMove(grid.viewport(), fifth.center())
    assert grid._band is not None
    grid.grab()
    qtbot.mouseRelease(grid.viewport(), left, pos=fifth.center())
    assert grid.chosen == [10, 11, 10 + grid._columns, 11 + grid._columns]
    assert grid._band is None


def test_resizing_keeps_in_sight_what_was_in_sight(grid, photos):
    photos.show_listing(np.arange(100_000))
    grid.scrollTo(photos.index(60_000), Grid.ScrollHint.PositionAtCenter)
    for width in (1600, 700, 400, 1000):
        grid.resize(width, 700)
        assert abs(grid._rows_in(grid.viewport().rect()).start - 60_000) < 40


def test_photos_that_come_and_go_leave_in_place_what_one_looks_at(grid, photos):
    photos.show_listing(np.arange(1000, 3000))
    grid.scrollTo(photos.index(1200), Grid.ScrollHint.PositionAtCenter)
    grid.setCurrentIndex(photos.index(1203))
    remembered, top = grid.remember(), grid.visualRect(photos.index(1203)).top()
    photos.show_listing(np.concatenate([np.arange(1000 - 10 * grid._columns, 1500), np.arange(1501, 3000)]))
    grid.restore(remembered)
    assert grid.chosen == [2203]
    assert abs(grid.visualRect(grid.currentIndex()).top() - top) <= grid._step.height()


def test_the_keyboard_is_at_the_next_photo_when_its_own_is_gone_and_selects_none(grid, photos):
    photos.show_listing(np.arange(1000, 3000))
    for gone, next_ in (({1203}, 1204), ({1204, 1205, 1206}, 1207), (set(range(1207, 3000)), 1202)):
        grid.setCurrentIndex(photos.index(203))
        remembered = grid.remember()
        photos.show_listing(np.array([number for number in photos.ids.tolist() if number not in gone]))
        grid.restore(remembered)
        assert int(photos.ids[grid.currentIndex().row()]) == next_
        assert grid.chosen == []
    remembered = grid.remember()
    photos.show_listing(np.arange(5000, 6000))
    grid.restore(remembered)
    assert not grid.currentIndex().isValid(), "none of those is left"


def test_photos_that_are_new_are_seen_by_whoever_is_at_the_top(grid, photos):
    photos.show_listing(np.arange(1000, 3000))
    remembered = grid.remember()
    photos.show_listing(np.arange(900, 3000))
    grid.restore(remembered)
    assert grid.verticalScrollBar().value() == 0


def test_a_tile_is_read_aloud_as_a_sentence(photos):
    photos.show_matches(
        [
            Match(1, photo(1234, offline=True), 0.99, 99.97, "same-shot"),
            Match(2, photo(5), 0.5, 80, "similar"),
        ]
    )
    said = [photos.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 1)]
    assert said == [
        "Same shot, number 1, closer than 99.9 %, 3 May 2019, IMG_1234.jpg, offline",
        "Similar, number 2, closer than 80 %, 3 May 2019, IMG_5.jpg",
    ]


def test_a_photo_that_is_no_more_leaves_an_empty_tile_and_is_not_asked_for_again(qtbot, grid, photos):
    photos.wanted.disconnect()
    photos.wanted.connect(lambda ids: photos.asked.append(ids))
    photos.show_listing(np.array([1, 2]))
    grid.grab()
    photos.fill([1, 2], [photo(1)])
    grid.grab()
    assert photos.photo(1) is None
    assert photos.asked == [[1, 2]]


@pytest.fixture
def reading():
    """Something that encodes a green picture for every photo, and remembers which."""

    class Reading:
        def __init__(self):
            self.read = []

        def __call__(self, photo: Photo) -> bytes | None:
            self.read.append(photo.id)
            return None if photo.id % 7 == 3 else GREEN

    return Reading()


GREEN = b""


@pytest.fixture(autouse=True, scope="module")
def green(qapp, tmp_path_factory):
    global GREEN
    image = QImage(320, 213, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    file = tmp_path_factory.mktemp("green") / "green.jpg"
    image.save(str(file))
    GREEN = file.read_bytes()


@pytest.fixture
def thumbnails(reading):
    thumbnails = Thumbnails(reading, QSize(208, 156))
    yield thumbnails
    thumbnails.stop()
    assert thumbnails.join(5)


def test_thumbnails_are_made_only_of_what_is_in_sight_or_soon_will_be(
    qtbot, grid, photos, thumbnails, reading
):
    grid.use(thumbnails)
    photos.show_listing(np.arange(1_000_000))
    grid.verticalScrollBar().setValue(400_000)
    sight = grid._rows_in(grid.viewport().rect())
    qtbot.waitUntil(lambda: set(sight) <= set(reading.read))
    qtbot.wait(100)
    assert len(reading.read) <= len(sight) + 2 * AHEAD * grid._columns
    middle = grid.visualRect(photos.index(sight.start + 5)).center() - QPoint(0, 20)
    assert grid.viewport().grab().toImage().pixelColor(middle).green() > 100


def test_what_was_scrolled_past_is_not_made(qtbot, grid, photos, thumbnails, reading):
    grid.use(thumbnails)
    photos.show_listing(np.arange(100_000))
    for value in range(0, 600_000, 3000):
        grid.verticalScrollBar().setValue(value)
    sight = set(grid._rows_in(grid.viewport().rect()))
    qtbot.waitUntil(lambda: sight <= set(reading.read))
    assert len(reading.read) < 200


def test_a_thumbnail_that_cannot_be_had_is_asked_for_once_until_told_to_try_again(qtbot, thumbnails, reading):
    thumbnails.want([photo(3)], 1.0)
    qtbot.waitUntil(lambda: thumbnails.lacks(photo(3)))
    thumbnails.want([photo(3)], 1.0)
    thumbnails.want([photo(4)], 1.0)
    qtbot.waitUntil(lambda: thumbnails.get(photo(4)) is not None)
    assert reading.read == [3, 4]
    thumbnails.try_again()
    thumbnails.want([photo(3)], 1.0)
    qtbot.waitUntil(lambda: reading.read == [3, 4, 3])


def test_a_thumbnail_is_sharp_on_a_fine_screen(qtbot, thumbnails):
    thumbnails.want([photo(1)], 2.0)
    qtbot.waitUntil(lambda: thumbnails.get(photo(1)) is not None)
    pixmap = thumbnails.get(photo(1))
    assert pixmap.deviceIndependentSize().toSize() == QSize(208, 138)
    assert pixmap.width() == 416


def test_thumbnails_kept_are_bounded(qtbot, thumbnails, reading, monkeypatch):
    monkeypatch.setattr("photosearch.gui.grid.thumbnails.BYTES", 1_000_000)
    many = [photo(number) for number in range(0, 70, 7)]
    thumbnails.want(many, 1.0)
    qtbot.waitUntil(lambda: len(reading.read) == 10 and thumbnails.done)
    assert thumbnails._bytes <= 1_000_000
    assert sum(thumbnails.get(one) is not None for one in many) == 8
