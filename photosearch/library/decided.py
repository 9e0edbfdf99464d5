"""What a person decided about duplicates: whether it is about two photos, and its way to another library."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import get_args

from photosearch.errors import DecisionsUnreadable
from photosearch.records import Decision, DecisionKind


class Decided:
    """Whether a person decided that two photos are not to be shown together.

    Args:
        ends: Hashes of the photos' ends, by which decisions know them, by id.
    """

    def __init__(self, decisions: Iterable[Decision], ends: dict[int, bytes]) -> None:
        self._ends = ends
        self._copies = Counter(ends.values())
        self._by_contents = defaultdict[bytes, dict[int, int]](dict)
        for decision in decisions:
            for contents, copies in decision.contents.items():
                self._by_contents[contents][decision.id] = copies

    def __call__(self, one: int, other: int) -> bool:
        mine, theirs = self._ends.get(one), self._ends.get(other)
        if mine is None or theirs is None:
            return False
        if mine == theirs:
            # Of copies only so many were decided about as there were.
            return any(copies >= self._copies[mine] for copies in self._by_contents[mine].values())
        return not self._by_contents[mine].keys().isdisjoint(self._by_contents[theirs])


def as_text(decisions: Iterable[Decision]) -> str:
    """Decisions as JSON."""
    listed = [
        {
            "kind": decision.kind,
            "made": decision.made,
            "photos": [
                {"contents": ends.hex(), "copies": copies}
                for ends, copies in sorted(decision.contents.items())
            ],
        }
        for decision in decisions
    ]
    return json.dumps({"photosearch": "decisions", "version": 1, "decisions": listed}, indent=1)


def from_text(text: str) -> list[tuple[DecisionKind, int, dict[bytes, int]]]:
    """What `as_text` was given: of each decision its kind, when it was made, and of which contents how many.

    Raises:
        DecisionsUnreadable: It is nothing that `as_text` made.
    """
    try:
        read = json.loads(text)
        if read["photosearch"] != "decisions" or read["version"] != 1:
            raise ValueError("another version")
        decisions = [
            (
                decision["kind"],
                int(decision["made"]),
                {bytes.fromhex(photo["contents"]): int(photo["copies"]) for photo in decision["photos"]},
            )
            for decision in read["decisions"]
        ]
        if any(kind not in get_args(DecisionKind) for kind, _, _ in decisions):
            raise ValueError("an unknown kind")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DecisionsUnreadable(f"These are no decisions that PhotoSearch exported: {error}.") from None
    return decisions
