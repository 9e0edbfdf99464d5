"""What is kept on disk: the catalogue, the compact code file and the thumbnails. Only this room knows SQL.

A `catalogue` is a `database` file with the tables of `schema`. What is written into it and asked of it is in
its parts, by who does so:

- `roots`, with `forgetting`: a person, of the folders that are watched;
- `files`: whoever looks at the folders, of what is new, changed, moved or missing there;
- `codes`: whoever encodes, and whoever keeps the codes in memory;
- `failures`: both, of what could not be read;
- `photos`, with `filters`: lists and searches;
- `comparisons`: whoever finds and clears up duplicates.

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

from photosearch.store.catalogue import Catalogue
from photosearch.store.code_file import (
    CodeFile,
    Written,
    append_to_code_file,
    erase_code_file,
    open_code_file,
    read_code_file,
    write_code_file,
)
from photosearch.store.codes import EncodedPhoto, UnreadablePhoto
from photosearch.store.comparisons import Comparisons
from photosearch.store.database import locked
from photosearch.store.filters import inside
from photosearch.store.photos import Counts
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
    "erase_code_file",
    "inside",
    "locked",
    "open_code_file",
    "read_code_file",
    "salvage",
    "write_code_file",
]
