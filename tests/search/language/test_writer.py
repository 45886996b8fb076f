"""What is written is read as what it was written from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QueryError
from search.filters import BY_NAME
from search.language import Condition, Lexicon, Part, read, write
from search.query import AWAY_WEIGHT, Image, Picture, Words, usual_weight
from search.records import Sort

LIBRARY = Lexicon(
    taught={"giraffe": 9, "apple": 8, "red": 7},
    names={"camera": ["Google Pixel 8", "Canon EOS 5D"]},
    synonyms={"sneakers": ("trainers",)},
)

LINES = [
    'red apples -green +night 2:snow "exact words" -"light blue" like:42 -like:7 +like:3',
    'beach folder:2024/beach before:2024-07 camera:"Pixel 8" shape:portrait sort:oldest',
    "show me girafes but no red ones, please!!!",
    "苹果，不要红色 颜色：红 🍌",
    "sneakers -0.5:snow 10:ice",
    'text:"show me red apples" http://x 16:9 - "',
    "no people",
    "-green",
    "",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_was_read_is_written_back(line: str) -> None:
    reading = read(line, LIBRARY)
    assert read(write(reading.parts, LIBRARY), LIBRARY).parts == reading.parts


def test_what_is_written_is_what_people_would_type() -> None:
    parts = read(LINES[0]).parts
    assert write(parts) == LINES[0]
    assert write(read("Apple, not red, before:2024-07").parts) == "Apple -red before:2024-07-01"


def test_words_that_would_be_read_as_more_are_written_as_they_stand() -> None:
    for text in (
        "apple -red",
        "show me apples",
        'a "b" \\ c',
        "folder:x",
        "not red apple",
        "girafe",
    ):
        assert write([Words(text)], LIBRARY).startswith("text:"), text


def test_a_picture_has_no_words() -> None:
    with pytest.raises(QueryError):
        write([Picture(b"a picture")])


def test_words_said_in_other_ways_than_the_reader_would_are_refused() -> None:
    with pytest.raises(QueryError):
        write([Words("apple", also=("pear",))])


TEXTS = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)
WEIGHTS = st.floats(0, 10).map(lambda weight: round(weight, 4))


@st.composite
def parts(draw: st.DrawFn) -> Part:
    weight = draw(st.none() | WEIGHTS)
    away = draw(st.booleans())
    term = draw(st.sampled_from(["words", "exact", "like", "example", "condition", "sort"]))
    if term == "condition":
        name, value = draw(
            st.sampled_from(
                [
                    ("folder", '2024/süd, "west"'),
                    ("format", "PNG"),
                    ("taken_after", datetime(2024, 7, 2, 10, 11, tzinfo=UTC)),
                    ("collection", "two words"),
                ]
            )
        )
        return Condition(BY_NAME[name], value)
    if term == "sort":
        return draw(st.sampled_from(list(Sort)))
    if term in ("words", "exact"):
        part: Words | Image = Words(draw(TEXTS), exact=term == "exact", away=away)
    else:
        example = term == "example" or away
        part = Image(draw(st.integers(1, 10**18 - 1)), example=example, away=away)
    usual = usual_weight(part)
    kind = type(part)
    fields = {name: getattr(part, name) for name in part.__dataclass_fields__}
    return kind(**{**fields, "weight": usual if weight is None else weight})


@given(st.lists(parts(), max_size=6, unique=True))
def test_any_parts_are_read_back(asked: list[Part]) -> None:
    """But for further ways to say words, which only the reader finds."""
    assert read(write(asked, LIBRARY), LIBRARY).parts == tuple(asked)


def test_the_usual_weights_are_not_written() -> None:
    assert write([Words("x", away=True, weight=AWAY_WEIGHT)]) == "-x"
    assert write([Words("x", away=True, weight=0.5)]) == "-0.5:x"
    assert write([Words("x", weight=10.0)]) == "10:x"
