"""Folder + what is known of it → what was added, changed, moved, and what is missing.

`walking` and `contents` read the disk, `comparing` nothing. Nothing here decides that a photo is deleted
lightly: a folder that could not be read says nothing of its photos, and a mass disappearance is judged to be
a drive that is not there.
"""

from photosearch.scan.comparing import Differences, differences, judge_missing, match_moves, vanished
from photosearch.scan.contents import ends_hash, is_unchanged, modified_ns_of, same_bytes, same_contents
from photosearch.scan.walking import HOLDING, Listing, is_left_out, walk

__all__ = [
    "HOLDING",
    "Differences",
    "Listing",
    "differences",
    "ends_hash",
    "is_left_out",
    "is_unchanged",
    "judge_missing",
    "match_moves",
    "modified_ns_of",
    "same_bytes",
    "same_contents",
    "vanished",
    "walk",
]
