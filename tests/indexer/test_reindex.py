"""Another model for a library: complete before it is used, and nothing lost on the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.reindex import reindex
from indexer.sources import sources_for
from search.details import ANOTHER
from search.errors import ModelMismatchError, NotFoundError, Reason
from search.jobs import Stage
from search.records import Caption, EncoderInfo, Filters, ImageFeatures, Pixels, Space
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.pictures import write_picture
from tests.readers import InProcessReader

from .album import Recorder

OLD, NEW = FakeEncoder(name="old"), FakeEncoder(name="new", dim=32)

READER = InProcessReader()

ONE_BY_ONE = {"commit_images": 1, "workers": 1}


class Tiring(FakeEncoder):
    """Somebody presses Ctrl-C after so many pictures."""

    def __init__(self, after: int, **options: Any) -> None:
        super().__init__(**options)
        self._after = after

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        if self.pictures_seen >= self._after:
            raise KeyboardInterrupt
        return super().encode_images(pixels)


def towers_of(encoder: FakeEncoder) -> Towers:
    return Towers(encoder, FakeCaptioner(encoder))


@pytest.fixture
def album(store: Store, settings: Settings, tmp_path: Path) -> Path:
    """Five pictures, indexed by the old model."""
    folder = tmp_path / "album"
    for seed in range(5):
        write_picture(folder / f"{seed}.png", seed)
    store.encoders.bind(OLD.info, "fake")
    sources = sources_for(store, "default", [os.fsencode(folder)])
    ingest(store, sources, READER, lambda: towers_of(OLD), settings)
    return folder


def vectors(store: Store, info: EncoderInfo) -> int:
    return sum(len(store.vectors.changes(info, space, 0).ids) for space in Space)


@pytest.mark.usefixtures("album")
def test_every_image_gets_both_vectors_of_the_new_model(store: Store, settings: Settings) -> None:
    with pytest.raises(ModelMismatchError):
        store.encoders.bind(NEW.info, None)
    report = reindex(store, READER, towers_of(NEW), settings)
    assert (report.embedded, report.failed, report.switched) == (5, 0, True)
    assert store.encoders.current() == NEW.info
    assert vectors(store, NEW.info) == vectors(store, OLD.info) == 10
    assert store.stats().images == 5


def test_a_file_that_is_gone_keeps_the_old_model_unless_it_may_be_missed(
    album: Path, store: Store, settings: Settings
) -> None:
    (album / "3.png").unlink()
    report = reindex(store, READER, towers_of(NEW), settings)
    assert (report.embedded, report.failed, report.switched) == (4, 1, False)
    assert store.encoders.current() == OLD.info
    again = reindex(store, READER, towers_of(NEW), settings, without_failed=True)
    assert (again.embedded, again.failed, again.switched) == (0, 1, True)
    assert store.stats().images == 5
    assert len(store.vectors.missing(NEW.info)) == 1


def test_a_disk_that_is_away_while_the_model_changes_loses_no_picture_and_no_words(
    album: Path, store: Store, settings: Settings
) -> None:
    (first, *_) = store.images.allowed_ids(Filters()).tolist()
    theirs = Caption("our old house", "en", "human")
    store.captions.add(OLD.info, [(first, theirs, OLD.encode_texts([theirs.text])[0])])
    album.rename(album.with_name("away"))
    report = reindex(store, READER, towers_of(NEW), settings, without_failed=True)
    assert (report.embedded, report.failed, report.newly_failed, report.switched) == (0, 5, 5, True)
    assert store.stats().images == 5
    assert store.images.get([first])[first].caption == theirs.text
    album.with_name("away").rename(album)
    again = reindex(store, READER, towers_of(NEW), settings)
    assert (again.embedded, again.failed, again.rebuilt) == (5, 0, True)
    assert store.failures.all() == []
    assert list(store.integrity.problems(deep=True)) == []


def test_what_cannot_be_read_is_skipped_with_its_reason_and_new_only_once(
    album: Path, store: Store, settings: Settings
) -> None:
    (album / "3.png").unlink()
    write_picture(album / "4.png", 40)
    recorder = Recorder()
    first = reindex(store, READER, towers_of(OLD), settings, reporter=recorder)
    assert (first.embedded, first.failed, first.newly_failed) == (3, 2, 2)
    assert recorder.stages[Stage.EMBED] == (5, 5)
    assert {(failure.path, failure.reason, failure.detail) for failure in store.failures.all()} == {
        (bytes(album / "3.png"), Reason.VANISHED, ""),
        (bytes(album / "4.png"), Reason.VANISHED, ANOTHER),
    }
    again = reindex(store, READER, towers_of(OLD), settings)
    assert (again.failed, again.newly_failed) == (2, 0)


@pytest.mark.usefixtures("album")
def test_a_change_without_a_captioner_forgets_nobody(store: Store, settings: Settings) -> None:
    reindex(store, READER, Towers(NEW, None), settings)
    assert store.stats().model == "new"
    assert store.stats().captioner == "fake"


@pytest.mark.usefixtures("album")
def test_what_is_embedded_already_is_not_embedded_again(store: Store, settings: Settings) -> None:
    encoder = Tiring(after=2, name="new", dim=32)
    with pytest.raises(KeyboardInterrupt):
        reindex(store, READER, towers_of(encoder), settings.model_copy(update=ONE_BY_ONE))
    assert store.encoders.current() == OLD.info
    assert reindex(store, READER, towers_of(NEW), settings).embedded == 3
    assert store.encoders.current() == NEW.info


@pytest.mark.usefixtures("album")
def test_by_its_own_model_every_vector_is_made_again(store: Store, settings: Settings) -> None:
    encoder, before = FakeEncoder(name="old"), store.revision()
    report = reindex(store, READER, towers_of(encoder), settings)
    assert (report.embedded, report.failed, report.switched, report.rebuilt) == (5, 0, False, True)
    assert encoder.pictures_seen == 5
    assert store.vectors.until(OLD.info, before) == []
    assert vectors(store, OLD.info) == 10
    assert store.encoders.current() == OLD.info
    assert reindex(store, READER, towers_of(encoder), settings).embedded == 5


@pytest.mark.usefixtures("album")
def test_a_rebuild_that_was_interrupted_goes_on_where_it_was(
    store: Store, settings: Settings
) -> None:
    encoder = Tiring(after=2, name="old")
    with pytest.raises(KeyboardInterrupt):
        reindex(store, READER, towers_of(encoder), settings.model_copy(update=ONE_BY_ONE))
    assert vectors(store, OLD.info) == 10  # searchable all the while
    assert reindex(store, READER, towers_of(OLD), settings).embedded == 3
    assert reindex(store, READER, towers_of(OLD), settings).embedded == 5


@pytest.mark.usefixtures("album")
def test_a_spoilt_note_of_a_rebuild_costs_only_time(store: Store, settings: Settings) -> None:
    for spoilt in ("", "{", "[]", '{"fingerprint": 1}', '{"revision": "x"}'):
        (settings.library / "reindex.json").write_text(spoilt)
        assert reindex(store, READER, towers_of(OLD), settings).embedded == 5
    assert not (settings.library / "reindex.json").exists()


def test_a_file_that_is_gone_keeps_its_vector_in_a_rebuild(
    album: Path, store: Store, settings: Settings
) -> None:
    (album / "3.png").unlink()
    report = reindex(store, READER, towers_of(OLD), settings, without_failed=True)
    assert (report.embedded, report.failed, report.switched) == (4, 1, False)
    assert vectors(store, OLD.info) == 10
    assert store.stats().images == 5


@pytest.mark.usefixtures("album")
def test_only_a_model_that_is_not_used_can_be_forgotten(store: Store, settings: Settings) -> None:
    with pytest.raises(NotFoundError):
        store.encoders.forget("old")
    reindex(store, READER, towers_of(NEW), settings)
    assert store.encoders.forget("old") == 10
    assert vectors(store, OLD.info) == 0
    assert vectors(store, NEW.info) == 10
