"""Words that no picture was shown with: do they find what they mean?

    python -m benchmarks.unseen_words TESTSETS DATA [--model NAME]

TESTSETS as for `benchmarks.retrieval`; their labels.jsonl are searched as one collection. DATA is
what `training.prepare` wrote: a word that any sentence there says is left out, for it was seen.
The figure is the precision at min(10, right pictures), apart for words that `training.lexicon` told
the text tower as synonyms, and for words that it was told nothing of.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from search.bootstrap import open_encoder
from search.metrics import capped_precision_at, mean_with_interval
from training.lexicon import COLOUR_SYNONYMS, SYNONYMS

from .retrieval import Row, embed_pixels, embed_texts, load, open_testsets, rank, settings_for

RED_FRUIT = ("strawberry", "tomato", "red bell pepper", "pomegranate", "red apple")
# word -> ends of the labels (or tags) that it means
MEANS: dict[str, tuple[str, ...]] = {
    "footwear": ("shoes", "sandals", "high heels", "flip flops"),
    "automobile": ("car",),
    "timepiece": ("watch",),
    "billfold": ("wallet",),
    "headgear": ("hat", "cap"),
    "knitwear": ("sweater",),
    "eyewear": ("sunglasses",),
    "legwear": ("pants", "trousers", "jeans", "leggings", "stockings"),
    "capsicum": ("bell pepper",),
    "courgette": ("zucchini",),
    "eggplant": ("aubergine",),
    "canine": ("dog", "dalmatian", "springer spaniel"),
    "equine": ("horse",),
    "feline": ("wild cat", "leopard", "cougar"),
    "aircraft": ("airplane", "helicopter"),
    "avenue": ("street",),
    "dawn": ("sunrise",),
    "woodland": ("forest",),
    "crimson fruit": RED_FRUIT,
    "crimson apple": ("red apple",),
    "pachyderm": ("elephant",),
    "cathedral": ("church",),
    "necktie": ("tie",),
    "hosiery": ("socks", "stockings", "leggings"),
    "citrus": ("orange", "lemon", "lime", "grapefruit", "satsuma"),
    "spud": ("potato",),
    "skyscraper": ("buildings",),
    "woodwind": ("flute", "clarinet", "saxophone", "ocarina"),
    "blossom": ("daisy", "dandelion", "rose", "sunflower", "tulip"),
    "fungus": ("mushroom",),
}


def right_of(word: str, rows: Sequence[Row]) -> frozenset[int]:
    """Numbers of the rows that `word` means."""
    ends = tuple(f" {end}" for end in MEANS[word])
    said = [[row.get("label") or "", *row.get("query_tags", [])] for row in rows]
    named = [any(f" {text}".endswith(ends) for text in texts) for texts in said]
    return frozenset(np.flatnonzero(named).tolist())


def seen_words(data: Path) -> frozenset[str]:
    """Every English word that a picture was shown with."""
    found: set[str] = set()
    with (data / "pictures.jsonl").open() as lines:
        for row in map(json.loads, lines):
            for text in (*row["human_en"], *row["made_en"]):
                found.update(re.findall(r"[a-z]+", text.lower()))
    return frozenset(found)


def unseen(seen: frozenset[str]) -> list[str]:
    """The words whose first one, the telling one, no picture was shown with."""
    return [word for word in MEANS if word.split()[0] not in seen]


def told(word: str) -> bool:
    """Whether the lexicon says what `word` means: a figure for such a word is the lexicon's."""
    synonyms = {synonym for others in SYNONYMS.values() for synonym in others}
    return word.split()[0] in synonyms | COLOUR_SYNONYMS.keys()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("testsets", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", help="default: embedded")
    chosen = parser.parse_args()
    encoder = open_encoder(chosen.model, settings_for("auto", "auto"))
    labelled = [testset for testset in open_testsets(chosen.testsets) if not testset.captioned]
    rows = [row for testset in labelled for row in testset.rows]
    pixels = [load(encoder, testset, testset.rows) for testset in labelled]
    words = unseen(seen_words(chosen.data))
    rankings = rank(embed_texts(encoder, words), embed_pixels(encoder, np.concatenate(pixels)))
    values = {}
    for word, ranking in zip(words, rankings, strict=True):
        right = right_of(word, rows)
        values[word] = capped_precision_at(10, ranking, right)
        print(f"{word:15s} {values[word]:.2f}  of {len(right)}{'  (told)' if told(word) else ''}")
    for name, kind in (("told as synonyms", True), ("told nowhere", False)):
        of_kind = [value for word, value in values.items() if told(word) is kind]
        value, low, high = mean_with_interval(of_kind)
        print(f"{name}: mean of {len(of_kind)}: {value:.3f} [{low:.3f}, {high:.3f}]")
    print("seen, so left out:", ", ".join(sorted(MEANS.keys() - set(words))) or "none")


if __name__ == "__main__":
    main()
