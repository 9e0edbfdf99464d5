"""The log, for what goes wrong unseen."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from photosearch import __version__

logger = logging.getLogger(__name__)


def log_to(folder: Path) -> None:
    """Keep what goes wrong unseen in a file, two megabytes at most: warnings, tracebacks of our mistakes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            folder / "photosearch.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        # Nowhere to write: the command itself will say so if it needs to write too.
        return
    # Nor is it told of each line that a full disk does not take.
    logging.raiseExceptions = False
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[file]
    )
    shown, shown_of_thread = sys.excepthook, threading.excepthook

    def keep(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            logger.critical("PhotoSearch %s made a mistake", __version__, exc_info=(kind, error, trace))
        shown(kind, error, trace)

    def keep_of_thread(mistake: threading.ExceptHookArgs) -> None:
        thread, error = mistake.thread.name if mistake.thread else "a thread", mistake.exc_value
        if isinstance(error, Exception):
            logger.critical("PhotoSearch %s made a mistake in %s", __version__, thread, exc_info=error)
        shown_of_thread(mistake)

    sys.excepthook, threading.excepthook = keep, keep_of_thread
