"""A feed, its pictures and the library that follows both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer.embedding import Towers
from indexer.feeds.reading import read
from indexer.report import Reporter, Silent
from indexer.runs import Workers, run
from indexer.shop import NOT_FOUND, TAKEN_OUT, Catalogue, _Places
from search.jobs import FeedOptions, IngestOptions, IngestReport, IngestRequest
from search.records import Attribute, Filters, ImageRecord, Sort
from search.settings import Settings
from search.store import Store
from search.store.rescue import rescue
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.pictures import write_picture
from tests.readers import InProcessReader

HEADER = "sku,image,title,description,price,stock,group,brand\n"


@dataclass
class Said(Silent):
    """A Reporter that remembers what feeds made it say."""

    rows: list[tuple[int, str]] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)

    def bad_row(self, feed: bytes, line: int, sku: str | None, why: str) -> None:
        self.rows.append((line, why))

    def feed_missing(self, feed: bytes, why: str) -> None:
        self.missing.append(feed)


class Shop:
    """A folder with pictures and a feed."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.feed = folder / "feed.csv"
        self.said = Said()

    def picture(self, name: str, seed: int) -> Path:
        return write_picture(self.folder / name, seed)

    def write(self, *rows: str) -> None:
        self.feed.write_text(HEADER + "".join(row + "\n" for row in rows))

    def add(self, *, feed: Path | None = None, **options: bool) -> IngestReport:
        request = IngestRequest(feeds=(bytes(feed or self.feed),), options=IngestOptions(**options))
        return self._run(request)

    def add_folder(self) -> IngestReport:
        return self._run(IngestRequest((bytes(self.folder),)))

    def sync(self, *folders: Path) -> IngestReport:
        return self._run(IngestRequest(tuple(map(bytes, folders)), sync=True))

    def counted(self, report: IngestReport) -> dict[str, int]:
        assert report.products
        rows = report.products
        assert rows.rows == rows.added + rows.updated + rows.unchanged + rows.bad
        counts = {name: getattr(rows, name) for name in ("added", "updated", "unchanged", "bad")}
        return {name: count for name, count in {**counts, "removed": rows.removed}.items() if count}

    @property
    def images(self) -> dict[str, ImageRecord]:
        """By the name of their first file."""
        with Store.open(self.settings) as store:
            found, _ = store.images.page(Filters(), Sort.RELEVANCE, None, 1000)
        return {record.locations[0].path.decode(): record for record in found}

    def facts(self, name: str) -> dict[str, list[str | float | None]]:
        found: dict[str, list[str | float | None]] = {}
        for each in self.images[name].attributes:
            if each.name.startswith("product:"):
                value = each.text if each.number is None else each.number
                found.setdefault(each.name.removeprefix("product:"), []).append(value)
        return found

    def _run(self, request: IngestRequest) -> IngestReport:
        self.said = Said()
        return run(self.settings, request, self.said, Workers(_reader, _embedder))


@contextmanager
def _reader(settings: Settings) -> Iterator[InProcessReader]:
    yield InProcessReader(settings.max_megapixels * 1_000_000)


def _embedder(
    store: Store, settings: Settings, reporter: Reporter, *, captions: bool
) -> Callable[[], Towers]:
    encoder = FakeEncoder()
    store.encoders.bind(encoder.info, "fake")
    return lambda: Towers(encoder, FakeCaptioner(encoder))


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Shop:
    (tmp_path / "shop").mkdir()
    shop = Shop(settings, tmp_path / "shop")
    for seed, name in enumerate(("red.png", "blue.png", "back.png")):
        shop.picture(name, seed)
    shop.write(
        "R,red.png|back.png,Red shirt,Soft cotton,12.5,3,shirt,Acme",
        "B,blue.png,Blue shirt,Soft cotton,10,0,shirt,Acme",
    )
    return shop


def test_a_feed_brings_its_pictures_and_what_it_says_of_them(shop: Shop) -> None:
    report = shop.add()
    assert (report.added, shop.counted(report)) == (3, {"added": 2})
    red = shop.images["red.png"]
    assert [product.sku for product in red.products] == ["R"]
    assert shop.facts("red.png") == {
        "sku": ["R"],
        ".family": ["group shirt"],
        "price": [12.5],
        "availability": ["in_stock"],
        "brand": ["Acme"],
    }
    with Store.open(shop.settings) as store:
        (record,) = store.products.named("R")
    assert record.images == (red.id, shop.images["back.png"].id)
    assert record.product == red.products[0]


