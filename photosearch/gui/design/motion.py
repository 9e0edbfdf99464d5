"""Whether the system was told that nothing is to move by itself. Qt has no word for it; each platform has."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QApplication

STILL = "still"
"""The application's property that says so."""

PORTAL = "org.freedesktop.portal"

SETTINGS: dict[tuple[str, str], Callable[[object], bool]] = {
    ("org.freedesktop.appearance", "reduced-motion"): lambda value: value == 1,
    ("org.gnome.desktop.interface", "enable-animations"): lambda value: value is False,
    ("org.kde.kdeglobals.KDE", "AnimationDurationFactor"): lambda value: value in ("0", 0),
}
"""Where desktops on Linux say it, the newest first, and which value means it."""

CLIENT_AREA_ANIMATION = 0x1042
"""What Windows calls “Animation effects”."""


def ask(application: QApplication) -> None:
    """Ask the system, and keep its answer as soon as it comes; what it says later is heard at the next start.

    macOS is not asked: it has no C interface for this, and what is called wrongly there ends the program.
    """
    if sys.platform == "win32":
        moves = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(CLIENT_AREA_ANIMATION, 0, ctypes.byref(moves), 0)
        application.setProperty(STILL, not moves.value)
    elif "DBUS_SESSION_BUS_ADDRESS" in os.environ:
        # Without an address a bus would be started for the sake of the question.
        _ask_over_bus(application)


def _ask_over_bus(application: QApplication) -> None:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return

    def answered(watcher: QDBusPendingCallWatcher, means: Callable[[object], bool], *_: object) -> None:
        if not watcher.isError():
            [value] = watcher.reply().arguments()
            while isinstance(value, QDBusVariant):
                value = value.variant()
            if means(value):
                application.setProperty(STILL, True)
        watcher.deleteLater()

    for (namespace, key), means in SETTINGS.items():
        message = QDBusMessage.createMethodCall(
            f"{PORTAL}.Desktop", "/org/freedesktop/portal/desktop", f"{PORTAL}.Settings", "Read"
        )
        message.setArguments([namespace, key])
        watcher = QDBusPendingCallWatcher(bus.asyncCall(message), application)
        watcher.finished.connect(partial(answered, watcher, means))
