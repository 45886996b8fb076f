"""What is wrong with a request: in words for people on the page, with pointers for programs."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from search.filters import FILTERS
from web import requests, wording
from web.payloads import LATER


def notice(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 422
    (section,) = re.findall(r'role="alert">(.*?)</section>', answer.text, re.DOTALL)
    sentence, *_ = re.findall(r"<p>(.*?)</p>", section)
    return unescape(sentence)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=" + "a" * 1001, "The words to find have at most 1,000 characters."),
        ("q=a&taken_after=zz", '"Taken since" is not a date; write 2024-06-30.'),
        (
            "q=a&taken_after=zz&taken_before=x",
            '"Taken since" is not a date; write 2024-06-30; '
            '"Taken before" is not a date; write 2024-06-30.',
        ),
        ("q=a&orientation=round", "A shape is landscape, portrait or square."),
        ("q=a&image_id=x", "There is no picture of that number."),
        ("q=a&offset=-5", "There is no such page of results."),
        ("q=a&offset=9990", "Results go no further than the first 10,000 pictures."),
        ("q=a&min_score=2", "The lowest score is a number from 0 to 1."),
        ("cursor=zzz", "This address is not a page of the library."),
        ("q=a&tag=summer", "Searching by tag is not possible yet."),
    ],
)
def test_a_page_says_it_without_pointers(client: FlaskClient, query: str, sentence: str) -> None:
    assert notice(client, f"/?{query}") == sentence


def test_the_words_stay_in_the_box_when_a_filter_is_wrong(client: FlaskClient) -> None:
    assert 'type="search" value="red dress"' in client.get("/?q=red+dress&taken_after=zz").text


def test_every_parameter_of_the_page_has_a_sentence() -> None:
    given = set(requests.PageParameters.model_fields) - {"limit"}
    assert given | LATER | {""} == set(wording.PARAMETERS)


def test_every_filter_says_itself_what_is_wrong() -> None:
    assert {kind.name: wording.PARAMETERS[kind.name] for kind in FILTERS} == {
        kind.name: kind.wrong.en for kind in FILTERS
    }


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"query": {"text": "a" * 1001}}, "string_too_long", "at most 1000 characters"),
        ({"query": {"text": 5}}, "string_type", "must be text"),
        ({"query": {"text": "a"}, "limit": 201}, "less_than_equal", "must be at most 200"),
        ({"query": {"text": "a"}, "limit": 1.5}, "int_type", "must be a whole number"),
        (
            {"query": {"text": "a"}, "target": "all"},
            "literal_error",
            "must be 'image', 'caption', 'words' or 'hybrid'",
        ),
        ({"query": {"text": "a"}, "filter": []}, "model_type", "must be an object"),
        ({"query": {"text": "a", "more_like": [1] * 501}}, "too_long", "at most 500 values"),
        ({"query": {"text": "a", "crop": [0, 0, 1]}}, "too_short", "at least 4 values"),
        ({"query": {"text": "a\0"}}, "value_error", "must not contain NUL characters"),
    ],
)
def test_programs_get_codes_and_our_own_messages(
    client: FlaskClient, body: object, code: str, message: str
) -> None:
    answer = client.post("/api/v1/search", json=body)
    (fault,) = answer.json["errors"]
    assert (fault["code"], fault["message"]) == (code, message)
    assert answer.json["detail"] == f"{fault['pointer']}: {message}"


def test_every_fault_that_our_models_can_have_has_a_message(client: FlaskClient) -> None:
    odd: list[object] = [None, True, "", "x", -1, 1.5, 10**30, [], [None], [[]], {}, {"a": 1}]
    seen = set()
    for name in requests.QueryFields.model_fields:
        for value in odd:
            answer = client.post("/api/v1/search", json={"query": {"text": "a", name: value}})
            seen |= {fault["message"] for fault in answer.json.get("errors", [])}
    for name in (*requests.SearchRequest.model_fields, *requests.FilterFields.model_fields):
        for value in odd:
            part = {name: value}
            filters = name in requests.FilterFields.model_fields
            body = {"query": {"text": "a"}, **({"filter": part} if filters else part)}
            answer = client.post("/api/v1/search", json=body)
            seen |= {fault["message"] for fault in answer.json.get("errors", [])}
    assert "cannot be used" not in seen
    assert not any(message.startswith("Input should") for message in seen)
