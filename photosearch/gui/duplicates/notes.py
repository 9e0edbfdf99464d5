"""What sidecars say of the photos of a group: ratings, tags and dates, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photosearch.gui.design import theme
from photosearch.gui.duplicates.list import GroupList
from photosearch.gui.duplicates.work import DuplicatesWork
from photosearch.gui.language import tr, words
from photosearch.records import Group, Photo

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.library.sidecars import Notes

READ = 24
"""Photos of a group whose sidecars are read."""


class NotesLine(theme.Line):
    """Those of the group that the keyboard is at; hidden where no photo of it has a sidecar."""

    def __init__(self, list: GroupList, work: DuplicatesWork) -> None:
        super().__init__()
        self._list, self._work = list, work
        self._group: Group | None = None
        self.setProperty("quiet", True)
        self.hide()
        list.current_changed.connect(self.look)

    def look(self) -> None:
        """Read them again, if another group is current."""
        current = self._list.current
        group = current[0] if current else None
        if group is self._group:
            return
        self._group = group
        if group is None:
            self.hide()
            return
        photos = [each.photo for each in group.photos[:READ]]

        def read(library: Library) -> list[tuple[Photo, Notes]]:
            from photosearch.library.sidecars import notes_of

            return [(photo, notes_of(photo.path)) for photo in photos]

        def show(found: list[tuple[Photo, Notes]]) -> None:
            said = [
                tr("{name}: {notes}", name=words.name(photo.path), notes=text)
                for photo, notes in found
                if (text := _in_words(notes))
            ]
            self.setText(tr("In sidecars: {notes}", notes=" · ".join(said)))
            self.setToolTip("\n".join(said))
            self.setVisible(bool(said) and self._group is group)

        self._work.ask("notes", read, show)


def _in_words(notes: Notes) -> str:
    rating = "★" * notes.rating if notes.rating > 0 else tr("rejected") if notes.rating < 0 else ""
    return ", ".join(filter(None, [rating, *notes.tags, notes.date]))
