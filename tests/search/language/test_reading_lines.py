"""What a typed line is read as."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QueryError
from search.filters import FILTERS, Choice, Filter, Filters
from search.language import Lexicon, Line, read
from search.language.reader import MAX_PARTS
from search.query import (
    AWAY_WEIGHT,
    LESS_LIKE_WEIGHT,
    MORE_LIKE_WEIGHT,
    Image,
    Query,
    Words,
    check,
)
from search.ranges import Range, range_of
from search.records import Sort

NOT_RED = Words("red", away=True, weight=AWAY_WEIGHT)
LIBRARY = Lexicon(
    taught={"giraffe": 9, "apple": 8, "red": 7, "strawberry": 2, "berry": 1, "ace": 1},
    names={"camera": ["Google Pixel 8", "Canon EOS 5D", "Canon EOS 50D"], "collection": ["shop"]},
    synonyms={"sneakers": ("trainers", "running shoes")},
)


def words(line: str, lexicon: Lexicon = LIBRARY) -> list[str]:
    """The texts of a line's terms, those to stay away from with a minus."""
    terms = [term for term in read(line, lexicon).terms if isinstance(term, Words)]
    return ["-" * term.away + term.text for term in terms]


def test_signs_weights_quotes_and_likenesses_are_terms_of_their_own() -> None:
    read_as = read('red apple -green +night 2:snow "exact words" -"light blue" like:42 -like:7')
    assert read_as.terms == (
        Words("red apple"),
        Words("green", away=True, weight=AWAY_WEIGHT),
        Words("night"),
        Words("snow", weight=2.0),
        Words("exact words", exact=True),
        Words("light blue", exact=True, away=True, weight=AWAY_WEIGHT),
        Image(42),
        Image(7, example=True, away=True, weight=LESS_LIKE_WEIGHT),
    )


def test_more_like_this_is_an_example() -> None:
    assert read("+like:3").terms == (Image(3, example=True, weight=MORE_LIKE_WEIGHT),)


def test_filters_have_names_and_values_in_both_languages() -> None:
    english = read(
        "beach folder:2024/beach before:2024-07 shape:portrait format:jpg,png sort:newest"
    )
    chinese = read(
        "beach 文件夹：2024/beach 之前：2024年7月 形状：竖向 格式：jpg、png 排序：最新优先"
    )
    assert english.filters == Filters(
        folder="2024/beach",
        taken_before=datetime(2024, 7, 1, tzinfo=UTC),
        orientation="portrait",
        format=["jpeg", "png"],
    )
    assert english.sort is Sort.NEWEST
    assert chinese.parts == english.parts


def a_value(kind: Filter) -> str:
    """One that the filter can have, as people type it."""
    if isinstance(kind.values, Choice):
        return str(next(iter(kind.values.options)))
    for value in (getattr(kind.values, "example", ""), "2024-07-01", "<30", "10"):
        with suppress(QueryError):
            if value and Filters(**{kind.name: value}):
                return value
    raise AssertionError(f"no value for {kind.name}")


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.name)
def test_each_filter_of_the_table_is_understood_by_each_of_its_names(kind: Filter) -> None:
    value = a_value(kind)
    for name in filter(str.isidentifier, kind.names()):
        assert read(f"x {name}:{value}").filters == Filters(**{kind.name: value}), name


def test_names_of_the_library_are_found_by_some_of_their_words() -> None:
    assert read('camera:"Pixel 8"', LIBRARY).filters == Filters(camera="Google Pixel 8")
    assert read('camera:"canon eos 5d"', LIBRARY).filters == Filters(camera="Canon EOS 5D")
    assert read("camera:canon", LIBRARY).filters["camera"] == ("Canon EOS 5D", "Canon EOS 50D")
    assert read("camera:nikon", LIBRARY).filters == Filters(camera="nikon")


