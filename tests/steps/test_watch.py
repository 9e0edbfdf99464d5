"""What changes in a folder is handed on once it is still, and what events cannot tell is looked at whole."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from photosearch.watch import Hint, Watcher
from photosearch.watch.settling import STORM, Settling, without_covered

SETTLE = 0.2

# watchdog warns when it comes upon a new folder in two ways; made an error, that would end its thread.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")


def is_photo(name: str) -> bool:
    return name.endswith(".jpg")


# Settling, by a clock of our own


class Disk:
    """Sizes of files, as a watcher would find them."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}

    def look(self, root_id: int, folder: str, name: str) -> tuple[int, int] | None:
        return (self.sizes[name], 0) if name in self.sizes else None


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def settling() -> Settling:
    return Settling(2.0)


def test_a_file_is_handed_on_when_it_was_still_for_two_seconds(settling, disk):
    disk.sizes["a"] = 5
    settling.file_changed(1, "x", "a", now=10)
    assert settling.settled(10.1, disk.look) == set()
    assert settling.settled(11.9, disk.look) == set()
    assert settling.settled(12.0, disk.look) == {Hint(1, "x", False)}
    assert not settling


def test_a_file_that_is_written_to_again_waits_again(settling, disk):
    settling.file_changed(1, "x", "a", now=10)
    settling.file_changed(1, "x", "a", now=11.5)
    assert settling.settled(12.5, disk.look) == set()
    assert settling.settled(13.5, disk.look) == {Hint(1, "x", False)}


def test_a_file_that_grows_without_an_event_waits(settling, disk):
    settling.file_changed(1, "x", "a", now=10)
    for second in range(20):
        disk.sizes["a"] = second
        assert settling.settled(10.2 + second, disk.look) == set()
    settling.settled(31, disk.look)
    assert settling.settled(33, disk.look) == {Hint(1, "x", False)}


def test_one_file_that_grows_holds_up_no_other(settling, disk):
    settling.file_changed(1, "x", "done", now=10)
    for tenth in range(30):
        settling.file_changed(1, "x", "growing", now=10 + tenth / 10)
        hints = settling.settled(10 + tenth / 10, disk.look)
        assert hints == ({Hint(1, "x", False)} if tenth == 20 else set())


def test_deletions_are_taken_up_while_they_go_on(settling, disk):
    handed = 0
    for tenth in range(100):
        settling.folder_changed(Hint(1, "x", False), now=tenth / 10)
        handed += len(settling.settled(tenth / 10, disk.look))
    assert handed == 4


def test_the_two_ends_of_a_rename_are_handed_on_together(settling, disk):
    settling.folder_changed(Hint(1, "from", False), now=10)
    settling.file_changed(1, "to", "a", now=10)
    settling.settled(10.2, disk.look)
    assert settling.settled(12, disk.look) == {Hint(1, "from", False), Hint(1, "to", False)}


def test_too_many_events_name_the_whole_root_when_they_are_over(settling, disk):
    for number in range(STORM + 500):
        settling.count(1, now=10 + number / 10_000)
        settling.file_changed(1, "x", str(number), now=10 + number / 10_000)
    settling.file_changed(2, "y", "a", now=10)
    assert settling.settled(10.6, disk.look) == set()
    assert settling.settled(13, disk.look) == {Hint(1, "", True), Hint(2, "y", False)}
    assert not settling


def test_a_root_is_said_to_rage_until_it_was_quiet_for_two_seconds(settling, disk):
    assert not settling.rages(1)
    for _ in range(STORM):
        settling.count(1, now=10)
    assert settling.rages(1) and not settling.rages(2)
    settling.settled(11.9, disk.look)
    assert settling.rages(1)
    settling.settled(12.1, disk.look)
    assert not settling.rages(1)


def test_a_storm_that_does_not_end_names_the_root_now_and_then(settling, disk):
    handed = []
    for tenth in range(300):
        for _ in range(500):
            settling.count(1, now=tenth / 10)
        if settling.settled(tenth / 10, disk.look):
            handed.append(tenth / 10)
    assert [round(second) for second in handed] == [11, 21]


def test_many_events_over_a_long_time_are_no_storm(settling, disk):
    for second in range(1000):
        for _ in range(100):
            settling.count(1, now=second)
        assert settling.settled(second, disk.look) == set()


