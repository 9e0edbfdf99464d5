"""What is known of a photo: when, with what, where, how large, where it lies, how near it is to the query."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from PySide6.QtCore import QDate, QLocale, Qt, QTime, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.language import locale, number, tr, words
from photosearch.records import Details, Match, Particulars, Photo

WIDTH = 290

BREAK = "\u200b"
"""Where a long name may go on in the next line; it is neither seen nor heard."""

OF = "of"
"""The property of a value that says what it is the value of."""


class Information(QScrollArea):
    """Shows what the catalogue knows of a photo at once, and what its file says when that has been read."""

    wanted = Signal(object)
    """The particulars of this `Photo`; answer with `show_particulars` or `show_problem`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: Photo | None = None
        self._match: Match | None = None
        self._asked = False
        self.setAccessibleName(tr("Information"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.reach(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_photo(self, photo: Photo | None, match: Match | None) -> None:
        """Show a photo, and how it answers the query if it does."""
        if self._asked and (photo, match) == (self._photo, self._match):
            return
        self._photo, self._match = photo, match
        self._lay_out(None, "")
        self._asked = photo is not None and not photo.offline and self.isVisible()
        if self._asked:
            self.wanted.emit(photo)

    def show_particulars(self, photo: Photo, told: Particulars) -> None:
        """Add what the file of a photo says, if it is still the one that is shown."""
        if photo == self._photo:
            self._lay_out(told, "")

    def show_problem(self, photo: Photo, sentence: str) -> None:
        """Say why nothing more is known of it."""
        if photo == self._photo:
            self._lay_out(None, sentence)

    @property
    def shown(self) -> dict[str, str]:
        """What is shown, by its heading."""
        labels = self.findChildren(QLabel)
        return {label.property(OF): label.accessibleName() for label in labels if label.property(OF)}

    def _lay_out(self, told: Particulars | None, problem: str) -> None:
        at = self.verticalScrollBar().value()
        page = _Page()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        photo = self._photo
        if photo is not None:
            grid = QGridLayout()
            grid.setHorizontalSpacing(theme.MEDIUM)
            grid.setVerticalSpacing(theme.SMALL)
            grid.setColumnStretch(1, 1)
            column.addLayout(grid)
            if self._match:
                _add(grid, tr("This search"), likeness(self._match))
            _add(grid, tr("Taken"), taken(photo, told))
            _add(grid, tr("Picture"), picture(photo, told))
            _add(grid, tr("File"), file(photo))
            copy = QToolButton()
            copy.setText(tr("Copy path"))
            copy.setIcon(theme.icon("copy"))
            copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            copy.clicked.connect(lambda: _copy(photo.place))
            column.addSpacing(theme.SMALL)
            column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
            if problem:
                column.addWidget(_value(tr("Problem"), problem))
        column.addStretch()
        self.setWidget(page)
        self.verticalScrollBar().setValue(at)


class _Page(QWidget):
    """Has a hairline at the side of what it stands beside."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().mid().color())
        at = 0 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else self.width() - 1
        painter.drawLine(at, 0, at, self.height())


def likeness(match: Match) -> list[tuple[str, str]]:
    """How a photo answers the query."""
    kind = tr("Same shot") if match.kind == "same-shot" else tr("Similar")
    return [
        (tr("Rank"), tr("{rank}: {kind}", rank=match.rank, kind=kind)),
        (tr("Likeness"), words.closeness(match)),
        (tr("Score"), number(float(match.score), 3)),
    ]


def taken(photo: Photo, told: Particulars | None) -> list[tuple[str, str]]:
    """When, with what and where a photo was taken, as far as it is known."""
    details = photo.details
    rows = []
    if details.taken is None:
        rows.append((tr("Date"), tr("not in the file")))
    else:
        rows.append((tr("Date"), moment(datetime.fromtimestamp(details.taken, UTC))))
    rows.append((tr("Camera"), details.camera))
    if told:
        rows += [(tr("Lens"), told.lens), (tr("Exposure"), exposure(told))]
        if told.flash is not None:
            rows.append((tr("Flash"), tr("fired") if told.flash else tr("did not fire")))
    rows.append((tr("Place"), place(details)))
    if told and told.altitude is not None:
        rows.append((tr("Altitude"), tr("{metres} m", metres=round(told.altitude))))
    return rows


def picture(photo: Photo, told: Particulars | None) -> list[tuple[str, str]]:
    """How large a photo is, and what its file says of its content."""
    rows = [(tr("Size"), pixels(photo.details))]
    if told:
        rows += [
            (tr("Format"), told.format),
            (tr("Colours"), told.profile),
            (tr("Description"), told.description),
            (tr("Author"), told.author),
            (tr("Program"), told.program),
        ]
    return rows


def file(photo: Photo) -> list[tuple[str, str]]:
    """Where a photo lies."""
    changed = ""
    if photo.modified_ns:
        when = datetime.fromtimestamp(photo.modified_ns / 1e9)
        changed = moment(when, QLocale.FormatType.ShortFormat)
    return [
        (tr("Name"), words.name(photo.path)),
        (tr("Address"), words.place(photo.address) if photo.address else ""),
        (tr("Folder"), "" if photo.address else words.place(photo.path.parent)),
        (tr("Bytes"), size(photo.size)),
        (tr("Changed"), changed),
        (tr("State"), tr("offline") if photo.offline else ""),
    ]


def pixels(details: Details) -> str:
    """“6,000 × 4,000 (24 megapixels)”, “250 × 166”; empty where it is unknown."""
    if not details.width:
        return ""
    mega = details.width * details.height / 1e6
    if mega < 0.1:
        return tr("{width} × {height}", width=details.width, height=details.height)
    return tr(
        "{width} × {height} ({mega} megapixels)",
        width=details.width,
        height=details.height,
        mega=number(mega, 0 if mega >= 10 else 1),
    )


def size(bytes_: int) -> str:
    """“8.2 MB”."""
    return locale().formattedDataSize(bytes_, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def moment(when: datetime, form: QLocale.FormatType = QLocale.FormatType.LongFormat) -> str:
    """“Friday, May 3, 2019, 2:05 PM”, as the person's language writes it."""
    date = locale().toString(QDate(when.year, when.month, when.day), form)
    time = locale().toString(QTime(when.hour, when.minute, when.second), QLocale.FormatType.ShortFormat)
    return f"{date}, {time}"


def exposure(told: Particulars) -> str:
    """“1/250 s · f/2.8 · ISO 400 · 50 mm”."""
    parts = []
    if told.exposure_seconds:
        seconds = told.exposure_seconds
        shown = f"1/{number(round(1 / seconds))}" if seconds < 0.3 else number(float(seconds), 1)
        parts.append(tr("{seconds} s", seconds=shown))
    if told.f_number:
        parts.append(f"f/{number(float(told.f_number), 1)}")
    if told.iso:
        parts.append(f"ISO {told.iso}")
    if told.focal_millimetres:
        parts.append(tr("{length} mm", length=round(told.focal_millimetres)))
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def place(details: Details) -> str:
    """“48.2082° N, 16.3738° E”."""
    if details.latitude is None or details.longitude is None:
        return ""
    north = tr("N") if details.latitude >= 0 else tr("S")
    east = tr("E") if details.longitude >= 0 else tr("W")
    latitude, longitude = math.fabs(details.latitude), math.fabs(details.longitude)
    return f"{number(latitude, 4)}° {north}, {number(longitude, 4)}° {east}"


def _add(grid: QGridLayout, title: str, rows: list[tuple[str, str]]) -> None:
    """Add a heading, and below it those rows that say something."""
    heading = QLabel(title)
    heading.setFont(theme.font(1.0, QFont.Weight.DemiBold))
    heading.setAlignment(theme.beginning())
    heading.setContentsMargins(0, theme.MEDIUM if grid.count() else 0, 0, 0)
    grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
    for name, text in rows:
        if text:
            label, value = QLabel(name), _value(name, text)
            label.setProperty("quiet", True)
            label.setBuddy(value)
            at = grid.rowCount()
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, at, 1)


def _value(name: str, text: str) -> QLabel:
    value = QLabel(re.sub(r"([/\\\\_.-])", rf"\1{BREAK}", text))
    value.setProperty(OF, name)
    value.setAccessibleName(text)
    value.setAlignment(theme.beginning() | Qt.AlignmentFlag.AlignTop)
    value.setTextFormat(Qt.TextFormat.PlainText)
    value.setWordWrap(True)
    value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return value


def _copy(place: str) -> None:
    QGuiApplication.clipboard().setText(words.readable(place))
