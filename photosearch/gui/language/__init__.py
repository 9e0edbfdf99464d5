"""The person's language: every sentence of the window is asked for here, in English.

`make translations` reads the English sentences out of the calls below, so each is written out in its call: a
literal, outside of an f-string, with {names} for what is put in. A translation is a file
`resources/translations/photosearch_LANGUAGE.ts`, which `make translations NEW=LANGUAGE` begins; that it is
there is all it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from photosearch.settings import resources

PREFIX = "photosearch_"


def tr(text: str, **values: object) -> str:
    """A text in the person's language, each {name} in it replaced by a value; whole numbers are grouped."""
    return _filled(QCoreApplication.translate("", text), values)


def trn(one: str, many: str, number: int, **values: object) -> str:
    """A text that depends on a number, which stands in it as {n}: “1 photo”, “2,400 photos”.

    English has two forms; a translation has as many as its language needs.
    """
    # The form of the plural goes along as a remark, so that whoever translates sees both.
    text = QCoreApplication.translate("", one, many, number)
    if text == one and number != 1:
        text = many
    return _filled(text, {"n": number, **values})


def locale() -> QLocale:
    """How numbers and dates are written in the person's language."""
    default = QLocale()
    return QLocale("en_US") if default.language() == QLocale.Language.C else default


def number(value: float, places: int = 0) -> str:
    """“2,400”, “99.9”."""
    return locale().toString(value, "f", places) if isinstance(value, float) else locale().toString(value)


def translations() -> Path:
    """Where the translation files are."""
    return resources() / "translations"


def languages(folder: Path) -> list[str]:
    """What the window can be shown in: “en”, “de”; each has a file in the folder, English needs none."""
    files = folder.glob(f"{PREFIX}*.qm")
    return sorted({"en", *(file.stem.removeprefix(PREFIX) for file in files)})


def name_of(language: str) -> str:
    """What a language calls itself."""
    own = QLocale(language).nativeLanguageName()
    return own[:1].upper() + own[1:]


def speak(application: QApplication, language: str, folder: Path) -> Callable[[], None]:
    """Show everything that is made from now on in a language; empty: that of the system.

    Args:
        folder: Where the translation files are.

    Returns:
        A function that goes back to what was spoken before.
    """
    before = QLocale(), application.layoutDirection()
    chosen = QLocale(language) if language else QLocale.system()
    QLocale.setDefault(chosen)
    own, of_qt = QTranslator(application), QTranslator(application)
    installed = []
    # Qt's own words (“Cancel”) first, so that ours are asked first.
    for translator, prefix, lies_in in (
        (of_qt, "qtbase_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        (own, PREFIX, str(folder)),
    ):
        if translator.load(chosen, prefix, "", lies_in) and application.installTranslator(translator):
            installed.append(translator)
    application.setLayoutDirection(chosen.textDirection())

    def back() -> None:
        for translator in installed:
            application.removeTranslator(translator)
        QLocale.setDefault(before[0])
        application.setLayoutDirection(before[1])

    return back


def _filled(text: str, values: dict[str, object]) -> str:
    if not values:
        return text
    return text.format(**{name: _written(value) for name, value in values.items()})


def _written(value: object) -> object:
    return locale().toString(value) if isinstance(value, int) and not isinstance(value, bool) else value
