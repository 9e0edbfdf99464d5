"""What is said before Qt is asked to open a window that it could not open."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.gui.requirements import missing_library, unreachable_display

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a Linux")


class System:
    """A Linux that has every library but some; remembers what it was asked for."""

    def __init__(self, *lacks: str) -> None:
        self.lacks = lacks
        self.asked: set[str] = set()

    def load(self, library: str) -> None:
        self.asked.add(library)
        if library in self.lacks:
            raise OSError(f"{library}: cannot open shared object file: No such file or directory")


def test_nothing_is_said_where_nothing_is_missing():
    assert missing_library(System().load, {"DISPLAY": ":0"}) is None


def test_one_sentence_names_the_library_and_the_package_to_install():
    assert missing_library(System("libxcb-cursor.so.0").load, {"DISPLAY": ":0"}) == (
        "The window needs libxcb-cursor.so.0, which this system lacks: “apt install libxcb-cursor0” "
        "on Debian or Ubuntu, “dnf install xcb-util-cursor” on Fedora."
    )


def test_a_package_that_holds_two_missing_libraries_is_named_once():
    sentence = missing_library(System("libglib-2.0.so.0", "libgthread-2.0.so.0", "libEGL.so.1").load, {})
    assert "“apt install libegl1 libglib2.0-0”" in sentence
    assert "“dnf install libglvnd-egl glib2”" in sentence


@pytest.mark.parametrize("environment", [{"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}])
def test_the_libraries_of_x11_are_asked_for_only_where_x11_is_used(environment):
    system = System("libxcb-cursor.so.0")
    assert missing_library(system.load, environment) is None
    assert "libEGL.so.1" in system.asked


@linux_only
def test_every_library_that_this_qt_is_linked_against_is_known():
    qt = Path(importlib.util.find_spec("PySide6").origin).parent / "Qt"
    names = ["lib/libQt6Core.so.6", "lib/libQt6Gui.so.6", "lib/libQt6Widgets.so.6", "lib/libQt6DBus.so.6"]
    names += ["lib/libQt6XcbQpa.so.6", "plugins/platforms/libqxcb.so"]
    linked = {
        match.decode()
        for name in names
        for match in re.findall(rb"\0(?=(lib[\w.+-]+\.so[.\d]*)\0)", (qt / name).read_bytes())
    }
    brought = {name for name in linked if name.startswith(("libQt6", "libicu", "libqxcb"))}
    python_has_them = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6"}
    system = System()
    missing_library(system.load, {"DISPLAY": ":0"})
    assert linked - brought - python_has_them == system.asked


@linux_only
def test_a_display_that_nobody_answers_for_is_named():
    assert unreachable_display({"DISPLAY": ":7707"}) == (
        "The display “:7707” cannot be opened, so this runs in the terminal."
    )


@linux_only
@pytest.mark.parametrize("environment", [{"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}])
def test_only_a_display_of_x11_is_tried(environment):
    assert unreachable_display({"DISPLAY": ":7707", **environment}) is None


@linux_only
def test_it_is_asked_before_qt_is_loaded():
    code = "import sys, photosearch.gui.requirements as r; r.missing_library(); print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PySide6" not in answer.stdout.split()
