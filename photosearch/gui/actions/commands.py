"""Everything that can be done, by its name: a palette to search in, and a sheet of the keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QFont,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMenuBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.grid.photos import Index
from photosearch.gui.language import tr

WIDE = 760
"""From this width on the sheet of keys has two columns."""

NATIVE = QKeySequence.SequenceFormat.NativeText


@dataclass(frozen=True, slots=True)
class Command:
    """An action and the menu that it is in."""

    menu: str
    action: QAction

    @property
    def name(self) -> str:
        return self.action.text().replace("&", "").rstrip("…")

    @property
    def keys(self) -> str:
        """The first way to press it; others are those of keyboards with a key of their own for it."""
        return self.action.shortcut().toString(NATIVE)


def commands(bar: QMenuBar) -> Iterator[Command]:
    """Everything in the menus."""
    for top in bar.actions():
        yield from _in_menu(top)


def _in_menu(top: QAction) -> Iterator[Command]:
    menu = top.menu()
    for action in menu.actions() if isinstance(menu, QMenu) else []:
        if action.text() and not action.menu():
            yield Command(top.text().replace("&", ""), action)


def fits(text: str, wanted: str) -> bool:
    """Whether the letters wanted occur in a text in this order, each word of them from where it begins."""
    at = 0
    text = text.casefold()
    for word in wanted.casefold().split():
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


class Palette(QDialog):
    """A field and the commands that fit what is typed in it; Enter does the one that is marked."""

    def __init__(self, found: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Commands"))
        self._commands = [command for command in found if command.action.isEnabled()]
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("What would you like to do?"))
        self.field.setAccessibleName(tr("Search for a command"))
        self.field.setClearButtonEnabled(True)
        self.field.setTextMargins(theme.SMALL, 0, theme.SMALL, 0)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.textChanged.connect(self._show)
        self.field.returnPressed.connect(self._do)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda item: self._do())
        self.list.currentItemChanged.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.MEDIUM, theme.MEDIUM, theme.MEDIUM)
        column.setSpacing(theme.SMALL)
        self.nothing = QLabel(tr("No command is called that, or it cannot be done just now."))
        self.nothing.setProperty("quiet", True)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing, 1)
        self.resize(min(560, parent.width() - 80), min(420, parent.height() - 80))
        self.move(parent.mapToGlobal(parent.rect().center()) - self.rect().center())
        self._show("")
        self.field.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        # It lies over photos, and not every desktop gives it a shadow.
        painter = QPainter(self)
        painter.setPen(self.palette().dark().color())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _show(self, wanted: str) -> None:
        self.list.clear()
        for command in self._commands:
            if fits(f"{command.menu} {command.name}", wanted) or fits(command.name, wanted):
                item = QListWidgetItem(f"{command.menu} › {command.name}")
                item.setData(Qt.ItemDataRole.UserRole, command)
                spoken = ", ".join(filter(None, (item.text(), command.keys)))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
                self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(self.list.count() > 0)
        self.nothing.setVisible(self.list.count() == 0)

    def _tell(self, item: QListWidgetItem | None) -> None:
        # The keyboard stays in the field, so who listens would not hear which one is marked.
        said = item.data(Qt.ItemDataRole.AccessibleTextRole) if item else ""
        self.field.setAccessibleDescription(said)
        if said:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, said))

    def _do(self) -> None:
        item = self.list.currentItem()
        self.close()
        if item:
            command: Command = item.data(Qt.ItemDataRole.UserRole)
            command.action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The keyboard stays in the field; what walks goes to the list.
        walks = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in walks:
            by = {walks[0]: -1, walks[1]: 1, walks[2]: -8, walks[3]: 8}[Qt.Key(event.key())]
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
            return True
        return super().eventFilter(watched, event)


class _Line(QStyledItemDelegate):
    """A command with its keys at the other end of the line."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        command: Command = index.data(Qt.ItemDataRole.UserRole)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.PlaceholderText
        painter.setPen(option.palette.color(role))
        painter.setFont(option.font)
        end = Qt.AlignmentFlag.AlignRight
        if option.direction == Qt.LayoutDirection.RightToLeft:
            end = Qt.AlignmentFlag.AlignLeft
        inside = option.rect.adjusted(theme.MEDIUM, 0, -theme.MEDIUM, 0)
        painter.drawText(inside, end | Qt.AlignmentFlag.AlignVCenter, command.keys)


class KeySheet(QDialog):
    """All keys, menu by menu, and those that no menu has."""

    def __init__(self, found: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups: dict[str, list[tuple[str, str]]] = {}
        for command in found:
            if command.keys:
                groups.setdefault(command.menu, []).append((command.name, command.keys))
        groups[tr("Photos")] = [
            (tr("From photo to photo"), tr("Arrows, Home, End, Page Up, Page Down")),
            (tr("Select several"), tr("Shift or Ctrl and a click, or Shift and arrows")),
            (tr("Go to a name"), tr("Type its first letters")),
            (tr("Larger and smaller"), tr("Ctrl and the wheel")),
        ]
        groups[tr("An example of a search")] = [
            (tr("Weigh more or less"), "+  −"),
            (tr("Draw a box, take it away"), tr("Enter, Backspace")),
            (tr("Move the box, resize it"), tr("Arrows, Shift and arrows")),
            (tr("Take the example away"), tr("Delete")),
        ]
        wide = min(900, parent.width())
        sheet = self._sheet(groups, 2 if wide >= WIDE else 1)
        column = QVBoxLayout(self)
        column.addWidget(theme.scrolled(sheet, tr("Keys by menu")))
        # As high as it is, so that it is scrolled only where there is no room.
        high = sheet.heightForWidth(wide - 4 * theme.LARGE) + 2 * theme.LARGE
        self.resize(wide, min(high, parent.height()))

    def _sheet(self, groups: dict[str, list[tuple[str, str]]], columns: int) -> QWidget:
        """In one column, or in two about as long as each other."""
        lines, above = sum(len(rows) + 2 for rows in groups.values()), 0
        grids = [QGridLayout() for _ in range(columns)]
        for title, rows in groups.items():
            second = above > 0 and above + len(rows) / 2 > lines / 2
            _add(grids[-1 if second else 0], title, rows, names_wrap=columns == 1)
            above += len(rows) + 2
        sheet = QWidget()
        beside = QHBoxLayout(sheet)
        beside.setSpacing(theme.HUGE)
        for grid in grids:
            grid.setHorizontalSpacing(theme.LARGE)
            grid.setVerticalSpacing(theme.SMALL)
            grid.setRowStretch(grid.rowCount(), 1)
            # In one column a long name wraps; in two it is what the keys wrap for.
            grid.setColumnStretch(0, 2 - columns)
            grid.setColumnStretch(1, 1)
            beside.addLayout(grid, 1)
        return sheet


def _add(grid: QGridLayout, title: str, rows: list[tuple[str, str]], names_wrap: bool) -> None:
    heading, top = QLabel(title), grid.rowCount()
    heading.setFont(theme.font(1.0, QFont.Weight.DemiBold))
    heading.setContentsMargins(0, theme.LARGE if top > 1 else 0, 0, 0)
    grid.addWidget(heading, top, 0, 1, 2)
    for row, (name, keys) in enumerate(rows, top + 1):
        does, key = QLabel(name), QLabel(keys)
        does.setWordWrap(names_wrap)
        key.setWordWrap(True)
        key.setAlignment(theme.beginning() | Qt.AlignmentFlag.AlignVCenter)
        key.setProperty("quiet", True)
        grid.addWidget(does, row, 0)
        grid.addWidget(key, row, 1)
