"""Numbers and states as people say them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout, QTextOption

from photosearch.gui.language import words
from photosearch.records import Details, Match, Photo, Progress

PHOTO = Photo(1, Path("/photos/IMG_1.jpg"), 1, 0, Details(1, 1, 1_556_900_000), False)


@pytest.mark.parametrize(
    ("percentile", "said"),
    [(100, "99.9"), (99.97, "99.9"), (99.89, "99.8"), (95, "95.0"), (89.9, "89"), (0, "0")],
)
def test_closeness_never_claims_more_than_was_measured(percentile, said):
    assert words.closeness(Match(1, PHOTO, 0.5, percentile, "similar")) == f"closer than {said} %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (16.4, "17 s"), (61, "2 min"), (3600, "1 h"), (7800, "2 h 10 min")],
)
def test_time_left_is_rounded_up(seconds, said):
    assert words.duration(seconds) == said


def test_a_search_took_milliseconds_or_seconds():
    assert [words.took(34.4), words.took(2610)] == ["34 ms", "2.6 s"]
    assert [words.took(0.0), words.took(0.9), words.took(1.2)] == [*2 * ["less than 1 ms"], "1 ms"]


def test_progress_says_how_far_how_fast_and_how_long():
    assert (
        words.progress(Progress("indexing", 312, 1000, 41.2, 16.6))
        == "Indexing 312 of 1,000 · 41 photos/s · 17 s left"
    )
    gently = Progress("indexing", 2, 1000, message="gently: on battery")
    assert words.progress(gently) == "Indexing gently: on battery · 2 of 1,000"
    assert words.progress(Progress("indexing", 2, 1000, 0.4)) == "Indexing 2 of 1,000 · 0.4 photos/s"
    assert words.progress(Progress("scanning", 12000)) == "Looking through the folders · 12,000 photos so far"


def test_a_photo_is_dated_by_its_exposure():
    assert words.date(PHOTO) == "3 May 2019"


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_a_name_that_is_no_text_can_be_shown():
    assert words.name(Path(os.fsdecode(b"/photos/caf\xe9.jpg"))) == "caf\ufffd.jpg"


def test_a_path_is_read_from_left_to_right_in_any_language(qapp):
    assert words.place(Path("/photos/2019")) == str(Path("/photos/2019"))
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        layout = QTextLayout(words.place(Path("/photos/2019")), qapp.font())
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        layout.setTextOption(option)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        # After the isolate and the first slash each letter stands at the right of the one before.
        assert line.cursorToX(2)[0] < line.cursorToX(3)[0] < line.cursorToX(12)[0]
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
