"""Photos as large as they are looked at: decoded elsewhere, kept within a bound, given up when moved on."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from photosearch.errors import GivenUp, PhotoSearchError
from photosearch.gui.language.sentences import told
from photosearch.gui.pool import Pool
from photosearch.records import Photo, Picture

BYTES = 240_000_000
"""Bound of the pictures kept; what is wanted just now stays, even beyond it."""

THREADS = 2

Key = tuple[int, int, int | None]

Read = Callable[[Photo, int | None, Callable[[], bool]], Picture]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """A photo, and how many pixels its longer side is to have at most; None: all that it has."""

    photo: Photo
    longest: int | None

    @property
    def key(self) -> Key:
        """What tells it from others: a file that changed is another picture."""
        return self.photo.id, self.photo.modified_ns, self.longest


class Frame:
    """A picture that can be painted."""

    def __init__(self, picture: Picture) -> None:
        # The image paints these very bytes, so they live as long as it.
        self._pixels = picture.pixels
        height, width, _ = self._pixels.shape
        self.image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self.details = picture.details
        self.bytes = self._pixels.nbytes


class Pictures(QObject):
    """Pictures of photos. What is wanted is said at once, most wanted first; anything else is given up."""

    arrived = Signal(int)
    """The id of a photo of which a picture can be painted now, or will not come."""
    _made = Signal(object, object)

    def __init__(self, read: Read, parent: QObject | None = None) -> None:
        """Begin with nothing.

        Args:
            read: A photo's picture, given what is asked whether it is still wanted; called in threads.
        """
        super().__init__(parent)
        self._read = read
        # A sentence stands where a picture cannot be had.
        self._kept: OrderedDict[Key, Frame | str] = OrderedDict()
        # What is looked at stays, even beyond the bound.
        self._keys: frozenset[Key] = frozenset()
        self._pool: Pool[Wish] = Pool("pictures", THREADS, self._make)
        self._made.connect(self._keep)

    def get(self, wish: Wish) -> Frame | None:
        """The picture, if it is here."""
        kept = self._kept.get(wish.key)
        return kept if isinstance(kept, Frame) else None

    def why_not(self, photo: Photo) -> str:
        """Why a photo cannot be shown, as a sentence; empty if it can, or is not known yet."""
        reasons = (
            kept
            for key, kept in self._kept.items()
            if key[:2] == (photo.id, photo.modified_ns) and isinstance(kept, str)
        )
        return next(reasons, "")

    def want(self, wishes: Sequence[Wish]) -> None:
        """Decode these, in this order, and nothing else."""
        self._keys = frozenset(wish.key for wish in wishes)
        for wish in reversed(wishes):
            if wish.key in self._kept:
                self._kept.move_to_end(wish.key)
        self._pool.want([wish for wish in wishes if wish.key not in self._kept])

    @property
    def done(self) -> bool:
        """Whether all that is wanted is here."""
        return self._pool.idle

    def try_again(self) -> None:
        """Forget what could not be had: it may have come back."""
        self._kept = OrderedDict((key, kept) for key, kept in self._kept.items() if isinstance(kept, Frame))

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        self._pool.stop()

    def join(self, seconds: float) -> bool:
        """Wait for the threads after `stop`; whether all have ended."""
        return self._pool.join(seconds)

    def _make(self, wish: Wish) -> None:
        made: Frame | str | None
        try:
            made = Frame(self._read(wish.photo, wish.longest, partial(self._pool.wants, wish)))
        except GivenUp:
            made = None
        except PhotoSearchError as error:
            logger.info("No picture of %s: %s", wish.photo.path, error)
            made = told(error)
        if not self._pool.stopping:
            self._made.emit(wish, made)

    @Slot(object, object)
    def _keep(self, wish: Wish, made: Frame | str | None) -> None:
        self._pool.finish(wish, again=made is None)
        if self._pool.stopping or made is None:
            return
        self._kept[wish.key] = made
        self._forget_beyond_bound()
        self.arrived.emit(wish.photo.id)

    def _forget_beyond_bound(self) -> None:
        total = sum(kept.bytes for kept in self._kept.values() if isinstance(kept, Frame))
        for key in [key for key in self._kept if key not in self._keys]:
            if total <= BYTES:
                return
            kept = self._kept.pop(key)
            total -= kept.bytes if isinstance(kept, Frame) else 0
