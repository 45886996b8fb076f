"""What a search page has to say about its answer: one value, from which heading and advice follow.

So no page can promise in one line what the next one takes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from search.records import SearchResult
from search.words import plural

QUOTED = 120  # characters of the words, repeated at most


class Outcome(StrEnum):
    EMPTY = "empty"  # nothing is indexed yet
    BROWSE = "browse"  # no question: pictures by date
    STRONG = "strong"  # something matches
    WEAK = "weak"  # nothing matches well, something comes close
    NONE = "none"  # nothing matches; the nearest are shown
    FILTERED = "filtered"  # no picture passes the filters
    BEYOND = "beyond"  # the page after the last one
    RANKED = "ranked"  # every picture was asked for, relevant or not


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as a person would say it."""

    words: str = ""
    has_picture: bool = False  # of their own
    like: str = ""  # what stands for the image of the library to find the like of

    def __bool__(self) -> bool:
        return bool(self.words or self.has_picture or self.like)

    def __html__(self) -> str:
        parts = [Markup("<q>{}</q>").format(_cut(self.words))] if self.words else []
        parts += [Markup("your picture")] if self.has_picture else []
        parts += [Markup("the picture <q>{}</q>").format(self.like)] if self.like else []
        return Markup(" and ").join(parts)


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    summary: Markup  # the line above the pictures
    advice: str = ""  # what to do about it


def browsing(*, in_library: int, shown: int, filtered: bool, goes_on: bool) -> Verdict:
    """Of a page without a question; `goes_on`: it follows another page."""
    if not in_library:
        return Verdict(Outcome.EMPTY, Markup())
    if not shown:
        return _beyond(Markup("")) if goes_on else _filtered()
    if filtered:
        return Verdict(Outcome.BROWSE, Markup("Pictures that pass these filters"))
    return Verdict(Outcome.BROWSE, Markup("{} in the library").format(_pictures(in_library)))


def answering(
    question: Question,
    result: SearchResult,
    *,
    in_library: int,
    offset: int = 0,
    nearest: int = 0,
    filtered: bool = False,
    ranked: bool = False,
) -> Verdict:
    """Of an answer; `nearest`: how many are shown where nothing matches."""
    if not in_library:
        return Verdict(Outcome.EMPTY, Markup())
    if result.total and not result.hits and offset:
        return _beyond(_found(question, result, ranked))
    if result.total:
        outcome = Outcome.STRONG if result.strong else Outcome.WEAK
        return Verdict(Outcome.RANKED if ranked else outcome, _found(question, result, ranked))
    if filtered and not nearest:
        return _filtered()
    other = "Other words" if question.words else "Another picture"
    advice = f"{other} may help" + (", or fewer filters. " if filtered else ". ")
    shown = "Here is what comes nearest." if nearest else ""
    return Verdict(Outcome.NONE, Markup("Nothing matches {}.").format(question), advice + shown)


def _cut(words: str) -> str:
    """The beginning of what would fill the screen of a phone."""
    return words if len(words) <= QUOTED else words[: QUOTED - 1].rstrip() + "…"


def _found(question: Question, result: SearchResult, ranked: bool) -> Markup:
    weak = result.total - result.strong
    if ranked:
        return Markup("{}, those nearest to {} first").format(_pictures(result.total), question)
    if not result.strong:
        return Markup("No good match for {}; <strong>{:,}</strong> {} closest").format(
            question, weak, "comes" if weak == 1 else "come"
        )
    match = "matches" if result.strong == 1 else "match"
    found = Markup("{} {} {}").format(_pictures(result.strong), match, question)
    return found + (f"; {weak:,} more {'comes' if weak == 1 else 'come'} close" if weak else "")


def _beyond(found: Markup) -> Verdict:
    return Verdict(Outcome.BEYOND, found, "This page lies beyond the last one.")


def _filtered() -> Verdict:
    return Verdict(Outcome.FILTERED, Markup("No picture passes these filters."))


def _pictures(count: int) -> Markup:
    return Markup("<strong>{:,}</strong> {}").format(count, plural("picture", count))
