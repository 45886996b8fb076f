"""A typed line -> what it asks for. Nothing that can be typed is an error: what is not understood
is searched for as words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ..errors import QueryError
from ..query import AWAY_WEIGHT, MAX_TEXT, MAX_WEIGHT, Image, Term, Words, usual_weight
from . import frames, negation, pictograms, script, spelling, synonyms
from .conditions import ATTRIBUTES, SORT_NAMES, conditions, filter_named, sort_named
from .lexicon import NOTHING, Lexicon
from .marks import narrow
from .plurals import singular
from .reading import Line, Part, Reading
from .syntax import Token, tokens

LIKE_NAMES = ("like", "similar", "像", "相似")
TEXT_NAMES = ("text", "文字")  # of words that are taken as they stand
MAX_PARTS = 24  # of a line; the rest of it is words. Of these as many are negated at the most

MAX_ID = 10**18

Counted = TypeVar("Counted", Words, Image)


def read(
    line: Line | str,
    lexicon: Lexicon = NOTHING,
    *,
    beside: bool = False,
) -> Reading:
    """`beside`: something to come near to is asked for beside the line, such as a picture, so that
    the line may only say what is not wanted. Raises QueryError for a line that is too long."""
    line = Line(line) if isinstance(line, str) else line
    if len(line.text) > MAX_TEXT:
        raise QueryError(f"at most {MAX_TEXT} characters, not {len(line.text)}", "/query/text")
    if line.plain:
        text = line.text.strip()
        return Reading(line, (Words(text),) if text else ())
    return _Reader(lexicon, beside).read(line)


class _Reader:
    def __init__(self, lexicon: Lexicon, beside: bool) -> None:
        self._lexicon = lexicon
        self._beside = beside
        self._spelled: list[spelling.Spelled] = []

    def read(self, line: Line) -> Reading:
        before: list[Part] = []  # the plain words
        behind: list[Part] = []
        plain: list[str] = []
        for token in tokens(narrow(line.text)):
            found = () if len(before) + len(behind) >= MAX_PARTS else tuple(self._parts(token))
            if found:
                (behind if plain else before).extend(found)
            else:
                plain.append(token.typed)
        parts = (*before, *self._plain(" ".join(plain), [*before, *behind]), *behind)
        return Reading(
            line,
            tuple(dict.fromkeys(parts)),
            tuple(each for done in self._spelled for each in done.corrections),
            tuple(each for done in self._spelled for each in done.unknown),
        )

    def _parts(self, token: Token) -> Iterable[Part]:
        """What a token means; nothing where it is but words."""
        too_heavy = token.weight is not None and token.weight > MAX_WEIGHT
        if token.is_plain or too_heavy or not token.text.strip():
            return ()
        if token.name:
            return self._named(token)
        return [self._words(token, as_it_stands=token.quoted)]

    def _named(self, token: Token) -> Iterable[Part]:
        name = token.name.casefold()
        if name in LIKE_NAMES:
            return _like(token)
        if name in TEXT_NAMES:
            return [replace(self._words(token, as_it_stands=True), exact=False)]
        if name in SORT_NAMES and not token.sign:
            sort = sort_named(token.text)
            return () if sort is None else [sort]
        kind = filter_named(name)
        if kind is None and name in self._lexicon.names.get(ATTRIBUTES, ()):
            kind, token = filter_named(ATTRIBUTES), replace(token, text=f"{name}:{token.text}")
        if kind:
            names = self._lexicon.names.get(kind.name, ())
            found = conditions(kind, token.text, quoted=token.quoted, names=names)
            unwanted = found and token.sign == "-"
            return [self._words(token, as_it_stands=False)] if unwanted else found
        return ()

    def _words(self, token: Token, *, as_it_stands: bool) -> Words:
        term = Words(token.text.strip(), exact=as_it_stands)
        term = term if as_it_stands else self._term(frames.bare_of_marks(term.text))
        return _counting(term, token)

    def _plain(self, text: str, others: Sequence[Part]) -> Iterator[Part]:
        """The words without a sign: what is wanted of them, and what is not."""
        if not text.strip():
            return
        language = "zh" if script.CHINESE.search(text) else "en"
        whole = frames.stripped(pictograms.named(script.simplified(text), language))
        wish = negation.parted(whole)
        near = self._beside or any(_is_near(part) for part in others)
        if not (wish.wanted or near):
            wish = negation.Wish(whole)
        if wish.wanted:
            yield self._term(wish.wanted)
        for thing in wish.unwanted[:MAX_PARTS]:
            yield replace(self._term(thing), away=True, weight=AWAY_WEIGHT)

    def _term(self, text: str) -> Words:
        """The words as the tower knows them, and in what other ways they may be said."""
        done = spelling.spelled(pictograms.named(script.simplified(text), "en"), self._lexicon)
        self._spelled.append(done)
        others = synonyms.otherwise(done.text, self._lexicon.synonyms)
        said = (singular(done.text, self._lexicon), *others)
        also = dict.fromkeys(other for other in said if other.casefold() != done.text.casefold())
        return Words(done.text, also=tuple(also))


def _like(token: Token) -> Iterable[Term]:
    if not (token.text.isascii() and token.text.isdigit() and 0 < int(token.text) < MAX_ID):
        return []
    return [_counting(Image(int(token.text), example=bool(token.sign)), token)]


def _counting(term: Counted, token: Token) -> Counted:
    """The term with weight and side as the token's sign and number say."""
    sided = replace(term, away=token.sign == "-")
    weight = usual_weight(sided) if token.weight is None else token.weight
    return replace(sided, weight=weight)


def _is_near(part: Part) -> bool:
    return isinstance(part, Words | Image) and not part.away
