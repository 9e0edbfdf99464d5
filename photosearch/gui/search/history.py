"""Where a person was, to go back there and forth."""

from __future__ import annotations

from photosearch.gui.search.searches import Search

KEPT = 100
"""Searches; each may have a pasted picture, and who goes back farther has lost count."""


class History:
    """Searches in the order they were made, and where among them one is."""

    def __init__(self) -> None:
        self._searches: list[Search] = []
        self._at = -1

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._searches) - 1

    def visit(self, search: Search) -> None:
        """Go on to another search; what was ahead is no more."""
        if self._at >= 0 and self._searches[self._at] == search:
            return
        self._searches = [*self._searches[: self._at + 1], search][-KEPT:]
        self._at = len(self._searches) - 1

    def back(self) -> Search:
        """The search before this one, where one is from now on."""
        self._at -= 1
        return self._searches[self._at]

    def forward(self) -> Search:
        """The search after this one, where one is from now on."""
        self._at += 1
        return self._searches[self._at]

    def current(self) -> Search | None:
        """The search one is at."""
        return self._searches[self._at] if self._at >= 0 else None
