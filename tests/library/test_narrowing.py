"""What a filter keeps is kept, and answers stay those of a library that was opened just now."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.blocks import CodeBlocks
from photosearch.engine import unpacked
from photosearch.errors import FolderUnavailable, GivenUp
from photosearch.library import Library, snapshot
from photosearch.library.answering import Seen, known_by
from photosearch.library.snapshot import FEW, Snapshot
from photosearch.records import Answer, Details, Example, Filters, FoundFile, Query
from photosearch.settings import Places
from photosearch.store import Catalogue, EncodedPhoto
from photosearch.store.photos import Photos
from tests import million

FOLDERS = 24
ROOT, ELSEWHERE = Path("/photos").absolute(), Path("/elsewhere").absolute()

VECTORS = {
    Example(str(number).encode()): vector / np.linalg.norm(vector)
    for number, vector in enumerate(
        np.random.default_rng(2).standard_normal((4, million.DIMENSION), np.float32)
    )
}
EXAMPLES = list(VECTORS)


def folder(number: int) -> str:
    return f"{number:05} A summer trip"


FILTERS = [
    Filters(),
    # One folder of 24, all of them, one that may come to be, and one of another root.
    *(Filters(under=root / name) for root in (ROOT, ELSEWHERE) for name in (folder(3), "", "new")),
    Filters(under=ROOT / folder(3), kind="same-shot"),
    Filters(until=2**26),
    Filters(since=2**29, camera="canon"),
    Filters(camera="another"),
    Filters(orientation="portrait"),
    Filters(most_pixels=2),
]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("generated")
    million.generate(home, FOLDERS * million.A_FOLDER)
    million.opened(home)[0].close()
    return home


@pytest.fixture
def home(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated, tmp_path / "home"))


@contextmanager
def opened(home: Path) -> Iterator[Library]:
    """A library that knows the vectors of the examples, as if it had encoded them."""
    library, _ = million.opened(home)
    library._chosen._seen |= {
        known_by(example): Seen(np.stack([vector, vector])) for example, vector in VECTORS.items()
    }
    try:
        yield library
    finally:
        library.close()


def told(answer: Answer) -> list[tuple[int, float, str]]:
    return [(match.photo.id, match.score, match.kind) for match in answer.matches]


def answers(library: Library, filters: Filters, example: Example = EXAMPLES[0]) -> object:
    """What is found, or the sentence by which it is refused."""
    try:
        return told(library.search(Query((example,), filters, count=40)))
    except FolderUnavailable as error:
        return str(error)


NAMES = itertools.count()
"""No two new photos have one name, also where a step is taken twice."""


class Changes:
    """Changes of a catalogue that come with an update, by a person, or from another process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def some(self, seed: int) -> list[int]:
        return np.random.default_rng(seed).permutation(self._catalogue.photos.ids())[:40].tolist()

    def root(self) -> int:
        return self._catalogue.roots.all()[0].id

    def move(self, seed: int) -> None:
        place = (folder(3), "new")[seed % 2]
        self._catalogue.files.move((id, self.root(), place, f"{id}", seed) for id in self.some(seed))

    def delete(self, seed: int) -> None:
        self._catalogue.files.mark_missing(self.some(seed), ("gone", "offline")[seed % 2], seed)

    def put_back(self, seed: int) -> None:
        self._catalogue.files.mark_present(self.some(seed))

    def purge(self, seed: int) -> None:
        self._catalogue.files.purge_gone(seed)

    def edit(self, seed: int) -> None:
        """Files have other contents, which wait for codes."""
        self._catalogue.files.change((id, FoundFile("", 1, seed)) for id in self.some(seed))

    def encode(self, seed: int) -> None:
        """New photos, and those that wait, have other details and codes."""
        chosen = np.random.default_rng(seed)
        files = [FoundFile(f"new {next(NAMES)}", 1, seed) for _ in range(20)]
        self._catalogue.files.add(self.root(), folder(seed % 5), files)
        details = Details(1, 1 + seed % 3, (None, 1, 2**30)[seed % 3], "another")
        waiting = self._catalogue.files.known(self._catalogue.codes.waiting(million.SPEC.identity))
        made = [
            EncodedPhoto(
                photo.id, photo.size, photo.modified_ns, bytes(16), details, chosen.bytes(million.BYTES)
            )
            for photo in waiting
        ]
        self._catalogue.codes.record(million.SPEC, made, [])

    def relocate(self, seed: int) -> None:
        """The root was renamed: no code is another."""
        self._catalogue.roots.relocate(self.root(), (ROOT, ELSEWHERE)[seed % 2])

    def unplug(self, seed: int) -> None:
        self._catalogue.roots.set(self.root(), ("offline", "watched")[seed % 2])

    def pack(self, seed: int) -> None:
        self._catalogue.compact()


CHANGES = [name for name in vars(Changes) if name[0] != "_" and name not in ("some", "root")]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(CHANGES),
        st.integers(0, 50),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(FILTERS), st.sampled_from(EXAMPLES)), max_size=4),
    ),
    min_size=1,
    max_size=5,
)


