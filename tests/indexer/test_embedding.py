"""A picture of which the model makes no vector is one skipped file, like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image

from indexer.crops import averaged
from indexer.embedding import MANY, Towers
from indexer.reindex import reindex
from search.details import NO_VECTOR
from search.errors import EncoderError, NoVectorError, Reason
from search.records import DecodedImage, ImageFeatures, Pixels, Space, Vectors, are_unit
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder, solid_pixels
from tests.pictures import set_age, write_picture

from .album import Album, counts


@dataclass(frozen=True)
class Harm:
    """What a broken tower gives where it should give a unit vector."""

    value: float
    raises: bool = False  # for the whole batch, as open_clip's towers do here


HARMS = [Harm(float("nan")), Harm(0.0), Harm(float("inf")), Harm(float("nan"), raises=True)]
harms = pytest.mark.parametrize("harm", HARMS, ids=str)


class Moody(FakeEncoder):
    """Fails on pictures that are mostly white, or only on texts that hold a word."""

    def __init__(self, harm: Harm, *, word: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._harm = harm
        self._word = word

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        seen = super().encode_images(pixels)
        bad = (pixels.reshape(len(pixels), -1).mean(1) > 200) & (self._word is None)
        return ImageFeatures(self._spoilt(seen.vectors, bad), seen.tokens)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        bad = np.array([self._word is not None and self._word in text for text in texts], bool)
        return self._spoilt(super().encode_texts(texts), bad)

    def _spoilt(self, vectors: Vectors, bad: np.ndarray[Any, Any]) -> Vectors:
        if bad.any() and self._harm.raises:
            raise NoVectorError("a zero or non-finite vector")
        vectors[bad] = self._harm.value
        return vectors


def fill(album: Album, white: Sequence[str] = ("white.png",)) -> None:
    for seed in range(10):
        album.picture(f"{seed}.png", seed)
    for name in white:
        Image.new("RGB", (24, 18), "white").save(album.folder / name)
        set_age(album.folder / name, 3600)


def stored(album: Album, encoder: FakeEncoder, space: Space) -> int:
    """How many vectors there are, all of them sound."""
    vectors = album.store.vectors.changes(encoder.info, space, 0).vectors
    assert are_unit(vectors).all()
    return len(vectors)


@harms
def test_a_picture_without_a_vector_is_skipped_and_the_others_are_stored(
    album: Album, harm: Harm
) -> None:
    fill(album)
    album.encoder = Moody(harm)
    album.captioner = FakeCaptioner(album.encoder)
    assert counts(album.add()) == {"added": 10, "skipped": 1}
    (failure,) = album.recorder.skips
    assert failure.path == bytes(album.folder / "white.png")
    assert (failure.reason, failure.detail) == (Reason.DECODER_CRASH, NO_VECTOR)
    assert stored(album, album.encoder, Space.IMAGE) == 10
    assert stored(album, album.encoder, Space.CAPTION) == 10
    assert album.store.failures.all()[0].detail == NO_VECTOR


def test_it_is_remembered_and_tried_again_when_asked(album: Album) -> None:
    fill(album)
    album.encoder = Moody(HARMS[0])
    album.add()
    opened = album.models_opened
    assert counts(album.sync()) == {"unchanged": 10, "skipped": 1}
    assert album.models_opened == opened
    album.encoder = FakeEncoder()
    album.captioner = FakeCaptioner(album.encoder)
    assert counts(album.sync(retry=True)) == {"unchanged": 10, "added": 1}
    assert album.store.failures.all() == []


def test_all_copies_of_such_a_picture_are_skipped(album: Album) -> None:
    fill(album, ["white.png", "copy.png", "copy 2.png"])
    album.encoder = Moody(HARMS[0])
    album.captioner = None
    assert counts(album.add()) == {"added": 10, "skipped": 3}


def test_a_file_that_held_another_picture_keeps_it(album: Album) -> None:
    fill(album, [])
    album.add()
    fill(album, ["0.png"])
    album.encoder = Moody(HARMS[0])
    album.captioner = None
    assert counts(album.sync()) == {"unchanged": 9, "skipped": 1}
    assert len(album.images) == 10


@harms
def test_a_caption_without_a_vector_is_left_out_and_its_picture_kept(
    album: Album, harm: Harm
) -> None:
    fill(album)
    album.encoder = Moody(harm, word="white")
    album.captioner = captioner = FakeCaptioner(album.encoder)
    assert counts(album.add()) == {"added": 11}
    assert stored(album, album.encoder, Space.IMAGE) == 11
    assert stored(album, album.encoder, Space.CAPTION) == 10
    assert album.store.stats().captions == 10
    again = album.caption(Towers(album.encoder, captioner))
    assert (again.done, again.failed) == (0, 1)


@harms
def test_captions_written_later_leave_out_what_has_no_vector(album: Album, harm: Harm) -> None:
    fill(album)
    album.captioner = None
    album.add()
    encoder = Moody(harm)
    report = album.caption(Towers(encoder, FakeCaptioner(encoder)))
    seen_by_the_tower = 10 if harm.raises else 11
    assert (report.done, report.failed) == (seen_by_the_tower, 11 - seen_by_the_tower)
    assert stored(album, encoder, Space.CAPTION) == seen_by_the_tower


@harms
def test_another_model_without_a_vector_for_a_picture_does_not_take_over(
    album: Album, harm: Harm
) -> None:
    fill(album)
    album.add()
    other = Moody(harm, name="other")
    report = reindex(album.store, album.reader, Towers(other, None), album.settings)
    assert (report.embedded, report.failed, report.switched) == (10, 1, False)
    assert stored(album, other, Space.IMAGE) == 10
    assert stored(album, album.encoder, Space.IMAGE) == 11


@harms
def test_an_old_caption_that_another_model_cannot_read_keeps_its_picture(
    album: Album, harm: Harm
) -> None:
    fill(album)
    album.add()
    other = Moody(harm, word="white", name="other")
    report = reindex(album.store, album.reader, Towers(other, None), album.settings)
    assert (report.embedded, report.failed, report.switched) == (11, 0, True)
    assert stored(album, other, Space.IMAGE) == 11
    assert stored(album, other, Space.CAPTION) == 10


@pytest.mark.parametrize("shape", [(11, 5), (3, 24), (24,)])
def test_vectors_of_another_shape_are_a_fault_of_the_encoder(
    album: Album, shape: tuple[int, ...]
) -> None:
    class Misshapen(FakeEncoder):
        def encode_images(self, pixels: Pixels) -> ImageFeatures:
            vectors = np.zeros(shape, np.float32)
            vectors[..., 0] = 1
            return ImageFeatures(vectors)

    write_picture(album.folder / "a.png", 1)
    fill(album, [])
    album.encoder = Misshapen()
    album.captioner = None
    with pytest.raises(EncoderError, match="shape"):
        album.add()
    assert album.images == {}


@harms
def test_a_model_that_is_broken_as_a_whole_ends_the_run_and_blames_no_picture(
    album: Album, harm: Harm
) -> None:
    for number in range(MANY):
        Image.new("RGB", (24 + number, 18), "white").save(album.folder / f"{number}.png")
    album.encoder, album.captioner = Moody(harm), None
    album.settings = album.settings.model_copy(update={"commit_seconds": 600.0})  # one batch
    with pytest.raises(EncoderError, match="no vector for any of 16 pictures"):
        album.add()
    assert album.store.failures.all() == []
    album.encoder = FakeEncoder()
    assert counts(album.add()) == {"added": MANY}


# closer looks


def seen(number: int, towers: Towers, whole: str, middle: str) -> DecodedImage:
    """A picture in one colour, but for its middle, as a decoder prepares it."""
    views = []
    for view in towers.wanted:
        pixels = solid_pixels(whole, size=view.size)
        inner = slice(view.size // 4, -(view.size // 4))
        pixels[:, inner, inner] = COLOURS[middle]
        views.append(pixels)
    return DecodedImage(str(number), "PNG", 9, 9, None, b"", tuple(views))


def test_closer_looks_go_into_the_one_vector_of_a_picture() -> None:
    encoder = FakeEncoder(size=12)
    red = encoder.encode_texts(["red"])[0]
    vectors = []
    for crops in (0, 1, 5):
        towers = Towers(encoder, None, crops=crops)
        picture = seen(1, towers, "blue", "red")
        (new,) = towers.embed([picture])
        assert new is not None
        assert are_unit(new.image_vector[None]).all()
        vectors.append(new.image_vector)
    whole, middle, all_five = (float(vector @ red) for vector in vectors)
    assert middle > all_five > whole
    assert encoder.pictures_seen == 1 + 2 + 6


def test_a_captioner_still_looks_at_the_whole_picture() -> None:
    encoder, other = FakeEncoder(size=12), FakeEncoder(size=12, name="other")
    towers = Towers(encoder, FakeCaptioner(other), crops=2)
    assert len(towers.wanted) == 2
    (new,) = towers.embed([seen(1, towers, "green", "green")])
    assert new is not None
    assert new.caption is not None
    assert new.caption.text == "a green picture"


def test_a_look_without_a_vector_counts_nothing() -> None:
    whole = np.eye(3, dtype=np.float32)[:1]
    broken = np.full((1, 3), np.nan, np.float32)
    assert averaged(whole, [broken, whole]).tolist() == whole.tolist()
