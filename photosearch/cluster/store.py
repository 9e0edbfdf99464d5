"""A store of shards in a folder or in a bucket, at any address that fsspec can read.

    manifest.json               what is there: replaced whole, and the only thing that is ever changed
    model.safetensors           the model whose codes these are
    shards/NAME.codes           a code file (`photosearch.store`), with numbers of photos as ids
    shards/NAME.photos          their addresses and details (`photos`)
    shards/NAME.failures        what could not be read, and why

A file that no manifest names was left by a run that was killed; the next one that needs its name writes over
it. Whoever reads a manifest sees shards that are complete.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fsspec.implementations.local import LocalFileSystem
from numpy.typing import NDArray

from photosearch.blocks import CodeBlocks
from photosearch.cluster import photos
from photosearch.encode.model_file import Model, read_model
from photosearch.errors import LibraryBusy, ModelMismatch, StoreUnusable
from photosearch.files import replacing, temporary_folder
from photosearch.records import CodeSpec
from photosearch.store import read_code_file, write_code_file

FORMAT = "PhotoSearch store of shards"
VERSION = 1

PARTS = ("codes", "photos", "failures")
"""The files of a shard, by how their names end."""


@dataclass(frozen=True, slots=True)
class Shard:
    """What the manifest says of a shard.

    Attributes:
        start: Number of its first photo; the others follow.
        count: Photos with a code.
        failures: Photos without one.
        first, last: The least and the greatest address in it, of both.
        checksums: SHA-256 of each of its files, by `PARTS`.
        retired: Positions of photos that answer no more: they changed and are elsewhere now, or are gone.
        cleared: Positions of failures that are none any more: their files are gone, or were tried again.
    """

    name: str
    start: int
    count: int
    failures: int
    first: str
    last: str
    checksums: dict[str, str]
    retired: tuple[int, ...] = ()
    cleared: tuple[int, ...] = ()

    @property
    def answering(self) -> int:
        return self.count - len(self.retired)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store holds.

    Attributes:
        generation: Grows by one with each that is published.
        spec: Of all codes.
    """

    generation: int
    spec: CodeSpec
    shards: tuple[Shard, ...]

    @property
    def end(self) -> int:
        """The number of the next photo."""
        return self.shards[-1].start + self.shards[-1].count if self.shards else 0

    @property
    def answering(self) -> int:
        return sum(shard.answering for shard in self.shards)


