"""Build what people download, with the Python of an environment that has PhotoSearch and PyInstaller in it.

python packaging/build.py folder            dist/photosearch/
python packaging/build.py tarball deb …     and from it what Linux people download
"""

from __future__ import annotations

import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from icons import SIZES, draw_icons
from notices import notices

import photosearch

ROOT = Path(__file__).resolve().parents[1]
DIST, WORK = ROOT / "dist", ROOT / "build" / "packages"
FOLDER = DIST / "photosearch"
ID = "org.photosearch.PhotoSearch"
VERSION = photosearch.__version__
MACHINE = platform.machine()
SITE = os.environ.get("PHOTOSEARCH_SITE", "").rstrip("/")
PUBLISHER = os.environ.get("PHOTOSEARCH_PUBLISHER") or "The PhotoSearch authors"
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}


def folder() -> None:
    """The program in one folder, with its notices and what it was built from."""
    work = WORK / "photosearch"
    draw_icons(ROOT / "resources" / "photosearch.svg", work / "icons")
    shutil.rmtree(FOLDER, ignore_errors=True)
    pyinstaller = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    spec = ROOT / "packaging" / "photosearch.spec"
    # Not in the checkout, or its own photosearch/ would be taken instead of the installed one.
    run(*pyinstaller, "--distpath", DIST, "--workpath", WORK, spec, cwd=WORK)
    inside = DIST / "PhotoSearch.app" / "Contents" / "Resources" if sys.platform == "darwin" else FOLDER
    (inside / "NOTICES.txt").write_text(notices(work / "contents.json"), encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", inside / "LICENSE.txt")
    resources = next(inside.rglob("photosearch/resources"))
    origin = f"built from {commit()} on {day()} for {platform.system()} {MACHINE}"
    (resources / "built.txt").write_text(origin, encoding="utf-8")


def tarball() -> None:
    """The folder as it is, for any Linux: unpack it anywhere, start `photosearch` in it."""
    root = WORK / "tarball"
    shutil.rmtree(root, ignore_errors=True)
    tree(root / "photosearch", prefix="", program=None)
    copy(FOLDER, root / "photosearch")
    target = DIST / f"photosearch-{VERSION}-linux-{MACHINE}.tar.xz"
    flags = ["--create", "--sort=name", "--owner=root:0", "--group=root:0", "--use-compress-program=xz -T0"]
    run("tar", *flags, "--file", target, "--directory", root, "photosearch")
    told(target)


def deb() -> None:
    """A package for Debian, Ubuntu and those that follow them."""
    root = WORK / "deb"
    tree(root, prefix="usr", program="/usr/bin/photosearch")
    copy(FOLDER, root / "usr/lib/photosearch")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/photosearch").symlink_to("../lib/photosearch/photosearch")
    documents = root / "usr/share/doc/photosearch"
    documents.mkdir(parents=True)
    shutil.move(root / "usr/lib/photosearch/NOTICES.txt", documents / "copyright")
    with gzip.GzipFile(documents / "changelog.gz", "wb", mtime=0) as packed:
        packed.write((ROOT / "CHANGELOG.md").read_bytes())
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    control = root / "DEBIAN"
    control.mkdir()
    text = (ROOT / "packaging/linux/control").read_text()
    needs = ", ".join(packages_needed())
    known = {"version": VERSION, "machine": DEBIAN[MACHINE], "publisher": PUBLISHER}
    text = text.format(size=size // 1024, needs=needs, **known)
    (control / "control").write_text(text)
    shutil.copy(ROOT / "packaging/linux/postrm", control / "postrm")
    (control / "postrm").chmod(0o755)
    target = DIST / f"photosearch_{VERSION}_{DEBIAN[MACHINE]}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", root, target)
    told(target)


def appimage() -> None:
    """One file that runs by itself; its head, which linux/runtime.sh makes, is named in APPIMAGE_RUNTIME."""
    runtime = Path(os.environ.get("APPIMAGE_RUNTIME", ""))
    licences = Path(f"{runtime}.copyright")
    for part in (runtime, licences):
        if not part.is_file():
            raise SystemExit(f"{part} is no file: linux/runtime.sh makes an AppImage's head and notices.")
    root = WORK / "AppDir"
    tree(root, prefix="usr", program="photosearch")
    copy(FOLDER, root / "usr/lib/photosearch")
    with (root / "usr/lib/photosearch/NOTICES.txt").open("a", encoding="utf-8") as file:
        file.write(licences.read_text(encoding="utf-8"))
    shutil.copy(root / f"usr/share/applications/{ID}.desktop", root)
    shutil.copy(root / f"usr/share/icons/hicolor/256x256/apps/{ID}.png", root)
    (root / "AppRun").symlink_to("usr/lib/photosearch/photosearch")
    packed = WORK / "AppDir.squashfs"
    packed.unlink(missing_ok=True)
    run("mksquashfs", root, packed, "-root-owned", "-noappend", "-quiet", "-comp", "zstd")
    target = DIST / f"PhotoSearch-{VERSION}-{MACHINE}.AppImage"
    target.write_bytes(runtime.read_bytes() + packed.read_bytes())
    target.chmod(0o755)
    told(target)


def tree(root: Path, prefix: str, program: str | None) -> None:
    """A new folder with what makes desktops know the program: menu entry, icons, description, menus."""
    shutil.rmtree(root, ignore_errors=True)
    share = root / prefix / "share"
    linux = ROOT / "packaging/linux"
    for source, target in {
        ROOT / f"resources/{ID}.desktop": f"applications/{ID}.desktop",
        ROOT / f"resources/{ID}.metainfo.xml": f"metainfo/{ID}.metainfo.xml",
        ROOT / "resources/photosearch.svg": f"icons/hicolor/scalable/apps/{ID}.svg",
        linux / "dolphin.desktop": f"kio/servicemenus/{ID}.desktop",
        linux / "nautilus.py": "nautilus-python/extensions/photosearch.py",
    }.items():
        copy(source, share / target)
    description = share / f"metainfo/{ID}.metainfo.xml"
    description.write_text(addressed(description.read_text(encoding="utf-8"), SITE), encoding="utf-8")
    for size in SIZES:
        copy(WORK / f"photosearch/icons/{size}.png", share / f"icons/hicolor/{size}x{size}/apps/{ID}.png")
    if program:
        for menu in (share / f"applications/{ID}.desktop", share / f"kio/servicemenus/{ID}.desktop"):
            menu.write_text(menu.read_text().replace("Exec=photosearch", f"Exec={program}"))


def addressed(description: str, site: str) -> str:
    """The program's description with its publisher's address in the place of nobody's, or with none."""
    if not site:
        description = re.sub(r"\n *<(url|screenshots)\b.*?</\1>", "", description, flags=re.DOTALL)
    return re.sub(r"\n *<!--.*?-->", "", description).replace("https://photosearch.invalid", site)


def packages_needed() -> list[str]:
    """Debian packages of libraries that the program loads and does not bring, and the C library."""
    lacking, newest = set(), (0, 0)
    bundled = {path.name for path in FOLDER.rglob("*") if ".so" in path.name}
    for path in FOLDER.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.open("rb").read(4) != b"\x7fELF":
            continue
        read = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout
        lacking |= set(re.findall(r"NEEDED +(\S+)", read)) - bundled
        newest = max([newest, *((int(a), int(b)) for a, b in re.findall(r"GLIBC_(\d+)\.(\d+)", read))])
    known = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    packages = {"libdbus-1-3"}  # loaded by Qt once it runs
    for library in lacking:
        where = re.search(rf"^\s*{re.escape(library)} .*=> (\S+)$", known, re.M)
        if not where:
            raise SystemExit(f"{library} is neither bundled nor here: install it, or leave out who needs it.")
        for path in (where[1], os.path.realpath(where[1])):
            answer = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
            if answer.returncode == 0:
                packages.add(answer.stdout.split(":")[0])
                break
    return [f"libc6 (>= {newest[0]}.{newest[1]})", *sorted(packages - {"libc6"})]


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def commit() -> str:
    """The commit that lies in the checkout, marked if files differ from it."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    answer = subprocess.run(asked, capture_output=True, text=True)
    return f"commit {answer.stdout.strip()}" if answer.returncode == 0 else "no commit"


def day() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def run(*command: object, cwd: Path | None = None) -> None:
    if cwd:
        cwd.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)


def told(target: Path) -> None:
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    makers = {maker.__name__: maker for maker in (folder, tarball, deb, appimage)}
    unknown = set(sys.argv[1:]) - makers.keys()
    if unknown or not sys.argv[1:]:
        raise SystemExit(f"What to build: {', '.join(makers)}.")
    for name in sys.argv[1:]:
        makers[name]()
