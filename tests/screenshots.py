"""Pictures of the window for README.md, of photos drawn by `tests.pictures`: `make screenshots`.

The real window on a real library with the bundled model; nothing is staged but the photos, and that they are
read as slowly as from an old drive: else indexing them would be over before it could be seen. Each look is
taken in a process of its own: light, dark, of high contrast, light at 200 % in German, light from right to
left.
"""

from __future__ import annotations

import calendar
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QEvent, QSize, Qt, QTranslator
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.gui.actions.commands import KeySheet, Palette
from photosearch.gui.design import theme
from photosearch.gui.language import speak, translations
from photosearch.gui.preferences import Preferences
from photosearch.gui.window import Window
from photosearch.library import Library
from photosearch.records import Box, Example, Progress
from photosearch.settings import Places, Settings
from tests.pictures import KINDS, draw
from tests.smoothness import wait

OF_EACH_KIND = 14
PATIENCE = 900.0
A_PHOTO_SECONDS = 0.15
CAMERAS = (("Canon", "Canon EOS R6"), ("NIKON CORPORATION", "NIKON Z 6"), ("Apple", "iPhone 12"))

LOOKS: dict[str, dict[str, str]] = {
    "light": {},
    "dark": {"appearance": "dark"},
    "contrast": {"appearance": "contrast"},
    "german-200": {"language": "de", "scale": "2"},
    "right-to-left": {"direction": "right to left"},
}


WHOLE = ("light", "dark")

FEW = {"library", "examples", "activity", "preferences"}
"""What is saved of the other looks, which show only that the window can look so."""


