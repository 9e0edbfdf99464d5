"""Errors and reasons of the rooms below, in the person's language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import photosearch
from photosearch import errors
from photosearch.duplicates import Preferences
from photosearch.gui.duplicates.summary import SummaryPage
from photosearch.gui.duplicates.work import Summary
from photosearch.gui.language import sentences, speak, translations
from photosearch.gui.language.sentences import told
from photosearch.library.cleaning import Choice, Cleaning
from photosearch.records import Details, Photo
from photosearch.store import Catalogue

ROOT = Path(photosearch.__file__).parent
ERRORS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)
}

HEARD = ("decode", "encode", "library", "store", "scan", "settings.py")
"""Rooms of which the window hears."""

OF_ARCHIVES = ("archive", "commands", "connection", "coordinator", "messenger", "serving", "store")
"""Files of `cluster/` of which a window on an archive hears."""

NEVER_HEARD = {"library/verifying.py", "library/embedding.py", "store/salvage.py"}
"""What only commands do."""


def form(node: ast.expr) -> str | None:
    """A literal with {} for what is put in; None of anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised(tree: ast.AST) -> Iterator[str]:
    """Sentences that errors carry."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ERRORS and (literal := form(node.args[0])):
                yield literal


def written(tree: ast.AST) -> Iterator[str]:
    """Every literal that is a sentence, but for docstrings: reasons wait in constants and tables."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        literal = form(node) if isinstance(node, ast.expr) and id(node) not in inside else None
        if literal and re.fullmatch(r"(This|The|It|Its|Only|{}) .*\.", literal):
            yield literal


def heard() -> set[str]:
    found = set()
    for file in ROOT.rglob("*.py"):
        room = file.relative_to(ROOT)
        of_archives = room.parts[0] == "cluster" and room.stem in OF_ARCHIVES
        if (room.parts[0] in HEARD or of_archives) and room.as_posix() not in NEVER_HEARD:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found |= set(raised(tree))
            if room.parts[0] in ("decode", "scan") or room.name in ("cleaning.py", "discarding.py"):
                found |= set(written(tree))
    # What is put in is most of the sentence; each whole one is known. Only training writes models.
    return found - {
        "This {} {}.",
        "This folder {}.",
        "The folder {} {}.",
        "The model cannot be written to {}: {}.",
        # What only those hear who index and serve an archive.
        "No Ray cluster runs on this machine: start one with “ray start”, or name another's head with"
        " --address HOST:PORT.",
        "A store is served by this cluster already: one at a time.",
        "Another “photosearch cluster index” is writing to the store at {}.",
        "There is no store at {}: “photosearch cluster index” makes one.",
        "The store at {} holds codes of model {}, not of {}: name its model with --model, or another store.",
        "A shard cannot be written to {}: the log says why.",
        "The store at {} cannot be read: {}.",
        "The store at {} is of version {}; this program knows version {}.",
        "The manifest of the store at {} is damaged.",
        "The store at {} may not be written: {}.",
        "{} cannot be reached: {}.",
    }


def test_every_sentence_that_the_window_can_hear_is_known():
    known = {re.sub(r"{\w+}", "{}", english) for _, english in sentences._forms()}
    assert len(heard()) > 80
    assert not heard() - known, "add them to gui/language/sentences.py, then: make translations"


@pytest.fixture
def german(qapp):
    back = speak(qapp, "de", translations())
    yield
    back()


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("The file is empty.", "Die Datei ist leer."),
        ("Decoding took longer than 20 seconds.", "Das Decodieren hat länger als 20 Sekunden gedauert."),
        ("The folder /photos/{2019} does not exist.", "Den Ordner /photos/{2019} gibt es nicht."),
        ("The folder /a is not watched.", "Der Ordner /a wird nicht beobachtet."),
        (
            "The folder /a cannot be read: Permission denied.",
            "Der Ordner /a lässt sich nicht lesen: keine Berechtigung.",
        ),
        (
            "JPEG XL pictures are read by pylibjxl, which is not installed.",
            "JPEG XL-Bilder liest pylibjxl; das ist nicht installiert.",
        ),
        (
            "/a.jpg changed or went away at the same moment; it was put back.",
            "/a.jpg wurde im selben Augenblick geändert oder verschwand; es wurde zurückgelegt.",
        ),
        (
            "/a.jpg was changed at the same moment: it is in the trash.",
            "/a.jpg wurde im selben Augenblick geändert: Es liegt im Papierkorb.",
        ),
        (
            "/a.jpg or /b.jpg cannot be read: The file is empty.",
            "/a.jpg oder /b.jpg lässt sich nicht lesen: Die Datei ist leer.",
        ),
        ("A sentence of tomorrow.", "A sentence of tomorrow."),
    ],
)
def test_a_reason_is_said_in_german_with_what_was_put_in(german, english, said):
    assert told(english) == said


def test_in_english_a_sentence_stays_as_it_is(qapp):
    for english in ("The file is empty.", "The folder /a {b} does not exist.", "Odd: {0} {x} {"):
        assert told(english) == english


def test_a_name_that_is_no_text_can_be_shown(qapp):
    assert told("The folder /a\udcff does not exist.") == "The folder /a\ufffd does not exist."


def test_what_stays_although_it_was_marked_is_told_in_german(german, qtbot, tmp_path):
    def photo(id: int, name: str) -> Photo:
        return Photo(id, tmp_path / name, 9, 9, Details(9, 9), offline=False)

    for name in ("one.jpg", "two.jpg", "other.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    for name, first in (("link.jpg", "one.jpg"), ("second.jpg", "two.jpg")):
        (tmp_path / name).hardlink_to(tmp_path / first)
    cleaning = Cleaning(
        Catalogue(tmp_path / "catalogue.sqlite"), lambda path: b"", lambda path: 1, Preferences()
    )
    choice = Choice(
        (photo(1, "one.jpg"),),
        tuple(
            photo(id, name) for id, name in enumerate(("link.jpg", "two.jpg", "second.jpg", "other.jpg"), 2)
        ),
    )
    page = SummaryPage()
    qtbot.addWidget(page)
    page.show_summary(Summary(cleaning.plan([choice]), {}, ()))
    same, both = "Das ist ein anderer Name derselben Datei wie", "Ein anderer Name derselben Datei soll auch"
    assert [line.detail for line in page.list.lines.lines if line.warns] == [
        f"{tmp_path}/link.jpg bleibt: {same} {tmp_path}/one.jpg, das behalten wird.",
        f"{tmp_path}/two.jpg bleibt: {both} entfernt werden.",
        f"{tmp_path}/second.jpg bleibt: {both} entfernt werden.",
    ]
