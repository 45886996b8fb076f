"""A tiny corpus: squares of plain colours, with captions and labels in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pictures import encoded, speckled
from training.shards import Meta, Sample, write_shard

COLOURS = {
    "red": ("红色", (220, 30, 30)),
    "green": ("绿色", (30, 160, 50)),
    "blue": ("蓝色", (30, 60, 220)),
}


def picture(colour: tuple[int, int, int], seed: int = 0, size: int = 48) -> bytes:
    return encoded(speckled(colour, seed, size), "JPEG", quality=90)


def labelled(number: int) -> Sample:
    name = list(COLOURS)[number % len(COLOURS)]
    _, colour = COLOURS[name]
    meta: Meta = {"source": "shop", "license": "CC0-1.0", "label": "mug", "label_zh": "杯子"}
    meta |= {"attributes": [name], "captions": [], "group": None}
    return Sample(f"mug_{number:03d}", picture(colour, number), meta)


def captioned(number: int) -> Sample:
    name = list(COLOURS)[number % len(COLOURS)]
    chinese, colour = COLOURS[name]
    meta: Meta = {"source": "walls", "license": "CC0-1.0", "label": None, "attributes": []}
    meta |= {"captions": [f"a {name} wall", f"a wall painted {name}"]}
    meta |= {"captions_zh": [f"一面{chinese}的墙"]}
    return Sample(f"wall_{number:03d}", picture(colour, number), meta)


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    return write_shards(tmp_path / "shards")


def write_shards(folder: Path) -> Path:
    folder.mkdir()
    write_shard(folder / "a-000.tar", [labelled(i) for i in range(12)])
    write_shard(folder / "b-000.tar", [captioned(i) for i in range(12)])
    return folder


@pytest.fixture
def testsets(tmp_path: Path) -> Path:
    """Twelve pictures to find by caption, fifteen by label."""
    top = tmp_path / "testsets"
    for name, maker, count in (("captions", captioned, 12), ("labels", labelled, 15)):
        (top / name).mkdir(parents=True)
        lines = [_line(top / name, maker(100 + i)) for i in range(count)]
        (top / name / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return top


def _line(folder: Path, sample: Sample) -> str:
    (folder / f"{sample.key}.jpg").write_bytes(sample.picture)
    told = {"file": f"{sample.key}.jpg", "label": sample.meta["label"], "query_tags": []}
    told |= {name: sample.meta.get(name) for name in ("label_zh", "captions", "captions_zh")}
    return json.dumps(told, ensure_ascii=False)
