"""Pictures for the tiles: read and scaled in threads, kept within a bound, given up when scrolled away."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from photosearch.errors import PhotoSearchError
from photosearch.gui.pool import Pool
from photosearch.records import Photo

BYTES = 96_000_000
"""Bound of the pictures kept: some 1,000 tiles at 1×, 250 at 2×."""

THREADS = max(2, min(4, os.cpu_count() or 2))

Key = tuple[int, int]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A thumbnail of a photo that fits into so many pixels on a screen of so many times 1×."""

    photo: Photo
    width: int
    height: int
    ratio: float


class Thumbnails(QObject):
    """Thumbnails of photos, scaled to fit a box.

    All that is wanted is said at once, most wanted first; what is wanted no longer and not begun is not made.
    """

    arrived = Signal(int)
    """The id of a photo whose thumbnail can be drawn now."""
    _made = Signal(object, object)

    def __init__(
        self,
        read: Callable[[Photo], bytes | None],
        box: QSize = QSize(176, 132),  # noqa: B008
        parent: QObject | None = None,
    ) -> None:
        """Begin with an empty cache.

        Args:
            read: The encoded thumbnail of a photo, or None; called in several threads.
            box: Pixels, on a 1× screen, that a thumbnail may fill.
        """
        super().__init__(parent)
        self._read, self._box = read, box
        self._kept: OrderedDict[Key, QPixmap | None] = OrderedDict()
        self._bytes = 0
        self._ratio = 1.0
        self._pool: Pool[_Wish] = Pool("thumbnails", THREADS, self._make)
        self._made.connect(self._keep)

    def get(self, photo: Photo) -> QPixmap | None:
        """The thumbnail, if it is here."""
        key = _key(photo)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def lacks(self, photo: Photo) -> bool:
        """Whether the thumbnail was asked for and could not be had."""
        key = _key(photo)
        return key in self._kept and self._kept[key] is None

    def want(self, photos: Sequence[Photo], ratio: float) -> None:
        """Make the thumbnails of these photos, in this order, and of no others."""
        if ratio != self._ratio:
            self.forget()
        self._ratio = ratio
        missing = [photo for photo in photos if _key(photo) not in self._kept]
        self._pool.want([_Wish(photo, self._box.width(), self._box.height(), ratio) for photo in missing])

    @property
    def done(self) -> bool:
        """Whether all that is wanted is here."""
        return self._pool.idle

    def fit(self, box: QSize) -> None:
        """Make thumbnails that fit another box from now on."""
        if box != self._box:
            self._box = box
            self._pool.want([])
            self.forget()

    def forget(self) -> None:
        """Empty the cache."""
        self._kept.clear()
        self._bytes = 0

    def try_again(self) -> None:
        """Ask once more for the thumbnails that could not be had."""
        for key in [key for key, pixmap in self._kept.items() if pixmap is None]:
            del self._kept[key]

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        self._pool.stop()

    def join(self, seconds: float) -> bool:
        """Wait for the threads after `stop`; whether all have ended."""
        return self._pool.join(seconds)

    def _make(self, wish: _Wish) -> None:
        image = self._image(wish.photo, QSize(wish.width, wish.height) * wish.ratio, wish.ratio)
        if not self._pool.stopping:
            self._made.emit(wish, image)

    def _image(self, photo: Photo, box: QSize, ratio: float) -> QImage | None:
        """A QImage, as a QPixmap may only be made in the GUI's thread."""
        try:
            encoded = self._read(photo)
        except PhotoSearchError as error:
            logger.info("No thumbnail of %s: %s", photo.path, error)
            return None
        image = QImage()
        # Those that are kept are JPEGs. Not told so, Qt tries its plug-ins in turn, for one thread at a time.
        if not encoded or not (image.loadFromData(encoded, "JPEG") or image.loadFromData(encoded)):
            return None
        # A stamp-sized photo stays so; any other fills the box, whatever the size of its stored thumbnail.
        own = QSize(photo.details.width, photo.details.height).expandedTo(image.size())
        box = box.boundedTo(own * ratio)
        smooth = Qt.TransformationMode.SmoothTransformation
        return image.scaled(box, Qt.AspectRatioMode.KeepAspectRatio, smooth).convertToFormat(
            QImage.Format.Format_RGB32
        )

    @Slot(object, object)
    def _keep(self, wish: _Wish, image: QImage | None) -> None:
        self._pool.finish(wish)
        shape = (self._box.width(), self._box.height(), self._ratio)
        if self._pool.stopping or (wish.width, wish.height, wish.ratio) != shape:
            return
        key = _key(wish.photo)
        pixmap = None
        if image:
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(self._ratio)
        self._bytes += _bytes(pixmap) - _bytes(self._kept.pop(key, None))
        self._kept[key] = pixmap
        while self._bytes > BYTES:
            self._bytes -= _bytes(self._kept.popitem(last=False)[1])
        self.arrived.emit(key[0])


def _key(photo: Photo) -> Key:
    return photo.id, photo.modified_ns


def _bytes(pixmap: QPixmap | None) -> int:
    return pixmap.width() * pixmap.height() * 4 if pixmap else 64
