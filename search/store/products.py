"""Products as rows, and what they tell of the images that show them.

A product's facts are facts of its images under names of their own (`products.fact`), and its title
and description are parts of them: so filters and words find a product as they find any picture.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from ..errors import LibraryDamagedError
from ..products import FAMILY, NAMESPACE, Availability, FeedRecord, Product, ProductRecord, fact
from ..records import Attribute, PartKind
from ..schema import (
    attribute,
    collection,
    feed,
    image,
    location,
    part,
    product,
    product_image,
    root,
)
from ..thumbnails import Thumbnails
from .attributes import put_attributes
from .database import Database
from .discarding import removing
from .parts import put_texts
from .roots import collection_id
from .rows import (
    IDS,
    chunks,
    empty,
    moment,
    now,
    product_crc,
    remove_orphans,
    touch,
)

Shown = tuple[Product, tuple[int, ...]]  # a product and its images, the first one first
_OUR_OWN = ("sku", FAMILY, "price", "availability")  # facts that no column is called like
_TEXTS = (PartKind.TITLE, PartKind.DESCRIPTION)
_OF_IMAGES = (
    select(product_image.c.image_id, product)
    .join(product, product.c.id == product_image.c.product_id)
    .where(product_image.c.image_id.in_(IDS))
    .order_by(product_image.c.image_id, product_image.c.place, product.c.id)
)


@dataclass(frozen=True, slots=True)
class Products:
    """What a shop sells."""

    _database: Database
    _thumbnails: Thumbnails

    def known(self, collection_name: str, skus: Collection[str] | None = None) -> dict[str, Shown]:
        """By SKU; `skus` None: all of the collection."""
        with self._database.reading() as connection:
            rows = _records(connection, collection.c.name == collection_name)
        return {
            each.product.sku: (each.product, each.images)
            for each in rows
            if skus is None or each.product.sku in skus
        }

    def named(self, sku: str) -> list[ProductRecord]:
        """Those of that number; each collection may have one."""
        with self._database.reading() as connection:
            return _records(connection, product.c.sku == sku)

    def images_of(self, collection_name: str, family: str) -> list[int]:
        """All images of a product and its variants."""
        owned = collection.c.id == product.c.collection_id
        query = select(product_image.c.image_id).distinct().select_from(product_image)
        query = query.join(product).join(collection, owned)
        same = collection.c.name == collection_name, product.c.family == family
        with self._database.reading() as connection:
            return list(connection.scalars(query.where(*same)))

    def variants(self, of: Iterable[tuple[str, Product]]) -> dict[tuple[str, str], list[Product]]:
        """By collection and family: all products that are of one family with one of these."""
        families = sorted({each.family for _, each in of})
        found: dict[tuple[str, str], list[Product]] = {}
        with self._database.reading() as connection:
            for some in chunks(families):
                query = select(collection.c.name, product).join(collection)
                query = query.where(product.c.family.in_(some)).order_by(product.c.id)
                for owner, *columns in connection.execute(query):
                    read = _product(_row_of(columns))
                    found.setdefault((owner, read.family), []).append(read)
        return found

    def page(self, after: int, limit: int) -> list[ProductRecord]:
        """In the order in which they came; `after`: the id of the last one of the page before."""
        with self._database.reading() as connection:
            return _records(connection, product.c.id > after, limit=limit)

    def any(self) -> bool:
        """Whether this library is a shop's."""
        with self._database.reading() as connection:
            return connection.scalar(select(product.c.id).limit(1)) is not None

    def attributes(self) -> list[str]:
        """The names of what feeds tell of products in columns of their own, sorted."""
        query = select(attribute.c.name).distinct().order_by(attribute.c.name)
        told = attribute.c.name.startswith(NAMESPACE, autoescape=True)
        with self._database.reading() as connection:
            names = [name.removeprefix(NAMESPACE) for name in connection.scalars(query.where(told))]
        return [name for name in names if name not in _OUR_OWN]

    def feeds(self, collection_name: str | None = None) -> list[FeedRecord]:
        """In the order in which they first came."""
        query = select(feed.c.id, collection.c.name, feed.c.path, feed.c.options).join(collection)
        with self._database.reading() as connection:
            return [
                FeedRecord(owner, path, options, _skus(connection, id_))
                for id_, owner, path, options in connection.execute(query.order_by(feed.c.id)).all()
                if collection_name in (None, owner)
            ]

    def put(
        self,
        collection_name: str,
        feed_path: bytes,
        options: str,
        changed: Sequence[Shown] = (),
    ) -> None:
        """Write what a feed says anew; nothing goes before `take_out`."""
        with self._database.changing() as (connection, revision):
            owner = collection_id(connection, collection_name)
            feed_id = _put_feed(connection, owner, feed_path, options)
            before = _images_of(connection, owner, [each.sku for each, _ in changed])
            ids_by_sku = _put_products(connection, owner, feed_id, [each for each, _ in changed])
            _put_images(connection, {ids_by_sku[each.sku]: images for each, images in changed})
            touched = before.union(*(images for _, images in changed))
            tell_images(connection, sorted(touched), revision)
            _drop_empty_feeds(connection, owner, feed_id)

    def take_out(self, collection_name: str, gone: Collection[str], images: Iterable[int]) -> int:
        """Take out products by their SKUs, and of their images and of `images` those that no
        product shows any more; how many images that were.

        What lies in a folder that was added as a whole stays: whoever did that wants the pictures,
        not the shop.
        """
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            owner = collection_id(connection, collection_name)
            before = _images_of(connection, owner, sorted(gone))
            for some in chunks(sorted(gone)):
                mine = product.c.collection_id == owner, product.c.sku.in_(some)
                ids = select(product.c.id).where(*mine)
                connection.execute(delete(product_image).where(product_image.c.product_id.in_(ids)))
                connection.execute(delete(product).where(*mine))
            tell_images(connection, sorted(before), revision)
            left = _unshown(connection, before.union(images))
            contents += remove_orphans(
                connection, _take_places(connection, left), revision
            ).contents
            return len(left)

    def in_whole(self, ids: Iterable[int]) -> set[int]:
        """Which of these images lie in a folder that was added as a whole."""
        found: set[int] = set()
        with self._database.reading() as connection:
            for some in chunks(sorted(ids)):
                whole = select(location.c.image_id).join(root).where(root.c.whole)
                found |= set(connection.scalars(whole.where(location.c.image_id.in_(some))))
        return found


def read_products(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Product, ...]]:
    """By image id. Raises LibraryDamagedError."""
    found: dict[int, list[Product]] = {}
    for image_id, *columns in connection.execute(_OF_IMAGES, {"ids": ids}):
        found.setdefault(image_id, []).append(_product(_row_of(columns)))
    return {id_: tuple(products) for id_, products in found.items()}


def tell_images(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Facts and texts of these images as their products are now."""
    for some in chunks(ids):
        alive = connection.scalars(select(image.c.id).where(image.c.id.in_(some))).all()
        shown = read_products(connection, alive)
        told = (
            attribute.c.image_id.in_(alive),
            attribute.c.name.startswith(NAMESPACE, autoescape=True),
        )
        connection.execute(delete(attribute).where(*told))
        put_attributes(connection, {id_: _facts(products) for id_, products in shown.items()})
        _put_texts(connection, alive, shown, revision)
        touch(connection, alive, revision)


def _put_texts(
    connection: Connection,
    ids: Sequence[int],
    shown: Mapping[int, Sequence[Product]],
    revision: int,
) -> None:
    kinds = [kind.value for kind in _TEXTS]
    old = part.c.image_id.in_(ids), part.c.kind.in_(kinds)
    empty(connection, select(part.c.id).where(*old), revision)
    connection.execute(delete(part).where(*old))
    texts = {
        (id_, kind, _source(each)): text
        for id_, products in shown.items()
        for each in products
        for kind, text in zip(_TEXTS, (each.title, each.description), strict=True)
        if text
    }
    put_texts(connection, texts)


def _source(of: Product) -> str:
    """Who says so; never the name of a captioner or of a person."""
    return f"sku {of.sku}"


def _facts(products: Sequence[Product]) -> list[Attribute]:
    """Each value once, however many products say it."""
    said: dict[Attribute, None] = {}
    for each in products:
        said[Attribute(fact("sku"), each.sku)] = None
        said[Attribute(fact(FAMILY), each.family)] = None
        if each.price is not None:
            said[Attribute(fact("price"), number=each.price)] = None
        if each.availability is not None:
            said[Attribute(fact("availability"), each.availability.value)] = None
        said |= {Attribute(fact(name), value): None for name, value in each.attributes}
    return list(said)


def _put_feed(connection: Connection, owner: int, path: bytes, options: str) -> int:
    same = feed.c.collection_id == owner, feed.c.path == path
    known = connection.execute(select(feed.c.id, feed.c.options).where(*same)).first()
    if known is None:
        row = {"collection_id": owner, "path": path, "options": options}
        return int(connection.execute(insert(feed).values(row).returning(feed.c.id)).scalar_one())
    if known.options != options:
        connection.execute(update(feed).where(feed.c.id == known.id).values(options=options))
    return int(known.id)


def _drop_empty_feeds(connection: Connection, owner: int, kept: int) -> None:
    """Another file names their products now, as when a catalogue has a new name each month."""
    used = select(product.c.feed_id)
    others = feed.c.collection_id == owner, feed.c.id != kept
    connection.execute(delete(feed).where(*others, feed.c.id.not_in(used)))


def _put_products(
    connection: Connection, owner: int, feed_id: int, products: Sequence[Product]
) -> dict[str, int]:
    """SKU -> id, of new ones and of those that were there."""
    ids: dict[str, int] = {}
    for some in chunks([each.sku for each in products]):
        mine = product.c.collection_id == owner, product.c.sku.in_(some)
        rows = connection.execute(select(product.c.sku, product.c.id).where(*mine))
        ids |= {sku: id_ for sku, id_ in rows}
    wanted = {each.sku: _product_row(owner, feed_id, each) for each in products}
    for sku, id_ in ids.items():
        connection.execute(update(product).where(product.c.id == id_).values(wanted.pop(sku)))
    if wanted:
        new = [row | {"added_at": now()} for row in wanted.values()]
        made = connection.execute(insert(product).returning(product.c.sku, product.c.id), new)
        ids |= {sku: id_ for sku, id_ in made}
    return ids


def _put_images(connection: Connection, shown: Mapping[int, Sequence[int]]) -> None:
    for some in chunks(list(shown)):
        connection.execute(delete(product_image).where(product_image.c.product_id.in_(some)))
    rows = [
        {"product_id": id_, "place": place, "image_id": image_id}
        for id_, images in shown.items()
        for place, image_id in enumerate(images)
    ]
    if rows:
        connection.execute(insert(product_image), rows)


def _images_of(connection: Connection, owner: int, skus: Sequence[str]) -> set[int]:
    """All images of these products."""
    found: set[int] = set()
    for some in chunks(skus):
        query = select(product_image.c.image_id).join(product)
        mine = product.c.collection_id == owner, product.c.sku.in_(some)
        found |= set(connection.scalars(query.where(*mine)))
    return found


def _unshown(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Those that no product shows, and that lie in no folder that was added as a whole."""
    left: list[int] = []
    for some in chunks(sorted(ids)):
        shown = select(product_image.c.image_id).where(product_image.c.image_id.in_(some))
        whole = select(location.c.image_id).join(root).where(root.c.whole)
        mine = image.c.id.in_(some), image.c.id.not_in(shown), image.c.id.not_in(whole)
        left += connection.scalars(select(image.c.id).where(*mine))
    return left


def _take_places(connection: Connection, ids: Sequence[int]) -> list[int]:
    for some in chunks(ids):
        connection.execute(delete(location).where(location.c.image_id.in_(some)))
    return list(ids)


def _skus(connection: Connection, feed_id: int) -> frozenset[str]:
    query = select(product.c.sku).where(product.c.feed_id == feed_id)
    return frozenset(connection.scalars(query))


def _records(
    connection: Connection, where: Any, *, limit: int | None = None
) -> list[ProductRecord]:
    query: Select[Any] = select(collection.c.name, product).join(collection).where(where)
    rows = connection.execute(query.order_by(product.c.id).limit(limit)).all()
    read = [(owner, _row_of(columns)) for owner, *columns in rows]
    images: dict[int, list[int]] = {}
    for some in chunks([row["id"] for _, row in read]):
        pairs = select(product_image.c.product_id, product_image.c.image_id)
        pairs = pairs.where(product_image.c.product_id.in_(some)).order_by(product_image.c.place)
        for product_id, image_id in connection.execute(pairs):
            images.setdefault(product_id, []).append(image_id)
    return [
        ProductRecord(row["id"], owner, _product(row), tuple(images.get(row["id"], ())), added)
        for owner, row in read
        if (added := moment(row["added_at"])) is not None
    ]


_NAMES = [column.name for column in product.columns]


def _row_of(columns: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(_NAMES, columns, strict=True))


def _product(row: Mapping[str, Any]) -> Product:
    if row["crc"] != product_crc(row):
        raise LibraryDamagedError(
            f"the row of product {row['id']} does not match its checksum: the catalogue is "
            "damaged. Run `indexer doctor --repair`."
        )
    return Product(
        sku=row["sku"],
        title=row["title"],
        description=row["description"],
        group=row["group_id"],
        price=row["price"],
        currency=row["currency"],
        availability=row["availability"] and Availability(row["availability"]),
        url=row["url"],
        attributes=tuple((name, value) for name, value in json.loads(row["attributes"])),
    )


def _product_row(owner: int, feed_id: int, of: Product) -> dict[str, Any]:
    row = {
        "collection_id": owner,
        "feed_id": feed_id,
        "sku": of.sku,
        "family": of.family,
        "group_id": of.group,
        "title": of.title,
        "description": of.description,
        "price": None if of.price is None else float(of.price),
        "currency": of.currency,
        "availability": of.availability and of.availability.value,
        "url": of.url,
        "attributes": json.dumps(of.attributes, ensure_ascii=False),
    }
    return row | {"crc": product_crc(row)}
