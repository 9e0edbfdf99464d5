"""The card of an example: what its menu does, and how it stands where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu

from photosearch.gui.search.card import HEIGHT, LOW, MIDDLE, STEP, Card
from photosearch.records import WHOLE


@pytest.fixture
def card(qtbot) -> Card:
    card = Card("sea.jpg", 1.0, WHOLE)
    qtbot.addWidget(card)
    card.show()
    return card


def choose(card: Card, number: int) -> None:
    """Choose an item of the menu that the key for it opens."""
    reason, at = QContextMenuEvent.Reason.Keyboard, card.part.rect().center()
    QApplication.sendEvent(card.part, QContextMenuEvent(reason, at, card.part.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and menu.accessibleName() == "sea.jpg"
    menu.actions()[number].trigger()
    menu.close()


def test_the_menu_of_an_example_weighs_it_draws_a_box_and_takes_it_away(card, qtbot):
    choose(card, 0)
    assert card.weight == 1.0 + STEP
    choose(card, 1)
    assert card.weight == 1.0
    choose(card, 2)
    assert card.box == MIDDLE
    choose(card, 2)
    assert card.box == WHOLE
    with qtbot.waitSignal(card.unwanted):
        choose(card, 3)


def test_where_there_is_little_room_a_card_is_low_and_keeps_its_shape(card):
    card.part.show_image(QImage(400, 200, QImage.Format.Format_RGB32))
    assert card.part.size().toTuple() == (200, HEIGHT)
    card.part.be_low(True)
    assert card.part.size().toTuple() == (2 * LOW, LOW)
    card.part.show_image(QImage(800, 200, QImage.Format.Format_RGB32))
    assert card.part.height() == LOW
    card.part.be_low(False)
    assert card.part.height() == HEIGHT
