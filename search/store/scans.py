"""What the scans of a root have seen: when the last one was complete, and on which file systems."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from ..records import LastScan
from ..schema import root, scan
from .database import Database
from .rows import moment, now


@dataclass(frozen=True, slots=True)
class Scans:
    """What is remembered of scans."""

    _database: Database

    def last(self, root_id: int) -> LastScan | None:
        """None also for a root that only an older version has scanned."""
        with self._database.reading() as connection:
            return _read(connection, root_id)

    def complete(
        self, root_id: int, device: int, file_count: int, file_systems: Mapping[bytes, str]
    ) -> None:
        """Remember what a complete scan saw, and that it was now."""
        with self._database.writing() as connection:
            values = {"device": device, "file_count": file_count}
            connection.execute(update(root).where(root.c.id == root_id).values(values))
            _write(connection, root_id, now(), file_systems)


def inherit(connection: Connection, heir: int, root_id: int, folder: bytes) -> None:
    """`heir` takes over what is known of a root that lies at `folder` inside of it."""
    if left := _read(connection, root_id):
        known = _read(connection, heir) or LastScan(None, {})
        below = {_joined(folder, inner): id_ for inner, id_ in left.file_systems.items()}
        _write(connection, heir, None, known.file_systems | below)


def _joined(folder: bytes, inner: bytes) -> bytes:
    return os.path.join(folder, inner) if inner else folder


def _read(connection: Connection, root_id: int) -> LastScan | None:
    row = connection.execute(select(scan).where(scan.c.root_id == root_id)).one_or_none()
    if row is None:
        return None
    return LastScan(moment(row.finished_at), _systems(row.file_systems))


def _systems(stored: str) -> dict[bytes, str]:
    """Nothing where a bit has flipped: then the next scan is the measure."""
    try:
        return {os.fsencode(folder): str(id_) for folder, id_ in json.loads(stored).items()}
    except (ValueError, AttributeError):
        return {}


def _write(
    connection: Connection, root_id: int, finished_at: int | None, systems: Mapping[bytes, str]
) -> None:
    """JSON's escapes take the undecodable names of os.fsdecode too."""
    encoded = json.dumps({os.fsdecode(folder): id_ for folder, id_ in sorted(systems.items())})
    connection.execute(delete(scan).where(scan.c.root_id == root_id))
    connection.execute(
        insert(scan).values(root_id=root_id, finished_at=finished_at, file_systems=encoded)
    )
