"""What the library says went wrong, in the person's language.

The rooms below know no Qt and no language but English: an error, or the reason why a file could not be read,
is an English sentence, and in the catalogue it stays one. Here each is known by its form, as translators know
it, and said again in the person's language with what was put in. One that is not known is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QCoreApplication

from photosearch.gui.language import words


def told(said: object) -> str:
    """A sentence of the library, or an error that carries one, in the person's language."""
    sentence = str(said)
    for form, english in _forms():
        found = form.fullmatch(sentence)
        if found:
            # What was put in may be a sentence itself, or why the system refused.
            put_in = {name: told(value) for name, value in found.groupdict().items()}
            return QCoreApplication.translate("", english).format(**put_in)
    return words.readable(sentence)


@cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    """What to recognise each sentence by; one with more words of its own comes before one with fewer."""
    groups = (_of_photos, _of_folders, _of_the_library, _of_models, _of_the_trash, _of_archives)
    every = [english for group in groups for english in group(str)]
    return [(_form(english), english) for english in sorted(every, key=_own_letters, reverse=True)]


def _own_letters(english: str) -> int:
    return len(re.sub(r"{\w+}", "", english))


def _form(english: str) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", english)
    # Every second part names what is put in there.
    written = [f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(written), re.DOTALL)


# Each is given `tr`, as what collects sentences for translators looks for calls of that name; with `str` they
# answer in English.
Say = Callable[[str], str]


def _of_photos(tr: Say) -> list[str]:
    return [
        tr("The file is empty."),
        tr("The file is no longer there."),
        tr("The file is not a picture, although its name says so."),
        tr("The file may not be read (permission denied)."),
        tr("The file cannot be read ({reason})."),
        tr("The file is damaged, or of a camera that is not known."),
        tr("This is a folder, not a photo."),
        tr("This is not a file (it is a pipe, a socket or a device)."),
        tr("This is not a picture."),
        tr("The picture is cut short (truncated)."),
        tr("The picture is damaged."),
        tr("The picture is damaged, or of a kind that cannot be read."),
        tr("The picture has more than {count} megapixels, the most that is decoded."),
        tr("The picture needs more memory than decoding may take."),
        tr("{kind} pictures are read by {library}, which is not installed."),
        tr("The decoder crashed on this file."),
        tr("Decoding took longer than {seconds} seconds."),
        tr("Decoding was ended."),
        tr("The process that decodes photos could not be started."),
        tr("The drive failed or went away ({reason})."),
        tr("The drive did not answer in time."),
        tr("These two have different shapes, so one cannot be laid over the other."),
        tr("These examples cancel each other out: leave one out."),
        tr("This is no longer wanted."),
        tr("Its name is not valid UTF-8; rename it to have it indexed."),
        tr("This folder may not be read (permission denied)."),
        tr("This folder cannot be read ({reason})."),
        tr("This file may not be read (permission denied)."),
        tr("This file cannot be read ({reason})."),
        tr("This link may not be read (permission denied)."),
        tr("This link cannot be read ({reason})."),
        tr("This link leads to itself."),
        tr("This link leads nowhere."),
        tr("This link leads back to a folder above it."),
        tr("This link lies in a folder that is itself reached by a link, so it is not followed."),
    ]


def _of_folders(tr: Say) -> list[str]:
    return [
        tr("The folder {folder} is not watched."),
        tr("The folder {folder} is watched already."),
        tr("The folder {folder} is not in the library."),
        tr("The folder {folder} lies in no watched folder."),
        tr("{folder} cannot be left out: its name has a line break."),
        tr("The folder {folder} does not exist."),
        tr("The folder {folder} cannot be read: {reason}."),
        tr("The folder {folder} may not be read (permission denied)."),
        tr("The folder {folder} cannot be read ({reason})."),
        tr("The folder {folder} leads to itself."),
        tr("The name of the folder {folder} is not valid Unicode."),
        tr("{folder} is not a folder."),
        tr(
            "The drive of {folder} is not there, so nobody can say which of its photos were deleted: plug it "
            "in, or remove the folder from the library."
        ),
    ]


def _of_the_library(tr: Say) -> list[str]:
    return [
        tr("Another PhotoSearch is updating the library in {folder}."),
        tr("Another program has been writing to the library in {folder} for too long."),
        tr("PhotoSearch itself made a mistake; its log says which."),
        tr("The library in {folder} may not be written: {reason}."),
        tr("The library cannot be kept in {folder}: {reason}."),
        tr("The library was closed."),
        tr("This user has no home folder, and HOME names none: name a folder of its own with --home."),
        tr(
            "The library cannot be kept safely on a network drive, and {folder} lies on one: name a folder "
            "of this computer with --home."
        ),
        tr(
            "The last update of the library in {folder} was cut off, and its catalogue is damaged: "
            "“photosearch verify --repair” saves what can be saved."
        ),
        tr("The catalogue {file} is damaged: “photosearch verify --repair” saves what can be saved."),
        tr("The catalogue {file} lies on a drive where it cannot be kept safely."),
        tr("The catalogue {file} was written by a newer version of PhotoSearch."),
        tr("The disk is full: the catalogue {file} cannot grow."),
        tr("The catalogue {file} may not be written."),
        tr("The catalogue {file} cannot be opened or written."),
        tr("The disk failed while the catalogue {file} was read or written."),
        tr("{file} is not a PhotoSearch catalogue."),
        tr("{file} is not a PhotoSearch catalogue, or it is damaged."),
        tr("{file} cannot be written: {reason}."),
        tr("PhotoSearch needs SQLite {version} or newer; this Python has {found}."),
        tr("The settings in {file} cannot be read: {reason}."),
        tr("The settings in {file} cannot be written: {reason}."),
        tr("The settings in {file} are not a JSON object."),
        tr("“workers” and “thumbnail_megabytes” in {file} cannot be negative."),
        tr("“appearance” in {file} must be “system”, “light”, “dark” or “contrast”."),
        tr("“effort” in {file} must be “gentle”, “automatic” or “full”."),
        tr("“{name}” in {file} must be {kind}, not {value}."),
        tr("These are no decisions that PhotoSearch exported: {reason}."),
        # What is put into one of the above.
        tr("a whole number"),
        tr("text"),
        tr("true or false"),
        # Why a system refuses, as most of them word it.
        tr("Permission denied"),
        tr("Operation not permitted"),
        tr("No such file or directory"),
        tr("File not found"),
        tr("No space left on device"),
        tr("Read-only file system"),
        tr("Input/output error"),
    ]


