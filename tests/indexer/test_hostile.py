"""Broken and odd pictures, a corpus in one `add`: each file ends as its manifest says."""

from __future__ import annotations

import csv
import re
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.decoding import DecoderPool
from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.report import Silent
from indexer.sources import sources_for
from search.details import own
from search.images import LocalDecoder
from search.records import DecodedImage, Failure, Filters, Sort
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder

OURS = Path(__file__).parents[1] / "hostile"
LARGE = Path(__file__).parents[3] / "shared" / "data" / "badimages.tar"


class Skips(Silent):
    def __init__(self) -> None:
        self.reasons: dict[bytes, str] = {}

    def skipped(self, failure: Failure) -> None:
        assert failure.detail == own(failure.detail), failure
        self.reasons[failure.path] = f"skip:{failure.reason.value}"


@pytest.fixture(scope="module", params=["ours", "large"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The few files of the repository, and the more than thousand that may lie beside it."""
    if request.param == "ours":
        return OURS
    if not LARGE.exists():
        pytest.skip(f"the large corpus is not here ({LARGE.name} beside the repository)")
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(LARGE) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.rglob("manifest.csv")).parent


@pytest.fixture(scope="module")
def outcome(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, str]:
    """Absolute path -> "index" or "skip:REASON", after one run over everything."""
    settings = Settings(library=tmp_path_factory.mktemp("library"))
    encoder, skips = FakeEncoder(), Skips()
    with Store.create(settings) as store, DecoderPool.of(settings) as reader:
        report = ingest(
            store,
            sources_for(store, "default", [bytes(corpus / "files")]),
            reader,
            lambda: Towers(encoder, FakeCaptioner(encoder)),
            settings,
            reporter=skips,
        )
        records, _ = store.images.page(Filters(), Sort.RELEVANCE, None, 10_000)
        indexed = {place.absolute: "index" for record in records for place in record.locations}
    assert not indexed.keys() & skips.reasons.keys()
    assert report.found == len(indexed) + len(skips.reasons)
    assert report.found == report.added + report.duplicates + report.skipped
    return indexed | skips.reasons


def test_every_file_ends_as_the_manifest_says(corpus: Path, outcome: dict[bytes, str]) -> None:
    rows = list(csv.DictReader((corpus / "manifest.csv").open(encoding="utf-8")))
    assert len(outcome) == len(rows)
    wrong = []
    for row in rows:
        got = outcome[bytes(corpus / row["path"])]
        if not row["verdict"].startswith("either:") and got not in _right(row):
            wrong.append((row["path"], row["verdict"], got))
    assert wrong == []


def _right(row: dict[str, str]) -> set[str]:
    others = re.search(r"alt=([\w:,]+)", row["note"])
    return {row["verdict"], *(others[1].split(",") if others else ())}


def test_a_heic_photo_is_decoded_upright_in_its_colours() -> None:
    decoded = decode("sound.heic")
    assert (decoded.format, decoded.width, decoded.height) == ("HEIF", 64, 48)
    red, _, blue = thumbnail(decoded)[20, 20].tolist()
    assert red > 150 > blue
    red, _, blue = thumbnail(decoded)[40, 60].tolist()
    assert blue > 200 > 100 > red


def test_a_grey_slope_of_16_bits_keeps_its_steps() -> None:
    greys = thumbnail(decode("grey16.png"))[24, :, 1].astype(int)
    assert greys[0] < 10 < 245 < greys[-1]
    assert len(set(greys.tolist())) > 50


@pytest.mark.parametrize(
    ("name", "size"), [("turned-6.jpg", (48, 64)), ("turned-65535.jpg", (64, 48))]
)
def test_a_turn_is_followed_where_there_is_such_a_turn(name: str, size: tuple[int, int]) -> None:
    decoded = decode(name)
    assert (decoded.width, decoded.height) == size


def decode(name: str) -> DecodedImage:
    return LocalDecoder().decode((OURS / "files" / name).read_bytes(), [], uri=name)


def thumbnail(decoded: DecodedImage) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(decoded.thumbnail)))
