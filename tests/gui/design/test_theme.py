"""The look: readable in light and dark, and following the choice."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QProxyStyle, QStyle

from photosearch.gui.design import theme
from photosearch.settings import resources

Role = QPalette.ColorRole


def luminance(colour: QColor) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colours: QPalette, one: Role, other: Role) -> float:
    """As WCAG 2 defines it: 1 to 21."""
    brighter, darker = sorted((luminance(colours.color(role)) for role in (one, other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


TEXTS = (Role.Text, Role.WindowText, Role.PlaceholderText, Role.Link, Role.BrightText)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ground", [Role.Window, Role.Base])
@pytest.mark.parametrize("text", TEXTS)
def test_all_text_stands_out_from_its_ground(dark, ground, text):
    assert contrast(theme.palette(dark), text, ground) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("part", "ground", "least"),
    [
        *((text, ground, 7.0) for text in TEXTS for ground in (Role.Window, Role.Base, Role.AlternateBase)),
        (Role.ButtonText, Role.Button, 7.0),
        (Role.HighlightedText, Role.Highlight, 7.0),
        (Role.ToolTipText, Role.ToolTipBase, 7.0),
        (Role.Mid, Role.Window, 3.0),
        (Role.Mid, Role.Base, 3.0),
        (Role.Accent, Role.Base, 3.0),
        (Role.Accent, Role.Window, 3.0),
    ],
)
def test_in_high_contrast_letters_and_lines_stand_out_strongly(dark, part, ground, least):
    assert contrast(theme.palette(dark, strong=True), part, ground) >= least


def test_high_contrast_can_be_chosen_and_is_left_again(qapp):
    def lines() -> float:
        return contrast(qapp.palette(), Role.Mid, Role.Window)

    theme.dress(qapp, "contrast")
    assert lines() >= 3
    theme.dress(qapp, "light")
    assert lines() < 3


class Still(QProxyStyle):
    """The style of a system that was told to move nothing."""

    def styleHint(self, hint, *more):
        asked = QStyle.StyleHint.SH_Widget_Animation_Duration
        return 0 if hint == asked else super().styleHint(hint, *more)


def test_where_nothing_is_to_move_a_bar_stands_still_while_it_is_unknown_how_long_it_takes(qapp, qtbot):
    bar = theme.ProgressBar(100, 4, "Progress")
    qtbot.addWidget(bar)
    bar.show_progress(0, None)
    assert bar.maximum() == 0, "it moves to and fro"
    qapp.setStyle(Still("Fusion"))
    try:
        bar.show_progress(0, None)
        assert (bar.value(), bar.maximum()) == (0, 1)
        bar.show_progress(3, 8)
        assert (bar.value(), bar.maximum()) == (3, 8)
    finally:
        qapp.setStyle("Fusion")


def test_a_chosen_appearance_is_kept_whatever_the_system_says(qapp):
    theme.dress(qapp, "dark")
    assert qapp.palette().base().color().lightness() < 60
    theme.dress(qapp, "light")
    assert qapp.palette().base().color().lightness() > 200


def test_icons_follow_the_colour_of_text(qapp):
    def darkest(appearance) -> int:
        theme.dress(qapp, appearance)
        image = theme.icon("pause").pixmap(32, 32).toImage()
        solid = [image.pixelColor(x, 16) for x in range(32) if image.pixelColor(x, 16).alpha() == 255]
        return min(colour.lightness() for colour in solid)

    assert darkest("dark") > 150
    assert darkest("light") < 100


def test_what_points_back_points_to_where_one_reads_from(qapp):
    def drawn(name):
        return theme.icon(name).pixmap(24, 24).toImage()

    back, on, search = drawn("back"), drawn("forward"), drawn("search")
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert (drawn("back"), drawn("forward"), drawn("search")) == (on, back, search)
        assert back != on
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("file", sorted((resources() / "icons").glob("*.svg")), ids=lambda file: file.stem)
def test_every_drawing_draws_something(qapp, file):
    image = theme.drawn(file.stem, 24, QColor("black"), 1.0).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
