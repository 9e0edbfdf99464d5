"""Which photos that wait are copies of others: the same bytes at another place, or another link to them.

Size and a hash of the ends say which may be copies; then both files are read whole, to be sure. Of copies
that wait together one is read and encoded, and the others wait for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

from photosearch.records import FoundFile, KnownPhoto, Photo
from photosearch.scan import ends_hash, is_unchanged, same_bytes, same_contents
from photosearch.store import Catalogue, EncodedPhoto

Contents = tuple[int, bytes]
"""Size of a file and hash of its ends."""


TRIED = 8
"""Of many photos that a file may be a copy of, so many are compared with it."""


class Copies:
    """Tells copies, for one run of encoding."""

    def __init__(self, catalogue: Catalogue, identity: str) -> None:
        """Begin.

        Args:
            identity: Of the model whose codes are wanted.
        """
        self._catalogue, self._identity = catalogue, identity
        self._compared: set[int] = set()
        self._shared: set[int] = set()
        self._known: defaultdict[Contents, list[int]] = defaultdict(list)
        self._contents: dict[int, Contents] = {}
        self._reading: dict[Contents, int] = {}
        self._unhashed: defaultdict[int, list[Photo]] = defaultdict(list)
        self._following: defaultdict[int, list[int]] = defaultdict(list)
        self._broken: set[Contents] = set()

    def were_compared(self, ids: Sequence[int]) -> bool:
        """Whether `compare` was last called for these photos."""
        return self._compared.issuperset(ids)

    def compare(self, ids: Sequence[int]) -> None:
        """Find out which photos are as large as one of these, in place of those asked for before."""
        alike = self._catalogue.files.same_size(ids)
        sizes = Counter(photo.size for photo in alike)
        self._compared = set(ids)
        self._shared = {size for size, count in sizes.items() if count > 1}
        self._known.clear()
        for photo in alike:
            if photo.size in self._shared and photo.ends is not None:
                self._known[photo.size, photo.ends].append(photo.id)

    def judge(self, photo: Photo) -> tuple[Photo, EncodedPhoto] | Literal["read", "wait"]:
        """What is to be done with a photo.

        Returns:
            The photo that it is a copy of, and what is known of that as its own; or that it is to be read,
            and then `ended` to be called; or that it waits for one being read, whose `ended` names it.
        """
        if photo.size not in self._shared:
            self._unhashed[photo.size].append(photo)
            return "read"
        for other in self._unhashed.pop(photo.size, ()):
            self._reads(other, ends_hash(other.path, other.size))
        ends = ends_hash(photo.path, photo.size)
        if ends is None:
            return "read"
        for known in self._catalogue.files.known(self._known[photo.size, ends][:TRIED]):
            if known.id != photo.id and (made := self._copied(photo, ends, known)):
                return made
        leader = self._reading.get((photo.size, ends))
        if leader is not None and leader != photo.id and (photo.size, ends) not in self._broken:
            self._following[leader].append(photo.id)
            return "wait"
        self._reads(photo, ends)
        return "read"

    def ended(self, photo: Photo, outcome: Literal["encoded", "unreadable", "changed"]) -> list[int]:
        """What became of a photo that was to be read; which photos waited for that."""
        if alone := self._unhashed.get(photo.size):
            alone[:] = [other for other in alone if other.id != photo.id]
            if not alone:
                del self._unhashed[photo.size]
        contents = self._contents.pop(photo.id, None)
        if contents is not None:
            self._reading.pop(contents, None)
            if outcome == "encoded":
                self._known[contents].append(photo.id)
            elif outcome == "unreadable":
                # Its copies will not be read either, and need not wait for one another.
                self._broken.add(contents)
        return self._following.pop(photo.id, [])

    def _reads(self, photo: Photo, ends: bytes | None) -> None:
        if ends is not None:
            self._contents[photo.id] = photo.size, ends
            self._reading.setdefault((photo.size, ends), photo.id)

    def _copied(self, photo: Photo, ends: bytes, known: KnownPhoto) -> tuple[Photo, EncodedPhoto] | None:
        codes = self._catalogue.codes.of(self._identity, [known.id])
        originals = self._catalogue.photos.by_id([known.id])
        if not len(codes) or not originals or known.ends != ends:
            return None
        (original,) = originals
        if not original.offline and is_unchanged(original.path, original.size, original.modified_ns):
            alike = same_bytes(photo.path, original.path)
        else:
            # That file is not to be had: it was restored elsewhere, or its drive is not there.
            file = FoundFile(photo.path.name, photo.size, photo.modified_ns)
            alike = same_contents(known, file, ends)
        if not alike or not is_unchanged(photo.path, photo.size, photo.modified_ns):
            return None
        code = codes[0].tobytes()
        return original, EncodedPhoto(photo.id, photo.size, photo.modified_ns, ends, original.details, code)
