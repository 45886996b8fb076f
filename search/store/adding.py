"""New pictures -> rows of the tables `image`, `embedding` and `caption`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, and_, delete, insert, select

from ..errors import EncoderError
from ..records import Caption, DecodedImage, NewImage, Space, Vectors, are_unit
from ..schema import caption, embedding, image
from .attributes import put_facts
from .rows import STORED, chunks, crc, image_crc, now, seconds, touch, vector_crc


def add_rows(
    connection: Connection, owner: int, revision: int, pictures: Sequence[DecodedImage]
) -> dict[str, int]:
    """Content hash -> image id, new or known."""
    by_hash = {picture.content_hash: picture for picture in pictures}
    content = (image.c.content_hash, image.c.id)
    found: dict[str, int] = {}
    for some in chunks(list(by_hash)):
        rows = connection.execute(
            select(*content).where(image.c.collection_id == owner, image.c.content_hash.in_(some))
        )
        found |= {hash_: id_ for hash_, id_ in rows}
    new = [_image_row(owner, revision, p) for hash_, p in by_hash.items() if hash_ not in found]
    if new:
        rows = connection.execute(insert(image).returning(*content), new)
        found |= {hash_: id_ for hash_, id_ in rows}
    return found


def _image_row(owner: int, revision: int, decoded: DecodedImage) -> dict[str, Any]:
    taken = seconds(decoded.taken_at)
    return {
        "collection_id": owner,
        "content_hash": decoded.content_hash,
        "format": decoded.format,
        "width": decoded.width,
        "height": decoded.height,
        "taken_at": taken,
        "added_at": now(),
        "revision": revision,
        "crc": image_crc(
            decoded.content_hash, decoded.format, decoded.width, decoded.height, taken
        ),
    }


def put_evidence(
    connection: Connection, encoder_id: int, revision: int, seen: Mapping[int, NewImage]
) -> None:
    """Vectors, captions and facts by image id, in the place of those that were there."""
    told = {id_: new for id_, new in seen.items() if new.caption_vector is not None}
    images = {id_: new.image_vector for id_, new in seen.items()}
    captions = {id_: new.caption_vector for id_, new in told.items()}
    put_vectors(connection, Space.IMAGE, encoder_id, revision, images)
    put_vectors(connection, Space.CAPTION, encoder_id, revision, captions)
    put_captions(connection, {id_: new.caption for id_, new in told.items() if new.caption})
    put_facts(connection, {id_: new.decoded.facts for id_, new in seen.items()})
    touch(connection, list(seen), revision)


def put_captions(connection: Connection, told: Mapping[int, Caption]) -> None:
    for source, language in {(words.source, words.language) for words in told.values()}:
        rows = [
            _caption_row(id_, words)
            for id_, words in told.items()
            if (words.source, words.language) == (source, language)
        ]
        same = and_(caption.c.source == source, caption.c.language == language)
        for some in chunks([row["image_id"] for row in rows]):
            connection.execute(delete(caption).where(same, caption.c.image_id.in_(some)))
        connection.execute(insert(caption), rows)


def _caption_row(image_id: int, words: Caption) -> dict[str, Any]:
    text = words.text.replace("\0", "\ufffd")  # PostgreSQL takes no NUL
    return {
        "image_id": image_id,
        "source": words.source,
        "language": words.language,
        "text": text,
        "crc": crc(words.source, words.language, text),
    }


def put_vectors(
    connection: Connection,
    space: Space,
    encoder_id: int,
    revision: int,
    vectors: Mapping[int, np.ndarray[Any, Any] | None],
) -> None:
    rows = [
        vector_row(id_, space, encoder_id, revision, vector)
        for id_, vector in vectors.items()
        if vector is not None
    ]
    same = and_(embedding.c.space == space.value, embedding.c.encoder_id == encoder_id)
    for some in chunks([row["image_id"] for row in rows]):
        connection.execute(delete(embedding).where(same, embedding.c.image_id.in_(some)))
    if rows:
        connection.execute(insert(embedding), rows)


def vector_row(
    image_id: int, space: Space, encoder_id: int, revision: int, vector: Vectors
) -> dict[str, Any]:
    """A row of the embedding table. Raises EncoderError for anything that is no unit vector."""
    if not are_unit(vector).all():
        length = float(np.linalg.norm(vector))
        raise EncoderError(f"image {image_id}: the {space.value} vector has length {length:.4f}")
    stored = np.asarray(vector, np.float32).astype(STORED).tobytes()
    return {
        "image_id": image_id,
        "space": space.value,
        "encoder_id": encoder_id,
        "revision": revision,
        "vector": stored,
        "crc": vector_crc(image_id, space.value, stored),
    }
