"""What people install: built as a release is built, a source archive first and the wheel from that."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import photosearch

CHECKOUT = Path(photosearch.__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with what the wheel of this checkout installs."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder), "-t"]
    subprocess.run([*build, "sdist"], cwd=CHECKOUT, check=True)
    version = photosearch.__version__
    with tarfile.open(folder / f"photosearch-{version}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    subprocess.run([*build, "wheel"], cwd=folder / f"photosearch-{version}", check=True)
    with zipfile.ZipFile(folder / f"photosearch-{version}-py3-none-any.whl") as wheel:
        wheel.extractall(folder / "installed")
    return folder / "installed"


def run_installed(installed, code):
    environment = os.environ | {"PYTHONPATH": str(installed)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=installed, env=environment, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def test_what_is_installed_is_what_lies_in_the_checkout(installed):
    def files(folder):
        return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    resources = {Path("resources") / file for file in files(CHECKOUT / "resources")}
    assert files(installed / "photosearch") == files(CHECKOUT / "photosearch") | resources


def test_the_model_is_found_where_it_was_installed_and_in_a_checkout(installed):
    code = "from photosearch.encode.model_file import bundled_model_path as path; print(path())"
    assert Path(run_installed(installed, code)).is_relative_to(installed / "photosearch" / "resources")
    assert Path(run_installed(CHECKOUT, code)).is_relative_to(CHECKOUT / "resources")


def test_the_command_and_the_module_are_the_same_program(installed):
    (metadata,) = installed.glob("*.dist-info")
    assert "photosearch = photosearch.cli:main" in (metadata / "entry_points.txt").read_text()
    assert (metadata / "licenses" / "LICENSE").is_file()
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "photosearch", "--help"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("usage: photosearch")
