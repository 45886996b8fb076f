"""How `v1` was made: `python -m tests.golden.make FOLDER`, in a checkout of commit 3dfdaab.

A library of schema 1 with the embedded model, and what its program answered. Only that program
makes such a library, so this file stays as it was, beside its result. FOLDER is a place to work in;
what is to be kept lies in FOLDER/golden afterwards.
"""

from __future__ import annotations

import base64
import json
import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from indexer.sample import draw_collection
from PIL import Image

from search.bootstrap import open_engine
from search.records import Caption, EncoderInfo, ImageFeatures, NewImage, Space
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeEncoder
from tests.golden.questions import PICTURES, addresses, searches
from web import create_app

EN = ("fruit", "animals", "nature", "holidays")
ZH = ("crockery", "vehicles")  # the shop
BARE = ("shoes",)  # without captions


class Recorder:
    """An encoder, and all that it was asked."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self.texts: dict[str, Any] = {}
        self.pictures: list[tuple[Any, Any]] = []  # mean colour, vector

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_texts(self, texts: list[str]) -> Any:
        vectors = self._encoder.encode_texts(texts)
        self.texts |= dict(zip(texts, vectors, strict=True))
        return vectors

    def encode_images(self, pixels: Any) -> ImageFeatures:
        seen = self._encoder.encode_images(pixels)
        self.pictures.append((pixels[0].reshape(-1, 3).mean(0), seen.vectors[0]))
        return seen


def main(folder: str) -> None:
    work = Path(folder).absolute()
    drawn, photos, shop = work / "drawn", work / "photos", work / "shop"
    draw_collection(drawn)
    for names, target in ((EN, photos), (ZH, shop)):
        for name in names:
            shutil.copytree(drawn / name, target / name)
    make_library(work, drawn, photos, shop)
    golden = work / "golden"
    golden.mkdir()
    settle(work / "library/catalog.db", {bytes(photos): b"/album", bytes(shop): b"/shop"})
    catalogue = (work / "library/catalog.db").read_bytes()
    (golden / "catalog.db.xz").write_bytes(lzma.compress(catalogue, preset=9))
    answer(work, drawn, golden)


def make_library(work: Path, drawn: Path, photos: Path, shop: Path) -> None:
    def indexer(*asked: str | Path) -> None:
        command = [sys.executable, "-m", "indexer", "--library", work / "library", *asked]
        print(subprocess.run(command, capture_output=True, text=True).stdout[-200:])

    for name in sorted(os.listdir(photos / "fruit"))[12:]:
        (photos / "fruit" / name).unlink()
    (photos / "copies/again").mkdir(parents=True)
    for name in sorted(os.listdir(photos / "fruit"))[:3]:
        shutil.copy(photos / "fruit" / name, photos / "copies/again")
    (photos / "broken.jpg").write_bytes(b"not a picture")
    whole = (drawn / "fruit/red-apple-01.jpg").read_bytes()
    (photos / "fruit/cut.jpg").write_bytes(whole[: len(whole) // 3])
    for name in sorted(os.listdir(shop / "vehicles"))[8:]:
        (shop / "vehicles" / name).unlink()
    shutil.copy(photos / "animals/ginger-cat.jpg", shop / "cat.jpg")
    indexer("add", photos / "fruit", "--collection", "default")
    indexer("caption", "--caption-language", "zh")
    indexer("add", photos)
    shutil.copytree(drawn / BARE[0], photos / BARE[0])
    indexer("add", "--no-captions", photos)
    indexer("add", shop, "--collection", "shop", "--caption-language", "zh")
    indexer(
        "remove", photos / "fruit/lemon.jpg", photos / "nature/forest.jpg", photos / "broken.jpg"
    )
    indexer("remove", "7", "31")
    with Store.open(Settings(library=work / "library"), writable=True) as store:
        by_people(work, store)
        by_another_model(store)


def by_people(work: Path, store: Store) -> None:
    """Captions as a person would write them, beside the machine's."""
    from search.bootstrap import open_encoder

    encoder = open_encoder("embedded", Settings(library=work / "library"))
    told = {3: "the apple that grandmother gave us", 12: "our garden in June", 40: "Tom's cup"}
    vectors = encoder.encode_texts(list(told.values()))
    store.add_captions(
        encoder.info,
        [
            (id_, Caption(text, "en", "human"), v)
            for (id_, text), v in zip(told.items(), vectors, strict=True)
        ],
    )


