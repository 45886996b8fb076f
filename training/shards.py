"""Shards of pictures and texts: tar files of KEY.jpg beside KEY.json, the layout of WebDataset.

img2dataset writes the same; its one `caption` is read as `captions`, and a sample that names no
source has that of its shard's folder. A `.tar.gz` is read as well.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PICTURES = ("jpg", "jpeg", "png", "webp")

TEXTS = {"source", "label", "label_zh", "title", "group"}
LISTS = {"attributes", "captions", "captions_zh"}

Meta = dict[str, Any]  # source, label, label_zh, attributes, captions, captions_zh, title, ...


@dataclass(frozen=True, slots=True)
class Sample:
    key: str
    picture: bytes  # an encoded file
    meta: Meta


def find_shards(places: Sequence[Path]) -> list[Path]:
    """The shards named, and all those in the folders named, by name; ValueError for none."""
    found = []
    for place in places:
        here = [place] if place.is_file() else [*place.glob("*.tar"), *place.glob("*.tar.gz")]
        if not here:
            raise ValueError(f"no shards in {place}")
        found += here
    return sorted(found)


def read_keys(path: Path | None) -> frozenset[str]:
    """One a line; a key may have blanks in it."""
    return frozenset(filter(None, path.read_text().split("\n"))) if path else frozenset()


def read_samples(places: Sequence[Path], without: frozenset[str] = frozenset()) -> Iterator[Sample]:
    """Every complete sample, shard by shard and by key, but for the keys in `without`."""
    for shard in find_shards(places):
        yield from (sample for sample in read_shard(shard) if sample.key not in without)


def read_shard(path: Path) -> list[Sample]:
    """The complete samples of one shard, by key; a picture without its JSON is left out.

    ValueError for a file that is no tar, and for fields that hold something else than text.
    """
    files: dict[str, dict[str, bytes]] = {}
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, kind = member.name.rpartition(".")
                content = tar.extractfile(member)
                if content is not None and key:
                    files.setdefault(key, {})[kind.lower()] = content.read()
    except (tarfile.TarError, EOFError) as error:
        raise ValueError(f"{path} is no whole tar file: {error}") from error
    folder = path.resolve().parent.name
    samples = [_sample(key, parts, folder) for key, parts in sorted(files.items())]
    return [sample for sample in samples if sample is not None]


def write_shard(path: Path, samples: Iterable[Sample]) -> int:
    """Write one shard, and its folder if need be; returns how many samples went into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, count = path.with_name(path.name + ".new"), 0
    with tarfile.open(beside, "w") as tar:
        for sample in samples:
            told = json.dumps(sample.meta, ensure_ascii=False).encode()
            _add(tar, f"{sample.key}.jpg", sample.picture)
            _add(tar, f"{sample.key}.json", told)
            count += 1
    beside.replace(path)
    return count


def _sample(key: str, parts: dict[str, bytes], folder: str) -> Sample | None:
    picture = next((parts[kind] for kind in PICTURES if kind in parts), None)
    if picture is None or "json" not in parts:
        return None
    meta: Meta = json.loads(parts["json"])
    caption = meta.pop("caption", None)
    meta["source"] = meta.get("source") or folder
    if caption and not meta.get("captions"):
        meta["captions"] = caption
    for field in LISTS & meta.keys():
        meta[field] = [meta[field]] if isinstance(meta[field], str) else meta[field]
    for field in (LISTS | TEXTS) & meta.keys():
        value = meta[field] or ()
        for text in value if field in LISTS else (value,) if value else ():
            if not isinstance(text, str):
                raise ValueError(f"{key}: its {field} should be text, not {text!r}")
    return Sample(key, picture, meta)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
