"""`indexer enrich facts` gives an older library the cameras of its pictures, without a model."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from PIL import ExifTags, Image

from indexer.outcome import SKIPPED
from search.filters import Fact
from search.settings import Settings
from search.store import Store
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import noise, write_picture


def photograph(path: Path, seed: int, camera: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = camera
    noise(seed).save(path, exif=exif)


def test_facts_of_pictures_of_before_are_read_once(indexer: Indexer, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    photograph(photos / "a.jpg", 1, "Canon EOS 5D")
    photograph(photos / "b.jpg", 2, "X100V")
    write_picture(photos / "drawn.png", 3)
    settings = Settings(library=tmp_path / "library")
    index(settings, photos)
    assert indexer("enrich", "facts", "--json").summary == {
        "message_type": "summary", "step": "facts", "enriched": 0, "skipped": 0
    }  # fmt: skip
    with closing(sqlite3.connect(settings.library / "catalog.db")) as database, database:
        database.execute("DELETE FROM attribute")
    with Store.open(settings) as store:
        before = store.revision()
    (photos / "b.jpg").rename(tmp_path / "b.jpg")
    ran = indexer("enrich", "facts", "--json")
    assert (ran.code, ran.summary["enriched"], ran.summary["skipped"]) == (SKIPPED, 2, 1)
    (tmp_path / "b.jpg").rename(photos / "b.jpg")
    assert indexer("enrich", "facts").out == "1 picture enriched, 0 could not be.\n"
    with Store.open(settings) as store:
        records = store.images.get(range(1, 4)).values()
        cameras = {
            record.path: [fact.text for fact in record.attributes if fact.name == "camera"]
            for record in records
        }
        assert cameras == {b"a.jpg": ["Canon EOS 5D"], b"b.jpg": ["X100V"], b"drawn.png": []}
        colours = [any(fact.name == "colour" for fact in record.attributes) for record in records]
        assert colours == [True, True, True]
        followed = store.values.changes(Fact("camera"), before)
        assert {row[1:] for row in followed.rows} == {("Canon EOS 5D",), ("X100V",)}
