"""Which photos are shown and searched: a button for each thing to narrow by, each choice with its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QDate, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QAbstractButton,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.design.sideways import Ending, Sideways
from photosearch.gui.language import locale, number, tr, words
from photosearch.gui.session import Session
from photosearch.records import LARGE_PIXELS, SMALL_PIXELS, Circle, Filters, Photo, Root, Trait

Orientation = Literal["", "landscape", "portrait", "square"]

KILOMETRES = (1, 10, 100, 1000)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow by something.

    Attributes:
        filters: What the filters are if this is chosen.
        count: How many photos there are then; None if that is not known.
    """

    text: str
    filters: Filters
    count: int | None = None


class FilterBar(QFrame):
    """Buttons that open menus of choices; a button that narrows is marked and says by what."""

    def __init__(self, session: Session, folders: bool, button: QAbstractButton | None = None) -> None:
        """Begin with no filter.

        Args:
            folders: Whether there is a button for the folder, or these are chosen in another way.
            button: Stands at the end.
        """
        super().__init__()
        self.setAccessibleName(tr("Filters"))
        self._session = session
        self.current: Callable[[], Photo | None] = lambda: None
        self.found: Callable[[], Sequence[Photo]] = lambda: ()
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        row.setSpacing(theme.SMALL)
        self.buttons: dict[str, _Pill] = {}
        names = {
            "folder": tr("Folder"),
            "date": tr("Date"),
            "camera": tr("Camera"),
            "orientation": tr("Orientation"),
            "size": tr("Size"),
            "place": tr("Place"),
            "kind": tr("Kind"),
        }
        if not folders:
            # They make a difference to a search only, or are chosen elsewhere.
            del names["folder"], names["kind"]
        for name, title in names.items():
            pill = _Pill(title)
            pill.menu().aboutToShow.connect(lambda name=name: self._open(name))
            self.buttons[name] = pill
            row.addWidget(pill)
        self.clear = QToolButton()
        self.clear.setText(tr("Clear filters"))
        self.clear.setProperty("link", True)
        self.clear.clicked.connect(lambda: session.narrow(Filters()))
        row.addWidget(self.clear)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Ending(inside, button, theme.LARGE) if button else Sideways(inside))
        session.narrowed.connect(self.show_filters)
        self.show_filters()

    def show_filters(self) -> None:
        """Say on each button by what it narrows."""
        filters = self._session.filters
        said = {
            "folder": words.name(filters.under) if filters.under else "",
            "date": _said_dates(filters),
            "camera": filters.camera,
            "orientation": _orientations().get(filters.orientation, ""),
            "size": _said_size(filters),
            "place": _said_place(filters.near) if filters.near else "",
            "kind": tr("Same shot") if filters.kind else "",
        }
        for name, pill in self.buttons.items():
            pill.say(said[name])
        # Of the same shot a search alone knows; elsewhere it narrows nothing.
        narrows = filters if "kind" in self.buttons else replace(filters, kind="")
        self.clear.setVisible(narrows != Filters())

    # The menus

    def _open(self, name: str) -> None:
        """Fill a menu: at once with what is known, with counts when the library has counted."""
        menu, filters = self.buttons[name].menu(), self._session.filters
        match name:
            case "folder":
                self._count_folders(menu, filters)
            case "kind":
                anything = Choice(tr("Everything similar"), replace(filters, kind=""))
                same = Choice(tr("The same shot only"), replace(filters, kind="same-shot"))
                self._fill(menu, [anything, same])
            case "place":
                self._fill(menu, list(self._near(filters)))
            case "date":
                self._count(menu, "month", replace(filters, since=None, until=None), self._dates)
            case "camera":
                self._count(menu, "camera", replace(filters, camera=""), _cameras)
            case "orientation":
                self._count(menu, "orientation", replace(filters, orientation=""), _by_orientation)
            case "size":
                without = replace(filters, least_pixels=None, most_pixels=None)
                self._count(menu, "size", without, _by_size)

    def _count(
        self,
        menu: QMenu,
        trait: Trait,
        without: Filters,
        choices: Callable[[Filters, dict[str, int]], Iterator[Choice]],
    ) -> None:
        def show(found: list[Choice], counts: bool = False) -> None:
            self._fill(menu, found, counts, dates=trait == "month")

        if self._session.archive:
            # Nobody counts a hundred million photos for a menu.
            show([replace(choice, count=None) for choice in choices(without, self._known(trait))])
            return
        # What needs no counting does not wait for it.
        show([replace(next(choices(without, {})), count=None)], counts=True)
        self._session.count(self, trait, without, lambda counts: show(list(choices(without, counts))))

    def _known(self, trait: Trait) -> dict[str, int]:
        """What the photos found have of a trait that cannot be told beforehand."""
        if trait == "camera":
            return Counter(photo.details.camera for photo in self.found() if photo.details.camera)
        return {}

    def _fill(self, menu: QMenu, choices: list[Choice], counts: bool = False, dates: bool = False) -> None:
        """Offer these choices in place of those before.

        Args:
            counts: Whether more come when they are counted.
            dates: Whether a person can name two days.
        """
        before = menu.activeAction()
        marked = _without_count(before) if before else ""
        menu.clear()
        for old in menu.findChildren(QActionGroup):
            # With its actions, which the menu only showed.
            old.deleteLater()
        group = QActionGroup(menu)
        for choice in choices:
            text = choice.text.replace("&", "&&")
            action = QAction(text if choice.count is None else f"{text}\t{number(choice.count)}", group)
            action.setCheckable(True)
            action.setChecked(choice.filters == self._session.filters)
            action.triggered.connect(lambda _, choice=choice: self._session.narrow(choice.filters))
            menu.addAction(action)
        if counts:
            menu.addAction(tr("Counting…")).setEnabled(False)
        if dates:
            menu.addSeparator()
            menu.addAction(tr("From … to …")).triggered.connect(self._ask_for_dates)
        if menu.isVisible():
            # It grew, and is not to reach below the screen; to open it as a person does would fill it again.
            with QSignalBlocker(menu):
                menu.popup(menu.pos())
            for action in menu.actions():
                if marked and _without_count(action) == marked:
                    menu.setActiveAction(action)

    def _count_folders(self, menu: QMenu, filters: Filters) -> None:
        roots = self._session.known.folders if self._session.known else []
        # What is known of a folder is true while nothing else narrows.
        alone = replace(filters, under=None, kind="") == Filters()
        counts = {root.path: root.photos for root in roots} if alone else {}

        def show() -> None:
            self._fill(menu, list(self._folders(filters, counts)))

        def count(root: Root) -> None:
            def counted(months: dict[str, int]) -> None:
                counts[root.path] = sum(months.values())
                show()

            self._session.count((self, root.path), "month", replace(filters, under=root.path), counted)

        show()
        if not alone and not self._session.archive:
            for root in roots:
                count(root)

    def _folders(self, filters: Filters, counts: dict[Path, int]) -> Iterator[Choice]:
        yield Choice(tr("All folders"), replace(filters, under=None))
        for root in self._session.known.folders if self._session.known else []:
            yield Choice(words.name(root.path), replace(filters, under=root.path), counts.get(root.path))
        if self._session.archive:
            yield from self._folders_of_current(filters)

    def _folders_of_current(self, filters: Filters) -> Iterator[Choice]:
        """Of an archive nobody knows all folders, but those that a photo lies in."""
        photo = self.current()
        # What is packed in a file is not below a folder that an address begins with.
        above = list(photo.path.parents) if photo and "::" not in photo.place else []
        for folder in above:
            # Neither the root of a disk nor that of all buckets.
            if len(folder.parts) > (2 if photo and photo.address else 1):
                yield Choice(words.place(folder), replace(filters, under=folder))
        if not above and filters.under is None:
            yield Choice(tr("Choose a photo in the folder you mean"), filters)

    def _near(self, filters: Filters) -> Iterator[Choice]:
        yield Choice(tr("Anywhere"), replace(filters, near=None))
        photo = self.current()
        if photo is None or photo.details.latitude is None or photo.details.longitude is None:
            if filters.near is None:
                yield Choice(tr("Choose a photo that knows where it was taken"), filters)
            return
        name = words.name(photo.path)
        for kilometres in KILOMETRES:
            circle = Circle(photo.details.latitude, photo.details.longitude, kilometres)
            said = tr("Within {kilometres} km of “{name}”", kilometres=kilometres, name=name)
            yield Choice(said, replace(filters, near=circle))

    def _dates(self, without: Filters, months: dict[str, int]) -> Iterator[Choice]:
        yield Choice(tr("Any time"), without, sum(months.values()))
        years: dict[int, int] = {}
        for month, count in months.items():
            year = int(month.rsplit("-", 1)[0])
            years[year] = years.get(year, 0) + count
        for year, count in list(years.items())[:30]:
            since, until = _seconds(QDate(year, 1, 1)), _seconds(QDate(year + 1, 1, 1))
            yield Choice(str(year), replace(without, since=since, until=until), count)

    def _ask_for_dates(self) -> None:
        dialog = _Dates(self._session.filters, self)
        dialog.chosen.connect(
            lambda since, until: self._session.narrow(
                replace(self._session.filters, since=_seconds(since), until=_seconds(until.addDays(1)))
            )
        )
        dialog.open()


