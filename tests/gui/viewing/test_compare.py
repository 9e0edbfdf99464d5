"""Comparing photos: looked at together, one in place of the other, what differs seen and told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from photosearch.gui.design import theme
from photosearch.gui.design.parts import Choice
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.tasks import Worker
from photosearch.gui.viewing.canvas import STEP
from photosearch.gui.viewing.compare import Compare
from photosearch.gui.viewing.pictures import Pictures, Wish
from photosearch.library.viewing import Viewing
from photosearch.records import Details, Photo
from tests.pictures import draw

PATIENCE = 20_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def viewing() -> Iterator[Viewing]:
    viewing = Viewing()
    yield viewing
    viewing.close()


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> list[Photo]:
    """A shot, the same with a red spot, a half-sized copy, the same again byte for byte, and four others."""
    folder = tmp_path_factory.mktemp("shots")
    shot = draw("city", 1, (600, 400))
    shot.save(folder / "shot.png")
    spotted = shot.copy()
    ImageDraw.Draw(spotted).rectangle((400, 100, 460, 160), fill="red")
    spotted.save(folder / "spotted.png")
    shot.resize((300, 200), Image.Resampling.LANCZOS).save(folder / "small.png")
    (folder / "again.png").write_bytes((folder / "shot.png").read_bytes())
    for number in range(4):
        shot.rotate(number).save(folder / f"other {number}.png")
    names = ["shot", "spotted", "small", "again", *(f"other {number}" for number in range(4))]
    photos = []
    for number, name in enumerate(names):
        file = folder / f"{name}.png"
        photos.append(_photo(number, file))
    return photos


def _photo(number: int, file: Path) -> Photo:
    with Image.open(file) as image:
        details = Details(*image.size, 1_556_892_300)
    return Photo(number, file, file.stat().st_size, file.stat().st_mtime_ns, details, False)


@pytest.fixture
def compare(qtbot, qapp, viewing) -> Iterator[Compare]:
    theme.dress(qapp, "light")
    compare = Compare()
    qtbot.addWidget(compare)
    compare.resize(QSize(1100, 700))
    compare.show()
    thumbnails = Thumbnails(_thumbnail, QSize(208, 156))
    pictures = Pictures(lambda photo, longest, wanted: viewing.picture(photo.path, longest, wanted))
    asking = Worker("asking")
    compare.use(thumbnails, pictures, viewing, asking)
    yield compare
    for one in (thumbnails, pictures, asking):
        one.stop()
        assert one.join(20)


def _thumbnail(photo: Photo) -> bytes | None:
    if photo.path.name.startswith("broken"):
        return None
    file = io.BytesIO()
    with Image.open(photo.path) as image:
        image.thumbnail((320, 320))
        image.convert("RGB").save(file, "JPEG")
    return file.getvalue()


def press(qtbot, compare, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(compare.focusWidget() or compare, key, modifier)


def all_sharp(compare: Compare) -> bool:
    canvases = [pane.canvas for pane in compare._panes]
    return all(compare._pictures.get(Wish(canvas.photo, canvas.screen_length())) for canvas in canvases)


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (3, 3), (4, 2), (8, 4)])
def test_photos_stand_side_by_side_and_each_comes_sharp(qtbot, compare, photos, count, columns):
    compare.show_photos(photos[:count])
    qtbot.waitUntil(lambda: all_sharp(compare), timeout=PATIENCE)
    compare.grab()
    panes = compare._panes
    assert len(panes) == count and len({pane.x() for pane in panes}) == columns
    assert len({pane.canvas.size().width() for pane in panes[:columns]}) <= 2


def test_zoom_and_pan_are_locked_together_even_of_a_smaller_copy(qtbot, compare, photos):
    compare.show_photos(photos[:3])
    for _ in range(5):
        press(qtbot, compare, Qt.Key.Key_Plus)
    press(qtbot, compare, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    views = [pane.canvas.view for pane in compare._panes]
    assert views[0].zoom == pytest.approx(STEP**5) and views[0].x > 0.5
    for view in views:
        assert (view.zoom, view.x, view.y) == pytest.approx((views[0].zoom, views[0].x, views[0].y), abs=0.01)
    # The third one has half of the pixels, and shows the same part as large.
    assert compare._panes[2].canvas.scale == pytest.approx(2 * compare._panes[0].canvas.scale, rel=0.02)
    press(qtbot, compare, Qt.Key.Key_0)
    assert {pane.canvas.view.zoom for pane in compare._panes} == {1}


def marked(pane) -> set[str]:
    """Names of the facts that are marked as differing, by their text and to the ear."""
    told = pane.canvas.accessibleDescription().split(". ")
    by_ear = {fact.split(":")[0] for fact in told if fact.endswith(", differs")}
    by_eye = {name for line, (name, _) in zip(pane._lines, pane.facts, strict=True) if "≠" in line.text()}
    assert by_eye == by_ear
    return by_ear


def test_what_differs_from_the_first_is_marked_and_told_on_the_others_alone(qtbot, compare, photos):
    compare.show_photos([photos[0], photos[2], photos[3]])
    assert [marked(pane) for pane in compare._panes] == [set(), {"Name", "Size", "Bytes"}, {"Name"}]
    press(qtbot, compare, Qt.Key.Key_Right)
    press(qtbot, compare, Qt.Key.Key_A)
    sizes = {"Name", "Size", "Bytes"}
    assert [marked(pane) for pane in compare._panes] == [sizes, set(), sizes], "held against the second"


def test_in_a_low_pane_the_picture_has_the_room(qtbot, compare, photos):
    compare.show_photos(photos[:4])
    qtbot.waitUntil(lambda: compare._panes[0].canvas.height() > 100, timeout=PATIENCE)
    assert all(line.isVisible() for line in compare._panes[0]._lines)
    compare.resize(QSize(640, 400))
    qtbot.waitUntil(
        lambda: [line.isVisible() for line in compare._panes[0]._lines] == [True] + 4 * [False],
        timeout=PATIENCE,
    )
    pane = compare._panes[0]
    qtbot.waitUntil(lambda: pane.canvas.height() > pane.height() / 2, timeout=PATIENCE)


def test_flicker_changes_over_with_one_key_at_the_same_part(qtbot, compare, photos):
    compare.show_photos(photos[:2])
    press(qtbot, compare, Qt.Key.Key_Plus)
    press(qtbot, compare, Qt.Key.Key_B)
    assert compare._one.isVisible() and compare._one.photo is photos[0]
    assert compare._one.view.zoom == pytest.approx(STEP)
    qtbot.waitUntil(lambda: all_sharp(compare), timeout=PATIENCE)
    first = compare._one.grab().toImage()
    press(qtbot, compare, Qt.Key.Key_B)
    assert compare._one.photo is photos[1] and compare._one.view.zoom == pytest.approx(STEP)
    second = compare._one.grab().toImage()
    assert first != second
    press(qtbot, compare, Qt.Key.Key_B)
    assert compare._one.grab().toImage() == first
    press(qtbot, compare, Qt.Key.Key_Escape)
    assert not compare._one.isVisible() and compare._panes[0].isVisible()


def test_a_spot_that_differs_is_all_that_shines(qtbot, compare, photos):
    compare.show_photos(photos[:2])
    press(qtbot, compare, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: "differs visibly" in compare._sentence.text(), timeout=PATIENCE)
    assert (
        compare._sentence.text() == "1.5 % of the picture differs visibly."
        or "1.6" in compare._sentence.text()
    )
    image = compare._one.grab().toImage()
    place = compare._one._place()

    def at(x: int, y: int):
        return image.pixelColor(
            int(place.x() + x * place.width() / 600), int(place.y() + y * place.height() / 400)
        )

    spot, elsewhere = at(430, 130), at(100, 300)
    assert spot.lightness() > elsewhere.lightness() + 40
    assert spot.saturation() > 100 and elsewhere.saturation() == 0


def test_copies_are_told_from_photos_that_only_look_alike(qtbot, compare, photos):
    compare.show_photos([photos[0], photos[3]])
    press(qtbot, compare, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: compare._sentence.text() == "Every pixel is the same.", timeout=PATIENCE)
    compare.show_photos([photos[0], photos[2]])
    press(qtbot, compare, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: "differs visibly" in compare._sentence.text(), timeout=PATIENCE)


def test_a_photo_that_cannot_be_read_is_said_in_its_place(qtbot, compare, photos, tmp_path):
    (tmp_path / "broken.png").write_bytes(photos[0].path.read_bytes()[:3000])
    details = photos[0].details
    broken = Photo(99, tmp_path / "broken.png", 3000, 1, details, False)
    compare.show_photos([photos[0], broken])
    qtbot.waitUntil(lambda: bool(compare._panes[1].canvas.sentence), timeout=PATIENCE)
    compare.grab()
    press(qtbot, compare, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: "cut short" in compare._sentence.text(), timeout=PATIENCE)


def test_another_photo_can_be_the_one_that_others_are_held_against(qtbot, compare, photos):
    compare.show_photos(photos[:3])
    press(qtbot, compare, Qt.Key.Key_Right)
    assert compare.current is photos[1]
    press(qtbot, compare, Qt.Key.Key_A)
    assert compare._panes[1]._against.isVisible()
    press(qtbot, compare, Qt.Key.Key_B)
    assert compare._one.photo is photos[1]
    press(qtbot, compare, Qt.Key.Key_B)
    assert compare._one.photo is photos[0]
    press(qtbot, compare, Qt.Key.Key_Right)
    assert compare._one.photo is photos[2]


def test_decisions_are_asked_for_only_where_there_are_some(qtbot, compare, photos):
    def texts() -> list[str]:
        buttons = [button for button in compare.findChildren(QPushButton) if not isinstance(button, Choice)]
        return sorted(button.text() for button in buttons if button.isVisible())

    kept = []
    compare.keep_wanted.connect(kept.append)
    compare.show_photos(photos[:2])
    assert texts() == []
    press(qtbot, compare, Qt.Key.Key_K)
    assert kept == []
    compare.show_photos(photos[:2], deciding=True)
    assert texts() == ["Keep all", "Keep this", "Keep this", "Skip"]
    press(qtbot, compare, Qt.Key.Key_Right)
    press(qtbot, compare, Qt.Key.Key_K)
    assert kept == [photos[1]]
    button = next(button for button in compare.findChildren(QPushButton) if button.text() == "Skip")
    with qtbot.waitSignal(compare.skip_wanted):
        button.click()


def test_every_control_has_a_name_and_can_be_reached_by_tab(qtbot, compare, photos):
    compare.show_photos(photos[:3], deciding=True)
    controls = [
        control
        for kind in (QToolButton, QPushButton)
        for control in compare.findChildren(kind)
        if control.isVisible() and control.isEnabled()
    ]
    assert all(control.accessibleName() or control.text() for control in controls)
    # Of a choice the one that is chosen; arrows lead to the others.
    controls = [one for one in controls if not (isinstance(one, Choice) and not one.isChecked())]
    reached = set()
    for _ in range(60):
        press(qtbot, compare, Qt.Key.Key_Tab)
        reached.add(compare.focusWidget())
    assert set(controls) <= reached
    assert {pane.canvas for pane in compare._panes} <= reached


def test_arrows_go_from_way_to_way_as_in_any_choice(qtbot, compare, photos):
    compare.show_photos(photos[:2])
    ways = list(compare._ways.values())
    ways[0].setFocus()
    for key, at in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(compare.focusWidget(), key)
        assert compare.focusWidget() is ways[at] and compare._way == list(compare._ways)[at]
        assert [way.isChecked() for way in ways] == [number == at for number in range(3)]


def test_where_there_is_no_room_for_words_drawings_stand_for_the_ways_and_the_title_is_whole(
    qtbot, compare, photos
):
    compare.show_photos(photos[:2])
    ways = compare._ways.values()
    for width in (1240, 640, 1240):
        compare.resize(width, 500)
        assert [way.text() for way in ways] == (
            ["Side by side", "Flicker", "Differences"] if width == 1240 else ["", "", ""]
        )
        assert all(way.accessibleName() and way.toolTip() for way in ways)
        qtbot.waitUntil(lambda: compare._title._shortened() == "Comparing 2 photos")


def test_escape_ends_it(qtbot, compare, photos):
    compare.show_photos(photos[:2])
    with qtbot.waitSignal(compare.closed):
        press(qtbot, compare, Qt.Key.Key_Escape)
