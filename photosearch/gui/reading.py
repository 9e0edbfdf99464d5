"""Pictures as Qt reads them, wherever they come from; belongs into a worker."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader


def read_picture(source: Path | bytes, longest: int) -> QImage:
    """A picture, upright, at most so long on a side; null if Qt cannot read it."""
    if isinstance(source, Path):
        reader = QImageReader(str(source))
    else:
        # Named, as the reader does not keep it alive.
        buffer = QBuffer()
        buffer.setData(QByteArray(source))
        reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > longest:
        reader.setScaledSize(size.scaled(QSize(longest, longest), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
