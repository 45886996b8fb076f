"""Is the catalogue whole? What `doctor` asks of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, Select, delete, func, select, text

from ..findings import READ_AGAIN, WORDS_MADE_AGAIN, Code, Finding
from ..records import PartKind
from ..schema import (
    attribute,
    document,
    embedding,
    encoder,
    image,
    library,
    location,
    part,
    product,
    product_image,
    word,
)
from ..thumbnails import Thumbnails
from . import documents
from .database import Database
from .discarding import removing
from .products import tell_images
from .rows import (
    STORED,
    attribute_crc,
    chunks,
    document_crc,
    empty,
    empty_vectors,
    image_crc,
    part_crc,
    product_crc,
    remove_images,
    touch,
    vector_crc,
)


@dataclass(frozen=True, slots=True)
class Integrity:
    """Checks, and the repair that drops only what can be made again from the pictures."""

    _database: Database
    _thumbnails: Thumbnails

    def problems(self, *, deep: bool = False) -> Iterator[Finding]:
        """Everything wrong inside the catalogue; `deep` reads every row's checksum as well."""
        for fault in self._database.faults():
            yield Finding(Code.DATABASE_DAMAGED, fault)
        with self._database.reading() as connection:
            found = [*_dangling(connection), *_unmatched(connection)]
            if deep:
                found += _damaged_images(connection)
                found += _damaged_parts(connection)
                found += _damaged_attributes(connection)
                found += _damaged_products(connection)
                found += _damaged_vectors(connection)
                found += _damaged_documents(connection, {one.image_id for one in found})
            yield from found

    def repair(self, problems: list[Finding]) -> Counter[str]:
        """Drop what the problems name; `sync` makes it again. How many rows of each kind went.

        A picture that people have described keeps its row and their words as long as that row is
        sound: only its vectors go, and `reindex` makes them again.
        """
        with self._database.reading() as connection:
            if not any(_wanted(connection, problems)):
                return Counter()  # and no revision of its own
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            wanted = _wanted(connection, problems)
            before = _counted(connection)
            contents += remove_images(connection, wanted.images, revision).contents
            empty_vectors(connection, wanted.vectors, revision)
            of_parts = _images_of(connection, wanted.parts)
            for some in chunks(wanted.parts):
                empty(connection, select(part.c.id).where(part.c.id.in_(some)), revision)
                connection.execute(delete(part).where(part.c.id.in_(some)))
            empty(connection, _ownerless(), revision)
            for some in chunks(wanted.attributes):
                gone = attribute.c.image_id.in_(some)
                connection.execute(delete(attribute).where(gone))
            for some in chunks(wanted.documents):
                connection.execute(delete(document).where(document.c.image_id.in_(some)))
            again = (*wanted.attributes, *wanted.documents)  # with their words
            touch(connection, again, revision)
            _drop_products(connection, wanted.products, revision)
            tell_images(connection, _shown(connection, [*wanted.attributes, *of_parts]), revision)
            return before - _counted(connection)


class Wanted(NamedTuple):
    """What a repair drops."""

    images: list[int]
    vectors: list[int]  # ids of images that stay
    parts: list[int]  # ids of parts that are damaged
    attributes: list[int]  # ids of images that stay
    ownerless: list[int]  # ids of parts that are gone, and have vectors
    documents: list[int]  # ids of images that stay
    products: list[int]  # ids of products that are damaged


def _wanted(connection: Connection, problems: list[Finding]) -> Wanted:
    named, codes = _of(problems, *READ_AGAIN), {problem.code for problem in problems}
    kept = _described(connection, sorted(named)) - _of(problems, Code.IMAGE_DAMAGED)
    vectors = _of(problems, Code.VECTOR_DAMAGED) & kept
    parts = _damaged_of(connection, sorted(_of(problems, Code.CAPTION_DAMAGED, Code.PART_DAMAGED)))
    attributes = _of(problems, Code.ATTRIBUTE_DAMAGED) & kept
    ownerless = list(connection.scalars(_ownerless()))
    images = sorted(named - kept)
    products = _damaged_product_ids(connection) if Code.PRODUCT_DAMAGED in codes else []
    texts = _of(problems, *WORDS_MADE_AGAIN, Code.CAPTION_DAMAGED, Code.PART_DAMAGED)
    return Wanted(
        images,
        sorted(vectors),
        parts,
        sorted(attributes),
        ownerless,
        sorted(texts - set(images)),
        products,
    )