def _of_models(tr: Say) -> list[str]:
    return [
        tr("The model that comes with PhotoSearch is missing: the program must be installed again."),
        tr("There is no model file {file}."),
        tr("The model file {file} is empty."),
        tr("The model file {file} cannot be read: {reason}."),
        tr("{file} is not a model file."),
        tr("{file} is not a model file, or it is damaged."),
        tr("{file} is a safetensors file, but no model of PhotoSearch."),
        tr("{file} is a model of version {found}; this program knows version {known}."),
        tr("{file} describes a model that this program does not know."),
        tr("The description in the model file {file} is incomplete or damaged."),
        tr("The model file {file} is incomplete: {name} is missing."),
        tr("The model file {file} is damaged: {name} has the wrong shape or type."),
        tr("The model file {file} is damaged: {name} holds values that are no numbers."),
        tr("The model file {file} is damaged: its contents do not match its identity."),
        tr("The model file {file} holds tensors that do not belong to it."),
        tr("The model file {file} was replaced; start PhotoSearch again to use the new one."),
        tr("The process that encodes photos ended unexpectedly."),
        tr("The process that encodes photos could not be started: {reason}."),
        tr("Encoding failed: {reason}."),
        tr("Encoding was ended."),
        tr("Encoding on “{device}” needs torch, which is not installed here; “auto” does without."),
        tr("There is no device “{device}” here that could encode photos; “auto” finds one."),
    ]


def _of_the_trash(tr: Say) -> list[str]:
    return [
        tr("{file} has changed since it was compared, or is not there."),
        tr("{file}, which was to be kept, has changed or is not there."),
        tr("{file} is not the same shot."),
        tr("{file} is the same file under another name."),
        tr("{one} or {other} cannot be read: {reason}"),
        tr("{file} is still there."),
        tr("{file} could not be moved: {reason}."),
        tr("{file} lies on a drive that is not there: nothing was done with it."),
        tr("{file} stays: it is another name of the same file as {other}, which is kept."),
        tr("{file} stays: another name of the same file is to be removed, too."),
        tr("{file} stays: only the first of its pages or frames was compared."),
        tr("{file} is no longer in the trash."),
        tr("{file} lies in a reference folder, which is never touched."),
        tr("{folder} cannot be kept as a reference: its name has a line break."),
        tr("{file} is to be both kept and removed."),
        tr("{file} is to be removed twice."),
        tr("Nothing would be kept of {file}."),
        tr("The volume of {file} has no trash."),
        tr("The volume of {file} has no trash: {reason}."),
        tr("Only the trash of this computer knows where {file} lies: put it back there."),
        tr("Only the trash of this computer knows where it lies: put it back from there."),
        tr("It cannot be put back: {reason}."),
        tr("It was cut off, and did not happen."),
        tr("{reason}: it is in the trash."),
        tr("{reason}; it was put back."),
        # What is put into the two above.
        tr("{file} changed or went away at the same moment"),
        tr("{file} was changed at the same moment"),
    ]


def _of_archives(tr: Say) -> list[str]:
    return [
        tr("This needs Ray: pip install 'photosearch[cluster]' brings it."),
        tr(
            "This program was built without Ray, which clusters need, and nothing can be added to it: "
            "install PhotoSearch from its source archive instead, in a Python environment, by "
            "pip install '.[cluster]'."
        ),
        tr("“{address}” is not HOST:PORT of a Ray cluster's head, such as 10.0.0.5:6379."),
        tr("Nothing answers at {address}, where a Ray cluster should be: {reason}."),
        tr("There is no Ray cluster at {address} to work with: {reason}."),
        tr("Nothing is served by this cluster: start “photosearch cluster serve --store ADDRESS”."),
        tr("The program that answers in the cluster died or is silent: try again."),
        tr("The cluster at {address} did not answer within {seconds} seconds."),
        tr("The cluster cannot be asked: {reason}."),
        tr("The connection to the cluster at {address} was lost."),
        tr("The process that talks to clusters could not be started: {reason}."),
        tr("The archive was closed."),
        tr("{count} searches are under way already, the most that may wait: try again."),
        tr(
            "What is served was encoded by model {other}, not by {model}: name its file with --model; the "
            "store at {store} has one."
        ),
        tr("The file cannot be had ({reason})."),
        # Why a part of an archive does not answer.
        tr("No machine that holds it answered within {seconds} seconds."),
        tr("What is known of its photos cannot be read."),
        tr("{file} is missing from the store at {store}."),
        tr("{file} of the store at {store} cannot be read: {reason}."),
        tr("The shard {name} of the store at {store} holds codes of model {other}, not of {model}."),
        tr("The shard {name} of the store at {store} is damaged: its codes are not those that were written."),
        tr(
            "The shard {name} of the store at {store} is damaged: its table of {part} is not the one that "
            "was written."
        ),
        # Why nobody answers, as most systems word it.
        tr("Connection refused"),
        tr("No route to host"),
        tr("Name or service not known"),
        tr("timed out"),
    ]
