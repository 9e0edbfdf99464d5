"""The command line: one function a command. The only room that prints and exits."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import os
import platform
import re
import select
import shlex
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeVar

from photosearch import __version__
from photosearch.errors import (
    FolderUnavailable,
    LibraryBusy,
    PhotoSearchError,
    TrainingFailed,
)
from photosearch.files import absolute, replacing
from photosearch.processes import ending_signals
from photosearch.records import (
    METHODS,
    PROTOCOLS,
    WHOLE,
    Answer,
    Box,
    Circle,
    Example,
    Filters,
    Group,
    Photo,
    Progress,
    Query,
    Removal,
    Root,
    Tally,
)
from photosearch.settings import Places, Settings, read_settings, resources

if TYPE_CHECKING:
    from photosearch.cluster.archive import Archive
    from photosearch.library import Library

# Rooms that take long to import (Qt, torch) are imported by the command that needs them.

Command = Callable[[argparse.Namespace], int]
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 something in the world was wrong, 2 wrong usage, 130 stopped.
    """
    _ready_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(_with_command(_with_place(given)))
    for number in ending_signals()[1:]:
        signal.signal(number, signal.default_int_handler)
    try:
        _log_to(_places(options).logs)
        return options.run(options)
    except PhotoSearchError as error:
        where = getattr(error, "path", None)
        _tell(f"{where}: {error}" if where else str(error))
        return 1
    except KeyboardInterrupt:
        _tell("Stopped; what was done is kept.")
        return 130
    except BrokenPipeError:
        # The reader of our answer has gone (`photosearch failures | head`); nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def window(options: argparse.Namespace) -> int:
    """Open the window, or do its job in the terminal where there is none to open."""
    target = absolute(options.target) if options.target else None
    if target and not os.path.exists(target):
        raise PhotoSearchError(f"{target} does not exist.")
    folder = target if target and os.path.isdir(target) else None
    photo = target if target and not folder else None
    places, settings = _places(options), _settings(options)
    why_not = _no_window()
    if not why_not:
        from photosearch.gui.app import run

        return run(places, settings, partial(_archive, settings), [folder] if folder else [], photo)
    _tell(why_not)
    if photo:
        return search(_parser().parse_args(_globals(options) + ["search", str(photo)]))
    status = index(_parser().parse_args(_globals(options) + ["index"] + ([str(folder)] if folder else [])))
    if status == 0:
        # An environment that make set up is on nobody's path.
        program = "photosearch" if shutil.which("photosearch") else sys.argv[0]
        command = shlex.join([program, *_globals(options), "search", "PHOTO"])
        print(f"To find the photos like one of yours:  {command}")
    return status


def _archive(settings: Settings, address: str) -> Archive:
    """What the window searches where an archive was chosen."""
    from photosearch.cluster.archive import Archive

    return Archive(address, settings)


def index(options: argparse.Namespace) -> int:
    """Add the folders and bring the library up to date."""
    with _library(options) as library:
        for folder in options.folders:
            library.add_folder(folder)
        if not library.folders():
            raise PhotoSearchError(
                "No folder is watched yet: name one, as in “photosearch index ~/Pictures”."
            )
        start = time.monotonic()
        tally = Tally()
        try:
            for progress in _shown(library.update()):
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
        f"{_count(tally.photos)}: {tally.encoded} encoded ({tally.updated} of them changed), "
        f"{tally.copied} copies of known ones, {tally.moved} moved, "
        f"{tally.removed} removed, {tally.offline} offline, {tally.unreadable} unreadable; "
        f"{answer['seconds']:.1f} s."
    ]
    if failures:
        lines.append("See why some could not be read:  photosearch failures")
    return _answer(options, answer, lines)


def watch(options: argparse.Namespace) -> int:
    """Bring the library up to date, then follow changes until stopped."""
    with _library(options) as library:
        if not library.folders():
            raise PhotoSearchError("No folder is watched yet: add one with “photosearch folders add FOLDER”.")
        start = time.monotonic()
        told = None
        with _asked_to_stop() as asked:
            for progress in _shown(library.follow()):
                tally = progress.tally
                if tally != told and (progress.published or progress.step == "watching"):
                    told = tally
                    answer = _tally_answer(tally, time.monotonic() - start)
                    text = f"{_count(tally.photos)}: {tally.encoded} encoded, {tally.moved} moved, "
                    text += f"{tally.removed} removed, {tally.unreadable} unreadable."
                    _answer(options, answer, [text])
                if asked or not _is_read():
                    break
    return 0


def search(options: argparse.Namespace) -> int:
    """The nearest photos to one or several."""
    with _library(options) as library:
        filters = dataclasses.replace(_filters(options), under=_under(options, library))
        answer = library.search(Query(tuple(_examples(options)), filters, options.top))
        unplugged = [root.path for root in library.folders() if root.state == "offline"]
    return _answer(options, _search_answer(answer), _search_text(answer, unplugged))


