"""A window on an archive that a cluster serves: it is searched and looked at, and never changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from photosearch.gui.actions.menus import action, fill
from photosearch.gui.design import theme
from photosearch.gui.language import tr
from photosearch.gui.search.searches import SavedSearches
from photosearch.gui.search_place import SearchPlace
from photosearch.gui.session import Session, Stoppable
from photosearch.gui.shell import Shell
from photosearch.records import Answer, Filters, Photo, Query
from photosearch.settings import Places

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.library.viewing import Viewing


class Archive(Protocol):
    """What a window asks of an archive: of a library that which searches it and shows its photos."""

    viewing: Viewing

    def connect(self) -> int:
        """Find what is served; how many photos that are."""
        ...

    def warm(self) -> None: ...

    def search(self, query: Query) -> Answer: ...

    def photos(self, ids: Sequence[int]) -> list[Photo]: ...

    def thumbnail(self, photo: Photo) -> bytes | None: ...

    def close(self) -> None: ...


class ArchiveSession(Session):
    """An archive, open in one window: asked, and never changed.

    Attributes:
        photos_served: How many photos answered when it was opened.
    """

    def __init__(self, archive: Archive, address: str, places: Places) -> None:
        # What shows an answer asks for no more of a library than an archive has.
        super().__init__(lambda: cast("Library", archive), places)
        self.archive, self.photos_served = address, 0
        self._served = archive

    def open(self, folders: Sequence[Path] = ()) -> None:
        def show(count: int) -> None:
            self.library, self.photos_served = self._open_library(), count
            self.opened.emit()

        # Not in the reading thread: nothing else waits for a cluster that does not answer.
        self._listing.call("open", self._served.connect, show, self.failed.emit)

    def narrow(self, filters: Filters) -> None:
        if filters != self.filters:
            self.filters = filters
            self.narrowed.emit()

    def warm(self) -> None:
        if self.library:
            self.searching.call("warm", self._served.warm)

    def end(self, others: Sequence[Stoppable]) -> None:
        # First, as whoever waits for the cluster is told by that to wait no longer.
        self._served.close()
        super().end(others)


class ArchiveWindow(Shell):
    """Shows an archive in place of the photos of this computer."""

    def __init__(
        self,
        open_archive: Callable[[str], Archive],
        address: str,
        places: Places,
        photo: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        session = ArchiveSession(open_archive(address), address, places)
        search = SearchPlace(session, SavedSearches(places.data / "searches.json"))
        super().__init__(session, [search], search, photo, parent)
        self.setWindowTitle(tr("Archive at {address}", address=address) + " – PhotoSearch")
        self.banner = _Banner(address)
        self.rows.insertWidget(1, self.banner)
        self.own = action(self, tr("Back to My Photos"), self._go_back, "Ctrl+Shift+B", "photos")
        self.end_search = action(
            self, tr("End Search"), search.clear, QKeySequence.StandardKey.Cancel, "back"
        )
        self._make_menus()
        self.banner.back.clicked.connect(self.own.trigger)
        session.opened.connect(self._show)
        self.allow()

    def _make_menus(self) -> None:
        search = [*self.search_place.actions_here(), self.search_place.saved_menu.menuAction()]
        menus: list[tuple[str, list[QAction | None]]] = [
            (tr("&File"), [self.open_picture, None, self.own, None, self.leave]),
            (tr("&Edit"), [self.paste, self.select_all, None, self.preferences]),
            (tr("&Photo"), [*self.looking.actions_here(), None, *self.photo_actions.all()]),
            (tr("&View"), [self.end_search, None, self.larger, self.smaller]),
            (tr("&Search"), [*search]),
            (tr("&Help"), [self.palette_of_commands, self.show_keys, None, self.about]),
        ]
        fill(self.menuBar(), menus)

    def say_opening(self) -> None:
        said = tr("If it does not answer, you will be told within a minute.")
        self.opening.say("search", tr("Connecting to the archive…"), said)

    def say_problem(self, sentence: str) -> None:
        self.problem.say("warning", tr("The archive cannot be reached"), sentence)

    def take_folders(self, folders: Sequence[Path]) -> None:
        self.remark(tr("An archive takes no folders: go back to your photos to add one."))

    def allow(self) -> None:
        super().allow()
        self.end_search.setEnabled(self.search_place.query is not None)

    def _show(self) -> None:
        assert isinstance(self.session, ArchiveSession)
        self.status.show_searchable(self.session.photos_served)
        self.go_to(self.search_place)
        # Not at the way back: who presses a key now does not mean that.
        self.search_place.strip.setFocus()

    def _go_back(self) -> None:
        self.session.choose("archive", "", lambda: self.library_wanted.emit(""))


class _Banner(QFrame):
    """Says which library is shown, with the way back."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.setAccessibleName(tr("Which library is shown"))
        self.text = theme.Line(tr("Archive at {address} · read-only", address=address))
        self.back = QPushButton(tr("Back to my photos"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        row.setSpacing(theme.MEDIUM)
        row.addWidget(theme.Drawing("lock", 18))
        row.addWidget(self.text, 1)
        row.addWidget(self.back)
