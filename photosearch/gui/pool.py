"""Threads that make what is wanted most: all that is wanted is said at once, and the rest is not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Wish = TypeVar("Wish", bound=Hashable)


class Pool(Generic[Wish]):
    """Makes wishes come true in a few threads. A wish is under way until it is said to be finished."""

    def __init__(self, name: str, threads: int, make: Callable[[Wish], None]) -> None:
        """Begin with nothing.

        Args:
            make: Called with a wish in one of the threads; whoever gets what it made calls `finish`.
        """
        self._make = make
        # The most wanted is the last, and taken first.
        self._waiting: list[Wish] = []
        self._wanted: frozenset[Wish] = frozenset()
        self._under_way: set[Wish] = set()
        self._changed = threading.Condition()
        self.stopping = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def want(self, wishes: Sequence[Wish]) -> None:
        """Make these, in this order, and nothing else; what is under way is not begun twice."""
        with self._changed:
            self._wanted = frozenset(wishes)
            self._waiting = [wish for wish in reversed(wishes) if wish not in self._under_way]
            self._changed.notify_all()

    def wants(self, wish: Wish) -> bool:
        """Whether this is still wanted. Any thread may ask."""
        return wish in self._wanted

    def finish(self, wish: Wish, again: bool = False) -> None:
        """What came of a wish is here; make it once more if it is still wanted and was given up."""
        with self._changed:
            self._under_way.discard(wish)
            if again and wish in self._wanted and not self.stopping:
                self._waiting.append(wish)
                self._changed.notify()

    @property
    def idle(self) -> bool:
        """Whether nothing waits or is under way."""
        with self._changed:
            return not self._waiting and not self._under_way

    def stop(self) -> None:
        """Begin nothing more; does not wait."""
        with self._changed:
            self.stopping = True
            self._waiting, self._wanted = [], frozenset()
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait for the threads after `stop`; whether all have ended."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self.stopping)
                if self.stopping:
                    return
                wish = self._waiting.pop()
                self._under_way.add(wish)
            self._make(wish)
            del wish
