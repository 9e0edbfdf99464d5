"""Looking at photos: the preview and the comparison over the window, and beside a grid what is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from photosearch.gui.actions.menus import action
from photosearch.gui.design.overlay import Overlay
from photosearch.gui.grid.gallery import Gallery
from photosearch.gui.grid.thumbnails import Thumbnails
from photosearch.gui.language import tr
from photosearch.gui.language.sentences import told
from photosearch.gui.session import Session
from photosearch.gui.viewing.compare import MOST, Compare
from photosearch.gui.viewing.information import Information
from photosearch.gui.viewing.pictures import Pictures
from photosearch.gui.viewing.preview import Preview
from photosearch.records import Photo


class Looking(QObject):
    """Opens what a person looks at photos with; to be stopped with the session."""

    def __init__(self, session: Session, gallery: Callable[[], Gallery | None], below: QWidget) -> None:
        """Begin with nothing in sight.

        Args:
            gallery: The photos that are in sight, if any.
            below: What the preview and the comparison lie over.
        """
        super().__init__(below)
        self._session, self._gallery = session, gallery
        self._pictures: Pictures | None = None
        self.preview = Preview(below)
        self.compare = Compare()
        self.comparison = _Comparison(below, self.compare)
        self.panel = Information()
        self.panel.hide()
        # The photos of which the panel tells.
        self._beside: Gallery | None = None
        self.preview.moved.connect(self._move)
        self.preview.closed.connect(self._back)
        self.compare.closed.connect(self._end_comparison)
        self.panel.wanted.connect(self._ask)
        self.open_preview = action(self, tr("Preview"), self._preview, "Space", "picture")
        self.open_comparison = action(self, tr("Compare"), self._compare, "Ctrl+M", "compare")
        self.show_panel = action(self, tr("Information"), self._show_panel, "Ctrl+I", "information")
        self.show_panel.setCheckable(True)
        # Elsewhere it presses the button that has the focus.
        self.open_preview.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def actions_here(self) -> list[QAction]:
        """What a menu offers."""
        return [self.open_preview, self.open_comparison, self.show_panel]

    def belong_to(self, gallery: Gallery) -> None:
        """Look at the photos of this gallery too."""
        gallery.grid.addAction(self.open_preview)
        moves = gallery.grid.selectionModel().currentChanged
        moves.connect(self.preview.warm)
        moves.connect(partial(self._show_known, gallery))
        gallery.photos.dataChanged.connect(partial(self._show_known, gallery))

    def use(self, thumbnails: Thumbnails) -> None:
        """The library is open: show its photos."""
        library = self._session.library
        assert library
        viewing = library.viewing
        self._pictures = Pictures(
            lambda photo, longest, wanted: viewing.picture(photo.path, longest, wanted), self
        )
        self.preview.use(thumbnails, self._pictures, viewing, self._session.reading)
        self.compare.use(thumbnails, self._pictures, viewing, self._session.reading)

    def close(self) -> None:
        """Another place is shown: nothing lies over it."""
        self.preview.close_preview()
        self.comparison.hide()

    def allow(self) -> None:
        """Enable what can be done with the photos that are chosen now."""
        gallery = self._gallery()
        self.open_preview.setEnabled(gallery is not None and gallery.grid.current is not None)
        # By ranges: of a million photos each one by itself would take a while.
        selection = gallery.grid.selectionModel().selection().toList() if gallery else []
        chosen = sum(part.height() for part in selection)
        self.open_comparison.setEnabled(2 <= chosen <= MOST)
        if gallery is not self._beside:
            self._show_panel()

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        if self._pictures:
            self._pictures.stop()

    def join(self, seconds: float) -> bool:
        """Wait for what is under way; whether it has ended."""
        return self._pictures is None or self._pictures.join(seconds)

    def _preview(self) -> None:
        gallery = self._gallery()
        if gallery:
            self.preview.open(gallery.photos, gallery.grid.currentIndex().row())

    def _compare(self) -> None:
        gallery = self._gallery()
        if gallery:
            self._session.photos("compared", gallery.grid.chosen[:MOST], self.compare_photos)

    def compare_photos(self, photos: list[Photo], deciding: bool = False) -> None:
        """Compare these.

        Args:
            deciding: Whether the person is asked which to keep.
        """
        if len(photos) > 1:
            self.comparison.cover()
            self.compare.show_photos(photos, deciding)

    def _move(self, row: int) -> None:
        gallery = self._gallery()
        if gallery:
            gallery.grid.setCurrentIndex(gallery.photos.index(row))

    def _back(self) -> None:
        gallery = self._gallery()
        if gallery:
            # What the preview wanted is forgotten; the grid says what it wants when it is painted.
            gallery.grid.viewport().update()
            gallery.setFocus()

    def _end_comparison(self) -> None:
        self.comparison.hide()
        self._back()

    def _show_panel(self) -> None:
        gallery = self._beside = self._gallery()
        self.show_panel.setEnabled(gallery is not None)
        self.panel.setVisible(self.show_panel.isChecked() and gallery is not None)
        if gallery:
            self._show_known(gallery)

    def hide_panel(self) -> None:
        """The room is wanted for something else."""
        self.show_panel.setChecked(False)
        self._show_panel()

    def _show_known(self, gallery: Gallery, *changed: object) -> None:
        if self.panel.isVisible() and gallery is self._gallery():
            photo, row = gallery.grid.current, gallery.grid.currentIndex().row()
            self.panel.show_photo(photo, gallery.photos.match_at(row) if photo else None)

    def _ask(self, photo: Photo) -> None:
        self._session.ask(
            "particulars of panel",
            lambda library: library.viewing.particulars(photo.path),
            partial(self.panel.show_particulars, photo),
            lambda error: self.panel.show_problem(photo, told(error)),
        )


class _Comparison(Overlay):
    def __init__(self, below: QWidget, compare: Compare) -> None:
        super().__init__(below)
        self._compare = compare
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(compare)

    def first(self) -> QWidget:
        return self._compare.leading
