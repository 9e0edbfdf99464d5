"""What goes wrong on the way to the trash and back: links, other volumes, files that appear meanwhile."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from photosearch.errors import RemovalRefused
from photosearch.library.cleaning import Choice, suggestion
from photosearch.library.discarding import Discarding
from photosearch.library.sidecars import carry_over, notes_of
from photosearch.library.trash import PlatformTrash, move_back
from photosearch.records import Photo, Removal
from tests.library.test_cleaning import XMP, Bin, Opened, indexed, library_in, opened, place, run

__all__ = ["indexed", "opened", "place"]

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def other_volume(tmp_path: Path) -> Iterator[Path]:
    """A folder of another volume than `tmp_path`; a trash that is made on it goes again."""
    if not os.access(SHARED_MEMORY, os.W_OK) or SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no other volume")
    trash = SHARED_MEMORY / f".Trash-{os.getuid()}"
    folder = Path(tempfile.mkdtemp(prefix="photosearch-", dir=SHARED_MEMORY))
    yield folder
    shutil.rmtree(folder)
    for each in (trash / "files", trash / "info", trash):
        with suppress(OSError):
            each.rmdir()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash of freedesktop.org")
def test_a_photo_below_a_link_to_another_volume_is_found_in_the_trash_of_that(tmp_path, other_volume):
    (tmp_path / "photos").symlink_to(other_volume)
    photo = tmp_path / "photos" / f"{other_volume.name}.jpg"
    photo.write_bytes(b"photo")
    trash = PlatformTrash()
    place = trash.put(photo)
    assert place is not None and place.read_bytes() == b"photo" and not photo.exists()
    trash.restore(place, photo)
    assert photo.read_bytes() == b"photo" and not place.exists()
    assert not (place.parent.parent / "info" / f"{place.name}.trashinfo").exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash of freedesktop.org")
def test_of_a_photo_that_may_not_be_moved_nothing_is_left_in_the_trash(other_volume):
    photo = other_volume / f"{other_volume.name}.jpg"
    photo.write_bytes(b"photo")
    other_volume.chmod(0o555)
    try:
        with suppress(PermissionError):
            (other_volume / "may I").touch()
            pytest.skip("nothing is forbidden to this user")
        with pytest.raises(PermissionError):
            PlatformTrash().put(photo)
    finally:
        other_volume.chmod(0o755)
    assert photo.read_bytes() == b"photo"
    assert not list((SHARED_MEMORY / f".Trash-{os.getuid()}" / "info").glob(f"{photo.stem}*"))


def test_what_comes_back_from_another_volume_leaves_a_file_called_restored_alone(tmp_path, other_volume):
    place, photo = other_volume / "a.jpg", tmp_path / "a.jpg"
    place.write_bytes(b"photo")
    (tmp_path / "a.jpg.restored").write_bytes(b"a person's own")
    move_back(place, photo)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        "a.jpg": b"photo",
        "a.jpg.restored": b"a person's own",
    }
    assert not place.exists()


@pytest.mark.parametrize("across", [False, True])
def test_what_appears_at_the_moment_of_coming_back_is_not_written_over(
    tmp_path, other_volume, monkeypatch, across
):
    place, photo = (other_volume if across else tmp_path) / "trash.jpg", tmp_path / "photos" / "a.jpg"
    place.write_bytes(b"photo")
    make = Path.mkdir

    def make_while_another_writes(folder: Path, *arguments: object, **named: object) -> None:
        make(folder, *arguments, **named)
        photo.write_bytes(b"another")

    monkeypatch.setattr(Path, "mkdir", make_while_another_writes)
    with pytest.raises(FileExistsError, match="something else is there now"):
        move_back(place, photo)
    assert photo.read_bytes() == b"another" and place.read_bytes() == b"photo"
    assert list(photo.parent.iterdir()) == [photo]


def test_nothing_is_made_for_what_lies_on_a_drive_that_is_unplugged(tmp_path):
    drive = tmp_path / "drive"
    with pytest.raises(FileNotFoundError):
        move_back(drive / ".Trash-1000" / "files" / "a.jpg", drive / "photos" / "a.jpg")
    assert not drive.exists()


def named(opened: Opened) -> dict[str, Photo]:
    """The photos of all groups by name."""
    return {each.photo.path.name: each.photo for group in opened.duplicates.groups() for each in group.photos}


def link(photo: Path, other: Path, hard: bool) -> None:
    other.unlink()
    if hard:
        other.hardlink_to(photo)
    else:
        other.symlink_to(photo)


@pytest.mark.parametrize("hard", [False, True])
def test_one_photo_that_is_a_link_stays_with_its_reason_and_the_others_go(opened, place, hard):
    photos = place / "photos"
    chosen = suggestion(opened.duplicates.groups())
    link(photos / "0.jpg", photos / "0 again.jpg", hard)
    cleaning = opened.cleaning(Bin(place / "bin"))
    plan = cleaning.plan(chosen)
    ((photo, kept, reason),) = plan.left_out
    assert (photo.path.name, kept.path.name) == ("0 again.jpg", "0.jpg") and "the same file" in reason
    removals = {removal.path.name: removal for removal in run(cleaning.execute(plan))}
    assert {name for name, removal in removals.items() if removal.state == "done"} == {
        *("0 copy.jpg", "0 small.jpg", "1 copy.jpg", "1 again.jpg", "1 small.jpg")
    }
    assert removals["0 again.jpg"].state == "failed" and removals["0 again.jpg"].reason == reason
    assert os.path.lexists(photos / "0 again.jpg") and (photos / "0.jpg").exists()


@pytest.mark.parametrize("hard", [False, True])
def test_what_was_indexed_as_another_name_of_a_file_is_shown_and_not_offered_for_removal(place, hard):
    names = place / "photos" / "0.jpg", place / "photos" / "0 again.jpg"
    link(*names, hard)
    for name in names:
        os.utime(name, (1, 1), follow_symlinks=False)
    with closing(library_in(place)) as library:
        list(library.update())
        list(library.duplicates().compare())
        (group,) = [each for each in library.duplicates().groups() if each.keeper.path in names]
    exact = {each.photo.path.name: each.protected for each in group.photos if each.kind == "exact"}
    assert exact.pop("0 copy.jpg") == ""
    assert list(exact.values()) == ["It is another name of the same file, which is to be kept."]


def test_a_hard_link_is_no_copy_in_whatever_choice_it_is(opened, place):
    photos = named(opened)
    link(photos["0.jpg"].path, photos["0 again.jpg"].path, hard=True)
    cleaning = opened.cleaning(Bin(place / "bin"))
    with pytest.raises(RemovalRefused, match="the same file"):
        cleaning.plan([Choice((photos["0.jpg"],), (photos["0 again.jpg"],))])
    # The one is to be kept for the sake of another, the other to be removed.
    plan = cleaning.plan(
        [
            Choice((photos["0.jpg"],), (photos["0 small.jpg"],)),
            Choice((photos["0 copy.jpg"],), (photos["0 again.jpg"],)),
        ]
    )
    assert [photo.path.name for photo, _, _ in plan.left_out] == ["0 again.jpg"] and plan.files == 1


def test_a_keeper_that_became_a_hard_link_after_the_plan_is_not_taken_for_a_copy(opened, place):
    photos = named(opened)
    # Equal dates, as if the one had been copied with its date.
    keeper, copy = (
        dataclasses.replace(photos[name], modified_ns=photos["0.jpg"].modified_ns)
        for name in ("0.jpg", "0 copy.jpg")
    )
    cleaning = opened.cleaning(Bin(place / "bin"))
    steps = cleaning.execute(cleaning.plan([Choice((keeper,), (copy,))]))
    next(steps)
    # As a program does that saves space by linking equal files.
    link(keeper.path, copy.path, hard=True)
    (removal,) = run(steps)
    assert removal.state == "failed" and "the same file" in removal.reason
    assert keeper.path.exists() and copy.path.exists()


class Choosy(Bin):
    """A trash that does not take files of some endings."""

    def __init__(self, folder: Path, *refused: str) -> None:
        super().__init__(folder)
        self._refused = refused

    def put(self, path: Path) -> Path | None:
        if path.suffix in self._refused:
            raise PermissionError(13, "Permission denied", str(path))
        return super().put(path)


def shared_sidecar(opened: Opened) -> tuple[Photo, list[Photo], Path]:
    """A photo to keep, two of one name that are copies of it, and the sidecar of both."""
    photos = named(opened)
    copies = []
    for name, ending in [("0 again.jpg", ".jpg"), ("0 small.jpg", ".jpeg")]:
        path = photos[name].path.with_name(f"both{ending}")
        photos[name].path.rename(path)
        copies.append(dataclasses.replace(photos[name], path=path))
    sidecar = copies[0].path.with_suffix(".xmp")
    sidecar.write_text(XMP)
    return photos["0.jpg"], copies, sidecar


@pytest.mark.parametrize("refused", [".jpg", ".jpeg", ".none"])
def test_a_sidecar_of_two_photos_goes_only_with_the_last_of_them(opened, place, refused):
    keeper, copies, sidecar = shared_sidecar(opened)
    cleaning = opened.cleaning(Choosy(place / "bin", refused))
    removals = run(cleaning.execute(cleaning.plan([Choice((keeper,), tuple(copies))])))
    assert sidecar.exists() == (refused != ".none")
    gone = {removal.path for removal in removals if removal.state == "done"}
    assert gone == {copy.path for copy in copies if copy.path.suffix != refused} | (
        {sidecar} if refused == ".none" else set()
    )


@pytest.mark.parametrize("refused", [".jpg", ".jpeg", ".none"])
def test_a_sidecar_of_two_discarded_photos_goes_only_with_the_last_of_them(opened, place, refused):
    _, copies, sidecar = shared_sidecar(opened)
    discarding = Discarding(opened.catalogue, opened.preferences, Choosy(place / "bin", refused))
    outcome = run(discarding.discard(copies))
    assert sidecar.exists() == (refused != ".none")
    assert sum(len(each.files) for each in outcome) == (3 if refused == ".none" else 1)


def test_what_a_shared_sidecar_says_is_handed_to_the_keeper(opened, place):
    keeper, copies, _ = shared_sidecar(opened)
    cleaning = opened.cleaning(Bin(place / "bin"))
    run(cleaning.execute(cleaning.plan([Choice((keeper,), tuple(copies))])))
    assert notes_of(keeper.path).rating == 4 and notes_of(keeper.path).tags == ("sea", "Ada")


def test_a_sidecar_that_cannot_be_written_whole_is_not_there(tmp_path, monkeypatch):
    removed, kept = tmp_path / "removed.jpg", tmp_path / "kept.jpg"
    removed.with_suffix(".xmp").write_text(XMP)
    kept.touch()

    def write_half(source: Path, target: Path) -> None:
        Path(target).write_text(XMP[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", write_half)
    with pytest.raises(OSError, match="No space"):
        carry_over(removed, kept)
    assert {each.name for each in tmp_path.iterdir()} == {"kept.jpg", "removed.xmp"}


def remove(opened: Opened, *names: str) -> list[Removal]:
    photos = named(opened)
    cleaning = opened.cleaning(Bin(opened.folder / "bin"))
    return run(cleaning.execute(cleaning.plan([Choice((photos["0.jpg"],), tuple(photos[n] for n in names))])))


def duplicates(place: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What a person gets for `photosearch duplicates …`."""
    command = [sys.executable, "-m", "photosearch", "--home", place / "home", "duplicates", *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def test_undo_goes_on_to_the_batch_before_one_that_is_no_longer_in_the_trash(opened, place):
    (first,) = remove(opened, "0 again.jpg")
    (second,) = remove(opened, "0 copy.jpg")
    second.place.unlink()
    opened.catalogue.close()
    done = duplicates(place, "--undo", "--json")
    told = {each["path"]: each for each in json.loads(done.stdout)["removals"]}
    assert done.returncode == 1
    assert told[str(first.path)]["state"] == "undone" and first.path.exists()
    assert told[str(second.path)]["state"] == "failed"
    assert "no longer in the trash" in told[str(second.path)]["reason"]
    assert "Nothing that was removed is left" in duplicates(place, "--undo").stderr


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_what_went_to_the_trash_of_an_unplugged_drive_can_still_be_put_back_later(opened, place, left):
    cleaning = opened.cleaning(Bin(place / "drive" / ".Trash-1000" / "files"))
    photos = named(opened)
    (removal,) = run(cleaning.execute(cleaning.plan([Choice((photos["0.jpg"],), (photos["0 copy.jpg"],))])))
    (place / "drive").rename(place / "unplugged")
    if left == "an empty folder":
        (place / "drive").mkdir()
    (waiting,) = run(cleaning.undo(removal.batch))
    assert waiting.state == "done" and "cannot be put back" in waiting.reason
    shutil.rmtree(place / "drive", ignore_errors=True)
    (place / "unplugged").rename(place / "drive")
    (back,) = run(cleaning.undo(removal.batch))
    assert back.state == "undone" and removal.path.exists()


DECISIONS = '{"photosearch": "decisions", "version": 1, "decisions": [%s]}'
DECISION = '{"kind": "keep all", "made": %s, "photos": [{"contents": "00", "copies": 1}]}'


@pytest.mark.parametrize(
    "text",
    [DECISION % "Infinity", DECISION % "1e23", "[" * 200000 + "]" * 200000],
    ids=["infinity", "large", "deep"],
)
def test_decisions_with_numbers_or_a_depth_beyond_all_measure_are_refused(opened, place, text):
    opened.catalogue.close()
    (place / "decisions.json").write_text(DECISIONS % text)
    done = duplicates(place, "--import-decisions", place / "decisions.json")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "decisions.json is no export" in done.stderr or "These are no decisions" in done.stderr
