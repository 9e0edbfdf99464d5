"""The catalogue that the tests of its parts begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.store import Catalogue
from tests.steps.catalogues import PHOTOS


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A new one, found sound again at the end."""
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    yield catalogue
    assert catalogue.check() == []
    catalogue.close()


@pytest.fixture
def root(catalogue: Catalogue) -> int:
    """The id of its one watched folder."""
    return catalogue.roots.add(PHOTOS, "volume").id
