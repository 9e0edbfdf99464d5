"""What can be done with photos, once for menus, context menus, keys, and whoever else shows photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from photosearch.gui import desktop
from photosearch.gui.actions import export
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import file_dialog
from photosearch.gui.desktop import programs
from photosearch.gui.language import tr, trn, words
from photosearch.gui.session import Session
from photosearch.gui.viewing.reading import picture_of
from photosearch.records import Match, Photo

MOST_OPENED = 12
"""So many photos are opened in other programs at once; more is a slip of the hand."""

MOST_DISCARDED = 1000
"""So many photos go to the trash at once; more is a slip of the hand, and would take long to undo."""

COPIED_SIDE = 8192
"""A picture in the clipboard is made no longer than this on a side: some programs take no larger one."""

Keys = QKeySequence.StandardKey | str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Photos to do something with.

    Attributes:
        ids: Of all of them, in the order they are shown.
        current: The one that the keyboard is at; what can be done with one photo only is done with it.
        matches: All that is shown, if that is an answer to a search.
    """

    ids: Sequence[int] | NDArray[np.int64] = ()
    current: Photo | None = None
    matches: Sequence[Match] = ()


class PhotoActions(QObject):
    """The actions on whatever photos `selection` names when one of them is triggered.

    They belong to a widget: their keys work while the keyboard is in it.
    """

    similar_wanted = Signal(object)
    """A list of `Photo`: search for photos like them."""
    more_wanted = Signal(object, float)
    """A list of `Photo` and a weight: add them to the search."""
    discard_wanted = Signal(object)
    """A list of `Photo`: move them to the trash."""
    preview_wanted = Signal()
    """Look at the selection in large."""

    def __init__(self, session: Session, widget: QWidget, selection: Callable[[], Selection]) -> None:
        super().__init__(widget)
        self._session, self._widget, self._selected = session, widget, selection
        # What a menu that is open was opened for: an answer may come meanwhile, with other photos.
        self._meant: Selection | None = None
        keys = QKeySequence.StandardKey
        self.open = self._action(tr("Open"), self._open, icon="picture")
        self.open.setShortcuts([QKeySequence("Return"), QKeySequence("Enter")])
        self.open_with = QMenu(tr("Open With"), widget)
        self.open_with.setAccessibleName(tr("Open With"))
        self.open_with.aboutToShow.connect(self._list_programs)
        self.find_similar = self._action(tr("Find Similar"), self._find_similar, "Ctrl+D", "search")
        self.more_like = self._action(tr("More Like This"), lambda: self._add(1.0), "+", "more")
        self.less_like = self._action(tr("Less Like This"), lambda: self._add(-1.0), "-", "less")
        self.show_in_folder = self._action(
            tr("Show in File Manager"), self._show_in_folder, "Ctrl+Shift+F", "folder"
        )
        self.copy = self._action(tr("Copy"), self._copy, keys.Copy)
        self.copy_picture = self._action(tr("Copy Picture"), self._copy_picture, "Ctrl+Shift+C")
        self.copy_path = self._action(tr("Copy Path"), self._copy_path, "Ctrl+Alt+C")
        self.discard = self._action(tr("Move to Trash"), self._discard, keys.Delete, "trash")
        self.export_list = self._action(tr("Export as a List…"), self._export_list, "Ctrl+E")
        self.export_links = self._action(tr("Export as a Folder of Links…"), self._export_links)

    def all(self) -> list[QAction | None]:
        """Every action in the order of a menu; None is a line between groups."""
        return [
            *(self.open, self.open_with.menuAction(), self.show_in_folder, None),
            *(self.find_similar, self.more_like, self.less_like, None),
            *(self.copy, self.copy_picture, self.copy_path, None),
            *(self.export_list, self.export_links),
            *(() if self._session.archive else (None, self.discard)),
        ]

    def belong_to(self, widget: QWidget) -> None:
        """Let keys without Ctrl or Alt work in this widget only: elsewhere they mean other things."""
        own = () if self._session.archive else (self.discard,)
        for action in (self.open, self.more_like, self.less_like, *own):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            widget.addAction(action)

    def _selection(self) -> Selection:
        return self._meant or self._selected()

    def menu(self, at: QPoint, first: Sequence[QAction] = ()) -> None:
        """Show all of them at a point of the screen, for what is selected now.

        Args:
            first: Shown before them.
        """
        self.allow()
        self._meant = meant = self._selected()
        menu = QMenu(self._widget)
        # It hides before what was chosen in it is done.
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self, self._forget_meant))
        for action in (*first, *((None,) if first else ()), *self.all()):
            if action:
                menu.addAction(action)
            else:
                menu.addSeparator()
        theme.pop_up(menu, at, words.name_or_count(meant.current, len(meant.ids)))

    def _forget_meant(self) -> None:
        self._meant = None

    def allow(self) -> None:
        """Enable what can be done with the photos that are chosen now."""
        selection = self._selection()
        one = selection.current is not None
        some = one or len(selection.ids) > 0
        for action in (self.find_similar, self.copy_picture):
            action.setEnabled(one)
        for action in (self.more_like, self.less_like, self.copy_path, self.discard):
            action.setEnabled(some)
        self.export_list.setEnabled(some or bool(selection.matches))
        # Other programs are given files, which photos of a bucket are not.
        files = not any(match.photo.address for match in selection.matches)
        for action in (self.open, self.open_with.menuAction()):
            action.setEnabled(one and files)
        for action in (self.show_in_folder, self.copy):
            action.setEnabled(some and files)
        self.export_links.setEnabled(self.export_list.isEnabled() and files)

    def _action(self, text: str, does: Callable[[], None], key: Keys = None, icon: str = "") -> QAction:
        action = QAction(text, self._widget)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        if icon:
            action.setIcon(theme.icon(icon))
        action.triggered.connect(lambda: does())
        return action

    def _with_photos(self, does: Callable[[list[Photo]], None], selection: Selection | None = None) -> None:
        """Do something with all that is chosen, or was, once it is known what that is."""
        selection = selection or self._selection()
        if len(selection.ids):
            self._session.photos("chosen", selection.ids, does)
        elif selection.current:
            does([selection.current])

    def _with_current(self, does: Callable[[Photo], None]) -> None:
        photo = self._selection().current
        if photo:
            does(photo)

    # Other programs

    def _open(self) -> None:
        def view(photos: list[Photo]) -> None:
            for photo in photos[:MOST_OPENED]:
                if self._is_here(photo) and not desktop.open_in_viewer(photo.path):
                    said = tr("No program is set to open “{name}”.", name=words.name(photo.path))
                    self._session.remarked.emit(said)

        selection = self._selection()
        if len(selection.ids) <= 1:
            self._with_current(lambda photo: view([photo]))
        else:
            self._with_photos(view)

    def _is_here(self, photo: Photo) -> bool:
        if not photo.offline:
            return True
        drive = next((path for path in self._session.offline if photo.path.is_relative_to(path)), None)
        name = words.name(photo.path)
        if drive:
            said = tr("“{name}” is offline. Plug in the drive of “{drive}”.", name=name, drive=str(drive))
        else:
            said = tr("“{name}” is offline. Its file is missing.", name=name)
        self._session.remarked.emit(said)
        return False

    def _list_programs(self) -> None:
        """Other programs are looked for when the menu opens: most never look into it."""
        self.open_with.clear()
        photo = self._selection().current
        if photo is None:
            return
        for program in programs.for_pictures(photo.path.suffix):
            action = self.open_with.addAction(words.readable(program.name))
            action.triggered.connect(lambda _, program=program: self._open_in(program))
        if self.open_with.actions():
            self.open_with.addSeparator()
        other = self.open_with.addAction(tr("Other Program…"))
        other.triggered.connect(self._ask_for_program)

    def _open_in(self, program: programs.Program, selection: Selection | None = None) -> None:
        def view(photos: list[Photo]) -> None:
            paths = [photo.path for photo in photos[:MOST_OPENED] if self._is_here(photo)]
            try:
                if paths:
                    programs.start(program, paths)
            except OSError:
                self._session.remarked.emit(tr("“{name}” cannot be started.", name=program.name))

        self._with_photos(view, selection)

    def _ask_for_program(self) -> None:
        selection = self._selection()
        dialog = file_dialog(self._widget, tr("Open with which program?"), QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._open_in(programs.chosen(Path(path)), selection))
        dialog.open()

    def _show_in_folder(self) -> None:
        self._with_photos(lambda photos: desktop.show_in_file_manager([photo.path for photo in photos]))

    # The clipboard

    def _copy(self) -> None:
        def copy(photos: list[Photo]) -> None:
            QGuiApplication.clipboard().setMimeData(desktop.files([photo.path for photo in photos]))
            self._session.remarked.emit(tr("Copied {photos}", photos=words.photos(len(photos))))

        self._with_photos(copy)

    def _copy_path(self) -> None:
        def copy(photos: list[Photo]) -> None:
            QGuiApplication.clipboard().setText("\n".join(words.readable(photo.place) for photo in photos))
            self._session.remarked.emit(
                trn("Copied the path of {n} photo", "Copied the paths of {n} photos", len(photos))
            )

        self._with_photos(copy)

    def _copy_picture(self) -> None:
        def copy(image: QImage) -> None:
            if image.isNull():
                self._session.remarked.emit(tr("This picture cannot be copied; its file can."))
                return
            QGuiApplication.clipboard().setImage(image)
            self._session.remarked.emit(tr("Copied the picture"))

        def read(photo: Photo) -> None:
            if self._is_here(photo):
                path = photo.path
                self._session.ask("picture", lambda library: picture_of(library, path, COPIED_SIDE), copy)

        self._with_current(read)

    # The trash

    def _discard(self) -> None:
        count = max(1, len(self._selection().ids))
        if count > MOST_DISCARDED:
            self._session.remarked.emit(
                tr(
                    "{count} photos are selected: at most {most} go to the trash at once.",
                    count=count,
                    most=MOST_DISCARDED,
                )
            )
        else:
            self._with_photos(self.discard_wanted.emit)

    # Searching

    def _find_similar(self) -> None:
        selection = self._selection()
        if len(selection.ids) > 1:
            self._with_photos(self.similar_wanted.emit)
        else:
            self._with_current(lambda photo: self.similar_wanted.emit([photo]))

    def _add(self, weight: float) -> None:
        self._with_photos(lambda photos: self.more_wanted.emit(photos, weight))

    # Export

    def _with_exported(self, selection: Selection, does: Callable[[list[export.Row]], None]) -> None:
        """What was chosen, or all of an answer if no more than one photo was."""
        if len(selection.ids) <= 1 and selection.matches:
            does([export.Row.of(match.photo, match) for match in selection.matches])
            return
        by_id = {match.photo.id: match for match in selection.matches}
        self._with_photos(
            lambda photos: does([export.Row.of(photo, by_id.get(photo.id)) for photo in photos]), selection
        )

    def _export_list(self) -> None:
        # As it is now: while one looks for a place, more may be indexed.
        selection = self._selection()
        dialog = file_dialog(self._widget, tr("Export as a list"), QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [tr("Table") + " (*.csv)", tr("Paths, one a line") + " (*.txt)", "JSON (*.json)"]
        )
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(tr("Photos") + ".csv")

        def write(path: str) -> None:
            self._with_exported(
                selection, lambda rows: self._export(rows, lambda: export.write_list(rows, Path(path)))
            )

        dialog.fileSelected.connect(write)
        dialog.open()

    def _export_links(self) -> None:
        selection = self._selection()
        dialog = file_dialog(self._widget, tr("Export as a folder of links"), QFileDialog.FileMode.Directory)

        def write(path: str) -> None:
            self._with_exported(
                selection, lambda rows: self._export(rows, lambda: export.write_links(rows, Path(path)))
            )

        dialog.fileSelected.connect(write)
        dialog.open()

    def _export(self, rows: list[export.Row], write: Callable[[], Path]) -> None:
        def written(to: Path) -> None:
            photos = words.photos(len(rows))
            self._session.remarked.emit(
                tr("Exported {photos} to “{name}”", photos=photos, name=words.name(to))
            )

        # Each is a file of its own: another export makes it no less wanted.
        self._session.ask(object(), lambda _: write(), written, surely=True)
