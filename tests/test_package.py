"""What people install: built as a release is built, a source archive first and the wheel from that."""

import os
import subprocess
import sys
import sysconfig
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

    def build(what, source):
        code = f"from scikit_build_core.build import build_{what} as build; build({str(folder)!r})"
        subprocess.run([sys.executable, "-c", code], cwd=source, check=True)

    build("sdist", CHECKOUT)
    version = photosearch.__version__
    with tarfile.open(folder / f"photosearch-{version}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    build("wheel", folder / f"photosearch-{version}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "installed")
    return folder / "installed"


def python(folder, *arguments):
    """What Python prints that finds the program in a folder."""
    # Without `site` nothing tells Python of the checkout that is installed for editing.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), sysconfig.get_path("platlib")])}
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_what_is_installed_is_what_lies_in_the_checkout(installed):
    def files(folder):
        # What a compiler reads is left behind, and what it makes is not in a checkout.
        made = {".pyc", ".so", ".pyd", ".cpp", ".hpp"}
        every = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in made)
        return {path.relative_to(folder) for path in every}

    resources = {Path("resources") / file for file in files(CHECKOUT / "resources")}
    assert files(installed / "photosearch") == files(CHECKOUT / "photosearch") | resources


def test_the_model_is_found_where_it_was_installed_and_in_a_checkout(installed):
    code = "from photosearch.encode.model_file import bundled_model_path as path; print(path(), end='')"
    assert Path(python(installed, "-c", code)).is_relative_to(installed / "photosearch" / "resources")
    assert Path(python(CHECKOUT, "-c", code)).is_relative_to(CHECKOUT / "resources")


def test_the_command_and_the_module_are_the_same_program(installed):
    (metadata,) = installed.glob("*.dist-info")
    assert "photosearch = photosearch.__main__:main" in (metadata / "entry_points.txt").read_text()
    assert python(installed, "-m", "photosearch", "--help").startswith("usage: photosearch")


def test_the_licence_comes_along(installed):
    (licence,) = installed.glob("*.dist-info/licenses/LICENSE")
    assert licence.read_bytes() == (CHECKOUT / "LICENSE").read_bytes()
