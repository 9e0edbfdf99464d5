"""The preview: at once, then sharp; zoomed, panned, walked through, and calm about what is missing."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QCursor,
    QGuiApplication,
    QImage,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QMainWindow, QPushButton, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Photos
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.tasks import Worker
from photosearch.gui.viewing.canvas import STEP
from photosearch.gui.viewing.pictures import Pictures, Wish
from photosearch.gui.viewing.preview import Preview
from photosearch.library.viewing import Viewing
from photosearch.records import Details, Match, Photo
from tests.pictures import draw

SIZE = QSize(900, 700)
PATIENCE = 20_000
"""Milliseconds."""


class Decoding:
    """The library's viewing, counted, and held back when asked."""

    def __init__(self, viewing) -> None:
        self._viewing = viewing
        self.asked: list[tuple[str, int | None]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def picture(self, photo, longest, wanted):
        assert threading.current_thread() is not threading.main_thread()
        self.asked.append((photo.path.name, longest))
        self.may_answer.wait(20)
        return self._viewing.picture(photo.path, longest, wanted)


@pytest.fixture
def files(tmp_path) -> list[Path]:
    """Five photos: the first of 2400 × 1600, the third broken, the fourth turned by its EXIF."""
    kinds = ["sea", "city", "forest", "dunes", "hills"]
    files = []
    for number, kind in enumerate(kinds):
        size = (2400, 1600) if number == 0 else (300, 200)
        draw(kind, 1, (300, 200)).resize(size).save(tmp_path / f"{number} {kind}.jpg", quality=95)
        files.append(tmp_path / f"{number} {kind}.jpg")
    files[2].write_bytes(files[2].read_bytes()[:700])
    return files


@pytest.fixture
def photos(files) -> Photos:
    model = Photos()
    sizes = [(2400, 1600)] + [(300, 200)] * 4
    made = [
        Photo(number, file, file.stat().st_size, file.stat().st_mtime_ns, Details(*sizes[number]), False)
        for number, file in enumerate(files)
    ]
    model.show_matches([Match(photo.id + 1, photo, 0.9 - photo.id / 10, 99.97, "similar") for photo in made])
    return model


@pytest.fixture(scope="module")
def viewing() -> Iterator[Viewing]:
    viewing = Viewing()
    yield viewing
    viewing.close()


@pytest.fixture
def decoding(viewing) -> Decoding:
    return Decoding(viewing)


@pytest.fixture
def preview(qtbot, qapp, photos, decoding, viewing):
    theme.dress(qapp, "light")
    window = QMainWindow()
    below = QWidget()
    window.setCentralWidget(below)
    window.menuBar().addMenu("File").addAction("Quit")
    window.below = QPushButton("below", below)
    window.resize(SIZE)
    qtbot.addWidget(window)
    window.show()
    thumbnails = Thumbnails(_thumbnail, QSize(208, 156))
    pictures, asking = Pictures(decoding.picture), Worker("asking")
    preview = Preview(below)
    preview.use(thumbnails, pictures, viewing, asking)
    preview.pictures, preview.photos = pictures, photos
    yield preview
    decoding.may_answer.set()
    for one in (thumbnails, pictures, asking):
        one.stop()
        assert one.join(20)


def _thumbnail(photo: Photo) -> bytes | None:
    if photo.path.name.startswith("2"):
        return None
    file = io.BytesIO()
    with Image.open(photo.path) as image:
        image.thumbnail((320, 320))
        image.save(file, "JPEG")
    return file.getvalue()


def is_sharp(preview: Preview) -> bool:
    photo = preview.photo
    return preview.pictures.get(Wish(photo, preview.canvas.screen_length())) is not None


def press(qtbot, preview, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(preview.window().focusWidget(), key, modifier)


def shown(preview: Preview, x: float, y: float) -> QColor:
    """The colour at a place of the canvas, in fractions of its size."""
    image: QImage = preview.canvas.grab().toImage()
    return image.pixelColor(int(x * (image.width() - 1)), int(y * (image.height() - 1)))


def test_the_thumbnail_is_there_until_the_picture_is_and_then_the_picture(qtbot, preview, decoding):
    decoding.may_answer.clear()
    preview.open(preview.photos, 0)
    qtbot.waitUntil(lambda: preview._thumbnails.get(preview.photo) is not None, timeout=PATIENCE)
    coarse = preview.canvas.grab().toImage()
    assert not is_sharp(preview)
    decoding.may_answer.set()
    qtbot.waitUntil(lambda: is_sharp(preview), timeout=PATIENCE)
    fine = preview.canvas.grab().toImage()
    # The same photo at the same place, with more in it.
    middle = coarse.width() // 2, coarse.height() // 2
    assert coarse.size() == fine.size() and coarse != fine
    colours = coarse.pixelColor(*middle).getRgb(), fine.pixelColor(*middle).getRgb()
    assert max(abs(a - b) for a, b in zip(*colours, strict=True)) < 40
    assert decoding.asked[0] == ("0 sea.jpg", preview.canvas.screen_length())


def test_space_and_escape_close_it_and_whoever_was_below_hears_of_it(qtbot, preview):
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Escape):
        preview.open(preview.photos, 1)
        assert preview.isVisible() and preview.canvas.hasFocus()
        with qtbot.waitSignal(preview.closed):
            press(qtbot, preview, key)
        assert not preview.isVisible()


def test_arrows_walk_and_stop_at_both_ends(qtbot, preview):
    rows = []
    preview.moved.connect(rows.append)
    preview.open(preview.photos, 0)
    for key in ("Left", "Right", "Right", "Home", "End", "Right"):
        press(qtbot, preview, getattr(Qt.Key, f"Key_{key}"))
    assert rows == [1, 2, 0, 4]
    assert preview._place.text() == "5 of 5"
    assert "hills" in preview._name.text() and not preview._on.isEnabled()


def test_neighbours_are_decoded_ahead_and_what_was_moved_past_is_not(qtbot, preview, decoding):
    preview.open(preview.photos, 3)
    length = preview.canvas.screen_length()
    ahead = Wish(preview._photos.photo(4), length)
    qtbot.waitUntil(lambda: preview.pictures.get(ahead) is not None, timeout=PATIENCE)
    decoding.may_answer.clear()
    decoding.asked.clear()
    preview.open(preview.photos, 0)
    qtbot.waitUntil(lambda: len(decoding.asked) == 2, timeout=PATIENCE)
    # Both threads are at work; what they have not begun is forgotten by moving on.
    preview.open(preview.photos, 4)
    decoding.may_answer.set()
    qtbot.waitUntil(lambda: preview.pictures.done, timeout=PATIENCE)
    assert {name for name, _ in decoding.asked} <= {"0 sea.jpg", "1 city.jpg", "3 dunes.jpg"}


def test_zooming_in_brings_all_pixels_and_one_to_one_is_exact(qtbot, preview, decoding):
    preview.open(preview.photos, 0)
    qtbot.waitUntil(lambda: is_sharp(preview), timeout=PATIENCE)
    assert preview.canvas.scale == pytest.approx(900 / 2400, rel=0.01)
    press(qtbot, preview, Qt.Key.Key_1)
    assert preview.canvas.scale == pytest.approx(1.0)
    assert preview._scale.text() == "100 %"
    press(qtbot, preview, Qt.Key.Key_Plus)
    assert preview.canvas.scale == pytest.approx(STEP)
    press(qtbot, preview, Qt.Key.Key_Minus)
    whole = Wish(preview.photo, None)
    # A screen of 800 pixels has not enough for it.
    if preview.canvas.screen_length() < 2400:
        qtbot.waitUntil(lambda: preview.pictures.get(whole) is not None, timeout=PATIENCE)
        place, image = preview.canvas._place(), preview.canvas.grab().toImage()
        original = preview.pictures.get(whole).image
        for x, y in ((10, 10), (450, 300), (880, 500)):
            at = QPoint(round(x - place.x()), round(y - place.y()))
            assert image.pixelColor(x, y) == original.pixelColor(at)
    press(qtbot, preview, Qt.Key.Key_0)
    assert preview.canvas.view.zoom == 1


def test_the_wheel_zooms_at_the_pointer_and_dragging_pans(qtbot, preview):
    preview.open(preview.photos, 0)
    canvas = preview.canvas
    at = QPointF(200, 300)

    def under_pointer():
        place = canvas._place()
        return (at.x() - place.x()) / place.width(), (at.y() - place.y()) / place.height()

    before = under_pointer()
    for _ in range(6):
        wheel(canvas, at, 120)
    assert canvas.view.zoom == pytest.approx(STEP**6)
    assert under_pointer() == pytest.approx(before, abs=0.01)
    start = canvas._place().topLeft()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=QPoint(400, 300))
    qtbot.mouseMove(canvas, QPoint(350, 330))
    qtbot.mouseRelease(canvas, left, pos=QPoint(350, 330))
    moved = canvas._place().topLeft() - start
    assert (moved.x(), moved.y()) == pytest.approx((-50, 30), abs=1.5)
    press(qtbot, preview, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas._place().x() < start.x() - 50
    # Not beyond the edges, and out to all of it.
    for _ in range(40):
        canvas.pan(-500, -500)
    assert canvas._place().topLeft() == QPointF(0, 0)
    wheel(canvas, at, -120 * 12)
    assert canvas.view.zoom == 1


def wheel(widget: QWidget, at: QPointF, by: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
        Qt.MouseEventSource.MouseEventNotSynthesized,
        QPointingDevice.primaryPointingDevice(),
    )
    QGuiApplication.sendEvent(widget, event)


def test_fingers_zoom_by_a_pinch_where_they_are(qtbot, preview):
    preview.open(preview.photos, 0)
    canvas, at = preview.canvas, QPointF(200, 300)
    for grown in (0.5, 0.4):
        event = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            *(at, at, QPointF(canvas.mapToGlobal(at.toPoint()))),
            grown,
            QPointF(),
        )
        QGuiApplication.sendEvent(canvas, event)
    assert canvas.view.zoom == pytest.approx(1.5 * 1.4)
    assert canvas.view.x < 0.5


