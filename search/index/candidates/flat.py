"""FAISS over the rows' own memory, on the processor: every vector is compared."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from ...interfaces import Kind, Near, Properties, RowsView, Where
from ...records import Changes, Vectors

faiss.omp_set_num_threads(1)  # one query is one pass over memory; torch has threads of its own


def open_candidates(kind: Kind) -> FlatCandidates:
    return FlatCandidates()


class FlatCandidates:
    """Holds no vector: FAISS reads half precision where the rows keep it, so nothing is there
    twice, and whoever searches sees the rows that it asks about."""

    properties = Properties(exact=True, filters=True, removes=True)

    def __init__(self) -> None:
        self.revision = 0
        self._seen: tuple[RowsView, Any] | None = None

    def apply(self, changes: Changes, rows: RowsView) -> None:
        self._seen = rows, _over(rows)
        self.revision = changes.revision

    def near(self, query: Vectors, k: int, where: Where) -> Near:
        seen = self._seen
        index = seen[1] if seen and seen[0] is where.rows else _over(where.rows)
        asked = np.ascontiguousarray(query, np.float32).reshape(1, -1)
        if where.usable is None:
            scores, positions = index.search(asked, k)
        else:
            bits = np.packbits(where.usable, bitorder="little")
            chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
            scores, positions = index.search(asked, k, params=chosen)
        found = positions[0] >= 0  # short answers are padded with -1
        ids = where.rows.ids[positions[0][found]]
        return Near(scores[0][found], ids, where.rows.revision)


def _over(rows: RowsView) -> Any:
    """A FAISS index whose codes are the rows' memory, which must outlive it."""
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(rows.halves.shape[1], half, faiss.METRIC_INNER_PRODUCT)
    if len(rows.ids):
        memory = faiss.swig_ptr(rows.halves.view(np.uint8).reshape(-1))
        codes = index.codes
        codes.is_owned = False
        codes.view_data = codes.c_ptr = memory
        codes.view_size = codes.c_size = rows.halves.nbytes
        index.ntotal = len(rows.ids)
    return index
