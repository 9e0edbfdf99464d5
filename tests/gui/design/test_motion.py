"""What a desktop says of motion, over a real bus, from a program that answers as its portal does."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

PORTAL = """
import sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusVariant, QDBusVirtualObject

class Portal(QDBusVirtualObject):
    def handleMessage(self, message, connection):
        if message.arguments()[1] != sys.argv[1]:
            return connection.send(message.createErrorReply("org.freedesktop.portal.Error.NotFound", ""))
        # In a variant in a variant, as the portal's Read has it.
        value = QDBusVariant(QDBusVariant(eval(sys.argv[2])))
        return connection.send(message.createReply(value))

application, portal, bus = QCoreApplication([]), Portal(), QDBusConnection.sessionBus()
bus.registerVirtualObject("/org/freedesktop/portal/desktop", portal)
bus.registerService("org.freedesktop.portal.Desktop")
print("ready", flush=True)
application.exec()
"""

WINDOW = """
import subprocess, sys
portal = subprocess.Popen([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], stdout=subprocess.PIPE)
portal.stdout.readline()
try:
    from PySide6.QtCore import QTimer
    from PySide6.QtDBus import QDBusPendingCallWatcher
    from PySide6.QtWidgets import QApplication
    from photosearch.gui.design import theme
    application = QApplication([])
    theme.dress(application, "light")
    waited = QTimer()
    waited.timeout.connect(
        lambda: None if application.findChildren(QDBusPendingCallWatcher) else application.quit()
    )
    waited.start(10)
    application.exec()
    print("still" if theme.is_still() else "moves")
finally:
    portal.terminate()
    portal.wait()
"""


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="there is no bus")
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("reduced-motion", "1", "still"),
        ("reduced-motion", "0", "moves"),
        ("enable-animations", "False", "still"),
        ("enable-animations", "True", "moves"),
        ("AnimationDurationFactor", "'0'", "still"),
    ],
)
def test_what_the_desktop_says_of_motion_is_heeded(key, value, said, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = ["dbus-run-session", "--", sys.executable, "-c", WINDOW, PORTAL, key, value]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip() == said
