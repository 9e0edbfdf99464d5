"""Joins the steps: a folder changes, its photos become codes, the codes are kept, the nearest are shown.

`Library` is all that the window and the command line see. Behind it:

- `folders` are what a person chose to have watched, or left out;
- `updating` keeps up with them: `reconcile` brings the catalogue in line with the folders, `indexing` makes
  codes of what waits;
- `models` knows which model answers; `answering` makes vectors of examples by it and holds the codes they
  are compared with, in a `snapshot` that is replaced whole after each batch; `searching` is one search,
  and `seeing` looks at the pixels of what it found;
- `viewing` decodes photos for a person who looks at them;
- `embedding` gives vectors and codes to other programs, without a library.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch import engine
from photosearch.duplicates import Preferences
from photosearch.encode.model_file import Model, chosen_model_path
from photosearch.errors import PhotoSearchError, PhotoUnreadable, SettingsUnusable
from photosearch.library.answering import Answering
from photosearch.library.cleaning import Cleaning
from photosearch.library.comparing import Comparing
from photosearch.library.discarding import Discarding
from photosearch.library.duplicates import Codes, Duplicates, preferences_of
from photosearch.library.effort import Restraint
from photosearch.library.folders import Folders
from photosearch.library.importing import Checked, Checking
from photosearch.library.indexing import Encoder, Indexer
from photosearch.library.keeping import keep_thumbnails
from photosearch.library.models import Models, read_with_encoder
from photosearch.library.narrowing import Narrowing
from photosearch.library.reconcile import Reconciler
from photosearch.library.report import ENGLISH, Wording, report
from photosearch.library.searching import search
from photosearch.library.seeing import Seeing
from photosearch.library.trash import PlatformTrash, Trash
from photosearch.library.updating import Updater
from photosearch.library.viewing import Viewing
from photosearch.records import (
    Answer,
    Failure,
    Filters,
    Group,
    Photo,
    Progress,
    Query,
    Root,
    Status,
    Trait,
)
from photosearch.settings import Effort, Places, Settings, write_setting
from photosearch.store import Catalogue, Thumbnails, Witness


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
        self._gently = self._updating = False
        bundled = model is None and not settings.model
        if model is None or encoder is None:
            path = chosen_model_path(settings)
            model, encoder = read_with_encoder(path, settings.device, lambda: self._gently)
        self._catalogue = Catalogue(places.catalogue)
        self._witness = Witness(places.catalogue)
        self._narrowing = Narrowing(self._catalogue, self._witness)
        self._thumbnails = Thumbnails(places.thumbnails, settings.thumbnail_megabytes * 1_000_000)
        self._seeing = Seeing(self._catalogue, self._thumbnails, self.thumbnail)
        self.viewing = Viewing()
        self._restraint = Restraint(settings.effort)
        self._models = Models(
            places,
            settings,
            self._catalogue,
            (model, encoder),
            former,
            bundled,
            updating=lambda: self._updating,
            gently=lambda: self._gently,
        )
        self._folders = Folders(
            places, settings, self._catalogue, self._thumbnails, lambda: self._chosen.erase()
        )
        self._duplicates = Duplicates(
            self._catalogue, self._codes, self.thumbnail, self._at_work, self.preferences
        )

    # The model

    def choose_model(self, file: Path | None) -> None:
        """Encode by another model, or by the bundled one, from the next update on; never while one runs.

        Until all photos are encoded by it, the model before answers. Its codes are kept, so that going back
        needs no encoding.

        Raises:
            ModelUnusable: The file is no model.
            SettingsUnusable: The choice cannot be kept.
        """
        self._models.choose(file)

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
        self._folders.add(folder)

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and what is known of its photos; the photos themselves are not touched.

        Nothing of it is left on disk but what lets decisions be kept, and photos be put back from the trash,
        and what a person wrote down by name: folders in the settings, and saved searches. Of a damaged
        catalogue that was kept before a repair, what cannot be read goes with it.
        Where it lies in another watched folder, its photos belong to that one from now on, as they are.

        Raises:
            FolderUnavailable: It is not watched.
        """
        self._folders.remove(folder)

    def left_out(self) -> list[Path]:
        """The folders that are not looked into, though watched ones hold them: a new list at each change."""
        return self._folders.left_out()

    def leave_out(self, folder: Path) -> None:
        """Look no more into a folder inside of a watched one, and forget its photos as `remove_folder` does.

        Raises:
            FolderUnavailable: No watched folder holds it, or it is one itself.
            SettingsUnusable: The choice cannot be kept for times to come.
        """
        self._folders.leave_out(folder)

    def take_in(self, folder: Path) -> None:
        """Look into a folder again that was left out.

        Raises:
            SettingsUnusable: The choice cannot be kept for times to come.
        """
        self._folders.take_in(folder)

    def forget_missing(self, folder: Path) -> int:
        """Take the photos that are missing below a folder for deleted; how many there were.

        For a while they are still known, should they come back.

        Raises:
            FolderUnavailable: It is not watched, or lies on a drive that is not there.
        """
        return self._folders.forget_missing(folder)

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
        changes and no codes are arranged, photos that are new are compared with all others, for `duplicates`.

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
                    elif not (self._duplicates.is_awaited or self._models.answering().is_at_work):
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

    def warm(self, filters: Filters = Filters()) -> None:
        """A query under these filters may come soon: wake the encoder, without waiting for it, and find what
        they keep.

        Raises:
            FolderUnavailable: A filter names a folder that is not watched.
        """
        answering = self._models.answering()
        answering.encoder.start()
        self._narrowing.narrowed(answering.current(), filters)

    def search(self, query: Query) -> Answer:
        """The photos most like the examples, best first.

        Copies of a single example, byte for byte, come before all others, then what is called the same shot:
        by the pixels of thumbnails where these are at hand, else by codes.

        Raises:
            PhotoUnreadable: An example is no picture.
            FolderUnavailable: A filter names a folder that is not watched.
            EncoderFailed: The encoder's process could not be started.
        """
        answering = self._models.answering()
        try:
            return search(query, answering, self._catalogue, self._narrowing, self._seeing)
        except PhotoSearchError:
            if self._models.answering() is answering:
                raise
            # Another model has come to answer meanwhile, and this one was closed.
            answering = self._models.answering()
            return search(query, answering, self._catalogue, self._narrowing, self._seeing)

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
        keep_thumbnails(self._catalogue, self._thumbnails, [(photo.id, photo.modified_ns, made)])
        return made

    # Cleaning up

    def duplicates(self) -> Duplicates:
        """The library's duplicates: what was found, what was decided, and `compare` to find more."""
        return self._duplicates

    def _codes(self) -> Codes:
        return _codes_of(self._models.answering())

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
        answering = self._models.answering()
        decoders, encoder = answering.decoders, answering.encoder
        codes, look = _codes_of(answering), self.duplicates().look
        checking = Checking(folder, self._catalogue, codes, decoders, encoder, self.thumbnail, look)
        return (yield from checking.check())

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
        answering = self._models.answering().model.spec
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
        self._models.close()
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
            Reconciler(catalogue, thumbnails, self.left_out, self._folders.relocate, self._folders.erase),
            indexer,
            self,
            spec.identity,
        )

    def _keep_up(self, steps: Generator[Progress]) -> Generator[Progress]:
        self._updating = True
        try:
            for progress in steps:
                if progress.step == "watching":
                    self._settle_models()
                yield progress
        finally:
            self._updating = False
            steps.close()
            self._chosen.save()
            self._settle_models()

    def _settle_models(self) -> None:
        self._models.drop_former()
        self._models.keep_bundled()

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
        self._models.refresh()

    @property
    def _chosen(self) -> Answering:
        return self._models.chosen


def _codes_of(answering: Answering) -> Codes:
    """What pairs are looked for in."""
    model = answering.model
    return Codes(answering.current(), model.codebooks, model.same_shot, model.spec.identity)


def _size(file: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
