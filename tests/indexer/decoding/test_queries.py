"""Pictures of strangers: the same answers as in process, limits, deaths that are not theirs."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import threading
from contextlib import closing
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image

from indexer.decoding import Limits, PoolDecoder
from search.errors import ImageError, OverloadedError, Reason
from search.images import LocalDecoder
from search.records import Crop, Fit, Preprocessing
from search.settings import Settings
from tests.pictures import encoded, exif, noise
from tests.processes import children, end

WANTED = (Preprocessing(16), Preprocessing(24, Fit.PAD))
LIMITS = Limits(max_pixels=10_000_000, seconds=30, memory_bytes=4 << 30)
HOSTILE = "tests.indexer.hostile_worker"


@pytest.mark.parametrize("crop", [None, (0.25, 0.5, 0.75, 1.0)])
def test_a_picture_is_the_same_as_if_this_process_had_decoded_it(crop: Crop | None) -> None:
    taken = exif(datetime(2024, 7, 2, 12, 11, 12, tzinfo=timezone(-timedelta(hours=3, minutes=30))))
    data = encoded(noise(1, 300, 200), "JPEG", exif=taken)
    expected = LocalDecoder().decode(data, WANTED, uri="x", crop=crop)
    with closing(PoolDecoder(1, LIMITS)) as pool:
        image = pool.decode(data, WANTED, uri="x", crop=crop)
    for given, wanted in zip(image.pixels, expected.pixels, strict=True):
        assert np.array_equal(given, wanted)
    assert dataclasses.replace(image, pixels=()) == dataclasses.replace(expected, pixels=())
    assert image.taken_at is not None


@pytest.mark.parametrize(
    ("name", "reason"), [("segfault.png", "decoder_crash"), ("hang.png", "timeout")]
)
def test_an_upload_that_kills_its_decoder_leaves_a_working_one(name: str, reason: str) -> None:
    pool = PoolDecoder(1, Limits(10**6, 2.0, 4 << 30), HOSTILE)
    with pytest.raises(ImageError) as caught:
        pool.decode(encoded(noise(1)), WANTED, uri=name)
    assert caught.value.reason == reason
    assert pool.decode(encoded(noise(1)), WANTED, uri="fine.png").width == 24
    pool.close()


def started() -> list[int]:
    return children(os.getpid(), "indexer.worker")


def test_a_decoder_that_died_while_idle_is_not_blamed_on_the_next_picture() -> None:
    pool = PoolDecoder(1, LIMITS)
    small, large = encoded(noise(1)), encoded(noise(2, 900, 700))  # more than a socket holds
    try:
        assert pool.decode(small, WANTED, uri="x").width == 24
        for picture in (small, large, small):
            end(started())
            expected = LocalDecoder().decode(picture, WANTED, uri="x")
            assert pool.decode(picture, WANTED, uri="x").content_hash == expected.content_hash
        assert len(started()) == 1
    finally:
        pool.close()


def test_a_decoder_that_takes_nothing_is_given_up() -> None:
    """Stopped: a small picture still goes into its socket, a large one does not."""
    for picture in (encoded(noise(1)), encoded(noise(2, 900, 700))):
        pool = PoolDecoder(1, Limits(10**6, 1.5, 4 << 30, for_query=True))
        try:
            pool.decode(encoded(noise(3)), WANTED, uri="x")
            (worker,) = started()
            os.kill(worker, signal.SIGSTOP)
            with pytest.raises(ImageError) as caught:
                pool.decode(picture, WANTED, uri="x")
            assert caught.value.reason is Reason.TIMEOUT
            assert caught.value.detail == "more than 1.5 s (setting query_decode_seconds)"
            assert pool.decode(picture, WANTED, uri="x").pixels[0].shape == (1, 16, 16, 3)
        finally:
            pool.close()


def test_whoever_finds_no_free_decoder_in_time_is_turned_away() -> None:
    pool = PoolDecoder(1, Limits(10**6, 1.0, 4 << 30), HOSTILE)
    caught: list[Exception] = []

    def ask() -> None:
        try:
            pool.decode(encoded(noise(1)), WANTED, uri="hang.png")
        except (ImageError, OverloadedError) as error:
            caught.append(error)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    pool.close()
    assert len(caught) == 5
    assert any(isinstance(error, OverloadedError) for error in caught)


def test_queries_have_limits_of_their_own(settings: Settings) -> None:
    files, queries = Limits.for_files(settings), Limits.for_queries(settings)
    assert (files.seconds, files.memory_bytes) == (60, 4 << 30)
    assert (queries.seconds, queries.memory_bytes) == (5, 1 << 30)


def test_a_picture_that_needs_more_memory_than_a_query_may_have_is_refused() -> None:
    pool = PoolDecoder(1, Limits(256_000_000, 30, 400 << 20, for_query=True))
    try:
        with pytest.raises(ImageError) as caught:
            pool.decode(encoded(Image.new("RGB", (12000, 10000))), WANTED, uri="x")
    finally:
        pool.close()
    assert caught.value.reason is Reason.OUT_OF_MEMORY
    assert caught.value.detail == "more than 400 MB (setting query_decode_memory_mb)"


@pytest.mark.parametrize("program", ["no.such.module", "tests.pictures"])
def test_a_decoder_that_does_not_start_is_no_fault_of_the_picture(program: str) -> None:
    pool = PoolDecoder(1, LIMITS, program)
    for _ in range(2):  # the seat is free again
        with pytest.raises(OverloadedError, match="no decoder can be started"):
            pool.decode(encoded(noise(1)), WANTED, uri="x")


def test_without_file_handles_no_decoder_starts() -> None:
    pool = PoolDecoder(1, LIMITS)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(OverloadedError):
            pool.decode(encoded(noise(1)), WANTED, uri="x")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
