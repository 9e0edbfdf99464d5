"""Rows that have no room for all that is in them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from photosearch.gui.design import theme
from photosearch.gui.design.sideways import Ending


def tool_button() -> QToolButton:
    button = QToolButton()
    button.setText("Search by picture…")
    button.setIcon(theme.icon("search"))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


@pytest.mark.parametrize("make", [tool_button, lambda: theme.button("Search by picture…", "search")])
def test_a_button_behind_a_row_stays_in_sight_and_does_without_words_where_there_is_no_room(
    make, qtbot, qapp
):
    theme.dress(qapp, "light")
    row, button = QWidget(), make()
    QHBoxLayout(row).addWidget(QLabel("what is to be scrolled where there is no room " * 3))
    button.setToolTip("Or drop one")
    ending = Ending(row, button, 20)
    qtbot.addWidget(ending)
    ending.show()
    for width, text, tip in (
        (1400, "Search by picture…", "Or drop one"),
        (300, "", "Search by picture…\nOr drop one"),
        (1400, "Search by picture…", "Or drop one"),
    ):
        ending.resize(width, ending.sizeHint().height())
        qtbot.waitUntil(
            lambda text=text: button.text() == text and button.width() >= button.sizeHint().width()
        )
        assert button.toolTip() == tip
        assert (button.accessibleName(), button.accessibleDescription()) == (
            "Search by picture…",
            "Or drop one",
        )
        assert button.geometry().right() < width - 20
    ending.resize(300, ending.sizeHint().height())
    button.hide()
    qtbot.waitUntil(lambda: row.parentWidget().width() == 300)