def test_a_hint_for_a_folder_and_all_in_it_covers_those():
    hints = {Hint(1, "a", True), Hint(1, "a", False), Hint(1, "a/b", True), Hint(1, "a/b/c", False)}
    others = {Hint(1, "ab", False), Hint(2, "a/b", False), Hint(1, "", False)}
    assert without_covered(hints | others) == {Hint(1, "a", True)} | others
    assert without_covered(hints | others | {Hint(1, "", True)}) == {Hint(1, "", True), Hint(2, "a/b", False)}


# Watching real folders


@pytest.fixture
def watcher():
    with Watcher(is_photo, SETTLE) as watcher:
        yield watcher


@pytest.fixture
def root(tmp_path: Path, watcher: Watcher) -> Path:
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "old.jpg").touch()
    assert watcher.watch(1, root) == "watched"
    return root


def expect(watcher: Watcher, *hints: Hint, seconds: float = 15.0) -> None:
    """Wait until these hints have come, and no others but what they cover."""
    come: set[Hint] = set()
    end = time.monotonic() + seconds
    while without_covered(come) != set(hints):
        assert time.monotonic() < end, f"came: {come}"
        come |= watcher.batch(0.5)


def expect_among(watcher: Watcher, hint: Hint, seconds: float = 15.0) -> None:
    """Wait until this hint has come, whatever others do."""
    end = time.monotonic() + seconds
    while hint not in watcher.batch(0.5):
        assert time.monotonic() < end


def test_a_new_photo_names_its_folder_and_other_files_none(watcher, root):
    (root / "notes.txt").write_text("nothing to see")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "x.jpg").touch()
    (root / "in" / "new.jpg").write_bytes(b"photo")
    expect(watcher, Hint(1, "in", False))


def test_reading_a_photo_is_no_change(watcher, root):
    (root / "in" / "old.jpg").read_bytes()
    list(root.iterdir())
    assert watcher.batch(4 * SETTLE) == set()


def test_a_changed_renamed_or_deleted_photo_names_its_folders(watcher, root):
    (root / "in" / "old.jpg").write_bytes(b"changed")
    expect(watcher, Hint(1, "in", False))
    (root / "in" / "old.jpg").rename(root / "moved.jpg")
    expect(watcher, Hint(1, "in", False), Hint(1, "", False))
    (root / "moved.jpg").unlink()
    expect(watcher, Hint(1, "", False))


def test_a_folder_that_comes_moves_or_goes_names_itself_and_all_in_it(watcher, root, tmp_path):
    shutil.copytree(root / "in", root / "copy" / "deep")
    expect(watcher, Hint(1, "copy", True))
    (root / "copy").rename(root / "in" / "moved")
    expect(watcher, Hint(1, "copy", True), Hint(1, "in/moved", True))
    (root / "in" / "moved" / "deep" / "new.jpg").touch()
    # A late word of the place it was at before may come too; looking there costs nothing.
    expect_among(watcher, Hint(1, "in/moved/deep", False))
    (root / "in" / "moved").rename(tmp_path / "outside")
    expect(watcher, Hint(1, "in/moved", True))
    shutil.rmtree(root / "in")
    expect(watcher, Hint(1, "in", True))


def test_a_photo_is_handed_on_within_three_seconds_of_being_complete(tmp_path):
    with Watcher(is_photo) as watcher:
        watcher.watch(1, tmp_path)
        with open(tmp_path / "copy.jpg", "wb") as file:
            for _ in range(12):
                file.write(bytes(1000))
                file.flush()
                assert watcher.batch(0.25) == set()
        complete = time.monotonic()
        assert watcher.batch(5) == {Hint(1, "", False)}
        assert 1.5 < time.monotonic() - complete < 3


def test_ten_thousand_new_files_are_one_hint(watcher, root):
    for number in range(10_000):
        os.close(os.open(root / "in" / f"{number}.jpg", os.O_CREAT))
    hints = watcher.batch(10)
    while more := watcher.batch(4 * SETTLE):
        hints |= more
    assert without_covered(hints) in ({Hint(1, "", True)}, {Hint(1, "in", False)})


def test_a_root_that_goes_and_comes_back_is_named_both_times_and_watched_again(watcher, root, tmp_path):
    root.rename(tmp_path / "away")
    expect(watcher, Hint(1, "", True))
    (tmp_path / "away").rename(root)
    expect(watcher, Hint(1, "", True))
    assert watcher.watch(1, root) == "watched"
    (root / "in" / "new.jpg").touch()
    expect(watcher, Hint(1, "in", False))


