"""A library to be damaged, the damage, and what a repair has kept of it.

`python -m tests.damage [FLIPS] [PAGES] [SEED]` counts the outcomes of many, each in a copy.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.repair import Repair, mend
from search.errors import Reason
from search.records import Attribute, Caption, DecodedImage, Failure, FileStamp, NewImage, Root
from search.schema import DERIVED, metadata
from search.settings import Settings
from search.store import Store
from search.store.trust import MADE_AGAIN
from tests.fakes import FakeEncoder, solid_pixels
from tests.pictures import jpeg

PAGE = 16384  # bytes
IMAGES = 200
THUMBNAIL = jpeg((200, 30, 30))
COLUMNS = {  # what is compared: all columns but those that a repair has to change
    "library": "encoder_id, captioner",
    "embedding": "part_id, encoder_id, image_id, vector",
    "exclusion": "collection_id, content_hash",  # the size only spares the hashing of other files
    "image": "id, collection_id, content_hash, format, width, height, taken_at, added_at, crc",
}
Contents = dict[str, set[tuple[object, ...]]]


def make_library(folder: Path) -> Settings:
    """Two collections, a folder each; removals, captions by people, failures."""
    settings = Settings(library=folder / "library")
    encoder = FakeEncoder(dim=256)
    ids: list[int] = []
    with Store.create(settings) as store:
        store.encoders.bind(encoder.info, "fake")
        for collection in ("default", "shop"):
            photos = folder / collection
            photos.mkdir()
            root = store.roots.ensure(collection, bytes(photos), photos.stat().st_dev)
            ids += _fill(store, root, photos, encoder)
            failed = Failure(bytes(photos / "bad.jpg"), Reason.CORRUPT, "no end")
            store.failures.record(root, [(b"bad.jpg", failed)])
            store.scans.complete(root.id, root.device, IMAGES // 2, {b"": collection})
        store.removals.remove([bytes(photos / "gone")], ids[:10])
        words = Caption("what people say", "en", "human")
        vector = encoder.encode_texts([words.text])[0]
        store.captions.add(encoder.info, [(id_, words, vector) for id_ in ids[20:40]])
    return settings


def _fill(store: Store, root: Root, photos: Path, encoder: FakeEncoder) -> list[int]:
    batch = []
    for number in range(IMAGES // 2):
        file = photos / f"holiday at the sea, picture {number}.jpg"
        file.write_bytes(f"{photos} {number}".encode())
        about = file.stat()
        picture = solid_pixels("red") ^ np.uint8(number)
        words = f"a red picture, number {number}, of {photos.name}"
        new = NewImage(
            _decoded(file.read_bytes()),
            encoder.encode_images(picture).vectors[0],
            Caption(words, "en", "fake"),
            encoder.encode_texts([words])[0],
        )
        batch.append((file.name.encode(), FileStamp(about.st_size, about.st_mtime_ns), new))
    return store.images.add(root, encoder.info, batch)


def _decoded(data: bytes) -> DecodedImage:
    facts = (Attribute("camera", "Canon EOS 5D"),)
    hash_ = hashlib.sha256(data).hexdigest()
    return DecodedImage(hash_, "JPEG", 40, 30, None, THUMBNAIL, (), facts)


def contents(catalogue: Path) -> Contents:
    """Every row, by table; captions by people apart."""
    found: Contents = {}
    with closing(sqlite3.connect(catalogue)) as connection:
        connection.text_factory = bytes
        for name in metadata.tables.keys() - DERIVED:
            columns = COLUMNS.get(name, "*")
            alive = "vector IS NOT NULL" if name == "embedding" else "1"
            found[name] = set(connection.execute(f"SELECT {columns} FROM {name} WHERE {alive}"))
    parts = found.pop("part")
    found["caption_by_people"] = {row for row in parts if b"human" in row}
    found["caption"] = {row for row in parts if b"caption" in row} - found["caption_by_people"]
    found["part"] = parts - found["caption"] - found["caption_by_people"]
    return found


def flip_a_bit(catalogue: Path, rng: random.Random) -> None:
    data = bytearray(catalogue.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    catalogue.write_bytes(data)


def zero_a_page(catalogue: Path, rng: random.Random) -> None:
    data = bytearray(catalogue.read_bytes())
    used = sorted(set(range(len(data) // PAGE)) - _free(data))
    start = rng.choice(used) * PAGE
    data[start : start + PAGE] = bytes(PAGE)
    catalogue.write_bytes(data)


def _free(data: bytearray) -> set[int]:
    """Pages that hold nothing, counted from 0 (sqlite.org/fileformat2.html, 1.5)."""
    found: set[int] = set()
    trunk = int.from_bytes(data[32:36], "big")
    while trunk:
        at = (trunk - 1) * PAGE
        following, count = struct.unpack_from(">II", data, at)
        leaves = struct.unpack_from(f">{count}I", data, at + 8)
        found |= {trunk - 1, *(leaf - 1 for leaf in leaves)}
        trunk = following
    return found


@dataclass(frozen=True)
class Outcome:
    """What a repair said, and what became of the rows."""

    done: Repair
    lost: dict[str, int]  # rows that are gone or changed, by kind
    wrong: dict[str, int]  # rows that were not there before

    @property
    def kind(self) -> str:
        if not self.lost:
            return "nothing lost"
        by_people = self.lost.keys() - MADE_AGAIN
        return f"lost {', '.join(sorted(by_people))}" if by_people else "lost what is made again"

    @property
    def is_silent(self) -> bool:
        """Rows are gone or changed, and the repair called the library whole."""
        return self.done.whole and bool(self.lost or self.wrong)


def damage_and_repair(
    library: Path, copy: Path, damage: Callable[[Path, random.Random], None], rng: random.Random
) -> Outcome:
    shutil.copytree(library, copy)
    catalogue = copy / "catalog.db"
    before = contents(catalogue)
    damage(catalogue, rng)
    done = mend(Settings(library=copy))
    after = contents(catalogue)
    lost = {kind: len(rows - after[kind]) for kind, rows in before.items() if rows - after[kind]}
    wrong = {kind: len(rows - before[kind]) for kind, rows in after.items() if rows - before[kind]}
    return Outcome(done, lost, wrong)


def main(flips: str = "300", pages: str = "150", seed: str = "7") -> None:
    rng = random.Random(int(seed))
    with tempfile.TemporaryDirectory() as folder:
        library = make_library(Path(folder)).library
        for damage, count in ((flip_a_bit, int(flips)), (zero_a_page, int(pages))):
            outcomes = []
            for number in range(count):
                copy = Path(folder) / f"{damage.__name__} {number}"
                outcomes.append(damage_and_repair(library, copy, damage, rng))
                if outcomes[-1].lost or outcomes[-1].wrong:
                    _show(number, outcomes[-1])
                shutil.rmtree(copy)
            print(f"{count} x {damage.__name__}: {dict(Counter(o.kind for o in outcomes))}")
            print(f"  a new catalogue: {sum(bool(o.done.rescued) for o in outcomes)}")
            print(f"  silent: {sum(o.is_silent for o in outcomes)}", flush=True)


def _show(number: int, outcome: Outcome) -> None:
    said = [problem.detail for problem in outcome.done.found][:1]
    print(f"  {number}: lost {outcome.lost} wrong {outcome.wrong}", end="; ")
    print(f"said {dict(outcome.done.lost)} {outcome.done.left[:1]} {said}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