def test_a_small_photo_is_not_blown_up_until_it_is_asked_for(qtbot, preview):
    preview.open(preview.photos, 1)
    assert preview.canvas.scale == pytest.approx(1.0)
    press(qtbot, preview, Qt.Key.Key_Plus)
    assert preview.canvas.scale == pytest.approx(STEP)


def test_what_cannot_be_read_says_so_in_its_place_and_the_next_is_shown(qtbot, preview):
    preview.open(preview.photos, 2)
    qtbot.waitUntil(lambda: bool(preview.canvas.sentence), timeout=PATIENCE)
    assert preview.canvas.sentence == "The picture is cut short (truncated)."
    assert preview.canvas.accessibleDescription() == preview.canvas.sentence
    preview.canvas.grab()
    press(qtbot, preview, Qt.Key.Key_Right)
    assert preview.canvas.sentence == ""
    qtbot.waitUntil(lambda: is_sharp(preview), timeout=PATIENCE)


def test_a_photo_that_was_repaired_is_shown_when_it_is_looked_at_again(qtbot, preview, files):
    preview.open(preview.photos, 2)
    qtbot.waitUntil(lambda: bool(preview.canvas.sentence), timeout=PATIENCE)
    shutil.copy(files[1], files[2])
    preview.close_preview()
    preview.open(preview.photos, 2)
    qtbot.waitUntil(lambda: is_sharp(preview), timeout=PATIENCE)
    assert preview.canvas.sentence == ""


