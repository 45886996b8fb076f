"""A line -> its tokens: where a sign, a weight, a name or quotes stand, whatever they may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .marks import unquoted

_TOKEN = re.compile(
    r"""
    (?P<sign>[+-](?![+\-\s.,\d]|$)|[+-](?=\d*\.?\d+:))?
    (?:(?P<weight>\d+(?:\.\d+)?):(?=[^\W\d]|"|[^\w\s:/,.;!?'-]))?
    (?:(?P<name>[^\W\d][\w-]*):(?=[^\s:/]|/[^/\s]))?
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"(?=[\s,;:!?.)，；。、！？]|$)|(?P<bare>\S+))
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """What stands between two spaces; `typed` is all of it, the rest are its parts."""

    typed: str
    text: str
    sign: str = ""
    weight: float | None = None
    name: str = ""
    quoted: bool = False

    @property
    def is_plain(self) -> bool:
        """A word like any other."""
        return not (self.sign or self.weight is not None or self.name or self.quoted)


def tokens(line: str) -> Iterator[Token]:
    """All of the line, in order; nothing of it is an error."""
    place = 0
    while match := _TOKEN.search(line, place):
        place = match.end()
        yield _token(match)


def _token(match: re.Match[str]) -> Token:
    quoted = match["quoted"]
    return Token(
        typed=match[0],
        text=match["bare"] if quoted is None else unquoted(quoted),
        sign=match["sign"] or "",
        weight=float(match["weight"]) if match["weight"] else None,
        name=match["name"] or "",
        quoted=quoted is not None,
    )
