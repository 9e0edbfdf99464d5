"""Which photos of a card or folder are in the library already, before anything is copied.

A file that is the same byte for byte is known without being decoded; of the others a code and a look are
made, as of photos that are indexed, and what they find is confirmed on pixels. Nothing is kept of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photosearch.decode import DecodePool, is_photo
from photosearch.duplicates import Picture, compare, is_same_shot, looks_of
from photosearch.errors import FolderUnavailable, PhotoUnreadable
from photosearch.files import absolute
from photosearch.library.duplicates import Codes, contents_hash
from photosearch.library.indexing import BATCH, Encoder
from photosearch.library.judging import Thumbnail
from photosearch.library.pace import Pace
from photosearch.library.pairing import Pairs, candidates, lowest_cosine
from photosearch.library.whereabouts import is_away
from photosearch.records import Failure, Photo, Progress
from photosearch.scan import ends_hash, is_unchanged, walk
from photosearch.store import Catalogue


@dataclass(frozen=True, slots=True)
class AlreadyHere:
    """A photo of the folder that is in the library already.

    Attributes:
        in_library: The one there; of several the likest.
        kind: `exact`: the same bytes; `same-shot`: another version of it.
    """

    photo: Path
    in_library: Photo
    kind: Literal["exact", "same-shot"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a folder holds. photos = known + own + new + unreadable; each part is in the order of the paths.

    Attributes:
        known: Those of which the library has a copy that lies outside this folder.
        own: Files of the library itself of which it knows no such copy.
        not_compared: Photos of the library with whose pictures those of the folder could not be compared:
            they wait to be indexed, or no picture of them is to be had. What is new may be one of them.
    """

    known: tuple[AlreadyHere, ...]
    own: tuple[Path, ...]
    new: tuple[Path, ...]
    unreadable: tuple[Failure, ...]
    not_compared: int = 0

    @property
    def photos(self) -> int:
        return len(self.known) + len(self.own) + len(self.new) + len(self.unreadable)


