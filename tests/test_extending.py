"""The code of docs/extending.md does what the page says, as it is written there."""

from __future__ import annotations

import random
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from indexer.embedding import Towers
from indexer.enrichment import Enricher
from indexer.interfaces import Embedder, Reader
from search.evidence import Evidence
from search.filters import Filters
from search.records import Sort
from search.schema import image
from search.settings import Settings
from search.store import Store
from search.store.filtering import clause
from tests.contracts.enricher import Enriched, EnricherContract, album
from tests.contracts.evidence import EvidenceContract
from tests.contracts.filters import fill
from tests.contracts.ingest import IngestContract
from tests.contracts.reader import ReaderContract
from tests.contracts.source import Make, SourceContract, photos, root
from tests.pictures import encoded, plain, write_picture
from tests.web.library import WatchedEngine, fruit_library
from web import create_app

__all__ = ["album", "photos", "root"]  # fixtures of contracts

PAGE = Path(__file__).parent.parent / "docs" / "extending.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)


def is_program(block: str) -> bool:
    """Whether it does something, beyond saying what there is."""
    return "with Store." in block


def defined() -> dict[str, Any]:
    """What the blocks define that are no programs."""
    names: dict[str, Any] = {"__name__": "extending"}
    for block in BLOCKS:
        if not is_program(block):
            exec(compile(block, PAGE, "exec", dont_inherit=True), names)
    return names


DEFINED = defined()
TestMyEncoder = DEFINED["TestMyEncoder"]
TestByteCandidates = DEFINED["TestByteCandidates"]


class TestListedSource(SourceContract):
    @pytest.fixture
    def make(self) -> Make:
        make: Make = DEFINED["ListedSource"]
        return make


class TestThreadReader(ReaderContract):
    @pytest.fixture
    def reader(self, settings: Settings) -> Reader:
        reader: Reader = DEFINED["ThreadReader"](settings)
        return reader


class TestNameCaptions(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        enricher: Enricher = DEFINED["NameCaptions"](album.store, album.encoder)
        return enricher


class TestNameEvidence(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        evidence: Evidence = DEFINED["NameEvidence"]({id_: float(id_ % 4) for id_ in range(1, 40)})
        return evidence


class TestTheIngestWithBoth(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        make: Make = DEFINED["ListedSource"]
        return make

    @pytest.fixture
    def embedder(self) -> Embedder:
        return Towers(DEFINED["MyEncoder"](), None)


def test_the_programs_fill_a_library_and_search_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POMONA_LIBRARY", str(tmp_path / "library"))
    for seed, name in enumerate(("apple.png", "2024/pear.png", "2024/plum.png")):
        write_picture(tmp_path / "photos" / name, seed)
    programs = [block for block in BLOCKS if is_program(block)]
    names = dict(DEFINED)

    def run(program: str) -> None:
        exec(program.replace("/photos", str(tmp_path / "photos")), names)

    first, second, third, fourth, fifth = programs
    run(first)
    assert names["report"].added == 3
    paths = {hit.image.path for hit in names["nearest"]}
    assert paths == {b"apple.png", b"2024/pear.png", b"2024/plum.png"}
    run(second)
    assert (names["report"].found, names["report"].unchanged) == (2, 2)
    write_picture(tmp_path / "photos" / "quince.png", 3)
    run(third)
    assert (names["report"].unchanged, names["report"].added) == (3, 1)
    run(fourth)
    assert (names["made"].done, names["made"].failed) == (4, 0)
    with Store.open(names["settings"]) as store:
        captions = {record.caption for record in store.images.get(range(1, 5)).values()}
    assert captions == {"apple", "pear", "plum", "quince"}
    run(fifth)
    assert [(hit.image.path, hit.matched_by) for hit in names["named"]] == [
        (b"2024/pear.png", ("name",))
    ]
    assert names["both"][0].image.path == b"2024/pear.png"
    assert names["both"][0].cosines.keys() == {"image", "caption", "name"}


def test_the_filter_passes_the_same_images_in_sql_and_of_a_record(
    store: Store, settings: Settings
) -> None:
    kind = DEFINED["by_content"]
    fill(store, random.Random(1), 10)
    records = store.images.page(Filters(), Sort.RELEVANCE, None, 100)[0]
    wanted = (records[3].content_hash, records[7].content_hash)
    passing = select(image.c.id).where(clause(kind, wanted)).order_by(image.c.id)
    with create_engine(f"sqlite:///{settings.library / 'catalog.db'}").connect() as connection:
        found = list(connection.scalars(passing))
    assert found == [record.id for record in records if kind.match(record, wanted)]
    assert found == [records[3].id, records[7].id]


def test_the_endpoint_is_served_and_documented(tmp_path: Path) -> None:
    library = fruit_library(tmp_path)
    with closing(WatchedEngine(library)) as engine:
        app = create_app(Settings(library=library), engine)
        app.register_blueprint(DEFINED["endpoint"].blueprint)
        client = app.test_client()
        assert client.get("/api/v1/count").json == {"images": 4}
        assert client.get("/api/v1/count?collection=cars&at_least=1").json == {"images": 1}
        assert client.get("/api/v1/count?collection=cars&at_least=2").json == {"images": 0}
        assert client.get("/api/v1/count?at_least=many").status_code == 422
        told = client.get("/api/v1/openapi.json").json["paths"]["/api/v1/count"]["get"]
    assert (told["operationId"], told["summary"]) == ("countImages", "How many images there are.")
    assert {"collection", "at_least"} < {parameter["name"] for parameter in told["parameters"]}


def test_the_format_tells_such_files() -> None:
    signature = re.compile(DEFINED["jpeg_2000"].signature)
    assert signature.match(encoded(plain((1, 2, 3)), "JPEG2000"))


def test_every_contract_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    contracts = sorted((Path(__file__).parent / "contracts").glob("[!t_]*.py"))
    assert len(contracts) > 5
    for file in contracts:
        assert f"`{file.stem}." in page, file.name
