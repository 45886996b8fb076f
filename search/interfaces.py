"""What a replacement part must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .jobs import IngestRequest, Job
from .records import (
    Changes,
    Crop,
    DecodedImage,
    Device,
    EncoderInfo,
    Halves,
    Ids,
    ImageFeatures,
    Pixels,
    Preprocessing,
    Vectors,
)


class Encoder(Protocol):
    """Maps pictures and texts into one space: an image tower and a text tower."""

    @property
    def info(self) -> EncoderInfo: ...

    @property
    def preprocessing(self) -> Preprocessing: ...

    @property
    def device(self) -> Device: ...

    @property
    def logit_scale(self) -> float | None:
        """What cosines are multiplied with before a softmax over texts, as it was trained; None
        where nobody has trained it."""

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        """`pixels` (n, size, size, 3) as `images.prepare` makes them -> n unit vectors. A batch for
        which the device has no memory is taken in parts.

        Raises NoVectorError, or gives a row that is no unit vector, where a picture has none.
        """

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, dim). Texts beyond the context are cut; `fits` says beforehand."""

    def fits(self, text: str) -> bool:
        """Whether the text tower reads all of `text`."""

    def vocabulary(self) -> Sequence[str]:
        """Words that the text tower was taught, the most common first, in small letters; none where
        it cannot say."""


class Captioner(Protocol):
    """Writes a sentence about a picture, from the tokens of an image tower."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    @property
    def preprocessing(self) -> Preprocessing: ...

    def shares_tower(self, encoder: Encoder) -> bool:
        """Whether `encoder.encode_images(...).tokens` can be given to `write`."""

    def look(self, pixels: Pixels) -> Any:
        """Image tokens of (n, size, size, 3), for an encoder whose tower is not shared."""

    def write(self, tokens: Any, language: str = "en") -> list[str]:
        """One caption a picture; greedy, so the same tokens give the same words. As above, more
        than there is memory for is taken in parts."""


class VectorIndex(Protocol):
    """Nearest images of one space by inner product. Holds nothing that the store does not.

    An image with several vectors (frames, lines) is as near as the nearest of them.
    """

    @property
    def exact(self) -> bool:
        """Whether no neighbour can be missing in an answer."""

    @property
    def revision(self) -> int:
        """How far it has followed the store; 0: not at all."""

    @property
    def candidates_revision(self) -> int:
        """How far that has which finds its candidates: further, where it outlives a process."""

    def __len__(self) -> int:
        """How many images it has vectors of."""

    def apply(self, changes: Changes, for_candidates: Changes | None = None) -> None:
        """Removals, then additions, as one step for anyone who searches meanwhile.

        `for_candidates`: what these have not seen yet, where that is less.
        """

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        """`vector` (dim,) -> at most k scores and ids, never padded: best first, then by id."""

    def ids(self) -> Ids:
        """All that it has vectors of, each once, in rising order."""

    def scores(self, vector: Vectors, ids: Ids) -> Vectors:
        """Exact inner products of `vector` (dim,) with these ids, NaN where the index has none."""

    def vectors(self, ids: Ids) -> Vectors:
        """The stored vectors of `ids` (n, dim); KeyError if one is missing."""

    def moments(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        """How many vectors there are, their mean (dim,) and their covariance (dim, dim), that of
        the whole population (divided by n); zeros where there are none. Ranking measures every
        score against them."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a kind of index can do. What it cannot is made up for by `index.RowIndex`."""

    exact: bool  # gives the nearest there are, with their scores; else: near ones, re-scored by us
    filters: bool  # gives only what `where` allows; else it is asked for more, and others dropped
    removes: bool  # gives nothing that was removed or replaced; else these are dropped
    remote: bool = False  # answers over a network, and keeps what it has when we end
    at_most: int | None = None  # neighbours at once; for more, every row is compared


class RowsView(Protocol):
    """Our own vectors by position, for a kind that searches in this process. They never change:
    other rows are another object."""

    @property
    def revision(self) -> int: ...

    @property
    def built(self) -> int:
        """Another number: the same rows at new positions. Else new ones come at the end only."""

    @property
    def ids(self) -> Ids:
        """The part at each position."""

    @property
    def halves(self) -> Halves:
        """(n, dim)"""


@dataclass(frozen=True, slots=True, eq=False)
class Where:
    """What may be given; nothing that is not in `rows`."""

    rows: RowsView
    allowed: Ids | None  # images, for a kind that asks elsewhere; None: every one
    usable: NDArray[np.bool_] | None  # the same by position of `rows`; None: every position
    owners: int  # how many images that are


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Parts by falling score. Fewer than were asked for: there are no more."""

    scores: Vectors
    ids: Ids
    revision: int  # of the state that was searched


class Candidates(Protocol):
    """Finds parts whose vectors may be nearest; a kind of index. Safe to share between threads.

    `index.RowIndex` adds what all kinds have in common: exact scores, the order of equal ones,
    filters, removals and owners, by our own rows. So a kind promises no more than its properties.
    """

    @property
    def properties(self) -> Properties: ...

    @property
    def revision(self) -> int:
        """How far it has followed. A kind that outlives the process (`remote`) remembers it with
        its vectors, for this library, model and space, and is given the rest alone; others begin
        at 0."""

    def apply(self, changes: Changes, rows: RowsView) -> None:
        """Removals, then additions; an id that it has is replaced. `rows` are those after them.

        Half of it may be visible meanwhile; `revision` follows when all of it is. Changes that were
        applied before may come again. Raises PomonaError where that fails: it is tried again.
        """

    def near(self, query: Vectors, k: int, where: Where) -> Near:
        """At most `k` parts for `query` (dim,), best first, without padding; k > 0.

        `where` may be of rows that are older or newer than what was applied: then the answer's
        revision says of which it is.
        """


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of index as somebody asked for it; `open_candidates` of its file gets this."""

    name: str  # as the setting has it
    argument: str  # what the name leaves open, "0" of faiss:cuda:0
    dim: int
    device: str  # the setting: auto, cpu, cuda or cuda:N


class Ingest(Protocol):
    """Indexes what is asked for, beside whoever asks. One run at a time; the others wait."""

    def submit(self, request: IngestRequest) -> Job:
        """It will be done in its turn."""

    def jobs(self) -> list[Job]:
        """Those that are waiting or running, and the last that have ended; oldest first."""

    def cancel(self, id_: int) -> None:
        """End a job at its next sign of progress; what it has stored stays. One that has ended is
        left as it is. Raises NotFoundError for a job that there is not."""


class Decoder(Protocol):
    """Bytes of a file -> picture, within limits, without harm to this process."""

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """`crop` cuts the upright picture first. Raises ImageError."""