def test_a_root_that_was_deleted_and_made_again_is_watched_again(watcher, root):
    shutil.rmtree(root)
    (root / "in").mkdir(parents=True)
    expect(watcher, Hint(1, "", True))
    time.sleep(3 * SETTLE)
    watcher.batch(0)
    (root / "in" / "new.jpg").touch()
    expect(watcher, Hint(1, "in", False))


def test_a_root_that_is_not_there_yet_is_found_when_it_comes(watcher, tmp_path):
    assert watcher.watch(1, tmp_path / "later") == "polled"
    (tmp_path / "later").mkdir()
    expect(watcher, Hint(1, "", True))
    assert watcher.watch(1, tmp_path / "later") == "watched"


def test_the_longer_a_look_at_a_polled_root_takes_the_longer_it_is_left_alone(tmp_path):
    with Watcher(is_photo, SETTLE / 10) as watcher:
        assert watcher.watch(1, tmp_path / "on a drive that is not there") == "polled"
        watcher.batch(0)
        pauses = []
        for look in (0.0, 0.3, 0.0):
            time.sleep(look)
            begun = time.monotonic()
            assert watcher.batch(15) == {Hint(1, "", True)}
            pauses.append(time.monotonic() - begun)
        assert min(pauses) >= 0.6
        assert pauses[1] >= 3 > max(pauses[0], pauses[2])


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_root_that_is_a_link_is_watched(watcher, root, tmp_path):
    (tmp_path / "link").symlink_to(root, target_is_directory=True)
    watcher.unwatch(1)
    watcher.watch(2, tmp_path / "link")
    (root / "in" / "new.jpg").touch()
    expect(watcher, Hint(2, "in", False))


def test_a_folder_that_is_watched_no_longer_says_nothing(watcher, root):
    (root / "in" / "new.jpg").touch()
    watcher.unwatch(1)
    (root / "in" / "newer.jpg").touch()
    assert watcher.batch(4 * SETTLE) == set()


def test_closing_ends_the_threads_and_whoever_waits(tmp_path):
    before = set(threading.enumerate())
    watcher = Watcher(is_photo)
    watcher.watch(1, tmp_path)
    waiting = threading.Thread(target=watcher.batch, args=(60,))
    waiting.start()
    watcher.close()
    waiting.join(2)
    # One thread of watchdog's serves all watchers there will ever be.
    assert {type(thread).__name__ for thread in set(threading.enumerate()) - before} <= {"InotifyFD"}


LIMITED = """
import sys
from pathlib import Path
from photosearch.watch import Hint, Watcher

Path("/proc/sys/user/max_inotify_watches").write_text(sys.argv[2])
with Watcher(lambda name: True, 0.1) as watcher:
    root = Path(sys.argv[1])
    state = watcher.watch(1, root)
    print(state)
    if state == "watched":
        for number in range(20):
            (root / str(number)).mkdir()
        while Hint(1, "", True) not in watcher.batch(1):
            pass
        print(watcher.watch(1, root))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts watches")
def test_where_the_system_can_watch_no_more_folders_the_root_is_polled(tmp_path):
    """In a user's namespace of its own, where a limit can be set for this process alone."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def limited(root: Path, watches: int) -> list[str]:
        (root / "a" / "b" / "c" / "d").mkdir(parents=True)
        script = [sys.executable, "-c", LIMITED, root, str(watches)]
        done = subprocess.run(
            ["unshare", "-r", *script], capture_output=True, text=True, env=environment, timeout=30
        )
        if "unshare" in done.stderr or "Permission" in done.stderr:
            pytest.skip("no user namespaces here")
        return done.stdout.split()

    assert limited(tmp_path / "at once", 3) == ["polled"]
    assert limited(tmp_path / "later", 12) == ["watched", "polled"]


@pytest.mark.skipif(sys.platform != "linux", reason="the queue of events is Linux's")
def test_when_the_systems_queue_overflows_the_whole_root_is_named(tmp_path):
    limit = Path("/proc/sys/fs/inotify/max_queued_events")
    usual = limit.read_text()
    try:
        limit.write_text("4")
    except OSError:
        pytest.skip("needs to be root, to make the queue short")
    try:
        watcher = Watcher(is_photo, SETTLE)
    finally:
        limit.write_text(usual)
    with watcher:
        assert watcher.watch(1, tmp_path) == "watched"
        # One call of the system after the other, so that nobody can keep up.
        script = "import os\nfor n in range(3000): os.close(os.open(f'{n}.jpg', os.O_CREAT | os.O_WRONLY))"
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
        expect_among(watcher, Hint(1, "", True))
        assert watcher.watch(1, tmp_path) in ("watched", "polled")
