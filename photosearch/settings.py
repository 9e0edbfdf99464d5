"""What a person can choose, and where everything lies on disk."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import platformdirs

from photosearch.errors import SettingsUnusable
from photosearch.files import absolute, replacing

NAME = "photosearch"

Effort = Literal["gentle", "automatic", "full"]

Appearance = Literal["system", "light", "dark", "contrast"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the program keeps its own files; photos are only ever read, or moved to the trash.

    Attributes:
        data: What must not be lost: the catalogue with its decisions, the codes.
        cache: What may be deleted at any time: thumbnails.
    """

    settings: Path
    data: Path
    cache: Path
    logs: Path

    @classmethod
    def under(cls, home: Path | None = None) -> Places:
        """Everything below one folder, or, without one, where the platform expects each.

        Raises:
            SettingsUnusable: Without one, the platform knows no place: there is no home folder.
        """
        if home is not None:
            home = absolute(home)
            return cls(home / "settings.json", home, home / "cache", home / "logs")
        dirs = platformdirs.PlatformDirs(NAME, appauthor=False)
        try:
            places = cls(
                dirs.user_config_path / "settings.json",
                dirs.user_data_path,
                dirs.user_cache_path,
                dirs.user_log_path,
            )
        except RuntimeError:
            places = None
        # Older versions of platformdirs give a path below “~”, as if that were a folder.
        if places is None or not places.data.is_absolute():
            raise SettingsUnusable(
                "This user has no home folder, and HOME names none: name a folder of its own with --home."
            )
        return places

    @property
    def catalogue(self) -> Path:
        return self.data / "catalogue.sqlite"

    @property
    def codes(self) -> Path:
        return self.data / "codes.bin"

    def bundled_model(self, identity: str) -> Path:
        """Where a copy of the bundled model is kept: the next version may come with another."""
        return self.data / f"model-{identity}.safetensors"

    @property
    def past_searches(self) -> Path:
        return self.data / "history"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails.sqlite"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can choose.

    Attributes:
        device: Where photos are encoded: `auto`, `cpu`, `cuda` (or `cuda:1`), `mps`.
        model: Path of a model file; empty for the bundled one.
        former_model: Path of the one chosen before, which answers until all is encoded by `model`.
        workers: Decoding processes; 0 chooses by the number of cores.
        effort: How hard to work while following changes: `gentle`, `full` speed, or `automatic`: gently on
            battery and while other programs are busy.
        thumbnail_megabytes: Bound of the thumbnail cache.
        appearance: `system`, `light`, `dark`, or `contrast`: all lines and letters as strong as can be.
        keep_rules: What makes a photo of several the one to keep (`duplicates.RULES`), the most important
            first, with blanks between.
        reference_folders: Folders of which nothing is ever moved to the trash, one a line.
        left_out: Folders inside of watched ones that are not looked into, one a line.
        language: Of the window, as `en` or `de`; empty for the system's.
        tray: Whether an icon stays in the tray, and folders are followed, while the window is closed.
        archive: HOST:PORT of the cluster whose archive the window shows; empty: the photos of this computer.
        archives: Those that were shown before, the last one first, one a line.
        photo_size: Of the grids, from 0, the smallest, to 6.
    """

    device: str = "auto"
    model: str = ""
    former_model: str = ""
    workers: int = 0
    effort: Effort = "automatic"
    thumbnail_megabytes: int = 2000
    appearance: Appearance = "system"
    keep_rules: str = "reference raw colour unmarked pixels exif name compression oldest"
    reference_folders: str = ""
    left_out: str = ""
    language: str = ""
    tray: bool = False
    archive: str = ""
    archives: str = ""
    photo_size: int = 3

    @property
    def decoders(self) -> int:
        """Decoding processes to run: one a core, as far as disks can feed them."""
        return self.workers or min(8, os.cpu_count() or 1)


def read_settings(file: Path) -> Settings:
    """The settings in a file; defaults where there is none.

    Raises:
        SettingsUnusable: The file is not ours, or a value has the wrong type.
    """
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise SettingsUnusable(f"The settings in {file} are not a JSON object.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", error)
        raise SettingsUnusable(f"The settings in {file} cannot be read: {reason}.") from error
    if not isinstance(stored, dict):
        raise SettingsUnusable(f"The settings in {file} are not a JSON object.")
    known = {field.name: type(field.default) for field in fields(Settings)}
    # A setting of a newer version is passed over: going back one version must not need an editor.
    chosen = {name: value for name, value in stored.items() if name in known}
    for name, value in chosen.items():
        if type(value) is not known[name]:
            raise SettingsUnusable(f"“{name}” in {file} must be {_WORDS[known[name]]}, not {value!r}.")
    settings = Settings(**chosen)
    if settings.workers < 0 or settings.thumbnail_megabytes < 0:
        raise SettingsUnusable(f"“workers” and “thumbnail_megabytes” in {file} cannot be negative.")
    if settings.appearance not in get_args(Appearance):
        raise SettingsUnusable(f"“appearance” in {file} must be “system”, “light”, “dark” or “contrast”.")
    if settings.effort not in get_args(Effort):
        raise SettingsUnusable(f"“effort” in {file} must be “gentle”, “automatic” or “full”.")
    return settings


def write_setting(file: Path, name: str, value: str | int) -> None:
    """Change one setting in a file and leave the others, known or not, as they are.

    Raises:
        SettingsUnusable: The file cannot be read or written.
    """
    read_settings(file)
    try:
        stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as writing:
            writing.write((json.dumps(stored | {name: value}, indent=2) + "\n").encode())
    except OSError as error:
        raise SettingsUnusable(f"The settings in {file} cannot be written: {error.strerror}.") from error


def resources() -> Path:
    """Where the model and the drawings are: in the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


_WORDS = {int: "a whole number", str: "text", bool: "true or false"}
