"""The person's language: English as it stands in the code, others from a file each."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from PySide6.QtCore import QDate, QObject, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialogButtonBox, QLabel, QLineEdit, QMenu, QTabBar

import photosearch.gui
from photosearch.gui.actions.commands import KeySheet, commands
from photosearch.gui.language import PREFIX, languages, number, speak, tr, translations, trn, words
from photosearch.gui.preferences import Preferences
from photosearch.records import Example
from tests.gui.conftest import PATIENCE, NeverInGui, found, names

SOURCES = sorted(Path(photosearch.gui.__file__).parent.rglob("*.py"))
TRANSLATIONS = sorted(translations().glob("*.ts"))


def calls(source: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every sentence that a file asks for: its line, and the literals of `tr` (one) or `trn` (two)."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "trn"):
            literals = node.args[: 1 if node.func.id == "tr" else 2]
            assert all(isinstance(one, ast.Constant) for one in literals), f"{source}:{node.lineno}"
            yield node.lineno, tuple(one.value for one in literals)


def sentences(file: Path) -> dict[tuple[str, ...], list[str]]:
    """What a translation file says to each sentence; an empty text where it says nothing yet."""
    found = {}
    for message in ET.parse(file).getroot().iter("message"):
        comment, said = message.find("comment"), message.find("translation")
        key = (message.findtext("source"), *([] if comment is None else [comment.text]))
        forms = [form.text or "" for form in said.iter("numerusform")] or [said.text or ""]
        found[key] = [""] if said.get("type") == "unfinished" else forms
    return found


def test_english_needs_no_translation(qapp):
    assert tr("{count} of {whole}", count=2400, whole="all") == "2,400 of all"
    assert [trn("{n} photo", "{n} photos", n) for n in (0, 1, 2400)] == [
        "0 photos",
        "1 photo",
        "2,400 photos",
    ]
    assert number(99.94, 1) == "99.9"


def test_a_language_is_added_by_its_file_alone(qapp, tmp_path):
    file = tmp_path / f"{PREFIX}pl.ts"
    file.write_text(
        """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS version="2.1" language="pl_PL"><context>
        <name></name><message numerus="yes"><source>{n} photo</source><comment>{n} photos</comment>
        <translation><numerusform>{n} zdjęcie</numerusform><numerusform>{n} zdjęcia</numerusform>
        <numerusform>{n} zdjęć</numerusform></translation></message></context></TS>""",
        encoding="utf-8",
    )
    release(file)
    assert languages(tmp_path) == ["en", "pl"]
    back = speak(qapp, "pl", tmp_path)
    try:
        said = [trn("{n} photo", "{n} photos", n) for n in (1, 2, 5)]
    finally:
        back()
    assert said == ["1 zdjęcie", "2 zdjęcia", "5 zdjęć"]
    assert trn("{n} photo", "{n} photos", 5) == "5 photos"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_a_file_for_translators_is_begun_by_make(tmp_path):
    repository = Path(photosearch.gui.__file__).parents[2]
    shows = ["make", "-n", "--no-print-directory", "-o", ".venv/.ready", "translations", "NEW=nl"]
    collects = subprocess.run(shows, cwd=repository, capture_output=True, text=True, check=True).stdout
    words = collects.split(".venv/bin/pyside6-lrelease")[0].replace("\\\n", " ").split()
    assert words[-2:] == [f"resources/translations/{PREFIX}{language}.ts" for language in ("de", "nl")]
    # What it does, but into a file that is not the program's.
    options, file = words[1 : words.index("$(find")], tmp_path / f"{PREFIX}nl.ts"
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    subprocess.run([tool, *options, *SOURCES, "-ts", file], cwd=repository, check=True)
    assert set(sentences(file)) == {literals for source in SOURCES for _, literals in calls(source)}


def release(file: Path) -> None:
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([tool, "-silent", file], check=True)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_sentence_is_written_out_where_the_tool_that_collects_them_finds_it(source):
    text = source.read_text(encoding="utf-8")
    inside = [
        call.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("tr", "trn")
    ]
    assert not inside, f"{source.name}: in an f-string it is not found, line {inside}"
    assert all(literals for _, literals in calls(source))


@pytest.mark.parametrize("file", TRANSLATIONS, ids=lambda file: file.stem)
def test_every_sentence_is_translated_and_keeps_what_is_put_in(file):
    said = sentences(file)
    asked = {literals for source in SOURCES for _, literals in calls(source)}
    assert not [sentence for sentence in asked if not all(said.get(sentence, [""]))], "run: make translations"
    for sentence, forms in said.items():
        assert sentence in asked, "nobody asks for it any more; run: make translations"
        for form in forms:
            # Of a plural, one form may say “this” where another says how many.
            assert any(placeholders(form) == placeholders(source) for source in sentence), sentence


@pytest.mark.parametrize("file", TRANSLATIONS, ids=lambda file: file.stem)
def test_what_the_window_loads_is_what_was_translated(file, tmp_path):
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    release(copy)
    assert copy.with_suffix(".qm").read_bytes() == file.with_suffix(".qm").read_bytes()


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_german_is_spoken_with_its_numbers_and_dates(qapp):
    back = speak(qapp, "de", translations())
    try:
        assert trn("{n} photo", "{n} photos", 2400) == "2.400 Fotos"
        assert words.day(QDate(2019, 5, 3)) == "3. Mai 2019"
        assert words.took(2610) == "2,6 s"
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        assert box.buttons()[0].text() == "Abbrechen"
    finally:
        back()


def marked(folder: Path) -> QTranslator:
    """Says every sentence between brackets, so that what does not pass through it stands out.

    From a file: Qt's plug-ins, which translate too, hold a lock while they read a picture, so a translator in
    Python waits for ever for a thread that reads another.
    """
    tree = ET.parse(TRANSLATIONS[0])
    for message in tree.iter("message"):
        translation = message.find("translation")
        for form in translation.findall("numerusform") or [translation]:
            form.text = f"⟦{message.findtext('source')}⟧"
    file = folder / "marked.ts"
    tree.write(file, encoding="utf-8")
    release(file)
    translator = QTranslator()
    assert translator.load(str(file.with_suffix(".qm")))
    return translator


def test_nothing_in_the_window_is_said_past_the_translations(
    qapp, open_window, drawn, indexed, qtbot, tmp_path
):
    translator = marked(tmp_path)
    qapp.installTranslator(translator)
    try:
        window = open_window(opener=lambda: NeverInGui(indexed, stays_open=True))
        qtbot.waitUntil(lambda: len(names(window)) == 18, timeout=PATIENCE)
        window.search([Example(drawn / "sea 1.jpg")])
        qtbot.waitUntil(lambda: bool(found(window)), timeout=PATIENCE)
        window.preferences.trigger()
        qtbot.waitUntil(lambda: bool(window.findChildren(Preferences)), timeout=PATIENCE)
        KeySheet(list(commands(window.menuBar())), window).show()
        said = {text for thing in window.findChildren(QObject) for text in texts(thing)}
    finally:
        qapp.removeTranslator(translator)
    own = {"photosearch", "ctrl", "shift", "alt", "jpg", "json", "deep", "spherical", "quantization", "esc"}
    own |= {"english", "american", "deutsch", *(place.casefold() for place in str(drawn).split("/"))}
    own |= {word.casefold() for path in drawn.iterdir() for word in path.stem.split()}
    own |= {*window.session.known.status.model.identity.split(), "tmp", "home", "cache", "pytest", "space"}
    own |= {"apple"}
    # Qt's own words, which it brings in other languages itself.
    own |= {"return", "del", "left", "right", "pgup", "pgdown", "ins", "backspace", "close", "scroll"}
    for text in said:
        rest = text
        for _ in range(4):
            # From the innermost on.
            rest = re.sub(r"⟦[^⟦⟧]*⟧", " ", rest)
        rest = re.sub(r"/\S*", " ", rest)
        strange = {word for word in re.findall(r"[^\W\d_]{3,}", rest) if word.casefold() not in own}
        assert not strange, text


def texts(thing: QObject) -> list[str]:
    """What a person reads, or hears, of a widget or an action."""
    asked = ("toolTip", "accessibleName", "accessibleDescription", "placeholderText")
    found = [getattr(thing, name)() for name in asked if callable(getattr(thing, name, None))]
    if isinstance(thing, QAbstractButton | QAction | QLabel | QLineEdit):
        found.append(thing.text())
    if isinstance(thing, QMenu):
        found.append(thing.title())
    if isinstance(thing, QComboBox):
        found += [thing.itemText(row) for row in range(thing.count())]
    if isinstance(thing, QTabBar):
        found += [thing.tabText(tab) for tab in range(thing.count())]
    if thing.objectName().startswith("qt_") or (isinstance(thing, QAction) and thing.isSeparator()):
        return []
    return [text for text in found if text and "<html" not in text]
