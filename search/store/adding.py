"""New pictures -> rows: images, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from ..records import DecodedImage, NewImage
from ..schema import image
from .attributes import put_facts
from .parts import put_captions, put_pictures
from .rows import chunks, image_crc, now, seconds, touch


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
    pictures = {id_: new.image_vector for id_, new in seen.items()}
    put_pictures(connection, encoder_id, revision, pictures)
    captions = {
        id_: (new.caption, new.caption_vector)
        for id_, new in seen.items()
        if new.caption is not None and new.caption_vector is not None
    }
    put_captions(connection, encoder_id, revision, captions)
    put_facts(connection, {id_: new.decoded.facts for id_, new in seen.items()})
    touch(connection, list(seen), revision)
