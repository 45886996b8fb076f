"""The engine: knows images, vectors and queries; knows no command line and no HTTP.

    from search import open_engine, read_settings, Query
    engine = open_engine(read_settings())
    for hit in engine.search(Query(text="red apple")).hits: ...

Names are imported when they are first asked for: torch and FAISS take seconds.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bootstrap import open_engine
    from .engine import SearchEngine
    from .records import Filters, Hit, Query, SearchResult
    from .settings import Settings, read_settings

# The threads of torch and FAISS wait for each other asleep. By default they spin, and beside
# decoder processes on the same cores a spinning thread keeps the one it waits for from running:
# indexing 400 small pictures on two busy cores took 72 s so, and takes 11 s (CPU 43 s, and 7 s).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = [
    "Filters",
    "Hit",
    "Query",
    "SearchEngine",
    "SearchResult",
    "Settings",
    "open_engine",
    "read_settings",
]

_HOME = {
    "Filters": "records",
    "Hit": "records",
    "Query": "records",
    "SearchEngine": "engine",
    "SearchResult": "records",
    "Settings": "settings",
    "open_engine": "bootstrap",
    "read_settings": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
