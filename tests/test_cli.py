"""The command line as scripts use it: real processes, the bundled model."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from photosearch import __version__
from photosearch.cli.output import is_read
from photosearch.cli.parser import COMMANDS, parse
from photosearch.cli.progress import shown
from photosearch.records import Progress
from tests.pictures import KINDS, draw
from tests.several import draw_several

SOON = 120
"""Seconds after which a command has hung, however busy the machine."""


def photosearch(
    *arguments: object, home: Path, display: dict[str, str] | None = None, **more
) -> subprocess.CompletedProcess[str]:
    shown_on = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in shown_on}
    environment |= display or {}
    return subprocess.run(
        [sys.executable, "-m", "photosearch", "--home", str(home), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SOON,
        env=environment,
        **more,
    )


def answer(*arguments: object, home: Path) -> dict:
    done = photosearch(*arguments, "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number, kind in enumerate(sorted(KINDS)):
        draw(kind, seed=number, size=(320, 240)).save(folder / f"{kind}.jpg", quality=90)
    (folder / "broken.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """A library in which these photos are indexed."""
    home = tmp_path_factory.mktemp("home")
    indexed = answer("index", photos, home=home)
    assert indexed["photos"] == len(KINDS) + 1
    assert indexed["encoded"] == len(KINDS)
    assert indexed["unreadable"] == 1
    return home


def test_each_photo_is_its_own_first_match(home, photos):
    found = answer("search", photos / "forest.jpg", "--top", "3", home=home)
    assert found["matches"][0]["path"] == str(photos / "forest.jpg")
    assert [match["rank"] for match in found["matches"]] == [1, 2, 3]
    assert {"rank", "path", "score", "percentile", "kind"} <= found["matches"][0].keys()
    assert found["milliseconds"].keys() == {"encode", "search"}


def test_the_options_of_a_search_narrow_it(home, photos):
    found = answer(
        *("search", photos / "forest.jpg", "--crop", "0.1,0.1,0.8,0.8", "--without", photos / "city.jpg"),
        *("--under", photos, "--since", "2001-02-03", "--until", "2101-02-03", "--top", 2),
        home=home,
    )
    assert len(found["matches"]) == 2
    assert answer("search", photos / "city.jpg", "--camera", "Nikon", home=home)["matches"] == []
    assert answer("search", photos / "city.jpg", "--until", "2001-01-01", home=home)["matches"] == []


def test_a_search_near_a_place_finds_the_photos_taken_there(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "photos"
    folder.mkdir()
    for number, kind in enumerate(sorted(KINDS)[:3]):
        exif = Image.Exif()
        if number:
            # 34° S, 18° 30' E; and a tenth of a degree, 11 km, to the north of it.
            told = exif.get_ifd(ExifTags.IFD.GPSInfo)
            told[ExifTags.GPS.GPSLatitude] = (
                34.0 if number == 1 else 33.0,
                0.0 if number == 1 else 54.0,
                0.0,
            )
            told[ExifTags.GPS.GPSLongitude] = (18.0, 30.0, 0.0)
            told[ExifTags.GPS.GPSLatitudeRef], told[ExifTags.GPS.GPSLongitudeRef] = "S", "E"
        picture = draw(kind, seed=number, size=(160, 120))
        picture.save(folder / f"{number}.jpg", quality=90, exif=exif)
    answer("index", folder, home=home)

    def near(*place: str) -> list[str]:
        found = answer("search", folder / "0.jpg", *place, home=home)
        return sorted(Path(match["path"]).name for match in found["matches"])

    assert near("--near", "-34,18.5") == ["1.jpg"]
    assert near("--near", "-34,18.5,11.2") == ["1.jpg", "2.jpg"]
    assert near("--near=34,18.5") == []


@pytest.mark.parametrize("place", ["Rome", "1", "1,2,3,4", "91,0", "0,-181", "1,2,-3", "nan,2"])
def test_what_is_no_place_is_wrong_usage(tmp_path, place):
    refused = photosearch("search", "a.jpg", "--near", place, home=tmp_path)
    assert refused.returncode == 2
    assert repr(place) in refused.stderr


def test_status_adds_up(home):
    status = answer("status", home=home)
    assert status["photos"] == sum(status[state] for state in ("encoded", "waiting", "offline", "unreadable"))
    assert status["model"]["identity"] == answer("model", home=home)["identity"]
    assert all(size > 0 for size in status["bytes"].values())


def test_failures_say_which_file_and_why(home, photos):
    (failure,) = answer("failures", home=home)["failures"]
    assert failure["path"] == str(photos / "broken.jpg")
    assert failure["reason"].endswith(".")


def test_photos_of_an_unplugged_drive_are_found_and_say_which_to_plug_in(tmp_path):
    home, drive = tmp_path / "home", tmp_path / "drive"
    drive.mkdir()
    for number, kind in enumerate(sorted(KINDS)[:3]):
        draw(kind, seed=number, size=(160, 120)).save(drive / f"{kind}.jpg", quality=90)
    query = tmp_path / "query.jpg"
    query.write_bytes((drive / f"{sorted(KINDS)[0]}.jpg").read_bytes())
    answer("index", drive, home=home)
    drive.rename(tmp_path / "unplugged")
    assert answer("index", home=home)["offline"] == 3
    where = f"plug in the drive of {drive}"
    for command in (["search", query], ["status"], ["folders", "list"]):
        told = photosearch(*command, home=home)
        assert told.returncode == 0 and where in told.stdout, (told.stdout, told.stderr)


def test_folders_are_listed_added_and_removed(home, photos, tmp_path):
    assert [folder["path"] for folder in answer("folders", "list", home=home)["folders"]] == [str(photos)]
    assert len(answer("folders", "add", tmp_path, home=home)["folders"]) == 2
    told = photosearch("folders", "list", home=home)
    assert told.stdout.splitlines()[0].endswith(f"watched, {len(KINDS) + 1} photos"), told.stdout
    assert answer("folders", "forget", photos, home=home)["forgotten"] == 0
    left = answer("folders", "remove", tmp_path, home=home)["folders"]
    assert [(folder["path"], folder["state"], folder["photos"]) for folder in left] == [
        (str(photos), "watched", len(KINDS) + 1)
    ]


def test_embed_gives_vectors_whose_codes_stand_for_them(home, photos, tmp_path):
    told = answer("embed", photos, "--out", tmp_path / "vectors.npz", home=home)
    assert told["photos"] == len(KINDS)
    with np.load(tmp_path / "vectors.npz") as stored:
        assert list(stored["paths"]) == sorted(
            str(path) for path in photos.glob("*.jpg") if path.stem != "broken"
        )
        vectors, codes, codebooks = stored["vectors"], stored["codes"], stored["codebooks"]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    meant = codebooks[np.arange(codes.shape[1]), codes].sum(1)
    assert ((vectors - meant) ** 2).sum(1).mean() < 0.5


def test_embed_finds_out_first_whether_it_can_write(home, photos, tmp_path):
    for out in (tmp_path, tmp_path / "missing" / "vectors.npz", photos / "city.jpg" / "vectors.npz"):
        done = photosearch("embed", photos, "--out", out, home=home)
        assert done.returncode == 1
        assert done.stderr.startswith(f"{out} cannot be written: ") and len(done.stderr.splitlines()) == 1


def test_embed_that_fails_leaves_the_older_file_as_it_was(home, tmp_path):
    out = tmp_path / "vectors.npz"
    out.write_text("good")
    assert photosearch("embed", tmp_path / "missing.jpg", "--out", out, home=home).returncode == 1
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"vectors.npz": "good"}


def test_what_is_wrong_in_the_world_is_one_sentence_and_status_1(home, photos, tmp_path):
    for arguments in (
        ("index", tmp_path / "missing"),
        ("search", photos / "broken.jpg"),
        ("search", tmp_path / "missing.jpg"),
        ("search", photos / "city.jpg", "--without", photos / "broken.jpg"),
        ("search", photos / "city.jpg", "--under", tmp_path),
        ("search", photos / "city.jpg", "--under", tmp_path / "missing"),
        ("duplicates", "--under", tmp_path / "missing"),
        ("folders", "remove", tmp_path),
        ("model", photos / "city.jpg"),
        (tmp_path / "missing",),
    ):
        done = photosearch(*arguments, home=home)
        assert done.returncode == 1, arguments
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and done.stderr.endswith(".\n"), done.stderr
        if arguments[-1] in (photos / "broken.jpg", tmp_path / "missing.jpg"):
            assert str(arguments[-1]) in done.stderr


def test_wrong_usage_is_status_2(home):
    for arguments in (
        ("search",),
        ("search", "a.jpg", "--crop", "2,2,2,2"),
        ("search", "a.jpg", "--since", "soon"),
    ):
        assert photosearch(*arguments, home=home).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        ["index", ""],
        ["folders", "add", ""],
        ["search", "a.jpg", "--under", ""],
        ["duplicates", "--report="],
        ["cluster", "index", "", "--store", "there"],
        ["cluster", "failures", "--store", ""],
        ["--home", "", "status"],
        ["--home=", "status"],
    ],
)
def test_the_empty_name_is_wrong_usage_and_never_the_current_folder(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert "'' is the name of no file or folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["serach", "a.jpg"], "invalid choice: 'serach'"),
        (["--home", "there", "serach", "a.jpg", "--top", "3"], "invalid choice: 'serach'"),
        (["--json", "status"], "unrecognized arguments: --json\n"),
        (["-photo.jpg"], "-photo.jpg"),
    ],
)
def test_wrong_usage_names_the_word_that_is_wrong(arguments, wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert wrong in capsys.readouterr().err


def test_a_photo_whose_name_begins_as_an_option_does_is_named_behind_two_dashes():
    options = parse(["--home", "there", "--", "-photo.jpg"])
    assert (options.home, options.target) == (Path("there"), Path("-photo.jpg"))


def test_of_two_places_to_be_near_the_last_counts_in_the_south_too():
    near = parse(["search", "a.jpg", "--near", "-1,2", "--near", "-33.9,18.4"]).near
    assert (near.latitude, near.longitude) == (-33.9, 18.4)


def test_every_command_has_help(home):
    for command in COMMANDS.keys() - {"window"}:
        assert photosearch(command, "--help", home=home).returncode == 0


def test_without_a_display_a_folder_is_indexed_in_the_terminal_and_says_why(home, photos, tmp_path):
    done = photosearch(photos, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    if sys.platform.startswith("linux"):
        assert "no display" in done.stderr
        assert "search PHOTO" in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs X11")
def test_a_display_that_cannot_be_opened_is_none(tmp_path):
    done = photosearch(home=tmp_path, display={"DISPLAY": ":7707"})
    assert done.returncode == 1, done.stderr
    why_not, result = done.stderr.splitlines()
    assert why_not.startswith(("The display “:7707” cannot", "The window needs"))
    assert result.startswith("No folder is watched yet")


@pytest.mark.parametrize("display", [{"QT_QPA_PLATFORM": "offscreen"}, {"DISPLAY": ":7707"}])
def test_what_is_not_there_is_no_photo_with_a_window_or_without(display, tmp_path):
    done = photosearch(tmp_path / "typo", home=tmp_path, display=display)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path / 'typo'} does not exist.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminal")
def test_what_follows_a_progress_bar_begins_a_line_of_its_own(monkeypatch):
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)

        def stopped():
            yield Progress("indexing", 3)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            list(shown(stopped()))
        print("Stopped.", file=terminal, flush=True)
        seen = ""
        while "Stopped." not in seen:
            seen += os.read(ours, 999).decode()
    os.close(ours)
    assert [line.strip() for line in seen.splitlines()] == ["", "Indexing  3", "Stopped."]


@pytest.mark.parametrize(
    "mistake", ["1 / 0", "import threading; threading.Thread(target=lambda: 1 / 0).start()"]
)
def test_our_own_mistakes_are_kept_in_the_log_wherever_they_happen(mistake, tmp_path):
    code = (
        f"from pathlib import Path; from photosearch.cli.log import log_to; log_to(Path({str(tmp_path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", f"{code}; {mistake}"], capture_output=True, text=True)
    for said in (done.stderr, (tmp_path / "photosearch.log").read_text()):
        assert "Traceback" in said and "ZeroDivisionError" in said


def test_a_program_without_output_and_error_streams_runs_as_any_other(tmp_path):
    code = "import sys; sys.stdout = sys.stderr = None; from photosearch.cli import main; sys.exit(main())"
    for arguments, status in ((["status"], 0), (["--home"], 2), (["model", "missing"], 1)):
        command = [sys.executable, "-c", code, "--home", str(tmp_path), *arguments]
        assert subprocess.run(command).returncode == status


@pytest.mark.skipif(sys.platform == "win32", reason="has no such shell")
def test_closed_streams_and_pipes_that_nobody_reads_keep_no_command_from_its_work(photos, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "photos"
    folder.mkdir()
    for name in ("one.jpg", "two.jpg"):
        (folder / name).write_bytes((photos / "sea.jpg").read_bytes())
    command = [sys.executable, "-m", "photosearch", "--home", str(home)]

    def run(*arguments: str, closed: str) -> subprocess.CompletedProcess[str]:
        line = ["sh", "-c", f'exec "$@" {closed}', "sh", *command, *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=SOON)

    unread, written_to = os.pipe()
    os.close(unread)
    indexing = [*command, "index", str(folder), "--json"]
    done = subprocess.run(indexing, stdout=subprocess.PIPE, stderr=written_to, text=True, timeout=SOON)
    os.close(written_to)
    assert done.returncode == 0 and json.loads(done.stdout)["encoded"] == 1
    (folder / "three.jpg").write_bytes((photos / "city.jpg").read_bytes())
    assert run("index", closed="<&- >&- 2>&-").returncode == 0
    refused = run("duplicates", "--trash", closed="<&-")
    assert refused.returncode == 1 and refused.stderr.endswith("add --yes to do it.\n"), refused.stderr
    assert json.loads(run("status", "--json", closed="<&- 2>&-").stdout)["encoded"] == 3


@pytest.mark.skipif(sys.platform == "win32", reason="every user has a home folder")
def test_without_a_home_folder_a_place_for_the_library_has_to_be_named(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    # As for a user whom nobody entered into the list of users.
    unknown = "import pwd; pwd.getpwuid = {}.__getitem__; from photosearch import cli; exit(cli.main())"
    done = subprocess.run(
        [sys.executable, "-c", unknown, "status"],
        capture_output=True,
        text=True,
        timeout=SOON,
        cwd=tmp_path,
        env=environment | {"HOME": "nowhere"},
    )
    assert done.returncode == 1 and "--home" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="tells nobody that a reader has gone")
def test_a_pipe_is_read_until_its_reader_goes_and_a_file_or_device_always(tmp_path, monkeypatch):
    for always in (tmp_path / "file", Path(os.devnull)):
        with open(always, "w") as output:
            monkeypatch.setattr(sys, "stdout", output)
            assert is_read()
    reading, writing = os.pipe()
    with open(writing, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert is_read()
        os.set_blocking(writing, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, bytes(4096))
        assert is_read(), "who reads slowly reads"
        os.close(reading)
        assert not is_read()


@pytest.mark.skipif(sys.platform == "win32", reason="tells nobody that a reader has gone")
def test_watch_ends_when_nobody_reads_what_it_tells_any_more(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "photos"
    folder.mkdir()
    answer("folders", "add", folder, home=home)
    command = [sys.executable, "-m", "photosearch", "--home", str(home), "watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout and watching.stderr
        assert json.loads(watching.stdout.readline())["photos"] == 0
        watching.stdout.close()
        assert watching.wait(SOON) == 0
        assert watching.stderr.read().splitlines() in ([], ["Scanning"])


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_watch_follows_changes_and_stops_cleanly_on_ctrl_c_and_with_its_terminal(photos, tmp_path, name):
    folder = tmp_path / "photos"
    folder.mkdir()
    home = tmp_path / "home"
    answer("folders", "add", folder, home=home)
    command = [sys.executable, "-m", "photosearch", "--home", str(home), "watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout and watching.stderr
        assert json.loads(watching.stdout.readline())["photos"] == 0
        (folder / "new.jpg").write_bytes((photos / "sea.jpg").read_bytes())
        start = time.monotonic()
        while (told := json.loads(watching.stdout.readline()))["encoded"] < 1:
            pass
        assert told["photos"] == 1
        assert time.monotonic() - start < SOON
        watching.send_signal(signal.Signals[name])
        assert watching.wait(SOON) == 0
        assert "Traceback" not in watching.stderr.read()
    assert not list(home.glob("*.unfinished"))


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_kill_9_while_indexing_loses_at_most_a_batch_and_the_next_run_goes_on(photos, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    kinds = sorted(KINDS)
    for number in range(320):
        draw(kinds[number % len(kinds)], seed=number, size=(64, 48)).save(folder / f"{number}.jpg")
    home = tmp_path / "home"
    command = [sys.executable, "-m", "photosearch", "--home", str(home), "index", str(folder)]
    said = tmp_path / "said"
    with said.open("w") as output, subprocess.Popen(command, stderr=output) as indexing:
        while (home / "catalogue.sqlite").exists() is False or _encoded(home) == 0:
            assert indexing.poll() is None, f"it ended before it could be killed: {said.read_text()}"
            time.sleep(0.02)
        indexing.kill()
    status = answer("status", home=home)
    assert status["encoded"] > 0
    assert status["photos"] == status["encoded"] + status["waiting"] == 320
    again = answer("index", home=home)
    assert again["encoded"] == 320 - status["encoded"]
    assert answer("status", home=home)["encoded"] == 320


def _encoded(home: Path) -> int:
    from photosearch.errors import PhotoSearchError
    from photosearch.store import Catalogue

    try:
        catalogue = Catalogue(home / "catalogue.sqlite")
        try:
            return (
                catalogue.photos.counts(catalogue.codes.models()[0].identity).encoded
                if catalogue.codes.models()
                else 0
            )
        finally:
            catalogue.close()
    except PhotoSearchError:
        return 0


def test_a_model_is_trained_measured_drawn_and_used_by_one_command_each(photos, tmp_path):
    several = tmp_path / "several"
    draw_several(40, several)
    home, out, picture = tmp_path / "home", tmp_path / "dqn.safetensors", tmp_path / "plot.svg"
    shared = ("--protocol", "multilabel", "--data", several)
    trained = answer("train", "dqn", *shared, "--bits", 16, "--out", out, "--steps", 2, home=home)
    assert trained["steps"] == 2
    assert trained["loss"] > 0
    row = answer("evaluate", out, *shared, home=home)
    assert (row["protocol"], row["method"], row["bits"]) == ("multilabel", "dqn", 16)
    assert {"map", "precision", "recall", "curve", "controls"} <= row.keys()
    pytest.importorskip("matplotlib")
    rows = answer("evaluate", out, out, *shared, "--plot", picture, home=home)["rows"]
    assert rows == [row, row]
    assert picture.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("train", "dsq", "--data", "nowhere", "--out", "model"), 1, "no folder nowhere"),
        (("train", "dsq", "--data", ".", "--out", "model", "--steps", "0"), 1, "at least one step"),
        (("train", "dsq", "--data", ".", "--out", "model", "--density", "0.5"), 1, "Only dsq-sparse"),
        (("train", "dsq-sparse", "--data", ".", "--out", "model", "--density", "2"), 2, "share between"),
        (("train", "guess", "--data", ".", "--out", "model"), 2, "invalid choice"),
        (
            ("train", "dsq", "--recipe", "bundled", "--data", ".", "--out", "model"),
            1,
            "no folder rathull/CTFs, which sources.toml names",
        ),
        (
            ("train", "dsq", "--recipe", "bundled", "--protocol", "multilabel", "--data", ".", "--out", "m"),
            2,
            "not allowed with argument",
        ),
        (("evaluate", "missing", "--protocol", "cifar10-a", "--data", "."), 1, "no model file missing"),
    ],
)
def test_a_training_that_cannot_be_begun_is_told_in_one_sentence(tmp_path, arguments, status, words):
    done = photosearch(*arguments, home=tmp_path, cwd=tmp_path)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_says_what_the_program_was_built_from_and_computes_with(tmp_path):
    done = photosearch("--version", home=tmp_path / "home")
    first, origin, parts, search = done.stdout.splitlines()
    assert first == f"photosearch {__version__}"
    assert origin == "not built as a package"
    assert f"numpy {np.__version__}, onnxruntime " in parts
    assert search.startswith("search: ")
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no such device")
def test_a_version_that_cannot_be_written_is_no_mistake_of_ours(tmp_path):
    command = [sys.executable, "-m", "photosearch", "--version"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=SOON)
    assert (done.returncode, done.stderr) == (1, "The answer cannot be written: No space left on device.\n")
    unread, written_to = os.pipe()
    os.close(unread)
    done = subprocess.run(command, stdout=written_to, stderr=subprocess.PIPE, text=True, timeout=SOON)
    os.close(written_to)
    assert (done.returncode, done.stderr) == (0, "")


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # as where it is not installed
from photosearch.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "command",
    [
        ["train", "dsq", "--data", ".", "--out", "model"],
        ["evaluate", "model", "--protocol", "unseen", "--data", "."],
    ],
)
def test_what_trains_and_measures_says_that_it_needs_torch(command, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "--home", tmp_path, *command], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "needs torch: pip install 'photosearch[torch]'" in done.stderr


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_a_folder_whose_name_is_no_text_is_refused_inside_a_watched_one_as_anywhere(tmp_path):
    home, watched = tmp_path / "home", tmp_path / "photos"
    inside, outside = (Path(os.fsdecode(os.fsencode(place) + b"/caf\xe9")) for place in (watched, tmp_path))
    inside.mkdir(parents=True)
    outside.mkdir()
    answer("folders", "add", watched, home=home)
    for command in (["folders", "add"], ["index"]):
        for folder, place in ((inside, watched), (outside, tmp_path)):
            refused = photosearch(*command, folder, home=home)
            said = f"The name of the folder {place}/caf\\xe9 is not valid Unicode.\n"
            assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", said)


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
def test_a_name_with_a_line_break_or_a_terminals_commands_is_spelled_out_in_text_and_whole_in_json(
    photos, home, tmp_path
):
    name = "one\ntwo\x1b[2J\x9b31m\u202egpj.jpg"
    (tmp_path / name).write_text("no picture")
    told = photosearch("check", tmp_path, home=home)
    assert told.stdout.splitlines()[0] == rf"{tmp_path}/one\ntwo\x1b[2J\x9b31m\u202egpj.jpg"
    assert answer("check", tmp_path, home=home)["unreadable"][0]["path"] == str(tmp_path / name)
    refused = photosearch("index", tmp_path / "no\rsuch", home=home)
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1
    assert r"no\rsuch" in refused.stderr and "\r" not in refused.stderr
