"""Full text: the words of a text, as texts are found by, and the fields that texts stand in.

Upper case, accents and the width of letters make no difference. Languages that write without
spaces are read character by character; whoever looks for several takes them side by side.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from enum import IntEnum
from itertools import pairwise

from .products import FAMILY, NAMESPACE

LONGEST = 40  # characters of a word
MOST = 4000  # words of one text

_STOP_EN = (
    "a an and are as at be by for from her his in into is it its of on or that the their them this "
    "to with"
)
_STOP_ZH = "的了在和是有一个着"
STOP = frozenset([*re.findall("[a-z]+", _STOP_EN), *_STOP_ZH])

_APART = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_APART}]|[^\W_{_APART}]+")
_OWNED = re.compile(r"(?<=\w)['’]s\b")  # "men's" is found by "men"
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")  # "RedApple"
_CHARACTER = re.compile(rf"[{_APART}]")


class Field(IntEnum):
    """Where words stand. The numbers are in the catalogue: they never change."""

    CAPTION = 1  # by a machine
    NOTE = 2  # a caption by people
    TITLE = 3
    DESCRIPTION = 4
    TAG = 5
    FACT = 6
    FILE = 7  # its name
    FOLDER = 8
    TEXT = 9  # in the picture


NAME = "words"  # of the evidence

IN_WORDS = {
    Field.CAPTION: "caption",
    Field.NOTE: "caption",
    Field.TITLE: "title",
    Field.DESCRIPTION: "description",
    Field.TAG: "tags",
    Field.FACT: "facts",
    Field.FILE: "file name",
    Field.FOLDER: "folder",
    Field.TEXT: "text in the picture",
}

_OF_PARTS = {
    "title": Field.TITLE,
    "description": Field.DESCRIPTION,
    "tag": Field.TAG,
    "caption": Field.CAPTION,
}
_OF_FACTS = {"title": Field.TITLE, "description": Field.DESCRIPTION, "tag": Field.TAG}
# facts that say nothing of what a picture shows, or that have a filter of their own:
# "apple" is not to find all pictures of an Apple telephone
_OF_PICTURES = {"camera", "colour", "ground", "phash"}
_OF_FEEDS = {"currency", "availability", "url", "link", FAMILY}


def field_of_part(kind: str, source: str | None) -> Field:
    if kind == "caption" and source == "human":
        return Field.NOTE
    return _OF_PARTS.get(kind, Field.TEXT)


def field_of_fact(name: str) -> Field | None:
    """None: this fact is not found by words."""
    if name in _OF_PICTURES or name.removeprefix(NAMESPACE) in _OF_FEEDS:
        return None
    return _OF_FACTS.get(name.removeprefix(NAMESPACE), Field.FACT)


def words_of(text: str) -> list[str]:
    """In order, as they are compared."""
    plain = _OWNED.sub("", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in plain if not unicodedata.combining(each))
        plain = unicodedata.normalize("NFKC", plain)
    found = _WORD.findall(plain.casefold())
    return [word[:LONGEST] for word in found[:MOST]]


def words_of_path(path: bytes, root: bytes) -> Iterator[tuple[Field, str]]:
    """Texts of a file's name, without its extension, and of its folders from `root` on."""
    *folders, name = path.decode("utf-8", "replace").split("/")
    start = root.decode("utf-8", "replace").rstrip("/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    yield Field.FILE, _JOINED.sub(" ", stem)
    for folder in filter(None, (start, *folders)):
        yield Field.FOLDER, _JOINED.sub(" ", folder)


def is_character(word: str) -> bool:
    """Of a language without spaces."""
    return _CHARACTER.fullmatch(word) is not None


def units(words: list[str], without: Container[str] = ()) -> list[tuple[str, ...]]:
    """What is looked for: words, and characters in pairs of neighbours, or alone where they are.

    What is left out parts its neighbours.
    """
    found: list[tuple[str, ...]] = []
    run: list[str] = []
    for word in [*("" if word in without else word for word in words), ""]:
        if is_character(word):
            run.append(word)
            continue
        found += pairwise(run) if len(run) > 1 else [(each,) for each in run]
        run = []
        found += [(word,)] if word else []
    return list(dict.fromkeys(found))


def forms(word: str) -> list[str]:
    """A word, and its plural or singular as English makes them."""
    found = [word]
    if len(word) > 2 and word.isascii() and word.isalpha():
        found += [f"{word}s", f"{word}es"]
        found += [f"{word[:-1]}ies"] if word.endswith("y") else []
        found += [f"{word[:-3]}y"] if word.endswith("ies") else []
        found += [word[:-2]] if word.endswith("es") else []
        found += [word[:-1]] if word.endswith("s") and not word.endswith("ss") else []
    return found