def _examples(options: argparse.Namespace) -> list[Example]:
    examples = [Example(path) for path in options.photos]
    examples[0] = dataclasses.replace(examples[0], box=options.crop)
    return examples + [Example(path, weight=-0.5) for path in options.without]


def _filters(options: argparse.Namespace) -> Filters:
    """All but --under, which is a folder here and an address in a cluster."""
    return Filters(None, options.since, options.until, options.camera, options.kind, options.near)


def _under(options: argparse.Namespace, library: Library) -> Path | None:
    """The folder of --under. One that is away for now is known by its photos; any other was misspelt."""
    if options.under is None:
        return None
    under = absolute(options.under)
    if not under.is_dir() and not len(library.listing(Filters(under))):
        raise FolderUnavailable(f"{under} is not a folder, nor does the library know a photo below it.")
    return under


def cluster(options: argparse.Namespace) -> int:
    """The photos of an archive, indexed and searched by many machines with Ray."""
    from photosearch.cluster import commands

    commands.want_ray()
    if options.action == "search":
        steps = commands.search(options, _settings(options), _examples(options), _filters(options))
    else:
        run = {"index": commands.index, "serve": commands.serve, "failures": commands.failures}
        steps = run[options.action](options, _settings(options))
    return _answer(options, *_finished(steps))


def duplicates(options: argparse.Namespace) -> int:
    """Groups of the same shot, and which photo of each is worth keeping; --trash removes the others."""
    with _library(options) as library:
        if options.undo:
            return _undo(options, library)
        under = _under(options, library)
        found = library.duplicates()
        if options.import_decisions:
            try:
                found.import_decisions(_read_text(options.import_decisions))
            except (OverflowError, RecursionError) as error:
                # A number or a depth that no export has; nothing was added.
                raise PhotoSearchError(f"{options.import_decisions} is no export: {error}.") from None
        for _ in _shown(found.compare()):
            pass
        groups = found.groups(library.preferences(), options.kind, under)
        if options.export_decisions:
            with _replacing(options.export_decisions) as file:
                file.write(found.export_decisions().encode())
        if options.report:
            with _replacing(options.report) as file:
                for piece in library.report(groups):
                    file.write(piece.encode())
        if options.trash:
            return _trash(options, library, groups)
    answer = {"groups": [_group_answer(group) for group in groups]}
    return _answer(options, answer, _groups_text(groups))


def _trash(options: argparse.Namespace, library: Library, groups: Sequence[Group]) -> int:
    """Move what the suggestion would remove to the trash, once a person has agreed."""
    from photosearch.library.cleaning import suggestion

    cleaning = library.cleaning()
    # The same shot in another state may be worth keeping: only who asks for that kind means it.
    plan = cleaning.plan(suggestion(groups, options.kind or ["exact"]))
    text = f"{_count(plan.files)} and {plan.sidecars} sidecars, {_size(plan.bytes)}, would go to the trash."
    text = " ".join([text, *(reason for _, _, reason in plan.left_out)])
    if plan.files and not options.yes:
        if options.json or not sys.stdin.isatty():
            raise PhotoSearchError(f"{text} Nothing was done: add --yes to do it.")
        _tell(f"{text} Go on? [y/N] ", end="")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise PhotoSearchError("Nothing was done.")
    return _removals(options, _finished(cleaning.execute(plan, options.holding_folder)))


def _undo(options: argparse.Namespace, library: Library) -> int:
    """Put back what was removed last; of what is no longer in the trash, it is told, and what was before."""
    from photosearch.library.cleaning import batches

    cleaning = library.cleaning()
    told = list[Removal]()
    for batch, removals in batches(cleaning.removals()).items():
        # What never moved was told when it did not.
        moved = {removal.id for removal in removals if removal.state == "done"}
        if moved:
            told += [removal for removal in _finished(cleaning.undo(batch)) if removal.id in moved]
            if any(removal.state != "failed" for removal in told):
                break
    if not told:
        raise PhotoSearchError("Nothing that was removed is left to be put back.")
    return _removals(options, told)


def _removals(options: argparse.Namespace, removals: Sequence[Removal]) -> int:
    answer = {
        "removals": [
            {
                "path": str(each.path),
                "kept": str(each.kept),
                "state": each.state,
                "place": None if each.place is None else str(each.place),
                "reason": each.reason,
            }
            for each in removals
        ]
    }
    lines = [f"{each.state:7}  {each.path}{f'  ({each.reason})' if each.reason else ''}" for each in removals]
    _answer(options, answer, lines or ["Nothing is to be removed."])
    # A file that was to go and did not, or was to come back and did not, is for a person to look at.
    return 1 if any(each.state == "failed" or each.reason for each in removals) else 0


def check(options: argparse.Namespace) -> int:
    """Which photos of a card or folder are in the library already."""
    with _library(options) as library:
        checked = _finished(library.check(options.folder))
    answer = {
        "photos": checked.photos,
        "known": [
            {"photo": str(each.photo), "in_library": str(each.in_library.path), "kind": each.kind}
            for each in checked.known
        ],
        "new": [str(path) for path in checked.new],
        "unreadable": [{"path": str(one.path), "reason": one.reason} for one in checked.unreadable],
        "not_compared": checked.not_compared,
    }
    lines = list[str]()
    for each in checked.known:
        lines += [str(each.photo), f"    {each.kind}: {each.in_library.path}"]
    for one in checked.unreadable:
        lines += [str(one.path), f"    {one.reason}"]
    lines.append(f"{len(checked.known)} of {checked.photos} are already here; {len(checked.new)} are new.")
    if checked.new and checked.not_compared:
        waiting = _count(checked.not_compared)
        lines.append(f"{waiting} of the library could not be compared: not indexed yet, or no picture left.")
    return _answer(options, answer, lines)


def folders(options: argparse.Namespace) -> int:
    """What the library watches."""
    answer: dict[str, Any] = {}
    lines = []
    with _library(options) as library:
        if options.action == "add":
            library.add_folder(options.folder)
        elif options.action == "remove":
            library.remove_folder(options.folder)
        elif options.action == "forget":
            answer["forgotten"] = library.forget_missing(options.folder)
            lines.append(f"{_count(answer['forgotten'])} forgotten that were missing below {options.folder}.")
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
        lines.append(f"{root.path}  {root.state}, {_count(root.photos)}")
        if root.state == "polled":
            lines.append("    It tells of no changes, so it is looked through every minute, or less often.")
        lines += [f"    {line}" for line in _away(options, root)]
    return _answer(options, answer, lines or ["No folder is watched yet."])


def status(options: argparse.Namespace) -> int:
    """The state of everything."""
    with _library(options) as library:
        state = library.status()
        away = [line for root in library.folders() for line in _away(options, root)]
    answer = dataclasses.asdict(state)
    lines = [
        f"{_count(state.photos)}: {state.encoded} encoded, {state.waiting} waiting, {state.offline} offline, "
        f"{state.unreadable} unreadable.",
        f"Model {state.model.identity}: {state.model.method}, {state.model.bytes} bytes a photo.",
    ]
    if state.searched_by != state.model:
        lines.append(f"Until all is encoded by it, model {state.searched_by.identity} answers.")
    on_disk = ", ".join(f"{what} {_size(size)}" for what, size in state.bytes.items())
    lines += [f"On disk: {on_disk}.", f"Engine: {state.engine}."]
    return _answer(options, answer, [*lines, *away])


def failures(options: argparse.Namespace) -> int:
    """What could not be read, and why."""
    with _library(options) as library:
        listed = library.failures()
        retried = library.retry_failures() if options.retry else 0
    answer: dict[str, Any] = {"failures": [{"path": str(one.path), "reason": one.reason} for one in listed]}
    lines = [line for one in listed for line in (str(one.path), f"    {one.reason}")]
    if options.retry:
        answer["retried"] = retried
        lines.append(f"{_count(retried)} will be tried again by the next “photosearch index”.")
    return _answer(options, answer, lines or ["Every photo could be read."])


def verify(options: argparse.Namespace) -> int:
    """Read back everything the library keeps; --repair mends what is wrong."""
    from photosearch.library.verifying import verify as verify_library

    verified = _finished(verify_library(_places(options), options.repair))
    lines = [*verified.problems, *verified.repaired]
    lines += ["Everything is sound."] if verified.ok else []
    if verified.problems and not options.repair:
        lines.append("To mend what can be mended:  photosearch verify --repair")
    _answer(options, dataclasses.asdict(verified), lines)
    return 0 if verified.ok else 1


def embed(options: argparse.Namespace) -> int:
    """Vectors and codes of photos, for other programs."""
    import numpy as np

    from photosearch.library.embedding import embed as embed_photos

    start = time.monotonic()
    with _replacing(options.out) as file:
        embedded = _finished(embed_photos(_settings(options), options.photos))
        np.savez(
            file,
            paths=np.array([str(path) for path in embedded.paths]),
            vectors=embedded.vectors,
            codes=embedded.codes,
            codebooks=embedded.codebooks,
        )
    for failure in embedded.failures:
        _tell(f"{failure.path}: {failure.reason}")
    seconds = time.monotonic() - start
    answer = {
        "photos": len(embedded.paths),
        "seconds": round(seconds, 3),
        "out": str(options.out),
        "failures": [{"path": str(one.path), "reason": one.reason} for one in embedded.failures],
    }
    _answer(options, answer, [f"{_count(len(embedded.paths))} in {options.out}, {seconds:.1f} s."])
    return 0 if embedded.paths else 1


def model(options: argparse.Namespace) -> int:
    """What the model in use, or that of a file, is."""
    from photosearch.encode.model_file import chosen_model_path, read_model

    path = options.file or chosen_model_path(_settings(options))
    found = read_model(path)
    spec = found.spec
    answer = {
        "path": str(path),
        "method": spec.method,
        "bits": 8 * spec.bytes,
        "bytes": spec.bytes,
        "dimension": spec.dimension,
        "identity": spec.identity,
        "trained_on": found.provenance,
        "measured": found.measured,
        "same_shot": found.same_shot,
        "size": found.preprocessing.size,
    }
    return _answer(options, answer, [f"{name:10} {value}" for name, value in answer.items()])


def train(options: argparse.Namespace) -> int:
    """Train a model; the same command again goes on where it stopped."""
    _check_torch()
    from photosearch.training import train as training
    from photosearch.training.dsq import Dsq

    method = training.METHODS[options.method]
    if options.density is not None:
        if options.method != "dsq-sparse":
            raise TrainingFailed("Only dsq-sparse has a --density.")
        method = Dsq(density=options.density)
    start = time.monotonic()
    last = Progress("training")
    steps = training.train(
        method,
        options.data,
        options.out,
        options.bits,
        protocol=options.protocol,
        start=options.start,
        steps=options.steps,
        seed=options.seed,
        rate=options.rate,
        device=options.device or "auto",
        sources=training.SOURCES if options.recipe else None,
    )
    for progress in _shown(steps):
        last = progress
    seconds = time.monotonic() - start
    answer = {"steps": last.done, "seconds": round(seconds, 1), "out": str(options.out), **last.measures}
    return _answer(options, answer, [f"{options.out}: {last.done} steps, {seconds:.0f} s. {last.message}"])


def evaluate(options: argparse.Namespace) -> int:
    """Measure models: one row of a table each; a single one, on unseen classes, at length."""
    _check_torch()
    from photosearch.encode.model_file import read_model
    from photosearch.evaluation.comparison import averaged, compare, rows_of
    from photosearch.evaluation.plots import check_plot, plot
    from photosearch.evaluation.retrieval import evaluate_unseen

    if options.protocol == "unseen" and len(options.file) == 1 and not options.plot:
        answer = {"protocol": "unseen", **evaluate_unseen(read_model(options.file[0]), options.data)}
        return _answer(options, answer, json.dumps(answer, indent=2).splitlines())
    if options.plot:
        check_plot(options.plot)
    rows = []
    models = [read_model(file) for file in options.file]
    for file, row in zip(options.file, compare(models, options.data, options.protocol), strict=True):
        rows.append(row)
        _tell(f"{file} measured")
    means = averaged(rows)
    if options.plot:
        plot(means, options.plot)
    answer = rows[0] if len(rows) == 1 else {"rows": rows}
    return _answer(options, answer, rows_of(means))


def bench(options: argparse.Namespace) -> int:
    """Speeds, with what they ran on."""
    from photosearch import bench as measuring

    machine, settings = measuring.machine(), _settings(options)
    if options.what == "engine":
        from photosearch.evaluation import engine_speed
        from photosearch.evaluation.plots import check_plot

        if options.plot:
            check_plot(options.plot)
        measured = engine_speed.measure(options.rows, options.bytes, options.threads)
        if options.pairs:
            of_pairs = (
                engine_speed.measure_pairs(options.pairs, width, options.threads) for width in options.bytes
            )
            measured["pairs"] = list(of_pairs)
        if options.cold:
            measured["cold"] = [
                engine_speed.measure_cold(options.cold, width, options.threads) for width in options.bytes
            ]
        if options.plot:
            engine_speed.plot(measured, options.plot)
    else:
        of_photos = {"index": measuring.index, "encode": measuring.encode, "start": measuring.start}
        measured = of_photos[options.what](settings, options.folder)
    answer = {"machine": machine, **measured}
    return _answer(options, answer, json.dumps(answer, indent=2).splitlines())


# What the commands share


class _Version(argparse.Action):
    """`--version`: which program this is, what it was built from, and what it computes with."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from photosearch import engine

        built = resources() / "built.txt"
        origin = built.read_text(encoding="utf-8") if built.is_file() else "not built as a package"
        parts = [f"Python {platform.python_version()}"]
        for library in ("numpy", "onnxruntime", "torch", "Pillow", "PySide6-Essentials"):
            with suppress(PackageNotFoundError):
                parts.append(f"{library} {version(library)}")
        print(f"photosearch {__version__}\n{origin}\n{', '.join(parts)}\nsearch: {engine.describe()}")
        parser.exit()


def _check_torch() -> None:
    if not find_spec("torch"):
        raise TrainingFailed(
            "Training and measuring models needs torch: pip install 'photosearch[torch]' brings it."
        )


def _ready_streams() -> None:
    """Make standard input, output and error fit to be used."""
    # In this order: each takes the number that was closed, and the next file would take it otherwise.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # A windowed program of Windows has none, and many a library takes them for granted.
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - to the very end
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            # A file name may hold bytes that no terminal can show.
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _library(options: argparse.Namespace) -> Iterator[Library]:
    """The library the options name, closed at the end."""
    from photosearch.library import Library

    library = Library(_places(options), _settings(options))
    if library.kept:
        _tell(f"The library was brought to this version; as it was, it is {library.kept}.")
    try:
        yield library
    finally:
        library.close()


def _places(options: argparse.Namespace) -> Places:
    return Places.under(options.home)


def _log_to(folder: Path) -> None:
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


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(_places(options).settings)
    if options.model:
        chosen = str(absolute(options.model))
        # Asked for by name it answers by itself, whatever answered before.
        settings = dataclasses.replace(settings, model=chosen, former_model="")
    if options.device:
        settings = dataclasses.replace(settings, device=options.device)
    return settings


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


def _globals(options: argparse.Namespace) -> list[str]:
    """The options before the command, as they were given."""
    given = []
    for name in ("home", "model", "device"):
        if value := getattr(options, name):
            given += [f"--{name}", str(value)]
    return given


def _no_window() -> str:
    """Why no window can be opened here, as a sentence; empty if one can."""
    if sys.platform.startswith("linux"):
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
            return (
                "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), "
                "so this runs in the terminal."
            )
        from photosearch.gui.requirements import missing_library, unreachable_display

        return missing_library() or unreachable_display() or ""
    return ""


def _shown(steps: Iterable[Progress]) -> Iterator[Progress]:
    """Pass progress on and show it on standard error: a bar on a terminal, else a line now and then."""
    terminal = sys.stderr.isatty()
    shown, pause = 0.0, 0.1 if terminal else 5.0
    line = ""
    try:
        for progress in steps:
            yield progress
            if progress.step == "watching" or time.monotonic() - shown < pause:
                continue
            shown = time.monotonic()
            line = _visible(_progress_line(progress))
            if terminal:
                width = _columns()
                _say("\r" + line[:width].ljust(width), end="")
            else:
                _say(line)
    finally:
        if terminal and line:
            _say("")


def _columns() -> int:
    """Of the terminal, less the last, in which some begin a new line."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns - 1
    except OSError:
        # It was closed.
        return 79


def _finished(steps: Generator[Progress, None, Result]) -> Result:
    """Show steps until they end; what they return."""
    results: list[Result] = []

    def run() -> Iterator[Progress]:
        results.append((yield from steps))

    for _ in _shown(run()):
        pass
    return results[0]


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """As `replacing`, of a file that a person named."""
    if path.is_dir():
        raise PhotoSearchError(f"{path} cannot be written: it is a folder.")
    # What is no file, a pipe for instance, is written to: to put a file in its place would break it.
    is_other = path.exists() and not path.is_file()
    try:
        with open(path, "wb") if is_other else replacing(path) as file:
            yield file
    except OSError as error:
        raise PhotoSearchError(f"{path} cannot be written: {error.strerror}.") from error


def _progress_line(progress: Progress) -> str:
    parts = [progress.step.capitalize()]
    if progress.total:
        filled = int(24 * progress.done / progress.total)
        parts.append("█" * filled + "░" * (24 - filled))
        parts.append(f"{progress.done} of {progress.total}")
    elif progress.done:
        parts.append(str(progress.done))
    if progress.rate:
        parts.append(f"{progress.rate:.0f}/s")
    if progress.seconds_left is not None:
        parts.append(f"{_duration(progress.seconds_left)} left")
    parts += [f"{name} {value:.4g}" for name, value in progress.measures.items()]
    if progress.message:
        parts.append(progress.message)
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"


def _tally_answer(tally: Tally, seconds: float) -> dict[str, Any]:
    rate = tally.encoded / seconds if seconds else 0.0
    return {**dataclasses.asdict(tally), "seconds": round(seconds, 3), "photos_per_second": round(rate, 1)}


def _search_answer(answer: Answer) -> dict[str, Any]:
    return {
        "milliseconds": {
            "encode": round(answer.encode_milliseconds, 3),
            "search": round(answer.search_milliseconds, 3),
        },
        "searched": answer.searched,
        "matches": [
            {
                "rank": match.rank,
                "path": str(match.photo.path),
                "score": round(match.score, 6),
                "percentile": round(match.percentile, 3),
                "kind": match.kind,
                "offline": match.photo.offline,
            }
            for match in answer.matches
        ],
    }


def _group_answer(group: Group) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "keeper": str(group.keeper.path),
        "reason": group.reason,
        "photos": [
            {
                "path": str(each.photo.path),
                "kind": each.kind,
                "bytes": each.photo.size,
                "width": each.photo.details.width,
                "height": each.photo.details.height,
                "taken": each.photo.details.taken,
                "offline": each.photo.offline,
                "protected": each.protected,
            }
            for each in group.photos
        ],
    }


def _groups_text(groups: Sequence[Group]) -> list[str]:
    if not groups:
        return ["No photo of the library is there twice."]
    lines = []
    for group in groups:
        lines.append(f"{group.kind}  {group.reason}")
        for each in group.photos:
            details = each.photo.details
            lines.append(
                f"    {each.kind:9}  {details.width} × {details.height}, {_size(each.photo.size):8}  "
                f"{each.photo.path}{f'  ({each.protected})' if each.protected else ''}"
            )
    gained = sum(each.photo.size for group in groups for each in group.removable)
    removable = sum(len(group.removable) for group in groups)
    lines.append(f"{len(groups)} groups; {_count(removable)} could go, {_size(gained)}.")
    return lines


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PhotoSearchError(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from error


def _away(options: argparse.Namespace, root: Root) -> list[str]:
    """What a person can do about photos of a folder that are not there."""
    if root.state == "offline":
        return [f"Offline: plug in the drive of {root.path}. Its photos can be found all the same."]
    if root.missing:
        forget = shlex.join(["photosearch", *_globals(options), "folders", "forget", str(root.path)])
        return [f"{_count(root.missing)} missing from {root.path}. If deleted on purpose:  {forget}"]
    return []


def _search_text(answer: Answer, unplugged: Sequence[Path]) -> list[str]:
    """The matches, one a line; `unplugged` are the folders whose drive is not there."""

    def away(photo: Photo) -> str:
        if not photo.offline:
            return ""
        drive = next((folder for folder in unplugged if photo.path.is_relative_to(folder)), None)
        return f"  (offline: plug in the drive of {drive})" if drive else "  (offline: its file is missing)"

    if not answer.searched:
        return ["No photo is searchable yet: run “photosearch index FOLDER” first."]
    lines = [
        # Never more than what was measured: 99.97 is not 100.
        f"{match.rank:4}  {match.score:6.3f}  closer than {min(99.9, int(10 * match.percentile) / 10)} %"
        f"{'  same shot' if match.kind == 'same-shot' else '':11}  {match.photo.path}{away(match.photo)}"
        for match in answer.matches
    ]
    return lines or ["Nothing fits these filters."]


_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def _visible(line: str) -> str:
    """A line with what would end it, move a terminal's cursor or turn its writing round spelled out.

    Names of files may hold all of that.
    """
    return _INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode(), line)


def _tell(line: str, end: str = "\n") -> None:
    """Say something beside the answer."""
    _say(_visible(line), end)


def _say(text: str, end: str = "\n") -> None:
    """Print beside the answer. Where nobody reads it any more, the work goes on all the same."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        # What is left of it is not to be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _answer(options: argparse.Namespace, answer: dict[str, Any], lines: Iterable[str]) -> int:
    """Print what a command found out: one object for a program, or lines for a person."""
    try:
        text = json.dumps(answer, default=str) if options.json else "\n".join(map(_visible, lines))
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left of it is not to be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise PhotoSearchError(f"The answer cannot be written: {error.strerror}.") from error
    return 0


def _is_read() -> bool:
    """Whether somebody may still read the answers: who has none to give for now would never hear of it."""
    if not hasattr(select, "poll"):
        return True
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    return not output.poll(0)


def _date(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2019-05-03") from None


def _end_of_date(text: str) -> int:
    """The first second after a date, so that a day named as the last is still part of it."""
    start = _date(text)
    return start + int(timedelta(days=1).total_seconds()) if len(text) == len("2019-05-03") else start


def _box(text: str) -> Box:
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not X,Y,WIDTH,HEIGHT, such as 0.2,0.1,0.5,0.5"
        ) from None
    if not (0 <= x < 1 and 0 <= y < 1 and 0 < width <= 1 - x + 1e-6 and 0 < height <= 1 - y + 1e-6):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part of the photo: each is a fraction of 1")
    return Box(x, y, width, height)


def _circle(text: str) -> Circle:
    try:
        latitude, longitude, *rest = (float(part) for part in text.split(","))
        (kilometres,) = rest or [10.0]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not LATITUDE,LONGITUDE or LATITUDE,LONGITUDE,KILOMETRES, such as 47.05,8.31,5"
        ) from None
    # Written so that it refuses “nan” too.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and kilometres >= 0):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no place: the latitude is -90 to 90 degrees, the longitude -180 to 180"
        )
    return Circle(latitude, longitude, kilometres)


def _whole(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1")
    return share


def _with_command(arguments: list[str]) -> list[str]:
    """Arguments with `window` put in where no command is named: `photosearch`, `photosearch PHOTO`."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        if arguments[at] in ("-h", "--help", "--version"):
            return arguments
        at += 1 if "=" in arguments[at] else 2
    if at < len(arguments) and arguments[at] in COMMANDS:
        return arguments
    return arguments[:at] + ["window"] + arguments[at:]


def _with_place(arguments: list[str]) -> list[str]:
    """Arguments with `--near` tied to its place: argparse would take a southern one, “-33.9,18.4”, for an
    option."""
    if "--near" not in arguments:
        return arguments
    at = arguments.index("--near")
    return [*arguments[:at], "=".join(arguments[at : at + 2]), *arguments[at + 2 :]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="photosearch",
        description="Find photos by photo, on your own machine. Without a command the window opens; "
        "a photo named instead of a command is searched for, a folder is added.",
        epilog="“photosearch COMMAND --help” tells of one command.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="which PhotoSearch this is, made of what")
    parser.add_argument(
        "--home", type=Path, help="keep settings, library, thumbnails and logs in this folder"
    )
    parser.add_argument("--model", type=Path, help="use this model file instead of the bundled one")
    parser.add_argument("--device", default="", help="encode on auto, cpu, cuda or mps")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Command) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        added.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        return added

    added = commands.add_parser("window")
    added.set_defaults(run=window, json=False)
    added.add_argument("target", nargs="?", type=Path, metavar="PHOTO")

    added = command("index", index)
    added.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")

    command("watch", watch)

    added = command("search", search)
    _query_arguments(added)
    added.add_argument("--under", type=Path, metavar="FOLDER", help="only photos below this folder")

    added = command("cluster", cluster)
    actions = added.add_subparsers(dest="action", required=True, metavar="index|serve|search|failures")
    for name in ("index", "serve", "search", "failures"):
        _cluster_arguments(name, actions.add_parser(name))

    added = command("duplicates", duplicates)
    added.add_argument(
        "--kind",
        action="append",
        default=[],
        choices=["exact", "same-shot", "burst", "raw-pair"],
        help="only groups of this kind; may repeat",
    )
    added.add_argument("--under", type=Path, metavar="FOLDER", help="only groups with a photo below it")
    added.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write the groups as a page to look at"
    )
    added.add_argument(
        "--trash", action="store_true", help="move exact copies, or what --kind names, to the trash"
    )
    added.add_argument("--yes", action="store_true", help="do so without asking")
    added.add_argument(
        "--holding-folder",
        action="store_true",
        help="what lies on a volume without a trash goes to a folder “Removed by PhotoSearch”",
    )
    added.add_argument("--undo", action="store_true", help="put back what was removed last")
    added.add_argument("--export-decisions", type=Path, metavar="FILE.json", help="write what was decided")
    added.add_argument("--import-decisions", type=Path, metavar="FILE.json", help="add what was decided")

    added = command("check", check)
    added.add_argument("folder", type=Path, metavar="FOLDER")

    added = command("folders", folders)
    actions = added.add_subparsers(dest="action", required=True, metavar="list|add|remove|forget")
    for name in ("list", "add", "remove", "forget"):
        action = actions.add_parser(name)
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        if name != "list":
            action.add_argument("folder", type=Path, metavar="FOLDER")

    command("status", status)

    added = command("verify", verify)
    added.add_argument("--repair", action="store_true", help="mend what can be mended; nothing is deleted")

    added = command("failures", failures)
    added.add_argument("--retry", action="store_true", help="let the next update try them again")

    added = command("embed", embed)
    added.add_argument("photos", nargs="+", type=Path, metavar="PHOTO|FOLDER")
    added.add_argument("--out", required=True, type=Path, metavar="FILE.npz")

    added = command("model", model)
    added.add_argument("file", nargs="?", type=Path, metavar="FILE")

    added = command("train", train)
    added.add_argument("method", choices=list(METHODS))
    added.add_argument(
        "--data", required=True, type=Path, metavar="FOLDER", help="one folder of pictures a class"
    )
    ways = added.add_mutually_exclusive_group()
    ways.add_argument("--protocol", choices=PROTOCOLS, default="unseen", help="train on its photos, its way")
    ways.add_argument(
        "--recipe",
        choices=["bundled"],
        help="as the bundled model: FOLDER holds the repositories that training/sources.toml names",
    )
    added.add_argument("--start", type=Path, default=None, metavar="FILE", help="a model to begin with")
    added.add_argument("--density", type=_share, default=None, metavar="X", help="of dsq-sparse; .25")
    added.add_argument("--bits", type=_whole, default=128, metavar="N", help="of a code; 8 a codebook")
    added.add_argument("--out", required=True, type=Path, metavar="FILE")
    added.add_argument("--steps", type=partial(_whole, least=0), default=None, metavar="N")
    added.add_argument("--rate", type=_share, default=None, metavar="X", help="highest, of learning")
    added.add_argument("--seed", type=int, default=0, metavar="N")

    added = command("evaluate", evaluate)
    added.add_argument("file", type=Path, nargs="+", metavar="FILE")
    added.add_argument("--protocol", choices=PROTOCOLS, required=True)
    added.add_argument("--plot", type=Path, default=None, metavar="FILE", help=".svg, .png or .pdf")
    added.add_argument("--data", required=True, type=Path, metavar="FOLDER")

    added = command("bench", bench)
    whats = added.add_subparsers(dest="what", required=True, metavar="engine|encode|index|start")
    for name in ("engine", "encode", "index", "start"):
        what = whats.add_parser(name)
        what.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        if name != "engine":
            what.add_argument("folder", type=Path, metavar="FOLDER", help="photos to measure with")
            continue
        what.add_argument("--rows", type=_whole, nargs="+", default=[1_000_000], metavar="N", help="codes")
        what.add_argument("--bytes", type=_whole, nargs="+", default=[8, 16], metavar="M", help="of a code")
        what.add_argument("--threads", type=_whole, default=1, metavar="N")
        what.add_argument("--pairs", type=_whole, metavar="N", help="look for all pairs of N codes too")
        what.add_argument(
            "--cold", type=_whole, metavar="N", help="answer from a file of N codes on the drive too"
        )
        what.add_argument(
            "--plot", type=Path, metavar="FILE", help="draw milliseconds against N (.svg, .png, .pdf)"
        )
    return parser


