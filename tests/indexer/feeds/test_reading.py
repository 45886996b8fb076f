from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from indexer.feeds.reading import Feed, read
from indexer.feeds.rows import FeedError
from search.jobs import FeedOptions
from search.products import Availability, Product

HEADER = "sku,title,image,price,currency,availability,brand\n"
GOOD = "A1,Red shirt,red.jpg,12.50,EUR,in stock,Acme\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with files that are named like pictures."""
    for name in ("red.jpg", "blue.jpg", "img/one.png", "img/two.png", "a,b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def _read(shop: Path, text: str | bytes, name: str = "feed.csv", **options: object) -> Feed:
    feed = shop / name
    feed.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(feed, FeedOptions(**options))  # type: ignore[arg-type]


def _skus(feed: Feed) -> list[str]:
    return [entry.product.sku for entry in feed.entries]


def _why(feed: Feed) -> dict[int, str]:
    return {fault.line: fault.why for fault in feed.faults}


def test_a_row_is_a_product_with_its_picture_and_other_columns_are_attributes(shop: Path) -> None:
    feed = _read(shop, HEADER + GOOD)
    assert [entry.product for entry in feed.entries] == [
        Product(
            sku="A1",
            title="Red shirt",
            price=12.5,
            currency="EUR",
            availability=Availability.IN_STOCK,
            attributes=(("brand", "Acme"),),
        )
    ]
    assert feed.entries[0].paths == (bytes(shop / "red.jpg"),)
    assert (feed.rows, feed.bad, feed.faults) == (1, 0, [])


GOOGLE = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>My shop</title>
<item>
  <g:id>A1</g:id><title>Red &amp; blue</title><g:image_link>red.jpg</g:image_link>
  <g:additional_image_link>img/one.png</g:additional_image_link>
  <g:additional_image_link>img/two.png</g:additional_image_link>
  <g:price>12.50 EUR</g:price><g:availability>in_stock</g:availability>
  <g:item_group_id>G</g:item_group_id><link>https://shop.example/a1</link><g:color>red</g:color>
  <g:shipping><g:price>4.00 EUR</g:price><g:country>DE</g:country></g:shipping>
</item>
</channel></rss>"""


def test_a_google_feed_in_xml_is_understood_without_being_told(shop: Path) -> None:
    entry = _read(shop, GOOGLE, "feed.xml").entries[0]
    assert entry.line == 3
    assert entry.product == Product(
        sku="A1",
        title="Red & blue",
        group="G",
        price=12.5,
        currency="EUR",
        availability=Availability.IN_STOCK,
        url="https://shop.example/a1",
        attributes=(("color", "red"),),
    )
    assert entry.paths == tuple(bytes(shop / n) for n in ("red.jpg", "img/one.png", "img/two.png"))


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_xml_with_a_document_type_is_refused_before_an_entity_is_read(
    shop: Path, inside: str
) -> None:
    feed = _read(shop, GOOGLE.replace("<rss", inside + "<rss", 1), "feed.xml")
    assert feed.entries == []
    assert feed.faults[0].ends
    assert "DOCTYPE" in feed.faults[0].why


def test_xml_that_breaks_off_keeps_what_came_before(shop: Path) -> None:
    feed = _read(shop, GOOGLE.replace("</channel></rss>", "<item><g:id>B"), "feed.xml")
    assert _skus(feed) == ["A1"]
    assert feed.faults[0].ends
    assert feed.unknown == 1  # so that nothing is taken for gone


def test_json_lines_have_lists_numbers_and_truth(shop: Path) -> None:
    lines = [
        {"id": 7, "name": "Mug", "image": ["red.jpg", "blue.jpg"], "price": 3, "in_stock": False},
        {"id": 8, "image": "red.jpg", "price": {"amount": 3}},
    ]
    feed = _read(shop, "\n".join(map(json.dumps, lines)) + "\n[1]\n{oops\n", "feed.jsonl")
    product = feed.entries[0].product
    assert (product.sku, product.price) == ("7", 3.0)
    assert product.availability is Availability.OUT_OF_STOCK
    assert len(feed.entries[0].paths) == 2
    assert sorted(_why(feed)) == [2, 3, 4]
    assert "price must be a value" in _why(feed)[2]
    assert (feed.skus, feed.unknown) == ({"7"}, 3)  # "id" need not be its SKU


def test_a_workbook_has_the_numbers_that_people_see(shop: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Product ID", "Image", "Price", "Stock"])
    book.active.append([1001.0, "red.jpg", 12.5, 0])
    book.active.append([])
    book.active.append(["B", "none.jpg", 1, 1])
    book.active.append(["C", "red.jpg", 1.299, 1])
    book.save(shop / "feed.xlsx")
    feed = read(shop / "feed.xlsx", FeedOptions())
    assert feed.entries[0].product == Product(
        "1001", price=12.5, availability=Availability.OUT_OF_STOCK
    )
    assert list(_why(feed)) == [4]
    assert feed.entries[1].product.price == 1.299


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<dimension ref="A1:C4"', b'<dimension ref="A1:A1"'),
        (b"</sheetData>", b"<row><c><v></sheetData>"),
    ],
)
def test_a_damaged_workbook_is_read_as_far_as_it_goes(shop: Path, old: bytes, new: bytes) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["sku", "image", "title"], *([sku, "red.jpg", "Red"] for sku in "ABC")):
        book.active.append(row)
    book.save(shop / "whole.xlsx")
    with ZipFile(shop / "whole.xlsx") as whole, ZipFile(shop / "feed.xlsx", "w") as feed:
        for name in whole.namelist():
            data = whole.read(name)
            assert old in data or "sheet1" not in name
            feed.writestr(name, data.replace(old, new))
    found = read(shop / "feed.xlsx", FeedOptions())
    assert _skus(found) == ["A", "B", "C"]
    assert [fault.ends for fault in found.faults] == [True] * (old == b"</sheetData>")


def test_what_is_no_workbook_is_refused_as_a_whole(shop: Path) -> None:
    with pytest.raises(FeedError, match="no workbook"):
        _read(shop, b"PK, or not", "feed.xlsx")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_any_separator_will_do(shop: Path, delimiter: str) -> None:
    feed = _read(shop, (HEADER + GOOD).replace(",", delimiter))
    assert feed.entries[0].product.price == 12.5


CHINESE = "货号,标题,图片,价格\nA1,红色的裙子,red.jpg,99\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_the_encoding_is_found_by_the_bytes(shop: Path, codec: str) -> None:
    feed = _read(shop, CHINESE.encode(codec))
    assert feed.entries[0].product.title == "红色的裙子"


def test_another_encoding_is_an_error_that_names_the_remedy(shop: Path) -> None:
    text = (HEADER + "A1,Chaussée étroite à côté,red.jpg,1,EUR,1,Café\n").encode("cp1252")
    with pytest.raises(FeedError, match="--encoding"):
        _read(shop, text)
    assert _read(shop, text, encoding="cp1252").entries[0].product.title.startswith("Chaussée")
    with pytest.raises(FeedError, match="not an encoding"):
        _read(shop, text, encoding="klingon")


BROKEN = {
    ",No sku,red.jpg,1,EUR,1,x": "no SKU",
    "A1,Again,red.jpg,1,EUR,1,x": "same SKU",
    f"{'x' * 101},Long,red.jpg,1,EUR,1,x": "101 characters",
    "B1,No picture,,1,EUR,1,x": "names no picture",
    "B2,Gone,gone.jpg,1,EUR,1,x": "no file 'gone.jpg'",
    "B3,Outside,../../etc/passwd,1,EUR,1,x": "outside of the feed's folder",
    "B4,Absolute,/etc/passwd,1,EUR,1,x": "outside of the feed's folder",
    "B5,Remote,https://shop.example/a.jpg,1,EUR,1,x": "nothing is fetched",
    "B6,Pattern,*.gif,1,EUR,1,x": "no picture matches",
    "B7,Folder,img,1,EUR,1,x": "is a folder",
    "B8,Price,red.jpg,cheap,EUR,1,x": "no amount",
    "B9,Negative,red.jpg,-3,EUR,1,x": "no amount",
    "C1,Currency,red.jpg,1,Euro,1,x": "code of three letters",
    "C2,Stock,red.jpg,1,EUR,perhaps,x": "not known",
    "C3,Cells,red.jpg,1,EUR,1,x,y,z": "9 cells",
    'C4,"Open,red.jpg,1,EUR,1,x': "quote",
    'C5,"Quote"d,red.jpg,1,EUR,1,x': "quote",
    "C6,Nul,a\0b.jpg,1,EUR,1,x": "no name of a file",
    "C7,Huge,red.jpg,1e999,EUR,1,x": "no amount",
}


def test_each_broken_row_is_named_by_its_line_and_the_rest_goes_in(shop: Path) -> None:
    rows = [row for broken in BROKEN for row in (broken, GOOD.strip())]
    rows = [row.replace("A1,Red", f"G{n},Red") for n, row in enumerate(rows)]
    feed = _read(shop, HEADER + GOOD + "\n".join(rows) + "\n")
    assert feed.bad == len(BROKEN)
    assert len(feed.entries) == 1 + len(BROKEN)
    why = _why(feed)
    for number, expected in enumerate(BROKEN.values()):
        assert expected in why[3 + 2 * number], (number, why[3 + 2 * number])


def test_a_cell_may_name_several_pictures_by_separators_patterns_and_lists(shop: Path) -> None:
    (shop / "list.txt").write_text("# two\nred.jpg\nimg/one.png\n")
    rows = ['A,"red.jpg, blue.jpg"', "B,img/*.png", "C,list.txt", 'D,"a,b.jpg"', "E,img\\one.png"]
    feed = _read(shop, "sku,image\n" + "\n".join(rows))
    found = {e.product.sku: [Path(p.decode()).name for p in e.paths] for e in feed.entries}
    assert found == {
        "A": ["red.jpg", "blue.jpg"],
        "B": ["one.png", "two.png"],
        "C": ["red.jpg", "one.png"],
        "D": ["a,b.jpg"],
        "E": ["one.png"],
    }


def test_a_row_goes_in_with_the_pictures_that_are_there(shop: Path) -> None:
    feed = _read(shop, 'sku,image\nA,"red.jpg|gone.jpg"\n')
    assert feed.entries[0].paths == (bytes(shop / "red.jpg"),)
    assert "gone.jpg" in _why(feed)[2]
    assert feed.bad == 0


def test_pictures_outside_of_the_folder_are_taken_where_a_person_says_so(shop: Path) -> None:
    (shop / "feeds").mkdir()
    text = "sku,image\nA,../red.jpg\n"
    assert not _read(shop, text, "feeds/feed.csv").entries
    assert len(_read(shop, text, "feeds/feed.csv", allow_outside=True).entries) == 1


def test_columns_may_be_named(shop: Path) -> None:
    text = "sku,image,price,cost,Hersteller\nA,red.jpg,1,5,Acme\n"
    feed = _read(shop, text, mapped={"price": "cost", "brand": "hersteller"})
    assert feed.entries[0].product.price == 5
    assert dict(feed.entries[0].product.attributes) == {"brand": "Acme"}
    with pytest.raises(FeedError, match="no such column; its columns are: sku, image"):
        _read(shop, text, mapped={"price": "kosten"})


def test_a_feed_without_a_column_that_is_needed_is_refused_with_the_remedy(shop: Path) -> None:
    with pytest.raises(FeedError, match="--map image=COLUMN"):
        _read(shop, "sku,bild\nA,red.jpg\n")
    with pytest.raises(FeedError, match="names of the columns"):
        _read(shop, "\n\n")


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("12.99", 12.99, None),
        ("12,99", 12.99, None),
        ("1,299", 1299, None),
        ("1.299 EUR", 1299, "EUR"),
        ("0.125", 0.125, None),
        ("0,125", 0.125, None),
        ("1.2995", 1.2995, None),
        ("1,299.50 USD", 1299.5, "USD"),
        ("€ 1.299,50", 1299.5, "EUR"),
        ("EUR 5", 5, "EUR"),
        ("$5", 5, "USD"),
        ("1 299,00 kr", 1299, None),
        ("0", 0, None),
    ],
)
def test_prices_are_read_as_people_write_them(
    shop: Path, cell: str, amount: float, currency: str | None
) -> None:
    product = _read(shop, f'sku,image,price\nA,red.jpg,"{cell}"\n').entries[0].product
    assert (product.price, product.currency) == (amount, currency)


def test_huge_cells_are_cut_and_nothing_else_is_lost(shop: Path) -> None:
    feed = _read(
        shop,
        f"sku,image,title,material\nA,red.jpg,{'t' * 10**6},{'m' * 10**6}\n" + "B,red.jpg,x,y\n",
    )
    assert _skus(feed) == ["A", "B"]
    assert len(feed.entries[0].product.title) == 500
    assert len(feed.entries[0].product.attributes[0][1]) == 200


def test_a_pattern_holds_also_in_a_folder_whose_name_looks_like_one(shop: Path) -> None:
    inside = shop / "[2024] summer"
    inside.mkdir()
    (inside / "tee-1.png").write_bytes(b"")
    (inside / ".tee-2.png").write_bytes(b"")
    feed = _read(inside, "sku,image\nA,*.png\nB,tee-?.png\nC,mug*.png\n")
    assert [entry.paths for entry in feed.entries] == [(bytes(inside / "tee-1.png"),)] * 2
    assert list(_why(feed)) == [4]
