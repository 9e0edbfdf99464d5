"""What cannot be used as a catalogue says so and is left alone; an older one becomes a newer one."""

import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from photosearch.errors import LibraryBusy, LibraryUnusable
from photosearch.records import Circle, CodeSpec, Details, Filters, FoundFile
from photosearch.store import Catalogue, EncodedPhoto
from photosearch.store.schema import MIGRATIONS, connect
from tests.steps.catalogues import MODEL, PHOTOS, codes_by_id, encoded, file, run_in_another_process


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database, whatever its name says. " * 100)
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.sqlite is not a PhotoSearch catalogue, or"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.sqlite is not a PhotoSearch catalogue\.$"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_a_newer_catalogue_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryUnusable, match="newer version of PhotoSearch"):
        Catalogue(path)
    assert path.read_bytes() == before


def older(path: Path, count: int = 100) -> list[str]:
    """Begin a catalogue of the first version, with photos and codes; all that is in it, as SQL."""
    connection, _ = connect(path, MIGRATIONS[:1])
    with connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO roots (path, volume) VALUES (?, '')", (str(PHOTOS),))
        connection.execute("INSERT INTO folders (root_id, path) VALUES (1, '')")
        connection.execute("INSERT INTO models VALUES (1, '0123456789abcdef', 'dsq', 'additive', 4, 8)")
        for number in range(1, count + 1):
            connection.execute(
                "INSERT INTO photos (folder_id, name, size, modified_ns) VALUES (1, ?, 1, 1)", (str(number),)
            )
            connection.execute("INSERT INTO codes VALUES (1, ?, ?)", (number, number.to_bytes(4, "little")))
    content = list(connection.iterdump())
    connection.close()
    return content