@pytest.mark.parametrize(
    "line",
    [
        *("ratio 16:9", "http://x", "-", "+", "a:b", "10:30", "2:1", "--", ":)", "t-shirt", "???"),
        *("before:yesterday", "shape:round", "like:me", "99:red", "- -", "C:\\photos"),
        *('17" monitor', "sort:by size", "5 - 3", "tag", "'apple'"),
    ],
)
def test_what_is_not_understood_is_searched_for_as_words(line: str) -> None:
    assert read(line).parts == (Words(line),)


def test_quotes_that_never_close_are_no_quotes() -> None:
    assert read('"red apple').parts == (Words("red apple"),)


def test_wide_punctuation_counts_as_narrow() -> None:
    assert read("苹果　－红色　“青苹果”").terms == (
        Words("苹果"),
        Words("红色", away=True, weight=AWAY_WEIGHT),
        Words("青苹果", exact=True),
    )


@pytest.mark.parametrize(
    "line",
    [
        "apple -red",
        "apple, not red",
        "apple but no red",
        "an apple without red please",
        "show me an apple, but not a red one!",
        "apples that are not red",
        "apple rather than red",
        "apple with no red in it",
        "not red apple",
    ],
)
def test_english_negatives(line: str) -> None:
    terms = read(line).terms
    assert [term.text.removeprefix("an ") for term in terms if not term.away] in (
        ["apple"],
        ["apples"],
    )
    assert terms[1:] == (NOT_RED,)


@pytest.mark.parametrize(
    ("line", "read_as"),
    [
        ("苹果，不要红色", ["苹果", "-红色"]),
        ("没有红色的苹果", ["苹果", "-红色"]),
        ("我不要红色的苹果", ["苹果", "-红色"]),
        ("不是红色的苹果", ["苹果", "-红色"]),
        ("苹果，不要红色的苹果", ["苹果", "-红色"]),
        ("狗，没有红色的项圈", ["狗", "-红色的项圈"]),
        ("除了香蕉以外的水果", ["水果", "-香蕉"]),
        ("海滩没有人", ["海滩", "-人"]),
        ("没有猫和狗的院子", ["院子", "-猫", "-狗"]),
        ("不戴眼镜的女孩", ["女孩", "-眼镜"]),
        ("蘋果，沒有紅色", ["苹果", "-红色"]),
    ],
)
def test_chinese_negatives(line: str, read_as: list[str]) -> None:
    assert words(line) == read_as


@pytest.mark.parametrize(
    "line",
    [
        *("no entry sign", "no smoking", "Notting Hill", "nothing", "chanel no 5", "forget-me-not"),
        *(
            "not only apples",
            "whether or not",
            "no dogs allowed",
            "no people",
            "doctors without borders",
        ),
        *("不倒翁", "不锈钢", "有没有"),
    ],
)
def test_no_is_not_always_a_negative(line: str) -> None:
    assert words(line, Lexicon()) == [line]


def test_beside_a_picture_a_line_may_say_only_what_is_not_wanted() -> None:
    assert read("but not striped", beside=True).terms == (
        Words("striped", away=True, weight=AWAY_WEIGHT),
    )


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("show me pictures of red apples, please!!!", "red apples"),
        ("I want to find photos of a dog", "a dog"),
        ("hello, a dog", "a dog"),
        ("hi! please show me pictures of a dog", "a dog"),
        *((name, name) for name in ("hello kitty", "ok hand", "hey jude", "hi hat")),
        ("can you find me some images of a beach?", "a beach"),
        ("我想找苹果的图片", "苹果"),
        ("请给我看红色的苹果", "红色的苹果"),
        ("帮我找一些狗的照片，谢谢", "狗"),
        ("有没有猫的照片吗？", "猫"),
        ("X!!!", "X"),
        ("show jumping", "show jumping"),
        ("老照片", "老照片"),
        ("看书的人", "看书的人"),
        ("pictures of", "pictures of"),
    ],
)
def test_what_people_say_around_it_is_left_out(line: str, left: str) -> None:
    assert words(line, Lexicon()) == [left]


