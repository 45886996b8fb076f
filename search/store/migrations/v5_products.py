"""Products of a shop, the feeds that name them, and the images that show them."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

ID = BigInteger().with_variant(Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "feed",
        Column("id", ID, primary_key=True, autoincrement=True),
        Column("collection_id", ID, ForeignKey("collection.id"), nullable=False),
        Column("path", LargeBinary, nullable=False),
        Column("options", Text, nullable=False),
        UniqueConstraint("collection_id", "path"),
    )
    op.create_table(
        "product",
        Column("id", ID, primary_key=True, autoincrement=True),
        Column("collection_id", ID, ForeignKey("collection.id"), nullable=False),
        Column("feed_id", ID, ForeignKey("feed.id"), nullable=False),
        Column("sku", String(100), nullable=False),
        Column("family", String(110), nullable=False),
        Column("group_id", String(100)),
        Column("title", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("price", Double),
        Column("currency", String(3)),
        Column("availability", String(16)),
        Column("url", Text),
        Column("attributes", Text, nullable=False),
        Column("added_at", BigInteger, nullable=False),
        Column("crc", BigInteger, nullable=False),
        UniqueConstraint("collection_id", "sku"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product_image",
        Column("product_id", ID, ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("image_id", ID, ForeignKey("image.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("product_by_family", "product", ["collection_id", "family"])
    op.create_index("product_image_by_image", "product_image", ["image_id"])