def test_an_older_catalogue_is_kept_as_it_was_and_brought_to_this_version(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    before = older(path)
    catalogue = Catalogue(path)
    assert catalogue.kept == tmp_path / "catalogue.version-1.sqlite"
    assert codes_by_id(catalogue) == {number: number.to_bytes(4, "little") for number in range(1, 101)}
    assert catalogue.check() == []
    # What an older version did not keep is unknown, and can be written now.
    assert catalogue.photos.by_id([1])[0].details.latitude is None
    placed = EncodedPhoto(2, 1, 1, b"ends", Details(1, 1, None, "", 41.0, 29.0), b"code")
    assert catalogue.codes.record(MODEL, [placed], []) == [2]
    assert catalogue.photos.ids_matching(Filters(near=Circle(41.0, 29.0, 1))).tolist() == [2]
    catalogue.close()
    kept, _ = connect(catalogue.kept, MIGRATIONS[:1])
    assert list(kept.iterdump()) == before
    kept.close()
    again = Catalogue(path)
    assert again.kept is None
    again.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
@pytest.mark.parametrize("forgotten", [PHOTOS / "sea", PHOTOS])
def test_what_is_forgotten_is_forgotten_in_catalogues_of_older_versions_too(
    tmp_path: Path, version: int, forgotten: Path
) -> None:
    path = tmp_path / "catalogue.sqlite"
    connection, _ = connect(path, MIGRATIONS[:version])
    other = f"{PHOTOS}graphs"
    connection.executemany("INSERT INTO roots (path, volume) VALUES (?, '')", [(str(PHOTOS),), (other,)])
    folders = [(1, "sea"), (1, "sea/deep"), (1, "seaside"), (2, "sea")]
    connection.executemany("INSERT INTO folders (root_id, path) VALUES (?, ?)", folders)
    connection.execute("INSERT INTO cameras VALUES (1, 'secret camera'), (2, 'camera of many')")
    connection.executemany(
        "INSERT INTO photos (folder_id, name, camera_id, size, modified_ns) VALUES (?, ?, ?, 1, 1)",
        [(1, "secret one", 1), (2, "secret two", 2), (3, "another", None), (4, "another", 2)],
    )
    connection.execute("INSERT INTO models VALUES (1, '0123456789abcdef', 'dsq', 'additive', 4, 8)")
    connection.executemany("INSERT INTO codes VALUES (1, ?, ?)", [(id, b"code") for id in range(1, 5)])
    if version >= 4:
        put_back = str(PHOTOS / "sea" / "secret three")
        connection.execute("INSERT INTO removals (path, state) VALUES (?, 'undone')", (put_back,))
    connection.close()
    catalogue = Catalogue(path)
    assert catalogue.kept is not None and b"secret" in catalogue.kept.read_bytes()
    catalogue.forget_in_kept(forgotten)
    catalogue.close()
    assert [file.name for file in tmp_path.glob("*.version-*")] == [catalogue.kept.name]
    assert b"secret" not in catalogue.kept.read_bytes() and b"camera of many" in catalogue.kept.read_bytes()
    with closing(Catalogue(catalogue.kept)) as kept:
        left = [(root.path, kept.files.known_folders(root.id)) for root in kept.roots.all()]
        assert kept.check() == []
    whole = [] if forgotten == PHOTOS else [(PHOTOS, ["seaside"])]
    assert left == [*whole, (Path(other), ["sea"])]


def test_what_was_watched_inside_a_forgotten_folder_is_forgotten_unless_it_still_is(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    connection, _ = connect(path, MIGRATIONS[:-1])
    inside = [(str(PHOTOS / name),) for name in ("sea", "hills")]
    connection.executemany("INSERT INTO roots (path, volume) VALUES (?, '')", inside)
    connection.close()
    catalogue = Catalogue(path)
    assert catalogue.kept is not None
    around = catalogue.roots.add(PHOTOS, "")
    catalogue.roots.remove(around.id)
    catalogue.roots.remove(next(root.id for root in catalogue.roots.all() if root.path.name == "sea"))
    catalogue.forget_in_kept(PHOTOS)
    catalogue.close()
    with closing(Catalogue(catalogue.kept)) as kept:
        assert [root.path for root in kept.roots.all()] == [PHOTOS / "hills"]


def test_a_kept_catalogue_that_cannot_be_read_or_written_stands_in_no_ones_way(
    tmp_path: Path, caplog
) -> None:
    path = tmp_path / "catalogue.sqlite"
    older(path)
    catalogue = Catalogue(path)
    assert catalogue.kept is not None
    catalogue.kept.unlink()
    catalogue.kept.mkdir()
    catalogue.forget_in_kept(PHOTOS)
    assert "is still in" in caplog.text and str(PHOTOS) not in caplog.text
    catalogue.close()


def test_a_migration_that_fails_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    before = older(path)
    broken = (*MIGRATIONS, ("DELETE FROM codes", "CREATE TABLE photos (id)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Catalogue(path, broken)
    # In its way lies a folder, which no copy can replace.
    (tmp_path / "catalogue.version-1.sqlite").unlink()
    (tmp_path / "catalogue.version-1.sqlite").mkdir()
    with pytest.raises(LibraryUnusable, match=r"catalogue\.version-1\.sqlite cannot be written"):
        Catalogue(path)
    unchanged, _ = connect(path, MIGRATIONS[:1])
    assert list(unchanged.iterdump()) == before
    unchanged.close()
    assert list(tmp_path.glob("*.new")) == []


def test_a_damaged_catalogue_says_so(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    root = catalogue.roots.add(PHOTOS, "").id
    photos = catalogue.files.add(root, "", [file(f"{number}") for number in range(2000)])
    catalogue.codes.record(MODEL, [encoded(photo) for photo in photos], [])
    catalogue.close()
    content = bytearray(path.read_bytes())
    for page in range(2 * 4096, len(content), 4096):
        content[page : page + 600] = bytes(600)
    path.write_bytes(content)
    with pytest.raises(LibraryUnusable, match="is damaged"):
        Catalogue(path).files.known_in(root, "")


def test_a_check_finds_what_does_not_belong(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    [photo] = catalogue.files.add(catalogue.roots.add(PHOTOS, "").id, "", [file("a")])
    catalogue.codes.record(MODEL, [encoded(photo)], [])
    assert catalogue.check() == []
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE codes SET code = x'00'")
        connection.execute("INSERT INTO codes VALUES (1, 99, x'00000000')")
    connection.close()
    problems = catalogue.check()
    assert len(problems) == 2
    assert any("1 of “codes” belong to “photos” that are not there" in problem for problem in problems)
    assert any("1 codes of model 0123456789abcdef are not 4 bytes long" in problem for problem in problems)
    assert all(str(path) in problem for problem in problems)
    catalogue.close()


def test_a_library_where_a_file_is_in_the_way_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(LibraryUnusable, match="cannot be kept in"):
        Catalogue(tmp_path / "home" / "catalogue.sqlite")
    with pytest.raises(LibraryUnusable, match="cannot be opened"):
        Catalogue(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions here")
def test_a_read_only_home_is_refused_in_words() -> None:
    # Not in `tmp_path`, which nobody but its owner may look into.
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Catalogue(home / "catalogue.sqlite").close()
        home.chmod(0o555)
        with as_somebody_ordinary():
            for path in (home / "catalogue.sqlite", home / "another.sqlite"):
                with pytest.raises(LibraryUnusable, match=r"cannot be opened|may not be written"):
                    Catalogue(path).roots.add(PHOTOS, "")
        home.chmod(0o755)


@contextmanager
def as_somebody_ordinary() -> Iterator[None]:
    """Without the rights of an administrator, to whom nothing is read-only."""
    me = os.geteuid()
    os.seteuid(me or 65534)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited here")
def test_a_full_disk_is_one_sentence_and_loses_nothing_committed(catalogue: Catalogue, root: int) -> None:
    catalogue.files.add(root, "", [file("before")])
    home = catalogue._path.parent
    fill = "catalogue.files.add(1, '', (FoundFile(f'{n:0200}', 1, 1) for n in range(10**5)))"
    # The system refuses to write beyond this size, as it would on a full disk.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))"
    said = run_in_another_process(fill, home, limit)
    assert "LibraryUnusable: The disk" in said
    assert list(catalogue.files.known_in(root, "")) == ["before"]


def test_a_catalogue_that_stays_locked_is_busy(catalogue: Catalogue, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    catalogue._session().connection.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(LibraryBusy, match="writing to the library"):
        catalogue.roots.add(PHOTOS, "")
    connection.execute("ROLLBACK")
    connection.close()


# Size


def test_a_photo_costs_at_most_150_bytes_however_it_was_encoded(catalogue: Catalogue, root: int) -> None:
    count = 20_000
    rng = random.Random(0)
    photos = []
    with catalogue.transaction():
        for folder in range(count // 100):
            files = [
                FoundFile(
                    f"IMG_{2000 + folder % 20}{folder:04}_{n:06}.jpg",
                    rng.randrange(10**6, 10**7),
                    rng.getrandbits(60),
                )
                for n in range(100)
            ]
            photos += catalogue.files.add(root, f"{folder:05} A summer trip", files)
        for photo in reversed(photos):
            details = Details(6000, 4000, rng.randrange(2**30), "Canon EOS R5")
            made = EncodedPhoto(
                photo.id, photo.size, photo.modified_ns, rng.randbytes(16), details, rng.randbytes(16)
            )
            catalogue.codes.record(CodeSpec("0" * 16, "dsq", "additive", 16, 64), [made], [])

    catalogue.compact()

    assert 4096 * pages(catalogue) <= 150 * count


def test_a_file_is_packed_only_when_that_is_worth_it(catalogue: Catalogue, root: int) -> None:
    catalogue.files.add(root, "", [file(f"{n:0100}") for n in range(5000)])
    catalogue.compact()
    packed = pages(catalogue)
    changed = catalogue._session().connection.total_changes
    catalogue.compact()
    assert catalogue._session().connection.total_changes == changed
    catalogue.roots.remove(root)
    catalogue.compact()
    assert pages(catalogue) < packed / 4


def pages(catalogue: Catalogue) -> int:
    pages: int = catalogue._session().connection.execute("PRAGMA page_count").fetchone()[0]
    return pages