def test_a_feed_that_has_not_changed_writes_nothing(shop: Shop) -> None:
    shop.add()
    with Store.open(shop.settings) as store:
        before = store.head()
    report = shop.add()
    assert (report.unchanged, shop.counted(report)) == (3, {"unchanged": 2})
    with Store.open(shop.settings) as store:
        assert store.head() == before


def test_a_changed_row_changes_its_product_and_nothing_else(shop: Shop) -> None:
    shop.add()
    shop.write(
        "R,red.png,Red shirt,Soft cotton,9,3,shirt,Acme",
        "B,blue.png,Blue shirt,Soft cotton,10,0,shirt,Acme",
    )
    assert shop.counted(shop.add()) == {"updated": 1, "unchanged": 1}
    assert shop.facts("red.png")["price"] == [9]
    assert list(shop.images) == ["red.png", "blue.png"]  # nothing shows its back any more


def test_a_product_that_is_in_no_row_goes_with_its_pictures(shop: Shop) -> None:
    shop.add()
    shop.write("B,blue.png,Blue shirt,Soft cotton,10,0,shirt,Acme")
    assert shop.counted(shop.add()) == {"unchanged": 1, "removed": 1}
    assert list(shop.images) == ["blue.png"]


def test_pictures_of_a_folder_that_was_added_stay_when_their_product_goes(shop: Shop) -> None:
    shop.add()
    shop.add_folder()
    shop.write("B,blue.png,Blue shirt,Soft cotton,10,0,shirt,Acme")
    shop.add()
    assert set(shop.images) == {"red.png", "blue.png", "back.png"}
    assert shop.facts("red.png") == {}


def test_a_broken_row_leaves_its_product_as_it_was(shop: Shop) -> None:
    shop.add()
    shop.write("R,red.png,Red shirt,Soft cotton,cheap,3,shirt,Acme", "B,gone.png,,,,,,")
    report = shop.add()
    assert shop.counted(report) == {"bad": 2}
    assert not report.refusals
    assert [line for line, _ in shop.said.rows] == [2, 3]
    assert shop.facts("red.png")["price"] == [12.5]
    assert "blue.png" in shop.images


def test_a_row_that_nobody_can_tell_keeps_every_product(shop: Shop) -> None:
    shop.add()
    shop.write("R,red.png,Red shirt,,1,3,,,too,many", ",blue.png,,,,,,")
    report = shop.add()
    assert "nobody can tell which product" in report.refusals[0]
    assert len(shop.images) == 3


@pytest.mark.parametrize("text", ["", HEADER])
def test_an_empty_feed_takes_nothing_out(shop: Shop, text: str) -> None:
    shop.add()
    shop.feed.write_text(text or HEADER)
    assert "no products any more" in shop.add().refusals[0]
    assert len(shop.images) == 3


def test_many_products_go_only_where_a_person_says_so(shop: Shop) -> None:
    rows = [f"S{n},blue.png,Shirt,,1,1,," for n in range(120)]
    shop.write(*rows)
    shop.add()
    shop.write(*rows[:10])
    report = shop.add()
    assert "110 of 120 products are gone" in report.refusals[0]
    assert len(shop.images["blue.png"].products) == 120
    assert shop.counted(shop.add(yes=True)) == {"unchanged": 10, "removed": 110}
    assert len(shop.images["blue.png"].products) == 10


def test_a_picture_that_fails_is_named_by_its_line_and_its_file(shop: Shop) -> None:
    (shop.folder / "broken.png").write_bytes(b"no picture")
    shop.write("R,red.png|broken.png,Red shirt,,1,1,,", "X,broken.png,Broken,,1,1,,")
    report = shop.add()
    assert (report.skipped, shop.counted(report)) == (1, {"added": 1, "bad": 1})
    assert [line for line, _ in shop.said.rows] == [2, 3]
    assert all("broken.png: " in why for _, why in shop.said.rows)


