"""What Qt needs of a Linux system, asked before Qt would abort the program for the lack of it."""

This imports no Qt, so that it can be asked first: without a library of the first table importing Qt fails,
and without one of the second Qt ends the whole process when the application object is made.
import ctypes
import os
from importlib.util import find_spec
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Libraries that a bare system lacks, and the package of Debian and Ubuntu that has each."""


def missing_library() -> str | None:
    """A sentence that names a system library Qt lacks here, and what to install; None if a window can open."""
    try:
        import PySide6.QtGui  # noqa: F401
    except ImportError as error:
        return _sentence(str(error))
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if not platform:
        platform = "xcb" if os.environ.get("DISPLAY") else "wayland"
    package = find_spec("PySide6")
    assert package and package.origin
    plugin = Path(package.origin).parent / "Qt" / "plugins" / "platforms" / f"libq{platform}.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _sentence(str(error))
    return None


def _sentence(error: str) -> str:
    library = error.partition(":")[0].strip()
    package = PACKAGES.get(library)
    advice = f"“sudo apt install {package}” installs it" if package else "install the package that has it"
    return f"The window needs the system library {library}, which is not installed: {advice}."
