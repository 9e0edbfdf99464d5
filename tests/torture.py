"""Kills the program at random moments, and lets many read while one writes; looks at what is left each time.

    python -m tests.torture --kills 200 --minutes 10      as `make torture` does; CI does less of the same

Whatever the program was at: `verify` finds nothing wrong afterwards, what was committed is there, once and
with its own code, and at most one batch has to be encoded again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.library.indexing import BATCH
from photosearch.library.verifying import Verified, verify
from photosearch.settings import Places
from photosearch.store import Catalogue
from photosearch.store.schema import MIGRATIONS, connect
from tests.fakes import SIDE, coarse_colour_model
from tests.million import generate

IDENTITY = coarse_colour_model().spec.identity
SIZE = 32
PATIENCE = 120
"""Seconds after which a process has hung."""

PAGE = 4096


# Photos that can be told apart


def pixels_of(path: Path) -> NDArray[np.uint8]:
    """The pixels of a photo, shape (32, 32, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def number_of(path: Path) -> str:
    """What stays in a photo's name wherever it goes."""
    return path.stem.split("-")[-1]


class Photos:
    """A folder of photos, no two alike, in which photos come, go and change their names."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self._chosen, self._made = folder, random.Random(seed), 0
        folder.mkdir()

    def add(self, count: int) -> None:
        for _ in range(count):
            self._made += 1
            place = self.folder / f"{self._chosen.randrange(8)}"
            place.mkdir(exist_ok=True)
            colours = np.random.default_rng(self._made).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
            pixels = colours.repeat(SIZE // SIDE, 0).repeat(SIZE // SIDE, 1)
            path = place / f"photo-{self._made:06}.png"
            # As a careful program writes it, so that no half of it is ever there.
            Image.fromarray(pixels).save(path.with_suffix(".part"), "png")
            path.with_suffix(".part").rename(path)

    def rename(self, count: int) -> None:
        for path in self._some(count):
            place = self.folder / f"{self._chosen.randrange(8)}"
            place.mkdir(exist_ok=True)
            path.rename(place / f"renamed{self._chosen.randrange(10**6)}-{number_of(path)}.png")

    def delete(self, count: int) -> None:
        for path in self._some(count):
            path.unlink()

    def _some(self, count: int) -> list[Path]:
        return self._chosen.sample(sorted(self.folder.rglob("*.png")), count)


# Processes


def start(*arguments: object) -> subprocess.Popen[str]:
    """A process of tests/program.py that has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.program", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n", process.communicate()[1]
    return process


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill a process; the whole lines it said before. A mistake of its own is told as ours."""
    process.send_signal(signal.SIGKILL)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        # Not `communicate`, which knows nothing of lines that were read in part.
        said, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode in (0, -signal.SIGKILL), errors
    return said.split("\n")[:-1]


def verified(home: Path, repair: bool = False) -> Verified:
    steps = verify(Places.under(home), repair)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


# What is left after a kill


class Kept:
    """What a library has kept: checks that it loses nothing and does nothing twice."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._codes: dict[int, bytes] = {}
        self._encoded = 0

    def waiting(self, folder: Path) -> int:
        """About how many photos of a folder were not encoded when that was last looked at."""
        return sum(1 for _ in folder.rglob("*.png")) - len(self._codes)

    def check(self, told: int, disturbed: int = 0) -> None:
        """Look at the library after a run.

        Args:
            told: Photos that the run said it had encoded and committed.
            disturbed: Photos that were renamed meanwhile, perhaps in the moment between encoding and commit.
        """
        found = verified(self._home)
        assert found.ok, found
        with closing(Catalogue(Places.under(self._home).catalogue)) as catalogue:
            assert catalogue.check() == []
        with closing(sqlite3.connect(Places.under(self._home).catalogue)) as db:
            codes = dict(db.execute("SELECT photo_id, code FROM codes").fetchall())
            names = db.execute(
                """SELECT name, path FROM photos JOIN folders ON folders.id = folder_id
                   WHERE state <> 2 AND photos.id IN (SELECT photo_id FROM codes)"""
            ).fetchall()
        assert self._codes.items() <= codes.items(), "a code that was committed is gone or another one"
        numbers = [number_of(Path(name)) for name, _ in names]
        # A renamed photo is one more, known as a copy, until its old name is found missing.
        assert len(numbers) - len(set(numbers)) <= disturbed, "a photo is there twice"
        committed = len(codes) - len(self._codes)
        assert committed >= told, f"{told} photos were told to be encoded, and {committed} are"
        log = self._home / "encoded"
        encoded = sum(map(int, log.read_text().split())) if log.exists() else 0
        lost = encoded - self._encoded - committed
        assert -disturbed <= lost <= BATCH + disturbed, f"{lost} photos were encoded for nothing"
        self._codes, self._encoded = codes, encoded


def compare(home: Path, folder: Path, scratch: Path) -> None:
    """Bring a library up to date, and one that never was killed: both have the same codes of the same photos.

    Args:
        scratch: Where the other one is to be.
    """
    of = []
    for each in (home, scratch):
        each.mkdir(exist_ok=True)
        done = start("index", each, folder)
        _, errors = done.communicate(timeout=10 * PATIENCE)
        assert done.returncode == 0, errors
        with closing(Catalogue(Places.under(each).catalogue)) as catalogue:
            ids, rows = catalogue.codes.all(IDENTITY)
            paths = [photo.path for photo in catalogue.photos.by_id(ids)]
            of.append({path: row.tobytes() for path, row in zip(paths, rows, strict=True)})
    assert of[0] == of[1]
    assert set(of[0]) == set(folder.rglob("*.png"))


# The kills


def kill_indexing(work: Path, kills: int, seed: int) -> None:
    """Kill at any moment of scanning, decoding, encoding, recording, packing, saving the code file."""
    _kill_updating(work, kills, seed, "index_for_ever", 1.0)


def kill_watching(work: Path, kills: int, seed: int) -> None:
    """The same while folders are followed, and photos come and go."""
    _kill_updating(work, kills, seed, "watch", 3.0)


def _kill_updating(work: Path, kills: int, seed: int, command: str, seconds: float) -> None:
    chosen, home = random.Random(seed), work / "home"
    photos, kept = Photos(work / "photos", seed), Kept(home)
    for _ in range(kills):
        # Never nothing to do, and never more than some batches.
        photos.add(max(20, 200 - kept.waiting(photos.folder)))
        photos.rename(10)
        photos.delete(5)
        process = start(command, home, photos.folder)
        told, disturbed = ["0"], 0
        if chosen.random() < 0.7:
            # However busy the machine: the moment is one after the first batch, else one of beginning.
            assert process.stdout is not None
            while told[-1] == "0":
                told.append(process.stdout.readline().strip())
        moment = time.monotonic() + chosen.uniform(0, seconds)
        while time.monotonic() < moment:
            time.sleep(max(0.0, min(0.4, moment - time.monotonic())))
            photos.add(5)
            photos.rename(2)
            disturbed += 2
        told += kill(process)
        kept.check(int(told[-1]), disturbed)
    compare(home, photos.folder, work / "scratch")


def kill_rebuilding(work: Path, kills: int, seed: int) -> None:
    """Kill while the code file is made again."""
    chosen, home = random.Random(seed), work / "home"
    places = Places.under(home)
    # So many that writing takes a while.
    generate(home, 30_000)
    places.codes.write_bytes(b"")
    repaired = verified(home, repair=True)
    assert repaired.ok, repaired
    for _ in range(kills):
        process = start("rebuild", home)
        time.sleep(chosen.uniform(0, 0.7))
        kill(process)
        # The damage that the process did itself, and had not yet repaired.
        if places.codes.exists() and places.codes.read_bytes() == b"damaged":
            repaired = verified(home, repair=True)
            assert repaired.ok, repaired
        found = verified(home)
        assert found.ok, found
        assert places.codes.exists()


def kill_repairing(work: Path, kills: int, seed: int) -> None:
    """Kill while what can be read of a damaged catalogue is saved."""
    chosen, sound = random.Random(seed), _indexed(work, seed)
    catalogue = Places.under(sound).catalogue
    with closing(sqlite3.connect(catalogue)) as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_photos_1'"
        [(page,)] = db.execute(query)
        wanted = _content(db, _columns(db))
    damaged = bytearray(catalogue.read_bytes())
    # An index that is empty though its table is not: of the rest nothing is lost.
    damaged[(page - 1) * PAGE : (page - 1) * PAGE + 8] = b"\x0a\0\0\0\0\x10\0\0"
    catalogue.write_bytes(damaged)
    seconds = _seconds_of("repair", _copy(sound, work / "timed"))
    for number in range(kills):
        home = _copy(sound, work / f"repair {number}")
        process = start("repair", home)
        time.sleep(chosen.uniform(0, seconds))
        kill(process)
        repaired = verified(home, repair=True)
        assert repaired.ok, repaired
        with closing(sqlite3.connect(Places.under(home).catalogue)) as db:
            assert _content(db, _columns(db)) == wanted
        copies = list(Places.under(home).data.glob("*damaged-*.sqlite"))
        assert copies
        assert any(copy.read_bytes() == bytes(damaged) for copy in copies)
        shutil.rmtree(home)


def kill_migrating(work: Path, kills: int, seed: int) -> None:
    """Kill while a catalogue of the first version is brought to this one."""
    chosen, old = random.Random(seed), work / "old"
    connection, _ = connect(Places.under(old).catalogue, MIGRATIONS[:1])
    with closing(connection) as db, db:
        db.execute("BEGIN")
        db.execute("INSERT INTO roots (path, volume) VALUES ('/photos', '')")
        db.execute("INSERT INTO folders (root_id, path) VALUES (1, '')")
        db.execute("INSERT INTO models VALUES (1, '0123456789abcdef', 'dsq', 'additive', 16, 8)")
        rows = [(number, f"{number:030}.jpg") for number in range(1, 30_001)]
        db.executemany(
            "INSERT INTO photos (id, folder_id, name, size, modified_ns) VALUES (?, 1, ?, 1, 1)", rows
        )
        db.executemany("INSERT INTO codes VALUES (1, ?, ?)", [(id, name.encode()[-16:]) for id, name in rows])
    with closing(sqlite3.connect(Places.under(old).catalogue)) as db:
        columns = _columns(db)
        wanted = _content(db, columns)
    seconds = _seconds_of("migrate", _copy(old, work / "timed"))
    for number in range(kills):
        home = _copy(old, work / f"migrate {number}")
        places = Places.under(home)
        process = start("migrate", home)
        time.sleep(chosen.uniform(0, seconds))
        kill(process)
        kept = places.data / "catalogue.version-1.sqlite"
        with closing(sqlite3.connect(places.catalogue)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            assert version in (1, len(MIGRATIONS))
            assert version == 1 or kept.exists()
        if kept.exists():
            with closing(sqlite3.connect(kept)) as db:
                assert db.execute("PRAGMA user_version").fetchone() == (1,)
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert _content(db, columns) == wanted
        found = verified(home)
        assert found.ok, found
        with closing(sqlite3.connect(places.catalogue)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
            assert _content(db, columns) == wanted
        shutil.rmtree(home)


KILLS: dict[Callable[[Path, int, int], None], float] = {
    kill_indexing: 0.35,
    kill_watching: 0.1,
    kill_rebuilding: 0.2,
    kill_repairing: 0.15,
    kill_migrating: 0.2,
}
"""Each with its share of the kills."""


def _indexed(work: Path, seed: int) -> Path:
    home, photos = work / "home", Photos(work / "photos", seed)
    photos.add(300)
    done = start("index", home, photos.folder)
    _, errors = done.communicate(timeout=PATIENCE)
    assert done.returncode == 0, errors
    return home


def _copy(home: Path, to: Path) -> Path:
    return Path(shutil.copytree(home, to))


def _seconds_of(command: str, home: Path) -> float:
    """How long a command takes from when it has begun until it ends."""
    process = start(command, home)
    begun = time.monotonic()
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return time.monotonic() - begun


def _columns(db: sqlite3.Connection) -> dict[str, str]:
    """The columns of the tables that hold what must never be lost."""
    tables = ("roots", "folders", "cameras", "photos", "problems", "models", "codes")
    return {
        table: ", ".join(name for _, name, *_ in db.execute(f"PRAGMA table_info({table})"))
        for table in tables
    }


def _content(db: sqlite3.Connection, columns: dict[str, str]) -> list[object]:
    """What a catalogue holds in some columns."""
    return [
        sorted(db.execute(f"SELECT {names} FROM {table}").fetchall(), key=repr)
        for table, names in columns.items()
    ]


# Many readers and one writer


def read_while_one_writes(work: Path, readers: int, seconds: float, seed: int) -> int:
    """Search from many processes while another updates the library; how many right answers there were."""
    photos, home = Photos(work / "photos", seed), work / "home"
    photos.add(200)
    done = start("index", home, photos.folder)
    done.communicate(timeout=PATIENCE)
    writer = start("index_for_ever", home, photos.folder)
    reading = [start("search", home, seconds, seed + number) for number in range(readers)]
    while any(reader.poll() is None for reader in reading):
        time.sleep(0.3)
        photos.add(10)
        photos.rename(3)
        photos.delete(2)
        assert writer.poll() is None, writer.communicate()[1]
    kill(writer)
    answers = 0
    for reader in reading:
        said, errors = reader.communicate(timeout=PATIENCE)
        assert said.endswith("right answers\n"), said + errors
        assert errors == ""
        answers += int(said.split()[0])
    found = verified(home)
    assert found.ok, found
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10, help="of ten readers beside one writer")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        for what, share in KILLS.items():
            begun, kills = time.monotonic(), round(share * options.kills)
            work = Path(folder, what.__name__)
            work.mkdir()
            what(work, kills, options.seed)
            print(
                f"{what.__name__}: {kills} kills, nothing lost; {time.monotonic() - begun:.0f} s", flush=True
            )
        if options.minutes:
            work = Path(folder, "reading")
            work.mkdir()
            answers = read_while_one_writes(work, 10, 60 * options.minutes, options.seed)
            print(
                f"10 readers and 1 writer for {options.minutes:g} minutes: {answers} right answers",
                flush=True,
            )


if __name__ == "__main__":
    main()
