"""The program beside its window: an icon in the tray, and word of what has ended unseen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from photosearch.gui import preferences
from photosearch.gui.desktop.tray import LONG_SECONDS, Tray
from photosearch.gui.preferences import Preferences
from photosearch.settings import Settings
from tests.gui.conftest import PATIENCE


@pytest.fixture
def tray(qapp, qtbot) -> Tray:
    """Of a window that nobody looks at; what the desktop would show is kept in `messages`."""
    window = QWidget()
    qtbot.addWidget(window)
    tray = Tray(window, qapp.windowIcon(), [])
    tray.messages = []
    # The one thing here that no test could read back from the desktop.
    tray.icon.showMessage = lambda title, sentence, icon: tray.messages.append((title, sentence))
    yield tray
    tray.end()


def test_a_long_run_that_ended_unseen_is_told(tray):
    tray.tell_of_run(2400, 3600)
    assert tray.messages == [("Your photos are indexed", "2,400 photos looked at in 1 h.")]
    assert tray.icon.isVisible(), "a message comes from an icon"
    tray._leaving.timeout.emit()
    assert not tray.icon.isVisible(), "which nobody asked to stay"


def test_a_short_run_an_empty_one_and_one_that_is_watched_are_not_told(tray, qtbot):
    tray.tell_of_run(2400, LONG_SECONDS - 1)
    tray.tell_of_run(0, 3600)
    window = tray.parent()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)
    tray.tell_of_run(2400, 3600)
    assert tray.messages == [] and not tray.icon.isVisible()


def test_where_there_is_no_tray_closing_the_window_ends_the_program(window, qtbot):
    window.tray.is_there = lambda: False
    window.tray.keep(True)
    with qtbot.waitSignal(window.ended):
        window.close()


def test_in_the_tray_the_program_goes_on_without_its_window_until_it_is_quit(window, qtbot):
    window.tray.is_there = lambda: True
    window.tray.keep(True)
    window.close()
    assert not window.isVisible() and window.session.task is not None and not window._ended
    window.tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert window.isVisible()
    names = [action.text() for action in window.tray.icon.contextMenu().actions() if action.text()]
    assert names == ["Show PhotoSearch", "Pause Indexing", "Quit"]
    window.close()
    leave: QAction = window.tray.icon.contextMenu().actions()[-1]
    with qtbot.waitSignal(window.ended):
        leave.trigger()
    assert window._ended and not window.tray.icon.isVisible()


class Shown(QObject):
    """Notices what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


@pytest.mark.parametrize("there", [True, False])
def test_the_tray_can_be_chosen_where_there_is_one(window, qapp, qtbot, monkeypatch, there):
    monkeypatch.setattr(preferences, "tray_is_there", lambda: there)
    shown = Shown()
    qapp.installEventFilter(shown)
    dialog = Preferences(window.session, Settings(), window)
    dialog.open()
    tabs = dialog.tabs
    tabs.setCurrentIndex(next(at for at in range(tabs.count()) if tabs.widget(at).isAncestorOf(dialog.tray)))
    qtbot.waitUntil(dialog.look.isVisible, timeout=PATIENCE)
    qapp.removeEventFilter(shown)
    assert dialog.tray.isVisible() == there
    assert [type(one) for one in shown.windows] == [Preferences], "nothing flashes up beside it"
    dialog.close()
