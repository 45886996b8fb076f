"""Fit what a model's scores mean: from z-scores and cosines to a probability of being relevant.

    python -m training.calibrate TESTSETS... [--named FOLDERS...] --out search/calibration.json

Each test set (a folder with labels.jsonl or captions.jsonl, as `training.hold_out` writes them)
stands for a library; every label of every set is asked for in all of them, so that the fit also
sees queries that nothing answers. A picture is relevant if it carries the label that was asked for.
`search/calibration.py` says why each set of evidence gets a fit of its own. What words alone mean
is fitted by `training/yardstick.py`: on labels, general words, captions and what is not there. That
takes several sets.

Test sets are like the training pictures; what people index is not. So other folders can be
libraries too, whose file names say what is to be seen, such as the sample that `indexer demo`
draws: each is asked for its own names alone, and every library weighs as much as any other.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from evaluation.testsets import Testset, folder_of_testsets, open_testsets
from search.bootstrap import open_captioner, open_encoder
from search.calibration import Calibration, Features, Floats, probability, subsets
from search.components import Component
from search.evidence import SpaceEvidence
from search.images import LocalDecoder
from search.index import open_index
from search.interfaces import Captioner, Encoder, VectorIndex
from search.records import Changes, Ids, Pixels, Space, Vectors
from search.settings import read_settings

from .command import run
from .yardstick import Asked, asked_of, fit_words

BATCH = 64
NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Library:
    """One test set, indexed in both spaces. `apart`: it is asked for its own labels alone."""

    labels: list[str]
    labels_zh: list[str | None]
    images: Vectors
    spaces: dict[Space, VectorIndex]
    apart: bool = False


def read_library(folder: Path, encoder: Encoder, captioner: Captioner) -> Library:
    """Embed and caption every picture of a folder with labels.jsonl."""
    lines = (folder / "labels.jsonl").read_text("utf-8").splitlines()
    return _library(
        folder, [json.loads(line) for line in lines if line.strip()], encoder, captioner
    )


def named_library(folder: Path, encoder: Encoder, captioner: Captioner) -> Library:
    """A folder whose file names say what is to be seen: red-apple-02.png is a red apple."""
    known = Image.registered_extensions()
    files = [file for file in sorted(folder.rglob("*")) if file.suffix in known]
    names = [re.sub(r"-\d+$", "", file.stem).replace("-", " ") for file in files]
    rows = [
        {"file": file.relative_to(folder), "label": name}
        for file, name in zip(files, names, strict=True)
    ]
    return replace(_library(folder, rows, encoder, captioner), apart=True)


def _library(
    folder: Path, rows: list[dict[str, Any]], encoder: Encoder, captioner: Captioner
) -> Library:
    images, captions = [], []
    for start in range(0, len(rows), BATCH):
        batch = [_pixels(folder / row["file"], encoder) for row in rows[start : start + BATCH]]
        features = encoder.encode_images(np.concatenate(batch))
        images.append(features.vectors)
        captions += captioner.write(features.tokens, "en")
    vectors = np.concatenate(images)
    return Library(
        labels=[row.get("label", "") for row in rows],
        labels_zh=[row.get("label_zh") for row in rows],
        images=vectors,
        spaces={
            Space.IMAGE: _index(vectors),
            Space.CAPTION: _index(encoder.encode_texts(captions)),
        },
    )


def evidence(
    libraries: Sequence[Library], encoder: Encoder, calibration: Calibration
) -> tuple[Features, Floats, Floats]:
    """Of every (query, picture): its features in each space; relevance; weight."""
    found = []
    for library in libraries:
        others = [one for one in libraries if not one.apart]
        asked = _queries([library] if library.apart else others, encoder)
        rows = [_measured(library, label, component, calibration) for label, component in asked]
        features, answers = zip(*rows, strict=True)
        relevant = np.concatenate(answers)
        found.append((_joined(features), relevant, np.full(len(relevant), 1 / relevant.sum())))
    of_each, answers, weights = zip(*found, strict=True)
    counts = np.concatenate(weights)
    return _joined(of_each), np.concatenate(answers), counts / counts.mean()


def fit_curve(features: Features, relevant: Floats, weights: Floats) -> list[dict[str, Any]]:
    """A sum for each set of evidence, as `Calibration.read` takes it."""
    chosen = [{name: features[name] for name in names} for names in subsets(features)]
    return [_fit_sum(some, relevant, weights) for some in chosen]


def _fit_sum(features: Features, relevant: Floats, weights: Floats) -> dict[str, Any]:
    columns = np.column_stack(list(features.values()))
    fitted = map(_short, fit(columns, relevant, weights))
    return {
        "bias": next(fitted),
        "weights": {name: list(islice(fitted, of.shape[1])) for name, of in features.items()},
    }


def fit(features: Floats, relevant: Floats, weights: Floats | None = None) -> Floats:
    """Logistic regression, bias first, no negative weight: the likeliest of all subsets.

    `features` (n, k), `relevant` (n,) of 0 and 1, `weights` (n,). ValueError: they tell nothing.
    """
    counts = np.ones(len(relevant)) if weights is None else weights
    if not np.isfinite(features).all():
        raise ValueError("a score is no finite number: is the model's text or image tower broken?")
    if relevant.all() or not relevant.any():
        raise ValueError("all answers are alike: it takes relevant pictures and others")
    best, least = np.zeros(features.shape[1] + 1), np.inf
    columns = range(features.shape[1])
    for size in range(1, len(columns) + 1):
        for chosen in map(list, combinations(columns, size)):
            found = _newton(features[:, chosen], relevant, counts)
            loss = _loss(features[:, chosen], relevant, counts, found)
            if (found[1:] >= 0).all() and loss < least:
                best, least = np.zeros(len(columns) + 1), loss
                best[[0, *(place + 1 for place in chosen)]] = found
    return best


def _newton(features: Floats, relevant: Floats, counts: Floats, steps: int = 25) -> Floats:
    x = np.column_stack([np.ones(len(features)), features])
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        p = probability(x @ weights)
        gradient = x.T @ (counts * (relevant - p)) - 1e-3 * weights
        hessian = (x * (counts * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(hessian, gradient)
    return weights


def _loss(features: Floats, relevant: Floats, counts: Floats, weights: Floats) -> float:
    p = np.clip(probability(weights[0] + features @ weights[1:]), 1e-9, 1 - 1e-9)
    return float(-(counts * (relevant * np.log(p) + (1 - relevant) * np.log(1 - p))).mean())


def _queries(libraries: Sequence[Library], encoder: Encoder) -> Iterator[tuple[str, Component]]:
    """Every label in English and Chinese, as people type them."""
    asked = {
        (label, text)
        for library in libraries
        for label, zh in zip(library.labels, library.labels_zh, strict=True)
        for text in (label, zh)
        if label and text
    }
    ordered = sorted(asked)
    vectors = encoder.encode_texts([text for _, text in ordered])
    for (label, _), vector in zip(ordered, vectors, strict=True):
        yield label, Component(vector, 1.0, is_text=True)


def _measured(
    library: Library, label: str, component: Component, calibration: Calibration
) -> tuple[Features, Floats]:
    ids = np.arange(len(library.labels))
    features = {
        space.value: SpaceEvidence.of(space, index, [component], calibration).features(ids)
        for space, index in library.spaces.items()
    }
    return features, np.array([found == label for found in library.labels], float)


def _joined(parts: Sequence[Features]) -> Features:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _pixels(path: Path, encoder: Encoder) -> Pixels:
    decoded = LocalDecoder().decode(path.read_bytes(), (encoder.preprocessing,), uri=str(path))
    return decoded.pixels[0]


def _index(vectors: Vectors) -> VectorIndex:
    index = open_index("faiss:flat", vectors.shape[1])
    ids: Ids = np.arange(len(vectors))
    index.apply(Changes(1, ids, ids, vectors, NOTHING))
    return index


def _priors(libraries: Sequence[Library], encoder: Encoder) -> dict[str, list[float]]:
    """Mean and spread of the cosines that each kind of component has with each space."""
    texts = np.stack([part.vector for _, part in _queries(libraries, encoder)])
    found: dict[str, list[float]] = {}
    for kind in ("text", "image"):
        for space in Space:
            cosines = [
                (texts if kind == "text" else library.images[::5])
                @ library.spaces[space].vectors(np.arange(len(library.labels))).T
                for library in libraries
            ]
            flat = np.concatenate([part.ravel() for part in cosines])
            spread = np.concatenate([part.std(1) for part in cosines]).mean()
            found[f"{kind}-{space.value}"] = [_short(flat.mean()), _short(spread)]
    return found


def read(file: Path) -> dict[str, Any]:
    """Entries by model's name, none where there is no file; ValueError for another kind of file."""
    if not file.exists():
        return {}
    try:
        known = json.loads(file.read_text())
    except ValueError as error:
        raise ValueError(f"{file} is no JSON file: {error}") from None
    if not isinstance(known, dict):
        raise ValueError(f"{file} holds no entries by model's name")
    return known


