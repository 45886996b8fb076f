"""Words as evidence: what is written about an image, weighed by where it stands, and how rare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from search.evidence import Evidence
from search.lexical import WordsEvidence, WordsRetriever
from search.query import Query, Words
from search.records import Attribute, Caption, Match, WordChanges
from search.store import Store
from search.written import Written, WrittenFollower
from tests.contracts.evidence import EvidenceContract
from tests.contracts.store import ENCODER, STAMP, picture, root_of
from tests.vectors import unit


def put(store: Store, name: str, caption: str | None, **facts: str) -> int:
    new = picture(name, words=caption)
    known = tuple(Attribute(*fact) for fact in facts.items())
    new = replace(new, decoded=replace(new.decoded, facts=known))
    (id_,) = store.images.add(root_of(store), ENCODER, [(f"{name}.jpg".encode(), STAMP, new)])
    return id_


@pytest.fixture
def shop(store: Store) -> dict[str, int]:
    """A shop of thirty things, three of them by one brand, and three apples."""
    ids = {
        f"x{n}": put(store, f"x{n}", f"a photo of thing{n}", title=f"Thing {n}") for n in range(24)
    }
    ids["shoe"] = put(store, "1", "a photo of a shoe", title="Acme Men Blue Running Shoes")
    ids["shirt"] = put(store, "2", "a photo of a shirt", title="Acme Women Shirt")
    ids["watch"] = put(store, "3", None, brand="ACME")
    ids["apple"] = put(store, "4", "a photo of an apple", title="Red Apples 1 kg", camera="Acme 5")
    ids["seen"] = put(store, "5", "a photo of a red apple")
    ids["zh"] = put(store, "6", "一张红色苹果的照片", title="红富士苹果")
    return ids


def asked(store: Store, *texts: str, exact: bool = False) -> WordsEvidence:
    query = Query(tuple(Words(text, exact=exact) for text in texts))
    return WordsRetriever(WrittenFollower(store)).evidence(query, [])


def found(store: Store, *texts: str, exact: bool = False) -> list[int]:
    return asked(store, *texts, exact=exact).best(100, None).ids.tolist()


class TestWords(EvidenceContract):
    @pytest.fixture
    def evidence(self, store: Store) -> Evidence:
        for n in range(40):
            words = " ".join(["red"] * (n % 3 == 0) + ["apple"] * (n % 2) + [f"thing{n}"])
            put(store, str(n), f"a {words}", **({"title": "Green apple"} if n % 5 == 1 else {}))
        return asked(store, "red green apple")


def test_a_brand_finds_what_bears_it_wherever_it_is_written(
    store: Store, shop: dict[str, int]
) -> None:
    assert set(found(store, "acme")) == {shop["shoe"], shop["shirt"], shop["watch"]}
    assert found(store, "acme shirt")[0] == shop["shirt"]


def test_one_and_many_are_the_same_and_a_title_counts_more_than_a_machines_caption(
    store: Store, shop: dict[str, int]
) -> None:
    assert found(store, "apple")[:2] == [shop["apple"], shop["seen"]]
    assert found(store, "apples") == found(store, "apple")
    assert found(store, "running shoe") == [shop["shoe"]]


def test_chinese_words_are_found_inside_of_sentences(store: Store, shop: dict[str, int]) -> None:
    assert found(store, "苹果") == found(store, "红色的苹果") == [shop["zh"]]
    assert found(store, "色果") == []


def test_words_in_quotes_stand_side_by_side(store: Store, shop: dict[str, int]) -> None:
    assert found(store, "red apple", exact=True) == [shop["seen"]]
    assert found(store, "blue running shoes", exact=True) == [shop["shoe"]]
    assert found(store, "men running", exact=True) == []
    assert found(store, "apples 1 kg thing", exact=True) == []
    assert found(store, "apples", exact=True) == [shop["apple"]]
    quoted = Query((Words("red apple", exact=True), Words("shoe")))
    assert WordsRetriever(WrittenFollower(store)).holding(quoted).tolist() == [shop["seen"]]


def test_what_half_of_the_images_have_says_nothing(store: Store, shop: dict[str, int]) -> None:
    assert found(store, "photo") == found(store, "thing") == []


def test_few_of_the_words_are_worth_less_than_their_share(
    store: Store, shop: dict[str, int]
) -> None:
    whole = asked(store, "blue shoes").features(np.array([shop["shoe"]]))[0, 0]
    part = asked(store, "blue shoes giraffe moon").features(np.array([shop["shoe"]]))[0, 0]
    assert 0 < part < 0.6 * whole


def test_a_question_without_words_has_no_such_evidence(store: Store, shop: dict[str, int]) -> None:
    assert found(store) == found(store, "!?") == []
    assert found(store, "the") == []


def test_a_match_names_the_word_and_where_it_stands(store: Store, shop: dict[str, int]) -> None:
    evidence = asked(store, "red apple")
    assert evidence.matches(shop["apple"]) == (Match("red", "title"), Match("apple", "title"))
    assert evidence.matches(shop["seen"]) == (Match("red", "caption"), Match("apple", "caption"))
    assert evidence.matches(shop["shirt"]) == evidence.matches(10**6) == ()


def test_it_follows_what_is_written(store: Store, shop: dict[str, int]) -> None:
    retriever = WordsRetriever(WrittenFollower(store))
    query = Query((Words("pear"),))
    assert not len(retriever.evidence(query, []).best(5, None).ids)
    store.captions.add(ENCODER, [(shop["shirt"], Caption("a pear", "en", "human"), unit(3))])
    assert retriever.evidence(query, []).best(5, None).ids.tolist() == [shop["shirt"]]
    store.images.remove([shop["shirt"]])
    put(store, "9", "a pear")
    (new,) = retriever.evidence(query, []).best(5, None).ids.tolist()
    assert new > shop["zh"]
    assert retriever.written.now().ids.tolist() == sorted(retriever.written.now().ids.tolist())


def test_images_stay_in_order_with_their_words() -> None:
    def array(*numbers: int) -> Any:
        return np.array(numbers, np.int64)

    before = Written(1, array(1, 3, 4), array(2, 3, 0), array(-1, 11, -1, 31, 32).astype(np.int32))
    changes = WordChanges(2, array(), array(2, 1), array(1, 2), array(-2, -1, 12).astype(np.int32))
    after = before.after(changes)
    assert after.ids.tolist() == [1, 2, 3, 4]
    assert after.lengths.tolist() == [2, 1, 3, 0]
    assert after.words.tolist() == [-1, 12, -2, -1, 31, 32]
