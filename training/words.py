"""The words that a text tower was taught, the most common first, for the speller.

    python -m training.words SHARDS... --also FILE --wordnet /usr/share/wordnet > words.txt

Those of the shards' texts by how often they occur; then those of the file, such as the vocabulary
of the sentence encoder that taught; then WordNet's nouns for what can be seen. What occurs but once
in captions is often a typo itself, and is left out unless it is part of a label.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .command import run
from .dictionary import CONCRETE, WordNet, read_wordnet
from .shards import Meta, read_samples

_WORD = re.compile(r"(?<![A-Za-z'])[A-Za-z]{3,}(?![A-Za-z'])")


def words(metas: Iterable[Meta], also: Iterable[str] = ()) -> list[str]:
    """In small letters, each once."""
    counts: Counter[str] = Counter()
    for meta in metas:
        counts.update(_words(" ".join([meta.get("title") or "", *meta.get("captions", [])])))
        counts.update(2 * _words(meta.get("label") or ""))
    common = sorted((word for word, n in counts.items() if n > 1), key=lambda w: (-counts[w], w))
    return list(dict.fromkeys([*common, *(word for word in also if _WORD.fullmatch(word))]))


def concrete_nouns(wordnet: WordNet) -> list[str]:
    """Single words of five letters or more: many a shorter one is nobody's word any more."""
    lemmas = {
        lemma
        for synset in wordnet.synsets.values()
        if synset.file in CONCRETE
        for lemma in synset.lemmas
        if len(lemma) >= 5 and lemma.islower() and lemma.isascii() and lemma.isalpha()
    }
    return sorted(lemmas)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("shards", nargs="+", type=Path)
    parser.add_argument("--also", type=Path, help="further words, one a line")
    parser.add_argument("--wordnet", type=Path, help="folder of data.noun and index.noun")
    chosen = parser.parse_args()
    metas: Iterator[Meta] = (sample.meta for sample in read_samples(chosen.shards))
    further = chosen.also.read_text("utf-8").split() if chosen.also else []
    further += concrete_nouns(read_wordnet(chosen.wordnet)) if chosen.wordnet else []
    print("\n".join(words(metas, further)))


if __name__ == "__main__":
    run(main)
