"""The drawn icon in every size that a system asks for."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw_icons(drawing: Path, folder: Path) -> None:
    """Write SIZE.png for all sizes, photosearch.ico for Windows and photosearch.icns for macOS."""
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise SystemExit(f"{drawing} cannot be drawn.")
    for size in (*SIZES, 1024):
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(folder / f"{size}.png"))
    with Image.open(folder / "1024.png") as largest:
        largest.save(folder / "photosearch.icns")
        of_windows = [(size, size) for size in (16, 24, 32, 48, 64, 128, 256)]
        largest.save(folder / "photosearch.ico", sizes=of_windows)
