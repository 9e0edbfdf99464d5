"""Models of every method in the program, and changing from one to another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosearch.encode.encoder import Encoder
from photosearch.encode.looks import looked
from photosearch.encode.model_file import Model, read_model, write_model
from photosearch.errors import ModelUnusable
from photosearch.library import Library
from photosearch.records import Example, Query
from photosearch.settings import Places, Settings, read_settings
from photosearch.training.method import Recipe
from photosearch.training.train import METHODS, train
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.pictures import KINDS, draw
from tests.steps.test_encode_model_file import small_model
from tests.training.test_train import TINY

PHOTOS = 12


class Loaded(Encoder):
    """An encoder in this process: the program's own starts one of its own for each model."""

    def start(self) -> None:
        pass

    def looked(self, pixels: np.ndarray) -> np.ndarray:
        return np.concatenate(looked(self, pixels[None]))

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of drawn pictures, one a kind."""
    folder = tmp_path_factory.mktemp("drawn")
    for kind in sorted(KINDS)[:4]:
        (folder / kind).mkdir()
        for seed in range(PHOTOS // 4):
            draw(kind, seed=seed, size=(120, 90)).save(folder / kind / f"{seed}.jpg", quality=90)
    return folder


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_every_method_indexes_and_finds(drawn: Path, tmp_path: Path, method: str) -> None:
    out = tmp_path / "model.safetensors"
    quick = replace(METHODS[method], steps=5) if method == "sdsh" else METHODS[method]
    recipe: Recipe = TINY
    list(train(quick, drawn, out, 64, steps=4, device="cpu", recipe=recipe))
    model = read_model(out)
    library = Library(Places.under(tmp_path / "home"), Settings(workers=1), model, Loaded(model, "cpu"))
    try:
        library.add_folder(drawn)
        list(library.update())
        assert library.status().encoded == PHOTOS
        for path in sorted(drawn.rglob("*.jpg"))[::5]:
            first, *others = library.search(Query((Example(path),), count=PHOTOS)).matches
            assert first.photo.path == path
            assert len(others) == PHOTOS - 1
            scores = [match.score for match in others]
            assert scores == sorted(scores, reverse=True)
    finally:
        library.close()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.under(tmp_path / "home")


def other_model() -> tuple[Model, CoarseColourEncoder]:
    """As the fake model, but all that is bright is dark for it."""
    model = coarse_colour_model("0123456789abcdef")
    return replace(model, codebooks=-model.codebooks), Inverted()


class Inverted(CoarseColourEncoder):
    def vectors(self, pixels: np.ndarray) -> np.ndarray:
        return -super().vectors(pixels)

    def encode(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        vectors, codes = super().encode(pixels)
        return vectors, 255 - codes


@pytest.fixture
def indexed(places: Places, drawn: Path) -> Places:
    """A library that the fake model has encoded."""
    library = Library(places, Settings(workers=1), coarse_colour_model(), CoarseColourEncoder())
    library.add_folder(drawn)
    list(library.update())
    library.close()
    return places


def nearest(library: Library, path: Path) -> list[str]:
    return [match.photo.path.name for match in library.search(Query((Example(path),), count=4)).matches]


def opened_with(places: Places, files: Sequence[Path]) -> Library:
    """A library by the first of some models, of 2, 3, … bytes, which are written to these files."""
    for bytes, file in enumerate(files, 2):
        write_model(file, small_model(bytes=bytes))
    places.settings.parent.mkdir(parents=True)
    places.settings.write_text(json.dumps({"model": str(files[0]), "workers": 1, "device": "cpu"}))
    return Library(places, read_settings(places.settings))


def test_until_all_is_encoded_anew_the_former_model_answers(indexed: Places, drawn: Path) -> None:
    model, encoder = other_model()
    former = CoarseColourEncoder()
    library = Library(indexed, Settings(workers=1), model, encoder, former=(coarse_colour_model(), former))
    try:
        path = next(drawn.rglob("*.jpg"))
        before = nearest(library, path)
        status = library.status()
        assert (status.encoded, status.waiting) == (0, PHOTOS)
        assert status.model == model.spec
        assert status.searched_by == coarse_colour_model().spec
        assert len(before) == 4
        list(library.update())
        assert encoder.encoded == PHOTOS
        assert former.encoded == 0
        assert library.status().searched_by == model.spec
        assert len(nearest(library, path)) == 4
    finally:
        library.close()


def test_going_back_encodes_nothing(indexed: Places, drawn: Path) -> None:
    model, encoder = other_model()
    library = Library(indexed, Settings(workers=1), model, encoder)
    list(library.update())
    library.close()
    again = CoarseColourEncoder()
    library = Library(indexed, Settings(workers=1), coarse_colour_model(), again, former=(model, Inverted()))
    try:
        assert library.status().searched_by == coarse_colour_model().spec
        assert len(nearest(library, next(drawn.rglob("*.jpg")))) == 4
        list(library.update())
        assert again.encoded == 0
    finally:
        library.close()


def test_photos_come_and_go_while_the_former_model_answers(
    indexed: Places, tmp_path: Path, drawn: Path
) -> None:

    mine = tmp_path / "mine"
    shutil.copytree(drawn, mine)
    model, encoder = other_model()
    library = Library(
        indexed, Settings(workers=1), model, encoder, former=(coarse_colour_model(), CoarseColourEncoder())
    )
    try:
        library.remove_folder(drawn)
        path = next(mine.rglob("*.jpg"))
        assert library.search(Query((Example(path),), count=4)).matches == ()
        library.add_folder(mine)
        list(library.update())
        assert library.status().encoded == PHOTOS
        assert nearest(library, path)[0] == path.name
    finally:
        library.close()


def test_a_chosen_model_is_kept_with_the_one_before(indexed: Places, tmp_path: Path, drawn: Path) -> None:
    files = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    places = Places.under(tmp_path / "chosen")
    library = opened_with(places, files)
    try:
        library.add_folder(drawn)
        list(library.update())
        library.choose_model(files[1])
        settings = read_settings(places.settings)
        assert (settings.model, settings.former_model) == (str(files[1]), str(files[0]))
        assert library.status().searched_by.bytes == 2
        assert len(nearest(library, next(drawn.rglob("*.jpg")))) == 4
        list(library.update())
        assert library.status().searched_by.bytes == 3
        # It has nothing to answer for any more.
        settings = replace(settings, former_model="")
        assert read_settings(places.settings) == settings
        with pytest.raises(ModelUnusable):
            library.choose_model(drawn)
        assert read_settings(places.settings) == settings
    finally:
        library.close()
    # A former model that is gone is no reason not to open.
    files[0].unlink()
    library = Library(places, replace(settings, former_model=str(files[0])))
    assert library.status().searched_by.bytes == 3
    library.close()


def test_the_bundled_model_of_the_version_before_answers_until_all_is_encoded_anew(
    tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = tmp_path / "model.safetensors"
    monkeypatch.setattr("photosearch.encode.model_file.resources", lambda: tmp_path)
    places, settings = Places.under(tmp_path / "home"), Settings(workers=1, device="cpu")
    first, second = small_model(bytes=2), small_model(bytes=3)
    write_model(bundled, first)
    library = Library(places, settings)
    library.add_folder(drawn)
    following = library.follow()
    next(progress for progress in following if progress.step == "watching")
    # Before it ends: what follows changes for days may be killed.
    assert [file.name for file in places.data.glob("model-*")] == [f"model-{first.spec.identity}.safetensors"]
    following.close()
    library.close()
    write_model(bundled, second)
    library = Library(places, settings)
    try:
        status = library.status()
        assert (status.model.bytes, status.searched_by.bytes, status.waiting) == (3, 2, PHOTOS)
        assert len(nearest(library, next(drawn.rglob("*.jpg")))) == 4
        list(library.update())
        assert library.status().searched_by.bytes == 3
    finally:
        library.close()
    kept = list(places.data.glob("model-*"))
    assert [read_model(file).spec.identity for file in kept] == [second.spec.identity]
    # A copy that is damaged is no reason not to open.
    places.bundled_model("0" * 16).write_bytes(b"half")
    Library(places, settings).close()


def test_of_several_models_before_the_one_that_knows_most_answers(
    places: Places, tmp_path: Path, drawn: Path
) -> None:
    files = [tmp_path / f"{number}.safetensors" for number in range(3)]
    library = opened_with(places, files)
    try:
        library.add_folder(drawn)
        list(library.update())
        library.choose_model(files[1])
        library.choose_model(files[2])
        # The second has encoded nothing yet.
        assert library.status().searched_by.bytes == 2
        assert len(nearest(library, next(drawn.rglob("*.jpg")))) == 4
        library.choose_model(files[0])
        assert (library.status().model.bytes, library.status().searched_by.bytes) == (2, 2)
        assert library.status().waiting == 0
        assert read_settings(places.settings).former_model == ""
    finally:
        library.close()
