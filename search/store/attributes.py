"""Facts of images as rows: whatever a decoder or somebody else knows of a picture, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..records import FACTS, Attribute
from ..schema import ATTRIBUTE_NAME, ATTRIBUTE_TEXT, attribute, image
from .database import Database
from .rows import IDS, attribute_crc, chunks, damaged, touch

LOOKED = "looked"  # a row beside the facts: up to which version of them the file was asked
_KNOWN = (
    select(attribute)
    .where(attribute.c.image_id.in_(IDS), attribute.c.name != LOOKED)
    .order_by(attribute.c.name, attribute.c.place)
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What files say of their pictures, besides what makes an image."""

    _database: Database

    def add(self, found: Mapping[int, Sequence[Attribute]]) -> None:
        """By image id, in one transaction; replaces facts of the same names."""
        with self._database.changing() as (connection, revision):
            for some in chunks(list(found)):
                alive = connection.scalars(select(image.c.id).where(image.c.id.in_(some))).all()
                put_facts(connection, {id_: found[id_] for id_ in alive})
                touch(connection, alive, revision)

    def missing(self, after: int = 0, limit: int | None = None) -> list[int]:
        """Ids beyond `after` of images whose file was not asked for all that is kept today."""
        asked = select(attribute.c.image_id).where(
            attribute.c.image_id == image.c.id,
            attribute.c.name == LOOKED,
            attribute.c.number >= FACTS,
        )
        query = select(image.c.id).where(image.c.id > after, ~asked.exists())
        query = query.order_by(image.c.id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(query))


def put_facts(connection: Connection, found: Mapping[int, Sequence[Attribute]]) -> None:
    """All that a file says, and that it was asked."""
    looked = Attribute(LOOKED, number=FACTS)
    put_attributes(connection, {id_: (*facts, looked) for id_, facts in found.items()})


def put_attributes(connection: Connection, known: Mapping[int, Sequence[Attribute]]) -> None:
    """By image id, in the place of what was there under the same names."""
    rows = [row for id_, facts in known.items() for row in _rows(id_, facts)]
    names = sorted({row["name"] for row in rows})
    for some in chunks(sorted({row["image_id"] for row in rows})):
        same = attribute.c.image_id.in_(some), attribute.c.name.in_(names)
        connection.execute(delete(attribute).where(*same))
    if rows:
        connection.execute(insert(attribute), rows)


def read_attributes(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Attribute, ...]]:
    """By image id, in the order of names. Raises LibraryDamagedError."""
    found: dict[int, list[Attribute]] = {}
    for image_id, name, place, text, number, sum_ in connection.execute(_KNOWN, {"ids": ids}):
        if sum_ != attribute_crc(image_id, name, place, text, number):
            raise damaged(image_id, "attribute")
        found.setdefault(image_id, []).append(Attribute(name, text, number))
    return {id_: tuple(facts) for id_, facts in found.items()}


def _rows(image_id: int, facts: Sequence[Attribute]) -> list[dict[str, Any]]:
    """Several of one name have places."""
    rows: list[dict[str, Any]] = []
    places: Counter[str] = Counter()
    for fact in facts:
        name = fact.name[:ATTRIBUTE_NAME]
        place = places[name]
        places[name] += 1
        text = fact.text and fact.text.replace("\0", "\ufffd")[:ATTRIBUTE_TEXT]
        number = float(fact.number) if fact.number is not None and isfinite(fact.number) else None
        row = {"image_id": image_id, "name": name, "place": place}
        sum_ = attribute_crc(image_id, name, place, text, number)
        rows.append(row | {"text": text, "number": number, "crc": sum_})
    return rows