def write(file: Path, model: str, entry: dict[str, Any]) -> None:
    """The entry of one model; those of others stay."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(json.dumps(read(file) | {model: entry}, indent=1) + "\n")
    beside.replace(file)


def _short(value: Any) -> float:
    return round(float(value), 4)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", type=folder_of_testsets, nargs="+")
    parser.add_argument("--named", type=Path, nargs="*", default=[], help="folders, see above")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--out", type=Path, required=True, help="a JSON file, one entry a model")
    arguments = parser.parse_args()
    read(arguments.out)  # or minutes of work would end at a file that cannot be read
    settings = read_settings(device="auto")
    encoder = open_encoder(arguments.model, settings)
    captioner = open_captioner(encoder, settings)
    assert captioner is not None
    testsets = [one for folder in arguments.folders for one in open_testsets(folder)]
    seen = [_library(one.folder, one.rows, encoder, captioner) for one in testsets]
    libraries = [one for one, told in zip(seen, testsets, strict=True) if not told.captioned]
    priors = _priors(libraries, encoder)
    libraries += [named_library(folder, encoder, captioner) for folder in arguments.named]
    features, relevant, weights = evidence(libraries, encoder, Calibration())
    words = fit_words(_asked(testsets, seen, encoder), fit)
    entry = {"curve": fit_curve(features, relevant, weights), "priors": priors, "words": words}
    write(arguments.out, arguments.model, entry)
    print(json.dumps(entry, indent=1))
    _report(Calibration.read(entry).curve.log_odds(features), relevant)


def _asked(
    testsets: Sequence[Testset], libraries: Sequence[Library], encoder: Encoder
) -> list[list[Asked]]:
    """What words alone are fitted on, by set."""
    made = []
    for testset, library in zip(testsets, libraries, strict=True):
        ids = np.arange(len(library.labels))
        vectors = {space: index.vectors(ids) for space, index in library.spaces.items()}
        others = [one for one in testsets if one is not testset]
        made.append(asked_of(testset, others, vectors, encoder))
    return made


def _report(log_odds: Floats, relevant: Floats) -> None:
    p = probability(log_odds)
    for floor in (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.25, 0.5, 0.7):
        kept = p >= floor
        precision = relevant[kept].mean() if kept.any() else 0.0
        recall = relevant[kept].sum() / relevant.sum()
        print(f"from {floor}: precision {precision:.2f}, recall {recall:.2f}")


if __name__ == "__main__":
    run(main)
