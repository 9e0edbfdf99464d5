"""What cannot work is answered by a calm sentence in its place; nothing blocks, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from photosearch.encode.architecture import Architecture
from photosearch.encode.model_file import Preprocessing, make_model, write_model
from photosearch.errors import EncoderFailed
from photosearch.library import Library
from photosearch.records import Example
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.gui.conftest import PATIENCE, NeverInGui, found, names, said
from tests.gui.test_window import drop, urls


def until(qtbot, condition) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def message(window):
    return window.search_place.gallery.message


@pytest.fixture(autouse=True)
def nothing_modal():
    yield
    assert QApplication.activeModalWidget() is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"only words", "The file is not a picture, although its name says so."),
        (None, "The file is no longer there."),
    ],
)
def test_an_unreadable_drop_says_why_and_the_next_drop_works(
    window, drawn, tmp_path, qtbot, content, sentence
):
    file = tmp_path / "dropped.jpg"
    if content is not None:
        file.write_bytes(content)
    drop(window, urls(file))
    until(qtbot, lambda: message(window).isVisible() and message(window)._sentence.text() == sentence)
    drop(window, urls(drawn / "sea 1.jpg"))
    until(qtbot, lambda: window.search_place.query.examples == (Example(drawn / "sea 1.jpg"),))
    assert not message(window).isVisible(), "it was said of another photo"
    until(qtbot, lambda: window.search_place.answer and window.search_place.answer.matches)
    assert window.search_place.gallery.currentWidget() is window.search_place.gallery.grid


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_pipe_that_nobody_writes_to_is_dropped_and_the_window_goes_on(window, drawn, tmp_path, qtbot):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "empty.jpg").touch()
    pipe = "This is not a file (it is a pipe, a socket or a device)."
    for name, sentence in (("empty.jpg", "The file is empty."), ("pipe.jpg", pipe)):
        drop(window, urls(tmp_path / name))
        until(qtbot, lambda said=sentence: message(window)._sentence.text() == said)
        (card,) = window.search_place.strip.cards
        until(qtbot, lambda card=card: card.visibleRegion().boundingRect() == card.rect())
    until(qtbot, lambda: not window.session.looking.busy)
    drop(window, urls(drawn / "sea 1.jpg"))
    until(qtbot, lambda: window.search_place.answer and window.search_place.answer.matches)
    (card,) = window.search_place.strip.cards
    until(qtbot, lambda: not card.part.image.isNull() and card.width() > 150)
    until(qtbot, lambda: card.visibleRegion().boundingRect() == card.rect())


def test_an_example_whose_file_goes_is_still_weighed_and_one_that_never_was_there_is_named(
    window, drawn, tmp_path, qtbot
):
    place, file = window.search_place, tmp_path / "from a stick.jpg"
    file.write_bytes((drawn / "sea 1.jpg").read_bytes())
    window.search([Example(file), Example(drawn / "city 1.jpg")])
    until(qtbot, lambda: place.answer and place.answer.matches)
    file.unlink()
    before = place.answer
    qtbot.keyClick(place.strip.cards[0].part, Qt.Key.Key_Plus)
    until(qtbot, lambda: place.answer is not before and place.answer.matches)
    # Of another part of it nothing is known.
    qtbot.keyClick(place.strip.cards[0].part, Qt.Key.Key_Return)
    until(qtbot, lambda: message(window).isVisible())
    assert message(window)._sentence.text() == "“from a stick.jpg”: The file is no longer there."
    qtbot.keyClick(place.strip.cards[0].part, Qt.Key.Key_Backspace)
    until(qtbot, lambda: place.answer.matches)


def test_a_photo_cut_short_is_refused_in_place_and_the_search_before_can_be_gone_back_to(
    window, drawn, tmp_path, qtbot
):
    window.search([Example(drawn / "sea 1.jpg")])
    until(qtbot, lambda: window.search_place.answer and window.search_place.answer.matches)
    (tmp_path / "short.jpg").write_bytes((drawn / "sea 1.jpg").read_bytes()[:900])
    drop(window, urls(tmp_path / "short.jpg"))
    until(qtbot, lambda: "cut short" in message(window)._sentence.text())
    window.search_place.back.trigger()
    until(qtbot, lambda: window.search_place.answer and window.search_place.answer.matches)
    assert not message(window).isVisible()


def test_a_folder_without_rights_is_named_in_the_status_line(window, tmp_path, qtbot):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with contextlib.suppress(PermissionError):
        os.listdir(closed)
        pytest.skip("nothing is forbidden to this user")
    window.add_folders([closed])
    until(qtbot, lambda: said(window) == f"The folder {closed} cannot be read: Permission denied.")
    assert len(names(window)) == 18


def test_a_folder_that_is_none_is_named_in_the_status_line(window, tmp_path, qtbot):
    window.add_folders([tmp_path / "gone"])
    until(qtbot, lambda: said(window) == f"The folder {tmp_path / 'gone'} does not exist.")
    assert len(names(window)) == 18


@pytest.fixture
def real_encoder(tmp_path) -> tuple[Places, Settings]:
    """A home whose model is a very small one, so that its encoder is a real process."""
    small = Architecture(widths=(8, 12), depths=(1, 2), dimension=16)
    random = np.random.default_rng(0)
    weights = {
        name: random.normal(0, 0.2, shape).astype(np.float32) for name, shape in small.shapes().items()
    }
    codebooks = random.normal(0, 0.3, (4, 256, 16)).astype(np.float32)
    preprocessing = Preprocessing(32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    file = tmp_path / "model.safetensors"
    write_model(file, make_model("dsq", codebooks, preprocessing, small, weights, 0.9, {}, {}))
    return Places.under(tmp_path / "home"), Settings(workers=1, model=str(file), device="cpu")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_query_whose_encoder_is_killed_is_answered_all_the_same(open_window, pictures, real_encoder, qtbot):
    for extra in list(pictures.iterdir())[4:]:
        extra.unlink()
    library = Library(*real_encoder)
    window = open_window([pictures], opener=lambda: NeverInGui(library))
    until(qtbot, lambda: window.session.known and window.session.known.status.encoded == 4)
    process = psutil.Process(library._chosen.encoder._running.process.pid)
    process.suspend()
    photo = next(pictures.iterdir())
    window.search([Example(photo)])
    until(qtbot, lambda: library._chosen.encoder._in_flight)
    os.kill(process.pid, signal.SIGKILL)
    until(qtbot, lambda: window.search_place.answer)
    assert [match.photo.path for match in window.search_place.answer.matches[:1]] == [photo]
    assert library._chosen.encoder._running.process.pid != process.pid
    assert not message(window).isVisible()


class Dying(CoarseColourEncoder):
    """An encoder whose process dies with every query, for a while."""

    dies = False
    asked = 0

    def vectors(self, pixels):
        self.asked += 1
        if self.dies:
            raise EncoderFailed("The process that encodes photos ended unexpectedly.")
        return super().vectors(pixels)


def test_an_encoder_that_keeps_dying_is_said_in_place_and_can_be_tried_again(
    open_window, pictures, tmp_path, qtbot
):
    encoder = Dying()
    places = Places.under(tmp_path / "home")
    window = open_window(
        [pictures],
        opener=lambda: NeverInGui(Library(places, Settings(workers=1), coarse_colour_model(), encoder)),
    )
    until(qtbot, lambda: window.session.known and window.session.known.status.encoded == 18)
    encoder.dies, encoder.asked = True, 0
    window.search([Example(pictures / "sea 1.jpg")])
    until(qtbot, lambda: message(window).isVisible())
    assert message(window)._sentence.text() == "The process that encodes photos ended unexpectedly."
    assert encoder.asked == 2, "once more, silently"
    encoder.dies = False
    (again,) = (button for button in message(window).findChildren(QPushButton) if button.isVisible())
    assert again.text() == "Try again"
    again.click()
    until(qtbot, lambda: found(window))
    assert found(window)[0] == "sea 1.jpg"
    window.search([Example(tmp_path / "nothing.jpg")])
    until(qtbot, lambda: message(window).isVisible())
    assert not again.isVisible(), "it would not help"


def test_a_drive_pulled_while_scrolling_leaves_the_photos_in_sight_and_says_offline(
    own_window, pictures, tmp_path, qtbot
):
    window, grid = own_window, own_window.library.gallery.grid
    grid.setFocus()
    grid.setCurrentIndex(window.library.gallery.photos.index(0, 0))
    for step in range(12):
        qtbot.keyClick(grid, Qt.Key.Key_Down if step % 2 else Qt.Key.Key_Right)
        if step == 4:
            pictures.rename(tmp_path / "pulled")
        qtbot.wait(5)
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    # It is looked at in large just then.
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    preview = window.looking.preview
    until(qtbot, lambda: preview.photo and preview.photo.offline and "offline" in preview.canvas.sentence)
    qtbot.keyClick(preview.canvas, Qt.Key.Key_Space)
    until(qtbot, lambda: window.status._offline.isVisible())
    assert len(names(window)) == 18
    assert window.status._searchable.text() == "18 photos searchable", "their codes answer all the same"
    grid.setFocus()
    grid.setCurrentIndex(window.library.gallery.photos.index(0, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    until(qtbot, lambda: "lies on a drive that is not there: nothing was done with it." in said(window))
    shutil.move(tmp_path / "pulled", pictures)
    until(qtbot, lambda: not window.library.gallery.photos.photo(0).offline)
