"""What a person dropped or pasted: pictures to search by, folders to add."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QImageWriter

from photosearch.errors import PhotoUnreadable
from photosearch.gui.language import tr
from photosearch.records import Example

LONGEST = 2048
"""A pasted picture is made no larger than this: a search needs far less, and a screenshot may be huge."""


@dataclass(frozen=True, slots=True)
class Pickings:
    """Pictures to search by and folders to add."""

    examples: tuple[Example, ...]
    folders: tuple[Path, ...]


def acceptable(mime: QMimeData) -> bool:
    """Whether there may be something to search by in what hovers over the window."""
    return mime.hasImage() or any(url.isLocalFile() for url in mime.urls())


def pick(mime: QMimeData) -> Callable[[], Pickings]:
    """Take what was dropped or pasted; the function returned looks at the disk and belongs into a worker.

    That function raises `PhotoUnreadable` if there is no picture, file or folder in it.
    """
    # The order matters: file managers add an icon as an image, browsers the address of a picture's page.
    paths = list(dict.fromkeys(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()))
    if paths:
        return lambda: _from_paths(paths)
    if mime.hasImage():
        image = QImage(mime.imageData())
        return lambda: Pickings((Example(_encoded(image)),), ())
    text = mime.text().strip()
    return lambda: _from_text(text)


def _from_paths(paths: list[Path]) -> Pickings:
    folders = tuple(path for path in paths if path.is_dir())
    return Pickings(tuple(Example(path) for path in paths if path not in folders), folders)


def _from_text(text: str) -> Pickings:
    paths = [path for path in map(_path_in, text.splitlines()) if path.is_absolute()]
    if not any(map(os.path.lexists, paths)):
        raise PhotoUnreadable(tr("There is no picture here: copy one, or a picture file, and try again."))
    # Beside one that is there, one that is not is a path too, and to be told of.
    return _from_paths(list(dict.fromkeys(paths)))


def _path_in(line: str) -> Path:
    line = line.strip().strip("\"'")
    # Not `Path.expanduser`, for which “~draft” is a mistake.
    return Path(QUrl(line).toLocalFile() if line.startswith("file://") else os.path.expanduser(line))


def _encoded(image: QImage) -> bytes:
    if max(image.width(), image.height()) > LONGEST:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(QSize(LONGEST, LONGEST), Qt.AspectRatioMode.KeepAspectRatio, smooth)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    # A lower one spends a second on making smaller what nobody keeps.
    writer.setQuality(95)
    if not writer.write(image):
        raise PhotoUnreadable(tr("The picture in the clipboard cannot be read."))
    return bytes(buffer.data().data())
