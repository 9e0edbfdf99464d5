"""Joins the steps: a folder changes, its photos become codes, the codes are kept, the nearest are shown.

`Library` is all that the window and the command line see. Behind it:

- `updating` keeps up with the folders: `reconcile` brings the catalogue in line with them, `indexing` makes
  codes of what waits;
- `answering` makes vectors of examples and holds the codes they are compared with, in a `snapshot` that is
  replaced whole after each batch;
- `viewing` decodes photos for a person who looks at them;
- `embedding` gives vectors and codes to other programs, without a library.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.decode import DecodePool
from photosearch.duplicates import Preferences
from photosearch.encode.model_file import Model, chosen_model_path, read_model
from photosearch.encode.process import EncoderProcess
from photosearch.errors import (
    FolderUnavailable,
    ModelUnusable,
    PhotoSearchError,
    PhotoUnreadable,
    SettingsUnusable,
)
from photosearch.files import absolute, text_of
from photosearch.library.answering import Answering
from photosearch.library.cleaning import Cleaning
from photosearch.library.comparing import Comparing
from photosearch.library.discarding import Discarding
from photosearch.library.duplicates import Codes, Duplicates, preferences_of
from photosearch.library.effort import Restraint
from photosearch.library.importing import Checked, Checking
from photosearch.library.indexing import Encoder, Indexer
from photosearch.library.left_out import forget_left_out, holds_left_out
from photosearch.library.logs import erase_lines
from photosearch.library.narrowing import Narrowing
from photosearch.library.reconcile import Reconciler
from photosearch.library.report import ENGLISH, Wording, report
from photosearch.library.trash import PlatformTrash, Trash
from photosearch.library.updating import Updater
from photosearch.library.viewing import Viewing
from photosearch.library.whereabouts import has_moved, holds, holds_anything
from photosearch.records import (
    WHOLE,
    Answer,
    Example,
    Failure,
    Filters,
    Group,
    Match,
    Photo,
    Progress,
    Query,
    Root,
    Status,
    Trait,
)
from photosearch.scan import ends_hash, volume_of
from photosearch.settings import Effort, Places, Settings, write_setting
from photosearch.store import Catalogue, Thumbnails, Witness

CONSIDERED = 50
"""Matches among which copies of the example are looked for, however few are asked for."""


class Library:
    """A person's photos, kept searchable.

    Any thread may call anything but `update` and `follow`, of which one runs at a time; a search never waits
    for them.

    Attributes:
        viewing: Decodes photos for a person who looks at them.
    """

    def __init__(
        self,
        places: Places,
        settings: Settings,
        model: Model | None = None,
        encoder: Encoder | None = None,
        former: tuple[Model, Encoder] | None = None,
    ) -> None:
        """Open the library, or begin one.

        Args:
            model, encoder: Both or neither; those that the settings name are meant to be used.
            former: What was chosen before, likewise.

        Raises:
            LibraryUnusable: The catalogue is damaged, newer than this program, or may not be written.
            ModelUnusable: The chosen model file is none.
        """
        self._places, self._settings = places, settings
        self._left_out = [Path(line) for line in settings.left_out.splitlines()]
        self._gently = False
        if model is None or encoder is None:
            model, encoder = self._open(chosen_model_path(settings))
        self._catalogue = Catalogue(places.catalogue)
        self._witness = Witness(places.catalogue)
        self._narrowing = Narrowing(self._catalogue, self._witness)
        self._thumbnails = Thumbnails(places.thumbnails, settings.thumbnail_megabytes * 1_000_000)
        self.viewing = Viewing()
        self._updating = False
        self._restraint = Restraint(settings.effort)
        self._chosen = self._answering(model, encoder)
        self._former: Answering | None = None
        if former is None and settings.former_model:
            former = self._former_model(Path(settings.former_model))
        if former is not None:
            self._former = self._answering(*former)
            self._former.code_file = None
            self._drop_former()
        self._duplicates = Duplicates(
            self._catalogue, self._codes, self.thumbnail, self._at_work, self.preferences
        )

    def _open(self, path: Path) -> tuple[Model, Encoder]:
        model = read_model(path)
        return model, EncoderProcess(
            path, self._settings.device, model.spec.identity, gently=lambda: self._gently
        )

    def _answering(self, model: Model, encoder: Encoder) -> Answering:
        decoders = DecodePool(self._settings.decoders, model.preprocessing.size)
        code_file = self._places.codes
        return Answering(model, encoder, decoders, self._catalogue, code_file, lambda: self._updating)

    # The model

    def choose_model(self, file: Path | None) -> None:
        """Encode by another model, or by the bundled one, from the next update on; never while one runs.

        Until all photos are encoded by it, the model before answers. Its codes are kept, so that going back
        needs no encoding.

        Raises:
            ModelUnusable: The file is no model.
            SettingsUnusable: The choice cannot be kept.
        """
        before = chosen_model_path(self._settings)
        settings = replace(self._settings, model="" if file is None else str(file.absolute()))
        path = chosen_model_path(settings)
        identity = read_model(path).spec.identity
        write_setting(self._places.settings, "model", settings.model)
        self._settings = settings
        if identity == self._chosen.model.spec.identity:
            return
        write_setting(self._places.settings, "former_model", str(before))
        self._settings = replace(settings, former_model=str(before))
        self._chosen.save()
        self._chosen.code_file = None
        others = [self._chosen, *([self._former] if self._former else [])]
        again = next((other for other in others if other.model.spec.identity == identity), None)
        chosen = again or self._answering(*self._open(path))
        chosen.code_file = self._places.codes
        # Of those before, the one that knows most of the photos goes on answering.
        others = sorted((other for other in others if other is not again), key=self._waiting)
        # In this order: a search that asks in between must not find nothing.
        self._former, self._chosen = others[0], chosen
        for other in others[1:]:
            other.close()
        self._drop_former()

    def _former_model(self, path: Path) -> tuple[Model, Encoder] | None:
        try:
            return self._open(path)
        except ModelUnusable:
            # It answered for a while; the chosen one does alone.
            return None

    def _drop_former(self) -> None:
        """The chosen model answers from now on, if it has as many of the photos that can be read."""
        former = self._former
        if former is None or self._waiting(self._chosen) > self._waiting(former):
            return
        self._former = None
        former.close()
        if self._settings.former_model:
            self._settings = replace(self._settings, former_model="")
            write_setting(self._places.settings, "former_model", "")

    def _waiting(self, answering: Answering) -> int:
        """How many photos that can be read have no code of a model."""
        return len(self._catalogue.codes.waiting(answering.model.spec.identity))

    # The folders

    def folders(self) -> list[Root]:
        """The folders the library watches."""
        return self._catalogue.roots.all()

    def add_folder(self, folder: Path) -> None:
        """Watch a folder from the next update on; one inside a watched folder is watched already.

        A watched folder that was renamed, or whose drive is mounted elsewhere now, is recognised: its photos
        keep their codes.

        Raises:
            FolderUnavailable: It is missing, is no folder, may not be read, or has a name that is no text, so
                that nothing in it is looked at.
        """
        folder = absolute(folder)
        try:
            with os.scandir(folder):
                pass
        except FileNotFoundError:
            raise FolderUnavailable(f"The folder {folder} does not exist.") from None
        except NotADirectoryError:
            raise FolderUnavailable(f"{folder} is not a folder.") from None
        except OSError as error:
            raise FolderUnavailable(f"The folder {folder} cannot be read: {error.strerror}.") from error
        text_of(folder)
        roots = self.folders()
        if any(holds(root.path, folder) for root in roots):
            if folder in self.left_out():
                self.take_in(folder)
            return
        volume = volume_of(folder)
        for root in roots:
            moved = root.volume == volume and not holds_anything(root)
            if moved and has_moved(self._catalogue, root, folder):
                self._relocate(root, folder)
                return
        self._catalogue.roots.add(folder, volume)

    def _relocate(self, root: Root, folder: Path) -> None:
        """A root lies elsewhere now, and in it what is left out: before anybody looks there."""
        if any(holds_left_out(root, other) for other in self.left_out()):
            self._keep_left_out(
                folder / other.relative_to(root.path) if holds_left_out(root, other) else other
                for other in self.left_out()
            )
        self._catalogue.roots.relocate(root.id, folder)

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and what is known of its photos; the photos themselves are not touched.

        Nothing of it is left on disk but what lets decisions be kept, and photos be put back from the trash,
        and catalogues that were kept as they were before a newer version or a repair.
        Where it lies in another watched folder, its photos belong to that one from now on, as they are.

        Raises:
            FolderUnavailable: It is not watched.
        """
        folder = absolute(folder)
        roots = self.folders()
        removed = next((root for root in roots if root.path == folder), None)
        if removed is None:
            raise FolderUnavailable(f"The folder {folder} is not watched.")
        around = [root for root in roots if root is not removed and holds(root.path, folder)]
        with self._catalogue.transaction():
            if around:
                # Of several the innermost.
                self._hand_over(removed, max(around, key=lambda root: len(os.path.realpath(root.path))))
            forgotten = self._catalogue.roots.remove(removed.id)
            comparisons = self._catalogue.comparisons
            comparisons.forget_stale()
            if not around:
                comparisons.forget_removals(folder)
        self._erase(forgotten)
        if not around:
            erase_lines(self._places.logs, folder)

    def _erase(self, forgotten: Sequence[int]) -> None:
        """Leave nothing on disk of photos that were forgotten, by their ids."""
        self._thumbnails.erase(forgotten)
        self._chosen.erase()
        self._catalogue.erase()

    def left_out(self) -> list[Path]:
        """The folders that are not looked into, though watched ones hold them: a new list at each change."""
        return self._left_out

    def leave_out(self, folder: Path) -> None:
        """Look no more into a folder inside of a watched one, and forget its photos as `remove_folder` does.

        Raises:
            FolderUnavailable: No watched folder holds it, or it is one itself.
            SettingsUnusable: The choice cannot be kept for times to come.
        """
        folder = absolute(folder)
        around = [root for root in self.folders() if holds_left_out(root, folder)]
        if not around:
            raise FolderUnavailable(f"The folder {folder} lies in no watched folder.")
        if len(str(folder).splitlines()) > 1:
            raise SettingsUnusable(f"{folder} cannot be left out: its name has a line break.")
        self._keep_left_out([*self.left_out(), folder])
        forgotten = [id for root in around for id in forget_left_out(self._catalogue, root, [folder])]
        comparisons = self._catalogue.comparisons
        comparisons.forget_stale()
        comparisons.forget_removals(folder)
        self._erase(forgotten)
        erase_lines(self._places.logs, folder)

    def take_in(self, folder: Path) -> None:
        """Look into a folder again that was left out.

        Raises:
            SettingsUnusable: The choice cannot be kept for times to come.
        """
        self._keep_left_out([other for other in self.left_out() if other != absolute(folder)])

    def _keep_left_out(self, folders: Iterable[Path]) -> None:
        left_out = sorted(set(folders))
        write_setting(self._places.settings, "left_out", "\n".join(map(str, left_out)))
        self._left_out = left_out

    def _hand_over(self, root: Root, to: Root) -> None:
        """Let the photos of a root belong to the one that it lies in."""
        inner = os.path.relpath(os.path.realpath(root.path), os.path.realpath(to.path)).replace(os.sep, "/")
        for folder in self._catalogue.files.known_folders(root.id):
            known = self._catalogue.files.known_in(root.id, folder).values()
            place = f"{inner}/{folder}" if folder else inner
            self._catalogue.files.move(
                (photo.id, to.id, place, photo.name, photo.modified_ns)
                for photo in known
                if photo.state != "gone"
            )

    def forget_missing(self, folder: Path) -> int:
        """Take the photos that are missing below a folder for deleted; how many there were.

        For a while they are still known, should they come back.

        Raises:
            FolderUnavailable: It is not watched, or lies on a drive that is not there.
        """
        folder = absolute(folder)
        for root in self.folders():
            if root.state == "offline" and (
                folder.is_relative_to(root.path) or root.path.is_relative_to(folder)
            ):
                raise FolderUnavailable(
                    f"The drive of {root.path} is not there, so nobody can say which of its photos were"
                    " deleted: plug it in, or remove the folder from the library."
                )
        return self._catalogue.files.forget_missing(folder, int(time.time()))

    # Keeping up

    def update(self) -> Iterator[Progress]:
        """Bring the library in line with its folders, then end. Searchable after every batch.

        Raises:
            LibraryBusy: Another PhotoSearch is updating this library.
        """
        yield from self._keep_up(self._updater().update())

    def follow(self) -> Iterator[Progress]:
        """Update, then follow changes for ever; idle, it still reports every half second.

        Nobody waits for this, so it holds back as the settings say: `message` tells so and why. While nothing
        changes, photos that are new are compared with all others, for `duplicates`.

        Raises:
            LibraryBusy: Another PhotoSearch is updating this library.
        """
        comparing = Comparing(self._duplicates)
        try:
            with closing(self._keep_up(self._updater().follow())) as steps:
                for progress in steps:
                    yield self._restrained(progress) if progress.step == "indexing" else progress
                    if progress.step != "watching":
                        comparing.arrived()
                    elif not self._duplicates.is_awaited:
                        self._hold_back(self._restraint.reason() is not None)
                        comparing.go_on(self._gently)
        finally:
            comparing.stop()
            self._hold_back(False)

    def effort(self) -> Effort:
        """How hard `follow` works."""
        return self._restraint.effort

    def choose_effort(self, effort: Effort) -> None:
        """Let `follow` work so hard, from the next batch on and in times to come.

        Raises:
            SettingsUnusable: It cannot be kept for times to come.
        """
        self._restraint.effort = effort
        write_setting(self._places.settings, "effort", effort)

    # Answering

    def warm(self) -> None:
        """A query may come soon: wake the encoder, without waiting for it."""
        self._searched_by().encoder.start()

    def search(self, query: Query) -> Answer:
        """The photos most like the examples, best first.

        Copies of a single example, byte for byte, come before all others.

        Raises:
            PhotoUnreadable: An example is no picture.
            FolderUnavailable: A filter names a folder that is not watched.
            EncoderFailed: The encoder's process could not be started.
        """
        answering = self._searched_by()
        try:
            return self._search(query, answering)
        except PhotoSearchError:
            if self._searched_by() is answering:
                raise
            # Another model has come to answer meanwhile, and this one was closed.
            return self._search(query, self._searched_by())

    def _search(self, query: Query, answering: Answering) -> Answer:
        # While it awakes, the codes are read and the examples decoded.
        answering.encoder.start()
        snapshot = answering.current()
        start = time.perf_counter()
        vector = answering.vector(query.examples)
        encoded = time.perf_counter()
        filters = query.filters
        narrowed, allowed = self._narrowing.narrowed(snapshot, filters)
        found = engine.nearest(
            narrowed.codes,
            answering.codebooks,
            vector[None],
            np.ones(1, np.float32),
            max(query.count, CONSIDERED),
            allowed=allowed,
            bounds=narrowed.bounds,
        )
        searched = time.perf_counter()
        ids = narrowed.ids[found.positions]
        # Equal scores by age in the library, in whatever order its codes lie.
        order = np.lexsort((ids, -found.scores))
        scores = dict(zip(ids[order].tolist(), found.scores[order].tolist(), strict=True))
        photos = self._catalogue.photos.by_id(list(scores))
        # Sixteen bytes cannot tell very like photos apart, but the files themselves can.
        copies = _copies(query.examples, photos)
        photos.sort(key=lambda photo: photo.id not in copies)
        same = {id for id, score in scores.items() if score >= answering.model.same_shot} | copies
        photos = [photo for photo in photos if not filters.kind or photo.id in same][: query.count]
        percentiles = answering.percentiles(
            snapshot, np.array([scores[photo.id] for photo in photos], np.float32)
        )
        matches = tuple(
            Match(
                rank,
                photo,
                scores[photo.id],
                float(percentile),
                "same-shot" if photo.id in same else "similar",
            )
            for rank, (photo, percentile) in enumerate(zip(photos, percentiles, strict=True), 1)
        )
        return Answer(matches, snapshot.photos, 1e3 * (encoded - start), 1e3 * (searched - encoded))

    def listing(self, filters: Filters = Filters(), count: int | None = None) -> NDArray[np.int64]:
        """Ids of the photos, newest first; at most so many of them if a count is given."""
        return self._catalogue.photos.listing(filters, count)

    def timeline(self, filters: Filters = Filters()) -> tuple[NDArray[np.int64], dict[str, int]]:
        """The listing, and how many of its photos were taken in which month, newest first: “2019-05”.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched.
        """
        return self._catalogue.photos.timeline(filters)

    def counts_by(self, trait: Trait, filters: Filters = Filters()) -> dict[str, int]:
        """How many of these photos have which trait: newest month first, else most first.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched.
        """
        return self._catalogue.photos.counts_by(trait, filters)

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; those that are no more are left out."""
        return self._catalogue.photos.by_id(ids)

    def thumbnail(self, photo: Photo) -> bytes | None:
        """A JPEG of at most 320 pixels a side, from the cache, else from the file; None if neither has it."""
        stored = self._thumbnails.get(photo.id, photo.modified_ns)
        if stored is not None or photo.offline:
            return stored
        try:
            made = self._chosen.decoders.thumbnail(photo.path)
        except PhotoUnreadable:
            return None
        self._thumbnails.put_many([(photo.id, photo.modified_ns, made)])
        return made

    # Cleaning up

    def duplicates(self) -> Duplicates:
        """The library's duplicates: what was found, what was decided, and `compare` to find more."""
        return self._duplicates

    def _codes(self) -> Codes:
        return _codes_of(self._searched_by())

    def _at_work(self) -> int:
        return self._chosen.decoders.at_work or self._settings.decoders

    def cleaning(self, trash: Trash | None = None) -> Cleaning:
        """Moves duplicates to the trash and back.

        Args:
            trash: Another than the platform's.
        """

        decoders = self._chosen.decoders
        return Cleaning(self._catalogue, decoders.thumbnail, decoders.pages, self.preferences(), trash)

    def discarding(self, trash: Trash | None = None) -> Discarding:
        """Moves photos that a person chose to the trash and back.

        Args:
            trash: Another than the platform's.
        """
        return Discarding(self._catalogue, self.preferences(), trash or PlatformTrash())

    def check(self, folder: Path) -> Generator[Progress, None, Checked]:
        """Which photos of a card or folder are in the library already; see `importing`.

        Raises:
            FolderUnavailable: It is missing, is no folder, or may not be read.
        """
        answering = self._searched_by()
        decoders, encoder = answering.decoders, answering.encoder
        look = self.duplicates().look
        checking = Checking(self._catalogue, _codes_of(answering), decoders, encoder, self.thumbnail, look)
        return (yield from checking.check(folder))

    def report(self, groups: Sequence[Group], wording: Wording = ENGLISH) -> Iterator[str]:
        """Groups of duplicates as a page of HTML with all its pictures, piece by piece."""
        return report(groups, self.thumbnail, wording)

    def preferences(self) -> Preferences:
        """What the settings say is worth keeping."""
        return preferences_of(self._settings)

    def choose_preferences(self, rules: Sequence[str], references: Sequence[Path]) -> None:
        """Keep photos by these rules, and nothing of these folders is moved to the trash, from now on.

        Raises:
            SettingsUnusable: The choice cannot be kept for times to come.
        """
        for folder in references:
            if "\n" in str(folder):
                raise SettingsUnusable(f"{folder} cannot be kept as a reference: its name has a line break.")
        keep_rules, folders = " ".join(rules), "\n".join(map(str, references))
        write_setting(self._places.settings, "keep_rules", keep_rules)
        write_setting(self._places.settings, "reference_folders", folders)
        self._settings = replace(self._settings, keep_rules=keep_rules, reference_folders=folders)

    # Knowing

    @property
    def kept(self) -> Path | None:
        """Where the catalogue lies as it was before, if it was brought to a newer version just now."""
        return self._catalogue.kept

    def failures(self) -> list[Failure]:
        """What could not be read, and why."""
        return self._catalogue.failures.all()

    def retry_failures(self) -> int:
        """Let the next update try the unreadable files again; how many there are."""
        return self._catalogue.failures.retry()

    def status(self) -> Status:
        """The state of everything."""
        chosen = self._chosen.model.spec
        counts = self._catalogue.photos.counts(chosen.identity)
        answering = self._searched_by().model.spec
        answer = counts if answering == chosen else self._catalogue.photos.counts(answering.identity)
        return Status(
            counts.photos,
            counts.encoded,
            counts.waiting,
            counts.offline,
            counts.unreadable,
            chosen,
            answering,
            answer.searchable,
            {
                "codes": _size(self._places.codes),
                "catalogue": sum(_size(Path(f"{self._places.catalogue}{end}")) for end in ("", "-wal")),
                "thumbnails": self._thumbnails.size(),
            },
            engine.describe(),
        )

    def close(self) -> None:
        """End the processes; what was committed is on disk already."""
        self.viewing.close()
        self._chosen.close()
        if self._former is not None:
            self._former.close()
        self._thumbnails.close()
        self._witness.close()
        self._catalogue.close()

    # Inside

    def _updater(self) -> Updater:
        catalogue, thumbnails, chosen = self._catalogue, self._thumbnails, self._chosen
        spec = chosen.model.spec
        indexer = Indexer(catalogue, thumbnails, spec, chosen.decoders, chosen.encoder)
        return Updater(
            catalogue,
            Reconciler(catalogue, thumbnails, self.left_out, self._relocate),
            indexer,
            self,
            spec.identity,
        )

    def _keep_up(self, steps: Generator[Progress]) -> Generator[Progress]:
        self._updating = True
        try:
            for progress in steps:
                if progress.step == "watching":
                    self._drop_former()
                yield progress
        finally:
            self._updating = False
            steps.close()
            self._chosen.save()
            self._drop_former()

    def _restrained(self, progress: Progress) -> Progress:
        reason = self._restraint.reason()
        self._hold_back(reason is not None)
        if reason is None:
            return progress
        return replace(progress, message=f"gently: {reason}" if reason else "gently")

    def _hold_back(self, gently: bool) -> None:
        """Work with half of the processor's cores, or with all."""
        self._gently = gently
        self._chosen.decoders.at_work = max(1, self._settings.decoders // 2) if gently else None

    def publish(self, ids: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """Codes were added; searches from now on see them."""
        self._chosen.publish(ids, rows)

    def refresh(self) -> None:
        """Codes may have come or gone in another way than by `publish`."""
        self._chosen.refresh()
        if self._former is not None:
            self._former.refresh()

    def _searched_by(self) -> Answering:
        return self._former or self._chosen


def _codes_of(answering: Answering) -> Codes:
    """What pairs are looked for in."""
    model = answering.model
    return Codes(answering.current(), model.codebooks, model.same_shot, model.spec.identity)


def _copies(examples: Sequence[Example], photos: Iterable[Photo]) -> set[int]:
    """Ids of those photos whose file is the one that is searched for whole, or a copy of it."""
    example = examples[0]
    if len(examples) > 1 or example.box != WHOLE or not isinstance(example.source, Path):
        return set()
    path = Path(os.path.abspath(example.source))
    size = _size(path)
    ends = ends_hash(path, size)

    def is_copy(photo: Photo) -> bool:
        if photo.path == path or photo.size != size or photo.offline or ends is None:
            return photo.path == path
        return ends_hash(photo.path, size) == ends

    return {photo.id for photo in photos if is_copy(photo)}


def _size(file: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
