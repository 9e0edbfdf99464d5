"""Pictures that may lie anywhere, to be shown small or copied; belongs into a worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from photosearch.errors import PhotoSearchError
from photosearch.gui.viewing.pictures import Frame

if TYPE_CHECKING:
    from photosearch.library import Library


def picture_of(library: Library, source: Path | bytes, longest: int) -> QImage:
    """A picture, upright, at most so long on a side; null if it is none.

    A file may be anything, a bomb or a pipe that nobody writes to. Qt would hold Python's lock over it, and
    by that the window: it is left to a process with limits.
    """
    if isinstance(source, bytes):
        return _pasted(source, longest)
    try:
        return Frame(library.viewing.picture(source, longest)).image.copy()
    except PhotoSearchError:
        return QImage()


def _pasted(source: bytes, longest: int) -> QImage:
    # Named, as the reader does not keep it alive.
    buffer = QBuffer()
    buffer.setData(QByteArray(source))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > longest:
        reader.setScaledSize(size.scaled(QSize(longest, longest), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
