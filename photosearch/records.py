"""What passes between the rooms. No behaviour beyond what the data needs to be itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

METHODS: dict[str, Literal["additive", "binary"]] = {
    "dsq": "additive",
    "dsq-sparse": "additive",
    "dsq-unnormalised": "additive",
    "sdsh": "binary",
    "dqn": "additive",
    "adsq": "binary",
    "pq": "additive",
    "lsq": "additive",
}
"""What a model can be trained by, and the kind of its codes.

`dsq-unnormalised`, `pq` and `lsq` are there to be compared with.
"""

PROTOCOLS = ("cifar10-a", "cifar10-c", "mini-imagenet", "multilabel", "unseen")
"""What models can be measured by."""


@dataclass(frozen=True, slots=True)
class CodeSpec:
    """Which codes these are: codes of two different specs are never compared.

    Attributes:
        identity: Hash of the model that makes the codes, 16 hexadecimal digits.
        method: One of `METHODS`.
        kind: `additive` (a byte names a codeword of each codebook) or `binary` (8 bits a byte).
        bytes: Bytes of a code (M codebooks of 256, or bits / 8).
        dimension: D, the length of the real-valued vector.
    """

    identity: str
    method: str
    kind: Literal["additive", "binary"]
    bytes: int
    dimension: int


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A picture file as a scan sees it: name, size in bytes, time of last change in nanoseconds."""

    name: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """What the catalogue remembers of a file, enough to tell whether it changed or moved.

    Attributes:
        folder: Relative to its root, `/` between parts, empty for the root itself.
        ends: Hash of the file's first and last bytes and its size; None until the file was read once.
        state: `present`; `offline`: missing, but nobody deleted it; `gone`: deleted, kept a while in case it
            returns; `unreadable`: listed with a reason.
    """

    id: int
    root_id: int
    folder: str
    name: str
    size: int
    modified_ns: int
    ends: bytes | None
    state: Literal["present", "offline", "gone", "unreadable"]


@dataclass(frozen=True, slots=True)
class Root:
    """A folder the library watches.

    Attributes:
        volume: What the platform calls the volume the folder lay on when it was last seen.
        state: `watched`: events arrive; `polled`: looked at on a schedule; `offline`: its drive is not there.
        photos: Photos below it, gone ones not counted.
        missing: How many of them are offline by themselves: they are not at their place, and nobody has said
            that they were deleted.
    """

    id: int
    path: Path
    volume: str
    state: Literal["watched", "polled", "offline"]
    photos: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """What a photo's file says of itself.

    Attributes:
        width, height: Of the upright photo, in pixels.
        taken: Local time of the exposure in seconds since 1970, read as if it were UTC; None where unknown.
        camera: Maker and model as one text; empty where unknown.
        latitude, longitude: Where it was taken, in degrees, north and east positive; both None where unknown.
    """

    width: int
    height: int
    taken: int | None = None
    camera: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo after decoding.

    Attributes:
        pixels: The upright photo, or a part of it, as the model wants it: uint8 RGB, shape (size, size, 3).
        thumbnail: A JPEG of the same, at most 320 pixels on its longer side.
    """

    pixels: NDArray[np.uint8]
    thumbnail: bytes
    details: Details


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo to be looked at.

    Attributes:
        pixels: Upright, sRGB: uint8, shape (height, width, 3); fewer than the photo has where not all were
            asked for, or where they would be too many.
        details: Its width and height are those of the photo.
    """

    pixels: NDArray[np.uint8]
    details: Details


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a photo's file says of itself beyond its `Details`; empty or None where it does not.

    Attributes:
        format: As the decoder calls it: `JPEG`, `PNG`.
        profile: Name of the embedded colour profile.
        exposure_seconds, f_number, iso, focal_millimetres: How it was exposed.
        altitude: Metres above the sea.
        program: What wrote the file.
    """

    format: str = ""
    profile: str = ""
    lens: str = ""
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_millimetres: float | None = None
    flash: bool | None = None
    altitude: float | None = None
    description: str = ""
    author: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two pictures that were laid on each other.

    Attributes:
        pixels: The first one, dark and grey, with what differs in bright orange: uint8, shape
            (height, width, 3).
        identical: All pixels of both are the same.
        share: Of the picture, 0 to 1, how much differs so that it can be seen.
        shift: How far the second was moved to lie on the first, right and down, in fractions of its size.
    """

    pixels: NDArray[np.uint8]
    identical: bool
    share: float
    shift: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the library, as it is shown.

    Attributes:
        modified_ns: 0 where it is unknown.
        offline: Its drive is not there, or the file is missing and nobody deleted it.
        address: Where it lies, if that is no path of this machine; `path` then is a name for it.
    """

    id: int
    path: Path
    size: int
    modified_ns: int
    details: Details
    offline: bool
    address: str = ""

    @property
    def place(self) -> str:
        """Where it lies, as one reads it or copies it."""
        return self.address or str(self.path)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not become a searchable photo, and why, as one sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Box:
    """A part of an upright photo, in fractions of its width and height."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0


WHOLE = Box()


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to search by.

    Attributes:
        source: A file, or the bytes of an encoded picture (pasted, or dragged from a page).
        weight: Positive: more like this; negative: less like this.
        box: Only this part of it.
    """

    source: Path | bytes
    weight: float = 1.0
    box: Box = WHOLE


@dataclass(frozen=True, slots=True)
class Circle:
    """All that is no farther from a point on the earth than so many kilometres.

    Attributes:
        latitude, longitude: In degrees, north and east positive: -90 to 90, -180 to 180.
    """

    latitude: float
    longitude: float
    kilometres: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Which photos may answer. Each is exact; None or empty: all.

    Attributes:
        under: Only photos in this folder or below it.
        since, until: Taken at or after, before (seconds since 1970, local time read as UTC; a photo without a
            date of exposure counts by its file's date).
        camera: Text found anywhere in maker and model, case ignored.
        kind: `same-shot`: only photos that seem to be the same shot as the first example.
        near: Taken there; a photo whose place is unknown was not.
        orientation: Of the upright photo; `square` within a hundredth.
        least_pixels, most_pixels: Width times height. A photo that was never read passes neither, nor has it
            an orientation.
    """

    under: Path | None = None
    since: int | None = None
    until: int | None = None
    camera: str = ""
    kind: Literal["", "same-shot"] = ""
    near: Circle | None = None
    orientation: Literal["", "landscape", "portrait", "square"] = ""
    least_pixels: int | None = None
    most_pixels: int | None = None


Trait = Literal["month", "camera", "orientation", "size"]
"""What photos are counted by: the month they were taken in (`2019-05`), the camera, the orientation, the size
(`large` from eight megapixels on, `small` below one, else `medium`)."""

LARGE_PIXELS, SMALL_PIXELS = 8_000_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Query:
    """One or more examples, the filters, and how many matches at most."""

    examples: tuple[Example, ...]
    filters: Filters = Filters()
    count: int = 100


@dataclass(frozen=True, slots=True)
class Match:
    """One answer to a query.

    Attributes:
        rank: From 1.
        score: Inner product of the query's unit vector and the photo's reconstructed one, at most about 1: of
            two looks the better (`encode.looks`).
        percentile: How unusual this score is here: the share of random pairs of this library's photos that
            are less alike, 0 to 100.
        kind: `same-shot` if, by their pixels, the only example is seen in it, or it in that; where pixels do
            not tell, above the model's threshold for two versions of one shot; else `similar`.
    """

    rank: int
    photo: Photo
    score: float
    percentile: float
    kind: Literal["same-shot", "similar"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The matches of a query, best first, and what they took.

    Attributes:
        searched: How many photos were compared.
        search_milliseconds: To compare codes, and the pixels of the nearest photos.
        missing: Why parts of the library were not searched, by their names: of an archive on many machines.
    """

    matches: tuple[Match, ...]
    searched: int
    encode_milliseconds: float
    search_milliseconds: float
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """What an update has done so far, in photos.

    Attributes:
        photos: Photos in the library, gone ones not counted.
        encoded: Encoded in this run, `updated` among them.
        copied: Copies of known photos that took over their codes.
        updated: Encoded again because the file changed.
        removed: Deleted by the person, so no longer in the library.
    """

    photos: int = 0
    encoded: int = 0
    copied: int = 0
    moved: int = 0
    updated: int = 0
    removed: int = 0
    offline: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come. Long work is an iterator of these; to stop iterating is to cancel it.

    Attributes:
        step: `scanning`, `indexing`, `watching`, `encoding`, `training`.
        done, total: In the step's unit (photos, training steps); total is None while unknown.
        rate: Units a second, measured over the last seconds; 0 while unknown.
        seconds_left: None while unknown.
        measures: Named figures of the step (`loss` of a training).
        published: New codes are searchable since the last Progress.
    """

    step: str
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    tally: Tally = Tally()
    measures: dict[str, float] = field(default_factory=dict)
    published: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The state of everything. photos = encoded + waiting + offline + unreadable.

    Attributes:
        model: The model that encodes; `encoded` counts its codes.
        searched_by: The model that answers: the one chosen before, until all is encoded by `model`.
        searchable: Photos with a code of that one, offline ones too.
        bytes: Bytes on disk of `codes`, `catalogue` and `thumbnails`.
        engine: Which engine answers, in words.
    """

    photos: int
    encoded: int
    waiting: int
    offline: int
    unreadable: int
    model: CodeSpec
    searched_by: CodeSpec
    searchable: int
    bytes: dict[str, int]
    engine: str


DecisionKind = Literal["keep all", "not the same"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about some photos, for ever: they are not shown as duplicates of one another.

    Attributes:
        made: Seconds since 1970.
        contents: How many copies there were of each file, which is known by the hash of its ends and size.
    """

    id: int
    kind: DecisionKind
    made: int
    contents: dict[bytes, int]


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that was moved to the trash, or was to be.

    Attributes:
        batch: Files that were removed together have the same.
        kept: The photo of its group that was kept.
        place: Where it lies now; None if only the platform knows.
        state: `begun`: the program ended before it was known whether it was done.
        reason: Why it failed, as one sentence.
    """

    id: int
    batch: int
    path: Path
    kept: Path
    place: Path | None
    state: Literal["begun", "done", "failed", "undone"]
    reason: str


AlikePair = tuple[int, int, Literal["same-shot", "burst"]]
"""Ids of two photos, and what they are to one another."""


@dataclass(frozen=True, slots=True)
class GroupPhoto:
    """A photo of a group of duplicates.

    Attributes:
        kind: What it is to the keeper: `exact`: the same bytes; `same-shot`: saved again, resized, cropped,
            turned, edited; `burst`: of another moment; `raw-pair`: the camera's RAW file or its JPEG.
        protected: Why it is never moved to the trash, as a sentence; empty if it may be.
    """

    photo: Photo
    kind: Literal["keeper", "exact", "same-shot", "burst", "raw-pair"]
    protected: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Photos each of which matches the keeper.

    Attributes:
        kind: `exact` if all are; `burst` and `raw-pair` are shown, and never offered for deletion.
        reason: Why this one is suggested to be kept, as one sentence.
        photos: The keeper first.
    """

    kind: Literal["exact", "same-shot", "burst", "raw-pair"]
    reason: str
    photos: tuple[GroupPhoto, ...]

    @property
    def keeper(self) -> Photo:
        return self.photos[0].photo

    @property
    def removable(self) -> tuple[GroupPhoto, ...]:
        """The photos that the suggestion would move to the trash."""
        return tuple(
            each for each in self.photos[1:] if each.kind in ("exact", "same-shot") and not each.protected
        )
