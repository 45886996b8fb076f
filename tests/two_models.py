"""A library and two models that it may have: what `reindex` does, without files or towers."""

from __future__ import annotations

from search.calibration import Calibration
from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import open_indexes
from search.model import Model
from search.records import Caption, EncoderInfo, FileStamp, NewImage
from search.settings import Settings
from search.store import Store
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder
from tests.pictures import encoded, numbered

OLD = FakeEncoder(name="old", salt="old")
NEW = FakeEncoder(name="new", salt="new", dim=32)
ENCODERS = {encoder.info.fingerprint: encoder for encoder in (OLD, NEW)}
PICTURES = [(colour, number) for colour in COLOURS for number in range(6)]


def seen_by(encoder: FakeEncoder, colour: str, number: int) -> NewImage:
    picture = encoded(numbered(COLOURS[colour], number, 40, 30))
    decoded = LocalDecoder().decode(picture, [encoder.preprocessing], uri="test")
    words = f"a {colour} thing number {number}"
    vector = encoder.encode_images(decoded.pixels[0]).vectors[0]
    return NewImage(decoded, vector, Caption(words, "en", "fake"), encoder.encode_texts([words])[0])


def make_library(store: Store) -> None:
    """By the old model."""
    root = store.roots.ensure("default", b"/photos", 1)
    stamp = FileStamp(1, 1)
    batch = [(f"{c}-{n}.png".encode(), stamp, seen_by(OLD, c, n)) for c, n in PICTURES]
    store.images.add(root, OLD.info, batch)
    store.encoders.bind(OLD.info, "fake")


def embed(store: Store, encoder: FakeEncoder) -> None:
    """The vectors of another model beside those that there are."""
    ids = range(1, len(PICTURES) + 1)
    seen = [(id_, seen_by(encoder, c, n)) for id_, (c, n) in zip(ids, PICTURES, strict=True)]
    store.vectors.add(encoder.info, seen)


def switch(store: Store, encoder: FakeEncoder) -> None:
    store.encoders.switch(encoder.info, None)


def model_by(store: Store, encoder: FakeEncoder) -> Model:
    indexes = open_indexes("faiss:flat", encoder.info.dim)
    return Model.over(store, encoder, FakeCaptioner(), indexes, Calibration())


class Loader:
    """Opens the model of an encoder; counts, and fails where it is told to."""

    def __init__(self, store: Store) -> None:
        self.loaded: list[str] = []
        self.error: Exception | None = None
        self._store = store

    def __call__(self, info: EncoderInfo) -> Model:
        if self.error:
            raise self.error
        self.loaded.append(info.name)
        return model_by(self._store, ENCODERS[info.fingerprint])


def engine_over(settings: Settings, encoder: FakeEncoder) -> tuple[SearchEngine, Loader]:
    """With a connection of its own, as in another process."""
    store = Store.open(settings)
    loader = Loader(store)
    model = model_by(store, encoder)
    return SearchEngine(settings, store, model, LocalDecoder(), load=loader), loader
