"""One window a library: who is started second hands over what it was given, and ends.

Whoever holds the lock has the window; the system releases it when the process dies, however that happens.
Where the window can be called is written beside the lock: a socket in a folder of this user alone, or a named
pipe. What is left of a window that was killed leads nowhere, and the next one to have the lock replaces it.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import filelock

from photosearch.errors import PhotoSearchError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
"""A window that is just being opened, or closed, may take so long to answer, or to be gone."""

ANSWER_SECONDS = 10.0
AGAIN_SECONDS = 0.05
LONGEST = 1_000_000
FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
TAKEN = b"taken"


@dataclass(frozen=True, slots=True)
class Given:
    """What the program was started with.

    Attributes:
        folders: To be watched.
        photo: To be searched for.
    """

    folders: tuple[Path, ...] = ()
    photo: Path | None = None


class Instance:
    """The one program that shows the window of a library."""

    def __init__(self, folder: Path, patience: float = PATIENCE_SECONDS) -> None:
        """Nothing is taken yet.

        Args:
            folder: Where the library is; the lock and the address are kept there.
            patience: A window that does not answer is called again for so many seconds.
        """
        self._patience = patience
        self._address = folder / "window.address"
        self._lock = filelock.FileLock(folder / "window.lock", timeout=0, thread_local=False)
        self._listener: Listener | None = None
        self._closed = False

    def take_or_hand_over(self, given: Given) -> bool:
        """Become the one that shows the window, or hand over to it what was given; whether this is the one.

        Raises:
            PhotoSearchError: A window is open, but it does not answer.
        """
        end = time.monotonic() + self._patience
        while not self._take():
            if self._hand_over(given):
                return False
            if time.monotonic() > end:
                raise PhotoSearchError(
                    f"The window of the library in {self._address.parent} is open, but does not answer."
                )
            time.sleep(AGAIN_SECONDS)
        return True

    def answer(self, receive: Callable[[Given], bool]) -> None:
        """From now on take what others hand over.

        Args:
            receive: Called in a thread of its own; whether it took what was given.
        """
        if not self._lock.is_locked:
            return
        try:
            self._remove_what_is_left()
            self._listener = listener = Listener(family=FAMILY, backlog=16)
            self._address.write_text(str(listener.address), encoding="utf-8")
        except OSError:
            # A window that cannot be called is still a window.
            logger.warning("No second start can be answered", exc_info=True)
            return
        threading.Thread(target=self._answer, args=(listener, receive), name="instance", daemon=True).start()

    def close(self) -> None:
        """Let the next one have the window."""
        self._closed = True
        if self._listener is not None:
            self._listener.close()
            with suppress(OSError):
                self._address.unlink()
        self._lock.release()

    def _take(self) -> bool:
        try:
            self._address.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout:
            return False
        except OSError:
            # Where nothing can be written nobody can tell of a window; the library says what is wrong.
            logger.warning("The window cannot be locked", exc_info=True)
        return True

    def _hand_over(self, given: Given) -> bool:
        """Whether somebody took what was given."""
        photo = str(given.photo) if given.photo else None
        message = {"folders": [str(path) for path in given.folders], "photo": photo}
        try:
            with Client(self._address.read_text(encoding="utf-8"), FAMILY) as window:
                window.send_bytes(json.dumps(message).encode())
                return window.poll(ANSWER_SECONDS) and window.recv_bytes(len(TAKEN)) == TAKEN
        except (EOFError, OSError, ValueError):
            return False

    def _answer(self, listener: Listener, receive: Callable[[Given], bool]) -> None:
        while not self._closed:
            try:
                with listener.accept() as caller:
                    given = _read(caller)
                    if given and receive(given):
                        caller.send_bytes(TAKEN)
            except (EOFError, OSError):
                # The caller went away, and asks again if it wants to.
                time.sleep(AGAIN_SECONDS)

    def _remove_what_is_left(self) -> None:
        """Remove the socket of a window that was killed."""
        with suppress(OSError, ValueError):
            left = Path(self._address.read_text(encoding="utf-8"))
            if left.is_socket():
                left.unlink()
                left.parent.rmdir()


def _read(caller: Connection) -> Given | None:
    if not caller.poll(ANSWER_SECONDS):
        return None
    try:
        message = json.loads(caller.recv_bytes(LONGEST))
        photo = message["photo"]
        return Given(tuple(Path(path) for path in message["folders"]), Path(photo) if photo else None)
    except (ValueError, KeyError, TypeError):
        return None
