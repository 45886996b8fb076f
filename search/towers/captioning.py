"""CocaCaptioner: sentences about pictures, from the image tokens of a CoCa."""

from __future__ import annotations

from typing import Any, cast

from open_clip import CoCa
from open_clip.transformer import TextTransformer

from .. import models
from ..errors import ModelUnavailableError, SettingsError
from ..interfaces import Encoder
from ..records import Pixels, Preprocessing
from .greedy import GreedyDecoder
from .openclip import OpenClipEncoder, no_room, open_encoder
from .passes import Passes
from .tokenization import Writer


class CocaCaptioner:
    """Captions by a CoCa that is loaded already, mostly the one that embeds."""

    def __init__(self, encoder: OpenClipEncoder) -> None:
        if not _speaks(encoder):
            raise ModelUnavailableError(
                f"{encoder.info.name} has no caption decoder; use --captioner embedded"
            )
        self._encoder = encoder
        self._writer = cast(Writer, encoder.reader)
        self._decoder = GreedyDecoder(encoder.network)
        self._passes = Passes(no_room(encoder.info, encoder.device))
        for language, first in self._writer.firsts.items():
            if allowed := self._writer.allowed(language):
                self._decoder.restrict(first, allowed)

    @property
    def name(self) -> str:
        return self._encoder.info.name

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._writer.firsts)

    @property
    def preprocessing(self) -> Preprocessing:
        return self._encoder.preprocessing

    def shares_tower(self, encoder: Encoder) -> bool:
        return isinstance(encoder, OpenClipEncoder) and encoder.network is self._encoder.network

    def look(self, pixels: Pixels) -> Any:
        """Image tokens (n, t, width) of (n, size, size, 3) uint8."""
        return self._encoder.encode_images(pixels).tokens

    def write(self, tokens: Any, language: str = "en") -> list[str]:
        """One caption a picture; SettingsError for a language that the model does not write."""
        if language not in self._writer.firsts:
            raise SettingsError(
                f"{self.name} writes {', '.join(self.languages)}, not {language!r}; "
                "use --captioner embedded"
            )
        if tokens is None or not len(tokens):  # of no pictures at all
            return []
        first, end = self._writer.firsts[language], self._writer.end
        parts = self._passes.of(tokens, lambda part: self._decoder.decode(part, first, end))
        return [self._writer.words(row) for part in parts for row in part]


def open_captioner(
    name: str | None, encoder: Encoder, *, device: str = "auto", precision: str = "auto"
) -> CocaCaptioner | None:
    """The captioner of a model's name; `none` gives None.

    Without a name: the encoder's own decoder where it has one, else the embedded model's.
    """
    if name == "none":
        return None
    if name is not None:
        _refuse_mute(name)
    own = encoder if isinstance(encoder, OpenClipEncoder) else None
    if own and (_speaks(own) if name is None else models.resolve(name).name == own.info.name):
        return CocaCaptioner(own)
    return CocaCaptioner(open_encoder(name or models.EMBEDDED, device=device, precision=precision))


def _refuse_mute(name: str) -> None:
    """Known by the table, before anything is fetched."""
    named = models.BY_NAME.get(models.resolve(name).name)
    if named is not None and not named.captions:
        speaking = ", ".join(model.name for model in models.MODELS if model.captions)
        raise ModelUnavailableError(f"{name} writes no captions; these models do: {speaking}")


def _speaks(encoder: OpenClipEncoder) -> bool:
    network = encoder.network
    return isinstance(network, CoCa) and isinstance(network.text, TextTransformer)
