"""The program beside its window: an icon in the tray for who wants one, word of a long run that has ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from photosearch.gui.language import tr, words

LONG_SECONDS = 120.0
"""A run of indexing that took longer was not waited for: whoever began it does something else by now."""

MESSAGE_SECONDS = 30
"""How long an icon stays that is only there because a message comes from an icon."""


def tray_is_there() -> bool:
    """Whether this desktop has a tray."""
    return QSystemTrayIcon.isSystemTrayAvailable()


class Tray(QObject):
    """Shows an icon in the tray while that is wanted, and messages while the window is not looked at."""

    window_wanted = Signal()
    """Show the window again."""

    def __init__(self, window: QWidget, icon: QIcon, actions: Sequence[QAction]) -> None:
        """Show nothing yet.

        Args:
            actions: What the icon's menu offers beside the window.
        """
        super().__init__(window)
        self._window = window
        self._wanted = self._told = False
        self.is_there = tray_is_there
        menu = QMenu(window)
        menu.setAccessibleName("PhotoSearch")
        menu.addAction(tr("Show PhotoSearch")).triggered.connect(self.window_wanted)
        menu.addSeparator()
        menu.addActions(list(actions))
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setContextMenu(menu)
        self.icon.setToolTip("PhotoSearch")
        self.icon.activated.connect(self._activate)
        self.icon.messageClicked.connect(self.window_wanted)
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.timeout.connect(lambda: self.icon.setVisible(self.holds))

    def keep(self, wanted: bool) -> None:
        """Stay in the tray from now on, or no longer."""
        self._wanted = wanted
        self.icon.setVisible(self.holds)

    @property
    def holds(self) -> bool:
        """Whether the program goes on without its window, which nothing could bring back without a tray."""
        return self._wanted and self.is_there()

    def say_that_it_holds(self) -> None:
        """The window was closed: say, once, that the program goes on."""
        if not self._told:
            self._told = True
            self._say(
                tr("PhotoSearch goes on following your folders"), tr("Its icon brings the window back.")
            )

    def tell_of_run(self, photos: int, seconds: float) -> None:
        """A run of indexing has ended; say so if it was long and nobody is looking."""
        if photos and seconds >= LONG_SECONDS and not self._window.isActiveWindow():
            QApplication.alert(self._window)
            done = tr(
                "{photos} looked at in {time}.",
                photos=words.photos(photos),
                time=words.duration(seconds),
            )
            self._say(tr("Your photos are indexed"), done)

    def end(self) -> None:
        """The program ends: nothing of it stays."""
        self._leaving.stop()
        self.icon.hide()

    def _say(self, title: str, sentence: str) -> None:
        if not self.icon.isVisible():
            self.icon.show()
            self._leaving.start(MESSAGE_SECONDS * 1000)
        self.icon.showMessage(title, sentence, self.icon.icon())

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.window_wanted.emit()
