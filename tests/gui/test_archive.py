"""A window on an archive: a real store, served by a real Ray on 127.0.0.1."""

from __future__ import annotations

import json
import shutil
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMenu

from photosearch.cluster.archive import Archive, address_of, path_of
from photosearch.encode.architecture import Architecture
from photosearch.encode.model_file import bundled_model_path, make_model, read_model, write_model
from photosearch.gui.actions.commands import commands
from photosearch.gui.app import Windows
from photosearch.gui.archive import ArchiveWindow
from photosearch.gui.preferences import Preferences
from photosearch.gui.window import Window
from photosearch.library.embedding import embed
from photosearch.records import Example, Filters, Query
from photosearch.scan import ends_hash
from photosearch.settings import Places, Settings, read_settings
from tests.gui.conftest import found
from tests.test_cluster import finished
from tests.test_cluster import machines as machines  # a fixture

if not find_spec("ray"):
    pytest.skip("Ray is not installed", allow_module_level=True)
# Ray and Arrow warn of what is to change in themselves.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("cluster")]

SETTINGS = Settings(device="cpu", workers=1)
SOON = 120_000
"""Milliseconds after which something has hung, however busy the machine."""


@pytest.mark.parametrize(
    "address",
    [
        "/photos/a.jpg",
        "/photos/a::b.jpg",
        "s3://bucket/2019/a b.jpg",
        "memory://bucket/a.jpg",
        "memory:///a.jpg",
        "hdfs:///photos/a.jpg",
        "s3://bucket/2019//./a.jpg",
        "s3://bucket//%20/%/%a.jpg",
        "zip://in/a.jpg::/photos/some.zip",
        "zip://in/a.jpg::s3://bucket/some.zip",
        "zip://in//a.jpg::s3://bucket//some.zip",
    ],
)
def test_a_path_tells_the_address_and_the_name_that_it_was_made_of(address):
    assert address_of(path_of(address)) == address
    assert path_of(address).name.endswith(address.split("::/")[0].split("::s3")[0].rpartition("/")[2])