def _of(problems: list[Finding], *codes: Code) -> set[int]:
    """The images that these problems are about."""
    return {p.image_id for p in problems if p.code in codes and p.image_id is not None}


def _described(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of `ids` that people have written captions for."""
    by_people = select(part.c.image_id).where(part.c.source == "human")
    return {
        id_
        for some in chunks(ids)
        for id_ in connection.scalars(by_people.where(part.c.image_id.in_(some)))
    }


def _counted(connection: Connection) -> Counter[str]:
    """Images, live vectors, and captions by machines and by people."""
    captions = select(func.count()).select_from(part).where(part.c.kind == PartKind.CAPTION.value)
    counts = {
        "image": select(func.count()).select_from(image),
        "embedding": select(func.count(embedding.c.vector)),
        "attribute": select(func.count()).select_from(attribute),
        "product": select(func.count()).select_from(product),
        "caption": captions.where(part.c.source != "human"),
        "caption_by_people": select(func.count()).select_from(part).where(part.c.source == "human"),
    }
    return Counter({kind: connection.scalar(count) or 0 for kind, count in counts.items()})


def _damaged_of(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Of several parts of these images only those that fail their checksum."""
    found: list[int] = []
    for some in chunks(ids):
        rows = connection.execute(select(part).where(part.c.image_id.in_(some)))
        found += [row.id for row in rows if row.crc != part_crc(row._mapping)]
    return found


def _images_of(connection: Connection, parts: Sequence[int]) -> list[int]:
    return [
        id_
        for some in chunks(parts)
        for id_ in connection.scalars(select(part.c.image_id).distinct().where(part.c.id.in_(some)))
    ]


def _shown(connection: Connection, images: Sequence[int]) -> list[int]:
    """Those that show products, which say again what was dropped."""
    mine = product_image.c.image_id
    return [
        id_
        for some in chunks(sorted(set(images)))
        for id_ in connection.scalars(select(mine).distinct().where(mine.in_(some)))
    ]


def _damaged_product_ids(connection: Connection) -> list[int]:
    rows = connection.execute(select(product))
    return [row.id for row in rows if row.crc != product_crc(row._mapping)]


def _drop_products(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Their images stay, and are told so; the feed brings the products again."""
    for some in chunks(ids):
        of_these = product_image.c.product_id.in_(some)
        images = connection.scalars(select(product_image.c.image_id).where(of_these)).all()
        connection.execute(delete(product_image).where(of_these))
        connection.execute(delete(product).where(product.c.id.in_(some)))
        tell_images(connection, images, revision)


def _ownerless() -> Select[int]:
    """Ids of parts that are gone, and that have a vector all the same."""
    held = embedding.alias()  # so that it may stand in an UPDATE of that table
    return select(held.c.part_id).where(
        held.c.vector.is_not(None), held.c.part_id.not_in(select(part.c.id))
    )


def _dangling(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        for row in connection.execute(text("PRAGMA foreign_key_check")).all():
            yield Finding(Code.DANGLING_ROW, f"table {row[0]}, row {row[1]} points to no {row[2]}")


def _unmatched(connection: Connection) -> Iterator[Finding]:
    """Images without a vector or a file, vectors without an image."""
    bound = select(library.c.encoder_id).scalar_subquery()
    has_vector = (
        select(part.c.image_id)
        .join(embedding, embedding.c.part_id == part.c.id)
        .where(part.c.kind == PartKind.PICTURE.value, embedding.c.vector.is_not(None))
        .where(embedding.c.encoder_id == bound)
    )
    for id_ in connection.scalars(select(image.c.id).where(image.c.id.not_in(has_vector))):
        yield Finding(Code.VECTOR_MISSING, f"image {id_} has no vector", image_id=id_)
    placed = select(location.c.image_id)
    for id_ in connection.scalars(select(image.c.id).where(image.c.id.not_in(placed))):
        yield Finding(Code.LOCATION_MISSING, f"image {id_} has no file", image_id=id_)
    for id_ in documents.missing(connection):
        yield Finding(Code.WORDS_MISSING, f"image {id_} is not found by words", image_id=id_)
    for id_ in connection.scalars(_ownerless().distinct()):
        yield Finding(Code.VECTOR_DAMAGED, f"a vector of part {id_}, which no image has")


def _damaged_images(connection: Connection) -> Iterator[Finding]:
    for row in connection.execute(select(image)):
        if row.crc != image_crc(row.content_hash, row.format, row.width, row.height, row.taken_at):
            yield Finding(Code.IMAGE_DAMAGED, f"image {row.id}: checksum differs", image_id=row.id)


def _damaged_parts(connection: Connection) -> Iterator[Finding]:
    for row in connection.execute(select(part)):
        if row.crc != part_crc(row._mapping):
            is_caption = row.kind == PartKind.CAPTION.value
            code = Code.CAPTION_DAMAGED if is_caption else Code.PART_DAMAGED
            detail = f"{row.kind} of image {row.image_id}: checksum differs"
            yield Finding(code, detail, image_id=row.image_id)


def _damaged_attributes(connection: Connection) -> Iterator[Finding]:
    for row in connection.execute(select(attribute)):
        if row.crc != attribute_crc(row.image_id, row.name, row.place, row.text, row.number):
            yield Finding(
                Code.ATTRIBUTE_DAMAGED, f"{row.name} of image {row.image_id}: checksum differs",
                image_id=row.image_id,
            )  # fmt: skip


def _damaged_products(connection: Connection) -> Iterator[Finding]:
    for row in connection.execute(select(product)):
        if row.crc != product_crc(row._mapping):
            yield Finding(Code.PRODUCT_DAMAGED, f"product {row.id}: checksum differs")


def _damaged_vectors(connection: Connection) -> Iterator[Finding]:
    rows = connection.execute(
        select(embedding, encoder.c.dim, part.c.kind)
        .join(encoder)
        .join(part, part.c.id == embedding.c.part_id)
        .where(embedding.c.vector.is_not(None))
    )
    for row in rows:
        if row.crc != vector_crc(row.part_id, row.image_id, row.vector):
            why = "checksum differs"
        elif len(row.vector) != row.dim * np.dtype(STORED).itemsize:
            why = "wrong length"
        else:
            norm = float(np.linalg.norm(np.frombuffer(row.vector, STORED).astype(np.float32)))
            why = "" if abs(norm - 1) < 1e-2 else f"length {norm:.3f}"
        if why:
            yield Finding(
                Code.VECTOR_DAMAGED,
                f"{row.kind} vector of image {row.image_id}: {why}",
                image_id=row.image_id,
            )


def _damaged_documents(
    connection: Connection, doubtful: Container[int | None]
) -> Iterator[Finding]:
    """Each must say what the image's rows say today; of `doubtful` images these are damaged."""
    words = {id_: text for id_, text in connection.execute(select(word.c.id, word.c.text))}
    ids = connection.scalars(select(document.c.image_id)).all()
    for some in chunks(ids):
        wanted = documents.texts_of(connection, some)
        for row in connection.execute(select(document).where(document.c.image_id.in_(some))):
            holds = row.crc == document_crc(row.image_id, row.words)
            said = documents.read(words, row.words)
            if not holds or (said != wanted[row.image_id] and row.image_id not in doubtful):
                detail = f"words of image {row.image_id}: not those of its texts"
                yield Finding(Code.WORDS_DAMAGED, detail, image_id=row.image_id)
