"""Other programs: files as they take them, folders as they open them."""

from __future__ import annotations

import os
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
