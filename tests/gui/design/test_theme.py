"""The look: readable in light and dark, and following the choice."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLineEdit,
    QListWidget,
    QProxyStyle,
    QPushButton,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.activity.status import StatusLine
from photosearch.gui.design import theme
from photosearch.gui.design.parts import SteadyRow
from photosearch.gui.design.sideways import Ending
from photosearch.gui.grid.size import SizeSlider
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


def test_what_is_made_without_the_style_sheet_is_as_large_as_what_was_made_with_it(qapp, qtbot):
    theme.dress(qapp, "light")
    sheet, sizes = qapp.styleSheet(), []
    for place in (nullcontext(), theme.undressed(qapp)):
        with place:
            line, inside, button = StatusLine(), QWidget(), theme.button("All of them", "trash")
            whole = QWidget()
            column = QVBoxLayout(whole)
            row = SteadyRow(inside)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(QToolButton())
            row.addWidget(hidden := QPushButton("Move"))
            hidden.hide()
            column.addWidget(Ending(inside, button, 20))
            column.addWidget(line)
        assert qapp.styleSheet() == sheet
        qtbot.addWidget(whole)
        whole.resize(400, 100)
        whole.show()
        qtbot.waitExposed(whole)
        qapp.processEvents()
        assert row.sizeHint().height() == hidden.sizeHint().height()
        sizes.append([part.geometry() for part in (line, inside, button)])
    assert sizes[0] == sizes[1]


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


def outlines(of: QWidget) -> list[QRect]:
    """Where the outline of a control is looked for: from outside of it to inside, at its left and its top."""
    if isinstance(of, QSlider):
        option = QStyleOptionSlider()
        of.initStyleOption(option)
        handle, groove = (
            of.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, of)
            for part in (QStyle.SubControl.SC_SliderHandle, QStyle.SubControl.SC_SliderGroove)
        )
        below = groove.right() - 8
        return [QRect(handle.center().x(), -3, 1, 12), QRect(below, 0, 1, of.height())]
    if isinstance(of, QCheckBox):
        option = QStyleOptionButton()
        of.initStyleOption(option)
        box = of.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, of)
        return [QRect(-3, box.center().y(), 8, 1), QRect(box.center().x(), box.top() - 3, 1, 6)]
    return [QRect(-3, of.height() // 2, 8, 1), QRect(of.width() // 2, -3, 1, 8)]


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_the_outline_of_what_is_typed_or_chosen_in_stands_out_from_its_ground(dark, strong, qapp, qtbot):
    theme.dress(qapp, "light")
    theme.colour(qapp, dark, strong)
    try:
        form = QWidget()
        qtbot.addWidget(form)
        column = QVBoxLayout(form)
        column.setContentsMargins(20, 20, 20, 20)
        editable = QComboBox()
        editable.setEditable(True)
        chosen = theme.CheckBox()
        chosen.setChecked(True)
        controls = [QComboBox(), editable, QSpinBox(), QDateEdit(), QLineEdit(), QListWidget()]
        controls += [theme.CheckBox(), chosen, SizeSlider()]
        for each in controls:
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            column.addWidget(each)
        form.show()
        picture, ground = form.grab().toImage(), luminance(qapp.palette().window().color())
        for each in controls:
            for line in outlines(each):
                lies = line.translated(each.mapTo(form, QPoint(0, 0)))
                seen = [
                    luminance(picture.pixelColor(x, y))
                    for x in range(lies.left(), lies.right() + 1)
                    for y in range(lies.top(), lies.bottom() + 1)
                ]
                most = max((max(one, ground) + 0.05) / (min(one, ground) + 0.05) for one in seen)
                assert most >= 3.0, (type(each).__name__, line, most)
    finally:
        theme.dress(qapp, "light")
