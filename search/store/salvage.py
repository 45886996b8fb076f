"""Reading what can be read of a damaged SQLite file, table by table.

A page that cannot be read costs its own rows: reading goes on behind it. A table and its indexes
lie on different pages, so an index vouches for rows, and knows rows that the table has lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

FARTHEST = 1 << 40  # no rowid of ours lies beyond
Row = tuple[object, ...]


class DamagedTable:
    """A table of a file that may be damaged, by the columns that it shares with ours."""

    def __init__(self, connection: sqlite3.Connection, name: str, columns: Sequence[str]) -> None:
        self.connection = connection
        self.name = name
        self.columns = columns
        self.holes = 0  # how often reading had to go on behind something

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(rowid, values in the order of `columns`) of all that can be read."""
        after: int | None = 0
        while after is not None:
            try:
                for rowid, *values in self._beyond(after):
                    after = max(after, rowid)
                    yield rowid, tuple(values)
                return
            except sqlite3.Error as error:
                passed_by(error)
            found = self._one_beyond(after)  # the driver drops a row whose successor fails
            if found is None:
                self.holes += 1
                after = self._behind(after)
            else:
                after = max(after, found[0])
                yield found

    def indexed(self) -> Iterator[tuple[int, dict[str, object]]]:
        """(rowid, the columns that an index holds): what indexes know, row by row."""
        for name, columns in self.indexes.items():
            asked = f"SELECT rowid, {', '.join(columns)} FROM {self.name} INDEXED BY {name}"
            try:
                for rowid, *values in self.connection.execute(asked):
                    yield rowid, dict(zip(columns, values, strict=True))
            except sqlite3.Error as error:
                passed_by(error)

    def counted(self, where: str = "1") -> int | None:
        """How many rows the fullest index knows; None where none can be read."""
        counts = [self._count(name, where) for name in self.indexes]
        return max((count for count in counts if count is not None), default=None)

    def opinions(
        self, rowid: int, values: dict[str, object], about: Collection[str] = ()
    ) -> list[bool]:
        """Of each index that can be asked: does it know this row by these values?

        With `about`, only those that begin with such a column are.
        """
        asked = (
            self._knows(name, rowid, values)
            for name, columns in self.indexes.items()
            if not about or columns[0] in about
        )
        return [opinion for opinion in asked if opinion is not None]

    @cached_property
    def indexes(self) -> dict[str, list[str]]:
        """Name -> its columns; those that SQLite made for keys have names that need quotes."""
        listed = self.connection.execute(f"PRAGMA index_list({self.name})").fetchall()
        found = {}
        for _, name, *_ in listed:
            columns = [
                row[2] for row in self.connection.execute(f"PRAGMA index_info({name})").fetchall()
            ]
            if set(columns) <= set(self.columns):
                found[name] = columns
        return found

    def _beyond(self, after: int, limit: int = -1) -> sqlite3.Cursor:
        return self.connection.execute(
            f"SELECT rowid, {', '.join(self.columns)} FROM {self.name} NOT INDEXED "
            "WHERE rowid > ? ORDER BY rowid LIMIT ?",
            (after, limit),
        )

    def _one_beyond(self, after: int) -> tuple[int, Row] | None:
        try:
            found = self._beyond(after, 1).fetchone()
        except sqlite3.Error as error:
            passed_by(error)
            return None
        return found and (found[0], found[1:])

    def _behind(self, bad: int) -> int | None:
        """The end of the damage: from the row behind it on, rows can be read. None: no such row."""
        step = 1
        while not self._readable(bad + step):
            step *= 2
            if step > FARTHEST:
                return None
        bad, good = bad + step // 2, bad + step
        while good - bad > 1:
            middle = (bad + good) // 2
            bad, good = (bad, middle) if self._readable(middle) else (middle, good)
        return good

    def _readable(self, after: int) -> bool:
        try:
            self._beyond(after, 1).fetchone()
        except sqlite3.Error as error:
            passed_by(error)
            return False
        return True

    def _knows(self, index: str, rowid: int, values: dict[str, object]) -> bool | None:
        columns = self.indexes[index]
        where = " AND ".join(f"{column} IS ?" for column in columns)
        asked = f"SELECT 1 FROM {self.name} INDEXED BY {index} WHERE {where} AND rowid = ?"
        try:
            given = (*(values[column] for column in columns), rowid)
            return self.connection.execute(asked, given).fetchone() is not None
        except sqlite3.Error as error:
            passed_by(error)
            return None

    def _count(self, index: str, where: str) -> int | None:
        asked = f"SELECT count(*) FROM {self.name} INDEXED BY {index} WHERE {where}"
        try:
            return int(self.connection.execute(asked).fetchone()[0])
        except sqlite3.Error as error:
            passed_by(error)
            return None


def passed_by(error: sqlite3.Error) -> None:
    """Damage is; a disk that fails is not: what it withholds may be there the next time."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY):
        raise error
