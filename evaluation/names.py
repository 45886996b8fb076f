"""Pictures of a library by the names that people have for them in a table."""

from __future__ import annotations

import os
from pathlib import Path

from search.store import Store


class PictureNames:
    """Finds images by path, by the end of a path, by the product that they show, or by id."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Relative paths may be relative to `folder`, where the table lies."""
        self._store = store
        self._folder = os.fsencode(folder.absolute())
        self._by_name: dict[bytes, list[tuple[bytes, int]]] | None = None

    def find(self, kind: str, name: str) -> tuple[int, ...]:
        """The images of one answer. Raises LookupError with the reason."""
        if kind == "sku":
            return self._by_sku(name)
        return (self._by_id(name) if kind == "id" else self._by_path(name),)

    def _by_sku(self, name: str) -> tuple[int, ...]:
        images = [id_ for each in self._store.products.named(name) for id_ in each.images]
        if not images:
            raise LookupError(f"no picture of a product {name} is in the library")
        return tuple(dict.fromkeys(images))

    def _by_id(self, name: str) -> int:
        id_ = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0
        if not self._store.images.get([id_]):
            raise LookupError(f"there is no image {name} in the library")
        return id_

    def _by_path(self, name: str) -> int:
        path = os.fsencode(name)
        alike = self._places().get(os.path.basename(path), [])
        exact = os.path.normpath(os.path.join(self._folder, path))
        end = b"/" + os.path.normpath(path).lstrip(b"/")
        at = {id_ for place, id_ in alike if place == exact}
        ending = at or {id_ for place, id_ in alike if place.endswith(end)}
        if not ending:
            raise LookupError(f"{name} is not in the library")
        if len(ending) > 1:
            raise LookupError(f"{name} may be {len(ending)} pictures: give more of its path")
        return ending.pop()

    def _places(self) -> dict[bytes, list[tuple[bytes, int]]]:
        """Name of a file -> absolute paths that end in it, and their images."""
        if self._by_name is None:
            self._by_name = {}
            for root in self._store.roots.all():
                for relative, known in self._store.files.known(root).items():
                    path = os.path.join(root.path, relative)
                    places = self._by_name.setdefault(os.path.basename(path), [])
                    places.append((path, known.image_id))
        return self._by_name
