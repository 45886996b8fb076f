"""Filters: values with names, that SQL and records agree on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from search.errors import QueryError
from search.filters import BY_NAME, FILTERS, Filters, Orientation
from search.store import Store
from search.store.filtering import conditions
from tests.contracts.filters import Answer, FilterContract


class TestSql(FilterContract):
    @pytest.fixture
    def answer(self, store: Store) -> Answer:
        return lambda filters: store.images.allowed_ids(filters).tolist()


def test_filters_hold_values_by_name() -> None:
    filters = Filters(format="jpg", folder=["2024", "2025"], collection=(), taken_after=None)
    assert filters == {"format": ("JPEG",), "folder": ("2024", "2025")}
    assert dict(Filters(orientation="portrait")) == {"orientation": (Orientation.PORTRAIT,)}
    assert not Filters()
    assert filters.without("folder") == Filters(format="JPEG")
    assert len({filters, Filters(folder=("2024", "2025"), format="JPEG")}) == 1


def test_names_in_the_plural_mean_the_same() -> None:
    assert Filters(collections=("a",), formats=("png",)) == Filters(collection="a", format="PNG")


def test_a_date_begins_its_day_in_utc() -> None:
    (day,) = Filters(taken_after="2024-01-31")["taken_after"]
    assert day == datetime(2024, 1, 31, tzinfo=UTC)
    east = datetime(2024, 1, 31, 2, tzinfo=timezone(timedelta(hours=3)))
    assert Filters(taken_after=east)["taken_after"] == (datetime(2024, 1, 30, 23, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("given", "said", "pointer"),
    [
        ({"year": "24"}, "year: must be such as 2024", "/filter/year"),
        ({"month": ("2024-07", "2024-13")}, "must be such as 2024-07", "/filter/month"),
        ({"smell": "red"}, "'smell' is not a filter; these are: collection, folder", ""),
        ({"colour": "mauve"}, "'mauve' is not one of black, white", "/filter/colour"),
        ({"format": "raw"}, "'raw' is not one of JPEG, PNG", "/filter/format"),
        ({"orientation": ("portrait", "round")}, "'round' is not one of", "/filter/orientation"),
        ({"taken_after": "soon"}, "must be a date", "/filter/taken_after"),
        ({"taken_before": ["2024-01-01", "2024-01-02"]}, "one value", "/filter/taken_before"),
    ],
)
def test_what_cannot_be_asked_for_is_an_error(
    given: dict[str, Any], said: str, pointer: str
) -> None:
    with pytest.raises(QueryError, match=said) as refused:
        Filters(**given)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("said", ["grey", "Gray", "灰色", "灰", "silver"])
def test_a_colour_is_known_by_several_names(said: str) -> None:
    assert Filters(colour=said) == {"colour": ("grey",)}


def test_a_period_is_kept_by_its_whole_name() -> None:
    assert Filters(year=2024, month="2024-7") == {"year": ("2024",), "month": ("2024-07",)}


def test_what_passes_as_json_comes_back() -> None:
    filters = Filters(
        folder="2024", taken_before=datetime(2024, 5, 1, tzinfo=UTC), orientation="square"
    )
    assert filters.json() == {
        "folder": ["2024"],
        "taken_before": "2024-05-01T00:00:00+00:00",
        "orientation": ["square"],
    }
    assert Filters(**filters.json()) == filters


@pytest.mark.parametrize(
    ("name", "value", "english", "chinese"),
    [
        ("folder", "2024/summer", "in folder 2024/summer", "文件夹：2024/summer"),
        ("orientation", Orientation.PORTRAIT, "portrait", "竖向"),
        ("format", "JPEG", "JPEG", "JPEG"),
        ("taken_after", datetime(2024, 6, 30, tzinfo=UTC), "since 2024-06-30", "2024-06-30 起"),
        ("year", "2024", "taken in 2024", "拍摄于2024年"),
        ("month", "2024-07", "taken in July 2024", "拍摄于2024年7月"),
    ],
)
def test_a_value_is_said_in_both_languages(
    name: str, value: object, english: str, chinese: str
) -> None:
    assert (BY_NAME[name].said(value), BY_NAME[name].said(value, "zh")) == (english, chinese)


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.name)
def test_every_filter_has_words_in_both_languages(kind: Any) -> None:
    phrases = [kind.label, kind.chip, kind.wrong, *filter(None, [getattr(kind, "anything", None)])]
    for phrase in phrases:
        assert phrase.en
        assert phrase.zh
    assert kind.help.endswith(".")


def test_a_database_that_folds_more_than_ascii_is_kept_from_it() -> None:
    (condition,) = conditions(Filters(attributes="brand:ébène"))
    assert 'lower(attribute.text COLLATE "C")' in str(
        condition.compile(dialect=postgresql.dialect())
    )
    assert "COLLATE" not in str(condition.compile(dialect=sqlite.dialect()))