@given(STEPS, st.sampled_from(FILTERS))
@settings(max_examples=20)
def test_whatever_changes_a_filter_answers_as_among_all_codes_of_a_library_opened_just_now(
    generated, steps, filters
):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(generated, Path(folder, "home")))
        other = Catalogue(Places.under(home).catalogue)
        with opened(home) as library:
            answers(library, filters)
            for change, seed, elsewhere, searches in steps:
                getattr(Changes(other if elsewhere else library._catalogue), change)(seed)
                with opened(home) as fresh:
                    for asked, example in [(filters, EXAMPLES[0]), *searches, (filters, EXAMPLES[1])]:
                        fresh._narrowing._kept = None
                        # Among all codes, of which a filter keeps some.
                        with mock.patch.object(snapshot, "FEW", 0):
                            expected = answers(fresh, asked, example)
                        assert answers(library, asked, example) == expected
        other.close()


def test_the_catalogue_is_asked_once_what_a_filter_keeps(home, monkeypatch):
    asked = []
    ids_matching = Photos.ids_matching

    def counting(photos: Photos, filters: Filters) -> object:
        asked.append(filters)
        return ids_matching(photos, filters)

    monkeypatch.setattr(Photos, "ids_matching", counting)
    one, many = Filters(under=ROOT / folder(3)), Filters(since=2**29)
    with opened(home) as library:
        for filters in (one, many):
            asked.clear()
            for example in EXAMPLES * 2:
                answers(library, filters, example)
            # What scores tell is nothing to ask the catalogue.
            answers(library, Filters(under=filters.under, since=filters.since, kind="same-shot"))
            # Nor does a search without a filter make it forgotten.
            answers(library, Filters())
            answers(library, filters)
            assert asked == [filters]


def test_who_narrows_while_the_library_is_closed_is_told_so(home):
    with opened(home) as library:
        current = library._chosen.current()
        library.close()
        with pytest.raises(GivenUp):
            library._narrowing.narrowed(current, Filters(under=ROOT))


@pytest.mark.parametrize("change", ["relocate", "encode"])
def test_a_change_by_another_process_is_seen_by_the_next_search(home, change):
    with opened(home) as library:
        before = [answers(library, filters) for filters in FILTERS]
        program = f"""if True:
            from pathlib import Path
            from photosearch.settings import Places
            from photosearch.store import Catalogue
            from tests.library.test_narrowing import Changes
            catalogue = Catalogue(Places.under(Path({str(home)!r})).catalogue)
            Changes(catalogue).{change}(1)
            catalogue.close()"""
        for filters in FILTERS:
            # The last filter asked about is the one that is kept.
            assert answers(library, filters) == before[FILTERS.index(filters)]
        subprocess.run([sys.executable, "-c", program], check=True)
        after = [answers(library, filters) for filters in reversed(FILTERS)][::-1]
        with opened(home) as fresh:
            assert after == [answers(fresh, filters) for filters in FILTERS]
        assert after != before


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed here")
def test_photos_count_by_the_date_of_their_file_in_the_zone_of_now(home, monkeypatch):
    try:
        with opened(home) as library:
            catalogue = library._catalogue
            root = catalogue.roots.all()[0].id
            moment = 1_600_000_000
            [photo] = catalogue.files.add(root, "new", [FoundFile("one", 1, moment * 10**9)])
            made = EncodedPhoto(photo.id, 1, photo.modified_ns, bytes(16), Details(1, 1), bytes(16))
            catalogue.codes.record(million.SPEC, [made], [])
            filters = Filters(under=ROOT / "new", since=moment + 1)
            found = []
            for zone in ("UTC0", "CET-1", "UTC0", "EST5"):
                monkeypatch.setitem(os.environ, "TZ", zone)
                time.tzset()
                found.append(len(library.search(Query((EXAMPLES[0],), filters)).matches))
            assert found == [0, 1, 0, 0]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_few_photos_are_laid_out_apart_in_their_order_and_many_are_not():
    ids = np.random.default_rng(0).permutation(5000) + 1
    rows = np.stack([ids % 251, ids // 251, ids % 7], 1).astype(np.uint8)
    whole = Snapshot(ids, CodeBlocks.from_rows(rows), 1)
    for count in (0, 1, int(FEW * 5000), int(FEW * 5000) + 1, 5000):
        # Some are asked for that are not here.
        wanted = np.append(np.arange(1, count + 1), [7000, 8000])
        at = np.flatnonzero(ids <= count)
        apart, allowed = whole.narrowed(wanted)
        if count <= FEW * 5000:
            assert apart is not None and allowed is None
            assert apart.ids.tolist() == ids[at].tolist() and apart.present is None
            assert np.array_equal(apart.codes.rows(np.arange(count)), rows[at])
        else:
            assert apart is None and allowed is not None
            assert np.flatnonzero(unpacked(allowed, 5000)).tolist() == at.tolist()


def test_what_a_filter_keeps_is_there_before_the_first_query_under_it(home):
    with opened(home) as library:
        assert library._narrowing._kept is None
        library.warm(Filters(since=2**29))
        kept = library._narrowing._kept
        assert kept is not None
        answers(library, Filters(since=2**29))
        assert library._narrowing._kept is kept


def test_what_a_filter_keeps_holds_no_snapshot_that_was_replaced(home):
    with opened(home) as library:
        answers(library, Filters(since=2**29))
        kept = library._narrowing._kept
        Changes(library._catalogue).encode(1)
        library._chosen.current()
        # Until then it is known by it what is to be written.
        library._chosen.save()
        assert kept is not None and kept.of() is None
