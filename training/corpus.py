"""Texts without pictures: what a text tower should know beyond the captions it saw.

Every label in sentences, goods in all colours and materials, synonyms, a dictionary's nouns, and
the words that the teacher knows. The sentence encoder's vector of the English is the goal for both
languages; that of a word which is told by others (a synonym, a dictionary's noun) lies on the way
to theirs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .dictionary import read_dictionary
from .drawings import PAINTS, RELATIONS, SHAPES, THINGS
from .lexicon import (
    AUDIENCE_ZH,
    COLOUR_SYNONYMS,
    COLOURS,
    COMMON,
    KINDS,
    MATERIALS,
    SHORT_COLOURS_ZH,
    SYNONYMS,
    SYNONYMS_ZH,
    WIDER,
)
from .sentences import plural, with_article

SHOP_SOURCES = ("fashion-product-images", "grocery-store", "clothing-dataset", "flipkart")

# of a noun that names labels, so that there are pictures to be found
NAMED_TRUST, NAMED_TIMES = 2.0, 4
SEVERAL_TIMES = 20


@dataclass(frozen=True, slots=True)
class Pair:
    english: str
    chinese: tuple[str, ...] = ()  # what means the same
    told: tuple[str, ...] = ()  # what tells it: mostly words that pictures were shown with
    trust: float = 1.0  # how much the mean of `told` counts in the goal, beside the text itself
    times: int = 1  # how often it is drawn, beside others

    def texts(self) -> tuple[str, ...]:
        """The English texts whose vectors make the goal."""
        return self.english, *self.told


def texts_alone(data: Path, seed: int = 0) -> list[Pair]:
    """All pairs; of two with one text the first gives its goal, so that labels keep their own.

    Labels are read from DATA/pictures.jsonl.
    """
    labels, coloured = _labels(data)
    things = {**dict(KINDS.values()), **dict(WIDER.values())}
    things |= {english: chinese or things.get(english, "") for english, chinese in labels.items()}
    coloured |= dict(KINDS.values()) | {"fruit": "水果", "vegetable": "蔬菜", "bag": "包"}
    chance = random.Random(seed)
    pairs = [
        *of_things(things),
        *of_colours(coloured),
        *of_several(things, coloured),
        *of_materials(coloured),
        *(Pair(english, (chinese,)) for english, chinese in COMMON.items()),
        *of_synonyms(),
        *of_nouns(data),
        *of_two(things, chance),
        *of_shapes(chance),
        *(Pair(word) for word in _words(data)),
    ]
    return list(dict.fromkeys(pairs))


def of_things(things: dict[str, str]) -> Iterator[Pair]:
    for english, chinese in things.items():
        named = with_article(english)
        yield Pair(english, _said("{}", of=chinese))
        yield Pair(f"a photo of {named}", _said("一张{}的照片", "{}照片", of=chinese))
        yield Pair(named, _said("一个{}", of=chinese))
        yield Pair(f"a picture of {english}", _said("{}的图片", "{}图片", of=chinese))


def _said(*forms: str, of: str) -> tuple[str, ...]:
    """Chinese sentences of a thing; none if nobody told its name."""
    return tuple(form.format(of) for form in forms) if of else ()


def of_colours(things: dict[str, str]) -> Iterator[Pair]:
    for colour, colour_zh in COLOURS.items():
        yield Pair(f"something {colour}", (f"{colour_zh}的东西",))
        yield Pair(colour, (colour_zh,))
        shorts = SHORT_COLOURS_ZH.get(colour_zh, ())
        for english, chinese in things.items():
            if any(word in COLOURS for word in english.split()):
                continue
            full_zh = _said(*(c + "{}" for c in (colour_zh, f"{colour_zh}的", *shorts)), of=chinese)
            if (colour, english) == ("green", "apple"):
                full_zh += ("青苹果", "青色苹果", "青色的苹果")
            yield Pair(f"{colour} {english}", full_zh)
            photo = f"a photo of {with_article(f'{colour} {english}')}"
            yield Pair(photo, _said(f"一张{colour_zh}{{}}的照片", of=chinese))


def of_several(things: dict[str, str], coloured: dict[str, str]) -> Iterator[Pair]:
    """Plurals: nothing in the spelling of "ban ##an ##as" says that these are bananas."""
    for english in things:
        if many := plural(english):
            yield Pair(many, (), (english,), times=SEVERAL_TIMES)
            yield Pair(f"a photo of {many}", (), (f"a photo of {with_article(english)}",))
            for colour in PAINTS if english in coloured else ():
                yield Pair(f"{colour} {many}", (), (f"{colour} {english}",))


def of_materials(things: dict[str, str]) -> Iterator[Pair]:
    for material, material_zh in MATERIALS.items():
        for english, chinese in things.items():
            yield Pair(f"{material} {english}", _said(material_zh + "{}", of=chinese))
    for audience, audience_zh in AUDIENCE_ZH.items():
        for english, chinese in things.items():
            yield Pair(f"{english} for {audience}", _said(audience_zh + "{}", of=chinese))


def of_synonyms() -> Iterator[Pair]:
    """Words that no picture was shown with."""
    for plain, others in SYNONYMS.items():
        for word in others:
            yield from _synonym(word, plain)
    for word, colour in COLOUR_SYNONYMS.items():
        yield Pair(word, (COLOURS[colour],), (colour,))
        for english, chinese in sorted(dict(KINDS.values()).items() | WIDER_ONCE):
            yield Pair(f"{word} {english}", (COLOURS[colour] + chinese,), (f"{colour} {english}",))
    for english, others_zh in SYNONYMS_ZH.items():
        yield Pair(english, others_zh)
        yield Pair(
            f"a photo of {with_article(english)}", tuple(f"一张{c}的照片" for c in others_zh)
        )


def _synonym(word: str, plain: str) -> Iterator[Pair]:
    forms = ("{}", "a photo of {}", "a picture of {}", "{} photo", *(f"{c} {{}}" for c in PAINTS))
    for form in forms:
        named, told = (with_article(w) if " of " in form else w for w in (word, plain))
        yield Pair(form.format(named), (), (form.format(told),))


def of_nouns(data: Path) -> Iterator[Pair]:
    """The dictionary's, if `training.dictionary` has left one there."""
    for entry in read_dictionary(data):
        pair = partial(Pair, trust=NAMED_TRUST, times=NAMED_TIMES) if entry.same else Pair
        yield pair(entry.word, entry.chinese, entry.told)
        photo = f"a photo of {with_article(entry.word)}"
        photo_zh = tuple(f"一张{chinese}的照片" for chinese in entry.chinese)
        photos = tuple(f"a photo of {with_article(label)}" for label in entry.told)
        yield pair(photo, photo_zh, photos if entry.same else entry.told)


