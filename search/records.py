"""The nouns of the project, as immutable values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .errors import Reason
from .filters import Filters as Filters
from .filters import Orientation as Orientation
from .products import Availability, Offer, Product
from .sorting import Sort as Sort

if TYPE_CHECKING:  # whoever only counts images need not load it
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"  # shape (n, dim); every row has unit length
Halves: TypeAlias = "NDArray[np.float16]"  # the same in half precision, as they are stored
Ids: TypeAlias = "NDArray[np.int64]"  # shape (n,); image ids
Pixels: TypeAlias = "NDArray[np.uint8]"  # shape (n, height, width, 3); upright sRGB


def are_unit(vectors: Vectors) -> NDArray[np.bool_]:
    """Which rows are of length 1, as every stored vector is: a zero or a NaN is not."""
    import numpy as np

    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=-1)
    return np.abs(lengths - 1) < 1e-2


class Space(StrEnum):
    """What a stored vector was made of: the picture, or its caption."""

    IMAGE = "image"
    CAPTION = "caption"


class PartKind(StrEnum):
    """What of an image can match, and have a vector."""

    PICTURE = "picture"
    CAPTION = "caption"
    TITLE = "title"  # of a product; its source is the SKU
    DESCRIPTION = "description"


KINDS = {Space.IMAGE: PartKind.PICTURE, Space.CAPTION: PartKind.CAPTION}


class Relevance(StrEnum):
    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


class Fit(StrEnum):
    """How a picture is brought to the tower's square."""

    SQUASH = "squash"  # both sides to the square, aspect lost
    CROP = "crop"  # short side to the square, centre cut out
    PAD = "pad"  # long side to the square, the rest filled


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What a tower wants to see; part of its fingerprint.

    `images.prepare` brings a picture to `size` x `size` uint8; the tower itself
    then computes `(pixel / 255 - mean) / std` per channel.
    """

    size: int
    fit: Fit = Fit.SQUASH
    interpolation: str = "bicubic"  # bicubic | bilinear
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    fill: int = 0


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    name: str
    dim: int
    fingerprint: str  # changes when weights, tokenizer or preprocessing change


@dataclass(frozen=True, slots=True)
class Head:
    """Where a library is: what everything that follows it looks at first."""

    revision: int  # moves with every change that a search can see
    fingerprint: str | None  # of the encoder whose vectors are searched; None before the first


@dataclass(frozen=True, slots=True)
class Device:
    """Where a tower runs, and why there."""

    name: str  # "cuda:0", "cpu"
    reason: str  # "NVIDIA H200 found", "no CUDA device found"
    precision: str = "float32"


@dataclass(frozen=True, slots=True)
class ImageFeatures:
    """One pass of an image tower over a batch."""

    vectors: Vectors
    tokens: Any = None  # the tower's patch tokens, on its own device; opaque to everyone else


class FileStamp(NamedTuple):  # a scan makes one a file; a dataclass takes three times as long
    """What tells an unchanged file from a changed one, at the cost of one stat."""

    size: int  # bytes
    mtime_ns: int


FACTS = 2  # one more where decoders find more facts: images of before are read again for them


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact of a picture: its camera, its price. Of one name there may be several."""

    name: str  # "camera"
    text: str | None = None
    number: float | None = None


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """One picture as a decoder hands it over; nothing here refers to the file any more."""

    content_hash: str  # sha256 of the file's bytes, hex
    format: str  # a name in search/formats.py
    width: int  # upright, before any reduction
    height: int
    taken_at: datetime | None  # EXIF DateTimeOriginal, timezone-aware, UTC where none is given
    thumbnail: bytes  # as search/thumbnails.py makes them, without metadata
    pixels: tuple[Pixels, ...]  # one (1, size, size, 3) array for each Preprocessing asked for
    facts: tuple[Attribute, ...] = ()  # that the file itself tells


@dataclass(frozen=True, slots=True)
class Failure:
    """One file that could not be indexed."""

    path: bytes  # absolute, as given
    reason: Reason
    detail: str = ""
    attempts: int = 1
    at: datetime | None = None
    stamp: FileStamp | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A path at which an image was found."""

    root_id: int
    path: bytes  # relative to its root
    absolute: bytes
    stamp: FileStamp


class KnownFile(NamedTuple):  # likewise
    """What the store remembers of a file that is indexed."""

    location_id: int
    image_id: int
    content_hash: str
    stamp: FileStamp


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that was given to `add`."""

    id: int
    collection: str
    path: bytes  # absolute, as given
    device: int  # st_dev when last seen
    file_count: int  # pictures in it when last scanned
    whole: bool = True  # False: only files that were named themselves, never the folder


@dataclass(frozen=True, slots=True)
class RootStats:
    """A root in a list for people."""

    path: bytes  # absolute, as given
    collection: str
    files: int  # places of pictures in it
    whole: bool
    last_run: datetime | None  # when it was last scanned whole; None also before that was kept


@dataclass(frozen=True, slots=True)
class LastScan:
    """What the scans of a root have seen: the measure for the next one."""

    finished_at: datetime | None  # of the last complete one
    file_systems: dict[bytes, str]  # folder relative to the root -> id of what begins there


