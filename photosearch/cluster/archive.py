"""A served store as a window searches it: read-only, and nothing of Ray in this process.

Photos lie at addresses. Where one is a path of this machine, the photo is read there; else it is fetched into
a temporary folder when somebody looks at it.
"""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from photosearch.cluster.answers import ClusterAnswer, ClusterMatch
from photosearch.cluster.commands import want_ray
from photosearch.cluster.examples import Examples, content_of
from photosearch.cluster.messenger import Messenger
from photosearch.encode.model_file import chosen_model_path, read_model
from photosearch.errors import ModelMismatch, PhotoSearchError, PhotoUnreadable
from photosearch.files import temporary_folder
from photosearch.library.viewing import Viewing
from photosearch.records import Answer, Difference, Example, Match, Particulars, Photo, Picture, Query
from photosearch.settings import Settings

REMEMBERED = 5000
"""Photos of the last answers that are known by their numbers."""

FETCHED_BYTES = 500_000_000
"""Of fetched photos that are kept in case they are looked at again."""


class Archive:
    """What a window asks of a library to search it and to look at photos. Any thread may call anything.

    Args:
        address: HOST:PORT of the head of a Ray cluster that serves a store.
    """

    def __init__(self, address: str, settings: Settings) -> None:
        """Start nothing yet: see `connect`."""
        self._settings = settings
        self._messenger = Messenger(address)
        self._fetched = _Fetched()
        self.viewing: Viewing = _Viewing(self._fetched.at_hand)
        self._connecting = threading.Lock()
        self._examples: Examples | None = None
        self._photos: OrderedDict[int, Photo] = OrderedDict()
        self._remembering = threading.Lock()

    def connect(self) -> int:
        """Find what is served; how many photos that are.

        Raises:
            ClusterUnavailable: There is no such cluster, nothing is served there, or Ray is not installed.
            ModelUnusable: The chosen model file is none.
        """
        want_ray()
        status = self._messenger.ask("status")
        self._use(status.model)
        return int(status.photos)

    def warm(self) -> None:
        """A search may come soon: wake the encoder, without waiting for it."""
        if self._examples is not None:
            self._examples.warm()

    def search(self, query: Query) -> Answer:
        """The photos most like the examples, best first; what could not be searched is in `missing`.

        Copies of a single example, byte for byte, come before all others, then what is called the same shot.

        Raises:
            ClusterUnavailable: The cluster is gone or silent, nothing is served there, or too much is asked.
            PhotoUnreadable: An example is no picture.
            EncoderFailed: The encoder's process could not be started.
        """
        try:
            return self._search(query)
        except ModelMismatch:
            # Another store is served there now.
            self.connect()
            return self._search(query)

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these numbers, in this order, as far as they were found lately."""
        with self._remembering:
            return [self._photos[number] for number in ids if number in self._photos]

    def thumbnail(self, photo: Photo) -> bytes | None:
        """A JPEG of at most 320 pixels a side; None if the photo cannot be had on this machine."""
        if photo.offline or self._examples is None:
            return None
        try:
            return self._examples.decoders.thumbnail(self._fetched.at_hand(photo.path))
        except PhotoUnreadable:
            return None

    def close(self) -> None:
        """End the processes, and give up what they are at."""
        self._messenger.close()
        self._fetched.close()
        self.viewing.close()
        if self._examples is not None:
            self._examples.close()

    def _use(self, identity: str) -> None:
        """Encode examples by this model: by the chosen file if it holds that, else by the cluster's."""
        with self._connecting:
            before = self._examples
            if before is not None and before.identity == identity:
                return
            path = chosen_model_path(self._settings)
            if read_model(path).spec.identity != identity:
                path = self._fetched.folder / f"{identity}.safetensors"
                self._messenger.ask("model", path)
            self._examples = Examples(path, self._settings.device)
            if before is not None:
                before.close()

    def _search(self, query: Query) -> Answer:
        if self._examples is None:
            self.connect()
        examples, filters = self._examples, query.filters
        assert examples is not None
        asked = [self._with_file(example) for example in query.examples]
        start = perf_counter()
        vectors = examples.vectors(asked)
        milliseconds = 1e3 * (perf_counter() - start)
        under = address_of(filters.under) if filters.under else ""
        found: ClusterAnswer = self._messenger.ask(
            *("search", examples.identity, vectors, query.count),
            *(replace(filters, under=None), under, content_of(asked)),
        )
        matches = tuple(
            Match(match.rank, _photo(match), match.score, match.percentile, match.kind)
            for match in found.matches
        )
        with self._remembering:
            for match in matches:
                self._photos[match.photo.id] = match.photo
                self._photos.move_to_end(match.photo.id)
            while len(self._photos) > REMEMBERED:
                self._photos.popitem(last=False)
        return Answer(matches, found.searched, milliseconds, found.search_milliseconds, found.missing)

    def _with_file(self, example: Example) -> Example:
        if not isinstance(example.source, Path):
            return example
        return replace(example, source=self._fetched.at_hand(example.source))


