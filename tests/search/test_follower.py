"""Followers bring an index to where the store is, and no further than it has to go."""

from __future__ import annotations

from search.follower import IndexFollower
from search.index import RowIndex
from search.records import Space
from search.store import Store
from tests.contracts.store import ENCODER, add
from tests.kinds import NumpyCandidates


def follower_of(store: Store, candidates: NumpyCandidates) -> IndexFollower:
    return IndexFollower(store, ENCODER, Space.IMAGE, RowIndex(ENCODER.dim, candidates))


def test_an_index_follows_what_is_added_and_removed(store: Store) -> None:
    following = follower_of(store, NumpyCandidates())
    assert not following.refresh()
    first, *_ = add(store, "a", "b")
    assert following.refresh()
    assert (len(following.index), following.revision) == (2, store.revision())
    store.images.remove([first])
    assert following.refresh(store.revision())
    assert (len(following.index), following.revision) == (1, store.revision())
    assert not following.refresh()


def test_candidates_that_outlive_the_program_are_not_filled_again(store: Store) -> None:
    kept = NumpyCandidates()
    add(store, "a", "b", "c")
    follower_of(store, kept).refresh()
    assert kept.applied == 3
    after = follower_of(store, kept)  # the program started again: its rows are new
    after.refresh()
    assert (kept.applied, len(after.index)) == (3, 3)
    add(store, "d")
    again = follower_of(store, kept)
    again.refresh()
    assert (kept.applied, len(again.index), again.index.candidates_revision) == (
        4,
        4,
        store.revision(),
    )
