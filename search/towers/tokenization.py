"""Texts to the token ids that a text tower reads, and a decoder's ids back to words."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, SimpleTokenizer, get_clean_fn
from tokenizers import Tokenizer

from ..errors import ModelUnavailableError
from ..models import require_transformers
from . import scripts, tokens


class Reader(Protocol):
    """What an encoder needs of a tokenizer."""

    @property
    def identity(self) -> str:
        """Changes when the same text may give other ids: part of the fingerprint."""

    def ids(self, texts: Sequence[str]) -> torch.Tensor:
        """(n, context) int64; a text beyond the context is cut."""

    def fits(self, text: str) -> bool: ...

    def vocabulary(self) -> Sequence[str]:
        """Its whole words in small letters, the most common first; none where it cannot say."""


class Writer(Reader, Protocol):
    """A reader whose ids a caption decoder writes as well."""

    @property
    def firsts(self) -> Mapping[str, int]:
        """Language -> the id that begins a caption in it."""

    @property
    def end(self) -> int: ...

    def allowed(self, language: str) -> Sequence[int] | None:
        """The ids that a caption in that language may hold; None: all of them."""

    def words(self, ids: Iterable[int]) -> str: ...


class EmbeddedReader:
    """The embedded model's own tokenizer: English and Chinese."""

    firsts = tokens.LANGUAGE_TOKENS
    end = tokens.EOS

    def __init__(self, tokenizer: Tokenizer, folder: Path, context: int) -> None:
        self._tokenizer = tokenizer
        self._folder = folder
        self._context = context
        self.identity = f"{context} {_hash(folder)}"

    def ids(self, texts: Sequence[str]) -> torch.Tensor:
        return tokens.encode(self._tokenizer, texts, self._context)

    def fits(self, text: str) -> bool:
        words = self._tokenizer.encode(text, add_special_tokens=False).ids
        return len(words) + 2 <= self._context

    def vocabulary(self) -> Sequence[str]:
        """Of the texts that the tower was trained on, where its folder lists them: tokens are often
        but beginnings of words."""
        file = self._folder / "words.txt"
        return file.read_text("utf-8").split() if file.exists() else ()

    def allowed(self, language: str) -> Sequence[int] | None:
        return scripts.allowed(self._tokenizer.get_vocab(), language)

    def words(self, ids: Iterable[int]) -> str:
        return tokens.words(self._tokenizer, ids)


class ClipReader:
    """CLIP's byte pairs, which most of open_clip's models read; CoCa writes them."""

    def __init__(self, text_cfg: Mapping[str, Any]) -> None:
        options = dict(text_cfg.get("tokenizer_kwargs", {}))
        self._context: int = text_cfg.get("context_length", DEFAULT_CONTEXT_LENGTH)
        self._tokenizer = SimpleTokenizer(context_length=self._context, **options)
        self.firsts = {"en": self._tokenizer.sot_token_id}
        self.end = self._tokenizer.eot_token_id
        self.identity = f"clip {self._context} {json.dumps(options, sort_keys=True)}"

    def ids(self, texts: Sequence[str]) -> torch.Tensor:
        ids: torch.Tensor = self._tokenizer(list(texts))
        return ids

    def fits(self, text: str) -> bool:
        return len(self._tokenizer.encode(text)) + 2 <= self._context

    def vocabulary(self) -> Sequence[str]:
        return _whole_words(self._tokenizer.encoder, after="</w>")

    def allowed(self, language: str) -> Sequence[int] | None:
        return None  # it was trained on one language

    def words(self, ids: Iterable[int]) -> str:
        special = (self._tokenizer.sot_token_id, self._tokenizer.eot_token_id)
        text: str = self._tokenizer.decode([i for i in ids if i not in special])
        return " ".join(text.split()).replace(" .", ".").replace(" ,", ",")


