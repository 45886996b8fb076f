"""What `remove` takes out, and what it remembers: contents by image, paths by place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, or_, select

from ..records import Removal, Root
from ..schema import collection, exclusion, failure, image, location, removed_path, root
from ..thumbnails import Thumbnails
from .database import Database
from .discarding import removing
from .filtering import below
from .roots import collection_id, holds, roots
from .rows import Gone, chunks, remove_images, remove_orphans


@dataclass(frozen=True, slots=True)
class Removals:
    """What people have taken out of the library, and what stays out."""

    _database: Database
    _thumbnails: Thumbnails

    def preview(self, paths: Sequence[bytes], ids: Sequence[int] = ()) -> Removal:
        """What `remove` would take out. `paths`: absolute, files or folders; `ids`: of images."""
        with self._database.reading() as connection:
            return _removal(connection, _places(connection, paths, ids), paths)

    def remove(self, paths: Sequence[bytes], ids: Sequence[int] = ()) -> Removal:
        """Take out the places at and below `paths`, and the images `ids` with all their places.

        An image goes with its last place, a root with its path. `add` leaves these paths, and the
        contents of these images, out from then on. Files are never touched.
        """
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            places = _places(connection, paths, ids)
            removal = _removal(connection, places, paths)
            _remember_paths(connection, paths)
            _exclude(connection, ids)
            for some in chunks([id_ for id_, _, _ in places]):
                connection.execute(delete(location).where(location.c.id.in_(some)))
            _forget_roots(connection, paths)
            contents += remove_orphans(connection, [i for _, i, _ in places], revision).contents
            contents += _remove_rest(connection, ids, revision).contents
        return removal

    def paths(self, within: Root) -> set[bytes]:
        """Paths below a root, relative to it, that `remove` took out and that `add` leaves out."""
        start = os.path.join(within.path, b"")
        with self._database.reading() as connection:
            found = connection.scalars(
                select(removed_path.c.path)
                .join(collection)
                .where(collection.c.name == within.collection, below(removed_path.c.path, start))
            )
            return {path[len(start) :] for path in found}

    def include_paths(self, within: Root, paths: Sequence[bytes]) -> None:
        """`add` may take these up again; paths relative to the root."""
        with self._database.writing() as connection:
            owner = collection_id(connection, within.collection)
            _forget_removed(connection, owner, [os.path.join(within.path, path) for path in paths])

    def contents(self, collection_name: str) -> dict[str, int]:
        """Contents that `remove` took out and that `add` leaves out: hash -> bytes of its file."""
        query = (
            select(exclusion.c.content_hash, exclusion.c.size)
            .join(collection)
            .where(collection.c.name == collection_name)
        )
        with self._database.reading() as connection:
            return {hash_: size for hash_, size in connection.execute(query)}

    def include_contents(self, collection_name: str, hashes: Sequence[str]) -> None:
        with self._database.writing() as connection:
            owner = collection_id(connection, collection_name)
            for some in chunks(hashes):
                connection.execute(
                    delete(exclusion).where(
                        exclusion.c.collection_id == owner, exclusion.c.content_hash.in_(some)
                    )
                )


Place = tuple[int, int, bytes]  # location id, image id, absolute path


def _places(connection: Connection, paths: Sequence[bytes], ids: Sequence[int]) -> list[Place]:
    """Every location at or below one of `paths` or of one of the images, once."""
    query = select(location.c.id, location.c.image_id, root.c.path, location.c.path).join(root)
    wanted = [*_at(connection, location, paths)]
    wanted += [location.c.image_id.in_(some) for some in chunks(ids)]
    rows = {row[0]: row for where in wanted for row in connection.execute(query.where(where))}
    return [(id_, of, os.path.join(base, path)) for id_, of, base, path in rows.values()]


def _removal(connection: Connection, places: Sequence[Place], paths: Sequence[bytes]) -> Removal:
    taken: dict[int, int] = {}
    for _, image_id, _ in places:
        taken[image_id] = taken.get(image_id, 0) + 1
    held = _held(connection, list(taken))
    query = select(failure.c.root_id, failure.c.path)
    wanted = _at(connection, failure, paths)
    skipped = {(of, at) for where in wanted for of, at in connection.execute(query.where(where))}
    return Removal(
        places=tuple(sorted(path for _, _, path in places)),
        images=tuple(sorted(id_ for id_, count in taken.items() if held[id_] == count)),
        kept=sum(held[id_] > count for id_, count in taken.items()),
        skipped=len(skipped),
        roots=tuple(r.path for r in roots(connection) if any(holds(p, r.path) for p in paths)),
    )


def _held(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Image id -> how many places it has."""
    counted = select(location.c.image_id, func.count()).group_by(location.c.image_id)
    return {
        id_: count
        for some in chunks(ids)
        for id_, count in connection.execute(counted.where(location.c.image_id.in_(some)))
    }


