"""A golden library, unpacked, and an engine over it that needs no model."""

from __future__ import annotations

import lzma
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from search.calibration import Calibration
from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import open_indexes
from search.model import Model
from search.records import (
    Device,
    EncoderInfo,
    ImageFeatures,
    Pixels,
    Preprocessing,
    Vectors,
)
from search.settings import Settings
from search.store import Store

GOLDEN = Path(__file__).parent


def unpacked(version: str, folder: Path) -> Path:
    """The library, in `folder`: a catalogue and nothing else."""
    library = folder / "library"
    library.mkdir()
    packed = (GOLDEN / version / "catalog.db.xz").read_bytes()
    (library / "catalog.db").write_bytes(lzma.decompress(packed))
    return library


def engine_over(library: Path, answers: dict[str, Any]) -> SearchEngine:
    """With the curve of the model that the vectors are of."""
    encoder = RecordedEncoder("v1", EncoderInfo(**answers["encoder"]))
    settings = Settings(library=library)
    store = Store.open(settings)
    return SearchEngine(
        settings,
        store,
        Model.over(
            store,
            encoder,
            None,
            open_indexes("faiss:flat", encoder.info.dim),
            Calibration.of(encoder.info.name),
        ),
        LocalDecoder(),
    )


class RecordedEncoder:
    """Gives the vectors that the model gave; of any other text it knows nothing, not even where
    it points."""

    preprocessing = Preprocessing(size=160)
    device = Device("cpu", "recorded")
    logit_scale = None

    def __init__(self, version: str, info: EncoderInfo) -> None:
        recorded = np.load(GOLDEN / version / "vectors.npz")
        self.info = info
        self._texts = dict(zip(recorded["texts"], recorded["text_vectors"], strict=True))
        self._colours = recorded["colours"]  # mean ones, which tell the few pictures apart
        self._pictures = recorded["picture_vectors"]

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        nothing = np.zeros(self.info.dim, np.float32)
        return np.array([self._texts.get(text, nothing) for text in texts])

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        means = pixels.reshape(len(pixels), -1, 3).mean(1)
        distances = np.linalg.norm(self._colours[None] - means[:, None], axis=2)
        assert distances.min(1).max() < 1, "a picture that was never asked for"
        return ImageFeatures(self._pictures[distances.argmin(1)])

    def fits(self, text: str) -> bool:
        return True

    def vocabulary(self) -> Sequence[str]:
        return ()


def unpacked_to_server(version: str, url: str, folder: Path) -> Path:
    """The same in an empty database of PostgreSQL, as a program of that version would have it."""
    import psycopg

    library = unpacked(version, folder)
    tables = (GOLDEN / version / "postgres.sql").read_text()
    with (
        closing(sqlite3.connect(library / "catalog.db")) as source,
        psycopg.connect(url) as target,
    ):
        target.execute(tables.encode())
        for table in re.findall(r"CREATE TABLE (\w+)", tables):
            _copy(source, target, table)
    (library / "catalog.db").unlink()
    return library


def _copy(source: sqlite3.Connection, target: Any, table: str) -> None:
    """Rows, and the number that the next one gets."""
    rows = source.execute(f"SELECT * FROM {table}").fetchall()
    names = [column[1] for column in source.execute(f"PRAGMA table_info({table})")]
    if table == "root":
        at = names.index("whole")
        rows = [(*row[:at], bool(row[at]), *row[at + 1 :]) for row in rows]
    marks = ", ".join(["%s"] * len(names))
    with target.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
        if "id" in names:
            last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            cursor.execute(last)
