"""Words by number, and of each image the words that are written about it.

Both are made of the other tables, by the program as it is: `documents.fill`.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String

ID = BigInteger().with_variant(Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "word",
        Column("id", ID, primary_key=True, autoincrement=True),
        Column("text", String(40), nullable=False, unique=True),
    )
    op.create_table(
        "document",
        Column("image_id", ID, ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
        Column("words", LargeBinary, nullable=False),
        Column("crc", BigInteger, nullable=False),
    )
