"""Photos that are there twice: duplicates; and that are here already: check."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.cli.options import library_of
from photosearch.cli.output import byte_count, photo_count, print_answer, tell, writing
from photosearch.cli.progress import finished, shown
from photosearch.cli.search import only_below
from photosearch.errors import PhotoSearchError
from photosearch.records import Group, Removal

if TYPE_CHECKING:
    from photosearch.library import Library


def duplicates(options: argparse.Namespace) -> int:
    """Groups of the same shot, and which photo of each is worth keeping; --trash removes the others."""
    with library_of(options) as library:
        if options.undo:
            return _undo(options, library)
        under = only_below(options, library)
        found = library.duplicates()
        if options.import_decisions:
            try:
                found.import_decisions(_read_text(options.import_decisions))
            except (OverflowError, RecursionError) as error:
                # A number or a depth that no export has; nothing was added.
                raise PhotoSearchError(f"{options.import_decisions} is no export: {error}.") from None
        for _ in shown(found.compare()):
            pass
        groups = found.groups(library.preferences(), options.kind, under)
        if options.export_decisions:
            with writing(options.export_decisions) as file:
                file.write(found.export_decisions().encode())
        if options.report:
            with writing(options.report) as file:
                for piece in library.report(groups):
                    file.write(piece.encode())
        if options.trash:
            return _trash(options, library, groups)
    answer = {"groups": [_group_answer(group) for group in groups]}
    return print_answer(options, answer, _groups_text(groups))


def _trash(options: argparse.Namespace, library: Library, groups: Sequence[Group]) -> int:
    """Move what the suggestion would remove to the trash, once a person has agreed."""
    from photosearch.library.cleaning import suggestion

    cleaning = library.cleaning()
    # The same shot in another state may be worth keeping: only who asks for that kind means it.
    plan = cleaning.plan(suggestion(groups, options.kind or ["exact"]))
    size = byte_count(plan.bytes)
    text = f"{photo_count(plan.files)} and {plan.sidecars} sidecars, {size}, would go to the trash."
    text = " ".join([text, *(reason for _, _, reason in plan.left_out)])
    if plan.files and not options.yes:
        if options.json or not sys.stdin.isatty():
            raise PhotoSearchError(f"{text} Nothing was done: add --yes to do it.")
        tell(f"{text} Go on? [y/N] ", end="")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise PhotoSearchError("Nothing was done.")
    return _removals(options, finished(cleaning.execute(plan, options.holding_folder)))


def _undo(options: argparse.Namespace, library: Library) -> int:
    """Put back what was removed last; of what is no longer in the trash, it is told, and what was before."""
    from photosearch.library.cleaning import batches

    cleaning = library.cleaning()
    told = list[Removal]()
    for batch, removals in batches(cleaning.removals()).items():
        # What never moved was told when it did not.
        moved = {removal.id for removal in removals if removal.state == "done"}
        if moved:
            told += [removal for removal in finished(cleaning.undo(batch)) if removal.id in moved]
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
    print_answer(options, answer, lines or ["Nothing is to be removed."])
    # A file that was to go and did not, or was to come back and did not, is for a person to look at.
    return 1 if any(each.state == "failed" or each.reason for each in removals) else 0


def check(options: argparse.Namespace) -> int:
    """Which photos of a card or folder are in the library already."""
    with library_of(options) as library:
        checked = finished(library.check(options.folder))
    answer = {
        "photos": checked.photos,
        "known": [
            {"photo": str(each.photo), "in_library": str(each.in_library.path), "kind": each.kind}
            for each in checked.known
        ],
        "own": [str(path) for path in checked.own],
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
    if checked.own:
        lines.append(f"Files of the library itself, of which no copy is known elsewhere: {len(checked.own)}.")
    if (checked.new or checked.own) and checked.not_compared:
        waiting = photo_count(checked.not_compared)
        lines.append(f"{waiting} of the library could not be compared: not indexed yet, or no picture left.")
    return print_answer(options, answer, lines)


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
                f"    {each.kind:9}  {details.width} × {details.height}, {byte_count(each.photo.size):8}  "
                f"{each.photo.path}{f'  ({each.protected})' if each.protected else ''}"
            )
    gained = sum(each.photo.size for group in groups for each in group.removable)
    removable = sum(len(group.removable) for group in groups)
    count = "1 group" if len(groups) == 1 else f"{len(groups)} groups"
    lines.append(f"{count}; {photo_count(removable)} could go, {byte_count(gained)}.")
    return lines


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PhotoSearchError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise PhotoSearchError(f"{path} cannot be read: it is no text.") from None
