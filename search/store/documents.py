"""Documents: of each image the words that are written about it, made of its other rows.

They stand in one array of little-endian 32-bit numbers: text after text, each begun by its field as
a negative number, then the ids of its words in order. So a word, a pair of Chinese characters and a
phrase are found the same way, by comparing neighbours, and no text runs over into the next one.

Nothing needs to call this: whoever changes an image stamps it with the revision of the transaction,
at whose end the documents of what it has stamped are made (`keep`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..fulltext import Field, field_of_fact, field_of_part, words_of, words_of_path
from ..schema import attribute, document, image, location, part, root, word
from .rows import IDS, chunks, document_crc

NUMBER = struct.calcsize("<i")  # bytes
Texts = list[tuple[int, tuple[str, ...]]]  # by field

_PARTS = (
    select(part.c.image_id, part.c.kind, part.c.source, part.c.text)
    .where(part.c.image_id.in_(IDS), part.c.text.is_not(None))
    .order_by(part.c.id)
)
_FACTS = (
    select(attribute.c.image_id, attribute.c.name, attribute.c.text)
    .where(attribute.c.image_id.in_(IDS), attribute.c.text.is_not(None))
    .order_by(attribute.c.name, attribute.c.place)
)
_PLACES = (
    select(location.c.image_id, root.c.path, location.c.path)
    .join(root)
    .where(location.c.image_id.in_(IDS))
    .order_by(location.c.id)
)
_KNOWN = select(document).where(document.c.image_id.in_(IDS))
_WORDS = select(word.c.text, word.c.id).where(word.c.text.in_(IDS))


def keep(connection: Connection, revision: int) -> None:
    """Bring the documents of all images that this revision has stamped in step with their rows."""
    stamped = connection.scalars(select(image.c.id).where(image.c.revision == revision)).all()
    for some in chunks(stamped):
        _write(connection, some)


def fill(connection: Connection) -> None:
    """Make all that are missing."""
    for some in chunks(missing(connection)):
        _write(connection, some)


def missing(connection: Connection) -> Sequence[int]:
    """Ids of images without a document; one without words has an empty one."""
    there = select(document.c.image_id)
    query = select(image.c.id).where(image.c.id.not_in(there)).order_by(image.c.id)
    return connection.scalars(query).all()


def texts_of(connection: Connection, ids: Sequence[int]) -> dict[int, Texts]:
    """By image id, each text once."""
    found: dict[int, dict[tuple[int, tuple[str, ...]], None]] = {id_: {} for id_ in ids}
    for id_, field, text in _written(connection, ids):
        if words := tuple(words_of(text)):
            found[id_][field, words] = None
    return {id_: list(texts) for id_, texts in found.items()}


def read(words: Mapping[int, str], stored: bytes) -> Texts:
    """The texts of a document; a word that nobody knows is empty."""
    count = len(stored) // NUMBER
    numbers = struct.unpack(f"<{count}i", stored[: count * NUMBER])
    texts: list[tuple[int, list[str]]] = []
    for number in numbers:
        if number < 0 or not texts:
            texts.append((-number, []))
        else:
            texts[-1][1].append(words.get(number, ""))
    return [(field, tuple(said)) for field, said in texts]


def known_words(connection: Connection, words: Sequence[str]) -> dict[str, int]:
    """Those of `words` that are written somewhere, with their ids."""
    return {
        text: id_
        for some in chunks(words)
        for text, id_ in connection.execute(_WORDS, {"ids": some})
    }


def _written(connection: Connection, ids: Sequence[int]) -> Iterable[tuple[int, Field, str]]:
    for id_, kind, source, text in connection.execute(_PARTS, {"ids": ids}):
        yield id_, field_of_part(kind, source), text
    for id_, name, text in connection.execute(_FACTS, {"ids": ids}):
        if (field := field_of_fact(name)) is not None:
            yield id_, field, text
    for id_, base, path in connection.execute(_PLACES, {"ids": ids}):
        for field, text in words_of_path(path, base):
            yield id_, field, text


def _write(connection: Connection, ids: Sequence[int]) -> None:
    texts = texts_of(connection, ids)
    words = {word for each in texts.values() for _, said in each for word in said}
    numbers = _numbered(connection, sorted(words))
    made = {id_: _stored(each, numbers) for id_, each in texts.items()}
    known = {row.image_id: dict(row._mapping) for row in connection.execute(_KNOWN, {"ids": ids})}
    rows = [row for id_, stored in made.items() if (row := _row(id_, stored)) != known.get(id_)]
    if gone := [row["image_id"] for row in rows if row["image_id"] in known]:
        connection.execute(delete(document).where(document.c.image_id.in_(gone)))
    if rows:
        connection.execute(insert(document), rows)


def _row(image_id: int, stored: bytes) -> dict[str, Any]:
    return {"image_id": image_id, "words": stored, "crc": document_crc(image_id, stored)}


def _stored(texts: Texts, numbers: Mapping[str, int]) -> bytes:
    flat = [
        number for field, said in texts for number in (-field, *(numbers[word] for word in said))
    ]
    return struct.pack(f"<{len(flat)}i", *flat)


def _numbered(connection: Connection, words: Sequence[str]) -> dict[str, int]:
    """Their ids, of new ones too."""
    known = known_words(connection, words)
    if new := [{"text": each} for each in words if each not in known]:
        made = connection.execute(insert(word).returning(word.c.text, word.c.id), new)
        known |= {text: id_ for text, id_ in made}
    return known
