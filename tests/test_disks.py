"""Where the library's own drive is small, full, read-only or elsewhere: one sentence, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from photosearch.drives import file_system, is_network
from photosearch.settings import Places
from photosearch.store import Catalogue
from tests.disks import as_if_mounted, make_read_only, needs_mounting, small_drive
from tests.torture import PATIENCE, Kept, Photos, compare, start


def photosearch(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "photosearch", *map(str, arguments)]


def only_sentence(command: list[str]) -> str:
    """What a command that fails as it should says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    return sentence


@pytest.mark.parametrize(
    ("mounted", "kind"),
    [
        ("90 27 0:50 / {home} rw,relatime - nfs4 nas:/home rw", "nfs4"),
        ("90 27 0:50 / {home} rw,relatime shared:3 - cifs //nas/home rw", "cifs"),
        ("90 27 0:50 / {home} rw,relatime - fuse.sshfs me@nas: rw", "fuse.sshfs"),
    ],
)
def test_a_library_on_a_network_drive_is_refused_and_nothing_is_written_there(
    tmp_path: Path, mounted: str, kind: str
) -> None:
    needs_mounting()
    home = tmp_path / "my home"
    home.mkdir()
    line = mounted.format(home=str(home).replace(" ", "\\040"))
    told = only_sentence(as_if_mounted(photosearch("--home", home / "lib", "status"), line, tmp_path))
    assert told == (
        f"The library cannot be kept safely on a network drive, and {home}/lib lies on one:"
        " name a folder of this computer with --home."
    )
    assert list(home.rglob("*.sqlite*")) == []
    asking = "from photosearch.drives import *; from pathlib import Path; import sys;"
    asking += "print(*file_system(Path(sys.argv[1])))"
    said = subprocess.check_output(
        as_if_mounted([sys.executable, "-c", asking, str(home / "no" / "where")], line, tmp_path), text=True
    )
    assert said.split()[0] == kind


def test_a_drive_of_this_computer_is_told_from_others(tmp_path: Path) -> None:
    needs_mounting()
    assert not is_network(tmp_path)
    with small_drive(tmp_path / "a drive", 1) as drive:
        kind, name = file_system(drive / "x" / "y")
        assert kind == "tmpfs" and len(name) == 32, "the name that it was given"
        assert not is_network(drive)
    assert file_system(tmp_path / "a drive")[0] == file_system(tmp_path)[0] != ""


def test_a_read_only_home_is_one_sentence(tmp_path: Path) -> None:
    needs_mounting()
    photos = tmp_path / "photos"
    photos.mkdir()
    with small_drive(tmp_path / "drive", 4) as home:
        Catalogue(Places.under(home).catalogue).close()
        make_read_only(home)
        for command in (("folders", "add", photos), ("index", photos), ("verify", "--repair")):
            told = only_sentence(photosearch("--home", home, *command))
            assert str(home) in told
            assert "written" in told


def test_to_read_from_a_full_drive_is_one_sentence_that_says_so(tmp_path: Path) -> None:
    needs_mounting()
    with small_drive(tmp_path / "drive", 4) as home:
        Catalogue(Places.under(home).catalogue).close()
        with suppress(OSError), open(home / "others", "wb", 0) as others:
            while others.write(bytes(4096)):
                pass
        assert only_sentence(photosearch("--home", home, "status")).startswith("The disk is full: ")
        (home / "others").unlink()
        assert subprocess.run(photosearch("--home", home, "status"), capture_output=True).returncode == 0


def test_a_disk_that_fills_up_while_indexing_is_one_sentence_and_keeps_every_batch(tmp_path: Path) -> None:
    needs_mounting()
    photos = Photos(tmp_path / "photos", seed=1)
    photos.add(500)
    with small_drive(tmp_path / "drive", megabytes=2) as home:
        # What else lies on the drive.
        (home / "others").write_bytes(bytes(1_400_000))
        full = start("index", home, photos.folder)
        said, told = full.communicate(timeout=PATIENCE)
        assert full.returncode == 1, told
        assert len(told.splitlines()) == 1, told
        [sentence] = told.splitlines()
        assert sentence.startswith(("The disk is full", "The library in", "The disk failed")), sentence
        kept = Kept(home)
        committed = [int(line) for line in said.split()]
        assert 0 < max(committed) < 500
        kept.check(max(committed))
        # Again and again the same sentence, and nothing gets lost.
        again = start("index", home, photos.folder)
        _, told = again.communicate(timeout=PATIENCE)
        assert (again.returncode, len(told.splitlines())) == (1, 1), told
        kept.check(0)
        for command in (("folders", "add", tmp_path), ("status",), ("verify",)):
            done = subprocess.run(
                photosearch("--home", home, *command), capture_output=True, text=True, timeout=PATIENCE
            )
            assert done.returncode == 0 or len(done.stderr.splitlines()) == 1, done
        # When there is room again it goes on.
        (home / "others").unlink()
        subprocess.run(["mount", "-o", "remount,size=20m", home], check=True)
        compare(home, photos.folder, tmp_path / "scratch")
        kept.check(0)