def main(out: Path) -> None:
    """Save the screenshots of all looks into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="photosearch-screenshots-") as place, _pictures() as photos:
        for name, look in LOOKS.items():
            if name not in WHOLE:
                # They show no indexing, and have what the first one has indexed.
                shutil.copytree(Path(place, WHOLE[0]), Path(place, name))
            subprocess.run(
                [
                    *(sys.executable, "-m", "tests.screenshots"),
                    *(out, photos, Path(place, name), name, json.dumps(look)),
                ],
                env=os.environ | {"QT_SCALE_FACTOR": look.get("scale", "1")},
                check=True,
            )


class Mirrored(QTranslator):
    """Takes each English sentence for one that is written from right to left, as no such language is here."""

    def translate(self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1) -> str:
        # Qt's own words are not asked for here; the plural goes along with what has one.
        said = disambiguation if disambiguation and n != 1 else sourceText
        return sourceText if context else "\u200f" + said

    def isEmpty(self) -> bool:
        return False


def photograph(out: Path, photos: Path, home: Path, name: str, look: dict[str, str]) -> None:
    """Save the screenshots of one look."""
    application = QApplication(sys.argv[:1])
    speak(application, look.get("language", "en"), translations())
    theme.dress(application, look.get("appearance", "light"))
    if "direction" in look:
        application.installTranslator(Mirrored(application))
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    places = Places.under(home)
    is_indexed = places.catalogue.exists()
    # Whatever else the machine does, the pictures are waited for.
    window = Window(lambda: Library(places, Settings(effort="full")), places)

    def save(what: str, widget: QWidget | None = None) -> None:
        if name not in WHOLE and what not in FEW:
            return
        wait(300)
        _wait(lambda: _painted(window))
        wait(100)
        file = str(out / f"{what}-{name}.png")
        picture = (widget or window).grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        # One that looks as before is left as it is, byte for byte.
        if QImage(file).convertToFormat(QImage.Format.Format_RGB32) != picture:
            # 0: as small as PNG makes it.
            picture.save(file, "PNG", 0)

    def dialog(kind: type[QWidget]) -> QWidget:
        _wait(lambda: bool(window.findChildren(kind)))
        return window.findChildren(kind)[0]

    # At 200 % it has four times the pixels, and its pictures are to stay below a megabyte.
    window.resize(QSize(1000, 720) if "scale" in look else QSize(1240, 820))
    window.show()
    photos_shown = window.library.gallery.photos
    if not is_indexed:
        _wait(lambda: window.stack.currentWidget() is window.welcome)
        save("welcome")
        _index(window, photos, save)
    _wait(lambda: window.session.last.step == "watching" and bool(window.session.known.failures))
    window.library.gallery.grid.setCurrentIndex(photos_shown.index(0))
    window.library.gallery.grid.scrollToTop()
    _wait(lambda: photos_shown.photo(0) is not None)
    save("library")
    _search(window, photos / "dunes" / "dunes 01.jpg", photos / "sea" / "sea 03.jpg")
    save("results")
    window.search_place.strip.cards[0].part.choose(Box(0.35, 0.25, 0.5, 0.5))
    _wait(lambda: not window.session.searching.busy and not window.session.looking.busy)
    save("crop")
    balloon, dunes = photos / "balloon" / "balloon 05.jpg", photos / "dunes" / "dunes 04.jpg"
    window.search([Example(balloon), Example(dunes, 0.5), Example(photos / "city" / "city 02.jpg", -0.75)])
    _wait(lambda: not window.session.searching.busy and not window.session.looking.busy)
    save("examples")
    if name in WHOLE:
        _look_closely(window, save)
        _clean_up(window, save)
    window.go_to(window.activity)
    save("activity")
    window.preferences.trigger()
    preferences = dialog(Preferences)
    assert isinstance(preferences, Preferences)
    preferences.tabs.setCurrentIndex(1)
    save("preferences", preferences)
    preferences.close()
    window.palette_of_commands.trigger()
    save("commands", dialog(Palette))
    dialog(Palette).close()
    window.show_keys.trigger()
    save("keys", dialog(KeySheet))
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _index(window: Window, photos: Path, save: Callable[[str], None]) -> None:
    """The photos while a third of them is indexed, and what is found among these already."""
    library, session = window.session.library, window.session
    decode_many = library._chosen.decoders.decode_many
    held, go_on = threading.Event(), threading.Event()

    def slowly(paths):
        for decoded in decode_many(paths):
            time.sleep(A_PHOTO_SECONDS)
            yield decoded

    def hold(now: Progress) -> None:
        if now.rate and now.total and 3 * now.done > now.total:
            held.set()
            go_on.wait(PATIENCE)

    library._chosen.decoders.decode_many = slowly
    # In the thread that indexes, which waits here as if for the next photo.
    session.task.progressed.connect(hold, Qt.ConnectionType.DirectConnection)
    window.add_folders([photos])
    _wait(held.is_set)
    photos_shown = window.library.gallery.photos
    _wait(lambda: session.last.rate > 0 and session.known.status.encoded >= session.last.done - 2)
    _wait(lambda: len(photos_shown.ids) > 12 and photos_shown.photo(0) is not None)
    save("indexing")
    window.go_to(window.activity)
    save("indexing-activity")
    _search(window, photos / "dunes" / "dunes 01.jpg", photos / "balloon" / "balloon 01.jpg")
    save("indexing-results")
    window.clear()
    library._chosen.decoders.decode_many = decode_many
    go_on.set()
    session.task.progressed.disconnect(hold)


def _search(window: Window, *photos: Path) -> None:
    """Search by one photo after another: the first starts what decodes them, and the last tells how long it
    takes."""
    session = window.session
    for photo in photos:
        before = window.search_place.answer
        window.search([Example(photo)])
        _wait(lambda before=before: window.search_place.answer is not before and not session.searching.busy)
    _wait(lambda: not session.looking.busy)


def _look_closely(window: Window, save: Callable[[str], None]) -> None:
    """The preview of a photo found, and the first four beside each other."""
    gallery = window.search_place.gallery
    gallery.grid.setFocus()
    # Not the smaller copy, which may come first.
    photos = [gallery.photos.photo(row) for row in range(3)]
    large = next(row for row, photo in enumerate(photos) if photo and not photo.path.name.startswith("small"))
    gallery.grid.setCurrentIndex(gallery.photos.index(large))
    window.looking.open_preview.trigger()
    _wait(window.looking.preview.isVisible)
    wait(300)
    _wait(lambda: _looked(window))
    save("preview")
    window.looking.close()
    for row in range(4):
        gallery.grid.selectionModel().select(
            gallery.photos.index(row), gallery.grid.selectionModel().SelectionFlag.Select
        )
    window.looking.open_comparison.trigger()
    _wait(window.looking.comparison.isVisible)
    wait(300)
    _wait(lambda: _looked(window))
    save("compare")
    window.looking.close()


def _clean_up(window: Window, save: Callable[[str], None]) -> None:
    """The duplicates, a group of them compared, and what would be moved to the trash."""
    window.go_to(window.duplicates)
    _wait(lambda: bool(window.duplicates.groups.all))
    _wait(lambda: len(window.duplicates.groups.shown) >= 3 and not window.duplicates.work.is_finding)
    save("duplicates")
    window.duplicates.deciding.compare.trigger()
    _wait(window.looking.comparison.isVisible)
    wait(300)
    _wait(lambda: _looked(window))
    save("compare-duplicates")
    window.looking.compare.close_comparison()
    window.duplicates.apply_exact.trigger()
    _wait(lambda: window.duplicates.currentWidget() is window.duplicates.summary)
    save("summary")
    window.duplicates.show_list()


@contextmanager
def _pictures() -> Iterator[Path]:
    """Draw the photos, and delete them at the end; always in the same place, as pictures tell of it."""
    folder = Path(tempfile.gettempdir(), "Anna", "Pictures")
    _draw_photos(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent)


def _draw_photos(folder: Path) -> None:
    """Photos of every kind, taken over some years by a few cameras."""
    dates = random.Random(1)
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for seed in range(OF_EACH_KIND):
            size = (640, 900) if seed % 4 == 3 else (960, 660)
            taken = time.gmtime(1.42e9 + dates.random() * 2.9e8)
            exif = Image.Exif()
            exif[0x010F], exif[0x0110] = CAMERAS[dates.randrange(3)]
            exif.get_ifd(0x8769)[0x9003] = time.strftime("%Y:%m:%d %H:%M:%S", taken)
            file = folder / kind / f"{kind} {seed:02}.jpg"
            draw(kind, seed, size).save(file, quality=92, exif=exif)
            # By this they are listed before they were read.
            os.utime(file, (calendar.timegm(taken),) * 2)
    for kind, seed in (("balloon", 5), ("sea", 3), ("mountains", 7)):
        original = folder / kind / f"{kind} {seed:02}.jpg"
        (folder / "Backup").mkdir(exist_ok=True)
        (folder / "Backup" / original.name).write_bytes(original.read_bytes())
        with Image.open(original) as photo:
            photo.resize((photo.width // 2, photo.height // 2)).save(
                folder / "Backup" / f"small {original.name}"
            )
    (folder / "half copied.jpg").write_bytes((folder / "sea" / "sea 00.jpg").read_bytes()[:9000])
    (folder / "empty.jpg").touch()


def _painted(window: Window) -> bool:
    """Whether every thumbnail in sight is there: they come from threads of their own."""
    return window._thumbnails is None or window._thumbnails.done


def _looked(window: Window) -> bool:
    """Whether the large pictures that are looked at are there."""
    pictures = window.looking._pictures
    return pictures is not None and pictures.done


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "the window did not come so far"
        wait(50)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        photograph(*map(Path, sys.argv[1:4]), sys.argv[4], json.loads(sys.argv[5]))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
