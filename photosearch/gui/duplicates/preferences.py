"""What makes a photo of several the one to keep, and folders of which nothing is ever moved to the trash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import folder_dialog
from photosearch.gui.design.parts import row_of
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.summary import quiet_label
from photosearch.gui.language import tr, words
from photosearch.gui.session import Session

if TYPE_CHECKING:
    from photosearch.duplicates import Preferences
    from photosearch.library import Library


class DuplicatesPreferences(QWidget):
    """Both take effect at once."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rules, self.folders = QListWidget(), QListWidget()
        self.rules.setAccessibleName(tr("What makes a photo the one to keep, the most important first"))
        self.rules.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.rules.model().rowsMoved.connect(lambda *_: self._choose())
        self.folders.setAccessibleName(tr("Reference folders"))
        self.up, self.down = QPushButton(tr("Move up")), QPushButton(tr("Move down"))
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.add = theme.button(tr("Add folder…"), "folder-add")
        self.add.clicked.connect(self._ask_for_folder)
        self.remove = QPushButton(tr("Remove"))
        self.remove.clicked.connect(self._remove)
        self.rules.currentRowChanged.connect(self._allow)
        self.folders.currentRowChanged.connect(self._allow)
        told = quiet_label()
        told.setText(
            tr("Nothing of a reference folder is ever moved to the trash; its photos are kept first.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(self._titled(tr("Keep the photo of which this is true"), self.rules))
        column.addWidget(self.rules, 3)
        column.addLayout(row_of(self.up, self.down))
        column.addWidget(self._titled(tr("Reference folders"), self.folders))
        column.addWidget(told)
        column.addWidget(self.folders, 2)
        column.addLayout(row_of(self.add, self.remove))
        self._allow()
        session.ask("keeping", lambda library: library.preferences(), self._show)

    def _titled(self, text: str, what: QWidget) -> QLabel:
        label = QLabel(text)
        label.setFont(theme.font(1.05))
        label.setBuddy(what)
        return label

    def _show(self, preferences: Preferences) -> None:
        names = in_words.rules()
        self.rules.clear()
        for rule in preferences.rules:
            item = QListWidgetItem(names[rule])
            item.setData(Qt.ItemDataRole.UserRole, rule)
            self.rules.addItem(item)
        self.rules.setCurrentRow(0)
        # An order is seen only whole.
        rows = self.rules.count() * self.rules.sizeHintForRow(0)
        self.rules.setMinimumHeight(rows + 2 * theme.MEDIUM)
        self.folders.clear()
        for folder in preferences.references:
            self._add(folder)

    def _allow(self) -> None:
        row = self.rules.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.rules.count() - 1)
        self.remove.setEnabled(self.folders.currentRow() >= 0)

    def _move(self, by: int) -> None:
        row = self.rules.currentRow()
        self.rules.insertItem(row + by, self.rules.takeItem(row))
        self.rules.setCurrentRow(row + by)
        self._choose()

    def _add(self, folder: Path) -> None:
        item = QListWidgetItem(words.readable(str(folder)))
        item.setData(Qt.ItemDataRole.UserRole, str(folder))
        self.folders.addItem(item)

    def _ask_for_folder(self) -> None:
        dialog = folder_dialog(self, tr("Choose a reference folder"))
        dialog.fileSelected.connect(lambda path: self.add_folder(Path(path)))
        dialog.open()

    def add_folder(self, folder: Path) -> None:
        """Never move anything of this folder to the trash from now on."""
        # Not before it is known what is chosen.
        if self.rules.count() and str(folder) not in self._chosen(self.folders):
            self._add(folder)
            self._choose()

    def _remove(self) -> None:
        self.folders.takeItem(self.folders.currentRow())
        self._choose()

    def _chosen(self, of: QListWidget) -> list[str]:
        return [of.item(row).data(Qt.ItemDataRole.UserRole) for row in range(of.count())]

    def _choose(self) -> None:
        rules, folders = self._chosen(self.rules), [Path(path) for path in self._chosen(self.folders)]
        self._allow()

        def choose(library: Library) -> None:
            library.choose_preferences(rules, folders)

        # Whoever shows groups lists them anew when the library is read again.
        self._session.ask("keeping", choose, lambda _: self._session.refresh(), surely=True)
