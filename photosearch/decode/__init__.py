"""File → upright RGB, no larger than asked.

`picture` turns one file into pixels; `pool` does it in processes of its own (`worker`), so that a file that
crashes, hangs or swells a decoder stops nothing. `difference` lays two pictures on each other. `formats` says
which files are photos.
"""

from photosearch.decode.difference import difference
from photosearch.decode.formats import is_photo
from photosearch.decode.picture import crop, decode, open_upright, pages, particulars, square, thumbnail, view
from photosearch.decode.pool import DecodePool
from photosearch.decode.worker import Worker

__all__ = [
    "DecodePool",
    "Worker",
    "crop",
    "decode",
    "difference",
    "is_photo",
    "open_upright",
    "pages",
    "particulars",
    "square",
    "thumbnail",
    "view",
]
