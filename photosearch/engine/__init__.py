"""Codes and a query → the nearest codes, exactly.

An additive code is a byte for each of M codebooks and stands for the sum of the codewords the bytes name.
The inner product of a query with that sum is a sum of M entries of a look-up table (asymmetric distance
computation: the query stays real-valued). Every code is looked at, so no approximate index stands between a
person and the answer.

Exact means: the score of a code is its table entries added in float32 in the order of the codebooks, m = 0
… M − 1; matches are ordered by score, highest first, and equal scores by position, lowest first.
"""

from photosearch.engine.reference import (
    Matches,
    describe,
    lookup_tables,
    nearest,
    nearest_binary,
    pair_scores,
    reconstruct,
)

__all__ = [
    "Matches",
    "describe",
    "lookup_tables",
    "nearest",
    "nearest_binary",
    "pair_scores",
    "reconstruct",
]
