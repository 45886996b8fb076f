"""Which pieces of a vocabulary a caption may hold: no 杯 in English, no "mug" in Chinese.

A decoder that writes two languages with one vocabulary slips from one into the other where both
names of a thing are nearly as likely.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# as written in Chinese, and one piece each: T恤, iPod, CD机, Polo衫, U盘
LATIN_IN_CHINESE = frozenset(
    ["t", "u", "v", "x", "m", "ipod", "cd", "dvd", "polo", "usb", "led", "tv", "dj", "ok"]
)

_EAST_ASIAN = re.compile("[\u2e80-\uffef\U00020000-\U0003ffff]")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")


def allowed(pieces: Mapping[str, int], language: str) -> list[int] | None:
    """Ids in ascending order, the special ones included; None for a language without a rule.

    A vocabulary that has nothing to write Chinese with is left as it is.
    """
    if language == "en":
        return _without(pieces, _EAST_ASIAN)
    if language == "zh" and any(map(_EAST_ASIAN.search, pieces)):
        return _without(pieces, _LATIN, but=LATIN_IN_CHINESE)
    return None


def _without(
    pieces: Mapping[str, int], script: re.Pattern[str], but: frozenset[str] = frozenset()
) -> list[int]:
    special = re.compile("<[a-z]+>")
    return sorted(
        id_
        for piece, id_ in pieces.items()
        if special.fullmatch(piece) or piece in but or not script.search(piece)
    )
