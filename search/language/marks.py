"""Punctuation of either width as the one that operators are written with."""

from __future__ import annotations

import re

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # ！ to ～
_KEPT = "！，；？"  # they end a part of a sentence; what follows begins anew
_OTHERS = {"\u3000": " ", "−": "-", "﹣": "-", "–": "-", "—": "-"}
_TABLE: dict[int, int | str] = {
    **{code: narrow for code, narrow in _WIDE.items() if chr(code) not in _KEPT},
    **{ord(mark): narrow for mark, narrow in _OTHERS.items()},
}
_ENDING = re.compile(r"([！，；？。])(?=\S)")

_QUOTED = re.compile(
    r'("(?:[^"\\]|\\.)*")|“([^”]*)”|„([^“”]*)[“”]|「([^」]*)」|『([^』]*)』|＂([^＂]*)＂'
)


def narrow(line: str) -> str:
    """The line with operators, quotes and letters of normal width, and a space after each mark that
    ends a part of a Chinese sentence. What stands in quotes stays."""
    pieces, place = [], 0
    for match in _QUOTED.finditer(line):
        inner = next((group for group in match.groups()[1:] if group is not None), None)
        pieces += [_narrow(line[place : match.start()]), match[1] or quote(inner or "")]
        place = match.end()
    return "".join([*pieces, _narrow(line[place:])])


def quote(text: str) -> str:
    """The text in quotes, as `unquoted` reads it back."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def unquoted(text: str) -> str:
    """What stood between the quotes."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _narrow(text: str) -> str:
    return _ENDING.sub(r"\1 ", text.translate(_TABLE))
