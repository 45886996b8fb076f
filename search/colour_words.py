"""Colours that words name, in English and Chinese, and whether the words name anything else."""

from __future__ import annotations

import re
from dataclasses import dataclass

COLOURS = {
    "red": "红",
    "orange": "橙",
    "yellow": "黄",
    "green": "绿",
    "blue": "蓝",
    "purple": "紫",
    "pink": "粉",
    "brown": "棕",
    "black": "黑",
    "white": "白",
    "grey": "灰",
    "beige": "米色",
}
_OTHER_NAMES = {
    "gray": "grey",
    "violet": "purple",
    "粉红": "pink",
    "褐": "brown",
    "咖啡色": "brown",
}
_SHADES = {"light": "浅", "dark": "深", "bright": "亮", "pale": "淡"}
_NAMED = (
    {name: name for name in [*COLOURS, *_SHADES]}
    | {name: english for english, name in [*COLOURS.items(), *_SHADES.items()]}
    | _OTHER_NAMES
)
# words that name no thing: "the same one, but in red", 一样的但是要红色的
_FRAME = re.compile(
    "a|all|an|and|as|be|but|colou?r(ed)?|for|i|in|instead|is|it|just|like|make|of|ones?|only|or|"
    "please|same|the|these|thing|this|those|version|want|with"
)
_FRAME_ZH = (
    "不个为但作像其再变可只同吧呢和在它将就意想我把换改是有来样样款款的种类色要请这那都颜一以"
)
_PIECE = re.compile(r"[a-z]+|粉红|咖啡色|米色|[\u3400-\u9fff]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Colouring:
    """What words say of colour."""

    colour: str  # in English, with its shade: "dark red"
    alone: bool  # they name no thing beside it


def colouring(text: str) -> Colouring | None:
    """None for words without a colour."""
    pieces = _PIECE.findall(text.casefold())
    named = [_NAMED[piece] for piece in pieces if piece in _NAMED]
    colours = list(dict.fromkeys(named))
    if not COLOURS.keys() & colours:
        return None
    return Colouring(" ".join(colours), alone=all(map(_is_no_thing, pieces)))


def _is_no_thing(piece: str) -> bool:
    return piece in _NAMED or piece in _FRAME_ZH or _FRAME.fullmatch(piece) is not None


def without_colours(name: str) -> str:
    """Of the name of a thing, "apple" of "red apple"; empty where nothing is left."""
    rest = [word for word in name.split() if word not in _NAMED and word != "something"]
    return " ".join(rest)
