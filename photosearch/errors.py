"""What can go wrong in the world.

Each of these carries one sentence fit to be shown to a person: what is wrong, and where. Whatever is not a
`PhotoSearchError` is our own mistake and ends in a traceback.

    PhotoSearchError
    ├── PhotoUnreadable         a file that should be a photo could not be turned into pixels
    │   └── DriveFailed         its drive did not answer or failed; the file is not to blame
    │       └── DriveSilent     it was waited for in vain
    ├── GivenUp                 what was asked for is wanted no longer
    ├── FolderUnavailable       a folder is missing, is no folder, or may not be read
    ├── ModelUnusable           a file is not a model, is damaged, or is of a version we do not know
    ├── ModelMismatch           codes or vectors of one model met those of another
    ├── EncoderFailed           the encoder's process died or could not be started
    ├── LibraryUnusable         the catalogue is newer than this program, may not be written, or cannot grow
    │   └── LibraryDamaged      what is in it cannot be read back; a repair may save most of it
    ├── LibraryBusy             another PhotoSearch is updating this library
    ├── DecisionsUnreadable     a file should hold decisions about duplicates and does not
    ├── RemovalRefused          photos cannot be moved to the trash so that a copy of each is surely kept
    ├── StoreUnusable           a store of shards is missing, damaged, or may not be written
    ├── ClusterUnavailable      no cluster answers, nothing is served there, or too much is asked of it
    ├── SettingsUnusable        the settings file says something that cannot be meant
    └── TrainingFailed          a training set or a training run that cannot go on
"""

from pathlib import Path


class PhotoSearchError(Exception):
    """Something in the world is not as it should be; `str()` is a sentence for a person."""


class PhotoUnreadable(PhotoSearchError):
    """A file that should be a photo could not be turned into pixels.

    Attributes:
        path: Which, where whoever hears of it asked for several.
    """

    path: Path | None = None


class DriveFailed(PhotoUnreadable):
    """A photo could not be read because of the drive that it lies on; the file is not to blame."""


class DriveSilent(DriveFailed):
    """A drive was waited for in vain."""


class GivenUp(PhotoSearchError):
    """What was asked for is wanted no longer."""


class FolderUnavailable(PhotoSearchError):
    """A folder is missing, is no folder, or may not be read."""


class ModelUnusable(PhotoSearchError):
    """A file is not a model, is damaged, or is of a version this program does not know."""


class ModelMismatch(PhotoSearchError):
    """Codes or vectors of one model met those of another."""


class EncoderFailed(PhotoSearchError):
    """The encoder's process died or could not be started."""


class LibraryUnusable(PhotoSearchError):
    """The catalogue is newer than this program, may not be written, or cannot grow."""


class LibraryDamaged(LibraryUnusable):
    """What is in the catalogue cannot be read back; a repair may save most of it."""


class LibraryBusy(PhotoSearchError):
    """Another PhotoSearch is updating this library."""


class DecisionsUnreadable(PhotoSearchError):
    """A file that should hold decisions about duplicates does not."""


class RemovalRefused(PhotoSearchError):
    """Photos cannot be moved to the trash in such a way that a copy of each is surely kept."""


class StoreUnusable(PhotoSearchError):
    """A store of shards is missing, damaged, or may not be written."""


class ClusterUnavailable(PhotoSearchError):
    """No cluster answers, nothing is served there, or too much is asked of it."""


class SettingsUnusable(PhotoSearchError):
    """The settings file says something that cannot be meant."""


class TrainingFailed(PhotoSearchError):
    """A training set or a training run cannot go on."""
