"""What packages are made from: names and versions that agree, and licences that permit it."""

import importlib.util
import plistlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path
from types import ModuleType, SimpleNamespace

import onnxruntime
import pytest

from photosearch import __version__

ROOT = Path(__file__).parents[1]
ID = "org.photosearch.PhotoSearch"
DESKTOP = ROOT / "resources" / f"{ID}.desktop"
DESCRIPTION = ROOT / "resources" / f"{ID}.metainfo.xml"
MACOS = ROOT / "packaging/macos"
QUICK_ACTION = MACOS / "Find Similar Photos.workflow/Contents"


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def notices():
    return script("notices")


@pytest.fixture(scope="module")
def build():
    return script("build")


def test_everything_that_is_bundled_has_a_licence_that_permits_it(notices):
    found = {one.name: notices.licence_of(one) for one in notices.distributions("photosearch", {"formats"})}
    assert {"numpy", "onnxruntime", "PySide6_Essentials", "pi_heif", "rawpy"} <= found.keys()
    assert "torch" not in found
    assert {name: licence for name, licence in found.items() if not notices.is_permitted(licence)} == {}


@pytest.mark.parametrize(
    ("licence", "permitted"),
    [
        ("MIT", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("BSD-3-Clause AND (MIT OR Zlib)", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-2.0-or-later", False),
        ("AGPL-3.0-only OR Commercial", False),
        ("", False),
    ],
)
def test_of_several_licences_one_must_permit_it_and_of_several_parts_all(notices, licence, permitted):
    assert notices.is_permitted(licence) is permitted


def test_the_licence_texts_of_what_is_bundled_are_found(notices):
    # Qt's come with no text; packaging/licences/ has it.
    without = {
        one.name
        for one in notices.distributions("photosearch", {"formats"})
        if not notices.licence_files(one)
    }
    assert without <= {"PySide6_Essentials", "shiboken6"}
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (notices.LICENCES / "LGPL-3.0.txt").read_text()


def test_what_computes_has_no_network_code_that_reports_its_use():
    """From version 1.29 on ONNX Runtime has; to exclude those is what the bound in pyproject.toml is for."""
    binaries = [
        path for path in Path(onnxruntime.__file__).parent.rglob("*") if path.suffix in (".so", ".pyd")
    ]
    assert binaries
    for binary in binaries:
        content = binary.read_bytes()
        assert b"events.data.microsoft.com" not in content
        assert b"curl_easy" not in content


def test_the_version_is_the_same_wherever_it_must_be_written():
    described = xml.parse(DESCRIPTION).find("releases/release").get("version")
    assert described == __version__
    written = {
        file.name: set(re.findall(r"\b\d+\.\d+\.\d+\b(?=-linux|-setup|$)", file.read_text(), re.M))
        for file in [*ROOT.glob("packaging/windows/winget/*.yaml"), ROOT / f"packaging/linux/{ID}.yml"]
    }
    assert all(__version__ in versions for versions in written.values()), written


def test_the_menu_entry_the_description_and_the_window_bear_one_name():
    assert xml.parse(DESCRIPTION).find("id").text == ID
    assert xml.parse(DESCRIPTION).find("launchable").text == DESKTOP.name
    assert f"Icon={ID}\n" in DESKTOP.read_text()
    assert f'setDesktopFileName("{ID}")' in (ROOT / "photosearch/gui/app.py").read_text()
    assert ID in (ROOT / "packaging/photosearch.spec").read_text()


def test_a_package_names_the_site_of_who_publishes_it_or_none_and_never_one_that_nobody_owns(build):
    written = DESCRIPTION.read_text()
    without, of_somebody = (
        build.addressed(written, ""),
        build.addressed(written, "https://example.org/photos"),
    )
    assert "https://" not in without
    assert "<screenshots>" not in without
    assert xml.fromstring(of_somebody).find("url").text == "https://example.org/photos/"
    for image in xml.fromstring(of_somebody).iter("image"):
        assert image.text.startswith("https://example.org/photos/screenshots/")
        assert (ROOT / "docs" / image.text.removeprefix("https://example.org/photos/")).is_file()
    for file in [*ROOT.glob("packaging/**/*"), *ROOT.glob("resources/org.*")]:
        if file.is_file() and file.suffix != ".pyc":
            addresses = re.findall(r"(?:https?://|@)[\w.-]*photosearch[\w.-]*", file.read_text())
            assert {address.rpartition(".")[2] for address in addresses} <= {"invalid"}, file


def test_without_a_head_no_appimage_is_made_and_a_sentence_says_who_makes_one(build, monkeypatch, tmp_path):
    monkeypatch.setenv("APPIMAGE_RUNTIME", str(tmp_path / "head"))
    with pytest.raises(SystemExit, match=r"head is no file: linux/runtime\.sh makes"):
        build.appimage()


@pytest.mark.parametrize("site", ["", "https://example.org"])
def test_a_desktop_understands_the_menu_entry_and_the_description(build, tmp_path, site):
    description = tmp_path / DESCRIPTION.name
    description.write_text(build.addressed(DESCRIPTION.read_text(), site))
    checks = {
        "desktop-file-validate": ["desktop-file-validate", DESKTOP],
        "appstreamcli": ["appstreamcli", "validate", "--no-net", description],
    }
    there = {name: command for name, command in checks.items() if shutil.which(name)}
    if not there:
        pytest.skip("neither desktop-file-validate nor appstreamcli is installed")
    for command in there.values():
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def plist(path):
    return plistlib.loads(path.read_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="it is a line of Unix' shell")
def test_finders_menu_entry_opens_the_photo_that_was_chosen_with_the_program(tmp_path):
    (service,) = plist(QUICK_ACTION / "Info.plist")["NSServices"]
    assert service["NSSendFileTypes"] == ["public.image"]
    (step,) = plist(QUICK_ACTION / "document.wflow")["actions"]
    does = step["action"]["ActionParameters"]
    # As macOS does it: what is chosen becomes the arguments.
    assert does["inputMethod"] == 1
    (tmp_path / "open").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "open").chmod(0o755)
    photos = ["/Users/me/A photo.jpg", "/Users/me/another.jpg"]
    command = [does["shell"], "-c", does["COMMAND_STRING"], "-", *photos]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["-b", ID, photos[0]]
    assert str(QUICK_ACTION.parent.relative_to(ROOT)) in (MACOS / "dmg.sh").read_text()


def test_on_macos_the_program_is_an_app_that_has_windows(monkeypatch, tmp_path):
    """PyInstaller marks one of a terminal (`console`) as one that has none."""
    made = {}

    def maker(kind):
        def make(*_, **settings):
            made[kind] = settings
            return SimpleNamespace(binaries=[], datas=[], pure=[], scripts=[])

        return make

    of_pyinstaller = SimpleNamespace(get_imports=None, copy_metadata=lambda *_, **__: [])
    for name in ("PyInstaller.depend.bindepend", "PyInstaller.utils.hooks"):
        monkeypatch.setitem(sys.modules, name, of_pyinstaller)
    for name in ("PyInstaller", "PyInstaller.depend", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys, "platform", "darwin")
    spec = ROOT / "packaging/photosearch.spec"
    names = {kind: maker(kind) for kind in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")}
    exec(
        compile(spec.read_text(), spec, "exec"),
        names | {"workpath": str(tmp_path), "SPECPATH": str(spec.parent)},
    )
    assert made["EXE"]["console"] is False
    assert made["BUNDLE"]["bundle_identifier"] == ID
    assert made["BUNDLE"]["version"] == __version__
    assert plist(Path(made["EXE"]["entitlements_file"]))
