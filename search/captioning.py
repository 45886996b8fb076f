"""CocaCaptioner: our own greedy decoder over the image tokens of a CoCa.

open_clip's runs both language towers over the whole sentence for every word, projects the image's
tokens anew in every layer each time, and computes a distribution over the vocabulary for words that
are long written. Here each word passes once: keys and values of earlier words, and those of the
image, are kept. The words are the same ones, token for token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from open_clip import CoCa
from open_clip.transformer import TextTransformer
from torch import Tensor
from torch.nn import functional

from . import models
from .errors import ModelUnavailableError, SettingsError
from .interfaces import Encoder
from .openclip import OpenClipEncoder, open_encoder
from .records import Pixels, Preprocessing
from .tokenization import Writer

LONGEST = 30  # tokens of a caption, as in open_clip; less where the context is shorter
CROWDED = 0.8  # while more of a batch than this is unfinished, moving its caches costs more


class CocaCaptioner:
    """Captions by a CoCa that is loaded already, mostly the one that embeds."""

    def __init__(self, encoder: OpenClipEncoder) -> None:
        if not _speaks(encoder):
            raise ModelUnavailableError(
                f"{encoder.info.name} has no caption decoder; use --captioner embedded"
            )
        self._encoder = encoder
        self._writer = cast(Writer, encoder.reader)
        self._decoder = CachedDecoder(encoder.network)

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
        if tokens is None:  # of no pictures at all
            return []
        ids = self._decoder.greedy(tokens, self._writer.firsts[language], self._writer.end)
        return [self._writer.words(row) for row in ids]


@dataclass(slots=True)
class Sentences:
    """A batch of captions under way."""

    rows: Tensor  # (n,) which picture each belongs to
    next_ids: Tensor  # (n,) the last token of each, not yet read
    finished: Tensor  # (n,)
    past: Tensor  # (self-attentions, 2, n, heads, longest, head width): keys and values
    image: Tensor  # (cross-attentions, 2, n, heads, image tokens, head width)
    shown: Tensor  # (n, longest) keys that open_clip's padding mask leaves to the text tower
    all_shown: bool = True

    def keep(self, rows: Tensor) -> None:
        self.rows, self.next_ids = self.rows[rows], self.next_ids[rows]
        self.finished = self.finished[rows]
        self.past, self.image = self.past[:, :, rows], self.image[:, :, rows]
        self.shown = self.shown[rows]


class CachedDecoder:
    """Greedy decoding with the text tower and the multimodal decoder of an open_clip CoCa."""

    def __init__(self, network: Any) -> None:
        self._text: Any = network.text
        self._decoder: Any = network.text_decoder
        self._depth = len(self._text.transformer.resblocks)
        self._longest = min(LONGEST, self._text.context_length - 2)

    @torch.inference_mode()
    def greedy(self, tokens: Tensor, first: int, end: int) -> list[list[int]]:
        """Image tokens (n, t, width) -> the ids of each caption, without `first` and `end`."""
        sentences = self._begin(tokens.float(), first)
        written = torch.full((len(tokens), self._longest), end, device=tokens.device)
        for position in range(self._longest):
            chosen = self._step(sentences, position)
            written[sentences.rows, position] = chosen
            sentences.finished |= chosen == end
            unfinished = (~sentences.finished).nonzero()[:, 0]
            if not len(unfinished):
                break
            if len(unfinished) <= CROWDED * len(chosen):
                sentences.keep(unfinished)
        return [_until(row, end) for row in written.tolist()]

    def _begin(self, tokens: Tensor, first: int) -> Sentences:
        count, width = len(tokens), self._text.width
        heads = self._text.heads
        depth = self._depth + len(self._decoder.resblocks)
        return Sentences(
            rows=torch.arange(count, device=tokens.device),
            next_ids=torch.full((count,), first, device=tokens.device),
            finished=torch.zeros(count, dtype=torch.bool, device=tokens.device),
            past=tokens.new_empty(depth, 2, count, heads, self._longest, width // heads),
            image=torch.stack([_image_keys(b, tokens) for b in self._decoder.cross_attn]),
            shown=torch.ones(count, self._longest, dtype=torch.bool, device=tokens.device),
        )

    def _step(self, sentences: Sentences, position: int) -> Tensor:
        """Reads one token of each sentence and chooses its next: (n,) ids."""
        mask = self._padding_mask(sentences, position)
        x = self._text.token_embedding(sentences.next_ids)
        x = x + self._text.positional_embedding[position]
        for block, past in zip(self._text.transformer.resblocks, sentences.past, strict=False):
            x = _read(block, x, past, position, mask)
        for block, cross, past, image in self._multimodal(sentences):
            x = _read(block, x, past, position, None)
            x = _look(cross, x, image)
        logits = self._decoder.ln_final(x) @ self._decoder.text_projection
        sentences.next_ids = logits.argmax(-1)
        return sentences.next_ids

    def _multimodal(self, sentences: Sentences) -> Iterator[tuple[Any, Any, Tensor, Tensor]]:
        own = sentences.past[self._depth :]
        layers = self._decoder.resblocks, self._decoder.cross_attn
        return zip(*layers, own, sentences.image, strict=True)

    def _padding_mask(self, sentences: Sentences, position: int) -> Tensor | None:
        """Keys that the text tower may see, (n, 1, 1, position + 1); None for all of them.

        open_clip hides padding, and CLIP's padding is id 0, which is also its "!". Without
        `correct_cls_mask` it is the key after such a token that is hidden, not its own.
        """
        column = position if self._text.correct_cls_mask else position + 1
        if column < self._longest:
            real = sentences.next_ids != self._text.pad_id
            sentences.shown[:, column] = real
            sentences.all_shown = sentences.all_shown and bool(real.all())
        return None if sentences.all_shown else sentences.shown[:, None, None, : position + 1]


def open_captioner(
    name: str | None, encoder: Encoder, *, device: str = "auto", precision: str = "auto"
) -> CocaCaptioner | None:
    """The captioner of a model's name; `none` gives None.

    Without a name: the encoder's own decoder where it has one, else the embedded model's.
    """
    if name == "none":
        return None
    own = encoder if isinstance(encoder, OpenClipEncoder) else None
    if own and (_speaks(own) if name is None else models.resolve(name).name == own.info.name):
        return CocaCaptioner(own)
    return CocaCaptioner(open_encoder(name or models.EMBEDDED, device=device, precision=precision))


def _speaks(encoder: OpenClipEncoder) -> bool:
    network = encoder.network
    return isinstance(network, CoCa) and isinstance(network.text, TextTransformer)


def _read(block: Any, x: Tensor, past: Tensor, position: int, mask: Tensor | None) -> Tensor:
    """One self-attention block over one more token: x (n, width) -> (n, width)."""
    attn = block.attn
    projected = functional.linear(block.ln_1(x), attn.in_proj_weight, attn.in_proj_bias)
    query, key, value = projected.view(len(x), 3, attn.num_heads, -1).unbind(1)
    keys, values = past
    keys[:, :, position], values[:, :, position] = key, value
    seen = functional.scaled_dot_product_attention(
        query[:, :, None], keys[:, :, : position + 1], values[:, :, : position + 1], attn_mask=mask
    )
    return _finish(block, x, seen)


def _look(block: Any, x: Tensor, image: Tensor) -> Tensor:
    """One cross-attention block: x (n, width) attends to the image's keys and values."""
    attn, width = block.attn, x.shape[-1]
    weight, bias = attn.in_proj_weight[:width], attn.in_proj_bias[:width]
    query = functional.linear(block.ln_1(x), weight, bias).view(len(x), attn.num_heads, 1, -1)
    keys, values = image
    return _finish(block, x, functional.scaled_dot_product_attention(query, keys, values))


def _finish(block: Any, x: Tensor, seen: Tensor) -> Tensor:
    x = x + block.ls_1(block.attn.out_proj(seen.reshape(x.shape)))
    moved: Tensor = x + block.ls_2(block.mlp(block.ln_2(x)))
    return moved


def _image_keys(block: Any, tokens: Tensor) -> Tensor:
    """Keys and values of a cross-attention block: (2, n, heads, t, head width), computed once."""
    attn, width = block.attn, block.attn.embed_dim
    weight, bias = attn.in_proj_weight[width:], attn.in_proj_bias[width:]
    projected = functional.linear(block.ln_1_kv(tokens), weight, bias)
    count, length = tokens.shape[:2]
    return projected.view(count, length, 2, attn.num_heads, -1).permute(2, 0, 3, 1, 4).contiguous()


def _until(ids: Sequence[int], end: int) -> list[int]:
    ids = list(ids)
    return ids[: ids.index(end)] if end in ids else ids
