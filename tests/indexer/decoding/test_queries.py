"""Pictures of strangers: the same answers as in process, limits, deaths that are not theirs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image

from indexer.decoding import Limits, PoolDecoder
from search.errors import ImageError, OverloadedError, Reason
from search.images import LocalDecoder
from search.interfaces import Decoder
from search.records import Fit, Preprocessing
from search.settings import Settings
from tests.pictures import encoded, exif, noise
from tests.processes import children, end
from tests.search.test_jpeg import endless

WANTED = (Preprocessing(16), Preprocessing(24, Fit.PAD))
LIMITS = Limits(max_pixels=10_000_000, seconds=30, memory_bytes=4 << 30)
HOSTILE = "tests.indexer.hostile_worker"


@pytest.fixture(params=["local", "pool"])
def decoder(request: pytest.FixtureRequest) -> Iterator[Decoder]:
    if request.param == "local":
        yield LocalDecoder(LIMITS.max_pixels)
        return
    pool = PoolDecoder(1, LIMITS)
    yield pool
    pool.close()


def test_decoders_give_the_same_picture(decoder: Decoder) -> None:
    newfoundland = timezone(-timedelta(hours=3, minutes=30))
    taken = exif(datetime(2024, 7, 2, 12, 11, 12, tzinfo=newfoundland))
    data = encoded(noise(1, 300, 200), "JPEG", exif=taken)
    expected = LocalDecoder().decode(data, WANTED, uri="x")
    image = decoder.decode(data, WANTED, uri="x")
    for given, wanted in zip(image.pixels, expected.pixels, strict=True):
        assert np.array_equal(given, wanted)
    assert image.thumbnail == expected.thumbnail
    assert (image.content_hash, image.format) == (expected.content_hash, "JPEG")
    assert (image.width, image.height) == (300, 200)
    assert image.taken_at == expected.taken_at
    assert image.taken_at is not None


def test_decoders_crop(decoder: Decoder) -> None:
    data = encoded(noise(1, 300, 200))
    crop = (0.25, 0.5, 0.75, 1.0)
    cut = decoder.decode(data, WANTED, uri="x", crop=crop)
    expected = LocalDecoder().decode(data, WANTED, uri="x", crop=crop)
    assert np.array_equal(cut.pixels[0], expected.pixels[0])
    assert not np.array_equal(cut.pixels[0], decoder.decode(data, WANTED, uri="x").pixels[0])


def test_decoders_name_the_picture_and_the_reason(decoder: Decoder) -> None:
    for data, reason in (
        (b"no picture", Reason.NOT_AN_IMAGE),
        (encoded(Image.new("L", (4000, 4000))), Reason.TOO_LARGE),
    ):
        with pytest.raises(ImageError) as caught:
            decoder.decode(data, WANTED, uri="upload \ud800")
        assert caught.value.reason is reason
        assert caught.value.uri == "upload \ud800"


def test_many_threads_share_a_pool_decoder() -> None:
    pool, wrong = PoolDecoder(2, LIMITS), []

    def work(seed: int) -> None:
        data = encoded(noise(seed))
        expected = LocalDecoder().decode(data, WANTED, uri="x").pixels[0]
        for _ in range(5):
            if not np.array_equal(pool.decode(data, WANTED, uri="x").pixels[0], expected):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    pool.close()
    assert wrong == []


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


def test_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded(decoder: Decoder) -> None:
    with pytest.raises(ImageError) as caught:
        decoder.decode(endless(1000, 3000, 3000), WANTED, uri="x")
    assert caught.value.reason is Reason.UNSUPPORTED_VARIANT
    assert caught.value.detail == "1,000 scans; at most 100"