class _Viewing(Viewing):
    """Looks at photos that are fetched before, if need be."""

    def __init__(self, at_hand: Callable[[Path], Path]) -> None:
        super().__init__()
        self._at_hand = at_hand

    def picture(
        self, source: Path, longest: int | None = None, wanted: Callable[[], bool] | None = None
    ) -> Picture:
        return super().picture(self._at_hand(source), longest, wanted)

    def particulars(self, source: Path) -> Particulars:
        return super().particulars(self._at_hand(source))

    def difference(self, first: Path, second: Path, longest: int) -> Difference:
        return super().difference(self._at_hand(first), self._at_hand(second), longest)


class _Fetched:
    """Photos of buckets in a temporary folder; the ones that were fetched first go first.

    Attributes:
        folder: Theirs.
    """

    def __init__(self) -> None:
        self._temporary = temporary_folder()
        self.folder = Path(self._temporary.name)
        # Without Ray: a cluster that is gone keeps nobody from looking at what was found.
        self._messenger = Messenger()
        self._turn = threading.Lock()
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._count = 0

    def at_hand(self, path: Path) -> Path:
        """A file of this machine with the photo that `path_of` made this path for.

        Raises:
            PhotoUnreadable: It cannot be had, with the reason as one sentence.
        """
        address = address_of(path)
        if _is_local(address):
            return Path(address)
        with self._turn:
            if address in self._files:
                self._files.move_to_end(address)
                return self._files[address]
            self._count += 1
            # With its name: some formats are told by it.
            file = self.folder / f"{self._count}{path.suffix}"
        try:
            self._messenger.ask("fetch", address, file)
        except PhotoUnreadable:
            raise
        except PhotoSearchError as error:
            raise PhotoUnreadable(f"The file cannot be had ({str(error).rstrip('.')}).") from error
        with self._turn:
            self._files[address] = file
            while len(self._files) > 1 and sum(map(os.path.getsize, self._files.values())) > FETCHED_BYTES:
                self._files.popitem(last=False)[1].unlink()
        return file

    def close(self) -> None:
        self._messenger.close()
        self._temporary.cleanup()


def path_of(address: str) -> Path:
    """A path for what lies at an address, ending with its name: what is packed comes after what holds it.

    Names that a path would drop, as between two strokes, and those that begin as these are marked by “%”.
    """
    if _is_local(address):
        return Path(address)
    return Path("::".join(_renamed(part, _marked) for part in reversed(address.split("::"))))


def address_of(path: Path) -> str:
    """The address that `path_of` made a path of."""
    if path.is_absolute() and "::" not in str(path):
        return str(path)
    parts = path.as_posix().split("::")
    if not any(_PROTOCOL.match(part) for part in parts):
        return str(path)
    return "::".join(_renamed(part, lambda name: name.removeprefix("%")) for part in reversed(parts))


_PROTOCOL = re.compile(r"([a-z][a-z0-9+.-]+):/+")

_PART = re.compile(r"(?:([a-z][a-z0-9+.-]+):(?://?)|(/?))(.*)", re.DOTALL)
"""Of an address or of a path, which keeps one of two strokes: the protocol, or a stroke; and the names."""


def _renamed(part: str, name: Callable[[str], str]) -> str:
    match = _PART.fullmatch(part)
    assert match is not None
    protocol, stroke, names = match.groups()
    return (f"{protocol}://" if protocol else stroke) + "/".join(map(name, names.split("/")))


def _marked(name: str) -> str:
    return f"%{name}" if name in ("", ".") or name.startswith("%") else name


def _is_local(address: str) -> bool:
    return _PROTOCOL.match(address) is None


def _photo(match: ClusterMatch) -> Photo:
    path, local = path_of(match.address), _is_local(match.address)
    modified = 0
    if match.details.taken is None:
        # A local time: whose, nobody knows, and it is to be read as it was there.
        modified = round(datetime.fromtimestamp(match.dated, UTC).replace(tzinfo=None).timestamp() * 1e9)
    offline = local and not os.path.exists(path)
    address = "" if local else match.address
    return Photo(match.number, path, match.bytes, modified, match.details, offline, address)
