"""Before an import: which photos of a card or folder are in the library already, and which are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFont, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from photosearch.gui import desktop
from photosearch.gui.design import theme
from photosearch.gui.duplicates.summary import quiet_label
from photosearch.gui.grid.lines import PICTURE, Line, LineList
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.session import Session
from photosearch.records import Details, Photo

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.library.importing import Checked

MOST_OPENED = 12


class CheckPage(QWidget):
    """The new photos of a folder, and those that the library has."""

    done_wanted = Signal()
    again_wanted = Signal(Path)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder: Path | None = None
        self.thumbnails: Thumbnails | None = None
        self.is_checking = False
        self.title, self.told = QLabel(), quiet_label()
        self.title.setFont(theme.font(1.6, QFont.Weight.DemiBold))
        self.title.setWordWrap(True)
        self.new = _Part(tr("New photos"))
        self.known = _Part(tr("Photos that are here already"))
        self.unreadable = _Part(tr("Files that could not be read"))
        self._parts = (self.new, self.known, self.unreadable)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.new)
        left.addWidget(self.unreadable)
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(left)
        both.addWidget(self.known)
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 1)
        for splitter in (left, both):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
        self.setFocusProxy(self.new.list)
        for part in self._parts:
            part.list.customContextMenuRequested.connect(lambda at, part=part: self._menu(part, at))
            part.list.doubleClicked.connect(lambda _, part=part: self._open(part))
            self._add_actions(part)
        self.back = theme.button(tr("Back"), "back")
        self.back.clicked.connect(self.done_wanted)
        self.again = theme.button(tr("Check again"), "again")
        self.again.clicked.connect(lambda: self._folder and self.again_wanted.emit(self._folder))
        self.copy = theme.button(tr("Copy the new files"), "copy")
        self.copy.setToolTip(tr("To be pasted in the file manager"))
        self.copy.clicked.connect(self._copy_new)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        buttons.setSpacing(theme.MEDIUM)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.again)
        buttons.addWidget(self.copy)
        head = QVBoxLayout()
        head.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.MEDIUM)
        head.setSpacing(theme.SMALL)
        head.addWidget(self.title)
        head.addWidget(self.told)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(theme.rule())
        column.addWidget(both, 1)
        column.addWidget(theme.rule())
        column.addLayout(buttons)

    def use(self, library: Library) -> None:
        """The library is open: show pictures of the photos of a folder, which need not be its own."""
        viewing = library.viewing

        def read(photo: Photo) -> bytes:
            pixels = viewing.picture(photo.path, 2 * PICTURE.width()).pixels
            height, width, _ = pixels.shape
            # The plainest format that Qt reads.
            return b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()

        self.thumbnails = Thumbnails(read, PICTURE, self)
        for part in (self.new, self.known):
            part.list.use(self.thumbnails)
            part.list.painted.connect(self._want)

    def _want(self) -> None:
        if self.thumbnails:
            photos = [*self.new.list.in_sight, *self.known.list.in_sight]
            self.thumbnails.want(photos, self.devicePixelRatioF())

    def show_checked(self, checked_folder: Path, checked: Checked) -> None:
        """Show what was found out about a folder."""
        self._folder = checked_folder
        known, count = len(checked.known) + len(checked.own), checked.photos
        if not count:
            self.title.setText(tr("There are no photos in “{name}”", name=words.name(checked_folder)))
        elif known == count:
            self.title.setText(trn("This photo is already here", "All {n} photos are already here", count))
        else:
            self.title.setText(
                trn("{n} of {count} is already here", "{n} of {count} are already here", known, count=count)
            )
        said = words.place(checked_folder)
        if checked.new:
            said = trn("{n} photo is new", "{n} photos are new", len(checked.new)) + " · " + said
        if checked.own:
            said += "\n" + trn(
                "{n} photo is a file of the library itself; outside this folder no copy is known.",
                "{n} photos are files of the library itself; outside this folder no copies are known.",
                len(checked.own),
            )
        if (checked.new or checked.own) and checked.not_compared:
            said += "\n" + trn(
                "{n} photo of the library could not be compared: it is not indexed yet, or no picture of it "
                "is left.",
                "{n} photos of the library could not be compared: they are not indexed yet, or no picture of "
                "them is left.",
                checked.not_compared,
            )
        self.told.setText(said)
        self.setAccessibleName(f"{self.title.text()}. {self.told.text()}")
        below = {path: _stand_in(number, path) for number, path in enumerate(_paths(checked), 1)}
        self.new.show_lines(
            [Line("picture", tr("new"), _inside(path, checked_folder), below[path]) for path in checked.new]
        )
        self.known.show_lines(
            [
                Line(
                    "done",
                    tr("exact copy") if each.kind == "exact" else tr("same shot"),
                    words.place(each.in_library.path),
                    below[each.photo],
                )
                for each in checked.known
            ]
            + [Line("photos", tr("only here"), words.place(path), below[path]) for path in checked.own]
        )
        self.known.in_library = [*(each.in_library.path for each in checked.known), *checked.own]
        self.unreadable.show_lines(
            [
                Line("warning", tr("not read"), told(one.reason), below[one.path], warns=True)
                for one in checked.unreadable
            ]
        )
        self.unreadable.setVisible(bool(checked.unreadable))
        self.copy.setVisible(bool(checked.new))
        self.setFocusProxy((self.new if checked.new else self.known).list)

    # What can be done

    def _add_actions(self, part: _Part) -> None:
        part.actions_here = [
            self._action(part, tr("Open"), lambda: self._open(part), "Return", "picture"),
            self._action(
                part, tr("Show in File Manager"), lambda: self._show_file(part), "Ctrl+Shift+F", "folder"
            ),
            self._action(part, tr("Copy"), lambda: self._copy(part), "Ctrl+C", "copy"),
        ]
        if part is self.known:
            part.actions_here.append(
                self._action(
                    part,
                    tr("Show the Photo in the Library"),
                    lambda: desktop.show_in_file_manager(part.chosen_in_library()),
                    "Ctrl+L",
                    "photos",
                )
            )

    def _action(self, part: _Part, text: str, does: Callable[[], None], key: str, icon: str) -> QAction:
        action = QAction(theme.icon(icon), text, part.list)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: does())
        part.list.addAction(action)
        return action

    def _menu(self, part: _Part, at: QPoint) -> None:
        if part.list.indexAt(at).isValid():
            menu = QMenu(self)
            menu.addActions(part.actions_here)
            of = words.name_or_count(part.list.chosen[0], len(part.list.chosen))
            theme.pop_up(menu, part.list.viewport().mapToGlobal(at), of)

    def _open(self, part: _Part) -> None:
        for photo in part.list.chosen[:MOST_OPENED]:
            desktop.open_in_viewer(photo.path)

    def _show_file(self, part: _Part) -> None:
        paths = [photo.path for photo in part.list.chosen]
        if paths:
            desktop.show_in_file_manager(paths)

    def _copy(self, part: _Part) -> None:
        self._copy_files([photo.path for photo in part.list.chosen])

    def _copy_new(self) -> None:
        self._copy_files([line.photo.path for line in self.new.list.lines.lines])

    def _copy_files(self, paths: Sequence[Path]) -> None:
        if paths:
            QGuiApplication.clipboard().setMimeData(desktop.files(list(paths)))
            self._session.remarked.emit(tr("Copied {photos}", photos=words.photos(len(paths))))


class _Part(QWidget):
    """One of the lists under its heading."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._heading = QLabel(name)
        self._heading.setFont(theme.font(1.05, QFont.Weight.DemiBold))
        self.list = LineList(name, pictures=True)
        self._heading.setBuddy(self.list)
        self.in_library: list[Path] = []
        self.actions_here: list[QAction] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.MEDIUM, theme.SMALL, 0)
        column.setSpacing(theme.SMALL)
        inset = QHBoxLayout()
        inset.setContentsMargins(theme.MEDIUM, 0, theme.MEDIUM, 0)
        inset.addWidget(self._heading)
        column.addLayout(inset)
        column.addWidget(self.list, 1)

    def show_lines(self, lines: Sequence[Line]) -> None:
        self._heading.setText(tr("{name} · {count}", name=self._name, count=len(lines)))
        self.list.lines.show_lines(lines)
        if lines:
            only_there = QItemSelectionModel.SelectionFlag.NoUpdate
            self.list.selectionModel().setCurrentIndex(self.list.lines.index(0), only_there)

    def chosen_in_library(self) -> list[Path]:
        chosen = {photo.id for photo in self.list.chosen}
        lines = self.list.lines.lines
        return [path for path, line in zip(self.in_library, lines, strict=True) if line.photo.id in chosen]


def _paths(checked: Checked) -> list[Path]:
    return [
        *checked.new,
        *(each.photo for each in checked.known),
        *checked.own,
        *(one.path for one in checked.unreadable),
    ]


def _inside(path: Path, checked: Path) -> str:
    """The folder of a photo, from the one that was checked on."""
    return words.readable(str(path.parent.relative_to(checked.parent)))


def _stand_in(number: int, path: Path) -> Photo:
    """A photo that is in no library, for whatever shows photos."""
    return Photo(-number, path, 0, 0, Details(0, 0), False)
