"""The licences of everything that is bundled, from what is installed; and whether all of them may be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PERMITTED = {
    "0BSD", "Apache-2.0", "Apache Software License", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND",
    "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT License",
    "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip

LICENCES = Path(__file__).parent / "licences"

BUILDING = {"protobuf", "flatbuffers", "packaging"}
"""What distributions that we bundle ask for and we leave out."""

# What Debian's libraries are under that come along, each looked up in its copyright file.
SYSTEM = {
    "libbrotli1": "MIT",
    "libbsd0": "BSD-3-Clause",
    "libbz2-1.0": "BSD-3-Clause",
    "libcap2": "BSD-3-Clause",
    "libdbus-1-3": "AFL-2.1",
    "libexpat1": "MIT",
    "libffi8": "MIT",
    "libfontconfig1": "MIT",
    "libfreetype6": "FTL",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcrypt20": "LGPL-2.1-or-later",
    "libglib2.0-0": "LGPL-2.1-or-later",
    "libgpg-error0": "LGPL-2.1-or-later",
    "liblz4-1": "BSD-2-Clause",
    "liblzma5": "0BSD",
    "libmd0": "BSD-3-Clause",
    "libpcre2-8-0": "BSD-3-Clause",
    "libpng16-16": "libpng-2.0",
    "libpython3.11": "PSF-2.0",
    "libsqlite3-0": "blessing",
    "libssl3": "Apache-2.0",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libsystemd0": "LGPL-2.1-or-later",
    "libuuid1": "BSD-3-Clause",
    "libwayland-client0": "MIT",
    "libwayland-cursor0": "MIT",
    "libwayland-egl1": "MIT",
    "libx11-6": "MIT",
    "libx11-xcb1": "MIT",
    "libxau6": "MIT",
    "libxcb-cursor0": "MIT",
    "libxcb-glx0": "MIT",
    "libxcb-icccm4": "MIT",
    "libxcb-image0": "MIT",
    "libxcb-keysyms1": "MIT",
    "libxcb-randr0": "MIT",
    "libxcb-render-util0": "MIT",
    "libxcb-render0": "MIT",
    "libxcb-shape0": "MIT",
    "libxcb-shm0": "MIT",
    "libxcb-sync1": "MIT",
    "libxcb-util1": "MIT",
    "libxcb-xfixes0": "MIT",
    "libxcb-xkb1": "MIT",
    "libxcb1": "MIT",
    "libxdmcp6": "MIT",
    "libxkbcommon-x11-0": "MIT",
    "libxkbcommon0": "MIT",
    "libzstd1": "BSD-3-Clause",
    "zlib1g": "Zlib",
}

HEAD = """\
PhotoSearch is under the Apache License 2.0 and bundles what follows, each under the licence printed with it.

