"""What is written about duplicates and read again: a report to look at, decisions for another library."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.errors import DecisionsUnreadable, FolderUnavailable
from photosearch.files import replacing
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import file_dialog
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.groups import Groups
from photosearch.gui.duplicates.work import DuplicatesWork
from photosearch.gui.language import tr, trn, words
from photosearch.gui.session import Session
from photosearch.records import Progress

if TYPE_CHECKING:
    from photosearch.library import Library


class DuplicatesFiles(QObject):
    """Actions, each of which asks for a file first."""

    def __init__(self, session: Session, work: DuplicatesWork, groups: Groups, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._work, self._groups, self._widget = session, work, groups, parent
        self.report = self._action(tr("Save a Report of the Groups Shown…"), "picture", self._ask_for_report)
        self.export_decisions = self._action(tr("Export Decisions…"), "forward", self._ask_where_to)
        self.import_decisions = self._action(tr("Import Decisions…"), "back", self._ask_from_where)

    def all(self) -> list[QAction]:
        """Every action in the order of a menu."""
        return [self.report, self.export_decisions, self.import_decisions]

    def _action(self, text: str, icon: str, does: Callable[[], None]) -> QAction:
        action = QAction(theme.icon(icon), text, self)
        action.triggered.connect(lambda: does())
        return action

    def _ask(self, title: str, filter: str, name: str, does: Callable[[Path], None]) -> None:
        """Ask for a file to be written, or, without a name, for one to be read."""
        mode = QFileDialog.FileMode.AnyFile if name else QFileDialog.FileMode.ExistingFile
        dialog = file_dialog(self._widget, title, mode)
        dialog.setNameFilter(filter)
        if name:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(Path(name).suffix[1:])
            dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: does(Path(path)))
        dialog.open()

    def _ask_for_report(self) -> None:
        page = tr("Page for a browser") + " (*.html)"
        self._ask(tr("Save a report"), page, tr("Duplicates") + ".html", self.write_report)

    def _ask_where_to(self) -> None:
        name = tr("Decisions") + ".json"
        self._ask(tr("Export decisions"), "JSON (*.json)", name, self.write_decisions)

    def _ask_from_where(self) -> None:
        self._ask(tr("Import decisions"), "JSON (*.json)", "", self.read_decisions)

    def write_report(self, file: Path) -> None:
        """Write a page with the groups that are shown and all their pictures."""
        groups, wording = list(self._groups.shown), in_words.wording()
        if self._work.is_working:
            self._session.remarked.emit(tr("Something else is under way: try again in a moment."))
            return

        def steps(library: Library) -> Generator[Progress, None, Path]:
            yield from _written(file, library.report(groups, wording), len(groups))
            return file

        def written(to: Path) -> None:
            self._session.remarked.emit(tr("Saved “{name}”", name=words.name(to)))

        self._work.work(steps, written)

    def write_decisions(self, file: Path) -> None:
        """Write all that was decided, to be read by this or another library."""

        def write(library: Library) -> int:
            duplicates = library.duplicates()
            for _ in _written(file, [duplicates.export_decisions()], 1):
                pass
            return len(duplicates.decisions())

        def written(count: int) -> None:
            self._session.remarked.emit(
                trn(
                    "Exported {n} decision to “{name}”",
                    "Exported {n} decisions to “{name}”",
                    count,
                    name=words.name(file),
                )
            )

        self._work.ask(object(), write, written, surely=True)

    def read_decisions(self, file: Path) -> None:
        """Add what was decided in another library, or in this one before."""

        def read(library: Library) -> int:
            try:
                text = file.read_text(encoding="utf-8")
                return library.duplicates().import_decisions(text)
            except OSError as error:
                raise FolderUnavailable(f"{file} cannot be read: {error.strerror or error}.") from error
            except (UnicodeDecodeError, OverflowError, RecursionError) as error:
                # Letters, a number or a depth that no export has; nothing was added.
                raise DecisionsUnreadable(
                    f"These are no decisions that PhotoSearch exported: {error}."
                ) from None

        def added(count: int) -> None:
            self._session.remarked.emit(trn("{n} decision is new here", "{n} decisions are new here", count))
            self._work.relist()

        self._work.ask(object(), read, added, surely=True)


def _written(file: Path, pieces: Iterable[str], total: int) -> Generator[Progress]:
    """Write a file piece by piece; it is replaced whole, or not at all.

    Raises:
        FolderUnavailable: It cannot be written.
    """
    try:
        with replacing(file) as writing:
            for done, piece in enumerate(pieces):
                writing.write(piece.encode("utf-8", "backslashreplace"))
                yield Progress("writing", min(done, total), total)
    except OSError as error:
        raise FolderUnavailable(f"{file} cannot be written: {error.strerror or error}.") from error
