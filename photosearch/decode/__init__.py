"""File → upright RGB, no larger than asked.

`picture` turns one file into pixels; `pool` does it in processes of its own, so that a file that crashes,
hangs or swells a decoder stops nothing. `formats` says which files are photos.
"""

from photosearch.decode.formats import is_photo
from photosearch.decode.picture import crop, decode, open_upright, square, thumbnail
from photosearch.decode.pool import DecodePool

__all__ = ["DecodePool", "crop", "decode", "is_photo", "open_upright", "square", "thumbnail"]
