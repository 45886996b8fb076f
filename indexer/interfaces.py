"""Who reads files and who embeds them: what a replacement must be able to do."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Protocol

from search.records import DecodedImage, EncoderInfo, NewImage, Preprocessing

from .reading import Outcome, Task


class Reader(Protocol):
    """Reads and decodes many files: in processes of this machine, or wherever else they are."""

    def start(self) -> None:
        """Get ready while something else is loaded. May be called again, or not at all."""

    def results(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        """One Outcome for each task, as they come. A bad file is an Outcome with its reason, never
        an error. `tasks` is read only a little ahead: what it gives may be a million."""


class Embedder(Protocol):
    """Makes of decoded pictures what the store keeps of them."""

    @property
    def info(self) -> EncoderInfo:
        """Whose vectors these are."""

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        """The views of a picture that a reader is to prepare, as `embed` expects them."""

    def embed(self, images: Sequence[DecodedImage]) -> list[NewImage | None]:
        """One NewImage for each picture, in order; None where the model has no vector for it.

        Raises EncoderError where the model is to blame and not so many pictures.
        """