class _Pill(QToolButton):
    """A button with a menu, marked while it narrows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        menu = QMenu(self)
        menu.setAccessibleName(title)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("pill", True)
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.say("")

    def say(self, value: str) -> None:
        """Narrow by this; empty: by nothing."""
        shown = value if len(value) < 24 else value[:22] + "…"
        self.setText(tr("{what}: {choice}", what=self._title, choice=shown) if value else self._title)
        self.setAccessibleName(tr("{what}: {choice}", what=self._title, choice=value or tr("all")))
        self.setProperty("chosen", bool(value))
        self.style().polish(self)


class _Dates(QDialog):
    """From which day to which."""

    chosen = Signal(QDate, QDate)

    def __init__(self, filters: Filters, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Photos taken"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form = QFormLayout(self)
        self.since, self.until = QDateEdit(), QDateEdit()
        today = QDate.currentDate()
        self.since.setDate(_day(filters.since) if filters.since is not None else today.addYears(-1))
        self.until.setDate(_day(filters.until - DAY) if filters.until is not None else today)
        for edit, label in ((self.since, tr("From")), (self.until, tr("To"))):
            edit.setCalendarPopup(True)
            edit.setAccessibleName(label)
            # A style sheet puts no room into a field of this kind.
            edit.lineEdit().setTextMargins(8, 0, 8, 0)
            edit.setMinimumDate(QDate(1800, 1, 1))
            form.addRow(label, edit)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        # Who turns them round means the same.
        self.accepted.connect(lambda: self.chosen.emit(*sorted((self.since.date(), self.until.date()))))


def _without_count(action: QAction) -> str:
    return action.text().split("\t")[0]


def _cameras(without: Filters, counts: dict[str, int]) -> Iterator[Choice]:
    yield Choice(tr("Any camera"), without)
    for name in list(counts)[:40]:
        # The filter is for text anywhere in the name: “EOS R” finds the photos of an “EOS R5” too.
        count = sum(other for camera, other in counts.items() if name.casefold() in camera.casefold())
        yield Choice(name, replace(without, camera=name), count)


def _by_orientation(without: Filters, counts: dict[str, int]) -> Iterator[Choice]:
    yield Choice(tr("Any orientation"), without)
    for orientation, said in _orientations().items():
        yield Choice(said, replace(without, orientation=orientation), counts.get(orientation, 0))


def _by_size(without: Filters, counts: dict[str, int]) -> Iterator[Choice]:
    yield Choice(tr("Any size"), without)
    for key, filters in _sizes(without).items():
        yield Choice(_said_size(filters), filters, counts.get(key, 0))


def _orientations() -> dict[Orientation, str]:
    return {"landscape": tr("Landscape"), "portrait": tr("Portrait"), "square": tr("Square")}


def _sizes(filters: Filters) -> dict[str, Filters]:
    return {
        "large": replace(filters, least_pixels=LARGE_PIXELS),
        "medium": replace(filters, least_pixels=SMALL_PIXELS, most_pixels=LARGE_PIXELS - 1),
        "small": replace(filters, most_pixels=SMALL_PIXELS - 1),
    }


def _said_size(filters: Filters) -> str:
    said = {
        (LARGE_PIXELS, None): tr("From 8 megapixels on"),
        (SMALL_PIXELS, LARGE_PIXELS - 1): tr("1 to 8 megapixels"),
        (None, SMALL_PIXELS - 1): tr("Below 1 megapixel"),
        (None, None): "",
    }
    return said.get((filters.least_pixels, filters.most_pixels), tr("chosen"))


def _said_place(near: Circle) -> str:
    return tr("within {kilometres} km", kilometres=round(near.kilometres))


def _said_dates(filters: Filters) -> str:
    since = _day(filters.since) if filters.since is not None else None
    until = _day(filters.until - DAY) if filters.until is not None else None
    if since and until:
        if (since.month(), since.day(), until.month(), until.day()) == (1, 1, 12, 31):
            if since.year() == until.year():
                return str(since.year())
        elif since.day() == 1 and until == since.addMonths(1).addDays(-1):
            return words.month(since.toString("yyyy-MM"))
        return f"{_short(since)} – {_short(until)}"
    if since:
        return tr("from {date} on", date=_short(since))
    return tr("until {date}", date=_short(until)) if until else ""


def _short(date: QDate) -> str:
    return locale().toString(date, locale().FormatType.ShortFormat)


def _seconds(date: QDate) -> int:
    """The beginning of a day as photos tell of it: local time read as if it were UTC."""
    return QDate(1970, 1, 1).daysTo(date) * DAY


def _day(seconds: int) -> QDate:
    return QDate(1970, 1, 1).addDays(seconds // DAY)
