"""A file is replaced whole or not at all."""

import subprocess
import sys

import pytest

from photosearch.files import replacing


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
