"""Batches that are made while the ones before are worked on."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest

from indexer.prefetch import batches


def count(to: int) -> Generator[int, None, None]:
    yield from range(to)


def test_items_come_in_order_in_full_batches() -> None:
    assert list(batches(count(10), 4, 60)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_nothing_gives_no_batch() -> None:
    assert list(batches(count(0), 4, 60)) == []


def test_a_batch_does_not_wait_longer_than_its_time() -> None:
    release = threading.Event()

    def slow() -> Generator[int, None, None]:
        yield 1
        release.wait(30)
        yield 2

    made = batches(slow(), 64, 0.1)
    started = time.monotonic()
    assert next(made) == [1]
    assert time.monotonic() - started < 5
    release.set()
    assert list(made) == [[2]]


def test_the_generator_runs_ahead_but_not_away() -> None:
    reached = 0

    def endless() -> Generator[int, None, None]:
        nonlocal reached
        while True:
            reached += 1
            yield reached

    made = batches(endless(), 4, 60, ahead=2)
    next(made)
    time.sleep(0.2)
    assert 8 <= reached <= 4 + 2 * 4 + 1
    made.close()  # type: ignore[attr-defined]


def test_an_error_of_the_generator_reaches_the_consumer_after_what_came_before() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise ValueError("broken")

    made = batches(failing(), 1, 60)
    assert next(made) == [1]
    with pytest.raises(ValueError, match="broken"):
        next(made)


def test_the_generator_is_closed_when_the_consumer_leaves() -> None:
    closed = threading.Event()

    def watched() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    made = batches(watched(), 2, 60)
    next(made)
    made.close()  # type: ignore[attr-defined]
    assert closed.wait(5)
