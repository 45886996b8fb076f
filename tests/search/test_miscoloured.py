"""What words say of colour, held against the colours that pictures have."""

from __future__ import annotations

import numpy as np
import pytest

from search.columns import Columns
from search.miscoloured import LOSS, loss_of_colour
from search.query import Query, Target, Words
from search.records import Attribute, DecodedImage, EncoderInfo, FileStamp, NewImage
from search.store import Store
from tests.vectors import unit

ENCODER = EncoderInfo(name="fake", dim=8, fingerprint="fake-1")
COLOURS = (("red",), ("green", "beige"), ("red", "green"), ())


@pytest.fixture
def columns(store: Store) -> Columns:
    root = store.roots.ensure("default", b"/photos", 1)
    batch = [
        (b"%d.jpg" % n, FileStamp(1, 1), NewImage(_seen(n, colours), unit(n)))
        for n, colours in enumerate(COLOURS)
    ]
    assert store.images.add(root, ENCODER, batch) == [1, 2, 3, 4]
    return Columns(store)


def _seen(number: int, colours: tuple[str, ...]) -> DecodedImage:
    facts = tuple(Attribute("colour", colour, 0.5) for colour in colours)
    return DecodedImage(f"{number:064x}", "JPEG", 40, 30, None, b"", (), facts)


def lost(columns: Columns, *terms: Words, **asked: object) -> list[float]:
    loss = loss_of_colour(Query(terms, **asked), columns)  # type: ignore[arg-type]
    return loss(np.array([1, 2, 3, 4])).tolist()


@pytest.mark.parametrize("words", ["red apple", "一个红色的苹果", "red and purple"])
def test_what_has_other_colours_loses(columns: Columns, words: str) -> None:
    assert lost(columns, Words(words)) == [0, LOSS, 0, 0]


def test_words_without_a_colour_cost_nobody_anything(columns: Columns) -> None:
    assert lost(columns, Words("apple")) == [0, 0, 0, 0]
    assert lost(columns, Words("apple"), Words("red", away=True)) == [0, 0, 0, 0]


def test_only_one_kind_of_evidence_may_be_asked(columns: Columns) -> None:
    only = Target.CAPTION.evidence
    assert lost(columns, Words("red apple"), evidence=only) == [0, 0, 0, 0]
