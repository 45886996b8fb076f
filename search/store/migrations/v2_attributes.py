"""Facts of a picture have a table, and an image the revision of its last change; the tables that
came during version 1 are there for certain."""

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
    inspect,
)

ID = BigInteger().with_variant(Integer, "sqlite")


def upgrade(op: Operations) -> None:
    there = inspect(op.get_bind()).get_table_names()
    if "scan" not in there:
        op.create_table(
            "scan",
            Column("root_id", ID, ForeignKey("root.id", ondelete="CASCADE"), primary_key=True),
            Column("finished_at", BigInteger),
            Column("file_systems", Text, nullable=False),
        )
    if "removed_path" not in there:
        op.create_table(
            "removed_path",
            Column("collection_id", ID, ForeignKey("collection.id"), primary_key=True),
            Column("path", LargeBinary, primary_key=True),
        )
    op.create_table(
        "attribute",
        Column("image_id", ID, ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
        Column("name", String(40), primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("text", String(200)),
        Column("number", Double),
        Column("crc", BigInteger, nullable=False),
    )
    op.create_index("attribute_by_text", "attribute", ["name", "text"])
    op.create_index("attribute_by_number", "attribute", ["name", "number"])
    last = Column("revision", BigInteger, nullable=False, server_default="0")
    op.add_column("image", last)
    op.create_index("image_by_revision", "image", ["revision"])
