"""Set pictures apart for measuring: test sets as folders, and the keys that training must skip.

    python -m training.hold_out OUT SHARDS... --sets '{"products": {"my-shop": 5}}'

A set names its sources and how many pictures of each label to take (never more than a fifth of
them); "SOURCE/GROUP" is stronger than "SOURCE". A source with captions and no labels gives that
many pictures in all. The choice hangs on the keys alone: it is the same on every machine. So a key
must be there once only, in all shards together.

OUT/SET/KEY.jpg with labels.jsonl or captions.jsonl; OUT/held-out.txt, for `--without`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from evaluation.testsets import open_testsets

from .command import run
from .sentences import colour_of
from .shards import Meta, Sample, read_samples

Sets = dict[str, dict[str, int]]  # set -> source -> pictures a label


def choose(samples: Iterable[Sample], sets: Sets, without: frozenset[str]) -> dict[str, str]:
    """Key -> the set it goes to; ValueError for a key that two samples have."""
    groups: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    keys_seen: set[str] = set()
    for sample in samples:
        if sample.key in keys_seen:
            raise ValueError(f"two samples have the key {sample.key}: give each one its own")
        keys_seen.add(sample.key)
        place = None if sample.key in without else _place(sample.meta, sets)
        if place:
            name, number = place
            groups[name, _bucket(sample.meta), number].append(sample.key)
    chosen: dict[str, str] = {}
    for (name, _, number), keys in groups.items():
        keys.sort(key=lambda key: hashlib.sha1(key.encode()).hexdigest())
        chosen |= dict.fromkeys(keys[: min(number, len(keys) // 5)], name)
    return chosen


def write(out: Path, samples: Iterable[Sample], chosen: dict[str, str]) -> None:
    """The test sets' folders, and held-out.txt."""
    lines: dict[Path, list[str]] = defaultdict(list)
    for sample in samples:
        if sample.key in chosen:
            folder = out / chosen[sample.key]
            folder.mkdir(parents=True, exist_ok=True)
            name = sample.key.replace("/", "-") + ".jpg"
            (folder / name).write_bytes(sample.picture)
            told = {"file": name} | _told(sample.meta)
            kind = "labels" if sample.meta.get("label") else "captions"
            lines[folder / f"{kind}.jsonl"].append(json.dumps(told, ensure_ascii=False))
    for file, told_lines in lines.items():
        file.write_text("\n".join(told_lines) + "\n")
    (out / "held-out.txt").write_text("\n".join(sorted(chosen)) + "\n")


def _place(meta: Meta, sets: Sets) -> tuple[str, int] | None:
    source = str(meta.get("source"))
    for name, numbers in sets.items():
        number = numbers.get(f"{source}/{meta.get('group')}", numbers.get(source))
        if number and (meta.get("label") or meta.get("captions")):
            return name, number
    return None


def _bucket(meta: Meta) -> str:
    return f"{meta['source']}: {meta.get('label')}"


def _told(meta: Meta) -> Meta:
    if not meta.get("label"):
        return {name: meta.get(name, []) for name in ("captions", "captions_zh")}
    kept = {name: meta.get(name) for name in ("label", "label_zh", "source")}
    group, colour = meta.get("group"), colour_of(meta)
    asked = group if group == "apple" else meta["label"] if meta["label"] == "apple" else None
    return kept | {"query_tags": [f"{colour} {asked}"] if asked and colour else []}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--sets", type=json.loads, required=True)
    parser.add_argument("--never", nargs="*", default=[], help="keys that are no test pictures")
    asked = parser.parse_args()
    if asked.out.exists() and any(asked.out.iterdir()):
        raise SystemExit(f"{asked.out} has test sets already: remove it, or name another folder")
    try:
        chosen = choose(read_samples(asked.shards), asked.sets, frozenset(asked.never))
        if not chosen:
            there = Counter(str(sample.meta["source"]) for sample in read_samples(asked.shards))
            raise ValueError(f"no picture chosen: a label needs 5 of them; sources: {dict(there)}")
    except ValueError as error:
        raise SystemExit(str(error)) from None
    write(asked.out, read_samples(asked.shards), chosen)
    print(len(chosen), "pictures set apart")
    for testset in open_testsets(asked.out):
        print(f"{testset.name}: {len(testset.questions('en'))} queries")


if __name__ == "__main__":
    run(main)
