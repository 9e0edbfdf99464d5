"""To the trash and back: whatever happens on the way, a readable copy of everything is kept."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch import decode
from photosearch.blocks import CodeBlocks
from photosearch.duplicates import Preferences
from photosearch.encode.model_file import Model
from photosearch.errors import FolderUnavailable, RemovalRefused
from photosearch.library import Library
from photosearch.library.cleaning import Choice, Cleaning, Plan, batches, suggestion
from photosearch.library.duplicates import Codes, Duplicates
from photosearch.library.importing import Checked
from photosearch.library.sidecars import Notes, notes_of, sidecars_of
from photosearch.library.snapshot import Snapshot
from photosearch.library.trash import HoldingFolder, NoTrash, move_back
from photosearch.records import Removal
from photosearch.scan import ends_hash
from photosearch.settings import Places, Settings
from photosearch.store import Catalogue
from tests.dng import dng
from tests.fakes import CoarseColourEncoder, coarse_colour_model
from tests.heic import heic
from tests.library.test_duplicates import scene


class Bin:
    """A trash that is a folder, and fails as it is told.

    Attributes:
        wrong: `refuses`, `does nothing`, `has none`, `is killed before`, `is killed after`; or what happens
            at the moment of the move: `keeper deleted`, `keeper changed`, `photo changed`.
    """

    def __init__(self, folder: Path, wrong: str = "", kept: Callable[[Path], Path] | None = None) -> None:
        self.folder, self.wrong, self._kept = folder, wrong, kept
        self.folder.mkdir(parents=True, exist_ok=True)

    def put(self, path: Path) -> Path | None:
        if self.wrong == "refuses":
            raise PermissionError(13, "Permission denied", str(path))
        if self.wrong == "has none":
            raise NoTrash(f"The volume of {path} has no trash.")
        if self.wrong == "is killed before":
            raise Killed
        if self.wrong == "photo changed":
            path.write_bytes(path.read_bytes() + b"edited")
        if self._kept and self.wrong == "keeper deleted":
            self._kept(path).unlink(missing_ok=True)
        if self._kept and self.wrong == "keeper changed":
            self._kept(path).write_bytes(b"no picture any more")
        place = self.folder / f"{len(list(self.folder.iterdir()))} {path.name}"
        if self.wrong != "does nothing":
            path.rename(place)
        if self.wrong == "is killed after":
            raise Killed
        return place

    def restore(self, place: Path, path: Path) -> None:
        move_back(place, path)


class Killed(BaseException):
    """The program ends here."""


def run(steps):
    """What a generator of progress returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos and a library of them that was compared: two scenes and one alone, in `photos` and `home`."""
    folder = tmp_path_factory.mktemp("indexed")
    photos = folder / "photos"
    (photos / "more").mkdir(parents=True)
    for number in range(2):
        original = photos / f"{number}.jpg"
        scene(60 + number).save(original, quality=92)
        shutil.copy(original, photos / "more" / f"{number} copy.jpg")
        shutil.copy(original, photos / f"{number} again.jpg")
        scene(60 + number).resize((240, 180)).save(photos / f"{number} small.jpg")
    scene(69).save(photos / "alone.jpg")
    with closing(library_in(folder)) as library:
        library.add_folder(photos)
        list(library.update())
        list(library.duplicates().compare())
    return folder


@pytest.fixture
def place(indexed: Path) -> Iterator[Path]:
    """The same again for each test, at the same path."""
    fresh = indexed.with_name(f"{indexed.name} kept")
    if not fresh.exists():
        shutil.copytree(indexed, fresh)
    yield indexed
    anew(indexed)


def anew(folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name} kept")
    shutil.rmtree(folder)
    shutil.copytree(fresh, folder)


def library_in(folder: Path, model: Model | None = None, **chosen: str) -> Library:
    return Library(
        Places.under(folder / "home"),
        Settings(workers=1, **chosen),
        model=model or coarse_colour_model(),
        encoder=CoarseColourEncoder(),
    )


class Opened:
    """The parts of a library that clean up, without its processes."""

    def __init__(self, folder: Path, preferences: Preferences = Preferences()) -> None:  # noqa: B008
        self.folder, self.preferences = folder, preferences
        self.catalogue = Catalogue(folder / "home" / "catalogue.sqlite")
        model = coarse_colour_model()
        ids, rows = self.catalogue.codes.all(model.spec.identity)
        snapshot = Snapshot(ids, CodeBlocks.from_rows(rows), 0)
        self.duplicates = Duplicates(
            self.catalogue,
            lambda: Codes(snapshot, model.codebooks, model.same_shot, model.spec.identity),
            lambda photo: thumbnail(photo.path),
        )

    def cleaning(self, trash: Bin) -> Cleaning:
        return Cleaning(self.catalogue, thumbnail, decode.pages, self.preferences, trash)

    def clean(self, wrong: str = "", holding: bool = False, plan: Plan | None = None) -> list[Removal]:
        def keeper_of(path: Path) -> Path:
            chosen = (choice for choice in plan.choices for photo in choice.remove if photo.path == path)
            return next(chosen).keep[0].path

        cleaning = self.cleaning(Bin(self.folder / "bin", wrong, keeper_of))
        if plan is None:
            plan = cleaning.plan(suggestion(self.duplicates.groups(self.preferences)))
        return run(cleaning.execute(plan, holding))


def thumbnail(path: Path) -> bytes:
    return decode.decode(path, 8).thumbnail


@pytest.fixture
def opened(place: Path) -> Iterator[Opened]:
    made = Opened(place)
    yield made
    made.catalogue.close()


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        *(("a.tif", 3), ("a.gif", 3), ("a.webp", 3), ("a.png", 3), ("a.heic", 3)),
        *(("one.tif", 1), ("one.heic", 1), ("a.mpo", 1), ("a.dng", 1)),
    ],
)
def test_pages_and_frames_are_counted_and_what_is_only_a_preview_is_none(tmp_path, name, pages):
    first, *later = (scene(80 + number, (60, 40)) for number in range(3))
    if name == "a.dng":
        (tmp_path / name).write_bytes(dng(first, first))
    elif name.endswith("heic"):
        pytest.importorskip("pi_heif")
        (tmp_path / name).write_bytes(heic(first, later=later[: pages - 1]))
    else:
        first.save(tmp_path / name, save_all=True, append_images=[] if name == "one.tif" else later)
    if name == "a.mpo":
        # As cameras write it: a JPEG that has another one behind it.
        (tmp_path / name).rename(tmp_path / "a.jpg")
        name = "a.jpg"
    assert decode.pages(tmp_path / name) == pages


def test_what_has_later_pages_goes_only_if_the_whole_file_is_kept(place):
    photos = place / "photos"
    first, second = scene(72), scene(73)
    first.save(photos / "page.png")
    for name, later in (("pages.tif", [second]), ("one page.tif", [])):
        first.resize((240, 180)).save(photos / name, save_all=True, append_images=later)
    shutil.copy(photos / "pages.tif", photos / "pages again.tif")
    shutil.rmtree(photos / "more")
    with closing(library_in(place)) as library:
        list(library.update())
        list(library.duplicates().compare())
        groups = [group for group in library.duplicates().groups() if group.keeper.path.name == "page.png"]
        (group,) = groups
        assert group.kind == "same-shot" and len(group.removable) == 3
        cleaning = library.cleaning(Bin(place / "bin"))
        plan = cleaning.plan(suggestion(groups))
        assert {photo.path.name for photo, _, _ in plan.left_out} == {"pages.tif", "pages again.tif"}
        removed = run(cleaning.execute(plan))
        assert {each.path.name for each in removed if each.state == "done"} == {"one page.tif"}

        several = {each.photo.path.name: each.photo for each in group.photos}
        plan = cleaning.plan([Choice((several["pages.tif"],), (several["pages again.tif"],))])
        assert [each.state for each in run(cleaning.execute(plan))] == ["done"]
    assert (photos / "pages.tif").exists() and not (photos / "pages again.tif").exists()


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*.jpg")}


ALL = {
    "0.jpg",
    "0 copy.jpg",
    "0 again.jpg",
    "0 small.jpg",
    "1.jpg",
    "1 copy.jpg",
    "1 again.jpg",
    "1 small.jpg",
}
ALL |= {"alone.jpg"}


def test_the_suggestion_keeps_one_of_each_and_all_comes_back(opened, place):
    removals = opened.clean()
    assert {removal.state for removal in removals} == {"done"} and len(removals) == 6
    assert names(place / "photos") == {"0.jpg", "1.jpg", "alone.jpg"} and len(names(place / "bin")) == 6
    assert opened.duplicates.groups() == []
    cleaning = opened.cleaning(Bin(place / "bin"))
    (batch,) = batches(cleaning.removals())
    assert {removal.state for removal in run(cleaning.undo(batch))} == {"undone"}
    assert names(place / "photos") == ALL and names(place / "bin") == set()
    assert len(opened.duplicates.groups()) == 2


def test_only_exact_copies_go_if_only_they_are_meant(opened):
    choices = suggestion(opened.duplicates.groups(), ["exact"])
    assert sorted(photo.path.name for choice in choices for photo in choice.remove) == [
        *("0 again.jpg", "0 copy.jpg", "1 again.jpg", "1 copy.jpg")
    ]


@pytest.mark.parametrize("wrong", ["refuses", "does nothing", "has none"])
def test_a_file_that_the_trash_does_not_take_stays_and_is_said_to(opened, place, wrong):
    removals = opened.clean(wrong)
    assert {removal.state for removal in removals} == {"failed"} and all(each.reason for each in removals)
    assert names(place / "photos") == ALL


def test_what_has_no_trash_goes_to_a_folder_in_plain_sight_once_asked_for(opened, place):
    removals = opened.clean("has none", holding=True)
    assert {removal.state for removal in removals} == {"done"}
    assert names(place / "photos" / "Removed by PhotoSearch") == ALL - {"0.jpg", "1.jpg", "alone.jpg"}
    cleaning = opened.cleaning(Bin(place / "bin"))
    run(cleaning.undo(removals[0].batch))
    assert names(place / "photos" / "Removed by PhotoSearch") == set() and names(place / "photos") == ALL


def test_what_was_removed_to_a_holding_folder_is_not_indexed_again(place):
    held = HoldingFolder(place / "photos")
    held.put(place / "photos" / "0 again.jpg")
    with closing(library_in(place)) as library:
        list(library.update())
        assert "0 again.jpg" not in {
            photo.path.name for photo in library.photos(library.listing().tolist()) if not photo.offline
        }


@pytest.mark.parametrize("wrong", ["keeper deleted", "keeper changed"])
def test_a_photo_whose_keeper_vanishes_at_that_moment_is_put_back(opened, place, wrong):
    opened.clean(wrong)
    for number in "01":
        copies = [file for file in (place / "photos").rglob(f"{number}*.jpg") if readable(file)]
        assert copies


def test_a_photo_that_is_written_to_at_that_moment_is_put_back(opened, place):
    removals = opened.clean("photo changed")
    assert {removal.state for removal in removals} == {"failed"}
    assert names(place / "photos") == ALL


def readable(file: Path) -> bool:
    try:
        with Image.open(file) as image:
            image.load()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("which", ["0.jpg", "0 again.jpg"])
def test_what_changed_since_it_was_compared_is_neither_removed_nor_trusted(opened, place, which):
    groups = opened.duplicates.groups()
    scene(90).save(place / "photos" / which)
    cleaning = opened.cleaning(Bin(place / "bin"))
    removals = run(cleaning.execute(cleaning.plan(suggestion(groups))))
    failed = {removal.path.name for removal in removals if removal.state == "failed"}
    assert failed == (
        {"0 again.jpg"} if which == "0 again.jpg" else {"0 again.jpg", "0 copy.jpg", "0 small.jpg"}
    )


def test_a_plan_that_would_leave_nothing_is_refused(opened, place):
    photos = [each.photo for each in opened.duplicates.groups()[0].photos]
    cleaning = opened.cleaning(Bin(place / "bin"))
    for keep, remove in [((), photos), (photos[:1], photos), (photos[:1], photos[1:2] * 2)]:
        with pytest.raises(RemovalRefused):
            cleaning.plan([Choice(tuple(keep), tuple(remove))])
    with pytest.raises(RemovalRefused, match="kept and removed"):
        cleaning.plan([Choice((photos[0],), (photos[1],)), Choice((photos[1],), (photos[2],))])


def test_another_name_of_the_same_file_is_no_copy(opened, place):
    photos = {each.photo.path.name: each.photo for each in opened.duplicates.groups()[0].photos}
    keeper, copy = next(p for n, p in photos.items() if n in ("0.jpg", "1.jpg")), None
    copy = next(photo for name, photo in photos.items() if name.endswith("again.jpg"))
    keeper.path.unlink()
    keeper.path.symlink_to(copy.path)
    with pytest.raises(RemovalRefused):
        opened.cleaning(Bin(place / "bin")).plan([Choice((keeper,), (copy,))])
    assert readable(copy.path)


def test_nothing_of_a_reference_folder_is_removed(place):
    opened = Opened(place, Preferences(references=(place / "photos" / "more",)))
    with closing(opened.catalogue):
        removals = opened.clean()
        assert {removal.state for removal in removals} == {"done"}
        assert names(place / "photos" / "more") == {"0 copy.jpg", "1 copy.jpg"}
        more = opened.catalogue.photos.find(place / "photos" / "more" / "0 copy.jpg")
        with pytest.raises(RemovalRefused, match="reference"):
            opened.cleaning(Bin(place / "bin")).plan([Choice((more,), (more,))])


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>Ada</rdf:li></rdf:Bag>
</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_sidecars_follow_and_what_they_say_is_handed_to_the_keeper(opened, place):
    photos = place / "photos"
    (photos / "0 again.xmp").write_text(XMP)
    (photos / "0 small.jpg.xmp").write_text(XMP)
    assert notes_of(photos / "0 again.jpg").rating == 4
    assert notes_of(photos / "0 again.jpg").tags == ("sea", "Ada")
    removals = opened.clean()
    assert {removal.state for removal in removals} == {"done"} and len(removals) == 8
    assert not (photos / "0 again.xmp").exists() and not (photos / "0 small.jpg.xmp").exists()
    assert notes_of(photos / "0.jpg").rating == 4
    run(opened.cleaning(Bin(place / "bin")).undo(removals[0].batch))
    assert (photos / "0 again.xmp").read_text() == XMP


@pytest.mark.parametrize(("said", "stars"), [("-1", -1), ("inf", 0), ("nan", 0), ("1e9", 5), ("-7", -1)])
def test_a_rating_beyond_all_bounds_is_within_them(tmp_path, said, stars):
    (tmp_path / "a.jpg.xmp").write_text(XMP.replace('Rating="4"', f'Rating="{said}"'))
    assert notes_of(tmp_path / "a.jpg").rating == stars
    assert notes_of(tmp_path / "a.jpg").tags == ("sea", "Ada")


def test_a_sidecar_in_an_unknown_encoding_says_nothing(tmp_path):
    (tmp_path / "a.jpg.xmp").write_text(f'<?xml version="1.0" encoding="odd"?>{XMP}')
    assert notes_of(tmp_path / "a.jpg") == Notes()


def test_a_sidecar_that_a_photo_that_stays_has_too_does_not_follow(tmp_path):
    for name in ("a.jpg", "a.nef", "a.xmp", "b.jpg", "b.jpg.xmp"):
        (tmp_path / name).write_text("x")
    assert sidecars_of(tmp_path / "a.jpg") == []
    assert sidecars_of(tmp_path / "a.jpg", {tmp_path / "a.nef"}) == [tmp_path / "a.xmp"]
    assert sidecars_of(tmp_path / "b.jpg") == [tmp_path / "b.jpg.xmp"]


NAMES = sorted(ALL)
TOUCHED = NAMES + 3 * ["0.jpg", "1.jpg"]
"""What happens to files happens to those that are to be kept as often as to all others together."""

WRONG = ["", "", "refuses", "does nothing", "has none", "is killed before", "is killed after"]
WRONG += ["keeper deleted", "keeper changed", "photo changed"]
STEPS = st.one_of(
    st.tuples(st.just("clean"), st.sampled_from(WRONG), st.booleans()),
    st.tuples(st.just("plan"), st.integers(0, 3), st.lists(st.booleans(), min_size=4, max_size=4)),
    st.tuples(st.just("execute"), st.sampled_from(WRONG), st.booleans()),
    st.tuples(st.just("decide"), st.integers(0, 3), st.sampled_from(["keep all", "not the same"])),
    st.tuples(st.just("delete"), st.sampled_from(TOUCHED), st.none()),
    st.tuples(st.just("change"), st.sampled_from(TOUCHED), st.booleans()),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("reopen"), st.none(), st.none()),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    missing=st.sets(st.sampled_from(NAMES), max_size=4),
    steps=st.lists(STEPS, min_size=1, max_size=6),
    reference=st.booleans(),
)
def test_whatever_happens_a_readable_copy_of_every_group_stays_and_no_decision_comes_back(
    place, missing, steps, reference
):
    anew(place)
    preferences = Preferences(references=(place / "photos" / "more",) if reference else ())
    opened = Opened(place, preferences)
    decided: list[set[int]] = []
    plans: list[Plan] = []
    for file in (place / "photos").rglob("*.jpg"):
        if file.name in missing:
            opened.catalogue.files.mark_missing([opened.catalogue.photos.find(file).id], "gone", 1)
            file.unlink()
    try:
        for what, one, other in steps:
            before = {file: file.read_bytes() for file in sorted((place / "photos").rglob("*.jpg"))}
            groups = opened.duplicates.groups(preferences)
            if what == "plan" and groups:
                # Of any group any, not only what is suggested; what may not be is refused.
                photos = [each.photo for each in groups[one % len(groups)].photos]
                keep = tuple(photo for photo, kept in zip(photos, other, strict=False) if kept)
                remove = tuple(photo for photo in photos if photo not in keep)
                with suppress(RemovalRefused):
                    plans.append(opened.cleaning(Bin(place / "bin")).plan([Choice(keep, remove)]))
            elif what == "clean" or (what == "execute" and plans):
                try:
                    # One that was made before, whatever has been decided, changed and moved since.
                    with suppress(RemovalRefused):
                        opened.clean(one, other, plans.pop(0) if what == "execute" else None)
                except Killed:
                    opened.catalogue.close()
                    opened = Opened(place, preferences)
                    assert all(
                        removal.state != "begun" for removal in opened.cleaning(Bin(place / "bin")).removals()
                    )
                nothing_is_lost(place, before, one)
                for number in "01a":
                    was = any(path.name[0] == number and readable_bytes(before[path]) for path in before)
                    assert not was or any(map(readable, (place / "photos").rglob(f"{number}*.jpg")))
                for group in groups:
                    paths = {each.photo.path for each in group.photos} & before.keys()
                    was = any(readable_bytes(before[path]) for path in paths)
                    assert not was or any(readable(path) for path in paths)
                if reference:
                    kept = [path for path in before if path.parent.name == "more"]
                    assert all(path.exists() or one == "keeper deleted" for path in kept)
            elif what == "decide" and groups:
                photos = [each.photo for each in groups[one % len(groups)].photos]
                opened.duplicates.decide(photos, other)
                decided.append({photo.id for photo in photos})
            elif what == "delete":
                for file in (place / "photos").rglob(one):
                    file.unlink()
            elif what == "change":
                for file in (place / "photos").rglob(one):
                    file.write_bytes(b"no picture" if other else file.read_bytes() + b"edited")
            elif what == "undo":
                cleaning = opened.cleaning(Bin(place / "bin"))
                for batch in list(batches(cleaning.removals()))[:1]:
                    run(cleaning.undo(batch))
            elif what == "reopen":
                opened.catalogue.close()
                opened = Opened(place, preferences)
            for group in opened.duplicates.groups(preferences):
                shown = {each.photo.id for each in group.photos}
                assert not any(len(shown & ids) > 1 for ids in decided)
    finally:
        opened.catalogue.close()


MOVES = st.one_of(
    st.tuples(st.just("decide"), st.integers(0, 3), st.sampled_from(["keep all", "not the same"])),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.integers(0, 2)),
    st.tuples(st.just("touch"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("move the folder"), st.none(), st.none()),
    st.tuples(st.just("index"), st.none(), st.none()),
    st.tuples(st.just("make anew"), st.none(), st.none()),
    st.tuples(st.just("another model"), st.integers(0, 2), st.none()),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=st.lists(MOVES, min_size=3, max_size=7))
def test_no_decision_comes_back_whatever_files_are_called_and_whichever_library_looks(place, moves):
    anew(place)
    photos = place / "photos"
    shown_as = {name: file for name in NAMES for file in photos.rglob(name)}
    decided: list[Counter[bytes]] = []
    library = library_in(place)
    try:
        for what, one, other in [*moves, ("index", None, None)]:
            if what == "decide":
                groups = library.duplicates().groups()
                if groups:
                    together = [each.photo for each in groups[one % len(groups)].photos]
                    library.duplicates().decide(together, other)
                    decided.append(Counter(ends_hash(photo.path, photo.size) for photo in together))
            elif what == "rename":
                file = shown_as[one]
                shown_as[one] = file.rename(file.with_name(f"{file.stem[0]} called {other} {one}"))
            elif what == "touch":
                os.utime(shown_as[one])
            elif what == "move the folder":
                moved = {name: file for name, file in shown_as.items() if file.parent != photos}
                to = photos / f"moved {len(list(photos.iterdir()))}"
                for folder in {file.parent for file in moved.values()}:
                    folder.rename(to)
                shown_as |= {name: to / file.name for name, file in moved.items()}
            elif what == "make anew":
                exported = library.duplicates().export_decisions()
                library.close()
                shutil.rmtree(place / "home")
                library = library_in(place)
                library.add_folder(photos)
                library.duplicates().import_decisions(exported)
            elif what == "another model":
                library.close()
                library = library_in(place, coarse_colour_model(f"{one:016x}"))
            # A decision is about what is indexed: only then is anything listed that could be wrong.
            list(library.update())
            list(library.duplicates().compare())
            for group in library.duplicates().groups():
                shown = Counter(ends_hash(each.photo.path, each.photo.size) for each in group.photos)
                assert not any((shown & contents).total() > 1 for contents in decided)
    finally:
        library.close()


def readable_bytes(content: bytes) -> bool:
    try:
        Image.open(io.BytesIO(content)).load()
    except OSError:
        return False
    return True


def nothing_is_lost(place: Path, before: dict[Path, bytes], wrong: str) -> None:
    """Each file is where it was, or lies in the trash or the holding folder, as it was."""
    elsewhere = [file.read_bytes() for file in (place / "bin").glob("*")]
    elsewhere += [file.read_bytes() for file in place.rglob("Removed by PhotoSearch/**/*") if file.is_file()]
    for path, content in before.items():
        if path.exists() or wrong in ("keeper deleted", "keeper changed"):
            continue
        assert content in elsewhere or (wrong == "photo changed" and content + b"edited" in elsewhere), path


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash of freedesktop.org")
def test_the_program_moves_copies_to_the_trash_of_the_platform_and_back(tmp_path):
    photos, home, share = tmp_path / "photos", tmp_path / "home", tmp_path / "share"
    photos.mkdir()
    scene(1).save(photos / "a ä.jpg")
    shutil.copy(photos / "a ä.jpg", photos / "a ä copy.jpg")
    environment = os.environ | {"XDG_DATA_HOME": str(share), "HOME": str(tmp_path)}

    def photosearch(*arguments: object, expect: int = 0):
        command = [
            sys.executable,
            "-m",
            "photosearch",
            "--home",
            home,
            "--device",
            "cpu",
            *arguments,
            "--json",
        ]
        done = subprocess.run(
            list(map(str, command)), env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == expect, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr

    photosearch("index", photos)
    report = tmp_path / "report.html"
    (group,) = photosearch("duplicates", "--report", report)["groups"]
    assert group["kind"] == "exact" and Path(group["keeper"]).name == "a ä.jpg"
    page = report.read_text()
    assert "<p>1 group. Of these photos 1 could go, " in page
    assert page.count("<img ") == 2 and "data:image/jpeg;base64," in page and "http" not in page

    assert "add --yes" in photosearch("duplicates", "--trash", expect=1)
    assert len(list(photos.iterdir())) == 2
    (removal,) = photosearch("duplicates", "--trash", "--yes")["removals"]
    assert removal["state"] == "done" and Path(removal["place"]).exists()
    assert [file.name for file in photos.iterdir()] == ["a ä.jpg"]
    checked = photosearch("check", share / "Trash" / "files")
    assert (checked["photos"], len(checked["known"]), checked["new"]) == (1, 1, [])

    (undone,) = photosearch("duplicates", "--undo")["removals"]
    assert undone["state"] == "undone" and len(list(photos.iterdir())) == 2
    assert not list((share / "Trash" / "info").iterdir())


def test_who_puts_back_hears_nothing_of_what_never_moved(opened, place):
    plan = opened.cleaning(Bin(place / "bin")).plan(suggestion(opened.duplicates.groups()))
    (place / "photos" / "0 small.jpg").write_bytes(b"edited since")
    states = {each.path.name: each.state for each in opened.clean(plan=plan)}
    assert states.pop("0 small.jpg") == "failed" and set(states.values()) == {"done"}
    command = [sys.executable, "-m", "photosearch", "--home", place / "home"]
    command += ["duplicates", "--undo", "--json"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["removals"]
    assert {Path(each["path"]).name: each["state"] for each in told} == dict.fromkeys(states, "undone")


def check(library: Library, folder: Path) -> Checked:
    return run(library.check(folder))


def test_a_card_is_told_what_of_it_is_already_here(place, tmp_path):
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    shutil.copy(place / "photos" / "0.jpg", card / "DCIM" / "same.jpg")
    scene(61).transpose(Image.Transpose.ROTATE_90).save(card / "DCIM" / "turned.jpg", quality=70)
    scene(77).save(card / "DCIM" / "new.jpg")
    (card / "broken.jpg").write_bytes(b"no picture")
    with closing(library_in(place)) as library:
        checked = check(library, card)
        with pytest.raises(FolderUnavailable):
            check(library, card / "none")
    assert checked.photos == 4
    known = {each.photo.name: (each.kind, each.in_library.path.name[0]) for each in checked.known}
    assert known == {"same.jpg": ("exact", "0"), "turned.jpg": ("same-shot", "1")}
    assert [path.name for path in checked.new] == ["new.jpg"]
    assert [failure.path.name for failure in checked.unreadable] == ["broken.jpg"]