@pytest.fixture(scope="module")
def packed(drawn, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("packed") / "old.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.write(drawn / "sea 1.jpg", "2001/packed sea.jpg")
    return file


@pytest.fixture(scope="module")
def store(drawn, packed, tmp_path_factory) -> Path:
    """The drawn photos; and in a shard of their own one in a ZIP, and one that no machine here has."""
    from photosearch.cluster.store import Store

    embedded = finished(embed(SETTINGS, [drawn]))
    sea = [path.name for path in embedded.paths].index("sea 1.jpg")
    store = Store(str(tmp_path_factory.mktemp("store")))
    store.begin(bundled_model_path())
    addresses = list(map(str, embedded.paths))
    others = [f"zip://2001/packed sea.jpg::{packed}", "/nowhere/2002/gone sea.jpg"]
    _put(store, embedded.paths, addresses, embedded.codes)
    _put(store, [embedded.paths[sea]] * 2, others, embedded.codes[[sea, sea]])
    return Path(store.address)


def _other_model(folder: Path) -> Path:
    model = read_model(bundled_model_path())
    larger = replace(model.preprocessing, size=2 * model.preprocessing.size)
    network = Architecture.read(model.network)
    file = folder / "other.safetensors"
    write_model(
        file, make_model(model.spec.method, model.codebooks, larger, network, model.weights, 0.9, {}, {})
    )
    return file


def _put(store: Any, files: list[Path], addresses: list[str], codes: np.ndarray) -> None:
    import pyarrow as pa

    from photosearch.cluster import photos

    before = store.manifest()
    rows = [
        {
            "address": address,
            "version": "1",
            "content": ends_hash(file, file.stat().st_size),
            "bytes": file.stat().st_size,
            "dated": 1_000_000_000 + number,
            "width": 180,
            "height": 120,
            "camera": f"Kamera {number % 2}",
        }
        for number, (file, address) in enumerate(zip(files, addresses, strict=True))
    ]
    table = pa.Table.from_pylist(rows, photos.PHOTOS)
    shard = store.write_shard(before.spec, before.end, codes, table, photos.FAILURES.empty_table())
    store.publish(before, replace(before, shards=(*before.shards, shard)))


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Serve a store meanwhile."""
    from photosearch.cluster.serving import serve
    from photosearch.cluster.store import Store

    with closing(serve(Store(str(folder)))) as serving:
        next(serving)
        yield


Open = Callable[..., ArchiveWindow]


@pytest.fixture
def open_archive(open_window, tmp_path, qtbot) -> Iterator[Open]:
    """Opens windows on archives; `open_window` looks at the end that none of their threads is left."""
    windows = []

    def opened(address: str, **more: Any) -> ArchiveWindow:
        window = ArchiveWindow(
            lambda address: Archive(address, SETTINGS), address, Places.under(tmp_path / "home"), **more
        )
        windows.append(window)
        window.show()
        return window

    yield opened
    for window in windows:
        window.close()
        window.deleteLater()


def until(qtbot, holds: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=SOON)


def drop(window: ArchiveWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, left, none))


def offered(window: ArchiveWindow) -> set[str]:
    return {command.action.text() for command in commands(window.menuBar())}


def place_says(window: ArchiveWindow) -> str:
    return window.search_place.gallery.message.accessibleName()


def test_photos_that_are_dropped_find_those_of_the_archive_which_is_never_changed(
    machines, store, drawn, packed, open_archive, qtbot, tmp_path
):
    with served(store):
        window = open_archive(machines.address)
        until(qtbot, lambda: window.session.library)
        assert "read-only" in window.banner.text.text()
        assert window.status._searchable.text() == "20 photos searchable"
        assert machines.address in window.windowTitle()
        drop(window, drawn / "sea 1.jpg")
        until(qtbot, lambda: len(found(window)) == 20)
        grid, photos = window.search_place.gallery.grid, window.search_place.gallery.photos
        # Copies of the file first, wherever they lie, in the order of the archive.
        assert found(window)[:3] == ["sea 1.jpg", "packed sea.jpg", "gone sea.jpg"]
        same, zipped, gone = (photos.photo(row) for row in range(3))
        assert [photos.match_at(row).kind for row in range(3)] == ["same-shot"] * 3
        assert photos.match_at(3).rank == 4 and 0 < photos.match_at(3).score < 1
        same_score = photos.match_at(0).score
        assert (same.place, zipped.place) == (
            str(drawn / "sea 1.jpg"),
            f"zip://2001/packed sea.jpg::{packed}",
        )
        until(qtbot, lambda: window._thumbnails.get(zipped) and window._thumbnails.get(same))
        until(qtbot, lambda: window._thumbnails.lacks(gone))
        assert gone.offline and not zipped.offline

        grid.setCurrentIndex(photos.index(1))
        window.looking.show_panel.trigger()
        until(qtbot, lambda: "JPEG" in window.looking.panel.shown.values())
        window.looking.open_preview.trigger()
        canvas = window.looking.preview.canvas
        until(qtbot, lambda: window.looking._pictures.get(canvas.wishes()[0]))
        window.looking.close()

        changing = {"Move to Trash", "Add Folder…", "Remove Folder…", "Undo", "Pause Indexing"}
        assert not changing & offered(window)
        assert "Duplicates" not in {menu.title() for menu in window.menuBar().findChildren(QMenu)}
        assert not window.navigation.isVisible()
        assert {"Find Similar", "More Like This", "Back to My Photos"} <= offered(window)
        drop(window, drawn)
        until(qtbot, lambda: "takes no folders" in window.status._text.text())

        # By a photo that lies in a bucket, too.
        window.photo_actions.find_similar.trigger()
        until(qtbot, lambda: window.search_place.query.examples[0].source == zipped.path)
        until(qtbot, lambda: not window.session.searching.busy)
        assert found(window)[0] == "sea 1.jpg" and window.search_place.strip.cards[0].part.image.width()

        for name, count in (("camera", 3), ("orientation", 4), ("size", 4), ("kind", 2), ("folder", 2)):
            pill = window.search_place.filters.buttons[name]
            grid.setCurrentIndex(photos.index(0))
            pill.menu().aboutToShow.emit()
            assert len(pill.menu().actions()) >= count, name
        window.session.narrow(Filters(camera="kamera 1"))
        until(qtbot, lambda: len(found(window)) == 10)
        window.session.narrow(Filters(under=Path("/nowhere/2002")))
        until(qtbot, lambda: found(window) == ["gone sea.jpg"])
        window.session.narrow(Filters(until=5))
        until(qtbot, lambda: "No photo that passes the filters" in place_says(window))
        window.session.narrow(Filters())
        until(qtbot, lambda: len(found(window)) == 20)

        # A window that has another model takes that of the archive.
        with closing(
            Archive(machines.address, replace(SETTINGS, model=str(_other_model(tmp_path))))
        ) as archive:
            assert archive.connect() == 20
            assert archive.search(Query((Example(drawn / "sea 1.jpg"),))).matches[0].score == same_score

    # Nobody serves it any more.
    drop(window, drawn / "city 1.jpg")
    until(qtbot, lambda: "Nothing is served" in place_says(window))
    assert window.search_place._again.isVisible()
    with served(store):
        window.search_place._again.click()
        until(qtbot, lambda: found(window)[:1] == ["city 1.jpg"])


def test_an_answer_says_which_part_of_the_archive_is_missing(
    machines,
    store,
    drawn,
    open_archive,
    qtbot,
    tmp_path,
):
    shutil.copytree(store, tmp_path / "store")
    first, *_ = sorted((tmp_path / "store" / "shards").glob("*.codes"))
    first.unlink()
    with served(tmp_path / "store"):
        window = open_archive(machines.address, photo=drawn / "sea 1.jpg")
        until(qtbot, lambda: len(found(window)) == 2)
        state = window.search_place.strip._state
        assert "1 part of the archive did not answer" in state.text()
        assert "2 photos compared" in state.text()
        assert "is missing from the store" in state.toolTip()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("127.0.0.1:1", "Nothing answers at 127.0.0.1:1"),
        ("somewhere", "“somewhere” is not HOST:PORT"),
        ("local", "“local” is not HOST:PORT"),
    ],
)
def test_an_archive_that_is_not_there_is_one_sentence_and_can_be_tried_again(
    open_archive, qtbot, address, sentence
):
    window = open_archive(address)
    for _ in range(2):
        until(qtbot, lambda: window.stack.currentWidget() is window.problem)
        assert sentence in window.problem.accessibleName()
        window.begin()
    assert window.banner.back.isVisible()


def test_without_ray_the_window_says_what_is_to_be_installed(open_archive, qtbot, monkeypatch):
    from photosearch.cluster import commands

    monkeypatch.setattr(commands, "find_spec", lambda name: None)
    window = open_archive("127.0.0.1:1")
    until(qtbot, lambda: "pip install 'photosearch[cluster]'" in window.problem.accessibleName())
    monkeypatch.setattr(commands.sys, "frozen", True, raising=False)
    window.begin()
    until(qtbot, lambda: "nothing can be added to it" in window.problem.accessibleName())


@pytest.fixture
def windows(open_window, open_library, pictures, tmp_path, qtbot) -> Iterator[Callable[[], Windows]]:
    """Starts the program, as `app.run` does."""
    started = []
    places = Places.under(tmp_path / "home")

    def start() -> Windows:
        made = Windows(
            lambda folders, photo: Window(open_library, places, folders, photo),
            lambda address: ArchiveWindow(lambda address: Archive(address, SETTINGS), address, places),
        )
        started.append(made)
        made.show(read_settings(places.settings).archive)
        return made

    yield start
    for one in started:
        one.end()
        for window in (one._own, one._archive):
            if window:
                window.deleteLater()


def test_an_archive_is_chosen_in_the_preferences_outlives_a_restart_and_is_left_by_one_click(
    windows, silent, tmp_path, qtbot
):
    program = windows()
    own = program.current
    until(qtbot, lambda: own.session.known)
    own.preferences.trigger()
    until(qtbot, lambda: own.findChildren(Preferences))
    (dialog,) = own.findChildren(Preferences)
    assert dialog.tabs.tabText(dialog.tabs.count() - 3) == "Libraries"
    dialog.address.setEditText(f" {silent} ")
    dialog.show_archive.click()
    until(qtbot, lambda: program.current is not own)
    assert isinstance(program.current, ArchiveWindow) and not own.isVisible()
    stored = json.loads((tmp_path / "home" / "settings.json").read_text())
    assert (stored["archive"], stored["archives"]) == (silent, silent)

    # The next start shows it again, at once, however long it takes to answer.
    program.end()
    program = windows()
    archive = program.current
    until(qtbot, lambda: archive._painted)
    assert isinstance(archive, ArchiveWindow) and silent in archive.banner.text.text()
    until(qtbot, lambda: "Connecting" in archive.opening.accessibleName())
    archive.preferences.trigger()
    until(qtbot, lambda: archive.findChildren(Preferences))
    (dialog,) = archive.findChildren(Preferences)
    assert [dialog.tabs.tabText(tab) for tab in range(3)] == ["Libraries", "Appearance", "Privacy"]
    dialog.close()
    archive.banner.back.click()
    until(qtbot, lambda: isinstance(program.current, Window) and program.current.session.known)
    assert program.current.isVisible()
    assert read_settings(tmp_path / "home" / "settings.json").archive == ""


def started_with_tray(windows, qtbot):
    """The program, and its window on one's own photos, which stays in the tray."""
    program = windows()
    own = program.current
    until(qtbot, lambda: own.session.known)
    own.tray.is_there = lambda: True
    own.tray.keep(True)
    return program, own


def test_the_window_on_ones_own_photos_stays_in_the_tray_and_comes_back_from_there(windows, silent, qtbot):
    program, own = started_with_tray(windows, qtbot)
    program.show(silent)
    archive = program.current
    assert archive is not own and archive.isVisible() and not own.isVisible()
    own.tray.window_wanted.emit()
    assert archive.isVisible() and not own.isVisible()
    ended = []
    program.ended.connect(lambda: ended.append(True))
    archive.close()
    assert not archive.isVisible() and not own._ended and program.current is own
    own.tray.window_wanted.emit()
    assert own.isVisible() and not ended
    own.end()
    assert ended and own._ended
    archive.deleteLater()


def test_to_quit_from_an_archive_ends_the_program_where_there_is_a_tray_too(windows, silent, qtbot):
    program, own = started_with_tray(windows, qtbot)
    program.show(silent)
    with qtbot.waitSignal(program.ended):
        program.current.leave.trigger()
    assert own._ended and not own.tray.icon.isVisible()


def test_without_a_tray_the_window_behind_ends_with_the_archive(windows, silent, pictures, qtbot):
    program = windows()
    own = program.current
    until(qtbot, lambda: own.session.known)
    program.show(silent)
    assert program.receive([], pictures / "sea 1.jpg") and program.current is not own
    # A folder is for one's own photos.
    assert program.receive([pictures], None) and program.current is own and own.isVisible()
    until(qtbot, lambda: own.session.known.folders)
    program.show(silent)
    with qtbot.waitSignal(program.ended):
        program.current.close()
    assert own._ended