def test_an_offline_photo_shows_the_small_picture_and_is_not_asked_for(qtbot, preview, photos, decoding):
    away = replace(photos.photo(1), offline=True)
    photos.fill([1], [away])
    preview.open(preview.photos, 1)
    qtbot.waitUntil(lambda: preview._thumbnails.get(away) is not None, timeout=PATIENCE)
    assert "offline" in preview.canvas.sentence
    preview.canvas.grab()
    assert "1 city.jpg" not in {name for name, _ in decoding.asked}


def test_photos_that_come_and_go_below_leave_the_one_that_is_looked_at(qtbot, preview, photos):
    preview.open(preview.photos, 3)
    matches = [photos.match_at(row) for row in range(5)]
    photos.show_matches([matches[3], matches[4]])
    assert preview._row == 0 and "dunes" in preview._name.text()
    photos.show_matches([matches[4]])
    assert "hills" in preview._name.text()
    with qtbot.waitSignal(preview.closed):
        photos.show_matches([])
    assert not preview.isVisible()


def test_memory_stays_within_its_bound(qtbot, preview, photos, monkeypatch):
    monkeypatch.setattr("photosearch.gui.viewing.pictures.BYTES", 1_500_000)
    for row in (0, 1, 3, 4, 1):
        preview.open(preview.photos, row)
        qtbot.waitUntil(lambda: is_sharp(preview) and preview.pictures.done, timeout=PATIENCE)
    large = Wish(photos.photo(0), preview.canvas.screen_length())
    # It is a neighbour again, and so it is kept; walked away from it goes.
    preview.open(preview.photos, 4)
    qtbot.waitUntil(lambda: preview.pictures.done, timeout=PATIENCE)
    assert preview.pictures.get(large) is None