class Checking:
    """Compares a folder with a library.

    Args:
        codes: What pairs are looked for in.
        thumbnail: Of a photo of the library.
        look: Makes the looks of those photos of the library that have none yet.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        codes: Codes,
        decoders: DecodePool,
        encoder: Encoder,
        thumbnail: Thumbnail,
        look: Callable[[], Iterator[Progress]],
    ) -> None:
        self._folder, self._catalogue, self._codes = absolute(folder), catalogue, codes
        self._decoders, self._encoder, self._thumbnail = decoders, encoder, thumbnail
        self._look = look
        self._comparisons = catalogue.comparisons
        self._away: dict[Path, bool] = {}

    def check(self) -> Generator[Progress, None, Checked]:
        """Say of each photo of the folder, and those in it, whether the library has it.

        What lies in the library itself is compared with all of it that lies outside this folder: two copies
        on one card are no reason to empty that.

        Raises:
            FolderUnavailable: It is missing, is no folder, or may not be read.
        """
        folder = self._folder
        if not folder.is_dir():
            raise FolderUnavailable(f"{folder} is not a folder.")
        paths, unreadable = list[Path](), list[Failure]()
        for listing in walk(folder, is_photo):
            paths += [folder / listing.folder / file.name for file in listing.files]
            unreadable += [Failure(folder / path, why) for path, why in listing.problems]
            yield Progress("scanning", len(paths))
        roots = self._catalogue.roots.all()
        self._away = {root.path: is_away(self._catalogue, root, folder) for root in roots}
        known, own = dict[Path, AlreadyHere](), set[Path]()
        yield from self._same_bytes(paths, known, own)
        rest = [path for path in paths if path not in known]
        not_compared = yield from self._same_shots(rest, known, unreadable)
        # Its later pages were compared with nothing: who empties the card must not lose them.
        for path in [path for path, found in known.items() if found.kind == "same-shot"]:
            with suppress(PhotoUnreadable):
                if self._decoders.pages(path) > 1:
                    del known[path]
        failed = {failure.path for failure in unreadable}
        rest = [path for path in paths if path not in known and path not in failed]
        return Checked(
            tuple(known[path] for path in paths if path in known),
            tuple(path for path in rest if path in own),
            tuple(path for path in rest if path not in own),
            tuple(sorted(unreadable, key=lambda failure: failure.path)),
            not_compared,
        )

    def _same_bytes(
        self, paths: Sequence[Path], known: dict[Path, AlreadyHere], own: set[Path]
    ) -> Generator[Progress]:
        pace = Pace()
        for start in range(0, len(paths), BATCH):
            part = paths[start : start + BATCH]
            ends = {path: ends_hash(path, _size(path)) for path in part}
            found = self._comparisons.with_ends(each for each in ends.values() if each is not None)
            for path, each in ends.items():
                if self._catalogue.photos.find(path):
                    own.add(path)
                if each is None or each not in found:
                    continue
                for photo in self._catalogue.photos.by_id(found[each]):
                    if _is_same_file(path, photo.path):
                        own.add(path)
                    elif self._is_copy(path, photo):
                        known[path] = AlreadyHere(path, photo, "exact")
                        break
            done = start + len(part)
            rate = pace.mark(done)
            yield Progress("reading", done, len(paths), rate, pace.left(len(paths) - done))

    def _is_copy(self, path: Path, photo: Photo) -> bool:
        if not self._is_elsewhere(path, photo):
            return False
        if photo.offline:
            # Its drive is not there; size and ends are what is known of it.
            return True
        own = contents_hash(path)
        return own is not None and own == contents_hash(photo.path)

    def _is_elsewhere(self, path: Path, photo: Photo) -> bool:
        """Whether a photo of the library lies outside the folder, so that it stays if this one is deleted.

        Of what is missing that is believed where its whole drive is away: else it may have been moved into
        this very folder, or lie on this very drive, which is mounted at another place than it was.
        """
        if _lies_in(photo.path, self._folder):
            return False
        if photo.offline:
            around = [root for root in self._away if photo.path.is_relative_to(root)]
            return bool(around) and self._away[max(around, key=lambda root: len(root.parts))]
        return _is_another(path, photo)

    def _same_shots(
        self, paths: Sequence[Path], known: dict[Path, AlreadyHere], unreadable: list[Failure]
    ) -> Generator[Progress, None, int]:
        """Compare what pictures show; how many photos of the library that was not possible with."""
        if not paths:
            return 0
        self._encoder.start()
        yield from self._look()
        codes, looks, pictures = list[NDArray[np.uint8]](), list[NDArray[np.uint8]](), list[Picture]()
        sound, pixels = list[Path](), list[NDArray[np.uint8]]()
        pace = Pace()
        for done, (path, decoded) in enumerate(self._decoders.decode_many((p, p) for p in paths), 1):
            if isinstance(decoded, PhotoUnreadable):
                unreadable.append(Failure(path, str(decoded)))
            else:
                sound.append(path)
                pixels.append(decoded.pixels)
                pictures.append(Picture.of(decoded.thumbnail))
            if pixels and (len(pixels) == BATCH or done == len(paths)):
                square = np.stack(pixels)
                codes.append(self._encoder.encode(square)[1])
                looks.append(looks_of(square))
                pixels.clear()
                rate = pace.mark(done)
                yield Progress("encoding", done, len(paths), rate, pace.left(len(paths) - done))
        if not sound:
            return 0
        ids, known_looks, rows = self._library()
        first_new = len(ids)
        together = (np.concatenate([rows, *codes]), np.concatenate([known_looks, *looks]))
        codebooks = self._codes.codebooks
        floor = lowest_cosine(together[0], codebooks, self._codes.same_shot)
        pairs = Pairs(len(together[0]))
        for first, second, likeness in candidates(*together, codebooks, floor, first_new):
            inside = (first < first_new) & (second >= first_new)
            pairs.add(first[inside], second[inside], likeness[inside])
            yield Progress("comparing", 0)
        unseen = yield from self._confirm(pairs, ids, sound, pictures, known)
        return max(0, self._comparisons.count_photos() - len(ids)) + unseen

    def _confirm(
        self,
        pairs: Pairs,
        ids: NDArray[np.int64],
        sound: Sequence[Path],
        pictures: Sequence[Picture],
        known: dict[Path, AlreadyHere],
    ) -> Generator[Progress, None, int]:
        """Look at pairs of a photo of the library and one of the folder, whose positions follow those.

        Returns:
            Of how many photos of the library no picture is to be had.
        """
        best, unseen = dict[int, float](), set[int]()
        rounds = pairs.rounds()
        asked = next(rounds, None)
        while asked is not None:
            answers = list[bool | None]()
            photos = {
                photo.id: photo for photo in self._catalogue.photos.by_id(np.unique(ids[asked[0]]).tolist())
            }
            for one, other in zip(asked[0].tolist(), (asked[1] - len(ids)).tolist(), strict=True):
                answers.append(None)
                photo = photos.get(int(ids[one]))
                if photo is None or not self._is_elsewhere(sound[other], photo):
                    continue
                seen = self._picture(photo)
                if seen is None:
                    unseen.add(photo.id)
                    continue
                found = compare(seen, pictures[other])
                answers[-1] = is_same_shot(found)
                if found is not None and answers[-1] and found.fit > best.get(other, 0.0):
                    best[other] = found.fit
                    known[sound[other]] = AlreadyHere(sound[other], photo, "same-shot")
                yield Progress("comparing", len(best))
            try:
                asked = rounds.send(answers)
            except StopIteration:
                asked = None
        return len(unseen)

    def _picture(self, photo: Photo) -> Picture | None:
        """That of a photo of the library, if there is one to be had."""
        jpeg = self._thumbnail(photo)
        with suppress(OSError):
            return None if jpeg is None else Picture.of(jpeg)
        return None

    def _library(self) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint8]]:
        """Ids, looks and codes of the photos that have both."""
        known = self._comparisons.looks()
        snapshot = self._codes.snapshot
        both, at, in_codes = np.intersect1d(known.ids, snapshot.ids, return_indices=True)
        if not len(both):
            width = snapshot.codes.blocks.shape[1]
            return both, looks_of(np.zeros((0, 8, 8, 3), np.uint8)), np.zeros((0, width), np.uint8)
        return both, known.looks[at], snapshot.codes.rows(in_codes)


def _is_another(path: Path, photo: Photo) -> bool:
    """Whether a photo's file is there, as the library knows it, and not that of the path by another name.

    What was deleted or changed since the library looked is nothing to rely on when a card is emptied.
    """
    is_there = is_unchanged(photo.path, photo.size, photo.modified_ns)
    return is_there and not _is_same_file(path, photo.path)


def _lies_in(file: Path, folder: Path) -> bool:
    return any(_is_same_file(above, folder) for above in Path(os.path.realpath(file)).parents)


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
