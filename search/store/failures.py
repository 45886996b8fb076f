"""Files that could not be indexed: why, and how often it was tried."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select

from ..details import own
from ..errors import Reason
from ..records import Failure, FileStamp, Root
from ..schema import failure, root
from .database import Database
from .rows import chunks, moment, now


@dataclass(frozen=True, slots=True)
class Failures:
    """What a run has skipped."""

    _database: Database

    def all(self, *, after: int = 0, limit: int | None = None) -> list[Failure]:
        """In the order of roots and paths; `after` skips that many."""
        query = (
            select(failure, root.c.path.label("base"))
            .join(root, root.c.id == failure.c.root_id)
            .order_by(failure.c.root_id, failure.c.path)
            .offset(after)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_failure(row, row.base) for row in connection.execute(query)]

    def known(self, root: Root) -> dict[bytes, Failure]:
        """What could not be indexed, by path relative to the root."""
        query = select(failure).where(failure.c.root_id == root.id)
        with self._database.reading() as connection:
            return {row.path: _failure(row, root.path) for row in connection.execute(query)}

    def record(self, root: Root, failed: Sequence[tuple[bytes, Failure]]) -> None:
        """(relative path, failure), the root itself b""; a path that failed before counts one more
        attempt. Many are several transactions: other writers have their turn between."""
        last = dict(failed)
        for some in chunks(list(last)):
            with self._database.writing() as connection:
                attempts = _attempts(connection, root.id, some)
                forget_failures(connection, root.id, some)
                rows = [
                    _failure_row(root.id, path, last[path], attempts.get(path, 0) + 1)
                    for path in some
                ]
                connection.execute(insert(failure), rows)

    def drop(self, root: Root, paths: Sequence[bytes]) -> None:
        """Forget failures of files that are gone or are no pictures any more."""
        with self._database.writing() as connection:
            forget_failures(connection, root.id, paths)


def forget_failures(connection: Connection, root_id: int, paths: Sequence[bytes]) -> None:
    for some in chunks(paths):
        connection.execute(
            delete(failure).where(failure.c.root_id == root_id, failure.c.path.in_(some))
        )


def _attempts(connection: Connection, root_id: int, paths: Sequence[bytes]) -> dict[bytes, int]:
    query = select(failure.c.path, failure.c.attempts)
    rows = connection.execute(query.where(failure.c.root_id == root_id, failure.c.path.in_(paths)))
    return {path: attempts for path, attempts in rows}


def _failure_row(root_id: int, path: bytes, why: Failure, attempts: int) -> dict[str, object]:
    return {
        "root_id": root_id,
        "path": path,
        "reason": why.reason.value,
        "detail": why.detail.replace("\0", "\ufffd"),
        "attempts": attempts,
        "at": now(),
        "size": why.stamp and why.stamp.size,
        "mtime_ns": why.stamp and why.stamp.mtime_ns,
    }


def _failure(row: Row[tuple[object, ...]], base: bytes) -> Failure:
    stamp = None if row.size is None else FileStamp(row.size, row.mtime_ns)
    return Failure(
        path=os.path.join(base, row.path) if row.path not in (b"", b".") else base,
        reason=Reason(row.reason),
        detail=own(row.detail),  # older versions stored what decoders say
        attempts=row.attempts,
        at=moment(row.at),
        stamp=stamp,
    )