def test_full_screen_hides_the_menus_and_escape_brings_them_back(qtbot, preview):
    preview.open(preview.photos, 0)
    window = preview.window()
    press(qtbot, preview, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    assert not window.menuBar().isVisible()
    press(qtbot, preview, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert window.menuBar().isVisible() and preview.isVisible()
    press(qtbot, preview, Qt.Key.Key_F)
    qtbot.waitUntil(window.isFullScreen)
    press(qtbot, preview, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert not preview.isVisible()


def test_in_full_screen_the_bar_leaves_and_comes_back_with_the_pointer(qtbot, preview, monkeypatch):
    monkeypatch.setattr("photosearch.gui.viewing.preview.BAR_STAYS", 50)
    # Wherever the test before left it.
    QCursor.setPos(preview.screen().geometry().center())
    preview.open(preview.photos, 0)
    press(qtbot, preview, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: not preview._bar.isVisible(), timeout=PATIENCE)
    qtbot.mouseMove(preview.canvas, QPoint(300, 300))
    qtbot.mouseMove(preview.canvas, QPoint(310, 300))
    qtbot.waitUntil(preview._bar.isVisible, timeout=PATIENCE)


def test_every_control_has_a_name_and_tab_reaches_each_and_stays_within(qtbot, preview):
    preview.open(preview.photos, 1)
    press(qtbot, preview, Qt.Key.Key_I)
    buttons = [button for button in preview.findChildren(QToolButton) if button.isVisible()]
    assert all(button.accessibleName() or button.text() for button in buttons)
    reached = set()
    for _ in range(40):
        qtbot.keyClick(preview.window().focusWidget(), Qt.Key.Key_Tab)
        focus = preview.window().focusWidget()
        assert preview.isAncestorOf(focus)
        reached.add(focus)
    assert {button for button in buttons if button.isEnabled()} <= reached
    assert preview.canvas in reached


def test_a_late_answer_that_gives_the_focus_away_does_not_take_the_keys(qtbot, preview):
    preview.window().activateWindow()
    preview.open(preview.photos, 0)
    qtbot.waitUntil(preview.canvas.hasFocus, timeout=PATIENCE)
    preview.window().below.setFocus()
    assert preview.canvas.hasFocus()
    press(qtbot, preview, Qt.Key.Key_Escape)
    preview.window().below.setFocus()
    assert preview.window().below.hasFocus()


def test_the_keys_of_the_preview_come_before_the_windows(qtbot, preview):
    fired = []
    action = preview.window().menuBar().addAction("Other")
    action.setShortcut("+")
    action.triggered.connect(lambda: fired.append(1))
    preview.window().activateWindow()
    preview.open(preview.photos, 0)
    press(qtbot, preview, Qt.Key.Key_Plus)
    assert not fired and preview.canvas.view.zoom > 1


def test_information_tells_what_the_catalogue_and_the_file_know(qtbot, preview, files, photos):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.LensModel] = "Old lens"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] = 200
    Image.open(files[1]).save(files[1], exif=exif)
    known = replace(
        photos.photo(1),
        details=Details(300, 200, 1_556_892_300, "Canon EOS", 48.2082, -16.3738),
        size=8_200_000,
    )
    photos.fill([1], [known])
    preview.open(preview.photos, 1)
    press(qtbot, preview, Qt.Key.Key_I)
    at_once = preview.information.shown
    assert at_once["Camera"] == "Canon EOS" and at_once["Place"] == "48.2082° N, 16.3738° W"
    assert "May 3, 2019, 2:05" in at_once["Date"]
    assert at_once["Size"] == "300 × 200" and at_once["Bytes"] == "8.2 MB"
    assert at_once["Folder"] == str(files[1].parent) and at_once["Name"] == "1 city.jpg"
    assert at_once["Rank"] == "2: Similar" and "99.9" in at_once["Likeness"]
    qtbot.waitUntil(lambda: "Lens" in preview.information.shown, timeout=PATIENCE)
    assert preview.information.shown["Lens"] == "Old lens"
    assert preview.information.shown["Exposure"] == "ISO\N{NO-BREAK SPACE}200"
    copy = next(button for button in preview.information.findChildren(QToolButton))
    copy.click()
    assert QGuiApplication.clipboard().text() == str(files[1])
    QGuiApplication.clipboard().clear()
    files[2].unlink()
    press(qtbot, preview, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "Problem" in preview.information.shown, timeout=PATIENCE)


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_it_is_painted_in_the_colours_of_the_window(qtbot, qapp, preview, appearance):
    theme.dress(qapp, appearance)
    preview.open(preview.photos, 1)
    qtbot.waitUntil(lambda: is_sharp(preview), timeout=PATIENCE)
    corner = shown(preview, 0, 0)
    assert (corner.lightness() > 128) == (appearance == "light")
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