def test_one_picture_may_show_several_products(shop: Shop) -> None:
    shop.write("S,red.png,Small,,10,1,shirt,Acme", "M,red.png,Medium,,12,1,shirt,Acme")
    shop.add()
    assert shop.facts("red.png")["sku"] == ["S", "M"]
    assert shop.facts("red.png")["brand"] == ["Acme"]
    shop.write("M,red.png,Medium,,12,1,shirt,Acme")
    shop.add()
    assert shop.facts("red.png")["sku"] == ["M"]


def test_a_feed_with_another_name_takes_its_products_over(shop: Shop) -> None:
    shop.add()
    later = shop.feed.rename(shop.folder / "later.csv")
    assert shop.counted(shop.add(feed=later)) == {"unchanged": 2}
    with Store.open(shop.settings) as store:
        assert [each.path for each in store.products.feeds()] == [bytes(later)]


def test_sync_reads_the_feeds_again(shop: Shop) -> None:
    shop.add()
    shop.picture("new.png", 7)
    shop.picture("red.png", 8)  # another picture at the same place
    shop.write("R,red.png|back.png,Red shirt,Soft cotton,12.5,3,shirt,Acme", "N,new.png,New,,1,1,,")
    report = shop.sync()
    assert shop.counted(report) == {"added": 1, "updated": 1, "removed": 1}
    assert set(shop.images) == {"red.png", "back.png", "new.png"}
    assert shop.facts("red.png")["sku"] == ["R"]
    shop.feed.unlink()
    shop.sync()
    assert shop.said.missing == [bytes(shop.feed)]
    assert len(shop.images) == 3


def test_a_feed_is_read_by_sync_as_it_was_added(shop: Shop) -> None:
    shop.feed.write_text("sku,image,cost\nR,red.png,5\n")
    request = IngestRequest(feeds=(bytes(shop.feed),), feed_options=FeedOptions({"price": "cost"}))
    shop._run(request)
    shop.feed.write_text("sku,image,cost\nR,red.png,6\n")
    shop.sync()
    assert shop.facts("red.png")["price"] == [6]


def test_titles_are_parts_by_which_words_find_the_picture(shop: Shop) -> None:
    shop.add()
    with Store.open(shop.settings) as store, store._database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, source, text FROM part WHERE kind IN ('title', 'description') "
            f"AND image_id = {shop.images['red.png'].id} ORDER BY kind DESC"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("title", "sku R", "Red shirt"),
        ("description", "sku R", "Soft cotton"),
    ]


def test_doctor_finds_a_damaged_product_and_the_feed_brings_it_again(shop: Shop) -> None:
    shop.add()
    with Store.open(shop.settings) as store:
        with store._database.writing() as connection:
            connection.exec_driver_sql("UPDATE product SET price = 1 WHERE sku = 'R'")
        problems = list(store.integrity.problems(deep=True))
        assert [each.code.value for each in problems] == ["product_damaged"]
        assert store.integrity.repair(problems)["product"] == 1
        assert not list(store.integrity.problems(deep=True))
    assert shop.facts("red.png") == {}
    assert shop.counted(shop.add()) == {"added": 1, "unchanged": 1}
    assert Attribute("product:price", number=12.5) in shop.images["red.png"].attributes


def test_a_repair_says_again_what_the_products_say(shop: Shop) -> None:
    shop.add()
    said = shop.facts("red.png")
    with Store.open(shop.settings) as store:
        with store._database.writing() as connection:
            connection.exec_driver_sql("UPDATE part SET text = 'x' WHERE kind = 'title'")
        store.integrity.repair(list(store.integrity.problems(deep=True)))
        assert not list(store.integrity.problems(deep=True))
        with store._database.writing() as connection:
            titles = connection.exec_driver_sql("SELECT text FROM part WHERE kind = 'title'").all()
            assert ("Red shirt",) in map(tuple, titles)
            connection.exec_driver_sql("DELETE FROM attribute WHERE name LIKE 'product:%'")
    rescue(shop.settings)
    assert shop.facts("red.png") == said


def test_two_folders_inside_one_that_was_added_are_both_read(shop: Shop) -> None:
    shop.add_folder()
    folders = [shop.folder / name for name in ("2023", "2024")]
    for seed, folder in enumerate(folders):
        folder.mkdir()
        write_picture(folder / "new.png", 20 + seed)
    report = shop._run(IngestRequest(tuple(map(bytes, folders))))
    assert (report.found, report.added) == (2, 2)


