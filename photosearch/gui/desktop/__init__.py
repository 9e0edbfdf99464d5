"""Other programs: the viewer, the file manager, whatever a file is dropped or pasted into.

    programs    those that open pictures, as the platform lists them
    pickings    what was dropped or pasted: pictures to search by, folders to add
    invitation  what lies over the window while something hovers that may be dropped
    instance    one window a library: a second start hands over to the first
    tray        the icon beside the window, and word of a long run that has ended

What is here itself opens a file elsewhere, and hands files over.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDesktopServices

from photosearch.gui.desktop.programs import without_our_limits
from photosearch.gui.language import words


def open_in_viewer(path: Path) -> bool:
    """Open a file in the program the person chose for it; whether there is one."""
    with without_our_limits():
        return QDesktopServices.openUrl(_url(path))


def show_in_file_manager(paths: Sequence[Path]) -> None:
    """Open the folder of some files, with the files selected where the platform can."""
    if sys.platform == "win32":
        # As one string: explorer reads quotes in its own way, and only after the comma. It selects one file.
        subprocess.Popen(f'explorer /select,"{paths[0]}"')
    elif sys.platform == "darwin":
        subprocess.Popen(["open", "-R", *map(str, paths)])
    else:
        _show_over_bus(paths)


def files(paths: Sequence[Path]) -> QMimeData:
    """Files as other programs take them: file managers, mail, editors, terminals."""
    urls = [_url(path) for path in paths]
    mime = QMimeData()
    mime.setUrls(urls)
    mime.setText("\n".join(words.readable(str(path)) for path in paths))
    listed = b"\n".join([b"copy", *(url.toEncoded().data() for url in urls)])
    mime.setData("x-special/gnome-copied-files", listed)
    return mime


def _url(path: Path) -> QUrl:
    # By way of its bytes: a name need not be valid UTF-8.
    return QUrl.fromEncoded(path.as_uri().encode())


def _show_over_bus(paths: Sequence[Path]) -> None:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
    from PySide6.QtWidgets import QApplication

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        open_in_viewer(paths[0].parent)
        return
    service = "org.freedesktop.FileManager1"
    message = QDBusMessage.createMethodCall(service, "/org/freedesktop/FileManager1", service, "ShowItems")
    form = QUrl.ComponentFormattingOption.FullyEncoded
    message.setArguments([[_url(path).toString(form) for path in paths], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message), QApplication.instance())

    def finished() -> None:
        if watcher.isError():
            open_in_viewer(paths[0].parent)
        watcher.deleteLater()

    watcher.finished.connect(finished)
