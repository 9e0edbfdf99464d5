"""The folded network of a model as an ONNX graph, made in memory: what ONNX Runtime computes with.

The model file stays the one truth; nothing is exported. The dozen messages of ONNX's format (onnx.proto3)
that we need are written here: its library would make each start of the encoder 0.3 s longer and the program
12 MB larger.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photosearch.encode.architecture import CELLS, Architecture
from photosearch.encode.model_file import Preprocessing

OPSET = 18
"""The operators' version."""

FORMAT = 8
"""The file format's version."""

FLOAT, UINT8 = 1, 2
"""ONNX's numbers of types."""


def graph(
    architecture: Architecture, preprocessing: Preprocessing, weights: Mapping[str, NDArray[np.floating]]
) -> bytes:
    """A graph from `photos`, uint8 RGB, (n, size, size, 3), to `points`, float32, (n, streams, D).

    The same computation as `network.build(architecture, folded=True)` after `encoder.normalise`. Where there
    are colours it takes the `cell_means` of that size as well, "means".
    """
    writer = _Writer()
    for name, tensor in weights.items():
        writer.constant(name, tensor.astype(np.float32))
    for name, channels in (("mean", preprocessing.mean), ("std", preprocessing.std)):
        writer.constant(name, 255 * np.array(channels, np.float32)[:, None, None])
    writer.constant("stream", np.array([1], np.int64))
    if not architecture.spherical:
        writer.constant("root", np.array(architecture.dimension**0.5, np.float32))

    writer.node("Cast", ["photos"], "numbers", to=FLOAT)
    writer.node("Transpose", ["numbers"], "planes", perm=[0, 3, 1, 2])
    writer.node("Sub", ["planes", "mean"], "centred")
    writer.node("Div", ["centred", "std"], "normalised")
    prefixes = [f"streams.{number}." for number in range(architecture.streams)]
    if architecture.colours:
        writer.node("Transpose", ["means"], "across", perm=[1, 0])
        writer.node("MatMul", ["means", "normalised"], "bands")
        writer.node("MatMul", ["bands", "across"], "cells")
        share = architecture.colours_share
        writer.constant("kinds.share", np.array((1 - share) ** 0.5, np.float32))
        writer.constant("colours.share", np.array(share**0.5, np.float32))
    points = [_stream(writer, architecture, prefix) for prefix in (prefixes if len(prefixes) > 1 else [""])]
    writer.node("Concat", points, "points", axis=1)
    means = [_described("means", FLOAT, [CELLS, "size"])] if architecture.colours else []
    return writer.model(
        [_described("photos", UINT8, ["n", "size", "size", 3]), *means],
        _described("points", FLOAT, ["n", len(points), architecture.dimension]),
    )


def _stream(writer: _Writer, architecture: Architecture, prefix: str) -> str:
    """One network: the name of its unit vectors, (n, 1, D)."""

    def convolution(name: str, source: str, stride: int = 1, size: int = 3) -> str:
        made = f"{prefix}{name}"
        parts = [source, f"{made}.0.weight", f"{made}.0.bias"]
        edge = size // 2
        writer.node("Conv", parts, made, strides=[stride] * 2, pads=[edge] * 4, kernel_shape=[size] * 2)
        return made

    def rectified(source: str) -> str:
        writer.node("Relu", [source], f"{source}.relu")
        return f"{source}.relu"

    stem = rectified(convolution("stem.0", "normalised", stride=2 if architecture.stem == 4 else 1))
    if architecture.pooled:
        photos = stem
        for number in range(len(architecture.widths)):
            name = f"blocks.{number}"
            made = convolution(f"{name}.first", photos)
            writer.node("MaxPool", [made], f"{made}.pooled", kernel_shape=[2, 2], strides=[2, 2])
            photos = rectified(f"{made}.pooled")
            writer.node("Add", [photos, convolution(f"{name}.second", photos)], f"{prefix}{name}")
            photos = rectified(f"{prefix}{name}")
    else:
        photos = rectified(convolution("stem.2", stem, stride=1 if architecture.stem == 1 else 2))
        before, number = architecture.widths[0], 0
        for stage, (width, depth) in enumerate(zip(architecture.widths, architecture.depths, strict=True)):
            for block in range(depth):
                name, stride = f"blocks.{number}", 2 if stage and not block else 1
                inner = rectified(convolution(f"{name}.first", photos, stride))
                inner = convolution(f"{name}.second", inner)
                if stride > 1:
                    shrunk, halved = f"{prefix}{name}.shrink", [2, 2]
                    writer.node(
                        "AveragePool", [photos], shrunk, kernel_shape=halved, strides=halved, ceil_mode=1
                    )
                    photos = shrunk
                if before != width:
                    photos = convolution(f"{name}.widen", photos, size=1)
                writer.node("Add", [inner, photos], f"{prefix}{name}")
                photos = rectified(f"{prefix}{name}")
                before, number = width, number + 1

    head, pooled, flat, vectors = (f"{prefix}{name}" for name in ("head", "pooled", "flat", "vectors"))
    writer.node("GlobalAveragePool", [photos], pooled)
    writer.node("Flatten", [pooled], flat, axis=1)
    writer.node("Gemm", [flat, f"{head}.weight", f"{head}.bias"], vectors, transB=1)
    if architecture.squashed:
        writer.node("Tanh", [vectors], f"{vectors}.squashed")
        vectors += ".squashed"
    if architecture.spherical:
        writer.node("LpNormalization", [vectors], f"{vectors}.unit", axis=1, p=2)
        if architecture.colours:
            parts = [f"{vectors}.part", _colours(writer, prefix)]
            writer.node("Mul", [f"{vectors}.unit", "kinds.share"], parts[0])
            vectors += ".all"
            writer.node("Concat", parts, f"{vectors}.unit", axis=1)
    else:
        writer.node("Div", [vectors, "root"], f"{vectors}.unit")
    writer.node("Unsqueeze", [f"{vectors}.unit", "stream"], f"{vectors}.stream")
    return f"{vectors}.stream"


