"""The ingest, from a folder to the store: every file in one count, and the counts add up."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.embedding import Towers
from indexer.reindex import reindex
from indexer.sources import source_of
from search.errors import EncoderError, Reason
from search.jobs import Stage
from search.records import Caption, ImageFeatures, Pixels, Space
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.pictures import noise, set_age, write_picture

from .album import Album, counts

# from nothing


def test_new_pictures_are_added_with_vector_caption_and_thumbnail(album: Album) -> None:
    for seed in range(5):
        album.picture(f"{seed}.png", seed)
    (album.folder / "notes.txt").write_text("no picture")
    report = album.add()
    assert counts(report) == {"added": 5, "ignored": 1}
    records = album.store.images.get(list(album.images)).values()
    assert len(records) == 5
    assert all(record.caption and record.caption.endswith("picture") for record in records)
    assert all(album.store.thumbnails.get(record.content_hash) for record in records)
    for space in Space:
        changes = album.store.vectors.changes(album.encoder.info, space, 0)
        assert sorted(changes.owners.tolist()) == list(album.images)
        assert np.allclose(np.linalg.norm(changes.vectors, axis=1), 1, atol=1e-2)


def test_the_vectors_are_those_of_the_pictures(album: Album) -> None:
    from search.fitting import prepare

    for seed in range(12):
        album.picture(f"{seed}.png", seed)
    album.add()
    changes = album.store.vectors.changes(album.encoder.info, Space.IMAGE, 0)
    for seed in range(12):
        pixels = prepare(noise(seed), album.encoder.preprocessing)
        expected = album.encoder.encode_images(pixels).vectors[0]
        row = changes.owners.tolist().index(album.id_of(f"{seed}.png"))
        assert np.allclose(changes.vectors[row], expected, atol=1e-3)


def test_without_a_captioner_there_are_no_captions(album: Album) -> None:
    album.captioner = None
    album.picture("a.png", 1)
    assert counts(album.add()) == {"added": 1}
    assert album.store.stats().captions == 0
    assert Stage.CAPTION not in album.recorder.stages


def test_a_captioner_with_a_tower_of_its_own_sees_its_own_view(album: Album) -> None:
    album.captioner = FakeCaptioner(FakeEncoder(size=12))
    album.picture("a.png", 1)
    album.add()
    assert album.store.stats().captions == 1


def test_progress_tells_the_total_of_each_stage(album: Album) -> None:
    for seed in range(10):
        album.picture(f"{seed}.png", seed)
    album.add()
    assert album.recorder.stages == {
        Stage.SCAN: (10, 10),
        Stage.EMBED: (10, 10),
    }


# again


def test_an_unchanged_folder_needs_no_model_and_no_decoder(album: Album) -> None:
    for seed in range(5):
        album.picture(f"{seed}.png", seed)
    album.add()
    revision = album.store.revision()
    assert counts(album.add()) == {"unchanged": 5}
    assert album.models_opened == 1
    assert album.store.revision() == revision
    assert set(album.recorder.stages) == {Stage.SCAN}


def test_a_touched_file_is_unchanged_and_next_time_not_read(album: Album) -> None:
    path = album.picture("a.png", 1)
    album.add()
    set_age(path, 3600)
    assert counts(album.add()) == {"unchanged": 1}
    assert Stage.READ in album.recorder.stages
    assert counts(album.add()) == {"unchanged": 1}
    assert Stage.READ not in album.recorder.stages
    assert album.models_opened == 1


def test_a_file_younger_than_the_clock_can_tell_is_read_again(album: Album) -> None:
    path = album.picture("a.png", 1)
    set_age(path, 0)
    album.add()
    before = path.stat()
    other = write_picture(album.folder.parent / "other.png", 2)
    assert counts(album.add()) == {"unchanged": 1}
    path.write_bytes(other.read_bytes()[: before.st_size].ljust(before.st_size, b"\0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size, same time
    assert counts(album.add()) == {"updated": 1}


def test_new_content_at_a_known_path_is_an_update(album: Album) -> None:
    album.picture("a.png", 1)
    album.picture("b.png", 2)
    album.add()
    old = album.id_of("a.png")
    album.picture("a.png", 3)
    assert counts(album.add()) == {"updated": 1, "unchanged": 1}
    assert old not in album.images
    assert sorted(album.images.values()) == [("a.png",), ("b.png",)]


# moving about


def test_a_moved_file_keeps_its_row_and_caption_and_is_not_embedded(album: Album) -> None:
    path = album.picture("a.png", 1)
    album.picture("b.png", 2)
    album.add()
    old = album.id_of("a.png")
    words = Caption("what somebody wrote", "en", "human")
    album.store.captions.add(
        album.encoder.info, [(old, words, album.encoder.encode_texts([words.text])[0])]
    )
    seen = album.encoder.pictures_seen
    (album.folder / "2024").mkdir()
    path.rename(album.folder / "2024" / "renamed.png")
    assert counts(album.add()) == {"moved": 1, "unchanged": 1}
    assert album.images[old] == ("2024/renamed.png",)
    assert album.store.images.get([old])[old].caption == "what somebody wrote"
    assert album.encoder.pictures_seen == seen
    assert album.models_opened == 1


def test_a_file_moved_to_another_root_keeps_its_row(album: Album, tmp_path: Path) -> None:
    path = album.picture("a.png", 1)
    album.picture("b.png", 2)
    album.add()
    old = album.id_of("a.png")
    other = tmp_path / "elsewhere"
    other.mkdir()
    path.rename(other / "a.png")
    assert counts(album.add(other)) == {"moved": 1}
    assert album.images[old] == ("../elsewhere/a.png",)
    assert counts(album.sync()) == {"unchanged": 2}


def test_a_file_moved_to_a_later_root_is_not_pruned_from_the_earlier_one_first(
    album: Album, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    write_picture(other / "first.png", 50)
    album.picture("stays.png", 2)
    old = album.picture("a.png", 1)
    album.add()
    album.add(other)
    roots = album.store.roots.all()
    before = album.store.files.known(roots[0])[b"a.png"].image_id
    old.rename(other / "b.png")
    report = album.sync()
    assert (report.moved, report.added, report.removed) == (1, 0, 0)
    assert album.store.files.known(roots[1])[b"b.png"].image_id == before


def test_a_copy_is_a_duplicate_of_one_image(album: Album) -> None:
    path = album.picture("a.png", 1)
    album.add()
    shutil.copy2(path, album.folder / "copy.png")
    assert counts(album.add()) == {"duplicates": 1, "unchanged": 1}
    assert list(album.images.values()) == [("a.png", "copy.png")]
    assert album.encoder.pictures_seen == 1


def test_copies_that_come_together_are_embedded_once(album: Album) -> None:
    for name in ("a.png", "b.png", "sub/c.png"):
        album.picture(name, 1)
    assert counts(album.add()) == {"added": 1, "duplicates": 2}
    assert album.encoder.pictures_seen == 1


def test_a_moved_file_with_a_copy_is_moved_once(album: Album) -> None:
    path = album.picture("a.png", 1)
    album.add()
    shutil.copy2(path, album.folder / "b.png")
    path.rename(album.folder / "c.png")
    assert counts(album.add()) == {"moved": 1, "duplicates": 1}
    assert sorted(next(iter(album.images.values()))) == ["b.png", "c.png"]


def test_renumbering_a_series_keeps_every_row(album: Album) -> None:
    for seed in range(6):
        album.picture(f"{seed}.png", seed)
    album.add()
    rows = {seed: album.id_of(f"{seed}.png") for seed in range(6)}
    for seed in reversed(range(6)):
        (album.folder / f"{seed}.png").rename(album.folder / f"{seed + 1}.png")
    report = album.sync()
    assert (report.found, report.added) == (6, 0)
    assert {seed: album.id_of(f"{seed + 1}.png") for seed in range(6)} == rows
    assert all(len(paths) == 1 for paths in album.images.values())
    assert album.models_opened == 1


def test_two_files_that_change_places_keep_their_rows(album: Album) -> None:
    a, b = album.picture("a.png", 1), album.picture("b.png", 2)
    album.add()
    rows = album.id_of("a.png"), album.id_of("b.png")
    a.rename(album.folder / "t.png")
    b.rename(a)
    (album.folder / "t.png").rename(b)
    set_age(a, 50)
    set_age(b, 50)
    assert counts(album.add()) == {"updated": 2}
    assert (album.id_of("b.png"), album.id_of("a.png")) == rows


# what cannot be indexed


def test_a_bad_file_is_skipped_remembered_and_costs_no_other_file(album: Album) -> None:
    album.picture("a.png", 1)
    bad = album.folder / "bad.png"
    bad.write_bytes(b"no picture")
    set_age(bad, 3600)
    assert counts(album.add()) == {"added": 1, "skipped": 1}
    (failure,) = album.recorder.skips
    assert (failure.path, failure.reason) == (bytes(bad), Reason.NOT_AN_IMAGE)
    assert counts(album.add()) == {"unchanged": 1, "skipped": 1}
    assert Stage.EMBED not in album.recorder.stages
    assert album.recorder.skips[0].attempts == 1


def test_a_folder_that_cannot_be_read_is_named_by_its_path_and_forgotten_when_it_can(
    album: Album,
) -> None:
    album.picture("a.png", 1)
    album.add()
    away = album.folder.rename(album.folder.with_name("away"))
    for attempts in (1, 2):
        assert counts(album.sync()) == {"skipped": 1}
        (failure,) = album.store.failures.all()
        assert (failure.path, failure.attempts) == (bytes(album.folder), attempts)
    away.rename(album.folder)
    assert counts(album.sync()) == {"unchanged": 1}
    assert album.store.failures.all() == []


def test_retry_tries_remembered_failures_again(album: Album) -> None:
    bad = album.folder / "bad.png"
    bad.write_bytes(b"no picture")
    set_age(bad, 3600)
    album.add()
    assert counts(album.add(retry=True)) == {"skipped": 1}
    assert album.store.failures.all()[0].attempts == 2


def test_a_bad_file_that_was_mended_is_added_and_forgotten_as_a_failure(album: Album) -> None:
    bad = album.folder / "bad.png"
    bad.write_bytes(b"no picture")
    album.add()
    album.picture("bad.png", 1)
    assert counts(album.add()) == {"added": 1}
    assert album.store.failures.all() == []


def test_a_failure_of_a_file_that_is_gone_is_forgotten(album: Album) -> None:
    album.picture("a.png", 1)
    (album.folder / "bad.png").write_bytes(b"no picture")
    album.add()
    (album.folder / "bad.png").unlink()
    assert counts(album.add()) == {"unchanged": 1}
    assert album.store.failures.all() == []


def test_odd_names_are_indexed_and_skipped_like_others(album: Album) -> None:
    for seed, name in enumerate((b"gr\xfc\xdfe.png", b"new\nline.png", "🍎.png".encode())):
        album.picture(os.fsdecode(name), seed)
    bad = album.folder / os.fsdecode(b"sch\xf6n.jpg")
    bad.write_bytes(b"\xff\xd8\xff")
    set_age(bad, 3600)
    assert counts(album.add()) == {"added": 3, "skipped": 1}
    assert counts(album.add()) == {"unchanged": 3, "skipped": 1}
    assert album.recorder.skips[0].path == bytes(bad)


def test_what_was_removed_stays_out_until_it_is_asked_for(album: Album) -> None:
    album.picture("a.png", 1)
    album.picture("b.png", 2)
    album.add()
    album.store.removals.remove([], [album.id_of("a.png")])
    assert counts(album.add()) == {"unchanged": 1, "left_out": 1}
    album.picture("copy of a.png", 1)
    assert counts(album.add()) == {"unchanged": 1, "left_out": 2}
    assert album.models_opened == 1
    assert counts(album.add(include_removed=True)) == {"unchanged": 1, "added": 1, "duplicates": 1}
    assert counts(album.add()) == {"unchanged": 3}


class _Capability:
    """Root may read everything; a child without CAP_DAC_OVERRIDE is like everybody else."""

    DROP = 24  # PR_CAPBSET_DROP, linux/prctl.h
    OVERRIDE, READ_SEARCH = 1, 2  # linux/capability.h

    @classmethod
    def drop(cls) -> None:
        libc = ctypes.CDLL(None)
        for capability in (cls.OVERRIDE, cls.READ_SEARCH):
            libc.prctl(cls.DROP, capability, 0, 0, 0)


def test_what_may_not_be_read_is_skipped_and_never_pruned(album: Album, tmp_path: Path) -> None:
    album.picture("a.png", 1)
    secret = album.picture("secret.png", 2)
    album.picture("locked/below.png", 3)
    command = [sys.executable, "-m", "tests.indexer.run"]
    arguments = [str(album.folder), str(tmp_path / "other"), "prune"]

    def run() -> dict[str, Any]:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, preexec_fn=_Capability.drop
        )
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    assert run()["added"] == 3
    set_age(secret, 1000)
    secret.chmod(0)
    (album.folder / "locked").chmod(0)
    try:
        report = run()
        assert report["unchanged"] == 1
        assert report["skipped"] == 2  # the file, and the folder
        assert report["found"] == 3
        assert report["removed"] == 0
        with Store.open(Settings(library=tmp_path / "other")) as other:
            assert other.stats().images == 3
            assert {failure.reason for failure in other.failures.all()} == {Reason.PERMISSION}
    finally:
        secret.chmod(0o600)
        (album.folder / "locked").chmod(0o700)
    assert (run()["unchanged"], run()["skipped"]) == (3, 0)
    with Store.open(Settings(library=tmp_path / "other")) as other:
        assert other.failures.all() == []


# models


def test_an_error_of_the_towers_ends_the_run_and_loses_no_file(album: Album) -> None:
    class BrokenEncoder(FakeEncoder):
        def encode_images(self, pixels: Pixels) -> ImageFeatures:
            raise EncoderError("NaN")

    encoder, album.encoder = album.encoder, BrokenEncoder()
    for seed in range(9):
        album.picture(f"{seed}.png", seed)
    with pytest.raises(EncoderError):
        album.add()
    assert album.images == {}
    album.encoder = encoder
    assert counts(album.add()) == {"added": 9}


def test_pictures_are_published_batch_by_batch(album: Album) -> None:
    seen: list[int] = []

    class Watching(FakeEncoder):
        def encode_images(self, pixels: Pixels) -> ImageFeatures:
            seen.append(album.store.stats().images)
            return super().encode_images(pixels)

    album.encoder = Watching()
    album.captioner = None
    album.settings = album.settings.model_copy(update={"commit_images": 4, "commit_seconds": 60})
    for seed in range(12):
        album.picture(f"{seed}.png", seed)
    album.add()
    assert seen == [0, 4, 8]


# captions later


def test_another_model_without_a_captioner_reads_the_captions_that_are_there(
    album: Album,
) -> None:
    for seed in range(3):
        album.picture(f"{seed}.png", seed)
    album.add()
    other = FakeEncoder(name="other")
    report = reindex(album.store, album.reader, Towers(other, None), album.settings)
    assert (report.embedded, report.switched) == (3, True)
    changes = album.store.vectors.changes(other.info, Space.CAPTION, 0)
    records = album.store.images.get(changes.owners.tolist())
    assert len(records) == 3
    for id_, vector in zip(changes.owners.tolist(), changes.vectors, strict=True):
        words = records[id_].caption
        assert words is not None
        assert np.allclose(vector, other.encode_texts([words])[0], atol=1e-2)


def test_captions_are_written_later_and_only_where_they_are_missing(album: Album) -> None:
    album.captioner = None
    for seed in range(7):
        album.picture(f"{seed}.png", seed)
    album.add()
    album.picture("gone.png", 99)
    album.add()
    (album.folder / "gone.png").unlink()
    towers = Towers(album.encoder, FakeCaptioner(album.encoder))
    report = album.caption(towers)
    assert (report.done, report.failed) == (7, 1)
    assert album.store.stats().captions == 7
    again = album.caption(towers)
    assert (again.done, again.failed) == (0, 1)
    chinese = Towers(album.encoder, FakeCaptioner(album.encoder), "zh")
    assert album.caption(chinese).done == 7


# what is gone


def test_add_removes_nothing_and_sync_removes_what_is_gone(album: Album) -> None:
    for seed in range(5):
        album.picture(f"{seed}.png", seed)
    album.add()
    (album.folder / "3.png").unlink()
    assert counts(album.add()) == {"unchanged": 4}
    assert len(album.images) == 5
    assert counts(album.sync()) == {"unchanged": 4, "removed": 1}
    assert len(album.images) == 4


def test_an_image_stays_while_one_of_its_files_is_there(album: Album) -> None:
    album.picture("a.png", 1)
    album.picture("copy.png", 1)
    album.add()
    (album.folder / "a.png").unlink()
    assert counts(album.sync()) == {"unchanged": 1, "removed": 1}
    assert list(album.images.values()) == [("copy.png",)]


@pytest.fixture
def large(album: Album) -> Album:
    """200 files; most of them are gone later."""
    for seed in range(200):
        album.picture(f"{seed}.png", seed)
    album.add()
    return album


def test_a_large_part_of_a_root_is_removed_only_with_yes(large: Album) -> None:
    for seed in range(101):
        (large.folder / f"{seed}.png").unlink()
    report = large.sync()
    assert counts(report) == {"unchanged": 99}
    assert "--yes" in report.refusals[0]
    assert counts(large.sync(yes=True)) == {"unchanged": 99, "removed": 101}


def test_a_hundred_pictures_may_always_go(large: Album) -> None:
    for seed in range(100):
        (large.folder / f"{seed}.png").unlink()
    assert counts(large.sync()) == {"unchanged": 100, "removed": 100}


def _missing(folder: Path) -> None:
    shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("in the way")


@pytest.mark.parametrize("harm", [_missing, _empty, _a_file])
def test_a_root_that_looks_unmounted_removes_nothing_whatever_the_flags(
    album: Album, harm: Callable[[Path], None]
) -> None:
    for seed in range(5):
        album.picture(f"{seed}.png", seed)
    album.add()
    harm(album.folder)
    report = album.sync(yes=True)
    assert report.removed == 0
    assert len(report.refusals) == 1
    assert len(album.images) == 5


def test_a_root_on_another_disk_removes_nothing_until_its_files_are_seen_there(
    album: Album,
) -> None:
    for seed in range(5):
        album.picture(f"{seed}.png", seed)
    album.add()
    (root,) = album.store.roots.all()
    album.store.scans.complete(root.id, root.device + 1, root.file_count, {})
    (album.folder / "0.png").unlink()
    report = album.sync(yes=True)
    assert counts(report) == {"unchanged": 4}
    assert "disk" in report.refusals[0]
    assert counts(album.sync()) == {"unchanged": 4, "removed": 1}


def test_sync_of_a_part_leaves_the_other_parts_alone(album: Album) -> None:
    album.picture("2023/a.png", 1)
    album.picture("2024/b.png", 2)
    album.picture("2024/c.png", 3)
    album.add()
    (album.folder / "2023" / "a.png").unlink()
    (album.folder / "2024" / "b.png").unlink()
    assert counts(album.add(album.folder / "2024", prune=True)) == {"unchanged": 1, "removed": 1}
    assert sorted(album.images.values()) == [("2023/a.png",), ("2024/c.png",)]


# named files


def test_a_named_file_alone_is_indexed_and_sync_leaves_its_neighbours_alone(album: Album) -> None:
    named = album.picture("a.png", 1)
    album.picture("neighbour.png", 2)
    assert counts(album.add(named)) == {"added": 1}
    assert counts(album.sync()) == {"unchanged": 1}
    named.unlink()
    assert counts(album.sync()) == {"removed": 1}
    assert album.images == {}


def test_its_folder_added_later_takes_the_named_file_over(album: Album) -> None:
    named = album.picture("sub/a.png", 1)
    album.picture("b.png", 2)
    album.add(named)
    assert counts(album.add()) == {"added": 1, "unchanged": 1}
    assert len(album.store.roots.all()) == 1


def test_a_named_file_with_an_odd_extension_survives_a_sync_of_its_folder(album: Album) -> None:
    album.picture("b.png", 1)
    album.add()
    odd = album.picture("picture.dat", 2)
    assert counts(album.add(odd)) == {"added": 1}
    assert counts(album.sync()) == {"unchanged": 1, "ignored": 1}
    assert len(album.images) == 2


def test_one_root_can_be_visited_alone(album: Album, tmp_path: Path) -> None:
    album.picture("a.png", 1)
    other = tmp_path / "other"
    write_picture(other / "b.png", 2)
    album.add(album.folder, other)
    first, _ = album.store.roots.all()
    assert counts(album.run([source_of(album.store, first)], prune=True)) == {"unchanged": 1}
