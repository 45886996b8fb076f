"""Vectors to test with, and the changes that bring them to an index."""

from __future__ import annotations

import numpy as np

from search.records import Changes, Ids, Vectors

NOTHING: Ids = np.empty(0, np.int64)


def units(n: int, dim: int, seed: int = 0) -> Vectors:
    """(n, dim) of unit length, as the store gives them: numbers that half precision can hold."""
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def unit(seed: int, dim: int = 8) -> Vectors:
    """(dim,), one for each seed."""
    vector: Vectors = units(1, dim, seed)[0]
    return vector


def changes(
    ids: Ids | list[int],
    vectors: Vectors,
    removed: Ids | list[int] = NOTHING,
    revision: int = 1,
    owners: Ids | list[int] | None = None,
) -> Changes:
    """Vectors put under these ids, after `removed` were taken out."""
    ids = np.array(ids, np.int64)
    whose = ids if owners is None else np.array(owners, np.int64)
    return Changes(revision, ids, whose, vectors, np.array(removed, np.int64))