def _colours(writer: _Writer, prefix: str) -> str:
    """What tells of colours, as long as its share: its name."""
    shades, colours = f"{prefix}shades", f"{prefix}colours"
    writer.node("Conv", ["cells", f"{shades}.weight", f"{shades}.bias"], shades, kernel_shape=[1, 1])
    writer.node("Relu", [shades], f"{shades}.cut")
    writer.node("GlobalAveragePool", [f"{shades}.cut"], f"{shades}.mean")
    writer.node("Flatten", [f"{shades}.mean"], f"{shades}.told", axis=1)
    writer.node("Gemm", [f"{shades}.told", f"{colours}.weight", f"{colours}.bias"], colours, transB=1)
    writer.node("LpNormalization", [colours], f"{colours}.unit", axis=1, p=2)
    writer.node("Mul", [f"{colours}.unit", "colours.share"], f"{colours}.part")
    return f"{colours}.part"


def cell_means(size: int) -> NDArray[np.float32]:
    """What pixels in a row weigh in the mean of each cell, (CELLS, size), as in torch's adaptive pooling."""
    edges = np.arange(CELLS + 1) * size
    within = [(first // CELLS, -(-last // CELLS)) for first, last in pairwise(edges)]
    means = np.zeros((CELLS, size), np.float32)
    for cell, (start, stop) in enumerate(within):
        means[cell, start:stop] = 1 / (stop - start)
    return means


class _Writer:
    """Nodes and constants in the order they are named, as protocol buffers write them."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def node(self, operator: str, sources: list[str], result: str, **attributes: int | list[int]) -> None:
        fields = [_text(1, source) for source in sources]
        fields += [_text(2, result), _text(4, operator)]
        for name, value in attributes.items():
            if isinstance(value, int):
                fields.append(_message(5, _text(1, name), _number(3, value), _number(20, 2)))
            else:
                numbers = [_number(8, one) for one in value]
                fields.append(_message(5, _text(1, name), *numbers, _number(20, 7)))
        self._nodes.append(_message(1, *fields))

    def constant(self, name: str, value: NDArray[np.generic]) -> None:
        dimensions = [_number(1, length) for length in value.shape]
        kind = {"f": FLOAT, "i": 7}[value.dtype.kind]
        little = value.astype(value.dtype.newbyteorder("<"))
        self._constants.append(
            _message(5, *dimensions, _number(2, kind), _text(8, name), _message(9, little.tobytes()))
        )

    def model(self, sources: list[bytes], result: bytes) -> bytes:
        interface = [_message(11, source) for source in sources] + [_message(12, result)]
        whole = _message(7, *self._nodes, _text(2, "network"), *self._constants, *interface)
        return _number(1, FORMAT) + _message(8, _number(2, OPSET)) + whole


def _described(name: str, kind: int, shape: list[int | str]) -> bytes:
    """What goes in or comes out; a length that is a name may be any."""
    lengths = [_number(1, length) if isinstance(length, int) else _text(2, length) for length in shape]
    tensor = _number(1, kind) + _message(2, *(_message(1, length) for length in lengths))
    return _text(1, name) + _message(2, _message(1, tensor))


def _message(field: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return _whole(field << 3 | 2) + _whole(len(content)) + content


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())


def _number(field: int, value: int) -> bytes:
    return _whole(field << 3) + _whole(value)


def _whole(value: int) -> bytes:
    """A whole number from 0 on, seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
