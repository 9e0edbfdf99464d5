"""What a person decides about groups of duplicates, by key, button or menu, and how it is undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from photosearch.gui.actions.undo import Undo
from photosearch.gui.design import theme
from photosearch.gui.duplicates.groups import Groups
from photosearch.gui.duplicates.list import GroupList
from photosearch.gui.duplicates.work import DuplicatesWork
from photosearch.gui.language import tr, words
from photosearch.records import DecisionKind, Group, GroupPhoto, Photo

COMPARED = 8
"""Photos of a group that are compared at once."""

NATIVE = QKeySequence.SequenceFormat.NativeText


class Deciding(QObject):
    """The actions on the photo that the keyboard is at; their keys work while it is in the list."""

    said = Signal(str)
    """A sentence for a moment: why something is not done."""
    compare_wanted = Signal(object)
    """A list of `Photo` of one group, the kept one first."""
    went_on = Signal()
    """Something was decided, and the next group is current, if there is one."""

    def __init__(self, list: GroupList, groups: Groups, work: DuplicatesWork, undo: Undo) -> None:
        super().__init__(list)
        self._list, self._groups, self._work, self._undo = list, groups, work, undo
        self.keep = self._action(tr("Keep This"), self._keep, ["K", "Return", "Enter"], "done")
        self.keep_all = self._action(tr("Keep All"), self._keep_all, ["A"], "duplicates")
        self.not_same = self._action(tr("Not the Same"), self._not_the_same, ["N"], "difference")
        self.skip = self._action(tr("Skip"), self._go_on, ["S"], "next")
        self.compare = self._action(tr("Compare the Group"), self._compare, ["Space"], "compare")
        self.mark = self._action(tr("Mark for the Trash"), self._mark, ["Delete"], "trash")
        self.keep.setToolTip(tr("Keep this photo and mark the others of the group for the trash"))
        self.keep_all.setToolTip(tr("These are no duplicates: never show them together again"))
        self.not_same.setToolTip(tr("This photo is not the same as the others: never show them together"))
        self.skip.setToolTip(tr("Decide about this group another time"))
        self.compare.setToolTip(tr("See the photos of the group side by side, or in place of one another"))
        self.mark.setToolTip(tr("Mark this photo for the trash, or take the mark away"))
        for action in self.all():
            action.setToolTip(tr("{action} ({key})", action=action.toolTip(), key=_key(action)))
            list.addAction(action)
        list.current_changed.connect(self.allow)
        groups.wished.connect(self.allow)
        self.allow()

    def all(self) -> Sequence[QAction]:
        """Every action in the order of a menu."""
        return [self.keep, self.keep_all, self.not_same, self.skip, self.compare, self.mark]

    def allow(self) -> None:
        """Enable what can be done with the current photo."""
        current = self._list.current
        for action in self.all():
            action.setEnabled(current is not None)
        if current:
            group, each = current
            self.keep.setEnabled(group.kind in ("exact", "same-shot"))
            marked = self._groups.fate(group, each) == "trash"
            self.mark.setText(tr("Take the Mark Away") if marked else tr("Mark for the Trash"))
        for action in self.all():
            # On a button its key stands beside it: whoever has a thousand groups soon takes the keys.
            action.setIconText(tr("{action} ({key})", action=action.text(), key=_key(action)))

    def _action(self, text: str, does: Callable[[], None], keys: Sequence[str], icon: str) -> QAction:
        action = QAction(theme.icon(icon), text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: does())
        return action

    # Wishes: nothing happens to a file yet

    def _keep(self) -> None:
        current = self._list.current
        if current:
            self._wish(tr("Keep This"), lambda: self._groups.keep(*current))
            self._go_on()

    def keep_photo(self, photo: Photo) -> None:
        """Keep this photo of the current group."""
        current = self._list.current
        if current is None:
            return
        group, _ = current
        each = next((each for each in group.photos if each.photo.id == photo.id), None)
        if each and self.keep.isEnabled():
            self._wish(tr("Keep This"), lambda: self._groups.keep(group, each))
            self._go_on()

    def _mark(self) -> None:
        current = self._list.current
        if current is None:
            return
        group, each = current
        marked = self._groups.fate(group, each) == "trash"
        why_not = "" if marked else self._groups.why_not(group, each)
        if why_not:
            self.said.emit(why_not)
            return
        name = tr("Take the Mark Away") if marked else tr("Mark for the Trash")
        self._wish(name, lambda: self._groups.mark(group, each))

    def _wish(self, name: str, change: Callable[[], None]) -> None:
        before, at = self._groups.wishes(), self._list.remember()

        def back() -> None:
            self._groups.wish(before)
            self._list.restore(at)

        change()
        self._undo.did(name, back)

    def unmark_all(self) -> None:
        """Take all marks away."""
        self._wish(tr("Take All Marks Away"), self._groups.unmark_all)

    # Decisions: kept for ever

    def _keep_all(self) -> None:
        current = self._list.current
        if current:
            group, _ = current
            self._decide(group, [[each.photo for each in group.photos]], "keep all", self.keep_all.text())

    def keep_all_of_group(self) -> None:
        """The photos of the current group are no duplicates."""
        self._keep_all()

    def _not_the_same(self) -> None:
        current = self._list.current
        if current:
            group, each = current
            # With each of the others by itself: what these are to one another was not said.
            pairs = [[each.photo, other.photo] for other in group.photos if other is not each]
            self._decide(group, pairs, "not the same", self.not_same.text(), each)

    def _decide(
        self,
        group: Group,
        together: Sequence[Sequence[Photo]],
        kind: DecisionKind,
        name: str,
        apart: GroupPhoto | None = None,
    ) -> None:
        at = self._list.remember()
        number = self._groups.number(self._list.currentIndex().row())
        decisions = self._work.decide(together, kind)

        def back() -> None:
            self._list.return_to(at)
            self._work.take_back(decisions)

        self._groups.leave_out(group)
        self._undo.did(name, back)
        self._list.go_to_group(number)
        if apart:
            self.said.emit(tr("“{name}” is not shown with these again.", name=words.name(apart.photo.path)))
        else:
            self.said.emit(tr("These are not shown as duplicates again."))
        self.went_on.emit()

    # Going on

    def _go_on(self) -> None:
        row = self._list.currentIndex().row()
        if row >= 0:
            number = self._groups.number(row)
            if number + 1 < len(self._groups.shown):
                self._list.go_to_group(number + 1)
                self.went_on.emit()
            else:
                self.said.emit(tr("This was the last group."))
                self.ended.emit()

    ended = Signal()
    """There is no next group."""

    def next_group(self) -> None:
        """Decide about the current group another time."""
        self._go_on()

    def _compare(self) -> None:
        photos = self.compared()
        if photos:
            self.compare_wanted.emit(photos)

    def compared(self) -> list[Photo]:
        """Photos of the current group to be compared: the kept one, then those from the current one on."""
        current = self._list.current
        if current is None:
            return []
        group, each = current
        keeper = self._groups.keeper(group)
        others = [other for other in group.photos if other is not keeper]
        if each in others and others.index(each) >= COMPARED - 1:
            others = others[others.index(each) :]
        return [one.photo for one in (keeper, *others)][:COMPARED]


def _key(action: QAction) -> str:
    return action.shortcut().toString(NATIVE)
