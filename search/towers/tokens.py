"""The embedded model's vocabulary: texts -> token ids, and ids -> words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor

PAD, UNK, BOS, EOS, EN, ZH = range(6)  # EN and ZH begin a caption in that language
SPECIAL_TOKENS = ("<pad>", "<unk>", "<bos>", "<eos>", "<en>", "<zh>")
LANGUAGE_TOKENS = {"en": EN, "zh": ZH}

_CHINESE = r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]"


def encode(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    length: int,
    first: int | Sequence[int] = BOS,
) -> Tensor:
    """(n, length) int64: `first`, the text, EOS, PAD...; a long text is cut before its EOS."""
    firsts = [first] * len(texts) if isinstance(first, int) else first
    ids = torch.full((len(texts), length), PAD, dtype=torch.int64)
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    for row, begin, encoding in zip(ids, firsts, encodings, strict=True):
        sequence = [begin, *encoding.ids[: length - 2], EOS]
        row[: len(sequence)] = torch.tensor(sequence)
    return ids


def words(tokenizer: Tokenizer, ids: Iterable[int]) -> str:
    """Readable text of token ids, without the special ones; Chinese is written without spaces."""
    text = tokenizer.decode([int(i) for i in ids if i > ZH]).replace(" ##", "")
    text = re.sub(rf"(?<={_CHINESE}) *, *", "，", text)  # the tokenizer writes all commas alike
    text = re.sub(rf"(?<={_CHINESE}) +| +(?={_CHINESE})", "", text)
    text = re.sub(r"(?<=\w) ?(['-]) ?(?=\w)", r"\1", text)  # t-shirt, dog's
    return re.sub(r" +([,.!?'])", r"\1", text)