@dataclass(frozen=True, slots=True)
class Removal:
    """What `remove` takes out of the library."""

    places: tuple[bytes, ...]  # absolute paths
    images: tuple[int, ...]  # ids of those that no place holds afterwards
    kept: int  # images that lose a place and have another one
    skipped: int  # files that could not be indexed, at the same paths
    roots: tuple[bytes, ...]  # folders that are forgotten

    def __bool__(self) -> bool:
        return bool(self.places or self.images or self.skipped or self.roots)


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    language: str  # "en" | "zh"
    source: str  # the captioner's name, or "human"


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One distinct content in one collection."""

    id: int
    collection: str
    content_hash: str
    format: str
    width: int
    height: int
    taken_at: datetime | None
    added_at: datetime
    locations: tuple[Location, ...] = ()  # by id; the first one is shown
    captions: tuple[Caption, ...] = ()
    attributes: tuple[Attribute, ...] = ()  # by name
    products: tuple[Product, ...] = ()  # that it shows

    @property
    def caption(self) -> str | None:
        return self.shown_caption.text if self.shown_caption else None

    @property
    def shown_caption(self) -> Caption | None:
        """A human's words before the machine's."""
        return min(self.captions, key=lambda caption: caption.source != "human", default=None)

    @property
    def product(self) -> Product | None:
        """Of several that it shows, the first that is in stock."""
        stocked = (p for p in self.products if p.availability is Availability.IN_STOCK)
        return next(stocked, self.products[0] if self.products else None)

    @property
    def path(self) -> bytes | None:
        return self.locations[0].path if self.locations else None

    @property
    def orientation(self) -> Orientation:
        if self.width == self.height:
            return Orientation.SQUARE
        return Orientation.LANDSCAPE if self.width > self.height else Orientation.PORTRAIT


@dataclass(frozen=True, slots=True)
class NewImage:
    """All that one transaction stores about a picture."""

    decoded: DecodedImage
    image_vector: Vectors  # shape (dim,)
    caption: Caption | None = None
    caption_vector: Vectors | None = None  # shape (dim,)


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the question that is written about an image."""

    words: str
    field: str  # "title": where, in words


Crop = tuple[float, float, float, float]  # left, top, right, bottom as fractions of the picture


@dataclass(frozen=True, slots=True)
class HitReason:
    """What speaks for a hit, and how much."""

    evidence: str  # "picture", "caption", "words"
    score: float  # what the hit would have if that were all there is
    matches: tuple[Match, ...] = ()  # of words


@dataclass(frozen=True, slots=True)
class Hit:
    rank: int  # from 1
    score: float  # calibrated relevance, 0 to 1, falling with rank
    relevance: Relevance
    cosines: dict[str, float]  # raw, of each evidence that there is; of words the share found
    matched_by: tuple[str, ...]  # "picture", "caption", "words"
    image: ImageRecord
    offer: Offer | None = None  # what it is in the shop
    folded: int = 0  # other images that it stands for, where such are one hit
    reasons: tuple[HitReason, ...] = ()  # the strongest first


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int  # images
    label: str  # the value in words
    shade: str | None = None  # of a swatch of it, "#d3282f"


@dataclass(frozen=True, slots=True)
class Facet:
    """What images have that a filter could ask for."""

    name: str  # of the filter
    values: tuple[FacetValue, ...]  # the most frequent first


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: Sequence[Hit]
    total: int  # strong and weak hits after the filters
    revision: int  # the state of the library that this answer reflects
    took_ms: float
    truncated: bool = False  # the text was longer than the text tower's context
    strong: int = 0  # how many of `total` are strong; of those that were ranked with any_relevance
    facets: Sequence[Facet] = ()  # of all hits, where the query asked for some


@dataclass(frozen=True, slots=True)
class Tag:
    text: str
    score: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class RankedText:
    """How well one of several texts says what a picture shows."""

    rank: int  # from 1
    text: str
    probability: float  # that it is the one, of those that were given: they add up to 1
    score: float  # calibrated relevance, 0 to 1, whatever else was given
    relevance: Relevance
    cosine: float
    truncated: bool = False  # the text was longer than the text tower's context


@dataclass(frozen=True, slots=True)
class Description:
    """What a picture shows: written by the decoder, ranked by the towers, found in the library."""

    caption: str | None
    tags: tuple[Tag, ...]
    nearest: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to one encoder's vectors of one space between two revisions.

    A vector is of a part, which has an id of its own, and a part of an image, its owner.
    """

    revision: int
    ids: Ids
    owners: Ids  # of each id: the image; `ids` itself where a part is an image
    vectors: Vectors
    removed: Ids  # ids of parts


@dataclass(frozen=True, slots=True)
class ColumnChanges:
    """What images have in one column, of those that changed between two revisions."""

    revision: int
    stale: Ids  # whose earlier values hold no more: they changed, or are gone
    rows: Sequence[
        tuple[Any, ...]
    ]  # image id and a value, or the parts of one; several of one image


@dataclass(frozen=True, slots=True)
class WordChanges:
    """What is written about the images that changed between two revisions."""

    revision: int
    stale: Ids  # images whose earlier words hold no more: they changed, or are gone
    ids: Ids  # images that have words, or have been asked for them
    lengths: NDArray[np.int64]  # of each, how many of `words` are its own
    words: NDArray[np.int32]  # image after image: texts, each begun by its field below 0


@dataclass(frozen=True, slots=True)
class LibraryStats:
    images: int
    locations: int
    skipped: int
    captions: int
    collections: dict[str, int]  # images in each
    model: str | None
    captioner: str | None
    revision: int
