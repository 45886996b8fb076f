"""How well a model finds: words to pictures, pictures to words, captions, and how fast.

    python -m benchmarks.retrieval TESTSETS [--model NAME] [--captions] [--json OUT.json]

TESTSETS is a folder of folders (or one of them), each with pictures beside a captions.jsonl
({"file", "captions": [...], "captions_zh": [...]}) or a labels.jsonl ({"file", "label",
"label_zh", "query_tags": [...]}). NAME is any that `indexer models` lists.

Captions: a query is a picture's first caption (`--all-captions`: each of them), and that picture
alone is right. Labels: a query is "a photo of LABEL", the pictures of that label are right; labels
of fewer than five pictures are no query. "p@min(10,n)" has as many places as there are right
pictures, ten at most; "found@10" counts the right ones among ten, of those that could be there.
The interval is a bootstrap over queries, 95%.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.caption_scores import bleu4, cider, names
from evaluation.metrics import (
    average_precision,
    capped_precision_at,
    capped_recall_at,
    hit_at,
    mean_with_interval,
    precision_at,
)
from evaluation.testsets import PHOTO, Question, Row, Testset, open_testsets
from search.bootstrap import open_captioner, open_encoder
from search.images import LocalDecoder
from search.interfaces import Captioner, Encoder
from search.records import Pixels, Vectors
from search.settings import Settings, read_settings

BATCH = 64

Measure = Callable[[Sequence[int], Collection[int]], float]

MEASURES: dict[str, Measure] = {
    "R@1": partial(hit_at, 1),
    "R@5": partial(hit_at, 5),
    "R@10": partial(hit_at, 10),
    "p@10": partial(precision_at, 10),
    "p@min(10,n)": partial(capped_precision_at, 10),
    "found@10": partial(capped_recall_at, 10),
    "mAP": average_precision,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what was measured where, on how many queries, with its interval."""

    testset: str
    task: str
    language: str
    measure: str
    value: float
    low: float
    high: float
    queries: int


def rank(queries: Vectors, items: Vectors) -> list[list[int]]:
    """All items for each query, best first; equal scores by number."""
    order: list[list[int]] = np.argsort(-(queries @ items.T), axis=1, kind="stable").tolist()
    return order


def judge(
    rankings: Sequence[Sequence[int]], right: Sequence[Collection[int]], where: tuple[str, str, str]
) -> list[Figure]:
    """Every measure over all queries; `where` is (testset, task, language)."""
    pairs = list(zip(rankings, right, strict=True))
    figures = []
    for name, measure in MEASURES.items():
        values = [measure(ranking, ids) for ranking, ids in pairs]
        figures.append(Figure(*where, name, *mean_with_interval(values), len(values)))
    return figures


def words_to_pictures(
    encoder: Encoder, testset: Testset, pictures: Vectors, language: str, every_caption: bool
) -> list[Figure]:
    questions = testset.questions(language, every_caption=every_caption)
    figures = _ask(encoder, questions, pictures, (testset.name, "text to image", language))
    for question in testset.tags(language):
        figures += _ask(encoder, [question], pictures, (testset.name, question.text, language))
    return figures


def pictures_to_words(
    encoder: Encoder, testset: Testset, pictures: Vectors, language: str
) -> list[Figure]:
    """Among all captions of the set, or all its labels as "a photo of LABEL"."""
    if testset.captioned:
        told = testset.questions(language, every_caption=True)
        texts, owners = [q.text for q in told], [q.right for q in told]
    else:
        of_label = testset.by_label(language)
        texts, owners = [PHOTO[language].format(x) for x in of_label], list(of_label.values())
    if not texts:
        return []
    right = _turned(owners)
    asked = [i for i in range(len(pictures)) if i in right]
    rankings = rank(pictures[asked], embed_texts(encoder, texts))
    where = (testset.name, "image to text", language)
    return judge(rankings, [right[i] for i in asked], where)


def captions(
    captioner: Captioner, testset: Testset, pixels: Pixels, language: str
) -> tuple[list[Figure], list[str]]:
    """BLEU-4 and CIDEr, or how often the label is named; and what was said of each picture."""
    parts = [pixels[i : i + BATCH] for i in range(0, len(pixels), BATCH)]
    said = [c for part in parts for c in captioner.write(captioner.look(part), language)]
    where = (testset.name, "caption", language)
    told = [(text, c) for text, c in zip(testset.told(language), said, strict=True) if text]
    if not told:
        return [], said
    references, judged = zip(*told, strict=True)
    if not testset.captioned:
        named = [float(names(label, caption)) for label, caption in told]
        return [Figure(*where, "names the label", *mean_with_interval(named), len(named))], said
    scores = cider(judged, references)
    return [
        Figure(*where, "CIDEr", *mean_with_interval(scores), len(scores)),
        Figure(*where, "BLEU-4", *_corpus_interval(judged, references), len(judged)),
    ], said


def latency(encoder: Encoder, testset: Testset, rounds: int = 50) -> dict[str, float]:
    """Milliseconds of one text, and pictures a second from files, decoding included."""
    questions = testset.questions("en")
    texts = [questions[i % len(questions)].text for i in range(rounds)] if questions else []
    encoder.encode_texts(["a warm-up"])
    took = [_seconds(partial(encoder.encode_texts, [text])) for text in texts]
    rows = testset.rows[: 4 * BATCH]
    seconds = _seconds(lambda: embed_pixels(encoder, load(encoder, testset, rows)))
    found = {"images_per_second": len(rows) / seconds}
    if took:
        middle, late = np.quantile(took, [0.5, 0.95]) * 1000
        found |= {"text_ms_p50": float(middle), "text_ms_p95": float(late)}
    return {name: round(value, 2) for name, value in found.items()}


