"""The groups behind the list of duplicates, and what the person wants to become of their photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, Qt, Signal

from photosearch.gui import desktop
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.grid.photos import Index
from photosearch.gui.language import tr, words
from photosearch.records import Group, GroupPhoto, Photo

Fate = Literal["keep", "suggested", "trash", "protected", ""]
"""What is to become of a photo: kept because the person said so, or because it is suggested; marked for the
trash; never moved there; or nothing was said."""

Wishes = tuple[dict[int, int], set[int]]
"""Chosen keepers by the suggested ones, and photos marked for the trash, all by id."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Groups and what follows from them; made where there is time for it.

    Attributes:
        gains: Bytes that the suggestion for each would free.
        holding: By the id of a photo the groups it is in.
        mark: The same for the same groups, whichever run of listing they come from.
    """

    groups: list[Group]
    gains: list[int]
    holding: dict[int, list[Group]]
    mark: int

    @classmethod
    def of(cls, groups: Sequence[Group]) -> Listing:
        """Groups as the library lists them."""
        holding: dict[int, list[Group]] = {}
        for group in groups:
            for each in group.photos:
                holding.setdefault(each.photo.id, []).append(group)
        gains = [sum(each.photo.size for each in group.removable) for group in groups]
        mark = hash(
            tuple(
                (
                    group.kind,
                    group.reason,
                    *((each.photo, each.kind, each.protected) for each in group.photos),
                )
                for group in groups
            )
        )
        return cls(list(groups), gains, holding, mark)


class Groups(QAbstractListModel):
    """Photos group after group, in each the suggested keeper first."""

    wished = Signal()
    """What is to become of some photos is another now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: list[Group] = []
        self.shown: list[Group] = []
        self.kind = ""
        self._mark: int | None = None
        self._gains: dict[int, int] = {}
        self._holding: dict[int, list[Group]] = {}
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._starts = np.zeros(1, np.int64)
        self._chosen: dict[int, int] = {}
        self._marked: set[int] = set()

    # Which groups

    def show_listing(self, listing: Listing) -> bool:
        """Show these; what the person wished of photos that are still among them stays.

        Returns:
            Whether they are others than those shown already.
        """
        if listing.mark == self._mark:
            return False
        self._mark, self.all = listing.mark, list(listing.groups)
        self._gains = {id(group): gain for group, gain in zip(listing.groups, listing.gains, strict=True)}
        self._holding = listing.holding
        self._keep_promises()
        self._lay_out()
        return True

    def narrow(self, kind: str) -> None:
        """Show the groups of one kind only; empty: all."""
        self.kind = kind
        self._lay_out()

    def leave_out(self, group: Group) -> None:
        """Something was decided about a group: it is not shown, until the groups are listed again."""
        self._mark = None
        self.all = [other for other in self.all if other is not group]
        for each in group.photos:
            of = self._holding[each.photo.id]
            of[:] = [other for other in of if other is not group]
        self._keep_promises()
        self._lay_out()

    def counts(self) -> Counter[str]:
        """How many groups there are of each kind."""
        return self._counts

    def gain(self, group: Group) -> int:
        """Bytes that the suggestion for a group would free."""
        return self._gains[id(group)]

    def total_gain(self) -> int:
        """Bytes that the suggestions for all groups shown would free."""
        return self._total

    def _lay_out(self) -> None:
        self.beginResetModel()
        self.shown = [group for group in self.all if not self.kind or group.kind == self.kind]
        self._starts = np.cumsum([0, *(len(group.photos) for group in self.shown)])
        self._counts = Counter(group.kind for group in self.all)
        self._total = sum(self._gains[id(group)] for group in self.shown)
        self.endResetModel()
        self.wished.emit()

    def _keep_promises(self) -> None:
        """Drop wishes that speak of photos that are no more; never let all of a group be marked."""
        self._chosen = {
            keeper: photo
            for keeper, photo in self._chosen.items()
            if any(group.keeper.id == keeper for group in self._holding.get(photo, ()))
        }
        self._marked = {photo for photo in self._marked if self._holding.get(photo)}
        self._marked -= {self.keeper(group).photo.id for group in self._with_marks()}

    def _with_marks(self) -> list[Group]:
        """The groups with photos that are marked for the trash, most bytes to be gained first."""
        found = {id(group): group for photo in self._marked for group in self._holding[photo]}
        return sorted(
            found.values(), key=lambda group: (-self._gains[id(group)], str(group.keeper.path), group.kind)
        )

    # Where they are

    @property
    def starts(self) -> np.ndarray:
        """The row at which each shown group begins, and, last, how many rows there are."""
        return self._starts

    def number(self, row: int) -> int:
        """Which of the shown groups a row belongs to."""
        return int(np.searchsorted(self._starts, row, "right")) - 1

    def group(self, row: int) -> Group:
        """The group that a row belongs to."""
        return self.shown[self.number(row)]

    def each(self, row: int) -> GroupPhoto:
        """The photo at a row."""
        number = self.number(row)
        return self.shown[number].photos[row - int(self._starts[number])]

    # What is to become of them

    def keeper(self, group: Group) -> GroupPhoto:
        """The photo of a group that is kept: the suggested one, or the one the person chose."""
        chosen = self._chosen.get(group.keeper.id)
        return next((each for each in group.photos if each.photo.id == chosen), group.photos[0])

    def fate(self, group: Group, each: GroupPhoto) -> Fate:
        """What is to become of a photo."""
        if each is self.keeper(group) and group.kind in ("exact", "same-shot"):
            return "keep" if group.keeper.id in self._chosen else "suggested"
        if each.photo.id in self._marked:
            return "trash"
        return "protected" if each.protected else ""

    def reason(self, group: Group) -> str:
        """Why the photo of a group that is kept is the one, as a sentence."""
        if self.keeper(group) is not group.photos[0]:
            return tr("You chose which one to keep.")
        return in_words.reason(group.reason)

    def wishes(self) -> Wishes:
        """All that the person wished, to be put back by `wish`."""
        return dict(self._chosen), set(self._marked)

    def wish(self, wishes: Wishes) -> None:
        """Put back what was wished before."""
        self._chosen, self._marked = dict(wishes[0]), set(wishes[1])
        self._keep_promises()
        self._tell()

    def why_not(self, group: Group, each: GroupPhoto) -> str:
        """Why a photo cannot be marked for the trash as one too many, as a sentence; empty if it can."""
        if group.kind == "burst":
            return tr("These are different moments, not copies: nothing of a burst is marked.")
        if group.kind == "raw-pair":
            return in_words.reason(group.reason)
        if each.protected:
            return in_words.reason(each.protected)
        if all(other.photo.id in self._marked for other in group.photos if other is not each):
            return tr("One photo of a group always stays.")
        return ""

    def keep(self, group: Group, each: GroupPhoto) -> None:
        """Keep this photo of a group, and mark the others that may go."""
        if group.kind in ("exact", "same-shot"):
            self._chosen[group.keeper.id] = each.photo.id
            self._marked -= {other.photo.id for other in group.photos}
            self._marked |= {
                other.photo.id for other in group.photos if other is not each and not other.protected
            }
            self._tell()

    def mark(self, group: Group, each: GroupPhoto) -> None:
        """Mark a photo for the trash, or take the mark away; of a kept one the next takes its place."""
        if each.photo.id in self._marked:
            self._marked.discard(each.photo.id)
        else:
            if each is self.keeper(group):
                left = (one for one in group.photos if one is not each and one.photo.id not in self._marked)
                self._chosen[group.keeper.id] = next(left).photo.id
            self._marked.add(each.photo.id)
        self._tell()

    def unmark_all(self) -> None:
        """Wish nothing any more."""
        self._chosen, self._marked = {}, set()
        self._tell()

    def is_touched(self, group: Group) -> bool:
        """Whether the person wished something of a group."""
        return group.keeper.id in self._chosen or any(each.photo.id in self._marked for each in group.photos)

    def marked(self) -> list[tuple[Photo, tuple[Photo, ...]]]:
        """Of each group with marks the photo that is kept, and those that are to go."""
        found, taken = [], set[int]()
        for group in self._with_marks():
            if group.kind not in ("exact", "same-shot"):
                continue
            go = [
                each.photo
                for each in group.photos
                if each.photo.id in self._marked and each.photo.id not in taken
            ]
            taken.update(photo.id for photo in go)
            if go:
                found.append((self.keeper(group).photo, tuple(go)))
        return found

    def suggested(self, kind: str) -> list[tuple[Photo, tuple[Photo, ...]]]:
        """The suggestion for all photos of a kind, in groups of which the person wished nothing."""
        found = []
        for group in self.all:
            go = tuple(each.photo for each in group.removable if each.kind == kind)
            if go and not self.is_touched(group):
                found.append((group.keeper, go))
        return found

    def has_suggested(self, kind: str) -> bool:
        """Whether there is such a suggestion."""
        return any(
            each.kind == kind and not each.protected and not self.is_touched(group)
            for group in self.all
            for each in group.photos[1:]
        )

    def _tell(self) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))
        self.wished.emit()

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else int(self._starts[-1])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        photo = self.each(index.row()).photo
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return words.name(photo.path)
            case Qt.ItemDataRole.ToolTipRole:
                each = self.each(index.row())
                told = words.readable(str(photo.path))
                return f"{told}\n{in_words.reason(each.protected)}" if each.protected else told
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(index.row())
        return None

    def _spoken(self, row: int) -> str:
        """A photo as a screen reader says it: its group, what it is, its fate, and what is known of it."""
        number, group, each = self.number(row), self.group(row), self.each(row)
        place = row - int(self._starts[number]) + 1
        keeper = self.keeper(group)
        fate = self.fate(group, each)
        what = {
            "keep": tr("You keep this"),
            "suggested": in_words.kind_of(group, each),
            "trash": tr("{kind}, marked for the trash", kind=in_words.kind_of(group, each)),
            "protected": tr("{kind}, stays", kind=in_words.kind_of(group, each)),
        }.get(fate, in_words.kind_of(group, each))
        parts = [
            tr("Group {number} of {count}", number=number + 1, count=len(self.shown)),
            in_words.kind(group),
            *filter(None, [in_words.gain(self.gain(group))]),
            tr("photo {place} of {count}", place=place, count=len(group.photos)),
        ]
        facts = in_words.facts(each.photo, keeper.photo)
        said = [f"{', '.join(parts)}.", f"{what}: {', '.join(fact.text for fact in facts)}."]
        if each is not keeper:
            differs = ", ".join(fact.name.lower() for fact in facts if fact.differs)
            said.append(
                tr("Differs from the kept photo in: {facts}.", facts=differs)
                if differs
                else tr("Nothing differs from the kept photo.")
            )
        elif fate == "suggested":
            said.append(self.reason(group))
        if each.protected and each is not keeper:
            said.append(in_words.reason(each.protected))
        return " ".join(said)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return desktop.files([self.each(index.row()).photo.path for index in indexes])
