"""The place of a search: what is searched for above, the photos most like it below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QImage, QKeySequence, QShowEvent
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QVBoxLayout, QWidget

from photosearch.errors import ClusterUnavailable, EncoderFailed, PhotoSearchError, PhotoUnreadable
from photosearch.gui.actions.menus import action
from photosearch.gui.browsing.filters import FilterBar
from photosearch.gui.design import theme
from photosearch.gui.grid.gallery import Gallery
from photosearch.gui.language import tr, trn, words
from photosearch.gui.language.sentences import told
from photosearch.gui.search import query
from photosearch.gui.search.card import HEIGHT
from photosearch.gui.search.history import History
from photosearch.gui.search.query import QueryStrip
from photosearch.gui.search.searches import SavedSearches
from photosearch.gui.session import Session
from photosearch.gui.viewing.reading import picture_of
from photosearch.records import Answer, Example, Filters, Photo, Query
from photosearch.searches import PastSearches, Search

COUNT = 200
"""Matches shown."""

MOST_EXAMPLES = 20
"""More say no more of what is wanted, and each is decoded and has its card."""


class SearchPlace(QWidget):
    """Asks the library for photos like some examples, and asks again whenever the question changes."""

    icon = "search"
    open_wanted = Signal()
    """Ask which picture to search by."""
    left = Signal()
    """The search has ended: back to all photos."""
    wanted = Signal()
    """A search of before is shown again, perhaps from another place."""

    def __init__(self, session: Session, saved: SavedSearches, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = tr("Search")
        self._session, self._saved = session, saved
        self.query: Query | None = None
        self.answer: Answer | None = None
        self._asked_of = 0
        self._unanswered = False
        # Other photos are examples now: what one had scrolled to says nothing of the answer to come.
        self._begins_anew = True
        self._tried_again = False
        # Why which of several pictures that were just chosen was left out; None: what there is was looked at.
        self._left_out: dict[str, str] | None = None
        self._history = History()
        whose = f"archive {quote(session.archive, safe='')}" if session.archive else "photos"
        self._past = PastSearches(session.places.past_searches / whose)
        self._past_is_read = False
        self.strip = QueryStrip()
        self.gallery = Gallery(session)
        self.gallery.grid.setAccessibleName(tr("Photos found"))
        self._again = self.gallery.message.offer(tr("Try again"))
        self._again.clicked.connect(self._ask_again)
        self.filters = FilterBar(session, folders=True)
        self.filters.current = lambda: self.gallery.grid.current
        self.filters.found = lambda: [match.photo for match in self.answer.matches] if self.answer else []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.strip, self.filters, theme.rule()):
            column.addWidget(widget)
        column.addWidget(self.gallery, 1)
        self._make_actions()
        self.strip.open_wanted.connect(self.open_wanted)
        self.strip.clear_wanted.connect(self.clear)
        self.strip.changed.connect(self._change)
        self.strip.settled.connect(self._remember)
        session.narrowed.connect(self._narrow)
        session.told.connect(lambda _: self._keep_answer_fresh())
        self.gallery.grid.let_go.connect(self._keep_answer_fresh)
        session.opened.connect(self._read_saved)
        session.opened.connect(self._read_past)
        session.forgot.connect(self._forget_gone)
        self.clear()

    def shown(self) -> QWidget:
        return self

    def actions_here(self) -> Sequence[QAction]:
        return [self.back, self.forward, self.forget_past, self.save]

    def enter(self) -> None:
        self.gallery.setFocus()

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.back = action(self, tr("Previous Search"), self._go_back, keys.Back, "back")
        self.forward = action(
            self,
            tr("Next Search"),
            lambda: self.show_search(self._history.forward()),
            keys.Forward,
            "forward",
        )
        self.forget_past = action(self, tr("Forget Past Searches"), self._forget_past)
        self.save = action(self, tr("Save This Search…"), self._ask_for_name, keys.Save, "star")
        self.saved_menu = QMenu(tr("Saved Searches"), self)
        self.saved_menu.setAccessibleName(tr("Saved Searches"))
        saved = QToolButton()
        saved.setText(tr("Saved"))
        saved.setIcon(theme.icon("star"))
        saved.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        saved.setMenu(self.saved_menu)
        saved.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        saved.setAccessibleName(tr("Saved Searches"))
        end = QToolButton()
        end.setText(tr("End search"))
        end.setToolTip(tr("Escape") if self._session.archive else tr("Back to all photos (Escape)"))
        end.setProperty("link", True)
        end.clicked.connect(self.clear)
        end.clicked.connect(self.left)
        self._beside: list[QToolButton] = []
        for step in (self.back, self.forward):
            button = QToolButton()
            key = step.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            step.setToolTip(tr("{action} ({key})", action=step.text(), key=key))
            button.setDefaultAction(step)
            button.setIconSize(QSize(18, 18))
            button.setAccessibleName(step.text())
            button.setAccessibleDescription(key)
            self._beside.append(button)
        self._beside += [saved, end]
        for button in self._beside:
            self.strip.buttons.addWidget(button)
        self.strip.buttons.addStretch(1)

    def _order_tabs(self) -> None:
        """Tab goes through the examples, then the buttons beside them, then the filters and the photos."""
        first = next(iter(self.filters.buttons.values()))
        stops = [*self.strip.stops(), *self._beside]
        before: QWidget | None = first.previousInFocusChain()
        while before and (before in stops or not before.focusPolicy() & Qt.FocusPolicy.TabFocus):
            before = before.previousInFocusChain()
        for stop in stops:
            if before:
                QWidget.setTabOrder(before, stop)
            before = stop

    # Asking

    def search(self, examples: Sequence[Example]) -> None:
        """Show the photos most like these; of many the first, and of several those that can be read."""
        if not examples:
            return
        if len(examples) > MOST_EXAMPLES:
            said = tr(
                "Searching by the first {count} of {total} pictures", count=MOST_EXAMPLES, total=len(examples)
            )
            self._session.remarked.emit(said)
        self._ask(tuple(examples[:MOST_EXAMPLES]))
        self._left_out = {}
        self._remember()

    def add(self, photos: Sequence[Photo], weight: float) -> None:
        """Search for photos more, or less, like these too."""
        before = self.query.examples if self.query else ()
        added = {photo.path for photo in photos}
        kept = tuple(example for example in before if example.source not in added)
        self.search((*kept, *(Example(photo.path, weight) for photo in photos)))

    def clear(self) -> None:
        """End the search."""
        self.query = self.answer = None
        self._unanswered = False
        self._session.searching.forget("search")
        self.strip.invite()
        self.gallery.show_matches([])
        if self._session.archive:
            said = tr("Drop a photo or paste a screenshot to see the photos of the archive that are like it.")
        else:
            said = tr(
                "Drop a photo, paste a screenshot, or choose “Find Similar” on any photo of your library."
            )
        self._say("search", tr("Search by picture"), said)
        self._allow()

    def _ask(self, examples: tuple[Example, ...]) -> None:
        """Ask anew; what is shown stays until the answer is here."""
        library = self._session.library
        if library is None:
            return
        known = {example.source for example in self.query.examples} if self.query else set()
        # Why there was no answer to another question is not said of this one.
        nothing_yet = self.query is None or (self.answer is not None and not self.answer.searched)
        if known != {example.source for example in examples}:
            self._begins_anew = True
        self.query = asked = Query(examples, self._session.filters, COUNT)
        self._asked_of = self._session.generation
        self._unanswered = True
        self.strip.ask(examples)
        self._order_tabs()
        for number, example in enumerate(examples):
            if example.source not in known:
                self._session.looking.call(
                    ("card", example.source),
                    partial(picture_of, library, example.source, 3 * HEIGHT),
                    partial(self._show_card, asked, number),
                )
        if nothing_yet:
            self.gallery.show_photos()
        self._tried_again, self._left_out = False, None
        self._begin(asked)
        self._allow()

    def _ask_again(self) -> None:
        if self.query:
            self._ask(self.query.examples)

    def _begin(self, asked: Query) -> None:
        library = self._session.library
        if library:
            self._session.searching.call(
                "search",
                lambda: library.search(asked),
                partial(self._answered, asked),
                partial(self._refused, asked),
            )

    def _change(self, examples: tuple[Example, ...]) -> None:
        self._ask(examples)

    def _narrow(self) -> None:
        if self.query:
            self._ask(self.query.examples)
            self._remember()

    def _keep_answer_fresh(self) -> None:
        """Ask the same question of what was indexed since, without a fuss."""
        library, asked = self._session.library, self.query
        if not library or not asked or not self.answer or self._asked_of == self._session.generation:
            return
        if self._unanswered or self.gallery.grid.is_held:
            # Its answer, or why there is none, must not be dropped for one that nobody waits for, nor a photo
            # move away from the pointer.
            return
        self._asked_of = self._session.generation
        self._session.searching.call("search", lambda: library.search(asked), partial(self._answered, asked))

    def _show_card(self, asked: Query, number: int, image: QImage) -> None:
        example = asked.examples[number]
        examples = self.query.examples if self.query else ()
        for place, other in enumerate(examples):
            if other.source == example.source and not image.isNull():
                self.strip.show_picture(place, image)

    # Answers

    def _answered(self, asked: Query, answer: Answer) -> None:
        before, self.answer, self._unanswered = self.answer, answer, False
        grid = self.gallery.grid
        anew = self._begins_anew or before is None or not before.matches
        self._begins_anew = False
        remembered = grid.remember()
        self.gallery.show_matches(answer.matches)
        self.strip.answer(answer)
        self._show_state(answer)
        if not anew:
            grid.restore(remembered)
        elif answer.matches:
            grid.scrollToTop()
            grid.setCurrentIndex(self.gallery.photos.index(0))
            if not self.strip.isAncestorOf(self.focusWidget() or self):
                grid.setFocus()
        self._allow()
        if self._left_out:
            name, reason = next(iter(self._left_out.items()))
            count, self._left_out = len(self._left_out), None
            if count == 1:
                self._session.remarked.emit(tr("“{name}” was left out. {reason}", name=name, reason=reason))
            else:
                said = tr("{count} files were left out, which cannot be read", count=count)
                self._session.remarked.emit(said)
        self._keep_answer_fresh()

    def _show_state(self, answer: Answer) -> None:
        if answer.matches:
            shown = len(answer.matches)
            said = trn(
                "{n} photo, nothing closer in this library", "The {n} closest photos of this library", shown
            )
            self.gallery.grid.say_at_end(said)
            self.gallery.show_photos()
        elif answer.missing:
            reason = told(next(iter(answer.missing.values())))
            self._say("warning", tr("The archive cannot be searched just now"), reason, may_pass=True)
        elif answer.searched and self._session.filters != Filters():
            self._say(
                "filter", tr("Nothing similar here"), tr("No photo that passes the filters is like this one.")
            )
        elif answer.searched:
            self._say("search", tr("Nothing similar here"), tr("No photo in this library is like this one."))
        elif self._session.archive:
            self._say("photos", tr("Nothing to compare with yet"), tr("The archive is empty."))
        elif self._session.last.step == "watching":
            self._say("photos", tr("Nothing to compare with yet"), tr("Add a folder of photos first."))
        else:
            said = tr("The first photos are being indexed.")
            self._say("photos", tr("Nothing to compare with yet"), said)

    def _refused(self, asked: Query, error: PhotoSearchError) -> None:
        died = isinstance(error, EncoderFailed)
        if died and not self._tried_again:
            # Its process was killed, or ran out of memory: the next one may well do it.
            self._tried_again = True
            self._begin(asked)
            return
        if isinstance(error, PhotoUnreadable) and error.path and self._leave_out(error.path, told(error)):
            return
        self.answer, self._unanswered = Answer((), 0, 0, 0), False
        self.gallery.show_matches([])
        self.strip.give_up()
        gone = isinstance(error, ClusterUnavailable)
        title = tr("The archive cannot be reached") if gone else tr("This cannot be searched for")
        said = told(error)
        if isinstance(error, PhotoUnreadable) and error.path and len(asked.examples) > 1:
            said = tr("“{name}”: {reason}", name=words.name(error.path), reason=said)
        self._say("warning", title, said, died or gone)
        self._allow()

    def _leave_out(self, path: Path, reason: str) -> bool:
        """Ask without one of several pictures that were just chosen; whether they were."""
        left_out, examples = self._left_out, self.query.examples if self.query else ()
        rest = tuple(example for example in examples if example.source != path)
        if left_out is None or not rest:
            return False
        # Nobody wants to come back to what could not be answered.
        current = self._history.current()
        self._history.forget([current] if current else [])
        self._keep_past()
        self._ask(rest)
        self._left_out = left_out | {words.name(path): reason}
        self._remember()
        return True

    def _say(self, drawing: str, title: str, sentence: str, may_pass: bool = False) -> None:
        """Say this in place of the photos; of what may pass, with a button to try again."""
        self._again.setVisible(may_pass)
        self.gallery.say(drawing, title, sentence)

    # Going back and forth

    def _remember(self) -> None:
        """What is searched for now is a place to come back to."""
        if self.query:
            before = self._history.searches
            self._history.visit(Search(self.query.examples, self.query.filters))
            if self._history.searches is not before:
                self._keep_past()
            self._allow()

    def _read_past(self) -> None:
        self._session.reading.call("read past", self._past.all, self._begin_with_past)

    def _begin_with_past(self, searches: list[Search]) -> None:
        searched_already = bool(self._history.searches)
        self._history.begin_with(searches)
        self._past_is_read = True
        if searched_already:
            self._keep_past()
        self._allow()

    def _keep_past(self) -> None:
        # Before those were read that were kept before, they would seem to have been given up.
        keep = partial(self._past.keep, self._history.searches, beside=not self._past_is_read)
        self._session.reading.call("keep past", keep, surely=True)

    def _forget_gone(self) -> None:
        """Forget the searches that were forgotten on disk, with their folder."""

        def forget(gone: list[Search]) -> None:
            self._history.forget(gone)
            self._allow()

        self._session.reading.call("gone past", self._past.gone, forget)

    def _forget_past(self) -> None:
        self._history.forget(self._history.searches)
        # What is still being read would come back.
        self._session.reading.forget("read past")
        self._past_is_read = True
        self._session.reading.call("forget past", self._past.forget, surely=True)
        self._allow()
        self._session.remarked.emit(tr("What was searched for before is forgotten"))

    @property
    def _before(self) -> Search | None:
        """The search one would come back to: whoever ended it, or is elsewhere, to the one that was last."""
        return None if self.query and self.isVisible() else self._history.current()

    def _go_back(self) -> None:
        self.show_search(self._before or self._history.back())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._allow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._allow()

    def show_search(self, search: Search) -> None:
        """Search for this, where it was searched for."""
        filters = self._session.filters
        if search.filters != filters:
            # Asked once, with the filters and the examples of that search.
            self.query = None
            self._session.narrow(search.filters)
        self._ask(search.examples)
        self._remember()
        self.wanted.emit()

    def _allow(self) -> None:
        self.back.setEnabled(self._history.can_go_back or self._before is not None)
        self.forward.setEnabled(self._history.can_go_forward)
        self.forget_past.setEnabled(bool(self._history.searches))
        self.save.setEnabled(self.query is not None)

    # Saved searches

    def _read_saved(self) -> None:
        self._session.reading.call("saved", self._saved.all, self._list_saved, self._session.complain)

    def _list_saved(self, searches: dict[str, Search]) -> None:
        self.saved_menu.clear()
        self.saved_menu.addAction(self.save)
        self.saved_menu.addSeparator()
        forget = QMenu(tr("Forget"), self.saved_menu)
        forget.setAccessibleName(tr("Forget"))
        for name, search in searches.items():
            text = name.replace("&", "&&")
            self.saved_menu.addAction(text).triggered.connect(partial(self._open_saved, search))
            forget.addAction(text).triggered.connect(partial(self._forget, name))
        if searches:
            self.saved_menu.addSeparator()
            self.saved_menu.addMenu(forget)

    def _open_saved(self, search: Search, *_: object) -> None:
        self.show_search(search)

    def _ask_for_name(self) -> None:
        asked = self.query
        if asked is None:
            return
        dialog = QInputDialog(self)
        dialog.setWindowTitle(tr("Save this search"))
        dialog.setLabelText(tr("Name:"))
        dialog.setTextValue(query.called(asked.examples[0]))
        # A name is longer than the field would be.
        dialog.resize(400, dialog.sizeHint().height())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        search = Search(asked.examples, asked.filters)
        dialog.textValueSelected.connect(lambda name: self.save_as(name.strip(), search))
        dialog.open()

    def save_as(self, name: str, search: Search) -> None:
        """Keep a search by a name."""
        if name:
            self._change_saved(name, lambda: self._saved.keep(name, search))
            self._session.remarked.emit(tr("Saved the search “{name}”", name=name))

    def _forget(self, name: str, *_: object) -> None:
        self._change_saved(name, lambda: self._saved.forget(name))

    def _change_saved(self, name: str, change: Callable[[], dict[str, Search]]) -> None:
        subject, complain = ("save", name), self._session.complain
        self._session.reading.call(subject, change, self._list_saved, complain, surely=True)
