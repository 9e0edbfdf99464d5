"""The photos behind the grid: a million ids, and of the photos themselves those that were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from photosearch.gui import desktop
from photosearch.gui.language import tr, words
from photosearch.records import Match, Photo

AROUND = 120
"""Photos fetched before and after those in sight."""

KEPT = 20_000
"""Photos kept before the first are forgotten."""

HIGHEST = 100_000_000
"""Photos with ids up to this are looked up in a table, of which only what is touched takes memory."""

Index = QModelIndex | QPersistentModelIndex


class Photos(QAbstractListModel):
    """Photos in the order they are shown: a listing, fetched as it comes in sight, or a query's matches."""

    wanted = Signal(object)
    """Ids in sight whose photos are not here yet, as a list; answer with `fill`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self._photos: dict[int, Photo | None] = {}
        # What was known before the listing was read again, shown until it is fetched again.
        self._before: dict[int, Photo | None] = {}
        self._matches: dict[int, Match] = {}
        self._asked: list[int] = []

    def show_listing(self, ids: NDArray[np.int64]) -> None:
        """Show the photos with these ids."""
        self._show(ids, {}, {})

    def show_matches(self, matches: Sequence[Match]) -> None:
        """Show the matches of a query."""
        by_id = {match.photo.id: match for match in matches}
        ids = np.array(list(by_id), np.int64)
        self._show(ids, by_id, {number: match.photo for number, match in by_id.items()})

    def _show(
        self, ids: NDArray[np.int64], matches: dict[int, Match], photos: dict[int, Photo | None]
    ) -> None:
        self.beginResetModel()
        self.ids, self._matches, self._asked = ids, matches, []
        # Read again twice in a row, nothing is fetched between the two.
        self._before = self._photos if len(self._before) > KEPT else self._before | self._photos
        self._photos = photos
        self.endResetModel()

    def need(self, rows: range) -> None:
        """These rows are in sight: ask for those that are not here."""
        if all(int(photo) in self._photos for photo in self.ids[rows.start : rows.stop]):
            return
        around = self.ids[max(0, rows.start - AROUND) : rows.stop + AROUND]
        missing = [int(photo) for photo in around if int(photo) not in self._photos]
        if missing != self._asked:
            self._asked = missing
            self.wanted.emit(missing)

    def fill(self, ids: Sequence[int], photos: Sequence[Photo]) -> None:
        """Take the photos that were asked for; one that is no more is missing among them."""
        if len(self._photos) > KEPT:
            self._photos = {}
        self._photos |= dict.fromkeys(ids) | {photo.id: photo for photo in photos}
        self.dataChanged.emit(self.index(0), self.index(len(self.ids) - 1))

    def photo(self, row: int) -> Photo | None:
        """The photo at a row; None while it is being fetched, and if it is no more."""
        number = int(self.ids[row])
        return self._photos[number] if number in self._photos else self._before.get(number)

    def match_at(self, row: int) -> Match | None:
        """The match at a row, if these are matches."""
        return self._matches.get(int(self.ids[row]))

    def rows(self, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Where these photos are now, ascending; those that are no more are left out."""
        return np.flatnonzero(self.are_among(ids))

    def are_among(self, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of each row, whether its photo is one of these."""
        return _are_among(self.ids, np.asarray(ids, np.int64))

    def named(self, beginning: str, after: int) -> int | None:
        """The next row, of the photos that are here, whose name begins so; else the first such."""
        wanted = beginning.casefold()
        here = np.fromiter(self._photos, np.int64, len(self._photos))
        for start, end in ((after, after + KEPT), (0, min(after, KEPT))):
            ids = self.ids[start:end]
            rows = np.flatnonzero(_are_among(ids, here))
            for row, number in zip(rows.tolist(), ids[rows].tolist(), strict=True):
                photo = self._photos[number]
                if photo and photo.path.name.casefold().startswith(wanted):
                    return start + row
        return None

    def missing(self, ids: NDArray[np.int64]) -> list[int]:
        """Those of these photos that are not here."""
        return [number for number in ids.tolist() if number not in self._photos]

    def are_files(self, ids: NDArray[np.int64]) -> bool:
        """Whether these photos, which are here, are files: those of an archive may lie in a bucket."""
        photos = [self._photos.get(number) for number in ids.tolist()]
        return not any(photo and photo.address for photo in photos)

    def files(self, ids: NDArray[np.int64]) -> QMimeData:
        """The files of these photos, which are here, as other programs take them."""
        photos = [self._photos.get(number) for number in ids.tolist()]
        return desktop.files([photo.path for photo in photos if photo])

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        photo = self.photo(index.row())
        if photo is None:
            return (
                tr("A photo that is being looked up") if role == Qt.ItemDataRole.AccessibleTextRole else None
            )
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return words.name(photo.path)
            case Qt.ItemDataRole.ToolTipRole:
                return words.place(photo.place)
            case Qt.ItemDataRole.AccessibleTextRole:
                return words.spoken(photo, self.match_at(index.row()))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]


def _are_among(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these ids are wanted, among a million or so many: three times as quick as `np.isin`."""
    highest = int(wanted.max(initial=0))
    if highest > HIGHEST:
        return np.isin(ids, wanted)
    among = np.zeros(highest + 2, bool)
    among[wanted] = True
    return np.take(among, ids, mode="clip")
