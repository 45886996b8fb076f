"""Things with a mark and without it, made by rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.understanding.composed import changes
from benchmarks.understanding.pairs import FEWEST, FEWEST_SCENES, pairs
from evaluation.testsets import Testset


def labelled(*labels: str, tags: Sequence[str] = ()) -> Testset:
    """A few pictures of each label, and one of "apple" for each tag."""
    rows = [{"label": label, "query_tags": []} for label in labels for _ in range(FEWEST)]
    rows += [{"label": "apple", "query_tags": [tag]} for tag in tags for _ in range(FEWEST)]
    return Testset(Path(), "shop", rows, captioned=False)


def test_kinds_are_marks_and_the_other_kinds_are_without() -> None:
    found = pairs(labelled("oat milk", "sour milk", "milk or cream", "bread"))
    assert [(p.thing, p.mark) for p in found] == [("milk", "oat"), ("milk", "sour")]
    assert (found[0].having, found[0].without) == (frozenset({0, 1, 2}), frozenset({3, 4, 5}))


def test_colours_come_from_labels_and_tags_and_what_lies_between_is_unsure() -> None:
    found = pairs(labelled("red bell pepper", "green bell pepper"))
    assert [(p.thing, p.mark, p.is_colour) for p in found] == [
        ("pepper", "green", True),
        ("pepper", "red", True),
    ]
    apples = pairs(labelled("apple", tags=["red apple", "green apple", "yellow-green apple"]))
    green = next(pair for pair in apples if pair.mark == "green")
    assert green.having == frozenset({6, 7, 8})
    assert green.without == frozenset({3, 4, 5})
    assert green.unsure == frozenset({0, 1, 2, 9, 10, 11})


def test_two_captions_say_what_is_there_and_one_leaves_it_open() -> None:
    told = (["a dog in snow"] * 2, ["a dog"] * 2, ["a dog", "a dog in snow"])
    rows = [{"captions": captions} for captions in told for _ in range(FEWEST_SCENES)]
    found = pairs(Testset(Path(), "scenes", rows, captioned=True))
    snow = next(pair for pair in found if (pair.thing, pair.mark) == ("dog", "snow"))
    assert [len(part) for part in (snow.having, snow.without, snow.unsure)] == [10, 10, 10]


def test_a_change_begins_at_a_picture_in_another_colour() -> None:
    asked = changes(pairs(labelled("red bell pepper", "green bell pepper")))
    assert [(one.picture, one.wanted.mark) for one in asked] == [
        *((row, "green") for row in range(FEWEST)),
        *((row, "red") for row in range(FEWEST, 2 * FEWEST)),
    ]
