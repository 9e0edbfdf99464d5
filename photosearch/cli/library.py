"""What the library has in it: index, watch, folders, status, failures, verify."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from photosearch.cli.options import global_arguments, library_of, places_of
from photosearch.cli.output import byte_count, is_read, photo_count, print_answer
from photosearch.cli.progress import finished, shown
from photosearch.errors import LibraryBusy, PhotoSearchError
from photosearch.processes import ending_signals
from photosearch.records import Root, Tally


def index(options: argparse.Namespace) -> int:
    """Add the folders and bring the library up to date."""
    with library_of(options) as library:
        for folder in options.folders:
            library.add_folder(folder)
        if not library.folders():
            raise PhotoSearchError(
                "No folder is watched yet: name one, as in “photosearch index ~/Pictures”."
            )
        start = time.monotonic()
        tally = Tally()
        try:
            for progress in shown(library.update()):
                tally = progress.tally
        except LibraryBusy as error:
            if not options.folders:
                raise
            raise LibraryBusy(
                f"{error} The folder is watched now: a window, or “photosearch watch”, takes it up by itself."
            ) from None
        answer = _tally_answer(tally, time.monotonic() - start)
        failures = len(library.failures())
    lines = [
        f"{photo_count(tally.photos)}: {tally.encoded} encoded ({tally.updated} of them changed), "
        f"{tally.copied} copies of known ones, {tally.moved} moved, "
        f"{tally.removed} removed, {tally.offline} offline, {tally.unreadable} unreadable; "
        f"{answer['seconds']:.1f} s."
    ]
    if failures:
        lines.append("See why some could not be read:  photosearch failures")
    return print_answer(options, answer, lines)


def watch(options: argparse.Namespace) -> int:
    """Bring the library up to date, then follow changes until stopped."""
    with library_of(options) as library:
        if not library.folders():
            raise PhotoSearchError("No folder is watched yet: add one with “photosearch folders add FOLDER”.")
        start = time.monotonic()
        told = None
        with _asked_to_stop() as asked:
            for progress in shown(library.follow()):
                tally = progress.tally
                if tally != told and (progress.published or progress.step == "watching"):
                    told = tally
                    answer = _tally_answer(tally, time.monotonic() - start)
                    text = f"{photo_count(tally.photos)}: {tally.encoded} encoded, {tally.moved} moved, "
                    text += f"{tally.removed} removed, {tally.unreadable} unreadable."
                    print_answer(options, answer, [text])
                if asked or not is_read():
                    break
    return 0


def folders(options: argparse.Namespace) -> int:
    """What the library watches."""
    answer: dict[str, Any] = {}
    lines = []
    with library_of(options) as library:
        if options.action == "add":
            library.add_folder(options.folder)
        elif options.action == "remove":
            library.remove_folder(options.folder)
        elif options.action == "forget":
            answer["forgotten"] = library.forget_missing(options.folder)
            lines.append(
                f"{photo_count(answer['forgotten'])} forgotten that were missing below {options.folder}."
            )
        roots = library.folders()
    answer["folders"] = [
        {
            "path": str(root.path),
            "volume": root.volume,
            "state": root.state,
            "photos": root.photos,
            "missing": root.missing,
        }
        for root in roots
    ]
    for root in roots:
        lines.append(f"{root.path}  {root.state}, {photo_count(root.photos)}")
        if root.state == "polled":
            lines.append("    It tells of no changes, so it is looked through every minute, or less often.")
        lines += [f"    {line}" for line in _away(options, root)]
    return print_answer(options, answer, lines or ["No folder is watched yet."])


def status(options: argparse.Namespace) -> int:
    """The state of everything."""
    with library_of(options) as library:
        state = library.status()
        away = [line for root in library.folders() for line in _away(options, root)]
    answer = dataclasses.asdict(state)
    lines = [
        f"{photo_count(state.photos)}: {state.encoded} encoded, {state.waiting} waiting, "
        f"{state.offline} offline, {state.unreadable} unreadable.",
        f"Model {state.model.identity}: {state.model.method}, {state.model.bytes} bytes a photo.",
    ]
    if state.searched_by != state.model:
        lines.append(f"Until all is encoded by it, model {state.searched_by.identity} answers.")
    on_disk = ", ".join(f"{what} {byte_count(size)}" for what, size in state.bytes.items())
    lines += [f"On disk: {on_disk}.", f"Engine: {state.engine}."]
    return print_answer(options, answer, [*lines, *away])


def failures(options: argparse.Namespace) -> int:
    """What could not be read, and why."""
    with library_of(options) as library:
        listed = library.failures()
        retried = library.retry_failures() if options.retry else 0
    answer: dict[str, Any] = {"failures": [{"path": str(one.path), "reason": one.reason} for one in listed]}
    lines = [line for one in listed for line in (str(one.path), f"    {one.reason}")]
    if options.retry:
        answer["retried"] = retried
        lines.append(f"{photo_count(retried)} will be tried again by the next “photosearch index”.")
    return print_answer(options, answer, lines or ["Every photo could be read."])


def verify(options: argparse.Namespace) -> int:
    """Read back everything the library keeps; --repair mends what is wrong."""
    from photosearch.library.verifying import verify as verify_library

    verified = finished(verify_library(places_of(options), options.repair))
    lines = [*verified.problems, *verified.repaired]
    lines += ["Everything is sound."] if verified.ok else []
    if verified.problems and not options.repair:
        lines.append("To mend what can be mended:  photosearch verify --repair")
    print_answer(options, dataclasses.asdict(verified), lines)
    return 0 if verified.ok else 1


def _tally_answer(tally: Tally, seconds: float) -> dict[str, Any]:
    rate = tally.encoded / seconds if seconds else 0.0
    return {**dataclasses.asdict(tally), "seconds": round(seconds, 3), "photos_per_second": round(rate, 1)}


def _away(options: argparse.Namespace, root: Root) -> list[str]:
    """What a person can do about photos of a folder that are not there."""
    if root.state == "offline":
        return [f"Offline: plug in the drive of {root.path}. Its photos can be found all the same."]
    if root.missing:
        forget = shlex.join(["photosearch", *global_arguments(options), "folders", "forget", str(root.path)])
        return [f"{photo_count(root.missing)} missing from {root.path}. If deleted on purpose:  {forget}"]
    return []


@contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """The signals that asked for an end.

    The first is only noted, so that whoever looks can end where nothing is under way; a second one interrupts
    whatever is.
    """
    asked: list[int] = []
    signals = ending_signals()
    before = {number: signal.getsignal(number) for number in signals}

    def note(number: int, _: object) -> None:
        asked.append(number)
        for each in signals:
            signal.signal(each, before[each])

    for number in signals:
        # Who starts a command in the background of a script leaves Ctrl+C to the script.
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, note)
    try:
        yield asked
    finally:
        for number in signals:
            signal.signal(number, before[number])
