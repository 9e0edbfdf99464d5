"""The look: readable in light and dark, and following the choice."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette

from photosearch.gui import theme
from photosearch.settings import resources

Role = QPalette.ColorRole


def luminance(colour: QColor) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ground", [Role.Window, Role.Base])
@pytest.mark.parametrize("text", [Role.Text, Role.PlaceholderText, Role.Link, Role.BrightText])
def test_all_text_stands_out_from_its_ground(dark, ground, text):
    colours = theme.palette(dark)
    brighter, darker = sorted((luminance(colours.color(role)) for role in (ground, text)), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


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


@pytest.mark.parametrize("file", sorted((resources() / "icons").glob("*.svg")), ids=lambda file: file.stem)
def test_every_drawing_draws_something(qapp, file):
    image = theme.drawn(file.stem, 24, QColor("black"), 1.0).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
