"""What a sentence says is not wanted: "an apple but no red", 没有红色的苹果.

No grammar: words that negate, as far as what they negate can be told from where it ends. Where it
cannot, and where "no" is part of a name, the words stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .script import CHINESE


@dataclass(frozen=True, slots=True)
class Wish:
    """A sentence taken apart; `wanted` is empty where it only says what is not."""

    wanted: str
    unwanted: tuple[str, ...] = ()


def parted(text: str) -> Wish:
    """The text without what it negates, and that."""
    wanted, unwanted = text, []
    if CHINESE.search(text):
        wanted, found = _part_chinese(text)
        unwanted += found
    wanted, found = _part_english(wanted)
    unwanted += found
    return Wish(wanted, tuple(dict.fromkeys(unwanted)))


# English

_TRIGGER = re.compile(
    r"""(?<![\w'-])(?:
      (?:(?:and|but|,)\s+)*(?:that|which|who)\s+(?:is|are|was|were|has|have|do|does)\s+
          (?:not|no)(?:\s+(?:have|has|show|contain|include|wear|wearing|showing))?
    | (?:(?:and|but)\s+)*(?:(?:that|which|who)\s+)?(?:isn't|aren't|doesn't|don't|hasn't|haven't)
          (?:\s+(?:have|show|contain|include|wear|want))?
    | (?:and|but)\s+(?:with\s+)?(?:without|not|no)
    | with\s+no | without | w/o | rather\s+than | instead\s+of | other\s+than | apart\s+from
    | except(?:\s+for)? | excluding | minus | not | no
    )(?:\s+(?:with|a|an|the|any|some|too|many|much|one|having|showing|wearing|in|on|of))*
    (?=\s+[\w'"])(?![\w'-])""",
    re.IGNORECASE | re.VERBOSE,
)
_STOP = re.compile(
    r"[,;.!?，；。]|(?<![\w'-])(?:but|on|in|at|with|near|under|over|behind|beside|next|from|to|for|by"
    r"|during|while|that|which|who|is|are)(?![\w'-])",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+(?:or|nor|and)\s+(?:(?:a|an|the|any|no|not|without)\s+)*", re.IGNORECASE)
_POINTLESS = re.compile(r"\s+(?:ones?|things?|colou?red|please)$", re.IGNORECASE)
_IN_IT = re.compile(r"^\s*(?:in|on|at|with)\s+(?:it|them|there|the\s+(?:picture|photo|image)s?)\b")
_EDGES = re.compile(
    r"^(?:[\s,;，；]|(?:and|but)\b)+|(?:[\s,;，；]|\b(?:and|but)\b)+$", re.IGNORECASE
)

_SIGNS = (
    r"entry|exit|smoking|parking|stopping|standing|trespassing|swimming|fishing|diving|littering"
    r"|loitering|photography|signal|service|way|one|body|man(?:'s|s)?|longer|more|doubt|matter|idea"
    r"|thanks|problem|limits?|country|fly|name|vacancy|turns?|thoroughfare|brainer|show|time|logo"
)
_NO_NAME = re.compile(
    rf"no\.?\s+(?:(?:{_SIGNS})\b|[\d#]|\w+\s+(?:allowed|signs?|zone|symbol|sticker|please)\b)",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(
    r"not\s+(?:only|just|yet|even|so|very|too|quite|really|bad|sure|all|every|enough|to|ok|okay"
    r"|guilty|found|applicable|available)\b",
    re.IGNORECASE,
)
_OTHER_NAMES = re.compile(
    r"minus\s+(?:\d|sign)|without\s+(?:borders|words|limits)\b", re.IGNORECASE
)
_OR_NOT = re.compile(r"\b(?:or|why|whether|if|forget|me)\s+$", re.IGNORECASE)


def _part_english(text: str) -> tuple[str, list[str]]:
    wanted, unwanted, place = [], [], 0
    for match in _TRIGGER.finditer(text):
        if match.start() < place or _is_name(text, match):
            continue
        end = _end_of(text, match.end())
        if found := list(_things(text[match.end() : end])):
            wanted.append(text[place : match.start()])
            unwanted += found
            place = end + _pointless(text[end:])
    wanted.append(text[place:])
    joined = " ".join(filter(None, (_EDGES.sub("", piece) for piece in wanted)))
    if not joined and len(unwanted) == 1 and re.match(r"not\s", text, re.IGNORECASE):
        *qualities, thing = unwanted[0].split()  # "not red apples"
        return (thing, [" ".join(qualities)]) if qualities else ("", unwanted)
    return joined, unwanted


def _is_name(text: str, match: re.Match[str]) -> bool:
    from_here = text[match.start() :]
    names = (_NO_NAME, _NOT_NAME, _OTHER_NAMES)
    return any(name.match(from_here) for name in names) or bool(
        _OR_NOT.search(text[: match.start()])
    )


def _end_of(text: str, begin: int) -> int:
    """Where the noun phrase ends that begins there."""
    stop = _STOP.search(text, begin + 1)
    return stop.start() if stop else len(text)


def _things(phrase: str) -> Iterator[str]:
    for thing in _AND.split(phrase.strip()):
        if named := _POINTLESS.sub("", thing.strip(" ,'\"")):
            yield named


def _pointless(rest: str) -> int:
    """How much of it only says where the unwanted thing is not."""
    match = _IN_IT.match(rest)
    return match.end() if match else 0


# Chinese

_CHINESE_TRIGGER = re.compile(
    r"(?:(?:但是?|而且?|并且|却|可)\s*)?"
    r"(?:(?<!有)没有|(?<!要)不要|(?<!是)不是|(?<!带)不带|不含|不包括|不包含|不戴|没戴|没穿|不穿|没带"
    r"|不想要|(?P<beside>(?<![开删免解清消拆])除了|除去|排除))(?:任何|有)?\s*(?=[^\s，,。；;的了吗])"
)
_CHINESE_STOP = re.compile(r"[，,。；;！!？?]|但是?|而是|只要")
_BESIDE = re.compile(r"(?:以外|之外)的?")
_CHINESE_AND = re.compile(r"\s*(?:和|或者?|与|以及|、)\s*")
_WHO = re.compile(r"^(?:我们?|请)(?:只?想?要?)$")
_CHINESE_EDGES = "，,。；;、 的"


def _part_chinese(text: str) -> tuple[str, list[str]]:
    wanted, unwanted, place = [], [], 0
    while match := _CHINESE_TRIGGER.search(text, place):
        stop = _CHINESE_STOP.search(text, match.end())
        end = stop.start() if stop else len(text)
        before = _WHO.sub("", text[place : match.start()].strip(_CHINESE_EDGES))
        clause = text[match.end() : end].strip()
        thing, rest = _clause(clause, before, beside=bool(match["beside"]))
        wanted += [before, rest]
        unwanted += [name.strip() for name in _CHINESE_AND.split(thing) if name.strip()]
        place = end
    wanted.append(text[place:].strip(_CHINESE_EDGES))
    return " ".join(filter(None, wanted)) if unwanted else text, unwanted


def _clause(clause: str, before: str, *, beside: bool) -> tuple[str, str]:
    """What is not wanted of 红色的苹果, and what the clause says is."""
    if beside and (match := _BESIDE.search(clause)):
        return clause[: match.start()], clause[match.end() :]
    quality, of, thing = clause.partition("的")
    if not of or not thing or (before and not before.endswith(thing)):
        return clause.strip(_CHINESE_EDGES), ""
    return quality, "" if before else thing
