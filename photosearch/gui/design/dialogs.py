"""Dialogs that ask for files and folders. None blocks: connect what is to be done, then `open` it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.files import home_folder


def file_dialog(
    parent: QWidget, title: str, mode: QFileDialog.FileMode, start: Path | None = None
) -> QFileDialog:
    """Asks for a file or a folder, by default from the person's home on; goes away when it is closed."""
    dialog = QFileDialog(parent, title, str(start or home_folder() or ""))
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog


def folder_dialog(parent: QWidget, title: str, start: Path | None = None) -> QFileDialog:
    """Asks for a folder, and shows nothing else."""
    dialog = file_dialog(parent, title, QFileDialog.FileMode.Directory, start)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog
