"""What can be written on the command line: every command's arguments, and the function that runs it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from photosearch.cli.bench import bench
from photosearch.cli.cluster import cluster
from photosearch.cli.duplicates import check, duplicates
from photosearch.cli.library import failures, folders, index, status, verify, watch
from photosearch.cli.models import embed, evaluate, model, train
from photosearch.cli.search import search
from photosearch.cli.values import address, box, circle, date, end_of_date, path, share, whole
from photosearch.cli.version import Version
from photosearch.cli.window import window
from photosearch.records import METHODS, PROTOCOLS, WHOLE

Command = Callable[[argparse.Namespace], int]

COMMANDS: dict[str, Command] = {
    "window": window,
    "index": index,
    "watch": watch,
    "search": search,
    "cluster": cluster,
    "duplicates": duplicates,
    "check": check,
    "folders": folders,
    "status": status,
    "verify": verify,
    "failures": failures,
    "embed": embed,
    "model": model,
    "train": train,
    "evaluate": evaluate,
    "bench": bench,
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was written; its `run` is the command. Ends the program where that cannot be understood."""
    return _parser().parse_args(_with_command(_with_place(list(arguments))))


def _with_command(arguments: list[str]) -> list[str]:
    """Arguments with `window` put in where no command is named: `photosearch`, `photosearch PHOTO`."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-") and arguments[at] != "--":
        if arguments[at] in ("-h", "--help", "--version"):
            return arguments
        # They may be shortened. Behind one that there is not, which is then told, stands no value.
        valued = any(option.startswith(arguments[at]) for option in ("--home", "--model", "--device"))
        at += 2 if valued else 1
    rest = arguments[at:]
    # The window takes one photo: a word with others behind it was meant as a command.
    misspelt = len(rest) > 1 and rest[0] != "--" and not os.path.lexists(rest[0])
    if misspelt or (rest and rest[0] in COMMANDS):
        return arguments
    return [*arguments[:at], "window", *rest]


def _with_place(arguments: list[str]) -> list[str]:
    """Arguments with `--near` tied to its place: argparse would take a southern one, “-33.9,18.4”, for an
    option."""
    tied = list[str]()
    for argument in arguments:
        if tied and tied[-1] == "--near":
            tied[-1] = f"--near={argument}"
        else:
            tied.append(argument)
    return tied


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="photosearch",
        description="Find photos by photo, on your own machine. Without a command the window opens; "
        "a photo named instead of a command is searched for, a folder is added.",
        epilog="“photosearch COMMAND --help” tells of one command.",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="which PhotoSearch this is, made of what")
    parser.add_argument(
        "--home", type=path, help="keep settings, library, thumbnails and logs in this folder"
    )
    parser.add_argument("--model", type=path, help="use this model file instead of the bundled one")
    parser.add_argument("--device", default="", help="encode on auto, cpu, cuda or mps")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str) -> argparse.ArgumentParser:
        run = COMMANDS[name]
        added = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        added.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        return added

    added = commands.add_parser("window")
    added.set_defaults(run=window, json=False)
    added.add_argument("target", nargs="?", type=path, metavar="PHOTO")

    added = command("index")
    added.add_argument("folders", nargs="*", type=path, metavar="FOLDER")

    command("watch")

    added = command("search")
    _query_arguments(added)
    added.add_argument("--under", type=path, metavar="FOLDER", help="only photos below this folder")

    for name, action in _parts(command("cluster"), "index", "serve", "search", "failures"):
        _cluster_arguments(name, action)

    added = command("duplicates")
    added.add_argument(
        "--kind",
        action="append",
        default=[],
        choices=["exact", "same-shot", "burst", "raw-pair"],
        help="only groups of this kind; may repeat",
    )
    added.add_argument("--under", type=path, metavar="FOLDER", help="only groups with a photo below it")
    added.add_argument(
        "--report", type=path, metavar="FILE.html", help="write the groups as a page to look at"
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
    added.add_argument("--export-decisions", type=path, metavar="FILE.json", help="write what was decided")
    added.add_argument("--import-decisions", type=path, metavar="FILE.json", help="add what was decided")

    added = command("check")
    added.add_argument("folder", type=path, metavar="FOLDER")

    for name, action in _parts(command("folders"), "list", "add", "remove", "forget"):
        if name != "list":
            action.add_argument("folder", type=path, metavar="FOLDER")

    command("status")

    added = command("verify")
    added.add_argument("--repair", action="store_true", help="mend what can be mended; nothing is deleted")

    added = command("failures")
    added.add_argument("--retry", action="store_true", help="let the next update try them again")

    added = command("embed")
    added.add_argument("photos", nargs="+", type=path, metavar="PHOTO|FOLDER")
    added.add_argument("--out", required=True, type=path, metavar="FILE.npz")

    added = command("model")
    added.add_argument("file", nargs="?", type=path, metavar="FILE")

    added = command("train")
    added.add_argument("method", choices=list(METHODS))
    added.add_argument(
        "--data", required=True, type=path, metavar="FOLDER", help="one folder of pictures a class"
    )
    ways = added.add_mutually_exclusive_group()
    ways.add_argument("--protocol", choices=PROTOCOLS, default="unseen", help="train on its photos, its way")
    ways.add_argument(
        "--recipe",
        choices=["bundled"],
        help="as the bundled model: FOLDER holds the repositories that training/sources.toml names",
    )
    added.add_argument(
        "--start",
        type=path,
        default=None,
        metavar="FILE",
        help="a model to begin with; by the protocol unseen half of it is kept",
    )
    added.add_argument("--density", type=share, default=None, metavar="X", help="of dsq-sparse; .25")
    added.add_argument("--bits", type=whole, default=128, metavar="N", help="of a code; 8 a codebook")
    added.add_argument("--out", required=True, type=path, metavar="FILE")
    added.add_argument("--steps", type=partial(whole, least=0), default=None, metavar="N")
    added.add_argument("--rate", type=share, default=None, metavar="X", help="highest, of learning")
    added.add_argument("--seed", type=int, default=0, metavar="N")

    added = command("evaluate")
    added.add_argument("file", type=path, nargs="+", metavar="FILE")
    added.add_argument("--protocol", choices=PROTOCOLS, required=True)
    added.add_argument("--plot", type=path, default=None, metavar="FILE", help=".svg, .png or .pdf")
    added.add_argument("--data", required=True, type=path, metavar="FOLDER")

    for name, action in _parts(command("bench"), "engine", "encode", "index", "start"):
        if name == "engine":
            _engine_arguments(action)
        else:
            action.add_argument("folder", type=path, metavar="FOLDER", help="photos to measure with")
    return parser


def _parts(command: argparse.ArgumentParser, *names: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Divide a command; which of its parts was written is its `action`."""
    parts = command.add_subparsers(dest="action", required=True, metavar="|".join(names))
    for name in names:
        part = parts.add_parser(name)
        part.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        yield name, part


def _engine_arguments(added: argparse.ArgumentParser) -> None:
    """What is measured of the engine."""
    added.add_argument("--rows", type=whole, nargs="+", default=[1_000_000], metavar="N", help="codes")
    added.add_argument("--bytes", type=whole, nargs="+", default=[8, 16], metavar="M", help="of a code")
    added.add_argument("--threads", type=whole, default=1, metavar="N")
    added.add_argument("--pairs", type=whole, metavar="N", help="look for all pairs of N codes too")
    added.add_argument(
        "--cold", type=whole, metavar="N", help="answer from a file of N codes on the drive too"
    )
    added.add_argument(
        "--plot", type=path, metavar="FILE", help="draw milliseconds against N (.svg, .png, .pdf)"
    )


def _query_arguments(added: argparse.ArgumentParser) -> None:
    """What is searched for, and what may answer."""
    added.add_argument("photos", nargs="+", type=path, metavar="PHOTO")
    added.add_argument(
        "--without",
        action="append",
        default=[],
        type=path,
        metavar="PHOTO",
        help="less like this; may repeat",
    )
    added.add_argument(
        "--crop",
        type=box,
        default=WHOLE,
        metavar="X,Y,W,H",
        help="only this part of the first photo, in fractions",
    )
    added.add_argument("--top", type=whole, default=20, metavar="N", help="at most so many matches")
    added.add_argument("--since", type=date, metavar="DATE", help="only photos taken on this day or later")
    added.add_argument(
        "--until", type=end_of_date, metavar="DATE", help="only photos taken on this day or before"
    )
    added.add_argument(
        "--camera", default="", metavar="TEXT", help="only photos of cameras whose name holds this"
    )
    added.add_argument(
        "--near",
        type=circle,
        metavar="LAT,LON[,KM]",
        help="only photos taken within so many kilometres (10) of this point, in degrees",
    )
    added.add_argument("--kind", choices=["same-shot"], default="", help="only versions of the same shot")


def _cluster_arguments(action: str, added: argparse.ArgumentParser) -> None:
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
    added.add_argument(
        "--store", type=address, required=True, metavar="ADDRESS", help="a folder, or what fsspec opens"
    )
    if action == "index":
        added.add_argument(
            "sources", type=address, nargs="+", metavar="SOURCE", help="a folder, or what fsspec opens"
        )
        added.add_argument("--retry", action="store_true", help="try again what could not be read")
        added.add_argument("--forget-missing", action="store_true", help="missing photos were deleted")
        added.add_argument("--shard-photos", type=whole, default=262_144, metavar="N", help="photos a shard")
    if action == "serve":
        added.add_argument("--parts", type=whole, default=0, metavar="N", help="one a machine if not given")
        added.add_argument("--replicas", type=whole, default=1, metavar="N", help="copies of each part")
