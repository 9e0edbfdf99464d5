"""Which photos of a library are the same shot: found once, remembered, and never asked about again.

    comparing   codes and looks → candidates → confirmed on thumbnails → pairs in the catalogue
    groups      files that are the same, pairs, decisions, preferences → groups round a keeper

New photos are compared with all others, those compared before are not compared with one another again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.duplicates import (
    REVISION,
    RULES,
    Preferences,
    Verdict,
    are_grey,
    groups_of,
    looks_of,
    may_be_chains,
    squashed,
    to_be_compared,
)
from photosearch.duplicates.grouping import MOVING, RAW
from photosearch.library.decided import Decided, as_text, from_text
from photosearch.library.judging import Judges, Thumbnail
from photosearch.library.pace import Pace
from photosearch.library.pairing import Ids, Pairs, candidates, first_of_each, lowest_cosine
from photosearch.library.revising import Older
from photosearch.library.shared import Shared
from photosearch.library.snapshot import Snapshot
from photosearch.records import AlikePair, Decision, DecisionKind, Group, Photo, Progress
from photosearch.scan import is_unchanged
from photosearch.settings import Settings
from photosearch.store import Catalogue
from photosearch.store.comparisons import PairKind

BURST_SECONDS = 10
"""Photos taken within so many seconds, and very like one another, are of one burst."""

RETAKEN_SECONDS = 60
"""Photos whose exposures are so far apart are two; a clock that was set meanwhile is off by more."""

AT_ONCE = 20_000
"""New photos that are compared before it is written down that they were."""

FILES = 16
"""Files that are read whole before anybody is told how far it is: drives may be slow."""

VERDICTS = 256
"""Pairs judged in a transaction."""


KEPT_AS: dict[Verdict, PairKind] = {
    "same": "same-shot",
    "first-added": "first-added",
    "second-added": "second-added",
}
"""How a pair of the same shot is kept."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What pairs are looked for in.

    Attributes:
        snapshot: The codes that answer.
        codebooks: float32, shape (M, 256, D).
        same_shot: The model's threshold.
        model: Its identity.
    """

    snapshot: Snapshot
    codebooks: NDArray[np.float32]
    same_shot: float
    model: str

    @property
    def mark(self) -> int:
        """Of these codes and the present rules: photos with another mark are compared again."""
        hashed = blake2b(f"{REVISION} {self.model}".encode(), digest_size=4).digest()
        # 0 was not compared, 1 and 2 by rules before those that have marks (`store.schema`).
        return 3 + int.from_bytes(hashed, "little")


class Duplicates:
    """A library's duplicates. Any thread may ask; those that compare at the same time share the work.

    Args:
        codes: What pairs are looked for in, asked anew by each `compare`.
        thumbnail: A photo's thumbnail, from the cache or from its file.
        processes: How many may be at work for `compare`, asked anew by each.
        preferences: What is worth keeping: with that the others of a group are compared.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        codes: Callable[[], Codes],
        thumbnail: Thumbnail,
        processes: Callable[[], int] = lambda: 1,
        preferences: Callable[[], Preferences] = Preferences,
    ) -> None:
        self._catalogue, self._codes, self._thumbnail = catalogue, codes, thumbnail
        self._processes, self._preferences = processes, preferences
        self._comparisons = catalogue.comparisons
        self._comparing = Shared(self._compare)

    # Comparing

    def are_waiting(self) -> bool:
        """Whether there are photos that were not compared yet, or by older rules or another model."""
        return self._comparisons.are_waiting(self._codes().mark)

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for photos to be compared."""
        return self._comparing.is_awaited

    def compare(self, waits: bool = True) -> Generator[Progress]:
        """Compare the photos that are new with all others; what was found is kept as it comes.

        So are those that were compared by older rules or another model, and what was found by these is looked
        at again.

        To stop iterating loses at most the photos that are being compared, if nobody else compares.

        Args:
            waits: Whether somebody waits for it; see `is_awaited`.
        """
        return self._comparing.steps(waits)

    def _compare(self) -> Generator[Progress]:
        with Judges(self._thumbnail, self._processes()) as judges:
            self._comparisons.forget_stale()
            yield from self.look()
            yield from self._hash(self._comparisons.same_ends())
            yield from self._confirm(judges)

    def look(self) -> Iterator[Progress]:
        """Make the looks of photos that have none, or one by older rules, from their thumbnails."""
        waiting = self._comparisons.without_look()
        pace = Pace()
        for start in range(0, len(waiting), VERDICTS):
            photos, ends = self._as_they_are(waiting[start : start + VERDICTS])
            squares, ids = [], []
            for photo in photos:
                jpeg = self._thumbnail(photo)
                if jpeg is not None:
                    # One that is broken in the cache is like one that is not there.
                    with suppress(OSError):
                        squares.append(squashed(jpeg))
                        ids.append(photo.id)
            if ids:
                self._comparisons.keep_looks(ids, looks_of(np.stack(squares)), ends)
            done = start + len(photos)
            rate = pace.mark(done)
            yield Progress("looking", done, len(waiting), rate, pace.left(len(waiting) - done))

    def _hash(self, same_ends: Sequence[Sequence[int]]) -> Iterator[Progress]:
        """Read whole those files that may be the same."""
        ids = [id for together in same_ends for id in together]
        known = self._comparisons.contents(ids)
        waiting = [id for id in ids if id not in known]
        pace = Pace()
        for start in range(0, len(waiting), FILES):
            photos, ends = self._as_they_are(waiting[start : start + FILES])
            hashes = [(photo.id, contents_hash(photo.path)) for photo in photos if not photo.offline]
            sound = [
                (id, hashed)
                for (id, hashed), photo in zip(hashes, (p for p in photos if not p.offline), strict=True)
                if hashed and is_unchanged(photo.path, photo.size, photo.modified_ns)
            ]
            self._comparisons.keep_contents(sound, ends)
            done = start + len(photos)
            yield Progress("reading", done, len(waiting), pace.mark(done))

    def _as_they_are(self, ids: Sequence[int] | Ids) -> tuple[list[Photo], dict[int, bytes]]:
        """Photos, and by their ids the hashes of their ends at the same moment."""
        with self._catalogue.reading():
            return self._catalogue.photos.by_id(ids), self._comparisons.ends_of(ids)

    def _confirm(self, judges: Judges) -> Iterator[Progress]:
        codes = self._codes()
        known = self._comparisons.looks()
        both, at, in_codes = np.intersect1d(known.ids, codes.snapshot.ids, return_indices=True)
        # What was compared comes first, so that only pairs with a new one are asked for.
        order = np.argsort(known.marks[at] != codes.mark, kind="stable")
        at = at[order]
        ids, looks, ends, marks = both[order], known.looks[at], known.ends[at], known.marks[at]
        rows, done = codes.snapshot.codes.rows(in_codes[order]), marks == codes.mark
        # What is seen of a file holds for all that are the same.
        same = self._comparisons.same_contents()
        once = first_of_each(same, ids)
        copies = ~once & ~done
        copied, ends_of_copied = ids[copies], ends[copies]
        again = bool(((marks != 0) & ~done).any())
        ids, looks, ends, rows, first_new = (
            ids[once],
            looks[once],
            ends[once],
            rows[once],
            int(done[once].sum()),
        )
        total, pace, likeness = len(ids) - first_new, Pace(), _Likeness(codes)
        yield Progress("comparing", 0, total)
        for _ in self._judge_all(self._comparisons.unseen(), judges, likeness):
            yield Progress("comparing", 0, total)
        older = Older(self._comparisons.compared_pairs() if again else {}, ids)
        self._comparisons.add_pairs((), {}, older.elsewhere(same, first_new, known.ids))
        chunk = max(AT_ONCE, len(ids) // 4)
        floor = lowest_cosine(rows, codes.codebooks, codes.same_shot) if total else 1.0
        for start in range(first_new, len(ids), chunk):
            end = min(start + chunk, len(ids))
            pairs = Pairs(end)
            for found in candidates(rows[:end], looks[:end], codes.codebooks, floor, start):
                pairs.add(*found)
                yield Progress("comparing", start - first_new, total)
            pairs.add(*older.between(start, end))
            for share in self._look_at(pairs, ids, judges, likeness, older):
                finished = start - first_new + int(share * (end - start))
                rate = pace.mark(finished)
                yield Progress("comparing", finished, total, rate, pace.left(total - finished))
            for _ in self._judge_all(older.to_ask(start, end), judges, likeness):
                yield Progress("comparing", end - first_new, total)
            self._comparisons.add_pairs((), {}, older.not_asked(start, end))
            self._comparisons.set_compared(ids[start:end], ends[start:end], codes.mark)
        self._comparisons.set_compared(copied, ends_of_copied, codes.mark)
        while chains := self._chains():
            for _ in self._judge_all(chains, judges, likeness, "apart"):
                yield Progress("comparing", total, total)
        yield Progress("comparing", total, total)

    def _look_at(
        self, pairs: Pairs, ids: Ids, judges: Judges, likeness: _Likeness, older: Older
    ) -> Iterator[float]:
        """Decide about candidates, the likest of each photo first; which share of them is done."""
        done = 0
        rounds = pairs.rounds()
        asked = next(rounds, None)
        while asked is not None:
            older.asked(*asked)
            first, second = (ids[each].tolist() for each in asked)
            answers = list[bool | None]()
            for part in self._judge_all(list(zip(first, second, strict=True)), judges, likeness):
                answers += part
                done += len(part)
                yield done / (done + pairs.left + len(first) - len(answers))
            try:
                asked = rounds.send(answers)
            except StopIteration:
                asked = None

    def _judge_all(
        self,
        pairs: Sequence[tuple[int, int]],
        judges: Judges,
        likeness: _Likeness,
        otherwise: PairKind | None = None,
    ) -> Iterator[list[bool | None]]:
        """Decide about many pairs; of some after the other what `_judge` says."""
        judges.expect(len(pairs))
        for start in range(0, len(pairs), VERDICTS):
            yield self._judge(pairs[start : start + VERDICTS], judges, likeness, otherwise)

    def _judge(
        self,
        pairs: Sequence[tuple[int, int]],
        judges: Judges,
        likeness: _Likeness,
        otherwise: PairKind | None,
    ) -> list[bool | None]:
        """Decide by times and pixels, and keep what was found.

        Args:
            otherwise: What is kept of those that are nothing to one another.

        Returns:
            Whether each is of one shot by its pixels; None if it was not looked at.
        """
        wanted = sorted({id for pair in pairs for id in pair})
        found, ends = self._as_they_are(wanted)
        photos = {photo.id: photo for photo in found}
        kinds, looked_at = dict[tuple[int, int], PairKind | None](), list[tuple[int, int]]()
        retaken, alike = set[tuple[int, int]](), set[tuple[int, int]]()
        for pair in pairs:
            if pair[0] not in photos or pair[1] not in photos:
                continue
            times = photos[pair[0]].details.taken, photos[pair[1]].details.taken
            apart = None if times[0] is None or times[1] is None else abs(times[0] - times[1])
            if apart is not None and apart <= BURST_SECONDS and likeness.is_high(*pair):
                alike.add(pair)
            if apart is not None and 0 < apart <= RETAKEN_SECONDS:
                # Two photos, whatever their pixels say.
                retaken.add(pair)
                if pair in alike or apart > BURST_SECONDS:
                    kinds[pair] = "burst" if pair in alike else otherwise
                    continue
            looked_at.append(pair)
        by_pixels = judges.verdicts([(photos[one], photos[other]) for one, other in looked_at])
        seen = dict(zip(looked_at, by_pixels, strict=True))
        for pair, verdict in seen.items():
            if verdict is None:
                kinds[pair] = "unseen"
            elif verdict == "other":
                kinds[pair] = "burst" if pair in alike else otherwise
            else:
                kinds[pair] = "burst" if pair in retaken else KEPT_AS[verdict]
        self._comparisons.add_pairs(
            [(*pair, kind) for pair, kind in kinds.items() if kind],
            ends,
            [pair for pair, kind in kinds.items() if kind is None],
        )
        return [None if (verdict := seen.get(pair)) is None else verdict != "other" for pair in pairs]

    def _chains(self) -> list[tuple[int, int]]:
        """Pairs of a photo that is going to be kept and one that only matches what matches it."""
        with self._catalogue.reading():
            compared, pairs = self._comparisons.compared_pairs(), self._comparisons.pairs()
            same = self._comparisons.same_contents()
            members = may_be_chains(same, pairs, compared)
            if not members:
                return []
            known = self._known(
                [together for together in same if not members.isdisjoint(together)],
                [pair for pair in pairs if pair[0] in members],
            )
        preferences = self._preferences()
        asked = (
            known.photos,
            known.same,
            known.pairs,
            compared,
            preferences,
            known.decided,
            known.grey,
            known.added,
        )
        return to_be_compared(*asked)

    # Groups

    def groups(
        self,
        preferences: Preferences = Preferences(),  # noqa: B008 - frozen
        kinds: Collection[str] = (),
        under: Path | None = None,
    ) -> list[Group]:
        """The duplicates that were found so far and nothing was decided about, most bytes to be gained first.

        Args:
            kinds: Only groups of these kinds; none: of all.
            under: Only groups with a photo in this folder or below it.
        """
        with self._catalogue.reading():
            known = self._known(self._comparisons.same_contents(), self._comparisons.pairs())
        asked = known.photos, known.same, known.pairs, preferences, known.decided, _film
        found = groups_of(*asked, known.grey, known.added, _is_same_file)
        return [
            group
            for group in found
            if (not kinds or group.kind in kinds)
            and (under is None or any(each.photo.path.is_relative_to(under) for each in group.photos))
        ]

    def _known(self, same: Sequence[Sequence[int]], pairs: Sequence[AlikePair]) -> _Known:
        """What is known of these photos, and of all RAW files."""
        wanted = {id for together in same for id in together} | {id for pair in pairs for id in pair[:2]}
        ids = sorted(wanted.union(self._catalogue.photos.families(sorted(RAW))))
        photos = {photo.id: photo for photo in self._catalogue.photos.by_id(ids)}
        decided = Decided(self._comparisons.decisions(), self._comparisons.ends_of(list(photos)))
        seen, looks = self._comparisons.looks_of(list(photos))
        grey = frozenset(seen[are_grey(looks)].tolist()) if len(seen) else frozenset()
        added = self._comparisons.with_additions()
        # What is seen of a file holds for all that are the same.
        added.update(id for together in same if not added.isdisjoint(together) for id in together)
        return _Known(photos, same, pairs, decided, grey, added)

    # Decisions

    def decide(self, photos: Iterable[Photo], kind: DecisionKind) -> int:
        """Keep for ever that photos are not shown as duplicates of one another; the id, to take it back."""
        ends = self._comparisons.ends_of([photo.id for photo in photos])
        return self._comparisons.add_decision(kind, dict(Counter(ends.values())), int(time.time()))

    def take_back(self, decision: int) -> bool:
        """Undo a decision; whether there was one."""
        return self._comparisons.remove_decision(decision)

    def decisions(self) -> list[Decision]:
        """What was decided, oldest first."""
        return self._comparisons.decisions()

    def export_decisions(self) -> str:
        """All decisions as JSON, to be read by `import_decisions` of this or another library."""
        return as_text(self.decisions())

    def import_decisions(self, text: str) -> int:
        """Add the decisions of an export that are not here yet; how many.

        Raises:
            DecisionsUnreadable: It is no such export; nothing was added.
        """
        new = from_text(text)
        with self._catalogue.transaction():
            here = [(decision.kind, decision.contents) for decision in self.decisions()]
            added = [each for each in new if (each[0], each[2]) not in here]
            for kind, made, contents in added:
                self._comparisons.add_decision(kind, contents, made)
        return len(added)


def preferences_of(settings: Settings) -> Preferences:
    """What the settings say is worth keeping."""
    rules = [rule for rule in settings.keep_rules.split() if rule in RULES]
    # Settings that are older than a rule leave it out: it comes after what it usually follows.
    before = None
    for rule in RULES:
        if rule not in rules:
            rules.insert(0 if before is None else rules.index(before) + 1, rule)
        before = rule
    folders = tuple(Path(line) for line in settings.reference_folders.split("\n") if line)
    return Preferences(tuple(rules), folders)


def contents_hash(path: Path) -> bytes | None:
    """BLAKE2b, 16 bytes, of a whole file; None if it cannot be read."""
    hashed = blake2b(digest_size=16)
    try:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(1 << 20):
                hashed.update(piece)
    except OSError:
        return None
    return hashed.digest()


@dataclass(frozen=True, slots=True)
class _Known:
    """What groups are made of; see `duplicates.groups_of`."""

    photos: dict[int, Photo]
    same: Sequence[Sequence[int]]
    pairs: Sequence[AlikePair]
    decided: Decided
    grey: Collection[int]
    added: Collection[int]


class _Likeness:
    """How like the codes of two photos are."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._order = np.argsort(codes.snapshot.ids)

    def is_high(self, one: int, other: int) -> bool:
        snapshot = self._codes.snapshot
        at = np.searchsorted(snapshot.ids, [one, other], sorter=self._order)
        vectors = engine.reconstruct(snapshot.codes.rows(self._order[at]), self._codes.codebooks)
        norms = np.linalg.norm(vectors, axis=1)
        return bool(vectors[0] @ vectors[1] >= self._codes.same_shot * norms[0] * norms[1])


def _is_same_file(one: Photo, other: Photo) -> bool:
    """Whether two photos that were the same byte for byte are one file, by a link of either kind."""
    with suppress(OSError):
        return not (one.offline or other.offline) and one.path.samefile(other.path)
    return False


def _film(photo: Photo) -> Path | None:
    """The film of a live photo, which lies beside it under the same name."""
    stem = os.path.splitext(photo.path)[0]
    films = (stem + ending for ending in (*MOVING, *(ending.upper() for ending in MOVING)))
    return next((Path(film) for film in films if os.path.exists(film)), None)
