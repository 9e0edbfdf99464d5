"""The binding of Qt itself: a version of it ended the program."""

import sys

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPixmap


def test_painting_loses_no_reference_to_none(qapp):
    picture = QPixmap(8, 8)
    painter = QPainter(picture)
    before = sys.getrefcount(None)
    for _ in range(200):
        painter.drawPoint(QPointF(1, 1))
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < 100
