"""What every Reader does. A test class inherits this and gives `reader`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexer.interfaces import Reader
from indexer.reading import Outcome, Task
from search.errors import Reason
from search.images import LocalDecoder
from search.records import FileStamp, Fit, Preprocessing
from tests.pictures import write_picture

WANTED = (Preprocessing(16), Preprocessing(12, Fit.CROP))
AHEAD = 100  # tasks that a reader may take before it answers the first of them


def by_number(reader: Reader, tasks: list[Task]) -> dict[int, Outcome]:
    outcomes = list(reader.results(iter(tasks)))
    assert sorted(outcome.task.index for outcome in outcomes) == [task.index for task in tasks]
    return {outcome.task.index: outcome for outcome in outcomes}


def task(number: int, path: Path, **options: bool) -> Task:
    return Task(number, bytes(path), WANTED, **options)


class ReaderContract:
    def test_each_file_is_read_once_and_decoded_into_what_is_wanted(
        self, reader: Reader, tmp_path: Path
    ) -> None:
        files = [write_picture(tmp_path / f"{seed}.png", seed) for seed in range(7)]
        reader.start()
        outcomes = by_number(reader, [task(n, file) for n, file in enumerate(files)])
        for number, file in enumerate(files):
            data, about, outcome = file.read_bytes(), file.stat(), outcomes[number]
            assert outcome.task == task(number, file)
            assert outcome.stamp == FileStamp(about.st_size, about.st_mtime_ns)
            assert outcome.content_hash == hashlib.sha256(data).hexdigest()
            assert outcome.reason is None
            assert outcome.image is not None
            expected = LocalDecoder().decode(data, WANTED, uri="x")
            assert outcome.image.content_hash == outcome.content_hash
            assert outcome.image.thumbnail == expected.thumbnail
            for got, pixels in zip(outcome.image.pixels, expected.pixels, strict=True):
                np.testing.assert_array_equal(got, pixels)

    def test_where_nothing_is_wanted_there_is_only_the_hash(
        self, reader: Reader, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken.png"
        broken.write_bytes(b"not a picture")
        (outcome,) = reader.results([Task(3, bytes(broken), None)])
        assert outcome.content_hash == hashlib.sha256(b"not a picture").hexdigest()
        assert (outcome.image, outcome.reason) == (None, None)

    def test_what_cannot_be_read_says_why_and_costs_no_other(
        self, reader: Reader, tmp_path: Path
    ) -> None:
        good = write_picture(tmp_path / "good.png", 1)
        (tmp_path / "broken.png").write_bytes(b"not a picture")
        (tmp_path / "folder.png").mkdir()
        (tmp_path / "link.png").symlink_to(good)
        names = ["good.png", "broken.png", "folder.png", "link.png", "gone.png", "good.png"]
        outcomes = by_number(reader, [task(n, tmp_path / name) for n, name in enumerate(names)])
        assert [outcomes[number].reason for number in range(6)] == [
            None,
            Reason.NOT_AN_IMAGE,
            Reason.NOT_AN_IMAGE,
            Reason.VANISHED,
            Reason.VANISHED,
            None,
        ]

    def test_a_link_that_was_named_itself_is_followed(self, reader: Reader, tmp_path: Path) -> None:
        good = write_picture(tmp_path / "good.png", 1)
        (tmp_path / "link.png").symlink_to(good)
        (outcome,) = reader.results([task(0, tmp_path / "link.png", follow=True)])
        assert outcome.content_hash == hashlib.sha256(good.read_bytes()).hexdigest()

    def test_a_name_need_not_be_text(self, reader: Reader, tmp_path: Path) -> None:
        file = write_picture(tmp_path / os.fsdecode(b"\xff\n.png"), 1)
        (outcome,) = reader.results([task(0, file)])
        assert outcome.image is not None

    def test_tasks_are_taken_as_they_are_needed(self, reader: Reader, tmp_path: Path) -> None:
        file = write_picture(tmp_path / "a.png", 1)
        taken = 0

        def endless() -> Iterator[Task]:
            nonlocal taken
            while True:
                taken += 1
                yield task(taken, file)

        results = reader.results(endless())
        for _ in range(3):
            assert next(results).reason is None
        assert 3 <= taken < 3 + AHEAD
        results.close()

    def test_it_reads_again_after_it_was_left_in_the_middle(
        self, reader: Reader, tmp_path: Path
    ) -> None:
        files = [write_picture(tmp_path / f"{seed}.png", seed) for seed in range(9)]
        results = reader.results([task(n, file) for n, file in enumerate(files)])
        next(results)
        results.close()
        assert len(by_number(reader, [task(n, file) for n, file in enumerate(files)])) == 9
        assert list(reader.results([])) == []
