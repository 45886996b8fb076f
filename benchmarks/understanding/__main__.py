"""How well a model and this search understand what people ask, over sets of pictures.

    python -m benchmarks.understanding SETS... [--topic NAME] [--cache FOLDER] [--json FILE]

Each set is a folder with labels.jsonl or captions.jsonl, as `training.hold_out` writes them, or a
folder of such folders. It is indexed into a library of its own and asked through the engine; all of
them together are one more library. Labels of the other sets stand for what a library does not have,
so give several. One line for each kind of queries, with 95% intervals (bootstrap over queries).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.retrieval import settings_for
from benchmarks.rounds import write_json
from evaluation.testsets import Testset, folder_of_testsets, joined, open_testsets
from search.bootstrap import open_captioner, open_encoder
from search.calibration import Calibration

from . import line
from .case import Towers, opened
from .features import Features, features
from .figures import Figure, table
from .topics import TOPICS


def measure(
    testsets: Sequence[Testset], towers: Towers, topics: Sequence[str], cache: Path | None
) -> Iterator[Figure]:
    made = [features(one, towers.encoder, towers.captioner, cache) for one in testsets]
    for testset, seen in zip(testsets, made, strict=True):
        others = [one for one in testsets if one is not testset]
        with opened(testset, others, seen, towers) as case:
            for topic in topics:
                yield from TOPICS[topic](case)
    if len(testsets) > 1 and "line" in topics:
        every = joined("mixed", testsets)
        with opened(every, [], Features.joined(made), towers) as case:
            yield from line.whole(case)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=folder_of_testsets, nargs="+", metavar="SETS")
    parser.add_argument("--topic", nargs="+", choices=sorted(TOPICS), default=sorted(TOPICS))
    parser.add_argument("--model", help="default: embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--cache", type=Path, help="keeps what the towers made of the pictures")
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def main() -> None:
    chosen = parse()
    testsets = [testset for folder in chosen.sets for testset in open_testsets(folder)]
    settings = settings_for(chosen.device, "auto")
    encoder = open_encoder(chosen.model, settings)
    captioner = open_captioner(encoder, settings)
    towers = Towers(encoder, captioner, Calibration.of(encoder.info.name))
    figures: list[Figure] = []
    for figure in measure(testsets, towers, chosen.topic, chosen.cache):
        figures.append(figure)
        print(table([figure]), flush=True)
    write_json(chosen.json, [asdict(figure) for figure in figures])


if __name__ == "__main__":
    main()
