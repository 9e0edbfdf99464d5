"""What Qt needs on Linux and its wheel does not bring: system libraries, and a display that answers.

This imports no Qt, so that it can be asked first: without a library of the first table importing Qt fails,
and without one of the second, or without the display, Qt ends the whole process when the application object
is made.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping

# library, package of Debian and Ubuntu, package of Fedora
_ALWAYS = (
    ("libEGL.so.1", "libegl1", "libglvnd-egl"),
    ("libGL.so.1", "libgl1", "libglvnd-glx"),
    ("libX11.so.6", "libx11-6", "libX11"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libfreetype.so.6", "libfreetype6", "freetype"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libgthread-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libz.so.1", "zlib1g", "zlib"),
    ("libzstd.so.1", "libzstd1", "libzstd"),
)
_X11 = (
    ("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    ("libxcb.so.1", "libxcb1", "libxcb"),
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    ("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    ("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    ("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    ("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    ("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    ("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    ("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    ("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    ("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
)


def missing_library(
    load: Callable[[str], object] = ctypes.CDLL, environment: Mapping[str, str] = os.environ
) -> str | None:
    """One sentence naming all libraries that Qt would miss here and their packages; None if it has them.

    Args:
        load: Loads a shared library by name, or raises OSError.
    """
    missing = [row for row in _ALWAYS + (_X11 if _is_x11(environment) else ()) if not _loads(row[0], load)]
    if not missing:
        return None
    # Several libraries may lie in one package.
    libraries, debian, fedora = (list(dict.fromkeys(column)) for column in zip(*missing, strict=True))
    return (
        f"The window needs {', '.join(libraries)}, which this system lacks: “apt install {' '.join(debian)}” "
        f"on Debian or Ubuntu, “dnf install {' '.join(fedora)}” on Fedora."
    )


def unreachable_display(environment: Mapping[str, str] = os.environ) -> str | None:
    """One sentence if Qt would use a display of X11 that cannot be opened; None if it can, or is no X11."""
    if not _is_x11(environment):
        return None
    display = environment.get("DISPLAY", "")
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    # What comes back is to be disconnected even where it is in error.
    connection = xcb.xcb_connect(os.fsencode(display), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"The display “{display}” cannot be opened, so this runs in the terminal." if failed else None


def _is_x11(environment: Mapping[str, str]) -> bool:
    default = "wayland" if environment.get("WAYLAND_DISPLAY") else "xcb"
    return (environment.get("QT_QPA_PLATFORM") or default).startswith("xcb")


def _loads(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True