def _query_arguments(added: argparse.ArgumentParser) -> None:
    """What is searched for, and what may answer."""
    added.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    added.add_argument(
        "--without",
        action="append",
        default=[],
        type=Path,
        metavar="PHOTO",
        help="less like this; may repeat",
    )
    added.add_argument(
        "--crop",
        type=_box,
        default=WHOLE,
        metavar="X,Y,W,H",
        help="only this part of the first photo, in fractions",
    )
    added.add_argument("--top", type=_whole, default=20, metavar="N", help="at most so many matches")
    added.add_argument("--since", type=_date, metavar="DATE", help="only photos taken on this day or later")
    added.add_argument(
        "--until", type=_end_of_date, metavar="DATE", help="only photos taken on this day or before"
    )
    added.add_argument(
        "--camera", default="", metavar="TEXT", help="only photos of cameras whose name holds this"
    )
    added.add_argument(
        "--near",
        type=_circle,
        metavar="LAT,LON[,KM]",
        help="only photos taken within so many kilometres (10) of this point, in degrees",
    )
    added.add_argument("--kind", choices=["same-shot"], default="", help="only versions of the same shot")


def _cluster_arguments(action: str, added: argparse.ArgumentParser) -> None:
    added.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    if action != "failures":
        added.add_argument(
            "--address",
            default="",
            metavar="HOST:PORT",
            help="of the head of a Ray cluster; else this machine's; “local”: one of its own",
        )
    if action == "search":
        _query_arguments(added)
        added.add_argument("--under", default="", metavar="ADDRESS", help="only photos below this folder")
        return
    added.add_argument("--store", required=True, metavar="ADDRESS", help="a folder, or what fsspec opens")
    if action == "index":
        added.add_argument("sources", nargs="+", metavar="SOURCE", help="a folder, or what fsspec opens")
        added.add_argument("--retry", action="store_true", help="try again what could not be read")
        added.add_argument("--forget-missing", action="store_true", help="missing photos were deleted")
        added.add_argument("--shard-photos", type=_whole, default=262_144, metavar="N", help="photos a shard")
    if action == "serve":
        added.add_argument("--parts", type=_whole, default=0, metavar="N", help="one a machine if not given")
        added.add_argument("--replicas", type=_whole, default=1, metavar="N", help="copies of each part")


COMMANDS = frozenset(
    {
        "window",
        "index",
        "watch",
        "search",
        "cluster",
        "duplicates",
        "check",
        "folders",
        "status",
        "failures",
        "verify",
        "embed",
        "model",
        "train",
        "evaluate",
        "bench",
    }
)
