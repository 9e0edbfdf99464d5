"""What is kept on disk: the catalogue, the compact code file and the thumbnails. Only this room knows SQL.

The crash rule: **the catalogue is the truth, and it changes by whole transactions.** A program that is
killed, a full disk or a pulled drive loses at most the transaction in flight, and the next start finds the
one before it. The code file and the thumbnails can be made again: they carry what tells whether they still
fit, and are thrown away when they do not.

Why SQLite's write-ahead log with `synchronous = NORMAL` is enough for that: a commit appends checksummed
pages to the log, which the operating system holds even if the program is killed. The log is flushed before
any of it is copied into the database file, so a power failure can cost the last commits, but leaves the
state after an earlier one. What those commits said is found again: by the next scan of the folders, and by
encoding what has no code.
"""

from photosearch.store.catalogue import Catalogue, Counts, EncodedPhoto, UnreadablePhoto, inside, locked
from photosearch.store.code_file import (
    CodeFile,
    Written,
    append_to_code_file,
    open_code_file,
    read_code_file,
    write_code_file,
)
from photosearch.store.comparisons import Comparisons
from photosearch.store.salvage import Salvaged, salvage
from photosearch.store.thumbnails import Thumbnails
from photosearch.store.witness import Witness

__all__ = [
    "Catalogue",
    "CodeFile",
    "Comparisons",
    "Counts",
    "EncodedPhoto",
    "Salvaged",
    "Thumbnails",
    "UnreadablePhoto",
    "Witness",
    "Written",
    "append_to_code_file",
    "inside",
    "locked",
    "open_code_file",
    "read_code_file",
    "salvage",
    "write_code_file",
]
