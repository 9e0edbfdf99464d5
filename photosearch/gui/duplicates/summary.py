"""Before files go to the trash, while they go, and afterwards: pages of the window, no questions over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.design import theme
from photosearch.gui.design.sideways import Sideways
from photosearch.gui.duplicates import words as in_words
from photosearch.gui.duplicates.work import Summary
from photosearch.gui.grid.lines import Line, LineList
from photosearch.gui.language import number, tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.records import Details, Photo, Progress, Removal

WIDEST = 880
"""Of what is read on such a page, in pixels of a 1× screen."""

FOLDERS = 4
"""Named before the rest is counted."""

NO_TRASH = "has no trash"
"""What the library says of a file whose volume has none; see docs/DUPLICATES.md."""


class _Sheet(QWidget):
    """A title, sentences and a list in the middle of the place, scrolled where it is low; buttons below."""

    def __init__(self, listed: str, pictures: bool = False) -> None:
        super().__init__()
        self.title, self.told = QLabel(), quiet_label()
        self.title.setFont(theme.font(1.6, QFont.Weight.DemiBold))
        self.title.setWordWrap(True)
        self.list = LineList(listed, pictures)
        inside = QWidget()
        self.column = QVBoxLayout()
        self.column.setContentsMargins(theme.LARGE, theme.HUGE, theme.LARGE, theme.SMALL)
        self.column.setSpacing(theme.MEDIUM)
        self.column.addWidget(self.title)
        self.column.addWidget(self.told)
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.LARGE)
        self.buttons.setSpacing(theme.MEDIUM)
        self.buttons.addStretch(1)
        inside.setLayout(_in_the_middle(self.column))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(theme.scrolled(inside), 1)
        whole.addLayout(_in_the_middle(self.buttons))

    def finish(self, *buttons: QPushButton) -> None:
        self.column.addWidget(self.list, 1)
        for button in buttons:
            self.buttons.addWidget(button)

    def say(self, title: str, sentence: str) -> None:
        self.title.setText(title)
        self.told.setText(sentence)
        self.setAccessibleName(f"{title}. {sentence}")


def _in_the_middle(layout: QLayout) -> QHBoxLayout:
    middle = QWidget()
    middle.setMaximumWidth(WIDEST)
    middle.setLayout(layout)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addStretch(1)
    row.addWidget(middle, 100)
    row.addStretch(1)
    return row


class SummaryPage(_Sheet):
    """What would happen."""

    go_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Photos that would go to the trash"), pictures=True)
        self.summary: Summary | None = None
        figures = QWidget()
        self._figures = QGridLayout(figures)
        self._figures.setContentsMargins(0, 0, 0, 0)
        self._figures.setHorizontalSpacing(theme.HUGE)
        self._figures.setVerticalSpacing(0)
        self._counts = []
        for at in range(4):
            count, name = QLabel(), quiet_label()
            count.setFont(theme.font(1.5, QFont.Weight.DemiBold))
            name.setWordWrap(False)
            self._figures.addWidget(count, 0, at)
            self._figures.addWidget(name, 1, at)
            self._counts.append((count, name))
        self._figures.setColumnStretch(4, 1)
        self.column.addWidget(Sideways(figures))
        self.facts = quiet_label()
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column.addWidget(self.facts)
        self.back = theme.button(tr("Back"), "back")
        self.back.clicked.connect(self.back_wanted)
        self.go = QPushButton()
        self.go.setProperty("primary", True)
        self.go.clicked.connect(self.go_wanted)
        self.finish(self.back, self.go)

    def show_summary(self, summary: Summary) -> None:
        """Say what would happen."""
        self.summary = summary
        plan = summary.plan
        photos = words.photos(plan.files)
        self.say(
            tr("{photos} to the trash", photos=photos),
            tr(
                "Just before each one is moved, the photo that stays in its place is read again: if it is "
                "not the same shot any more, nothing is moved. Nothing is deleted."
            ),
        )
        figures = [
            (number(plan.files), trn("photo goes", "photos go", plan.files)),
            (number(len(plan.choices)), trn("group keeps one", "groups keep one each", len(plan.choices))),
            (words.size(plan.bytes), tr("free once the trash is emptied")),
            (number(plan.sidecars), trn("sidecar follows", "sidecars follow", plan.sidecars)),
        ]
        for (count, name), (figure, text) in zip(self._counts, figures, strict=True):
            count.setText(figure)
            name.setText(text)
            for label in (count, name):
                label.setVisible(text != figures[3][1] or plan.sidecars > 0)
        self.facts.setText("\n".join(self._in_words(summary)))
        stays = [
            Line("warning", tr("stays"), told(why), photo, warns=True) for photo, _, why in plan.left_out
        ]
        goes = [
            Line("trash", words.size(photo.size), _going(photo.path, choice.keep[0].path), photo)
            for choice in plan.choices
            for photo in choice.remove
        ]
        self.list.lines.show_lines([*stays, *goes])
        self.go.setText(tr("Move {photos} to the trash", photos=photos))
        # Not at the button that moves: Enter, pressed once too often, is to do nothing.
        self.list.setFocus()

    def _in_words(self, summary: Summary) -> list[str]:
        said = []
        for volume, count in sorted(summary.trashes.items()):
            photos = words.photos(count)
            if volume:
                said.append(tr("{photos} → the trash of the volume “{name}”", photos=photos, name=volume))
            else:
                said.append(tr("{photos} → the trash of this computer", photos=photos))
        folders = Counter(photo.path.parent for choice in summary.plan.choices for photo in choice.remove)
        named = [
            tr("{folder} ({count})", folder=words.readable(str(path)), count=count)
            for path, count in folders.most_common(FOLDERS)
        ]
        if len(folders) > FOLDERS:
            named.append(trn("{n} more folder", "{n} more folders", len(folders) - FOLDERS))
        said.append(tr("From: {folders}", folders=", ".join(named)))
        if summary.plan.left_out:
            count = len(summary.plan.left_out)
            said.append(
                trn(
                    "{n} photo stays, although it was marked; the reason stands beside it.",
                    "{n} photos stay, although they were marked; the reason stands beside each.",
                    count,
                )
            )
        if summary.plan.sidecars:
            said.append(tr("Ratings and tags in a sidecar go to the photo that stays, if it has no sidecar."))
        if summary.references:
            folders_named = ", ".join(words.readable(str(path)) for path in summary.references)
            said.append(tr("Never touched: {folders}", folders=folders_named))
        return said


class WorkingPage(QWidget):
    """How far it has come."""

    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._file = QLabel(), theme.Line()
        self._title.setFont(theme.font(1.3, QFont.Weight.DemiBold))
        self._file.setProperty("quiet", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(tr("Progress"))
        self.stop = QPushButton(tr("Stop"))
        self.stop.clicked.connect(self.stop_wanted)
        column = QVBoxLayout()
        column.setSpacing(theme.MEDIUM)
        for widget in (self._title, self.bar, self._file):
            column.addWidget(widget)
        column.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QWidget()
        middle.setMaximumWidth(560)
        middle.setLayout(column)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(4)
        whole.addLayout(row)
        whole.addStretch(5)

    def show_progress(self, now: Progress) -> None:
        """Say how far it has come."""
        self._title.setText(in_words.progress(now))
        self.bar.setRange(0, now.total or 0)
        self.bar.setValue(now.done)
        self._file.setText(words.readable(now.message))
        self.setAccessibleName(self._title.text())


class ResultPage(_Sheet):
    """What became of each file."""

    done_wanted = Signal()
    undo_wanted = Signal(int)
    """Put this batch back."""
    holding_wanted = Signal()
    """Move what has no trash to a folder in plain sight."""

    def __init__(self) -> None:
        super().__init__(tr("What became of each file"))
        self.removals: list[Removal] = []
        self.holding = QPushButton(tr("Move these to a holding folder…"))
        self.holding.clicked.connect(self.holding_wanted)
        self.undo = theme.button(tr("Undo"), "undo")
        self.undo.clicked.connect(lambda: self.undo_wanted.emit(self.removals[0].batch))
        self.done = QPushButton(tr("Done"))
        self.done.setProperty("primary", True)
        self.done.clicked.connect(self.done_wanted)
        self.finish(self.undo, self.holding, self.done)

    def show_removals(self, removals: Sequence[Removal]) -> None:
        """Say what became of these; what was refused first."""
        self.removals = list(removals)
        done = [each for each in removals if each.state == "done"]
        undone = [each for each in removals if each.state == "undone"]
        failed = [each for each in removals if each.state in ("failed", "begun")]
        no_trash = [each for each in failed if NO_TRASH in each.reason]
        title = trn("{n} file is in the trash", "{n} files are in the trash", len(done))
        sentence = tr("Each was checked to be gone from its place, and the photo kept for it to be there.")
        if undone:
            title = trn("{n} file is back where it was", "{n} files are back where they were", len(undone))
            sentence = tr("Nothing of them was changed.")
            if done:
                sentence = trn(
                    "{n} file could not be put back; the reason stands beside it.",
                    "{n} files could not be put back; the reason stands beside each.",
                    len(done),
                )
        elif failed:
            title = title if done else tr("Nothing was moved")
            sentence = trn(
                "{n} file stayed where it is; the reason stands beside it.",
                "{n} files stayed where they are; the reason stands beside each.",
                len(failed),
            )
        if not removals:
            title, sentence = tr("Nothing was moved"), tr("It was stopped before the first file.")
        if no_trash:
            sentence += " " + tr(
                "A volume without a trash can have a folder “Removed by PhotoSearch” at its top instead, "
                "in plain sight."
            )
        self.say(title, sentence)
        self.list.lines.show_lines([_line(each) for each in (*failed, *done, *undone)])
        self.undo.setVisible(any(each.place is not None for each in done))
        self.holding.setVisible(bool(no_trash))
        self.done.setFocus()


def _line(removal: Removal) -> Line:
    photo = Photo(-removal.id, removal.path, 0, 0, Details(0, 0), False)
    if removal.state == "done":
        held = removal.place is not None and removal.place.parent.name != "files"
        gone = tr("in the holding folder") if held else tr("in the trash")
        detail = told(removal.reason) or folder(removal.path)
        return Line("trash", gone, detail, photo, warns=bool(removal.reason))
    if removal.state == "undone":
        return Line("undo", tr("back"), folder(removal.path), photo)
    return Line("warning", tr("stayed"), told(removal.reason), photo, warns=True)


def folder(path: Path) -> str:
    """The folder of a file, for reading."""
    return words.readable(str(path.parent))


def _going(path: Path, kept: Path) -> str:
    """From where a file goes, and what stays in its place: by its name if it lies beside it."""
    stays = words.name(kept) if kept.parent == path.parent else words.readable(str(kept))
    return tr("{folder} · stays: {kept}", folder=folder(path), kept=stays)


def quiet_label() -> QLabel:
    """A label of quiet words that may take several lines."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("quiet", True)
    label.setMinimumSize(QSize(0, 0))
    return label
