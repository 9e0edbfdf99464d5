"""A library with a fake encoder, and drawn photos."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch.library import Library
from photosearch.settings import Places, Settings
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import KINDS, draw


@pytest.fixture
def encoder() -> CoarseColourEncoder:
    return CoarseColourEncoder()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def settings() -> Settings:
    return Settings(workers=2)


@pytest.fixture
def opened(home: Path, settings: Settings, encoder: CoarseColourEncoder) -> Iterator[Callable[[], Library]]:
    """Opens the same library, as often as asked; each is closed at the end."""
    libraries: list[Library] = []

    def open_library() -> Library:
        libraries.append(Library(Places.under(home), settings, coarse_colour_model(), encoder))
        return libraries[-1]

    yield open_library
    for library in libraries:
        library.close()


@pytest.fixture
def library(opened: Callable[[], Library]) -> Library:
    return opened()


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 drawn pictures in three folders, with dates long past."""
    folder = tmp_path_factory.mktemp("drawn")
    kinds = sorted(KINDS)
    for number in range(30):
        path = folder / ("spring", "summer", "autumn")[number % 3] / f"photo {number:02}.jpg"
        path.parent.mkdir(exist_ok=True)
        draw(kinds[number % len(kinds)], seed=number, size=(240, 180)).save(path, quality=92)
        os.utime(path, (1_500_000_000 + number, 1_500_000_000 + number))
    return folder


@pytest.fixture
def photos(drawn: Path, tmp_path: Path) -> Path:
    shutil.copytree(drawn, tmp_path / "photos")
    return tmp_path / "photos"
