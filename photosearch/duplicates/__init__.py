"""Which photos are of the same shot, and which of them is worth keeping. No disk, no SQL, no window.

looks         45 bytes a photo: candidates, whichever way up, among a million
alignment     where one picture lies in another
confirmation  whether two thumbnails are of the same shot, or of two moments
recognition   which of many thumbnails show what one picture shows, or a part of it
grouping      pairs → groups round a keeper, and why it is the one
"""

from photosearch.duplicates.confirmation import REVISION, Picture, Verdict, compare, is_same_shot, verdicts
from photosearch.duplicates.grouping import (
    RULES,
    Preferences,
    groups_of,
    is_raw,
    keep_first,
    may_be_chains,
    to_be_compared,
)
from photosearch.duplicates.looks import are_grey, looks_of, may_be_parts, may_show, squashed, turned_copies
from photosearch.duplicates.recognition import LOOKED_AT, recognised

__all__ = [
    "LOOKED_AT",
    "REVISION",
    "RULES",
    "Picture",
    "Preferences",
    "Verdict",
    "are_grey",
    "compare",
    "groups_of",
    "is_raw",
    "is_same_shot",
    "keep_first",
    "looks_of",
    "may_be_chains",
    "may_be_parts",
    "may_show",
    "recognised",
    "squashed",
    "to_be_compared",
    "turned_copies",
    "verdicts",
]
