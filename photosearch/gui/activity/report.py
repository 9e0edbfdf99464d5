"""What a person can hand to who helps them: the state of the program and its log, without names if wished."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from photosearch import __version__
from photosearch.gui.session import Known

LINES = 300
"""The last of the log."""

HIDDEN = "‹hidden›"

# Where a path begins, it goes on to the end of the line or to what sets it apart: a name may have spaces.
_PATH = re.compile(r"""(?:[A-Za-z]:[\\/]|\\\\|~/|(?<![\w.])/)[^"'“”‘’,:;\n()<>]*""")


def written(known: Known | None, logs: Path, hide_paths: bool) -> str:
    """The report as text. It is English whatever the window speaks: others are to read it."""
    lines = [
        f"PhotoSearch {__version__}",
        f"{platform.platform()}, Python {platform.python_version()}, Qt {qVersion()}"
        f" ({QGuiApplication.platformName()})",
    ]
    if known:
        status = known.status
        lines += [
            f"Photos {status.photos}, encoded {status.encoded}, waiting {status.waiting},"
            f" offline {status.offline}, unreadable {status.unreadable}, searchable {status.searchable}",
            f"Model {status.model.identity} ({status.model.method}, {status.model.bytes} bytes),"
            f" answering {status.searched_by.identity}",
            f"Engine: {status.engine}",
            f"On disk: {', '.join(f'{name} {size}' for name, size in status.bytes.items())}",
            f"Effort: {known.effort}",
            "",
            "Folders:",
            *(
                f"  {root.path} ({root.state}, {root.photos} photos, {root.missing} missing)"
                for root in known.folders
            ),
            "",
            f"Could not be read ({len(known.failures)}):",
            *(f"  {failure.path}: {failure.reason}" for failure in known.failures[:LINES]),
        ]
    lines += ["", "Log:", *_log(logs)]
    text = "\n".join(lines)
    if hide_paths:
        # The known folders first: they may hold what would end a path.
        for root in known.folders if known else []:
            text = re.sub(re.escape(str(root.path)) + r"[^\n:]*", HIDDEN, text)
        text = _PATH.sub(HIDDEN, text)
    return text.encode("utf-8", "replace").decode()


def _log(logs: Path) -> list[str]:
    try:
        with (logs / "photosearch.log").open(encoding="utf-8", errors="replace") as log:
            return log.read().splitlines()[-LINES:]
    except OSError:
        return ["(none)"]
