"""Transactions that take images out, and the thumbnails that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from ..schema import image
from ..thumbnails import Thumbnails
from .database import Database
from .rows import chunks


@contextmanager
def removing(
    database: Database, thumbnails: Thumbnails
) -> Iterator[tuple[Connection, int, list[str]]]:
    """A `changing` transaction; thumbnails of the contents put into the list go after its commit.

    They are noted before it, so that `tidy` finds what a killed process could not delete.
    """
    contents: list[str] = []
    with database.changing() as (connection, revision):
        yield connection, revision, contents
        note = thumbnails.note(contents)
    thumbnails.discard(contents, note)


def tidy(database: Database, thumbnails: Thumbnails) -> None:
    """Delete what an interrupted removal left. Costs a look into one folder if there is nothing."""
    for note, contents in thumbnails.notes():
        with database.writing() as connection:
            used: set[str] = set()
            for some in chunks(contents):
                query = select(image.c.content_hash).where(image.c.content_hash.in_(some))
                used |= set(connection.scalars(query))
            thumbnails.discard([each for each in contents if each not in used], note)