def load(source: Encoder | Captioner, testset: Testset, rows: Sequence[Row]) -> Pixels:
    """The pictures as the tower wants them, (n, size, size, 3), decoded as the indexer does."""
    decoder, wanted = LocalDecoder(), (source.preprocessing,)
    files = [testset.folder / row["file"] for row in rows]
    decoded = [decoder.decode(file.read_bytes(), wanted, uri=str(file)) for file in files]
    return np.concatenate([image.pixels[0] for image in decoded])


def measure(
    encoder: Encoder,
    captioner: Captioner | None,
    testsets: Sequence[Testset],
    languages: Sequence[str],
    every_caption: bool = False,
) -> tuple[list[Figure], dict[str, list[str]]]:
    """All figures, and what was said of the first pictures of each set."""
    figures: list[Figure] = []
    samples: dict[str, list[str]] = {}
    for testset in testsets:
        pixels = load(encoder, testset, testset.rows)
        pictures = embed_pixels(encoder, pixels)
        for language in languages:
            figures += words_to_pictures(encoder, testset, pictures, language, every_caption)
            figures += pictures_to_words(encoder, testset, pictures, language)
            if captioner and language in captioner.languages:
                shared = captioner.preprocessing == encoder.preprocessing
                seen = pixels if shared else load(captioner, testset, testset.rows)
                judged, said = captions(captioner, testset, seen, language)
                figures += judged
                samples[f"{testset.name}/{language}"] = said[:8]
    return figures, samples


def table(figures: Sequence[Figure]) -> str:
    """One line a task, one column a measure."""
    lines: dict[tuple[str, str, str, int], list[str]] = {}
    for f in figures:
        cell = f"{f.measure} {f.value:.3f} [{f.low:.3f}, {f.high:.3f}]"
        lines.setdefault((f.testset, f.task, f.language, f.queries), []).append(cell)
    return "\n".join(
        f"{testset:12s} {task:14s} {language}  n={count:<5d} {'  '.join(cells)}"
        for (testset, task, language, count), cells in lines.items()
    )


def _ask(
    encoder: Encoder,
    questions: Sequence[Question],
    pictures: Vectors,
    where: tuple[str, str, str],
) -> list[Figure]:
    if not questions:
        return []
    queries = embed_texts(encoder, [question.text for question in questions])
    return judge(rank(queries, pictures), [question.right for question in questions], where)


def _corpus_interval(
    said: Sequence[str], references: Sequence[Sequence[str]], draws: int = 200
) -> tuple[float, float, float]:
    """BLEU is no mean, so whole corpora are drawn."""
    chance, values = np.random.default_rng(0), []
    for _ in range(draws):
        rows = chance.integers(len(said), size=len(said))
        values.append(bleu4([said[i] for i in rows], [references[i] for i in rows]))
    low, high = np.quantile(values, [0.025, 0.975])
    return bleu4(said, references), float(low), float(high)


def _turned(owners: Sequence[frozenset[int]]) -> dict[int, set[int]]:
    """Pictures of each text -> texts of each picture."""
    right: dict[int, set[int]] = {}
    for text, pictures in enumerate(owners):
        for picture in pictures:
            right.setdefault(picture, set()).add(text)
    return right


def embed_texts(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """(n, dim) unit vectors."""
    parts = [texts[i : i + 256] for i in range(0, len(texts), 256)]
    return np.concatenate([encoder.encode_texts(part) for part in parts])


def embed_pixels(encoder: Encoder, pixels: Pixels) -> Vectors:
    """(n, dim) unit vectors."""
    parts = [pixels[i : i + BATCH] for i in range(0, len(pixels), BATCH)]
    return np.concatenate([encoder.encode_images(part).vectors for part in parts])


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("testsets", type=Path)
    parser.add_argument("--model", help="default: embedded")
    parser.add_argument("--captions", action="store_true", help="measure captions too")
    parser.add_argument("--all-captions", action="store_true", help="each caption is a query")
    parser.add_argument("--languages", nargs="+", default=["en", "zh"], choices=["en", "zh"])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def main() -> None:
    chosen = parse()
    testsets = open_testsets(chosen.testsets)
    if not testsets:
        raise SystemExit(f"{chosen.testsets}: no captions.jsonl or labels.jsonl")
    settings = settings_for(chosen.device, chosen.precision)
    encoder = open_encoder(chosen.model, settings)
    captioner = open_captioner(encoder, settings) if chosen.captions else None
    figures, samples = measure(encoder, captioner, testsets, chosen.languages, chosen.all_captions)
    speed = latency(encoder, testsets[0])
    print(table(figures), "\n", json.dumps(speed), sep="")
    if chosen.json:
        told: dict[str, Any] = {"model": asdict(encoder.info), "device": asdict(encoder.device)}
        told |= {"speed": speed, "figures": [asdict(f) for f in figures], "captions": samples}
        chosen.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def settings_for(device: str, precision: str) -> Settings:
    """No library is opened; the settings want the name of one."""
    nowhere = Path(tempfile.gettempdir()) / "no-library"
    return read_settings(nowhere, device=device, precision=precision)


if __name__ == "__main__":
    main()