WIDER_ONCE = {("fruit", "水果"), ("vegetable", "蔬菜"), ("shoes", "鞋子"), ("dress", "连衣裙")}


def of_two(things: dict[str, str], chance: random.Random, count: int = 3000) -> Iterator[Pair]:
    names = sorted(things)
    for _ in range(count):
        one, two = chance.sample(names, 2)
        english = f"{with_article(one)} and {with_article(two)}"
        both_named = things[one] and things[two]
        yield Pair(english, (f"{things[one]}和{things[two]}",) if both_named else ())


def of_shapes(chance: random.Random, count: int = 1500) -> Iterator[Pair]:
    """What `drawings` draws, said without a drawing."""
    drawn = {name: zh for name, (zh, _) in SHAPES.items()}
    drawn |= {name: zh for name, (zh, _, _) in THINGS.items()}
    named = {f"{c} {n}": PAINTS[c][0] + zh for c in PAINTS for n, zh in drawn.items()}
    for english, chinese in named.items():
        yield Pair(english, (chinese,))
        yield Pair(with_article(english), (f"一个{chinese}",))
    for _ in range(count):
        one, two = chance.sample(sorted(named), 2)
        relation = chance.choice(sorted(RELATIONS))
        english = f"{with_article(one)} {relation} {with_article(two)}"
        yield Pair(english, (f"{named[one]}在{named[two]}的{RELATIONS[relation][0]}",))


def _words(data: Path) -> list[str]:
    """The teacher's own vocabulary, if `teach` has left it there."""
    file = data / "words.txt"
    return file.read_text().split() if file.exists() else []


def _labels(data: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Labels and their Chinese names ("" for none): all, and those of goods sold by colour.

    These are what shops show, and whatever some photo says the colour of.
    """
    everything: dict[str, str] = {}
    sold: dict[str, str] = {}
    with (data / "pictures.jsonl").open() as lines:
        for row in map(json.loads, lines):
            if not row["label"]:
                continue
            label = row["label"].replace("_", " ").lower()
            everything[label] = row["label_zh"] or everything.get(label, "")
            if row["source"] in SHOP_SOURCES or row.get("colour"):
                sold[label] = everything[label]
    return everything, sold