def by_another_model(store: Store) -> None:
    """What a reindex that was interrupted has left."""
    encoder = FakeEncoder(dim=24)
    info = EncoderInfo("another", 24, encoder.info.fingerprint)
    rng = np.random.default_rng(7)
    ids = store.changes(store.model(), Space.IMAGE, 0).ids[:6].tolist()
    for id_ in ids:
        vectors = rng.standard_normal((2, 24)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        decoded = None
        new = NewImage(decoded, vectors[0], store.images([id_])[id_].captions[0], vectors[1])
        store.add_vectors(info, [(id_, new)])


def settle(catalogue: Path, homes: dict[bytes, bytes]) -> None:
    """Paths that are the same wherever it was made; one file without a log."""
    with closing(sqlite3.connect(catalogue)) as connection:
        for table in ("root", "removed_path"):
            for (path,) in connection.execute(f"SELECT path FROM {table}").fetchall():
                new = path
                for old, home in homes.items():
                    new = new.replace(old, home)
                connection.execute(f"UPDATE {table} SET path = ? WHERE path = ?", (new, path))
        connection.execute("UPDATE root SET device = 1")
        connection.execute('UPDATE scan SET file_systems = \'{"": "1"}\'')
        connection.commit()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def answer(work: Path, drawn: Path, golden: Path) -> None:
    settings = Settings(library=work / "library")
    pictures = {name: small(drawn / path) for name, path in PICTURES.items()}
    engine = open_engine(settings)
    recorder = Recorder(engine.encoder)
    engine.encoder = recorder
    client = create_app(settings, engine).test_client()
    answers: dict[str, Any] = {"searches": [], "addresses": []}
    for asked in searches():
        given: dict[str, Any] = {"json": asked["body"]}
        if name := asked.get("picture"):
            given = {
                "data": {
                    "request": json.dumps(asked["body"]),
                    "image": (BytesIO(pictures[name]), "picture.jpg"),
                }
            }
        reply = client.post("/api/v1/search", **given)
        assert reply.status_code == 200, reply.text
        answers["searches"].append({**asked, "answer": kept(reply.json)})
    for address in addresses():
        reply = client.get(address)
        assert reply.status_code == 200, reply.text
        answers["addresses"].append({"address": address, "answer": same(reply.json)})
    command = [sys.executable, "-m", "indexer", "--library", work / "library", "export"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    answers["export"] = [json.loads(line) for line in lines]
    answers["encoder"] = {
        "name": recorder.info.name,
        "dim": recorder.info.dim,
        "fingerprint": recorder.info.fingerprint,
    }
    answers["pictures"] = {name: base64.b64encode(data).decode() for name, data in pictures.items()}
    (golden / "answers.json").write_text(lines_of(answers))
    np.savez_compressed(
        golden / "vectors.npz",
        texts=np.array(list(recorder.texts)),
        text_vectors=np.array(list(recorder.texts.values()), np.float32),
        colours=np.array([colour for colour, _ in recorder.pictures], np.float32),
        picture_vectors=np.array([vector for _, vector in recorder.pictures], np.float32),
    )
    engine.close()


def lines_of(answers: dict[str, Any]) -> str:
    """JSON with a line for each answer."""
    parts = []
    for name, value in answers.items():
        items = [value] if isinstance(value, dict) else value
        lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
        parts.append(f"{json.dumps(name)}: {lines if isinstance(value, dict) else f'[{lines}]'}")
    return "{" + ",\n".join(parts) + "}\n"


def kept(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what is different each time, or stands in other answers."""
    hits = [
        {
            "id": hit["id"],
            "score": hit["score"],
            "relevance": hit["relevance"],
            "scores": {name: hit["scores"][name] for name in ("image", "caption")},
            "matched_by": hit["matched_by"],
        }
        for hit in answer["hits"]
    ]
    return {"total": answer["total"], "next_offset": answer["next_offset"], "hits": hits}


def same(answer: Any) -> Any:
    """Without what is another one each time: how long it took, and where the model runs."""
    return {k: v for k, v in answer.items() if k not in ("took_ms", "device", "query")}


def small(path: Path) -> bytes:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((96, 96))
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
