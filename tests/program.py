"""The program with the fake encoder, as a process that can be killed: python -m tests.program COMMAND HOME …

What it encodes it also counts in `HOME/encoded`, a line a batch, before anything of it is in the catalogue.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

# What the decoding processes do not need is imported by the command that does.


def index(home: str, folder: str) -> None:
    """Bring a library up to date, once."""
    with _library(home) as library:
        library.add_folder(Path(folder))
        _say("begun")
        for progress in library.update():
            _say(progress.tally.encoded)


def index_for_ever(home: str, folder: str) -> None:
    """Bring a library up to date again and again."""
    with _library(home) as library:
        library.add_folder(Path(folder))
        _say("begun")
        before = 0
        while True:
            for progress in library.update():
                _say(before + progress.tally.encoded)
            before += progress.tally.encoded


def watch(home: str, folder: str) -> None:
    """Follow a folder."""
    with _library(home) as library:
        library.add_folder(Path(folder))
        _say("begun")
        for progress in library.follow():
            _say(progress.tally.encoded)


def rebuild(home: str) -> None:
    """Make the code file again and again: by a repair, and as a library does that saves it."""
    from photosearch.library.verifying import verify
    from photosearch.settings import Places
    from photosearch.store import Catalogue, read_code_file, write_code_file

    places = Places.under(Path(home))
    with closing(Catalogue(places.catalogue)) as catalogue:
        [spec] = catalogue.codes.models()
    _say("begun")
    while True:
        sound = read_code_file(places.codes)
        for _ in range(50 if sound else 0):
            write_code_file(places.codes, spec, sound.generation, sound.ids, sound.codes)
        damaged = places.codes.with_name("damaged")
        damaged.write_bytes(b"damaged")
        os.replace(damaged, places.codes)
        list(verify(places, repair=True))


def repair(home: str) -> None:
    """Repair a library."""
    from photosearch.library.verifying import verify
    from photosearch.settings import Places

    _say("begun")
    list(verify(Places.under(Path(home)), repair=True))


def migrate(home: str) -> None:
    """Bring a catalogue to this version."""
    from photosearch.settings import Places
    from photosearch.store import Catalogue

    _say("begun")
    Catalogue(Places.under(Path(home)).catalogue).close()


def search(home: str, seconds: str, seed: str) -> None:
    """Search while the library changes; says at the end what was wrong, or how many answers were right."""
    from photosearch.errors import PhotoUnreadable
    from photosearch.records import Example, Query

    chosen, answers = random.Random(int(seed)), 0
    with _library(home) as library:
        # Photos that answered: they are searchable, while one that is only listed may wait still.
        searchable: list[Path] = []
        _say("begun")
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            status = library.status()
            if status.photos != status.encoded + status.waiting + status.offline + status.unreadable:
                return _say(f"does not add up: {status}")
            listed = [photo.path for photo in library.photos(library.listing()[-200:].tolist())]
            path = chosen.choice(searchable or listed)
            try:
                answer = library.search(Query((Example(path),), count=20))
                wrong = _wrong(answer, path, path in searchable)
            except (PhotoUnreadable, FileNotFoundError):
                # Deleted, or renamed.
                wrong = f"{path} could not be read" if path.exists() else ""
                searchable = []
                answer = None
            if wrong:
                return _say(wrong)
            if answer:
                answers += 1
                # From time to time begin with another, and not always with one that is like the last.
                searchable = [match.photo.path for match in answer.matches] if chosen.random() < 0.8 else []
    _say(f"{answers} right answers")


def _wrong(answer: Any, path: Path, searchable: bool) -> str:
    """What is wrong with an answer, empty if nothing is."""
    import numpy as np

    from tests.fakes import CoarseColourEncoder
    from tests.torture import number_of, pixels_of

    found = [match.photo.path for match in answer.matches]
    if len(set(found)) != len(found):
        return f"a photo is twice among {found}"
    if [match.rank for match in answer.matches] != list(range(1, len(found) + 1)):
        return f"ranks of {answer.matches}"
    kinds = [match.kind for match in answer.matches]
    if kinds != sorted(kinds, key=["same-shot", "similar"].index):
        return f"the kinds {kinds} are in no order"
    # Of the same shot that comes first which agrees best by its pixels; of four colours, some do by chance.
    scores = [match.score for match in answer.matches if match.kind == "similar"]
    if scores != sorted(scores, reverse=True):
        return f"the scores {scores} are in no order"
    if searchable and number_of(found[0]) != number_of(path) and path.exists():
        return f"{path} is not the photo most like itself, but {found[0]} is"
    for match in answer.matches[:1] + answer.matches[-1:]:
        # It may have been renamed meanwhile.
        with suppress(FileNotFoundError):
            vectors = CoarseColourEncoder().vectors(np.stack([pixels_of(path), pixels_of(match.photo.path)]))
            if abs(vectors[0] @ vectors[1] - match.score) > 0.02:
                return (
                    f"{match.photo.path} scores {match.score} with {path}, and not {vectors[0] @ vectors[1]}"
                )
    return ""


def _library(home: str) -> Any:
    from photosearch.library import Library
    from photosearch.settings import Places, Settings
    from tests.fakes import CoarseColourEncoder, coarse_colour_model

    class Counting(CoarseColourEncoder):
        def encode(self, pixels: Any) -> Any:
            with open(Path(home) / "encoded", "a") as file:
                file.write(f"{len(pixels)}\n")
            return super().encode(pixels)

    return closing(
        Library(
            Places.under(Path(home)),
            Settings(workers=1),
            model=coarse_colour_model(),
            encoder=Counting(),
        )
    )


def _say(what: object) -> None:
    print(what, flush=True)


def main() -> int:
    from photosearch.errors import PhotoSearchError

    # Warnings go to a file in the program too.
    logging.basicConfig(filename=os.devnull)
    command, *arguments = sys.argv[1:]
    try:
        globals()[command](*arguments)
    except PhotoSearchError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever listened was interrupted.
        os._exit(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
