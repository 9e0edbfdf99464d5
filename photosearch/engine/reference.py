"""The distance engine in numpy: the plain definition that every faster engine must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.blocks import BLOCK, Bounds, CodeBlocks
from photosearch.errors import ModelMismatch

WORD = 64
"""Positions whose bits are packed into a word."""

STEP = 32
"""Blocks scored at a time: their scores and the indices numpy makes of them stay in the processor's cache."""

PAIRS = 4096
"""Pairs reconstructed at a time."""

NOT_FINITE = "codebooks, queries and weights must be finite"

ONE = np.ones(1, np.float32)
"""The weight of a query that is alone."""


class Stopped(Exception):
    """Whoever asked does not want the answer any more."""


class Cancellation:
    """Given to searches, ends them when any thread says so: they raise `Stopped` within milliseconds.

    Attributes:
        cancelled: Whether it was said: bool, shape (1,). The kernel reads it while it searches.
    """

    def __init__(self) -> None:
        self.cancelled = np.zeros(1, np.bool_)

    def cancel(self) -> None:
        """End the searches that have this, and those that are given it from now on."""
        self.cancelled[0] = True


@dataclass(frozen=True, slots=True)
class Matches:
    """The codes nearest to a query, highest score first, equal scores by position.

    Attributes:
        positions: Into the codes searched: int64, shape (n,).
        scores: float32, shape (n,).
    """

    positions: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Codebooks:
    """Codebooks laid out so that look-up tables are made fast: only what is not zero, dimension by dimension.

    Attributes:
        values: Shape (M, n, 256), for n of the D dimensions of each codebook: float16 where that holds every
            value exactly, as it does those of a model, else float32.
        dimensions: Those in which a codebook is not zero, ascending: int32, shape (M, n).
        length: D.
    """

    values: NDArray[np.float16] | NDArray[np.float32]
    dimensions: NDArray[np.int32]
    length: int

    @classmethod
    def of(cls, codebooks: NDArray[np.float32]) -> Codebooks:
        """The same codebooks, float32, shape (M, 256, D).

        Raises:
            ValueError: They have another shape or type or are not finite.
        """
        _check_codebooks(codebooks)
        used = codebooks.any(1)
        count = int(used.sum(1).max(initial=0))
        # The used ones first; a codebook that has fewer is filled up with zeros of its own.
        dimensions = np.sort(np.argsort(~used, axis=1, kind="stable")[:, :count], axis=1)
        values = np.take_along_axis(codebooks, dimensions[:, None], 2)
        values = np.ascontiguousarray(values.transpose(0, 2, 1))
        with np.errstate(over="ignore", under="ignore"):
            halves = values.astype(np.float16)
        exact = bool((halves == values).all())
        return cls(halves if exact else values, dimensions.astype(np.int32), codebooks.shape[2])


