"""How written words are weighed against what pictures show: the benchmark that chose it.

    python -m benchmarks.fusion SETS... [--titles FILE] [--weights 0 1.5 3] [--cache FOLDER]

Each set is a library of its own, as in `benchmarks.understanding`. FILE names titles and attributes
of pictures: {"file": {"title": "...", "label": "...", "attributes": [...]}}; those of a set that
have one are one more library. Its queries are made from these by rule: what a thing is, in which
colour, for whom, and the first word of titles, which is the brand. A line for each kind of queries:
the picture alone, picture and caption, written words alone, reciprocal ranks of both, and the
calibrated sum with each weight of the words; mAP, or R@10 where a caption has one picture.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.retrieval import settings_for
from benchmarks.rounds import write_json
from benchmarks.understanding.case import Case, Towers, opened
from benchmarks.understanding.features import Features, features
from benchmarks.understanding.figures import Figure, Place, table
from evaluation.metrics import average_precision, hit_at
from evaluation.testsets import Question, Testset, folder_of_testsets, open_testsets
from search.bootstrap import open_captioner, open_encoder
from search.calibration import COSINE_ADDENDS, Calibration, Curve, Floats
from search.components import Component
from search.fulltext import NAME
from search.lexical import WordsRetriever
from search.query import Query, Words
from search.records import Attribute, NewImage, Space
from search.written import WrittenFollower

FEWEST = 3  # pictures that a query should find
KEPT = 60  # of reciprocal ranks: Cormack, Clarke, Buettcher, 2009
COLOURS = {"black", "white", "red", "blue", "green", "yellow", "brown", "grey", "pink", "purple"}
WHOM = {"men", "women", "boys", "girls", "kids"}

Titled = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class TitledFeatures(Features):
    """Pictures with titles, as facts."""

    titles: Sequence[str] = ()

    def images(self, folder: str) -> list[NewImage]:
        made = zip(super().images(folder), self.titles, strict=True)
        return [
            replace(new, decoded=replace(new.decoded, facts=(Attribute("title", title),)))
            for new, title in made
        ]


def titled(testset: Testset, seen: Features, known: Titled) -> tuple[Testset, TitledFeatures]:
    """The pictures of a set that have a title."""
    rows = [row for row, of in enumerate(testset.rows) if of["file"] in known]
    some = seen.taken(rows)
    titles = [known[testset.rows[row]["file"]]["title"] for row in rows]
    views = some.views, some.captions, some.caption_vectors
    return testset.part(rows), TitledFeatures(*views, titles=titles)


def of_titles(testset: Testset, known: Titled) -> Iterator[tuple[str, Question]]:
    """Questions of a shop, by kind."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row, of in enumerate(testset.rows):
        about = known[of["file"]]
        found["brand", about["title"].split()[0].lower()].add(row)
        if label := about["label"]:
            found["label", label].add(row)
            for attribute in about["attributes"]:
                if attribute in COLOURS | WHOM:
                    kind = "colour" if attribute in COLOURS else "for whom"
                    found[kind, f"{attribute} {label}"].add(row)
    for (kind, text), rows in sorted(found.items()):
        if len(rows) >= FEWEST:
            yield kind, Question(text, frozenset(rows))


def of_set(testset: Testset) -> Iterator[tuple[str, Question]]:
    for language in ("en", "zh"):
        kind = "captions" if testset.captioned else "labels"
        if testset.captioned:
            asked = testset.questions(language)
        else:
            by_label = testset.by_label(language).items()
            asked = [Question(x, ids) for x, ids in by_label if len(ids) >= FEWEST]
        yield from ((f"{kind} {language}", one) for one in asked)


def figures(
    case: Case, asked: Sequence[tuple[str, Question]], weights: Sequence[float]
) -> Iterator[Figure]:
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    case.engine.refresh()
    words = WordsRetriever(WrittenFollower(case.engine.store))
    for kind, question in asked:
        orders = dict(_orders(case, words, question.text, weights))
        for way, scores in orders.items():
            rows = np.argsort(-scores, kind="stable").tolist()
            measured = _hit_at_10 if kind.startswith("captions") else average_precision
            values[kind, way].append(measured(rows, question.right))
    for (kind, way), found in values.items():
        measure = "R@10" if kind.startswith("captions") else "mAP"
        yield Place(case.name, kind, way).mean(measure, found)


def _orders(
    case: Case, words: WordsRetriever, text: str, weights: Sequence[float]
) -> Iterator[tuple[str, Floats]]:
    """Scores of all images, by row, in one way after the other."""
    model, ids = case.engine.model, np.array(case.ids)
    query = Query((Words(text),))
    components = [Component(model.text_vector(text), 1.0, is_text=True)]
    evidence = {one.name: one.evidence(query, components) for one in model.retrievers}
    seen = {space.value: evidence[space].features(ids) for space in Space}
    written = words.evidence(query, components).features(ids)
    curve = model.calibration.words or model.calibration.curve
    shown = curve.log_odds(seen)
    alone = np.nan_to_num(written[:, 0])
    yield "picture", seen[Space.IMAGE][:, -1]
    yield "picture and caption", shown
    yield "words", alone
    yield "reciprocal ranks", _reciprocal(shown) + np.where(alone > 0, _reciprocal(alone), 0)
    for weight in weights:
        added = {NAME: replace(COSINE_ADDENDS[NAME], weight=weight)}
        yield f"sum, {weight:g}", Curve(curve.sums, added).log_odds({**seen, NAME: written})


def _reciprocal(scores: Floats) -> Floats:
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (KEPT + ranks)


def _hit_at_10(rows: Sequence[int], right: frozenset[int]) -> float:
    return hit_at(10, rows, right)


def measure(
    testsets: Sequence[Testset],
    towers: Towers,
    known: Titled,
    weights: Sequence[float],
    cache: Path | None,
) -> Iterator[Figure]:
    for testset in testsets:
        seen = features(testset, towers.encoder, towers.captioner, cache)
        with opened(testset, [], seen, towers) as case:
            yield from figures(case, list(of_set(testset)), weights)
        part, some = titled(testset, seen, known)
        if part.rows:
            part.name = f"{testset.name}, titled"
            with opened(part, [], some, towers) as case:
                yield from figures(case, list(of_titles(part, known)), weights)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=folder_of_testsets, nargs="+", metavar="SETS")
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--weights", type=float, nargs="+", default=[0.75, 1.5, 3.0])
    parser.add_argument("--model", help="default: embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--cache", type=Path, help="keeps what the towers made of the pictures")
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser.parse_args(arguments)


def main() -> None:
    given = parse()
    settings = settings_for(given.device, "auto")
    encoder = open_encoder(given.model, settings)
    captioner = open_captioner(encoder, settings)
    towers = Towers(encoder, captioner, Calibration.of(encoder.info.name))
    known = json.loads(given.titles.read_text()) if given.titles else {}
    testsets = [testset for folder in given.sets for testset in open_testsets(folder)]
    found: list[Figure] = []
    for figure in measure(testsets, towers, known, given.weights, given.cache):
        found.append(figure)
        print(table([figure]), flush=True)
    write_json(given.json, [asdict(figure) for figure in found])


if __name__ == "__main__":
    main()
