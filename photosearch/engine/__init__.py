"""Codes and a query → the nearest codes, exactly.

An additive code is a byte for each of M codebooks and stands for the sum of the codewords the bytes name.
The inner product of a query with that sum is a sum of M entries of a look-up table (asymmetric distance
computation: the query stays real-valued). Every code is looked at, so there is no approximate index between
a person and the answer.

Exact means: the score of a code is its table entries added in float32 in the order of the codebooks, m = 0
… M − 1, starting from the first entry; matches are ordered by score, highest first, and equal scores by
position, lowest first.

`reference` says in numpy what is right. A C++ kernel answers in its place where it was built, the same to
the bit; the environment variable PHOTOSEARCH_KERNEL names another of its paths, or `reference`.
"""

from photosearch.engine.arrangement import arranged
from photosearch.engine.choice import chosen_engine
from photosearch.engine.pairs import Pairs
from photosearch.engine.reference import (
    Cancellation,
    Codebooks,
    Matches,
    Stopped,
    lookup_tables,
    packed,
    pair_scores,
    reconstruct,
    unpacked,
)

_engine = chosen_engine()
describe = _engine.describe
nearest = _engine.nearest
nearest_each = _engine.nearest_each
nearest_binary = _engine.nearest_binary
pairs_above = _engine.pairs_above

__all__ = [
    "Cancellation",
    "Codebooks",
    "Matches",
    "Pairs",
    "Stopped",
    "arranged",
    "describe",
    "lookup_tables",
    "nearest",
    "nearest_binary",
    "nearest_each",
    "packed",
    "pair_scores",
    "pairs_above",
    "reconstruct",
    "unpacked",
]
