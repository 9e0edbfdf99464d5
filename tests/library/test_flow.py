"""How photos flow from the disk to the searches: which come first, how soon, how many are on their way."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from pathlib import Path

import pytest

from photosearch.decode.pool import AHEAD
from photosearch.library.indexing import BATCH, BATCH_SECONDS, PAGE, Indexer
from photosearch.records import Example, Query
from photosearch.settings import Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import draw

WORKERS = 2
COUNT = 4 * BATCH


class Counting(CoarseColourEncoder):
    """Remembers the batches, and can be held before each."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def encode(self, pixels):
        self.batches.append(len(pixels))
        return super().encode(pixels)


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture
def settings() -> Settings:
    return Settings(workers=WORKERS, effort="full")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Photos, the newest first; their names say nothing about their age."""
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / f"{(number * 37) % COUNT:03}.jpg" for number in range(COUNT)]
    for number, path in enumerate(paths):
        draw("sea", number, (48, 36)).save(path)
        os.utime(path, (1_600_000_000 - number, 1_600_000_000 - number))
    return paths


def test_the_newest_photos_come_first_and_are_searchable_from_the_first_batch(library, photos):
    library.add_folder(photos[0].parent)
    steps = library.update()
    first = next(step for step in steps if step.published)
    # What is asked of the decoders ahead may come in another order.
    ahead = PAGE + AHEAD * WORKERS
    answer = library.search(Query((Example(photos[0]),), count=COUNT))
    searchable = {photos.index(match.photo.path) for match in answer.matches}
    assert len(searchable) == first.done <= BATCH
    assert max(searchable) < first.done + ahead
    newest = photos[min(searchable)]
    assert library.search(Query((Example(newest),))).matches[0].photo.path == newest
    list(steps)
    assert library.status().encoded == COUNT


def test_while_the_encoder_is_held_up_only_so_many_photos_are_on_their_way(library, photos, encoder):
    library.add_folder(photos[0].parent)
    listing = library.update()
    next(step for step in listing if step.step == "indexing")
    listing.close()
    encoder.hold.clear()
    spec = coarse_colour_model().spec
    waiting = deque(library._catalogue.codes.waiting(spec.identity))
    assert len(waiting) == COUNT
    indexer = Indexer(library._catalogue, library._thumbnails, spec, library._chosen.decoders, encoder)
    indexing = threading.Thread(target=lambda: list(indexer.encode(waiting)))
    indexing.start()
    left = 0
    while not encoder.batches or left != len(waiting):
        left = len(waiting)
        time.sleep(2 * BATCH_SECONDS)
    # A batch at the encoder, one that is full, what is asked of the decoders, a page of the catalogue.
    assert COUNT - left <= 2 * BATCH + AHEAD * WORKERS + PAGE
    assert len(encoder.batches) == 1
    encoder.hold.set()
    indexing.join(60)
    assert sum(encoder.batches) == COUNT == library.status().encoded


def test_a_reader_that_looks_away_stops_the_flow_and_nothing_is_lost(library, photos, encoder):
    """Pausing is to ask for no further step."""
    library.add_folder(photos[0].parent)
    steps = library.update()
    next(step for step in steps if step.published)
    done = -1
    while done != len(encoder.batches):
        done = len(encoder.batches)
        time.sleep(1.0)
    assert sum(encoder.batches) <= 2 * BATCH
    list(steps)
    assert sum(encoder.batches) == COUNT == library.status().encoded
