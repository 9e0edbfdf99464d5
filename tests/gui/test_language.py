"""The person's language: English as it stands in the code, others from a file each."""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

import photosearch.gui
from photosearch.gui.language import PREFIX, languages, number, speak, tr, trn
from photosearch.settings import resources

SOURCES = sorted(Path(photosearch.gui.__file__).parent.rglob("*.py"))
TRANSLATIONS = sorted((resources() / "translations").glob("*.ts"))


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
