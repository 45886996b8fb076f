"""Nearest neighbours of one space: our own rows, and whatever finds candidates among them.

`rows` holds the vectors and answers exactly, `candidates/` finds what may be near (one file a kind,
`registry` knows them), `combined` makes one index of both. Only a kind imports its own library.
"""

from __future__ import annotations

from .combined import RowIndex
from .registry import check_index, open_index, open_indexes

__all__ = ["RowIndex", "check_index", "open_index", "open_indexes"]