def _at(
    connection: Connection, table: Table, paths: Sequence[bytes]
) -> Iterator[ColumnElement[bool]]:
    """Which rows of `location` or `failure` lie at or below these paths: a condition a root."""
    for each in roots(connection):
        for path in paths:
            if holds(path, each.path):
                yield table.c.root_id == each.id
            elif holds(each.path, path):
                relative = os.path.relpath(path, each.path)
                inside = or_(table.c.path == relative, below(table.c.path, relative))
                yield and_(table.c.root_id == each.id, inside)


def _remember_paths(connection: Connection, paths: Sequence[bytes]) -> None:
    """What lies at `paths` stays out, files that could not be indexed included."""
    found: dict[int, list[bytes]] = {}
    for table in (location, failure):
        query = select(root.c.collection_id, root.c.path, table.c.path).join_from(table, root)
        for where in _at(connection, table, paths):
            for owner, base, path in connection.execute(query.where(where)):
                found.setdefault(owner, []).append(os.path.join(base, path))
    for owner, absolute in found.items():
        _forget_removed(connection, owner, absolute)
        rows = [{"collection_id": owner, "path": path} for path in dict.fromkeys(absolute)]
        connection.execute(insert(removed_path), rows)


def _forget_removed(connection: Connection, owner: int, paths: Sequence[bytes]) -> None:
    for some in chunks(paths):
        connection.execute(
            delete(removed_path).where(
                removed_path.c.collection_id == owner, removed_path.c.path.in_(some)
            )
        )


def _exclude(connection: Connection, ids: Sequence[int]) -> None:
    """Remember the contents of these images; they still have their places."""
    content = (image.c.collection_id, image.c.content_hash)
    query = select(*content, func.min(location.c.size)).outerjoin(location).group_by(image.c.id)
    for some in chunks(ids):
        for owner, hash_, size in connection.execute(query.where(image.c.id.in_(some))).all():
            known = (exclusion.c.collection_id == owner, exclusion.c.content_hash == hash_)
            connection.execute(delete(exclusion).where(*known))
            row = {"collection_id": owner, "content_hash": hash_, "size": size}
            connection.execute(insert(exclusion).values(**row))


def _forget_roots(connection: Connection, paths: Sequence[bytes]) -> None:
    """Roots at or below `paths` go, and those of named files that hold none any more."""
    for where in _at(connection, failure, paths):
        connection.execute(delete(failure).where(where))
    for each in roots(connection):
        named = any(holds(path, each.path) for path in paths)
        if named or (not each.whole and _is_empty(connection, each.id)):
            connection.execute(delete(root).where(root.c.id == each.id))


def _is_empty(connection: Connection, root_id: int) -> bool:
    held = (select(t.c.root_id).where(t.c.root_id == root_id).limit(1) for t in (location, failure))
    return all(connection.scalar(query) is None for query in held)


def _remove_rest(connection: Connection, ids: Sequence[int], revision: int) -> Gone:
    """Images that had no place before either."""
    there: list[int] = []
    for some in chunks(ids):
        there += connection.scalars(select(image.c.id).where(image.c.id.in_(some)))
    return remove_images(connection, there, revision)