def test_traditional_chinese_and_emoji_are_said_in_words_that_towers_know() -> None:
    assert words("紅色的蘋果 褲子") == ["红色的苹果 裤子"]
    assert words("🍎") == ["red apple"]
    assert words("🐶 on grass") == ["dog on grass"]
    assert words("没有🍌的水果") == ["水果", "-香蕉"]


def test_plurals_are_looked_for_as_singulars_too() -> None:
    assert read("red apples -strawberries", LIBRARY).terms == (
        Words("red apples", also=("red apple",)),
        Words("strawberries", also=("strawberry",), away=True, weight=AWAY_WEIGHT),
    )
    assert read("glasses", Lexicon(taught={"glass": 1})).terms == (Words("glasses"),)
    assert read("Paris", LIBRARY).terms == (Words("Paris"),)


def test_a_typo_is_corrected_and_said() -> None:
    reading = read("red girafe -strawbery", LIBRARY)
    assert words("red girafe -strawbery") == ["red giraffe", "-strawberry"]
    assert sorted((each.typed, each.used) for each in reading.corrections) == [
        ("girafe", "giraffe"),
        ("strawbery", "strawberry"),
    ]


def test_words_that_are_known_short_or_quoted_are_no_typos() -> None:
    for line in ("apple", "apples", "acme", '"girafe"', 'text:"girafe"'):
        assert not read(line, LIBRARY).corrections, line


def test_the_words_of_the_library_are_no_typos_and_are_meant_first() -> None:
    brands = {"lacroste", "apply"}
    lexicon = Lexicon(taught={"lacrosse": 1, "apple": 2}, written=brands.intersection)
    assert words("lacroste appla", lexicon) == ["lacroste apply"]


def test_words_that_nobody_knows_are_named() -> None:
    assert read("red qwertyuiop", LIBRARY).unknown == ("qwertyuiop",)
    assert not read("red qwertyuiop").unknown  # nothing is known of what is known


def test_synonyms_of_the_shop_are_looked_for_too() -> None:
    assert read("Red sneakers", LIBRARY).terms == (
        Words("Red sneakers", also=("red trainers", "red running shoes")),
    )


def test_plain_takes_the_line_as_it_stands() -> None:
    line = ' "apple" -red folder:x, please!!! '
    assert read(Line(line, plain=True), LIBRARY).parts == (Words(line.strip()),)
    assert read(Line(" ", plain=True)).parts == ()


def test_a_line_of_many_parts_ends_in_words() -> None:
    reading = read(" ".join(f"+a{number}" for number in range(100)))
    assert len(reading.parts) == 25


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(QueryError, match="at most 1000 characters"):
        read("x" * 1001)


@given(st.text(max_size=80))
def test_no_line_is_an_error(line: str) -> None:
    reading = read(line, LIBRARY)
    assert bool(reading.parts) == bool(line.strip())


@given(
    st.lists(
        st.sampled_from(
            [*'+-:"\\ 0129.,', "no ", "but ", "没有", "的", "like:", "folder:", "before:"]
        ),
        max_size=14,
    )
)
def test_no_mixture_of_operators_is_an_error(pieces: list[str]) -> None:
    line = "".join(pieces)
    assert bool(read(line, LIBRARY).parts) == bool(line.strip())


def test_of_what_is_not_wanted_a_line_names_no_more_than_of_other_parts() -> None:
    reading = read("apple " + " ".join(f"not a{number}," for number in range(100)))
    assert len(reading.terms) == 1 + MAX_PARTS


@pytest.mark.parametrize("text", ["10..0", "20-10", ">5 <1"])
def test_a_range_has_its_bounds_in_order(text: str) -> None:
    with pytest.raises(ValueError, match="bound"):
        range_of(text)


def test_a_range_may_begin_or_end_at_zero() -> None:
    assert range_of("0..30") == Range(gte=0, lte=30)
    assert range_of("..0") == Range(lte=0)


def test_a_question_has_so_many_terms_but_any_examples() -> None:
    check(Query(tuple(Image(id_, example=True) for id_ in range(1, 500))))
    with pytest.raises(QueryError, match="at most 64 terms"):
        check(Query(tuple(Words(f"word {number}") for number in range(65))))