class Store:
    """A store at an address; nothing is read before it is asked for. May be sent to other machines.

    Raises:
        StoreUnusable: Nothing can be at such an address.
    """

    def __init__(self, address: str) -> None:
        self._files, root = opened(address)
        self._local = isinstance(self._files, LocalFileSystem)
        self._root = root.rstrip("/")
        # Whoever it is sent to runs in another folder.
        self.address = self._root if self._local else address

    def __reduce__(self) -> tuple[type[Store], tuple[str]]:
        return Store, (self.address,)

    def manifest(self) -> Manifest:
        """What is there.

        Raises:
            StoreUnusable: Nothing is, or it cannot be read.
        """
        found = self._manifest()
        if found is None:
            raise StoreUnusable(
                f"There is no store at {self.address}: “photosearch cluster index” makes one."
            )
        return found

    def begin(self, model_path: Path) -> Manifest:
        """What is there, for a run that adds codes of this model; an empty store where there was none.

        Raises:
            ModelMismatch: There are codes of another model.
            ModelUnusable: The file is no model.
            StoreUnusable: It may not be written.
        """
        spec = read_model(model_path).spec
        found = self._manifest()
        if found is None:
            self._write("model.safetensors", model_path.read_bytes())
            found = Manifest(0, spec, ())
            self._write("manifest.json", _manifest_text(found))
        if found.spec != spec:
            raise ModelMismatch(
                f"The store at {self.address} holds codes of model {found.spec.identity}, not of"
                f" {spec.identity}: name its model with --model, or another store."
            )
        return found

    def publish(self, before: Manifest, after: Manifest) -> Manifest:
        """Replace a manifest by another, which becomes the next generation.

        Raises:
            LibraryBusy: Somebody else replaced it meanwhile.
            StoreUnusable: It may not be written.
        """
        if self.manifest().generation != before.generation:
            raise LibraryBusy(
                f"Another “photosearch cluster index” is writing to the store at {self.address}."
            )
        after = replace(after, generation=before.generation + 1)
        self._write("manifest.json", _manifest_text(after))
        return after

    def model(self) -> Model:
        """The model whose codes these are.

        Raises:
            ModelUnusable, StoreUnusable: It is not there, or damaged.
        """
        with self.model_path() as path:
            return read_model(path)

    @contextmanager
    def model_path(self) -> Iterator[Path]:
        """A file of this machine that holds the model."""
        with self.at_hand("model.safetensors") as path:
            yield path

    def write_shard(
        self,
        spec: CodeSpec,
        start: int,
        rows: NDArray[np.uint8],
        table: pa.Table,
        failures: pa.Table,
    ) -> Shard:
        """Write the files of a shard, which is there once a manifest names it.

        Args:
            rows: Codes, shape (n, M).
            table, failures: As `photos.PHOTOS` and `photos.FAILURES` say.

        Raises:
            StoreUnusable: It may not be written.
        """
        ids = np.arange(start, start + len(rows), dtype=np.int64)
        with temporary_folder() as folder:
            path = Path(folder, "codes")
            write_code_file(path, spec, 0, ids, CodeBlocks.from_rows(rows))
            if not path.is_file():
                raise StoreUnusable(f"A shard cannot be written to {folder}: the log says why.")
            contents = {"codes": path.read_bytes()}
        contents |= {"photos": photos.to_bytes(table), "failures": photos.to_bytes(failures)}
        checksums = {part: hashlib.sha256(content).hexdigest() for part, content in contents.items()}
        # By its contents: a run that was killed and is repeated writes the same file again.
        name = f"{start:012}-{hashlib.sha256(''.join(checksums.values()).encode()).hexdigest()[:16]}"
        for part, content in contents.items():
            self._write(f"shards/{name}.{part}", content)
        addresses = pa.chunked_array([*table["address"].chunks, *failures["address"].chunks], pa.string())
        bounds = pc.min_max(addresses).as_py()
        return Shard(name, start, len(rows), len(failures), bounds["min"], bounds["max"], checksums)

    def codes(self, spec: CodeSpec, shard: Shard) -> CodeBlocks:
        """The codes of a shard: mapped where they are on this machine.

        Raises:
            ModelMismatch: They are of another model.
            StoreUnusable: They are missing or damaged.
        """
        with self.at_hand(f"shards/{shard.name}.codes") as path:
            file = read_code_file(path, mapped=self._local)
            if file is not None and file.identity != spec.identity:
                raise ModelMismatch(
                    f"The shard {shard.name} of the store at {self.address} holds codes of model"
                    f" {file.identity}, not of {spec.identity}."
                )
            if file is None or file.codes.count != shard.count or self._differs(path, shard, "codes"):
                raise StoreUnusable(
                    f"The shard {shard.name} of the store at {self.address} is damaged: its codes are not"
                    " those that were written."
                )
            return file.codes

    def photos(self, shard: Shard) -> pa.Table:
        """The table of a shard's photos: mapped where it is on this machine.

        Raises:
            StoreUnusable: It is missing or damaged.
        """
        return self._table(shard, "photos")

    def failures(self, shard: Shard) -> pa.Table:
        """What could not be read when a shard was made.

        Raises:
            StoreUnusable: It is missing or damaged.
        """
        return self._table(shard, "failures")

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path]:
        """A file of the store as one of this machine; it may be gone after the block, but stays mapped.

        Raises:
            StoreUnusable: It is missing, or cannot be read.
        """
        place = f"{self._root}/{name}"
        with ExitStack() as stack:
            try:
                if self._local:
                    stack.enter_context(open(place, "rb"))
                    path = Path(place)
                else:
                    folder = stack.enter_context(temporary_folder())
                    path = Path(folder, Path(name).name)
                    self._files.get_file(place, str(path))
            except FileNotFoundError:
                raise StoreUnusable(f"{name} is missing from the store at {self.address}.") from None
            except Exception as error:
                raise StoreUnusable(
                    f"{name} of the store at {self.address} cannot be read: {sentence(error)}."
                ) from error
            yield path

    def _table(self, shard: Shard, part: str) -> pa.Table:
        with self.at_hand(f"shards/{shard.name}.{part}") as path:
            if self._differs(path, shard, part):
                raise StoreUnusable(
                    f"The shard {shard.name} of the store at {self.address} is damaged: its table of {part}"
                    " is not the one that was written."
                )
            return photos.from_file(path)

    def _differs(self, path: Path, shard: Shard, part: str) -> bool:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != shard.checksums[part]

    def _manifest(self) -> Manifest | None:
        place = f"{self._root}/manifest.json"
        try:
            content = self._files.cat_file(place)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise StoreUnusable(f"The store at {self.address} cannot be read: {sentence(error)}.") from error
        try:
            described = json.loads(content)
            if described["format"] != FORMAT:
                raise ValueError
            if described["version"] != VERSION:
                raise StoreUnusable(
                    f"The store at {self.address} is of version {described['version']};"
                    f" this program knows version {VERSION}."
                )
            shards = [
                Shard(**{**one, **{name: tuple(one.get(name, ())) for name in ("retired", "cleared")}})
                for one in described["shards"]
            ]
            return Manifest(int(described["generation"]), CodeSpec(**described["model"]), tuple(shards))
        except (KeyError, TypeError, ValueError):
            raise StoreUnusable(f"The manifest of the store at {self.address} is damaged.") from None

    def _write(self, name: str, content: bytes) -> None:
        """Put a file there whole, or leave what was there."""
        place = f"{self._root}/{name}"
        try:
            if not self._local:
                # An object appears when all of it was sent.
                self._files.pipe_file(place, content)
                return
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            with replacing(Path(place)) as file:
                file.write(content)
        except Exception as error:
            raise StoreUnusable(
                f"The store at {self.address} may not be written: {sentence(error)}."
            ) from error


def opened(address: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system of an address, and the path in it.

    Raises:
        StoreUnusable: There is none for such addresses, or what it lies in is missing.
    """
    if os.path.isabs(address):
        # Its name may have colons, which would be taken for one of something packed.
        return LocalFileSystem(), address
    try:
        files, path = fsspec.core.url_to_fs(address)
    except Exception as error:
        # fsspec says which package is to be installed, that nobody knows such addresses, or what is missing;
        # those that it calls raise what they like.
        raise StoreUnusable(f"{address} cannot be reached: {sentence(error)}.") from error
    return files, str(path)


def sentence(error: BaseException) -> str:
    """What went wrong, without a full stop."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (words or type(error).__name__).splitlines()[0].rstrip(".")


def _manifest_text(manifest: Manifest) -> bytes:
    shards = [
        {name: value for name, value in asdict(shard).items() if value != ()} for shard in manifest.shards
    ]
    described: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "generation": manifest.generation,
        "model": asdict(manifest.spec),
        "shards": shards,
    }
    return (json.dumps(described, indent=1) + "\n").encode()
