"""The singular beside the plural: towers saw "a photo of an apple", and little of "apples"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .lexicon import Lexicon

_WORD = re.compile(r"[A-Za-z]{3,}")

_IRREGULAR = {
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "oxen": "ox",
    "leaves": "leaf",
    "knives": "knife",
    "wolves": "wolf",
    "loaves": "loaf",
    "shelves": "shelf",
    "scarves": "scarf",
    "calves": "calf",
    "halves": "half",
    "hooves": "hoof",
    "cacti": "cactus",
    "fungi": "fungus",
    "buses": "bus",
    "lenses": "lens",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "mangoes": "mango",
    "heroes": "hero",
}
# One of them is something else, or is no word.
_ALWAYS_PLURAL = re.compile(
    r"(?:eye|sun)?glasses|spectacles|trousers|pants|jeans|shorts|tights|leggings|scissors|goggles"
    r"|binoculars|pliers|tweezers|clothes|goods|stairs|news|series|species|arms|sports|gymnastics"
    r"|athletics|overalls|dungarees|pa?yjamas"
)
_SINGULAR = re.compile(r"(?:ss|us|is|as|os)$")
_RULES = (
    (re.compile(r"(?<=[^aeiou])ies$"), "y"),
    (re.compile(r"(?<=ch|sh|ss|xx)es$|(?<=x|z)es$"), ""),
    (re.compile(r"s$"), ""),
)


def singular(text: str, lexicon: Lexicon) -> str:
    """The text with each plural as its singular: "red apples" -> "red apple"."""
    return _WORD.sub(lambda match: _singular(match[0], lexicon), text)


def _singular(word: str, lexicon: Lexicon) -> str:
    plural = word.lower()
    if plural in _IRREGULAR:
        return _IRREGULAR[plural]
    if _ALWAYS_PLURAL.fullmatch(plural) or not plural.endswith("s") or _SINGULAR.search(plural):
        return word
    return next((one for one in _singulars(plural) if lexicon.knows(one)), word)


def _singulars(plural: str) -> Iterator[str]:
    for ending, replaced in _RULES:
        if ending.search(plural):
            yield ending.sub(replaced, plural)
