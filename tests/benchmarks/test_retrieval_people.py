from __future__ import annotations

from benchmarks.people import agreed, count_calls, named


def test_a_caption_may_speak_of_several_groups() -> None:
    assert named("A man and two girls.") == {"men", "children"}
    assert named("a dog") == frozenset()


def test_a_group_is_agreed_on_by_most_and_contradicted_by_none() -> None:
    assert agreed(["a woman runs", "a lady", "somebody"]) == "women"
    assert agreed(["a woman runs", "a man", "a lady"]) is None
    assert agreed(["a woman runs", "somebody", "a person"]) is None


def test_calls_are_counted_by_what_people_saw() -> None:
    women = ["a woman", "a woman sits"]
    calls = count_calls([(women, "a man sits"), (women, "a woman"), (women, "a bench")])
    assert calls["women"] == {"pictures": 3, "men": 1, "women": 1, "nobody": 1}
