"""Greedy sentences from the image tokens of a CoCa, each word computed once.

open_clip runs both language towers over the whole sentence for every word, projects the image's
tokens anew in every layer, and ranks the vocabulary for words that are long written. Here

- keys and values of earlier words, and those of the image, are kept;
- the text tower and the first half-layer of the decoder do not see the image, so what they make of
  "a man in" is computed once for all pictures whose caption begins so;
- a finished sentence leaves the batch;
- only words that a caption of the language may hold are ranked (`scripts`).

The ids are those of the uncached loop, token for token: `tests/search/towers/test_greedy.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .linear import linear

LONGEST = 30  # tokens of a caption, as in open_clip; less where the context is shorter
CROWDED = 0.95  # while more of a batch than this is unfinished, moving its caches costs more
MEMORY_BYTES = 64 << 20  # of sentence beginnings; resident only as far as it is used

ROOT = -1  # the beginning before every first token


class GreedyDecoder:
    """The language towers of one open_clip CoCa, written out one token at a time."""

    def __init__(
        self, network: Any, longest: int = LONGEST, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        decoder = network.text_decoder
        self._longest = min(longest, network.text.context_length - 2)
        first, *others = (SelfAttention(block) for block in decoder.resblocks)
        self._beginnings = Beginnings(network.text, first, self._longest, memory_bytes)
        self._selves = others
        self._crosses = [CrossAttention(block) for block in decoder.cross_attn]
        self._last_norm: Any = decoder.ln_final
        self._words: Tensor = decoder.text_projection.t()  # (vocabulary, width)
        self._vocabularies: dict[int, Vocabulary] = {}  # by the sentences' first token
        self._lock = threading.Lock()  # the beginnings are shared by all sentences

    def restrict(self, first: int, allowed: Sequence[int]) -> None:
        """Sentences that begin with `first` are written in these ids alone, given in order."""
        self._vocabularies[first] = Vocabulary(self._words, allowed)

    @torch.inference_mode()
    def decode(self, tokens: Tensor, first: int, end: int) -> list[list[int]]:
        """Image tokens (n, t, width) -> the ids of each sentence, without `first` and `end`."""
        if first not in self._vocabularies:
            self._vocabularies[first] = Vocabulary(self._words)
        at_once = self._beginnings.capacity // self._longest
        parts = torch.tensor_split(tokens.float(), max(1, -(-len(tokens) // at_once)))
        with self._lock:
            try:
                return [ids for part in parts for ids in self._decode(part, first, end)]
            except BaseException:
                self._beginnings.forget()  # a beginning may have its place but no content yet
                raise

    def _decode(self, tokens: Tensor, first: int, end: int) -> list[list[int]]:
        self._beginnings.make_room(len(tokens) * self._longest)
        sentences, vocabulary = self._begin(tokens, first), self._vocabularies[first]
        written: list[list[int]] = [[] for _ in tokens]
        for position in range(self._longest):
            chosen = vocabulary.choose(self._step(sentences, position))
            for row, token in zip(sentences.rows, chosen, strict=True):
                written[row].append(token)
            if not sentences.go_on(chosen, end):
                break
        return [_until(ids, end) for ids in written]

    def _begin(self, tokens: Tensor, first: int) -> Sentences:
        count, heads = len(tokens), self._crosses[0].heads
        width = self._crosses[0].width
        shape = (len(self._selves), 2, count, heads, self._longest, width // heads)
        return Sentences(
            rows=list(range(count)),
            read=[[ROOT] for _ in range(count)],
            last=[first] * count,
            past=tokens.new_empty(shape),
            image=torch.stack([cross.remember(tokens) for cross in self._crosses]),
        )

    def _step(self, sentences: Sentences, position: int) -> Tensor:
        """Reads the last token of each sentence; what speaks for the next one, (n, width)."""
        x = self._beginnings.after(sentences.read, sentences.last)
        x = self._crosses[0](x, sentences.image[0])
        layers = zip(self._selves, self._crosses[1:], strict=True)
        for (own, cross), past, image in zip(
            layers, sentences.past, sentences.image[1:], strict=True
        ):
            query, past[0, :, :, position], past[1, :, :, position] = own.project(x)
            keys, values = past[:, :, :, : position + 1]
            x = cross(own.finish(x, _attend(query, keys, values)), image)
        read: Tensor = self._last_norm(x)
        return read


class Vocabulary:
    """The words to choose from: all, or some of them, which is faster too."""

    def __init__(self, words: Tensor, allowed: Sequence[int] | None = None) -> None:
        """`words` (vocabulary, width)."""
        self._ids = allowed
        self._scores = linear(words if allowed is None else words[torch.tensor(allowed)], None)

    def choose(self, x: Tensor) -> list[int]:
        """The likeliest word for each row of (n, width); of two equals the one of lower id."""
        places: list[int] = self._scores(x).argmax(-1).tolist()
        return places if self._ids is None else [self._ids[place] for place in places]


@dataclass(slots=True)
class Sentences:
    """A batch of captions under way."""

    rows: list[int]  # which picture each belongs to
    read: list[list[int]]  # the beginning read so far, token by token, from ROOT
    last: list[int]  # the token that is chosen and not yet read
    past: Tensor  # (decoder layers - 1, 2, n, heads, longest, head width)
    image: Tensor  # (decoder layers, 2, n, heads, image tokens, head width)
    finished: frozenset[int] = frozenset()  # rows whose end is written

    def go_on(self, chosen: list[int], end: int) -> bool:
        """Takes the chosen tokens; lets finished sentences go. False once all are finished."""
        self.last = chosen
        ended = {row for row, token in zip(self.rows, chosen, strict=True) if token == end}
        self.finished |= ended
        going = [i for i, row in enumerate(self.rows) if row not in self.finished]
        if going and len(going) <= CROWDED * len(self.rows):
            self._keep(going)
        return bool(going)

    def _keep(self, going: list[int]) -> None:
        self.rows = [self.rows[i] for i in going]
        self.read = [self.read[i] for i in going]
        self.last = [self.last[i] for i in going]
        index = torch.tensor(going, device=self.past.device)
        self.past = self.past.index_select(2, index)
        self.image = self.image.index_select(2, index)


class Beginnings:
    """What the blocks that see no image make of the beginnings of sentences: a tree of tokens.

    Each beginning has a place; its keys and values and the blocks' output are stored there. When
    the places run out, all are forgotten.
    """

    def __init__(self, text: Any, last: SelfAttention, longest: int, memory_bytes: int) -> None:
        self._text = text
        self._blocks = [*(SelfAttention(block) for block in text.transformer.resblocks), last]
        width = text.width
        place_bytes = 4 * width * (2 * len(self._blocks) + 1)
        self.capacity = max(memory_bytes // place_bytes, longest)
        new = text.positional_embedding.new_empty
        self._past = new(len(self._blocks), 2, self.capacity, width)
        self._outputs = new(self.capacity, width)
        self._tokens = new(self.capacity, dtype=torch.int64)
        self._places: dict[tuple[int, int], int] = {}  # (beginning, next token) -> beginning
        self._padded = False  # whether any of them holds the padding's id

    def make_room(self, count: int) -> None:
        if len(self._places) + count > self.capacity:
            self.forget()

    def forget(self) -> None:
        self._places.clear()
        self._padded = False

    def after(self, read: list[list[int]], tokens: Sequence[int]) -> Tensor:
        """Each path of `read` grows by its token; what the blocks give there, (n, width)."""
        new = [(p, t) for p, t in zip(read, tokens, strict=True) if self._extend(p, t)]
        if new:
            self._compute([path[1:] for path, _ in new], [token for _, token in new])
        ends = [path[-1] for path in read]
        outputs: Tensor = self._outputs[torch.tensor(ends, device=self._outputs.device)]
        return outputs

    def _extend(self, path: list[int], token: int) -> bool:
        """True where no sentence has gone before."""
        step = (path[-1], token)
        new = step not in self._places
        path.append(self._places.setdefault(step, len(self._places)))
        return new

    def _compute(self, paths: list[list[int]], tokens: list[int]) -> None:
        """Runs the blocks over the last token of each path; all paths are of one length."""
        places = torch.tensor(paths, device=self._outputs.device)
        ids = torch.tensor(tokens, device=self._outputs.device)
        ends, position = places[:, -1], places.shape[1] - 1
        self._tokens[ends] = ids
        self._padded = self._padded or self._text.pad_id in tokens
        mask = self._mask(places) if self._padded else None
        x = self._text.token_embedding(ids) + self._text.positional_embedding[position]
        for depth, (block, past) in enumerate(zip(self._blocks, self._past, strict=True)):
            query, key, value = block.project(x)
            past[0, ends], past[1, ends] = key.flatten(1), value.flatten(1)
            keys, values = (block.split(kept[places]) for kept in past)
            in_text = depth < len(self._blocks) - 1
            x = block.finish(x, _attend(query, keys, values, mask if in_text else None))
        self._outputs[ends] = x

    def _mask(self, places: Tensor) -> Tensor:
        """Keys that the text tower may see, (n, 1, 1, position + 1).

        open_clip hides padding, and CLIP's padding is id 0, which is also its "!". Without
        `correct_cls_mask` it is the key after such a token that is hidden, not its own.
        """
        real = self._tokens[places] != self._text.pad_id
        if not self._text.correct_cls_mask:
            real = torch.cat([real.new_ones(len(real), 1), real[:, :-1]], 1)
        mask: Tensor = real[:, None, None]
        return mask


class Block:
    """What self-attention and cross-attention of open_clip have in common, laid out for speed."""

    def __init__(self, block: Any) -> None:
        self._block = block
        self.heads: int = block.attn.num_heads
        self.width: int = block.attn.embed_dim
        self._out = linear(block.attn.out_proj.weight, block.attn.out_proj.bias)
        self._widen = linear(block.mlp.c_fc.weight, block.mlp.c_fc.bias)
        self._narrow = linear(block.mlp.c_proj.weight, block.mlp.c_proj.bias)

    def split(self, kept: Tensor) -> Tensor:
        """(n, length, width) -> (n, heads, length, head width)."""
        return kept.view(*kept.shape[:2], self.heads, -1).transpose(1, 2)

    def finish(self, x: Tensor, seen: Tensor) -> Tensor:
        """The rest of the block once its attention has seen what it may; x is (n, width)."""
        block = self._block
        x = x + block.ls_1(self._out(seen.reshape(x.shape)))
        wide = block.mlp.gelu(self._widen(block.ln_2(x)))
        finished: Tensor = x + block.ls_2(self._narrow(wide))
        return finished


class SelfAttention(Block):
    def __init__(self, block: Any) -> None:
        super().__init__(block)
        self._all = linear(block.attn.in_proj_weight, block.attn.in_proj_bias)

    def project(self, x: Tensor) -> tuple[Tensor, ...]:
        """Query, key and value of x (n, width): three of (n, heads, head width)."""
        return self._all(self._block.ln_1(x)).view(len(x), 3, self.heads, -1).unbind(1)


class CrossAttention(Block):
    def __init__(self, block: Any) -> None:
        super().__init__(block)
        weight, bias, width = block.attn.in_proj_weight, block.attn.in_proj_bias, self.width
        self._query = linear(weight[:width], bias[:width])
        self._memory = linear(weight[width:], bias[width:])

    def remember(self, tokens: Tensor) -> Tensor:
        """Keys and values of an image's tokens: (2, n, heads, t, head width)."""
        count, length = tokens.shape[:2]
        projected = self._memory(self._block.ln_1_kv(tokens).flatten(0, 1))
        return projected.view(count, length, 2, self.heads, -1).permute(2, 0, 3, 1, 4).contiguous()

    def __call__(self, x: Tensor, image: Tensor) -> Tensor:
        query = self._query(self._block.ln_1(x)).view(len(x), self.heads, -1)
        return self.finish(x, _attend(query, image[0], image[1]))


def _attend(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """query (n, heads, head width) over (n, heads, length, head width) -> as query."""
    seen = functional.scaled_dot_product_attention(query[:, :, None], keys, values, attn_mask=mask)
    return seen[:, :, 0]


def _until(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids
