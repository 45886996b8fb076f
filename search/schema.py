"""The tables. Only the package `store` imports this module.

Paths are bytes: the undecodable ones too. Times are whole seconds since 1970 in UTC. `crc` is
CRC-32 over the other columns of the row: SQLite's own checks miss a third of one-byte flips.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 5  # a new one needs a step in store/migrations
ATTRIBUTE_NAME, ATTRIBUTE_TEXT = 40, 200  # characters, of a fact
WORD = 40  # characters of a word that texts are found by
DERIVED = ("document", "word")  # tables that are made of the others: nothing is lost with them

metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER becomes a rowid on SQLite


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


library = Table(
    "library",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("encoder_id", ForeignKey("encoder.id")),  # the one that searches use
    Column("captioner", String(200)),
)

encoder = Table(
    "encoder",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("dim", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),
)

collection = Table(
    "collection",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
)

root = Table(
    "root",
    metadata,
    _id(),
    Column("collection_id", ForeignKey("collection.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("file_count", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
    UniqueConstraint("collection_id", "path"),
    sqlite_autoincrement=True,
)

scan = Table(
    "scan",
    metadata,
    Column("root_id", ForeignKey("root.id", ondelete="CASCADE"), primary_key=True),
    Column("finished_at", BigInteger),  # of the last complete one
    Column("file_systems", Text, nullable=False),  # JSON: folder in the root -> id of what is there
)

image = Table(
    "image",
    metadata,
    _id(),  # never given twice: followers tell a removed image from a new one by it
    Column("collection_id", ForeignKey("collection.id"), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("format", String(8), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("taken_at", BigInteger),
    Column("added_at", BigInteger, nullable=False),
    Column("crc", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="0"),  # of its last change
    UniqueConstraint("collection_id", "content_hash"),
    Index("image_by_revision", "revision"),
    Index("image_by_time", "taken_at", "id"),
    sqlite_autoincrement=True,
)

location = Table(
    "location",
    metadata,
    _id(),
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("root_id", ForeignKey("root.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),  # relative to the root
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    UniqueConstraint("root_id", "path"),
    sqlite_autoincrement=True,
)

part = Table(
    "part",
    metadata,
    _id(),  # never given twice: it is what indexes know
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),  # records.PartKind
    Column("source", String(200)),  # who wrote the text
    Column("language", String(8)),
    Column("text", Text),
    Column("box", String(80)),  # of a region: left, top, right, bottom as fractions
    Column("at_ms", BigInteger),  # of a frame
    Column("crc", BigInteger, nullable=False),
    Index("part_by_image", "image_id", "kind", "source", "language"),
    sqlite_autoincrement=True,
)

embedding = Table(
    "embedding",
    metadata,
    Column("part_id", _Id, primary_key=True, autoincrement=False),  # outlives its part
    Column("encoder_id", ForeignKey("encoder.id"), primary_key=True),
    Column("image_id", _Id, nullable=False),  # whose part it is, or was
    Column("revision", BigInteger, nullable=False),
    Column(
        "vector", LargeBinary
    ),  # float16, little endian; NULL: removed, for followers to hear of
    Column("crc", BigInteger, nullable=False),
    Index("embedding_by_revision", "encoder_id", "revision"),
)

attribute = Table(
    "attribute",
    metadata,
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(ATTRIBUTE_NAME), primary_key=True),
    Column("place", Integer, primary_key=True),  # from 0: an image may have several values
    Column("text", String(ATTRIBUTE_TEXT)),
    Column("number", Double),
    Column("crc", BigInteger, nullable=False),
    Index("attribute_by_text", "name", "text"),
    Index("attribute_by_number", "name", "number"),
)

word = Table(
    "word",
    metadata,
    _id(),
    Column("text", String(WORD), nullable=False, unique=True),
)

document = Table(
    "document",
    metadata,
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
    Column("words", LargeBinary, nullable=False),  # ids of words: see store/documents.py
    Column("crc", BigInteger, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    _id(),
    Column("collection_id", ForeignKey("collection.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),  # absolute
    Column("options", Text, nullable=False),  # JSON: how it is read
    UniqueConstraint("collection_id", "path"),
)

product = Table(
    "product",
    metadata,
    _id(),
    Column("collection_id", ForeignKey("collection.id"), nullable=False),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),  # the last one that named it
    Column("sku", String(100), nullable=False),
    Column("family", String(110), nullable=False),  # the same for all variants of one thing
    Column("group_id", String(100)),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("price", Double),
    Column("currency", String(3)),
    Column("availability", String(16)),
    Column("url", Text),
    Column("attributes", Text, nullable=False),  # JSON: pairs of name and value
    Column("added_at", BigInteger, nullable=False),
    Column("crc", BigInteger, nullable=False),
    UniqueConstraint("collection_id", "sku"),
    Index("product_by_family", "collection_id", "family"),
    sqlite_autoincrement=True,
)

product_image = Table(
    "product_image",
    metadata,
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),  # from 0: the first one is shown
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), nullable=False),
    Index("product_image_by_image", "image_id"),
)

failure = Table(
    "failure",
    metadata,
    Column("root_id", ForeignKey("root.id"), primary_key=True),
    Column("path", LargeBinary, primary_key=True),  # relative to the root
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("size", BigInteger),
    Column("mtime_ns", BigInteger),
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("collection_id", ForeignKey("collection.id"), primary_key=True),
    Column("content_hash", String(64), primary_key=True),
    Column("size", BigInteger),  # bytes of its file: only files of such sizes are worth a hash
)

removed_path = Table(
    "removed_path",
    metadata,
    Column("collection_id", ForeignKey("collection.id"), primary_key=True),
    Column("path", LargeBinary, primary_key=True),  # absolute: it outlives its root
)
