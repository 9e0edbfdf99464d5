"""What all our processes have in common: Ctrl+C is not for them, and they end when the program does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing import parent_process, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess


def ending_signals() -> list[signal.Signals]:
    """The signals that ask a program to end: Ctrl+C, a polite kill, a terminal that is closed.

    The last is left out where whoever started the program asked for it to live on, as `nohup` does.
    """
    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals


def start(process: BaseProcess) -> None:
    """Start a process, to which nothing comes of a Ctrl+C before it calls `begin`.

    Raises:
        OSError: No process could be started.
    """
    # Ctrl+C reaches every process of a terminal, also one that is still importing its libraries.
    if hasattr(signal, "pthread_sigmask"):
        # The first process to be started starts this one too, and that would let the signal through again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        process.start()


def begin() -> None:
    """To be called first in the process: leave Ctrl+C to the parent, and end when the parent does."""
    # Threads of torch that wait for each other spin, and so take the cores from those that work: beside other
    # programs the encoder used up to four times the processor's time. Read when such a library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    # In the middle of its work, or of a hang, a process does not see its pipes end.
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
