"""Captions a second: our decoder beside open_clip's uncached one, on the same model and pictures.

    python -m benchmarks.captions [FOLDER] [--model NAME] [--pictures 256] [--batch 64] [--json F]

FOLDER holds photographs (without it, crops of the drawn sample). The reference is what open_clip's
`generate` does for its greedy way, batched: the whole sentence through both language towers for
every word, until every caption of the batch has ended. Both begin with the image tokens. Ours
begins each round having forgotten all sentence beginnings, as a new process would.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from sample import draw_collection
from search.fitting import prepare
from search.records import Pixels, Preprocessing
from search.towers.captioning import CocaCaptioner
from search.towers.greedy import LONGEST, GreedyDecoder
from search.towers.openclip import OpenClipEncoder, open_encoder

from .rounds import one_round, ratio, write_json


@torch.inference_mode()
def uncached(network: Any, tokens: Any, first: int, end: int) -> list[list[int]]:
    """Ids of greedy captions by open_clip's own forward."""
    ids = torch.full((len(tokens), 1), first, device=tokens.device)
    ended = torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)
    for _ in range(min(LONGEST, network.text.context_length - 2)):
        _, words = network.text(ids)
        chosen = network.text_decoder(tokens, words)[:, -1].argmax(-1)
        ids = torch.cat([ids, chosen[:, None]], 1)
        ended |= chosen == end
        if ended.all():
            break
    rows = [[*row[1:], end] for row in ids.tolist()]
    return [row[: row.index(end)] for row in rows]


def pictures(folder: Path | None, count: int, preprocessing: Preprocessing) -> Pixels:
    """(count, size, size, 3): the folder's photographs, or crops of the drawn sample."""
    if folder is None:
        with tempfile.TemporaryDirectory() as drawn:
            files = draw_collection(Path(drawn))
            return np.concatenate([prepare(p, preprocessing) for p in _crops(files, count)])
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in (".jpg", ".png"))
    chosen = [files[i] for i in np.random.default_rng(0).permutation(len(files))[:count]]
    return np.concatenate([prepare(_opened(file), preprocessing) for file in chosen])


def _opened(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def _crops(files: list[Path], count: int) -> Iterator[Image.Image]:
    random = np.random.default_rng(0)
    opened = [_opened(file) for file in files if file.suffix in (".jpg", ".png", ".webp")]
    for i in range(count):
        image = opened[i % len(opened)]
        side = random.uniform(0.6, 1.0)
        left, top = random.uniform(0, 1 - side, 2)
        width, height = image.size
        box = (left * width, top * height, (left + side) * width, (top + side) * height)
        yield image.crop(tuple(map(int, box)))  # type: ignore[arg-type]


def compare(
    encoder: OpenClipEncoder, pixels: Pixels, language: str, batch: int, rounds: int
) -> dict[str, Any]:
    """Both decoders over the same tokens; the figures of one language."""
    captioner = CocaCaptioner(encoder)
    reader: Any = encoder.reader
    first, end = reader.firsts[language], reader.end
    parts = [captioner.look(pixels[i : i + batch]).float() for i in range(0, len(pixels), batch)]

    expected, written = [], []
    seconds: dict[str, list[float]] = {"uncached": [], "ours": []}
    for _ in range(rounds):
        decoder = GreedyDecoder(encoder.network)
        passes = []
        for part in parts:  # in turns batch by batch
            work = {
                "uncached": partial(uncached, encoder.network, part, first, end),
                "ours": partial(decoder.decode, part, first, end),
            }
            passes.append(one_round(work))
        for name, spent in seconds.items():
            spent.append(sum(took[name] for took, _ in passes))
        expected = [ids for _, answers in passes for ids in answers["uncached"]]
        written = [ids for _, answers in passes for ids in answers["ours"]]
    count = len(pixels)
    return {
        "language": language,
        "pictures": count,
        "batch": batch,
        "ratio": round(ratio(seconds["uncached"], seconds["ours"]), 2),
        "ours_ms": round(1e3 * statistics.median(seconds["ours"]) / count, 3),
        "uncached_ms": round(1e3 * statistics.median(seconds["uncached"]) / count, 3),
        "tokens_mean": round(statistics.mean(map(len, expected)), 1),
        "tokens_longest": max(map(len, expected)),
        "equal": sum(a == b for a, b in zip(expected, written, strict=True)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    encoder = open_encoder(given.model, device=given.device, precision="float32")
    pixels = pictures(given.folder, given.pictures, encoder.preprocessing)
    results = []
    for language in CocaCaptioner(encoder).languages:
        figures = compare(encoder, pixels, language, given.batch, given.rounds)
        results.append(figures)
        print(
            "{language}: {ratio} times open_clip's uncached greedy decoding ({ours_ms} ms beside "
            "{uncached_ms} ms a caption, batches of {batch}); {equal} of {pictures} captions "
            "equal; {tokens_mean} tokens a caption, {tokens_longest} at most".format(**figures)
        )
    write_json(given.json, {"model": encoder.info.name, "captions": results})


if __name__ == "__main__":
    main()
