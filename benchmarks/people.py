"""Whom the captions see: men, women, girls and boys, beside what people wrote of the same pictures.

    python -m benchmarks.people TESTSET [--model NAME]

TESTSET has a captions.jsonl. A picture counts as one of women if most of its human captions say so
and none speaks of men; likewise men, girls and boys together as children. The table says what the
machine's English caption calls them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evaluation.caption_scores import cut
from evaluation.testsets import Testset
from search.bootstrap import open_captioner, open_encoder

from .retrieval import BATCH, load, settings_for

GROUPS = {
    "women": {"woman", "women", "lady", "ladies", "female"},
    "men": {"man", "men", "guy", "guys", "gentleman", "male"},
    "children": {"child", "children", "kid", "kids", "boy", "boys", "girl", "girls", "toddler"},
}


def named(caption: str) -> frozenset[str]:
    """The groups that a caption speaks of."""
    words = set(cut(caption))
    return frozenset(group for group, names in GROUPS.items() if words & names)


def agreed(captions: Sequence[str]) -> str | None:
    """The one group that most of these captions speak of, and no other group at all."""
    count = Counter(group for caption in captions for group in named(caption))
    return next(iter(count)) if len(count) == 1 and count.total() > len(captions) / 2 else None


def count_calls(pairs: Sequence[tuple[Sequence[str], str]]) -> dict[str, Counter[str]]:
    """Group by people's captions -> how often the machine's speaks of each group."""
    calls: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}
    for told, said in pairs:
        group = agreed(told)
        if group:
            calls[group]["pictures"] += 1
            calls[group].update(named(said) or {"nobody"})
    return calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("testset", type=Path)
    parser.add_argument("--model", help="default: embedded")
    chosen = parser.parse_args()
    settings = settings_for("auto", "auto")
    captioner = open_captioner(open_encoder(chosen.model, settings), settings)
    if captioner is None:
        raise SystemExit("this model writes no captions")
    testset = Testset.read(chosen.testset / "captions.jsonl")
    pixels = load(captioner, testset, testset.rows)
    parts = [pixels[i : i + BATCH] for i in range(0, len(pixels), BATCH)]
    said = [c for part in parts for c in captioner.write(captioner.look(part), "en")]
    told = [row["captions"] for row in testset.rows]
    for group, calls in count_calls(list(zip(told, said, strict=True))).items():
        pictures = max(1, calls["pictures"])
        shares = [f"{name} {calls[name] / pictures:.2f}" for name in (*GROUPS, "nobody")]
        print(f"{group:9s} n={calls['pictures']:<4d} called: {'  '.join(shares)}")


if __name__ == "__main__":
    main()
