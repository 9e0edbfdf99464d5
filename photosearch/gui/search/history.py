"""Where a person was, to go back there and forth."""

from __future__ import annotations

from collections.abc import Sequence

from photosearch.searches import Search

KEPT = 100
"""Searches; each may have a pasted picture, and who goes back farther has lost count."""


class History:
    """Searches in the order they were made, and where among them one is."""

    def __init__(self) -> None:
        self._searches: list[Search] = []
        self._at = -1

    @property
    def searches(self) -> list[Search]:
        """All of them: a new list at each change."""
        return self._searches

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._searches) - 1

    def begin_with(self, searches: Sequence[Search]) -> None:
        """Put what was searched for before the program was started behind all else."""
        from_the_end = len(self._searches) - self._at
        self._searches = [*searches, *self._searches][-KEPT:]
        self._at = len(self._searches) - from_the_end

    def visit(self, search: Search) -> None:
        """Go on to another search; what was ahead is no more."""
        if self._at >= 0 and self._searches[self._at] == search:
            return
        self._searches = [*self._searches[: self._at + 1], search][-KEPT:]
        self._at = len(self._searches) - 1

    def forget(self, gone: Sequence[Search]) -> None:
        """Forget some; who is at one of them is at the one before it from then on."""
        left = [not any(search is one for one in gone) for search in self._searches]
        self._at -= left[: self._at + 1].count(False)
        self._searches = [search for search, stays in zip(self._searches, left, strict=True) if stays]

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
