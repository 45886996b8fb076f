"""The engine: knows images, vectors and queries; knows no command line and no HTTP.

    from search import open_engine, read_settings, terms, Query
    engine = open_engine(read_settings())
    for hit in engine.search(Query(terms("red apple"))).hits: ...

Names are imported when they are first asked for: torch and FAISS take seconds.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bootstrap import open_engine as open_engine
    from .engine import SearchEngine as SearchEngine
    from .errors import PomonaError as PomonaError
    from .interfaces import Captioner as Captioner
    from .interfaces import Decoder as Decoder
    from .interfaces import Encoder as Encoder
    from .interfaces import VectorIndex as VectorIndex
    from .query import Query as Query
    from .query import Target as Target
    from .records import Filters as Filters
    from .records import Hit as Hit
    from .records import Orientation as Orientation
    from .records import SearchResult as SearchResult
    from .records import Sort as Sort
    from .requests import terms as terms
    from .settings import Settings as Settings
    from .settings import read_settings as read_settings

# The threads of torch and FAISS wait for each other asleep. By default they spin, and beside
# decoder processes on the same cores a spinning thread keeps the one it waits for from running:
# indexing 400 small pictures on two busy cores took 72 s so, and takes 11 s (CPU 43 s, and 7 s).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_HOME = {
    "Captioner": "interfaces",
    "Decoder": "interfaces",
    "Encoder": "interfaces",
    "Filters": "records",
    "Hit": "records",
    "Orientation": "records",
    "PomonaError": "errors",
    "Query": "query",
    "SearchEngine": "engine",
    "SearchResult": "records",
    "Settings": "settings",
    "Sort": "records",
    "Target": "query",
    "VectorIndex": "interfaces",
    "open_engine": "bootstrap",
    "read_settings": "settings",
    "terms": "requests",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
