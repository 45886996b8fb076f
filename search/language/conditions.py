"""Names and values of filters as people type them, in either language.

All of it comes from the tables of filters and orders: what is added there is understood here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from ..filters import ATTRIBUTES as ATTRIBUTES
from ..filters import FILTERS, Choice, Filter, Moment, OneOf, Period, Text
from ..records import Sort
from ..sorting import ORDERS

SORT_NAMES = ("sort", "order", "排序")

_BY_NAME: dict[str, Filter] = {}
for _kind in FILTERS:
    for _name in _kind.names():
        _BY_NAME.setdefault(_name, _kind)

_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2}))?(?:[-/.月](\d{1,2}))?[月日年]?")
_COMMAS = re.compile(r"[,，、]")


@dataclass(frozen=True, slots=True)
class Condition:
    """One value of a filter that the line asks for."""

    kind: Filter
    value: Any

    @property
    def text(self) -> str:
        """The value as it is typed; midnight is a day."""
        if not isinstance(self.value, datetime):
            return str(self.value)
        moment = self.value.astimezone(UTC)
        return f"{moment:%Y-%m-%d}" if moment.time() == time() else moment.isoformat()


def filter_named(name: str) -> Filter | None:
    return _BY_NAME.get(name.casefold())


def name_of(kind: Filter) -> str:
    """The one that people type: without underscores, if there is such a one."""
    return next((name for name in (kind.name, *kind.also) if "_" not in name), kind.name)


def conditions(
    kind: Filter, text: str, *, quoted: bool, names: Sequence[str]
) -> tuple[Condition, ...]:
    """What is asked of the filter; none where a value cannot be read. `names`: those that the
    library has, where the filter lists them."""
    several = kind.many and not quoted
    bare = text if quoted else text.rstrip(",，.。;；!！?？")
    given = _COMMAS.split(bare) if several else [bare]
    found: list[Any] = []
    for each in filter(None, map(str.strip, given)):
        values = list(_values(kind, each, names))
        if not values:
            return ()
        found += values
    return tuple(Condition(kind, value) for value in dict.fromkeys(found))


def _values(kind: Filter, text: str, names: Sequence[str]) -> Iterator[Any]:
    if isinstance(kind, OneOf) and kind.values == Text(listed=True):
        yield from _called(text, names)
        return
    try:
        yield kind.read(_plain(kind, text))
    except ValueError:
        return


def _called(text: str, names: Sequence[str]) -> list[str]:
    """The names that are meant: the very one, or those with these words; else the text itself,
    which no image then has."""
    wanted = text.casefold()
    same = [name for name in names if name.casefold() == wanted]
    words = wanted.split()
    holding = [name for name in names if _holds(name.casefold().split(), words)]
    return same or holding or [text]


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether they stand there one after the other."""
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _plain(kind: Filter, text: str) -> str:
    """The value as programs write it."""
    match kind.values:
        case Moment():
            return _date(text)
        case Period(length=length):
            return _date(text)[:length] if _DATE.fullmatch(text) else text
        case Choice(options):
            named = {str(option).casefold(): str(option) for option in options}
            for option, phrase in options.items():
                if phrase:
                    named |= dict.fromkeys((phrase.en.casefold(), phrase.zh), str(option))
            return named.get(text.casefold(), text)
    return text


def _date(text: str) -> str:
    """2024, 2024-7 and 2024年7月 are the first day of theirs."""
    if match := _DATE.fullmatch(text):
        year, month, day = match.groups(default="1")
        return f"{year}-{int(month):02}-{int(day):02}"
    return text


def sort_named(text: str) -> Sort | None:
    """By its own name or the page's, in either language."""
    wanted = text.casefold()
    for sort, order in ORDERS.items():
        if wanted in (sort.value, order.label.en.casefold(), order.label.zh):
            return sort
    return None