def test_what_a_feed_names_comes_once_also_beside_a_folder(shop: Shop) -> None:
    (shop.folder / ".hidden").mkdir()
    shop.picture(".hidden/only-named.png", 9)
    shop.write("R,red.png|.hidden/only-named.png,Red shirt,,1,1,,")
    part = shop.folder / "part"
    part.mkdir()
    shop.add_folder()
    request = IngestRequest((bytes(shop.folder), bytes(part)), feeds=(bytes(shop.feed),))
    report = shop._run(request)
    assert (report.found, report.unchanged, report.added) == (4, 3, 1)
    assert shop.counted(report) == {"added": 1}


def test_a_picture_that_is_away_stays_with_its_product(shop: Shop) -> None:
    shop.add()
    (shop.folder / "back.png").rename(shop.folder / "elsewhere")
    shop.write("R,back.png|red.png,Red shirt,,9,3,shirt,Acme", "B,blue.png,Blue shirt,,10,0,,")
    shop.add()
    assert len(shop.said.rows) == 1
    assert set(shop.images) == {"red.png", "back.png", "blue.png"}
    assert shop.facts("back.png")["price"] == [9]


def test_what_one_product_shows_no_more_another_may_show(shop: Shop) -> None:
    shop.add()
    shop.write(
        "R,red.png,Red shirt,,9,3,,",
        *(f"S{n},red.png,Shirt,,1,1,," for n in range(600)),
        "Z,blue.png|back.png,Late,,1,1,,",
    )
    assert shop.counted(shop.add()) == {"added": 601, "updated": 1, "removed": 1}
    assert set(shop.images) == {"red.png", "back.png", "blue.png"}


def test_a_picture_may_go_from_one_feed_to_a_later_one(shop: Shop) -> None:
    shop.add()
    second = shop.folder / "second.csv"
    second.write_text("sku,image\nN,red.png\n")
    shop.add(feed=second)
    shop.write("R,red.png,Red shirt,,9,3,,")
    second.write_text("sku,image\nN,red.png\nB,blue.png\nM,back.png\n")
    assert shop.counted(shop.sync()) == {"added": 1, "updated": 2, "unchanged": 1}
    assert set(shop.images) == {"red.png", "back.png", "blue.png"}


def test_many_pictures_go_only_where_a_person_says_so(shop: Shop) -> None:
    for n in range(102):
        shop.picture(f"{n % 2}/{n}.png", 100 + n)
    shop.write("R,red.png|0/*,Red shirt,,9,3,,", "S,blue.png|1/*,Blue,,9,3,,")
    shop.add()
    shop.write("R,red.png,Red shirt,,8,3,,", "S,blue.png,Blue,,9,3,,")
    report = shop.add()
    assert "102 of 104 pictures" in report.refusals[0]
    assert (report.removed, len(shop.images)) == (0, 104)
    assert shop.facts("red.png")["price"] == [8]
    assert shop.add(yes=True).removed == 102
    assert set(shop.images) == {"red.png", "blue.png"}


def test_only_what_was_taken_out_is_said_to_be(shop: Shop) -> None:
    shop.add()
    with Store.open(shop.settings) as store:
        store.removals.remove([bytes(shop.folder / "back.png")])
        store.removals.remove([], [shop.images["blue.png"].id])
        feed = Catalogue(read(shop.feed, FeedOptions()), "default", FeedOptions())
        places = _Places(store, feed, left_out=1)
    assert places.why_not(bytes(shop.folder / "back.png")) == TAKEN_OUT
    assert places.why_not(bytes(shop.folder / "blue.png")) == TAKEN_OUT
    assert places.why_not(bytes(shop.folder / "late.png")) == NOT_FOUND


def test_a_column_may_be_called_family(shop: Shop) -> None:
    shop.feed.write_text("sku,image,family\nR,red.png,Roses\n")
    shop.add()
    assert shop.facts("red.png")["family"] == ["Roses"]
    with Store.open(shop.settings) as store:
        assert store.products.attributes() == ["family"]
