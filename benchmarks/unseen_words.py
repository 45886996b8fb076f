"""Words that no picture was shown with: do they find what they mean?

    python -m benchmarks.unseen_words TESTSETS DATA [--model NAME]

TESTSETS as for `benchmarks.retrieval`; their labels.jsonl are searched as one collection. DATA is
what `training.prepare` wrote: a word that any sentence there says is left out, for it was seen.
The figure is the precision at min(10, right pictures), apart for words that `training.lexicon` told
the text tower as synonyms, that DATA/dictionary.jsonl told, and that nobody told it in this form
(it may know "drape" and not "drapes", or have read the word in a longer text).

The words are in unseen_words.json: "ours" were chosen beside the lexicon; "blind" and "blind_zh"
by somebody who knew the labels only. A word means all labels that end as it says.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from evaluation.metrics import capped_precision_at, mean_with_interval
from evaluation.testsets import Row, open_testsets
from search.bootstrap import open_encoder
from training.dictionary import read_dictionary
from training.lexicon import COLOUR_SYNONYMS, SYNONYMS, SYNONYMS_ZH

from .retrieval import embed_pixels, embed_texts, load, rank, settings_for

FILE = Path(__file__).with_suffix(".json")

Teller = Literal["lexicon", "dictionary", "nobody"]


def read_lists() -> dict[str, dict[str, list[str]]]:
    """List -> word -> ends of the labels (or tags) that it means."""
    lists: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text())
    return lists


def right_of(ends: Sequence[str], rows: Sequence[Row]) -> frozenset[int]:
    """Numbers of the rows whose label or tag ends so."""
    spaced = tuple(f" {end}" for end in ends)
    said = [[row.get("label") or "", *row.get("query_tags", [])] for row in rows]
    named = [any(f" {text}".endswith(spaced) for text in texts) for texts in said]
    return frozenset(np.flatnonzero(named).tolist())


@dataclass(frozen=True, slots=True)
class Seen:
    """What was said of the training pictures."""

    english: frozenset[str]  # words
    chinese: str  # all sentences

    @classmethod
    def read(cls, data: Path) -> Seen:
        words: set[str] = set()
        chinese: set[str] = set()
        with (data / "pictures.jsonl").open() as lines:
            for row in map(json.loads, lines):
                for text in (*row["human_en"], *row["made_en"]):
                    words.update(re.findall(r"[a-z]+", text.lower()))
                chinese.update((*row["human_zh"], *row["made_zh"]))
        return cls(frozenset(words), "\n".join(chinese))

    def says(self, word: str) -> bool:
        """Whether the word was said; of several English ones, the first, which is the telling."""
        return _first(word) in self.english or (not word.isascii() and word in self.chinese)


@dataclass(frozen=True, slots=True)
class Told:
    """Which words were told to the text tower without a picture."""

    lexicon: frozenset[str]
    dictionary: frozenset[str]

    @classmethod
    def read(cls, data: Path) -> Told:
        entries = read_dictionary(data)
        groups = (*SYNONYMS.values(), *SYNONYMS_ZH.values())
        lexicon = {word for group in groups for word in group} | COLOUR_SYNONYMS.keys()
        names = {name for entry in entries for name in (entry.word, *entry.chinese)}
        return cls(frozenset(lexicon), frozenset(names))

    def by(self, word: str) -> Teller:
        if {word, _first(word)} & self.lexicon:
            return "lexicon"
        return "dictionary" if word in self.dictionary else "nobody"


def _first(word: str) -> str:
    return re.split(r"[\W_]", word)[0]


def report(name: str, values: dict[str, float], told: Told) -> Iterator[str]:
    """The mean of a list, and of its words by who told them."""
    groups: dict[str, list[float]] = defaultdict(list)
    for word, value in values.items():
        groups["all"].append(value)
        groups[f"told by {told.by(word)}"].append(value)
    for group, figures in sorted(groups.items()):
        value, low, high = mean_with_interval(figures)
        yield f"{name:9s} {group:20s} n={len(figures):<3d} {value:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("testsets", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", help="default: embedded")
    chosen = parser.parse_args()
    encoder = open_encoder(chosen.model, settings_for("auto", "auto"))
    labelled = [testset for testset in open_testsets(chosen.testsets) if not testset.captioned]
    rows = [row for testset in labelled for row in testset.rows]
    pixels = [load(encoder, testset, testset.rows) for testset in labelled]
    pictures = embed_pixels(encoder, np.concatenate(pixels))
    seen, told = Seen.read(chosen.data), Told.read(chosen.data)
    summary: list[str] = []
    for name, means in read_lists().items():
        words = [word for word in means if not seen.says(word)]
        values = {}
        for word, ranking in zip(words, rank(embed_texts(encoder, words), pictures), strict=True):
            right = right_of(means[word], rows)
            values[word] = capped_precision_at(10, ranking, right)
            print(f"{name:9s} {word:20s} {values[word]:.2f} of {len(right):<3d} {told.by(word)}")
        summary += report(name, values, told)
        left = ", ".join(sorted(means.keys() - set(words)))
        summary.append(f"{name:9s} seen, so left out: {left or 'none'}")
    print(*summary, sep="\n")


if __name__ == "__main__":
    main()
