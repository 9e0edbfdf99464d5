"""Other programs: files as they take them, folders as they open them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from photosearch.gui import desktop
from photosearch.gui.design.dialogs import folder_dialog
from photosearch.gui.desktop import programs

pytestmark = pytest.mark.usefixtures("qapp")


def test_files_travel_as_addresses_and_as_text(tmp_path):
    paths = [tmp_path / "ä 1.jpg", tmp_path / "b#2.jpg"]
    mime = desktop.files(paths)
    assert [Path(url.toLocalFile()) for url in mime.urls()] == paths
    assert mime.text() == "\n".join(map(str, paths))
    assert mime.data("x-special/gnome-copied-files").data().startswith(b"copy\nfile://")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_a_file_whose_name_is_no_text_keeps_its_name(tmp_path):
    mime = desktop.files([Path(os.fsdecode(b"/photos/caf\xe9.jpg"))])
    assert mime.urls()[0].toEncoded().data() == b"file:///photos/caf%E9.jpg"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="each has its own way")
def test_where_no_file_manager_answers_the_folder_is_opened(tmp_path, monkeypatch, qtbot):
    opened = []
    monkeypatch.setattr(
        "PySide6.QtGui.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile())
    )
    monkeypatch.setattr("PySide6.QtDBus.QDBusConnection.isConnected", lambda bus: False)
    desktop.show_in_file_manager([tmp_path / "a.jpg", tmp_path / "b.jpg"])
    qtbot.waitUntil(lambda: opened == [str(tmp_path)])


FILE_MANAGER = """
import sys
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection

@ClassInfo({"D-Bus Interface": "org.freedesktop.FileManager1"})
class FileManager(QObject):
    @Slot("QStringList", str)
    def ShowItems(self, addresses, startup):
        print(*addresses, sep="\\n", flush=True)

application, manager, bus = QCoreApplication(), FileManager(), QDBusConnection.sessionBus()
slots = QDBusConnection.RegisterOption.ExportAllSlots
assert bus.registerObject("/org/freedesktop/FileManager1", manager, slots)
assert bus.registerService("org.freedesktop.FileManager1")
print("here", flush=True)
application.exec()
"""

SHOWING = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from photosearch.gui import desktop

application = QApplication()
QTimer.singleShot(0, lambda: desktop.show_in_file_manager([Path(path) for path in sys.argv[1:]]))
QTimer.singleShot(120_000, lambda: os._exit(1))
application.exec()
"""


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no D-Bus is installed")
def test_the_file_manager_is_told_over_the_bus_which_files_to_select(tmp_path):
    paths = [tmp_path / "ä 1.jpg", tmp_path / "b#2.jpg", Path(os.fsdecode(b"/photos/caf\xe9.jpg"))]
    programs: list[subprocess.Popen] = []

    def started(*command: object, address: str = "") -> subprocess.Popen:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": address}
        programs.append(
            subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True, env=environment)
        )
        return programs[-1]

    try:
        bus = started("dbus-daemon", "--session", "--nofork", "--print-address=1")
        address = bus.stdout.readline().strip()
        manager = started(sys.executable, "-c", FILE_MANAGER, address=address)
        assert manager.stdout.readline() == "here\n"
        started(sys.executable, "-c", SHOWING, *paths, address=address)
        told = [manager.stdout.readline().strip() for _ in paths]
    finally:
        for program in reversed(programs):
            program.kill()
            program.communicate()
    assert told == [path.as_uri() for path in paths]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="every user has a home folder")
def test_a_person_without_a_home_folder_is_asked_for_files_and_offered_programs(qtbot, tmp_path, monkeypatch):
    (tmp_path / "applications").mkdir()
    (tmp_path / "applications" / "viewer.desktop").write_text(
        "[Desktop Entry]\nName=Viewer\nExec=true %F\nMimeType=image/jpeg;\n"
    )
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    assert [program.name for program in programs.for_pictures(".jpg")] == ["Viewer"]
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = folder_dialog(parent, "Add a Folder")
    assert Path(dialog.directory().absolutePath()) == Path.cwd()
