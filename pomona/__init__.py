"""Pomona from Python: open a library, search it, add to it.

    import pomona

    with pomona.open("LIB") as library:
        library.add("photos")
        for hit in library.search("red apple", limit=5).hits:
            print(hit.score, hit.path, hit.caption)

The parts underneath are the packages `search`, `indexer` and `web` (docs/extending.md). Names are
imported when they are first asked for: torch and FAISS take seconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .names import check_names

if TYPE_CHECKING:
    from search.errors import PomonaError as PomonaError
    from search.query import Target as Target
    from search.records import Filters as Filters
    from search.records import Orientation as Orientation
    from search.records import Sort as Sort
    from search.settings import Settings as Settings
    from search.settings import read_settings as read_settings

    from .library import Library as Library
    from .library import open as open
    from .results import Description as Description
    from .results import Hit as Hit
    from .results import Results as Results

_HOME = {
    "Description": "pomona.results",
    "Filters": "search.records",
    "Hit": "pomona.results",
    "Library": "pomona.library",
    "Orientation": "search.records",
    "PomonaError": "search.errors",
    "Results": "pomona.results",
    "Settings": "search.settings",
    "Sort": "search.records",
    "Target": "search.query",
    "open": "pomona.library",
    "read_settings": "search.settings",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("pomona")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_names()
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*_HOME, "__version__"])