def packed(chosen: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Some of N positions, a bit each: uint64, shape (ceil(N / 64),); i is bit i % 64 of word i // 64.

    Args:
        chosen: Whether each position is one of them, shape (N,).
    """
    octets = np.zeros(-(-len(chosen) // WORD) * 8, np.uint8)
    octets[: -(-len(chosen) // 8)] = np.packbits(chosen, bitorder="little")
    return octets.view("<u8").astype(np.uint64, copy=False)


def unpacked(bits: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    """Whether each of `count` positions is one of those that were `packed`, shape (count,)."""
    octets = bits.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, count=count, bitorder="little").view(np.bool_)


def nearest(
    codes: CodeBlocks,
    codebooks: Codebooks | NDArray[np.float32],
    queries: NDArray[np.float32],
    weights: NDArray[np.float32],
    count: int,
    allowed: NDArray[np.uint64] | None = None,
    floor: float | None = None,
    bounds: Bounds | None = None,
    cancellation: Cancellation | None = None,
) -> Matches:
    """Find the additive codes nearest to the weighted sum of some query vectors.

    Args:
        codes: N codes of M bytes.
        codebooks: float32, shape (M, 256, D), or what is made of them once and searched with often.
        queries: Query vectors, float32, shape (n, D). Inner products are linear, so several cost no more than
            one.
        weights: One weight a query, float32, shape (n,); negative: less like this.
        count: At most so many matches; fewer if fewer codes may answer.
        allowed: Which codes may answer, `packed`: uint64, shape (ceil(N / 64),); None: all.
        floor: Only scores of at least this, compared in float32; None: all.
        bounds: Of these codes, if they were `arranged`: what makes the kernel fast, and is of no use here.
        cancellation: What may end the search.

    Raises:
        Stopped: It was cancelled.
        ModelMismatch: Codes, codebooks and queries are not of one model.
        ValueError: An array has the wrong shape or type or is not finite, or `count` is negative.
    """
    tables = additive_tables(codes, codebooks, queries, weights)
    check_selection(codes, count, allowed)
    return _best(_additive_scores(codes, tables), codes.count, count, allowed, floor, cancellation)


def nearest_each(
    codes: CodeBlocks,
    codebooks: Codebooks | NDArray[np.float32],
    queries: NDArray[np.float32],
    count: int,
    allowed: NDArray[np.uint64] | None = None,
    floor: float | None = None,
    bounds: Bounds | None = None,
    cancellation: Cancellation | None = None,
) -> list[Matches]:
    """Find the additive codes nearest to each of some query vectors: the answers of `nearest`, one a query.

    Args:
        queries: float32, shape (n, D).
        codes, codebooks, count, allowed, floor, bounds, cancellation: As for `nearest`.

    Raises:
        Stopped: It was cancelled.
        ModelMismatch: Codes, codebooks and queries are not of one model.
        ValueError: An array has the wrong shape or type or is not finite, or `count` is negative.
    """
    check_queries(queries)
    check_selection(codes, count, allowed)
    return [
        nearest(codes, codebooks, query[None], ONE, count, allowed, floor, cancellation=cancellation)
        for query in queries
    ]


def nearest_binary(
    codes: CodeBlocks,
    query: NDArray[np.uint8],
    count: int,
    allowed: NDArray[np.uint64] | None = None,
    cancellation: Cancellation | None = None,
) -> Matches:
    """Find the binary codes with the fewest bits other than a query's.

    A score is 1 − Hamming distance / bits: 1 for equal codes, 0 for opposite ones.

    Args:
        codes: N codes of `bits` / 8 bytes.
        query: A code, uint8, shape (bits / 8,).
        count: At most so many matches; fewer if fewer codes may answer.
        allowed: Which codes may answer, `packed`: uint64, shape (ceil(N / 64),); None: all.
        cancellation: What may end the search.

    Raises:
        Stopped: It was cancelled.
        ModelMismatch: The query is of another length than the codes.
        ValueError: An array has the wrong shape or type, or `count` is negative.
    """
    check_binary_query(codes, query)
    check_selection(codes, count, allowed)
    return _best(_binary_scores(codes, query), codes.count, count, allowed, None, cancellation)


def lookup_tables(
    codebooks: Codebooks | NDArray[np.float32], queries: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The tables whose entries add up to scores: T[m, k] = ⟨Σᵢ wᵢ qᵢ, c_mk⟩, float32, shape (M, 256).

    Products are rounded and added one by one in float32, in the order of the dimensions.

    Raises:
        ModelMismatch: The queries are not as long as the codewords.
        ValueError: An array has the wrong shape or type, or is not finite.
    """
    codebooks, query = check_query(codebooks, queries, weights)
    tables = np.zeros((codebooks.values.shape[0], 256), np.float32)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for which in range(codebooks.dimensions.shape[1]):
            factors = query[codebooks.dimensions[:, which], None]
            tables += factors * codebooks.values[:, which].astype(np.float32)
    if not (np.isfinite(tables).all() and np.isfinite(query).all()):
        raise ValueError(NOT_FINITE)
    return tables


def check_query(
    codebooks: Codebooks | NDArray[np.float32], queries: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[Codebooks, NDArray[np.float32]]:
    """The codebooks laid out, and the sum of weighted queries, shape (D,), which may not be finite.

    Refuses what else `nearest` refuses.
    """
    if isinstance(codebooks, np.ndarray):
        codebooks = Codebooks.of(codebooks)
    check_queries(queries)
    _require("weights", weights, np.float32, 1)
    if len(weights) != len(queries):
        raise ValueError(f"{len(queries)} queries need as many weights, not {len(weights)}")
    if queries.shape[1] != codebooks.length:
        raise ModelMismatch(
            f"A query of {queries.shape[1]} dimensions cannot be compared with codes of {codebooks.length}."
        )
    return codebooks, weights @ queries


def reconstruct(rows: NDArray[np.uint8], codebooks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors that additive codes stand for, float32, shape (n, D).

    Args:
        rows: Codes, uint8, shape (n, M).
        codebooks: float32, shape (M, 256, D).

    Raises:
        ModelMismatch: The codes are not M bytes long.
        ValueError: An array has the wrong shape or type.
    """
    _require("rows", rows, np.uint8, 2)
    _require("codebooks", codebooks, np.float32, 3)
    if rows.shape[1] != len(codebooks):
        raise ModelMismatch(
            f"A code of {rows.shape[1]} bytes cannot be read with {len(codebooks)} codebooks."
        )
    vectors = np.zeros((len(rows), codebooks.shape[2]), np.float32)
    for codebook, column in zip(codebooks, rows.T, strict=True):
        vectors += codebook[column]
    return vectors


def pair_scores(
    codes: CodeBlocks,
    codebooks: NDArray[np.float32],
    first: NDArray[np.integer],
    second: NDArray[np.integer],
) -> NDArray[np.float32]:
    """Inner products of the vectors that pairs of codes stand for, float32, shape (n,).

    Args:
        codes: N codes of M bytes.
        codebooks: float32, shape (M, 256, D).
        first, second: Positions of the pairs' codes, shape (n,).

    Raises:
        ModelMismatch: The codes are not M bytes long.
    """
    scores = np.empty(len(first), np.float32)
    for start in range(0, len(first), PAIRS):
        part = slice(start, start + PAIRS)
        one = reconstruct(codes.rows(first[part]), codebooks)
        other = reconstruct(codes.rows(second[part]), codebooks)
        np.einsum("nd,nd->n", one, other, out=scores[part])
    return scores


def additive_tables(
    codes: CodeBlocks,
    codebooks: Codebooks | NDArray[np.float32],
    queries: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The look-up tables of a query for these codes, with the errors of `nearest`."""
    tables = lookup_tables(codebooks, queries, weights)
    check_width(codes, len(tables))
    return tables


def check_width(codes: CodeBlocks, codebooks: int) -> None:
    """Refuse codes that are not of so many bytes, with the errors of `nearest`."""
    if codebooks != codes.blocks.shape[1]:
        raise ModelMismatch(
            f"A code of {codes.blocks.shape[1]} bytes cannot be read with {codebooks} codebooks."
        )


def check_queries(queries: NDArray[np.float32]) -> None:
    """Refuse what is not query vectors, with the errors of `nearest`."""
    _require("queries", queries, np.float32, 2)


def check_binary_query(codes: CodeBlocks, query: NDArray[np.uint8]) -> None:
    """Refuse a query that cannot be compared with these binary codes, with the errors of `nearest_binary`."""
    _require("query", query, np.uint8, 1)
    if len(query) != codes.blocks.shape[1]:
        raise ModelMismatch(
            f"A query of {len(query)} bytes cannot be compared with codes of {codes.blocks.shape[1]}."
        )


def check_codes(codes: CodeBlocks) -> None:
    """Refuse what is not blocks of so many codes, with the errors of `nearest`."""
    _require("codes", codes.blocks, np.uint8, 3)
    blocks, _, width = codes.blocks.shape
    if width != BLOCK or blocks != -(-codes.count // BLOCK) or not codes.blocks.flags.c_contiguous:
        raise ValueError(
            f"{codes.count} codes cannot lie in blocks of shape {codes.blocks.shape}, or not so scattered"
        )


def check_additive_codes(codes: CodeBlocks, codebooks: NDArray[np.float32]) -> None:
    """Refuse codes and codebooks that do not fit together, with the errors of `nearest`."""
    check_codes(codes)
    _check_codebooks(codebooks)
    check_width(codes, len(codebooks))


def check_selection(codes: CodeBlocks, count: int, allowed: NDArray[np.uint64] | None) -> None:
    """Refuse codes, a count and a mask that do not fit together, with the errors of `nearest`."""
    check_codes(codes)
    if count < 0:
        raise ValueError(f"count must not be negative, not {count}")
    if allowed is not None:
        _require("allowed", allowed, np.uint64, 1)
        if len(allowed) != -(-codes.count // WORD):
            raise ValueError(
                f"allowed must have a bit for each of {codes.count} codes, not {len(allowed)} words of them"
            )


def scores_of_distances(length: int) -> NDArray[np.float32]:
    """The score of each Hamming distance between codes of `length` bytes, float32, shape (bits + 1,)."""
    bits = 8 * length
    return (1 - np.arange(bits + 1) / bits).astype(np.float32)


def check_cancelled(cancellation: Cancellation | None) -> None:
    """End a search that was cancelled, with the error of `nearest`."""
    if cancellation is not None and cancellation.cancelled[0]:
        raise Stopped


def _additive_scores(codes: CodeBlocks, tables: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(codes.blocks), STEP):
        blocks = codes.blocks[start : start + STEP]
        scores = tables[0][blocks[:, 0]]
        entries = np.empty_like(scores)
        for m in range(1, len(tables)):
            # A byte is always in range; “wrap” lets numpy write into `entries` without a copy of its own.
            np.take(tables[m], blocks[:, m], out=entries, mode="wrap")
            scores += entries
        yield scores.reshape(-1)


def _binary_scores(codes: CodeBlocks, query: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    of_distance = scores_of_distances(len(query))
    for start in range(0, len(codes.blocks), STEP):
        differing = np.bitwise_count(codes.blocks[start : start + STEP] ^ query[:, None])
        yield of_distance[differing.sum(1, dtype=np.uint16)].reshape(-1)


def _best(
    parts: Iterator[NDArray[np.float32]],
    total: int,
    count: int,
    allowed: NDArray[np.uint64] | None,
    floor: float | None,
    cancellation: Cancellation | None,
) -> Matches:
    """The highest of all scores, which come in parts, in the order of position.

    Only `total` of them count: behind those of the last code the padding of its block has scores too.
    """
    positions, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
    chosen = None if allowed is None else unpacked(allowed, total)
    start = 0
    for part in parts:
        check_cancelled(cancellation)
        part = part[: total - start]
        # Later positions lose ties, so once there are enough only higher scores matter.
        better = part > scores[-1] if count and len(scores) == count else np.ones(len(part), bool)
        if floor is not None:
            better &= part >= floor
        if chosen is not None:
            better &= chosen[start : start + len(part)]
        found = np.flatnonzero(better)
        if len(found):
            positions, scores = _highest(
                np.concatenate([positions, found + start]), np.concatenate([scores, part[found]]), count
            )
        start += len(part)
    check_cancelled(cancellation)
    return Matches(positions, scores)


def _highest(
    positions: NDArray[np.int64], scores: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if 0 < count < len(scores):
        kept = scores >= np.partition(scores, -count)[-count]
        positions, scores = positions[kept], scores[kept]
    # Positions ascend among equal scores, so a stable sort keeps them so.
    order = np.argsort(-scores, kind="stable")[:count]
    return positions[order], scores[order]


def _check_codebooks(codebooks: NDArray[np.float32]) -> None:
    _require("codebooks", codebooks, np.float32, 3)
    if codebooks.shape[1] != 256:
        raise ValueError(f"codebooks must hold 256 codewords each, not {codebooks.shape[1]}")
    if not np.isfinite(codebooks).all():
        raise ValueError(NOT_FINITE)


def _require(name: str, array: NDArray[np.generic], kind: type[np.generic], dimensions: int) -> None:
    if array.dtype != kind or array.ndim != dimensions:
        wanted = f"{kind.__name__} of {dimensions} dimensions"
        raise ValueError(f"{name} must be {wanted}, not {array.dtype} of shape {array.shape}")
