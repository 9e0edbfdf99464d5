"""A model is one safetensors file: the tensors of its network, its codebooks, and, as JSON, everything else.

Nothing in such a file can be executed, and reading it needs no torch: the program's own process reads it for
the codebooks, the preprocessing and the identity.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from photosearch.encode.architecture import Architecture
from photosearch.encode.same_shot import least_cosine
from photosearch.errors import ModelUnusable
from photosearch.files import replacing
from photosearch.records import METHODS, CodeSpec
from photosearch.settings import Settings, resources

VERSION = 1
WORDS = 256
LARGEST = 1 << 30
"""A file of more bytes is none of ours, and is not read."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes the network's input: the whole upright photo squashed to a square, then normalised.

    Attributes:
        size: Side of the square, in pixels.
        mean, std: Of the red, green and blue channel, in 0..1.
    """

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that turns pixels into codes, and what is known about it.

    Attributes:
        codebooks: What a code is the sum of, float32, shape (M, 256, D): additive ones coarse to fine, of
            binary codes the signs.
        network: The fields of an `Architecture`.
        weights: Tensors of the folded network, float16.
        norm_penalty: How dear it is to a code that its sum has another length than what it stands for.
        second_moment: S, by which codes are evened, float32, shape (D, D); None if they are not (`additive`).
        coarse: How many bytes at the front of a code are chosen as if they were all (`additive.encode`).
        same_shot: From this cosine on, of a vector and what a code stands for, two photos are taken for
            versions of one shot, where others are as near as usual (`encode.same_shot`).
        crowding: How near others usually are; None if it does not matter.
        provenance: What it was trained on, and how.
        measured: Figures, by name.
    """

    spec: CodeSpec
    codebooks: NDArray[np.float32]
    preprocessing: Preprocessing
    network: Mapping[str, Any]
    weights: Mapping[str, NDArray[np.float16]]
    norm_penalty: float
    second_moment: NDArray[np.float32] | None
    coarse: int
    same_shot: float
    crowding: float | None
    provenance: Mapping[str, Any]
    measured: Mapping[str, Any]

    def cosines(self, scores: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Cosines of a query with what the codes of photos stand for, shape (n,).

        Lengths tell of other things than of how near two photos are.

        Args:
            scores: Of the query, a unit vector, with what they stand for, shape (n,).
            codes: uint8, shape (n, M).
        """
        sums = self.codebooks[np.arange(len(self.codebooks)), codes].sum(1)
        cosines: NDArray[np.float32] = scores / np.maximum(np.linalg.norm(sums, axis=1), 1e-12)
        return cosines

    def same_shots(
        self, cosines: NDArray[np.float32], nearest: Callable[[], NDArray[np.float32]]
    ) -> NDArray[np.bool_]:
        """Which photos are taken for versions of one shot with a query: bool, shape (n,).

        Args:
            cosines: Of the photos, shape (n,).
            nearest: Gives those that `least_cosine` takes, shape (m,); asked only if it matters.
        """
        alike: NDArray[np.bool_] = cosines >= self.same_shot
        if alike.any() and self.crowding is not None:
            alike = cosines >= least_cosine(nearest()[None], self.same_shot, self.crowding)
        return alike


def make_model(
    method: str,
    codebooks: NDArray[np.floating] | None,
    preprocessing: Preprocessing,
    architecture: Architecture,
    weights: Mapping[str, NDArray[np.floating]],
    same_shot: float,
    provenance: Mapping[str, Any],
    measured: Mapping[str, Any],
    norm_penalty: float = 0.0,
    second_moment: NDArray[np.floating] | None = None,
    coarse: int = 0,
    crowding: float | None = None,
) -> Model:
    """A model as a file would give it back: rounded to float16, with the identity that follows from it.

    Args:
        codebooks: None for a method whose codes are binary.
    """
    rounded = {name: tensor.astype(np.float16) for name, tensor in weights.items()}
    if codebooks is None:
        books = sign_codebooks(architecture.dimension // 8)
    else:
        books = codebooks.astype(np.float16).astype(np.float32)
    moment = None if second_moment is None else second_moment.astype(np.float16).astype(np.float32)
    network = json.loads(json.dumps(asdict(architecture)))
    identity = _identity(method, network, preprocessing, rounded, books, norm_penalty, moment, coarse)
    spec = CodeSpec(identity, method, METHODS[method], len(books), architecture.dimension)
    return Model(
        *(spec, books, preprocessing, network, rounded, norm_penalty, moment, coarse),
        *(same_shot, crowding, provenance, measured),
    )


def write_model(path: Path, model: Model) -> None:
    """Replace a model file whole: a kill leaves the old one or the new one.

    Raises:
        ModelUnusable: The file cannot be written.
    """
    described = {
        "version": VERSION,
        "spec": asdict(model.spec),
        "preprocessing": asdict(model.preprocessing),
        "network": model.network,
        "norm_penalty": model.norm_penalty,
        "coarse": model.coarse,
        "same_shot": model.same_shot,
        "crowding": model.crowding,
        "provenance": model.provenance,
        "measured": model.measured,
    }
    tensors: dict[str, NDArray[np.float16]] = {
        f"network.{name}": part for name, part in model.weights.items()
    }
    if model.spec.kind == "additive":
        tensors["codebooks"] = model.codebooks.astype(np.float16)
    if model.second_moment is not None:
        tensors["second_moment"] = model.second_moment.astype(np.float16)
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    content = save(tensors, {"photosearch": json.dumps(described, allow_nan=False)})
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise ModelUnusable(f"The model cannot be written to {path}: {error.strerror}.") from error


def read_model(path: Path) -> Model:
    """Read a model file and check all of it.

    Raises:
        ModelUnusable: With one sentence that says what is wrong with it.
    """
    described, tensors = _contents(path)
    if described.get("version") != VERSION:
        raise ModelUnusable(
            f"{path} is a model of version {described.get('version')}; this program knows version {VERSION}."
        )
    try:
        spec = CodeSpec(**described["spec"])
        preprocessing = Preprocessing(
            int(described["preprocessing"]["size"]),
            _three(described["preprocessing"]["mean"]),
            _three(described["preprocessing"]["std"]),
        )
        network = described["network"]
        architecture = Architecture.read(network)
        shapes = {f"network.{name}": shape for name, shape in architecture.shapes().items()}
        if spec.kind == "additive":
            shapes["codebooks"] = (spec.bytes, WORDS, spec.dimension)
            # Models of before had none, nor has every one now.
            if "second_moment" in tensors:
                shapes["second_moment"] = (spec.dimension, spec.dimension)
        same_shot = float(described["same_shot"])
        # Models of before had none.
        crowding = described.get("crowding")
        crowding = None if crowding is None else float(crowding)
        norm_penalty, coarse = float(described.get("norm_penalty", 0.0)), int(described.get("coarse", 0))
        provenance, measured = dict(described["provenance"]), dict(described["measured"])
        known = METHODS.get(spec.method) == spec.kind and spec.dimension == architecture.dimension
        known = known and (spec.kind == "additive" or spec.dimension == 8 * spec.bytes)
        sane = 8 <= preprocessing.size <= 4096 and min(preprocessing.std) > 0 and isfinite(same_shot)
        sane = sane and (crowding is None or -1 <= crowding <= 1)
        sane = sane and 0 <= norm_penalty < 1000 and 0 <= coarse < spec.bytes
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise ModelUnusable(f"The description in the model file {path} is incomplete or damaged.") from error
    if not known or not sane:
        raise ModelUnusable(f"{path} describes a model that this program does not know.")
    for name, shape in shapes.items():
        if name not in tensors:
            raise ModelUnusable(f"The model file {path} is incomplete: {name} is missing.")
        if tensors[name].shape != shape or tensors[name].dtype != np.float16:
            raise ModelUnusable(f"The model file {path} is damaged: {name} has the wrong shape or type.")
        if not np.isfinite(tensors[name]).all():
            raise ModelUnusable(f"The model file {path} is damaged: {name} holds values that are no numbers.")
    if tensors.keys() != shapes.keys():
        raise ModelUnusable(f"The model file {path} holds tensors that do not belong to it.")
    if spec.kind == "additive":
        codebooks = tensors.pop("codebooks").astype(np.float32)
    else:
        codebooks = sign_codebooks(spec.bytes)
    moment = tensors.pop("second_moment").astype(np.float32) if "second_moment" in tensors else None
    weights = {name.removeprefix("network."): tensor for name, tensor in tensors.items()}
    identity = _identity(
        spec.method, network, preprocessing, weights, codebooks, norm_penalty, moment, coarse
    )
    if spec.identity != identity:
        raise ModelUnusable(f"The model file {path} is damaged: its contents do not match its identity.")
    return Model(
        *(spec, codebooks, preprocessing, network, weights, norm_penalty, moment, coarse),
        *(same_shot, crowding, provenance, measured),
    )


def sign_codebooks(bytes: int) -> NDArray[np.float32]:
    """What binary codes are the sums of: float32, shape (bytes, 256, D), with D = 8 × bytes.

    A byte of signs stands for a codeword of ±1 / √D in its 8 dimensions and 0 elsewhere. So a binary code is
    an additive one whose codebooks are given, and whatever reads additive codes reads these: the inner
    product of two codes is 1 − 2 × Hamming distance / D, and a real-valued query is compared as it is.
    """
    signs = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little") * 2.0 - 1
    codebooks = np.zeros((bytes, 256, 8 * bytes), np.float32)
    for number in range(bytes):
        codebooks[number, :, 8 * number : 8 * number + 8] = signs / (8 * bytes) ** 0.5
    return codebooks


def bundled_model_path() -> Path:
    """The model that comes with the program.

    Raises:
        ModelUnusable: It is not there.
    """
    path = resources() / "model.safetensors"
    if path.is_file():
        return path
    raise ModelUnusable(
        "The model that comes with PhotoSearch is missing: the program must be installed again."
    )


def chosen_model_path(settings: Settings) -> Path:
    """The model file that the settings name, else the bundled one.

    Raises:
        ModelUnusable: None is named, and the bundled one is missing.
    """
    return Path(settings.model) if settings.model else bundled_model_path()


def _contents(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[np.float16]]]:
    try:
        size = path.stat().st_size
        if not path.is_file() or size > LARGEST:
            raise ModelUnusable(f"{path} is not a model file.")
        if not size:
            raise ModelUnusable(f"The model file {path} is empty.")
        with safe_open(path, framework="numpy") as file:
            described = json.loads((file.metadata() or {})["photosearch"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except FileNotFoundError:
        raise ModelUnusable(f"There is no model file {path}.") from None
    except OSError as error:
        raise ModelUnusable(f"The model file {path} cannot be read: {error.strerror or error}.") from error
    except (KeyError, ValueError):
        raise ModelUnusable(f"{path} is a safetensors file, but no model of PhotoSearch.") from None
    # A truncated file, a pickle, anything else: safetensors says the same of all of them.
    except (SafetensorError, TypeError) as error:
        raise ModelUnusable(f"{path} is not a model file, or it is damaged.") from error
    if not isinstance(described, dict):
        raise ModelUnusable(f"The description in the model file {path} is incomplete or damaged.")
    return described, tensors


def _identity(
    method: str,
    network: Mapping[str, Any],
    preprocessing: Preprocessing,
    weights: Mapping[str, NDArray[np.float16]],
    codebooks: NDArray[np.float32],
    norm_penalty: float,
    second_moment: NDArray[np.float32] | None,
    coarse: int,
) -> str:
    """What two models must have in common for their codes to be comparable, as 16 hexadecimal digits."""
    described: list[Any] = [method, network, asdict(preprocessing)]
    if norm_penalty:
        described.append(norm_penalty)
    if coarse:
        described.append({"coarse": coarse})
    hashed = sha256(json.dumps(described, sort_keys=True).encode())
    tensors = [*sorted(weights.items()), ("codebooks", codebooks.astype(np.float16))]
    if second_moment is not None:
        tensors.append(("second_moment", second_moment.astype(np.float16)))
    for name, tensor in tensors:
        hashed.update(f"{name} {tensor.dtype.str} {tensor.shape}".encode())
        hashed.update(np.ascontiguousarray(tensor).tobytes())
    return hashed.hexdigest()[:16]


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