class FileReader:
    """A `tokenizer.json` read by the tokenizers package, as open_clip's HFTokenizer would read it.

    transformers takes seconds to import and does the same for these files.
    """

    def __init__(self, folder: Path, text_cfg: Mapping[str, Any]) -> None:
        options = text_cfg.get("tokenizer_kwargs", {})
        file = str(folder / "tokenizer.json")
        self._context: int = text_cfg.get("context_length", DEFAULT_CONTEXT_LENGTH)
        self._clean = get_clean_fn(options.get("clean", "whitespace"))
        self._whole = Tokenizer.from_file(file)
        self._whole.no_padding()
        self._whole.no_truncation()
        pad = _pad_token(folder)
        self._cut = Tokenizer.from_file(file)
        self._cut.enable_truncation(self._context)
        pad_id = self._cut.token_to_id(pad)
        self._cut.enable_padding(length=self._context, pad_id=pad_id, pad_token=pad)
        self.identity = f"{self._context} {_hash(folder)}"

    @staticmethod
    def suffices(folder: Path, text_cfg: Mapping[str, Any]) -> bool:
        """False where transformers rebuilds the tokenizer from more than its json."""
        known = set(text_cfg.get("tokenizer_kwargs", {})) <= {"clean"}
        plain = known and not text_cfg.get("tokenizer_mode")
        if not (plain and (folder / "tokenizer.json").is_file()):
            return False
        kind = str(_tokenizer_config(folder).get("tokenizer_class", ""))
        return kind.startswith(
            ("PreTrained", "Bert", "CLIP", "XLMRoberta", "Roberta", "Tokenizers")
        )

    def ids(self, texts: Sequence[str]) -> torch.Tensor:
        encodings = self._cut.encode_batch([self._clean(text) for text in texts])
        return torch.tensor([encoding.ids for encoding in encodings]).reshape(-1, self._context)

    def fits(self, text: str) -> bool:
        words = self._whole.encode(self._clean(text)).ids
        return len(words) <= self._context

    def vocabulary(self) -> Sequence[str]:
        return _whole_words(self._whole.get_vocab(), before="▁")


class TransformersReader:
    """A tokenizer that only transformers can build, through open_clip."""

    def __init__(self, name: str, folder: Path | None) -> None:
        import open_clip

        require_transformers(name)
        try:
            self._read = open_clip.get_tokenizer(name)
            self._lock = threading.Lock()  # each call sets the truncation anew
        except Exception as error:  # of transformers, or of the hub's client
            why = str(error).strip().split("\n")[0]
            raise ModelUnavailableError(
                f"{name}: its tokenizer could not be read or fetched ({why})"
            ) from error

        words = _hash(folder) if folder else name
        self.identity = f"{self._read.context_length} {words}"

    def ids(self, texts: Sequence[str]) -> torch.Tensor:
        with self._lock:
            ids: torch.Tensor = self._read(list(texts))
        return ids

    def fits(self, text: str) -> bool:
        with self._lock:
            length = len(self._read.tokenizer(text).input_ids)
        return bool(length <= self._read.context_length)

    def vocabulary(self) -> Sequence[str]:
        return ()


def needs_transformers(name: str, text_cfg: Mapping[str, Any]) -> bool:
    """Whether the tokenizer or the text tower of open_clip's model `name` is transformers' own."""
    named = text_cfg.get("hf_tokenizer_name") or text_cfg.get("hf_model_name")
    return bool(named) or "siglip" in name.lower()


def read_with(name: str, folder: Path | None, text_cfg: Mapping[str, Any]) -> Reader:
    """The reader that open_clip would choose. `name` is open_clip's for it."""
    siglip = folder is None and "siglip" in name.lower()
    if not (text_cfg.get("hf_tokenizer_name") or siglip):
        return ClipReader(text_cfg)
    if folder is not None and FileReader.suffices(folder, text_cfg):
        return FileReader(folder, text_cfg)
    return TransformersReader(name, folder)


def _whole_words(ids: Mapping[str, int], *, before: str = "", after: str = "") -> list[str]:
    """Tokens with the marks of a word's beginning and end, by their ids: those that were merged
    first are the most common ones."""
    whole = (t for t in sorted(ids, key=ids.__getitem__) if t.startswith(before))
    words = (t.removeprefix(before).removesuffix(after) for t in whole if t.endswith(after))
    return [word for word in words if len(word) > 2 and word.isascii() and word.isalpha()]


def _hash(folder: Path) -> str:
    """Of the tokenizer's files; not of its state in memory, which is its package's to change."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.name.startswith(("tokenizer", "vocab", "merges", "spiece", "sentencepiece")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _tokenizer_config(folder: Path) -> dict[str, Any]:
    file = folder / "tokenizer_config.json"
    config: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
    return config


def _pad_token(folder: Path) -> str:
    pad = _tokenizer_config(folder).get("pad_token", "<pad>")
    return str(pad["content"] if isinstance(pad, dict) else pad)
