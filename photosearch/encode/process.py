"""The encoder in a process of its own, so that what it needs is never loaded beside Qt.

    indexing thread ─ bulk pipe ──┐
                                  ├─→ process: the quick pipe first, then the bulk one → encoder
    searching thread ─ quick pipe ┘

Large requests travel in small batches, so a search waits for one batch at most. The process ends with its
parent, and when nobody asked it anything for a while.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from photosearch import processes
from photosearch.encode.looks import looked
from photosearch.errors import EncoderFailed, PhotoSearchError

BATCH = 64

LAST_SECONDS = 1.0
"""A process that could not load its model tells so whoever asks until nobody did for so long."""

IDLE_SECONDS = 300.0
"""The process ends after so long without a request: it starts again in seconds, at the first hint of one."""

Channel = Literal["quick", "bulk"]


@dataclass(frozen=True, slots=True)
class _Running:
    process: SpawnProcess
    pipes: dict[Channel, Connection]


class EncoderProcess:
    """What `devices.make_encoder` makes, in a process of its own. Any thread may call anything.

    The process is started by `start` or by the first request, and again by the next of either if it died or
    was ended because nothing was asked of it, or could not load the model.

    Args:
        model_path: A model file.
        device: As `devices.make_encoder` takes it.
        identity: The model the file is to hold; if it holds another, every request fails. None: any.
        idle_seconds: The process ends after so long without a request or a `start`.
        gently: Asked before each batch of `encode`: whether to leave half of the processor's cores alone.
    """

    def __init__(
        self,
        model_path: Path,
        device: str = "auto",
        identity: str | None = None,
        idle_seconds: float = IDLE_SECONDS,
        gently: Callable[[], bool] = lambda: False,
    ) -> None:
        self._arguments = (model_path, device, identity)
        self._idle_seconds = idle_seconds
        self._gently = gently
        self._turns: dict[Channel, threading.Lock] = {"quick": threading.Lock(), "bulk": threading.Lock()}
        # Guards all below; notified when the process is given up.
        self._changed = threading.Condition()
        self._running: _Running | None = None
        self._in_flight = 0
        self._used = time.monotonic()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begin to load the model, or keep it for a while longer; returns at once.

        Raises:
            EncoderFailed: No process could be started.
        """
        with self._changed:
            self._used = time.monotonic()
            self._started()

    def encode(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Unit vectors (n, D) and codes (n, M) of photos: uint8 RGB, shape (n, size, size, 3).

        Raises:
            EncoderFailed: The process died, or says why it cannot encode.
        """
        parts = [self._ask("bulk", "encode", batch) for batch in _batches(pixels)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def looked(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors (2, D) of a picture for each look, ahead of all that `encode` was asked for.

        Args:
            pixels: uint8 RGB, shape (size, size, 3).

        Raises:
            EncoderFailed: As above.
        """
        vectors: NDArray[np.float32] = self._ask("quick", "looked", pixels)
        return vectors

    @property
    def device(self) -> str:
        """Where it runs, in words."""
        words: str = self._ask("quick", "device", None)
        return words

    def close(self) -> None:
        """End the process; a request in flight raises EncoderFailed."""
        with self._changed:
            self._closed = True
            running = self._running
        if running is not None:
            self._end(running)

    def _ask(self, channel: Channel, what: str, pixels: NDArray[np.uint8] | None) -> Any:
        with self._turns[channel], self._in_use() as running:
            try:
                running.pipes[channel].send((what, pixels, channel == "bulk" and self._gently()))
                outcome, answer = running.pipes[channel].recv()
            except (EOFError, OSError):
                self._end(running)
                raise EncoderFailed(
                    "Encoding was ended."
                    if self._closed
                    else "The process that encodes photos ended unexpectedly."
                ) from None
            except BaseException:
                # Interrupted between question and answer: the next question would be given this answer.
                self._end(running)
                raise
        if outcome == "unusable":
            # Its model, or its device, may be there when the next request starts another.
            with self._changed:
                self._give_up(running)
        if outcome != "done":
            raise EncoderFailed(answer)
        return answer

    @contextmanager
    def _in_use(self) -> Iterator[_Running]:
        """The process, which does not end for want of work in the block."""
        with self._changed:
            running = self._started()
            self._in_flight += 1
        try:
            yield running
        finally:
            with self._changed:
                self._in_flight -= 1
                self._used = time.monotonic()

    def _started(self) -> _Running:
        """The process, started if there is none. To be called with `_changed` held."""
        if self._closed:
            raise EncoderFailed("Encoding was ended.")
        if self._running is None or not self._running.process.is_alive():
            try:
                self._running = _start(*self._arguments)
            except OSError as error:
                raise EncoderFailed(
                    f"The process that encodes photos could not be started: {error.strerror}."
                ) from error
            self._used = time.monotonic()
            threading.Thread(
                target=self._end_when_idle, args=(self._running,), name="encoder idle", daemon=True
            ).start()
        return self._running

    def _end_when_idle(self, running: _Running) -> None:
        # Decided here and not in the process: who asks takes the same lock, so no request meets its end.
        with self._changed:
            while self._running is running:
                left = self._used + self._idle_seconds - time.monotonic()
                if left <= 0 and not self._in_flight:
                    break
                self._changed.wait(left if left > 0 else self._idle_seconds)
            else:
                return
            self._give_up(running)
        _end(running)

    def _end(self, running: _Running) -> None:
        with self._changed:
            self._give_up(running)
        _end(running)

    def _give_up(self, running: _Running) -> None:
        """Let the next request start another process. To be called with `_changed` held."""
        if self._running is running:
            self._running = None
            self._changed.notify_all()


def _batches(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [pixels[start : start + BATCH] for start in range(0, max(1, len(pixels)), BATCH)]


def _start(model_path: Path, device: str, identity: str | None) -> _Running:
    # Read when the process begins to import numpy: with several threads for each of its many small products
    # making codes takes five times the processor's time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    ours_quick, theirs_quick = context.Pipe()
    ours_bulk, theirs_bulk = context.Pipe()
    process = context.Process(
        target=_serve,
        args=(theirs_quick, theirs_bulk, model_path, device, identity),
        daemon=True,
        name="encoder",
    )
    processes.start(process)
    theirs_quick.close()
    theirs_bulk.close()
    return _Running(process, {"quick": ours_quick, "bulk": ours_bulk})


def _end(running: _Running) -> None:
    running.process.kill()
    running.process.join()


def _serve(quick: Connection, bulk: Connection, model_path: Path, device: str, identity: str | None) -> None:
    """The life of the process."""
    processes.begin()
    try:
        from photosearch.encode.model_file import read_model

        model = read_model(model_path)
        # The process may start hours after the program did, and its codes are kept under this identity.
        if identity is not None and model.spec.identity != identity:
            raise EncoderFailed(
                f"The model file {model_path} was replaced; start PhotoSearch again to use the new one."
            )
        # After the model was found good: with torch this takes seconds.
        from photosearch.encode.devices import make_encoder

        encoder = make_encoder(model, device)
        looked(encoder, np.zeros((1, model.preprocessing.size, model.preprocessing.size, 3), np.uint8))
    # Whatever keeps it from working here (a driver, a library) is told to whoever asks.
    except Exception as error:  # noqa: BLE001
        _refuse([quick, bulk], _sentence(error))
        return
    answers: dict[str, Callable[[Any], Any]] = {
        "encode": encoder.encode,
        # Both at once: a batch of `encode` may wait already.
        "looked": lambda picture: np.concatenate(looked(encoder, picture[None])),
        "device": lambda _: encoder.device,
    }
    while True:
        ready = wait([quick, bulk])
        pipe = quick if quick in ready else bulk
        try:
            what, pixels, gently = pipe.recv()
            try:
                encoder.hold_back(gently)
                answer = answers[what](pixels)
            # One request that fails must not end the process for the others.
            except Exception as error:  # noqa: BLE001
                pipe.send(("failed", _sentence(error)))
                continue
            pipe.send(("done", answer))
        except (EOFError, OSError):
            return


def _refuse(pipes: list[Connection], failure: str) -> None:
    """Tell who asks first, and who asked at the same time."""
    ready = wait(pipes)
    with suppress(EOFError, OSError):
        while ready:
            for pipe in pipes:
                if pipe in ready:
                    pipe.recv()
                    pipe.send(("unusable", failure))
            ready = wait(pipes, LAST_SECONDS)


def _sentence(error: Exception) -> str:
    if isinstance(error, PhotoSearchError):
        return str(error)
    return f"Encoding failed: {str(error).splitlines()[0] if str(error) else type(error).__name__}."