Qt, PySide6 and shiboken6 are used under the GNU Lesser General Public License, version 3; libheif, libde265,
LibRaw and some others under it or an older version of it. All of these are libraries of their own in this
folder, loaded when the program runs: whoever wants to may put a changed version in the place of each. Their
sources are to be had unchanged from their makers (Qt and PySide6: download.qt.io, in the version printed
below), and for three years from whoever gave you this program. Nothing in PhotoSearch's terms forbids to
change them, nor to take the program apart to see how it works with what was changed.
"""


def notices(contents: Path) -> str:
    """The text of NOTICES.

    Args:
        contents: What the spec wrote: names in the folder and where each came from.

    Raises:
        SystemExit: A licence is not permitted or not known.
    """
    parts, refused = [HEAD], []
    sources = [Path(source) for _, source in json.loads(contents.read_text()) if source]
    for one in sorted(distributions("photosearch", {"formats"}), key=lambda one: one.name.lower()):
        licence = licence_of(one)
        if not is_permitted(licence):
            refused.append(f"{one.name}: {licence or 'says no licence'}")
        texts = [text.read_text(errors="replace").strip() for text in licence_files(one)]
        parts.append(_chapter(f"{one.name} {one.version}", licence, texts))
    for package, copyright in of_debian(sources):
        if package not in SYSTEM:
            refused.append(f"{package}: a library of the system whose licence nobody looked up")
        parts.append(_chapter(package, SYSTEM.get(package, ""), [copyright]))
    # Its licence is the GPL but for the part that starts a bundled program, which may be under any licence.
    starter = distribution("pyinstaller")
    texts = [text.read_text(errors="replace").strip() for text in licence_files(starter)]
    parts.append(
        _chapter(f"{starter.name} {starter.version}, which starts it", "GPL-2.0 with an exception", texts)
    )
    python = Path(sys.base_prefix) / "LICENSE.txt"
    if python.exists():
        parts.append(_chapter(f"Python {sys.version.split()[0]}", "PSF-2.0", [python.read_text().strip()]))
    for text in sorted(LICENCES.iterdir()):
        parts.append(_chapter(text.stem, "", [text.read_text().strip()]))
    if refused:
        raise SystemExit("Not to be bundled:\n  " + "\n  ".join(refused))
    return "\n".join(parts)


def distributions(name: str, extras: set[str] = frozenset()) -> Iterator[Distribution]:
    """A distribution and, each once, what it asks for and is installed."""
    seen, waiting = set(), [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        name = re.sub(r"[-_.]+", "-", name).lower()
        if name in seen or name in BUILDING:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or an extra that is not wanted
        yield found
        for asked in found.requires or []:
            wanted, _, condition = asked.partition(";")
            extra = re.search(r"extra == ['\"]([\w-]+)['\"]", condition)
            if not extra or extra[1] in extras:
                waiting.append((re.match(r"[\w.-]+", wanted.strip())[0], set()))


def licence_of(one: Distribution) -> str:
    """What its metadata say: an SPDX expression, a word, or the end of a classifier."""
    said = one.metadata.get("License-Expression") or one.metadata.get("License") or ""
    if said and "\n" not in said:
        return said
    classifiers = one.metadata.get_all("Classifier") or []
    return " OR ".join(entry.rpartition(" :: ")[2] for entry in classifiers if entry.startswith("License ::"))


def is_permitted(licence: str) -> bool:
    """Whether of all that is joined by AND one each of what is joined by OR is permitted."""
    return bool(licence) and all(
        any(choice.strip(" ()") in PERMITTED for choice in part.split(" OR "))
        for part in licence.split(" AND ")
    )


def licence_files(one: Distribution) -> list[Path]:
    """The licences it carries, and notices of what it carries itself."""
    words = ("licen", "copying", "notice", "thirdparty", "authors")
    found = [
        Path(file.locate())
        for file in one.files or []
        if any(file.name.lower().startswith(word) or "/licenses/" in str(file).lower() for word in words)
        and file.suffix.lower() not in (".py", ".pyc", ".so")
    ]
    return sorted(path for path in found if path.is_file())


def of_debian(sources: list[Path]) -> Iterator[tuple[str, str]]:
    """Packages of the system that files came from, and their copyright files."""
    packages = set()
    for source in sources:
        if str(source).startswith(("/usr/", "/lib")) and ".so" in source.name:
            real = source.resolve()
            for path in {str(source), str(real), str(real).removeprefix("/usr")}:
                answer = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
                if answer.returncode == 0:
                    packages.add(answer.stdout.split(":")[0])
                    break
    for package in sorted(packages):
        copyright = Path(f"/usr/share/doc/{package}/copyright")
        yield package, copyright.read_text(errors="replace").strip() if copyright.exists() else ""


def _chapter(title: str, licence: str, texts: list[str]) -> str:
    return "\n\n".join([f"{'=' * 100}\n{title}\n{licence}\n{'=' * 100}", *dict.fromkeys(texts)]) + "\n"
