"""A search through the HTTP API at 10,000 pictures: everything but the text tower.

    python -m benchmarks.http_search [--pictures 10000] [--rounds 200] [--json FILE]

The real store, index, ranking, front end and server (in a process of its own), with vectors that
need no tower. Four things alternate, each once a round over one kept connection: a search in both
spaces (24 hits), a search with a filter, the reference, and the cheapest answer that the server has
(/healthz: what HTTP alone costs). The reference is numpy in this process: every cosine of both
spaces, the best 24, no rows, no HTTP. Recall is against that reference, in each space alone. The
program ends with an error if a hit is missing.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from search.calibration import Calibration
from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import open_indexes
from search.model import Model
from search.records import (
    Caption,
    DecodedImage,
    Device,
    EncoderInfo,
    FileStamp,
    Ids,
    ImageFeatures,
    NewImage,
    Pixels,
    Preprocessing,
    Space,
    Vectors,
)
from search.settings import Settings
from search.store import Store

from .rounds import alternate, ratio, write_json

DIM = 256  # as the embedded model has
TOPICS = 300  # pictures of an album are not spread evenly
LIMIT = 24
BATCH = 500


class KnownVectors:
    """An encoder whose towers cost nothing: a text's vector comes from its hash."""

    info = EncoderInfo("known", DIM, "known-vectors")
    preprocessing = Preprocessing(size=8)
    device = Device("cpu", "it only looks up")
    logit_scale: float | None = None

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return _unit(np.stack([_near_topic(text) for text in texts]))

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        raise NotImplementedError("no picture is searched with here")

    def fits(self, text: str) -> bool:
        return True

    def vocabulary(self) -> Sequence[str]:
        return ()


@dataclass(frozen=True, slots=True)
class Library:
    """What the reference searches: the vectors as the store keeps them, in half precision."""

    ids: Ids
    image: Vectors
    caption: Vectors

    def best(self, vector: Vectors, space: Space) -> list[int]:
        """Ids by exact cosine, best first, equal ones by id."""
        matrix = self.image if space is Space.IMAGE else self.caption
        scores = matrix @ vector
        near = np.argpartition(-scores, LIMIT)[: LIMIT + 1]
        return [int(i) for i in self.ids[near[np.lexsort((self.ids[near], -scores[near]))]]][:LIMIT]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve:
        serve(given.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), given.pictures, given.rounds)
    print(
        f"{given.pictures} pictures, {LIMIT} hits: search {results['search_ms']:.2f} ms (p95 "
        f"{results['search_p95_ms']:.2f}), filtered {results['filtered_ms']:.2f} ms, "
        f"HTTP alone {results['http_ms']:.2f} ms, numpy alone {results['numpy_ms']:.2f} ms: "
        f"{results['ratio']:.2f} of its speed, recall {results['recall']:.4f}"
    )
    write_json(given.json, results)
    if results["recall"] < 1:
        raise SystemExit("a hit is missing")


def measure(folder: Path, pictures: int, rounds: int) -> dict[str, Any]:
    """Medians in milliseconds; `ratio` is numpy's time over ours, round by round."""
    library = fill(Settings(library=folder), pictures)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http_search", "--serve", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=30)
        recall = statistics.mean(recalls(connection, library))
        taken = alternate(work(connection, library), rounds)
    finally:
        process.terminate()
        process.wait()
    medians = {f"{name}_ms": statistics.median(seconds) * 1000 for name, seconds in taken.items()}
    return {
        "pictures": pictures,
        "rounds": rounds,
        **medians,
        "search_p95_ms": float(np.quantile(taken["search"], 0.95)) * 1000,
        "ratio": ratio(taken["numpy"], taken["search"]),
        "recall": recall,
    }


def work(connection: http.client.HTTPConnection, library: Library) -> dict[str, Any]:
    """What alternates. No two searches ask the same: nothing is answered from a cache."""
    encoder = KnownVectors()
    texts = (f"question number {n}" for n in range(10**9))

    def by_numpy() -> list[list[int]]:
        vector = encoder.encode_texts([next(texts)])[0]
        return [library.best(vector, space) for space in Space]

    return {
        "search": lambda: ask(connection, next(texts)),
        "filtered": lambda: ask(connection, next(texts), "&orientation=portrait"),
        "numpy": by_numpy,
        "http": lambda: fetch(connection, "/healthz"),
    }


def recalls(connection: http.client.HTTPConnection, library: Library) -> Iterator[float]:
    """Of the true best, the part that the API answers, in each space alone."""
    encoder = KnownVectors()
    for n in range(50):
        text = f"another question {n}"
        vector = encoder.encode_texts([text])[0]
        for space in Space:
            answer = ask(connection, text, f"&target={space.value}&relevance=any")
            found = {hit["id"] for hit in answer["hits"]}
            yield len(found & set(library.best(vector, space))) / LIMIT


def ask(connection: http.client.HTTPConnection, text: str, more: str = "") -> Any:
    return fetch(connection, f"/api/v1/search?q={quote(text)}&limit={LIMIT}{more}")


def fetch(connection: http.client.HTTPConnection, path: str) -> Any:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:500]!r}")
    return json.loads(body)


def serve(folder: Path) -> None:
    """The other process: an engine over the filled library, behind the real server."""
    from web import create_app
    from web.server import serve_forever

    settings = Settings(library=folder)
    store = Store.open(settings)
    engine = SearchEngine(
        settings,
        store,
        Model.over(
            store,
            KnownVectors(),
            None,
            open_indexes("faiss:flat", DIM),
            Calibration(),
        ),
        LocalDecoder(settings.query_megapixels * 1_000_000),
    )
    engine.refresh()
    serve_forever(create_app(settings, engine), "127.0.0.1", 0, lambda url: print(url, flush=True))


def fill(settings: Settings, pictures: int) -> Library:
    """A library of pictures that were never drawn, and what the reference needs of it."""
    random = np.random.default_rng(0)
    topics = random.integers(0, TOPICS, pictures)
    image, caption = (
        _unit(_topic_vectors()[topics] + 1.5 * random.standard_normal((pictures, DIM)) / DIM**0.5)
        for _ in Space
    )
    ids: list[int] = []
    with Store.create(settings) as store:
        store.encoders.bind(KnownVectors.info, "known")
        root = store.roots.ensure("default", b"/pictures", 0)
        for start in range(0, pictures, BATCH):
            batch = [
                (b"%d.jpg" % n, FileStamp(1, 1), _picture(n, image[n], caption[n]))
                for n in range(start, min(start + BATCH, pictures))
            ]
            ids += store.images.add(root, KnownVectors.info, batch)
    half = [vectors.astype(np.float16).astype(np.float32) for vectors in (image, caption)]
    return Library(np.array(ids), *half)


def _picture(number: int, image: Vectors, caption: Vectors) -> NewImage:
    decoded = DecodedImage(
        content_hash=hashlib.sha256(b"%d" % number).hexdigest(),
        format="JPEG",
        width=3000 + number % 3,
        height=3001,
        taken_at=None,
        thumbnail=b"",
        pixels=(),
    )
    words = Caption(f"a picture with the number {number} of many others", "en", "known")
    return NewImage(decoded, image, words, caption)


def _near_topic(text: str) -> Vectors:
    seed = list(hashlib.sha256(text.encode()).digest())
    random = np.random.default_rng(seed)
    topic = _topic_vectors()[random.integers(0, TOPICS)]
    vector: Vectors = (topic + random.standard_normal(DIM) / DIM**0.5).astype(np.float32)
    return vector


@functools.cache
def _topic_vectors() -> Vectors:
    vectors: Vectors = _unit(np.random.default_rng(1).standard_normal((TOPICS, DIM)))
    return vectors


def _unit(vectors: Any) -> Vectors:
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


if __name__ == "__main__":
    main()
