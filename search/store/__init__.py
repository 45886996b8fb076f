"""The store: every SQL statement of the project. Returns records, never rows.

The database is the single source of truth; the vector indexes follow it by revision
(docs/architecture.md). `database` owns connections and transactions, the others one topic each,
which is loaded when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..records import Head, LibraryStats
from ..settings import Settings
from ..thumbnails import Thumbnails
from . import stats
from .database import Database, make_folder
from .discarding import tidy
from .locking import run_alone

if TYPE_CHECKING:
    from .attributes import Facts
    from .captions import Captions
    from .encoders import Encoders
    from .failures import Failures
    from .files import Files
    from .images import Images
    from .integrity import Integrity
    from .products import Products
    from .removal import Removals
    from .roots import Roots
    from .scans import Scans
    from .values import Values
    from .vectors import Vectors
    from .words import WrittenWords

__all__ = ["Store", "run_alone"]


class Store:
    """One library's catalogue and thumbnails. Safe to share between threads."""

    def __init__(self, database: Database, thumbnails: Thumbnails) -> None:
        self._database = database
        self._reached = 0  # the highest revision that was seen
        self.thumbnails = thumbnails

    @classmethod
    def create(cls, settings: Settings) -> Self:
        """Open the library, making its folder and tables where there are none yet."""
        return cls(Database.create(settings), Thumbnails(settings.library / "thumbs"))

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Nothing is written before the first write, but for an older library: it is brought to
        this program's schema.

        Raises NoLibraryError, LibraryDamagedError or LibraryVersionError.
        """
        return cls(Database.open(settings), Thumbnails(settings.library / "thumbs"))

    @classmethod
    @contextmanager
    def for_run(
        cls, settings: Settings, command: str, *, create: bool = False, wait: bool = False
    ) -> Iterator[Self]:
        """The library for a run that writes, under its lock; what a killed run left is tidied up.

        Opened once the lock is held: the run before may have been a repair, which replaces the
        catalogue. Raises as `open` does, and LibraryLockedError unless `wait`.
        """
        if create:
            make_folder(settings)
        else:
            Database.require(settings)  # no library, no lock
        with (
            run_alone(settings, command, wait=wait) as check,
            cls.create(settings) if create else cls.open(settings) as store,
        ):
            store._database.check_run = check
            tidy(store._database, store.thumbnails)
            store._database.keep_outline()
            yield store

    def revision(self) -> int:
        """Moves with every change that a search can see."""
        return self.head().revision

    def head(self) -> Head:
        """Raises LibraryReplacedError where it has gone back, as a copy of before does."""
        reached = self._reached
        with self._database.reading() as connection:
            head = stats.head(connection)
        if head.revision < reached:
            raise self._database.replaced()
        self._reached = max(self._reached, head.revision)
        return head

    def stats(self) -> LibraryStats:
        with self._database.reading() as connection:
            return stats.of_library(connection)

    def server(self) -> str | None:
        """Which database on which server the catalogue is; None where it is a file."""
        return self._database.server

    # the topics: each is loaded by whom it is asked for first

    @cached_property
    def images(self) -> Images:
        from .images import Images

        return Images(self._database, self.thumbnails)

    @cached_property
    def values(self) -> Values:
        from .values import Values

        return Values(self._database)

    @cached_property
    def vectors(self) -> Vectors:
        from .vectors import Vectors

        return Vectors(self._database)

    @cached_property
    def captions(self) -> Captions:
        from .captions import Captions

        return Captions(self._database)

    @cached_property
    def words(self) -> WrittenWords:
        from .words import WrittenWords

        return WrittenWords(self._database)

    @cached_property
    def products(self) -> Products:
        from .products import Products

        return Products(self._database, self.thumbnails)

    @cached_property
    def facts(self) -> Facts:
        from .attributes import Facts

        return Facts(self._database)

    @cached_property
    def encoders(self) -> Encoders:
        from .encoders import Encoders

        return Encoders(self._database)

    @cached_property
    def roots(self) -> Roots:
        from .roots import Roots

        return Roots(self._database)

    @cached_property
    def files(self) -> Files:
        from .files import Files

        return Files(self._database, self.thumbnails)

    @cached_property
    def failures(self) -> Failures:
        from .failures import Failures

        return Failures(self._database)

    @cached_property
    def scans(self) -> Scans:
        from .scans import Scans

        return Scans(self._database)

    @cached_property
    def removals(self) -> Removals:
        from .removal import Removals

        return Removals(self._database, self.thumbnails)

    @cached_property
    def integrity(self) -> Integrity:
        from .integrity import Integrity

        return Integrity(self._database, self.thumbnails)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
