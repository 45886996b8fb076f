"""Parts of images as rows: the picture itself and its captions, each with a vector for an encoder.

Of several captions of an image the one that was written last has the vector: an image is found by
one caption at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from ..errors import EncoderError
from ..records import Caption, PartKind, Vectors, are_unit
from ..schema import embedding, part
from .rows import IDS, PART_COLUMNS, STORED, chunks, crc, damaged, part_crc, vector_crc

_CAPTIONS = (
    select(*(part.c[name] for name in PART_COLUMNS), part.c.crc)
    .where(part.c.image_id.in_(IDS), part.c.kind == PartKind.CAPTION.value)
    .where(part.c.text.is_not(None))
    .order_by(part.c.language, part.c.source)
)


class Key(NamedTuple):
    """What tells the pictures and captions of all images apart."""

    image_id: int
    kind: str
    source: str | None
    language: str | None


class Part(NamedTuple):
    id: int
    image_id: int


def put_pictures(
    connection: Connection, encoder_id: int, revision: int, vectors: Mapping[int, Vectors]
) -> None:
    """By image id, in the place of those that were there."""
    wanted = {Key(id_, PartKind.PICTURE.value, None, None): None for id_ in vectors}
    ids = _put_parts(connection, wanted)
    made = {Part(ids[key], key.image_id): vectors[key.image_id] for key in wanted}
    _put_vectors(connection, encoder_id, revision, made)


def put_captions(
    connection: Connection,
    encoder_id: int,
    revision: int,
    written: Mapping[int, tuple[Caption, Vectors]],
) -> None:
    """By image id; in the place of the same source's words in the same language."""
    wanted = {
        Key(id_, PartKind.CAPTION.value, words.source, words.language): words.text
        for id_, (words, _) in written.items()
    }
    ids = _put_parts(connection, wanted)
    _empty_others(connection, encoder_id, revision, {k.image_id: ids[k] for k in wanted})
    made = {Part(ids[key], key.image_id): written[key.image_id][1] for key in wanted}
    _put_vectors(connection, encoder_id, revision, made)


def put_texts(connection: Connection, texts: Mapping[tuple[int, PartKind, str], str]) -> None:
    """By image id, kind and source: words of no language in particular, without a vector."""
    wanted = {Key(id_, kind.value, who, None): text for (id_, kind, who), text in texts.items()}
    _put_parts(connection, wanted)


def read_captions(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Caption, ...]]:
    """By image id, in the order of languages. Raises LibraryDamagedError."""
    found: dict[int, list[Caption]] = {}
    for *columns, sum_ in connection.execute(_CAPTIONS, {"ids": ids}):
        image_id, _, source, language, text, *_ = columns
        if sum_ != crc(*columns):
            raise damaged(image_id, "caption")
        found.setdefault(image_id, []).append(Caption(text, language, source))
    return {id_: tuple(captions) for id_, captions in found.items()}


def _put_parts(connection: Connection, wanted: Mapping[Key, str | None]) -> dict[Key, int]:
    """The parts' ids, of those that are made and of those that were there."""
    texts = {key: text and text.replace("\0", "\ufffd") for key, text in wanted.items()}
    known = dict(_known(connection, texts))
    for key, (id_, text) in known.items():
        if key in texts and texts[key] != text:
            row = _row(key, texts[key])
            connection.execute(update(part).where(part.c.id == id_).values(row))
    rows = [_row(key, text) for key, text in texts.items() if key not in known]
    ids = {key: id_ for key, (id_, _) in known.items()}
    if rows:
        columns = part.c.id, part.c.image_id, part.c.kind, part.c.source, part.c.language
        made = connection.execute(insert(part).returning(*columns), rows)
        ids |= {Key(*key): id_ for id_, *key in made}
    return ids


def _known(
    connection: Connection, wanted: Iterable[Key]
) -> Iterable[tuple[Key, tuple[int, str | None]]]:
    kinds = {key.kind for key in wanted}
    for some in chunks(sorted({key.image_id for key in wanted})):
        query = select(part).where(part.c.image_id.in_(some), part.c.kind.in_(kinds))
        for row in connection.execute(query):
            yield Key(row.image_id, row.kind, row.source, row.language), (row.id, row.text)


def _row(key: Key, text: str | None) -> dict[str, Any]:
    row = key._asdict() | {"text": text, "box": None, "at_ms": None}
    return row | {"crc": part_crc(row)}


def _empty_others(
    connection: Connection, encoder_id: int, revision: int, kept: Mapping[int, int]
) -> None:
    """Of these images (to the part that is kept), other captions lose the vectors they have."""
    for some in chunks(list(kept)):
        others = select(part.c.id).where(
            part.c.image_id.in_(some),
            part.c.kind == PartKind.CAPTION.value,
            part.c.id.not_in([kept[id_] for id_ in some]),
        )
        connection.execute(
            update(embedding)
            .where(embedding.c.part_id.in_(others), embedding.c.encoder_id == encoder_id)
            .where(embedding.c.vector.is_not(None))
            .values(vector=None, revision=revision, crc=0)
        )


def _put_vectors(
    connection: Connection, encoder_id: int, revision: int, vectors: Mapping[Part, Vectors]
) -> None:
    """In the place of those that were there."""
    rows = [_vector_row(of, encoder_id, revision, vector) for of, vector in vectors.items()]
    for some in chunks([of.id for of in vectors]):
        same = embedding.c.part_id.in_(some), embedding.c.encoder_id == encoder_id
        connection.execute(delete(embedding).where(*same))
    if rows:
        connection.execute(insert(embedding), rows)


def _vector_row(of: Part, encoder_id: int, revision: int, vector: Vectors) -> dict[str, Any]:
    """Raises EncoderError for anything that is not a unit vector."""
    if not are_unit(vector).all():
        length = float(np.linalg.norm(vector))
        raise EncoderError(f"image {of.image_id}: a vector has length {length:.4f}, not 1")
    stored = np.asarray(vector, np.float32).astype(STORED).tobytes()
    return {
        "part_id": of.id,
        "encoder_id": encoder_id,
        "image_id": of.image_id,
        "revision": revision,
        "vector": stored,
        "crc": vector_crc(of.id, of.image_id, stored),
    }
