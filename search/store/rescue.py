"""A damaged catalogue -> a new one with every row that can be read and trusted.

In the damaged file nothing is repaired: an index that is built again in it, or a row that is
deleted, may be given a page that other rows still use. Only its own log is written back into it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError

from ..disk import log_of, refused
from ..errors import LibraryError
from ..locks import write_lock
from ..schema import library, product_image
from ..settings import Settings
from . import documents, faults, outline, sqlite
from .address import file_of
from .firstpage import opened
from .layouts import PRESENT, Layout, layout_of
from .outline import outline_of
from .products import tell_images
from .salvage import DamagedTable
from .trust import MADE_AGAIN, tables_of, trusted, typed

NOTHING = "catalogue"  # what is lost where nothing at all can be read
UNKNOWN: dict[str, dict[str, object]] = {  # of a row that only an index knows
    "root": {"device": 0, "file_count": -1, "whole": 0},
}
IN_PART = "SELECT path FROM root WHERE file_count = -1"


@dataclass(frozen=True, slots=True)
class Rescued:
    """What a rescue came to."""

    kept: Path  # the folder in which the damaged catalogue lies now
    lost: dict[str, int]  # rows that are not in the new catalogue, at least, by kind
    in_part: list[bytes]  # folders of which little more than the path is known: to be added again


def rescue(settings: Settings) -> Rescued:
    """Put a new catalogue in the place of a damaged one, which is kept. The run lock is held.

    Raises DiskError or NoSpaceError; then nothing has changed.
    """
    path = file_of(settings)
    if path is None:
        raise LibraryError(
            f"{settings.library}: a database on a server is brought back from a copy, not repaired."
        )
    name = str(settings.library)
    with write_lock(settings.library):
        try:
            return _rescue(path)
        except OSError as error:
            raise refused(name, error) from error
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, name, path, writing=True) from error
        except DBAPIError as error:
            raise faults.translated(error, name, path, writing=True) from error


def _rescue(path: Path) -> Rescued:
    _write_log_back(path)
    kept = _keep(path)
    new = path.with_name(f"{path.name}.rescued")
    try:
        lost, in_part = _build(kept / path.name, new)
        _tidy(kept, path.name)
    except BaseException:
        _discard(new)
        shutil.rmtree(kept)  # links: the catalogue itself is where it was
        raise
    _put_in_place(new, path)
    return Rescued(kept, lost, in_part)


def _build(damaged: Path, new: Path) -> tuple[dict[str, int], list[bytes]]:
    _discard(new)
    with opened(damaged) as source:
        layout = PRESENT if source is None else layout_of(source)
        with _new_catalogue(new, layout) as target:
            expected = Counter({NOTHING: 1}) if source is None else _copied(source, target, layout)
            _complete(target, layout)
            lost = expected - _kept(target, layout)
            in_part = [path for (path,) in target.execute(IN_PART)]
            target.execute("UPDATE root SET file_count = 0 WHERE file_count = -1")
    if layout is PRESENT:  # else the upgrade sees to that
        _derive(new)
    if found := _faults(new, layout):
        raise LibraryError(f"{new}: the rescued catalogue is not whole ({found[0]}). Try again.")
    return dict(sorted(lost.items())), in_part


def _derive(new: Path) -> None:
    """What is made of the other tables."""
    engine = sqlite.writer(new, create=False)
    with engine.begin() as connection:
        revision = connection.scalar(select(library.c.revision)) or 0
        shown = select(product_image.c.image_id).distinct()
        tell_images(connection, connection.scalars(shown).all(), revision)
        documents.fill(connection)
    engine.dispose()


def _faults(new: Path, layout: Layout) -> list[str]:
    with closing(sqlite.open_reading(new)) as connection:
        return sqlite.structure(connection) + layout.lacking(connection)


@contextmanager
def _new_catalogue(new: Path, layout: Layout) -> Iterator[sqlite3.Connection]:
    """One transaction; children may come before their parents."""
    engine = sqlite.writer(new, create=True)
    with engine.begin() as connection:
        layout.metadata.create_all(connection)
    engine.dispose()
    with closing(sqlite.open_writing(new)) as target:
        target.execute("PRAGMA foreign_keys=OFF")
        target.execute("BEGIN")
        yield target
        target.execute("COMMIT")


def _copied(source: sqlite3.Connection, target: sqlite3.Connection, layout: Layout) -> Counter[str]:
    """Copies; how many rows of each kind there are, as far as table and indexes tell."""
    expected: Counter[str] = Counter()
    for table, damaged in tables_of(source, layout):
        read = _copy(damaged, table, layout, target)
        expected += _expected(damaged, layout, read)
    _copy_sequences(source, target, layout)
    return expected


def _copy(
    damaged: DamagedTable, table: Table, layout: Layout, target: sqlite3.Connection
) -> Counter[str]:
    """How many rows of each kind could be read, trusted or not."""
    read: Counter[str] = Counter()
    seen: set[int] = set()
    for rowid, row in damaged.rows():
        values = dict(zip(damaged.columns, row, strict=True))
        read[layout.kind_of(table.name, values)] += 1
        if trusted(damaged, table, layout, rowid, values):
            _put(target, table, values)
            seen |= set() if table.name in MADE_AGAIN else {rowid}
    if table.name not in MADE_AGAIN:
        _fill(damaged, table, target, seen)
    return read


def _fill(
    damaged: DamagedTable, table: Table, target: sqlite3.Connection, seen: Container[int]
) -> None:
    """Rows of people that only an index still knows."""
    for rowid, known in damaged.indexed():
        values = UNKNOWN.get(table.name, {}) | known
        if "id" in table.columns:
            values["id"] = rowid
        if rowid not in seen and typed(table, values):
            _put(target, table, values)


def _put(target: sqlite3.Connection, table: Table, values: dict[str, Any]) -> None:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    target.execute(
        f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})", tuple(values.values())
    )


def _expected(damaged: DamagedTable, layout: Layout, read: Counter[str]) -> Counter[str]:
    """Table and indexes may each know rows that the other has lost: the higher count is true."""
    kinds = layout.kinds.get(damaged.name, {damaged.name: "1"})
    expected = Counter(read)
    for kind, where in kinds.items():
        counted = damaged.counted(where)
        unknown = int(counted is None and damaged.holes > 0)
        expected[kind] = max(read[kind] + unknown, counted or 0)
    return expected


def _kept(target: sqlite3.Connection, layout: Layout) -> Counter[str]:
    kept: Counter[str] = Counter()
    for name in layout.metadata.tables:
        for kind, where in layout.kinds.get(name, {name: "1"}).items():
            asked = f"SELECT count(*) FROM {name} WHERE {where}"
            kept[kind] = target.execute(asked).fetchone()[0]
    return kept


def _copy_sequences(source: sqlite3.Connection, target: sqlite3.Connection, layout: Layout) -> None:
    """Ids are never given twice, also where the highest ones are lost."""
    found: list[tuple[str, int]] = []
    with suppress(sqlite3.DatabaseError):
        found = source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    for name, asked in layout.highest.items():
        found.append((name, target.execute(asked).fetchone()[0] or 0))
    for name, seq in found:
        target.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (seq, str(name))
        )


def _complete(target: sqlite3.Connection, layout: Layout) -> None:
    """Rows that hold others up, as far as the others tell what they were; and none that dangle."""
    target.execute(
        "INSERT OR IGNORE INTO library (id, version, revision, encoder_id, captioner) "
        "VALUES (1, ?, 0, "
        "(SELECT encoder_id FROM embedding GROUP BY encoder_id ORDER BY count(*) DESC LIMIT 1), "
        f"({layout.captioner} GROUP BY source ORDER BY count(*) DESC LIMIT 1))",
        (layout.version,),
    )
    target.execute(
        "UPDATE library SET version = ?, "
        "revision = max(revision, (SELECT coalesce(max(embedding.revision), 0) FROM embedding)), "
        "encoder_id = (SELECT id FROM encoder WHERE id = encoder_id)",
        (layout.version,),
    )
    _name_collections(target, layout)
    if layout.ownerless:
        target.execute(f"DELETE FROM {layout.ownerless}")
    while dangling := target.execute("PRAGMA foreign_key_check").fetchall():
        for table, rowid, *_ in dangling:
            target.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))


def _name_collections(target: sqlite3.Connection, layout: Layout) -> None:
    """A collection that has lost its name has not lost its pictures."""
    holders = [t.name for t in layout.metadata.sorted_tables if "collection_id" in t.columns]
    named = " UNION ".join(f"SELECT collection_id FROM {name}" for name in holders)
    missing = f"SELECT collection_id FROM ({named}) EXCEPT SELECT id FROM collection"
    for (id_,) in target.execute(missing).fetchall():
        has_default = "SELECT 1 FROM collection WHERE name = 'default'"
        free = target.execute(has_default).fetchone() is None
        name = "default" if free else f"rescued-{id_}"
        target.execute("INSERT INTO collection (id, name) VALUES (?, ?)", (id_, name))


def _write_log_back(path: Path) -> None:
    """So that one file holds everything; a log that cannot be written back is kept as well."""
    with suppress(sqlite3.Error), closing(sqlite.open_writing(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep(path: Path) -> Path:
    kept = _new_folder(path.with_name(time.strftime("damaged-%Y%m%d-%H%M%S")))
    for each in (path, log_of(path), outline_of(path)):
        if each.exists():
            _link(each, kept / each.name)
    return kept


def _new_folder(wanted: Path) -> Path:
    """A second repair in the same second has a number."""
    for number in count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError


def _tidy(kept: Path, name: str) -> None:
    """What reading has left beside the file; a log may hold something."""
    log = log_of(kept / name)
    for each in kept.iterdir():
        if each.name != name and (each != log or not log.stat().st_size):
            each.unlink()


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # not every file system has links
        shutil.copy2(old, new)


def _put_in_place(new: Path, path: Path) -> None:
    """The log goes first: SQLite would play it into the new file."""
    _sync(new)
    for end in ("-wal", "-shm", outline.END):
        path.with_name(path.name + end).unlink(missing_ok=True)
    os.replace(new, path)
    _discard(new)  # what looking into it has left under its first name
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _discard(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
