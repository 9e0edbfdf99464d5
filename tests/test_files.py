"""A file is replaced whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.errors import FolderUnavailable
from photosearch.files import absolute, home_folder, replacing


def test_the_old_file_is_there_until_all_of_the_new_one_is(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("old")
    with replacing(file) as writing:
        writing.write(b"new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]


def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("old")
    with pytest.raises(TypeError), replacing(file) as writing:
        writing.writelines([b"half of the n", "which is no bytes"])
    assert file.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]


def test_a_kill_leaves_the_old_file_and_the_next_one_writes_over_what_is_left(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("old")
    program = (
        "import os, pathlib, sys\n"
        "from photosearch.files import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(file)], check=False).returncode == 9
    assert file.read_text() == "old"
    with replacing(file) as writing:
        writing.write(b"new")
    assert file.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]


def test_a_folder_in_its_place_is_an_error_and_stays(tmp_path):
    folder = tmp_path / "list.txt"
    folder.mkdir()
    with pytest.raises(IsADirectoryError), replacing(folder) as writing:
        writing.write(b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]
    assert folder.is_dir()


def test_what_a_killed_process_left_goes_and_what_others_have_stays(tmp_path):
    program = (
        "import os, pathlib, sys, tempfile\n"
        "from photosearch.files import temporary_folder\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "folder = temporary_folder()\n"
        "(pathlib.Path(folder.name) / 'photo.jpg').write_bytes(b'fetched')\n"
        "print(folder.name, flush=True)\n"
        "if len(sys.argv) > 2:\n"
        "    os._exit(9)\n"
        "sys.stdin.read()\n"
    )

    def started(*more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, str(tmp_path), *more]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    # Numbers that no process has, and that are no number of a process.
    names = (
        "photosearch-mine",
        "photosearch-99999999-x.jpg",
        "another-99999999-x",
        f"photosearch-{10**11}-x",
    )
    for name in names:
        (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).write_bytes(b"a file")
    others = {entry.name for entry in tmp_path.iterdir()}
    with started() as living:
        kept = Path(living.stdout.readline().strip())
        with started("killed") as killed:
            left = Path(killed.stdout.readline().strip())
        with started("killed") as other:
            recent = Path(other.stdout.readline().strip())
        assert (left / "photo.jpg").is_file()
        for folder in (left, kept):
            os.utime(folder, (0, 0))
        with started("killed") as next_one:
            newest = Path(next_one.stdout.readline().strip())
        assert not left.exists()
        assert (kept / "photo.jpg").is_file()
        living.stdin.close()
        assert living.wait() == 0
    assert {entry.name for entry in tmp_path.iterdir()} == others | {recent.name, newest.name}


def test_a_name_that_begins_with_a_tilde_is_a_name_where_no_such_person_has_a_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute(Path("~draft of nobody.jpg")) == tmp_path / "~draft of nobody.jpg"
    assert absolute(Path("~/a/../b")) == Path(os.path.expanduser("~"), "b")


@pytest.mark.skipif(sys.platform == "win32", reason="no current folder is removed there")
def test_what_lies_in_a_current_folder_that_was_removed_is_told_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "current").mkdir()
    monkeypatch.chdir(tmp_path / "current")
    (tmp_path / "current").rmdir()
    with pytest.raises(FolderUnavailable, match=r"no longer there.*\.$"):
        absolute(Path("photo.jpg"))


@pytest.mark.skipif(sys.platform == "win32", reason="every user has a home folder")
def test_a_user_whom_nothing_gives_a_home_folder_has_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_folder() == tmp_path
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    monkeypatch.delenv("HOME")
    assert home_folder() is None
